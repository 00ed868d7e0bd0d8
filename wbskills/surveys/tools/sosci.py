"""SoSci Survey: codes such as `SK01_02`, and in some exports a row of labels below them.

The number behind the code is the row of a question. `-9` is an answer that was not given. Of a
choice, 2 means that it was ticked, and 1 that it was not.
"""

import re
from types import MappingProxyType
from typing import Final

from wbskills.surveys.files.cell_text import clean, counted, key, leading_number
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.tools.tool import SurveyTool, Top, cell, column_of

_ROLES: Final = {
    "case": Role.RESPONSE_ID,
    "serial": Role.TOKEN,
    "ref": Role.ATTRIBUTE,
    "questnnr": Role.OWN,
    "mode": Role.STATUS,
    "language": Role.LANGUAGE,
    "started": Role.STARTED,
    "lastdata": Role.SUBMITTED,
    "finished": Role.FINISHED,
    "lastpage": Role.LAST_PAGE,
    **dict.fromkeys(("time_sum", "time_rsi"), Role.TIMING),
    **dict.fromkeys(
        ("q_viewer", "maxpage", "mailsent", "missing", "missrel", "deg_miss", "deg_time",
         "degrade"),
        Role.OWN,
    ),
}  # fmt: skip
_TYPICAL: Final = {"case", "questnnr", "mode", "started"}
_TIME = re.compile(r"time\d{3}")
_TICKED: Final = "2"
_CODE = re.compile(r"([A-Z]{2}\d{2})(?:_(\w+))?")


class SoSciSurvey(SurveyTool):
    """The files of SoSci Survey: CSV, or a workbook."""

    name = "sosci"
    # R writes “T” or “TRUE” in place of 1.
    counting = MappingProxyType({Role.FINISHED: ("1", "T", "TRUE"), Role.STATUS: ("interview",)})

    def recognise(self, top: Top) -> str:
        """Look for columns that only this tool has."""
        if {key(heading) for heading in top[0]} >= _TYPICAL:
            rows = counted(self.heading_rows(top), "heading row")
            return f"SoSci Survey: {rows}, with the columns CASE, QUESTNNR, MODE, STARTED"
        return ""

    def heading_rows(self, top: Top) -> int:
        """Return 2 if there is a label below CASE, in place of the number of a response."""
        codes = [key(heading) for heading in top[0]]
        below = cell(top, 1, codes.index("case")) if "case" in codes else ""
        return 2 if below and leading_number(below) is None else 1

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return one column for each code; its label is `question: row`."""
        labels = self.heading_rows(top) == 2
        return tuple(
            _column(index, code, cell(top, 1, index) if labels else "")
            for index, code in enumerate(map(clean, top[0]))
        )


def _column(index: int, code: str, label: str) -> SurveyColumn:
    found = _CODE.fullmatch(code)
    if found is None:
        roles = {key(code): Role.TIMING} if _TIME.fullmatch(key(code)) else _ROLES
        return column_of(index, code, roles, label or code)
    question, row = found[1], found[2] or ""
    text, _, row_text = label.partition(": ") if row else (label, "", "")
    return SurveyColumn(
        index=index,
        heading=code,
        code=code,
        question=question,
        row_code=row,
        text=text,
        row_text=row_text,
        ticked=_TICKED,
    )
