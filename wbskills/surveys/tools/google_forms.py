"""Google Forms: the CSV download, and the linked sheet saved as a file.

Both begin with a time, whose heading is in the language of the form. The download writes
`2022/11/30 10:39:41 PM GMT+1` and separates choices with `;`; the sheet writes the time as its
country does, and separates choices with `, `. The headings of grids are `Question [Row]`.
"""

import re
from typing import Final

from wbskills.surveys.files.cell_text import ascii_digits, clean, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.tools.tool import SurveyTool, Top, cell, column_of, is_index, split_row

_TIMESTAMP: Final = (
    "timestamp", "zeitstempel", "horodateur", "marca temporal", "طابع زمني", "الطابع الزمني",
    "carimbo de data/hora", "informazioni cronologiche", "tijdstempel", "sygnatura czasowa",
    "отметка времени", "позначка часу", "タイムスタンプ", "时间戳记", "時間戳記", "타임스탬프",
    "zaman damgası", "tidstämpel", "časová značka", "časová pečiatka", "időbélyeg", "חותמת זמן",
    "tidsstempel", "aikaleima", "χρονική σήμανση", "stempel waktu", "dấu thời gian", "टाइमस्टैम्प",
    "ประทับเวลา",
)  # fmt: skip
_ROLES: Final = dict.fromkeys(_TIMESTAMP, Role.SUBMITTED) | {"score": Role.OWN}
_DOWNLOAD = re.compile(r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d\d:\d\d.* (GMT|UTC|[A-Z]{3,4}).*")
_LOCAL = re.compile(r"\d{1,4}([-/.])\d{1,2}\1 ?\d{1,4},? \d{1,2}[:.]\d\d([:.]\d\d)?.*")


class GoogleForms(SurveyTool):
    """The files of Google Forms."""

    name = "google"
    between = ";"

    def recognise(self, top: Top) -> str:
        """Look for a time in the first column, below one of Google's words for it."""
        column = 1 if is_index(0, cell(top, 0, 0)) and len(top[0]) > 1 else 0
        heading, first = cell(top, 0, column), ascii_digits(cell(top, 1, column))
        if key(heading) not in _TIMESTAMP:
            return ""
        if _DOWNLOAD.fullmatch(first):
            return f"Google Forms, CSV download: “{heading}” has times with GMT"
        grids = [text for text in map(clean, top[0]) if split_row(text)[1]]
        if _LOCAL.fullmatch(first) or grids:
            return f"Google Forms, linked sheet: “{heading}” is the first column"
        return ""

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return one column for each heading."""
        return tuple(
            column_of(index, heading, _ROLES if index < 3 else {}, *split_row(heading))
            for index, heading in enumerate(map(clean, top[0]))
        )
