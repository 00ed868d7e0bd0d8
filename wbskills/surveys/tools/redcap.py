"""REDCap: names of fields, or their labels; a column for each choice.

A choice is `tools___2`, or `Which tools? (choice=Lua)` in an export with labels. Each form ends in
a column that says whether it is complete (2, or `Complete`), and a form that people fill in
themselves begins with its time.
"""

import re
from types import MappingProxyType
from typing import Final

from wbskills.surveys.files import personal_data
from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.tools.tool import SurveyTool, Top, column_of

_ROLES: Final = {
    "record_id": Role.RESPONSE_ID,
    "record id": Role.RESPONSE_ID,
    "redcap_survey_identifier": Role.TOKEN,
    "survey identifier": Role.TOKEN,
    "survey timestamp": Role.SUBMITTED,
    "complete?": Role.FINISHED,
    **dict.fromkeys(
        ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
         "redcap_data_access_group", "event name", "repeat instrument", "repeat instance",
         "data access group"),
        Role.OWN,
    ),
}  # fmt: skip
_COMPLETE = re.compile(r"[a-z]\w*_complete")
_TIMESTAMP = re.compile(r"[a-z]\w*_timestamp")
_CHOICE = re.compile(r"(\w+?)___(\w+)")
_LABELLED: Final = " (choice="


class RedCap(SurveyTool):
    """The files of REDCap, raw or with labels."""

    name = "redcap"
    counting = MappingProxyType({Role.FINISHED: ("2", "Complete")})

    def recognise(self, top: Top) -> str:
        """Look for REDCap's own columns, or for the end of a form or a choice behind an id."""
        headings = [key(heading) for heading in top[0]]
        own = [heading for heading in headings if heading.startswith("redcap_")]
        if own:
            return f"REDCap: it has the column {own[0]}"
        id_first = _ROLES.get(headings[0]) is Role.RESPONSE_ID
        typical = [h for h in headings if _COMPLETE.fullmatch(h) or h == "complete?"]
        if id_first and typical:
            return f"REDCap: it has the columns {clean(top[0][0])} and {typical[0]}"
        return ""

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return one column for each heading; choices are rows of their question."""
        return tuple(_column(index, heading) for index, heading in enumerate(map(clean, top[0])))


def _column(index: int, heading: str) -> SurveyColumn:
    text, _, choice = heading.partition(_LABELLED)
    if choice.endswith(")"):
        return column_of(index, heading, _ROLES, text, choice[:-1])
    name = key(heading)
    found = _CHOICE.fullmatch(heading)
    if found:
        return SurveyColumn(
            index=index,
            heading=heading,
            code=heading,
            question=found[1],
            row_code=found[2],
            role=personal_data.known_role([found[1]]) or Role.QUESTION,
        )
    roles = _ROLES
    if name not in _ROLES and _COMPLETE.fullmatch(name):
        roles = {name: Role.FINISHED}
    elif name not in _ROLES and _TIMESTAMP.fullmatch(name):
        roles = {name: Role.SUBMITTED}
    return column_of(index, heading, roles, heading)
