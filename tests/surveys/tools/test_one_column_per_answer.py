"""Files in which SurveyMonkey has expanded a scale: a column for each answer of each row."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.surveys.answering import answered
from tests.surveys.exports.importing import line
from tests.surveys.samples import xlsx
from tests.surveys.strategies import FEW
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.rejected_rows import write_rejected_rows
from wbskills.surveys.responses.survey import Survey
from wbskills.surveys.tools import recognise
from wbskills.surveys.tools.one_column_per_answer import find_scales

STEPS = ("none", "aware", "with help", "alone", "leads")
SKILLS = ("Lua modules", "Python")
ASKED_FOR = "How well do you know - really?"
OWN = ("Respondent ID", "Collector ID", "End Date", "IP Address", "Username")
FIRST = len(OWN)
HEADINGS = (
    [*OWN, ASKED_FOR, *[""] * 10, "Agree?", ""],
    [*[""] * 4, "Open-Ended Response", *(f"{s} - {step}" for s in SKILLS for step in STEPS),
     "Other (please specify)", "Yes", "No"],
)  # fmt: skip
MAPPING = f"""
title = "Test"
tool = "surveymonkey"
date = 2026-03-04
[waves.w1]
label = {{ en = "First wave" }}
start = 2026-03-01
end = 2026-03-31
[identity]
column = "Username"
property = "wikimedia_username"
[consent]
column = "Agree? [Yes]"
answers = {{ "Yes" = "consent_named" }}
[[questions]]
columns = "{ASKED_FOR} [{{skill}}]"
answers = "scale:self_5"
skills = {{ "Other (please specify)" = "" }}
"""


def row(name: str, *levels: str, agrees: bool = True, other: str = "") -> list[str]:
    """Write the row of someone, with the levels of both skills; empty means skipped."""
    ticked = [step if step == level else "" for level in levels for step in STEPS]
    own = ["1", "2", "03/04/2026 10:00:00 AM", "192.0.2.7", name]
    return [*own, *ticked, other, *(("Yes", "") if agrees else ("", "No"))]


def written(path: Path, *rows: Sequence[str]) -> Path:
    """Write a file with the headings above."""
    text = io.StringIO()
    csv.writer(text).writerows([*HEADINGS, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def opened(path: Path, ontology: Ontology) -> Survey:
    """Open a file with the mapping above."""
    told = path.with_suffix(".toml")
    told.write_text(MAPPING, encoding="utf-8")
    return Survey.open(path, toml_file.load(told), ontology)


def test_what_was_ticked_in_a_row_is_its_answer(tmp_path: Path, ontology: Ontology) -> None:
    """And a row without a tick was skipped."""
    path = written(tmp_path / "s.csv", row("Ada", "alone", "none"), row("Bea", "", "leads"))

    survey = opened(path, ontology)

    assert [fault.what for fault in survey.check().faults] == []
    assert list(map(line, survey.responses())) == [
        "Ada | 2026-03-04 | lua_modules alone | python none",
        "Bea | 2026-03-04 | python leads",
    ]
    assert survey.check().skipped == 1


def test_a_workbook_is_read_alike(tmp_path: Path, ontology: Ontology) -> None:
    """XLSX is what SurveyMonkey offers first."""
    path = xlsx(tmp_path / "s.xlsx", [*HEADINGS, row("Ada", "alone", "none")])

    assert list(map(line, opened(path, ontology).responses())) == [
        "Ada | 2026-03-04 | lua_modules alone | python none"
    ]


def test_two_ticks_where_one_can_be_true_are_a_fault(tmp_path: Path, ontology: Ontology) -> None:
    """With the column in which the answers of the row begin."""
    bad = row("Ada", "alone", "none")
    bad[FIRST] = "none"

    (fault,) = opened(written(tmp_path / "s.csv", bad), ontology).check().faults

    assert (fault.row, fault.column) == (3, f"column F “{ASKED_FOR} [Lua modules]”")
    assert fault.what == (
        "“none” (column F) and “alone” (column I) are ticked in this row, but only one can be true"
    )
    assert fault.hint == "keep the right one and empty the other cell, in column F or I"


def test_rejected_rows_are_those_of_the_file(tmp_path: Path, ontology: Ontology) -> None:
    """Without the columns that were added, and fixed they are read."""
    bad = row("Ada", "alone", "none")
    bad[FIRST] = "none"
    survey = opened(written(tmp_path / "s.csv", bad, row("Bea", "none", "none")), ontology)
    with (tmp_path / "mend.csv").open("w", encoding="utf-8", newline="") as file:
        assert write_rejected_rows(survey, file) == 1

    rows = list(csv.reader((tmp_path / "mend.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[2][: len(bad)] == [cell if index != 3 else "" for index, cell in enumerate(bad)]
    rows[2][FIRST] = ""
    with (tmp_path / "mended.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)

    assert list(map(line, opened(tmp_path / "mended.csv", ontology).responses())) == [
        "Ada | 2026-03-04 | lua_modules alone | python none"
    ]


@pytest.mark.parametrize("extra", [1, 2, 3, 7])
def test_a_refusal_that_slipped_to_the_right_is_found(
    extra: int, tmp_path: Path, ontology: Ontology
) -> None:
    """Also behind the last column of the file, where other columns were added."""
    refused = row("Ada", "alone", "none", agrees=False)
    refused[3:3] = ["x"] * extra
    told = MAPPING.replace("Agree? [Yes]", "Agree? [No]")
    told = told.replace('"Yes" = "consent_named"', '"No" = "withheld", "" = "withheld"')
    (tmp_path / "m.toml").write_text(told, encoding="utf-8")
    path = written(tmp_path / "s.csv", refused)

    found = Survey.open(path, toml_file.load(tmp_path / "m.toml"), ontology).check()

    assert (found.withheld.count, found.faulty.count) == (1, 0)


def test_the_draft_maps_the_rows_and_not_their_answers(tmp_path: Path, ontology: Ontology) -> None:
    """Accepted as it is, it reads the file; one answer alone would turn people into beginners."""
    rows = [row(f"Person {n}", STEPS[n % 5], STEPS[n % 3]) for n in range(10)]
    path = written(tmp_path / "s.csv", *rows)

    drafted = draft(inspect(path, ontology), ontology)

    assert f'"{ASKED_FOR} [Lua modules]" = "lua_modules"' in drafted
    assert "Lua modules - none" not in drafted
    told = tmp_path / "m.toml"
    told.write_text(answered(drafted), encoding="utf-8")
    found = Survey.open(path, toml_file.load(told), ontology).check()
    assert (found.responses, found.levels, found.fault_count) == (10, 20, 0)


NAMES = st.lists(
    st.text("ab -", min_size=1, max_size=6).filter(str.strip), min_size=2, max_size=4, unique=True
)


@FEW
@given(rows=NAMES, answers=NAMES)
@example(rows=["Lua", "Lua - old"], answers=["no", "yes"])
@example(rows=["-", "- -"], answers=["a", "aa"])
def test_rows_and_answers_are_split(rows: list[str], answers: list[str]) -> None:
    """Whatever dashes stand in either, no column is lost and none is read twice."""
    texts = [f"{one} - {answer}" for one in rows for answer in answers]
    columns = [SurveyColumn(index=n, heading=f"Q [{t}]", text="Q", row_text=t)
               for n, t in enumerate([*texts, "Other"])]  # fmt: skip

    found = list(find_scales(columns))

    assert [index for scale in found for index in scale.columns] == list(range(len(texts)))
    for scale in found:
        assert all(texts[index].startswith(f"{scale.row} - ") for index in scale.columns)


def test_choices_with_a_dash_are_no_scale() -> None:
    """The rows of a scale have all its answers, in one order."""
    top = [
        ["Respondent ID", "Collector ID", "Which?", "", "", "Where?", ""],
        ["", "", "Lua - a lot", "Lua - a bit", "Python - a lot", "home - town", "home - away"],
    ]

    shape, _ = recognise(top)

    assert [column.heading for column in shape.columns(top)[7:]] == ["Which?", "Where?"]


ALONE = "How well do you know SPARQL?"
LEARN = "What would you like to learn?"


def single(
    path: Path, *people: tuple[str, str, Sequence[str]], below: str = "Open-Ended Response"
) -> Path:
    """Write a file with a scale that is a question of its own, and one with several choices.

    `below` is what stands below the consent.
    """
    head = [*OWN, ALONE, *[""] * 4, LEARN, "", "Agree?"]
    rows = [
        [*["1"] * 4, name, *(step if step in level.split("+") else "" for step in STEPS),
         *(skill if skill in learns else "" for skill in SKILLS), "Yes"]
        for name, level, learns in people
    ]  # fmt: skip
    second = [*HEADINGS[1][:FIRST], *STEPS, *SKILLS, below]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, second, *rows])
    return path


SINGLE = (
    MAPPING.partition("[[questions]]")[0].partition("[consent]")[0]
    + f"""[consent]
column = "Agree?"
answers = {{ "Yes" = "consent_named" }}
[[questions]]
answers = "scale:self_5"
skills = {{ "{ALONE}" = "sparql" }}
[[interests]]
columns = "{LEARN} [{{skill}}]"
chosen = "wants_to_learn"
"""
)


def test_a_scale_that_is_a_question_of_its_own_is_put_together(
    tmp_path: Path, ontology: Ontology
) -> None:
    """And the choices of the question beside it, of which there may be several, are not."""
    people = ("Ada", "alone", SKILLS), ("Bea", "", ("Python",)), ("Cem", "none", ())
    path = single(tmp_path / "s.csv", *people)
    (tmp_path / "m.toml").write_text(SINGLE, encoding="utf-8")

    seen = inspect(path, ontology)
    found = Survey.open(path, toml_file.load(tmp_path / "m.toml"), ontology)

    asked = {column.column.heading: column.column.role for column in seen.columns}
    assert asked[ALONE] is asked[f"{LEARN} [Python]"] is Role.QUESTION
    assert asked[f"{ALONE} [none]"] is asked[LEARN] is Role.OWN
    assert found.check().faults == ()
    levels = [
        [
            (assessment.skill, assessment.level)
            for assessment in response.assessments
            if assessment.level
        ]
        for response in found.responses()
    ]
    assert levels == [[("sparql", "alone")], [], [("sparql", "none")]]
    assert found.check().interests_without_level == 3


def test_two_ticks_in_a_scale_of_its_own_are_a_fault(tmp_path: Path, ontology: Ontology) -> None:
    """Whatever its columns are taken for, nobody is both."""
    path = single(tmp_path / "s.csv", ("Ada", "alone+leads", ()))
    (tmp_path / "m.toml").write_text(SINGLE, encoding="utf-8")

    (fault,) = Survey.open(path, toml_file.load(tmp_path / "m.toml"), ontology).check().faults

    assert "“alone”" in fault.what
    assert "“leads”" in fault.what or "alone + leads" in fault.what


def test_a_condensed_file_is_left_as_it_is(tmp_path: Path, ontology: Ontology) -> None:
    """“Response” stands only where one column holds the answer that was chosen."""
    path = single(tmp_path / "s.csv", ("Ada", "alone", ()), below="Response")

    headings = [column.column.heading for column in inspect(path, ontology).columns]

    assert headings[-1] == "Agree?"
    assert ALONE not in headings
