"""SurveyMonkey: two heading rows, questions above, rows and choices below.

A question is above its first column only; the others have no heading, or one that another program
made up (`Unnamed: 3`, `Column7`, `...7`). A choice has a column of its own, in which its own text
is the answer.

“Expanded” files also have a column for each answer of a scale, with the heading `Lua - alone`, or
only `alone` if the scale is a question of its own; here these are put together again.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from wbskills.surveys.files import personal_data
from wbskills.surveys.files.cell_text import counted, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.files.rows import Row, SurveyFile
from wbskills.surveys.tools.one_column_per_answer import (
    ExpandedScale,
    find_scales,
    find_single_scales,
    ticked_answers,
)
from wbskills.surveys.tools.tool import (
    OTHER,
    SurveyTool,
    Top,
    When,
    cell,
    column_of,
    is_index,
)

_OWN: Final = {
    Role.RESPONSE_ID: (
        "respondent id", "respondent_id", "teilnehmer-id", "befragten-id", "id del encuestado",
        "id du répondant", "respondentid",
    ),
    Role.OWN: (
        "collector id", "collector_id", "collector-id", "collectorid", "id del recopilador",
        "id du collecteur",
    ),
    Role.STARTED: (
        "start date", "date_created", "startdate", "startdatum", "fecha de inicio",
        "date de début",
    ),
    Role.SUBMITTED: (
        "end date", "date_modified", "enddate", "enddatum", "fecha final",
        "fecha de finalización", "date de fin",
    ),
    Role.ATTRIBUTE: (
        "custom data", "customdata", "custom data 1", "custom data 2", "custom data 3",
        "custom data 4", "custom data 5", "custom_1",
        "benutzerdefinierte daten 1", "datos personalizados 1",
        "données personnalisées 1",
    ),
    Role.INTERNET_ADDRESS: ("ip_address",),
    Role.MAIL: ("email_address",),
    Role.NAME: ("first_name", "last_name"),
}  # fmt: skip
_ROLES: Final = {word: role for role, words in _OWN.items() for word in words}
_MADE_UP = re.compile(r"|Unnamed: \d+(_level_\d+)?|Column ?\d+|\.\.\.\d+|X\d+|V\d+")
# Below a question with one answer: an expanded file does not have it.
_CHOSEN: Final = frozenset({"response", "antwort", "respuesta", "réponse", "الرد"})
# Below any question that has one column only.
_NO_ROW: Final = _CHOSEN | {
    "open-ended response", "freie antwort", "offene antwort", "respuesta abierta",
    "réponse libre", "réponse ouverte", "إجابة مفتوحة",
}  # fmt: skip
_CHECKED_ROWS: Final = 1_000  # to tell a question with one answer from one with several


class SurveyMonkey(SurveyTool):
    """The files of SurveyMonkey: all responses, CSV or XLSX."""

    name = "surveymonkey"

    def recognise(self, top: Top) -> str:
        """Look for respondent and collector, or for the words that only its second row has."""
        words = {_ROLES.get(key(text)) for text in top[0]}
        rows = counted(self.heading_rows(top), "heading row")
        if {Role.RESPONSE_ID, Role.OWN} <= words:
            return f"SurveyMonkey: {rows}, with the columns Respondent ID and Collector ID"
        below = {key(text) for text in top[1]} if len(top) > 1 else set()
        if self.heading_rows(top) == 2 and "open-ended response" in below:
            return "SurveyMonkey: 2 heading rows, the second has “Open-Ended Response”"
        if Role.RESPONSE_ID in words and below & _NO_ROW:
            return f"SurveyMonkey: {rows}, with the column {cell(top, 0, 0)} and “Response” below"
        if len(top) > 1 and any(_has_rows(top, index) for index in range(1, len(top[1]))):
            return (
                f"SurveyMonkey: {rows}, with “Response” below questions, without its own columns"
            )
        return ""

    def heading_rows(self, top: Top) -> int:
        """Return 2 if there is nothing below SurveyMonkey's own columns, else 1."""
        if len(top) < 2:
            return 1
        if any(key(text) in _NO_ROW for text in top[1]):
            return 2
        own = [i for i in range(len(top[0])) if _ROLES.get(key(cell(top, 0, i))) is not None]
        return 2 if own and not any(cell(top, 1, index) for index in own) else 1

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return a column for each question with what is below it.

        An expanded question has one more column for each of its rows, behind the last column of
        the file.
        """
        rows = top[self.heading_rows(top) :]
        return _together(*self._expanded(top), rows)

    def columns_of(self, file: SurveyFile) -> tuple[SurveyColumn, ...]:
        """Return the columns of a file, after checking whether a person ticked several answers."""
        top = file.top_cells
        first = self.heading_rows(top)
        rows = islice(file.read(), first, first + _CHECKED_ROWS)
        return _together(*self._expanded(top), (cells for _, cells in rows))

    def _expanded(self, top: Top) -> tuple[tuple[SurveyColumn, ...], list[ExpandedScale]]:
        """Return the columns of the file, and those that belong together."""
        columns = self._in_file(top)
        found = list(find_scales(columns))
        below = {key(text) for text in top[1]} if self.heading_rows(top) == 2 else _CHOSEN
        return columns, found if below & _CHOSEN else [*found, *find_single_scales(columns, found)]

    def _in_file(self, top: Top) -> tuple[SurveyColumn, ...]:
        if self.heading_rows(top) == 1:
            return tuple(column_of(i, cell(top, 0, i), _ROLES, cell(top, 0, i), "")
                         for i in range(len(top[0])))  # fmt: skip
        columns = []
        question = ""
        for index in range(max(len(top[0]), len(top[1]))):
            above, below = cell(top, 0, index), cell(top, 1, index)
            if is_index(index, above):
                columns.append(column_of(index, above, _ROLES, above))
                continue
            if not _MADE_UP.fullmatch(above):
                question = above
            elif not below:
                question = ""  # a column without a question
            columns.append(_column(index, question, "" if key(below) in _NO_ROW else below))
        return tuple(columns)

    def rows(
        self, file: SurveyFile, columns: Sequence[SurveyColumn], when: When | None = None
    ) -> Iterator[Row]:
        """Read the rows, with the one answer that was ticked for each row of an expanded scale."""
        own = [column for column in columns if column.source_index is None]
        _, expanded = self._expanded(file.top_cells)
        found = [scale.columns for scale in expanded]
        for row in super().rows(file, own, when):
            if found:
                row.cells.extend(ticked_answers(row.cells, among) for among in found)
            yield row._replace(missing=row.missing + len(found)) if found and row.missing else row


def _has_rows(top: Top, index: int) -> bool:
    """Return whether a row of a question is below a heading that was made up.

    The first column of the same file has a question with one answer.
    """
    below = [key(text) for text in top[1]]
    made_up = _MADE_UP.fullmatch(cell(top, 0, index)) is not None
    return made_up and below[index] not in ("", *_NO_ROW) and not _CHOSEN.isdisjoint(below)


def _together(
    columns: Sequence[SurveyColumn], found: Sequence[ExpandedScale], rows: Iterable[Sequence[str]]
) -> tuple[SurveyColumn, ...]:
    """Add a column for each expanded question or row, in place of those for its answers.

    If a person ticked several answers, they are choices and stay as they are.
    """
    open_ = {scale.columns for scale in found if not scale.row}
    seen = rows if open_ else ()  # reading a workbook again takes time
    several = {one for row in seen for one in open_ if sum(map(bool, _at(row, one))) > 1}
    rows_of = {i for scale in found if scale.row for i in scale.columns}
    alone = {i for one in open_ - several for i in one}
    return (
        *(
            _answer(column)
            if column.index in rows_of
            else replace(column, role=Role.OWN)
            if column.index in alone
            else column
            for column in columns
        ),
        *(
            _added(len(columns) + number, scale, chosen=scale.columns in several)
            for number, scale in enumerate(found)
        ),
    )


def _added(index: int, scale: ExpandedScale, *, chosen: bool) -> SurveyColumn:
    """Return the column of a row or question; unused if several answers were ticked."""
    made = _column(index, scale.question, scale.row)
    return replace(made, source_index=scale.columns[0], role=Role.OWN if chosen else made.role)


def _at(row: Sequence[str], columns: Sequence[int]) -> list[str]:
    """Return some cells of a row, which may be short."""
    return [row[index].strip() for index in columns if index < len(row)]


def _answer(column: SurveyColumn) -> SurveyColumn:
    """Return a column of one answer as the tool's own: alone it says nothing about a row."""
    heading = column.row_text
    return SurveyColumn(index=column.index, heading=heading, text=heading, role=Role.OWN)


def _column(index: int, question: str, row: str) -> SurveyColumn:
    if row:
        other = Role.FREE_TEXT if OTHER.fullmatch(key(row)) else None
        role = personal_data.known_role([row]) or other
        return SurveyColumn(
            index=index,
            heading=f"{question} [{row}]",
            text=question,
            row_text=row,
            role=role or Role.QUESTION,
            sure=role is not None and role is not Role.FREE_TEXT and personal_data.is_certain(row),
        )
    return column_of(index, question, _ROLES, question, "")
