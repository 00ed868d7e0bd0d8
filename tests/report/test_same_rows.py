"""Pages count what the saved queries count, on the sample survey."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from wbskills.data import ontology_folder
from wbskills.ontology.entries import Ontology
from wbskills.report import freshness
from wbskills.report.baseline import baseline, baseline_results
from wbskills.report.capacity_map import capacity_map
from wbskills.report.community_pages import CommunityPage, community_pages
from wbskills.report.content import Content
from wbskills.report.facts import CONTRACT, Facts
from wbskills.report.learning import learning
from wbskills.report.overview import ROBUSTNESS, RobustnessBounds
from wbskills.report.people_pages import Interests, PersonPages
from wbskills.report.reading import read_facts
from wbskills.stores import open_store
from wbskills.table import Iri, Table
from wbskills.tasks.publishing import publish
from wbskills.tasks.queries import QueryRunner, saved_queries
from wbskills.tasks.reports import ReportOptions, report_content
from wbskills.tasks.surveys import import_survey, open_survey
from wbskills.wikibase.interface import Wikibase

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
BUILT = datetime(2026, 11, 22, tzinfo=UTC)
SCALE = ("aware", "with_help", "alone", "leads")


class Sample:
    """The sample survey in a Wikibase, and the answers of the saved queries."""

    def __init__(
        self,
        questions: QueryRunner,
        tables: Mapping[str, Table],
        content: Content,
    ) -> None:
        self.questions, self.tables, self.content = questions, tables, content
        self.facts: Facts = read_facts(tables)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The answers that the site shows, and a site in German."""
    mapped = open_survey(
        ROOT / "scripts/sample/ambassadors-survey.csv",
        ontology_folder() / "surveys" / "sample.toml",
    )
    with open_store(":memory:") as store:
        import_survey(store, mapped, batch="b", today=TODAY)
        questions = QueryRunner(store, mapped.ontology)
        given = {"level": "alone"}
        counted = set(CONTRACT) - {"baseline"}  # which has a level of its own
        asked = {name: given for name in counted if "level" in parameters(name)}
        tables = {name: questions.ask(name, asked.get(name, {})).table for name in CONTRACT}
        folder = tmp_path_factory.getbasetemp() / "german"
        site = german_site(store, mapped.ontology, folder)
        yield Sample(questions, tables, site)


def parameters(name: str) -> set[str]:
    """The names of a saved query’s parameters."""
    return {param.name for param in saved_queries()[name].params}


def german_site(store: Wikibase, ontology: Ontology, folder: Path) -> Content:
    """Build a site in German, and return its content."""
    content = report_content(store, ontology, options=ReportOptions(language="de"), built=BUILT)
    publish(content, folder)
    return content


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_map_counts_at_each_level_what_the_query_counts(sample: Sample, number: int) -> None:
    """At each level that a reader can choose, the map has the rows of `capacity_map`."""
    table = sample.questions.ask("capacity_map", {"level": SCALE[number - 1]})
    wanted = {
        (row["community"].id, row["skill"].id): (row["able"], row["people"])
        for row in table
        if isinstance(row["community"], Iri) and isinstance(row["skill"], Iri)
    }
    drawn = capacity_map(sample.facts)
    skills = [skill.id for group in drawn.groups for skill in group.skills]
    found = {}
    for row in drawn.rows:
        for skill, cell in zip(skills, row.cells, strict=True):
            if cell is not None:
                levels = [int(count) for count in cell.levels.split(",")]
                found[row.community.id, skill] = sum(levels[number:]), sum(levels)
    assert found == wanted


def test_ages_are_those_of_the_query(sample: Sample) -> None:
    """The median of the page is that of the dates in `freshness`."""
    days: Counter[date] = Counter()
    for row in sample.questions.ask("freshness", {}):
        assert isinstance(row["date"], date)
        assert isinstance(row["answers"], int)
        days[row["date"]] += row["answers"]
    ages = sorted((TODAY - day).days for day, answers in days.items() for _ in range(answers))
    found = freshness.ages(
        (answer for answer in sample.facts.answers if answer.current), TODAY, frozenset()
    )
    assert found.answers == len(ages)
    assert found.median == ages[(len(ages) - 1) // 2]
    assert found.old == sum(age >= freshness.OLD for age in ages)


def test_robustness_has_the_thresholds_of_the_query(sample: Sample) -> None:
    """Fragile, thin and solid mean the same on pages and in the table, cell by cell."""
    wanted = {
        (row["communityLabel"], row["skillLabel"]): row["robustnessLabel"]
        for row in sample.questions.ask("robustness", {"level": "alone"})
    }
    found = {
        (capacity.community.label, capacity.skill.label): RobustnessBounds().robustness(
            capacity.able
        )
        for capacity in sample.facts.capacities
    }
    assert found.keys() == wanted.keys()
    labels = {name: {wanted[key] for key in found if found[key] == name} for name in ROBUSTNESS}
    assert all(len(label) == 1 for label in labels.values()), labels
    assert labels["nobody"] <= {None, ""}
    assert len(set.union(*labels.values())) == len(ROBUSTNESS)


def test_missing_baseline_skills_are_those_of_the_query(sample: Sample) -> None:
    """Skills that nobody was asked about are not among them."""
    asked = {row["skill"] for row in sample.tables["coverage"]}
    gaps = sample.tables["baseline_gap_person"]
    wanted = {
        (str(row["personLabel"]), str(row["skillLabel"]))
        for row in gaps
        if row["missing"] != 0 and row["skill"] in asked
    }
    assert {row["skillLabel"] for row in gaps if row["skill"] not in asked} == {
        one.label for one in baseline(sample.facts, {}).unasked
    }
    maker = PersonPages(sample.facts, Interests())
    found = {
        (person.person.label, one.required.skill.label)
        for person in sample.facts.people
        for one in maker.page(person).missing
    }
    assert found == wanted
    assert found


def community_pages_of(sample: Sample) -> list[CommunityPage]:
    """The pages of all communities, without helpers."""
    pages = community_pages(
        sample.facts,
        baseline_results(sample.facts),
        level=3,
        offers=frozenset(),
        robustness=RobustnessBounds(),
    )
    return list(pages)


def test_community_baselines_are_those_of_the_query(sample: Sample) -> None:
    """Row by row, but for the skill that nobody was asked about."""
    rows = list(sample.tables["baseline_gap"])
    unasked = {one.label for one in baseline(sample.facts, {}).unasked}
    assert unasked == {"Liaison with developers"}
    assert all(row["assessed"] == 0 for row in rows if row["skillLabel"] in unasked)
    wanted = {
        (row["communityLabel"], row["skillLabel"], row["assessed"], row["able"])
        for row in rows
        if row["skillLabel"] not in unasked
    }
    pages = community_pages_of(sample)
    found = {
        (home.item.label, one.skill.label, one.assessed, one.able)
        for home in pages
        for one in home.baseline
    }
    assert found == wanted
    assert {len(home.baseline) for home in pages if home.people} == {9}


def test_baseline_gaps_are_those_of_the_query(sample: Sample) -> None:
    """Nobody there is at the baseline level, whichever it is."""
    asked = {row["skill"] for row in sample.tables["coverage"]}
    wanted = {
        (row["communityLabel"], row["skillLabel"])
        for row in sample.tables["baseline_gap"]
        if row["lacking"] == 1 and row["skill"] in asked
    }
    found = {
        (home.item.label, gap.coverage.skill.label)
        for home in community_pages_of(sample)
        for gap in home.gaps
        if gap.coverage.required
    }
    assert found == wanted
    assert found


def test_baseline_results_are_those_of_coverage(sample: Sample) -> None:
    """At each baseline level, `coverage` counts the same people."""
    levels = {key: sample.questions.ask("coverage", {"level": key}) for key in SCALE}
    names = dict(zip(("aware", "with help", "alone", "leads"), SCALE, strict=True))
    counted = baseline_results(sample.facts)
    required = baseline(sample.facts, counted).required
    assert len({one.minimum.label for one in required}) > 1
    for one in required:
        (row,) = (
            row for row in levels[names[one.minimum.label]] if row["skillLabel"] == one.skill.label
        )
        assert (one.able, one.assessed) == (row["able"], row["assessed"])


def test_the_baseline_page_shows_the_answer_of_its_query(
    sample: Sample, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The query runs with its defaults, and the page names its bounds."""
    folder = tmp_path_factory.getbasetemp() / "german"
    answer = sample.questions.ask("baseline", {})
    text = (folder / "data/baseline.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["skill"] for row in rows] == [
        row["skill"].id for row in answer if isinstance(row["skill"], Iri)
    ]
    proposed = [row["skillLabel"] for row in rows if row["required"] == "0"]
    page = (folder / "baseline.html").read_text(encoding="utf-8")
    assert proposed
    assert all(label in page for label in proposed)
    defaults = {param.name: param.default for param in saved_queries()["baseline"].params}
    share, people = Decimal(defaults["share"]), int(defaults["people"])
    bounds = sample.content.common
    assert (bounds.level, bounds.share, bounds.people) == ("mit Hilfe", share, people)
    assert f"Stufe „{bounds.level}“" in page
    assert sample.content.counted["coverage"] == sample.content.level
    assert sample.content.counted["baseline"] == bounds.level


def test_learners_and_teachers_are_those_of_the_query(sample: Sample) -> None:
    """The same learners, as many teachers for each, and nobody who is away."""
    offers = frozenset({"can help", "can teach"})
    made = learning(sample.facts, offers, "wants to learn", "away")
    assert len(made) > 20
    for one in list(made.values())[:6]:
        pairs: dict[str, set[str]] = {}
        for row in sample.questions.ask("learn_teach", {"skill": one.skill.id}):
            teachers = pairs.setdefault(str(row["learnerLabel"]), set())
            if row["teacher"] is not None:
                teachers.add(str(row["teacherLabel"]))
        assert {who.person.person.label for who in one.learners} == set(pairs)
        for who in one.learners:
            teachers = pairs[who.person.person.label]
            named = {teacher.person.person.label for teacher in who.teachers}
            assert named <= teachers
            assert len(named) + who.more == len(teachers)


def test_a_german_site_is_german(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Messages, labels and numbers are German, and offers of help are still recognised."""
    assert sample.facts.people
    folder = tmp_path_factory.getbasetemp() / "german"
    start = (folder / "index.html").read_text(encoding="utf-8")
    assert '<html lang="de" dir="ltr">' in start
    assert "Welche Fähigkeiten sind verbreitet?" in start
    assert "Personen, die helfen oder unterrichten wollen. Sie decken" in start
    assert "niemand Hilfe angeboten" not in start
