"""LimeSurvey: headings, ticks, codes, days."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.surveys.exports.importing import EVERYBODY, check, column, line, read, survey, write
from tests.surveys.exports.quirks import ADA, PEOPLE, ZOE
from tests.surveys.exports.tools import LIMESURVEY, said
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft


@pytest.mark.parametrize(
    ("headings", "codes"),
    [
        (["SK[lua][1]", "SK[lua][2]"], ["SK[lua][1]", "SK[lua][2]"]),
        (["SK_lua_0", "SK_lua_1"], ["SK[lua][1]", "SK[lua][2]"]),
        (["SK.lua..1.", "SK.lua..2."], ["SK[lua][1]", "SK[lua][2]"]),
        (["SK_phase_1", "SK_lua"], ["SK[phase_1]", "SK[lua]"]),
        (["SK[lua]._.How well? [Lua]", "Q1._.What?"], ["SK[lua]", "Q1"]),
        (
            ["SK_lua_0. How? [Lua][Now]", "SK_lua_1. How? [Lua][Then]"],
            ["SK[lua][1]", "SK[lua][2]"],
        ),
    ],
)
def test_limesurvey_writes_the_two_scales_of_a_question_in_three_ways(
    headings: list[str], codes: list[str]
) -> None:
    """All of them are read into one code."""
    assert [one.code for one in tools.find_tool("limesurvey").columns([headings])] == codes


@pytest.mark.parametrize("scales", [("SK[{}][1]", "SK[{}][2]"), ("SK_{}_0", "SK_{}_1")])
def test_the_two_scales_of_a_question_are_mapped_by_two_patterns(
    scales: tuple[str, str], tmp_path: Path, ontology: Ontology
) -> None:
    """One for the level, one for the interest."""
    head = [heading.format("python") for heading in scales]
    rows = [["USER", "submitdate", "CONSENT", *head], ["Ada", "2026-03-04", "Yes", "alone", "Yes"]]
    blocks = (
        '[[questions]]\ncolumns = "SK[{skill}][1]"\nanswers = "scale:self_5"\n'
        '[[interests]]\ncolumns = "SK[{skill}][2]"\nchosen = "can_teach"\n'
    )
    mapping = LIMESURVEY.mapping.partition("[response]")[0] + blocks

    found = survey(rows, replace(LIMESURVEY, mapping=mapping), tmp_path, ontology)

    assert list(map(line, found.responses())) == ["Ada | 2026-03-04 | python alone can_teach"]


def test_an_answer_of_their_own_is_not_a_level(tmp_path: Path, ontology: Ontology) -> None:
    """LimeSurvey writes -oth- for it, and the text into another column."""
    rows = LIMESURVEY.rows(PEOPLE * 3)
    for row in rows[1:4]:
        row[LIMESURVEY.column("python")] = "-oth-"

    written = draft(inspect(write(tmp_path / "s.csv", rows, LIMESURVEY), ontology), ontology)

    assert 'skipped = ["", "-oth-"]' in written
    assert '"-oth-" =' not in written


@pytest.mark.parametrize("ticks", [("Y", ""), ("Yes", "No"), ("Yes", "N/A"), ("1.0", "0.0")])
def test_limesurvey_ticks_are_read_as_they_are_exported(
    ticks: tuple[str, str], tmp_path: Path, ontology: Ontology
) -> None:
    """As codes, as texts, not shown, and as numbers that pandas made."""
    tool = replace(LIMESURVEY, ticked=ticks)

    found = read(write(tmp_path / "s.csv", tool.rows(PEOPLE), tool), tool, ontology)

    assert sorted(map(line, found)) == EVERYBODY


def test_the_underscores_of_limesurvey_texts_are_spaces() -> None:
    """In what a skill is looked for by; codes keep theirs, and a heading is called what it is."""
    headings = ["id. Response_ID", "lastpage. Last_page", "SK_lua_m. How_well?_[Lua_modules]"]

    found = column("limesurvey", headings)

    assert (found.code, found.text, found.row_text) == ("SK[lua_m]", "How well?", "Lua modules")
    assert found.heading == headings[-1]


def test_days_of_an_anonymised_survey_are_no_days(tmp_path: Path, ontology: Ontology) -> None:
    """LimeSurvey writes one moment long ago for everyone: the mapping has to say the day."""
    rows = LIMESURVEY.rows([ADA])
    rows[1][LIMESURVEY.column("when")] = "1980-01-01 00:00:00"
    by_day = LIMESURVEY.mapping.replace('[date]\ncolumn = "submitdate"\n', "")
    tool = replace(LIMESURVEY, mapping=f"date = 2026-03-04\n{by_day}")

    (fault,) = check(rows, LIMESURVEY, tmp_path, ontology).faults
    assert (fault.row, "1980-01-01" in fault.what) == (2, True)
    found = survey(rows, tool, tmp_path, ontology)
    assert list(map(line, found.responses())) == [said(ADA)]


def test_no_answer_to_the_consent_is_written_as_such(tmp_path: Path, ontology: Ontology) -> None:
    """LimeSurvey writes N/A where nobody answered with yes or no."""
    rows = LIMESURVEY.rows([ADA, ZOE])
    rows[1][LIMESURVEY.column("consent")] = "N/A"
    mapping = LIMESURVEY.mapping.replace('"No" =', '"N/A" = "withheld", "No" =')

    found = check(rows, replace(LIMESURVEY, mapping=mapping), tmp_path, ontology)

    assert (found.faults, found.withheld.first, found.responses) == ((), (2,), 1)


def test_codes_of_limesurvey_answers_are_mapped_one_by_one(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The draft knows only their order, and asks."""
    words = dict(zip(LIMESURVEY.words, ("A1", "A2", "A3", "A4", "A5", "A6", "A7"), strict=True))
    rows = replace(LIMESURVEY, words=words).rows(PEOPLE * 3)

    seen = inspect(write(tmp_path / "s.csv", rows, LIMESURVEY), ontology)

    guesses = {one.column.code: one.guess.value for one in seen.columns}
    assert guesses["SK[lua]"] == guesses["SK[py]"] == "codes of answers"
