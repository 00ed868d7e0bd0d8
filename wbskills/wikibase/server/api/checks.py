"""What is checked before a module runs: the user, tokens, replication lag, and blocks."""

from typing import Final

import flask

from wbskills.wikibase.server.accounts import Session
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import (
    ApiError,
    Json,
    Message,
    missing_param,
    save_failed,
)

_LOGIN_MODULES: Final = frozenset({"login", "clientlogin"})
_PUBLIC_META: Final = frozenset({"tokens", "userinfo"})  # needed to log in to a private wiki
_BLOCKED_AT: Final = "2026-11-30T21:33:16Z"


def check(call: Call, request: flask.Request) -> None:
    """Check that the module may run, in MediaWiki's order. Raises `ApiError`."""
    module = call.module
    _check_asserts(call)
    call.values = call.read(module)
    _check_secrets(call)
    _check_token(call)
    if module.writes:
        _check_origin(call, request)
    _check_open(call)
    if module.posted and request.method != "POST":
        raise ApiError("mustbeposted", f'The "{module.name}" module requires a POST request.')
    _check_lag(call)


def block_info(call: Call) -> Json:
    """Return the block of the user; empty if there is none."""
    reason = call.settings.faults.blocked
    if not reason or call.user.anonymous:
        return {}
    return {
        "blockid": 1,
        "blockedby": "Admin",
        "blockedbyid": 1,
        "blockreason": reason,
        "blockedtimestamp": _BLOCKED_AT,
        "blockexpiry": "infinite",
        "blockpartial": False,
    }


def _check_asserts(call: Call) -> None:
    wanted, name = call.main.get("assert"), call.main.get("assertuser")
    if wanted == "anon" and not call.user.anonymous:
        raise _assert_failed("assertanonfailed", "You are logged in")
    if wanted in {"user", "bot"} and call.user.anonymous:
        raise _assert_failed("assertuserfailed", "You are no longer logged in")
    if wanted == "bot" and not call.user.may("bot"):
        raise _assert_failed("assertbotfailed", 'You do not have the "bot" right')
    if name and name != call.user.name:
        raise _assert_failed("assertnameduserfailed", f'You are no longer logged in as "{name}"')


def _assert_failed(code: str, reason: str) -> ApiError:
    return ApiError(code, f"{reason}, so the action could not be completed.")


def _check_secrets(call: Call) -> None:
    """Refuse secrets in the URL, which is kept in logs and histories."""
    module = call.module
    names = [module.prefix + each.name for each in module.parameters if each.token]
    names += [module.prefix + each.name for each in module.parameters if each.sensitive]
    names += module.secret
    found = [
        name for name in names if name in call.request.query and name not in call.request.form
    ]
    if found:
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
        raise _bad_token()


def _check_origin(call: Call, request: flask.Request) -> None:
    """Refuse edits that a page of another site sends without the token of a user."""
    origin = request.headers.get("Origin")
    if origin and call.user.anonymous and origin != call.site.address:
        raise _bad_token()


def _bad_token() -> ApiError:
    return ApiError("badtoken", "Invalid CSRF token.")


def _check_open(call: Call) -> None:
    """Refuse what a private or read-only wiki, or a block, does not allow."""
    faults, name = call.settings.faults, call.module.name
    if faults.private and call.user.anonymous and not _is_log_in(call):
        raise ApiError("readapidenied", "You need read permission to use this module.")
    if faults.read_only and (call.module.writes or name in _LOGIN_MODULES):
        raise ApiError(
            "readonly",
            "The wiki is currently in read-only mode.",
            data={"readonlyreason": faults.read_only},
        )
    block = block_info(call)
    if call.module.writes and block:
        if name.startswith("wb"):
            raise save_failed(Message("blockedtext", (faults.blocked,)), also=["blocked"])
        raise ApiError("blocked", "You have been blocked from editing.", data={"blockinfo": block})


def _is_log_in(call: Call) -> bool:
    """Whether a request is a log-in, or only asks for what a log-in needs."""
    if call.module.name != "query":
        return call.module.name in _LOGIN_MODULES
    values = call.values
    asked = values["meta"] and set(values["meta"]) <= _PUBLIC_META
    return bool(asked and not (values["list"] or values["prop"] or values["titles"]))


def _check_lag(call: Call) -> None:
    faults = call.settings.faults
    allowed, lag = call.main.get("maxlag"), faults.lag
    if allowed is None or lag <= allowed:
        return
    shown = int(lag) if lag == int(lag) else lag
    noun = "second" if abs(shown) == 1 else "seconds"
    raise ApiError(
        "maxlag",
        f"Waiting for a database server: {shown} {noun} lagged.",
        data={"host": faults.host, "lag": shown, "type": faults.lag_type},
        headers={"Retry-After": str(max(allowed, 5)), "X-Database-Lag": str(int(lag))},
    )
