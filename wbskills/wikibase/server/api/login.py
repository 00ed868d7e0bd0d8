"""action=login, clientlogin and logout."""

from typing import Final

from wbskills.wikibase.server.accounts import LogIn, Session, TooManyFailures, User
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import ApiError, Json

_ANNOUNCE: Final = (
    "Subscribe to the mediawiki-api-announce mailing list at"
    " <https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/>"
    " for notice of API deprecations and breaking changes."
)
_THROTTLED: Final = (
    "You have made too many recent login attempts. Please wait 5 minutes before trying again."
)
_WRONG_PASSWORD: Final = "Incorrect username or password entered.{}Please try again."  # noqa: S105 - a message


def session_of(call: Call) -> Session:
    """Return the session of a request; starts one if there is none."""
    session = call.session or call.new_session
    if session is None:
        session = call.new_session = call.server.sessions.start()
    return session


def login(call: Call) -> Json:
    """Log in with a bot password, or (deprecated) with the password of an account."""
    session = session_of(call)
    token = call.values["token"]
    if not token:
        _warn_deprecated(
            call,
            'Fetching a token via "action=login" is deprecated. Use'
            ' "action=query&meta=tokens&type=login" instead.',
        )
        return {"login": {"result": "NeedToken", "token": session.token("login")}}
    if not session.accepts(token, "login"):
        return {"login": {"result": "WrongToken"}}
    try:
        found = _authenticate(call, call.values["name"], call.values["password"])
    except TooManyFailures:
        return {"login": {"result": "Failed", "reason": _THROTTLED}}
    if found is None:
        return {"login": {"result": "Failed", "reason": _WRONG_PASSWORD.format(" ")}}
    if not found.by_bot_password:
        _warn_deprecated(
            call,
            'Main-account login via "action=login" is deprecated and may stop working without'
            ' warning. To continue login with "action=login", see [[Special:BotPasswords]]. To'
            ' safely continue using main-account login, see "action=clientlogin".',
        )
    _start_session(call, session, found.user)
    user = {"lguserid": found.user.id, "lgusername": found.user.name}
    return {"login": {"result": "Success", **user}}


def client_login(call: Call) -> Json:
    """Log in with the password of an account."""
    name, password = call.request.get("username") or "", call.request.get("password")
    if call.values["returnurl"] is None and not call.values["continue"]:
        raise ApiError(
            "missingparam",
            'At least one of the parameters "loginreturnurl" and "logincontinue" is required.',
        )
    try:
        found = None if "@" in name else _authenticate(call, name, password)
    except TooManyFailures:
        return _failed(_THROTTLED, "login-throttled")
    if found is None or found.by_bot_password:
        return _failed(_WRONG_PASSWORD.format("\n"), "wrongpassword")
    _start_session(call, session_of(call), found.user)
    return {"clientlogin": {"status": "PASS", "username": found.user.name}}


def logout(call: Call) -> Json:
    """End the session."""
    if call.session is not None:
        call.server.sessions.end(call.session.id)
    call.logged_out = True
    return {}


def _authenticate(call: Call, name: str | None, password: str | None) -> LogIn | None:
    return call.server.authenticator.authenticate(name or "", password or "", call.address)


def _failed(text: str, code: str) -> Json:
    return {"clientlogin": {"status": "FAIL", "message": text, "messagecode": code}}


def _start_session(call: Call, session: Session, user: User) -> None:
    """Replace the session by one of the user, with an id that nobody could have set."""
    call.server.sessions.end(session.id)
    call.new_session = call.server.sessions.start(user)


def _warn_deprecated(call: Call, text: str) -> None:
    call.warn(_ANNOUNCE, "main")
    call.warn(text)
