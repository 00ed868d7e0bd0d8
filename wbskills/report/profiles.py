"""The pages of single people and of single skills: who can do what, and would help.

A person's page is for that person and for whoever looks for help. It counts nothing up and
compares nobody with anybody.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from wbskills.report.facts import (
    Coverage,
    Demand,
    Endorsement,
    Facts,
    Person,
    Said,
    Thing,
)
from wbskills.report.heatmap import TOP_STEP
from wbskills.report.overview import Bar, answered, bar, minimums

_NEVER = date.min


class Interests(NamedTuple):
    """How the tables call what somebody would do with a skill, in the language of the site."""

    can_teach: str = "can teach"
    can_help: str = "can help"
    wants_to_learn: str = "wants to learn"


class Earlier(NamedTuple):
    """A level that was stated in an earlier wave."""

    level: Thing
    wave: Thing


class Skill(NamedTuple):
    """A skill on somebody's page; `step` (0 to 4) draws the level, None for one off the scale."""

    skill: Thing
    level: Thing
    step: int | None
    interests: tuple[str, ...]
    on: date | None
    earlier: tuple[Earlier, ...]


class SkillGroup(NamedTuple):
    """The skills of one group, the highest level first."""

    group: Thing
    skills: tuple[Skill, ...]


class Lacking(NamedTuple):
    """A skill of the baseline that somebody does not have at its level; `level` was said, if any.

    An offer of what to learn next, no mark.
    """

    demand: Demand
    level: Thing | None


class Profile(NamedTuple):
    """One person's page: what they can, what they would do with it, and since when.

    `rest` holds the answers "none" and those off the scale, which are no capacity.
    """

    person: Person
    groups: tuple[SkillGroup, ...]
    rest: tuple[Skill, ...]
    interests: tuple[tuple[str, tuple[Thing, ...]], ...]
    waves: tuple[tuple[Thing, int, date | None], ...]
    since: date | None
    endorsements: tuple[Endorsement, ...] = ()
    lacking: tuple[Lacking, ...] = ()

    def has(self, column: str) -> bool:
        """Tell whether any skill has something in a column, so that it is worth showing."""
        return any(getattr(skill, column) for group in self.groups for skill in group.skills)


class Someone(NamedTuple):
    """A person on the page of a skill."""

    person: Person
    level: Thing
    step: int | None
    interests: tuple[str, ...]
    on: date | None


class SkillPage(NamedTuple):
    """One skill's page: answers by level, who can, who else would help, who wants to learn.

    `communities` are those in which somebody can, with most people first; `missing` those in
    which people answered and nobody can.
    """

    coverage: Coverage
    bar: Bar
    levels: tuple[Bar, ...]
    communities: tuple[Bar, ...]
    able: tuple[Someone, ...]
    offering: tuple[Someone, ...]
    learning: tuple[Someone, ...]
    missing: tuple[Bar, ...] = ()


class Profiles:
    """Makes the pages of single people; `levels` are the labels of the scale from 0 on."""

    def __init__(self, facts: Facts, interests: Interests, levels: tuple[str, ...] = ()) -> None:
        self._interests = interests
        skills = sorted({one.skill for one in facts.said}, key=lambda skill: skill.alphabetical)
        self._order = {skill.id: at for at, skill in enumerate(skills)}
        asked = answered(facts)
        # What nobody was asked about, everybody would lack.
        self._demands = tuple(one for one in facts.demands if one.skill.id in asked)
        self.said: Mapping[str, list[Said]] = _by_person(facts.said)
        self._vouched: dict[str, list[Endorsement]] = defaultdict(list)
        for endorsement in facts.endorsements:
            self._vouched[endorsement.person.id].append(endorsement)
        self._least = minimums(facts, levels)

    def page(self, person: Person) -> Profile:
        """Give somebody's page."""
        said = self.said.get(person.person.id, [])
        said = sorted(said, key=lambda one: self._order[one.skill.id])
        page = _profile(person, said, self._interests)
        return page._replace(
            endorsements=tuple(self._vouched.get(person.person.id, ())),
            lacking=tuple(self._lacking(said)),
        )

    def _lacking(self, said: list[Said]) -> Iterator[Lacking]:
        current = {one.skill.id: one for one in said if one.current}
        for demand in self._demands:
            one = current.get(demand.skill.id)
            least = self._least[demand.skill.id]
            if one is None:
                yield Lacking(demand, None)
            elif one.number is None or (least is not None and one.number < least):
                yield Lacking(demand, one.level if one.level.id else None)


def profiles(
    facts: Facts, interests: Interests, levels: tuple[str, ...] = ()
) -> Iterator[Profile]:
    """Give every person's page."""
    maker = Profiles(facts, interests, levels)
    return (maker.page(person) for person in facts.people)


def _by_person(answers: Iterable[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for one in answers:
        found.setdefault(one.person.id, []).append(one)
    return found


def skill_pages(facts: Facts, least: int, interests: Interests) -> Iterator[SkillPage]:
    """Give every skill's page; who can do it is who said the level number `least` or more."""
    people = {person.person.id: person for person in sorted(facts.people, key=_by_place)}
    order = {person: at for at, person in enumerate(people)}
    said: dict[str, list[Said]] = defaultdict(list)
    for answer in facts.said:
        if answer.current and answer.person.id in people:
            said[answer.skill.id].append(answer)
    places: dict[str, list[Bar]] = defaultdict(list)
    for one in facts.capacities:
        if one.people:
            places[one.skill.id].append(bar(one.community, one.able, one.people))
    for coverage in facts.coverage:
        skill = coverage.skill.id
        ordered = sorted(said[skill], key=lambda one: order[one.person.id])
        page = _skill_page(coverage, ordered, people, least, interests)
        there = sorted(places[skill], key=lambda one: (-one.part, one.thing.alphabetical))
        yield page._replace(
            communities=tuple(one for one in there if one.part),
            missing=tuple(one for one in there if not one.part),
        )


def _profile(person: Person, said: list[Said], interests: Interests) -> Profile:
    """Make a person's page from what they said, in the alphabetical order of skills."""
    earlier: dict[str, list[Said]] = {}
    current: list[Said] = []
    for one in said:
        if one.current:
            current.append(one)
        elif one.level.id:
            earlier.setdefault(one.skill.id, []).append(one)
    groups: dict[Thing, list[Skill]] = {}
    rest: list[Skill] = []
    wishes: dict[str, list[Thing]] = {}
    rated = [one for one in current if one.level.id]
    for one in sorted(rated, key=lambda one: one.number or 0, reverse=True):
        skill = Skill(
            one.skill,
            one.level,
            _step(one.number),
            one.interests,
            one.on,
            _earlier(earlier.get(one.skill.id, ())),
        )
        (groups.setdefault(one.group, []) if one.number else rest).append(skill)
    for one in current:
        for interest in one.interests:
            wishes.setdefault(interest, []).append(one.skill)
    return Profile(
        person,
        tuple(
            SkillGroup(group, tuple(skills))
            for group, skills in sorted(groups.items(), key=lambda item: item[0].alphabetical)
        ),
        tuple(rest),
        tuple((name, tuple(wishes[name])) for name in _known_first(wishes, interests)),
        tuple(_waves(said)),
        min((one.on for one in said if one.on), default=None),
    )


def _earlier(said: Sequence[Said]) -> tuple[Earlier, ...]:
    """List the levels of earlier waves, the newest first."""
    newest = sorted(said, key=_day, reverse=True) if len(said) > 1 else said
    return tuple([Earlier(one.level, one.wave) for one in newest])


def _day(one: Said) -> date:
    return one.on or _NEVER


def _waves(said: list[Said]) -> Iterator[tuple[Thing, int, date | None]]:
    days: dict[Thing, list[date]] = {}
    for one in said:
        days.setdefault(one.wave, []).append(one.on or _NEVER)
    newest = {wave: max(each) for wave, each in days.items() if wave.label}
    for wave, day in sorted(newest.items(), key=lambda item: item[1], reverse=True):
        yield wave, len(days[wave]), None if day == _NEVER else day


def _skill_page(
    coverage: Coverage,
    said: list[Said],
    people: dict[str, Person],
    least: int,
    interests: Interests,
) -> SkillPage:
    """Make a skill's page from what was said, in the order of people."""
    able, offering, learning = _Folk(), _Folk(), _Folk()
    for one in said:
        would_help = interests.can_teach in one.interests or interests.can_help in one.interests
        wants_to_learn = interests.wants_to_learn in one.interests
        can = one.number is not None and one.number >= least
        if not (can or would_help or wants_to_learn):
            continue
        person = people[one.person.id]
        someone = Someone(person, one.level, _step(one.number), one.interests, one.on)
        if can:
            able.add(someone, first=would_help)
        elif would_help:
            offering.add(someone, first=True)
        if wants_to_learn:
            learning.add(someone, first=would_help)
    return SkillPage(
        coverage,
        bar(coverage.skill, coverage.able, coverage.assessed),
        tuple(_by_level(said)),
        (),
        able.everyone,
        offering.everyone,
        learning.everyone,
    )


class _Folk:
    """People on the page of a skill: those who would help come first, which is of most use."""

    def __init__(self) -> None:
        self._first: list[Someone] = []
        self._then: list[Someone] = []

    def add(self, someone: Someone, *, first: bool) -> None:
        (self._first if first else self._then).append(someone)

    @property
    def everyone(self) -> tuple[Someone, ...]:
        return (*self._first, *self._then)


def _by_place(one: Person) -> tuple[list[tuple[str, str]], tuple[str, str]]:
    """Order people by community and name, and not by how high their level is."""
    return [home.alphabetical for home in one.communities], one.person.alphabetical


def _by_level(said: list[Said]) -> Iterator[Bar]:
    counts: dict[Thing, list[Said]] = defaultdict(list)
    for one in said:
        counts[one.level].append(one)
    on_scale = [level for level, ones in counts.items() if ones[0].number is not None]
    on_scale.sort(key=lambda level: counts[level][0].number or 0, reverse=True)
    whole = sum(len(counts[level]) for level in on_scale)
    for level in on_scale:
        yield bar(level, len(counts[level]), whole)


def _known_first(wishes: Iterable[str], interests: Interests) -> list[str]:
    order = {name: at for at, name in enumerate(interests)}
    return sorted(wishes, key=lambda name: (order.get(name, len(order)), name))


@lru_cache(maxsize=1 << 10)
def _step(number: Decimal | None) -> int | None:
    return None if number is None else max(0, min(TOP_STEP, int(number)))
