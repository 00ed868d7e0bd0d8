"""The journal of a batch: what was about to be done, before it is done; what became of it, after.

One file for each batch, `FOLDER/BATCH.jsonl`, which only its owner can read: a line of JSON for
the batch, then for each edit a line before the request and one after the answer.

    {"journal": 1, "batch": "20261122-181500-3fa1", "command": "survey apply", …}
    {"edit": 1, "key": "wikimedia_username/Ada", "create": "item", "row": 2,
     "statements": [{"is": 0, "with": [1, 2], "from": [[3]]}, …], "snaks": [{…}, {…}, …]}
    {"done": 1, "id": "Q12", "revision": 40, "guids": ["Q12$…", …], "restored": ["Q12$…"]}
    {"ended": "done", "at": "2026-11-22T18:20:00Z", "edits": 1}

A statement names its snaks by their places in the list of the line: most of them stand in many.
An edit without a line after it may have been made or not: whoever goes on looks it up. A last
line that was torn by a crash counts as not written. A batch that edits nothing leaves no file.

Here it is read: `list_batches` lists the batches of a folder, `find_batch` and `read_batch` open
one, and `Batch.entries` goes through its edits. `wbskills.wikibase.journal.write` writes it.
"""

import json
import os
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from wbskills.errors import InvalidValue, NotFound, StoreError, WbskillsError
from wbskills.private_files import open_private
from wbskills.wikibase.model.entities import Entity, Kind, Rank, Reference, Snak, Statement
from wbskills.wikibase.model.wire import snak_from_json

FORM: Final = 1
JOURNALS: Final = "journals"  # the folder's name, in that of a store or of a profile
ENDING: Final = ".jsonl"
BESIDE: Final = ".new"  # of a journal that is being written anew

Json = dict[str, Any]


class BatchEnd(StrEnum):
    """How a batch ended."""

    DONE = "done"
    INTERRUPTED = "broken off"  # by the user
    FAILED = "failed"


class EditState(StrEnum):
    """What is known of an edit."""

    UNKNOWN = "unknown"  # about to be made; nobody saw the answer
    WRITTEN = "written"
    REFUSED = "refused"  # by the Wikibase; nothing was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchHeader:
    """What a batch is: enough to list it, and to run the same command again.

    `wikibase` is the folder or the profile; `program` the version of wbskills; `began` a time
    such as `2026-11-22T18:15:00Z`. `files` are paths by what they are for (`survey`, `mapping`).
    """

    batch: str
    command: str
    wikibase: str = ""
    program: str = ""
    began: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditSource:
    """Where in a file an edit comes from.

    `row` counts as a spreadsheet does; 0 if the edit comes from no row. `columns` has one text
    for each statement of the edit, empty where no column is known; or it is empty.
    """

    row: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One edit of a batch.

    `id` is empty for a creation as long as its outcome is unknown. `base` is the revision that a
    change was planned against, `revision` the one that it made; 0 if not known. `statements` were
    added or replaced others, with GUIDs as far as these are known; `columns` tells the column of
    the file of each, or is empty. `replaced` are the statements that were replaced or removed, as
    they were before. `terms` are labels, descriptions and aliases that were set, in an entity
    without statements; `terms_before` the same languages before, without those that had none.

    What somebody else had changed in the moment before the edit, and what was therefore put back,
    is no part of it. `overwrote` tells by GUID whose change could not be put back.
    """

    number: int
    key: str
    kind: Kind
    created: bool
    id: str
    base: int
    row: int
    statements: tuple[Statement, ...]
    columns: tuple[str, ...]
    replaced: tuple[Statement, ...]
    terms: Entity
    terms_before: Entity
    state: EditState
    revision: int
    why: str = ""
    overwrote: Mapping[str, str] = field(default_factory=dict)

    @property
    def added(self) -> tuple[Statement, ...]:
        """The statements that were not there before."""
        before = {statement.id for statement in self.replaced}
        return tuple(each for each in self.statements if each.id is None or each.id not in before)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSummary:
    """A batch in a list. `ended` is None if it never came to an end; `edits` are those made."""

    path: Path
    head: BatchHeader
    ended: BatchEnd | None
    edits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch with all its edits, which are read from its file as they are asked for."""

    path: Path
    head: BatchHeader
    ended: BatchEnd | None
    outcomes: Mapping[int, Json]

    def entries(self) -> Iterator[JournalEntry]:
        """Go through the edits, in the order in which they were begun."""
        for line in read_lines(self.path):
            if "edit" in line:
                yield _entry(line, self.outcomes.get(line["edit"]), self.path)

    @property
    def edits(self) -> int:
        """How many edits were made, as far as is known."""
        return sum("done" in outcome for outcome in self.outcomes.values())


def list_batches(folder: Path) -> list[BatchSummary]:
    """List the batches of a folder, the newest first; what is no journal is left out."""
    found = []
    for path in folder.glob(f"*{ENDING}"):
        try:
            batch = read_batch(path)
        except WbskillsError:
            continue
        found.append(
            BatchSummary(path=path, head=batch.head, ended=batch.ended, edits=batch.edits)
        )
    return sorted(found, key=lambda each: (each.head.began, each.head.batch), reverse=True)


def find_batch(folder: Path, batch: str) -> Batch:
    """Open the journal of a batch. Raises `NotFound`."""
    path = folder / f"{batch}{ENDING}"
    if Path(batch).name != batch or not path.is_file():
        raise NotFound(f"there is no batch “{batch}”", hint="wbskills batch list")
    return read_batch(path)


def read_batch(path: Path) -> Batch:
    """Open a journal. Raises `StoreError` if it is none, or was made by a newer version."""
    head: BatchHeader | None = None
    ended: BatchEnd | None = None
    outcomes: dict[int, Json] = {}
    try:
        for line in read_lines(path):
            if "journal" in line:
                head = _head(line, path)
            elif "done" in line or "refused" in line:
                outcomes[line.get("done") or line["refused"]] = line
            elif "ended" in line or "resumed" in line:
                ended = BatchEnd(line["ended"]) if "ended" in line else None
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path) from error
    if head is None:
        raise _damaged(path)
    return Batch(path=path, head=head, ended=ended, outcomes=outcomes)


def remove_edits(
    path: Path,
    *,
    keys: Container[str],
    entities: Container[str],
    names: Callable[[str], bool],
) -> int:
    """Take the edits of somebody out of a journal, found by key or by entity; count them.

    `names` tells whether a text names them. The file is written anew beside the old one and then
    takes its place, without a line that a crash tore.
    """
    gone = {e.number for e in read_batch(path).entries() if e.key in keys or e.id in entities}
    kept = [
        # How a batch ended may be told with the name of whom it ended at.
        {**line, "why": ""} if names(line.get("why", "")) else line
        for line in read_lines(path)
        if not gone & {line.get("edit"), line.get("done"), line.get("refused")}
    ]
    text = "".join(to_line(line) + "\n" for line in kept).encode()
    if text == path.read_bytes():
        return 0
    beside = path.with_suffix(BESIDE)
    with open_private(beside, "w") as file:
        file.write(text.decode())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return len(gone)


def remove_leftovers(folder: Path) -> None:
    """Clear away what a `remove_edits` left that did not come to its end."""
    for beside in folder.glob(f"*{BESIDE}"):
        beside.unlink(missing_ok=True)


def _entry(line: Json, outcome: Json | None, path: Path) -> JournalEntry:
    try:
        created = "create" in line
        entity_id = line.get("id", "")
        kind = Kind(line["create"]) if created else _kind(entity_id)
        done = outcome is not None and "done" in outcome
        snaks = [snak_from_json(each) for each in line.get("snaks", ())]
        statements = tuple(_statement(each, snaks) for each in line.get("statements", ()))
        if done and outcome is not None:
            entity_id = outcome["id"]
            guids = outcome.get("guids")
            if guids and len(guids) == len(statements):
                statements = tuple(
                    replace(each, id=guid) for each, guid in zip(statements, guids, strict=True)
                )
        told = outcome or {}
        restored = set(told.get("restored", ()))
        columns = tuple(line.get("columns", ()))
        if columns and restored:
            columns = tuple(
                column
                for column, each in zip(columns, statements, strict=True)
                if each.id not in restored
            )
        replaced = (_statement(each, snaks) for each in line.get("replaced", ()))
        return JournalEntry(
            number=line["edit"],
            key=line["key"],
            kind=kind,
            created=created,
            id=entity_id,
            base=line.get("base", 0),
            row=line.get("row", 0),
            statements=tuple(each for each in statements if each.id not in restored),
            columns=columns,
            replaced=tuple(each for each in replaced if each.id not in restored),
            terms=_terms_of(line, kind),
            terms_before=_terms_of(line.get("before", {}), kind),
            state=EditState.UNKNOWN
            if outcome is None
            else (EditState.WRITTEN if done else EditState.REFUSED),
            revision=told["revision"] if done else 0,
            why=told.get("why", ""),
            overwrote={
                guid: f"revision {number} by {user}" if user else f"revision {number}"
                for guid, number, user in told.get("overwrote", ())
            },
        )
    except (LookupError, TypeError, ValueError, AttributeError, InvalidValue) as error:
        raise _damaged(path) from error


def _statement(found: Json, snaks: Sequence[Snak]) -> Statement:
    return Statement(
        main=snaks[found["is"]],
        qualifiers=tuple(snaks[number] for number in found.get("with", ())),
        references=tuple(
            Reference(tuple(snaks[number] for number in each)) for each in found.get("from", ())
        ),
        rank=Rank(found.get("rank", "normal")),
        id=found.get("id"),
    )


def _kind(entity_id: str) -> Kind:
    return Kind.PROPERTY if entity_id.startswith("P") else Kind.ITEM


def _terms_of(line: Json, kind: Kind) -> Entity:
    return Entity(
        kind=kind,
        labels=line.get("labels", {}),
        descriptions=line.get("descriptions", {}),
        aliases={name: tuple(texts) for name, texts in line.get("aliases", {}).items()},
    )


def _head(line: Json, path: Path) -> BatchHeader:
    if line["journal"] > FORM:
        raise StoreError(
            f"{path} was made by a newer version of wbskills",
            hint="a newer version: pip install --upgrade wbskills",
        )
    return BatchHeader(
        batch=line["batch"],
        command=line["command"],
        wikibase=line["wikibase"],
        program=line["program"],
        began=line["began"],
        files=line["files"],
    )


def read_lines(path: Path) -> Iterator[Json]:
    """Go through the lines of a journal; a torn last one is left out."""
    try:
        with path.open("rb") as file:
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                line = json.loads(raw)
                if not isinstance(line, dict):
                    raise _damaged(path)
                yield line
    except OSError as error:
        raise StoreError(
            f"the journal {path} cannot be read: {error.strerror}", hint="a file that you own"
        ) from error
    except ValueError as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> StoreError:
    return StoreError(f"{path} is no journal, or it is damaged", hint="a copy of it from before")


def to_line(line: Mapping[str, Any] | Sequence[Any]) -> str:
    """Write a line of a journal, without its end."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def now() -> str:
    """Give the time as journals have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
