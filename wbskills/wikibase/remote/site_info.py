"""What a Wikibase states about itself: without a log-in, and to a user who has logged in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests

from wbskills.errors import StoreError
from wbskills.wikibase.model.entities import Kind
from wbskills.wikibase.remote.api import ActionApi
from wbskills.wikibase.remote.api_errors import READ_DENIED, Json, read_only_reason
from wbskills.wikibase.remote.login import user_agent

_TIMEOUT: Final = 15.0  # seconds
_API_PATHS: Final = ("", "/w/api.php", "/api.php")
MIN_BATCH: Final = 50  # titles and ids in one request, as MediaWiki allows everyone
_LARGE_BATCH: Final = 500  # with the right `apihighlimits`
_OUR_SHARE: Final = 0.9  # of the edits that the wiki allows; others may use the same account
_MODELS: Final = {"wikibase-item": Kind.ITEM, "wikibase-property": Kind.PROPERTY}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredWiki:
    """A Wikibase that was found by its address; texts are empty if it does not say.

    A `private` one says nothing to anyone who has not logged in, not even whether it is a
    Wikibase. `read_only` says why nothing can be written now.
    """

    api: str
    name: str = ""
    version: str = ""
    concept_base: str = ""
    sparql: str = ""
    read_only: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """What a wiki says about itself and the user.

    `namespaces` are the number and name of those that hold entities. `edit_limit` is how many
    edits a minute the wiki allows this user, 0 if any number. `block` says by whom the user is
    blocked, how long and why, `partial_block` that it is for some pages or actions only;
    `read_only` says why nothing can be written now. Both texts are empty if it is not so.
    """

    name: str
    concept_base: str
    version: str
    user: str
    rights: frozenset[str]
    groups: frozenset[str]
    edit_limit: float
    namespaces: Mapping[Kind, tuple[int, str]]
    pages: int
    time: str
    block: str = ""
    partial_block: bool = False
    read_only: str = ""

    @property
    def rate(self) -> float:
        """How many edits a minute to make, 0 if there is no limit."""
        return self.edit_limit * _OUR_SHARE

    @property
    def batch_size(self) -> int:
        """How many entities may be read in one request."""
        return _LARGE_BATCH if "apihighlimits" in self.rights else MIN_BATCH


def discover(address: str, contact: str = "") -> DiscoveredWiki:
    """Find the API at or below an address, without logging in.

    Raises `StoreError` if there is no MediaWiki API, or it is not a Wikibase.
    """
    reason = "there is no MediaWiki API"
    split = urlsplit(address)
    for place in _API_PATHS:
        if place and split.path.endswith("api.php"):
            continue
        path = split.path.rstrip("/") + place
        api = urlunsplit((split.scheme, split.netloc, path, "", ""))
        try:
            general = _general(api, contact)
        except requests.RequestException as error:
            raise StoreError(
                f"{api} does not answer ({type(error).__name__})",
                hint="check the address and the network, or use “wbskills init --offline”",
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if general is None:
            return DiscoveredWiki(api=api, private=True)
        if "wikibase-conceptbaseuri" not in general:
            reason = "it is a wiki without Wikibase"
            continue
        return DiscoveredWiki(
            api=api,
            name=str(general.get("sitename", "")),
            version=str(general.get("generator", "")),
            concept_base=str(general["wikibase-conceptbaseuri"]),
            sparql=str(general.get("wikibase-sparql") or ""),
            read_only=read_only_reason(general),
        )
    raise StoreError(
        f"{address} cannot be used: {reason}",
        hint="use the address of api.php, which Special:Version shows",
    )


def fetch_site_info(api: ActionApi) -> SiteInfo:
    """Fetch information about a wiki and this user in one request.

    Raises `StoreError` if it does not answer, or is not a Wikibase.
    """
    found = api.ask(
        "query",
        meta="siteinfo|userinfo",
        siprop="general|namespaces|statistics",
        uiprop="rights|groups|ratelimits|blockinfo",
    )["query"]
    general, user = found["general"], found["userinfo"]
    base = general.get("wikibase-conceptbaseuri", "")
    namespaces = {}
    for each in found["namespaces"].values():
        kind = _MODELS.get(each.get("defaultcontentmodel", ""))
        if kind is not None:
            namespaces[kind] = (int(each["id"]), str(each.get("name", "")))
    if not base or Kind.ITEM not in namespaces:
        raise StoreError(
            f"{general.get('sitename', 'this wiki')} is not a Wikibase",
            hint="check the address of the API in the profile",
        )
    rights = frozenset(user.get("rights", ()))
    return SiteInfo(
        name=general.get("sitename", ""),
        concept_base=base,
        version=general.get("generator", ""),
        user=user["name"],
        rights=rights,
        groups=frozenset(user.get("groups", ())),
        edit_limit=0.0 if "noratelimit" in rights else _edit_limit(user.get("ratelimits")),
        namespaces=namespaces,
        pages=int(found.get("statistics", {}).get("pages", 0)),
        time=general.get("time", ""),
        block=_block(user),
        partial_block=bool(user.get("blockpartial")),
        read_only=read_only_reason(general),
    )


def _general(api: str, contact: str) -> Json | None:
    """Fetch the general site information; None if the wiki gives it only after a log-in."""
    answer = requests.get(
        api,
        params={"action": "query", "meta": "siteinfo", "format": "json", "formatversion": "2"},
        headers={"User-Agent": user_agent(contact)},
        timeout=_TIMEOUT,
        allow_redirects=False,  # they lead to pages, and perhaps to where nothing is encrypted
    )
    if answer.status_code >= 500:
        answer.raise_for_status()
    found = json.loads(answer.content)
    if found.get("error", {}).get("code") == READ_DENIED:
        return None
    general: Any = found["query"]["general"]
    if not isinstance(general, dict):
        raise TypeError
    return general


def _block(user: Json) -> str:
    if "blockid" not in user:
        return ""
    expiry = str(user.get("blockexpiry") or "infinite")
    until = "for ever" if expiry.startswith("inf") else f"until {expiry}"
    reason = user.get("blockreason") or "no reason given"
    return f"blocked by {user.get('blockedby') or 'the wiki'} {until}: {reason}"


def _edit_limit(limits: object) -> float:
    """Find the limit of edits a minute that holds for the user, of those that the wiki gives."""
    groups = limits.get("edit", {}) if isinstance(limits, dict) else {}
    rates = [
        60.0 * each["hits"] / each["seconds"]
        for name, each in groups.items()
        if name not in {"ip", "subnet", "anon"} and each.get("seconds")
    ]
    # New users have the limit for new users, all others the best of theirs.
    return min(rates, default=0.0) if "newbie" in groups else max(rates, default=0.0)
