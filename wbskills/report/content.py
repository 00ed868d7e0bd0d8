"""The input of a site, its analysis for the pages, and hiding small numbers.

Numbers that are hidden one by one can be worked out from those that are left: a cell of the map
from the total of its group, a community from the rest of all. So a site that names nobody has
one table of answers, without any breakdown: how many people have each skill, and how many gave
a level. Nothing else on it depends on what people said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple

from wbskills.report import freshness
from wbskills.report.baseline import Baseline, baseline, baseline_results
from wbskills.report.community_pages import CommunityPage, community_pages
from wbskills.report.facts import Facts
from wbskills.report.learning import SkillLearning, learning
from wbskills.report.overview import (
    Changes,
    CommonBounds,
    GroupRobustness,
    LanguagePage,
    RobustnessBounds,
    changes,
    language_pages,
    robustness_by_group,
)
from wbskills.report.people_pages import Interests
from wbskills.report.reading import read_facts
from wbskills.table import Cell, Table

# The tables of a site that names nobody, and the columns that they keep.
_KEPT: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(columns.split())
    for name, columns in {
        "coverage": "skill skillLabel group groupLabel able assessed share low high",
        "needs": "community communityLabel skill skillLabel target targetLabel least wanted"
        " source",
        "declared_capacity": "community communityLabel skill skillLabel rating lowest highest"
        " respondents date source declared",
    }.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a site is made from.

    `tables` are the answers of at least the queries of `facts.CONTRACT`, in `language`;
    `queries` the SPARQL of each and `notes` how to read it, if they are to be shown. `level` is
    the label of the chosen level and `level_number` its number; `levels` are the labels of the
    scale from 0 on; `counted` are the labels of the levels at which tables count people, by the
    table's name. `interests` and `away` are labels in the tables; `robustness` and `common` the
    bounds with which the queries were run. If `withhold_below` is above 0, nobody is named, and
    no number about fewer people is shown or can be worked out.
    """

    title: str
    built: datetime
    revision: int
    level: str
    level_number: int = 3
    levels: tuple[str, ...] = ()
    tables: Mapping[str, Table]
    queries: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    language: str = "en"
    away: str = ""
    interests: Interests = field(default_factory=Interests)
    robustness: RobustnessBounds = field(default_factory=RobustnessBounds)
    common: CommonBounds = field(default_factory=CommonBounds)
    counted: Mapping[str, str] = field(default_factory=dict)
    withhold_below: int = 0


class Analysis(NamedTuple):
    """What the pages share, computed once; `level` is the label of the chosen level."""

    level: str
    facts: Facts
    changed: Changes | None
    ages: freshness.Ages
    skill_ages: tuple[freshness.AnswerAges, ...]
    community_ages: tuple[freshness.AnswerAges, ...]
    communities: tuple[CommunityPage, ...]
    baseline: Baseline
    endorsed: freshness.Endorsed
    learning: Mapping[str, SkillLearning]
    languages: tuple[LanguagePage, ...]
    robustness: tuple[GroupRobustness, ...]


def analyse(content: Content) -> Analysis:
    """Compute what the pages share. Raises `InvalidValue` as `read_facts` does."""
    facts = read_facts(content.tables)
    today = content.built.date()
    endorsed = freshness.endorsed(facts)
    results = baseline_results(facts, content.levels)
    communities = tuple(
        community_pages(
            facts,
            results,
            level=content.level_number,
            offers=content.interests.offers,
            robustness=content.robustness,
            away=content.away,
        )
    )
    by_community = freshness.ages_by_community(facts, today, endorsed)
    community_ages = [
        freshness.AnswerAges(page.item, by_community[page.item.id])
        for page in communities
        if page.item.id in by_community
    ]
    return Analysis(
        content.level,
        facts,
        changes(facts),
        freshness.ages((answer for answer in facts.answers if answer.current), today, endorsed),
        freshness.ages_by_skill(facts, today, endorsed),
        tuple(sorted(community_ages, key=lambda one: one.oldest_first)),
        communities,
        baseline(facts, results),
        endorsed,
        learning(facts, content.interests.offers, content.interests.wants_to_learn, content.away),
        language_pages(facts),
        robustness_by_group(facts, content.robustness),
    )


def withhold(tables: Mapping[str, Table], least: int) -> dict[str, Table]:
    """Return the tables of a site that shows nothing about fewer than `least` people.

    A skill stays if so many people have it and so many do not: “8 of 8” tells about each of the
    eight. Stated needs stay without helpers; a community's rating stays unless fewer people
    gave it.
    """
    return {name: _withheld(name, tables[name], least) for name in _KEPT if name in tables}


def without_people(content: Content) -> tuple[Content, dict[str, Table]]:
    """Return the content of a site that names nobody, and the tables that it offers.

    All its tables are empty, but for the columns that are kept of `coverage`.
    """
    shown = withhold(content.tables, content.withhold_below)
    tables = {name: Table(table.columns, ()) for name, table in content.tables.items()}
    coverage = shown["coverage"]
    kept = {column.name for column in coverage.columns}
    cells = [
        coverage.column(column.name) if column.name in kept else [None] * len(coverage)
        for column in tables["coverage"].columns
    ]
    tables["coverage"] = Table(tables["coverage"].columns, tuple(zip(*cells, strict=True)))
    return replace(content, tables=tables), shown


def _withheld(name: str, table: Table, least: int) -> Table:
    names = [column.name for column in table.columns]
    kept = [at for at, column in enumerate(names) if column in _KEPT[name]]
    rows = (
        tuple(row[at] for at in kept)
        for row in table.rows
        if _is_about_many(name, dict(zip(names, row, strict=True)), least)
    )
    # Needs have a row for each helper.
    return Table(tuple(table.columns[at] for at in kept), tuple(dict.fromkeys(rows)))


def _is_about_many(name: str, row: Mapping[str, Cell], least: int) -> bool:
    match name:
        case "coverage":
            able, assessed = _number(row["able"]), _number(row["assessed"])
            return min(able, assessed - able) >= least
        case "declared_capacity":
            respondents = row.get("respondents")
            return respondents is None or _number(respondents) >= least
        case _:
            return True


def _number(cell: Cell) -> int:
    return int(cell) if isinstance(cell, int) else 0
