"""What is checked before a module runs: the user, tokens, replication lag, and blocks."""

from typing import Final

import flask

from wbskills.wikibase.server.accounts import Session
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import Json, Message, api_error, save_failed

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
        raise api_error("mustbeposted", module.name)
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
        raise api_error("assertanonfailed")
    if wanted in {"user", "bot"} and call.user.anonymous:
        raise api_error("assertuserfailed")
    if wanted == "bot" and not call.user.may("bot"):
        raise api_error("assertbotfailed")
    if name and name != call.user.name:
        raise api_error("assertnameduserfailed", name)


def _check_secrets(call: Call) -> None:
    """Refuse secrets in the URL, which is kept in logs and histories."""
    module = call.module
    names = [module.prefix + parameter.name for parameter in module.parameters if parameter.token]
    names += [
        module.prefix + parameter.name for parameter in module.parameters if parameter.sensitive
    ]
    names += module.secret
    found = [
        name for name in names if name in call.request.query and name not in call.request.form
    ]
    if found:
        what = "parameter was" if len(found) == 1 else "parameters were"
        raise api_error("mustpostparams", what, ", ".join(found))


def _check_token(call: Call) -> None:
    kind = call.module.token
    if not kind:
        return
    token = call.values.get("token")
    if not token:
        raise api_error("missingparam", "token")
    session = call.session or Session("")
    if session.id and call.settings.faults.take("expire_tokens"):
        session.renew_tokens()
    if not session.accepts(token, kind):
        raise api_error("badtoken")


def _check_origin(call: Call, request: flask.Request) -> None:
    """Refuse edits that a page of another site sends without the token of a user."""
    origin = request.headers.get("Origin")
    if origin and call.user.anonymous and origin != call.site.address:
        raise api_error("badtoken")


def _check_open(call: Call) -> None:
    """Refuse what a private or read-only wiki, or a block, does not allow."""
    faults, name = call.settings.faults, call.module.name
    if call.bad_token:
        code = "mwoauth-invalid-authorization"
        raise api_error(code, "Invalid access token", name=code)
    if call.grant is not None and call.grant.is_identity_only:
        raise api_error("readapidenied")
    if faults.private and call.user.anonymous and not _is_log_in(call):
        raise api_error("readapidenied")
    if faults.read_only and (call.module.writes or name in _LOGIN_MODULES):
        raise api_error("readonly", data={"readonlyreason": faults.read_only})
    block = block_info(call)
    if call.module.writes and block:
        if name.startswith("wb"):
            raise save_failed(Message("blockedtext", (faults.blocked,)), also=["blocked"])
        raise api_error("blocked", data={"blockinfo": block})


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
    raise api_error(
        "maxlag",
        f"{shown} {'second' if abs(shown) == 1 else 'seconds'}",
        data={"host": faults.host, "lag": shown, "type": faults.lag_type},
        headers={"Retry-After": str(max(allowed, 5)), "X-Database-Lag": str(int(lag))},
    )
