"""wbsearchentities and list=wbsearch: entities by id, or by the beginning of a term."""

from collections.abc import Mapping
from typing import Final

from wbskills.wikibase.embedded.pages import TermMatch
from wbskills.wikibase.model.entities import Entity, Kind
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import parse_entity_id
from wbskills.wikibase.server.api.errors import Json
from wbskills.wikibase.server.api.languages import fallback_chain
from wbskills.wikibase.server.api.query_lists import ListResult
from wbskills.wikibase.server.api.titles import title_of

_MAX_OFFSET: Final = 10_000
_MAX_LENGTH: Final = 400


def search_entities(call: Call) -> Json:
    """List entities by id or term."""
    values = call.values
    limit, offset = values["limit"], min(max(values["continue"], 0), _MAX_OFFSET)
    hits = _search(call, values, values["language"], offset + limit + 1)
    shown = hits[offset : offset + limit]
    entities = call.read_entities(hit.entity for hit in shown)
    pages = call.site.store.pages.page_ids(entities)
    result: Json = {
        "searchinfo": {"search": values["search"]},
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


def wb_search(call: Call, values: Json) -> ListResult:
    """List the pages of entities by id or term."""
    hits = _search(call, values, values["language"] or call.language, values["limit"])
    entities = call.read_entities(hit.entity for hit in hits)
    pages = call.site.store.pages.page_ids(entities)
    rows, titles = [], []
    for hit in hits:
        if hit.entity not in entities:
            continue
        titles.append(title_of(hit.entity))
        label = in_language(entities[hit.entity].entity.labels, call.language)
        shown = label["value"] if label else hit.text
        rows.append({**titles[-1].to_json(), "pageid": pages[hit.entity], "displaytext": shown})
    return ListResult(rows, titles)


def in_language(texts: Mapping[str, str], language: str) -> Json | None:
    """Return a text and its language: the one given, or its best fallback."""
    for code in fallback_chain(language):
        if code in texts:
            return {"value": texts[code], "language": code}
    return None


def _search(call: Call, values: Json, language: str, limit: int) -> list[TermMatch]:
    text, kind = values["search"], Kind(values["type"])
    store = call.site.store
    hits = []
    by_id = parse_entity_id(call.site.strip_entity_base(text.strip()))
    of_kind = by_id is not None and by_id.startswith("P" if kind is Kind.PROPERTY else "Q")
    if by_id is not None and of_kind and store.pages.exists(by_id):
        hits.append(TermMatch(by_id, "", by_id, "entityId"))
    if len(hits) < limit:
        codes = (language,) if values["strictlanguage"] else fallback_chain(language)
        found = store.pages.search(text[:_MAX_LENGTH], codes, kind, limit)
        hits += [hit for hit in found if hit.entity != by_id]
    return hits[:limit]


def _entry(call: Call, hit: TermMatch, entity: Entity, page: int) -> Json:
    title = str(title_of(hit.entity))
    label = in_language(entity.labels, call.language)
    description = in_language(entity.descriptions, call.language)
    display = {"label": label, "description": description}
    found: Json = {
        "id": hit.entity,
        "title": title,
        "pageid": page,
        "display": {name: text for name, text in display.items() if text},
        "repository": "local",
    }
    if "url" in (call.values["props"] or ()):
        found["url"] = f"{call.site.address}/wiki/{title}"
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
