"""Reads the tables that queries answered, once, into the typed rows that pages are made of."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, repeat
from typing import TypeVar

from wbskills.errors import InvalidValue
from wbskills.report.columns import columns, parts
from wbskills.report.facts import (
    CONTRACT,
    NOTHING,
    AtRisk,
    Candidate,
    Capacity,
    Change,
    Common,
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
from wbskills.table import Table

Row = TypeVar("Row")

LEVELS = ("none", "aware", "with_help", "alone", "leads")  # columns that count people by level


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
        self._of = columns({name: tables[name] for name in CONTRACT})

    def facts(self) -> Facts:
        # A skill in two groups, or a person in two communities, has two rows and is still one.
        coverage = _once(self._coverage(), lambda one: one.skill.id)
        groups = {one.skill.id: one.group for one in coverage}
        return Facts(
            coverage=coverage,
            common=_once(self._common(), lambda one: one.skill.id),
            holders=_once(self._holders(), lambda one: (one.skill.id, one.person.id)),
            capacities=_once(self._capacities(), lambda one: (one.community.id, one.skill.id)),
            people=tuple(self._people()),
            said=tuple(self._said(groups)),
            waves=_once(self._waves(), lambda one: one.wave.id),
            communities=tuple(self._communities()),
            endorsements=tuple(self._endorsements()),
            changes=_once(self._changes(), lambda one: one.skill.id),
            needs=tuple(self._needs()),
            declared=tuple(self._declared()),
            candidates=_once(self._candidates(), lambda one: one.skill.id),
            at_risk=tuple(self._at_risk()),
            spoken=tuple(self._spoken()),
            demands=_once(self._demands(), lambda one: one.skill.id),
            reached=tuple(self._reached()),
            groups=tuple(self._groups()),
            faults=tuple(self._faults()),
        )

    def _coverage(self) -> Iterable[Coverage]:
        of = self._of["coverage"]
        required = {one.skill.id for one in self._common() if one.required}
        for name in ("baseline_gap", "baseline_gap_person"):
            required.update(self._of[name].ids("skill"))
        return map(
            Coverage,
            of.things("skill"),
            of.things("group"),
            of.counts("able"),
            of.counts("assessed"),
            of.numbers("share"),
            of.numbers("mean"),
            of.counts("not_sure"),
            of.counts("does_not_apply"),
            (skill.id in required for skill in of.things("skill")),
            of.missing("assessed"),
        )

    def _common(self) -> Iterable[Common]:
        of = self._of["baseline"]
        return map(
            Common,
            of.things("skill"),
            of.counts("able"),
            of.counts("assessed"),
            of.truths("required"),
            of.missing("assessed"),
        )

    def _capacities(self) -> Iterable[Capacity]:
        of = self._of["capacity_map"]
        return map(
            Capacity,
            of.things("community"),
            of.things("skill"),
            of.things("group"),
            of.counts("people"),
            of.counts("able"),
            of.numbers("mean"),
            of.missing("people"),
        )

    def _communities(self) -> Iterable[Community]:
        """Give every community once, however many rows its languages make of it."""
        of = self._of["communities"]
        found: dict[str, Community] = {}
        for home, people, language, region in zip(
            of.things("community"),
            of.counts("people"),
            of.things("language"),
            of.things("region"),
            strict=True,
        ):
            known = found.get(home.id) or Community(home, (), (), people)
            found[home.id] = known._replace(
                languages=_with(known.languages, language), regions=_with(known.regions, region)
            )
        return found.values()

    def _endorsements(self) -> Iterable[Endorsement]:
        of = self._of["endorsements"]
        return map(
            Endorsement, of.things("person"), of.things("skill"), of.things("by"), of.days("date")
        )

    def _changes(self) -> Iterable[Change]:
        of = self._of["change"]
        return map(
            Change,
            of.things("skill"),
            of.ids("before"),
            of.ids("after"),
            of.counts("both"),
            of.counts("up"),
            of.counts("down"),
            of.counts("both_able_before"),
            of.counts("both_able_after"),
            map(Part, of.counts("able_before"), of.counts("assessed_before")),
            map(Part, of.counts("able_after"), of.counts("assessed_after")),
        )

    def _needs(self) -> Iterable[Need]:
        """Put those who could help with one need together."""
        of = self._of["needs"]
        found: dict[tuple[str, str, str], Need] = {}
        helpers: dict[tuple[str, str, str], list[tuple[Thing, str]]] = defaultdict(list)
        needs = map(
            Need,
            of.things("community"),
            of.things("skill"),
            of.things("target"),
            of.some("least"),
            of.some("wanted"),
            of.some("able"),
            of.some("willing"),
            repeat(()),
        )
        people = zip(of.some_things("person"), of.texts("languages"), strict=True)
        for need, (person, languages) in zip(needs, people, strict=True):
            key = need.community.id, need.skill.id, need.target.id
            found.setdefault(key, need)
            if person is not None:
                helpers[key].append((person, languages))
        return (need._replace(helpers=tuple(helpers[key])) for key, need in found.items())

    def _declared(self) -> Iterable[Declared]:
        of = self._of["declared_capacity"]
        return map(
            Declared,
            of.things("community"),
            of.things("skill"),
            of.numbers("rating"),
            of.numbers("lowest"),
            of.numbers("highest"),
            of.days("date"),
            of.counts("people"),
            of.counts("able"),
            of.numbers("declared"),
            of.numbers("computed"),
            of.missing("people"),
        )

    def _candidates(self) -> Iterable[Candidate]:
        of = self._of["candidates"]
        return map(Candidate, of.things("skill"), of.counts("people"), of.counts("able"))

    def _at_risk(self) -> Iterable[AtRisk]:
        of = self._of["at_risk"]
        return map(
            AtRisk,
            of.things("skill"),
            of.things("group"),
            of.counts("holders"),
            of.counts("away"),
            of.counts("assessed"),
            of.counts("learners"),
            of.missing("assessed"),
        )

    def _spoken(self) -> Iterable[Spoken]:
        of = self._of["languages"]
        return map(
            Spoken,
            of.things("language"),
            of.things("skill"),
            of.counts("people"),
            of.counts("able"),
            zip(*map(of.counts, LEVELS), strict=True),
            of.missing("people"),
        )

    def _demands(self) -> Iterable[Demand]:
        of = self._of["baseline_gap_person"]
        return map(Demand, of.things("skill"), of.things("minimum"))

    def _reached(self) -> Iterable[Reached]:
        of = self._of["baseline_gap"]
        return map(
            Reached,
            of.things("community"),
            of.things("skill"),
            of.things("minimum"),
            of.counts("assessed"),
            of.counts("able"),
            of.missing("assessed"),
        )

    def _groups(self) -> Iterable[GroupCapacity]:
        of = self._of["capacity_map_groups"]
        return map(
            GroupCapacity,
            of.things("community"),
            of.things("group"),
            of.counts("people"),
            of.counts("able"),
            of.missing("people"),
        )

    def _faults(self) -> Iterable[Fault]:
        of = self._of["data_quality"]
        return map(Fault, of.texts("check"), of.things("item"), of.things("detail"))

    def _holders(self) -> Iterable[Holder]:
        of = self._of["rare_skills"]
        return map(
            Holder,
            of.things("skill"),
            of.things("person"),
            of.things("level"),
            of.things("community"),
        )

    def _people(self) -> Iterable[Person]:
        """Give every person once, however many rows their communities make of them."""
        of = self._of["people"]
        found: dict[str, Person] = {}
        people = map(
            Person,
            of.things("person"),
            repeat(()),
            of.texts("languages"),
            of.texts("availability"),
            of.texts("time_zone"),
            of.days("latest"),
        )
        for person, home in zip(people, of.things("community"), strict=True):
            known = found.get(person.person.id, person)
            homes = _with(known.communities, home)
            found[person.person.id] = person._replace(communities=homes)
        return sorted(found.values(), key=lambda one: one.person.alphabetical)

    def _said(self, groups: Mapping[str, Thing]) -> Iterable[Said]:
        """Give all answers, those of one person together."""
        of = self._of["person_profile"]
        said = map(
            Said,
            of.things("person"),
            of.things("skill"),
            (
                groups.get(skill.id) or group
                for skill, group in zip(of.things("skill"), of.things("group"), strict=True)
            ),
            of.things("level"),
            of.numbers("number"),
            map(parts, of.cells("interests")),
            of.days("date"),
            of.things("wave"),
            of.truths("current"),
        )
        found: dict[str, list[Said]] = {}
        for one in said:
            found.setdefault(one.person.id, []).append(one)
        return chain.from_iterable(_joined(list(_distinct(one))) for one in found.values())

    def _waves(self) -> Iterable[Wave]:
        of = self._of["responses_per_wave"]
        return map(
            Wave,
            of.things("wave"),
            of.days("start"),
            of.days("end"),
            of.counts("people"),
            of.counts("assessments"),
            of.some("invited"),
        )


def _with(things: tuple[Thing, ...], more: Thing) -> tuple[Thing, ...]:
    return things if more in things or more is NOTHING else (*things, more)


def _once(rows: Iterable[Row], key: Callable[[Row], object]) -> tuple[Row, ...]:
    """Keep the first row of each key."""
    found: dict[object, Row] = {}
    for row in rows:
        found.setdefault(key(row), row)
    return tuple(found.values())


def _distinct(said: list[Said]) -> Iterable[Said]:
    """Keep the first answer of each kind that one person gave."""
    found: dict[tuple[object, ...], Said] = {}
    for one in said:
        found.setdefault((one.skill.id, one.wave.id, one.on, one.level.id), one)
    return found.values()


def _joined(said: list[Said]) -> list[Said]:
    """Put interests that somebody told without a level to the level of an earlier wave."""
    alone = {one.skill.id: one for one in said if one.current and not one.level.id}
    rated = {one.skill.id for one in said if one.current and one.level.id}
    if alone.keys().isdisjoint(rated):
        return said
    joined = []
    for one in said:
        wish = alone.get(one.skill.id)
        if one.current and wish is not None and one.level.id:
            interests = tuple(dict.fromkeys((*one.interests, *wish.interests)))
            joined.append(one._replace(interests=interests))
        elif one is not wish or one.skill.id not in rated:
            joined.append(one)
    return joined
