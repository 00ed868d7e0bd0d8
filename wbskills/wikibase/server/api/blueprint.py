"""The HTTP side of the API at `/w/api.php`: reads the request and writes the response."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from html import escape
from typing import Final
from urllib.parse import unquote_to_bytes

import flask

from wbskills.wikibase.server.accounts import Session, anonymous_user
from wbskills.wikibase.server.api.call import Call, Server
from wbskills.wikibase.server.api.main import Reply, execute
from wbskills.wikibase.server.api.parameters import ACTIONS, RequestParameters
from wbskills.wikibase.server.cookies import LogInState
from wbskills.wikibase.server.oauth import TokenRefused
from wbskills.wikibase.server.oauth_pages import bearer_token
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]{0,99}", re.ASCII)


def blueprint(site: Site, settings: Settings, log_in: LogInState) -> flask.Blueprint:
    """Return the part of the application that answers `/w/api.php`."""
    server = Server(site, settings, log_in)
    api = flask.Blueprint("api", __name__)

    @api.route("/w/api.php", methods=["GET", "POST", "HEAD", "OPTIONS"])
    @api.route("/api.php", methods=["GET", "POST", "HEAD", "OPTIONS"])
    def answer() -> flask.Response:
        faults = settings.faults
        if flask.request.method == "OPTIONS":
            return _preflight()
        if faults.take("unavailable"):
            return flask.Response("unavailable, on purpose", 503, {"Retry-After": "1"})
        if faults.take("drop_before"):
            return _dropped()
        reply = execute(_call(server, flask.request), flask.request)
        if faults.take("drop_after"):
            return _dropped()
        return _response(reply)

    return api


def form_fields(request: flask.Request) -> dict[str, str]:
    """Return the fields sent by POST; of several with the same name the last."""
    if request.method != "POST":
        return {}
    if request.mimetype != "application/x-www-form-urlencoded":
        return {name: values[-1] for name, values in request.form.to_dict(flat=False).items()}
    body = request.get_data(cache=True)
    pairs = (part.partition(b"=") for part in body.split(b"&") if part)
    return {decode_field(name): decode_field(value) for name, _, value in pairs}


def decode_field(text: bytes) -> str:
    """Decode a form field; fast, as JSON in a form is mostly escapes.

    >>> decode_field(b"a+b%3D%C3%A9%zz")
    'a b=é%zz'
    """
    text = text.replace(b"+", b" ")
    if b"%" not in text:
        return text.decode("utf-8", "replace")
    try:
        # Rewritten as escapes of Python, which C code decodes.
        escaped = text.replace(b"\\", rb"\x5c").replace(b"%", rb"\x")
        plain = escaped.decode("unicode_escape").encode("latin-1")
    except ValueError:
        plain = unquote_to_bytes(text)  # keeps an invalid escape
    return plain.decode("utf-8", "replace")


def _call(server: Server, request: flask.Request) -> Call:
    # Of several parameters with the same name the last counts, as in PHP.
    query = {name: values[-1] for name, values in request.args.lists()}
    parameters = RequestParameters(query, form_fields(request))
    session, cross_origin = _session(server, request, parameters)
    token, grant = bearer_token(request.headers.get("Authorization", "")), None
    if token is not None:
        with suppress(TokenRefused):
            grant = server.log_in.oauth.grant(token)
        session = grant.session if grant is not None else None
    address = request.remote_addr or "127.0.0.1"
    user = session.user if session else None
    return Call(
        server=server,
        module=ACTIONS["help"],
        request=parameters,
        main={"formatversion": "1", "errorformat": "bc", "uselang": "user", "format": "json"},
        user=user or anonymous_user(address, server.settings),
        session=session,
        address=address,
        cross_origin=cross_origin,
        grant=grant,
        bad_token=token is not None and grant is None,
    )


def _session(
    server: Server, request: flask.Request, parameters: RequestParameters
) -> tuple[Session | None, bool]:
    """Find the session of a request, and whether it is for a page of any other site.

    Such requests, and JSONP, have no session.
    """
    cross_origin = parameters.get("origin") == "*"
    if cross_origin or parameters.get("callback"):
        return None, cross_origin
    session = server.log_in.session(request)
    if session and session.user and server.settings.faults.take("expire_session"):
        server.sessions.end(session.id)
        return None, False
    return session, False


def _response(reply: Reply) -> flask.Response:
    call = reply.call
    body, content_type = _dump(reply), "application/json; charset=utf-8"
    callback = call.main.get("callback")
    if call.main["format"] == "jsonfm":
        body = f"<!DOCTYPE html><meta charset=utf-8><title>API</title><pre>{escape(body)}</pre>"
        content_type = "text/html; charset=utf-8"
    elif callback and _CALLBACK.fullmatch(callback):
        body, content_type = f"/**/{callback}({body})", "text/javascript; charset=utf-8"
    response = flask.Response(body, content_type=content_type)
    headers = response.headers
    headers["Cache-Control"] = "private, must-revalidate, max-age=0"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Content-Disposition"] = "inline; filename=api-result.json"
    headers.update(reply.headers)
    if call.cross_origin:
        headers["Access-Control-Allow-Origin"] = "*"
        headers["MediaWiki-Login-Suppressed"] = "true"
    _set_cookies(response, call)
    return response


def _dump(reply: Reply) -> str:
    main = reply.call.main
    wants_ascii = main.get("ascii") or (reply.call.version == 1 and not main.get("utf8"))
    text = json.dumps(reply.result, ensure_ascii=bool(wants_ascii), separators=(",", ":"))
    return text if wants_ascii else text.encode("utf-8", "replace").decode()


def _set_cookies(response: flask.Response, call: Call) -> None:
    if call.new_session is not None:
        call.server.log_in.set_cookies(response, call.new_session)
    elif call.logged_out:
        call.server.log_in.drop_cookies(response)


def _preflight() -> flask.Response:
    """Answer a browser that asks whether a page of another site may read; without cookies."""
    if flask.request.args.get("origin") != "*":
        return flask.Response(status=204)
    return flask.Response(
        status=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Content-Type, Accept, Api-User-Agent",
        },
    )


def _dropped() -> flask.Response:
    """Close the connection: at once if the server allows it, otherwise within the answer."""
    drop: Callable[[], None] | None = flask.request.environ.get("wbskills.drop")
    if drop is not None:
        drop()

    def broken() -> Iterator[bytes]:
        yield b"{"
        raise ConnectionAbortedError("dropped on purpose")

    return flask.Response(broken(), headers={"Content-Length": "1000"})
