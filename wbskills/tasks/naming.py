"""Finding somebody's name in texts, however it is spelt there."""

import json
import re
import unicodedata
from collections.abc import Iterable
from html import escape, unescape
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

_INNER: Final = slice(1, -1)  # of a text in quotes
_ESCAPED: Final = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|(["\\/]))')  # in JSON and in queries
_LETTERS: Final = re.compile(r"[0-9A-Za-z]{3,}")  # no escape changes them


class Naming:
    """Tells whether a text names somebody: as whole words, whatever the case.

    Found as it is written, with underscores, as in addresses, and as in JSON, HTML, CSV and
    wikitext; letters with marks may be composed or not. Bytes are taken for UTF-8.
    """

    def __init__(self, names: Iterable[str]) -> None:
        names = [_composed(name) for name in names]
        spelt = {each for name in names for each in spellings(name)}
        longest = sorted(spelt, key=len, reverse=True)
        pattern = "|".join(map(re.escape, longest)) or "(?!)"
        self._text = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
        letters = "|".join(max(_LETTERS.findall(name), key=len, default="") for name in names)
        self._letters = re.compile(letters if names else "(?!)", re.IGNORECASE)
        self._bytes = re.compile(self._letters.pattern.encode(), re.IGNORECASE)

    def __call__(self, text: str) -> bool:
        """Tell whether a text names somebody."""
        if self._letters.search(text) is None:
            return False
        return any(self._text.search(each) for each in (_composed(text), _read(text)))

    def in_bytes(self, found: bytes) -> bool:
        """Tell whether bytes of a file name somebody."""
        return self._bytes.search(found) is not None and self(found.decode(errors="replace"))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _read(text: str) -> str:
    """Give a text as whoever reads the file sees it: without the escapes of any format."""
    plain = _ESCAPED.sub(lambda found: _meant(*found.groups()), unescape(text))
    return _composed(unquote_plus(plain).replace('""', '"'))


def _meant(number: str | None, sign: str) -> str:
    return sign if number is None else chr(int(number, 16))


def spellings(name: str) -> set[str]:
    """List how a name may be written.

    >>> sorted(spellings("Ada L"))
    ['Ada L', 'Ada%20L', 'Ada+L', 'Ada_L']
    """
    under = name.replace(" ", "_")
    plain = {name, under, quote(name, safe=""), quote(name), quote_plus(name), quote(under)}
    return plain | {escape(name)} | {json.dumps(each)[_INNER] for each in (name, under)}
