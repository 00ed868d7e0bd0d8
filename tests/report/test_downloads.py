"""Downloads: the rows of every table, and wikitext that says what it is."""

import csv
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.report.made_up import LEVELS, Survey, content, site_of
from tests.report.pages_read import read
from wbskills.report.content import Content
from wbskills.table import Column, Table

STAMP = "Data as of May 2, 2026, revision 4211."
# Where a table stands, the id of its caption or of what is around it, and its download.
TABLES = (
    ("learning.html", "learning-caption", "data/learning"),
    ("communities.html", "communities-caption", "data/communities_summary"),
    ("rare.html", "robust-caption", "data/robustness_by_group"),
    ("baseline.html", "places-caption", "data/baseline_by_community"),
    ("freshness.html", "skills", "data/freshness_by_skill"),
    ("freshness.html", "communities", "data/freshness_by_community"),
    ("skills/Q101.html", "learning-caption", "data/skills/Q101_learning"),
)


@pytest.fixture(scope="module")
def made() -> Content:
    """The content of a site in which each table has something."""
    return content(Survey(communities=6, skills=12, people=16))


@pytest.fixture(scope="module")
def files(made: Content) -> dict[str, str]:
    """Its files."""
    return {path: body.decode("utf-8-sig") for path, body in site_of(made).items()}


def rows(files: dict[str, str], path: str) -> list[dict[str, str]]:
    """The rows of a download."""
    return list(csv.DictReader(files[f"{path}.csv"].splitlines()))


def body(page: str, caption: str) -> str:
    """The rows of a table of a page."""
    return page[page.index(f'aria-labelledby="{caption}"') :].partition("</table>")[0]


@pytest.mark.parametrize(("page", "caption", "path"), TABLES)
def test_the_download_has_the_rows_of_the_table(
    files: dict[str, str], page: str, caption: str, path: str
) -> None:
    """The rows have the same order, and the page links to the download."""
    shown = re.findall(
        r'<th scope="row">(?:<a[^>]*>)?<bdi>(.*?)</bdi>', body(files[page], caption)
    )
    table_rows = rows(files, path)
    labels = [
        next(cell for name, cell in row.items() if name.endswith("Label")) for row in table_rows
    ]
    assert shown == labels
    assert shown
    links = read(files[page].encode()).links
    name = path.removeprefix(f"{path.rpartition('/')[0]}/")
    assert any(link.endswith(f"{name}.csv") for link in links)
    assert any(link.endswith(f"{name}.wikitext") for link in links)


def test_the_table_of_a_skill_has_the_lists_of_its_page(files: dict[str, str]) -> None:
    """People on two lists have two rows."""
    for path in [path for path in files if re.fullmatch(r"skills/Q\d+\.html", path)]:
        counts = {}
        for name, caption in (
            ("Who has this skill", "able"),
            ("Who else offers help", "offering"),
        ):
            found = f'aria-labelledby="{caption}-caption"' in files[path]
            part = body(files[path], f"{caption}-caption") if found else ""
            counts[name] = part.count('<th scope="row">')
        table_rows = rows(files, f"data/{path.removesuffix('.html')}")
        for name, count in counts.items():
            assert sum(row["list"] == name for row in table_rows) == count, (path, name)


def test_gaps_of_all_communities_are_one_download(files: dict[str, str]) -> None:
    """Each gap has its level, the numbers of the page, and its helpers."""
    table_rows = rows(files, "data/gaps")
    assert any(row["helpers"] for row in table_rows)
    pages_with = {row["community"] for row in table_rows}
    for home in pages_with:
        page = files[f"communities/{home}.html"]
        own = [row for row in table_rows if row["community"] == home]
        part = body(page, "gaps-caption")
        assert part.count('<th scope="row">') == len(own)
        for row in own:
            assert row["skillLabel"] in part
            assert f"{row['able']} of {row['assessed']}" in part
            assert row["level"] == "alone"
            if row["required"] == "1":
                assert "baseline: <bdi>alone</bdi>" in part
            assert all(name in part for name in row["helpers"].split(", "))
        weak = {row["skillLabel"] for row in own}
        listed = rows(files, f"data/communities/{home}")
        assert weak <= {row["skillLabel"] for row in listed if row["able"] == "0"}
    assert "data/gaps.csv" in read(files["communities.html"].encode()).links


def test_the_baseline_page_and_its_tables_agree(made: Content, files: dict[str, str]) -> None:
    """The page lists the common skills of the query, and counts those in the baseline."""
    page = read(files["baseline.html"].encode()).text
    table_rows = rows(files, "data/baseline")
    proposed = [row["skillLabel"] for row in table_rows if row["required"] == "0"]
    within = [row["skillLabel"] for row in table_rows if row["required"] == "1"]
    assert proposed
    assert within
    common = page[page.index("Common but not in the baseline") :]
    bounds = (
        "At least 50% of those who answered are at “with help” or above, and at least 5 people"
    )
    assert bounds in common
    assert all(name in common for name in proposed)
    assert re.search(rf"also lists {len(within)} common skills? that", common)
    assert f"{len(table_rows)} of" in re.sub(r"\s+", " ", read(files["index.html"].encode()).text)
    adopted = rows(files, "data/baseline_adopted")
    assert [row["minimum"] for row in adopted] == ["alone"] * len(
        made.tables["baseline_gap_person"]
    )


def unescaped(wikitext: str) -> str:
    """Wikitext with its entities resolved."""
    return re.sub(r"&#(\d+);", lambda sign: chr(int(sign[1])), wikitext)


def test_wikitext_says_what_it_is(made: Content) -> None:
    """The caption has the title, the level at which people are counted, and the date."""
    one = replace(made, counted={"rare_skills": "alone"})
    found = {path: unescaped(body.decode()) for path, body in site_of(one).items()}
    line = found["data/rare_skills.wikitext"].splitlines()[1]
    assert line == (
        "|+ Capacity map of the technical ambassadors: Rare skills and who has them "
        f"(“alone” or above). {STAMP}"
    )
    for path, text in found.items():
        if path.endswith(".wikitext"):
            caption = text.splitlines()[1]
            assert caption.startswith("|+ Capacity map of"), path
            assert caption.endswith(STAMP), path
            assert "_" not in caption, path
    german = {
        path: unescaped(body.decode())
        for path, body in site_of(replace(one, language="de")).items()
    }
    text = german["data/rare_skills.wikitext"]
    assert "Seltene Fähigkeiten" in text
    assert "(Stufe „alone“ oder höher)" in text
    assert '! scope="col" | Fähigkeit\n' in text
    assert '! scope="col" | Person' in text
    assert german["data/rare_skills.csv"] == found["data/rare_skills.csv"]  # names for programs


def test_two_waves_are_named_once_and_shares_are_per_cents(made: Content) -> None:
    """The caption names the waves; rows do not repeat their ids."""
    change = made.tables["change"]
    columns = (*change.columns, Column("share_before", "Share", fraction=True))
    more = tuple((*row, Decimal(1) / 3) for row in change.rows)
    tables = {**made.tables, "change": Table(columns, more)}
    found = {
        path: unescaped(body.decode())
        for path, body in site_of(replace(made, tables=tables)).items()
    }
    text = found["data/change.wikitext"]
    assert " (2025 autumn → 2026 spring)" in text.splitlines()[1]
    assert not re.search(r"\| Q1[01]\n", text)
    assert re.search(r"33% \(\d+ of \d+\)", text)
    assert "0.3333333" not in found["data/change.csv"]


def test_the_wikitext_of_the_map_is_a_grid(made: Content, files: dict[str, str]) -> None:
    """It has a row for each community, a column for each skill, and the numbers of the table."""
    grid = unescaped(files["data/capacity_map.wikitext"])
    heads = re.findall(r'! scope="col" \| (?:\[\S+ )?([^\]\n]+)', grid)
    assert heads[:2] == ["Community", "People"]
    assert len(heads) == 2 + 12
    assert (
        "People who have each skill (“alone” or above), of those who answered"
        in grid.splitlines()[1]
    )
    cells: dict[tuple[str, str], str] = {}
    for block in grid.split("|-\n")[1:]:
        home = re.search(r'! scope="row" \| (?:\[\S+ )?([^\]\n]+)', block)
        assert home
        values = [line.rpartition("| ")[2] for line in block.splitlines() if line.startswith("| ")]
        cells |= {
            (home[1], skill): value for skill, value in zip(heads[2:], values[1:], strict=True)
        }
    for row in made.tables["capacity_map"]:
        key = str(row["communityLabel"]), str(row["skillLabel"])
        assert cells.pop(key) == f"{row['able']}/{row['people']}"
    assert set(cells.values()) <= {"–"}


def test_a_wide_map_is_a_grid_by_group() -> None:
    """There is room for fifty skills."""
    for skills, columns in ((50, 50), (51, 10)):
        wide = content(Survey(communities=2, skills=skills, people=6))
        found = {path: body.decode() for path, body in site_of(wide).items()}
        for name in ("capacity_map", "capacity_map_groups"):
            text = unescaped(found[f"data/{name}.wikitext"])
            by_groups = name != "capacity_map" or skills > 50
            assert text.count('! scope="col"') == 2 + (10 if by_groups else columns), name
            assert ("who have at least one skill of the group" in text) == by_groups


def test_a_median_has_its_unit(files: dict[str, str]) -> None:
    """The heading says that it is in days."""
    assert "Median age in days" in files["data/freshness_by_skill.wikitext"]


def test_columns_by_level_are_headed_by_the_level(made: Content) -> None:
    """The labels are those of the scale."""
    labels = tuple(f"L{at} {label}" for at, label in enumerate(LEVELS))
    found = {path: body.decode() for path, body in site_of(replace(made, levels=labels)).items()}
    for label in labels:
        assert f'! scope="col" | {label}\n' in found["data/languages.wikitext"]


def test_other_tables_keep_their_headings(made: Content) -> None:
    """Only headings with a message are translated."""
    own = Table((Column("odd_thing", "Odd thing"), Column("able", "x")), ((1, 2),))
    found = {
        path: body.decode()
        for path, body in site_of(replace(made, tables={**made.tables, "own": own})).items()
    }
    assert '! scope="col" | Odd thing\n! scope="col" | Have it\n' in found["data/own.wikitext"]


def test_no_label_is_wiki_markup(hostile_site: dict[str, bytes]) -> None:
    """Neither in a cell nor in a heading or a caption."""
    table_rows = {
        path: page.decode() for path, page in hostile_site.items() if path.endswith(".wikitext")
    }
    assert "! scope" in table_rows["data/capacity_map.wikitext"]
    for path, text in table_rows.items():
        inside = text.removeprefix("{|").removesuffix("|}\n")
        assert not re.search(r"\{\{|\{\||\|\}|\[\[|<|~~~|''|__|\x00|\u202e", inside), path


def test_a_page_without_strengths_says_why(made: Content) -> None:
    """“Nobody is known to have any” is only said if nobody has any."""
    home, label, *_ = made.tables["communities"].rows[0]
    skills = {row[2]: row for row in made.tables["capacity_map"].rows}.values()
    for able, said in (
        (1, "No skill is strong enough to be listed"),
        (0, "Nobody here is known to have any"),
    ):
        cells = tuple((home, label, *row[2:6], 6, able, 1) for row in skills)
        one = Table(made.tables["capacity_map"].columns, cells)
        found = site_of(replace(made, tables={**made.tables, "capacity_map": one}))
        path = f"communities/{str(home).rpartition('/')[2]}.html"
        page = read(found[path]).text
        assert said in page
