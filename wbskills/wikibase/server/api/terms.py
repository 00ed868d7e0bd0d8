"""Labels, descriptions and aliases as clients send them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.errors import invalid, refused
from wbskills.wikibase.server.api.rules import excerpt

LONGEST: Final = 250
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def clean(text: str) -> str:
    """Bring a term into the form in which it is kept.

    >>> clean(" a\\tb ")
    'a b'
    """
    if text.isascii():
        return _CONTROL.sub(" ", text).strip()
    whole = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", whole).strip())


def changed(present: Mapping[str, str], found: object, kind: str) -> dict[str, str]:
    """Give labels or descriptions after what a client sent. Raises `ApiError`."""
    terms = dict(present)
    for key, term in _entries(found):
        language = _language(key, term)
        text = None if "remove" in term else clean(_text(term))
        set_term(terms, language, text or "", kind)
    return terms


def set_term(terms: dict[str, str], language: str, text: str, kind: str) -> None:
    """Set or (by an empty text) remove a term. Raises `ApiError` if it is too long."""
    if not text:
        terms.pop(language, None)
        return
    check_length(text, kind)
    terms[language] = text


def check_length(text: str, kind: str) -> None:
    """Refuse a term that is too short or too long."""
    if not text:
        raise invalid(f"{kind}-too-short", "1", "")
    if len(text) > LONGEST:
        raise invalid(f"{kind}-too-long", str(LONGEST), excerpt(text))


def changed_aliases(
    present: Mapping[str, tuple[str, ...]], found: object
) -> dict[str, tuple[str, ...]]:
    """Give aliases after what a client sent: whole sets by language, or additions and removals.

    A list without languages as keys is a set for each of its members: the last one stays.
    """
    aliases = dict(present)
    for group in _alias_groups(found, aliases):
        fresh: dict[str, list[str]] = {}
        for language, term in group:
            text = clean(_text(term))
            check_length(text, "alias")
            if "remove" in term:
                kept = tuple(each for each in aliases.get(language, ()) if each != text)
                _set_aliases(aliases, language, kept)
            elif "add" in term:
                _set_aliases(aliases, language, (*aliases.get(language, ()), text))
            else:
                fresh.setdefault(language, []).append(text)
        for language, texts in fresh.items():
            _set_aliases(aliases, language, texts)
    return aliases


def _set_aliases(aliases: dict[str, tuple[str, ...]], language: str, texts: Iterable[str]) -> None:
    found = tuple(dict.fromkeys(texts))
    if found:
        aliases[language] = found
    else:
        aliases.pop(language, None)


def _alias_groups(
    found: object, aliases: dict[str, tuple[str, ...]]
) -> Iterable[list[tuple[str, Mapping[str, Any]]]]:
    if not isinstance(found, (Mapping, list)):
        raise refused("not-recognized-array")
    groups = found.items() if isinstance(found, Mapping) else enumerate(found)
    listed: list[list[tuple[str, Mapping[str, Any]]]] = []
    for key, group in groups:
        if not isinstance(group, (Mapping, list)):
            raise refused("not-recognized-array")
        if not group and isinstance(key, str):
            aliases.pop(key, None)
        listed.append([])
        for term in group if isinstance(group, list) else [group]:
            if not isinstance(term, Mapping):
                raise refused("not-recognized-array")
            listed[-1].append((_language(key if isinstance(key, str) else None, term), term))
    return listed


def _entries(found: object) -> Iterable[tuple[str | None, Mapping[str, Any]]]:
    if not isinstance(found, (Mapping, list)):
        raise refused("not-recognized-array")
    keyed = found if isinstance(found, Mapping) else {}
    listed = [] if isinstance(found, Mapping) else found
    pairs: list[tuple[str | None, Any]] = [*keyed.items(), *((None, term) for term in listed)]
    for key, term in pairs:
        if not isinstance(term, Mapping):
            raise refused("not-recognized-array")
        yield key, term


def _language(key: str | None, term: Mapping[str, Any]) -> str:
    language = term.get("language")
    if language is None:
        raise refused("missing-language")
    if not isinstance(language, str):
        raise refused("not-recognized-string")
    if key is not None and key != language:
        raise refused("inconsistent-language")
    if language not in languages.of_terms():
        raise refused("not-recognized-language")
    return language


def _text(term: Mapping[str, Any]) -> str:
    text = term.get("value", "" if "remove" in term else None)
    if not isinstance(text, str):
        raise refused("not-recognized-string")
    return text


def check_distinct(entity: Entity, before: Entity | None) -> None:
    """Refuse a label that is the same as the description in its language."""
    for language, label in entity.labels.items():
        if entity.descriptions.get(language) != label:
            continue
        if before is None or (
            (before.labels.get(language), before.descriptions.get(language)) != (label, label)
        ):
            raise invalid("label-equals-description", language)
