"""A real survey: 325 people and 248 columns, counted again with nothing but the csv module."""

import csv
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.surveys.answering import answered
from tests.surveys.samples import ROOT, SHARED
from wbskills.data import ontology_folder
from wbskills.domain import Response
from wbskills.ontology.load import load
from wbskills.surveys.draft.classify import ColumnKind
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey
from wbskills.surveys.responses.validation_report import ValidationReport

FILE = SHARED / "data" / "rse-survey-2017-de.csv"
DATA = ROOT / "tests" / "data"

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the real survey is not here")


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    """The survey with its mapping, and the ontology with the skills that the mapping needs."""
    folder = tmp_path_factory.mktemp("ontology")
    shutil.copytree(ontology_folder(), folder, dirs_exist_ok=True)
    mapping = toml_file.load(DATA / "rse-2017.toml")
    (more,) = mapping.ontology
    with (folder / "skills.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + more.read_text(encoding="utf-8"))
    return Survey.open(FILE, mapping, load(folder))


@pytest.fixture(scope="module")
def findings(survey: Survey) -> ValidationReport:
    """What the survey holds."""
    return survey.check()


@pytest.fixture(scope="module")
def responses(survey: Survey) -> list[Response]:
    """All responses."""
    return list(survey.responses())


@pytest.fixture(scope="module")
def table() -> list[list[str]]:
    """The file as the csv module reads it."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def asked(table: list[list[str]]) -> list[int]:
    """List the columns that the mapping maps to skills."""
    return [
        index
        for index, heading in enumerate(table[0])
        if heading.startswith(("tool4can[", "likert0[time4can]"))
    ]


def test_all_people_are_there(
    table: list[list[str]], findings: ValidationReport, responses: list[Response]
) -> None:
    """Each by the number that pandas left."""
    assert findings.rows == findings.responses == len(responses) == len(table) - 1 == 325
    assert findings.faults == ()
    assert [response.identity.name for response in responses] == [
        f"rse-2017-de-{row[0]}" for row in table[1:]
    ]
    assert {response.identity.property for response in responses} == {"pseudonym"}


def test_skills_per_person_are_those_of_the_file(
    table: list[list[str]], responses: list[Response]
) -> None:
    """Every answer is a statement, every skipped one is none."""
    answered = [sum(bool(row[index]) for index in asked(table)) for row in table[1:]]

    assert [len(response.assessments) for response in responses] == answered


def test_people_per_skill_are_those_of_the_file(
    table: list[list[str]], findings: ValidationReport, responses: list[Response]
) -> None:
    """37 skills: 36 languages, and teaching."""
    columns = asked(table)
    assert len(columns) == len(findings.skills) == 37
    rows = table[1:]
    used = Counter(
        assessment.skill
        for response in responses
        for assessment in response.assessments
        if assessment.level == "alone"
    )
    assert sorted(tally.column.index for tally in findings.skills) == columns
    for tally in findings.skills:
        cells = [row[tally.column.index] for row in rows]
        assert tally.levels == sum(map(bool, cells))
        assert tally.skipped == cells.count("")
        if tally.skill != "rse_teaching":
            assert used[tally.skill] == cells.count("Yes")
    assert used["rse_python"] == 175


def test_the_scale_from_1_to_10_becomes_levels(
    table: list[list[str]], responses: list[Response]
) -> None:
    """By its leading number; the lowest option has a byte order mark inside the cell."""
    index = next(i for i, text in enumerate(table[0]) if text.startswith("likert0[time4can]"))
    numbers = Counter(int(row[index].lstrip("\ufeff").split(" ")[0]) for row in table[1:])
    levels = Counter(
        assessment.level
        for response in responses
        for assessment in response.assessments
        if assessment.skill == "rse_teaching"
    )

    assert numbers[1] == levels["none"] == 174
    assert numbers[2] + numbers[3] == levels["aware"]
    assert numbers[4] + numbers[5] == levels["with_help"]
    assert numbers[6] + numbers[7] == levels["alone"]
    assert numbers[8] + numbers[9] + numbers[10] == levels["leads"]


def test_skipped_answers_and_marks_are_counted(
    table: list[list[str]], findings: ValidationReport
) -> None:
    """A skipped answer is not “none”; marks are counted in all cells."""
    skipped = sum(not row[index] for row in table[1:] for index in asked(table))
    assert findings.skipped == skipped == 36 * 60
    assert findings.cells_with_bom == sum("\ufeff" in cell for row in table[1:] for cell in row)
    assert findings.not_asked == findings.withheld.count == findings.incomplete.count == 0


def test_the_licence_is_the_ground_of_every_response(responses: list[Response]) -> None:
    """Nobody was asked for a consent."""
    assert {(response.consent.kind, response.consent.text_url) for response in responses} == {
        ("consent_licensed", "https://creativecommons.org/licenses/by/2.5/scotland/")
    }


def test_an_inspection_shows_no_free_text(table: list[list[str]], survey: Survey) -> None:
    """Free text, gender, age and mail are hidden, and 36 columns are reported to be yes or no."""
    seen = inspect(FILE, load(ontology_folder()))
    by_code = {report.column.code: report for report in seen.columns}

    assert seen.tool == survey.tool.name == "limesurvey"
    assert "pandas" in seen.reason
    assert seen.cells_with_bom == survey.check().cells_with_bom
    assert [by_code[code].guess for code in ("skill2", "ukrse3", "edu4")] == [
        ColumnKind.FREE_TEXT
    ] * 3
    assert [by_code[code].guess for code in ("socio2", "socio3", "ukrse13de")] == (
        [ColumnKind.PERSONAL] * 3
    )
    hidden = [
        report
        for report in seen.columns
        if report.guess in (ColumnKind.FREE_TEXT, ColumnKind.PERSONAL)
    ]
    assert all(report.answers == () for report in hidden)
    languages = [column for column in seen.columns if column.column.question == "tool4can"]
    assert [language.guess for language in languages] == [ColumnKind.YES_NO] * 36
    index = by_code["tool4can[25]"].column.index
    assert dict(by_code["tool4can[25]"].answers)["Yes"] == [row[index] for row in table].count(
        "Yes"
    )


def test_the_mapping_is_found_beside_its_skills() -> None:
    """Paths in a mapping are relative to it."""
    assert toml_file.load(DATA / "rse-2017.toml").ontology == (Path(DATA / "rse-skills.toml"),)


def test_the_drafted_mapping_and_accepted_suggestions_are_enough(
    table: list[list[str]], tmp_path: Path
) -> None:
    """For its programming languages: title, ground, day and wave are all that a person adds."""
    ontology = load(ontology_folder(), DATA / "rse-skills.toml")
    written = draft(inspect(FILE, ontology), ontology)
    told = tmp_path / "m.toml"
    told.write_text(answered(written), encoding="utf-8")

    survey = Survey.open(FILE, toml_file.load(told), ontology)

    # Of the wiki's own skills and of these, each has one that begins with “SQL”: nobody can tell.
    languages = [
        index
        for index, text in enumerate(table[0])
        if text.startswith("tool4can[") and not text.endswith("[SQL]")
    ]
    found = survey.check()
    assert found.faults == ()
    assert found.responses == 325
    assert sorted(tally.column.index for tally in found.skills) == languages
    used = Counter(
        assessment.skill
        for response in survey.responses()
        for assessment in response.assessments
        if assessment.level == "alone"
    )
    for tally in found.skills:
        cells = [row[tally.column.index] for row in table[1:]]
        assert (tally.levels, tally.skipped) == (sum(map(bool, cells)), cells.count(""))
        assert used[tally.skill] == cells.count("Yes")
