"""The site: static pages about who can do what, made from the answers of the saved queries.

Everything is decided here and nothing is done: whoever calls `pages` writes the files.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from wbskills.data import base_stylesheet
from wbskills.errors import InvalidValue
from wbskills.report import (
    charts,
    freshness,
    heatmap,
    homes,
    learning,
    listings,
    overview,
    profiles,
    speaking,
    summaries,
)
from wbskills.report.as_wikitext import as_wikitext
from wbskills.report.changes import Changes, changes
from wbskills.report.content import Content
from wbskills.report.downloads import downloads
from wbskills.report.facts import Facts, Person
from wbskills.report.headings import caption, stamp
from wbskills.report.listings import told
from wbskills.report.looks import LOOKS
from wbskills.report.reading import read
from wbskills.report.rendering import File, Make, Values, Writer
from wbskills.report.withholding import withhold, without_rows
from wbskills.report.words import Words
from wbskills.table import Table

__all__ = ["Content", "Page", "Report", "pages"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ASKED_ALONE = frozenset({"baseline_gap_person"})  # of one person, for what is asked of all
_FAULTS = 200  # faults shown; the table has all


@dataclass(frozen=True, slots=True)
class Page:
    """A file of the site: its path from the site's folder, with `/`, and its bytes."""

    path: str
    body: bytes


class _Known(NamedTuple):
    """What all pages are made from: `facts` as they are to be shown, and what was told of all."""

    facts: Facts
    changed: Changes | None
    ages: freshness.Ages
    aged: tuple[freshness.Aged, ...]
    homes: tuple[homes.Home, ...]
    aged_homes: Mapping[str, freshness.Ages]
    baseline: overview.Baseline
    vouched: frozenset[tuple[str, str]]
    learning: Mapping[str, learning.Learning]
    languages: tuple[speaking.Language, ...]
    places: tuple[freshness.Aged, ...] = ()


def pages(content: Content) -> Iterator[Page]:
    """Give all files of the site; the same content always gives the same bytes.

    Raises `InvalidValue` as `Report` does.
    """
    report = Report(content)
    for path in report.paths:
        yield Page(path, report.page(path) or b"")


class Report:
    """A site whose files are made one by one, when they are asked for.

    Raises `InvalidValue` if the tables are not what `facts.CONTRACT` asks for, or a table's
    name cannot be that of a file.
    """

    def __init__(self, content: Content) -> None:
        for name in content.tables:
            if not _NAME.fullmatch(name):
                raise InvalidValue(f"“{name}” cannot be the name of a table in the report")
        if content.least:
            shown = withhold(content.tables, content.least)
            content = replace(content, tables=without_rows(content.tables, shown))
        else:
            shown = {k: each for k, each in content.tables.items() if k not in _ASKED_ALONE}
        known = _known(content)
        writer = Writer(
            content,
            shown,
            {
                "ages": known.ages,
                "asked": frozenset(one.skill.id for one in known.facts.coverage),
                "homes": {home.community.community.id for home in known.homes},
            },
        )
        self._files: dict[str, Make] = {}
        of_all = (
            _sections(writer, known, content),
            downloads(writer, shown, known.facts, known.changed, content),
            (
                (f"static/{file.name}", partial(_read, file))
                for file in sorted(
                    [base_stylesheet(), *LOOKS.iterdir()], key=lambda file: file.name
                )
            ),
        )
        of_each = (
            _homes(writer, known, content),
            _languages(writer, known, content.levels),
            _people(writer, known, content),
            _skills(writer, known, content),
            _summaries(writer, known, content),
        )
        for files in of_all if content.least else (*of_all, *of_each):
            self._files.update(files)

    @property
    def paths(self) -> tuple[str, ...]:
        """List the paths of all files, from the site's folder."""
        return tuple(self._files)

    def page(self, path: str) -> bytes | None:
        """Make one file; None if the site has none at that path."""
        pieces = self.pieces(path)
        return None if pieces is None else b"".join(pieces)

    def pieces(self, path: str) -> Iterable[bytes] | None:
        """Make one file piece by piece, as the longest would fill a hundred megabytes."""
        make = self._files.get(path)
        return None if make is None else make()


def _read(file: Path) -> Iterable[bytes]:
    yield file.read_bytes()


def _known(content: Content) -> _Known:
    facts = read(content.tables)
    today, level = content.built.date(), content.level_number
    vouched = freshness.endorsed(facts)
    asked_for = overview.standards(facts, content.levels)
    known = _Known(
        facts,
        changes(facts),
        freshness.ages((one for one in facts.said if one.current), today, vouched),
        freshness.by_skill(facts, today, vouched),
        tuple(homes.homes(facts, level, content.offers, content.steps, content.away, asked_for)),
        freshness.by_community(facts, today, vouched),
        overview.baseline(facts, asked_for),
        vouched,
        learning.learning(facts, content.offers, content.interests.wants_to_learn, content.away),
        speaking.languages(facts),
    )
    return known._replace(places=tuple(_places(known)))


def _sections(writer: Writer, known: _Known, content: Content) -> Iterator[File]:
    pictures = _pictures(writer, known, content)
    summed_up = {} if content.least else _summed_up(writer.words, known, content)
    shown_tables = {name: one.title for name, one in summed_up.items()}
    for name, shown in _values(known, content).items():
        if name in writer.shown:
            values = {**shown, "picture": pictures.get(name), "summaries": shown_tables}
            yield writer.page(name, f"{name}.html", partial(_given, values))
    for picture in (one for name, one in pictures.items() if one and name in writer.shown):
        yield f"charts/{picture.name}.svg", partial(iter, [picture.svg])


def _summaries(writer: Writer, known: _Known, content: Content) -> Iterator[File]:
    for name, one in _summed_up(writer.words, known, content).items():
        title = caption(content, writer.words, one.title, one.level)
        yield from writer.table(f"data/{name}", one.table, title, told)


def _summed_up(words: Words, known: _Known, content: Content) -> Mapping[str, summaries.Summary]:
    shown = summaries.Shown(
        known.homes,
        overview.robustness(known.facts, content.steps),
        known.baseline.required,
        known.ages,
        known.aged,
        known.places,
        known.learning,
    )
    return summaries.summaries(shown, words, content.level)


def _pictures(
    writer: Writer, known: _Known, content: Content
) -> Mapping[str, charts.Chart | None]:
    few = overview.least_answers(known.facts)
    ranked = sorted(
        (
            bar
            for group in overview.coverage_by_group(known.facts)
            for _, bar in group.skills
            if bar.whole >= few
        ),
        key=lambda bar: (-Decimal(bar.part) / bar.whole, -bar.whole, bar.thing.alphabetical),
    )
    return {
        "coverage": charts.coverage(ranked, writer.words),
        "rare": charts.robustness(overview.robustness(known.facts, content.steps), writer.words),
        "change": charts.change(known.changed, writer.words) if known.changed else None,
        "freshness": charts.freshness(known.ages, writer.words),
    }


def _values(known: _Known, content: Content) -> Mapping[str, Values]:
    """Give what the pages show that stand at the top of the site."""
    facts = known.facts
    figures = overview.overview(
        facts, known.changed, content.offers, content.steps, content.common
    )
    return {
        "index": {
            "o": figures,
            "b": known.baseline,
            "common": content.common,
            "gaps": sum(len(home.gaps) for home in known.homes),
            "helped": sum(home.helped for home in known.homes),
            "needs": sum(len(home.needs) for home in known.homes),
            "met": sum(home.met for home in known.homes),
            "shared": sum(home.shared for home in known.homes),
            "needy": sum(bool(home.needs) for home in known.homes),
        },
        "map": {
            "m": heatmap.heat_map(facts),
            "keys": heatmap.KEYS,
            "bands": json.dumps(heatmap.BANDS),
            "levels": [*enumerate(content.levels)][1:] or [(content.level_number, content.level)],
            "least": content.level_number,
        },
        "coverage": {"groups": overview.coverage_by_group(facts)},
        "communities": {"all": known.homes},
        "languages": {"all": known.languages},
        "people": {"people": facts.people},
        "learning": {
            "all": sorted(known.learning.values(), key=lambda one: one.skill.alphabetical)
        },
        "baseline": {
            "b": known.baseline,
            "common": content.common,
            "places": [home for home in known.homes if home.baseline],
        },
        "rare": {
            "rare": overview.rare(facts),
            "groups": overview.robustness(facts, content.steps),
            "robustness": overview.ROBUSTNESS,
            "risky": facts.at_risk,
            "nobody": [one for one in facts.coverage if not one.able and not one.withheld],
            "anybody": bool(facts.people),
            "candidates": facts.candidates,
        },
        "change": {"c": known.changed},
        "freshness": {
            "skills": known.aged, "places": known.places, "waves": facts.waves
        },
        "reading": {"latest": figures.latest},
        "data": {},
        "quality": {
            "faults": [one for one in facts.faults if one.item.id][:_FAULTS],
            "kinds": Counter(one.check for one in facts.faults),
            "all": len(facts.faults),
            "known": frozenset(one.person.id for one in facts.people),
        },
    }  # fmt: skip


def _places(known: _Known) -> list[freshness.Aged]:
    found = known.aged_homes
    aged = [
        freshness.Aged(home.community.community, found[home.community.community.id])
        for home in known.homes
        if home.community.community.id in found
    ]
    return sorted(aged, key=lambda one: (-(one.ages.median or 0), one.thing.alphabetical))


def _given(values: Values) -> Values:
    return values


def _homes(writer: Writer, known: _Known, content: Content) -> Iterator[File]:
    found = known.aged_homes
    for home in known.homes:
        thing = home.community.community
        values = {
            "h": home,
            "ages": found.get(thing.id, known.ages),
            "unasked": known.baseline.unasked,
        }
        yield writer.page("community", f"communities/{thing.id}.html", partial(_given, values))
        table = partial(listings.of_home, home, writer.words, content.level)
        title = f"{thing.label} – {writer.words.plain('community.strengths')}, "
        title += writer.words.plain("community.gaps")
        named = caption(content, writer.words, title)
        yield from writer.table(f"data/communities/{thing.id}", table, named, told)


def _languages(writer: Writer, known: _Known, levels: tuple[str, ...]) -> Iterator[File]:
    for one in known.languages:
        name = f"languages/{one.language.id}.html"
        values = {"l": one, "levels": levels}
        yield writer.page("language", name, partial(_given, values))


def _people(writer: Writer, known: _Known, content: Content) -> Iterator[File]:
    maker = profiles.Profiles(known.facts, content.interests, content.levels)
    today = content.built.date()
    latest = lru_cache(maxsize=1)(maker.page)  # for the page and then its table

    def values(person: Person) -> Values:
        profile = latest(person)
        named = f"{person.person.label}. {stamp(content, writer.words)}"
        said = (one for one in maker.said.get(person.person.id, ()) if one.current)
        return {
            "p": profile,
            "ages": freshness.ages(said, today, known.vouched),
            "wikitext": as_wikitext(told(table(person)), caption=named),
        }

    def table(person: Person) -> Table:
        return listings.of_person(latest(person), writer.words)

    for person in known.facts.people:
        name = person.person.id
        yield writer.page("person", f"people/{name}.html", partial(values, person))
        yield writer.csv(f"data/people/{name}", partial(table, person))


def _skills(writer: Writer, known: _Known, content: Content) -> Iterator[File]:
    aged = {one.thing.id: one.ages for one in known.aged}

    @cache
    def found() -> dict[str, profiles.SkillPage]:
        everything = profiles.skill_pages(known.facts, content.level_number, content.interests)
        return {page.coverage.skill.id: page for page in everything}

    def values(name: str) -> Values:
        return {
            "s": found()[name],
            "ages": aged.get(name, known.ages),
            "learning": known.learning.get(name),
        }

    @lru_cache(maxsize=1)  # for CSV and then wikitext
    def table(name: str) -> Table:
        return listings.of_skill(found()[name], writer.words)

    for one in known.facts.coverage:
        name = one.skill.id
        yield writer.page("skill", f"skills/{name}.html", partial(values, name))
        named = partial(caption, content, writer.words)
        yield from writer.table(
            f"data/skills/{name}",
            partial(table, name),
            named(one.skill.label, content.level),
            told,
        )
        if learners := known.learning.get(name):
            title = f"{one.skill.label} – {writer.words.plain('skill.learning')}"
            listed = partial(summaries.of_learners, learners, writer.words)
            yield from writer.table(f"data/skills/{name}_learning", listed, named(title), told)
