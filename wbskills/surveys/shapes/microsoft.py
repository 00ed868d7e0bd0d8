"""Microsoft Forms: an Excel file whose first columns are ID, start, completion, mail and name.

Several choices stand in one cell, each with `;` behind it. A rating scale has a column for each
statement. Where a form asks the same twice, the second heading ends in `2`.
"""

import re
from typing import Final

from wbskills.surveys.cells import clean, key
from wbskills.surveys.columns import Column, Role
from wbskills.surveys.shapes.shape import Shape, Top, asked, split_row

_OWN: Final = {
    Role.RESPONSE_ID: ("id", "المعرف"),
    Role.STARTED: ("start time", "startzeit", "heure de début", "hora de inicio", "وقت البدء"),
    Role.SUBMITTED: (
        "completion time", "fertigstellungszeit", "heure de fin", "hora de finalización",
        "وقت الإكمال",
    ),
    Role.MAIL: ("adresse de messagerie",),
    Role.NAME: ("name", "nom", "nombre", "الاسم"),
    Role.CHANGED: (
        "last modified time", "uhrzeit der letzten änderung", "heure de la dernière modification",
        "hora de la última modificación",
    ),
    Role.OWN: ("total points", "quiz feedback", "gesamtpunktzahl", "quiz-feedback"),
    Role.LANGUAGE: ("language", "sprache", "langue", "idioma"),
}  # fmt: skip
_ROLES: Final = {word: role for role, words in _OWN.items() for word in words}
_QUIZ = re.compile(r"(points|feedback|punkte) [-–] .*")


class Microsoft(Shape):
    """The files of Microsoft Forms, opened in Excel or saved as CSV."""

    name = "microsoft"
    between = ";"

    def recognise(self, top: Top) -> str:
        """Look for the first three columns, in any of five languages."""
        first = [_ROLES.get(key(text)) for text in top[0][:3]]
        if first == [Role.RESPONSE_ID, Role.STARTED, Role.SUBMITTED]:
            words = ", ".join(map(clean, top[0][:3]))
            return f"Microsoft Forms: the first columns are {words}"
        return ""

    def columns(self, top: Top) -> tuple[Column, ...]:
        """Read one column from each heading; the tool's own ones stand before the questions."""
        headings = [clean(heading) for heading in top[0]]
        return tuple(_column(index, heading) for index, heading in enumerate(headings))


def _column(index: int, heading: str) -> Column:
    if _QUIZ.fullmatch(key(heading)):
        return Column(index=index, heading=heading, text=heading, role=Role.OWN, sure=True)
    # Behind the tool's own columns, “Language” may be a question.
    roles = _ROLES if index < 9 else {}
    column = asked(index, heading, roles, *split_row(heading))
    if column.role is Role.NAME and index < 5:
        return Column(index=index, heading=heading, text=heading, role=Role.NAME, sure=True)
    return column
