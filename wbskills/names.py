"""Names: entity ids, keys of the ontology, usernames."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

from wbskills.errors import InvalidValue

ENTITY_ID: Final = re.compile(r"[QP][1-9][0-9]{0,9}")
KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
NEW: Final = "new:"
_CLOSE: Final = 70  # of 100

# What MediaWiki refuses in a user name: characters that no title may hold, "@" and ":", "/".
# https://www.mediawiki.org/wiki/Manual:$wgInvalidUsernameCharacters and Help:Bad title
_FORBIDDEN = re.compile(r"[#<>\[\]|{}/@:=\x00-\x1f\x7f\u200b-\u200f\u2028-\u202f\u2066-\u2069]")
# Nor does it take an address of the internet or "%41"; a telephone number is no name either.
_NO_NAME = re.compile(r"^[\d.]+$|^[+(]?\d[\d\s()./-]{5,}$|%[0-9A-Fa-f]{2}|\ufffd")
_USER_NAMESPACES = {
    "user", "u", "benutzer", "benutzerin", "usuario", "usuaria", "utilisateur", "utilisatrice",
    "مستخدم", "مستخدمة", "gebruiker", "utente", "usuário", "usuária", "участник", "участница",
    "користувач", "користувачка", "wikipedysta", "wikipedystka", "wikiuser",
}  # fmt: skip


def new(key: str) -> str:
    """Return the placeholder id of an entity that is still to be created.

    >>> new("lua_modules")
    'new:lua_modules'
    """
    return NEW + key


def is_new(entity_id: str) -> bool:
    """Check whether an id is the placeholder of an entity that is still to be created."""
    return entity_id.startswith(NEW)


def local_name(iri: str) -> str:
    """Return the last part of an address: of an entity, its id.

    >>> local_name("http://localhost:8181/entity/Q5")
    'Q5'
    """
    return re.split(r"[/#]", iri)[-1]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint with up to three known names that are spelt nearly like a word.

    >>> did_you_mean("luas", ["lua", "python"])
    'use “lua”, if that is what you mean'

    The result is empty if there is no such name.
    """
    near = close_names(word, known)
    return (
        f"use {' or '.join(f'“{name}”' for name in near)}, if that is what you mean"
        if near
        else ""
    )


def close_names(word: str, known: Iterable[str]) -> list[str]:
    """List up to three known names that are spelt nearly like a word, the closest first.

    Upper case makes no difference.
    """
    from rapidfuzz import fuzz, process  # only messages about mistakes need it

    found = process.extract(
        word.casefold(),
        {name: name.casefold() for name in known},
        scorer=fuzz.ratio,
        limit=3,
        score_cutoff=_CLOSE,
    )
    return [name for _, _, name in found]


def username(text: str) -> str:
    """Normalise a username as MediaWiki does.

    Accepts `User:` in several languages, underscores, a small first letter and the address of
    the user page.

    >>> username("user:ada_Lovelace ")
    'Ada Lovelace'
    >>> username("https://meta.wikimedia.org/wiki/User:Zo%C3%AB")
    'Zoë'

    Raises `InvalidValue` if MediaWiki would refuse the name.
    """
    name = _of_address(text.strip()) if "://" in text else text
    name = unicodedata.normalize("NFC", re.sub(r"[\s_]+", " ", name)).strip()
    prefix, colon, rest = name.partition(":")
    if colon and prefix.strip().casefold() in _USER_NAMESPACES:
        name = rest.strip()
    if not name or len(name.encode()) > 235 or _FORBIDDEN.search(name) or _NO_NAME.search(name):
        raise InvalidValue(
            "this is not a Wikimedia username",
            hint="use the name alone, for example “Ada Lovelace” or “User:Ada Lovelace”",
        )
    first = name[0].upper()
    return (first if len(first) == 1 else name[0]) + name[1:]


def _of_address(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:  # “http://[”
        return address
    title = re.search(r"(?:^|&)title=([^&]*)", parts.query)
    page = title.group(1) if title else parts.path.rpartition("/wiki/")[2]
    return unquote(page)
