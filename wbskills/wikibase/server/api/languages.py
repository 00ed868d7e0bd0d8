"""Languages that terms and texts may be in, and what stands in for a language that is missing."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Final

_REMEMBERED: Final = 1_000
_LIST: Final = Path(__file__).with_name("languages.tsv")

# Where a language falls back to, as MediaWiki has it; one that is not there falls back to what
# stands before its hyphen. https://www.mediawiki.org/wiki/Manual:Language#Fallback_languages
_FALLBACKS: Final = Path(__file__).with_name("fallbacks.tsv")


@cache
def _read() -> list[tuple[str, str, str]]:
    rows = _LIST.read_text(encoding="utf-8").splitlines()
    return [(code, uses, name) for code, uses, name in (row.split("\t") for row in rows)]


@cache
def of_terms() -> dict[str, str]:
    """Give the languages of labels, descriptions and aliases, with their own names."""
    return {code: name for code, uses, name in _read() if "t" in uses}


@cache
def of_texts() -> frozenset[str]:
    """Give the languages that a monolingual text may be in."""
    return frozenset(code for code, uses, _ in _read() if "m" in uses)


@cache
def _fallbacks() -> dict[str, tuple[str, ...]]:
    rows = _FALLBACKS.read_text(encoding="utf-8").splitlines()
    return {code: tuple(others.split()) for code, others in (row.split("\t") for row in rows)}


@lru_cache(_REMEMBERED)  # anybody may ask for any
def chain(language: str) -> tuple[str, ...]:
    """Give a language and what stands in for it, the best first, English last.

    >>> chain("de-at")
    ('de-at', 'de', 'en')
    >>> chain("arz")
    ('arz', 'ar', 'en')
    """
    others = _fallbacks().get(language)
    if others is None:
        before, hyphen, _ = language.rpartition("-")
        others = (before,) if hyphen else ()
    found = [language, *others]
    return tuple(dict.fromkeys([*found, "en"]))
