"""Edits as plain values, what an entity is after them, and the GUIDs of its statements."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from wbskills.wikibase.model.entities import Entity, Sitelink, Statement, Stored
from wbskills.wikibase.model.values import Time, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a source was asked: what it said before about that, and says no more, is removed.

    `source` has the values of its references (see `Rules.source`), `when` is the date of what it
    says now. `asked` lists, by property, the main values that it was asked about, each with the
    own qualifiers that were part of the question; None stands for all of any value. Other own
    qualifiers stay, and a statement that has some.

    It speaks for every source with the same first value whose statements are not newer; only for
    itself if it is `alone`.
    """

    source: tuple[Value, ...]
    when: Time
    asked: Mapping[str, Mapping[Value, frozenset[str]] | None]
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """How an entity should be; what is not mentioned is left alone, unless it is corrected.

    `key` names the entity in plans and messages. Other entities may point to it as `new:KEY`
    as long as it has no id.
    """

    key: str
    entity: Entity
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class Create:
    """Create an entity."""

    key: str
    entity: Entity

    def __str__(self) -> str:
        statements = _count(len(self.entity.statements), "statement")
        return f"create {self.entity.kind.value} {self.key}: {statements}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Change an entity: set terms, add aliases, add, replace or remove statements.

    `base` is the revision that the change was planned against. A statement without `id` is
    added, one with `id` replaces the statement with that GUID completely. `removed` lists GUIDs,
    `unnamed` the aliases to remove, `unlinked` the sites whose sitelinks are removed. `was` is
    the entity as it was when this was planned, if known; an undo restores it.
    """

    key: str
    id: str
    base: int
    labels: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    removed: tuple[str, ...] = ()
    unnamed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unlinked: tuple[str, ...] = ()
    was: Stored | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        added = sum(1 for statement in self.statements if statement.id is None)
        counts = [
            _count(len(self.labels) + len(self.descriptions) + len(self.aliases), "term"),
            _count(added, "new statement"),
            _count(len(self.statements) - added, "changed statement"),
            _count(len(self.removed), "removed statement"),
        ]
        parts = ", ".join(part for part in counts if not part.startswith("0 "))
        return f"{' '.join(filter(None, ('change', self.id, self.key)))}: {parts}"


Edit = Create | Change


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The result of `merge`: the merged item, and what had to stay behind in the other one.

    A description or a sitelink stays behind if the target has another one in the same language
    or for the same site; `languages` and `sites` list these.
    """

    merged: Entity
    left: Entity
    languages: tuple[str, ...]
    sites: tuple[str, ...]


def apply_change(entity: Entity, change: Change) -> Entity:
    """Return the entity as it is after a change."""
    replaced = {
        statement.id: statement for statement in change.statements if statement.id is not None
    }
    kept = [
        replaced.get(statement.id or "", statement)
        for statement in entity.statements
        if statement.id not in change.removed
    ]
    added = [statement for statement in change.statements if statement.id is None]
    return replace(
        entity,
        labels={**entity.labels, **change.labels},
        descriptions={**entity.descriptions, **change.descriptions},
        aliases=_without(_with_aliases(entity.aliases, change.aliases), change.unnamed),
        sitelinks=tuple(
            sitelink for sitelink in entity.sitelinks if sitelink.site not in change.unlinked
        ),
        statements=group_by_property([*kept, *added]),
    )


def merge(source: Entity, target: Entity) -> MergeResult:
    """Put everything of `source` into `target`; labels that differ become aliases."""
    labels, aliases = dict(target.labels), {k: list(v) for k, v in target.aliases.items()}
    for language, label in source.labels.items():
        if labels.setdefault(language, label) != label:
            aliases.setdefault(language, []).append(label)
    for language, texts in source.aliases.items():
        aliases.setdefault(language, []).extend(texts)
    descriptions = {**source.descriptions, **target.descriptions}
    kept = {
        language: text
        for language, text in source.descriptions.items()
        if descriptions[language] != text
    }
    links, kept_links = _merged_links(source, target)
    merged = replace(
        target,
        labels=labels,
        descriptions=descriptions,
        aliases={language: tuple(dict.fromkeys(texts)) for language, texts in aliases.items()},
        statements=_merged_statements(source, target),
        sitelinks=links,
    )
    left = Entity(id=source.id, descriptions=kept, sitelinks=kept_links)
    return MergeResult(merged, left, tuple(kept), tuple(link.site for link in kept_links))


def statement_content(statement: Statement) -> tuple[object, ...]:
    """Return a key that is equal for statements with equal main snak and qualifiers."""
    return statement.main, frozenset(statement.qualifiers)


def group_by_property(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Put statements of one property together, in the order in which properties first occur."""
    groups: dict[str, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(statement.main.property, []).append(statement)
    return tuple(statement for group in groups.values() for statement in group)


def with_guids(entity: Entity) -> Entity:
    """Give a GUID to each statement without one; equal statements get equal GUIDs every time."""
    taken = {statement.id for statement in entity.statements}
    if None not in taken:
        return entity

    def with_guid(statement: Statement) -> Statement:
        if statement.id is not None:
            return statement
        guid = _new_guid(entity.id, statement, taken)
        taken.add(guid)
        return replace(statement, id=guid)

    return replace(entity, statements=tuple(map(with_guid, entity.statements)))


def guids_of_edit(edit: Edit, after: Entity) -> tuple[str, ...]:
    """Return the GUIDs of an edit's statements, in their order, given the entity after the edit.

    Empty if one of them cannot be found there.
    """
    statements = edit.entity.statements if isinstance(edit, Create) else edit.statements
    named = {statement.id for statement in statements}
    new: dict[str, list[str]] = {}  # by property; what an edit adds comes last, in its order
    for statement in reversed(after.statements):
        if statement.id is not None and statement.id not in named:
            new.setdefault(statement.main.property, []).append(statement.id)
    counts: dict[str, int] = {}
    for statement in statements:
        if statement.id is None:
            counts[statement.main.property] = counts.get(statement.main.property, 0) + 1
    last = {name: new.get(name, [])[: counts[name]] for name in counts}
    found = [
        statement.id or (last[statement.main.property] or [""]).pop() for statement in statements
    ]
    return tuple(found) if all(found) else ()


def _new_guid(entity_id: str, statement: Statement, taken: set[str | None]) -> str:
    content = "|".join([statement.main.hash, *(snak.hash for snak in statement.qualifiers)])
    for attempt in count():
        name = f"{entity_id}|{content}|{attempt}"
        text = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest().upper()
        # The form of a UUID of version 5: Wikibase checks the form only.
        guid = f"{entity_id}${text[:8]}-{text[8:12]}-5{text[13:16]}-A{text[17:20]}-{text[20:32]}"
        if guid not in taken:
            return guid
    raise AssertionError  # `count` has no end


def _merged_links(
    source: Entity, target: Entity
) -> tuple[tuple[Sitelink, ...], tuple[Sitelink, ...]]:
    links = {link.site: link for link in (*source.sitelinks, *target.sitelinks)}
    kept = tuple(link for link in source.sitelinks if links[link.site] != link)
    return tuple(links.values()), kept


def _merged_statements(source: Entity, target: Entity) -> tuple[Statement, ...]:
    """Add the statements of the source; of an equal one only its new references."""
    statements = list(target.statements)
    present = {statement_content(each): index for index, each in enumerate(statements)}
    for each in source.statements:
        index = present.get(statement_content(each))
        if index is None:
            statements.append(replace(each, id=None))
            continue
        there = statements[index]
        new = [ref for ref in each.references if ref not in there.references]
        statements[index] = replace(there, references=(*there.references, *new))
    return group_by_property(statements)


def _with_aliases(
    present: Mapping[str, tuple[str, ...]], added: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    merged = dict(present)
    for language, texts in added.items():
        merged[language] = tuple(dict.fromkeys([*merged.get(language, ()), *texts]))
    return merged


def _without(
    present: Mapping[str, tuple[str, ...]], removed: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    if not removed:
        return present
    left = {
        language: tuple(text for text in texts if text not in removed.get(language, ()))
        for language, texts in present.items()
    }
    return {language: texts for language, texts in left.items() if texts}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
