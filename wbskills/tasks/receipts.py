"""What an import came to: printed at its end, and kept beside the store."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from wbskills.errors import SHOWN_FAULTS, StoreError
from wbskills.private_files import open_private, private_folder
from wbskills.surveys.files.cell_text import counted
from wbskills.surveys.responses.validation_report import CappedList, ValidationReport
from wbskills.tasks.imports import Refusal
from wbskills.tasks.two_names import Changed
from wbskills.wikibase.interface import MergedDuplicate, Overwritten
from wbskills.wikibase.model.edits import Create, Edit


@dataclass(slots=True)
class Tally:
    """Edits of people's items, in numbers.

    `named` counts the skills that people named without being asked, and that wait for somebody
    to decide on them; `taken_back` those that left the queue with the consent of who named them.
    """

    created: int = 0
    changed: int = 0
    statements_added: int = 0
    statements_changed: int = 0
    named: int = 0
    taken_back: int = 0

    def count(self, edit: Edit) -> None:
        """Add an edit."""
        if isinstance(edit, Create):
            self.created += 1
            self.statements_added += len(edit.entity.statements)
        else:
            self.changed += 1
            new = sum(1 for statement in edit.statements if statement.id is None)
            self.statements_added += new
            self.statements_changed += len(edit.statements) - new


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One import: which file, in which batch, what became of its rows and answers.

    `prepared` counts edits of waves and of the ontology that the import needed. `forgotten` are
    rows of people who asked to be forgotten, `withdrawn` rows by which people who have an item
    did not agree any more. `refused` lists edits that the Wikibase did not take while it took
    others, `overwritten` what somebody else had changed in the moment before an edit, and
    `united` what somebody else made at the same time, too.
    """

    batch: str
    file: str
    findings: ValidationReport
    prepared: int
    tally: Tally
    forgotten: CappedList[int] = field(default_factory=CappedList)
    withdrawn: CappedList[int] = field(default_factory=CappedList)
    elsewhere: CappedList[int] = field(default_factory=CappedList)
    changed: tuple[Changed, ...] = ()
    refused: tuple[Refusal, ...] = ()
    overwritten: tuple[Overwritten, ...] = ()
    united: tuple[MergedDuplicate, ...] = ()

    @property
    def edits(self) -> int:
        """How many edits were made in all."""
        return self.prepared + self.tally.created + self.tally.changed

    def lines(self, *, planned: bool = False, wikibase: str = "") -> list[str]:
        """Tell it in lines for people; `planned` if nothing was written.

        Commands name the `wikibase`, and people: they are for the eyes of who imports.
        """
        found, tally = self.findings, self.tally
        waves = ", ".join(f"{count} in {wave}" for wave, count in found.by_wave.items())
        would = "would be " if planned else ""
        added = counted(tally.statements_added, "statement")
        lines = [
            f"{found.rows} rows: {found.responses} responses ({waves})",
            *_rows("withheld, for want of a recorded consent", found.withheld),
            *_rows("left out, as the person asked to be forgotten", self.forgotten),
            *_rows(
                "left out, as the person said no or chose another name later, or has another item",
                self.elsewhere,
            ),
            *_rows("of people who have an item and do not agree any more", self.withdrawn),
            *self._changes(wikibase),
            *_rows("incomplete", found.incomplete),
            *_superseded(found.superseded),
            ", ".join(
                [
                    f"{found.levels} levels",
                    f"{found.does_not_apply} does not apply",
                    f"{found.not_sure} not sure",
                    f"{found.skipped} skipped",
                    f"{found.not_asked} not asked",
                ]
            ),
            *(
                f"  {tally.skill}: {tally.skipped} skipped ({tally.column})"
                for tally in found.skills
                if tally.skipped and planned
            ),
            *_unused(found),
            *(f"warning: {warning}" for warning in found.warnings),
            f"{tally.created} people {would}created, {tally.changed} {would}changed",
            f"{added} new, {tally.statements_changed} changed",
        ]
        if tally.named:
            wait = "would wait" if planned else "wait"
            lines.append(
                f"{counted(tally.named, 'time')} somebody named a skill that was not asked for;"
                f" these {wait} in the queue: wbskills candidates list"
            )
        if tally.taken_back:
            left = counted(tally.taken_back, "word", "words")
            lines.append(
                f"{left} of people who do not agree any more left the queue of candidates"
            )
        if self.prepared:
            lines.append(f"{self.prepared} edits for waves, skills and other items beforehand")
        lines += [*_refused(self.refused), *map(str, self.overwritten), *map(str, self.united)]
        if not (self.edits or self.refused):
            lines.append("Nothing to do: all of it is there already.")
        return lines

    def _changes(self, wikibase: str) -> list[str]:
        """Tell for each consent that changed the command that acts on it."""
        lines = [f"  row {c.row}  Try: {c.command(wikibase)}" for c in self.changed[:20]]
        more = len(self.changed) - len(lines)
        if any(each.only for each in self.changed):
            lines.append("  then the same import again")
        return [*lines, f"  and {more} more"] if more > 0 else lines

    def keep(self, folder: Path) -> Path:
        """Write the receipt into a folder; gives its file."""
        file = folder / f"{self.batch}.json"
        try:
            private_folder(folder)
            with open_private(file, "w") as opened:
                opened.write(json.dumps(self._json(), ensure_ascii=False, indent=1, default=str))
        except OSError as error:
            raise StoreError(
                f"the import is done, but its receipt cannot be kept: {error.strerror}",
                hint=f"room for {file}; the same command again makes no edit",
            ) from error
        return file

    def _json(self) -> Mapping[str, Any]:
        found = self.findings
        return {
            "batch": self.batch,
            "file": self.file,
            "edits": self.edits,
            **asdict(self.tally),
            "rows": found.rows,
            "responses": found.responses,
            "by_wave": dict(found.by_wave),
            "withheld_rows": _json_rows(found.withheld),
            "forgotten_rows": _json_rows(self.forgotten),
            "withdrawn_rows": _json_rows(self.withdrawn),
            "elsewhere_rows": _json_rows(self.elsewhere),
            "changed_rows": [each.row for each in self.changed],
            "refused": [{"row": each.row, "why": each.error.what} for each in self.refused],
            "overwritten": [asdict(each) for each in self.overwritten],
            "united": [asdict(each) for each in self.united],
            "incomplete_rows": _json_rows(found.incomplete),
            "superseded_rows": _json_rows(found.superseded),
            "skills": [
                {
                    "skill": each.skill,
                    "column": str(each.column),
                    "levels": each.levels,
                    "skipped": each.skipped,
                    "not_asked": each.not_asked,
                    "does_not_apply": each.does_not_apply,
                    "not_sure": each.not_sure,
                }
                for each in found.skills
            ],
            "cells_with_bom": found.cells_with_bom,
            "warnings": [str(warning) for warning in found.warnings],
        }


def _rows(what: str, listed: CappedList[int]) -> list[str]:
    if not listed.count:
        return []
    return [f"{listed.count} {what}: {_named([str(row) for row in listed.first], listed.count)}"]


def _refused(refused: Sequence[Refusal]) -> list[str]:
    if not refused:
        return []
    told = [f"  {each}" for each in refused[:SHOWN_FAULTS]]
    if len(refused) > SHOWN_FAULTS:
        told.append(f"  … and {len(refused) - SHOWN_FAULTS} more, which the receipt lists")
    hints = "; ".join(dict.fromkeys(each.error.hint for each in refused))
    return [
        f"{counted(len(refused), 'edit was', 'edits were')} refused by the Wikibase:",
        *told,
        f"  Try: {hints}; then the same command again, which makes these alone",
    ]


def _unused(found: ValidationReport) -> list[str]:
    lines = []
    if found.unused:
        letters = ", ".join(column.letter for column in found.unused[:20])
        count = counted(len(found.unused), "column is", "columns are")
        lines.append(f"{count} not used: {letters}")
    if found.interests_without_level:
        interests = counted(found.interests_without_level, "interest")
        lines.append(f"{interests} in skills without a level")
    return lines


def _superseded(listed: CappedList[tuple[int, int]]) -> list[str]:
    if not listed.count:
        return []
    pairs = [f"{row} by {newer}" for row, newer in listed.first]
    return [f"{listed.count} superseded by a newer answer: {_named(pairs, listed.count)}"]


def _named(shown: list[str], count: int) -> str:
    rest = f" and {count - 20} more" if count > 20 else ""
    return f"row {', '.join(shown[:20])}{rest}"


def _json_rows(listed: CappedList[Any]) -> Mapping[str, Any]:
    return {"count": listed.count, "first": listed.first}
