"""Microsoft Forms: an Excel file whose first columns are ID, start, completion, mail and name.

Several choices are in one cell, each followed by `;`. A rating scale has a column for each
statement, whose heading is the statement alone or, in files that Forms keeps up to date,
`question.statement`. If a survey asks the same twice, the second heading ends in `2`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from wbskills.surveys.files import personal_data
from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.tools.tool import SurveyTool, Top, column_of, split_row

_OWN: Final = {
    Role.RESPONSE_ID: ("id", "المعرف"),
    Role.STARTED: (
        "start time", "startzeit", "heure de début", "hora de inicio", "وقت البدء", "begintijd",
        "godzina rozpoczęcia",
    ),
    Role.SUBMITTED: (
        "completion time", "fertigstellungszeit", "heure de fin", "hora de finalización",
        "وقت الإكمال", "tijd van voltooien", "godzina ukończenia",
    ),
    Role.MAIL: ("adresse de messagerie", "adres e-mail"),
    Role.NAME: ("name", "nom", "nombre", "الاسم", "naam", "nazwa"),
    Role.CHANGED: (
        "last modified time", "uhrzeit der letzten änderung", "heure de la dernière modification",
        "hora de la última modificación", "tijd van laatste wijziging",
        "czas ostatniej modyfikacji",
    ),
    Role.OWN: ("total points", "quiz feedback", "gesamtpunktzahl", "quiz-feedback"),
    Role.LANGUAGE: ("language", "sprache", "langue", "idioma"),
}  # fmt: skip
_ROLES: Final = {word: role for role, words in _OWN.items() for word in words}
_MOST_DOTS: Final = 4  # that may separate the question from the statement
# Not the dot of “node.js” or “Lua 5.4”.
_DOT = re.compile(r"(?<=[?:!)])\.(?=\S)|\.(?=[^\W\d_a-z])")
_QUIZ = re.compile(r"(points|feedback|punkte) [-–] .*")


class MicrosoftForms(SurveyTool):
    """The files of Microsoft Forms, opened in Excel or saved as CSV."""

    name = "microsoft"
    between = ";"

    def recognise(self, top: Top) -> str:
        """Look for the first three columns, in any of seven languages."""
        first = [_ROLES.get(key(text)) for text in top[0][:3]]
        if first == [Role.RESPONSE_ID, Role.STARTED, Role.SUBMITTED]:
            words = ", ".join(map(clean, top[0][:3]))
            return f"Microsoft Forms: the first columns are {words}"
        return ""

    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return one column for each heading; the tool's own ones are before the questions."""
        headings = [clean(heading) for heading in top[0]]
        questions = Counter(before for text in headings for before, _ in _dots(text))
        return tuple(_column(index, text, questions) for index, text in enumerate(headings))


def _dots(heading: str) -> Iterator[tuple[str, str]]:
    """Split a heading at each dot that may separate question and statement.

    >>> list(_dots("How well now.Lua 5.4")), list(_dots("How well? node.js"))
    ([('How well now', 'Lua 5.4')], [])
    """
    for found in islice(_DOT.finditer(heading), _MOST_DOTS):
        question = heading[: found.start()]
        if " " in question:
            yield question, heading[found.end() :]


def _column(index: int, heading: str, questions: Mapping[str, int]) -> SurveyColumn:
    if _QUIZ.fullmatch(key(heading)):
        return SurveyColumn(index=index, heading=heading, text=heading, role=Role.OWN, sure=True)
    # After the tool's own columns, “Language” may be a question.
    roles = _ROLES if index < 9 else {}
    # A question seldom has one statement; of two dots that others share, the first one counts.
    split = [(text, row) for text, row in _dots(heading) if questions[text] > 1]
    column = column_of(index, heading, roles, *(split[0] if split else split_row(heading)))
    if column.role is Role.NAME and index < 5:
        return SurveyColumn(index=index, heading=heading, text=heading, role=Role.NAME, sure=True)
    if split and column.role is Role.QUESTION:
        # They may be two questions with the same beginning, and not statements.
        guessed = personal_data.known_role([column.row_text]) or personal_data.guess_role(heading)
        return replace(column, role=guessed or Role.QUESTION)
    return column
