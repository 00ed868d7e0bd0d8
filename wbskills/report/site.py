"""The site: static pages about who can do what, made from the answers of the saved queries.

Everything is decided here and nothing is done: whoever calls `pages` writes the files.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wbskills.errors import InvalidValue
from wbskills.model.table import Table
from wbskills.report import facts, heatmap, overview, profiles
from wbskills.report.as_csv import as_csv
from wbskills.report.as_wikitext import as_wikitext
from wbskills.report.figures import fixed
from wbskills.report.reading import read
from wbskills.report.words import Words

# MediaWiki takes no page above 2 MiB; a row of the longest table has some 300 bytes.
LONGEST_WIKITEXT = 5_000

_FOLDER = Path(__file__).resolve().parent
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NAVIGATION = ("index", "map", "coverage", "rare", "people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a site is made from.

    `level` is the label of the level from which on somebody counts as able, `level_number` its
    place on the scale, where the tables have been counted by it. `tables` holds at least
    those of `facts.CONTRACT`; `queries` the bound text of the queries they came from, as
    far as it is to be shown. `notice` stands on top of every page, if it is not empty.
    `interests` are the words that the tables, being in `language`, have for them.
    """

    title: str
    built: datetime
    revision: int
    level: str
    level_number: int = 3
    tables: Mapping[str, Table]
    queries: Mapping[str, str]
    notice: str = ""
    language: str = "en"
    interests: profiles.Interests = field(default_factory=profiles.Interests)


@dataclass(frozen=True, slots=True)
class Page:
    """A file of the site: its path from the site's folder, with `/`, and its bytes."""

    path: str
    body: bytes


class _Files(NamedTuple):
    name: str
    rows: int
    has_wikitext: bool
    query: str


def pages(content: Content) -> Iterator[Page]:
    """Give all files of the site; the same content always gives the same bytes.

    Raises `InvalidValue` if the tables are not what `facts.CONTRACT` asks for, or a table's
    name cannot be that of a file.
    """
    for name in content.tables:
        if not _NAME.fullmatch(name):
            raise InvalidValue(f"“{name}” cannot be the name of a table in the report")
    known = read(content.tables)
    writer = _Writer(content)
    yield from _sections(writer, known, content)
    for profile in profiles.profiles(known, content.interests):
        yield writer.page("person", f"people/{profile.person.person.id}.html", p=profile)
    for skill in profiles.skill_pages(known, content.level_number, content.interests):
        yield writer.page("skill", f"skills/{skill.coverage.skill.id}.html", s=skill)
    yield from _data(content)
    for file in sorted((_FOLDER / "static").iterdir()):
        yield Page(f"static/{file.name}", file.read_bytes())


class _Writer:
    """Holds the templates, compiled once for all pages of a site."""

    def __init__(self, content: Content) -> None:
        words = Words(content.language)
        templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters["one_place"] = _one_place
        templates.globals |= {
            "t": words,
            "site": {
                "title": content.title,
                "notice": content.notice,
                "language": content.language,
                "level": content.level,
                "revision": content.revision,
                "date": _moment(content.built),
                "navigation": _NAVIGATION,
            },
        }
        self._template = {
            name: templates.get_template(f"{name}.html")
            for name in (*_NAVIGATION, "person", "skill")
        }

    def page(self, template: str, path: str, **values: object) -> Page:
        """Write one page."""
        text = self._template[template].render(
            root="../" * path.count("/"), here=template, **values
        )
        return Page(path, text.encode("utf-8", "replace"))


def _sections(writer: _Writer, known: facts.Facts, content: Content) -> Iterator[Page]:
    files = {
        name: _Files(name, len(table), _has_wikitext(table), content.queries.get(name, ""))
        for name, table in content.tables.items()
    }
    yield writer.page("index", "index.html", o=overview.overview(known), files=files)
    yield writer.page(
        "map",
        "map.html",
        m=heatmap.heat_map(known),
        keys=heatmap.KEYS,
        bands=json.dumps(heatmap.BANDS),
        files=files,
    )
    yield writer.page(
        "coverage",
        "coverage.html",
        groups=overview.coverage_by_group(known),
        b=overview.baseline(known),
        few=overview.FEW,
        files=files,
    )
    yield writer.page(
        "rare",
        "rare.html",
        rare=_rare(known),
        nobody=[one for one in known.coverage if not one.able],
        anybody=bool(known.people),
        files=files,
    )
    yield writer.page("people", "people.html", people=known.people, files=files)


def _rare(known: facts.Facts) -> list[tuple[facts.Thing, list[facts.Holder]]]:
    """Put the holders of a rare skill together, the rarest skill first."""
    by_skill = sorted(known.holders, key=lambda one: (one.skill.alphabetical, one.person.id))
    rare = [(skill, list(ones)) for skill, ones in groupby(by_skill, key=lambda one: one.skill)]
    return sorted(rare, key=lambda pair: len(pair[1]))


def _data(content: Content) -> Iterator[Page]:
    for name, table in content.tables.items():
        yield Page(f"data/{name}.csv", as_csv(table).encode("utf-8", "replace"))
        if _has_wikitext(table):
            text = as_wikitext(table, caption=f"{content.title}: {name}")
            yield Page(f"data/{name}.wikitext", text.encode("utf-8", "replace"))


def _has_wikitext(table: Table) -> bool:
    return len(table) <= LONGEST_WIKITEXT


def _moment(when: datetime) -> str:
    zone = f" {when.tzname()}" if when.tzname() else ""
    return f"{when:%Y-%m-%d %H:%M}{zone}"


def _one_place(value: Decimal | None) -> str:
    return "–" if value is None else fixed(value, 1)
