"""Carrying out the edits of a plan."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wbskills.errors import EditConflict, EditsRefused, StoreError
from wbskills.names import NEW, is_new
from wbskills.wikibase.interface import EditLog, PartlyWritten, Wikibase, Written
from wbskills.wikibase.model.edits import Change, Create, Edit
from wbskills.wikibase.model.entities import Reference, Snak, Statement
from wbskills.wikibase.model.values import EntityRef

EDITS_PER_TRANSACTION: Final = 200


@dataclass(frozen=True, slots=True)
class CompletedEdit:
    """An edit that was made, and its outcome."""

    edit: Edit
    written: Written


def perform(
    edits: Iterable[Edit], wikibase: Wikibase, summary: str, log: EditLog | None = None
) -> Iterator[CompletedEdit]:
    """Carry out edits, yielding the outcome of each.

    If new entities point to each other, the entities are created first, then the statements
    that point to later ones are added. Conflicts with other people's edits, and edits that the
    Wikibase refuses, do not stop the others; at the end they raise `EditConflict` or
    `EditsRefused`. Any other `StoreError` ends the run: what was yielded is written, and
    planning again gives the rest.
    """
    run = _Run(wikibase, summary, log)
    for edit in edits:
        yield from run.take(edit)
    yield from run.flush()
    yield from run.rest()
    if run.refused:
        raise EditsRefused(run.refused, run.conflicts)
    if run.conflicts:
        raise EditConflict(
            f"{', '.join(run.conflicts[:5])}: changed by someone else since it was read",
            hint="run the same command again",
            keys=run.conflicts,
        )


class _Run:
    """The edits of the next transaction, and the ids of entities created so far."""

    def __init__(self, wikibase: Wikibase, summary: str, log: EditLog | None) -> None:
        self._wikibase, self._summary, self._log = wikibase, summary, log
        self.conflicts: list[str] = []  # keys of edits that conflicted with other people's
        self.refused: dict[str, StoreError] = {}  # by key
        self._created: dict[str, str] = {}
        self._waiting: list[Edit] = []
        self._keys: set[str] = set()  # of the entities that `_waiting` creates
        self._later: list[tuple[Edit, tuple[Statement, ...]]] = []
        self._written: dict[str, Written] = {}

    def take(self, edit: Edit) -> Iterator[CompletedEdit]:
        wanted = _mentioned(_statements(edit))
        if wanted & self._keys or len(self._waiting) >= EDITS_PER_TRANSACTION:
            yield from self.flush()
        if wanted:
            edit, later = self._split(edit)
            if later:
                self._later.append((edit, later))
        if isinstance(edit, Create):
            self._keys.add(edit.key)
        self._waiting.append(edit)

    def flush(self) -> Iterator[CompletedEdit]:
        """Write the edits of this transaction."""
        if not self._waiting:
            return
        edits, self._waiting = self._waiting, []
        self._keys.clear()
        for edit, written in zip(edits, self._write(edits), strict=True):
            if written is None:
                self.conflicts.append(edit.key)
                continue
            if isinstance(written, StoreError):
                self.refused[edit.key] = written
                continue
            if isinstance(edit, Create):
                self._created[edit.key] = written.id
            if self._later:
                self._written[edit.key] = written
            yield CompletedEdit(edit, written)

    def _write(self, edits: Sequence[Edit]) -> Sequence[Written | StoreError | None]:
        try:
            return self._wikibase.write(edits, self._summary, self._log)
        except PartlyWritten as error:
            return error.outcomes

    def rest(self) -> Iterator[CompletedEdit]:
        """Add the statements that point to entities that were created later."""
        for edit, statements in self._later:
            if edit.key in self.conflicts or edit.key in self.refused:
                continue
            change = Change(
                key=edit.key,
                id=self._written[edit.key].id,
                base=self._written[edit.key].revision,
                statements=tuple(self._resolved(statement) for statement in statements),
            )
            unknown = _mentioned(change.statements)
            if unknown and unknown <= self.refused.keys():
                named = ", ".join(sorted(unknown))
                self.refused[edit.key] = StoreError(f"{edit.key} points to {named}")
                continue
            if unknown:
                raise StoreError(
                    f"{edit.key} points to {', '.join(sorted(unknown))}, which does not exist",
                    hint="run “wbskills ontology apply”",
                )
            self._waiting.append(change)
        self._later = []
        yield from self.flush()

    def _split(self, edit: Edit) -> tuple[Edit, tuple[Statement, ...]]:
        """Fill in known ids; return the edit, and its statements that have to wait for others."""
        resolved = [self._resolved(statement) for statement in _statements(edit)]
        later = tuple(statement for statement in resolved if _mentioned([statement]))
        now = tuple(statement for statement in resolved if statement not in later)
        if isinstance(edit, Create):
            return Create(edit.key, replace(edit.entity, statements=now)), later
        return replace(edit, statements=now), later

    def _resolved(self, statement: Statement) -> Statement:
        if not _mentioned([statement]):
            return statement
        return replace(
            statement,
            main=self._snak(statement.main),
            qualifiers=tuple(self._snak(snak) for snak in statement.qualifiers),
            references=tuple(
                Reference(tuple(self._snak(snak) for snak in reference.snaks))
                for reference in statement.references
            ),
        )

    def _snak(self, snak: Snak) -> Snak:
        value = snak.value
        if isinstance(value, EntityRef):
            value = EntityRef(self._id(value.id))
        return replace(snak, property=self._id(snak.property), value=value)

    def _id(self, entity_id: str) -> str:
        if not is_new(entity_id):
            return entity_id
        return self._created.get(entity_id.removeprefix(NEW), entity_id)


def _statements(edit: Edit) -> Sequence[Statement]:
    return edit.entity.statements if isinstance(edit, Create) else edit.statements


def _mentioned(statements: Iterable[Statement]) -> set[str]:
    """Return the keys of entities that statements point to and that do not exist yet."""
    found: set[str] = set()
    for statement in statements:
        found.update(statement.main.pending_keys)
        for snak in statement.qualifiers:
            if snak.pending_keys:
                found.update(snak.pending_keys)
        for reference in statement.references:
            for snak in reference.snaks:
                if snak.pending_keys:
                    found.update(snak.pending_keys)
    return found
