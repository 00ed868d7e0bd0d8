"""Entities of Wikibase's data model: terms, snaks, references, statements, items, properties.

Everything here is a value that is never changed; `dict` members are shared and must not be
written to. A text such as `new:lua_modules` in place of an id stands for an entity that is
still to be created (see `edits`).
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
    """What an entity is."""

    ITEM = "item"
    PROPERTY = "property"


class Rank(StrEnum):
    """How a statement stands among the others of its property."""

    PREFERRED = "preferred"
    NORMAL = "normal"
    DEPRECATED = "deprecated"


@dataclass(frozen=True)
class Snak:
    """A property with a value, with some value that is not known, or with none.

    `datatype` is the property's. No `slots`: the hash is worked out once and kept.
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
        """The keys of entities that this snak points to and that are still to be created."""
        target = self.value.id if isinstance(self.value, EntityRef) else ""
        return frozenset(key.removeprefix(NEW) for key in (self.property, target) if is_new(key))


@dataclass(frozen=True)
class Reference:
    """Where a statement comes from; the snaks of one property stand together."""

    snaks: tuple[Snak, ...]

    @cached_property
    def hash(self) -> str:
        """Wikibase's own SHA-1 of this reference: that of its snaks, whatever their order."""
        return reference_hash(snak.hash for snak in self.snaks)


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim about an entity with qualifiers, references and a rank.

    `id` is the GUID, `Q42$…`; None as long as the statement is not in a Wikibase.
    Qualifiers of one property stand together.
    """

    main: Snak
    qualifiers: tuple[Snak, ...] = ()
    references: tuple[Reference, ...] = ()
    rank: Rank = Rank.NORMAL
    id: str | None = None

    def qualifier(self, property_id: str) -> Value | None:
        """Find the first value of a qualifier."""
        for snak in self.qualifiers:
            if snak.property == property_id:
                return snak.value
        return None


@dataclass(frozen=True, slots=True)
class Sitelink:
    """A page of a site that is about an item."""

    site: str
    title: str
    badges: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An item or a property: its terms and statements.

    `datatype` is a property's, and None for an item. `id` is empty for an entity that is
    still to be created. Statements of one property stand together.
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
    """An entity as it was read, with the revision it was read at.

    `modified` is the time of that revision, `2026-11-22T07:57:32Z`.
    """

    entity: Entity
    revision: int
    modified: str = ""


def best_ranked(statements: Iterable[Statement]) -> list[Statement]:
    """Pick the statements that count: of each property the preferred ones, else the normal ones.

    What `wdt:` shows (https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format).
    """
    statements = list(statements)
    led = {s.main.property for s in statements if s.rank is Rank.PREFERRED}
    return [
        s
        for s in statements
        if s.rank is Rank.PREFERRED or (s.rank is Rank.NORMAL and s.main.property not in led)
    ]
