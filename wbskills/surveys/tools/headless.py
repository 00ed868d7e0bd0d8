"""A table without headings: the first row is a response like the others."""

import re
from typing import Final

from wbskills.surveys.files.cell_text import ascii_digits, key
from wbskills.surveys.files.columns import Column
from wbskills.surveys.tools.tool import Shape, Top, cell

_DAY = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}\b.*")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_A_DAY, _A_NUMBER = "\x00day", "\x00number"  # no answer is one of these
_FEWEST_ROWS: Final = 3
_RECURRING: Final = 2  # columns in which the first row says what another one says, too


class Headless(Shape):
    """A table that begins with a response; a mapping names its columns by letter."""

    name = "headless"
    between = ";"

    def recognise(self, top: Top) -> str:
        """Look for days and answers in the first row, and for nothing in it that is a heading."""
        if len(top) < _FEWEST_ROWS:
            return ""
        days = recurring = 0
        for index in range(len(top[0])):
            first, *below = [_kind(cell(top, row, index)) for row in range(len(top))]
            there = [kind for kind in below if kind]
            if (
                first not in {"", _A_DAY, _A_NUMBER}
                and there
                and set(there) <= {_A_DAY, _A_NUMBER}
            ):
                return ""  # a word above nothing but numbers
            days += first == _A_DAY and bool(there) and set(there) == {_A_DAY}
            recurring += first not in {"", _A_DAY, _A_NUMBER} and first in below
        if not days and recurring < _RECURRING:
            return ""
        return "a table without headings: its first row is a response; name columns by letter"

    def heading_rows(self, top: Top) -> int:  # noqa: ARG002  # there is none, whatever the file
        """Count none."""
        return 0

    def columns(self, top: Top) -> tuple[Column, ...]:
        """Make a column for each cell of the widest row."""
        width = max((len(cells) for cells in top), default=0)
        return tuple(Column(index=index, heading="") for index in range(width))


def _kind(text: str) -> str:
    """Tell a day from a number; another answer is its own kind, and a blank one none."""
    written = ascii_digits(text)
    if _DAY.fullmatch(written):
        return _A_DAY
    return _A_NUMBER if _NUMBER.fullmatch(written) else key(text)
