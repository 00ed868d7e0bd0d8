"""What may be wrong with an answer of the Action API, and what it means for the request.

Pure: reads answers, sends nothing. Codes as in
https://www.mediawiki.org/wiki/API:Errors_and_warnings and Wikibase's own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from html import unescape
from typing import Any, Final

Json = dict[str, Any]

OAUTH_REFUSED: Final = "mwoauth-invalid-authorization"
_LONGEST: Final = 300.0  # seconds; a longer Retry-After is cut to this
_MAXLAG: Final = 5.0
_THROTTLED: Final = 30.0  # seconds to wait where the wiki does not say how long
_GATEWAYS: Final = frozenset({500, 502, 503, 504})
_ELSEWHERE: Final = frozenset({404, 405, 410})
_ENTITY: Final = re.compile(r"\[\[(?:[^|\]]*:)?([QP][1-9][0-9]*)(?:\|[^\]]*)?\]\]")
_CLASHES: Final = (
    "wikibase-validator-label-with-description-conflict",
    "wikibase-validator-label-conflict",
)
# A save that somebody else's was quicker than: `editconflict` in all but the code.
_OVERTAKEN: Final = frozenset(
    {"edit-conflict", "edit-gone-missing", "wikibase-save-unresolved-redirect"}
)
_UNSAVED: Final = "failed-save"
_LONGEST_REASON: Final = 200
# How the name of a reason begins, what it means, what to try, and whether other edits may pass.
# The first that fits counts: who is blocked is told so whatever else is in the way.
_REASONS: Final[Sequence[tuple[tuple[str, ...], str, str, bool]]] = (
    (
        ("blocked", "autoblocked", "systemblocked"),
        "this user is blocked: {said}",
        "asking the wiki’s administrators",
        False,
    ),
    (
        ("abusefilter-",),
        "a filter of the wiki refuses it: {said}",
        "asking the wiki’s maintainers about that filter",
        True,
    ),
    (
        ("captcha-",),
        "the wiki asks for a captcha, which a program cannot answer",
        "asking the wiki’s maintainers for the right skipcaptcha, which bots have",
        True,
    ),
    (
        ("protectedpage", "cascadeprotected", "semiprotected", "titleprotected"),
        "its page is protected",
        "asking the wiki’s administrators to make the edit",
        True,
    ),
    (
        ("spam-", "spamprotection", "spamblacklist", "titleblacklist", "hookaborted"),
        "the wiki takes it for spam: {said}",
        "asking the wiki’s maintainers",
        True,
    ),
    (
        ("badaccess", "permission", "nocreate", "cantcreate", "namespaceprotected"),
        "this user lacks a right: {said}",
        "wbskills doctor",
        False,
    ),
)


class Meaning(Enum):
    """What an answer other than success means for the request."""

    WAIT = auto()  # not carried out; the same request again, later
    THROTTLED = auto()  # the same, and everybody should be slower
    LOGGED_OUT = auto()  # not carried out; log in again
    NO_TOKEN = auto()  # not carried out; a new token is needed
    REFUSED = auto()  # not carried out, and never will be
    UNCLEAR = auto()  # nobody knows whether it was carried out


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer that is no success: `why` in words, `seconds` to wait if the wiki says so.

    `code` is the wiki's name for it; `clash` the entity whose label is wanted; `hint` what to
    try. What is refused `alone` is refused for what it says or where: other edits may be taken.
    """

    meaning: Meaning
    why: str
    seconds: float = 0.0
    code: str = ""
    clash: str = ""
    hint: str = ""
    alone: bool = False


def trouble(status: int, headers: Mapping[str, str], found: object) -> Trouble | None:
    """Read an answer; None if it is a success. `found` is its JSON, or None if it has none.

    What the wiki itself says counts before the status it comes with. But what stands before a
    wiki has errors of its own, in JSON too; they tell nothing of the request.
    """
    if isinstance(found, dict) and isinstance(found.get("error"), dict) and found["error"]:
        said = _error(found["error"], headers)
        if said.meaning is not Meaning.REFUSED or status not in _GATEWAYS | {429}:
            return said
    if status == 429:
        return Trouble(
            Meaning.THROTTLED, "the wiki asks to be slower", _after(headers, _THROTTLED)
        )
    if status in _GATEWAYS:
        why = f"the wiki cannot answer (HTTP {status})"
        return Trouble(Meaning.UNCLEAR, why, _after(headers, 0))
    if status in {401, 403}:
        return Trouble(
            Meaning.REFUSED, f"the wiki turns this program away (HTTP {status})", code="forbidden"
        )
    if status in _ELSEWHERE:
        return Trouble(Meaning.REFUSED, f"there is no API (HTTP {status})", code="no-api")
    if status == 413:
        why = "the edit is too large (HTTP 413)"
        return Trouble(Meaning.REFUSED, why, code="too-large", alone=True)
    if not isinstance(found, dict) or "error" in found:
        return Trouble(Meaning.UNCLEAR, f"the answer is not that of an API (HTTP {status})")
    return None


def is_cut(found: Json) -> bool:
    """Tell whether an answer leaves out a part that no further answer would bring.

    A wiki cuts an answer that would be larger than `$wgAPIMaxResultSize`, and only warns.
    """
    warnings = found.get("warnings")
    return isinstance(warnings, dict) and "result" in warnings and "continue" not in found


def read_only(general: Json) -> str:
    """Tell from what a wiki says of itself why nothing can be written; empty if it can."""
    if general.get("readonly") in {None, False}:  # an empty text is yes, too
        return ""
    return str(general.get("readonlyreason") or "no reason given")


def _error(error: Json, headers: Mapping[str, str]) -> Trouble:
    code, info = str(error.get("code", "")), str(error.get("info", ""))
    messages = [each for each in _listed(error.get("messages")) if isinstance(each, dict)]
    names = {str(each.get("name")) for each in messages}
    if code == "maxlag":
        return Trouble(Meaning.WAIT, _lag(error), _after(headers, _MAXLAG), code)
    if code == "ratelimited" or "actionthrottledtext" in names:
        why = "the wiki asks to be slower"
        return Trouble(Meaning.THROTTLED, why, _after(headers, _THROTTLED), "ratelimited")
    if code == "no-automatic-entity-id":
        # The limit of new ids is one of its own; behind this code the wiki hides which it was.
        why = f"the wiki gives no new id: {info}"
        return Trouble(Meaning.THROTTLED, why, _after(headers, _THROTTLED), code)
    if code == "readonly":
        why = f"the wiki is read-only: {error.get('readonlyreason', 'no reason given')}"
        return Trouble(Meaning.WAIT, why, _after(headers, 0), code)
    if code == OAUTH_REFUSED:
        return Trouble(Meaning.LOGGED_OUT, f"the wiki does not take the log-in: {info}", code=code)
    if code in {"assertuserfailed", "assertbotfailed"}:
        return Trouble(Meaning.LOGGED_OUT, "the wiki has ended the session", code=code)
    if code in {"badtoken", "notoken"}:
        return Trouble(Meaning.NO_TOKEN, "the wiki wants a new token", code=code)
    if code.startswith("internal_api_error"):
        return Trouble(Meaning.UNCLEAR, f"the wiki has failed inside: {info}", code=code)
    if code == "failed-save" and names & _OVERTAKEN:
        code = "editconflict"
    return _refusal(code, info, messages)


def _refusal(code: str, info: str, messages: Sequence[Json]) -> Trouble:
    """Find the reason among the messages: the code and what it says are often the same for all.

    Whoever is blocked or lacks a right is refused with every edit; else it is about this one.
    """
    names = [code, *(str(each.get("name")) for each in messages)]
    for words, about, hint, alone in _REASONS:
        for name in names:
            if not name.startswith(words):
                continue
            message = next((each for each in messages if each.get("name") == name), {})
            why = about.format(said=_said(message) or info)
            return Trouble(Meaning.REFUSED, why, code=code, hint=hint, alone=alone)
    told = [_said(each, full=True) for each in messages[1:]] if code == _UNSAVED else []
    return Trouble(
        Meaning.REFUSED,
        "; ".join([f"{code}: {info}", *filter(None, told)]),
        code=code,
        clash=_clash(messages),
        alone=code in {_UNSAVED, "modification-failed"},
    )


def _said(message: Json, *, full: bool = False) -> str:
    """Give what a message says of this case: its first parameter, or else (if `full`) its text."""
    parameters = _listed(message.get("parameters"))
    if parameters and not full:
        return _short(str(parameters[0]))
    html = message.get("html", "")
    text = str(html.get("*", "") if isinstance(html, Mapping) else html)
    return _short(text) or str(message.get("name", ""))


def _short(text: str) -> str:
    words = " ".join(unescape(re.sub(r"<[^<>]*>", "", text)).split())
    return words if len(words) <= _LONGEST_REASON else f"{words[:_LONGEST_REASON]} …"


def _lag(error: Json) -> str:
    """Say what lags: a database by its seconds, or the queue of jobs, which has none."""
    if error.get("type") == "jobqueue":
        jobs = error.get("jobs")
        many = f" ({jobs:,} wait)" if isinstance(jobs, int) else ""
        return f"the wiki’s queue of jobs is too long{many}"
    lag = error.get("lag", _MAXLAG)
    return f"the wiki’s database lags by {lag:.3g} s" if _is_number(lag) else "the wiki lags"


def _is_number(found: object) -> bool:
    return isinstance(found, int | float)


def _clash(messages: Sequence[Json]) -> str:
    """Find the entity that has the label already."""
    for message in messages:
        if message.get("name") in _CLASHES:
            for parameter in _listed(message.get("parameters")):
                found = _ENTITY.search(str(parameter))
                if found:
                    return found[1]
    return ""


def _listed(found: object) -> list[Any]:
    """Give a list, which PHP may write as a map."""
    if isinstance(found, Mapping):
        return list(found.values())
    return list(found) if isinstance(found, list) else []


def _after(headers: Mapping[str, str], otherwise: float) -> float:
    """Read how long the wiki asks to wait; a date counts as not said."""
    told = next((text for name, text in headers.items() if name.lower() == "retry-after"), "")
    return min(float(told), _LONGEST) if told.isdigit() else otherwise
