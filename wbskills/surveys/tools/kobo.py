"""KoboToolbox and ODK: names of questions with their groups, or labels.

KoboToolbox writes `group/name` and separates cells with `;`, ODK Central `group-name` and `,`.
Several choices are in one cell, separated by spaces, and also in a column of 0 and 1 for each
choice, `question/choice`. Below the headings there may be a row of tags, which begin with `#`.

Questions that people answer several times (repeats) have a sheet or file of their own, whose rows
are not responses and are refused; older files have them in columns `group[1]/name`, which are
treated as the tool's own unless the mapping names them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from wbskills.errors import SurveyError
from wbskills.surveys.files import personal_data
from wbskills.surveys.files.cell_text import clean, counted, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.files.rows import SurveyFile
from wbskills.surveys.tools.tool import SurveyTool, Top, is_index

_KOBO: Final = {
    "_id": Role.RESPONSE_ID,
    "_uuid": Role.OWN,
    "_submission_time": Role.SUBMITTED,
    "_validation_status": Role.STATUS,
    "_notes": Role.FREE_TEXT,
    "_status": Role.OWN,
    "_submitted_by": Role.NAME,
    "__version__": Role.OWN,
    "_tags": Role.OWN,
    "_index": Role.OWN,
    "_parent_table_name": Role.OWN,
    "_parent_index": Role.OWN,
    "_version": Role.OWN,
    "_duration": Role.TIMING,
    "_attachments": Role.OWN,
    "_geolocation": Role.PLACE,
    "_bamboo_dataset_id": Role.OWN,
    "_xform_id_string": Role.OWN,
    "meta/rootuuid": Role.OWN,
    "meta/instanceid": Role.OWN,
    "formhub/uuid": Role.OWN,
}
_ODK: Final = {
    "submissiondate": Role.SUBMITTED,
    "key": Role.RESPONSE_ID,
    "meta-instanceid": Role.OWN,
    "meta-instancename": Role.FREE_TEXT,
    "instanceid": Role.OWN,
    "instancename": Role.FREE_TEXT,
    "submitterid": Role.NAME,
    "submittername": Role.NAME,
    "attachmentspresent": Role.OWN,
    "attachmentsexpected": Role.OWN,
    "status": Role.STATUS,
    "reviewstate": Role.STATUS,
    "deviceid": Role.ATTRIBUTE,
    "edits": Role.OWN,
    "formversion": Role.OWN,
}
# What the survey itself may record, in both.
_BOTH: Final = {
    "start": Role.STARTED,
    "end": Role.CHANGED,
    "today": Role.OWN,
    "deviceid": Role.ATTRIBUTE,
    "subscriberid": Role.ATTRIBUTE,
    "simserial": Role.ATTRIBUTE,
    "phonenumber": Role.PHONE,
    "audit": Role.OWN,
}
_PLACE = re.compile(r"_.*_(latitude|longitude|altitude|precision)|.*-(Latitude|Longitude)")
_REPEATED = re.compile(r"(.*?\[\d+\])/.+")
# Columns that link a row of a repeat to its response.
_KOBO_PARENT: Final = {"_parent_table_name", "_parent_index"}
_ODK_PARENT: Final = {"parent_key", "key"}
_MAIN: Final = {
    "KoboToolbox": "use the first sheet, which has the responses (without --sheet)",
    "ODK": "use the file without PARENT_KEY, which has the responses",
}

# The account of the person with the telephone, unless a survey asks for such a name.
_COLLECTOR: Final = "username"


class KoboToolbox(SurveyTool):
    """The files of KoboToolbox and of ODK Central."""

    name = "kobo"
    between = " "

    def recognise(self, top: Top) -> str:
        """Look for the columns that the server adds."""
        words = [key(text) for text in top[0]]
        repeats = _repeats_of(words)
        if repeats:
            return f"{repeats}: a sheet of repeats, not of responses"
        tags = f"{counted(self.heading_rows(top), 'heading row')}, with"
        kobo = [word for word in words if word in _KOBO]
        if len(kobo) >= 3:
            reason = f"KoboToolbox: {tags} the columns {', '.join(kobo[:3])}"
            repeated = [found[1] for text in top[0] if (found := _REPEATED.fullmatch(clean(text)))]
            also = f"; {counted(len(repeated), 'column')} of repeats, for example of "
            return f"{reason}{also}{repeated[0]}" if repeated else reason
        odk = [word for word in words if word in _ODK]
        if {"submissiondate", "key"} <= set(odk):
            named = [clean(text) for text in top[0] if key(text) in _ODK]
            return f"ODK: {tags} the columns {', '.join(named[:3])}"
        return ""

    def columns_of(self, file: SurveyFile) -> tuple[SurveyColumn, ...]:
        """Return the columns of a file.

        Raises `SurveyError` if its rows are those of a repeat.
        """
        number, headings = file.top[0]
        tool = _repeats_of(map(key, headings))
        if tool:
            raise SurveyError.of(
                file.name,
                "each row is a repeat within a response, and not a response",
                f"{_MAIN[tool]}; answers in repeats cannot be imported",
                row=number,
            )
        return super().columns_of(file)

    def heading_rows(self, top: Top) -> int:
        """Return 2 if the second row has tags, else 1."""
        tags = [clean(text) for text in top[1] if clean(text)] if len(top) > 1 else []
        return 2 if tags and all(text.startswith("#") for text in tags) else 1

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Read groups, questions and choices from the path in each heading."""
        headings = [clean(heading) for heading in top[0]]
        words = {key(heading) for heading in headings}
        is_odk = "submissiondate" in words and "key" in words
        own = (_ODK if is_odk else _KOBO) | _BOTH
        groups = Counter(_path(heading, is_odk)[0] for heading in headings)
        return tuple(
            _column(index, heading, own, _path(heading, is_odk), groups)
            for index, heading in enumerate(headings)
        )


def _repeats_of(words: Iterable[str]) -> str:
    """Return the tool whose sheet of repeats has these headings; empty if it is no such sheet."""
    there = set(words)
    if there >= _KOBO_PARENT:
        return "KoboToolbox"
    return "ODK" if there >= _ODK_PARENT and "submissiondate" not in there else ""


def _column(
    index: int,
    heading: str,
    own: Mapping[str, Role],
    parts: tuple[str, str],
    groups: Mapping[str, int],
) -> SurveyColumn:
    role = own.get(key(heading)) or (Role.INDEX if is_index(index, heading) else None)
    if role is None and _PLACE.fullmatch(heading.rpartition("/")[2]):
        role = Role.PLACE
    path, row = parts
    last = row or path.rpartition("/")[2]
    # A slash in a label separates nothing; in a name it separates groups.
    alone = heading if " " in heading or "[" in heading else last.replace("_", " ")
    known = role or personal_data.known_role([heading, last])
    repeated = _REPEATED.fullmatch(heading) is not None
    if role is not None or repeated or groups[path] == 1:
        path, row = "", ""  # alone in its group, it is not a row of a question
    is_name = " " not in row
    return SurveyColumn(
        index=index,
        heading=heading,
        code=heading,
        question=path,
        row_code=row if is_name else "",
        text=path or alone,
        row_text=row,
        role=known or _guess(last) or (Role.OWN if repeated else Role.QUESTION),
        sure=known is not None and known is not Role.FREE_TEXT,
    )


def _guess(name: str) -> Role | None:
    return (
        Role.NAME if key(name) == _COLLECTOR else personal_data.guess_role(name.replace("_", " "))
    )


def _path(heading: str, is_odk: bool) -> tuple[str, str]:
    """Split a heading into the path of the question, and the row or choice at its end."""
    before, slash, last = heading.rpartition("/")
    if not slash and is_odk:
        before, slash, last = heading.rpartition("-")
    return (before, last) if before and last else (heading, "")
