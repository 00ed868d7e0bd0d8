"""Public facts about an account of a wiki: languages, groups, home wiki, where it edits.

Anyone can ask for them. A wiki without an extension (Babel, CentralAuth) simply lacks a fact.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Thread
from typing import Any, Final

import requests
from urllib3.exceptions import HTTPError

from wbskills.wikibase.remote.login import user_agent
from wbskills.wikibase.remote.profile import address_fault

_SECONDS: Final = 4.0  # between two parts of an answer, which may be many
_SECONDS_IN_ALL: Final = 5.0
_AT_ONCE: Final = BoundedSemaphore(8)  # so that a wiki that hangs takes no more threads
_MAX_ANSWER: Final = 2 << 20  # bytes; 500 edits and accounts on 900 wikis take 0.4 MB
MOST_EDITS: Final = 500
_LONGEST: Final = 80  # characters of a code or a group


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """What is known; what is missing is unknown.

    `babel` has the level (`N`, `5` … `0`) of each language code, `home` the database name of the
    home wiki. `groups` are those on this wiki, those on all wikis, and those of the same person on
    other wikis. `edits` counts the newest 500 edits by namespace, in English; the main one is "".
    `answered` is false if the wiki said nothing, so that it may be asked again.
    """

    babel: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    groups: tuple[str, ...] = ()
    edits: Mapping[str, int] = field(default_factory=dict)
    answered: bool = True


_NOTHING: Final = PublicFacts(answered=False)


def public_facts(api: str, username: str) -> PublicFacts:
    """Ask a wiki for the public facts of an account: one request, five seconds at most.

    Returns what is known; nothing, if the wiki does not answer, or too many are asking.
    """
    permits = _AT_ONCE
    if address_fault(api) or not permits.acquire(blocking=False):
        return _NOTHING
    found: list[PublicFacts] = []

    def ask() -> None:
        try:
            found.append(_ask(api, username))
        finally:
            permits.release()

    # No timeout of a connection ends a search for its address, or an answer that comes in drips.
    asking = Thread(target=ask, name="public facts", daemon=True)
    asking.start()
    asking.join(_SECONDS_IN_ALL)
    return found[0] if found else _NOTHING


def _ask(api: str, username: str) -> PublicFacts:
    parameters = {
        "action": "query",
        "format": "json",
        "formatversion": "2",
        "meta": "babel|globaluserinfo|siteinfo",
        "babuser": username,
        "guiuser": username,
        "guiprop": "groups|merged",
        "siprop": "namespaces",
        "list": "users|usercontribs",
        "ususers": username,
        "usprop": "groups",
        "ucuser": username,
        "ucprop": "title",
        "uclimit": str(MOST_EDITS),
    }
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.headers["User-Agent"] = user_agent("")
            with session.get(
                api, params=parameters, timeout=_SECONDS, allow_redirects=False, stream=True
            ) as answer:
                content = answer.raw.read(_MAX_ANSWER + 1, decode_content=True)
        if len(content) > _MAX_ANSWER:
            return _NOTHING
        return facts_of(json.loads(content))
    except (requests.RequestException, HTTPError, OSError, ValueError, RecursionError):
        return _NOTHING


def facts_of(answer: Any) -> PublicFacts:  # noqa: ANN401 - JSON of another machine
    """Read the answer of a wiki, whatever it holds."""
    query = _table(_table(answer).get("query"))
    if not query:
        return _NOTHING
    account = _table(next(iter(_list(query.get("users"))), None))
    everywhere = _table(query.get("globaluserinfo"))
    names = {
        namespace["id"]: _text(namespace.get("canonical"))
        for namespace in map(_table, _table(query.get("namespaces")).values())
        if isinstance(namespace.get("id"), int)
    }
    edits = Counter(
        names[edit["ns"]]
        for edit in map(_table, _list(query.get("usercontribs"))[:MOST_EDITS])
        if isinstance(edit.get("ns"), int) and edit["ns"] in names
    )
    groups = [*_list(account.get("groups")), *_list(everywhere.get("groups"))]
    for elsewhere in map(_table, _list(everywhere.get("merged"))):
        groups += _list(elsewhere.get("groups"))
    return PublicFacts(
        babel={
            code: level
            for code, found in _table(query.get("babel")).items()
            if isinstance(code, str) and len(code) <= _LONGEST and (level := _text(found))
        },
        home=_text(everywhere.get("home")),
        groups=tuple(dict.fromkeys(filter(None, map(_text, groups)))),
        edits=edits,
    )


def _table(found: object) -> dict[Any, Any]:
    return found if isinstance(found, dict) else {}


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _text(found: object) -> str:
    is_plain = isinstance(found, str) and len(found) <= _LONGEST and found.isprintable()
    return str(found) if is_plain else ""
