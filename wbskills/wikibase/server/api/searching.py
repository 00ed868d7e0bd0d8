"""wbsearchentities, and list=wbsearch."""

from collections.abc import Mapping
from typing import Final

from wbskills.wikibase.embedded.pages import TermMatch
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.call import Call, Module, title
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.titles import Title, of_entity
from wbskills.wikibase.server.api.values import entity_id

_FURTHEST: Final = 10_000
_LONGEST: Final = 400


def found_hits(
    call: Call, text: str, language: str, *, strict: bool, limit: int
) -> list[TermMatch]:
    """Find entities by id, by concept address, or by the beginning of a label or alias."""
    kind = Kind(call.values["type"])
    hits = []
    name = call.site.strip_entity_base(text.strip())
    wanted = entity_id(name)
    of_kind = bool(wanted) and str(wanted).startswith("P" if kind is Kind.PROPERTY else "Q")
    if wanted and of_kind and call.site.store.pages.exists(wanted):
        hits.append(TermMatch(wanted, "", wanted, "entityId"))
    chain = (language,) if strict else languages.chain(language)
    if len(hits) < limit:
        more = call.site.store.pages.search(text[:_LONGEST], chain, kind, limit)
        hits += [hit for hit in more if hit.entity != wanted]
    return hits[:limit]


def in_language(texts: Mapping[str, str], language: str) -> Json | None:
    """Give a text in a language, or in one that stands in for it."""
    for other in languages.chain(language):
        if other in texts:
            return {"value": texts[other], "language": other}
    return None


def _resolved(call: Call, hits: list[TermMatch]) -> dict[str, Stored]:
    names = [hit.entity for hit in hits]
    targets = call.site.store.pages.redirects(names)
    stored = call.site.store.read({*names, *targets.values()})
    found = {name: stored.get(targets.get(name, name)) for name in names}
    return {name: entity for name, entity in found.items() if entity is not None}


def _search(call: Call) -> Json:
    text, offset, limit = (call.values[name] for name in ("search", "continue", "limit"))
    offset = min(max(offset, 0), _FURTHEST)
    hits = found_hits(
        call,
        text,
        call.values["language"],
        strict=call.values["strictlanguage"],
        limit=offset + limit + 1,
    )
    shown = hits[offset : offset + limit]
    entities = _resolved(call, shown)
    pages = call.site.store.pages.page_ids(entities)
    result: Json = {
        "searchinfo": {"search": text},
        "search": [
            _entry(call, hit, entities[hit.entity].entity, pages[hit.entity])
            for hit in shown
            if hit.entity in entities
        ],
    }
    if len(hits) > offset + limit:
        result["search-continue"] = offset + limit
    result["success"] = 1
    return result


def _entry(call: Call, hit: TermMatch, entity: Entity, page: int) -> Json:
    page_title = title(hit.entity)
    display: Json = {}
    label = in_language(entity.labels, call.language)
    description = in_language(entity.descriptions, call.language)
    if label:
        display["label"] = label
    if description:
        display["description"] = description
    found: Json = {
        "id": hit.entity,
        "title": page_title,
        "pageid": page,
        "display": display,
        "repository": "local",
    }
    if "url" in (call.values["props"] or ()):
        found["url"] = f"{call.site.address}/wiki/{page_title}"
    if entity.datatype is not None:
        found["datatype"] = entity.datatype
    found["concepturi"] = f"{call.site.store.concept_base}{hit.entity}"
    if label:
        found["label"] = label["value"]
    if description:
        found["description"] = description["value"]
    match = {"type": hit.role, "language": hit.language, "text": hit.text}
    if hit.role == "entityId":
        del match["language"]
    found["match"] = match
    if label is None or label["value"] != hit.text:
        found["aliases"] = [hit.text]
    return found


def wb_search(call: Call, values: Json) -> tuple[list[Json], list[Title]]:
    """Answer list=wbsearch: the rows, and the titles of the pages found."""
    call.values = {**call.values, "type": values["type"]}
    hits = found_hits(
        call,
        values["search"],
        values["language"] or call.language,
        strict=values["strictlanguage"],
        limit=values["limit"],
    )
    entities = _resolved(call, hits)
    pages = call.site.store.pages.page_ids(entities)
    rows = []
    for hit in hits:
        if hit.entity not in entities:
            continue
        label = in_language(entities[hit.entity].entity.labels, call.language)
        shown = label["value"] if label else hit.text
        rows.append({**call.titled(hit.entity), "pageid": pages[hit.entity], "displaytext": shown})
    return rows, [of_entity(hit.entity) for hit in hits if hit.entity in entities]


TYPE = Parameter("type", choices=("item", "property"), default="item")
SEARCH_ENTITIES = Module(
    "wbsearchentities",
    _search,
    (
        Parameter("search", required=True),
        Parameter("language", "language", required=True),
        Parameter("strictlanguage", "boolean"),
        TYPE,
        Parameter("limit", "limit", default=7),
        Parameter("continue", "integer", default=0),
        Parameter("props", multi=True, choices=("url",), default="url"),
        Parameter("profile", choices=("default",), default="default"),
    ),
)
