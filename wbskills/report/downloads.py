"""The answers of the saved queries as files: CSV for programs, wikitext for a wiki."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Final

from wbskills.report.as_wikitext import as_wikitext, escape_wikitext, wiki_link
from wbskills.report.capacity_map import CapacityMap, capacity_map
from wbskills.report.content import Content
from wbskills.report.facts import CommunitySkill, Facts, GroupCapacity, ItemRef
from wbskills.report.overview import Changes
from wbskills.report.page_tables import heading
from wbskills.report.reading import LEVEL_COLUMNS
from wbskills.report.rendering import GRIDS, File, SiteWriter, has_wikitext
from wbskills.report.translation import Translation
from wbskills.table import Column, Table

WIDEST: Final = 50  # columns that a page of a wiki has room for

# Columns whose content is in the caption already.
_UNREAD: Final[Mapping[str, frozenset[str]]] = {"change": frozenset({"before", "after"})}
_NONE: Final = frozenset[str]()
_NO_ANSWERS: Final = 'data-sort-value="-1" | –'

# The messages that head columns, by the name of the column without “Label”.
_HEADINGS: Final[Mapping[str, str]] = {
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
    "able_before": "change.all_before+coverage.able",
    "able_after": "change.all_after+coverage.able",
    "assessed_before": "change.all_before+freshness.answers",
    "assessed_after": "change.all_after+freshness.answers",
    "share_before": "change.all_before+coverage.share",
    "share_after": "change.all_after+coverage.share",
    "both_able_before": "change.same_before+coverage.able",
    "both_able_after": "change.same_after+coverage.able",
}
# Headings of columns that mean something else than in other tables.
_OWN_HEADINGS: Final = {
    ("rare_skills", "holders"): "rare.holders",
    ("responses_per_wave", "share"): "freshness.rate",
    ("responses_per_wave", "people"): "freshness.people",
}


def downloads(
    writer: SiteWriter,
    tables: Mapping[str, Table],
    facts: Facts,
    changed: Changes | None,
    content: Content,
) -> Iterator[File]:
    """Return each table as CSV and, if a wiki can hold it, as wikitext; the map as a grid."""
    draw = cache(partial(capacity_map, facts))
    for name, table in tables.items():
        yield writer.csv(f"data/{name}", partial(_same, table))
        if name in GRIDS:
            text = partial(_grid, name, facts, draw, content, writer.t)
            yield writer.wikitext(f"data/{name}", text)
        elif has_wikitext(name, table):
            text = partial(_wikitext, name, table, changed, content, writer.t)
            yield writer.wikitext(f"data/{name}", text)


def headed(name: str, table: Table, t: Translation, levels: Sequence[str] = ()) -> Table:
    """Translate the headings of a table's columns, if there are messages for them.

    `levels` are the labels of the scale from 0 on, for columns that count people by level.
    """
    fits = len(levels) == len(LEVEL_COLUMNS)
    by_level = dict(zip(LEVEL_COLUMNS, levels, strict=True)) if fits else {}

    def head(column: Column) -> Column:
        key = column.name.removesuffix("Label")
        if key in by_level:
            return replace(column, heading=by_level[key])
        messages = _OWN_HEADINGS.get((name, key)) or _HEADINGS.get(key)
        return replace(column, heading=heading(t, messages)) if messages else column

    return Table(tuple(map(head, table.columns)), table.rows)


def caption(content: Content, t: Translation, title: str, level: str = "") -> str:
    """Name a table with its level, its site and its date, since in a wiki nothing else does."""
    named = f"{title} ({t.plain('data.level', level=level)})" if level else title
    return f"{content.title}: {named}. {stamp(content, t)}"


def stamp(content: Content, t: Translation) -> str:
    """Return the sentence that says as of which date the data of the site is."""
    return t.plain("site.stamp", date=content.built.date(), revision=str(content.revision))


def _same(table: Table) -> Table:
    return table


def _wikitext(
    name: str, table: Table, changed: Changes | None, content: Content, t: Translation
) -> str:
    title = t.plain(f"table.{name}") if t.has(f"table.{name}") else name
    if name == "change" and changed:
        title += f" ({changed.old.wave.label} → {changed.new.wave.label})"
    level = content.counted.get(name, "")
    table = headed(name, _without(table, _UNREAD.get(name, _NONE)), t, content.levels)
    return as_wikitext(table, caption=caption(content, t, title, level))


def _without(table: Table, names: frozenset[str]) -> Table:
    at = [n for n, column in enumerate(table.columns) if column.name not in names]
    if len(at) == len(table.columns):
        return table
    rows = tuple(tuple([row[n] for n in at]) for row in table.rows)
    return Table(tuple(table.columns[n] for n in at), rows)


def _grid(
    name: str, facts: Facts, draw: Callable[[], CapacityMap], content: Content, t: Translation
) -> str:
    """Lay out the map by skill, or by group if there are too many, and say what it counts."""
    drawn = draw()
    level = content.counted.get(name) or content.level
    cells: dict[tuple[str, str], str]
    if name == "capacity_map" and drawn.skills <= WIDEST:
        title, meaning = t.plain("table.capacity_map"), t.plain("map.caption", level=level)
        columns = [skill for group in drawn.groups for skill in group.skills]
        cells = {
            (capacity.community.id, capacity.skill.id): _grid_cell(capacity)
            for capacity in facts.capacities
        }
    else:
        title = t.plain("table.capacity_map_groups")
        meaning = t.plain("community.groups_detail", level=level)
        columns = [group.group for group in drawn.groups]
        cells = {(group.community.id, group.group.id): _grid_cell(group) for group in facts.groups}
    named = f"{content.title}: {title}. {meaning} {stamp(content, t)}"
    return "".join(_grid_lines(columns, cells, drawn, t, named))


def _grid_lines(
    columns: Iterable[ItemRef],
    cells: Mapping[tuple[str, str], str],
    drawn: CapacityMap,
    t: Translation,
    caption: str,
) -> Iterator[str]:
    columns = list(columns)
    other, unknown = t.plain("word.other_group"), t.plain("word.unknown_community")
    yield f'{{| class="wikitable sortable"\n|+ {escape_wikitext(caption)}\n'
    headings = [
        escape_wikitext(t.plain("word.community")),
        escape_wikitext(t.plain("communities.people")),
        *(wiki_link(column.label or other, column.address) for column in columns),
    ]
    yield from (f'! scope="col" | {heading}\n' for heading in headings)
    for row in drawn.rows:
        home = row.community
        shown = [cells.get((home.id, column.id), _NO_ANSWERS) for column in columns]
        people = str(row.people) if row.people else "–"
        yield f'|-\n! scope="row" | {wiki_link(home.label or unknown, home.address)}\n'
        yield "| " + "\n| ".join([people, *shown]) + "\n"
    yield "|}\n"


def _grid_cell(one: CommunitySkill | GroupCapacity) -> str:
    return f'data-sort-value="{one.able}" | {one.able}/{one.people}'
