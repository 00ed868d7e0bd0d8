"""`/reconcile/LANGUAGE/api`: names of a table matched to items, for OpenRefine.

The Reconciliation Service API, versions 0.1 and 0.2 (https://reconciliation-api.github.io),
with suggestions, a preview and data extension.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, request

from wbskills.names import ENTITY_ID
from wbskills.wikibase.model.entities import Kind, Snak, best_ranked
from wbskills.wikibase.model.values import EntityRef, Quantity, Time
from wbskills.wikibase.server.client_input import parse_text_json
from wbskills.wikibase.server.reconcile_candidates import (
    Candidate,
    Finder,
    asked_from_json,
    named,
    written,
)
from wbskills.wikibase.server.rendering import Templates
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.view_model import Shown, moment

MOST: Final = 200  # names in one request, and entities in one extension
_DAY: Final = re.compile(r"([+-])0*([0-9]+)-((?:1[0-2]|0[1-9])-(?:3[01]|0[1-9]|[12][0-9]))T")
_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]{0,100}", re.ASCII)
_KINDS: Final = {"entity": Kind.ITEM, "type": Kind.ITEM, "property": Kind.PROPERTY}

Json = dict[str, Any]


class _Odd(Exception):
    """The client sent something else than JSON of the right form."""


def blueprint(site: Site) -> Blueprint:
    """Make the service."""
    made = Blueprint("reconcile", __name__, url_prefix="/reconcile/<language>")
    service = _Service(site)

    @made.route("/api", methods=["GET", "POST"])
    def api(language: str) -> Response:
        try:
            if "queries" in request.values:
                return _sent(service.reconciled(_json("queries"), language))
            if "query" in request.values:
                return _sent(service.reconciled({"q": _single()}, language)["q"])
            if "extend" in request.values:
                return _sent(service.extended(_json("extend"), language))
        except _Odd as odd:
            return _sent({"status": "error", "message": str(odd)}, 400)
        return _sent(service.manifest(language))

    @made.get("/suggest/<what>")
    def suggest(language: str, what: str) -> Response:
        kind = _KINDS.get(what)
        if kind is None:
            return _sent({"status": "error", "message": f"nothing suggests a {what}"}, 404)
        return _sent(service.suggested(request.args.get("prefix", "")[:250], kind, language))

    @made.get("/properties")
    def properties(language: str) -> Response:
        limit = request.args.get("limit", "", str)
        most = int(limit) if re.fullmatch(r"[0-9]{1,9}", limit, re.ASCII) else None
        return _sent(service.properties(request.args.get("type", ""), language, most))

    @made.get("/preview")
    def preview(language: str) -> Response:
        return service.preview(request.args.get("id", ""), language)

    return made


class _Service:
    def __init__(self, site: Site) -> None:
        self._site, self._store = site, site.store
        self._finder = Finder(site)
        self._templates = Templates(site)

    def manifest(self, language: str) -> Json:
        """Say what the service can do, and where."""
        base = self._store.concept_base
        here = f"{self._site.address}/reconcile/{language}"
        suggest = {
            what: {"service_url": here, "service_path": f"/suggest/{what}"} for what in _KINDS
        }
        return {
            "versions": ["0.1", "0.2"],
            "name": f"{self._site.name} ({language})",
            "identifierSpace": base,
            "schemaSpace": f"{base.removesuffix('entity/')}prop/direct/",
            "defaultTypes": [],
            "view": {"url": f"{self._site.address}/entity/{{{{id}}}}"},
            "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": 400, "height": 120},
            "suggest": suggest,
            "extend": {
                "propose_properties": {"service_url": here, "service_path": "/properties"},
                "property_settings": [],
            },
        }

    def reconciled(self, queries: Mapping[str, Any], language: str) -> Json:
        """Answer each query with its candidates."""
        wanted = _languages(language)
        return {
            name: {
                "result": [
                    self._candidate(one, wanted)
                    for one in self._finder.candidates(asked_from_json(_map(asked)), wanted)
                ]
            }
            for name, asked in list(queries.items())[:MOST]
        }

    def _candidate(self, found: Candidate, wanted: list[str]) -> Json:
        entity = found.stored.entity
        label, description = named(found.stored, wanted)
        types = self._store.read(self._finder.types(entity))
        return {
            "id": entity.id,
            "name": label,
            "description": description,
            "type": [{"id": name, "name": named(one, wanted)[0]} for name, one in types.items()],
            "score": found.score,
            "match": found.is_match,
        }

    def suggested(self, prefix: str, kind: Kind, language: str) -> Json:
        """List entities whose names begin so."""
        wanted = _languages(language)
        result = []
        for stored in self._finder.suggested(prefix, kind, wanted)[:20]:
            label, description = named(stored, wanted)
            result.append({"id": stored.entity.id, "name": label, "description": description})
        return {"code": "/api/status/ok", "status": "200 OK", "prefix": prefix, "result": result}

    def properties(self, of_type: str, language: str, most: int | None = None) -> Json:
        """List the properties that a table can be extended by, so many if `most` is said."""
        wanted = _languages(language)
        found = [
            {"id": one.entity.id, "name": named(one, wanted)[0]}
            for one in self._finder.properties()[:most]
        ]
        limit = {} if most is None else {"limit": most}
        return {"type": of_type, **limit, "properties": found}

    def extended(self, asked: Mapping[str, Any], language: str) -> Json:
        """Give what is said of some entities with some properties.

        Every one that is asked for has its place, in the order that is asked: also one that
        is not there, of which nothing is said.
        """
        wanted = _languages(language)
        listed = [str(_map(each).get("id", "")) for each in _list(asked.get("properties"))][:MOST]
        names = list(dict.fromkeys(listed))
        ids = [str(each) for each in _list(asked.get("ids"))][:MOST]
        properties, entities = self._store.read(names), self._store.read(ids)
        rows: dict[str, Json] = {name: {prop: [] for prop in names} for name in ids}
        for name, stored in entities.items():
            row = rows[name]
            for statement in best_ranked(stored.entity.statements):
                if statement.main.property in row:
                    row[statement.main.property] += self._cell(statement.main, wanted)
        meta = [
            {"id": pid, "name": named(properties[pid], wanted)[0] if pid in properties else pid}
            for pid in names
        ]
        return {"meta": meta, "rows": rows}

    def _cell(self, snak: Snak, wanted: list[str]) -> list[Json]:
        match snak.value:
            case None:
                return []
            case EntityRef(id):
                found = self._store.read([id]).get(id)
                return [{"id": id, "name": named(found, wanted)[0] if found else id}]
            case Quantity():
                return [{"float": float(snak.value.amount)}]
            case Time():
                day = _day(snak.value)
                return [{"date": day} if day else {"str": moment(snak.value)}]
            case value:
                return [{"str": written(value)}]

    def preview(self, entity_id: str, language: str) -> Response:
        """Show an entity in a little box."""
        found = self._store.read([entity_id]).get(entity_id)
        if found is None or not ENTITY_ID.fullmatch(entity_id):
            return self._templates.page("preview", 404, id=entity_id, label=None, told="")
        label, description = named(found, _languages(language))
        response = self._templates.page(
            "preview", id=entity_id, label=Shown(text=label), told=description
        )
        # OpenRefine shows it in a frame of its own page.
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", "frame-ancestors *"
        )
        return response


def _day(time: Time) -> str:
    """Write a day as the API wants dates; empty of what is not exact to the day.

    >>> _day(Time("+2026-03-04T00:00:00Z"))
    '2026-03-04T00:00:00Z'
    """
    found = _DAY.match(time.time)
    if time.precision < 11 or found is None:
        return ""
    sign, year, day = found.groups()
    return f"{sign.strip('+')}{year.zfill(4)}-{day}T00:00:00Z"


def _languages(language: str) -> list[str]:
    return list(dict.fromkeys([language.lower()[:20], "en", "mul"]))


def _json(name: str) -> Mapping[str, Any]:
    try:
        return _map(parse_text_json(request.values[name]))
    except ValueError as error:
        raise _Odd(f"{name} is no JSON, or nested too deeply") from error


def _single() -> Mapping[str, Any]:
    """Read the one query of version 0.1: its JSON, or a name alone."""
    text = request.values["query"]
    return _json("query") if text.lstrip().startswith("{") else {"query": text}


def _map(found: object) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise _Odd("an object was expected")
    return found


def _list(found: object) -> list[Any]:
    if not isinstance(found, list):
        raise _Odd("a list was expected")
    return found


def _sent(found: Json, status: int = 200) -> Response:
    """Send JSON, inside of a call where an older page asks for it so."""
    text, media = json.dumps(found, ensure_ascii=False), "application/json"
    callback = request.args.get("callback", "")
    if _CALLBACK.fullmatch(callback):
        # U+2028 and U+2029 end a line in scripts, and “/**/” keeps the start ours.
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        text, media = f"/**/{callback}({text});", "text/javascript"
    response = Response(text, status, content_type=f"{media}; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    return response
