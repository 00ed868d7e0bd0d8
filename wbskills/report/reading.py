"""Reads the tables that queries answered, once, into the typed rows that pages are made of."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from wbskills.errors import InvalidValue
from wbskills.model.ids import ENTITY_ID
from wbskills.model.table import Cell, Iri, Table
from wbskills.report.facts import (
    CONTRACT,
    NOTHING,
    AtRisk,
    Candidate,
    Capacity,
    Change,
    Community,
    Coverage,
    Declared,
    Demand,
    Endorsement,
    Facts,
    Fault,
    GroupCapacity,
    Holder,
    Need,
    Part,
    Person,
    Reached,
    Said,
    Spoken,
    Thing,
    Wave,
)

Row = TypeVar("Row")

LEVELS = ("none", "aware", "with_help", "alone", "leads")  # columns that count people by level

# A label may hold anything that a wiki lets pass; a character that HTML has no place for is
# not among what it means.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read(tables: Mapping[str, Table]) -> Facts:
    """Read the tables of the contract; further tables and columns are let be.

    Raises `InvalidValue` if a table or a column is missing, or if something that gets a page of
    its own has an address that does not end in an item's id.
    """
    for name, wanted in CONTRACT.items():
        if name not in tables:
            raise InvalidValue(f"the report needs the table “{name}”")
        missing = set(wanted) - {column.name for column in tables[name].columns}
        if missing:
            raise InvalidValue(f"the table “{name}” lacks {', '.join(sorted(missing))}")
    return _Reader(tables).facts()


class _Reader:
    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        # A label stands in thousands of rows; it is checked and cleaned once.
        self._things: dict[tuple[str | None, Cell, bool], Thing] = {}

    def facts(self) -> Facts:
        required = {
            self._thing(row, "skill").id for row in self._tables["baseline"] if row["required"]
        }
        # A skill in two groups, or a person in two communities, has two rows and is still one.
        coverage = _once(
            (self._coverage(row, required) for row in self._tables["coverage"]),
            lambda one: one.skill.id,
        )
        groups = {one.skill.id: one.group for one in coverage}
        return Facts(
            coverage=coverage,
            holders=_once(
                map(self._holder, self._tables["rare_skills"]),
                lambda one: (one.skill.id, one.person.id),
            ),
            capacities=_once(
                map(self._capacity, self._tables["capacity_map"]),
                lambda one: (one.community.id, one.skill.id),
            ),
            people=tuple(self._people()),
            said=_once(
                (self._said(row, groups) for row in self._tables["person_profile"]),
                lambda one: (one.person.id, one.skill.id, one.wave.id, one.on, one.level.id),
            ),
            waves=_once(
                map(self._wave, self._tables["responses_per_wave"]), lambda one: one.wave.id
            ),
            communities=tuple(self._communities()),
            endorsements=tuple(map(self._endorsement, self._tables["endorsements"])),
            changes=_once(map(self._change, self._tables["change"]), lambda one: one.skill.id),
            needs=tuple(self._needs()),
            declared=tuple(map(self._declared, self._tables["declared_capacity"])),
            candidates=_once(
                map(self._candidate, self._tables["candidates"]), lambda one: one.skill.id
            ),
            at_risk=_once(map(self._at_risk, self._tables["at_risk"]), lambda one: one.skill.id),
            spoken=tuple(map(self._spoken, self._tables["languages"])),
            demands=_once(
                map(self._demand, self._tables["baseline_gap_person"]), lambda one: one.skill.id
            ),
            reached=tuple(map(self._reached, self._tables["baseline_gap"])),
            groups=tuple(map(self._group, self._tables["capacity_map_groups"])),
            faults=tuple(map(self._fault, self._tables["data_quality"])),
        )

    def _coverage(self, row: Mapping[str, Cell], required: set[str]) -> Coverage:
        skill = self._thing(row, "skill")
        return Coverage(
            skill,
            self._thing(row, "group"),
            _count(row["able"]),
            _count(row["assessed"]),
            _number(row["share"]),
            _number(row["mean"]),
            _count(row["not_sure"]),
            _count(row["does_not_apply"]),
            skill.id in required,
            row["assessed"] is None,
        )

    def _capacity(self, row: Mapping[str, Cell]) -> Capacity:
        return Capacity(
            self._thing(row, "community"),
            self._thing(row, "skill"),
            self._thing(row, "group"),
            _count(row["people"]),
            _count(row["able"]),
            _number(row["mean"]),
            row["people"] is None,
        )

    def _communities(self) -> Iterable[Community]:
        """Give every community once, however many rows its languages make of it."""
        found: dict[str, Community] = {}
        for row in self._tables["communities"]:
            home = self._thing(row, "community")
            known = found.get(home.id) or Community(home, (), (), _count(row["people"]))
            found[home.id] = known._replace(
                languages=_with(known.languages, self._thing(row, "language")),
                regions=_with(known.regions, self._thing(row, "region")),
            )
        return found.values()

    def _endorsement(self, row: Mapping[str, Cell]) -> Endorsement:
        return Endorsement(
            self._thing(row, "person"),
            self._thing(row, "skill"),
            self._thing(row, "by"),
            _day(row["date"]),
        )

    def _change(self, row: Mapping[str, Cell]) -> Change:
        before, after = row["before"], row["after"]
        return Change(
            self._thing(row, "skill"),
            before.id if isinstance(before, Iri) else "",
            after.id if isinstance(after, Iri) else "",
            _count(row["both"]),
            _count(row["up"]),
            _count(row["down"]),
            _count(row["both_able_before"]),
            _count(row["both_able_after"]),
            Part(_count(row["able_before"]), _count(row["assessed_before"])),
            Part(_count(row["able_after"]), _count(row["assessed_after"])),
        )

    def _needs(self) -> Iterable[Need]:
        """Put those who could help with one need together."""
        found: dict[tuple[str, str], Need] = {}
        for row in self._tables["needs"]:
            home, skill = self._thing(row, "community"), self._thing(row, "skill")
            least, wanted = row["least"], row["wanted"]
            need = found.get((home.id, skill.id)) or Need(
                home,
                skill,
                self._thing(row, "target"),
                None if least is None else _count(least),
                None if wanted is None else _count(wanted),
                _count(row["able"]),
                _count(row["willing"]),
                (),
            )
            if row["person"] is not None:
                helper = self._thing(row, "person"), _text(row["languages"])
                need = need._replace(helpers=(*need.helpers, helper))
            found[home.id, skill.id] = need
        return found.values()

    def _declared(self, row: Mapping[str, Cell]) -> Declared:
        return Declared(
            self._thing(row, "community"),
            self._thing(row, "skill"),
            _number(row["rating"]),
            _number(row["lowest"]),
            _number(row["highest"]),
            _day(row["date"]),
            _count(row["people"]),
            _count(row["able"]),
            _number(row["declared"]),
            _number(row["computed"]),
        )

    def _candidate(self, row: Mapping[str, Cell]) -> Candidate:
        return Candidate(self._thing(row, "skill"), _count(row["people"]), _count(row["able"]))

    def _at_risk(self, row: Mapping[str, Cell]) -> AtRisk:
        return AtRisk(
            self._thing(row, "skill"),
            _count(row["holders"]),
            _count(row["away"]),
            _count(row["assessed"]),
            _count(row["learners"]),
            row["assessed"] is None,
        )

    def _spoken(self, row: Mapping[str, Cell]) -> Spoken:
        return Spoken(
            self._thing(row, "language"),
            self._thing(row, "skill"),
            _count(row["people"]),
            _count(row["able"]),
            tuple(_count(row[level]) for level in LEVELS),
            row["people"] is None,
        )

    def _demand(self, row: Mapping[str, Cell]) -> Demand:
        return Demand(self._thing(row, "skill"), self._thing(row, "minimum"))

    def _reached(self, row: Mapping[str, Cell]) -> Reached:
        return Reached(
            self._thing(row, "community"),
            self._thing(row, "skill"),
            self._thing(row, "minimum"),
            _count(row["assessed"]),
            _count(row["able"]),
            row["assessed"] is None,
        )

    def _group(self, row: Mapping[str, Cell]) -> GroupCapacity:
        return GroupCapacity(
            self._thing(row, "community"),
            self._thing(row, "group"),
            _count(row["people"]),
            _count(row["able"]),
            row["people"] is None,
        )

    def _fault(self, row: Mapping[str, Cell]) -> Fault:
        return Fault(_text(row["check"]), self._thing(row, "item"), self._thing(row, "detail"))

    def _holder(self, row: Mapping[str, Cell]) -> Holder:
        return Holder(
            self._thing(row, "skill"),
            self._thing(row, "person"),
            self._thing(row, "level"),
            self._thing(row, "community"),
        )

    def _people(self) -> Iterable[Person]:
        """Give every person once, however many rows their communities make of them."""
        found: dict[str, Person] = {}
        for row in self._tables["people"]:
            person, home = self._thing(row, "person"), self._thing(row, "community")
            known = found.get(person.id)
            found[person.id] = Person(
                person,
                _with(known.communities if known else (), home),
                _text(row["languages"]),
                _text(row["availability"]),
                _text(row["time_zone"]),
                _day(row["latest"]),
            )
        return sorted(found.values(), key=lambda one: one.person.alphabetical)

    def _said(self, row: Mapping[str, Cell], groups: Mapping[str, Thing]) -> Said:
        interests = row["interests"]
        skill = self._thing(row, "skill")
        return Said(
            self._thing(row, "person"),
            skill,
            groups.get(skill.id) or self._thing(row, "group"),
            self._thing(row, "level"),
            _number(row["number"]),
            _parts(interests) if isinstance(interests, str) and interests else (),
            _day(row["date"]),
            self._thing(row, "wave"),
            bool(row["current"]),
        )

    def _wave(self, row: Mapping[str, Cell]) -> Wave:
        invited = row["invited"]
        return Wave(
            self._thing(row, "wave"),
            _day(row["start"]),
            _day(row["end"]),
            _count(row["people"]),
            _count(row["assessments"]),
            None if invited is None else _count(invited),
        )

    def _thing(self, row: Mapping[str, Cell], name: str) -> Thing:
        item, label = row[name], row[f"{name}Label"]
        must_be_item = name in {"person", "skill"}
        key = item.address if isinstance(item, Iri) else None, label, must_be_item
        known = self._things.get(key)
        if known is None:
            known = self._things[key] = _thing(item, label, must_be_item=must_be_item)
        return known


def _with(things: tuple[Thing, ...], more: Thing) -> tuple[Thing, ...]:
    return things if more in things or more is NOTHING else (*things, more)


def _once(rows: Iterable[Row], key: Callable[[Row], object]) -> tuple[Row, ...]:
    """Keep the first row of each key."""
    found: dict[object, Row] = {}
    for row in rows:
        found.setdefault(key(row), row)
    return tuple(found.values())


def _thing(iri: Cell, label: Cell, *, must_be_item: bool) -> Thing:
    item = iri.id if isinstance(iri, Iri) else ""
    if not (item.startswith("Q") and ENTITY_ID.fullmatch(item)):
        if must_be_item:
            raise InvalidValue(f"“{iri}” is not the address of an item")
        item = ""
    address = iri.address if isinstance(iri, Iri) else ""
    text = _text(label)
    if not item and not text:
        return NOTHING
    return Thing(item, text or item, address)


def _text(cell: Cell) -> str:
    return "" if cell is None else _UNPRINTABLE.sub("", str(cell)).strip()


@lru_cache(maxsize=1 << 12)
def _parts(text: str) -> tuple[str, ...]:
    parts = (part.strip().replace("_", " ") for part in re.split(r"[,;|·]", _text(text)))
    return tuple(part for part in parts if part)


def _count(cell: Cell) -> int:
    return int(cell) if isinstance(cell, int | Decimal) else 0


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        return None
    value = Decimal(cell)
    return value if value.is_finite() else None


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    return cell if isinstance(cell, date) else None
