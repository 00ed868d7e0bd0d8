"""Planning how to undo a batch: pure, one entity at a time, statement by statement.

What someone changed since is left alone. Only ranks may differ: later imports set them by the
rank rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wbskills.wikibase.journal.read import EditState, JournalEntry
from wbskills.wikibase.model.edits import Change, apply_change
from wbskills.wikibase.model.entities import Entity, Rank, Statement, Stored
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.plan.diff import Rules, misranked


@dataclass(slots=True)
class Reversal:
    """What to do with one entity: the change, if any, and descriptions of what is left alone.

    `bare` if the batch made all of the entity, so that it can be deleted. `after` is the entity
    as it will be.
    """

    id: str
    key: str
    after: Entity
    change: Change | None = None
    left: list[str] = field(default_factory=list)
    bare: bool = False


def reversal(
    entries: Sequence[JournalEntry], present: Stored, rules: Rules, *, staying: bool = False
) -> Reversal:
    """Plan how to undo what a batch did to one entity; `entries` are in their order.

    An item that is `staying`, though nothing else is left on it, keeps name and class: without
    them it could not be found again, and its label would block a new one. After it was done, the
    plan has no change.
    """
    entity = present.entity
    work = _EntityUndo(entity)
    for entry in reversed(entries):
        if entry.state is not EditState.REFUSED:
            work.undo(entry)
    work.list_missing()
    if staying or work.remains():
        work.keep_frame(entries)
    change = Change(
        key=entries[0].key,
        id=entity.id,
        base=present.revision,
        labels=work.labels,
        descriptions=work.descriptions,
        statements=work.changed(),
        removed=tuple(work.removed),
        was=present,
    )
    after = apply_change(entity, change)
    ranks = {each.id: each for each in misranked(after, rules) if each.id is not None}
    if ranks:
        kept = {
            statement.id: statement for statement in change.statements if statement.id is not None
        }
        new = tuple(statement for statement in change.statements if statement.id is None)
        change = replace(change, statements=(*{**kept, **ranks}.values(), *new))
    bare = (
        any(entry.created for entry in entries)
        and not (after.statements or entity.sitelinks or work.left)
        and _terms_are_of(entries, entity)
    )
    some = change.statements or change.removed or change.labels or change.descriptions
    return Reversal(entity.id, entries[0].key, after, change if some else None, work.left, bare)


def _terms_are_of(entries: Iterable[JournalEntry], entity: Entity) -> bool:
    """Check whether all labels, descriptions and aliases are those that the batch wrote."""
    terms = [entry.terms for entry in entries]
    labels = {code: text for term in terms for code, text in term.labels.items()}
    descriptions = {code: text for term in terms for code, text in term.descriptions.items()}
    aliases = {text for term in terms for texts in term.aliases.values() for text in texts}
    have = {text for texts in entity.aliases.values() for text in texts}
    return labels == entity.labels and descriptions == entity.descriptions and have <= aliases


class _EntityUndo:
    """An entity while a batch is being undone."""

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self._now = {
            statement.id: statement for statement in entity.statements if statement.id is not None
        }
        self._before = dict(self._now)
        self._back: list[Statement] = []  # removed by the batch, to be added again
        # Changed by the batch and gone now: removed by someone, unless the batch had added it.
        self._missing: dict[str, Statement] = {}
        self.removed: list[str] = []
        self.labels: dict[str, str] = {}
        self.descriptions: dict[str, str] = {}
        self.left: list[str] = []

    def changed(self) -> tuple[Statement, ...]:
        """List the statements to restore."""
        differing = (each for guid, each in self._now.items() if each != self._before[guid])
        return (*differing, *self._back)

    def remains(self) -> bool:
        """Whether anything is left on the entity."""
        return bool(self._now or self._back or self.left)

    def keep_frame(self, entries: Iterable[JournalEntry]) -> None:
        """Keep name and class: what the batch created the item with and has no reference."""
        made = {
            statement.id
            for entry in entries
            if entry.created
            for statement in entry.statements
            if not statement.references
        }
        for guid in [guid for guid in self.removed if guid in made]:
            self.removed.remove(guid)
            self._now[guid] = self._before[guid]

    def undo(self, entry: JournalEntry) -> None:
        old = {each.id: each for each in entry.replaced if each.id is not None}
        for written in entry.statements:
            guid = written.id or self._found(written)
            if guid is None:
                self._expect_gone(written)  # never made, or gone since
            elif guid in old:
                self._restore(guid, written, old.pop(guid))
            else:
                self._remove(guid, written)
        for gone in old.values():
            self._add_again(gone)
        if not entry.created:
            self._terms(entry)

    def _remove(self, guid: str, written: Statement) -> None:
        have = self._now.get(guid)
        if have is None:
            self._missing.pop(guid, None)
        elif _same(have, written):
            del self._now[guid]
            self.removed.append(guid)
        else:
            self.left.append(f"{guid} was changed by someone since")

    def _restore(self, guid: str, written: Statement, old: Statement) -> None:
        have = self._now.get(guid)
        if have is None:
            self._missing[guid] = old
        elif _same(have, written):
            self._now[guid] = old
        elif not _same(have, old):
            self.left.append(f"{guid} was changed by someone since")

    def _expect_gone(self, written: Statement) -> None:
        """Do not report as missing a statement that the batch added under an unknown GUID."""
        for guid in [guid for guid, old in self._missing.items() if _same(old, written)][:1]:
            del self._missing[guid]

    def list_missing(self) -> None:
        """Add to `left` the statements that someone removed since."""
        self.left += [f"{guid} was removed by someone since" for guid in self._missing]

    def _add_again(self, gone: Statement) -> None:
        if not any(_same(each, gone) for each in self._now.values()):
            self._back.append(replace(gone, id=None))

    def _found(self, written: Statement) -> str | None:
        """Find a statement whose GUID is not in the journal, by its content."""
        return next((guid for guid, have in self._now.items() if _same(have, written)), None)

    def _terms(self, entry: JournalEntry) -> None:
        before, made = entry.terms_before, entry.terms
        for what, new, old, have, put in (
            ("label", made.labels, before.labels, self._entity.labels, self.labels),
            (
                "description",
                made.descriptions,
                before.descriptions,
                self._entity.descriptions,
                self.descriptions,
            ),
        ):
            self._texts(what, new, old, {**have, **put}, put)
        if made.aliases:
            self.left.append("aliases were added; they can only be removed by hand")

    def _texts(
        self,
        what: str,
        new: Mapping[str, str],
        old: Mapping[str, str],
        have: Mapping[str, str],
        put: dict[str, str],
    ) -> None:
        for language, text in new.items():
            if have.get(language) == old.get(language):
                continue
            if have.get(language) != text:
                self.left.append(f"the {what} ({language}) was changed by someone since")
            elif language in old:
                put[language] = old[language]
            else:
                self.left.append(f"the {what} ({language}) can only be removed by hand")


def mentioned(entity: Entity) -> set[str]:
    """List the ids of properties and items that the statements of an entity mention."""
    found = set()
    for statement in entity.statements:
        parts = [statement.main, *statement.qualifiers]
        parts += [snak for reference in statement.references for snak in reference.snaks]
        for snak in parts:
            found.add(snak.property)
            if isinstance(snak.value, EntityRef):
                found.add(snak.value.id)
    return found


def by_entity(entries: Iterable[JournalEntry]) -> dict[str, list[JournalEntry]]:
    """Group the edits that were made by entity, the one that was edited last first."""
    groups: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        if entry.id and entry.state is not EditState.REFUSED:
            groups.setdefault(entry.id, []).append(entry)
            groups[entry.id] = groups.pop(entry.id)
    return dict(reversed(groups.items()))


def _same(one: Statement, other: Statement) -> bool:
    """Check whether two statements are equal but for ids and, unless one is deprecated, ranks."""
    if Rank.DEPRECATED in (one.rank, other.rank) and one.rank is not other.rank:
        return False
    return (
        one.main == other.main
        and one.qualifiers == other.qualifiers
        and {reference.hash for reference in one.references}
        == {reference.hash for reference in other.references}
    )
