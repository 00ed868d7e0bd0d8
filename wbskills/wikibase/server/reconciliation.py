"""Which entities a name may mean: by label, alias, id or external id, with a score for each."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
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
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.view_model import readable_time

INSTANCE_OF: Final = "instance of"  # the label of a property
EXACT: Final = 100.0
_NOT_EXACT: Final = 99.0
_MAX_CANDIDATES: Final = 50
_MAX_PROPERTIES: Final = 500
_VALUES_WEIGHT: Final = 0.4  # the part of a score that depends on the values of properties
_WRONG_TYPE: Final = 0.7  # factor

_WORD: Final = re.compile(r"\w+")
_MAX_COMPLETIONS: Final = 200  # words that begin with an unfinished word
_MAX_WITH_WORD: Final = 5_000  # entities that are compared, the rarest words first
_MAX_WORDS: Final = 20  # of a name


@dataclass(frozen=True, slots=True)
class ReconciliationQuery:
    """A name to match. `values` are property ids, and what the entity should have there."""

    name: str
    types: tuple[str, ...] = ()
    is_strict: bool = False
    values: tuple[tuple[str, str], ...] = ()
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that may be meant; `score` is from 0 to 100."""

    stored: Stored
    score: float
    is_match: bool = False


def parse_query(found: Mapping[str, Any]) -> ReconciliationQuery:
    """Read a query of the reconciliation API; malformed members are ignored."""
    types, strict, limit = found.get("type"), found.get("type_strict"), found.get("limit")
    listed = types if isinstance(types, list) else [types] if types else []
    return ReconciliationQuery(
        name=str(found.get("query", ""))[:500],
        types=tuple(
            str(each.get("id", "")) if isinstance(each, Mapping) else str(each) for each in listed
        ),
        is_strict=isinstance(strict, str) and strict in {"any", "all"},
        values=tuple(_parse_values(found.get("properties"))),
        limit=min(max(limit, 1), _MAX_CANDIDATES) if isinstance(limit, int) else 10,
    )


def plain_value(value: Value) -> str:
    """Return a value as it would stand in a table; empty if it has no such form."""
    match value:
        case Text(text) | Monolingual(_, text):
            return text
        case EntityRef(id):
            return id
        case Quantity():
            return value.amount.removeprefix("+")
        case Time():
            return readable_time(value)
        case Coordinate():
            return f"{value.latitude},{value.longitude}"
        case _:
            return ""


class CandidateFinder:
    """Finds candidates in one Wikibase."""

    def __init__(self, site: Site) -> None:
        self._site, self._store = site, site.store
        self._words = WordIndex(site)

    def candidates(self, query: ReconciliationQuery, languages: Sequence[str]) -> list[Candidate]:
        """Return the candidates, best first; at most one is a match, if it is unambiguous."""
        identified = self._identified(query)
        found = self._store.read([*identified, *self._named(query.name, languages)])
        scored = (
            Candidate(stored, self._score(stored.entity, query, identified))
            for stored in found.values()
        )
        candidates = sorted(
            (one for one in scored if one.score > 0),
            key=lambda one: (-one.score, int(one.stored.entity.id[1:])),
        )
        exact = sum(candidate.score >= EXACT for candidate in candidates)
        if exact == 1:
            candidates[0] = replace(candidates[0], is_match=True)
        return candidates[: query.limit]

    def suggest(self, prefix: str, kind: Kind, languages: Sequence[str]) -> list[Stored]:
        """Return entities of a kind by the beginning of a name, or by id."""
        ids = [prefix.upper()] if ENTITY_ID.fullmatch(prefix.upper()) else []
        ids += self._named(prefix, languages, kind, unfinished=True)
        found = self._store.read(ids)
        listed = [found[name] for name in dict.fromkeys(ids) if name in found]
        return [one for one in listed if one.entity.kind is kind]

    def types(self, entity: Entity) -> Iterator[str]:
        """Yield the ids of what an entity is an instance of."""
        instance_of = self._store.find_property(INSTANCE_OF)
        for statement in best_ranked(entity.statements):
            snak = statement.main
            if snak.property == instance_of and isinstance(snak.value, EntityRef):
                yield snak.value.id

    def properties(self) -> list[Stored]:
        """Return the properties, sorted by id."""
        ids = self._store.pages.ids(Kind.PROPERTY, _MAX_PROPERTIES)
        return sorted(self._store.read(ids).values(), key=lambda one: int(one.entity.id[1:]))

    def _identified(self, query: ReconciliationQuery) -> set[str]:
        """Return the ids of what the name or a value identifies without doubt."""
        name = self._site.strip_entity_base(query.name.strip())
        found = {name.upper()} if ENTITY_ID.fullmatch(name.upper()) else set()
        for prop in self.properties():
            if prop.entity.datatype == "external-id":
                texts = [query.name, *(v for pid, v in query.values if pid == prop.entity.id)]
                found |= {
                    entity for _, entity in self._store.find_by_identifier(prop.entity.id, texts)
                }
        return found

    def _named(
        self,
        name: str,
        languages: Sequence[str],
        kind: Kind = Kind.ITEM,
        *,
        unfinished: bool = False,
    ) -> list[str]:
        """Return the ids of what has a name that begins so, or has these words in any order."""
        first = name.split(" ", maxsplit=1)[0]
        spellings = dict.fromkeys(
            spelling
            for text in (name, first)
            for spelling in (text, text.lower(), text.capitalize(), text[:1].upper() + text[1:])
            if spelling
        )
        found: dict[str, None] = {}
        for spelling in spellings:
            hits = self._store.pages.search(spelling, languages, kind, _MAX_CANDIDATES)
            found |= dict.fromkeys(hit.entity for hit in hits)
            if len(found) >= _MAX_CANDIDATES:
                break
        by_words = self._words.find(name, kind, _MAX_CANDIDATES, unfinished=unfinished)
        return list(found | dict.fromkeys(by_words))

    def _score(self, entity: Entity, query: ReconciliationQuery, identified: set[str]) -> float:
        is_identified = entity.id in identified
        score = EXACT if is_identified else _similarity(query.name, entity)
        if query.values and not is_identified:
            matching = sum(self._has_value(entity, pid, text) for pid, text in query.values)
            score *= 1 - _VALUES_WEIGHT * (1 - matching / len(query.values))
        if query.types and not set(query.types) & set(self.types(entity)):
            score *= 0 if query.is_strict else _WRONG_TYPE
        return round(score, 1)

    def _has_value(self, entity: Entity, property_id: str, text: str) -> bool:
        wanted = normalize(text)
        values = entity.values(property_id)
        if wanted in {normalize(plain_value(value)) for value in values}:
            return True
        targets = self._store.read([v.id for v in values if isinstance(v, EntityRef)]).values()
        return any(
            normalize(name) == wanted for target in targets for name in _names(target.entity)
        )


class WordIndex:
    """The words of all labels and aliases of one site, in memory.

    It is built when first used, and again when the store has changed since: 0.2 seconds for
    100,000 names.
    """

    def __init__(self, site: Site) -> None:
        self._store, self._lock = site.store, Lock()
        self._indexes: dict[Kind, _Index] = {}

    def find(self, name: str, kind: Kind, limit: int, *, unfinished: bool = False) -> list[str]:
        """Return the ids of entities that share words with a name.

        Those that share most words, and the rarest, come first. If `unfinished`, the last word
        may be the beginning of a longer one.
        """
        index = self._index(kind)
        words = list(dict.fromkeys(words_of(name)))[:_MAX_WORDS]
        spellings = [[word] for word in words]
        if unfinished and words:
            spellings[-1] += index.completions(words[-1])
        left = _MAX_WITH_WORD
        scores: Counter[str] = Counter()
        for entities in sorted(map(index.with_any, spellings), key=len):
            for entity in set(entities[:left]):
                # One more word counts more than any rarity: the fractions add up to less than 1.
                scores[entity] += 1_000_000 + 1_000_000 // (len(entities) + _MAX_WORDS)
            left -= min(left, len(entities))
        ordered = sorted(scores.items(), key=lambda pair: (-pair[1], int(pair[0][1:])))
        return [entity for entity, _ in ordered[:limit]]

    def _index(self, kind: Kind) -> "_Index":
        with self._lock:
            edition = self._store.edition
            index = self._indexes.get(kind)
            if index is None or index.edition != edition:
                entities: dict[str, list[str]] = defaultdict(list)
                for entity, name in self._store.pages.names(kind):
                    for word in set(words_of(name)):
                        entities[word].append(entity)
                index = self._indexes[kind] = _Index(edition, dict(entities), sorted(entities))
            return index


@dataclass(frozen=True, slots=True)
class _Index:
    """The entities that have each word, and all words in order, as of one edition."""

    edition: int
    entities: dict[str, list[str]]
    words: list[str]

    def completions(self, word: str) -> list[str]:
        """Return longer words that begin with `word`."""
        first = bisect_left(self.words, word)
        near = self.words[first : first + _MAX_COMPLETIONS]
        return [other for other in near if other != word and other.startswith(word)]

    def with_any(self, words: list[str]) -> list[str]:
        """Return the entities that have one of some words, up to just beyond the limit."""
        found: list[str] = []
        for word in words:
            found += self.entities.get(word, [])[: _MAX_WITH_WORD + 1]
            if len(found) > _MAX_WITH_WORD:
                break
        return found


def normalize(text: str) -> str:
    """Return a text in a form in which texts that look alike are equal.

    >>> normalize("Ａda  LOVELACE")
    'ada lovelace'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words_of(text: str) -> list[str]:
    """Return the words of a text, normalized.

    >>> words_of("Adams, Douglas")
    ['adams', 'douglas']
    """
    return _WORD.findall(normalize(text))


def _similarity(name: str, entity: Entity) -> float:
    """Compare a name with labels and aliases, as written and with its words sorted."""
    wanted, wanted_words = normalize(name), " ".join(sorted(words_of(name)))
    highest = 0.0
    for other in _names(entity):
        if normalize(other) == wanted:
            return EXACT
        # Only an equal name may have the full score, because a match is accepted unseen.
        score = max(
            fuzz.ratio(wanted, normalize(other)),
            fuzz.ratio(wanted_words, " ".join(sorted(words_of(other)))),
        )
        highest = max(highest, min(score, _NOT_EXACT))
    return highest


def _names(entity: Entity) -> Iterator[str]:
    yield from entity.labels.values()
    for texts in entity.aliases.values():
        yield from texts


def _parse_values(listed: object) -> Iterator[tuple[str, str]]:
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, Mapping):
            continue
        given = each.get("v")
        for value in given if isinstance(given, list) else [given]:
            text = value.get("id", "") if isinstance(value, Mapping) else value
            if text not in (None, ""):
                yield str(each.get("pid", "")), str(text)
