"""A wiki that is private or read-only, and users who are blocked: made so by `Faults`."""

from typing import Final

from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import ApiError, unsaved
from wbskills.wikibase.server.api.messages import Json, Message

_DOORS: Final = frozenset({"login", "clientlogin"})
_TOLD: Final = frozenset({"tokens", "userinfo"})  # to everybody, so that one can log in
_BLOCKED_AT: Final = "2026-11-30T21:33:16Z"


def check_open(call: Call) -> None:
    """Refuse what is closed. Raises `ApiError`."""
    faults, name = call.settings.faults, call.module.name
    if faults.private and call.user.anonymous and not _is_door(call):
        raise ApiError("readapidenied", "You need read permission to use this module.")
    if faults.read_only and (call.module.writes or name in _DOORS):
        raise ApiError(
            "readonly",
            "The wiki is currently in read-only mode.",
            data={"readonlyreason": faults.read_only},
        )
    if call.module.writes and block_of(call):
        if name.startswith("wb"):
            raise unsaved(Message("blockedtext", (faults.blocked,)), also=["blocked"])
        data = {"blockinfo": block_of(call)}
        raise ApiError("blocked", "You have been blocked from editing.", data=data)


def block_of(call: Call) -> Json:
    """Tell how the user is blocked; empty if not."""
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


def _is_door(call: Call) -> bool:
    """Tell whether a request is on the way to a log-in, and asks for nothing else."""
    if call.module.name in _DOORS:
        return True
    if call.module.name != "query":
        return False
    values = call.values
    asked = values["meta"] and set(values["meta"]) <= _TOLD
    return bool(asked and not (values["list"] or values["prop"] or values["titles"]))
