"""Microsoft Forms: other languages, statements, points."""

import pytest

from tests.surveys.exports.tools import MICROSOFT
from wbskills.surveys import tools
from wbskills.surveys.files.columns import Role


def test_points_of_a_quiz_are_the_tools_own() -> None:
    """So are mail and name, which are never read."""
    headings = [*MICROSOFT.headings[0][:5], "Points - Lua", "Language"]
    found = tools.find_tool("microsoft").columns([headings])

    assert [one.role for one in found[3:]] == [Role.MAIL, Role.NAME, Role.OWN, Role.LANGUAGE]
    assert all(one.sure for one in found[3:5])


@pytest.mark.parametrize(
    "headings",
    [
        ["Id", "Start time", "Completion time", "Email", "Name", "Last modified time"],
        ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"],
        ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"],
        ["ID", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre"],
        ["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam", "Tijd van laatste wijziging"],
        ["ID", "Godzina rozpoczęcia", "Godzina ukończenia", "Adres e-mail", "Nazwa"],
    ],
)
def test_microsoft_forms_is_known_in_other_languages(headings: list[str]) -> None:
    """By its first three columns; mail and name are never read in any of them."""
    shape, _ = tools.recognise([headings])
    found = shape.columns([headings])

    assert shape.name == "microsoft"
    assert [one.role for one in found[:5]] == [
        Role.RESPONSE_ID, Role.STARTED, Role.SUBMITTED, Role.MAIL, Role.NAME,
    ]  # fmt: skip
    assert all(one.sure for one in found[3:5])
    assert {one.role for one in found[5:]} <= {Role.CHANGED}


def test_statements_are_the_rows_of_their_question() -> None:
    """Where Forms writes the question before them; other dots part nothing."""
    headings = [
        *MICROSOFT.headings[0][:5], "How well? (1–5).Lua 5.1", "How well? (1–5).Lua 5.4",
        "Lua 5.1", "Lua 5.4", "I use node.js", "I use node.ts", "What else?.Nothing",
    ]  # fmt: skip

    found = tools.find_tool("microsoft").columns([headings])[5:]

    assert [(one.text, one.row_text) for one in found] == [
        ("How well? (1–5)", "Lua 5.1"),
        ("How well? (1–5)", "Lua 5.4"),
        *((heading, "") for heading in headings[7:]),
    ]


def test_what_looks_like_a_statement_may_still_ask_for_personal_data() -> None:
    """Two questions can begin alike, with a dot in them."""
    asked = ["About you.Your e-mail address", "About you.Gender", "About you.Skills"]

    found = tools.find_tool("microsoft").columns([[*MICROSOFT.headings[0][:5], *asked]])[5:]

    assert [one.role for one in found] == [Role.MAIL, Role.TRAIT, Role.QUESTION]
