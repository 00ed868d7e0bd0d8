"""The report site: static pages made from the answers of the saved queries.

Nothing is written here: `Report` returns the bytes of its files.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Final

from wbskills.data import base_stylesheet
from wbskills.errors import InvalidValue
from wbskills.report import capacity_map, charts, freshness, overview, page_tables
from wbskills.report.as_wikitext import as_wikitext
from wbskills.report.content import Analysis, Content, analyse, without_people
from wbskills.report.downloads import caption, downloads, stamp
from wbskills.report.facts import Person
from wbskills.report.page_tables import Summary, without_empty_columns
from wbskills.report.people_pages import PersonPages, SkillPage, skill_pages
from wbskills.report.rendering import STATIC_DIR, File, Make, SiteWriter, Values
from wbskills.table import Table

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_NOT_OFFERED: Final = frozenset({"baseline_gap_person"})  # of one person, for the baseline
_BROKEN_RULES: Final = 200  # shown on the page; the table has all


class Report:
    """A site whose files are made one by one, when they are asked for.

    The same content always gives the same bytes. Raises `InvalidValue` if the tables are not
    those that `facts.CONTRACT` lists, or if a table's name cannot be that of a file.
    """

    def __init__(self, content: Content) -> None:
        for name in content.tables:
            if not _NAME.fullmatch(name):
                raise InvalidValue(f"“{name}” cannot be the name of a table in the report")
        if content.withhold_below:
            content, offered = without_people(content)
        else:
            offered = {k: each for k, each in content.tables.items() if k not in _NOT_OFFERED}
        known = analyse(content)
        writer = SiteWriter(
            content,
            offered,
            {
                "ages": known.ages,
                "asked": frozenset(one.skill.id for one in known.facts.coverage),
                "homes": {page.item.id for page in known.communities},
            },
        )
        summaries = page_tables.summaries(known, writer.t)
        files = [
            *_main_pages(writer, known, content, summaries),
            *downloads(writer, offered, known.facts, known.changed, content),
            *_static_files(),
        ]
        if not content.withhold_below:
            files += _community_files(writer, known, content)
            files += _language_files(writer, known, content)
            files += _person_files(writer, known, content)
            files += _skill_files(writer, known, content)
            for name, one in summaries.items():
                title = caption(content, writer.t, one.title, one.level)
                files += writer.table(f"data/{name}", one.table, title, without_empty_columns)
        self._files: dict[str, Make] = dict(files)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all files, relative to the site's folder, with “/”."""
        return tuple(self._files)

    def page(self, path: str) -> bytes | None:
        """Return one file; None if the site has none at that path."""
        pieces = self.pieces(path)
        return None if pieces is None else b"".join(pieces)

    def pieces(self, path: str) -> Iterable[bytes] | None:
        """Return one file piece by piece, as the longest has a hundred megabytes."""
        make = self._files.get(path)
        return None if make is None else make()


def _main_pages(
    writer: SiteWriter, known: Analysis, content: Content, summaries: Mapping[str, Summary]
) -> Iterator[File]:
    pictures = _pictures(writer, known)
    titles = {} if content.withhold_below else {k: one.title for k, one in summaries.items()}
    for name, shown in _values(known, content).items():
        if writer.shows(name):
            values = {**shown, "picture": pictures.get(name), "summaries": titles}
            yield writer.page(name, f"{name}.html", partial(_same, values))
    for name, picture in pictures.items():
        if picture and writer.shows(name):
            yield f"charts/{picture.name}.svg", partial(iter, [picture.svg])


def _static_files() -> Iterator[File]:
    files = [base_stylesheet(), *STATIC_DIR.iterdir()]
    for file in sorted(files, key=lambda file: file.name):
        yield f"static/{file.name}", partial(_read, file)


def _pictures(writer: SiteWriter, known: Analysis) -> Mapping[str, charts.Chart | None]:
    few = overview.enough_answers(known.facts)
    bars = (overview.skill_bar(one) for one in known.facts.coverage if one.assessed >= few)
    ranked = sorted(
        bars, key=lambda bar: (-Decimal(bar.part) / bar.whole, -bar.whole, bar.item.sort_key)
    )
    return {
        "coverage": charts.coverage(ranked, writer.t),
        "rare": charts.robustness(known.robustness, writer.t),
        "change": charts.change(known.changed, writer.t) if known.changed else None,
        "freshness": charts.freshness(known.ages, writer.t),
    }


def _values(known: Analysis, content: Content) -> Mapping[str, Values]:
    """Return what the templates of the main pages show, by the name of the template."""
    facts, communities = known.facts, known.communities
    figures = overview.overview(
        facts, known.changed, content.interests.offers, content.robustness, content.common
    )
    return {
        "index": {
            "o": figures,
            "b": known.baseline,
            "common": content.common,
            "gaps": sum(len(page.gaps) for page in communities),
            "helped": sum(page.helped for page in communities),
            "needs": sum(len(page.needs) for page in communities),
            "met": sum(page.met for page in communities),
            "shared": sum(page.shared for page in communities),
            "with_needs": sum(bool(page.needs) for page in communities),
        },
        "map": {
            "m": capacity_map.capacity_map(facts),
            "keys": capacity_map.KEYS,
            "bands": json.dumps(capacity_map.BANDS),
            "levels": [*enumerate(content.levels)][1:] or [(content.level_number, content.level)],
            "level_number": content.level_number,
        },
        "coverage": {"groups": overview.coverage_by_group(facts)},
        "communities": {"all": communities},
        "languages": {"all": known.languages},
        "people": {"people": facts.people},
        "learning": {"all": sorted(known.learning.values(), key=lambda one: one.skill.sort_key)},
        "baseline": {
            "b": known.baseline,
            "common": content.common,
            "communities": [page for page in communities if page.baseline],
        },
        "rare": {
            "rare": overview.rare_skills(facts),
            "groups": known.robustness,
            "robustness": overview.ROBUSTNESS,
            "at_risk": facts.at_risk,
            "nobody": [one for one in facts.coverage if not one.able],
            "has_people": bool(facts.people),
            "candidates": facts.candidates,
        },
        "change": {"c": known.changed},
        "freshness": {
            "skills": known.skill_ages,
            "communities": known.community_ages,
            "waves": facts.waves,
        },
        "reading": {"latest": figures.latest},
        "data": {},
        "quality": {
            "broken": [broken_rule for broken_rule in facts.broken_rules if broken_rule.item.id][
                :_BROKEN_RULES
            ],
            "kinds": Counter(broken_rule.check for broken_rule in facts.broken_rules),
            "all": len(facts.broken_rules),
            "known": frozenset(person.person.id for person in facts.people),
        },
    }


def _community_files(writer: SiteWriter, known: Analysis, content: Content) -> Iterator[File]:
    ages = {community_age.item.id: community_age.ages for community_age in known.community_ages}
    strengths, gaps = (writer.t.plain(f"community.{name}") for name in ("strengths", "gaps"))
    for page in known.communities:
        name = page.item.id
        values = {
            "h": page,
            "ages": ages.get(name, known.ages),
            "unasked": known.baseline.unasked,
        }
        yield writer.page("community", f"communities/{name}.html", partial(_same, values))
        table = partial(page_tables.community_table, page, writer.t, content.level)
        title = caption(content, writer.t, f"{page.item.label} – {strengths}, {gaps}")
        yield from writer.table(f"data/communities/{name}", table, title, without_empty_columns)


def _language_files(writer: SiteWriter, known: Analysis, content: Content) -> Iterator[File]:
    for page in known.languages:
        values = {"l": page, "levels": content.levels}
        path = f"languages/{page.language.id}.html"
        yield writer.page("language", path, partial(_same, values))


def _person_files(writer: SiteWriter, known: Analysis, content: Content) -> Iterator[File]:
    pages = PersonPages(known.facts, content.interests, content.levels)
    today = content.built.date()
    page_of = lru_cache(maxsize=1)(pages.page)  # for the page and then its table

    def table(person: Person) -> Table:
        return page_tables.person_table(page_of(person), writer.t)

    def values(person: Person) -> Values:
        title = f"{person.person.label}. {stamp(content, writer.t)}"
        current = (answer for answer in pages.answers.get(person.person.id, ()) if answer.current)
        return {
            "p": page_of(person),
            "ages": freshness.ages(current, today, known.endorsed),
            "wikitext": as_wikitext(without_empty_columns(table(person)), caption=title),
        }

    for person in known.facts.people:
        name = person.person.id
        yield writer.page("person", f"people/{name}.html", partial(values, person))
        yield writer.csv(f"data/people/{name}", partial(table, person))


def _skill_files(writer: SiteWriter, known: Analysis, content: Content) -> Iterator[File]:
    ages = {skill_age.item.id: skill_age.ages for skill_age in known.skill_ages}
    named = partial(caption, content, writer.t)

    @cache
    def pages() -> dict[str, SkillPage]:
        found = skill_pages(known.facts, content.level_number, content.interests)
        return {page.coverage.skill.id: page for page in found}

    def values(name: str) -> Values:
        return {
            "s": pages()[name],
            "ages": ages.get(name, known.ages),
            "learning": known.learning.get(name),
        }

    @lru_cache(maxsize=1)  # for CSV and then wikitext
    def table(name: str) -> Table:
        return page_tables.skill_table(pages()[name], writer.t)

    for one in known.facts.coverage:
        name = one.skill.id
        yield writer.page("skill", f"skills/{name}.html", partial(values, name))
        yield from writer.table(
            f"data/skills/{name}",
            partial(table, name),
            named(one.skill.label, content.level),
            without_empty_columns,
        )
        if learners := known.learning.get(name):
            title = named(f"{one.skill.label} – {writer.t.plain('skill.learning')}")
            listed = partial(page_tables.learners_table, learners, writer.t)
            yield from writer.table(
                f"data/skills/{name}_learning", listed, title, without_empty_columns
            )


def _same(values: Values) -> Values:
    return values


def _read(file: Path) -> Iterable[bytes]:
    yield file.read_bytes()
