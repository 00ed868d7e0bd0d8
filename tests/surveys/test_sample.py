"""The sample survey that travels with the project: invented, dirty, and without a fault."""

import csv
import runpy
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.surveys.samples import ROOT
from wbskills.domain import Response
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey
from wbskills.surveys.responses.validation_report import ValidationReport

FILE = ROOT / "scripts" / "sample" / "ambassadors-survey.csv"
MAPPING = ROOT / "ontology" / "surveys" / "sample.toml"
STRONG = ("alone", "leads")


@pytest.fixture(scope="module")
def survey(ontology: Ontology) -> Survey:
    """The sample with its mapping."""
    return Survey.open(FILE, toml_file.load(MAPPING), ontology)


@pytest.fixture(scope="module")
def findings(survey: Survey) -> ValidationReport:
    """What the sample holds."""
    return survey.check()


@pytest.fixture(scope="module")
def responses(survey: Survey) -> list[Response]:
    """All responses of the sample."""
    return list(survey.responses())


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """The sample as the csv module reads it, by code of the column."""
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    codes = [text.partition(". ")[0] for text in heading]
    return [dict(zip(codes, row, strict=True)) for row in rows]


def test_the_file_is_the_one_that_the_script_makes() -> None:
    """Byte by byte; if not, run scripts/make_sample_survey.py."""
    sample: Callable[[], str] = runpy.run_path(str(ROOT / "scripts" / "make_sample_survey.py"))[
        "sample"
    ]
    assert sample().encode("utf-8-sig") == FILE.read_bytes()
    assert FILE.stat().st_size < 400_000


def test_it_has_no_fault(findings: ValidationReport) -> None:
    """And every column is either used or ignored on purpose."""
    assert findings.faults == ()
    assert findings.warnings == ()
    assert findings.unused == ()
    assert findings.interests_without_level == 0


def test_the_findings_are_those_of_the_csv_module(
    rows: list[dict[str, str]], findings: ValidationReport, responses: list[Response]
) -> None:
    """Rows, withheld and incomplete ones, marks, and answers by kind."""
    done = [row for row in rows if row["submitdate"]]
    agreed = [row for row in done if row["CONSENT"].startswith("Yes")]
    assert findings.rows == len(rows)
    assert findings.incomplete.count == len(rows) - len(done)
    assert findings.withheld.count == len(done) - len(agreed)
    assert findings.superseded.count == 2
    assert findings.responses == len(responses) == len(agreed) - 2
    assert findings.cells_with_bom == sum(
        "\ufeff" in cell for row in rows for cell in row.values()
    )
    counting = {response.row for response in responses}
    cells = [
        cell.replace("\u00a0", " ")
        for number, row in enumerate(rows, 2)
        for code, cell in row.items()
        if number in counting and code.startswith("SK[")
    ]
    assert findings.skipped == cells.count("")
    assert findings.not_asked == cells.count("N/A")
    assert findings.does_not_apply == cells.count("does not apply")
    assert sum(len(response.assessments) for response in responses) == (
        len(cells) - cells.count("") - cells.count("N/A")
    )


def test_it_says_everywhere_that_it_is_invented(
    rows: list[dict[str, str]], findings: ValidationReport
) -> None:
    """Names, labels of waves, addresses."""
    assert all("invented)" in row["USER"] for row in rows)
    assert all("INVENTED" in wave.labels["en"] for wave in findings.waves)
    assert all(row["ipaddr"].startswith("192.0.2.") for row in rows)
    assert all(row["email"].endswith("@example.org") for row in rows)


def test_two_waves_of_real_wikis(
    ontology: Ontology, findings: ValidationReport, responses: list[Response]
) -> None:
    """About three of five people answered both; six skills were asked in one wave only."""
    waves = defaultdict(set)
    for response in responses:
        waves[response.identity].add(response.wave)
    both = sum(len(known) == 2 for known in waves.values())
    assert 180 <= len(waves) <= 200
    assert 0.5 <= both / len(waves) <= 0.7
    assert len({response.home_community for response in responses}) == 25
    assert {response.home_community for response in responses} <= set(
        ontology.section("communities")
    )
    first, second = (set(wave.asked) for wave in findings.waves)
    assert (len(first | second), len(first - second), len(second - first)) == (40, 3, 3)


def test_some_skills_are_common_and_some_are_rare(responses: list[Response]) -> None:
    """So that a map of it shows something."""
    strong: dict[str, set[str]] = defaultdict(set)
    for response in responses:
        for assessment in response.assessments:
            strong[assessment.skill] |= (
                {response.identity.name} if assessment.level in STRONG else set()
            )
    count = {skill: len(people) for skill, people in strong.items()}
    assert count["tech_news_following"] > 100
    assert count["bug_reporting"] > 80
    assert all(count[skill] <= 2 for skill in ("wikibase_admin", "extension_dev", "fonts_input"))


def test_people_who_agreed_to_a_pseudonym_are_not_named(
    rows: list[dict[str, str]], responses: list[Response]
) -> None:
    """Their answers are there, their names are not."""
    shy = {row["USER"] for row in rows if "pseudonym" in row["CONSENT"]}
    named = {response.identity.name for response in responses}
    assert len(shy) >= 3
    assert not shy & named
    assert Counter(response.identity.property for response in responses)["pseudonym"] >= 5


def test_its_draft_finds_all_forty_skills(ontology: Ontology) -> None:
    """A coordinator starts from this."""
    seen = inspect(FILE, ontology)
    drafted = draft(seen, ontology)

    assert drafted.count('"SK[') == 40
    assert 'answers = "scale:self_5"' in drafted
    assert 'column = "WIKI"' in drafted


def test_a_small_file_is_read_once_and_a_large_one_twice_with_the_same_responses(
    ontology: Ontology,
    responses: list[Response],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the check has read of a small file is kept."""
    copy = tmp_path / "survey.csv"
    copy.write_bytes(FILE.read_bytes())
    small = Survey.open(copy, toml_file.load(MAPPING), ontology)
    assert small.check().responses == len(responses)
    copy.unlink()
    assert list(small.responses()) == responses

    for bound, most in (("_MOST_KEPT_RESPONSES", 100), ("_MOST_KEPT_ANSWERS", 1000)):
        with monkeypatch.context() as patched:
            patched.setattr(f"wbskills.surveys.responses.survey.{bound}", most)
            large = Survey.open(FILE, toml_file.load(MAPPING), ontology)
            assert list(large.responses()) == responses
