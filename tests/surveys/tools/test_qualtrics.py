"""Qualtrics: heading rows, roles, responses that do not count."""

from pathlib import Path

import pytest

from tests.surveys.exports.importing import EVERYBODY, check, column, line, survey
from tests.surveys.exports.quirks import ADA, NOOR, PEOPLE, ZOE
from tests.surveys.exports.tools import QUALTRICS
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.files.columns import Role


def test_previews_and_unfinished_responses_do_not_count(
    tmp_path: Path, ontology: Ontology
) -> None:
    """They are reported as incomplete, and nothing of them is looked at."""
    rows = QUALTRICS.rows([ADA, ZOE, NOOR])
    rows[3][QUALTRICS.headings[0].index("Status")] = "Survey Preview"
    rows[3][QUALTRICS.headings[0].index("Q2_1")] = "nonsense"
    rows[4][QUALTRICS.headings[0].index("Finished")] = "0"

    found = check(rows, QUALTRICS, tmp_path, ontology)

    assert (found.faults, found.responses, found.incomplete.first) == ((), 1, (4, 5))


def test_the_older_exporter_of_qualtrics_has_two_heading_rows(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Without import ids; a file with codes only has one."""
    rows = QUALTRICS.rows(PEOPLE)
    two, one = [*rows[:2], *rows[3:]], [rows[0], *rows[3:]]

    assert "Qualtrics: 2 heading rows" in tools.recognise(two)[1]
    assert "Qualtrics: 1 heading row, with" in tools.recognise(one)[1]
    found = survey(two, QUALTRICS, tmp_path, ontology)
    assert sorted(map(line, found.responses())) == EVERYBODY


@pytest.mark.parametrize(
    ("code", "text", "role", "row"),
    [
        ("Q5_3_TEXT", "Which? - Other (please specify) - Text", Role.FREE_TEXT, None),
        ("Q5", "Which - of these - do you use? - Selected Choice", Role.QUESTION, ""),
        ("Q9_First Click", "Timing - First Click", Role.TIMING, None),
        ("Q2_DO_1", "Display Order", Role.OWN, None),
        ("LocationLatitude", "Location Latitude", Role.PLACE, None),
        ("RecipientFirstName", "Recipient First Name", Role.NAME, None),
        ("ExternalReference", "External Data Reference", Role.ATTRIBUTE, None),
    ],
)
def test_qualtrics_columns_have_roles(code: str, text: str, role: Role, row: str | None) -> None:
    """Those of personal data above all."""
    found = column("qualtrics", ["StartDate", "EndDate", code], ["Start Date", "End Date", text])

    assert found.role is role
    assert row is None or found.row_text == row
    assert not found.text.endswith("Selected Choice")


def test_qualtrics_is_known_behind_the_index_of_pandas(tmp_path: Path, ontology: Ontology) -> None:
    """All its heading rows are heading rows: the index counts two of them as responses."""
    head, *rows = QUALTRICS.rows(PEOPLE)
    indexed = [["", *head], *([str(number), *row] for number, row in enumerate(rows))]

    found = survey(indexed, QUALTRICS, tmp_path, ontology)

    assert tools.recognise(indexed)[1] == QUALTRICS.reason
    assert tools.find_tool("qualtrics").columns(indexed)[0].role is Role.INDEX
    assert sorted(map(line, found.responses())) == EVERYBODY
    assert found.check().incomplete.count == 0


def test_rows_of_a_matrix_are_what_its_columns_do_not_share() -> None:
    """Also where question and row have hyphens of their own."""
    codes = ["StartDate", "EndDate", "Q2_1", "Q2_2"]
    texts = ["Start Date", "End Date", "Skills - now - Lua - modules", "Skills - now - Python"]

    found = tools.find_tool("qualtrics").columns([codes, texts])[2:]

    assert [(one.text, one.row_text, one.row_code) for one in found] == [
        ("Skills - now", "Lua - modules", "1"),
        ("Skills - now", "Python", "2"),
    ]
