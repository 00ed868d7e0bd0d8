"""Which entities a name may mean: by label, alias, id or external id, with a score for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from rapidfuzz import fuzz

from wbskills.names import ENTITY_ID
from wbskills.wikibase.model.entities import Entity, Kind, Stored, best_ranked
from wbskills.wikibase.model.values import (
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Value,
)
from wbskills.wikibase.server.manifest import INSTANCE_OF
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.view_model import best_term, moment
from wbskills.wikibase.server.word_index import WordIndex, plain, words

EXACT: Final = 100.0
_NOT_QUITE: Final = 99.0
_LOOKED_AT: Final = 50
_PROPERTIES: Final = 500
_FOR_PROPERTIES: Final = 0.4  # how much of a score what else is known of the thing can make
_OF_ANOTHER_TYPE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Asked:
    """A name to be matched. `values` are property ids with what the thing should have there."""

    name: str
    types: tuple[str, ...] = ()
    is_strict: bool = False
    values: tuple[tuple[str, str], ...] = ()
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that may be meant; `score` goes from 0 to 100."""

    stored: Stored
    score: float
    is_match: bool = False


class Finder:
    """Finds candidates in one Wikibase."""

    def __init__(self, site: Site) -> None:
        self._site, self._store = site, site.store
        self._words = WordIndex(site)

    def candidates(self, asked: Asked, languages: Sequence[str]) -> list[Candidate]:
        """List the candidates, best first. At most one is a match: one that leaves no doubt."""
        sure = self._identified(asked)
        found = self._store.read([*sure, *self._named(asked.name, languages)])
        scored = [
            self._scored(stored, asked, is_sure=entity_id in sure)
            for entity_id, stored in found.items()
        ]
        scored = sorted(
            (one for one in scored if one.score > 0),
            key=lambda one: (-one.score, int(one.stored.entity.id[1:])),
        )
        if scored and scored[0].score >= EXACT and (len(scored) == 1 or scored[1].score < EXACT):
            scored[0] = replace(scored[0], is_match=True)
        return scored[: asked.limit]

    def suggested(self, prefix: str, kind: Kind, languages: Sequence[str]) -> list[Stored]:
        """List entities of a kind by the beginning of a name, or by id."""
        ids = [prefix.upper()] if ENTITY_ID.fullmatch(prefix.upper()) else []
        ids += self._named(prefix, languages, kind, unfinished=True)
        found = self._store.read(ids)
        listed = [found[name] for name in dict.fromkeys(ids) if name in found]
        return [one for one in listed if one.entity.kind is kind]

    def types(self, entity: Entity) -> Iterator[str]:
        """List what an entity is an instance of."""
        instance_of = self._store.find_property(INSTANCE_OF)
        for statement in best_ranked(entity.statements):
            if statement.main.property == instance_of and isinstance(
                statement.main.value, EntityRef
            ):
                yield statement.main.value.id

    def properties(self) -> list[Stored]:
        """List the properties."""
        ids = self._store.pages.ids(Kind.PROPERTY, _PROPERTIES)
        return sorted(self._store.read(ids).values(), key=lambda one: int(one.entity.id[1:]))

    def _identified(self, asked: Asked) -> set[str]:
        """Find what the name or a given value identifies beyond doubt."""
        name = self._site.strip_entity_base(asked.name.strip())
        sure = {name.upper()} if ENTITY_ID.fullmatch(name.upper()) else set()
        for prop in self.properties():
            if prop.entity.datatype != "external-id":
                continue
            names = [asked.name, *(v for pid, v in asked.values if pid == prop.entity.id)]
            sure |= {entity for _, entity in self._store.identified(prop.entity.id, names)}
        return sure

    def _named(
        self,
        name: str,
        languages: Sequence[str],
        kind: Kind = Kind.ITEM,
        *,
        unfinished: bool = False,
    ) -> list[str]:
        """List what has a name that begins so, or such words in any order."""
        first = name.split(" ", maxsplit=1)[0]
        spellings = dict.fromkeys(
            spelling
            for text in (name, first)
            for spelling in (text, text.lower(), text.capitalize(), text[:1].upper() + text[1:])
            if spelling
        )
        found: dict[str, None] = {}
        for spelling in spellings:
            hits = self._store.pages.search(spelling, languages, kind, _LOOKED_AT)
            found |= dict.fromkeys(hit.entity for hit in hits)
            if len(found) >= _LOOKED_AT:
                break
        found |= dict.fromkeys(self._words.find(name, kind, _LOOKED_AT, unfinished=unfinished))
        return list(found)

    def _scored(self, stored: Stored, asked: Asked, *, is_sure: bool) -> Candidate:
        entity = stored.entity
        score = EXACT if is_sure else _likeness(asked.name, entity)
        if asked.values and not is_sure:
            had = [text for pid, text in asked.values if self._has(entity, pid, text)]
            score *= 1 - _FOR_PROPERTIES * (1 - len(had) / len(asked.values))
        if asked.types and not set(asked.types) & set(self.types(entity)):
            score *= 0 if asked.is_strict else _OF_ANOTHER_TYPE
        return Candidate(stored, round(score, 1))

    def _has(self, entity: Entity, property_id: str, text: str) -> bool:
        wanted = plain(text)
        values = entity.values(property_id)
        aimed_at = [value.id for value in values if isinstance(value, EntityRef)]
        if wanted in {plain(written(value)) for value in values}:
            return True
        names = self._store.read(aimed_at).values()
        return any(plain(label) == wanted for one in names for label in _labels(one.entity))


def asked_from_json(found: Mapping[str, Any]) -> Asked:
    """Read a query of the reconciliation API. Odd members are left out."""
    types, strict, limit = found.get("type"), found.get("type_strict"), found.get("limit")
    listed = types if isinstance(types, list) else [types] if types else []
    return Asked(
        name=str(found.get("query", ""))[:500],
        types=tuple(
            str(each.get("id", "")) if isinstance(each, Mapping) else str(each) for each in listed
        ),
        is_strict=isinstance(strict, str) and strict in {"any", "all"},
        values=tuple(_values(found.get("properties"))),
        limit=min(max(limit, 1), _LOOKED_AT) if isinstance(limit, int) else 10,
    )


def _values(listed: object) -> Iterator[tuple[str, str]]:
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, Mapping):
            continue
        given = each.get("v")
        for value in given if isinstance(given, list) else [given]:
            text = value.get("id", "") if isinstance(value, Mapping) else value
            if text not in (None, ""):
                yield str(each.get("pid", "")), str(text)


def written(value: Value) -> str:
    """Write a value as it would stand in a table."""
    match value:
        case Text(text) | Monolingual(_, text):
            return text
        case EntityRef(id):
            return id
        case Quantity():
            return value.amount.removeprefix("+")
        case Time():
            return moment(value)
        case Coordinate():
            return f"{value.latitude},{value.longitude}"
        case _:
            return ""


def named(stored: Stored, languages: Sequence[str]) -> tuple[str, str]:
    """Give label and description, in the first language that has them."""
    entity = stored.entity
    label, _ = best_term(entity.labels, languages)
    description, _ = best_term(entity.descriptions, languages)
    return label or entity.id, description


def _labels(entity: Entity) -> Iterator[str]:
    yield from entity.labels.values()
    for texts in entity.aliases.values():
        yield from texts


def _likeness(name: str, entity: Entity) -> float:
    """Compare a name with labels and aliases, letter by letter and in any order of words."""
    wanted, ordered = plain(name), _in_order(name)
    best_ = 0.0
    for label in _labels(entity):
        if plain(label) == wanted:
            return EXACT
        # Only what is the very same may score in full: a match is taken without a look.
        likeness = max(fuzz.ratio(wanted, plain(label)), fuzz.ratio(ordered, _in_order(label)))
        best_ = max(best_, min(likeness, _NOT_QUITE))
    return best_


def _in_order(text: str) -> str:
    return " ".join(sorted(words(text)))
