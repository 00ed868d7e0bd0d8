"""Batches: what was written from this machine, and where each statement came from."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from wbskills.errors import NotFound
from wbskills.ontology.binding import Binding
from wbskills.table import Column, Table
from wbskills.version import __version__
from wbskills.wikibase.journal.read import (
    JOURNALS,
    Batch,
    BatchEnd,
    BatchHeader,
    EditState,
    JournalEntry,
    find_batch,
    list_batches,
)
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.entities import Statement
from wbskills.wikibase.model.values import EntityRef, Quantity, Text, Time

_BATCHES: Final = (
    Column("batch", "Batch"),
    Column("began", "Started"),
    Column("command", "Command"),
    Column("file", "File"),
    Column("edits", "Edits"),
    Column("ended", "State"),
)
_ENDED: Final = {
    BatchEnd.DONE: "done",
    BatchEnd.INTERRUPTED: "interrupted",
    BatchEnd.FAILED: "failed",
    None: "not finished",
}
_DOUBTS: Final = {EditState.UNKNOWN: " (unknown if written)", EditState.REFUSED: " (refused)"}
_STATEMENTS: Final = (
    Column("row", "Row"),
    Column("column", "Column"),
    Column("item", "Item"),
    Column("what", "What"),
    Column("property", "Property"),
    Column("value", "Value"),
    Column("qualifiers", "Qualifiers"),
    Column("guid", "GUID"),
)


def batches(records: Path | None) -> Table:
    """List the batches that were written to a Wikibase from this machine, latest first."""
    rows = [
        (
            batch.head.batch,
            batch.head.began,
            batch.head.command,
            batch.head.files.get("survey", ""),
            batch.edits,
            _ENDED[batch.ended],
        )
        for batch in (list_batches(records / JOURNALS) if records else ())
    ]
    return Table(_BATCHES, tuple(rows))


def open_batch(records: Path | None, batch: str) -> Batch:
    """Open the journal of a batch. Raises `NotFound`."""
    if records is None:
        raise NotFound("a Wikibase in memory keeps no batches", hint="use --wikibase FOLDER")
    return find_batch(records / JOURNALS, batch)


def begin(records: Path | None, head: BatchHeader) -> AbstractContextManager[Journal | None]:
    """Begin the journal of a batch; None for a Wikibase in memory."""
    return nullcontext() if records is None else Journal.begin(records / JOURNALS, head)


def head_of(batch: str, command: str, wikibase: str, **files: Path) -> BatchHeader:
    """Describe a batch; paths are made absolute, so that it can be resumed from anywhere."""
    return BatchHeader(
        batch=batch,
        command=command,
        wikibase=wikibase,
        program=__version__,
        files={name: str(path.absolute()) for name, path in files.items()},
    )


def count_entities(batch: Batch) -> int:
    """Count the entities that a batch is known to have edited."""
    return len({line["id"] for line in batch.outcomes.values() if "id" in line})


def edits_table(batch: Batch, binding: Binding) -> Table:
    """List every statement that a batch wrote, with the row and column it came from.

    Properties and items are named by their keys, where they have any.
    """
    keys = binding.keys()
    return Table(
        _STATEMENTS, tuple(row for entry in batch.entries() for row in _rows(entry, keys))
    )


def _rows(entry: JournalEntry, keys: dict[str, str]) -> Iterator[tuple[str | int | None, ...]]:
    doubt = _DOUBTS.get(entry.state, "")
    old = {each.id for each in entry.replaced}
    columns = entry.columns or ("",) * len(entry.statements)
    terms = (entry.terms.labels, entry.terms.descriptions, entry.terms.aliases)
    if any(terms):
        what = ("created" if entry.created else "terms") + doubt
        texts = [f"{code}: {text}" for term in terms[:2] for code, text in term.items()]
        yield entry.row or None, "", entry.id, what, "", "; ".join(texts), "", ""
    for column, each in zip(columns, entry.statements, strict=False):
        what = ("changed" if each.id is not None and each.id in old else "added") + doubt
        if whose := entry.overwrote.get(each.id or "", entry.overwrote.get("")):
            what += f", overwriting {whose}"
        yield _row(entry, column, what, each, keys)
    written = {statement.id for statement in entry.statements}
    for each in entry.replaced:
        if each.id not in written:
            yield _row(entry, "", f"removed{doubt}", each, keys)


def _row(
    entry: JournalEntry, column: str, what: str, statement: Statement, keys: dict[str, str]
) -> tuple[str | int | None, ...]:
    qualifiers = [
        f"{keys.get(snak.property, snak.property)}: {_value(snak.value, keys)}"
        for snak in statement.qualifiers
    ]
    return (
        entry.row or None,
        column,
        entry.id,
        what,
        keys.get(statement.main.property, statement.main.property),
        _value(statement.main.value, keys),
        "; ".join(qualifiers),
        statement.id or "",
    )


def _value(value: object, keys: dict[str, str]) -> str:
    match value:
        case EntityRef():
            return keys.get(value.id, value.id)
        case Text():
            return value.text
        case Time():
            return value.time[1:11]
        case Quantity():
            return value.amount.removeprefix("+")
        case None:
            return "(none)"
        case _:
            return str(value)
