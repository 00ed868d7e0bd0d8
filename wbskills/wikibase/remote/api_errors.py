"""Errors of the Action API, and what each means for the request that met it. Pure.

Codes are those of https://www.mediawiki.org/wiki/API:Errors_and_warnings and of Wikibase.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from html import unescape
from typing import Any, Final, NamedTuple

Json = dict[str, Any]

OAUTH_REFUSED: Final = "mwoauth-invalid-authorization"
READ_DENIED: Final = "readapidenied"  # of a private wiki, to anyone who has not logged in
_MAX_RETRY_AFTER: Final = 300.0  # seconds
_MAXLAG: Final = 5.0
_THROTTLED: Final = 30.0  # seconds to wait if the wiki does not say how long
_GATEWAY_ERRORS: Final = frozenset({500, 502, 503, 504})
_NO_API: Final = frozenset({404, 405, 410})
_ENTITY_LINK: Final = re.compile(r"\[\[(?:[^|\]]*:)?([QP][1-9][0-9]*)(?:\|[^\]]*)?\]\]")
_CLASHES: Final = (
    "wikibase-validator-label-with-description-conflict",
    "wikibase-validator-label-conflict",
)
# A save that came after someone else's: `editconflict` in all but the code.
_CONFLICTS: Final = frozenset(
    {"edit-conflict", "edit-gone-missing", "wikibase-save-unresolved-redirect"}
)
_FAILED_SAVE: Final = "failed-save"
_MAX_REASON: Final = 200  # characters


class _Reason(NamedTuple):
    """A reason for a refusal: how names of its messages begin, and what to tell the user."""

    prefixes: tuple[str, ...]
    message: str
    hint: str
    edit_only: bool


# The first that fits counts: a block comes before everything else that is in the way.
_REASONS: Final = (
    _Reason(
        ("blocked", "autoblocked", "systemblocked"),
        "this user is blocked: {detail}",
        "ask the wiki’s administrators",
        edit_only=False,
    ),
    _Reason(
        ("abusefilter-",),
        "a filter of the wiki refuses it: {detail}",
        "ask the wiki’s maintainers about that filter",
        edit_only=True,
    ),
    _Reason(
        ("captcha-",),
        "the wiki asks for a captcha, which a program cannot answer",
        "ask the wiki’s maintainers for the right skipcaptcha, which bots have",
        edit_only=True,
    ),
    _Reason(
        ("protectedpage", "cascadeprotected", "semiprotected", "titleprotected"),
        "its page is protected",
        "ask the wiki’s administrators to make the edit",
        edit_only=True,
    ),
    _Reason(
        ("spam-", "spamprotection", "spamblacklist", "titleblacklist", "hookaborted"),
        "the wiki treats it as spam: {detail}",
        "ask the wiki’s maintainers",
        edit_only=True,
    ),
    _Reason(
        ("badaccess", "permission", "nocreate", "cantcreate", "namespaceprotected"),
        "this user lacks a right: {detail}",
        "run “wbskills doctor”",
        edit_only=False,
    ),
)


class ErrorKind(Enum):
    """What an error means for the request."""

    BUSY = auto()  # not carried out; send it again later
    THROTTLED = auto()  # the same, and all sessions should slow down
    LOGGED_OUT = auto()  # not carried out; log in again
    BAD_TOKEN = auto()  # not carried out; a new token is needed
    REFUSED = auto()  # not carried out, now or later
    UNKNOWN = auto()  # it may or may not have been carried out


@dataclass(frozen=True, slots=True)
class WikiError:
    """An answer other than success.

    `retry_after` is in seconds, 0 if the wiki does not say. `code` is the wiki's own. `clash` is
    the entity that has the wanted label. An `edit_only` refusal is about this edit: others may
    be accepted.
    """

    kind: ErrorKind
    message: str
    retry_after: float = 0.0
    code: str = ""
    clash: str = ""
    hint: str = ""
    edit_only: bool = False


def parse_answer(status: int, headers: Mapping[str, str], content: bytes) -> Json | WikiError:
    """Parse an HTTP answer of the API: its JSON if it is a success."""
    try:
        found: object = json.loads(content)
    except ValueError:
        found = None
    error = find_error(status, headers, found)
    if error is None and isinstance(found, dict):
        return found
    return error or WikiError(ErrorKind.UNKNOWN, "the answer is not from an API")


def find_error(status: int, headers: Mapping[str, str], found: object) -> WikiError | None:
    """Find the error in an answer; None if it is a success. `found` is its JSON, or None.

    An error of the wiki counts whatever its status. But proxies in front of a wiki also answer
    in JSON, which says nothing about the request.
    """
    if isinstance(found, dict) and isinstance(found.get("error"), dict) and found["error"]:
        error = _wiki_error(found["error"], headers)
        if error.kind is not ErrorKind.REFUSED or status not in _GATEWAY_ERRORS | {429}:
            return error
    if status == 429:
        return _throttled("the wiki asks for fewer requests", headers)
    if status in _GATEWAY_ERRORS:
        message = f"the wiki cannot answer (HTTP {status})"
        return WikiError(ErrorKind.UNKNOWN, message, _retry_after(headers, 0))
    if status in {401, 403}:
        message = f"the wiki rejects this program (HTTP {status})"
        return WikiError(ErrorKind.REFUSED, message, code="forbidden")
    if status in _NO_API:
        return WikiError(ErrorKind.REFUSED, f"there is no API (HTTP {status})", code="no-api")
    if status == 413:
        message = "the edit is too large (HTTP 413)"
        return WikiError(ErrorKind.REFUSED, message, code="too-large", edit_only=True)
    if not isinstance(found, dict) or "error" in found:
        return WikiError(ErrorKind.UNKNOWN, f"the answer is not from an API (HTTP {status})")
    return None


def is_truncated(found: Json) -> bool:
    """Check whether an answer leaves out something that no continuation will bring.

    A wiki cuts an answer that is larger than `$wgAPIMaxResultSize`, and only warns.
    """
    warnings = found.get("warnings")
    return isinstance(warnings, dict) and "result" in warnings and "continue" not in found


def read_only_reason(general: Json) -> str:
    """Return why a wiki is read-only, from its `siprop=general`; empty if it is not."""
    if general.get("readonly") in {None, False}:  # an empty text means yes
        return ""
    return str(general.get("readonlyreason") or "no reason given")


def _wiki_error(error: Json, headers: Mapping[str, str]) -> WikiError:
    code, info = str(error.get("code", "")), str(error.get("info", ""))
    messages = [each for each in _as_list(error.get("messages")) if isinstance(each, dict)]
    names = {str(each.get("name")) for each in messages}
    if code == "maxlag":
        return WikiError(ErrorKind.BUSY, _lag(error), _retry_after(headers, _MAXLAG), code)
    if code == "ratelimited" or "actionthrottledtext" in names:
        return _throttled("the wiki asks for fewer requests", headers, "ratelimited")
    if code == "no-automatic-entity-id":
        # New ids have a limit of their own, and this code hides it.
        return _throttled(f"the wiki does not assign a new id: {info}", headers, code)
    if code == "readonly":
        message = f"the wiki is read-only: {error.get('readonlyreason', 'no reason given')}"
        return WikiError(ErrorKind.BUSY, message, _retry_after(headers, 0), code)
    if code == OAUTH_REFUSED:
        message = f"the wiki does not accept the log-in: {info}"
        return WikiError(ErrorKind.LOGGED_OUT, message, code=code)
    if code in {"assertuserfailed", "assertbotfailed"}:
        return WikiError(ErrorKind.LOGGED_OUT, "the wiki has ended the session", code=code)
    if code in {"badtoken", "notoken"}:
        return WikiError(ErrorKind.BAD_TOKEN, "the wiki wants a new token", code=code)
    if code.startswith("internal_api_error"):
        return WikiError(ErrorKind.UNKNOWN, f"the wiki has an internal error: {info}", code=code)
    if code == _FAILED_SAVE and names & _CONFLICTS:
        code = "editconflict"
    return _refusal(code, info, messages)


def _throttled(message: str, headers: Mapping[str, str], code: str = "") -> WikiError:
    return WikiError(ErrorKind.THROTTLED, message, _retry_after(headers, _THROTTLED), code)


def _refusal(code: str, info: str, messages: Sequence[Json]) -> WikiError:
    """Find the reason among all messages: code and text are often the same for every reason."""
    by_name: dict[str, Json] = {code: {}}
    for message in messages:
        name = str(message.get("name"))
        by_name[name] = by_name.get(name) or message
    for reason in _REASONS:
        for name, message in by_name.items():
            if name.startswith(reason.prefixes):
                detail = _detail(message) if message else ""
                return WikiError(
                    ErrorKind.REFUSED,
                    reason.message.format(detail=detail or info),
                    code=code,
                    hint=reason.hint,
                    edit_only=reason.edit_only,
                )
    details = [_text(each) for each in messages[1:]] if code == _FAILED_SAVE else []
    return WikiError(
        ErrorKind.REFUSED,
        "; ".join([f"{code}: {info}", *filter(None, details)]),
        code=code,
        clash=_clash(messages),
        edit_only=code in {_FAILED_SAVE, "modification-failed"},
    )


def _detail(message: Json) -> str:
    """Return what a message says about this case: its first parameter, or its text."""
    parameters = _as_list(message.get("parameters"))
    return _shortened(str(parameters[0])) if parameters else _text(message)


def _text(message: Json) -> str:
    html = message.get("html", "")
    text = str(html.get("*", "") if isinstance(html, Mapping) else html)
    return _shortened(text) or str(message.get("name", ""))


def _shortened(html: str) -> str:
    text = " ".join(unescape(re.sub(r"<[^<>]*>", "", html)).split())
    return text if len(text) <= _MAX_REASON else f"{text[:_MAX_REASON]} …"


def _lag(error: Json) -> str:
    if error.get("type") == "jobqueue":
        jobs = error.get("jobs")
        waiting = f" ({jobs:,} wait)" if isinstance(jobs, int) else ""
        return f"the wiki’s job queue is too long{waiting}"
    lag = error.get("lag", _MAXLAG)
    known = isinstance(lag, int | float)
    return f"the wiki’s database lags by {lag:.3g} s" if known else "the wiki lags"


def _clash(messages: Sequence[Json]) -> str:
    for message in messages:
        if message.get("name") in _CLASHES:
            for parameter in _as_list(message.get("parameters")):
                found = _ENTITY_LINK.search(str(parameter))
                if found:
                    return found[1]
    return ""


def _as_list(found: object) -> list[Any]:
    """Return a list, which PHP may have written as a map."""
    if isinstance(found, Mapping):
        return list(found.values())
    return list(found) if isinstance(found, list) else []


def _retry_after(headers: Mapping[str, str], default: float) -> float:
    """Read how many seconds the wiki asks to wait; a date is ignored."""
    found = next((text for name, text in headers.items() if name.lower() == "retry-after"), "")
    return min(float(found), _MAX_RETRY_AFTER) if found.isdigit() else default
