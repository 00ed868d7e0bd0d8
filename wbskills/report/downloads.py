"""The answers of the saved queries, to take away: CSV for programs, wikitext for a wiki."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Final

from wbskills.report import grid
from wbskills.report.as_wikitext import as_wikitext
from wbskills.report.changes import Changes
from wbskills.report.content import Content
from wbskills.report.facts import Facts
from wbskills.report.headings import caption, headed, stamp
from wbskills.report.heatmap import HeatMap, heat_map
from wbskills.report.rendering import GRIDS, File, Writer, has_wikitext
from wbskills.report.words import Words
from wbskills.table import Table

# What the caption says, and each row would again.
_UNREAD: Final[Mapping[str, frozenset[str]]] = {"change": frozenset({"before", "after"})}
_NONE: Final = frozenset[str]()


def downloads(
    writer: Writer,
    tables: Mapping[str, Table],
    facts: Facts,
    changed: Changes | None,
    content: Content,
) -> Iterator[File]:
    """Give each table as CSV and, if a wiki can hold it, as wikitext; the map is a grid there."""
    words = writer.words
    drawn = cache(lambda: heat_map(facts))
    for name, table in tables.items():
        yield writer.csv(f"data/{name}", partial(_given, table))
        if name in GRIDS:
            laid_out = partial(_grid, name, facts, drawn, content, words)
            yield writer.wikitext(f"data/{name}", laid_out)
        elif has_wikitext(name, table):
            told = partial(_told, name, table, changed, content, words)
            yield writer.wikitext(f"data/{name}", told)


def _given(table: Table) -> Table:
    return table


def _told(name: str, table: Table, changed: Changes | None, content: Content, words: Words) -> str:
    title = words.plain(f"table.{name}") if words.knows(f"table.{name}") else name
    if name == "change" and changed:
        title += f" ({changed.old.wave.label} → {changed.new.wave.label})"
    level = content.counted.get(name, "")
    read = headed(name, _without(table, _UNREAD.get(name, _NONE)), words, content.levels)
    return as_wikitext(read, caption=caption(content, words, title, level))


def _grid(
    name: str, facts: Facts, draw: Callable[[], HeatMap], content: Content, words: Words
) -> str:
    """Lay out the map, and say what its numbers mean, as there is no key in a wiki."""
    drawn = draw()
    level = content.counted.get(name) or content.level
    if name == "capacity_map" and drawn.skills <= grid.WIDEST:
        title, meaning = words.plain("table.capacity_map"), words.plain("map.caption", level=level)
        lay_out = grid.of_skills
    else:
        title = words.plain("table.capacity_map_groups")
        meaning = words.plain("community.groups_detail", level=level)
        lay_out = grid.of_groups
    named = f"{content.title}: {title}. {meaning} {stamp(content, words)}"
    return lay_out(facts, drawn, words, content.least, named)


def _without(table: Table, names: frozenset[str]) -> Table:
    at = [n for n, column in enumerate(table.columns) if column.name not in names]
    if len(at) == len(table.columns):
        return table
    rows = tuple(tuple([row[n] for n in at]) for row in table.rows)
    return Table(tuple(table.columns[n] for n in at), rows)
