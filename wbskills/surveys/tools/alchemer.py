"""Alchemer, once SurveyGizmo: status and times first; rows of a question as `Row:Question`."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.tools.tool import SurveyTool, Top, column_of

_ROLES: Final = {
    "response id": Role.RESPONSE_ID,
    "id": Role.RESPONSE_ID,
    "time started": Role.STARTED,
    "date submitted": Role.SUBMITTED,
    "status": Role.STATUS,
    "language": Role.LANGUAGE,
    "contact id": Role.TOKEN,
    "extended referer": Role.REFERRER,
    "postal": Role.PLACE,
    "state/region": Role.PLACE,
    **dict.fromkeys(
        ("legacy comments", "comments", "sessionid", "session id", "user agent", "tags"), Role.OWN
    ),
}
_TYPICAL: Final = {"time started", "date submitted", "status"}
_WRITE_IN: Final = "other - write in"
_MOST_COLONS: Final = 4  # that may separate the row from the question


class Alchemer(SurveyTool):
    """The files of Alchemer: CSV, or a workbook."""

    name = "alchemer"
    between = ","
    counting = MappingProxyType({Role.STATUS: ("Complete",)})

    def recognise(self, top: Top) -> str:
        """Look for status and times."""
        if {key(heading) for heading in top[0]} >= _TYPICAL:
            return "Alchemer: it has the columns Time Started, Date Submitted, Status"
        return ""

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return one column for each heading, with its row where others have its question."""
        headings = [clean(heading) for heading in top[0]]
        questions = Counter(headings)
        questions.update(question for text in headings for question, _ in _splits(text))
        return tuple(_column(index, text, questions) for index, text in enumerate(headings))


def _splits(heading: str) -> Iterator[tuple[str, str]]:
    """Split a heading at each colon that may separate the row from the question.

    >>> list(_splits("Lua:How well?"))
    [('How well?', 'Lua')]
    """
    begin = 0
    for _ in range(_MOST_COLONS):
        begin = heading.find(":", begin) + 1
        question = heading[begin:].strip()
        if not begin or not question:
            return
        yield question, heading[: begin - 1].strip(": ")


def _column(index: int, heading: str, questions: Mapping[str, int]) -> SurveyColumn:
    split = next((one for one in _splits(heading) if questions[one[0]] > 1), (heading, ""))
    if key(split[1]).startswith(_WRITE_IN):
        return SurveyColumn(
            index=index,
            heading=heading,
            text=split[0],
            row_text=split[1],
            role=Role.FREE_TEXT,
            sure=True,
        )
    return column_of(index, heading, _ROLES, *split)
