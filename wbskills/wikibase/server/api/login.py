"""action=login, clientlogin and logout."""

from wbskills.wikibase.server.accounts import LogIn, Session, TooManyFailures, User
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import Json, Message, api_error


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
        _warn_deprecated(call, "apiwarn-deprecation-login-token")
        return {"login": {"result": "NeedToken", "token": session.token("login")}}
    if not session.accepts(token, "login"):
        return {"login": {"result": "WrongToken"}}
    try:
        found = _authenticate(call, call.values["name"], call.values["password"])
    except TooManyFailures:
        reason = Message("api-login-fail-throttled").plain
        return {"login": {"result": "Failed", "reason": reason}}
    if found is None:
        reason = Message("api-login-fail-wrongpassword").plain
        return {"login": {"result": "Failed", "reason": reason}}
    if not found.by_bot_password:
        _warn_deprecated(call, "apiwarn-deprecation-login-botpw")
    _start_session(call, session, found.user)
    user = {"lguserid": found.user.id, "lgusername": found.user.name}
    return {"login": {"result": "Success", **user}}


def client_login(call: Call) -> Json:
    """Log in with the password of an account."""
    name, password = call.request.get("username") or "", call.request.get("password")
    if call.values["returnurl"] is None and not call.values["continue"]:
        names = '"loginreturnurl" and "logincontinue"'
        raise api_error("missingparam", names, name="apierror-missingparam-at-least-one-of")
    try:
        found = None if "@" in name else _authenticate(call, name, password)
    except TooManyFailures:
        return _failed("throttled", "login-throttled")
    if found is None or found.by_bot_password:
        return _failed("wrongpassword", "wrongpassword")
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


def _failed(reason: str, code: str) -> Json:
    text = Message(f"api-login-fail-{reason}").wikitext
    return {"clientlogin": {"status": "FAIL", "message": text, "messagecode": code}}


def _start_session(call: Call, session: Session, user: User) -> None:
    """Replace the session by one of the user, with an id that nobody could have set."""
    call.server.sessions.end(session.id)
    call.new_session = call.server.sessions.start(user)


def _warn_deprecated(call: Call, message: str) -> None:
    call.warn(Message("api-usage-mailinglist-ref").wikitext, "main")
    call.warn(Message(message).wikitext)
