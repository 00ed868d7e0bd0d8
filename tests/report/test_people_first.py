"""A site that names nobody, and tells nothing of a few."""

import csv
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.report.made_up import Survey, content, iri, table
from tests.report.pages_read import read
from wbskills.model.table import Cell, Table
from wbskills.report.facts import PERSONAL
from wbskills.report.site import Content, Page, pages
from wbskills.report.withholding import withhold

LEAST = 4


@pytest.fixture(scope="module")
def named() -> Content:
    """A site with names."""
    return content(Survey(communities=5, skills=8, people=20))


@pytest.fixture(scope="module")
def unnamed(named: Content) -> dict[str, Page]:
    """The same without."""
    return {page.path: page for page in pages(replace(named, least=LEAST))}


def test_nobody_is_named_in_any_file(named: Content, unnamed: dict[str, Page]) -> None:
    """Not in a page, a picture, a table, nor in the name of a file."""
    people = list(named.tables["people"])
    for path, page in unnamed.items():
        text = page.body.decode()
        for row in people:
            assert str(row["personLabel"]) not in text, path
            assert str(row["person"]) not in text, path
    assert not any(path.startswith(("people/", "data/people")) for path in unnamed)
    assert not any(f"data/{name}.csv" in unnamed for name in PERSONAL)
    assert "people.html" not in unnamed


def test_no_number_counts_fewer(named: Content, unnamed: dict[str, Page]) -> None:
    """Cells of the map below the limit are there and say nothing."""
    withheld = sum(
        isinstance(row["people"], int) and row["people"] < LEAST
        for row in named.tables["capacity_map"]
    )
    text = unnamed["map.html"].body.decode()
    assert withheld > 0
    assert text.count("<td class=w>") >= withheld
    for line in unnamed["data/capacity_map.csv"].body.decode().splitlines()[1:]:
        people = line.split(",")[-3]
        assert not people or int(people) >= LEAST
    assert f"fewer than {LEAST} people" in read(unnamed["index.html"].body).text


def test_what_speakers_and_communities_can_do_is_withheld_too(
    named: Content, unnamed: dict[str, Page]
) -> None:
    """By language, by group of skills, by skill of the baseline, and of skills at risk."""
    counted = {"languages": "people", "capacity_map_groups": "people", "baseline_gap": "assessed",
               "at_risk": "assessed"}  # fmt: skip
    for name, count in counted.items():
        few = [n for n in named.tables[name].column(count) if isinstance(n, int) and n < LEAST]
        assert few or name == "at_risk"
        rows = list(csv.DictReader(unnamed[f"data/{name}.csv"].body.decode().splitlines()))
        assert len(rows) == len(named.tables[name])
        assert all(not row[count] or int(row[count]) >= LEAST for row in rows), name
    assert not {"learning.html", "quality.html"} & set(unnamed)
    assert "fewer than" in read(unnamed["languages/Q800.html"].body).text


def test_the_table_of_a_community_has_no_helpers(named: Content, unnamed: dict[str, Page]) -> None:
    """With names it tells who would help; without, not even that there is such a column."""
    helpers, left = 0, 0
    for page in pages(named):
        if page.path.startswith("data/communities/") and page.path.endswith(".csv"):
            told, kept = (
                csv.DictReader(one.body.decode("utf-8-sig").splitlines())
                for one in (page, unnamed[page.path])
            )
            assert [*(kept.fieldnames or ()), "helpers"] == told.fieldnames, page.path
            helpers += sum(bool(row["helpers"]) for row in told)
            left += len(list(kept))
    assert helpers
    assert left


def needs(able: int, willing: int, *people: str) -> Table:
    """What one community needs, and who would help."""
    need = iri(1000), "home", iri(100), "Lua", iri(33), "alone", 3, 2, able, willing
    rows = [(*need, iri(5000 + at), name, "English") for at, name in enumerate(people)]
    return table("needs", rows or [(*need, None, None, None)])


def test_needs_stay_without_those_who_would_help(named: Content) -> None:
    """A need is a community's; who would help is not told, and how many only if they are many."""
    many = withhold({"needs": needs(LEAST, 9, "Ada", "Bo")}, LEAST)["needs"]
    assert [(row["able"], row["willing"], row["person"], row["personLabel"], row["languages"])
            for row in many] == [(LEAST, 9, None, None, None)]  # fmt: skip
    (few,) = withhold({"needs": needs(LEAST - 1, 0)}, LEAST)["needs"]
    assert (few["able"], few["willing"], few["wanted"]) == (None, None, 2)

    home = named.tables["communities"].rows[0][:2]
    rows = [(*home, *row[2:]) for row in needs(1, 9, "Ada", "Bo").rows]
    tables = {**named.tables, "needs": table("needs", rows)}
    made = {page.path: page for page in pages(replace(named, tables=tables, least=LEAST))}
    page = read(made[f"communities/{str(home[0]).rpartition('/')[2]}.html"].body).text
    assert f"fewer than {LEAST} people, wanted 2" in page
    assert "9 people" in page
    start = read(made["index.html"].body).text
    assert "needs that communities stated: 1" in start
    assert "could be filled" not in start  # nobody being named, all would seem without help


def test_a_rating_beside_too_few_answers_is_not_beside_none(named: Content) -> None:
    """Fewer than so many answered: that is not that nobody did."""
    home = named.tables["communities"].rows[0][:2]
    rating = 3, 1, 5, None
    rows = [
        (*home, iri(100 + at), f"Skill {at}", *rating, people, 0, Decimal("0.5"), None)
        for at, people in enumerate((LEAST - 1, LEAST))
    ]
    tables = {**named.tables, "declared_capacity": table("declared_capacity", rows)}
    made = {page.path: page for page in pages(replace(named, tables=tables, least=LEAST))}
    body = made[f"communities/{str(home[0]).rpartition('/')[2]}.html"].body.decode()
    rated = body[body.index('id="declared-caption"') :]
    assert "nobody answered" not in rated
    assert f"fewer than {LEAST} people" in rated
    assert f"0 of {LEAST}" in rated


def test_a_community_of_too_few_answers_is_told_in_words(named: Content) -> None:
    """Neither “0 of the 0 skills” nor “none, as far as is known”: it is known, and withheld."""
    home = named.tables["communities"].rows[0][:2]
    path = f"communities/{str(home[0]).rpartition('/')[2]}.html"
    few = [(*row[:6], 1, 1, 3) for row in named.tables["capacity_map"].rows if row[:2] == home]
    for rows in (few, []):
        tables = {**named.tables, "capacity_map": table("capacity_map", rows)}
        (page,) = (
            read(page.body).text
            for page in pages(replace(named, tables=tables, least=LEAST))
            if page.path == path
        )
        assert f"Fewer than {LEAST} people from here answered about any one skill" in page
        assert "0 of the 0" not in page
        assert "Strengths" not in page


def test_a_site_without_names_is_not_a_site_of_nobody(unnamed: dict[str, Page]) -> None:
    """Nobody is named, and all the same people answered."""
    start = read(unnamed["index.html"].body).text
    assert "Nobody is recorded yet" not in start
    assert "answers that count today" in start


def maps(*people: int) -> Table:
    """A map of one skill, with so many people in one community after the other."""
    skill = iri(100), "Lua", iri(50), "Group"
    rows = [(iri(1000 + at), str(at), *skill, n, 1, 2) for at, n in enumerate(people)]
    return table("capacity_map", rows)


@pytest.mark.parametrize(
    ("people", "left"),
    [
        ((9, 8, 2), [9, None, None]),
        ((9, 8, 2, 3), [9, 8, None, None]),
        ((9, 8), [9, 8]),
        ((2,), [None]),
    ],
)
def test_one_cell_cannot_be_told_from_the_sum(people: tuple[int, ...], left: list[Cell]) -> None:
    """Where one cell of a skill is withheld, the smallest of the others is, too."""
    assert (
        withhold({"capacity_map": maps(*people)}, LEAST)["capacity_map"].column("people") == left
    )
