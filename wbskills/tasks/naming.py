"""Finding somebody's name in texts, however it is spelt there."""

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote, quote_plus

_INNER: Final = slice(1, -1)  # of a text in quotes


class Naming:
    """Tells whether a text names somebody: as whole words, whatever the case.

    Found as it is written, with underscores, as in addresses, and as in JSON and HTML. A text of
    bytes is taken for UTF-8.
    """

    def __init__(self, names: Iterable[str]) -> None:
        spelt = sorted({each for name in names for each in spellings(name)}, key=len, reverse=True)
        pattern = "|".join(map(re.escape, spelt)) or "(?!)"
        self._text = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
        self._bytes = re.compile(
            b"(?<![0-9A-Za-z_])(?:"
            + b"|".join(re.escape(each.encode()) for each in spelt or ["\0never\0"])
            + b")(?![0-9A-Za-z_])"
        )

    def __call__(self, text: str) -> bool:
        """Tell whether a text names somebody."""
        return self._text.search(text) is not None

    def in_bytes(self, found: bytes) -> bool:
        """Tell whether bytes of a file name somebody."""
        return self._bytes.search(found) is not None


def spellings(name: str) -> set[str]:
    """List how a name may be written.

    >>> sorted(spellings("Ada L"))
    ['Ada L', 'Ada%20L', 'Ada+L', 'Ada_L']
    """
    under = name.replace(" ", "_")
    plain = {name, under, quote(name, safe=""), quote(name), quote_plus(name), quote(under)}
    return plain | {escape(name)} | {json.dumps(each)[_INNER] for each in (name, under)}
