"""Reading the journal of a batch: each edit before it is made, and its outcome.

Each batch has a private file, `FOLDER/BATCH.jsonl`: a line of JSON for the batch, then for each
edit a line before the request and one after the answer.

    {"journal": 1, "batch": "20261122-181500-3fa1", "command": "survey apply", …}
    {"edit": 1, "key": "wikimedia_username/Ada", "create": "item", "row": 2,
     "statements": [{"is": 0, "with": [1, 2], "from": [[3]]}, …], "snaks": [{…}, {…}, …]}
    {"done": 1, "id": "Q12", "revision": 40, "guids": ["Q12$…", …], "restored": ["Q12$…"]}
    {"ended": "done", "at": "2026-11-22T18:20:00Z", "edits": 1}

A statement refers to its snaks by their places in the list of the line, since many statements
share them. An edit without an outcome may have been made or not; to continue, it is looked up. A
last line that a crash left incomplete is ignored. A batch without edits has no file.
"""

import json
import os
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
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
JOURNALS: Final = "journals"  # a folder in that of a store or a profile
ENDING: Final = ".jsonl"
_REWRITTEN: Final = ".new"  # ending of a journal that is being rewritten

Json = dict[str, Any]


class BatchEnd(StrEnum):
    """How a batch ended."""

    DONE = "done"
    INTERRUPTED = "broken off"  # by the user
    FAILED = "failed"


class EditState(StrEnum):
    """What is known of an edit."""

    UNKNOWN = "unknown"  # it was about to be made
    WRITTEN = "written"
    REFUSED = "refused"  # by the Wikibase; nothing was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchHeader:
    """What describes a batch: enough to list it, and to run the same command again.

    `wikibase` is the folder or the profile; `program` the version of wbskills; `began` the time,
    `2026-11-22T18:15:00Z`. `files` are paths by their use (`survey`, `mapping`).
    """

    batch: str
    command: str
    wikibase: str = ""
    program: str = ""
    began: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditSource:
    """The row and columns of a survey file that an edit comes from.

    `row` counts from 1 as a spreadsheet does; 0 if there is none. `columns` is empty, or has a
    text for each statement of the edit, which is empty if its column is unknown.
    """

    row: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One edit of a batch.

    `id` is empty for a creation with an unknown outcome. `base` is the revision that a change was
    planned against, `revision` the one that it made; 0 if unknown. `statements` were added or
    replaced others, with GUIDs if these are known; `columns` has the column of each, or is empty.
    `replaced` are the statements that were replaced or removed, as they were before. `terms` has
    the labels, descriptions and aliases that were set, as an entity without statements;
    `terms_before` those in the same languages before.

    Statements that someone else had changed just before, and that were therefore restored, are
    left out. `overwrote` has, by GUID, whose changes could not be restored.
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
        """The statements that did not exist before."""
        before = {statement.id for statement in self.replaced}
        return tuple(
            statement
            for statement in self.statements
            if statement.id is None or statement.id not in before
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch; its edits are read from the file when `entries` is called.

    `ended` is None if it was interrupted by a crash. `outcomes` are lines by number of edit.
    """

    path: Path
    head: BatchHeader
    ended: BatchEnd | None
    outcomes: Mapping[int, Json]

    def entries(self) -> Iterator[JournalEntry]:
        """Go through the edits, in their order."""
        for line in read_lines(self.path):
            if "edit" in line:
                yield _entry(line, self.outcomes.get(line["edit"]), self.path)

    @property
    def edits(self) -> int:
        """The number of edits known to have been made."""
        return sum("done" in outcome for outcome in self.outcomes.values())


def list_batches(folder: Path) -> list[Batch]:
    """List the batches of a folder, newest first; files that are not journals are left out."""
    found = []
    for path in folder.glob(f"*{ENDING}"):
        with suppress(WbskillsError):
            found.append(read_batch(path))
    return sorted(found, key=lambda each: (each.head.began, each.head.batch), reverse=True)


def find_batch(folder: Path, batch: str) -> Batch:
    """Open the journal of a batch. Raises `NotFound`."""
    path = folder / f"{batch}{ENDING}"
    if Path(batch).name != batch or not path.is_file():
        raise NotFound(f"there is no batch “{batch}”", hint="run “wbskills batch list”")
    return read_batch(path)


def read_batch(path: Path) -> Batch:
    """Open a journal. Raises `StoreError` if it is not one, or if a newer version made it."""
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
    """Remove the edits of a person from a journal, by key or by entity; return their number.

    `names` returns whether a text names the person. The file is replaced by a new one, without
    an incomplete last line.
    """
    gone = {e.number for e in read_batch(path).entries() if e.key in keys or e.id in entities}
    kept = [
        # The reason why a batch failed may contain a name.
        {**line, "why": ""} if names(line.get("why", "")) else line
        for line in read_lines(path)
        if not gone & {line.get("edit"), line.get("done"), line.get("refused")}
    ]
    text = "".join(to_line(line) + "\n" for line in kept).encode()
    if text == path.read_bytes():
        return 0
    beside = path.with_suffix(_REWRITTEN)
    with open_private(beside, "w") as file:
        file.write(text.decode())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return len(gone)


def remove_leftovers(folder: Path) -> None:
    """Delete the files of an interrupted `remove_edits`."""
    for beside in folder.glob(f"*{_REWRITTEN}"):
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
        found = outcome or {}
        restored = set(found.get("restored", ()))
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
            statements=tuple(
                statement for statement in statements if statement.id not in restored
            ),
            columns=columns,
            replaced=tuple(each for each in replaced if each.id not in restored),
            terms=_terms_of(line, kind),
            terms_before=_terms_of(line.get("before", {}), kind),
            state=EditState.UNKNOWN
            if outcome is None
            else (EditState.WRITTEN if done else EditState.REFUSED),
            revision=found["revision"] if done else 0,
            why=found.get("why", ""),
            overwrote={
                guid: f"revision {number} by {user}" if user else f"revision {number}"
                for guid, number, user in found.get("overwrote", ())
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
            hint="use a newer version: pip install --upgrade wbskills",
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
    """Go through the lines of a journal, without an incomplete last one."""
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
            f"the journal {path} cannot be read: {error.strerror}",
            hint="use a file that you may read",
        ) from error
    except ValueError as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path} is not a journal, or it is damaged", hint="use a copy of it from before"
    )


def to_line(line: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return the text of a line, without its end."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def now() -> str:
    """Return the time in the form of journals."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
