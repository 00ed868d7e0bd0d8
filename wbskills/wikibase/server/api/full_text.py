"""list=search: entities by the words of their terms, and by what their statements say."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final

import pyoxigraph as ox

from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import ApiError
from wbskills.wikibase.server.api.lists import Listed
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.page_revisions import length, newest
from wbskills.wikibase.server.api.page_set import Page, of_entities
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.search_query import (
    Condition,
    Search,
    Terms,
    is_entity,
    marked,
    parse,
)
from wbskills.wikibase.server.api.searching import in_language
from wbskills.wikibase.server.api.titles import CHOICES, ITEMS, PROPERTIES
from wbskills.wikibase.server.api.values import entity_id

_LONGEST: Final = 300
_MOST: Final = 20  # conditions on statements, each of which is a query
_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
_ALIAS: Final = "http://www.w3.org/2004/02/skos/core#altLabel"
_DESCRIPTION: Final = "http://schema.org/description"
_RANK: Final = "<http://wikiba.se/ontology#rank> <http://wikiba.se/ontology#DeprecatedRank>"
_THERE: Final = "<http://schema.org/version> ?version"
_MARK: Final = {"before": '<span class="searchmatch">', "after": "</span>"}
_LETTERS: Final = {str(ITEMS): "Q", str(PROPERTIES): "P"}
PARAMETERS: Final = (
    Parameter("search", required=True),
    # In MediaWiki the default is 0 alone, where no page of an entity is.
    Parameter(
        "namespace", "namespace", multi=True, choices=CHOICES, default=f"0|{ITEMS}|{PROPERTIES}"
    ),
    Parameter("what", choices=("nearmatch", "text", "title"), default="text"),
    Parameter(
        "info",
        multi=True,
        choices=("rewrittenquery", "suggestion", "totalhits"),
        default="totalhits|suggestion|rewrittenquery",
    ),
    Parameter(
        "prop",
        multi=True,
        choices=("size", "snippet", "timestamp", "titlesnippet", "wordcount"),
        default="size|wordcount|timestamp|snippet",
    ),
    Parameter(
        "sort",
        choices=(
            "create_timestamp_asc", "create_timestamp_desc", "just_match", "last_edit_asc",
            "last_edit_desc", "none", "relevance",
        ),
        default="relevance",
    ),
    Parameter("interwiki", "boolean"),
    Parameter("enablerewrites", "boolean"),
    Parameter("offset", "integer", default=0),
    Parameter("limit", "limit", default=10, least=1, most=500),
)  # fmt: skip


def full_text(call: Call, values: Json) -> Listed:
    """Answer list=search."""
    text = values["search"]
    if len(text) > _LONGEST:
        raise ApiError(
            "cirrussearch-query-too-long",
            f"Search request is longer than the maximum allowed length. Actual: {len(text)};"
            f" allowed: {_LONGEST}",
        )
    search = parse(text)
    if sum(len(each.any_of) for each in search.statements) > _MOST:
        raise ApiError(
            "toomanyvalues",
            f"Too many conditions on statements in one search. The limit is {_MOST}.",
        )
    found = _found(call, search, values)
    first = max(values["offset"], 0)
    last = first + values["limit"]
    pages = {page.entity: page for page in of_entities(call, found)}
    hits = [pages[name] for name in found[first:last] if name in pages]
    info = {"totalhits": len(found)} if "totalhits" in (values["info"] or ()) else {}
    return Listed(
        [_row(call, page, search, values["prop"] or ()) for page in hits],
        [page.title for page in hits],
        {"offset": last} if last < len(found) else {},
        {"searchinfo": info} if values["info"] else {},
    )


def _found(call: Call, search: Search, values: Json) -> list[str]:
    """List the ids of the entities that fit, the best first."""
    letters = {_LETTERS[space] for space in values["namespace"] or () if space in _LETTERS}
    empty = search.impossible or not (search.words or search.statements)
    if empty or not letters or not call.settings.full_text:
        return []
    ranks: dict[str, int] = {}
    for terms in _candidates(call, search, letters):
        if values["what"] != "text":
            terms.descriptions = []
        rank = terms.rank(search)
        if rank is not None and (values["what"] != "nearmatch" or rank < 2):
            ranks[terms.entity] = rank
    return _sorted(call, ranks, values["sort"])


def _sorted(call: Call, ranks: dict[str, int], order: str) -> list[str]:
    found = sorted(ranks, key=lambda name: (ranks[name], int(name[1:])))
    pages = call.site.store.pages
    if order.startswith("create_timestamp"):
        numbers = pages.existing_page_ids(found)
    elif order.startswith("last_edit"):
        numbers = pages.newest_revisions(found)
    else:
        return found
    return sorted(found, key=lambda name: numbers.get(name, 0), reverse=order.endswith("desc"))


def _candidates(call: Call, search: Search, letters: set[str]) -> Iterator[Terms]:
    """Go through the entities that meet the conditions, with their terms if words are asked for.

    Each condition is a query of its own: the engine would go through one inside of another for
    each of the entities.
    """
    allowed: set[str] | None = None
    banned: set[str] = set()
    for each in search.statements:
        found = {name for part in each.any_of for name in _meeting(call, part)}
        if each.not_there:
            banned |= found
        else:
            allowed = found if allowed is None else allowed & found
    if search.words:
        every = _with_terms(call, search)
    else:
        names = _names(call, f"?e {_THERE} .") if allowed is None else allowed
        every = {name: Terms(name) for name in names}
    for name, terms in every.items():
        if name[0] in letters and name not in banned and (allowed is None or name in allowed):
            yield terms


def _names(call: Call, pattern: str) -> Iterable[str]:
    """List the ids of the entities `?e` that a pattern finds."""
    base = call.site.store.concept_base
    for (entity,) in call.site.store.select(f"SELECT DISTINCT ?e WHERE {{ {pattern} }}").rows:
        name = str(entity).removeprefix(base)
        if entity_id(name):
            yield name


def _with_terms(call: Call, search: Search) -> dict[str, Terms]:
    """Read the terms of all entities that may fit: that have the longest of the words."""
    base = call.site.store.concept_base
    words = [word for each in search.wanted for word in each.words]
    pattern = _with_word(base, max(words, key=len)) if words else f"?e {_THERE} ."
    answer = call.site.store.select(
        f"SELECT ?e ?p ?t WHERE {{ {{ SELECT DISTINCT ?e WHERE {{ {pattern} }} }}"
        f" OPTIONAL {{ VALUES ?p {{ <{_LABEL}> <{_ALIAS}> <{_DESCRIPTION}> }} ?e ?p ?t }} }}"
    )
    found: dict[str, Terms] = {}
    for entity, kind, text in answer.rows:
        name = str(entity).removeprefix(base)
        if not entity_id(name):
            continue
        terms = found.setdefault(name, Terms(name))
        if text is not None:
            {_LABEL: terms.labels, _ALIAS: terms.aliases}.get(
                str(kind), terms.descriptions
            ).append(str(text))
    return found


def _with_word(base: str, word: str) -> str:
    by_term = (
        f"VALUES ?kind {{ <{_LABEL}> <{_ALIAS}> <{_DESCRIPTION}> }} ?e ?kind ?term ."
        f" FILTER(CONTAINS(LCASE(STR(?term)), {ox.Literal(word)}))"
    )
    if not is_entity(word):
        return by_term
    itself = f"VALUES ?e {{ <{base}{word.upper()}> }} ?e {_THERE} ."
    return f"{{ {by_term} }} UNION {{ {itself} }}"


def _meeting(call: Call, asked: Condition) -> Iterable[str]:
    """List the entities that a statement, not a deprecated one, says something of."""
    return _names(call, _condition(call.site.store.concept_base, asked))


def _condition(base: str, asked: Condition) -> str:
    prop = base.removesuffix("entity/") + "prop/"
    said = (
        f"?e <{prop}{asked.property}> ?s . ?s <{prop}statement/{asked.property}> ?v ."
        f" FILTER NOT EXISTS {{ ?s {_RANK} }}"
    )
    if not asked.value:
        return said
    if asked.value.endswith("*"):
        return f"{said} FILTER(STRSTARTS(STR(?v), {ox.Literal(asked.value[:-1])}))"
    values: list[ox.Literal | ox.NamedNode] = [ox.Literal(asked.value)]
    name = entity_id(asked.value)
    if name:
        values.append(ox.NamedNode(f"{base}{name}"))
    elif ":" in asked.value:
        with suppress(ValueError):  # it may be no address
            values.append(ox.NamedNode(asked.value))
    return f"VALUES ?v {{ {' '.join(map(str, values))} }} {said}"


def _row(call: Call, page: Page, search: Search, props: Sequence[str]) -> Json:
    row: Json = {**page.named()}
    revision = newest(call, page)
    if "size" in props:
        row["size"] = length(revision)
    if "wordcount" in props:
        row["wordcount"] = 0
    if "timestamp" in props:
        row["timestamp"] = revision.made
    if {"snippet", "titlesnippet"} & set(props):
        stored = call.site.store.read([page.entity]).get(page.entity)
        for prop, texts in (
            ("snippet", stored.entity.descriptions if stored else {}),
            ("titlesnippet", stored.entity.labels if stored else {}),
        ):
            if prop in props:
                told = in_language(texts, call.language)
                row[prop] = marked(told["value"] if told else "", search, _MARK)
    return row
