"""What a Wikibase tells about itself before anybody has logged in."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.__version__ import __version__ as requests_version

from wbskills.errors import StoreError
from wbskills.version import __version__
from wbskills.wikibase.remote.api_errors import read_only

PRIVATE: Final = "readapidenied"  # the code by which a wiki says so
_PATIENCE: Final = 15.0  # seconds
_PLACES: Final = ("", "/w/api.php", "/api.php")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A Wikibase: its API, and what else it says; texts are empty where it says nothing.

    A `private` one says nothing at all to who has not logged in; whether it has Wikibase, too.
    `read_only` tells why nothing can be written now.
    """

    api: str
    name: str = ""
    version: str = ""
    concept_base: str = ""
    sparql: str = ""
    read_only: str = ""
    private: bool = False


def discover(address: str, contact: str = "") -> Discovered:
    """Find the API at or below an address, and ask it what it is.

    Raises `StoreError` if nothing there answers as MediaWiki's API, or it is no Wikibase.
    """
    reason = "it is no API of MediaWiki"
    for place in _PLACES:
        split = urlsplit(address)
        if place and split.path.endswith("api.php"):
            continue
        path = split.path.rstrip("/") + place
        api = urlunsplit((split.scheme, split.netloc, path, "", ""))
        try:
            general = _general(api, contact)
        except requests.RequestException as error:
            raise StoreError(
                f"{api} does not answer ({type(error).__name__})",
                hint="the address and the network; init also has --offline",
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if general is None:
            return Discovered(api=api, private=True)
        if "wikibase-conceptbaseuri" not in general:
            reason = "it is a wiki without Wikibase"
            continue
        return Discovered(
            api=api,
            name=str(general.get("sitename", "")),
            version=str(general.get("generator", "")),
            concept_base=str(general["wikibase-conceptbaseuri"]),
            sparql=str(general.get("wikibase-sparql") or ""),
            read_only=read_only(general),
        )
    raise StoreError(
        f"{address} cannot be used: {reason}",
        hint="the address of api.php; Special:Version has it",
    )


def user_agent(contact: str = "") -> str:
    """Name this program to a wiki, as Wikimedia's policy asks."""
    about = f" ({contact})" if contact else ""
    return f"wbskills/{__version__}{about} requests/{requests_version}"


def _general(api: str, contact: str) -> dict[str, Any] | None:
    """Ask a wiki what it is; None if it tells that only to who has logged in."""
    answer = requests.get(
        api,
        params={"action": "query", "meta": "siteinfo", "format": "json", "formatversion": "2"},
        headers={"User-Agent": user_agent(contact)},
        timeout=_PATIENCE,
        allow_redirects=False,  # they lead to pages, and perhaps to where nothing is encrypted
    )
    if answer.status_code >= 500:
        answer.raise_for_status()
    found = json.loads(answer.content)
    if found.get("error", {}).get("code") == PRIVATE:
        return None
    general = found["query"]["general"]
    if not isinstance(general, dict):
        raise TypeError
    return general
