"""Undoing a batch: carries out what `reversal` plans for each entity."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from wbskills.bulk import OnProgress, Progress, chunks, ignore
from wbskills.errors import EditConflict, EditRefused, EditsRefused, StoreError
from wbskills.ontology.binding import rules
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import counted
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.reversal import Reversal, by_entity, mentioned, reversal
from wbskills.wikibase.interface import OpenWikibase, Overwritten, Written
from wbskills.wikibase.journal.read import Batch, EditState, JournalEntry
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Stored
from wbskills.wikibase.plan.diff import Rules
from wbskills.wikibase.plan.perform import perform

_QUERIED: Final = 50  # entities in one query
_NAMED: Final = 20
_ROUNDS: Final = 3  # of reading again what others are editing at the same time


@dataclass(slots=True)
class UndoReceipt:
    """What an undo did. It is a batch, too: `batch`, empty where no journal is kept.

    `removed` and `put_back` count statements. `left` says by entity what was left alone, and why;
    `in_use` are skills, waves and the like that the batch created and others use now;
    `to_delete` could be deleted, but not by this user. `overwritten` lists edits of others that
    were made at the same moment, `refused` entities that the Wikibase does not let be edited.
    """

    batch: str = ""
    removed: int = 0
    put_back: int = 0
    deleted: list[str] = field(default_factory=list)
    to_delete: list[str] = field(default_factory=list)
    in_use: list[str] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    overwritten: list[Overwritten] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    @property
    def made_edits(self) -> bool:
        """Whether anything was changed."""
        return bool(self.removed or self.put_back or self.deleted)

    def lines(self) -> list[str]:
        """Describe it in lines for people."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.made_edits:
            yield (
                f"{counted(self.removed, 'statement')} removed, {self.put_back:,} restored,"
                f" {counted(len(self.deleted), 'entity', 'entities')} deleted with all contents"
            )
        else:
            yield "Nothing changed: everything that can be undone already has been."
        if self.in_use:
            named = _named(self.in_use)
            kept = counted(len(self.in_use), "entity", "entities")
            yield f"{kept} kept, because others use them: {named}"
        if self.to_delete:
            yield "These could be deleted, but this user does not have the right:"
            yield f"  {_named(self.to_delete)}"
            yield "  Try: ask for their deletion on the wiki's page for requests"
        for entity_id, reasons in self.left.items():
            yield f"{entity_id} was not undone, or only in part:"
            yield from (f"  {reason}" for reason in reasons)
        yield from (str(each) for each in self.overwritten)
        if self.refused:
            yield f"Edits refused by the Wikibase: {len(self.refused)}."
            yield "  Try: run the same command again, when the Wikibase allows it"


def undo(
    wikibase: OpenWikibase,
    ontology: Ontology,
    batch: Batch,
    journal: Journal | None,
    on_progress: OnProgress = ignore,
) -> UndoReceipt:
    """Undo a batch, statement by statement, the entity that was edited last first.

    What someone changed since is left alone. An entity that the batch created, and that has
    nothing else, is deleted; if others point to it or this user may not delete, it keeps name and
    class. `on_progress` counts entities. Safe to repeat.
    """
    return _Undo(wikibase, ontology, batch, journal).run(on_progress)


class _Undo:
    def __init__(
        self,
        wikibase: OpenWikibase,
        ontology: Ontology,
        batch: Batch,
        journal: Journal | None,
    ) -> None:
        self._wikibase, self._batch, self._journal = wikibase, batch, journal
        self._rules: Rules = rules(ontology, binding_of(wikibase, ontology, with_twins=True))
        self._summary = f"undo of batch {batch.head.batch}"
        if journal is not None:
            self._summary += f", batch {journal.head.batch}"
        self._may_delete = True
        self._needed: set[str] = set()  # by what stays of the batch's own entities
        self._done = UndoReceipt(journal.head.batch if journal is not None else "")

    def run(self, on_progress: OnProgress) -> UndoReceipt:
        entries = list(self._batch.entries())
        groups = by_entity(entries)
        self._list_unknown(entries)
        made: list[str] = []
        others: list[str] = []
        for entity_id, entries in groups.items():
            prepared = not any(entry.row for entry in entries)
            created = any(entry.created for entry in entries)
            (made if prepared and created else others).append(entity_id)
        count = 0
        for chunk in chunks(others):
            self._restore(chunk, groups)
            count += len(chunk)
            on_progress(Progress(count, len(groups)))
        # What people's statements point to goes last, items before the properties they use.
        made.sort(key=lambda entity_id: entity_id.startswith("P"))
        read = self._wikibase.read(made)
        steps = [reversal(groups[i], read[i], self._rules) for i in made if i in read]
        self._delete_all(steps, read, frozenset(groups))
        on_progress(Progress(len(groups), len(groups)))
        return self._done

    def _list_unknown(self, entries: list[JournalEntry]) -> None:
        for entry in entries:
            if entry.created and not entry.id and entry.state is EditState.UNKNOWN:
                why = (
                    f"it is unknown whether it was created; resume {self._batch.head.batch} first"
                )
                self._done.left[entry.key] = [why]

    def _restore(
        self, ids: list[str], groups: dict[str, list[JournalEntry]], rounds: int = _ROUNDS
    ) -> None:
        """Undo what was done to people, and to entities that existed before.

        What is edited at the same time is read again, in some `rounds`.
        """
        read = self._wikibase.read(ids)
        steps = [reversal(groups[i], read[i], self._rules) for i in ids if i in read]
        changes = []
        bare = [step.id for step in steps if step.bare]
        used = self._used(bare, frozenset())
        for step in steps:
            if step.bare and step.id not in used and self._delete(step):
                continue
            if step.id in used:
                self._done.left[step.id] = ["other items link to it, so its name and class remain"]
            elif step.bare and step.id not in {*self._done.to_delete, *self._done.refused}:
                self._done.to_delete.append(step.id)
            if step.left:
                self._left(step.id, *step.left)
            kept = reversal(groups[step.id], read[step.id], self._rules, staying=True)
            self._needed |= mentioned(kept.after)
            if kept.change is not None:
                changes.append(kept.change)
        again = self._carry_out(changes)
        if again and rounds > 1:
            self._restore(again, groups, rounds - 1)
        for entity_id in again if rounds == 1 else ():
            self._left(entity_id, "someone else is editing it")
        stays = self._done.refused.union(again if rounds == 1 else ()) & read.keys()
        for entity_id in stays:  # so what it needs stays, too
            self._needed |= mentioned(read[entity_id].entity)

    def _carry_out(self, changes: list[Change]) -> list[str]:
        """Make changes; returns the entities that someone else edited at the same time."""
        ids: dict[str, list[str]] = {}
        for change in changes:
            ids.setdefault(change.key, []).append(change.id)
        again: list[str] = []
        try:
            for done in perform(changes, self._wikibase, self._summary, self._journal):
                # The next import of the same answer must not take it for known.
                self._wikibase.drop_cached("", done.edit.key)
                if isinstance(done.edit, Change):
                    over = done.written.overwritten
                    self._count(done.edit, {each.guid for each in over if each.back})
                    if over:
                        self._done.overwritten += over
                        again.append(done.edit.id)
        except EditConflict as error:
            again += [entity_id for key in error.keys for entity_id in ids[key]]
        except EditsRefused as error:
            again += [entity_id for key in error.conflicts for entity_id in ids[key]]
            for key, reason in error.reasons.items():
                for entity_id in ids[key]:
                    self._refused(entity_id, reason)
        return again

    def _left(self, entity_id: str, *reasons: str) -> None:
        listed = self._done.left.setdefault(entity_id, [])
        listed += [reason for reason in reasons if reason not in listed]

    def _refused(self, entity_id: str, reason: StoreError) -> None:
        self._done.refused.add(entity_id)
        self._left(entity_id, reason.what)

    def _delete_all(
        self, steps: list[Reversal], there: Mapping[str, Stored], own: frozenset[str]
    ) -> None:
        """Delete skills, waves and the like: all of them, or none if others use any.

        They are never emptied: without its key, an entity could not be found again.
        """
        ids = [step.id for step in steps]
        if not ids:
            return
        for step in steps:
            if not step.bare:
                self._needed |= mentioned(step.after) | {step.id}
        if self._needed & set(ids) or self._used(ids, own):
            self._done.in_use += ids
            return
        needed: set[str] = set()  # by what could not be deleted
        for step in steps:
            if step.id in needed:
                self._done.in_use.append(step.id)
            elif not self._delete(step):
                needed |= mentioned(there[step.id].entity)
                if step.id not in self._done.refused:
                    self._done.to_delete.append(step.id)

    def _delete(self, step: Reversal) -> bool:
        """Delete an entity, and record in the journal what it had; False if it stays."""
        if not self._may_delete:
            return False
        change, journal = step.change, self._journal
        # An item that was emptied before holds nothing to be noted.
        numbers = journal.intend([change]) if journal and change else []
        try:
            self._may_delete = self._wikibase.delete(step.id, self._summary)
        except EditRefused as error:
            self._refused(step.id, error)
            for number in numbers:
                if journal is not None:
                    journal.refused(number, error.what)
            return False
        for number in numbers:
            if journal is not None and self._may_delete:
                journal.done(number, Written(step.id, change.base if change else 0))
            elif journal is not None:
                journal.refused(number, "this user may not delete")
        if self._may_delete:
            self._done.deleted.append(step.id)
            self._wikibase.drop_cached(step.id, step.key)
            if change is not None:
                self._count(change)
        return self._may_delete

    def _count(self, change: Change, without: Container[str | None] = ()) -> None:
        self._done.removed += sum(guid not in without for guid in change.removed)
        self._done.put_back += sum(statement.id not in without for statement in change.statements)

    def _used(self, ids: list[str], own: frozenset[str]) -> set[str]:
        """Find which entities others, except `own`, point to or use; all if that is unknown."""
        found: set[str] = set()
        try:
            for chunk in chunks(ids, _QUERIED):
                for used, by in self._uses(chunk):
                    if by not in own and by != used:
                        found.add(used)
        except StoreError:
            return set(ids)
        return found

    def _uses(self, ids: list[str]) -> Iterator[tuple[str, str]]:
        """List pairs of an entity and one that points to it or, for a property, uses it."""
        base = self._wikibase.concept_base
        claims = f"{base.removesuffix('entity/')}prop/"
        pointed = " ".join(f"<{base}{name}>" for name in ids)
        properties = " ".join(
            f"(<{base}{name}> <{claims}{name}>)" for name in ids if name.startswith("P")
        )
        patterns = [f"VALUES ?used {{ {pointed} }} ?by ?direct ?used ."]
        if properties:
            patterns.append(f"VALUES (?used ?claim) {{ {properties} }} ?by ?claim ?statement .")
        for pattern in patterns:
            query = (
                f"SELECT DISTINCT ?used ?by WHERE {{ {pattern}"
                f' FILTER (STRSTARTS(STR(?by), "{base}")) }}'
            )
            for used, by in self._wikibase.select(query).rows:
                yield _entity(str(used), base), _entity(str(by), base)


def _entity(address: str, base: str) -> str:
    """Return the id of the entity of an address, which may be that of a statement."""
    return re.split("[$-]", address.removeprefix(base).removeprefix("statement/"))[0]


def _named(ids: list[str]) -> str:
    rest = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return ", ".join(ids[:_NAMED]) + rest
