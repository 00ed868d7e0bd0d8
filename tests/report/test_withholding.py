"""A site that names nobody, and from which no number about a few people can be worked out."""

import csv
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from tests.report.made_up import Survey, content, iri, site_of, table
from tests.report.pages_read import read
from wbskills.report.content import Content, withhold
from wbskills.table import Cell, Iri, Table

LEAST = 4
LINES = re.compile(r"<tr.*?</tr>|<li.*?</li>|<text.*?</text>|^\|.*$", re.MULTILINE)
SMALL = range(1, LEAST)


@pytest.fixture(scope="module")
def named() -> Content:
    """A site with names."""
    return content(Survey(communities=5, skills=8, people=20))


@pytest.fixture(scope="module")
def unnamed(named: Content) -> dict[str, bytes]:
    """The same site without names."""
    return withheld(named)


def withheld(named: Content, least: int = LEAST) -> dict[str, bytes]:
    """The files of a site that shows nothing about a few people."""
    return site_of(replace(named, withhold_below=least))


def test_nobody_is_named_in_any_file(named: Content, unnamed: dict[str, bytes]) -> None:
    """Neither in a page, a picture or a table, nor in the name of a file."""
    people = list(named.tables["people"])
    assert people
    assert "index.html" in unnamed
    for path, page in unnamed.items():
        text = page.decode()
        for row in people:
            assert str(row["personLabel"]) not in text, path
            assert str(row["person"]) not in text, path


def test_only_counts_by_skill_are_on_the_site(unnamed: dict[str, bytes]) -> None:
    """There is no map, no list of people, no breakdown and no download of them."""
    made = {path for path in unnamed if not path.startswith("static/")}
    assert made == {
        "index.html", "coverage.html", "reading.html", "data.html", "charts/coverage.svg",
        *(f"data/{name}.{kind}" for name in ("coverage", "needs", "declared_capacity")
          for kind in ("csv", "wikitext")),
    }  # fmt: skip
    for path, page in unnamed.items():
        if path.endswith(".html"):
            assert broken(page, unnamed) == [], path


def broken(page: bytes, made: dict[str, bytes]) -> list[str]:
    """The links of a page that lead to no page of the site."""
    found = re.findall(r'(?:href|src)="([^"#:]+)', page.decode())
    return [each for each in found if each not in made]


def test_the_footer_says_what_is_hidden(unnamed: dict[str, bytes]) -> None:
    """On each page, with the number."""
    for path, page in unnamed.items():
        if path.endswith(".html"):
            text = read(page).text
            assert f"only if at least {LEAST} have it and at least {LEAST} others" in text
            assert "every number by community, language" in text


def test_the_shares_of_few_and_of_nearly_all_are_left_out() -> None:
    """“1 of 8” tells about one person, “8 of 8” and “7 of 8” about each."""
    counts = [(1, 8), (4, 8), (8, 8), (5, 8), (0, 9), (7, 8), (4, 7), (9, 30)]
    rows = [
        (iri(100 + at), f"Skill {at}", iri(50), "Group", able, whole, None, None, 1, 2)
        for at, (able, whole) in enumerate(counts)
    ]
    made = table("coverage", rows)
    shown = withhold({"coverage": made}, LEAST)["coverage"]
    assert [(row["able"], row["assessed"]) for row in shown] == [(4, 8), (9, 30)]


def test_hidden_answers_change_no_byte(named: Content) -> None:
    """A site made from other answers, wherever they are hidden, has the same bytes."""
    first = withheld(named)
    coverage = named.tables["coverage"]
    at = [column.name for column in coverage.columns]
    able, assessed = at.index("able"), at.index("assessed")
    chance = random.Random(1)  # noqa: S311 - no secret
    rows: list[tuple[Cell, ...]] = []
    for row in coverage.rows:
        counts = int(str(row[able])), int(str(row[assessed]))
        many = min(counts[0], counts[1] - counts[0]) >= LEAST
        other = list(row)
        for place, name in enumerate(at):
            if name in {"mean", "not_sure", "does_not_apply", "asked"}:
                other[place] = chance.randrange(9)
        if not many:
            other[assessed] = chance.randrange(40)
            other[able] = chance.choice([0, *SMALL, other[assessed]])
            other[able] = min(int(str(other[able])), int(str(other[assessed])))
        rows.append(tuple(other))
    assert any(min(row[able], row[assessed] - row[able]) < LEAST for row in coverage.rows)  # type: ignore[operator,type-var] # numbers
    strangers = content(Survey(communities=3, skills=5, people=9)).tables
    kept = {name: named.tables[name] for name in ("needs", "declared_capacity")}
    hidden = [row for row in rows if row not in coverage.rows]
    order = [row for row in rows if row not in hidden] + hidden
    tables = {**strangers, **kept, "coverage": Table(coverage.columns, tuple(order))}

    second = withheld(replace(named, tables=tables))

    assert first.keys() == second.keys()
    for path, page in first.items():
        assert page == second[path], path


def test_no_sum_or_difference_is_about_a_few(named: Content, unnamed: dict[str, bytes]) -> None:
    """No sum or difference of the numbers of a line, in any file, is about fewer than so many.

    Hidden are, for each skill, the people who have it and who do not, by community, language,
    survey wave and level.
    """
    labels = {str(row["skillLabel"]) for row in named.tables["coverage"]}
    seen = Counter[str]()
    for where, numbers in counts_by_line(unnamed, labels):
        seen[where] += bool(numbers)
        assert not set(numbers) & set(SMALL), (where, numbers)
        for one, other in combinations(sorted(set(numbers)), 2):
            assert other - one not in SMALL, (where, numbers)
        for three in combinations(sorted(set(numbers)), 3):
            assert three[2] - three[1] - three[0] not in SMALL, (where, numbers)
    numbered = {"data/coverage.csv", "data/coverage.wikitext", "coverage.html"}
    assert numbered <= {where for where, lines in seen.items() if lines > 1}, seen


def counts_by_line(made: dict[str, bytes], labels: set[str]) -> Iterator[tuple[str, list[int]]]:
    """List the counts of people in each line of each file: a row of a table, or a bar."""
    for path, page in made.items():
        text = page.decode("utf-8-sig")
        if path.endswith("coverage.csv"):
            for row in csv.DictReader(text.splitlines()):
                yield path, _whole([row["able"], row["assessed"]])
                assert set(row) == {
                    "skill", "skillLabel", "group", "groupLabel", "able", "assessed", "share",
                    *({"low", "high"} & set(row)),
                }  # fmt: skip
        elif path.endswith((".html", ".wikitext", ".svg")):
            for line in LINES.findall(text):
                if any(label in line for label in labels) or " of " in line:
                    plain = re.sub(r"<[^>]*>", " ", line)
                    yield path, _whole(re.findall(r"(\d+) of (\d+)", plain))


def _whole(found: Iterable[Any]) -> list[int]:
    flat = [each for one in found for each in (one if isinstance(one, tuple) else (one,))]
    return [int(each) for each in flat if str(each).isdigit()]


def needs(able: int, willing: int, *people: str) -> Table:
    """A stated need with its helpers."""
    need = iri(1000), "home", iri(100), "Lua", iri(33), "alone", 3, 2, able, willing
    rows = [(*need, iri(5000 + at), name, "English") for at, name in enumerate(people)]
    return table("needs", rows or [(*need, None, None, None)])


def test_needs_stay_without_helpers() -> None:
    """Neither who offers help is shown, nor how many."""
    (row,) = withhold({"needs": needs(LEAST, 9, "Ada", "Bo")}, LEAST)["needs"]
    assert row["wanted"] == 2
    assert not {"able", "willing", "person", "personLabel", "languages"} & set(row)


def test_a_rating_stays_without_peoples_answers() -> None:
    """A rating is the community’s; answers are those of its people."""
    rating = 3, 1, 5, None
    rows = [(iri(1000), "home", iri(100), "Lua", *rating, 9, 1, 1, None)]
    (row,) = withhold({"declared_capacity": table("declared_capacity", rows)}, LEAST)[
        "declared_capacity"
    ]
    assert (row["rating"], row["highest"]) == (3, 5)
    assert not {"people", "able", "computed"} & set(row)


def test_a_site_with_too_few_answers_says_so(named: Content) -> None:
    """It does not say that nobody answered."""
    made = withheld(named, 900)
    assert "charts/coverage.svg" not in made
    text = read(made["coverage.html"]).text
    assert "No skills yet" not in text
    assert "Nobody has" not in text
    assert "only if at least 900 have it" in text
    assert isinstance(named.tables["coverage"].rows[0][0], Iri)
