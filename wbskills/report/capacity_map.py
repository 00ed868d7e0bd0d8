"""The capacity map: communities by skills, and how many people have each.

A cell keeps how many people gave each level, so that the reader can choose another level, a
share or the mean without another query.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from wbskills.report.facts import NO_ITEM, CommunitySkill, Coverage, Facts, ItemRef
from wbskills.report.figures import fixed

TOP_LEVEL: Final = 4  # of the scale self_5; answers on other scales are mapped to it on import

# Where each of the six shades begins; what is below the first has none. One person has a shade
# of its own: it is the difference between some and none.
PEOPLE_BANDS: Final = tuple(map(Decimal, (1, 2, 3, 5, 10, 20)))
MEAN_BANDS: Final = tuple(map(Decimal, ("0", "1", "1.5", "2", "2.5", "3")))
PART_BANDS: Final = tuple(map(Decimal, ("0.001", "0.2", "0.4", "0.6", "0.8", "1")))

# The same for the page's script, and for the legend.
BANDS: Final[Mapping[str, list[float]]] = {
    "people": [float(band) for band in PEOPLE_BANDS],
    "share": [float(band) for band in PART_BANDS],
    "mean": [float(band) for band in MEAN_BANDS],
}
_PART_KEY: Final = tuple(
    zip("abcdef", ("<20%", "20%+", "40%+", "60%+", "80%+", "100%"), strict=True)
)
KEYS: Final = (
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
_SHADES: Final = "zabcdef"

_Levels = dict[tuple[str, str], list[int]]  # community (or "") and skill → people by level


class SkillGroup(NamedTuple):
    """A skill group, its skills in the order of the map's columns."""

    group: ItemRef
    skills: tuple[ItemRef, ...]


class MapCell(NamedTuple):
    """One community and skill: `able` of `people` who answered, and their mean level.

    `levels` counts the people at each level from 0 on, separated by commas; it is empty if only
    the mean is known.
    """

    able: int
    people: int
    mean: str
    shade: str
    levels: str


class GroupCell(NamedTuple):
    """One community and skill group: someone has `covered` of its `skills`."""

    covered: int
    skills: int
    shade: str


class MapRow(NamedTuple):
    """One community; a cell is None if nobody answered.

    `languages` and `regions` are places in the lists of the whole map, separated by spaces.
    """

    community: ItemRef
    people: int
    cells: tuple[MapCell | None, ...]
    groups: tuple[GroupCell | None, ...]
    languages: str = ""
    regions: str = ""


class CapacityMap(NamedTuple):
    """The whole map: the communities with most people first, and everyone together."""

    groups: tuple[SkillGroup, ...]
    rows: tuple[MapRow, ...]
    total: MapRow
    languages: tuple[ItemRef, ...]
    regions: tuple[ItemRef, ...]

    @property
    def skills(self) -> int:
        """The number of skills, which are the columns."""
        return sum(len(group.skills) for group in self.groups)


def capacity_map(facts: Facts) -> CapacityMap:
    """Lay out the capacity map."""
    groups = _skill_groups(facts)
    levels = _people_by_level(facts)
    cells: dict[str, dict[str, MapCell]] = defaultdict(dict)
    for capacity in facts.capacities:
        home, skill = capacity.community.id, capacity.skill.id
        cells[home][skill] = _cell(capacity, capacity.people, levels.get((home, skill)))
    homes = [home for person in facts.people for home in person.communities]
    communities = {home.id: home for home in homes} | dict(facts.communities_with_people)
    sizes = Counter(home.id for home in homes)
    sizes |= Counter({one.community.id: one.people for one in facts.communities})
    known = {one.community.id: one for one in facts.communities if one.community.id in communities}
    languages = _in_order(one.languages for one in known.values())
    regions = _in_order(one.regions for one in known.values())
    rows = []
    for home, community in communities.items():
        row = _row(community, sizes[home], cells[home], groups)
        if place := known.get(home):
            row = row._replace(
                languages=" ".join(str(languages.index(language)) for language in place.languages),
                regions=" ".join(str(regions.index(region)) for region in place.regions),
            )
        rows.append(row)
    rows.sort(key=lambda row: (-row.people, row.community.sort_key))
    # Everyone together would have the darkest shade everywhere.
    everyone = {
        one.skill.id: _cell(one, one.assessed, levels.get(("", one.skill.id)))._replace(shade="t")
        for one in facts.coverage
        if one.assessed
    }
    total = _row(NO_ITEM, len(facts.people), everyone, groups)
    return CapacityMap(groups, tuple(rows), total, tuple(languages), tuple(regions))


def shade(value: Decimal | int, bands: tuple[Decimal, ...]) -> str:
    """Return the class of a cell: `z` for none, then `a` to `f`.

    >>> [shade(n, PEOPLE_BANDS) for n in (0, 1, 4, 50)]
    ['z', 'a', 'c', 'f']
    """
    return _SHADES[bisect_right(bands, value)]


def _skill_groups(facts: Facts) -> tuple[SkillGroup, ...]:
    """Put skills into their groups, both in the order in which they first occur."""
    skills: dict[ItemRef, dict[str, ItemRef]] = defaultdict(dict)
    named = [(one.group, one.skill) for one in facts.coverage]
    named += [(capacity.group, capacity.skill) for capacity in facts.capacities]
    for group, skill in named:
        skills[group].setdefault(skill.id, skill)
    return tuple(SkillGroup(group, tuple(found.values())) for group, found in skills.items())


def _people_by_level(facts: Facts) -> _Levels:
    """Count people by community, skill and level; "" is all communities together."""
    homes = {
        person.person.id: ["", *(c.id for c in person.communities)] for person in facts.people
    }
    found: _Levels = defaultdict(lambda: [0] * (TOP_LEVEL + 1))
    for answer in facts.answers:
        level = _level(answer.number) if answer.current else None
        if level is not None:
            for home in homes.get(answer.person.id, ()):
                found[home, answer.skill.id][level] += 1
    return found


@lru_cache(maxsize=1 << 10)
def _level(number: Decimal | None) -> int | None:
    return int(number) if number is not None and 0 <= number <= TOP_LEVEL else None


def _in_order(lists: Iterable[tuple[ItemRef, ...]]) -> list[ItemRef]:
    return sorted({one for ones in lists for one in ones}, key=lambda one: one.sort_key)


def _cell(counted: CommunitySkill | Coverage, people: int, levels: list[int] | None) -> MapCell:
    mean = "–" if counted.mean is None else fixed(counted.mean, 1)
    # If the levels do not add up to those who answered, the answers came from elsewhere.
    known = ",".join(map(str, levels)) if levels and sum(levels) == people else ""
    return MapCell(counted.able, people, mean, shade(counted.able, PEOPLE_BANDS), known)


def _row(
    community: ItemRef, people: int, cells: Mapping[str, MapCell], groups: tuple[SkillGroup, ...]
) -> MapRow:
    return MapRow(
        community,
        people,
        tuple(cells.get(skill.id) for group in groups for skill in group.skills),
        tuple(_group_cell([cells.get(skill.id) for skill in group.skills]) for group in groups),
    )


def _group_cell(cells: list[MapCell | None]) -> GroupCell | None:
    answered = [cell for cell in cells if cell]
    if not answered:
        return None
    covered = sum(cell.able > 0 for cell in answered)
    return GroupCell(covered, len(cells), shade(Decimal(covered) / len(cells), PART_BANDS))
