"""Public facts about an account of a wiki: languages, groups, home wiki, where it edits.

Anyone can ask for them. A wiki without an extension (Babel, CentralAuth) simply lacks a fact.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from wbskills.wikibase.remote.login import user_agent
from wbskills.wikibase.remote.profile import address_fault

_SECONDS: Final = 4.0
_MAX_ANSWER: Final = 2 << 20  # bytes; 500 edits and the names of namespaces take 0.1 MB
_EDITS: Final = 500
_LONGEST: Final = 80  # characters of a code or a group


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """What is known; what is missing is unknown.

    `babel` has the level (`N`, `5` … `0`) of each language code, `home` the database name of the
    home wiki. `edits` counts the newest 500 edits by namespace, in English; the main one is "".
    """

    babel: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    groups: tuple[str, ...] = ()
    edits: Mapping[str, int] = field(default_factory=dict)


def public_facts(api: str, username: str) -> PublicFacts:
    """Ask a wiki for the public facts of an account: one request, four seconds at most.

    Returns what is known; nothing, if the wiki does not answer.
    """
    if address_fault(api):
        return PublicFacts()
    parameters = {
        "action": "query",
        "format": "json",
        "formatversion": "2",
        "meta": "babel|globaluserinfo|siteinfo",
        "babuser": username,
        "guiuser": username,
        "guiprop": "groups",
        "siprop": "namespaces",
        "list": "users|usercontribs",
        "ususers": username,
        "usprop": "groups",
        "ucuser": username,
        "ucprop": "title",
        "uclimit": str(_EDITS),
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
            return PublicFacts()
        return facts_of(json.loads(content))
    except (requests.RequestException, OSError, ValueError, RecursionError):
        return PublicFacts()


def facts_of(answer: Any) -> PublicFacts:  # noqa: ANN401 - JSON of another machine
    """Read the answer of a wiki, whatever it holds."""
    query = _table(_table(answer).get("query"))
    account = _table(next(iter(_list(query.get("users"))), None))
    everywhere = _table(query.get("globaluserinfo"))
    names = {
        namespace["id"]: _text(namespace.get("canonical"))
        for namespace in map(_table, _table(query.get("namespaces")).values())
        if isinstance(namespace.get("id"), int)
    }
    edits = Counter(
        names.get(edit.get("ns"), "")
        for edit in _list(query.get("usercontribs"))[:_EDITS]
        if isinstance(edit, dict) and isinstance(edit.get("ns"), int)
    )
    groups = [*_list(account.get("groups")), *_list(everywhere.get("groups"))]
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
