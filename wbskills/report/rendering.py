"""How the files of the site are written: pages from templates, tables as CSV and wikitext."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from wbskills.report.as_data import csv_lines
from wbskills.report.as_wikitext import as_wikitext
from wbskills.report.content import Content
from wbskills.report.facts import Thing
from wbskills.report.looks import LOOKS
from wbskills.report.words import Words
from wbskills.table import Column, Table

# MediaWiki takes no page above 2 MiB; a row of the longest table has some 300 bytes.
LONGEST_WIKITEXT = 5_000
GRIDS = frozenset({"capacity_map", "capacity_map_groups"})  # a row for each community

_NAVIGATION = (
    "index", "map", "coverage", "communities", "languages", "people", "learning",
    "baseline", "rare", "change", "freshness", "reading",
)  # fmt: skip
_ASIDE = ("data", "quality")  # pages that others link to
_SINGLE = ("person", "skill", "community", "language")
_OF_NOBODY = frozenset({"index", "coverage", "reading", "data"})  # of a site that names nobody
# Macros that say nothing but what they are given, and that on thousands of pages.
_KEPT = ("top", "person", "list", "day", "said", "aside", "lacks", "data")
_PEOPLE = 300  # people named on the page of a skill; its table has all

Make = Callable[[], Iterable[bytes]]  # a file, piece by piece
File = tuple[str, Make]
Values = Mapping[str, object]


class _File(NamedTuple):
    name: str
    title: Markup | str
    rows: Markup
    has_wikitext: bool
    query: str
    note: str
    columns: tuple[Column, ...]


class Writer:
    """Gives the files of one site; its templates are compiled once, and all know what is `given`.

    Nothing is written before it is asked for.
    """

    def __init__(
        self, content: Content, tables: Mapping[str, Table], given: Mapping[str, object]
    ) -> None:
        self.words = words = Words(content.language)
        templates = Environment(
            loader=FileSystemLoader(LOOKS.with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # else each import in each page looks at the file again
        )
        templates.filters["number"] = Decimal
        self.shown = frozenset(
            name for name in (*_NAVIGATION, *_ASIDE) if name in _OF_NOBODY or not content.least
        )
        templates.globals |= {
            "t": words,
            "site": {
                "title": content.title,
                "notice": content.notice,
                "language": content.language,
                "level": content.level,
                "stamp": words(
                    "site.stamp", date=words.moment(content.built), revision=str(content.revision)
                ),
                "navigation": [name for name in _NAVIGATION if name in self.shown],
                "pages": self.shown,
                "least": content.least,
                "sound": content.steps.sound,
            },
            "skill": cache(_skill_link),
            "named": _PEOPLE,
            "steps": content.steps,
            "files": {name: _file(name, tables[name], content, words) for name in tables},
            **given,
        }
        parts = vars(templates.get_template("parts.html").module)
        kept: dict[str, Callable[..., Markup]] = {
            name: lru_cache(maxsize=1 << 16)(parts[name]) for name in _KEPT
        }
        data = kept["data"]
        kept["data"] = lambda names, root: data(tuple(names), root)
        parts |= kept
        # Pages of which there are thousands do without an import, which costs more than a table.
        templates.globals |= {name: kept[name] for name in ("top", "data")}
        # A filter is called straight away; whatever else is called goes a long way.
        templates.filters |= {
            "day": words.time,
            "skill": templates.globals["skill"],
            "said": lambda s, would, before: kept["said"](
                s.skill,
                s.level,
                s.step,
                s.interests if would else None,
                s.earlier if before else None,
            ),
            "aside": lambda s: kept["aside"](s.skill, s.level, s.on),
            "lacks": lambda one: kept["lacks"](one.demand, one.level),
            "tell": _tell,
        }
        self._template = {
            name: templates.get_template(f"{name}.html") for name in (*self.shown, *_SINGLE)
        }

    def page(self, template: str, path: str, values: Callable[[], Values]) -> File:
        """Give a page, to be written when it is asked for."""

        def make() -> Iterable[bytes]:
            given = {"root": "../" * path.count("/"), "here": template, **values()}
            return _encoded([self._template[template].render(given)])

        return path, make

    def table(
        self,
        path: str,
        table: Callable[[], Table],
        caption: str,
        told: Callable[[Table], Table] = lambda table: table,
    ) -> Iterator[File]:
        """Give a table as CSV and, as far as it is to be `told` in a wiki, as wikitext."""
        yield self.csv(path, table)
        yield self.wikitext(path, lambda: as_wikitext(told(table()), caption=caption))

    def wikitext(self, path: str, text: Callable[[], str]) -> File:
        """Give wikitext."""
        return f"{path}.wikitext", lambda: _encoded([text()])

    def csv(self, path: str, table: Callable[[], Table]) -> File:
        """Give a table as CSV."""
        return f"{path}.csv", lambda: _encoded(csv_lines(table()))


def _encoded(texts: Iterable[str]) -> Iterable[bytes]:
    """Give texts as the bytes of a file; half a character, which has none, is a question mark."""
    return (text.encode("utf-8", "replace") for text in texts)


def _tell(ones: Iterable[object], name: str) -> bool:
    """Tell whether anybody has something in a column, so that it is worth showing."""
    return any(map(attrgetter(name), ones))


def _skill_link(skill: Thing) -> Markup:
    """Link a skill from a page in a folder of the site."""
    return Markup('<a href="../skills/{}.html"><bdi>{}</bdi></a>').format(skill.id, skill.label)


def _file(name: str, table: Table, content: Content, words: Words) -> _File:
    return _File(
        name,
        words(f"table.{name}") if words.knows(f"table.{name}") else name,
        words("data.rows", n=len(table)),
        has_wikitext(name, table),
        content.queries.get(name, ""),
        content.notes.get(name, ""),
        table.columns,
    )


def has_wikitext(name: str, table: Table) -> bool:
    """Tell whether a table fits into one page of a wiki."""
    return name in GRIDS or len(table) <= LONGEST_WIKITEXT
