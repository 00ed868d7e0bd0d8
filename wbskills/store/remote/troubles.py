"""What may be wrong with an answer of the Action API, and what it means for the request.

Pure: reads answers, sends nothing. Codes as in
https://www.mediawiki.org/wiki/API:Errors_and_warnings and Wikibase's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
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

    `code` is the wiki's name for it; `clash` the entity whose label is wanted.
    """

    meaning: Meaning
    why: str
    seconds: float = 0.0
    code: str = ""
    clash: str = ""


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
        return Trouble(Meaning.REFUSED, "the edit is too large (HTTP 413)", code="too-large")
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
    return Trouble(Meaning.REFUSED, f"{code}: {info}", code=code, clash=_clash(messages))


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


def _clash(messages: list[Json]) -> str:
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
