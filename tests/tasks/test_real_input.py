"""Real input, all the way: 325 people of a public survey, counted with nothing but `csv`."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from wbskills.data import ontology_folder
from wbskills.ontology.load import load
from wbskills.stores import open_store
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.tasks.queries import QueryRunner
from wbskills.tasks.receipts import ImportReceipt
from wbskills.tasks.reports import ReportOptions, build_report
from wbskills.tasks.surveys import MappedSurvey, import_survey, open_survey
from wbskills.wikibase.embedded.dry_run import DryRun
from wbskills.wikibase.interface import OpenWikibase

SURVEY = Path(__file__).resolve().parents[2].parent / "shared/data/rse-survey-2017-de.csv"
MAPPING = Path(__file__).resolve().parents[1] / "data" / "rse-2017.toml"
TODAY = date(2026, 11, 22)

pytestmark = pytest.mark.skipif(not SURVEY.is_file(), reason="the survey is not part of this")


class Counts:
    """The contents of the file, counted with `csv` alone."""

    def __init__(self) -> None:
        with SURVEY.open(encoding="utf-8", newline="") as file:
            headings, *rows = csv.reader(file)
        tools = [i for i, name in enumerate(headings) if name.startswith("tool4can[")]
        (teaching,) = [
            i for i, name in enumerate(headings) if name.startswith("likert0[time4can]")
        ]
        names = {i: re.findall(r"\[([^\]]*)\]", headings[i])[-1] for i in tools}
        self.people = len(rows)
        self.boms = sum("\ufeff" in cell for row in rows for cell in row)
        asked = [*tools, teaching]
        self.skipped = sum(row[i] == "" for row in rows for i in asked)
        self.skills_of = {f"rse-2017-de-{r[0]}": sum(r[i] != "" for i in asked) for r in rows}
        self.answered = {f"{names[i]} at work": sum(r[i] != "" for r in rows) for i in tools}
        self.able = {f"{names[i]} at work": sum(r[i] == "Yes" for r in rows) for i in tools}
        hours = [int(re.sub(r"\D", "", row[teaching])[:2]) for row in rows]
        self.answered["Teaching in research"] = len(hours)
        self.able["Teaching in research"] = sum(hour >= 6 for hour in hours)
        self.teaching = Counter(
            next(level for top, level in LEVELS if hour <= top) for hour in hours
        )


LEVELS = ((1, "none"), (3, "aware"), (5, "with help"), (7, "alone"), (10, "leads"))


@pytest.fixture(scope="module")
def counts() -> Counts:
    """The counts to compare with."""
    return Counts()


@pytest.fixture(scope="module")
def mapped() -> MappedSurvey:
    """The survey with its mapping."""
    return open_survey(SURVEY, MAPPING)


@pytest.fixture(scope="module")
def imported(mapped: MappedSurvey) -> Iterator[tuple[OpenWikibase, ImportReceipt]]:
    """A store with the survey in it, and the receipt."""
    with open_store(":memory:") as store:
        yield store, import_survey(store, mapped, batch="b1", today=TODAY)


def test_inspecting_shows_tool_rows_and_hidden_marks(counts: Counts) -> None:
    """LimeSurvey, passed through pandas."""
    found = inspect(SURVEY, load(ontology_folder()))
    assert found.tool == "limesurvey"
    assert (found.rows, len(found.columns)) == (counts.people, 248)
    assert found.cells_with_bom == counts.boms


def test_the_plan_lists_what_the_import_does(mapped: MappedSurvey, counts: Counts) -> None:
    """And writes nothing."""
    with open_store(":memory:") as store:
        lines: list[str] = []
        planned = import_survey(
            DryRun(store), mapped, batch="plan", today=TODAY, on_edit=lines.append
        )
        assert store.revision() == 0
    assert planned.tally.created == counts.people
    assert sum(line.startswith("row ") for line in lines) == counts.people


def test_people_skipped_answers_and_marks_are_counted_right(
    imported: tuple[OpenWikibase, ImportReceipt], counts: Counts
) -> None:
    """Each figure of the receipt is that of `csv`."""
    found = imported[1].findings
    assert imported[1].tally.created == found.responses == counts.people == 325
    assert found.skipped == counts.skipped
    assert found.levels == sum(counts.answered.values())
    assert found.cells_with_bom == counts.boms
    assert found.faults == ()


def test_people_per_skill_are_counted_right(
    imported: tuple[OpenWikibase, ImportReceipt], mapped: MappedSurvey, counts: Counts
) -> None:
    """The saved query agrees with `csv`, numerator and denominator."""
    table = QueryRunner(imported[0], mapped.ontology).ask("coverage", {"level": "alone"})
    rows = {str(row["skillLabel"]): row for row in table}
    assert {name: row["assessed"] for name, row in rows.items()} == counts.answered
    assert {name: row["able"] for name, row in rows.items()} == counts.able


def test_skills_per_person_are_counted_right(
    imported: tuple[OpenWikibase, ImportReceipt], mapped: MappedSurvey, counts: Counts
) -> None:
    """For each of the pseudonyms."""
    table = QueryRunner(imported[0], mapped.ontology).ask("person_profile", {})
    found = Counter(str(row["personLabel"]) for row in table if row["current"])
    assert found == {name: count for name, count in counts.skills_of.items() if count}


def test_a_scale_of_ten_lands_on_the_steps_of_ours(
    imported: tuple[OpenWikibase, ImportReceipt], mapped: MappedSurvey, counts: Counts
) -> None:
    """The lowest option, with its hidden mark, is `none` and not lost."""
    table = QueryRunner(imported[0], mapped.ontology).ask("person_profile", {})
    found = Counter(
        str(row["levelLabel"]) for row in table if row["skillLabel"] == "Teaching in research"
    )
    assert found == counts.teaching


def test_the_same_file_again_makes_no_edit(
    imported: tuple[OpenWikibase, ImportReceipt], mapped: MappedSurvey
) -> None:
    """The second import makes no edit."""
    store = imported[0]
    before = store.revision()
    again = import_survey(store, mapped, batch="b2", today=TODAY)
    assert again.edits == 0
    assert store.revision() == before


def test_the_report_shows_all_of_it(
    imported: tuple[OpenWikibase, ImportReceipt],
    mapped: MappedSurvey,
    tmp_path: Path,
    counts: Counts,
) -> None:
    """A page for each person."""
    build_report(
        imported[0],
        mapped.ontology,
        tmp_path / "site",
        options=ReportOptions(),
        built=datetime(2026, 11, 22, tzinfo=UTC),
    )
    assert len(list((tmp_path / "site" / "people").iterdir())) == counts.people
    assert "175" in (tmp_path / "site" / "coverage.html").read_text(encoding="utf-8")
