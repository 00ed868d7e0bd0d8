"""Special:UserLogin and Special:UserLogout, for people with a browser.

They share accounts, limits and sessions with the Action API.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from wbskills.wikibase.server.accounts import Session, TooManyFailures, User
from wbskills.wikibase.server.cookies import LogInState
from wbskills.wikibase.server.rendering import Templates
from wbskills.wikibase.server.site import Site

LOG_IN: Final = "/wiki/Special:UserLogin"
LOG_OUT: Final = "/wiki/Special:UserLogout"
_WRONG: Final = "Wrong username or password."
_TOO_MANY: Final = "There were too many attempts. Wait five minutes, then try again."
_EXPIRED: Final = "This page was open for too long. Please try again."
_LONGEST_ADDRESS: Final = 2_000


def blueprint(site: Site, state: LogInState) -> Blueprint:
    """Return the pages on which people log in and out."""
    routes = Blueprint("log_in", __name__)
    pages = _Pages(site, state)
    for path, method, view in (
        (LOG_IN, "GET", pages.ask),
        (LOG_IN, "POST", pages.log_in),
        (LOG_OUT, "GET", pages.ask_log_out),
        (LOG_OUT, "POST", pages.log_out),
    ):
        routes.add_url_rule(path, f"{method} {path}", view, methods=[method])
    return routes


class _Pages:
    def __init__(self, site: Site, state: LogInState) -> None:
        self._templates, self._state = Templates(site), state

    def ask(self) -> AnyResponse:
        back = own_address(request.args.get("returnto", ""))
        session = self._state.session(request)
        if session is not None and session.user is not None:
            return redirect(back, 303)
        return self._form(session, back)

    def log_in(self) -> AnyResponse:
        back = own_address(request.form.get("returnto", ""))
        session = self._state.session(request)
        if session is None or not session.accepts(request.form.get("token", ""), "login"):
            return self._form(session, back, _EXPIRED, 403)
        try:
            found = self._authenticated()
        except TooManyFailures:
            return self._form(session, back, _TOO_MANY, 429)
        if found is None:
            return self._form(session, back, _WRONG, 403)
        self._state.sessions.end(session.id)  # an id that somebody else may have set
        response = redirect(back, 303)
        self._state.set_cookies(response, self._state.sessions.start(found))
        return _private(response)

    def ask_log_out(self) -> AnyResponse:
        session = self._state.session(request)
        if session is None or session.user is None:
            return redirect("/", 303)
        token = session.token("csrf")
        return _private(self._templates.page("log_out", token=token, name=session.user.name))

    def log_out(self) -> AnyResponse:
        session = self._state.session(request)
        response = redirect("/", 303)
        if session is not None and session.accepts(request.form.get("token", ""), "csrf"):
            self._state.sessions.end(session.id)
            self._state.drop_cookies(response)
        return _private(response)

    def _authenticated(self) -> User | None:
        """Check name and password. Raises `TooManyFailures`."""
        name, password = request.form.get("name", ""), request.form.get("password", "")
        if "@" in name:  # the password of a program is not for people
            return None
        address = request.remote_addr or "127.0.0.1"
        found = self._state.authenticator.authenticate(name, password, address)
        return found.user if found is not None and not found.by_bot_password else None

    def _form(
        self, session: Session | None, back: str, message: str = "", status: int = 200
    ) -> AnyResponse:
        session = session or self._state.sessions.start()
        response = self._templates.page(
            "log_in",
            status,
            token=session.token("login"),
            back=back,
            name=request.form.get("name", ""),
            message=message,
        )
        self._state.set_cookies(response, session)
        return _private(response)


def own_address(address: str) -> str:
    r"""Return an address on this server; the start page in place of any other.

    >>> own_address("/me/account"), own_address("//evil.example"), own_address("/\\evil.example")
    ('/me/account', '/', '/')
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    # Browsers drop tabs and line ends, and read a backslash as a slash.
    is_own = (
        address.startswith("/")
        and not address.startswith("//")
        and "\\" not in address
        and address.isprintable()
        and not parts.scheme
        and not parts.netloc
        and len(address) <= _LONGEST_ADDRESS
    )
    return address if is_own else "/"


def _private(response: AnyResponse) -> AnyResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
