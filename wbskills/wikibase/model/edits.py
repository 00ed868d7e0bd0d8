"""What is to be written: plain values that name one entity each and say what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wbskills.wikibase.model.entities import Entity, Statement, Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What should be there of one entity. What it does not name is left alone.

    `key` names the entity in plans and messages, and other entities may point to it as
    `new:KEY` as long as it has no id.
    """

    key: str
    entity: Entity


@dataclass(frozen=True, slots=True)
class Create:
    """Make a new entity."""

    key: str
    entity: Entity

    def __str__(self) -> str:
        many = len(self.entity.statements)
        return f"create {self.entity.kind.value} {self.key}: {_count(many, 'statement')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Change an entity: set terms, add aliases, add, replace or remove statements.

    `unnamed` are aliases that are taken out, `unlinked` sites whose sitelinks are.

    `base` is the revision that the change was planned against. A statement without `id` is
    added, one with `id` replaces the statement of that GUID, whole. `removed` lists GUIDs.
    `was` is the entity as the plan saw it, where it is known: what an undo puts back.
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
        told = [
            _count(len(self.labels) + len(self.descriptions) + len(self.aliases), "term"),
            _count(added, "new statement"),
            _count(len(self.statements) - added, "changed statement"),
            _count(len(self.removed), "removed statement"),
        ]
        parts = ", ".join(part for part in told if not part.startswith("0 "))
        return f"{' '.join(filter(None, ('change', self.id, self.key)))}: {parts}"


Edit = Create | Change


def apply_change(entity: Entity, change: Change) -> Entity:
    """Give the entity as it is after a change."""
    replaced = {each.id: each for each in change.statements if each.id is not None}
    kept = [
        replaced.get(each.id or "", each)
        for each in entity.statements
        if each.id not in change.removed
    ]
    added = [each for each in change.statements if each.id is None]
    return replace(
        entity,
        labels={**entity.labels, **change.labels},
        descriptions={**entity.descriptions, **change.descriptions},
        aliases=_without(_with_aliases(entity.aliases, change.aliases), change.unnamed),
        sitelinks=tuple(each for each in entity.sitelinks if each.site not in change.unlinked),
        statements=group_by_property([*kept, *added]),
    )


def group_by_property(statements: list[Statement]) -> tuple[Statement, ...]:
    """Put the statements of one property together, in the order in which properties come."""
    groups: dict[str, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(statement.main.property, []).append(statement)
    return tuple(statement for group in groups.values() for statement in group)


def _with_aliases(
    present: Mapping[str, tuple[str, ...]], added: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    if not added:
        return present
    merged = dict(present)
    for language, texts in added.items():
        merged[language] = tuple(dict.fromkeys([*merged.get(language, ()), *texts]))
    return merged


def _without(
    present: Mapping[str, tuple[str, ...]], gone: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    if not gone:
        return present
    left = {
        language: tuple(each for each in texts if each not in gone.get(language, ()))
        for language, texts in present.items()
    }
    return {language: texts for language, texts in left.items() if texts}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
