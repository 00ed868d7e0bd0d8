"""The tables that pages put together from several queries, to download them from there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final, NamedTuple

from wbskills.report.community_pages import CommunityPage, Gap
from wbskills.report.content import Analysis
from wbskills.report.facts import ItemRef
from wbskills.report.freshness import AnswerAges
from wbskills.report.learning import SkillLearning
from wbskills.report.overview import ROBUSTNESS, share
from wbskills.report.people_pages import PersonPage, SkillPage
from wbskills.report.translation import Translation
from wbskills.table import Cell, Column, Iri, Table

_Row = Sequence[ItemRef | Cell]


class Summary(NamedTuple):
    """A table of a page: its title, and the label of the `level` at which it counts people."""

    title: str
    table: Callable[[], Table]
    level: str = ""


def summaries(known: Analysis, t: Translation) -> dict[str, Summary]:
    """Return the tables of whole pages by the names of their files."""
    return {
        name: Summary(
            " – ".join(map(t.plain, title.split(" + "))),
            partial(table, known, t),
            known.level if counted else "",
        )
        for name, (title, table, counted) in _SUMMARIES.items()
    }


def person_table(page: PersonPage, t: Translation) -> Table:
    """List the skills of a person."""
    columns = "+skill=word.skill +level=word.level interests=word.would date=person.on"
    rows = (
        (skill.skill, skill.level, ", ".join(skill.interests), skill.date)
        for group in page.groups
        for skill in group.skills
    )
    return _table(t, columns, rows)


def skill_table(page: SkillPage, t: Translation) -> Table:
    """List who has a skill, who else offers help, and who wants to learn it."""
    columns = (
        "list=skill.which +person=word.person +level=word.level interests=word.would"
        " communities=word.community languages=word.languages time_zone=word.time_zone"
        " availability=word.availability"
    )
    lists = {"able": page.able, "offering": page.offering, "learning": page.learning}
    rows = (
        (
            t.plain(f"skill.{name}"),
            person.person.person,
            person.level,
            ", ".join(person.interests),
            _labels(person.person.communities),
            ", ".join(person.person.languages),
            person.person.time_zone,
            person.person.availability,
        )
        for name, people in lists.items()
        for person in people
    )
    return _table(t, columns, rows)


def community_table(page: CommunityPage, t: Translation, level: str) -> Table:
    """List the strengths and gaps of a community; `level` is the label of the chosen level."""
    columns = (
        "+skill=word.skill level=word.level able=coverage.able assessed=freshness.answers"
        " robustness=robustness.title helpers=community.helpers"
    )
    rows: list[_Row] = []
    for strength in page.strengths:
        robustness = t.plain(f"robustness.{strength.robustness}")
        rows.append(
            (strength.bar.item, level, strength.bar.part, strength.bar.whole, robustness, "")
        )
    for gap in page.gaps:
        nobody = t.plain("robustness.nobody")
        rows.append(
            (gap.coverage.skill, _level(gap, level), 0, gap.answered, nobody, _helpers(gap))
        )
    return _table(t, columns, rows)


def learners_table(learning: SkillLearning, t: Translation) -> Table:
    """List who wants to learn a skill, with possible teachers."""
    columns = (
        "+person=word.person communities=word.community teachers=learning.from"
        " teachers_in_all=learning.teachers"
    )
    rows = (
        (
            learner.person.person,
            _labels(learner.person.communities),
            "; ".join(
                f"{teacher.person.person.label} ({', '.join(teacher.languages)})"
                for teacher in learner.teachers
            ),
            len(learner.teachers) + learner.more,
        )
        for learner in learning.learners
    )
    return _table(t, columns, rows)


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
    """Translate a heading: messages joined by “+”, the more general one first."""
    return ": ".join(map(t.plain, messages.split("+")))


def _communities(known: Analysis, t: Translation) -> Table:
    columns = (
        "+community=word.community languages=word.languages regions=word.region"
        " people=communities.people able=communities.able answered=communities.answered"
        " gaps=communities.all_gaps needs=communities.all_needs gaps_helped=communities.gaps"
        " needs_helped=communities.needs"
    )
    rows = (
        (
            community.item,
            _labels(community.community.languages),
            _labels(community.community.regions),
            community.community.people,
            community.able,
            community.answered,
            len(community.gaps),
            len(community.needs),
            community.helped,
            community.met,
        )
        for community in known.communities
    )
    return _table(t, columns, rows)


def _gaps(known: Analysis, t: Translation) -> Table:
    columns = (
        "+community=word.community +skill=word.skill level=word.level"
        " required=coverage.in_baseline answered=community.here+freshness.answers"
        " able=community.everywhere+coverage.able"
        " assessed=community.everywhere+freshness.answers helpers=community.helpers"
    )
    rows = (
        (
            page.item,
            gap.coverage.skill,
            _level(gap, known.level),
            int(gap.coverage.required),
            gap.answered,
            gap.everyone.part,
            gap.everyone.whole,
            _helpers(gap),
        )
        for page in known.communities
        for gap in page.gaps
    )
    return _table(t, columns, rows)


def _robustness(known: Analysis, t: Translation) -> Table:
    levels = " ".join(f"{name}=robustness.{name}" for name in ROBUSTNESS)
    other = t.plain("word.other_group")
    rows: Iterable[_Row] = (
        (one.group._replace(label=one.group.label or other), *one.counts, one.skills)
        for one in known.robustness
    )
    return _table(t, f"+group=word.group {levels} skills=robustness.skills", rows)


def _baseline(known: Analysis, t: Translation) -> Table:
    columns = (
        "+skill=word.skill minimum=baseline.minimum able=coverage.able"
        " assessed=freshness.answers share=coverage.share"
    )
    rows = (
        (one.skill, one.minimum.label or known.level, one.able, one.assessed, share(one))
        for one in known.baseline.required
    )
    return _table(t, columns, rows)


def _held(known: Analysis, t: Translation) -> Table:
    columns = "+community=word.community held=baseline.there skills=robustness.skills"
    rows = (
        (community.item, community.held, len(community.baseline))
        for community in known.communities
        if community.baseline
    )
    return _table(t, columns, rows)


def _bands(known: Analysis, t: Translation) -> Table:
    ages = known.ages
    counts = [(t.plain(f"freshness.band_{at}"), count) for at, count in enumerate(ages.bands)]
    counts += [(t.plain("freshness.undated"), ages.undated)] if ages.undated else []
    return _table(t, "age=freshness.age answers=freshness.answers", counts)


def _skill_ages(known: Analysis, t: Translation) -> Table:
    return _ages(known.skill_ages, "+skill=word.skill", t)


def _community_ages(known: Analysis, t: Translation) -> Table:
    return _ages(known.community_ages, "+community=word.community", t)


def _ages(aged: Iterable[AnswerAges], column: str, t: Translation) -> Table:
    columns = (
        f"{column} answers=freshness.answers median_days=freshness.median_days old=freshness.old"
    )
    rows = (
        (
            one.item,
            one.ages.answers,
            None if one.ages.median is None else Decimal(one.ages.median),
            one.ages.old,
        )
        for one in aged
    )
    return _table(t, columns, rows)


def _learning(known: Analysis, t: Translation) -> Table:
    columns = (
        "+skill=word.skill learners=learning.learners taught=learning.taught"
        " teachers=learning.teachers"
    )
    rows = (
        (one.skill, len(one.learners), one.taught, one.teachers)
        for one in sorted(known.learning.values(), key=lambda one: one.skill.sort_key)
    )
    return _table(t, columns, rows)


# File name → the messages of the title, the table, and whether it counts people at a level.
_SUMMARIES: Final[Mapping[str, tuple[str, Callable[[Analysis, Translation], Table], bool]]] = {
    "communities_summary": ("communities.title", _communities, True),
    "gaps": ("community.gaps", _gaps, False),
    "robustness_by_group": ("robustness.title", _robustness, True),
    "baseline_adopted": ("baseline.required", _baseline, False),
    "freshness_by_age": ("freshness.by_age", _bands, False),
    "freshness_by_skill": ("freshness.title + freshness.by_skill", _skill_ages, False),
    "learning": ("learning.title", _learning, False),
    "baseline_by_community": ("table.baseline_gap", _held, False),
    "freshness_by_community": ("freshness.title + freshness.by_community", _community_ages, False),
}


def _table(t: Translation, names_and_messages: str, rows: Iterable[_Row]) -> Table:
    """Make a table whose columns are given as `name=message`, separated by blanks.

    A column with a “+” before its name holds items; it becomes two columns, of the item and of
    its label.
    """
    columns = []
    for name, _, message in (one.partition("=") for one in names_and_messages.split()):
        head = heading(t, message)
        plain = name.removeprefix("+")
        columns.append(Column(plain, head, fraction=plain == "share"))
        if plain != name:
            columns.append(Column(f"{plain}Label", head))
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


def _level(gap: Gap, level: str) -> str:
    return gap.standard.minimum.label if gap.standard else level


def _helpers(gap: Gap) -> str:
    return _labels(helper.person.person for helper in gap.helpers)


def _labels(items: Iterable[ItemRef]) -> str:
    return ", ".join(item.label for item in items)
