"""The site: static pages about who can do what, made from the answers of the saved queries.

Everything is decided here and nothing is done: whoever calls `pages` writes the files.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from wbskills.errors import InvalidValue
from wbskills.model.table import Column, Table
from wbskills.report import charts, freshness, heatmap, homes, listings, overview, profiles
from wbskills.report.as_csv import as_csv
from wbskills.report.as_wikitext import as_wikitext
from wbskills.report.changes import Changes, changes
from wbskills.report.facts import PERSONAL, Facts
from wbskills.report.looks import LOOKS
from wbskills.report.reading import read
from wbskills.report.withholding import withhold
from wbskills.report.words import Words

# MediaWiki takes no page above 2 MiB; a row of the longest table has some 300 bytes.
LONGEST_WIKITEXT = 5_000

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NAVIGATION = (
    "index", "map", "coverage", "communities", "people",
    "baseline", "rare", "change", "freshness", "reading",
)  # fmt: skip
_SINGLE = ("person", "skill", "community", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a site is made from.

    `level` is the label of the level from which on somebody counts as able, `level_number` its
    place on the scale, where the tables have been counted by it; `levels` are the labels of the
    scale from 0 on. `tables` holds at least those of `facts.CONTRACT`; `queries` the bound text
    of the queries they came from, and `notes` how to read them, as far as these are to be
    shown. `notice` stands on top of every page, if it is not empty. `interests` are the words
    that the tables, being in `language`, have for them. If `least` is above 0, nobody is named,
    and no number is shown that counts fewer people.
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
    interests: profiles.Interests = field(default_factory=profiles.Interests)
    steps: overview.Steps = field(default_factory=overview.Steps)
    least: int = 0

    @property
    def offers(self) -> frozenset[str]:
        """The words for being willing to help."""
        return frozenset({self.interests.can_help, self.interests.can_teach})


@dataclass(frozen=True, slots=True)
class Page:
    """A file of the site: its path from the site's folder, with `/`, and its bytes."""

    path: str
    body: bytes


class _File(NamedTuple):
    name: str
    title: Markup | str
    rows: int
    has_wikitext: bool
    query: str
    note: str
    columns: tuple[Column, ...]


class _Known(NamedTuple):
    """What all pages are made from: `facts` as they are to be shown, and what was told of all."""

    facts: Facts
    changed: Changes | None
    ages: freshness.Ages
    aged: tuple[freshness.Aged, ...]
    homes: tuple[homes.Home, ...]
    baseline: overview.Baseline
    vouched: frozenset[tuple[str, str]]


def pages(content: Content) -> Iterator[Page]:
    """Give all files of the site; the same content always gives the same bytes.

    Raises `InvalidValue` if the tables are not what `facts.CONTRACT` asks for, or a table's
    name cannot be that of a file.
    """
    for name in content.tables:
        if not _NAME.fullmatch(name):
            raise InvalidValue(f"“{name}” cannot be the name of a table in the report")
    tables = withhold(content.tables, content.least) if content.least else content.tables
    known = _known(content, tables)
    shown = {
        name: table for name, table in tables.items() if not (content.least and name in PERSONAL)
    }
    writer = _Writer(content, known, shown)
    yield from _sections(writer, known, content)
    yield from _homes(writer, known, content)
    yield from _people(writer, known, content)
    yield from _skills(writer, known, content)
    for name, table in shown.items():
        yield from writer.table(f"data/{name}", table, f"{content.title}: {name}")
    for file in sorted(LOOKS.iterdir()):
        yield Page(f"static/{file.name}", file.read_bytes())


def _known(content: Content, tables: Mapping[str, Table]) -> _Known:
    everything = read(content.tables)
    facts = read(tables) if content.least else everything
    today, level = content.built.date(), content.level_number
    vouched = freshness.endorsed(everything)
    changed = changes(everything)
    aged = freshness.by_skill(everything, today, vouched)
    if content.least:
        aged = tuple(one for one in aged if one.ages.people >= content.least)
        changed = changed.of_at_least(content.least) if changed else None
    return _Known(
        facts,
        changed,
        freshness.ages((one for one in everything.said if one.current), today, vouched),
        aged,
        tuple(homes.homes(facts, level, content.offers, content.steps)),
        overview.baseline(facts),
        vouched,
    )


class _Writer:
    """Holds the templates, compiled once for all pages of a site."""

    def __init__(self, content: Content, known: _Known, tables: Mapping[str, Table]) -> None:
        self.words = words = Words(content.language)
        templates = Environment(
            loader=FileSystemLoader(LOOKS.with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters["number"] = Decimal
        navigation = [name for name in _NAVIGATION if not (content.least and name == "people")]
        templates.globals |= {
            "t": words,
            "site": {
                "title": content.title,
                "notice": content.notice,
                "language": content.language,
                "level": content.level,
                "revision": str(content.revision),
                "date": _moment(content.built),
                "navigation": navigation,
                "least": content.least,
                "sound": content.steps.sound,
            },
            "ages": known.ages,
            "steps": content.steps,
            "homes": {home.community.community.id for home in known.homes},
            "files": {name: _file(name, tables[name], content, words) for name in tables},
        }
        self._template = {
            name: templates.get_template(f"{name}.html") for name in (*navigation, *_SINGLE)
        }

    def page(self, template: str, path: str, **values: object) -> Page:
        """Write one page."""
        text = self._template[template].render(
            root="../" * path.count("/"), here=template, **values
        )
        return Page(path, text.encode("utf-8", "replace"))

    def table(self, path: str, table: Table, caption: str) -> Iterator[Page]:
        """Write a table as CSV and, if a wiki can hold it, as wikitext."""
        yield Page(f"{path}.csv", as_csv(table).encode("utf-8", "replace"))
        if _has_wikitext(table):
            text = as_wikitext(table, caption=caption)
            yield Page(f"{path}.wikitext", text.encode("utf-8", "replace"))


def _sections(writer: _Writer, known: _Known, content: Content) -> Iterator[Page]:
    facts = known.facts
    by_group = overview.coverage_by_group(facts)
    robust = overview.robustness(facts, content.steps)
    figures = overview.overview(facts, known.changed, content.offers, content.steps)
    ranked = sorted(
        (bar for group in by_group for _, bar in group.skills if bar.whole >= figures.few),
        key=lambda bar: (-Decimal(bar.part) / bar.whole, -bar.whole, bar.thing.alphabetical),
    )
    pictures = {
        "coverage": charts.coverage(ranked, writer.words),
        "rare": charts.robustness(robust, writer.words),
        "change": charts.change(known.changed, writer.words) if known.changed else None,
        "freshness": charts.freshness(known.ages, writer.words),
    }
    values: dict[str, dict[str, object]] = {
        "index": {
            "o": figures,
            "b": known.baseline,
            "gaps": sum(len(home.gaps) for home in known.homes),
            "helped": sum(home.helped for home in known.homes),
        },
        "map": {
            "m": heatmap.heat_map(facts),
            "keys": heatmap.KEYS,
            "bands": json.dumps(heatmap.BANDS),
            "levels": [*enumerate(content.levels)][1:] or [(content.level_number, content.level)],
            "least": content.level_number,
        },
        "coverage": {"groups": by_group},
        "communities": {"all": known.homes},
        "people": {"people": facts.people},
        "baseline": {"b": known.baseline, "few": overview.FEW},
        "rare": {
            "rare": overview.rare(facts),
            "groups": robust,
            "robustness": overview.ROBUSTNESS,
            "nobody": [one for one in facts.coverage if not one.able and not one.withheld],
            "anybody": bool(facts.people),
            "candidates": [one for one in facts.candidates if one.people >= content.least],
        },
        "change": {"c": known.changed},
        "freshness": {"skills": known.aged, "places": _places(known, content),
                      "waves": facts.waves},
        "reading": {"latest": figures.latest},
        "data": {},
    }  # fmt: skip
    for name in (*_NAVIGATION, "data"):
        if not (content.least and name == "people"):
            yield writer.page(name, f"{name}.html", picture=pictures.get(name), **values[name])
    for picture in filter(None, pictures.values()):
        yield Page(f"charts/{picture.name}.svg", picture.svg)
    table = listings.of_ages(known.aged, writer.words)
    title = f"{content.title}: {writer.words.plain('freshness.title')}"
    yield from writer.table("data/freshness_by_skill", table, title)


def _places(known: _Known, content: Content) -> list[freshness.Aged]:
    if content.least:
        return []
    found = freshness.by_community(known.facts, content.built.date(), known.vouched)
    aged = [
        freshness.Aged(home.community.community, found[home.community.community.id])
        for home in known.homes
        if home.community.community.id in found
    ]
    return sorted(aged, key=lambda one: (-(one.ages.median or 0), one.thing.alphabetical))


def _homes(writer: _Writer, known: _Known, content: Content) -> Iterator[Page]:
    found = freshness.by_community(known.facts, content.built.date(), known.vouched)
    for home in known.homes:
        thing = home.community.community
        ages = found.get(thing.id, known.ages)
        yield writer.page("community", f"communities/{thing.id}.html", h=home, ages=ages)
        table = listings.of_home(home, writer.words)
        yield from writer.table(f"data/communities/{thing.id}", table, thing.label)


def _people(writer: _Writer, known: _Known, content: Content) -> Iterator[Page]:
    found = freshness.by_person(known.facts, content.built.date(), known.vouched)
    for profile in profiles.profiles(known.facts, content.interests):
        person = profile.person.person
        ages = found.get(person.id, known.ages)
        yield writer.page("person", f"people/{person.id}.html", p=profile, ages=ages)
        table = listings.of_person(profile, writer.words)
        yield from writer.table(f"data/people/{person.id}", table, person.label)


def _skills(writer: _Writer, known: _Known, content: Content) -> Iterator[Page]:
    found = {one.thing.id: one.ages for one in known.aged}
    for page in profiles.skill_pages(known.facts, content.level_number, content.interests):
        skill = page.coverage.skill
        ages = found.get(skill.id, known.ages)
        yield writer.page("skill", f"skills/{skill.id}.html", s=page, ages=ages)
        if not content.least:
            table = listings.of_skill(page, writer.words)
            yield from writer.table(f"data/skills/{skill.id}", table, skill.label)


def _file(name: str, table: Table, content: Content, words: Words) -> _File:
    return _File(
        name,
        words(f"table.{name}") if words.knows(f"table.{name}") else name,
        len(table),
        _has_wikitext(table),
        content.queries.get(name, ""),
        content.notes.get(name, ""),
        table.columns,
    )


def _has_wikitext(table: Table) -> bool:
    return len(table) <= LONGEST_WIKITEXT


def _moment(when: datetime) -> str:
    zone = f" {when.tzname()}" if when.tzname() else ""
    return f"{when:%Y-%m-%d %H:%M}{zone}"
