"""SurveyMonkey: two heading rows, questions above, rows and choices below.

A question stands above its first column only; the others have no heading, or one that a careless
reader made up (`Unnamed: 3`, `Column7`, `...7`). A choice has a column of its own, in which its
own text is the answer.

“Expanded” files have a column for each answer of a scale, too, headed `Lua - alone`; `expanded`
puts these together again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from wbskills.surveys import personal
from wbskills.surveys.cells import key
from wbskills.surveys.columns import Column, Role
from wbskills.surveys.rows import Row, SurveyFile
from wbskills.surveys.shapes.expanded import gathered, scales
from wbskills.surveys.shapes.shape import OTHER, Shape, Top, When, asked, cell, in_words

_OWN: Final = {
    Role.RESPONSE_ID: (
        "respondent id", "respondent_id", "teilnehmer-id", "befragten-id", "id del encuestado",
        "id du répondant",
    ),
    Role.OWN: (
        "collector id", "collector_id", "collector-id", "id del recopilador", "id du collecteur",
    ),
    Role.STARTED: (
        "start date", "date_created", "startdatum", "fecha de inicio", "date de début",
    ),
    Role.SUBMITTED: (
        "end date", "date_modified", "enddatum", "fecha final", "fecha de finalización",
        "date de fin",
    ),
    Role.ATTRIBUTE: (
        "custom data", "custom data 1", "custom data 2", "custom data 3", "custom data 4",
        "custom data 5", "custom_1", "benutzerdefinierte daten 1", "datos personalizados 1",
        "données personnalisées 1",
    ),
    Role.INTERNET_ADDRESS: ("ip_address",),
    Role.MAIL: ("email_address",),
    Role.NAME: ("first_name", "last_name"),
}  # fmt: skip
_ROLES: Final = {word: role for role, words in _OWN.items() for word in words}
_MADE_UP = re.compile(r"|Unnamed: \d+(_level_\d+)?|Column ?\d+|\.\.\.\d+|X\d+|V\d+")
# Below a question that has one column only.
_NO_ROW: Final = frozenset(
    {
        "response", "open-ended response", "antwort", "freie antwort", "offene antwort",
        "respuesta", "respuesta abierta", "réponse", "réponse libre", "réponse ouverte", "الرد",
        "إجابة مفتوحة",
    }
)  # fmt: skip


class SurveyMonkey(Shape):
    """The files of SurveyMonkey: all responses, CSV or XLSX."""

    name = "surveymonkey"

    def recognise(self, top: Top) -> str:
        """Look for respondent and collector, or for the words that only its second row has."""
        words = {_ROLES.get(key(text)) for text in top[0]}
        rows = in_words(self.heading_rows(top), "heading row")
        if {Role.RESPONSE_ID, Role.OWN} <= words:
            return f"SurveyMonkey: {rows}, with the columns Respondent ID and Collector ID"
        below = [key(text) for text in top[1]] if len(top) > 1 else []
        if self.heading_rows(top) == 2 and "open-ended response" in below:
            return "SurveyMonkey: 2 heading rows, the second holds “Open-Ended Response”"
        return ""

    def heading_rows(self, top: Top) -> int:
        """Count two rows if nothing stands below SurveyMonkey's own columns, else one."""
        if len(top) < 2:
            return 1
        if any(key(text) in _NO_ROW for text in top[1]):
            return 2
        own = [i for i in range(len(top[0])) if _ROLES.get(key(cell(top, 0, i))) is not None]
        return 2 if own and not any(cell(top, 1, index) for index in own) else 1

    def columns(self, top: Top) -> tuple[Column, ...]:
        """Carry each question on to the columns without a heading, and add what stands below.

        Where a scale is expanded, its columns are the tool's own, and one more for each row of
        the question follows behind the last column of the file.
        """
        return _together(self._in_file(top))

    def _in_file(self, top: Top) -> tuple[Column, ...]:
        if self.heading_rows(top) == 1:
            return tuple(asked(i, cell(top, 0, i), _ROLES, cell(top, 0, i), "")
                         for i in range(len(top[0])))  # fmt: skip
        columns = []
        question = ""
        for index in range(max(len(top[0]), len(top[1]))):
            above, below = cell(top, 0, index), cell(top, 1, index)
            if not _MADE_UP.fullmatch(above):
                question = above
            elif not below:
                question = ""  # a column of nobody's
            columns.append(_column(index, question, "" if key(below) in _NO_ROW else below))
        return tuple(columns)

    def rows(
        self, file: SurveyFile, columns: Sequence[Column], when: When | None = None
    ) -> Iterator[Row]:
        """Read the rows, with the one answer that was ticked for each row of an expanded scale."""
        own = [column for column in columns if column.stands_in is None]
        in_file = self._in_file([cells for _, cells in file.top])
        found = [scale.columns for scale in scales(in_file)]
        for row in super().rows(file, own, when):
            if found:
                row.cells.extend(gathered(row.cells, among) for among in found)
            yield row._replace(missing=row.missing + len(found)) if found and row.missing else row


def _together(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Add a column for each row of an expanded scale, in place of those for its answers."""
    found = list(scales(columns))
    taken = {index for scale in found for index in scale.columns}
    return (
        *(_answer(column) if column.index in taken else column for column in columns),
        *(
            replace(
                _column(len(columns) + number, scale.question, scale.row),
                stands_in=scale.columns[0],
            )
            for number, scale in enumerate(found)
        ),
    )


def _answer(column: Column) -> Column:
    """Make a column of one answer the tool's own: by itself it says nothing about a row."""
    heading = column.row_text
    return Column(index=column.index, heading=heading, text=heading, role=Role.OWN)


def _column(index: int, question: str, row: str) -> Column:
    if row:
        role = personal.known([row]) or (Role.FREE_TEXT if OTHER.fullmatch(key(row)) else None)
        return Column(
            index=index,
            heading=f"{question} [{row}]",
            text=question,
            row_text=row,
            role=role or Role.QUESTION,
            sure=role is not None and role is not Role.FREE_TEXT and personal.certain(row),
        )
    return asked(index, question, _ROLES, question, "")
