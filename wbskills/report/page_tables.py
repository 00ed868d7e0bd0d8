"""The tables that pages put together from several queries, to download them from there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import NamedTuple

from wbskills.report.baseline import BaselineResult
from wbskills.report.community_pages import CommunityPage
from wbskills.report.facts import ItemRef
from wbskills.report.freshness import Ages, AnswerAges
from wbskills.report.learning import SkillLearning
from wbskills.report.overview import ROBUSTNESS, GroupRobustness, share
from wbskills.report.people_pages import PersonPage, SkillPage
from wbskills.report.translation import Translation
from wbskills.table import Cell, Column, Iri, Table

_Row = Sequence[ItemRef | Cell]


class Summary(NamedTuple):
    """A table of a page: its title, and the label of the `level` at which it counts people."""

    title: str
    table: Callable[[], Table]
    level: str = ""


class Summarized(NamedTuple):
    """What the tables of whole pages are made from."""

    communities: tuple[CommunityPage, ...]
    groups: tuple[GroupRobustness, ...]
    required: tuple[BaselineResult, ...]
    ages: Ages
    skill_ages: tuple[AnswerAges, ...]
    community_ages: tuple[AnswerAges, ...]
    learning: Mapping[str, SkillLearning]


def summaries(shown: Summarized, t: Translation, level: str) -> dict[str, Summary]:
    """Return the tables of whole pages by the names of their files.

    `level` is the label of the chosen level.
    """
    age = f"{t.plain('freshness.title')} – "
    return {
        name: Summary(title, partial(table, t), counted)
        for name, title, table, counted in (
            (
                "communities_summary",
                t.plain("communities.title"),
                partial(_communities, shown.communities),
                level,
            ),
            ("gaps", t.plain("community.gaps"), partial(_gaps, shown.communities, level), ""),
            (
                "robustness_by_group",
                t.plain("robustness.title"),
                partial(_robustness, shown.groups),
                level,
            ),
            (
                "baseline_adopted",
                t.plain("baseline.required"),
                partial(_baseline, shown.required, level),
                "",
            ),
            ("freshness_by_age", t.plain("freshness.by_age"), partial(_bands, shown.ages), ""),
            (
                "freshness_by_skill",
                age + t.plain("freshness.by_skill"),
                partial(_ages, shown.skill_ages, "skill"),
                "",
            ),
            (
                "learning",
                t.plain("learning.title"),
                partial(_learning, shown.learning.values()),
                "",
            ),
            (
                "baseline_by_community",
                t.plain("table.baseline_gap"),
                partial(_held, shown.communities),
                "",
            ),
            (
                "freshness_by_community",
                age + t.plain("freshness.by_community"),
                partial(_ages, shown.community_ages, "community"),
                "",
            ),
        )
    }


def person_table(page: PersonPage, t: Translation) -> Table:
    """List the skills of a person."""
    return _table(
        t,
        {
            "skill": "word.skill",
            "level": "word.level",
            "interests": "word.would",
            "date": "person.on",
        },
        (
            (one.skill, one.level, ", ".join(one.interests), one.date)
            for group in page.groups
            for one in group.skills
        ),
        items=("skill", "level"),
    )


def skill_table(page: SkillPage, t: Translation) -> Table:
    """List who has a skill, who else offers help, and who wants to learn it."""
    return _table(
        t,
        {
            "list": "skill.which",
            "person": "word.person",
            "level": "word.level",
            "interests": "word.would",
            "communities": "word.community",
            "languages": "word.languages",
            "time_zone": "word.time_zone",
            "availability": "word.availability",
        },
        (
            (
                t.plain(name),
                one.person.person,
                one.level,
                ", ".join(one.interests),
                _labels(one.person.communities),
                ", ".join(one.person.languages),
                one.person.time_zone,
                one.person.availability,
            )
            for name, people in (
                ("skill.able", page.able),
                ("skill.offering", page.offering),
                ("skill.learning", page.learning),
            )
            for one in people
        ),
        items=("person", "level"),
    )


def community_table(page: CommunityPage, t: Translation, level: str) -> Table:
    """List the strengths and gaps of a community; `level` is the label of the chosen level."""
    strengths: list[_Row] = [
        (
            one.bar.item,
            level,
            one.bar.part,
            one.bar.whole,
            t.plain(f"robustness.{one.robustness}"),
            "",
        )
        for one in page.strengths
    ]
    gaps: list[_Row] = [
        (
            gap.coverage.skill,
            gap.standard.minimum.label if gap.standard else level,
            0,
            gap.answered,
            t.plain("robustness.nobody"),
            _labels(helper.person.person for helper in gap.helpers),
        )
        for gap in page.gaps
    ]
    return _table(
        t,
        {
            "skill": "word.skill",
            "level": "word.level",
            "able": "coverage.able",
            "assessed": "freshness.answers",
            "robustness": "robustness.title",
            "helpers": "community.helpers",
        },
        strengths + gaps,
    )


def learners_table(learning: SkillLearning, t: Translation) -> Table:
    """List who wants to learn a skill, with possible teachers."""
    return _table(
        t,
        {
            "person": "word.person",
            "communities": "word.community",
            "teachers": "learning.from",
            "teachers_in_all": "learning.teachers",
        },
        (
            (
                one.person.person,
                _labels(one.person.communities),
                "; ".join(
                    f"{teacher.person.person.label} ({', '.join(teacher.languages)})"
                    for teacher in one.teachers
                ),
                len(one.teachers) + one.more,
            )
            for one in learning.learners
        ),
    )


def without_empty_columns(table: Table) -> Table:
    """Drop the columns without any content, which a wiki would show as empty."""
    if not table.rows:
        return table
    cells = list(zip(*table.rows, strict=True))
    kept = {
        column.name.removesuffix("Label")
        for column, column_cells in zip(table.columns, cells, strict=True)
        if any(cell is not None and cell != "" for cell in column_cells)
    }
    at = [n for n, one in enumerate(table.columns) if one.name.removesuffix("Label") in kept]
    rows = zip(*(cells[n] for n in at), strict=True)
    return Table(tuple(table.columns[n] for n in at), tuple(rows))


def heading(t: Translation, messages: str) -> str:
    """Translate a heading: messages joined by “ + ”, the more general one first."""
    return ": ".join(t.plain(message) for message in messages.split(" + "))


def _communities(pages: Iterable[CommunityPage], t: Translation) -> Table:
    return _table(
        t,
        {
            "community": "word.community",
            "languages": "word.languages",
            "regions": "word.region",
            "people": "communities.people",
            "able": "communities.able",
            "answered": "communities.answered",
            "gaps": "communities.all_gaps",
            "needs": "communities.all_needs",
            "gaps_helped": "communities.gaps",
            "needs_helped": "communities.needs",
        },
        (
            (
                one.item,
                _labels(one.community.languages),
                _labels(one.community.regions),
                one.community.people,
                one.able,
                one.answered,
                len(one.gaps),
                len(one.needs),
                one.helped,
                one.met,
            )
            for one in pages
        ),
    )


def _gaps(pages: Iterable[CommunityPage], level: str, t: Translation) -> Table:
    return _table(
        t,
        {
            "community": "word.community",
            "skill": "word.skill",
            "level": "word.level",
            "required": "coverage.in_baseline",
            "answered": "community.here + freshness.answers",
            "able": "community.everywhere + coverage.able",
            "assessed": "community.everywhere + freshness.answers",
            "helpers": "community.helpers",
        },
        (
            (
                page.item,
                gap.coverage.skill,
                gap.standard.minimum.label if gap.standard else level,
                int(gap.coverage.required),
                gap.answered,
                gap.everyone.part,
                gap.everyone.whole,
                _labels(helper.person.person for helper in gap.helpers),
            )
            for page in pages
            for gap in page.gaps
        ),
        items=("community", "skill"),
    )


def _robustness(groups: Iterable[GroupRobustness], t: Translation) -> Table:
    other = t.plain("word.other_group")
    return _table(
        t,
        {
            "group": "word.group",
            **{name: f"robustness.{name}" for name in ROBUSTNESS},
            "skills": "robustness.skills",
        },
        (
            (one.group._replace(label=one.group.label or other), *one.counts, one.skills)
            for one in groups
        ),
    )


def _baseline(results: Iterable[BaselineResult], level: str, t: Translation) -> Table:
    return _table(
        t,
        {
            "skill": "word.skill",
            "minimum": "baseline.minimum",
            "able": "coverage.able",
            "assessed": "freshness.answers",
            "share": "coverage.share",
        },
        (
            (one.skill, one.minimum.label or level, one.able, one.assessed, share(one))
            for one in results
        ),
    )


def _held(pages: Iterable[CommunityPage], t: Translation) -> Table:
    return _table(
        t,
        {"community": "word.community", "held": "baseline.there", "skills": "robustness.skills"},
        ((one.item, one.held, len(one.baseline)) for one in pages if one.baseline),
    )


def _bands(ages: Ages, t: Translation) -> Table:
    counts = [(f"freshness.band_{at}", count) for at, count in enumerate(ages.bands)]
    counts += [("freshness.undated", ages.undated)] if ages.undated else []
    return _table(
        t,
        {"age": "freshness.age", "answers": "freshness.answers"},
        ((t.plain(name), count) for name, count in counts),
        items=(),
    )


def _ages(aged: Iterable[AnswerAges], kind: str, t: Translation) -> Table:
    return _table(
        t,
        {
            kind: f"word.{kind}",
            "answers": "freshness.answers",
            "median_days": "freshness.median_days",
            "old": "freshness.old",
        },
        (
            (
                one.item,
                one.ages.answers,
                None if one.ages.median is None else Decimal(one.ages.median),
                one.ages.old,
            )
            for one in aged
        ),
    )


def _learning(learning: Iterable[SkillLearning], t: Translation) -> Table:
    return _table(
        t,
        {
            "skill": "word.skill",
            "learners": "learning.learners",
            "taught": "learning.taught",
            "teachers": "learning.teachers",
        },
        (
            (one.skill, len(one.learners), one.taught, one.teachers)
            for one in sorted(learning, key=lambda one: one.skill.sort_key)
        ),
    )


def _table(
    t: Translation,
    names_and_messages: Mapping[str, str],
    rows: Iterable[_Row],
    *,
    items: Sequence[str] | None = None,
) -> Table:
    """Make a table whose columns are headed by messages.

    The columns named in `items`, the first one unless they are given, hold items: each becomes
    two columns, of the item and of its label.
    """
    items = tuple(names_and_messages)[:1] if items is None else items
    columns = []
    for name, message in names_and_messages.items():
        head = heading(t, message)
        columns.append(Column(name, head, fraction=name == "share"))
        if name in items:
            columns.append(Column(f"{name}Label", head))
    return Table(tuple(columns), tuple(tuple(_cells(row)) for row in rows))


def _cells(row: _Row) -> Iterable[Cell]:
    for cell in row:
        if isinstance(cell, ItemRef):
            yield from _item_cells(cell)
        else:
            yield cell


@lru_cache(maxsize=1 << 15)
def _item_cells(item: ItemRef) -> tuple[Cell, Cell]:
    return Iri(item.address) if item.address else None, item.label


def _labels(items: Iterable[ItemRef]) -> str:
    return ", ".join(one.label for one in items)
