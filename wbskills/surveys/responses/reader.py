"""Reading the rows of a file: which of them are looked into, and what is strange about many."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Final

from wbskills.errors import Fault
from wbskills.surveys.files.cell_text import (
    ASIDE,
    MERGED,
    MISSING,
    key,
    leading_number,
    number_text,
)
from wbskills.surveys.files.rows import Row
from wbskills.surveys.mapping.answers import Kind
from wbskills.surveys.mapping.resolved import Answered, Fitted
from wbskills.surveys.mapping.schema import WITHHELD
from wbskills.surveys.responses.parse_row import Levels, Reading, RowReading, State

_SHORTEST_GRID: Final = 6  # the same answer to fewer questions is nothing strange


class Reader:
    """Reads the rows of one file by a fitted mapping.

    `decided` goes from wordings to the skills that somebody decided they mean; see `others`.
    """

    def __init__(self, fitted: Fitted, decided: Mapping[str, str] | None = None) -> None:
        self.fitted, self._decided = fitted, decided or {}
        self._empty = {"", *map(key, fitted.mapping.empty)}
        self._only_wave = next(iter(fitted.waves)) if len(fitted.waves) == 1 else ""
        self._grids = tuple(_grids(fitted))
        # The innermost loop of an import: nothing in it is looked up that is known here.
        self._levels: Levels = tuple(
            (
                one.level.column.index if len(one.levels) == 1 else -1,
                one.level.meanings,
                one.made,
                one,
            )
            for one in fitted.skills
        )
        # Without those that a shape has added behind the columns of the file.
        self._width = sum(column.stands_in is None for column in fitted.columns)
        own = (column.index for column in fitted.columns if key(column.heading) == key(ASIDE[0]))
        self._aside = next(own, None)
        # What a column was made of is read where it stands in the file.
        made = {c.stands_in for c in fitted.columns if c.index in fitted.used}
        self._read = sorted(fitted.used | {index for index in made if index is not None})

    def read(self, row: Row) -> Reading:
        """Read a row, whose personal cells have been emptied.

        A row that was not submitted, or whose person did not agree, is not looked into.
        """
        fault = row.fault or self._hole(row)
        if fault is not None:
            return self._broken(row, fault)
        if not self._complete(row.cells):
            return Reading(row.number, State.INCOMPLETE)
        reading = self._row(row).reading()
        if reading.faults and row.slipped and self.fitted.dropped:
            # What does not fit may be of a column with personal data: it is not told.
            return replace(reading, faults=(_slipped(row),))
        if self._grids and reading.state is State.GOOD:
            straight = tuple(grid.place for grid in self._grids if grid.is_straight(row.cells))
            return replace(reading, straight=straight) if straight else reading
        return reading

    def when(self, cells: list[str]) -> tuple[str, str, str]:
        """Tell wave, moment and consent of a row, as far as it tells them; empty where not."""
        return self._row(Row(0, cells)).when()

    def _row(self, row: Row) -> "RowReading":
        reading = RowReading(self.fitted, row, self._empty, self._only_wave, self._decided)
        reading.levels = self._levels
        return reading

    def _hole(self, row: Row) -> Fault | None:
        """Tell of a cell without an answer of its own, which must not pass for a skipped one."""
        cells = row.cells
        if MERGED in cells or (self._aside is not None and MISSING in cells):
            for index in self._read:
                if cells[index] == MERGED or (cells[index] == MISSING and self._aside is not None):
                    return self._hole_at(row, index)
        return None

    def _hole_at(self, row: Row, index: int) -> Fault:
        what = "this cell is merged with the one above it"
        hint = "parting them in a spreadsheet program, and each answer in its own cell"
        if row.cells[index] == MISSING and self._aside is not None:
            number = number_text(row.cells[self._aside])
            what = f"{MISSING} stands where a cell of the survey was left out"
            hint = (
                f"the cells of row {number} of the survey in place of {MISSING}; or mend that row"
                " there, and import the survey again"
            )
        return Fault(
            what=what,
            hint=hint,
            row=row.origin(index),
            column=str(self.fitted.columns[index]),
        )

    def _broken(self, row: Row, fault: Fault) -> Reading:
        """Read nothing of a row of the wrong length but a refusal, wherever that slipped to."""
        consent = self.fitted.consent
        if consent is None:
            return Reading(row.number, State.FAULTY, faults=(fault,))
        index = consent.column.index
        first, far = row.moved or (len(row.cells), 0)
        cells = [*row.cells[: self._width], *row.surplus][index : index + len(row.surplus) + 1]
        if index >= first:
            cells = [row.cells[index - far]]
        said = [consent.meanings[cell] for cell in cells]
        there = index < min(len(row.cells) - row.missing, first)
        if there and said[0].kind is not Kind.FAULT and (said[0].value or WITHHELD) == WITHHELD:
            return self._row(row).reading()
        if any(meaning.value == WITHHELD for meaning in said):
            return Reading(row.number, State.WITHHELD)
        return Reading(row.number, State.FAULTY, faults=(fault,))

    def _complete(self, cells: list[str]) -> bool:
        fitted = self.fitted
        if fitted.submitted is not None and key(cells[fitted.submitted.index]) in self._empty:
            return False
        if any(key(cells[column.index]) not in accepted for column, accepted in fitted.only):
            return False
        if fitted.last_page is None:
            return True
        page = leading_number(cells[fitted.last_page.index])
        return page is not None and page >= (fitted.mapping.completeness.pages or 0)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Columns that ask the same of several things."""

    place: str
    first: Answered
    cells: Callable[[list[str]], tuple[str, ...]]

    def is_straight(self, cells: list[str]) -> bool:
        """Tell whether all answers are the same, and are answers."""
        found = self.cells(cells)
        return found.count(found[0]) == len(found) and bool(self.first.meanings[found[0]].value)


def _grids(fitted: Fitted) -> Iterator[_Grid]:
    by_place: dict[str, list[Answered]] = {}
    for skill in fitted.skills:
        by_place.setdefault(skill.level.meanings.grid, []).append(skill.level)
    for place, columns in by_place.items():
        if place and len(columns) >= _SHORTEST_GRID:
            yield _Grid(place, columns[0], itemgetter(*(one.column.index for one in columns)))


def _slipped(row: Row) -> Fault:
    return Fault(
        what="this row ends in more or fewer blank cells than the headings, and answers in it fit"
        " no column",
        hint="look for a missing quotation mark, or a separator inside an answer without any; if"
        " all rows end in a blank cell, one more separator behind the headings",
        row=row.number,
    )
