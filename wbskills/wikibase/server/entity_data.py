"""`/wiki/Special:EntityData` and `/entity`: the data of an entity, in the form that is asked for.

Status codes, addresses and messages are those of Wikibase
(https://www.mediawiki.org/wiki/Wikibase/EntityData).
"""

import re
from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from wbskills.names import ENTITY_ID
from wbskills.wikibase.model.entities import Stored
from wbskills.wikibase.server.client_input import preferred
from wbskills.wikibase.server.documents import FLAVORS, Documents, Found, Redirect, title
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
_DAY: Final = "public, s-maxage=18000, max-age=18000"
_NOT_KEPT: Final = "private, no-cache, s-maxage=0"
_ASK_AGAIN: Final = "private, must-revalidate, max-age=0"


class _Refused(Exception):
    """What the client gets in the place of data."""

    def __init__(self, status: HTTPStatus, what: str) -> None:
        super().__init__(what)
        self.status, self.what = status, what


def blueprint(site: Site, wiki_id: str) -> Blueprint:
    """Make the pages of data; `wiki_id` is what sitelinks to this wiki name it."""
    made = Blueprint("entity_data", __name__)
    view = _View(site, Documents(site, wiki_id))

    @made.get("/entity/<path:name>")
    def concept(name: str) -> Response:
        return Response(
            status=303, headers={"Location": f"/wiki/Special:EntityData/{quote(name)}"}
        )

    @made.get("/wiki/Special:EntityData", defaults={"name": ""})
    @made.get("/wiki/Special:EntityData/<path:name>")
    def data(name: str) -> Response:
        try:
            return view.answer(name)
        except _Refused as refused:
            return _page(refused.status, refused.what)

    @made.after_request
    def open_to_all(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return made


class _View:
    def __init__(self, site: Site, documents: Documents) -> None:
        self._site, self._documents = site, documents

    def answer(self, name: str) -> Response:
        """Answer for the last part of an address, `Q1` or `Q1.json`."""
        written, dot, extension = name.partition(".")
        written = written or request.args.get("id", "")
        form = _form(extension if dot else request.args.get("format", ""))
        entity_id = written.upper()
        if not ENTITY_ID.fullmatch(entity_id):
            raise _Refused(HTTPStatus.BAD_REQUEST, f"Invalid ID: {written}.")
        flavor = _flavor()
        found = self._found(entity_id, _number("revision") or _number("oldid"))
        if written != entity_id:
            return self._moved(301, entity_id, form, found)
        if form == _HTML or not form:
            return self._moved(303, entity_id, form or _accepted(), found)
        if form == "json":
            body = self._documents.json(found)
        else:
            body = self._documents.rdf(found, form, flavor)
        response = Response(body, content_type=f"{MEDIA[form]}; charset=UTF-8")
        response.headers["X-Frame-Options"] = "DENY"
        is_fixed = "revision" in request.args and "flavor" not in request.args
        response.headers["Cache-Control"] = _DAY if is_fixed else _NOT_KEPT
        response.last_modified = _moment(found.stored.modified)
        response.make_conditional(request)
        return response

    def _found(self, entity_id: str, revision: int) -> Found:
        store = self._site.store
        if revision:
            return Found(self._of_revision(entity_id, revision))
        stored = store.read([entity_id]).get(entity_id)
        if stored is not None:
            return Found(stored)
        target = store.pages.redirects([entity_id]).get(entity_id)
        aimed_at = store.read([target]).get(target) if target else None
        if aimed_at is None:
            raise _Refused(HTTPStatus.NOT_FOUND, f"No entity with ID {entity_id} was found.")
        (last,) = store.history.revisions_of(entity_id, 1)
        return Found(aimed_at, Redirect(entity_id, last.id, last.made))

    def _of_revision(self, entity_id: str, number: int) -> Stored:
        kept = self._site.store.history.revision(number)
        found = kept.entity_then() if kept and kept.entity == entity_id else None
        if found is None or self._site.store.pages.deleted(entity_id):
            what = f"Can't show revision {number} of entity {entity_id}."
            raise _Refused(HTTPStatus.NOT_FOUND, what)
        return found

    def _moved(self, status: int, entity_id: str, form: str, found: Found) -> Response:
        if form == _HTML:
            place = f"/wiki/{title(entity_id)}"
        else:
            place = f"/wiki/Special:EntityData/{entity_id}" + (f".{form}" if form else "")
        kept = [(k, v) for k, v in request.args.items() if k in {"revision", "flavor"}]
        query = f"?{urlencode(kept)}" if kept else ""
        response = Response(status=status, content_type="text/html; charset=UTF-8")
        response.headers["Location"] = f"{self._site.address}{place}{query}"
        response.headers["Cache-Control"] = _ASK_AGAIN
        response.headers["Vary"] = "Accept, Accept-Encoding, Cookie"
        response.last_modified = _moment(found.stored.modified)
        return response


def _form(named: str) -> str:
    """Give the form that is asked for by name; empty if none is."""
    if not named:
        return ""
    form = _NAMED.get(named.lower())
    if form is None:
        what = f"The data format {named} is not supported by this interface."
        raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, what)
    return form


def _accepted() -> str:
    """Give the form that the Accept header asks for; JSON without such a header."""
    form = preferred(request.accept_mimetypes, {**_OFFERED, "text/html": _HTML})
    if form is None:
        what = f"No matching format found. Supported MIME types: {', '.join(_OFFERED)}"
        raise _Refused(HTTPStatus.NOT_ACCEPTABLE, what)
    return form


def _flavor() -> str:
    flavor = request.args.get("flavor", "") or "full"
    if flavor not in FLAVORS:
        what = f"Invalid flavor {flavor}: must be one of {', '.join(FLAVORS)}."
        raise _Refused(HTTPStatus.BAD_REQUEST, what)
    return flavor


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _page(status: HTTPStatus, what: str) -> Response:
    heading, told = status.phrase, escape(what, quote=False).replace("'", "&#039;")
    text = (
        f"<!DOCTYPE html>\n<html><head><title>{heading}</title></head>\n"
        f"<body><h1>{heading}</h1><p>{told}</p></body></html>\n"
    )
    return Response(text, status, content_type="text/html; charset=utf-8")
