"""Writing the body of a request: what `urllib` does, in a quarter of the time.

An entity has some 80 kB of JSON, and the library looks at each character by itself: that took
longer than all else that this program does for a person. Here each of the few characters that
JSON is full of is replaced in one go.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus

TYPE: Final = "application/x-www-form-urlencoded"
_LONG: Final = 500  # characters, from which on it matters

# The percent sign goes first, as all others bring new ones; the space last, as a plus.
_ESCAPES: Final = [
    ("%", "%25"),
    *((c, quote_plus(c)) for c in map(chr, range(128)) if c not in "% " and quote_plus(c) != c),
    (" ", "+"),
]


def form(fields: Mapping[str, str | int]) -> str:
    r"""Write fields as forms are sent.

    >>> form({"data": '{"a": "50 % + ü"}', "bot": 1})
    'data=%7B%22a%22%3A+%2250+%25+%2B+%C3%BC%22%7D&bot=1'
    """
    return "&".join(f"{quote_plus(name)}={_escaped(str(text))}" for name, text in fields.items())


def _escaped(text: str) -> str:
    if len(text) < _LONG or not text.isascii():
        return quote_plus(text)
    for character, escape in _ESCAPES:
        if character in text:
            text = text.replace(character, escape)
    return text
