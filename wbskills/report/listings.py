"""The tables of single pages, for those who want to take one page's table elsewhere."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from wbskills.report.facts import Thing
from wbskills.report.freshness import Aged
from wbskills.report.homes import Home
from wbskills.report.profiles import Profile, SkillPage
from wbskills.report.words import Words
from wbskills.table import Cell, Column, Iri, Table


def of_person(page: Profile, words: Words) -> Table:
    """Give what somebody can do, skill by skill."""
    columns = (
        *titled("skill", words.plain("word.skill")),
        *titled("level", words.plain("word.level")),
        Column("interests", words.plain("word.would")),
        Column("date", words.plain("person.on")),
    )
    return Table(
        columns,
        tuple(
            [
                (*both(one.skill), *both(one.level), ", ".join(one.interests), one.on)
                for group in page.groups
                for one in group.skills
            ]
        ),
    )


def of_skill(page: SkillPage, words: Words) -> Table:
    """Give who can do a skill, would help with it or wants to learn it: the lists of its page."""
    columns = (
        Column("list", words.plain("skill.which")),
        *titled("person", words.plain("word.person")),
        *titled("level", words.plain("word.level")),
        *(
            Column(name, words.plain(f"word.{message}"))
            for name, message in (
                ("interests", "would"),
                ("communities", "community"),
                ("languages", "languages"),
                ("time_zone", "time_zone"),
                ("availability", "availability"),
            )
        ),
    )
    lists = (
        (words.plain("skill.able"), page.able),
        (words.plain("skill.offering"), page.offering),
        (words.plain("skill.learning"), page.learning),
    )
    rows = [
        (
            name,
            *both(one.person.person),
            *both(one.level),
            ", ".join(one.interests),
            ", ".join([home.label for home in one.person.communities]),
            one.person.languages,
            one.person.time_zone,
            one.person.availability,
        )
        for name, ones in lists
        for one in ones
    ]
    return Table(columns, tuple(rows))


def of_home(page: Home, words: Words, level: str) -> Table:
    """Give the strengths and gaps of a community, with who would help.

    `level` is the label of the site's level, from which on people are able.
    """
    columns = (
        *titled("skill", words.plain("word.skill")),
        Column("level", words.plain("word.level")),
        Column("able", words.plain("coverage.able")),
        Column("assessed", words.plain("freshness.answers")),
        Column("robustness", words.plain("robustness.title")),
        Column("helpers", words.plain("community.helpers")),
    )
    strong: Iterable[tuple[Cell, ...]] = (
        (
            *both(one.bar.thing),
            level,
            one.bar.part,
            one.bar.whole,
            words.plain(f"robustness.{one.robustness}"),
            "",
        )
        for one in page.strengths
    )
    weak: Iterable[tuple[Cell, ...]] = (
        (
            *both(gap.coverage.skill),
            gap.standard.minimum.label if gap.standard else level,
            0,
            gap.answered,
            words.plain("robustness.nobody"),
            ", ".join(helper.person.person.label for helper in gap.helpers),
        )
        for gap in page.gaps
    )
    return Table(columns, (*strong, *weak))


def of_ages(aged: Iterable[Aged], words: Words, kind: str = "skill") -> Table:
    """Give how old the answers about each skill or `kind` of thing are; the median in days."""
    columns = (
        *titled(kind, words.plain(f"word.{kind}")),
        Column("answers", words.plain("freshness.answers")),
        Column("median_days", words.plain("freshness.median_days")),
        Column("old", words.plain("freshness.old")),
    )
    return Table(
        columns,
        tuple(
            (
                *both(one.thing),
                one.ages.answers,
                None if one.ages.median is None else Decimal(one.ages.median),
                one.ages.old,
            )
            for one in aged
        ),
    )


def told(table: Table) -> Table:
    """Leave out the columns in which nothing is told, as in a wiki they would be empty."""
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


def titled(name: str, heading: str) -> tuple[Column, Column]:
    """Give the columns of things, by item and by label."""
    return Column(name, heading), Column(f"{name}Label", heading)


@lru_cache(maxsize=1 << 15)
def both(thing: Thing) -> tuple[Cell, Cell]:
    """Give the cells of a thing, by item and by label."""
    return Iri(thing.address) if thing.address else None, thing.label
