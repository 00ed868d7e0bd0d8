"""Empty columns, skills without answers and communities without people."""

import csv
import re
from dataclasses import replace

import pytest

from tests.report.made_up import Survey, content, iri, site_of, table
from tests.report.pages_read import Read, read
from wbskills.report.content import Content
from wbskills.report.facts import ItemRef
from wbskills.table import Cell, Table

UNASKED = iri(180), "Liaison with developers"


@pytest.fixture(scope="module")
def bare() -> Content:
    """A survey of one wave that asked only for skills and levels."""
    made = content(Survey(communities=0, skills=6, people=0))
    asked = content(Survey(communities=2, skills=6, people=4, waves=1))
    emptied = {
        "people": ("community", "communityLabel", "languages", "availability", "time_zone"),
        "person_profile": ("interests",),
        "at_risk": ("away", "learners"),
    }
    kept = ("coverage", "responses_per_wave", "baseline", *emptied)
    tables = {name: without(asked.tables[name], emptied.get(name, ())) for name in kept}
    return replace(made, tables={**made.tables, **tables})


def without(one: Table, names: tuple[str, ...]) -> Table:
    """A table with some columns emptied; numbers become 0."""
    gone = {column.name for column in one.columns} & set(names)
    return Table(
        one.columns,
        tuple(
            tuple(
                cell if column.name not in gone else 0 if isinstance(cell, int) else None
                for column, cell in zip(one.columns, row, strict=True)
            )
            for row in one.rows
        ),
    )


def made(one: Content) -> dict[str, Read]:
    """The pages of a site, read."""
    return {path: read(body) for path, body in site_of(one).items() if path.endswith(".html")}


def headings(one: Content, path: str) -> list[list[str]]:
    """The headings of the columns of each table of a page."""
    body = site_of(one)[path].decode()
    heads = re.findall(r"<thead>(.*?)</thead>", body, re.DOTALL)
    return [re.findall(r'<th scope="col"[^>]*>(.*?)</th>', head) for head in heads]


def test_empty_columns_are_left_out(bare: Content) -> None:
    """On the pages of people and of skills at risk."""
    assert headings(bare, "people/Q5000.html") == [["Skill", "Level", "Date of answer"]]
    assert headings(bare, "people.html") == [["Name", "Latest answer"]]
    risk = headings(bare, "rare.html")[1]
    assert risk == ["Skill", "Group", "Have it now"]
    page = made(bare)["rare.html"].text
    assert "Start with the people who want to learn them" not in page


def test_columns_with_content_stay(small: Content) -> None:
    """If at least one row has something in it."""
    assert headings(small, "people/Q5000.html") == [
        ["Skill", "Level", "Help and learning", "Earlier answers", "Date of answer"]
    ]
    assert headings(small, "people.html")[0][1:5] == [
        "Community", "Languages", "Time zone", "Availability",
    ]  # fmt: skip
    assert "Want to learn it" in headings(small, "rare.html")[1]


def test_rows_have_as_many_cells_as_there_are_headings(bare: Content, small: Content) -> None:
    """A heading that spans the table spans the columns that are left."""
    for one in (bare, small):
        for path, body in site_of(one).items():
            if not path.endswith(".html") or path == "map.html":
                continue
            for whole in re.findall(r"<table.*?</table>", body.decode(), re.DOTALL):
                head, *rows = re.findall(r"<tr.*?</tr>", whole, re.DOTALL)
                assert {cells(row) for row in rows} <= {cells(head)}, path


def cells(row: str) -> int:
    """The number of columns that a row fills."""
    tags = re.findall(r"<t[hd](?=[ >])[^>]*>", row)
    spans = (re.search(r'colspan="(\d+)"', tag) for tag in tags)
    return sum(int(span[1]) if span else 1 for span in spans)


def test_wikitext_has_no_empty_column(bare: Content, small: Content) -> None:
    """CSV, which programs read, always has all columns."""
    for one, interest in ((bare, False), (small, True)):
        files = {path: body.decode() for path, body in site_of(one).items()}
        assert ("col&#34; | Help and learning" in files["people/Q5000.html"]) == interest
        assert ('"col" | Help and learning' in files["data/skills/Q100.wikitext"]) == interest
        assert "interests" in files["data/people/Q5000.csv"].partition("\n")[0]


def test_names_with_accents_are_sorted_as_people_expect(small: Content) -> None:
    """“Ä” does not come after “Z”."""
    home = small.tables["communities"].rows[0][:2]
    path = f"communities/{str(home[0]).rpartition('/')[2]}.html"
    rated = [
        (*home, iri(200 + at), name, 3, 1, 5, None, 0, 0, 1, None)
        for at, name in enumerate(("Zeit", "Ändern"))
    ]
    tables = {**small.tables, "declared_capacity": table("declared_capacity", rated)}
    text = made(replace(small, tables=tables))[path].text
    assert 0 < text.index("Ändern") < text.index("Zeit")


def test_numbers_in_names_are_sorted_by_size() -> None:
    """“Person 9” comes before “Person 10”."""
    names = ["Person 10", "person 9", "Pérson 101", "Person"]
    things = sorted((ItemRef("Q1", name, "") for name in names), key=lambda one: one.sort_key)
    assert [thing.label for thing in things] == ["Person", "person 9", "Person 10", "Pérson 101"]


def test_pages_do_not_mention_what_does_not_occur(bare: Content, small: Content) -> None:
    """Without helpers, nobody “comes first”; without “not sure”, it is not counted."""
    for one, helpers in ((bare, False), (small, True)):
        page = made(one)["skills/Q100.html"].text
        assert ("People who offer help come first" in page) == helpers
    columns = bare.tables["coverage"].columns
    rows = tuple((*row[:-2], 0, 0) for row in bare.tables["coverage"].rows)
    none = made(replace(bare, tables={**bare.tables, "coverage": Table(columns, rows)}))
    assert "Answers by level" in none["skills/Q100.html"].text
    assert "Not counted above" not in none["skills/Q100.html"].text


def test_a_download_says_what_it_is(small: Content) -> None:
    """A label comes before each download; there is none for an empty table."""
    found = {
        path: body.decode() for path, body in site_of(small).items() if path.endswith(".html")
    }
    offers = [
        (path, before)
        for path, body in found.items()
        for before in re.findall(r'<p class="own">(.*?)<a ', body)
    ]
    assert {path.partition("/")[0] for path, _ in offers} == {
        "communities", "people", "skills", "freshness.html", "communities.html", "learning.html",
        "baseline.html", "rare.html",
    }  # fmt: skip
    assert all(before.strip().endswith(":") for _, before in offers)
    home = iri(1900), "Far away"
    place = (*home, None, None, None, None, 0)
    tables = {**small.tables, "communities": table("communities", [place])}
    files = {path: body.decode() for path, body in site_of(replace(small, tables=tables)).items()}
    assert 'class="own"' not in files["communities/Q1900.html"]


def test_answers_without_communities_are_not_no_answers(bare: Content) -> None:
    """If people answered without a community, no page says that nobody answered."""
    found = made(bare)
    for path in ("index.html", "map.html", "communities.html"):
        assert "named a home community" in found[path].text, path
        assert "No answers yet" not in found[path].text, path
        assert "nobody with a home community" not in found[path].text, path


def test_skills_at_risk_are_those_of_the_download(small: Content) -> None:
    """Row by row; a skill in two groups has two rows in both."""
    lua, group, other = (iri(100), "Wikitext"), (iri(50), "One"), (iri(51), "Other")
    rows: list[tuple[Cell, ...]] = [
        (*lua, *group, 0, 0, 9, 2),
        (*lua, *other, 0, 0, 9, 2),
        (iri(101), "VisualEditor", *group, 1, 1, 9, 0),
        (iri(999), "Not published", *group, 2, 0, 3, 0),
    ]
    tables = {**small.tables, "at_risk": table("at_risk", rows)}
    files = site_of(replace(small, tables=tables))
    body = files["rare.html"].decode()
    shown = body[body.index('id="risk-caption"') :].partition("</table>")[0]
    names = re.findall(r'<th scope="row">.*?<bdi>(.*?)</bdi>', shown)
    told = list(csv.DictReader(files["data/at_risk.csv"].decode("utf-8-sig").splitlines()))
    assert names == [row["skillLabel"] for row in told]
    numbers = re.findall(r'class="n" data-v="\d+">(\d+) of (\d+)<', shown)
    assert numbers == [(row["holders"], row["assessed"]) for row in told]


def unasked(small: Content) -> Content:
    """A baseline with a skill that the survey did not ask about."""
    tables = small.tables
    demands, gap = tables["baseline_gap_person"], tables["baseline_gap"]
    more = [
        (*row[:2], *UNASKED, *row[4:7], 0, 0)
        for row in {row[:2]: row for row in gap.rows}.values()
    ]
    level = demands.rows[0][2:]
    return replace(
        small,
        tables={
            **tables,
            "baseline_gap": Table(gap.columns, (*gap.rows, *more)),
            "baseline_gap_person": Table(demands.columns, (*demands.rows, (*UNASKED, *level))),
        },
    )


def test_a_baseline_skill_without_answers_is_named_once(small: Content) -> None:
    """On the page of the baseline and of each community; no count changes."""
    before = made(small)
    found = made(unasked(small))
    label = UNASKED[1]
    naming = {path for path, page in found.items() if label in page.text}
    homes = {path for path in found if path.startswith("communities/")}
    assert naming == {"baseline.html", *homes}
    for path in naming:
        assert found[path].text.count(label) == 1, path
        assert "No answers about 1 more baseline skill" in found[path].text, path
    said = re.compile(r"\d+ of \d+|Baseline skills that at least half[^.]*")
    for path, page in found.items():
        assert said.findall(page.text) == said.findall(before[path].text), path


def test_a_baseline_without_answers_is_a_baseline(bare: Content) -> None:
    """The page does not say that there is none."""
    demands = table("baseline_gap_person", [(*UNASKED, iri(33), "alone")])
    coverage = [(*row[:7], 0) for row in bare.tables["baseline"].rows]
    tables = {
        **bare.tables,
        "baseline_gap_person": demands,
        "baseline": table("baseline", coverage),
    }
    page = made(replace(bare, tables=tables))["baseline.html"].text
    assert "nobody has answered about any of its skills" in page
    assert "There is no baseline yet" not in page
    assert "No other skill" not in page
    none = made(replace(bare, tables={**bare.tables, "baseline": table("baseline", coverage)}))
    assert "There is no baseline yet." in none["baseline.html"].text


def test_a_rating_without_answers_has_no_columns_for_them(small: Content) -> None:
    """The page says that there is nothing to compare it with."""
    home = small.tables["communities"].rows[0][:2]
    path = f"communities/{str(home[0]).rpartition('/')[2]}.html"
    rating = 3, 1, 5, None
    for people, columns in ((0, 4), (2, 6)):
        rows = [(*home, iri(100), "Wikitext", *rating, people, 0, 1, 0 if people else None)]
        tables = {**small.tables, "declared_capacity": table("declared_capacity", rows)}
        one = replace(small, tables=tables)
        assert len(headings(one, path)[-1]) == columns
        assert ("no answers from people here" in made(one)[path].text) == (people == 0)
