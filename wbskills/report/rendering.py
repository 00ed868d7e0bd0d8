"""How the files of the site are written: pages from templates, tables as CSV and wikitext."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from wbskills.report.as_data import csv_lines
from wbskills.report.as_wikitext import as_wikitext
from wbskills.report.content import Content
from wbskills.report.facts import ItemRef
from wbskills.report.translation import Translation
from wbskills.table import Column, Table

STATIC_DIR: Final = Path(__file__).resolve().with_name("static")
# MediaWiki accepts no page above 2 MiB; a row of the longest table has some 300 bytes.
LONGEST_WIKITEXT: Final = 5_000
GRIDS: Final = frozenset({"capacity_map", "capacity_map_groups"})  # a row for each community

_NAVIGATION: Final = (
    "index", "map", "coverage", "communities", "languages", "people", "learning",
    "baseline", "rare", "change", "freshness", "reading",
)  # fmt: skip
_OTHER_PAGES: Final = ("data", "quality")  # other pages link to them
_SINGLE: Final = ("person", "skill", "community", "language")
_WITHOUT_PEOPLE: Final = frozenset({"index", "coverage", "reading", "data"})
# Macros that depend on nothing but their arguments, and are used on thousands of pages.
_CACHED: Final = (
    "top", "person", "list", "day", "answer_cells", "other_answer", "missing", "data",
)  # fmt: skip
_PEOPLE: Final = 300  # people listed on the page of a skill; its table has all

Make = Callable[[], Iterable[bytes]]  # a file, piece by piece
File = tuple[str, Make]
Values = Mapping[str, object]


class _DataFile(NamedTuple):
    name: str
    title: Markup | str
    rows: Markup
    has_wikitext: bool
    query: str
    note: str
    columns: tuple[Column, ...]


class SiteWriter:
    """Makes the files of one site, each when it is first needed.

    The templates are compiled once; `given` are values that all of them know.
    """

    def __init__(
        self, content: Content, tables: Mapping[str, Table], given: Mapping[str, object]
    ) -> None:
        self.t = t = Translation(content.language)
        templates = Environment(
            loader=FileSystemLoader(STATIC_DIR.with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # else each import in each page checks the file again
        )
        templates.filters["number"] = Decimal
        self.shown = frozenset(
            name
            for name in (*_NAVIGATION, *_OTHER_PAGES)
            if name in _WITHOUT_PEOPLE or not content.withhold_below
        )
        templates.globals |= {
            "t": t,
            "site": {
                "title": content.title,
                "notice": content.notice,
                "language": content.language,
                "level": content.level,
                "stamp": t(
                    "site.stamp",
                    date=t.timestamp(content.built),
                    revision=str(content.revision),
                ),
                "navigation": [name for name in _NAVIGATION if name in self.shown],
                "withhold_below": content.withhold_below,
                "sound": content.robustness.sound,
            },
            "skill": cache(_skill_link),
            "listed": _PEOPLE,
            "robustness_of": content.robustness.robustness,
            "files": {name: _data_file(name, tables[name], content, t) for name in tables},
            **given,
        }
        parts = vars(templates.get_template("parts.html").module)
        cached: dict[str, Callable[..., Markup]] = {
            name: lru_cache(maxsize=1 << 16)(parts[name]) for name in _CACHED
        }
        data = cached["data"]
        cached["data"] = lambda names, root: data(tuple(names), root)
        parts |= cached
        # Pages of which there are thousands do without an import, which costs more than a table.
        templates.globals |= {name: cached[name] for name in ("top", "data")}
        # Calling a filter is much faster than calling anything else.
        templates.filters |= {
            "day": t.time,
            "skill": templates.globals["skill"],
            "answer_cells": lambda s, interests, earlier: cached["answer_cells"](
                s.skill,
                s.level,
                s.step,
                s.interests if interests else None,
                s.earlier if earlier else None,
            ),
            "other_answer": lambda s: cached["other_answer"](s.skill, s.level, s.date),
            "missing": lambda one: cached["missing"](one.required, one.level),
            "has_any": _has_any,
        }
        self._templates = {
            name: templates.get_template(f"{name}.html") for name in (*self.shown, *_SINGLE)
        }

    def shows(self, page: str) -> bool:
        """Return whether the site has one of the main pages.

        Raises `KeyError` if the page is in neither list above, since nothing would link to it.
        """
        if page not in _NAVIGATION and page not in _OTHER_PAGES:
            raise KeyError(page)
        return page in self.shown

    def page(self, template: str, path: str, values: Callable[[], Values]) -> File:
        """Return a page of a template; its `values` are made when it is needed."""

        def make() -> Iterable[bytes]:
            given = {"root": "../" * path.count("/"), "here": template, **values()}
            return _encoded([self._templates[template].render(given)])

        return path, make

    def table(
        self,
        path: str,
        table: Callable[[], Table],
        caption: str,
        in_wiki: Callable[[Table], Table] = lambda table: table,
    ) -> Iterator[File]:
        """Return a table as CSV and as wikitext; `in_wiki` selects what the wikitext shows."""
        yield self.csv(path, table)
        yield self.wikitext(path, lambda: as_wikitext(in_wiki(table()), caption=caption))

    def wikitext(self, path: str, text: Callable[[], str]) -> File:
        """Return wikitext as a file."""
        return f"{path}.wikitext", lambda: _encoded([text()])

    def csv(self, path: str, table: Callable[[], Table]) -> File:
        """Return a table as CSV."""
        return f"{path}.csv", lambda: _encoded(csv_lines(table()))


def has_wikitext(name: str, table: Table) -> bool:
    """Check whether a table fits into one page of a wiki."""
    return name in GRIDS or len(table) <= LONGEST_WIKITEXT


def _encoded(texts: Iterable[str]) -> Iterable[bytes]:
    """Encode texts as UTF-8; a lone surrogate becomes a question mark."""
    return (text.encode("utf-8", "replace") for text in texts)


def _has_any(rows: Iterable[object], column: str) -> bool:
    """Check whether any row has something in a column, so that it is worth showing."""
    return any(map(attrgetter(column), rows))


def _skill_link(skill: ItemRef) -> Markup:
    """Link a skill from a page in a folder of the site."""
    return Markup('<a href="../skills/{}.html"><bdi>{}</bdi></a>').format(skill.id, skill.label)


def _data_file(name: str, table: Table, content: Content, t: Translation) -> _DataFile:
    return _DataFile(
        name,
        t(f"table.{name}") if t.has(f"table.{name}") else name,
        t("data.rows", n=len(table)),
        has_wikitext(name, table),
        content.queries.get(name, ""),
        content.notes.get(name, ""),
        table.columns,
    )
