"""Languages that terms and texts may be in, and what stands in for a language that is missing."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Final

_REMEMBERED: Final = 1_000
_LIST: Final = Path(__file__).with_name("languages.tsv")

# Where a language falls back to, other than to what stands before its hyphen.
# https://www.mediawiki.org/wiki/Manual:Language#Fallback_languages
_FALLBACKS: Final = {
    "sr-el": ("sr-latn", "sh-latn", "sr", "sr-ec"),
    "sr-ec": ("sr-cyrl", "sr"),
    "als": ("gsw", "de"),
    "bar": ("de",),
    "be-tarask": ("be",),
    "br": ("fr",),
    "ca": ("oc",),
    "dsb": ("hsb", "de"),
    "fy": ("nl",),
    "gl": ("pt",),
    "gsw": ("als", "de"),
    "hsb": ("dsb", "de"),
    "ksh": ("de",),
    "lb": ("de",),
    "li": ("nl",),
    "nb": ("no", "da", "nn", "sv"),
    "nds": ("de",),
    "nds-nl": ("nl",),
    "nn": ("no", "nb", "da", "sv"),
    "no": ("nb", "nn", "da", "sv"),
    "oc": ("ca", "fr"),
    "pdc": ("de",),
    "pfl": ("de",),
    "pt": ("pt-br",),
    "pt-br": ("pt",),
    "rue": ("uk", "ru"),
    "sco": ("en",),
    "stq": ("de",),
    "tt": ("tt-cyrl", "ru"),
    "uk": ("ru",),
    "vec": ("it",),
    "yi": ("he",),
    "zh": ("zh-hans", "zh-hant", "zh-cn", "zh-tw", "zh-hk"),
    "zh-cn": ("zh-hans", "zh"),
    "zh-hans": ("zh-cn", "zh", "zh-hant"),
    "zh-hant": ("zh-tw", "zh-hk", "zh", "zh-hans"),
    "zh-hk": ("zh-hant", "zh-tw", "zh", "zh-hans"),
    "zh-tw": ("zh-hant", "zh-hk", "zh", "zh-hans"),
}


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


@lru_cache(_REMEMBERED)  # anybody may ask for any
def chain(language: str) -> tuple[str, ...]:
    """Give a language and what stands in for it, the best first, English last.

    >>> chain("de-at")
    ('de-at', 'de', 'en')
    """
    found = [language, *_FALLBACKS.get(language, ())]
    before, hyphen, _ = language.rpartition("-")
    if hyphen and language not in _FALLBACKS:
        found.append(before)
    return tuple(dict.fromkeys([*found, "en"]))
