"""From an HTTP request to the module that is asked, and back: the shell of the API."""

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote

import flask

from wbskills.errors import StoreBusy, WbskillsError
from wbskills.wikibase.server.accounts import Authenticator, Session, Sessions, anonymous_user
from wbskills.wikibase.server.api.answering import Reply, dumped, finished, page_of_json, warned
from wbskills.wikibase.server.api.call import Call, Server
from wbskills.wikibase.server.api.closing import check_open
from wbskills.wikibase.server.api.errors import ApiError, bad_value, missing_param
from wbskills.wikibase.server.api.forms import fields
from wbskills.wikibase.server.api.main_module import FORMATS, MAIN, MODULES
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Words, read
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

COOKIE: Final = "wbskills_session"
_ABOUT_USER: Final = ("UserID", "UserName")
_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]{0,99}", re.ASCII)


def blueprint(site: Site, settings: Settings) -> flask.Blueprint:
    """Make the part of the application that answers `/w/api.php`."""
    authenticator = Authenticator(site.store.accounts, settings)
    server = Server(site, settings, Sessions(settings), authenticator)
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
        # Of several parameters of one name the last counts, as in PHP.
        asked = {name: values[-1] for name, values in flask.request.args.lists()}
        words = Words(asked, fields(flask.request))
        reply = answered(server, words, flask.request)
        if faults.take("drop_after"):
            return _dropped()
        return _response(reply, server)

    return api


def answered(server: Server, words: Words, request: flask.Request) -> Reply:
    """Carry out one request; whatever is wrong with it becomes an error of the API."""
    main: Json = {"formatversion": "1", "errorformat": "bc", "uselang": "user", "format": "json"}
    session, origin = _session(server, request, words)
    user = session.user if session and session.user else None
    call = Call(
        server,
        MODULES["help"],
        words,
        main,
        user or anonymous_user(request.remote_addr or "127.0.0.1", server.settings),
        session,
        request.remote_addr or "127.0.0.1",
    )
    if origin:
        call.memory["origin"] = origin
    try:
        _begin(call)
        result = _checked(call, request)
        headers: dict[str, str] = {}
    except ApiError as error:
        result, headers = _error(call, error, request)
    except StoreBusy as error:
        result, headers = _error(call, ApiError("readonly", error.what), request)
    except WbskillsError as error:
        result, headers = _error(call, ApiError("failed-save", error.what), request)
    else:
        result = warned(call, result)
    return Reply(finished(call, result), headers, call)


def _begin(call: Call) -> None:
    """Read the parameters that all modules share, and find the module."""
    wanted = call.words.take("errorformat", [])
    if wanted in {"plaintext", "html", "wikitext", "raw", "none"}:
        call.main["errorformat"] = wanted
    if call.words.take("formatversion", []) in {"2", "latest"}:
        call.main["formatversion"] = "2"
    values, warnings, _ = read(MAIN, call.words, prefix="", high=False)
    call.main.update({name: value for name, value in values.items() if value is not None})
    if call.main["format"] not in FORMATS:
        raise bad_value("format", call.main["format"])
    for text in warnings:
        call.warn(text, "main")
    action = values["action"]
    if action not in MODULES:
        raise bad_value("action", action)
    call.module = MODULES[action]


def _checked(call: Call, request: flask.Request) -> Json:
    """Carry out the module if everything around it is in order."""
    _check_asserts(call)
    call.read()
    _check_secrets(call)
    _check_token(call)
    if call.module.writes:
        _check_origin(call, request)
    check_open(call)
    if call.module.posted and request.method != "POST":
        raise ApiError("mustbeposted", f'The "{call.module.name}" module requires a POST request.')
    _check_lag(call)
    if call.module.writes:
        with call.site.write_lock:
            result = call.module.run(call)
    else:
        result = call.module.run(call)
    _tell_unused(call)
    return result


def _check_asserts(call: Call) -> None:
    wanted, name = call.main.get("assert"), call.main.get("assertuser")
    if wanted == "anon" and not call.user.anonymous:
        raise ApiError(
            "assertanonfailed", "You are logged in, so the action could not be completed."
        )
    if wanted in {"user", "bot"} and call.user.anonymous:
        raise ApiError(
            "assertuserfailed",
            "You are no longer logged in, so the action could not be completed.",
        )
    if wanted == "bot" and not call.user.may("bot"):
        raise ApiError(
            "assertbotfailed",
            'You do not have the "bot" right, so the action could not be completed.',
        )
    if name and name != call.user.name:
        raise ApiError(
            "assertnameduserfailed",
            f'You are no longer logged in as "{name}", so the action could not be completed.',
        )


def _check_secrets(call: Call) -> None:
    """Refuse secrets in an address: those are written down in logs and histories."""
    module = call.module
    names = [module.prefix + each.name for each in module.parameters if each.token]
    names += [module.prefix + each.name for each in module.parameters if each.sensitive]
    names += module.secret
    found = [name for name in names if name in call.words.query and name not in call.words.form]
    if found and (module.posted or module.token):
        noun, verb = ("parameter", "was") if len(found) == 1 else ("parameters", "were")
        raise ApiError(
            "mustpostparams",
            f"The following {noun} {verb} found in the query string, but must be in the POST"
            f" body: {', '.join(found)}.",
        )


def _check_token(call: Call) -> None:
    kind = call.module.token
    if not kind:
        return
    token = call.values.get("token")
    if not token:
        raise missing_param("token")
    session = call.session or Session("")
    if session.id and call.settings.faults.take("expire_tokens"):
        session.renew_tokens()
    if not session.accepts(token, kind):
        raise ApiError("badtoken", "Invalid CSRF token.")


def _check_origin(call: Call, request: flask.Request) -> None:
    """Let no page of another site write here as somebody without a secret token."""
    origin = request.headers.get("Origin")
    if origin and call.user.anonymous and origin != call.site.address:
        raise ApiError("badtoken", "Invalid CSRF token.")


def _check_lag(call: Call) -> None:
    allowed, lag = call.main.get("maxlag"), call.settings.faults.lag
    if allowed is None or lag <= allowed:
        return
    shown = int(lag) if lag == int(lag) else lag
    noun = "second" if abs(shown) == 1 else "seconds"
    faults = call.settings.faults
    raise ApiError(
        "maxlag",
        f"Waiting for a database server: {shown} {noun} lagged.",
        data={"host": faults.host, "lag": shown, "type": faults.lag_type},
        headers={"Retry-After": str(max(allowed, 5)), "X-Database-Lag": str(int(lag))},
    )


def _tell_unused(call: Call) -> None:
    names = call.words.unused()
    if names:
        noun = "parameter" if len(names) == 1 else "parameters"
        call.warn(f"Unrecognized {noun}: {', '.join(names)}.", "main")


def _error(call: Call, error: ApiError, request: flask.Request) -> tuple[Json, dict[str, str]]:
    found = error.to_json(
        form=call.main["errorformat"],
        version=call.version,
        see=f"{call.site.address}{request.path}",
        module=call.module.path if call.module.name != "help" else "main",
    )
    return found, {"MediaWiki-API-Error": error.codes, **error.headers}


def _session(server: Server, request: flask.Request, words: Words) -> tuple[Session | None, str]:
    """Find the session of a request; pages of other sites and JSONP get none."""
    origin = words.take("origin", []) or ""
    if origin == "*" or words.take("callback", []):
        return None, "*" if origin == "*" else ""
    session = server.sessions.find(request.cookies.get(COOKIE, ""))
    if session and session.user and server.settings.faults.take("expire_session"):
        server.sessions.end(session.id)
        return None, ""
    return session, ""


def _response(reply: Reply, server: Server) -> flask.Response:
    call = reply.call
    body = dumped(reply.result, call)
    kind = "application/json; charset=utf-8"
    callback = call.main.get("callback")
    if call.main["format"] == "jsonfm":
        body, kind = page_of_json(body), "text/html; charset=utf-8"
    elif callback and _CALLBACK.fullmatch(callback):
        body, kind = f"/**/{callback}({body})", "text/javascript; charset=utf-8"
    response = flask.Response(body, content_type=kind)
    headers = response.headers
    headers["Cache-Control"] = "private, must-revalidate, max-age=0"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Content-Disposition"] = "inline; filename=api-result.json"
    headers.update(reply.headers)
    if call.memory.get("origin"):
        headers["Access-Control-Allow-Origin"] = "*"
        headers["MediaWiki-Login-Suppressed"] = "true"
    if call.new_session is not None:
        cookies = {COOKIE: call.new_session.id}
        user = call.new_session.user
        if user is not None:  # clients look at these to learn whether they are logged in
            wiki = server.settings.wiki_id
            cookies |= {f"{wiki}UserID": str(user.id), f"{wiki}UserName": quote(user.name)}
        secure = "Secure; " if server.settings.secure_cookies else ""
        for name, value in cookies.items():  # each a token that needs no quotes
            # HttpOnly last, as MediaWiki has it: clients cut a list of cookies in two there.
            headers.add("Set-Cookie", f"{name}={value}; path=/; {secure}SameSite=Lax; HttpOnly")
    elif call.ended:
        for name in (COOKIE, *(f"{server.settings.wiki_id}{each}" for each in _ABOUT_USER)):
            response.delete_cookie(name)
    return response


def _preflight() -> flask.Response:
    """Answer a browser that asks whether a page of another site may read here: without cookies."""
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
    """Break the connection off: at once where the server lets us, else amid the answer."""
    drop: Callable[[], None] | None = flask.request.environ.get("wbskills.drop")
    if drop is not None:
        drop()

    def broken() -> Iterator[bytes]:
        yield b"{"
        raise ConnectionAbortedError("dropped on purpose")

    return flask.Response(broken(), headers={"Content-Length": "1000"})
