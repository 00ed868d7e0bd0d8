"""Reads the tables that the saved queries returned into the typed rows that pages are made of."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, Final, TypeVar, get_type_hints

from wbskills.errors import InvalidValue
from wbskills.names import ENTITY_ID, local_name
from wbskills.report.facts import (
    CONTRACT,
    NO_ITEM,
    BaselineSkill,
    BrokenRule,
    CandidateSkill,
    CommonSkill,
    Community,
    CommunityBaseline,
    CommunityRating,
    CommunitySkill,
    Coverage,
    Endorsement,
    Facts,
    GroupCapacity,
    Holder,
    ItemRef,
    LanguageSkill,
    Person,
    SkillAnswer,
    SkillAtRisk,
    SkillChange,
    StatedNeed,
    WaveTurnout,
)
from wbskills.table import Cell, Iri, Table

Row = TypeVar("Row", bound=tuple[Any, ...])

LEVEL_COLUMNS: Final = ("none", "aware", "with_help", "alone", "leads")  # people by level

_WITH_PAGES: Final = frozenset({"person", "skill"})  # these columns must hold items
# A wiki may let characters into a label that HTML has no place for.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read_facts(tables: Mapping[str, Table]) -> Facts:
    """Read the tables of the contract; other tables and columns are ignored.

    Raises `InvalidValue` if a table or a column is missing, or if a person or a skill has an
    address that does not end in an item's id.
    """
    for name, wanted in CONTRACT.items():
        if name not in tables:
            raise InvalidValue(f"the report needs the table “{name}”")
        missing = set(wanted) - {column.name for column in tables[name].columns}
        if missing:
            raise InvalidValue(f"the table “{name}” has no column {', '.join(sorted(missing))}")
    return _Reader(tables).facts()


class _Items(dict[tuple[str | None, Cell], ItemRef]):
    """Items by address and label: a label is in thousands of rows, and cleaned once."""

    def __init__(self, *, must_be_items: bool) -> None:
        self._must_be_items = must_be_items

    def __missing__(self, key: tuple[str | None, Cell]) -> ItemRef:
        found = self[key] = _item(*key, must_be_item=self._must_be_items)
        return found


class Columns:
    """The columns of one table, each read as a whole, in the order of its rows.

    This takes half the time of reading row by row, and keeps nothing.
    """

    def __init__(self, table: Table, items: Mapping[bool, _Items]) -> None:
        self._rows, self._items = table.rows, items
        self._at = {column.name: at for at, column in enumerate(table.columns)}

    def cells(self, name: str) -> Iterable[Cell]:
        """Iterate over the cells of a column."""
        return map(itemgetter(self._at[name]), self._rows)

    def items(self, name: str) -> Iterable[ItemRef]:
        """Iterate over a column of items, with their labels."""
        addresses = (cell.address if isinstance(cell, Iri) else None for cell in self.cells(name))
        labels = self.cells(f"{name}Label")
        known = self._items[name in _WITH_PAGES]
        return map(known.__getitem__, zip(addresses, labels, strict=True))

    def optional_items(self, name: str) -> Iterable[ItemRef | None]:
        """Iterate over a column of items that may be empty."""
        known = self._items[name in _WITH_PAGES]
        cells = zip(self.cells(name), self.cells(f"{name}Label"), strict=True)
        return (
            known[cell.address if isinstance(cell, Iri) else None, label]
            if cell is not None
            else None
            for cell, label in cells
        )

    def ids(self, name: str) -> Iterable[str]:
        """Iterate over the ids of a column of items without labels."""
        return (cell.id if isinstance(cell, Iri) else "" for cell in self.cells(name))

    def read(self, name: str, kind: Any) -> Iterable[Any]:  # noqa: ANN401  # a type hint
        """Iterate over a column as values of the type `kind`, as a row declares it."""
        if kind is ItemRef:
            return self.items(name)
        return map(_READERS[kind], self.cells(name))


class _Reader:
    def __init__(self, tables: Mapping[str, Table]) -> None:
        items = {must: _Items(must_be_items=must) for must in (True, False)}
        self._columns = {name: Columns(tables[name], items) for name in CONTRACT}

    def facts(self) -> Facts:
        # A skill in two groups, or a person in two communities, has two rows and is still one.
        common = _first_of(self._rows("baseline", CommonSkill), lambda one: one.skill.id)
        coverage = _first_of(self._coverage(common), lambda one: one.skill.id)
        groups = {one.skill.id: one.group for one in coverage}
        levels = zip(
            *(self._columns["languages"].read(n, int) for n in LEVEL_COLUMNS), strict=True
        )
        change = self._columns["change"]
        return Facts(
            coverage=coverage,
            common=common,
            holders=_first_of(
                self._rows("rare_skills", Holder), lambda one: (one.skill.id, one.person.id)
            ),
            capacities=_first_of(
                self._rows("capacity_map", CommunitySkill),
                lambda one: (one.community.id, one.skill.id),
            ),
            groups=tuple(self._rows("capacity_map_groups", GroupCapacity)),
            people=self._people(),
            answers=tuple(self._answers(groups)),
            waves=_first_of(
                self._rows("responses_per_wave", WaveTurnout), lambda one: one.wave.id
            ),
            communities=self._communities(),
            endorsements=tuple(self._rows("endorsements", Endorsement)),
            changes=_first_of(
                self._rows(
                    "change", SkillChange, before=change.ids("before"), after=change.ids("after")
                ),
                lambda one: one.skill.id,
            ),
            needs=self._needs(),
            ratings=tuple(self._rows("declared_capacity", CommunityRating)),
            candidates=_first_of(
                self._rows("candidates", CandidateSkill), lambda one: one.skill.id
            ),
            at_risk=tuple(self._rows("at_risk", SkillAtRisk)),
            language_skills=tuple(self._rows("languages", LanguageSkill, levels=levels)),
            baseline=_first_of(
                self._rows("baseline_gap_person", BaselineSkill), lambda one: one.skill.id
            ),
            community_baselines=tuple(self._rows("baseline_gap", CommunityBaseline)),
            broken_rules=tuple(self._rows("data_quality", BrokenRule)),
        )

    def _rows(self, table: str, row: type[Row], **given: Iterable[object]) -> Iterator[Row]:
        """Read a table: each field of a row from the column of its name, or from `given`."""
        columns = self._columns[table]
        fields = get_type_hints(row).items()
        return map(row, *(given.get(name) or columns.read(name, kind) for name, kind in fields))

    def _coverage(self, common: Iterable[CommonSkill]) -> Iterator[Coverage]:
        baseline = {one.skill.id for one in common if one.required}
        for name in ("baseline_gap", "baseline_gap_person"):
            baseline.update(self._columns[name].ids("skill"))
        required = (skill.id in baseline for skill in self._columns["coverage"].items("skill"))
        return self._rows("coverage", Coverage, required=required)

    def _communities(self) -> tuple[Community, ...]:
        """Read every community once, though it has a row for each of its languages."""
        of = self._columns["communities"]
        found: dict[str, Community] = {}
        for home, people, language, region in zip(
            of.items("community"),
            of.read("people", int),
            of.items("language"),
            of.items("region"),
            strict=True,
        ):
            known = found.get(home.id) or Community(home, (), (), people)
            found[home.id] = known._replace(
                languages=_with(known.languages, language), regions=_with(known.regions, region)
            )
        return tuple(found.values())

    def _people(self) -> tuple[Person, ...]:
        """Read every person once, though they have a row for each of their communities."""
        of = self._columns["people"]
        people = self._rows(
            "people",
            Person,
            communities=repeat(()),
            languages=map(_languages, of.cells("languages")),
        )
        found: dict[str, Person] = {}
        for person, home in zip(people, of.items("community"), strict=True):
            known = found.get(person.person.id, person)
            homes = _with(known.communities, home)
            found[person.person.id] = person._replace(communities=homes)
        return tuple(sorted(found.values(), key=lambda one: one.person.sort_key))

    def _needs(self) -> tuple[StatedNeed, ...]:
        """Read every need once, though it has a row for each person who could help."""
        of = self._columns["needs"]
        found: dict[tuple[str, str, str], StatedNeed] = {}
        helpers: dict[tuple[str, str, str], list[tuple[ItemRef, str]]] = defaultdict(list)
        for need, person, languages in zip(
            self._rows("needs", StatedNeed, helpers=repeat(())),
            of.optional_items("person"),
            of.read("languages", str),
            strict=True,
        ):
            key = need.community.id, need.skill.id, need.target.id
            found.setdefault(key, need)
            if person is not None:
                helpers[key].append((person, languages))
        return tuple(need._replace(helpers=tuple(helpers[key])) for key, need in found.items())

    def _answers(self, groups: Mapping[str, ItemRef]) -> Iterable[SkillAnswer]:
        """Read all answers, those of one person together."""
        of = self._columns["person_profile"]
        pairs = zip(of.items("skill"), of.items("group"), strict=True)
        answers = self._rows(
            "person_profile",
            SkillAnswer,
            group=(groups.get(skill.id) or group for skill, group in pairs),
            interests=map(_interests, of.cells("interests")),
        )
        found: dict[str, list[SkillAnswer]] = {}
        for answer in answers:
            found.setdefault(answer.person.id, []).append(answer)
        return chain.from_iterable(map(_with_interests, map(_distinct, found.values())))


def _item(address: str | None, label: Cell, *, must_be_item: bool) -> ItemRef:
    item = local_name(address or "")
    if not (item.startswith("Q") and ENTITY_ID.fullmatch(item)):
        if must_be_item:
            raise InvalidValue(f"“{address}” is not the address of an item")
        item = ""
    text = _text(label)
    if not item and not text:
        return NO_ITEM
    return ItemRef(item, text or item, address or "")


def _text(cell: Cell) -> str:
    return "" if cell is None else _UNPRINTABLE.sub("", str(cell)).strip()


@lru_cache(maxsize=1 << 12)
def _interests(cell: Cell) -> tuple[str, ...]:
    text = cell if isinstance(cell, str) else ""
    found = (part.strip().replace("_", " ") for part in re.split(r"[,;|·]", _text(text)))
    return tuple(part for part in found if part)


@lru_cache(maxsize=1 << 14)
def _languages(cell: Cell) -> tuple[str, ...]:
    return tuple(name for name in _text(cell).split(", ") if name)


def _count(cell: Cell) -> int:
    return int(cell) if isinstance(cell, int | Decimal) else 0


def _optional_count(cell: Cell) -> int | None:
    return None if cell is None else _count(cell)


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, Decimal):
        return cell if cell.is_finite() else None
    return _whole(cell) if isinstance(cell, int) and not isinstance(cell, bool) else None


_whole: Callable[[int], Decimal] = lru_cache(maxsize=1 << 12)(Decimal)


def _date(cell: Cell) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        return cell.date()
    return cell if isinstance(cell, dt.date) else None


_READERS: Final[Mapping[Any, Callable[[Cell], object]]] = {
    str: _text,
    int: _count,
    int | None: _optional_count,
    Decimal | None: _number,
    dt.date | None: _date,
    bool: bool,
}


def _with(items: tuple[ItemRef, ...], more: ItemRef) -> tuple[ItemRef, ...]:
    return items if more in items or more is NO_ITEM else (*items, more)


def _first_of(rows: Iterable[Row], key: Callable[[Row], object]) -> tuple[Row, ...]:
    """Keep the first row of each key."""
    found: dict[object, Row] = {}
    for row in rows:
        found.setdefault(key(row), row)
    return tuple(found.values())


def _distinct(answers: Iterable[SkillAnswer]) -> list[SkillAnswer]:
    return list(
        _first_of(answers, lambda one: (one.skill.id, one.wave.id, one.date, one.level.id))
    )


def _with_interests(answers: list[SkillAnswer]) -> list[SkillAnswer]:
    """Add interests that came without a level to the level of an earlier wave."""
    alone = {
        answer.skill.id: answer for answer in answers if answer.current and not answer.level.id
    }
    rated = {answer.skill.id for answer in answers if answer.current and answer.level.id}
    if alone.keys().isdisjoint(rated):
        return answers
    joined = []
    for answer in answers:
        interest = alone.get(answer.skill.id)
        if answer.current and interest is not None and answer.level.id:
            interests = tuple(dict.fromkeys((*answer.interests, *interest.interests)))
            joined.append(answer._replace(interests=interests))
        elif answer is not interest or answer.skill.id not in rated:
            joined.append(answer)
    return joined
