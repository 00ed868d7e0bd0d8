"""action=query&list=search: entities by the words of their terms and by their statements."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from typing import Final

import pyoxigraph as ox

from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import parse_entity_id
from wbskills.wikibase.server.api.errors import Json, api_error
from wbskills.wikibase.server.api.page_set import Page, pages_of
from wbskills.wikibase.server.api.query_lists import ListResult
from wbskills.wikibase.server.api.query_revisions import newest_revision, revision_size
from wbskills.wikibase.server.api.titles import ITEMS, PROPERTIES
from wbskills.wikibase.server.api.wbsearchentities import in_language

_MAX_LENGTH: Final = 300
_MAX_CONDITIONS: Final = 20  # on statements; each of them is a query
_TOKEN: Final = re.compile(
    r'(?P<no>[-!]?)(?:(?P<key>haswbstatement|inlabel):)?(?P<text>"[^"]*"|(?:"[^"]*"|[^\s"])+)',
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"\w+")
_CONDITION: Final = re.compile(
    r"(P[1-9][0-9]{0,9})(?:=(.+))?", re.IGNORECASE | re.ASCII | re.DOTALL
)
_ENTITY: Final = re.compile(r"[PQ][1-9][0-9]{0,9}", re.IGNORECASE | re.ASCII)
_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
_ALIAS: Final = "http://www.w3.org/2004/02/skos/core#altLabel"
_DESCRIPTION: Final = "http://schema.org/description"
_DEPRECATED: Final = "<http://wikiba.se/ontology#rank> <http://wikiba.se/ontology#DeprecatedRank>"
_EXISTS: Final = "<http://schema.org/version> ?version"
_LETTERS: Final = {str(ITEMS): "Q", str(PROPERTIES): "P"}


@dataclass(frozen=True, slots=True)
class Words:
    """Adjacent words to look for; with `prefix`, the last one is only the beginning of a word."""

    words: tuple[str, ...]
    prefix: bool = False
    labels_only: bool = False
    excluded: bool = False

    def occur_in(self, words: tuple[str, ...]) -> bool:
        """Check whether a text, given as its words, contains these."""
        *first, last = self.words
        count = len(self.words)
        for start in range(len(words) - count + 1):
            *before, end = words[start : start + count]
            if before == first and (end.startswith(last) if self.prefix else end == last):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Condition:
    """A property that an entity has; with a value, a statement with that value."""

    property: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions of which one must be met; if `excluded`, none may be."""

    any_of: tuple[Condition, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """A parsed search. `impossible` ones have a condition that nothing can meet."""

    words: tuple[Words, ...] = ()
    conditions: tuple[Conditions, ...] = ()
    impossible: bool = False

    @property
    def wanted(self) -> list[Words]:
        """The words that must occur."""
        return [word for word in self.words if not word.excluded]


@dataclass(slots=True)
class EntityTerms:
    """The terms of one entity in all languages."""

    entity: str
    labels: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)

    def rank(self, search: Search) -> int | None:
        """Return how well the entity matches, 0 is best; None if it does not."""
        labels = [_words(text) for text in self.labels]
        names = [*labels, *map(_words, self.aliases), (self.entity.lower(),)]
        texts = [*names, *map(_words, self.descriptions)]
        for word in search.words:
            among = names if word.labels_only else texts
            if any(word.occur_in(text) for text in among) == word.excluded:
                return None
        wanted = tuple(word for each in search.wanted for word in each.words)
        if not wanted or wanted in labels or wanted == names[-1]:
            return 0
        if wanted in names:
            return 1
        if any(text[: len(wanted)] == wanted for text in names):
            return 2
        in_names = all(any(each.occur_in(text) for text in names) for each in search.wanted)
        return 3 if in_names else 4


def search(call: Call, values: Json) -> ListResult:
    """List entities that match a full-text search."""
    text = values["search"]
    if len(text) > _MAX_LENGTH:
        raise api_error("cirrussearch-query-too-long", len(text), _MAX_LENGTH)
    parsed = parse_search(text)
    if sum(len(condition.any_of) for condition in parsed.conditions) > _MAX_CONDITIONS:
        raise api_error("toomanyvalues", _MAX_CONDITIONS, name="apierror-toomanyconditions")
    found = _matches(call, parsed, values)
    first = max(values["offset"], 0)
    last = first + values["limit"]
    pages = {page.entity: page for page in pages_of(call, found)}
    hits = [pages[entity] for entity in found[first:last] if entity in pages]
    info = {"totalhits": len(found)} if "totalhits" in (values["info"] or ()) else {}
    return ListResult(
        [_row(call, page, parsed, values["prop"] or ()) for page in hits],
        [page.title for page in hits],
        {"offset": last} if last < len(found) else {},
        {"searchinfo": info} if values["info"] else {},
    )


def parse_search(text: str) -> Search:
    """Parse a search: words, phrases, `inlabel:` and `haswbstatement:`, each with `-` before it.

    >>> parse_search('haswbstatement:P31=Q5 "deep sea"').conditions[0].any_of[0].value
    'Q5'
    """
    words: list[Words] = []
    conditions: list[Conditions] = []
    impossible = False
    for found in _TOKEN.finditer(text):
        excluded, key = bool(found["no"]), (found["key"] or "").lower()
        if key == "haswbstatement":
            any_of = tuple(dict.fromkeys(_conditions(found["text"].replace('"', ""))))
            conditions.append(Conditions(any_of, excluded))
            impossible |= not any_of and not excluded
            continue
        phrase = found["text"].startswith('"')
        plain = found["text"].partition("@")[0] if key else found["text"]
        parts = _words(plain)
        prefix = not phrase and plain.endswith("*")
        groups = [parts] if phrase or excluded else [(part,) for part in parts]
        for number, group in enumerate(groups, 1):
            if group:
                last = prefix and number == len(groups)
                words.append(Words(group, last, key == "inlabel", excluded))
    return Search(tuple(words), tuple(conditions), impossible)


def highlight(text: str, search: Search) -> str:
    """Return a text as HTML, with the words of the search marked."""
    words = sorted({word for each in search.wanted for word in each.words}, key=len, reverse=True)
    if words:
        pattern = rf"\b(?:{'|'.join(map(re.escape, words))})\b"
        text = re.sub(pattern, lambda hit: f"\x01{hit[0]}\x02", text, flags=re.IGNORECASE)
    safe = escape(text, quote=False).replace('"', "&quot;")
    return safe.replace("\x01", '<span class="searchmatch">').replace("\x02", "</span>")


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))


def _conditions(text: str) -> Iterable[Condition]:
    for part in text.split("|"):
        found = _CONDITION.fullmatch(part.partition("[")[0].strip())
        if found:
            yield Condition(found[1].upper(), found[2] or "")


def _matches(call: Call, search: Search, values: Json) -> list[str]:
    """Return the ids of the matching entities in the order asked for."""
    letters = {_LETTERS[value] for value in values["namespace"] or () if value in _LETTERS}
    empty = search.impossible or not (search.words or search.conditions)
    if empty or not letters or not call.settings.full_text:
        return []
    ranks: dict[str, int] = {}
    for terms in _candidates(call, search, letters):
        if values["what"] != "text":
            terms.descriptions = []
        rank = terms.rank(search)
        if rank is not None and (values["what"] != "nearmatch" or rank < 2):
            ranks[terms.entity] = rank
    found = sorted(ranks, key=lambda entity: (ranks[entity], int(entity[1:])))
    order, store = values["sort"], call.site.store
    if order.startswith("create_timestamp"):
        numbers = store.pages.existing_page_ids(found)
    elif order.startswith("last_edit"):
        numbers = store.pages.newest_revisions(found)
    else:
        return found
    return sorted(found, key=lambda entity: numbers.get(entity, 0), reverse=order.endswith("desc"))


def _candidates(call: Call, search: Search, letters: set[str]) -> Iterator[EntityTerms]:
    """Yield the entities that meet the conditions, with their terms if words are asked for.

    Each condition is a query of its own: the engine would evaluate a nested one once for each
    entity.
    """
    allowed: set[str] | None = None
    excluded: set[str] = set()
    for condition in search.conditions:
        found = {entity for one in condition.any_of for entity in _with_statement(call, one)}
        if condition.excluded:
            excluded |= found
        else:
            allowed = found if allowed is None else allowed & found
    if search.words:
        every = _with_terms(call, search)
    else:
        ids = _ids(call, f"?e {_EXISTS} .") if allowed is None else allowed
        every = {entity: EntityTerms(entity) for entity in ids}
    for entity, terms in every.items():
        if (
            entity[0] in letters
            and entity not in excluded
            and (allowed is None or entity in allowed)
        ):
            yield terms


def _ids(call: Call, pattern: str) -> Iterator[str]:
    """Yield the ids of the entities `?e` that a pattern finds."""
    base = call.site.store.concept_base
    for (entity,) in call.site.store.select(f"SELECT DISTINCT ?e WHERE {{ {pattern} }}").rows:
        found = str(entity).removeprefix(base)
        if parse_entity_id(found):
            yield found


def _with_terms(call: Call, search: Search) -> dict[str, EntityTerms]:
    """Read the terms of all entities that contain the longest of the words."""
    base = call.site.store.concept_base
    words = [word for each in search.wanted for word in each.words]
    pattern = _word_pattern(base, max(words, key=len)) if words else f"?e {_EXISTS} ."
    answer = call.site.store.select(
        f"SELECT ?e ?p ?t WHERE {{ {{ SELECT DISTINCT ?e WHERE {{ {pattern} }} }}"
        f" OPTIONAL {{ VALUES ?p {{ <{_LABEL}> <{_ALIAS}> <{_DESCRIPTION}> }} ?e ?p ?t }} }}"
    )
    found: dict[str, EntityTerms] = {}
    for iri, kind, text in answer.rows:
        entity = str(iri).removeprefix(base)
        if not parse_entity_id(entity):
            continue
        terms = found.setdefault(entity, EntityTerms(entity))
        if text is not None:
            by_kind = {_LABEL: terms.labels, _ALIAS: terms.aliases}
            by_kind.get(str(kind), terms.descriptions).append(str(text))
    return found


def _word_pattern(base: str, word: str) -> str:
    by_term = (
        f"VALUES ?kind {{ <{_LABEL}> <{_ALIAS}> <{_DESCRIPTION}> }} ?e ?kind ?term ."
        f" FILTER(CONTAINS(LCASE(STR(?term)), {ox.Literal(word)}))"
    )
    if not _ENTITY.fullmatch(word):
        return by_term
    by_id = f"VALUES ?e {{ <{base}{word.upper()}> }} ?e {_EXISTS} ."
    return f"{{ {by_term} }} UNION {{ {by_id} }}"


def _with_statement(call: Call, condition: Condition) -> Iterator[str]:
    """Yield the entities with such a statement that is not deprecated."""
    base = call.site.store.concept_base
    prop = base.removesuffix("entity/") + "prop/"
    pattern = (
        f"?e <{prop}{condition.property}> ?s . ?s <{prop}statement/{condition.property}> ?v ."
        f" FILTER NOT EXISTS {{ ?s {_DEPRECATED} }}"
    )
    if condition.value.endswith("*"):
        pattern += f" FILTER(STRSTARTS(STR(?v), {ox.Literal(condition.value[:-1])}))"
    elif condition.value:
        values: list[ox.Literal | ox.NamedNode] = [ox.Literal(condition.value)]
        entity = parse_entity_id(condition.value)
        if entity:
            values.append(ox.NamedNode(f"{base}{entity}"))
        elif ":" in condition.value:
            with suppress(ValueError):  # not an IRI
                values.append(ox.NamedNode(condition.value))
        pattern = f"VALUES ?v {{ {' '.join(map(str, values))} }} {pattern}"
    return _ids(call, pattern)


def _row(call: Call, page: Page, search: Search, props: Sequence[str]) -> Json:
    row: Json = {**page.to_json()}
    revision = newest_revision(call, page)
    if "size" in props:
        row["size"] = revision_size(revision)
    if "wordcount" in props:
        row["wordcount"] = 0
    if "timestamp" in props:
        row["timestamp"] = revision.made
    if "snippet" in props or "titlesnippet" in props:
        stored = call.site.store.read([page.entity]).get(page.entity)
        for prop, texts in (
            ("snippet", stored.entity.descriptions if stored else {}),
            ("titlesnippet", stored.entity.labels if stored else {}),
        ):
            if prop in props:
                text = in_language(texts, call.language)
                row[prop] = highlight(text["value"] if text else "", search)
    return row
