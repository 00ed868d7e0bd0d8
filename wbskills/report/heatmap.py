"""The capacity map: communities by skills, how many people can do what.

A cell keeps how many people gave each level, so that the reader can choose another level, a
share or the mean without anything being asked again.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from wbskills.report.facts import NOTHING, Capacity, Coverage, Facts, Thing
from wbskills.report.figures import fixed

# The highest step of the scale self-5. Answers on other scales were mapped to it on import.
TOP_STEP = 4

# Where each of the six shades begins. What lies below the first is "none", and has no shade.
# One person is a shade of its own: it is the difference between some and none, and the most
# fragile capacity there is.
PEOPLE_BANDS = tuple(map(Decimal, (1, 2, 3, 5, 10, 20)))
MEAN_BANDS = tuple(map(Decimal, ("0", "1", "1.5", "2", "2.5", "3")))
PART_BANDS = tuple(map(Decimal, ("0.001", "0.2", "0.4", "0.6", "0.8", "1")))

# The same for the script of the page, and what the key says of each shade.
BANDS: Mapping[str, list[float]] = {
    "people": [float(band) for band in PEOPLE_BANDS],
    "share": [float(band) for band in PART_BANDS],
    "mean": [float(band) for band in MEAN_BANDS],
}
_PART_KEY = tuple(zip("abcdef", ("<20%", "20%+", "40%+", "60%+", "80%+", "100%"), strict=True))
KEYS = (
    (
        "people",
        (("a", "1"), ("b", "2"), ("c", "3–4"), ("d", "5–9"), ("e", "10–19"), ("f", "20+")),
    ),
    ("share", _PART_KEY),
    (
        "mean",
        (("a", "<1"), ("b", "1+"), ("c", "1.5+"), ("d", "2+"), ("e", "2.5+"), ("f", "3+")),
    ),
    ("groups", _PART_KEY),
)

_SHADES = "zabcdef"


class Group(NamedTuple):
    """A group of skills, in the order of the map's columns."""

    group: Thing
    skills: tuple[Thing, ...]


class Cell(NamedTuple):
    """One community and skill: `able` of `people` who answered, and their mean level.

    `levels` counts the people at each number of the scale from 0 on; it is empty where only the
    mean is known. Of a `withheld` cell nothing is told but that too few people answered.
    """

    able: int
    people: int
    mean: str
    shade: str
    levels: str = ""
    withheld: bool = False


class GroupCell(NamedTuple):
    """One community and group: skills somebody can do, of the `skills` in the group."""

    covered: int
    skills: int
    shade: str


class Row(NamedTuple):
    """One community; a cell is None where nobody answered.

    `languages` and `regions` are places in the lists of the whole map, joined by spaces.
    """

    community: Thing
    people: int
    cells: tuple[Cell | None, ...]
    groups: tuple[GroupCell | None, ...]
    languages: str = ""
    regions: str = ""


class HeatMap(NamedTuple):
    """The whole map: the communities with most people first, and all of them together."""

    groups: tuple[Group, ...]
    rows: tuple[Row, ...]
    total: Row
    languages: tuple[Thing, ...] = ()
    regions: tuple[Thing, ...] = ()

    @property
    def skills(self) -> int:
        """Count the skills, which are the columns."""
        return sum(len(group.skills) for group in self.groups)


def heat_map(facts: Facts) -> HeatMap:
    """Lay out the capacity map."""
    groups = grouped(facts.coverage, facts.capacities)
    sizes, communities = _communities(facts)
    levels = _levels(facts)
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    for capacity in facts.capacities:
        home, skill = capacity.community.id, capacity.skill.id
        cells[home][skill] = _cell(capacity, capacity.people, levels.get((home, skill)))
    places = {
        one.community.id: one for one in facts.communities if one.community.id in communities
    }
    languages = _all(one.languages for one in places.values())
    regions = _all(one.regions for one in places.values())
    rows = []
    for community in communities.values():
        row = _row(community, sizes[community.id], cells[community.id], groups)
        if place := places.get(community.id):
            row = row._replace(
                languages=" ".join(str(languages.index(one)) for one in place.languages),
                regions=" ".join(str(regions.index(one)) for one in place.regions),
            )
        rows.append(row)
    rows.sort(key=lambda row: (-row.people, row.community.alphabetical))
    # All together are no community: their numbers would all have the darkest shade.
    everybody = {
        one.skill.id: _cell(one, one.assessed, levels.get(("", one.skill.id)))._replace(shade="t")
        for one in facts.coverage
        if one.assessed
    }
    total = _row(NOTHING, len(facts.people), everybody, groups)
    return HeatMap(groups, tuple(rows), total, tuple(languages), tuple(regions))


def grouped(
    coverage: Iterable[Coverage], capacities: Iterable[Capacity] = ()
) -> tuple[Group, ...]:
    """Put skills into their groups, both in the order in which they were first named."""
    names: dict[Thing, dict[str, Thing]] = {}
    named = [(one.group, one.skill) for one in coverage]
    named += [(one.group, one.skill) for one in capacities]
    for group, skill in named:
        names.setdefault(group, {}).setdefault(skill.id, skill)
    return tuple(Group(group, tuple(skills.values())) for group, skills in names.items())


def shade(value: Decimal | int, bands: tuple[Decimal, ...]) -> str:
    """Choose the class of a cell: `z` for none, then `a` to `f`.

    >>> [shade(n, PEOPLE_BANDS) for n in (0, 1, 4, 50)]
    ['z', 'a', 'c', 'f']
    """
    return _SHADES[bisect_right(bands, value)]


def _communities(facts: Facts) -> tuple[Counter[str], dict[str, Thing]]:
    homes = [home for person in facts.people for home in person.communities]
    sizes = Counter(home.id for home in homes)
    sizes |= Counter({one.community.id: one.people for one in facts.communities})
    return sizes, {home.id: home for home in homes} | dict(facts.homes)


def _levels(facts: Facts) -> dict[tuple[str, str], list[int]]:
    """Count people by community, skill and level; "" stands for all communities together."""
    homes = {one.person.id: ["", *(c.id for c in one.communities)] for one in facts.people}
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (TOP_STEP + 1))
    for one in facts.said:
        step = _step(one.number) if one.current else None
        if step is not None:
            for home in homes.get(one.person.id, ()):
                found[home, one.skill.id][step] += 1
    return found


@lru_cache(maxsize=1 << 10)
def _step(number: Decimal | None) -> int | None:
    return int(number) if number is not None and 0 <= number <= TOP_STEP else None


def _all(lists: Iterable[tuple[Thing, ...]]) -> list[Thing]:
    return sorted({one for ones in lists for one in ones}, key=lambda one: one.alphabetical)


def _cell(counted: Capacity | Coverage, people: int, levels: list[int] | None) -> Cell:
    if counted.withheld:
        return Cell(0, 0, "–", "w", withheld=True)
    mean = "–" if counted.mean is None else fixed(counted.mean, 1)
    # Where the levels do not add up to those who answered, the answers came from elsewhere.
    known = ",".join(map(str, levels)) if levels and sum(levels) == people else ""
    return Cell(counted.able, people, mean, shade(counted.able, PEOPLE_BANDS), known)


def _row(
    community: Thing, people: int, cells: Mapping[str, Cell], groups: tuple[Group, ...]
) -> Row:
    return Row(
        community,
        people,
        tuple(cells.get(skill.id) for group in groups for skill in group.skills),
        tuple(_group_cell([cells.get(skill.id) for skill in group.skills]) for group in groups),
    )


def _group_cell(cells: list[Cell | None]) -> GroupCell | None:
    answered = [cell for cell in cells if cell and not cell.withheld]
    if not answered:
        return None
    covered = sum(cell.able > 0 for cell in answered)
    return GroupCell(covered, len(cells), shade(Decimal(covered) / len(cells), PART_BANDS))
