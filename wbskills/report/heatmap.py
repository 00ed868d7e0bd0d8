"""The capacity map: communities by skills, how many people can do what."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from wbskills.report.facts import NOTHING, Capacity, Coverage, Facts, Thing
from wbskills.report.figures import fixed

# Where each of the six shades begins. What lies below the first is "none", and has no shade.
# One person is a shade of its own: it is the difference between some and none, and the most
# fragile capacity there is.
PEOPLE_BANDS = tuple(map(Decimal, (1, 2, 3, 5, 10, 20)))
MEAN_BANDS = tuple(map(Decimal, ("0", "1", "1.5", "2", "2.5", "3")))
PART_BANDS = tuple(map(Decimal, ("0.001", "0.2", "0.4", "0.6", "0.8", "1")))

# The same for the script of the page, and what the key says of each shade.
BANDS: Mapping[str, list[float]] = {
    "able": [float(band) for band in PEOPLE_BANDS],
    "people": [float(band) for band in PEOPLE_BANDS],
    "mean": [float(band) for band in MEAN_BANDS],
}
_PEOPLE_KEY = (("a", "1"), ("b", "2"), ("c", "3–4"), ("d", "5–9"), ("e", "10–19"), ("f", "20+"))
KEYS = (
    ("able", _PEOPLE_KEY),
    ("people", _PEOPLE_KEY),
    (
        "mean",
        (("a", "<1"), ("b", "1+"), ("c", "1.5+"), ("d", "2+"), ("e", "2.5+"), ("f", "3+")),
    ),
    (
        "groups",
        (("a", "<20%"), ("b", "20%+"), ("c", "40%+"), ("d", "60%+"), ("e", "80%+"), ("f", "100%")),
    ),
)

_SHADES = "zabcdef"


class Group(NamedTuple):
    """A group of skills, in the order of the map's columns."""

    group: Thing
    skills: tuple[Thing, ...]


class Cell(NamedTuple):
    """One community and skill: `able` of `people` who answered, and their mean level."""

    able: int
    people: int
    mean: str
    shade: str


class GroupCell(NamedTuple):
    """One community and group: skills somebody can do, of the `skills` in the group."""

    covered: int
    skills: int
    shade: str


class Row(NamedTuple):
    """One community; a cell is None where nobody answered."""

    community: Thing
    people: int
    cells: tuple[Cell | None, ...]
    groups: tuple[GroupCell | None, ...]


class HeatMap(NamedTuple):
    """The whole map: the communities with most people first, and all of them together."""

    groups: tuple[Group, ...]
    rows: tuple[Row, ...]
    total: Row

    @property
    def skills(self) -> int:
        """Count the skills, which are the columns."""
        return sum(len(group.skills) for group in self.groups)


def heat_map(facts: Facts) -> HeatMap:
    """Lay out the capacity map."""
    groups = grouped(facts.coverage, facts.capacities)
    sizes, communities = _communities(facts)
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    for capacity in facts.capacities:
        cells[capacity.community.id][capacity.skill.id] = _cell(
            capacity.able, capacity.people, capacity.mean
        )
    rows = [
        _row(community, sizes[community.id], cells[community.id], groups)
        for community in communities.values()
    ]
    rows.sort(key=lambda row: (-row.people, row.community.alphabetical))
    # All together are no community: their numbers would all have the darkest shade.
    everybody = {
        one.skill.id: _cell(one.able, one.assessed, one.mean)._replace(shade="t")
        for one in facts.coverage
        if one.assessed
    }
    return HeatMap(groups, tuple(rows), _row(NOTHING, len(facts.people), everybody, groups))


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
    named = {one.community.id: one.community for one in facts.capacities}
    return Counter(home.id for home in homes), {home.id: home for home in homes} | named


def _cell(able: int, people: int, mean: Decimal | None) -> Cell:
    return Cell(able, people, "–" if mean is None else fixed(mean, 1), shade(able, PEOPLE_BANDS))


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
    answered = [cell for cell in cells if cell]
    if not answered:
        return None
    covered = sum(cell.able > 0 for cell in answered)
    return GroupCell(covered, len(cells), shade(Decimal(covered) / len(cells), PART_BANDS))
