"""What tables are called, and their columns, where people read them: in a wiki."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from wbskills.report.content import Content
from wbskills.report.reading import LEVELS
from wbskills.report.words import Words
from wbskills.table import Column, Table

_LABEL: Final = "Label"

# The words of the pages, by the names that columns of items, their labels and numbers have.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(words.split(" + "))
    for name, words in {
        "skill": "word.skill",
        "group": "word.group",
        "community": "word.community",
        "person": "word.person",
        "level": "word.level",
        "wave": "word.wave",
        "language": "word.language",
        "region": "word.region",
        "languages": "word.languages",
        "time_zone": "word.time_zone",
        "availability": "word.availability",
        "interests": "word.would",
        "minimum": "baseline.minimum",
        "target": "word.level",
        "required": "coverage.in_baseline",
        "able": "coverage.able",
        "assessed": "freshness.answers",
        "answers": "freshness.answers",
        "assessments": "freshness.answers",
        "people": "communities.people",
        "share": "coverage.share",
        "mean": "coverage.mean",
        "not_sure": "coverage.not_sure",
        "does_not_apply": "coverage.does_not_apply",
        "date": "person.on",
        "latest": "people.latest",
        "start": "freshness.start",
        "end": "freshness.end",
        "holders": "risk.holders",
        "away": "risk.away",
        "learners": "risk.learners",
        "rating": "community.rating",
        "declared": "community.as_declared",
        "computed": "community.as_computed",
        "check": "quality.rule",
        "detail": "quality.about",
        "up": "change.up",
        "down": "change.down",
        "able_before": "change.all_before + coverage.able",
        "able_after": "change.all_after + coverage.able",
        "assessed_before": "change.all_before + freshness.answers",
        "assessed_after": "change.all_after + freshness.answers",
        "share_before": "change.all_before + coverage.share",
        "share_after": "change.all_after + coverage.share",
        "both_able_before": "change.same_before + coverage.able",
        "both_able_after": "change.same_after + coverage.able",
    }.items()
}
# Where a name means something else than in other tables.
_OWN: Final = {
    ("rare_skills", "holders"): ("rare.holders",),
    ("responses_per_wave", "share"): ("freshness.rate",),
    ("responses_per_wave", "people"): ("freshness.people",),
}


def headed(name: str, table: Table, words: Words, levels: Sequence[str] = ()) -> Table:
    """Head the columns of a table in the language of the site, as far as it has the words.

    `levels` are the labels of the scale from 0 on, for columns that count people by level.
    """
    counted = dict(zip(LEVELS, levels, strict=True)) if len(levels) == len(LEVELS) else {}
    return Table(
        tuple(_headed(name, column, words, counted) for column in table.columns), table.rows
    )


def _headed(table: str, column: Column, words: Words, levels: Mapping[str, str]) -> Column:
    name = column.name.removesuffix(_LABEL)
    if name in levels:
        return replace(column, heading=levels[name])
    messages = _OWN.get((table, name)) or _WORDS.get(name)
    return replace(column, heading=of(words, *messages)) if messages else column


def of(words: Words, *messages: str) -> str:
    """Head a column by messages, the more general first: “Everywhere: Able”."""
    return ": ".join(words.plain(message) for message in messages)


def caption(content: Content, words: Words, title: str, level: str = "") -> str:
    """Call a table what it is, from which level on it counts people, whose it is and as of when.

    Whoever reads it in a wiki has nothing else to tell this from.
    """
    named = f"{title} ({words.plain('data.level', level=level)})" if level else title
    return f"{content.title}: {named}. {stamp(content, words)}"


def stamp(content: Content, words: Words) -> str:
    """Tell as of which day a site is."""
    return words.plain("site.stamp", date=content.built.date(), revision=str(content.revision))
