"""Recognising the tool that wrote a file, and reading its headings."""

import pytest

from wbskills.errors import NotFound
from wbskills.surveys import tools
from wbskills.surveys.files import personal_data
from wbskills.surveys.files.columns import Role, SurveyColumn

OWN = ["id", "submitdate", "lastpage", "startlanguage", "seed"]


def columns(*headings: str) -> tuple[SurveyColumn, ...]:
    """Read LimeSurvey's columns."""
    return tools.find_tool("limesurvey").columns([headings])


@pytest.mark.parametrize(
    ("headings", "reason"),
    [
        ([*OWN, "SK[lua]"], "it has the columns id, submitdate, lastpage, startlanguage"),
        (["id. Response ID", "submitdate. Date submitted", "seed. Seed", "Q1. What?"], "id, sub"),
        (["Response ID", "Date submitted", "Last page", "Start language"], "response id, date"),
        (["", "a1. What?", "a2[1]. Which? [X]"], "passed through pandas or R: 2 of 2 headings"),
        (["Unnamed: 0", *OWN], "passed through pandas or R"),
        (["X", *OWN, "SK.lua."], "passed through pandas or R"),
    ],
)
def test_limesurvey_is_recognised_by_its_headings(headings: list[str], reason: str) -> None:
    """And the reason is reported in one sentence."""
    shape, said = tools.recognise([headings])

    assert shape.name == "limesurvey"
    assert reason in said


@pytest.mark.parametrize(
    "headings", [["name", "Lua"], ["id", "seed", "x"], ["How well? [Lua]", "How well? [PHP]"]]
)
def test_anything_else_is_a_plain_table(headings: list[str]) -> None:
    """Which takes everything."""
    assert tools.recognise([headings])[0].name == "plain"


@pytest.mark.parametrize(
    ("heading", "code", "row_code", "text", "row_text"),
    [
        ("SK[lua]", "SK[lua]", "lua", "", ""),
        ("SK_lua_modules", "SK[lua_modules]", "lua_modules", "", ""),
        ("SK.lua.", "SK[lua]", "lua", "", ""),
        ("SK[lua][1]", "SK[lua][1]", "lua", "", ""),
        ("SK[lua]. How well? [Lua [5.1]]", "SK[lua]", "lua", "How well?", "Lua [5.1]"),
        ("SK[lua]. How well? [Lua][now]", "SK[lua]", "lua", "How well?", "Lua / now"),
        ("rse3[SQ001]. Who uses it? []", "rse3[SQ001]", "SQ001", "Who uses it?", ""),
        ("How well? [Lua]", "", "", "How well?", "Lua"),
        ("WIKI. Which wiki [main one]", "WIKI", "", "Which wiki [main one]", ""),
    ],
)
def test_headings_of_every_export_give_the_same_code(
    heading: str, code: str, row_code: str, text: str, row_text: str
) -> None:
    """So one mapping serves whatever was ticked in the export dialogue."""
    (column,) = columns(heading)

    assert (column.code, column.row_code) == (code, row_code)
    assert (column.text, column.row_text) == (text, row_text)


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("id", Role.RESPONSE_ID),
        ("Date submitted", Role.SUBMITTED),
        ("lastpage. Last page", Role.LAST_PAGE),
        ("Datum letzte Aktivität", Role.CHANGED),
        ("token", Role.TOKEN),
        ("interviewtime", Role.TIMING),
        ("groupTime123", Role.TIMING),
        ("SKTime", Role.TIMING),
        ("Question time: SK", Role.TIMING),
        ("ipaddr", Role.INTERNET_ADDRESS),
        ("IP-Adresse", Role.INTERNET_ADDRESS),
        ("refurl", Role.REFERRER),
        ("firstname", Role.NAME),
        ("lastname. Last name", Role.NAME),
        ("email", Role.MAIL),
        ("attribute_1", Role.ATTRIBUTE),
        ("attribute_2. Student number", Role.ATTRIBUTE),
        ("SK[other]. How well? [Other]", Role.FREE_TEXT),
        ("SK[SQ1comment]", Role.FREE_TEXT),
        ("socio3. Please select your age", Role.TRAIT),
        ("M1. Please add your e-mail address", Role.MAIL),
        ("END. Anything else?", Role.FREE_TEXT),
        ("SK[mass_message]. How well? [Newsletters and mass messages]", Role.QUESTION),
        ("mobile. Testing on phones", Role.QUESTION),
    ],
)
def test_columns_have_roles(heading: str, role: Role) -> None:
    """Those of personal data above all."""
    assert columns("first", heading)[1].role is role


def test_a_role_is_sure_only_if_the_heading_is_nothing_else() -> None:
    """A guess can be overruled by a mapping, a certainty cannot."""
    assert columns("x", "email")[1].sure
    assert not columns("x", "M1. Please add your e-mail address")[1].sure
    plain = tools.find_tool("plain").columns([["Name", "E-Mail", "Lua"]])
    assert [(one.role.personal, one.sure) for one in plain] == [
        (True, False),
        (True, True),
        (False, False),
    ]


def test_plain_headings_may_have_rows_too() -> None:
    """As Google's and other forms write them."""
    index, when, skill = tools.find_tool("plain").columns([["", "Timestamp", "How well? [Lua]"]])

    assert (index.role, index.names, str(index)) == (
        Role.INDEX,
        ("column A",),
        "column A (no heading)",
    )
    assert when.role is Role.SUBMITTED
    assert skill.subjects == ("Lua",)


def test_a_tool_that_is_not_known_is_named_with_those_that_are() -> None:
    """For the mapping's `tool`."""
    with pytest.raises(NotFound, match=r"qualtrics, .*limesurvey, .*plain"):
        tools.find_tool("lime")


def test_words_for_personal_data_are_known_in_several_languages() -> None:
    """Forms are translated."""
    assert personal_data.known_role(["Vorname"]) is Role.NAME
    assert personal_data.known_role(["البريد الإلكتروني"]) is Role.MAIL
    assert personal_data.guess_role("¿Cuál es tu correo electrónico?") is Role.MAIL
    assert personal_data.guess_role("How well do you know Lua?") is None
