"""What every shape can do, and what several of them share."""

import re
from collections.abc import Sequence
from typing import Protocol

from wbskills.surveys.cells import clean
from wbskills.surveys.columns import Column

_UNNAMED = re.compile(r"Unnamed: \d+")
_ROWS = re.compile(r"\s*((?:\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\])+)\s*$")


class Shape(Protocol):
    """How one survey tool writes its files."""

    @property
    def name(self) -> str:
        """The name of the tool, as a mapping writes it."""

    @property
    def heading_rows(self) -> int:
        """How many records the heading takes."""

    def recognise(self, top: Sequence[Sequence[str]]) -> str:
        """Say in one sentence why the first records are of this shape; empty if they are not."""

    def columns(self, top: Sequence[Sequence[str]]) -> tuple[Column, ...]:
        """Read the columns from the first records."""


def is_index(index: int, heading: str) -> bool:
    """Tell whether the first column is the index that pandas or R puts before a table.

    >>> is_index(0, ""), is_index(0, "Unnamed: 0"), is_index(3, "")
    (True, True, False)
    """
    return index == 0 and (heading in ("", "X") or bool(_UNNAMED.fullmatch(heading)))


def split_row(text: str) -> tuple[str, str]:
    """Part the text of a question from the row of an array, which stands in brackets behind it.

    >>> split_row("How do you meet others? [Local group [or network]]")
    ('How do you meet others?', 'Local group [or network]')
    """
    found = _ROWS.search(text)
    if found is None:
        return clean(text), ""
    row = found[1][1:-1].replace("][", " / ")
    return clean(text[: found.start()]), clean(row)
