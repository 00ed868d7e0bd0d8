"""How languages write months and numbers, from CLDR: for reading and showing values.

MediaWiki has tables of its own. For the languages that we compared they agree with CLDR but for
abbreviated months, where both forms are read.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol

ENGLISH: Final = "en"
_CONTEXTS: Final = ("format", "stand-alone")
_WIDTHS: Final = ("wide", "abbreviated")
_FURTHER: Final[Mapping[str, Mapping[str, int]]] = {
    "en": {"sept": 9},
    "de": {"mär": 3, "jun": 6, "jul": 7, "sep": 9},
}


@lru_cache(64)
def locale_of(language: str) -> Locale:
    """Give the locale of a language code such as `de-at`; that of English if it has none."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale.parse(ENGLISH)


@lru_cache(64)
def months(language: str) -> Mapping[str, int]:
    """Give the numbers of months by their names, long and short, in small letters, no dot."""
    names = locale_of(language).months
    found = {
        names[context][width][number].casefold().rstrip("."): number
        for context in _CONTEXTS
        for width in _WIDTHS
        for number in range(1, 13)
    }
    return MappingProxyType({**found, **_FURTHER.get(language.partition("-")[0], {})})


def month_name(language: str, number: int) -> str:
    """Give the long name that a month has within a date."""
    return str(locale_of(language).months["format"]["wide"][number])


@lru_cache(64)
def day_mark(language: str) -> str:
    """Give what follows the number of a day: `.` in German, nothing in English."""
    pattern = str(locale_of(language).date_formats["long"].pattern)
    return "." if "d." in pattern else ""


@lru_cache(64)
def separators(language: str) -> tuple[str, str]:
    """Give the signs that part thousands and decimals."""
    locale = locale_of(language)
    return get_group_symbol(locale), get_decimal_symbol(locale)
