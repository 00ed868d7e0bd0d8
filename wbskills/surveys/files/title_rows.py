"""Titles above the headings, as people write them who make their tables by hand."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from wbskills.surveys.files.rows import Record, SurveyFile

_LOOKED_AT: Final = 20  # records that are not blank
_MOST_WORDS: Final = 2  # cells: “Survey of skills”, “spring 2026”


def heading_row(file: SurveyFile) -> int:
    """Tell in which row the headings seem to stand, if there is a title above them; else 0.

    A title fills one or two cells, and less than half of those that the widest row fills.
    """
    return _below_title(file.read)


def _below_title(read: Callable[[], Iterator[Record]]) -> int:
    filled = [(row, sum(map(bool, map(str.strip, cells)))) for row, cells in _first(read)]
    widest = max((count for _, count in filled), default=0)
    for place, (row, count) in enumerate(filled):
        if count > _MOST_WORDS or count * 2 >= widest:
            return row if place and count * 2 >= widest else 0
    return 0


def _first(read: Callable[[], Iterator[Record]]) -> Iterator[Record]:
    return islice(read(), _LOOKED_AT)
