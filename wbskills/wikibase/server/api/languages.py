"""Languages: which codes Wikibase knows, their fallbacks, and how they write dates and numbers.

Months and separators come from CLDR. For the languages that we compared they agree with those of
MediaWiki but for abbreviated months, where both forms are read.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol

ENGLISH: Final = "en"
_LANGUAGES: Final = Path(__file__).with_name("languages.tsv")
# As in MediaWiki: https://www.mediawiki.org/wiki/Manual:Language#Fallback_languages
_FALLBACKS: Final = Path(__file__).with_name("fallbacks.tsv")
_MORE_MONTHS: Final[Mapping[str, Mapping[str, int]]] = {
    "en": {"sept": 9},
    "de": {"mär": 3, "jun": 6, "jul": 7, "sep": 9},
}


@cache
def term_languages() -> dict[str, str]:
    """Return the languages of labels, descriptions and aliases, with their autonyms."""
    return {code: name for code, uses, name in _rows(_LANGUAGES) if "t" in uses}


@cache
def text_languages() -> frozenset[str]:
    """Return the languages of monolingual texts."""
    return frozenset(code for code, uses, _ in _rows(_LANGUAGES) if "m" in uses)


@lru_cache(1_000)
def fallback_chain(language: str) -> tuple[str, ...]:
    """Return a language and its fallbacks, the best first, English last.

    >>> fallback_chain("de-at")
    ('de-at', 'de', 'en')
    >>> fallback_chain("arz")
    ('arz', 'ar', 'en')
    """
    fallbacks = _fallbacks().get(language)
    if fallbacks is None:
        base, hyphen, _ = language.rpartition("-")
        fallbacks = (base,) if hyphen else ()
    return tuple(dict.fromkeys([language, *fallbacks, ENGLISH]))


@lru_cache(64)
def months(language: str) -> Mapping[str, int]:
    """Return the numbers of months by their names, long and short, casefolded, without dots."""
    names = _locale(language).months
    found = {
        names[context][width][number].casefold().rstrip("."): number
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number in range(1, 13)
    }
    return MappingProxyType({**found, **_MORE_MONTHS.get(language.partition("-")[0], {})})


def month_name(language: str, number: int) -> str:
    """Return the long name of a month, in the form used within a date."""
    return str(_locale(language).months["format"]["wide"][number])


@lru_cache(64)
def day_suffix(language: str) -> str:
    """Return what follows the day of a month: `.` in German, nothing in English."""
    pattern = str(_locale(language).date_formats["long"].pattern)
    return "." if "d." in pattern else ""


@lru_cache(64)
def separators(language: str) -> tuple[str, str]:
    """Return the separators of thousands and of decimals."""
    locale = _locale(language)
    return get_group_symbol(locale), get_decimal_symbol(locale)


@lru_cache(64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale.parse(ENGLISH)


@cache
def _rows(path: Path) -> list[list[str]]:
    return [row.split("\t") for row in path.read_text(encoding="utf-8").splitlines()]


@cache
def _fallbacks() -> dict[str, tuple[str, ...]]:
    return {code: tuple(codes.split()) for code, codes in _rows(_FALLBACKS)}
