"""wbgetentities and wbgetclaims."""

from collections.abc import Iterable, Mapping
from typing import Final

from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import entity_to_json, statement_to_json
from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.cutting import fits
from wbskills.wikibase.server.api.editing import page_address
from wbskills.wikibase.server.api.errors import ApiError, refused
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.sites import normal
from wbskills.wikibase.server.api.statements import find, guid_owner
from wbskills.wikibase.server.api.values import entity_id

_PARTS: Final = ("labels", "descriptions", "aliases", "claims")
_PROPS: Final = (
    "aliases", "claims", "datatype", "descriptions", "info", "labels", "sitelinks",
    "sitelinks/urls",
)  # fmt: skip


def _get_entities(call: Call) -> Json:
    """Read entities by id, or by the pages that they are linked to."""
    result: Json = {}
    wanted, missing = _by_page(call, result)
    names = [_named(text) for text in call.values["ids"] or ()]
    if not names and not (call.values["sites"] and call.values["titles"]):
        raise refused("param-missing", name="wikibase-api-illegal-ids-or-sites-titles-selector")
    names = list(dict.fromkeys([*names, *wanted]))
    targets = {}
    if call.values["redirects"] == "yes":
        targets = call.site.store.pages.redirects(names)
    found = call.site.store.read({*names, *targets.values()})
    props = set(call.values["props"] or ())
    pages = call.site.store.pages.page_ids(found) if "info" in props else {}
    entities: Json = {}
    for name in names:
        stored = found.get(targets.get(name, name))
        entity: Json = {"id": name, "missing": ""}
        if stored is not None:
            entity = _entity(call, stored, props, pages)
            if name in targets and "info" in props:
                entity["redirects"] = {"from": name, "to": targets[name]}
        if fits(call, entity):
            entities[name] = entity
    for number, page in enumerate(missing, 1):
        entities[str(-number)] = page
    success = {} if "result" in call.warnings else {"success": 1}
    return {**result, "entities": entities, **success}


def _named(text: str) -> str:
    found = entity_id(text)
    if found is None:
        message = refused("no-such-entity", text, name="wikibase-api-no-such-entity")
        raise ApiError(message.code, message.text, messages=message.messages, data={"id": text})
    return found


def _by_page(call: Call, result: Json) -> tuple[list[str], list[Json]]:
    """Find items by the pages they are linked to; list the pages that none is linked to."""
    sites, titles = call.values["sites"] or [], call.values["titles"] or []
    if not (sites and titles):
        return [], []
    if len(sites) != 1 and len(titles) != 1 and len(sites) != len(titles):
        raise refused("params-illegal", "Must request one site or one title, or as many of both")
    pairs = [(site, title) for site in sites for title in titles]
    if len(sites) == len(titles):
        pairs = list(zip(sites, titles, strict=True))
    found, missing = [], []
    for site, page in pairs:
        title = page
        if call.values["normalize"]:
            title = normal(page)
            if title != page:
                result["normalized"] = {"n": {"from": page, "to": title}}
        owner = call.site.store.pages.linked(site, title)
        if owner is None:
            missing.append({"site": site, "title": title, "missing": ""})
        else:
            found.append(owner)
    return found, missing


def _entity(call: Call, stored: Stored, props: set[str], pages: Mapping[str, int]) -> Json:
    entity = stored.entity
    found: Json = {}
    if "info" in props:
        found = {
            "pageid": pages[entity.id],
            **call.titled(entity.id),
            "lastrevid": stored.revision,
            "modified": stored.modified,
        }
    whole = entity_to_json(entity)
    found |= {"type": whole["type"], "id": entity.id}
    if entity.datatype is not None and ("datatype" in props or "info" in props):
        found["datatype"] = entity.datatype
    for part in _PARTS:
        if part in props:
            found[part] = whole[part]
    _select_languages(call, entity, found)
    if entity.kind is Kind.ITEM and props & {"sitelinks", "sitelinks/urls"}:
        found["sitelinks"] = _sitelinks(call, whole["sitelinks"], urls="sitelinks/urls" in props)
    return found


def _sitelinks(call: Call, links: Json, *, urls: bool) -> Json:
    only = call.values["sitefilter"]
    kept = {site: link for site, link in links.items() if only is None or site in only}
    if urls:
        for link in kept.values():
            link["url"] = page_address(call, link["title"])
    return kept


def _select_languages(call: Call, entity: Entity, found: Json) -> None:
    wanted = call.values["languages"]
    if wanted is None:
        return
    fall_back = call.values["languagefallback"]
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
        for other in languages.chain(language) if fall_back else (language,):
            if other in texts:
                found[language] = {"language": other, "value": texts[other]}
                if other != language:
                    found[language]["for-language"] = language
                break
    return found


def _get_claims(call: Call) -> Json:
    """Read statements: of an entity, of one of its properties, or one."""
    guid = call.values["claim"]
    owner = _owner(guid, call.values["entity"])
    stored = call.site.store.read([owner]).get(owner)
    if stored is None and owner in call.site.store.pages.redirects([owner]):
        raise refused("unresolved-redirect")
    if stored is None:
        raise refused("no-such-entity", owner, name="no-such-entity")
    statements = stored.entity.statements
    if guid is not None:
        there = find(stored.entity, guid)
        statements = (there,) if there is not None else ()
    else:
        rank, wanted = call.values["rank"], call.values["property"]
        property_id = wanted if wanted is None else _parsed(wanted)
        statements = tuple(
            each
            for each in statements
            if property_id in (None, each.main.property) and rank in (None, each.rank.value)
        )
    claims: dict[str, list[Json]] = {}
    for each in statements:
        found = statement_to_json(each)
        if "references" not in (call.values["props"] or ()):
            found.pop("references", None)
        claims.setdefault(each.main.property, []).append(found)
    return {"claims": claims}


def _owner(guid: str | None, name: str | None) -> str:
    """Give the id of the entity whose statements are asked for."""
    if guid is None:
        if name is None:
            raise refused(
                "param-missing",
                "Either the entity parameter or the claim parameter need to be set",
            )
        return _parsed(name)
    owner = guid_owner(guid)
    if owner is None:
        raise refused("invalid-guid")
    if name not in (None, owner):
        raise refused(
            "param-illegal",
            "If both entity id and claim key are provided they need to point to the same entity",
        )
    return owner


def _parsed(text: str) -> str:
    found = entity_id(text)
    if found is None:
        raise refused("param-invalid", f'"{text[:100]}" is no id of an entity')
    return found


GET_ENTITIES = Module(
    "wbgetentities",
    _get_entities,
    (
        Parameter("ids", multi=True),
        Parameter("sites", multi=True, duplicates=True),
        Parameter("titles", multi=True, duplicates=True),
        Parameter("redirects", choices=("no", "yes"), default="yes"),
        Parameter(
            "props",
            multi=True,
            choices=_PROPS,
            default="info|sitelinks|aliases|labels|descriptions|claims|datatype",
        ),
        Parameter("languages", "language", multi=True),
        Parameter("languagefallback", "boolean"),
        Parameter("normalize", "boolean"),
        Parameter("sitefilter", multi=True, duplicates=True),
    ),
)
GET_CLAIMS = Module(
    "wbgetclaims",
    _get_claims,
    (
        Parameter("entity"),
        Parameter("property"),
        Parameter("claim"),
        Parameter("rank", choices=("deprecated", "normal", "preferred")),
        Parameter("props", multi=True, choices=("references",), default="references"),
    ),
)
