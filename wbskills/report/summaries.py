"""The tables that pages put together by themselves, for those who want to take them elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from wbskills.report.facts import Thing
from wbskills.report.freshness import Aged, Ages
from wbskills.report.headings import of
from wbskills.report.homes import Home
from wbskills.report.learning import Learning
from wbskills.report.listings import both, of_ages, titled
from wbskills.report.overview import ROBUSTNESS, GroupRobustness, Standard, share
from wbskills.report.words import Words
from wbskills.table import Cell, Column, Table


class Summary(NamedTuple):
    """A table of a page: its title, and from which `level` on people count in it, if from one."""

    title: str
    table: Callable[[], Table]
    level: str = ""


class Shown(NamedTuple):
    """What the pages show; a site that names nobody has no `learning` and no `places`."""

    homes: tuple[Home, ...]
    groups: tuple[GroupRobustness, ...]
    required: tuple[Standard, ...]
    ages: Ages
    skills: tuple[Aged, ...]
    places: tuple[Aged, ...]
    learning: Mapping[str, Learning]


def summaries(shown: Shown, words: Words, level: str) -> dict[str, Summary]:
    """Give the tables by the names of their files; `level` is the label of the site’s level."""
    say = words.plain
    return {
        "communities_summary": Summary(
            say("communities.title"), lambda: of_homes(shown.homes, words), level
        ),
        "gaps": Summary(say("community.gaps"), lambda: of_gaps(shown.homes, words, level)),
        "robustness_by_group": Summary(
            say("robustness.title"), lambda: of_groups(shown.groups, words), level
        ),
        "baseline_adopted": Summary(
            say("baseline.required"), lambda: of_standards(shown.required, words, level)
        ),
        "freshness_by_age": Summary(say("freshness.by_age"), lambda: of_bands(shown.ages, words)),
        "freshness_by_skill": Summary(
            f"{say('freshness.title')} – {say('freshness.by_skill')}",
            lambda: of_ages(shown.skills, words),
        ),
        "learning": Summary(
            say("learning.title"), lambda: of_learning(shown.learning.values(), words)
        ),
        "baseline_by_community": Summary(
            say("table.baseline_gap"), lambda: of_held(shown.homes, words)
        ),
        "freshness_by_community": Summary(
            f"{say('freshness.title')} – {say('freshness.by_community')}",
            lambda: of_ages(shown.places, words, "community"),
        ),
    }


def of_homes(homes: Iterable[Home], words: Words) -> Table:
    """Compare what communities can do and lack, as the list of them does."""
    columns = (
        *titled("community", words.plain("word.community")),
        *_columns(
            words,
            ("languages", "word.languages"),
            ("regions", "word.region"),
            ("people", "communities.people"),
            ("able", "communities.able"),
            ("answered", "communities.answered"),
            ("gaps", "communities.all_gaps"),
            ("needs", "communities.all_needs"),
            ("gaps_helped", "communities.gaps"),
            ("needs_helped", "communities.needs"),
        ),
    )
    rows = [
        (
            *both(one.community.community),
            _list(one.community.languages),
            _list(one.community.regions),
            one.community.people,
            one.able,
            one.answered,
            len(one.gaps),
            len(one.needs),
            one.helped,
            one.met,
        )
        for one in homes
    ]
    return Table(columns, tuple(rows))


def of_gaps(homes: Iterable[Home], words: Words, level: str) -> Table:
    """List what is missing where, at which level, and who elsewhere would help."""
    columns = (
        *titled("community", words.plain("word.community")),
        *titled("skill", words.plain("word.skill")),
        Column("level", words.plain("word.level")),
        Column("required", words.plain("coverage.in_baseline")),
        Column("answered", of(words, "community.here", "freshness.answers")),
        Column("able", of(words, "community.everywhere", "coverage.able")),
        Column("assessed", of(words, "community.everywhere", "freshness.answers")),
        Column("helpers", words.plain("community.helpers")),
    )
    rows = [
        (
            *both(home.community.community),
            *both(gap.coverage.skill),
            gap.standard.minimum.label if gap.standard else level,
            int(gap.coverage.required),
            gap.answered,
            None if gap.everywhere.withheld else gap.everywhere.part,
            None if gap.everywhere.withheld else gap.everywhere.whole,
            _list(helper.person.person for helper in gap.helpers),
        )
        for home in homes
        for gap in home.gaps
    ]
    return Table(columns, tuple(rows))


def of_groups(groups: Iterable[GroupRobustness], words: Words) -> Table:
    """Count how many skills of each group are how robust."""
    columns = (
        *titled("group", words.plain("word.group")),
        *(Column(name, words.plain(f"robustness.{name}")) for name in ROBUSTNESS),
        Column("skills", words.plain("robustness.skills")),
    )
    other = words.plain("word.other_group")
    rows = [
        (both(one.group)[0], one.group.label or other, *one.counts, one.skills) for one in groups
    ]
    return Table(columns, tuple(rows))


def of_standards(standards: Iterable[Standard], words: Words, level: str) -> Table:
    """Tell how many reach what the adopted baseline asks for."""
    columns = (
        *titled("skill", words.plain("word.skill")),
        Column("minimum", words.plain("baseline.minimum")),
        Column("able", words.plain("coverage.able")),
        Column("assessed", words.plain("freshness.answers")),
        Column("share", words.plain("coverage.share"), fraction=True),
    )
    rows = [
        (
            *both(one.skill),
            one.minimum.label or level,
            *((None, None, None) if one.withheld else (one.able, one.assessed, share(one))),
        )
        for one in standards
    ]
    return Table(columns, tuple(rows))


def of_held(homes: Iterable[Home], words: Words) -> Table:
    """Count the skills of the baseline that somebody in a community has."""
    columns = (
        *titled("community", words.plain("word.community")),
        Column("held", words.plain("baseline.there")),
        Column("skills", words.plain("robustness.skills")),
    )
    rows = [
        (*both(one.community.community), one.held, len(one.baseline))
        for one in homes
        if one.baseline
    ]
    return Table(columns, tuple(rows))


def of_bands(ages: Ages, words: Words) -> Table:
    """Count the answers by age."""
    counts = [(f"freshness.band_{at}", count) for at, count in enumerate(ages.bands)]
    counts += [("freshness.undated", ages.undated)] if ages.undated else []
    columns = _columns(words, ("age", "freshness.age"), ("answers", "freshness.answers"))
    return Table(columns, tuple((words.plain(name), count) for name, count in counts))


def of_learning(learning: Iterable[Learning], words: Words) -> Table:
    """Count who wants to learn each skill, those with somebody to ask, and who would teach."""
    columns = (
        *titled("skill", words.plain("word.skill")),
        *_columns(
            words,
            ("learners", "learning.learners"),
            ("taught", "learning.taught"),
            ("teachers", "learning.teachers"),
        ),
    )
    ones = sorted(learning, key=lambda one: one.skill.alphabetical)
    rows = [(*both(one.skill), len(one.learners), one.taught, one.teachers) for one in ones]
    return Table(columns, tuple(rows))


def of_learners(learning: Learning, words: Words) -> Table:
    """List who wants to learn a skill, and who could be asked, as the page of the skill does."""
    columns = (
        *titled("person", words.plain("word.person")),
        *_columns(
            words,
            ("communities", "word.community"),
            ("teachers", "learning.from"),
            ("teachers_in_all", "learning.teachers"),
        ),
    )
    rows = [
        (
            *both(one.person.person),
            _list(one.person.communities),
            "; ".join(
                f"{who.person.person.label} ({', '.join(who.languages)})" for who in one.teachers
            ),
            len(one.teachers) + one.more,
        )
        for one in learning.learners
    ]
    return Table(columns, tuple(rows))


def _columns(words: Words, *peopleby: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(_column(words, name, message) for name, message in peopleby)


def _column(words: Words, name: str, message: str) -> Column:
    return Column(name, words.plain(message))


def _list(things: Iterable[Thing]) -> Cell:
    return ", ".join(one.label for one in things)
