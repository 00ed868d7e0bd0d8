"""Logging in and out: action=login, clientlogin and logout."""

from wbskills.wikibase.server.accounts import Session, TooManyFailures, User
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.errors import ApiError
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter

_ANNOUNCE = (
    "Subscribe to the mediawiki-api-announce mailing list at"
    " <https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/>"
    " for notice of API deprecations and breaking changes."
)
_THROTTLED = (
    "You have made too many recent login attempts. Please wait 5 minutes before trying again."
)


def session_of(call: Call) -> Session:
    """Give the session of a request, a new one if it has none."""
    session = call.session or call.new_session
    if session is None:
        session = call.new_session = call.server.sessions.start()
    return session


def _log_in(call: Call) -> Json:
    """Log in with a bot password, or (deprecated) with that of an account."""
    session = session_of(call)
    token = call.values["token"]
    if not token:
        _deprecated(
            call,
            'Fetching a token via "action=login" is deprecated. Use'
            ' "action=query&meta=tokens&type=login" instead.',
        )
        return {"login": {"result": "NeedToken", "token": session.token("login")}}
    if not session.accepts(token, "login"):
        return {"login": {"result": "WrongToken"}}
    name = call.values["name"] or ""
    try:
        found = call.server.authenticator.authenticate(
            name, call.values["password"] or "", call.address
        )
    except TooManyFailures:
        return {"login": {"result": "Failed", "reason": _THROTTLED}}
    if found is None:
        reason = "Incorrect username or password entered. Please try again."
        return {"login": {"result": "Failed", "reason": reason}}
    user, by_bot_password = found
    if not by_bot_password:
        _deprecated(
            call,
            'Main-account login via "action=login" is deprecated and may stop working without'
            ' warning. To continue login with "action=login", see [[Special:BotPasswords]]. To'
            ' safely continue using main-account login, see "action=clientlogin".',
        )
    _enter(call, session, user)
    return {"login": {"result": "Success", "lguserid": user.id, "lgusername": user.name}}


def _client_login(call: Call) -> Json:
    """Log in with the password of an account."""
    name = call.words.take("username", []) or ""
    password = call.words.take("password", []) or ""
    if call.values["returnurl"] is None and not call.values["continue"]:
        raise ApiError(
            "missingparam",
            'At least one of the parameters "loginreturnurl" and "logincontinue" is required.',
        )
    try:
        found = (
            None
            if "@" in name
            else call.server.authenticator.authenticate(name, password, call.address)
        )
    except TooManyFailures:
        return _failed(_THROTTLED, "login-throttled")
    if found is None or found.by_bot_password:
        return _failed(
            "Incorrect username or password entered.\nPlease try again.", "wrongpassword"
        )
    _enter(call, session_of(call), found.user)
    return {"clientlogin": {"status": "PASS", "username": found.user.name}}


def _failed(text: str, code: str) -> Json:
    return {"clientlogin": {"status": "FAIL", "message": text, "messagecode": code}}


def _enter(call: Call, session: Session, user: User) -> None:
    """Begin a session of the user, under an id that nobody knew before."""
    call.server.sessions.end(session.id)
    call.new_session = call.server.sessions.start(user)


def _log_out(call: Call) -> Json:
    if call.session is not None:
        call.server.sessions.end(call.session.id)
    call.ended = True
    return {}


def _deprecated(call: Call, text: str) -> None:
    call.warn(_ANNOUNCE, "main")
    call.warn(text)


LOGIN = Module(
    "login",
    _log_in,
    (
        Parameter("name"),
        Parameter("password", "password", sensitive=True),
        Parameter("domain"),
        Parameter("token", sensitive=True),
    ),
    posted=True,
    prefix="lg",
)
CLIENT_LOGIN = Module(
    "clientlogin",
    _client_login,
    (
        Parameter("requests", multi=True),
        Parameter(
            "messageformat",
            choices=("html", "none", "raw", "wikitext"),
            default="wikitext",
        ),
        Parameter("mergerequestfields", "boolean"),
        Parameter("preservestate", "boolean"),
        Parameter("returnurl"),
        Parameter("continue", "boolean"),
        Parameter("token", required=True, token="login"),  # noqa: S106 - a kind, no secret
    ),
    token="login",  # noqa: S106 - a kind, no secret
    posted=True,
    secret=("password",),
    prefix="login",
)
LOGOUT = Module(
    "logout",
    _log_out,
    (Parameter("token", required=True, token="csrf"),),  # noqa: S106 - a kind, no secret
    token="csrf",  # noqa: S106 - a kind, no secret
    posted=True,
)
