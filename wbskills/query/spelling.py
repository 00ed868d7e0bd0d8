"""Known words that are spelled almost like a given one."""

import difflib
from collections.abc import Iterable


def near(word: str, known: Iterable[str]) -> str:
    """Name up to three known words that look like this one; nothing if none does.

    >>> near("who-can", ["coverage", "who_can"])
    'who_can'
    """
    by_case = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), list(by_case), n=3)
    return " or ".join(by_case[name] for name in found)
