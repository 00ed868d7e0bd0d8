"""Entities of Wikibase's data model: items and properties, with terms and statements.

All of these are immutable values; their `dict` members are shared and must not be changed. A
text such as `new:lua_modules` in place of an id stands for an entity that does not exist yet
(see `edits`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from wbskills.names import NEW, is_new
from wbskills.wikibase.model.hashes import reference_hash, snak_hash
from wbskills.wikibase.model.values import EntityRef, Value


class Kind(StrEnum):
    """The kind of an entity."""

    ITEM = "item"
    PROPERTY = "property"


class Rank(StrEnum):
    """The rank of a statement among those of its property."""

    PREFERRED = "preferred"
    NORMAL = "normal"
    DEPRECATED = "deprecated"


@dataclass(frozen=True)
class Snak:
    """A property with a value, with an unknown value (`somevalue`), or without (`novalue`).

    `datatype` is the property's.
    """

    property: str
    value: Value | None
    datatype: str
    kind: Literal["value", "somevalue", "novalue"] = "value"

    @cached_property
    def hash(self) -> str:
        """Wikibase's own SHA-1 of this snak."""
        return snak_hash(self.property, self.value, self.kind)

    @cached_property
    def pending_keys(self) -> frozenset[str]:
        """The keys of entities that this snak points to and that do not exist yet."""
        target = self.value.id if isinstance(self.value, EntityRef) else ""
        return frozenset(key.removeprefix(NEW) for key in (self.property, target) if is_new(key))


@dataclass(frozen=True)
class Reference:
    """A source of a statement; the snaks of one property are next to each other."""

    snaks: tuple[Snak, ...]

    @cached_property
    def hash(self) -> str:
        """Wikibase's own SHA-1 of this reference, independent of the order of its snaks."""
        return reference_hash(snak.hash for snak in self.snaks)


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim about an entity with qualifiers, references and a rank.

    `id` is the GUID, `Q42$…`; None as long as the statement is not in a Wikibase. Qualifiers of
    one property are next to each other.
    """

    main: Snak
    qualifiers: tuple[Snak, ...] = ()
    references: tuple[Reference, ...] = ()
    rank: Rank = Rank.NORMAL
    id: str | None = None

    def qualifier(self, property_id: str) -> Value | None:
        """Return the first value of a qualifier; None if there is none."""
        for snak in self.qualifiers:
            if snak.property == property_id:
                return snak.value
        return None


@dataclass(frozen=True, slots=True)
class Sitelink:
    """A link from an item to a page of a site."""

    site: str
    title: str
    badges: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An item or a property: its terms, statements and sitelinks.

    `datatype` is None for an item. `id` is empty for an entity that does not exist yet.
    Statements of one property are next to each other.
    """

    kind: Kind = Kind.ITEM
    id: str = ""
    datatype: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    sitelinks: tuple[Sitelink, ...] = ()

    def values(self, property_id: str) -> list[Value]:
        """List the values of all statements of a property."""
        return [
            statement.main.value
            for statement in self.statements
            if statement.main.property == property_id and statement.main.value is not None
        ]


@dataclass(frozen=True, slots=True)
class Stored:
    """An entity as it was read, with its revision and the time of that, `2026-11-22T07:57:32Z`."""

    entity: Entity
    revision: int
    modified: str = ""


def best_ranked(statements: Iterable[Statement]) -> list[Statement]:
    """Return the statements of best rank: of each property the preferred ones, else the normal.

    `wdt:` has the same ones (https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format).
    """
    statements = list(statements)
    preferred = {s.main.property for s in statements if s.rank is Rank.PREFERRED}
    return [
        s
        for s in statements
        if s.rank is Rank.PREFERRED or (s.rank is Rank.NORMAL and s.main.property not in preferred)
    ]
