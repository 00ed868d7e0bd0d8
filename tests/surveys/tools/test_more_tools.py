"""Typeform, SoSci Survey, REDCap, Alchemer: roles, rows and ticks that their headings show."""

from pathlib import Path

import pytest

from tests.surveys.exports.importing import line, read, write
from tests.surveys.exports.more_tools import (
    ALCHEMER,
    REDCAP,
    SOSCI,
    SOSCI_LABELS,
    SURVEYMONKEY_PANDAS,
    TYPEFORM,
)
from tests.surveys.exports.quirks import ADA, PEOPLE
from tests.surveys.exports.tool import Tool
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.mapping.answers import AnswerKind
from wbskills.surveys.mapping.multiple_choice import CheckboxReader
from wbskills.surveys.mapping.schema import Answers, Question


def columns(name: str, *headings: list[str]) -> dict[str, SurveyColumn]:
    """Read the columns of a tool, by their headings."""
    return {one.heading: one for one in tools.find_tool(name).columns(headings)}


@pytest.mark.parametrize(
    ("name", "heading", "role"),
    [
        ("typeform", "#", Role.RESPONSE_ID),
        ("typeform", "Network ID", Role.INTERNET_ADDRESS),
        ("typeform", "Submit Date (UTC)", Role.SUBMITTED),
        ("sosci", "TIME012", Role.TIMING),
        ("sosci", "LASTDATA", Role.SUBMITTED),
        ("sosci", "REF", Role.ATTRIBUTE),
        ("redcap", "skills_timestamp", Role.SUBMITTED),
        ("redcap", "skills_complete", Role.FINISHED),
        ("redcap", "name_first", Role.NAME),
        ("redcap", "gender___2", Role.TRAIT),
        ("redcap", "redcap_survey_identifier", Role.TOKEN),
        ("alchemer", "Extended Referer", Role.REFERRER),
        ("alchemer", "Date Submitted", Role.SUBMITTED),
        ("alchemer", "Longitude", Role.PLACE),
    ],
)
def test_the_tools_own_columns_are_known(name: str, heading: str, role: Role) -> None:
    """What may show who answered is never read."""
    assert columns(name, ["x", heading])[heading].role is role


@pytest.mark.parametrize(
    ("name", "headings", "text", "row"),
    [
        ("redcap", ["Which? (choice=Lua (5.1))"], "Which?", "Lua (5.1)"),
        ("alchemer", ["Lua:How well?", "Python:How well?"], "How well?", "Lua"),
        ("alchemer", ["a: b:How?", "c:How?"], "How?", "a: b"),
        ("alchemer", ["words::Which?", "Which?"], "Which?", "words"),
        ("alchemer", ["One question: how?", "Another: why?"], "One question: how?", ""),
    ],
)
def test_a_row_is_told_from_its_question(
    name: str, headings: list[str], text: str, row: str
) -> None:
    """A colon may also be part of a question."""
    first = columns(name, headings)[headings[0]]

    assert (first.text, first.row_text) == (text, row)


def test_a_label_of_sosci_is_question_and_row() -> None:
    """The code is still the name."""
    one = columns("sosci", *map(list, SOSCI_LABELS.headings))["SK01_02"]

    assert (one.code, one.question, one.row_code) == ("SK01_02", "SK01", "02")
    assert (one.text, one.row_text) == ("How well can you do this?", "Python")


def test_the_index_of_pandas_is_no_question() -> None:
    """Even if there is a second row of headings beside it."""
    first, *_ = tools.find_tool("surveymonkey").columns(SURVEYMONKEY_PANDAS.headings)

    assert (first.role, first.heading) == (Role.INDEX, "")


@pytest.mark.parametrize(
    ("cell", "value"), [("2", "alone"), ("1", ""), ("2.0", "alone"), ("", ""), ("-9", "?")]
)
def test_of_sosci_2_is_a_tick(cell: str, value: str) -> None:
    """And 1, which is a tick in other tools, is none."""
    column = columns("sosci", ["LE01_01"])["LE01_01"]
    question = Question(place="questions[1]", answers=Answers(), chosen="alone")
    meaning = CheckboxReader.of(question, column, ())(cell)

    assert (meaning.value or "?" * (meaning.kind is AnswerKind.FAULT)) == value


def test_a_response_that_was_not_finished_is_not_read(tmp_path: Path, ontology: Ontology) -> None:
    """Each tool has a column that says so."""
    for tool, there, instead in (
        (SOSCI, "FINISHED", "0"), (REDCAP, "skills_complete", "0"), (ALCHEMER, "Status", "Partial")
    ):  # fmt: skip
        rows = tool.rows(PEOPLE)
        rows[1][rows[0].index(there)] = instead
        found = [line(one) for one in read(write(tmp_path / "s.csv", rows, tool), tool, ontology)]
        assert len(found) == len(PEOPLE) - 1
        assert not any(text.startswith(ADA.name) for text in found)


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        (SOSCI, '"FINISHED" = ["1", "T", "TRUE"]\n"MODE" = ["interview"]\n'),
        (REDCAP, '"skills_complete" = ["2", "Complete"]\n'),
        (ALCHEMER, '"Status" = ["Complete"]\n'),
        (TYPEFORM, '"Response Type" = ["completed"]\n'),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_a_draft_leaves_out_what_was_not_finished(
    tool: Tool, said: str, tmp_path: Path, ontology: Ontology
) -> None:
    """More than half of a public file were such responses."""
    written = draft(
        inspect(write(tmp_path / "s.csv", tool.rows(PEOPLE), tool), ontology), ontology
    )

    assert said in written.partition("[response.only]")[2]


def test_of_several_forms_nobody_knows_which_one_counts(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Someone may have finished only one of them."""
    rows = [[*row, "0" if number else "more_complete"]
            for number, row in enumerate(REDCAP.rows(PEOPLE))]  # fmt: skip
    seen = inspect(write(tmp_path / "s.csv", rows, REDCAP), ontology)

    assert "[response.only]" not in draft(seen, ontology)


@pytest.mark.parametrize(
    "headings",
    [
        ["#", "Lua", "Start Date (UTC)"],
        ["CASE", "MODE", "STARTED"],
        ["record_id", "Lua"],
        ["task_complete", "record_id"],
        ["Time Started", "Status"],
        TYPEFORM.headings[0][1:],
    ],
)
def test_other_tables_stay_plain(headings: list[str]) -> None:
    """A single word is no proof."""
    assert tools.recognise([headings, ["x"] * len(headings)])[0].name == "plain"
