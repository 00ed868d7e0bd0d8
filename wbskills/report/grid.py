"""The capacity map as wikitext: communities by skills, or by groups where skills are too many."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from wbskills.report.as_wikitext import escape_wikitext, wiki_link
from wbskills.report.facts import Capacity, Facts, GroupCapacity, Thing
from wbskills.report.heatmap import HeatMap
from wbskills.report.words import Words

WIDEST: Final = 50  # columns that a page of a wiki has room for

_Cells = dict[tuple[str, str], str]


def of_skills(facts: Facts, drawn: HeatMap, words: Words, least: int, caption: str) -> str:
    """Lay out who can do what."""
    skills = [skill for group in drawn.groups for skill in group.skills]
    cells = {(one.community.id, one.skill.id): _cell(one, least) for one in facts.capacities}
    return "".join(_lines(skills, cells, drawn, words, caption))


def of_groups(facts: Facts, drawn: HeatMap, words: Words, least: int, caption: str) -> str:
    """Lay out who can do something of each group."""
    groups = [group.group for group in drawn.groups]
    cells = {(one.community.id, one.group.id): _cell(one, least) for one in facts.groups}
    return "".join(_lines(groups, cells, drawn, words, caption))


def _lines(
    columns: Sequence[Thing], cells: _Cells, drawn: HeatMap, words: Words, caption: str
) -> Iterator[str]:
    other, unknown = words.plain("word.other_group"), words.plain("word.unknown_community")
    yield f'{{| class="wikitable sortable"\n|+ {escape_wikitext(caption)}\n'
    headings = [
        escape_wikitext(words.plain("word.community")),
        escape_wikitext(words.plain("communities.people")),
        *(wiki_link(one.label or other, one.address) for one in columns),
    ]
    yield from (f'! scope="col" | {heading}\n' for heading in headings)
    for row in drawn.rows:
        home = row.community
        shown = [cells.get((home.id, one.id), _NOBODY) for one in columns]
        people = str(row.people) if row.people else "–"
        yield f'|-\n! scope="row" | {wiki_link(home.label or unknown, home.address)}\n'
        yield _joined([people, *shown])
    yield "|}\n"


def _joined(cells: Iterable[str]) -> str:
    return "| " + "\n| ".join(cells) + "\n"


_NOBODY: Final = 'data-sort-value="-1" | –'


def _cell(one: Capacity | GroupCapacity, least: int) -> str:
    """Write how many can, of those who answered; sorted by how many can."""
    if one.withheld:
        return f'data-sort-value="-1" | {escape_wikitext(f"<{least}")}'
    return f'data-sort-value="{one.able}" | {one.able}/{one.people}'
