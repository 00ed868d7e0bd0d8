"""`/wiki/Special:EntityData` and `/entity`: the data of an entity, in the requested format.

Status codes, addresses and messages are those of Wikibase
(https://www.mediawiki.org/wiki/Wikibase/EntityData).
"""

import re
from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Final, NoReturn
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, abort, request

from wbskills.names import ENTITY_ID
from wbskills.wikibase.model.entities import Stored
from wbskills.wikibase.server.client_input import preferred
from wbskills.wikibase.server.documents import (
    FLAVORS,
    Documents,
    Redirect,
    ResolvedEntity,
    page_title,
)
from wbskills.wikibase.server.site import Site

MEDIA: Final = {
    "json": "application/json",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
_OFFERED: Final = {
    "application/json": "json",
    "text/n3": "ttl",
    "text/rdf+n3": "ttl",
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "application/n-triples": "nt",
    "text/n-triples": "nt",
    "text/plain": "nt",
    "application/rdf+xml": "rdf",
    "application/xml": "rdf",
    "text/xml": "rdf",
    "application/ld+json": "jsonld",
}
_NAMED: Final = {
    **{name: name for name in MEDIA},
    **_OFFERED,
    "turtle": "ttl",
    "n3": "ttl",
    "ntriples": "nt",
    "rdfxml": "rdf",
    "xml": "rdf",
    "html": "html",
    "text/html": "html",
}
_HTML: Final = "html"
_CACHE: Final = "public, s-maxage=18000, max-age=18000"
_NO_CACHE: Final = "private, no-cache, s-maxage=0"
_REVALIDATE: Final = "private, must-revalidate, max-age=0"


def blueprint(site: Site, wiki_id: str) -> Blueprint:
    """Return the two addresses of entity data; `wiki_id` is the site id of this wiki."""
    routes = Blueprint("entity_data", __name__)
    view = _EntityData(site, Documents(site, wiki_id))

    @routes.get("/entity/<path:name>")
    def concept(name: str) -> Response:
        return Response(
            status=303, headers={"Location": f"/wiki/Special:EntityData/{quote(name)}"}
        )

    routes.add_url_rule("/wiki/Special:EntityData", view_func=view.answer, defaults={"name": ""})
    routes.add_url_rule("/wiki/Special:EntityData/<path:name>", view_func=view.answer)

    @routes.after_request
    def allow_every_origin(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return routes


class _EntityData:
    def __init__(self, site: Site, documents: Documents) -> None:
        self._site, self._documents = site, documents

    def answer(self, name: str) -> Response:
        """Answer a request for `Q1` or `Q1.json`."""
        requested, dot, extension = name.partition(".")
        requested = requested or request.args.get("id", "")
        form = _form(extension if dot else request.args.get("format", ""))
        entity_id = requested.upper()
        if not ENTITY_ID.fullmatch(entity_id):
            _abort(HTTPStatus.BAD_REQUEST, f"Invalid ID: {requested}.")
        flavor = _flavor()
        found = self._resolve(entity_id, _number("revision") or _number("oldid"))
        if requested != entity_id:
            return self._redirect(301, entity_id, form, found)
        if form == _HTML or not form:
            return self._redirect(303, entity_id, form or _accepted(), found)
        if form == "json":
            body = self._documents.json(found)
        else:
            body = self._documents.rdf(found, form, flavor)
        response = Response(body, content_type=f"{MEDIA[form]}; charset=UTF-8")
        response.headers["X-Frame-Options"] = "DENY"
        is_permanent = "revision" in request.args and "flavor" not in request.args
        response.headers["Cache-Control"] = _CACHE if is_permanent else _NO_CACHE
        response.last_modified = _date(found.stored.modified)
        response.make_conditional(request)
        return response

    def _resolve(self, entity_id: str, revision: int) -> ResolvedEntity:
        store = self._site.store
        if revision:
            return ResolvedEntity(self._old_revision(entity_id, revision))
        stored = store.read([entity_id]).get(entity_id)
        if stored is not None:
            return ResolvedEntity(stored)
        target_id = store.pages.redirects([entity_id]).get(entity_id)
        target = store.read([target_id]).get(target_id) if target_id else None
        if target is None:
            _abort(HTTPStatus.NOT_FOUND, f"No entity with ID {entity_id} was found.")
        (last,) = store.history.revisions_of(entity_id, 1)
        return ResolvedEntity(target, Redirect(entity_id, last.id, last.made))

    def _old_revision(self, entity_id: str, number: int) -> Stored:
        revision = self._site.store.history.revision(number)
        stored = revision.entity_then() if revision and revision.entity == entity_id else None
        if stored is None or self._site.store.pages.deleted(entity_id):
            message = f"Can't show revision {number} of entity {entity_id}."
            _abort(HTTPStatus.NOT_FOUND, message)
        return stored

    def _redirect(self, status: int, entity_id: str, form: str, found: ResolvedEntity) -> Response:
        if form == _HTML:
            place = f"/wiki/{page_title(entity_id)}"
        else:
            place = f"/wiki/Special:EntityData/{entity_id}" + (f".{form}" if form else "")
        kept = [(k, v) for k, v in request.args.items() if k in {"revision", "flavor"}]
        query = f"?{urlencode(kept)}" if kept else ""
        response = Response(status=status, content_type="text/html; charset=UTF-8")
        response.headers["Location"] = f"{self._site.address}{place}{query}"
        response.headers["Cache-Control"] = _REVALIDATE
        response.headers["Vary"] = "Accept, Accept-Encoding, Cookie"
        response.last_modified = _date(found.stored.modified)
        return response


def _form(name: str) -> str:
    """Return the format with a name; empty if there is no name."""
    if not name:
        return ""
    form = _NAMED.get(name.lower())
    if form is None:
        message = f"The data format {name} is not supported by this interface."
        _abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    return form


def _accepted() -> str:
    """Return the format that the Accept header prefers; JSON without such a header."""
    form = preferred(request.accept_mimetypes, {**_OFFERED, "text/html": _HTML})
    if form is None:
        message = f"No matching format found. Supported MIME types: {', '.join(_OFFERED)}"
        _abort(HTTPStatus.NOT_ACCEPTABLE, message)
    return form


def _flavor() -> str:
    flavor = request.args.get("flavor", "") or "full"
    if flavor not in FLAVORS:
        message = f"Invalid flavor {flavor}: must be one of {', '.join(FLAVORS)}."
        _abort(HTTPStatus.BAD_REQUEST, message)
    return flavor


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _date(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _abort(status: HTTPStatus, message: str) -> NoReturn:
    heading, text = status.phrase, escape(message, quote=False).replace("'", "&#039;")
    page = (
        f"<!DOCTYPE html>\n<html><head><title>{heading}</title></head>\n"
        f"<body><h1>{heading}</h1><p>{text}</p></body></html>\n"
    )
    abort(Response(page, status, content_type="text/html; charset=utf-8"))
