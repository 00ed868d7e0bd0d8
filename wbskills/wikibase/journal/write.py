"""Writing the journal of a batch; `wbskills.wikibase.journal.read` describes its form."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import IO, Final, Self

from wbskills.errors import StoreError, WbskillsError
from wbskills.private_files import open_private, private_folder
from wbskills.wikibase.interface import Written
from wbskills.wikibase.journal.read import (
    ENDING,
    FORM,
    BatchEnd,
    BatchHeader,
    EditSource,
    Json,
    now,
    read_batch,
    read_lines,
    to_line,
)
from wbskills.wikibase.model.edits import Change, Create, Edit
from wbskills.wikibase.model.entities import Rank, Snak, Statement
from wbskills.wikibase.model.wire import snak_to_json

_MOST_CACHED: Final = 50_000  # texts of snaks, which thousands of people share


class Journal:
    """A journal that is being written. Leaving its context records how the batch ended.

    `source_of_edit` returns the row and columns that an edit comes from. `edits` is the number
    of edits made so far. Threads may share a journal.
    """

    def __init__(self, path: Path, head: BatchHeader, numbers: int, edits: int) -> None:
        self.path, self.head = path, head
        self.edits = edits
        self.source_of_edit: Callable[[Edit], EditSource] = _no_source
        self._numbers = numbers
        self._file: IO[str] | None = None
        self._lock = Lock()
        self._snaks: dict[tuple[str, str], str] = {}

    @classmethod
    def begin(cls, folder: Path, head: BatchHeader) -> Self:
        """Begin a batch. Creates the folder, and the file with the first edit.

        Raises `StoreError` if the folder cannot be used.
        """
        _make_folder(folder)
        stamped = replace(head, began=head.began or now())
        return cls(folder / f"{head.batch}{ENDING}", stamped, 0, 0)

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Continue an interrupted batch. Raises `StoreError` if this is not a journal."""
        batch = read_batch(path)
        numbers = [line["edit"] for line in read_lines(path) if "edit" in line]
        journal = cls(path, batch.head, max(numbers, default=0), batch.edits)
        _cut_torn_line(path)
        with journal._lock:
            journal._append([to_line({"resumed": now()})], sync=True)
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, _: object) -> None:
        if kind is None:
            self.end(BatchEnd.DONE)
        elif issubclass(kind, KeyboardInterrupt):
            self.end(BatchEnd.INTERRUPTED)
        else:
            why = error.what if isinstance(error, WbskillsError) else kind.__name__
            self.end(BatchEnd.FAILED, why)

    def intend(self, edits: Sequence[Edit]) -> list[int]:
        """Record edits before the first of them is made; return their numbers.

        When this returns, they are on the disk.
        """
        with self._lock:
            first = self._numbers + 1
            self._numbers += len(edits)
            lines = [self._intent(first + index, edit) for index, edit in enumerate(edits)]
            if lines:
                self._append(lines, sync=True)
            return list(range(first, first + len(edits)))

    def done(self, number: int, written: Written) -> None:
        """Record that an edit was made."""
        line: Json = {"done": number, "id": written.id, "revision": written.revision}
        if written.guids:
            line["guids"] = list(written.guids)
        over = written.overwritten
        if back := [each.guid for each in over if each.back]:
            line["restored"] = back
        if lost := [[each.guid, each.revision, each.user] for each in over if not each.back]:
            line["overwrote"] = lost
        with self._lock:
            self.edits += 1
            self._append([to_line(line)])

    @property
    def batch(self) -> str:
        """The id of the batch."""
        return self.head.batch

    def refused(self, number: int, why: str) -> None:
        """Record that an edit was refused, and so not made."""
        with self._lock:
            self._append([to_line({"refused": number, "why": why})])

    def sync(self) -> None:
        """Write all records to the disk, in case the power fails."""
        with self._lock:
            if self._file is not None:
                os.fsync(self._file.fileno())

    def end(self, how: BatchEnd, why: str = "") -> None:
        """Record how the batch ended, and close the file; does nothing without a file."""
        with self._lock:
            if self._file is None:
                return
            line: Json = {"ended": how.value, "at": now(), "edits": self.edits}
            if why:
                line["why"] = why
            self._append([to_line(line)], sync=True)
        self.close()

    def close(self) -> None:
        """Close the file, without recording how the batch ended."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _append(self, lines: Iterable[str], *, sync: bool = False) -> None:
        try:
            if self._file is None:
                new = not self.path.exists()
                self._file = open_private(self.path, "a")
                if new:
                    self._file.write(to_line(_head_line(self.head)) + "\n")
            self._file.writelines(line + "\n" for line in lines)
            self._file.flush()
            if sync:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise StoreError(
                f"the journal {self.path} cannot be written: {error.strerror}",
                hint="free some space, then run the same command again",
            ) from error

    def _intent(self, number: int, edit: Edit) -> str:
        place = self.source_of_edit(edit)
        line: Json = {"edit": number, "key": edit.key}
        if isinstance(edit, Create):
            line["create"] = edit.entity.kind.value
            statements: tuple[Statement, ...] = edit.entity.statements
            replaced: tuple[Statement, ...] = ()
            line |= _terms_line(edit.entity.labels, edit.entity.descriptions, edit.entity.aliases)
        else:
            line |= {"id": edit.id, "base": edit.base}
            statements, replaced = edit.statements, _replaced(edit)
            line |= _terms_line(edit.labels, edit.descriptions, edit.aliases)
            before = _terms_before(edit)
            if before:
                line["before"] = before
        if place.row:
            line["row"] = place.row
        if any(place.columns):
            line["columns"] = place.columns
        return self._with_statements(to_line(line), statements, replaced)

    def _with_statements(
        self, line: str, statements: Sequence[Statement], replaced: Sequence[Statement]
    ) -> str:
        """Add statements to a line; each snak is written once, and referred to by its place."""
        snaks = _Snaks(self._text)
        parts = [line[:-1]]
        for name, group in (("statements", statements), ("replaced", replaced)):
            if group:
                parts.append(f',"{name}":{to_line([snaks.short(each) for each in group])}')
        if snaks.texts:
            parts.append(f',"snaks":[{",".join(snaks.texts)}]')
        return "".join([*parts, "}"])

    def _text(self, snak: Snak) -> str:
        key = (snak.hash, snak.datatype)
        text = self._snaks.get(key)
        if text is None:
            if len(self._snaks) >= _MOST_CACHED:
                self._snaks.clear()
            found = snak_to_json(snak)
            del found["hash"]
            text = self._snaks[key] = to_line(found)
        return text


class _Snaks:
    """The snaks of one line, each once, and statements that refer to them by place."""

    def __init__(self, text: Callable[[Snak], str]) -> None:
        self._text = text
        self._places: dict[tuple[str, str], int] = {}
        self.texts: list[str] = []

    def short(self, statement: Statement) -> Json:
        """Write a statement without default values."""
        found: Json = {"is": self._place(statement.main)}
        if statement.qualifiers:
            found["with"] = self._list(statement.qualifiers)
        if statement.references:
            found["from"] = [self._list(reference.snaks) for reference in statement.references]
        if statement.rank is not Rank.NORMAL:
            found["rank"] = statement.rank.value
        if statement.id is not None:
            found["id"] = statement.id
        return found

    def _list(self, snaks: Iterable[Snak]) -> list[int]:
        return [self._place(snak) for snak in snaks]

    def _place(self, snak: Snak) -> int:
        place = self._places.setdefault((snak.hash, snak.datatype), len(self.texts))
        if place == len(self.texts):
            self.texts.append(self._text(snak))
        return place


def _no_source(_: Edit) -> EditSource:
    return EditSource()


def _replaced(change: Change) -> tuple[Statement, ...]:
    """List the statements that a change replaces or removes, as they were before."""
    if change.was is None:
        return ()
    named = {statement.id for statement in change.statements} | set(change.removed)
    return tuple(statement for statement in change.was.entity.statements if statement.id in named)


def _terms_line(
    labels: Mapping[str, str],
    descriptions: Mapping[str, str],
    aliases: Mapping[str, tuple[str, ...]],
) -> Json:
    terms = {"labels": labels, "descriptions": descriptions, "aliases": aliases}
    return {name: dict(texts) for name, texts in terms.items() if texts}


def _terms_before(change: Change) -> Json:
    """Return the terms that a change sets, as they were before."""
    if change.was is None:
        return {}
    entity = change.was.entity
    return _terms_line(
        {name: entity.labels[name] for name in change.labels if name in entity.labels},
        {
            name: entity.descriptions[name]
            for name in change.descriptions
            if name in entity.descriptions
        },
        {name: entity.aliases[name] for name in change.aliases if name in entity.aliases},
    )


def _head_line(head: BatchHeader) -> Json:
    return {
        "journal": FORM,
        "batch": head.batch,
        "command": head.command,
        "wikibase": head.wikibase,
        "program": head.program,
        "began": head.began,
        "files": dict(head.files),
    }


def _cut_torn_line(path: Path) -> None:
    with path.open("rb+") as file:
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)


def _make_folder(folder: Path) -> None:
    try:
        private_folder(folder)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be created: {error.strerror}",
            hint="use a folder that you may write to",
        ) from error
