"""Reading the rows of a file: which of them are parsed, and which have a grid of equal answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Final

from wbskills.errors import Fault
from wbskills.surveys.files.cell_text import (
    MERGED,
    MISSING,
    REASON_HEADINGS,
    STILL_MISSING,
    key,
    leading_number,
    number_text,
)
from wbskills.surveys.files.rows import Row
from wbskills.surveys.mapping.answers import AnswerKind
from wbskills.surveys.mapping.resolved import MappedColumn, ResolvedMapping
from wbskills.surveys.mapping.schema import WITHHELD
from wbskills.surveys.responses.parse_row import FileContext, ParsedRow, RowParser, RowState

_SHORTEST_GRID: Final = 6  # the same answer to fewer questions is nothing unusual


class RowReader:
    """Reads the rows of one file by a resolved mapping.

    `decided` maps the wordings of skills that people named to the skills that they mean.
    """

    def __init__(self, mapping: ResolvedMapping, decided: Mapping[str, str] | None = None) -> None:
        self.mapping = mapping
        self._context = FileContext.of(mapping, decided or {})
        self._grids = tuple(_grids(mapping))
        # Without the columns that the survey tool added behind those of the file.
        self._width = sum(column.source_index is None for column in mapping.columns)
        saved = (c.index for c in mapping.columns if key(c.heading) == key(REASON_HEADINGS[0]))
        self._row_column = next(saved, None)  # of a file of rejected rows
        sources = {c.source_index for c in mapping.columns if c.index in mapping.used}
        self._used = sorted(mapping.used | {index for index in sources if index is not None})

    def read(self, row: Row) -> ParsedRow:
        """Read a row whose cells with personal data have been emptied.

        An incomplete row, or one of a person who did not consent, is not parsed.
        """
        fault = row.fault or self._cell_without_answer(row)
        if fault is not None:
            return self._read_consent(row, fault)
        if not self._is_complete(row.cells):
            return ParsedRow(row.number, RowState.INCOMPLETE)
        parsed = RowParser(self._context, row).parse()
        if parsed.faults and row.slipped and self.mapping.dropped:
            # An answer that does not fit may be personal data of another column.
            return replace(parsed, faults=(_slipped(row),))
        if self._grids and parsed.state is RowState.GOOD:
            straight = tuple(grid.place for grid in self._grids if grid.is_straight(row.cells))
            return replace(parsed, straight=straight) if straight else parsed
        return parsed

    def when(self, cells: list[str]) -> tuple[str, str, str]:
        """Return wave, moment and consent of a row; empty where the row does not show them."""
        return RowParser(self._context, Row(0, cells)).when()

    def _cell_without_answer(self, row: Row) -> Fault | None:
        """Find a used cell that has no answer of its own, which is not the same as skipped."""
        saved = self._row_column is not None and MISSING in row.cells
        if not saved and MERGED not in row.cells:
            return None
        for index in self._used:
            cell = row.cells[index]
            if cell == MERGED or (saved and cell == MISSING):
                return self._fault_of_cell(row, index)
        return None

    def _fault_of_cell(self, row: Row, index: int) -> Fault:
        what = "this cell is merged with the one above it"
        hint = (
            "split the merged cells in a spreadsheet program, and put each answer into its own"
            " cell"
        )
        if row.cells[index] == MISSING and self._row_column is not None:
            number = number_text(row.cells[self._row_column])
            what = STILL_MISSING
            hint = (
                f"copy the cell from row {number} of the survey file, or fix that row there and"
                " import the survey again"
            )
        column = str(self.mapping.columns[index])
        return Fault(what=what, hint=hint, row=row.origin(index), column=column)

    def _read_consent(self, row: Row, fault: Fault) -> ParsedRow:
        """Find out whether a row of the wrong length refuses consent, wherever that moved to."""
        first, distance = row.moved or (len(row.cells), 0)
        refused = False
        for consent in self.mapping.consents:
            index = consent.column.index
            cells = [*row.cells[: self._width], *row.surplus][index : index + len(row.surplus) + 1]
            if index >= first:
                cells = [row.cells[index - distance]]
            meanings = [consent.meanings[cell] for cell in cells]
            in_place = index < min(len(row.cells) - row.missing, first)
            if (
                in_place
                and meanings[0].kind is not AnswerKind.FAULT
                and (meanings[0].value or WITHHELD) == WITHHELD
            ):
                return RowParser(self._context, row).parse()
            refused = refused or any(meaning.value == WITHHELD for meaning in meanings)
        if refused:
            return ParsedRow(row.number, RowState.WITHHELD)
        return ParsedRow(row.number, RowState.FAULTY, faults=(fault,))

    def _is_complete(self, cells: list[str]) -> bool:
        mapping = self.mapping
        if (
            mapping.submitted is not None
            and key(cells[mapping.submitted.index]) in self._context.empty
        ):
            return False
        if any(key(cells[column.index]) not in accepted for column, accepted in mapping.only):
            return False
        if mapping.last_page is None:
            return True
        page = leading_number(cells[mapping.last_page.index])
        return page is not None and page >= (mapping.source.completeness.pages or 0)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Columns that ask the same about several skills."""

    place: str
    first: MappedColumn
    cells: Callable[[list[str]], tuple[str, ...]]

    def is_straight(self, cells: list[str]) -> bool:
        """Return whether all cells have the same answer."""
        found = self.cells(cells)
        return found.count(found[0]) == len(found) and bool(self.first.meanings[found[0]].value)


def _grids(mapping: ResolvedMapping) -> Iterator[_Grid]:
    by_place: dict[str, list[MappedColumn]] = {}
    for skill in mapping.skills:
        by_place.setdefault(skill.level.meanings.grid, []).append(skill.level)
    for place, columns in by_place.items():
        if place and len(columns) >= _SHORTEST_GRID:
            yield _Grid(
                place, columns[0], itemgetter(*(column.column.index for column in columns))
            )


def _slipped(row: Row) -> Fault:
    return Fault(
        what="this row ends in more or fewer blank cells than the headings, and answers in it do"
        " not fit their columns",
        hint="look for a missing quotation mark, or for an answer that contains the separator and"
        " is not in quotation marks; if all rows end in a blank cell, add one more separator to"
        " the headings",
        row=row.number,
    )
