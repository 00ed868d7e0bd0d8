"""The receipt of an import: printed at its end, and saved next to the Wikibase."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from wbskills.errors import SHOWN_FAULTS, StoreError
from wbskills.private_files import open_private, private_folder
from wbskills.surveys.files.cell_text import counted
from wbskills.surveys.responses.validation_report import CappedList, ValidationReport
from wbskills.tasks.consent import ChangedConsent
from wbskills.tasks.imports import RefusedEdit
from wbskills.wikibase.interface import MergedDuplicate, Overwritten
from wbskills.wikibase.model.edits import Create, Edit

_FOLDER: Final = "receipts"
_SHOWN_ROWS: Final = 20


@dataclass(slots=True)
class Tally:
    """Edits of people's items, in numbers.

    `named` counts suggested skills that wait for a decision, `taken_back` those removed from the
    queue because people withdrew their consent.
    """

    created: int = 0
    changed: int = 0
    statements_added: int = 0
    statements_changed: int = 0
    statements_removed: int = 0
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
            self.statements_removed += len(edit.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReceipt:
    """What an import did, or would do: which file, in which batch, and what became of its rows.

    `prepared` counts edits of waves and of the ontology. `forgotten` are rows of people who asked
    to be removed, `withdrawn` those of people who withdrew their consent and have an item,
    `elsewhere` and `changed` as in `ConsentFilter`. `refused` lists edits that the Wikibase
    refused (`Capacity.resume` tries them again), `overwritten` what someone else changed just
    before an edit, `united` items that someone else created at the same time.

    `questionnaire` says which one the file answers, if it needed no mapping. `set_aside` counts
    bad rows that were saved to a separate file; `saved_to` is where this receipt is saved,
    `wikibase` the name for commands.
    """

    batch: str
    file: str
    findings: ValidationReport
    prepared: int
    tally: Tally
    forgotten: CappedList[int] = field(default_factory=CappedList)
    withdrawn: CappedList[int] = field(default_factory=CappedList)
    elsewhere: CappedList[int] = field(default_factory=CappedList)
    changed: tuple[ChangedConsent, ...] = ()
    refused: tuple[RefusedEdit, ...] = ()
    overwritten: tuple[Overwritten, ...] = ()
    united: tuple[MergedDuplicate, ...] = ()
    questionnaire: str = ""
    set_aside: int = 0
    saved_to: Path | None = None
    wikibase: str = ""

    @property
    def edits(self) -> int:
        """How many edits were made in all."""
        return self.prepared + self.tally.created + self.tally.changed

    def lines(self, *, planned: bool = False) -> list[str]:
        """Describe it in lines for people; `planned` if nothing was written.

        The commands in it name people: they are for the eyes of those who import.
        """
        found, tally = self.findings, self.tally
        waves = ", ".join(f"{count} in {wave}" for wave, count in found.by_wave.items())
        replaced = found.superseded
        lines = [
            *([f"answers to {self.questionnaire}"] if self.questionnaire else []),
            (
                f"{counted(found.rows, 'row')} read;"
                f" {counted(found.responses, 'response')} counted ({waves})"
            ),
            *_rows("not imported, because no consent is recorded", found.withheld),
            *_rows("not imported, because the person asked to be removed", self.forgotten),
            *_rows(
                "not imported, because the person withdrew consent or chose another name later,"
                " or has an item under another name",
                self.elsewhere,
            ),
            *_rows("from people who withdrew their consent and have an item", self.withdrawn),
            *self._commands(),
            *_rows("not imported, because incomplete", found.incomplete),
            *_rows(
                "replaced by a newer answer",
                CappedList(
                    replaced.count, tuple(f"{row} by {newer}" for row, newer in replaced.first)
                ),
            ),
            (
                f"{counted(found.levels, 'level')}, {found.does_not_apply:,} “does not apply”,"
                f" {found.not_sure:,} “not sure”, {found.skipped:,} skipped,"
                f" {found.not_asked:,} not asked"
            ),
            *(
                f"  {skill.skill}: {skill.skipped} skipped ({skill.column})"
                for skill in found.skills
                if skill.skipped and planned
            ),
            *_unused(found),
            *(f"warning: {warning}" for warning in found.warnings),
            *_counts(tally, planned=planned),
        ]
        if self.prepared:
            lines.append(
                f"{counted(self.prepared, 'edit')} to prepare waves, skills and other items"
            )
        lines += [*self._refusals(), *map(str, self.overwritten), *map(str, self.united)]
        if not (self.edits or self.refused):
            lines.append("Nothing to do: everything is in the Wikibase already.")
        return lines

    def effects(self) -> list[str]:
        """Describe in lines what an import would do, with the levels of each skill."""
        skills = [
            f"  {each.skill}: {counted(each.levels, 'level')}" for each in self.findings.skills
        ]
        return [*self.lines(planned=True), *(["levels by skill:", *skills] if skills else [])]

    def save(self, records: Path) -> Path:
        """Save the receipt in the folder `receipts` of `records`; returns its file."""
        folder = records / _FOLDER
        file = folder / f"{self.batch}.json"
        try:
            private_folder(folder)
            with open_private(file, "w") as opened:
                opened.write(json.dumps(self._json(), ensure_ascii=False, indent=1, default=str))
        except OSError as error:
            raise StoreError(
                f"the import is done, but its receipt could not be saved: {error.strerror}",
                hint=f"free some space for {file}, then run the same command again; it changes"
                " nothing in the Wikibase",
            ) from error
        return file

    def _commands(self) -> list[str]:
        """List, for each consent that changed, the command that acts on it."""
        shown = self.changed[:_SHOWN_ROWS]
        lines = [f"  row {each.row}  Try: {each.command(self.wikibase)}" for each in shown]
        if any(each.only for each in self.changed):
            lines.append("  then run the same import again")
        more = len(self.changed) - len(shown)
        return [*lines, f"  and {more} more"] if more else lines

    def _refusals(self) -> list[str]:
        if not self.refused:
            return []
        more = len(self.refused) - SHOWN_FAULTS
        hints = "; ".join(dict.fromkeys(each.error.hint for each in self.refused))
        return [
            f"{counted(len(self.refused), 'edit was', 'edits were')} refused by the Wikibase:",
            *(f"  {each}" for each in self.refused[:SHOWN_FAULTS]),
            *([f"  … and {more} more; the receipt lists them"] if more > 0 else ()),
            f"  Try: {hints}; then run the same command again; it makes only these edits",
        ]

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
            "withheld_rows": asdict(found.withheld),
            "forgotten_rows": asdict(self.forgotten),
            "withdrawn_rows": asdict(self.withdrawn),
            "elsewhere_rows": asdict(self.elsewhere),
            "changed_rows": [each.row for each in self.changed],
            "refused": [{"row": each.row, "why": each.error.what} for each in self.refused],
            "overwritten": [asdict(each) for each in self.overwritten],
            "united": [asdict(each) for each in self.united],
            "incomplete_rows": asdict(found.incomplete),
            "superseded_rows": asdict(found.superseded),
            "skills": [{**asdict(skill), "column": str(skill.column)} for skill in found.skills],
            "cells_with_bom": found.cells_with_bom,
            "warnings": [str(warning) for warning in found.warnings],
        }


@dataclass(frozen=True, slots=True)
class SurveyPlan:
    """What importing a survey would do: a line for each edit, and the receipt it would have.

    `bad` describes the rows that would be saved to a separate file.
    """

    bad: tuple[str, ...]
    edits: tuple[str, ...]
    receipt: ImportReceipt

    def lines(self) -> list[str]:
        """Describe it in lines for people."""
        return [*self.bad, *self.edits, *self.receipt.lines(planned=True)]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _counts(tally: Tally, *, planned: bool) -> Iterable[str]:
    people = counted(tally.created, "person", "people")
    added = counted(tally.statements_added, "statement")
    if planned:
        yield f"{people} would be added, {tally.changed:,} would be changed"
        yield f"{added} would be added, {tally.statements_changed:,} would be changed"
    else:
        yield f"{people} added, {tally.changed:,} changed"
        yield f"{added} added, {tally.statements_changed:,} changed"
    if tally.statements_removed:
        removed = counted(tally.statements_removed, "statement")
        would = "would be removed" if planned else "removed"
        yield f"{removed} {would}, because the response no longer says it"
    if tally.named:
        wait = "would wait" if planned else "wait"
        yield (
            f"Suggested skills that the survey did not ask about: {tally.named}. They {wait} for"
            " a decision: wbskills candidates list"
        )
    if tally.taken_back:
        words = counted(tally.taken_back, "suggestion")
        yield f"{words} removed from the queue, because the people withdrew their consent"


def _unused(found: ValidationReport) -> Iterable[str]:
    if found.unused:
        letters = ", ".join(column.letter for column in found.unused[:_SHOWN_ROWS])
        count = counted(len(found.unused), "column is", "columns are")
        yield f"{count} not used: {letters}"
    if found.interests_without_level:
        interests = counted(found.interests_without_level, "interest")
        yield f"{interests} in skills without a level"


def _rows(what: str, listed: CappedList[Any]) -> list[str]:
    if not listed.count:
        return []
    shown = ", ".join(map(str, listed.first[:_SHOWN_ROWS]))
    more = listed.count - _SHOWN_ROWS
    rows = "row" if listed.count == 1 else "rows"
    return [f"{listed.count} {what}: {rows} {shown}{f' and {more} more' if more > 0 else ''}"]
