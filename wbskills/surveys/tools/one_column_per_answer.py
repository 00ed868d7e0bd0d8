"""Scales with a column for each answer, `Lua - alone`, of which one is ticked.

For a question with rows, the headings are certain: every row has the same answers in the same
order. A question without rows has one column for each answer, but so has one with several choices:
there only the answers show which it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from wbskills.surveys.files.columns import Role, SurveyColumn

_DASH: Final = " - "
_MOST_ANSWERS: Final = 50  # of a scale, if the beginnings of headings do not show it
# Between two answers in one row of a scale, of which only one can be true: no answer matches.
_BOTH: Final = " + "


@dataclass(frozen=True, slots=True)
class ExpandedScale:
    """One row of an expanded question, and the columns of its answers.

    `row` is empty where the question has no rows.
    """

    question: str
    row: str
    columns: tuple[int, ...]


def find_scales(columns: Sequence[SurveyColumn]) -> Iterator[ExpandedScale]:
    """Find the rows of all expanded questions, from left to right.

    Other columns of the question (“Other”, a comment) follow its scales.
    """
    for question, group in groupby(columns, lambda column: column.text if column.row_text else ""):
        members = [one for one in group if one.role in (Role.QUESTION, Role.OWN)]
        while question and members:
            rows, count = _split([member.row_text for member in members])
            for number, row in enumerate(rows):
                among = members[number * count : (number + 1) * count]
                yield ExpandedScale(question, row, tuple(one.index for one in among))
            members = members[max(len(rows) * count, 1) :]


def find_single_scales(
    columns: Sequence[SurveyColumn], found: Sequence[ExpandedScale]
) -> Iterator[ExpandedScale]:
    """Find the other questions that have several columns: choices, or the answers of a scale."""
    taken = {index for scale in found for index in scale.columns}
    for question, group in groupby(columns, lambda column: column.text if column.row_text else ""):
        among = [one.index for one in group if one.role is Role.QUESTION]
        if question and len(among) > 1 and not taken & set(among):
            yield ExpandedScale(question, "", tuple(among))


def ticked_answers(cells: Sequence[str], columns: Sequence[int]) -> str:
    """Return the answer that was ticked, or several answers if more than one was."""
    return _BOTH.join(cells[index] for index in columns if cells[index].strip())


def _split(texts: Sequence[str]) -> tuple[list[str], int]:
    """Split headings into rows and answers: the rows, and the number of answers of each.

    >>> _split(["Lua - no", "Lua - a - bit", "R - no", "R - a - bit", "Other"])
    (['Lua', 'R'], 2)
    """
    first = texts[0]
    ends = [at for at in range(len(first)) if first.startswith(_DASH, at)]
    last = first[ends[-1] :] if ends else ""
    if not last or not any(texts[n].endswith(last) for n in range(2, len(texts))):
        return [], 0
    # The next row may begin like all columns of a row (`Lua - no`, `Lua - old - no`): so it may
    # begin wherever the first answer is repeated.
    again = [n for n in range(2, min(len(texts), _MOST_ANSWERS)) if texts[n].endswith(last)]
    for end in reversed(ends):
        start = first[: end + len(_DASH)]
        alike = next((n for n, text in enumerate(texts) if not text.startswith(start)), len(texts))
        for count in dict.fromkeys((alike, *(n for n in reversed(again) if n < alike))):
            rows = list(_rows(texts, len(start), count))
            if count > 1 and len(rows) > 1 and len(set(texts[:count])) == count:
                return rows, count
    return [], 0


def _rows(texts: Sequence[str], width: int, count: int) -> Iterator[str]:
    """Return the rows that follow each other, each with all answers of the first.

    `width` is the length of the first row with the dash after it.
    """
    for begin in range(0, len(texts) - count + 1, count or 1):
        ending = _DASH + texts[0][width:]
        row = texts[begin].removesuffix(ending)
        if not row or not all(
            texts[begin + n] == f"{row}{_DASH}{texts[n][width:]}" for n in range(count)
        ):
            return
        yield row
