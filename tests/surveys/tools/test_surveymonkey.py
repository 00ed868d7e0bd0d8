"""SurveyMonkey: two heading rows, choices that are columns."""

from pathlib import Path

import pytest

from tests.surveys.exports.importing import EVERYBODY, check, column, line, survey
from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.tools import SURVEYMONKEY
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.columns import Role


@pytest.mark.parametrize("made_up", ["Unnamed: {}", "Column{}", "...{}", "X{}"])
def test_surveymonkey_is_read_as_careless_readers_leave_it(
    made_up: str, tmp_path: Path, ontology: Ontology
) -> None:
    """Headings that someone made up stand for none."""
    rows = SURVEYMONKEY.rows(PEOPLE)
    rows[0] = [text or made_up.format(index) for index, text in enumerate(rows[0])]

    found = survey(rows, SURVEYMONKEY, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == EVERYBODY


def test_the_text_of_another_choice_is_not_a_tick(tmp_path: Path, ontology: Ontology) -> None:
    """A cell holds its own choice, or nothing."""
    rows = SURVEYMONKEY.rows(PEOPLE)
    rows[2][SURVEYMONKEY.column("learn:python")] = "Lua modules"

    (fault,) = check(rows, SURVEYMONKEY, tmp_path, ontology).faults

    assert (fault.row, fault.what) == (3, "“Lua modules” is not this choice, a yes or a no")


def test_a_text_box_of_other_answers_is_free_text() -> None:
    """It may hold anything."""
    rows = (
        ["Respondent ID", "Collector ID", "Which?", ""],
        ["", "", "Lua", "Other (please specify)"],
    )

    assert column("surveymonkey", *rows).role is Role.FREE_TEXT
    assert not column("surveymonkey", *rows).sure
