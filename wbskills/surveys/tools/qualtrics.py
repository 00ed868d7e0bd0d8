"""Qualtrics: three heading rows, which are codes, question texts, and import ids as JSON.

The older exporter has no third row, and calls Qualtrics' own columns V1, V2 … in the first: there
the second row has their names. Choices are texts or recoded numbers (also negative ones); a matrix
has a column for each row, `question - row`; several choices are in one cell, separated by commas,
or in a column each.
"""

import re
from collections import defaultdict
from os.path import commonprefix
from types import MappingProxyType
from typing import Final

from wbskills.surveys.files import personal_data
from wbskills.surveys.files.cell_text import counted, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.tools.tool import SurveyTool, Top, cell, is_index

_OWN: Final = {
    "startdate": Role.STARTED,
    "enddate": Role.SUBMITTED,
    "recordeddate": Role.CHANGED,
    "status": Role.STATUS,
    "ipaddress": Role.INTERNET_ADDRESS,
    "progress": Role.OWN,
    "duration (in seconds)": Role.TIMING,
    "finished": Role.FINISHED,
    "responseid": Role.RESPONSE_ID,
    "responseset": Role.OWN,
    "name": Role.NAME,
    "recipientlastname": Role.NAME,
    "recipientfirstname": Role.NAME,
    "recipientemail": Role.MAIL,
    "emailaddress": Role.MAIL,
    "externalreference": Role.ATTRIBUTE,
    "externaldatareference": Role.ATTRIBUTE,
    "locationlatitude": Role.PLACE,
    "locationlongitude": Role.PLACE,
    "locationaccuracy": Role.PLACE,
    "distributionchannel": Role.OWN,
    "userlanguage": Role.LANGUAGE,
    "q_language": Role.LANGUAGE,
    "q_recaptchascore": Role.OWN,
    "q_relevantidduplicate": Role.OWN,
    "q_relevantidfraudscore": Role.OWN,
    "q_datapolicyviolations": Role.OWN,
}
# Words that other tools have as well show nothing.
_TYPICAL: Final = _OWN.keys() - {"status", "name", "progress", "finished", "ipaddress"}
_IMPORT_ID = re.compile(r'\{\s*"ImportId"\s*:.*\}', re.DOTALL)
_TIMING = re.compile(r".+_(First Click|Last Click|Page Submit|Click Count)|.+ - (Timing|Click).*")
_DISPLAY_ORDER = re.compile(r".+_DO(_.+)?")
_STEM = re.compile(r"(.+?)(?:_(\d+))?(_\d+)?(_TEXT)?")
_CHOSEN = re.compile(r"\s+- Selected Choice(?=$|\s+- )")
_OLD = re.compile(r"V\d+")
_DASH: Final = " - "


class Qualtrics(SurveyTool):
    """The files of Qualtrics, CSV and TSV."""

    name = "qualtrics"
    counting = MappingProxyType({Role.FINISHED: ("True", "1"), Role.STATUS: ("IP Address", "0")})
    between = ","

    def recognise(self, top: Top) -> str:
        """Look for import ids in the third row, else for Qualtrics' own columns."""
        if _has_import_ids(top):
            return "Qualtrics: 3 heading rows, the third has ImportId"
        if _is_old(top):
            return "Qualtrics: 2 heading rows, the second has ResponseID"
        own = [text for text in top[0] if key(text) in _TYPICAL]
        if len(own) < 3:
            return ""
        rows = counted(self.heading_rows(top), "heading row")
        return f"Qualtrics: {rows}, with the columns {', '.join(own[:3])}"

    def heading_rows(self, top: Top) -> int:
        """Return 3 with import ids, 2 with texts below the codes, else 1."""
        if _has_import_ids(top):
            return 3
        texts = [key(text).replace(" ", "") for text in top[1]] if len(top) > 1 else []
        return 2 if sum(text in _TYPICAL for text in texts) >= 2 else 1

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return a column for each code, with question and row from the second heading row."""
        has_texts = self.heading_rows(top) > 1
        codes = [cell(top, 0, index) for index in range(len(top[0]))]
        texts = [cell(top, 1, index) if has_texts else "" for index in range(len(codes))]
        old = _is_old(top)
        groups = defaultdict(list)
        for code, text in zip(codes, texts, strict=True):
            groups[_stem(code)[0]].append(text)
        return tuple(
            _own(index, code, text)
            if old
            and (_OLD.fullmatch(code) or not code + text)  # each row ends with an empty cell
            else _column(index, code, text, groups[_stem(code)[0]])
            for index, (code, text) in enumerate(zip(codes, texts, strict=True))
        )


def _has_import_ids(top: Top) -> bool:
    # Not always in the first column: pandas may have added its index before it.
    return len(top) > 2 and any(_IMPORT_ID.fullmatch(cell(top, 2, index)) for index in (0, 1))


def _is_old(top: Top) -> bool:
    """Return whether the older exporter wrote this file."""
    numbered = [i for i in range(len(top[0])) if _OLD.fullmatch(cell(top, 0, i))]
    return "responseid" in {key(cell(top, 1, index)) for index in numbered}


def _own(index: int, code: str, name: str) -> SurveyColumn:
    """Return one of Qualtrics' own columns, whose name in a mapping is the one of today."""
    role = _OWN.get(key(name), Role.OWN)
    return SurveyColumn(index=index, heading=code, code=name, text=name, role=role, sure=True)


def _stem(code: str) -> tuple[str, str, bool]:
    """Split a code into that of the question, that of its row, and whether it is a free text."""
    found = _STEM.fullmatch(code)
    if found is None:
        return code, "", False
    return found[1], (found[2] or "") + (found[3] or ""), bool(found[4])


def _column(index: int, code: str, text: str, group: list[str]) -> SurveyColumn:
    question, row_code, is_text = _stem(code)
    role = _OWN.get(key(code)) or (Role.INDEX if is_index(index, code) else None)
    if role is None and (_TIMING.fullmatch(code) or _DISPLAY_ORDER.fullmatch(code)):
        role = Role.TIMING if _TIMING.fullmatch(code) else Role.OWN
    if role is None and is_text:
        role = Role.FREE_TEXT
    is_choice = bool(_CHOSEN.search(text))
    text = _CHOSEN.sub("", text)
    question_text, row = _rows(text, group) if row_code else (text, "")
    known = role or personal_data.known_role([code])
    return SurveyColumn(
        index=index,
        heading=code,
        code=code,
        question=question if row_code else code,
        row_code=row_code,
        text=question_text,
        row_text=row,
        role=known or personal_data.known_role([text, row]) or _guess(text, is_choice=is_choice),
        # A text box of “Other” can be mapped, to collect suggestions.
        sure=known is not None and known is not Role.FREE_TEXT,
    )


_TEXTS: Final = (Role.FREE_TEXT, Role.DESCRIPTION)


def _guess(text: str, *, is_choice: bool) -> Role:
    """Guess what a question asks for; a tick at “Other, please specify” is not a free text."""
    guessed = personal_data.guess_role(text) or Role.QUESTION
    return Role.QUESTION if is_choice and guessed in _TEXTS else guessed


def _rows(text: str, group: list[str]) -> tuple[str, str]:
    """Split a text into question and row: what all columns of the question share, and the rest."""
    others = {_CHOSEN.sub("", other) for other in group}
    shared = text
    if len(others) > 1:
        shared = commonprefix([*others])  # noqa: RUF071  # by character, as these are no paths
    end = shared.rfind(_DASH)
    if end < 0:
        question_text, _, row = text.partition(_DASH)
        return question_text, row
    return text[:end].strip(), text[end + len(_DASH) :].strip()
