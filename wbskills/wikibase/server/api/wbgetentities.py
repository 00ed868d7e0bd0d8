"""wbgetentities and wbgetclaims."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import entity_to_json, statement_to_json
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.change_ops import normalize_title
from wbskills.wikibase.server.api.claims import find_statement
from wbskills.wikibase.server.api.deserializers import entity_of_guid, parse_entity_id
from wbskills.wikibase.server.api.editing import page_url
from wbskills.wikibase.server.api.errors import Json, wikibase_error
from wbskills.wikibase.server.api.languages import fallback_chain
from wbskills.wikibase.server.api.titles import title_of

_PARTS: Final = ("labels", "descriptions", "aliases", "claims")


class _LinkedItems(NamedTuple):
    """Items found by the pages they are linked to."""

    ids: list[str]
    missing: list[Json]
    normalized: Json


def get_entities(call: Call) -> Json:
    """Return entities by id, or by the pages they are linked to."""
    linked = _linked_items(call)
    ids = [_entity_id(text) for text in call.values["ids"] or ()]
    if not ids and not (call.values["sites"] and call.values["titles"]):
        raise wikibase_error(
            "param-missing", name="wikibase-api-illegal-ids-or-sites-titles-selector"
        )
    ids = list(dict.fromkeys([*ids, *linked.ids]))
    store, targets = call.site.store, {}
    if call.values["redirects"] == "yes":
        targets = store.pages.redirects(ids)
    found = call.site.store.read({*ids, *targets.values()})
    props = set(call.values["props"] or ())
    pages = store.pages.page_ids(found) if "info" in props else {}
    entities: Json = {}
    for entity_id in ids:
        stored = found.get(targets.get(entity_id, entity_id))
        entity: Json = {"id": entity_id, "missing": ""}
        if stored is not None:
            entity = _entity(call, stored, props, pages)
            if entity_id in targets and "info" in props:
                entity["redirects"] = {"from": entity_id, "to": targets[entity_id]}
        if call.fits(entity):
            entities[entity_id] = entity
    for number, page in enumerate(linked.missing, 1):
        entities[str(-number)] = page
    success = {} if "result" in call.warnings else {"success": 1}
    return {**linked.normalized, "entities": entities, **success}


def get_claims(call: Call) -> Json:
    """Return statements: all of an entity, those of one property, or one."""
    guid = call.values["claim"]
    entity_id = _subject(guid, call.values["entity"])
    stored = call.site.store.read([entity_id]).get(entity_id)
    if stored is None and entity_id in call.site.store.pages.redirects([entity_id]):
        raise wikibase_error("unresolved-redirect")
    if stored is None:
        raise wikibase_error("no-such-entity", entity_id, name="no-such-entity")
    statements = stored.entity.statements
    if guid is not None:
        found = find_statement(stored.entity, guid)
        statements = (found,) if found is not None else ()
    else:
        rank, wanted = call.values["rank"], call.values["property"]
        property_id = wanted if wanted is None else _valid_id(wanted)
        statements = tuple(
            statement
            for statement in statements
            if property_id in (None, statement.main.property)
            and rank in (None, statement.rank.value)
        )
    claims: dict[str, list[Json]] = {}
    for statement in statements:
        claim = statement_to_json(statement)
        if "references" not in (call.values["props"] or ()):
            claim.pop("references", None)
        claims.setdefault(statement.main.property, []).append(claim)
    return {"claims": claims}


def _entity_id(text: str) -> str:
    found = parse_entity_id(text)
    if found is None:
        raise wikibase_error(
            "no-such-entity", text, name="wikibase-api-no-such-entity", data={"id": text}
        )
    return found


def _linked_items(call: Call) -> _LinkedItems:
    sites, titles = call.values["sites"] or [], call.values["titles"] or []
    found = _LinkedItems([], [], {})
    if not (sites and titles):
        return found
    if len(sites) != 1 and len(titles) != 1 and len(sites) != len(titles):
        raise wikibase_error(
            "params-illegal", "Must request one site or one title, or as many of both"
        )
    pairs = [(site, title) for site in sites for title in titles]
    if len(sites) == len(titles):
        pairs = list(zip(sites, titles, strict=True))
    for site, page in pairs:
        title = normalize_title(page) if call.values["normalize"] else page
        if title != page:
            found.normalized["normalized"] = {"n": {"from": page, "to": title}}
        item = call.site.store.pages.find_linked(site, title)
        if item is None:
            found.missing.append({"site": site, "title": title, "missing": ""})
        else:
            found.ids.append(item)
    return found


def _entity(call: Call, stored: Stored, props: set[str], pages: Mapping[str, int]) -> Json:
    entity = stored.entity
    found: Json = {}
    if "info" in props:
        found = {
            "pageid": pages[entity.id],
            **title_of(entity.id).to_json(),
            "lastrevid": stored.revision,
            "modified": stored.modified,
        }
    whole = entity_to_json(entity)
    found |= {"type": whole["type"], "id": entity.id}
    if entity.datatype is not None and ("datatype" in props or "info" in props):
        found["datatype"] = entity.datatype
    found |= {part: whole[part] for part in _PARTS if part in props}
    if call.values["languages"] is not None:
        _select_languages(call, entity, found)
    if entity.kind is Kind.ITEM and props & {"sitelinks", "sitelinks/urls"}:
        wanted = call.values["sitefilter"]
        found["sitelinks"] = {
            site: link
            for site, link in whole["sitelinks"].items()
            if wanted is None or site in wanted
        }
        if "sitelinks/urls" in props:
            for link in found["sitelinks"].values():
                link["url"] = page_url(call, link["title"])
    return found


def _select_languages(call: Call, entity: Entity, found: Json) -> None:
    """Reduce the terms of an entity to the languages asked for."""
    wanted, fall_back = call.values["languages"], call.values["languagefallback"]
    for part, texts in (("labels", entity.labels), ("descriptions", entity.descriptions)):
        if part in found:
            found[part] = _in_languages(texts, wanted, fall_back=fall_back)
    if "aliases" in found:
        found["aliases"] = {
            language: terms for language, terms in found["aliases"].items() if language in wanted
        }


def _in_languages(texts: Mapping[str, str], wanted: Iterable[str], *, fall_back: bool) -> Json:
    found: Json = {}
    for language in wanted:
        for code in fallback_chain(language) if fall_back else (language,):
            if code in texts:
                found[language] = {"language": code, "value": texts[code]}
                if code != language:
                    found[language]["for-language"] = language
                break
    return found


def _subject(guid: str | None, entity: str | None) -> str:
    """Return the id of the entity whose statements are asked for."""
    if guid is None:
        if entity is None:
            raise wikibase_error(
                "param-missing",
                "Either the entity parameter or the claim parameter need to be set",
            )
        return _valid_id(entity)
    found = entity_of_guid(guid)
    if found is None:
        raise wikibase_error("invalid-guid")
    if entity not in (None, found):
        raise wikibase_error(
            "param-illegal",
            "If both entity id and claim key are provided they need to point to the same entity",
        )
    return found


def _valid_id(text: str) -> str:
    found = parse_entity_id(text)
    if found is None:
        raise wikibase_error("param-invalid", f'"{text[:100]}" is no id of an entity')
    return found
