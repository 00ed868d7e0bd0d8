"""What OpenRefine needs: a manifest of the Wikibase, and a service that matches names to items.

The manifest has version 2 of the format (https://github.com/OpenRefine/wikibase-manifests), and is
also where the extension WikibaseManifest has it. `/reconcile/LANGUAGE/api` is the Reconciliation
Service API, versions 0.1 and 0.2 (https://reconciliation-api.github.io), with suggestions, a
preview and data extension.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from wbskills.names import ENTITY_ID
from wbskills.wikibase.model.entities import Kind, Snak, Stored, best_ranked
from wbskills.wikibase.model.values import EntityRef, Quantity, Time
from wbskills.wikibase.server.client_input import parse_text_json
from wbskills.wikibase.server.reconciliation import (
    INSTANCE_OF,
    Candidate,
    CandidateFinder,
    parse_query,
    plain_value,
)
from wbskills.wikibase.server.rendering import Templates
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.view_model import DisplayText, best_term, readable_time

MAX_BATCH: Final = 200  # names in one request, and entities in one extension
_MAX_SUGGESTIONS: Final = 20
_SUBCLASS_OF: Final = "subclass of"  # the label of a property
_DATE: Final = re.compile(r"([+-])0*([0-9]+)-((?:1[0-2]|0[1-9])-(?:3[01]|0[1-9]|[12][0-9]))T")
_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]{0,100}", re.ASCII)
_KINDS: Final = {"entity": Kind.ITEM, "type": Kind.ITEM, "property": Kind.PROPERTY}

Json = dict[str, Any]


class _InvalidRequest(Exception):
    """The client sent something other than JSON of the right form."""


def blueprint(site: Site) -> Blueprint:
    """Return the addresses of the manifest and of the service."""
    routes = Blueprint("openrefine", __name__)
    service = _ReconciliationService(site)
    prefix = "/reconcile/<language>"
    routes.add_url_rule(f"{prefix}/api", view_func=service.api, methods=["GET", "POST"])
    routes.add_url_rule(f"{prefix}/suggest/<what>", view_func=service.suggest)
    routes.add_url_rule(f"{prefix}/properties", view_func=service.properties)
    routes.add_url_rule(f"{prefix}/preview", view_func=service.preview)

    @routes.get("/manifest.json")
    @routes.get("/w/rest.php/wikibase/manifest/v0/manifest")
    def manifest() -> Response:
        response = jsonify(_manifest(site))
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = "no-cache"
        return response

    return routes


def _manifest(site: Site) -> Json:
    base, api = site.store.concept_base, f"{site.address}/w/api.php"
    kind = {
        "site_iri": base,
        "reconciliation_endpoint": f"{site.address}/reconcile/${{lang}}/api",
        "mediawiki_api": api,
    }
    return {
        "version": "2.0",
        "mediawiki": {
            "name": site.name,
            "root": f"{site.address}/wiki/",
            "main_page": f"{site.address}/wiki/Main_Page",
            "api": api,
        },
        "wikibase": {
            "site_iri": base,
            "sparql_endpoint": f"{site.address}/sparql",
            "maxlag": 5,
            # 0 is no limit. OpenRefine takes a number n for a pause of n/60 seconds after each
            # edit, so a higher limit would make it slower.
            "max_edits_per_minute": 0,
            "properties": {
                "instance_of": site.store.find_property(INSTANCE_OF) or "",
                "subclass_of": site.store.find_property(_SUBCLASS_OF) or "",
            },
        },
        "entity_types": {"item": kind, "property": kind},
    }


class _ReconciliationService:
    """Answers requests to the service, with labels in `language`."""

    def __init__(self, site: Site) -> None:
        self._site, self._store = site, site.store
        self._finder = CandidateFinder(site)
        self._templates = Templates(site)

    def api(self, language: str) -> Response:
        """Match names, or extend a table; without parameters, describe the service."""
        try:
            if "queries" in request.values:
                return _respond(self._reconcile(_json("queries"), language))
            if "query" in request.values:
                return _respond(self._reconcile({"q": _single_query()}, language)["q"])
            if "extend" in request.values:
                return _respond(self._extend(_json("extend"), language))
        except _InvalidRequest as error:
            return _respond({"status": "error", "message": str(error)}, 400)
        return _respond(self._manifest(language))

    def _manifest(self, language: str) -> Json:
        """Return what the service can do, and at which addresses."""
        base = self._store.concept_base
        here = f"{self._site.address}/reconcile/{language}"
        return {
            "versions": ["0.1", "0.2"],
            "name": f"{self._site.name} ({language})",
            "identifierSpace": base,
            "schemaSpace": f"{base.removesuffix('entity/')}prop/direct/",
            "defaultTypes": [],
            "view": {"url": f"{self._site.address}/entity/{{{{id}}}}"},
            "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": 400, "height": 120},
            "suggest": {
                what: {"service_url": here, "service_path": f"/suggest/{what}"} for what in _KINDS
            },
            "extend": {
                "propose_properties": {"service_url": here, "service_path": "/properties"},
                "property_settings": [],
            },
        }

    def _reconcile(self, queries: Mapping[str, Any], language: str) -> Json:
        """Return the candidates for each query."""
        codes = _languages(language)
        return {
            name: {
                "result": [
                    self._candidate(candidate, codes)
                    for candidate in self._finder.candidates(parse_query(_object(query)), codes)
                ]
            }
            for name, query in list(queries.items())[:MAX_BATCH]
        }

    def _candidate(self, candidate: Candidate, codes: list[str]) -> Json:
        types = self._store.read(self._finder.types(candidate.stored.entity))
        return _described(candidate.stored, codes) | {
            "type": [{"id": name, "name": _label(one, codes)} for name, one in types.items()],
            "score": candidate.score,
            "match": candidate.is_match,
        }

    def suggest(self, language: str, what: str) -> Response:
        """Return entities whose names begin with a prefix."""
        kind = _KINDS.get(what)
        if kind is None:
            message = f"there are no suggestions for “{what}”"
            return _respond({"status": "error", "message": message}, 404)
        codes, prefix = _languages(language), request.args.get("prefix", "")[:250]
        found = self._finder.suggest(prefix, kind, codes)[:_MAX_SUGGESTIONS]
        result = [_described(stored, codes) for stored in found]
        return _respond(
            {"code": "/api/status/ok", "status": "200 OK", "prefix": prefix, "result": result}
        )

    def properties(self, language: str) -> Response:
        """Return the properties by which a table can be extended."""
        codes, limit = _languages(language), request.args.get("limit", "")
        is_number = re.fullmatch(r"[0-9]{1,9}", limit, re.ASCII)
        stated = {"limit": int(limit)} if is_number else {}
        found = [
            {"id": one.entity.id, "name": _label(one, codes)}
            for one in self._finder.properties()[: stated.get("limit")]
        ]
        of_type = request.args.get("type", "")
        return _respond({"type": of_type, **stated, "properties": found})

    def _extend(self, request_: Mapping[str, Any], language: str) -> Json:
        """Return the values of some entities for some properties.

        Every requested entity has a row, in the requested order, even if it does not exist.
        """
        codes = _languages(language)
        listed = _list(request_.get("properties"))[:MAX_BATCH]
        property_ids = list(dict.fromkeys(str(_object(each).get("id", "")) for each in listed))
        ids = [str(each) for each in _list(request_.get("ids"))][:MAX_BATCH]
        properties, entities = self._store.read(property_ids), self._store.read(ids)
        rows: dict[str, Json] = {name: {pid: [] for pid in property_ids} for name in ids}
        for name, stored in entities.items():
            row = rows[name]
            for statement in best_ranked(stored.entity.statements):
                if statement.main.property in row:
                    row[statement.main.property] += self._cell(statement.main, codes)
        meta = [
            {"id": pid, "name": _label(properties[pid], codes) if pid in properties else pid}
            for pid in property_ids
        ]
        return {"meta": meta, "rows": rows}

    def _cell(self, snak: Snak, codes: list[str]) -> list[Json]:
        match snak.value:
            case None:
                return []
            case EntityRef(id):
                target = self._store.read([id]).get(id)
                return [{"id": id, "name": _label(target, codes) if target else id}]
            case Quantity() as quantity:
                return [{"float": float(quantity.amount)}]
            case Time() as time:
                date = _date(time)
                return [{"date": date} if date else {"str": readable_time(time)}]
            case value:
                return [{"str": plain_value(value)}]

    def preview(self, language: str) -> Response:
        """Return a small page about an entity, which OpenRefine shows in a frame."""
        entity_id = request.args.get("id", "")
        found = self._store.read([entity_id]).get(entity_id)
        if found is None or not ENTITY_ID.fullmatch(entity_id):
            return self._templates.page("preview", 404, id=entity_id, label=None, description="")
        shown = _described(found, _languages(language))
        response = self._templates.page(
            "preview",
            id=entity_id,
            label=DisplayText(text=shown["name"]),
            description=shown["description"],
        )
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", "frame-ancestors *"
        )
        return response


def _described(stored: Stored, codes: list[str]) -> Json:
    return {
        "id": stored.entity.id,
        "name": _label(stored, codes),
        "description": best_term(stored.entity.descriptions, codes).text,
    }


def _label(stored: Stored, codes: list[str]) -> str:
    return best_term(stored.entity.labels, codes).text or stored.entity.id


def _date(time: Time) -> str:
    """Return a date as the API has it; empty if the time is not exact to the day.

    >>> _date(Time("+2026-03-04T00:00:00Z"))
    '2026-03-04T00:00:00Z'
    """
    found = _DATE.match(time.time)
    if time.precision < 11 or found is None:
        return ""
    sign, year, day = found.groups()
    return f"{sign.strip('+')}{year.zfill(4)}-{day}T00:00:00Z"


def _languages(language: str) -> list[str]:
    return list(dict.fromkeys([language.lower()[:20], "en", "mul"]))


def _json(name: str) -> Mapping[str, Any]:
    try:
        return _object(parse_text_json(request.values[name]))
    except ValueError as error:
        raise _InvalidRequest(f"{name} is not JSON, or nested too deeply") from error


def _single_query() -> Mapping[str, Any]:
    """Return the query of version 0.1, which is JSON or a name alone."""
    text = request.values["query"]
    return _json("query") if text.lstrip().startswith("{") else {"query": text}


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _InvalidRequest("an object was expected")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _InvalidRequest("a list was expected")
    return value


def _respond(found: Json, status: int = 200) -> Response:
    """Send JSON, as a call of a function if an older client asks for that (JSONP)."""
    text, media = json.dumps(found, ensure_ascii=False), "application/json"
    callback = request.args.get("callback", "")
    if _CALLBACK.fullmatch(callback):
        # U+2028 and U+2029 end a line in scripts; “/**/” keeps the first bytes ours.
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        text, media = f"/**/{callback}({text});", "text/javascript"
    response = Response(text, status, content_type=f"{media}; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    return response
