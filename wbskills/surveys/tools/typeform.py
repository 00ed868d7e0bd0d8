"""Typeform: a `#` with the id of the response first, and times in UTC at the end.

A question with several choices has a column for each, whose heading is the choice alone, so that
`Other` and `None` may be there several times: name such columns by letter.
"""

from types import MappingProxyType
from typing import Final

from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.tools.tool import SurveyTool, Top, column_of

_ROLES: Final = {
    "#": Role.RESPONSE_ID,
    "response type": Role.STATUS,
    "start date (utc)": Role.STARTED,
    "stage date (utc)": Role.CHANGED,
    "submit date (utc)": Role.SUBMITTED,
    "network id": Role.INTERNET_ADDRESS,  # made of the address of the sender
    "tags": Role.OWN,
    "ending": Role.OWN,
    "score": Role.OWN,
}


class Typeform(SurveyTool):
    """The files of Typeform: CSV, or a workbook."""

    name = "typeform"
    between = ","
    counting = MappingProxyType({Role.STATUS: ("completed",)})

    def recognise(self, top: Top) -> str:
        """Look for the first column, and for the times behind the questions."""
        headings = {key(heading) for heading in top[0]}
        if {"#", "start date (utc)", "submit date (utc)"} <= headings:
            return "Typeform: it has the columns #, Start Date (UTC), Submit Date (UTC)"
        return ""

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return one column for each heading."""
        return tuple(
            column_of(index, heading, _ROLES, heading)
            for index, heading in enumerate(map(clean, top[0]))
        )
