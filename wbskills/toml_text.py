"""Reading TOML that somebody else may have written, at a cost that its size bounds.

`tomllib` keeps every beginning of a dotted key: one of 100,000 parts takes gigabytes.
"""

import re
import tomllib
from collections.abc import Callable
from typing import Any, Final

LONGEST: Final = 4_000_000  # characters; the largest mapping known has 300,000
MOST_PARTS: Final = 32  # of a key

_PART: Final = r"""(?:[A-Za-z0-9_-]++|"(?:\\.|[^"\\\n])*+"|'[^'\n]*+')"""
_KEYS: Final = re.compile(
    # What may hold dots and is no key goes by; the last choice takes all other texts and names.
    r'''\#[^\n]*+|"""(?:\\.|[^\\])*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)'''
    rf"|(?P<long>{_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}})|{_PART}"
    # A text that nothing closes: gone by as a whole, or it would be looked at from each mark.
    r"""|"(?:\\.|[^"\\\n])*+|'[^'\n]*+""",
    re.DOTALL,
)


def loads(text: str, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Read a text as TOML.

    >>> loads("a.b = 1")
    {'a': {'b': 1}}

    Raises `ValueError` if it is none, is too long, or is nested too deeply.
    """
    if len(text) > LONGEST:
        raise ValueError(f"it has more than {LONGEST:,} characters")
    for found in _KEYS.finditer(text):
        if found["long"]:
            line = text.count("\n", 0, found.start()) + 1
            raise ValueError(f"a key has more than {MOST_PARTS} parts (at line {line})")
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
