"""The pages of people and of skills: who has which skill, and who offers help.

A person's page is for that person, and for anyone who looks for help. It adds nothing up and
compares nobody.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from wbskills.report.baseline import answered_skills, baseline_levels
from wbskills.report.capacity_map import TOP_LEVEL
from wbskills.report.facts import (
    BaselineSkill,
    Coverage,
    Endorsement,
    Facts,
    ItemRef,
    Person,
    SkillAnswer,
)
from wbskills.report.overview import Bar, bar, skill_bar


class Interests(NamedTuple):
    """The labels of the three interests in the language of the tables."""

    can_teach: str = "can teach"
    can_help: str = "can help"
    wants_to_learn: str = "wants to learn"

    @property
    def offers(self) -> frozenset[str]:
        """The labels of those that offer help."""
        return frozenset({self.can_help, self.can_teach})


class EarlierLevel(NamedTuple):
    """A level given in an earlier survey wave."""

    level: ItemRef
    wave: ItemRef


class PersonSkill(NamedTuple):
    """A skill on a person's page; `step` (0 to 4) draws the level, None for one off the scale."""

    skill: ItemRef
    level: ItemRef
    step: int | None
    interests: tuple[str, ...]
    date: dt.date | None
    earlier: tuple[EarlierLevel, ...]


class PersonSkillGroup(NamedTuple):
    """The skills of one group, the highest level first."""

    group: ItemRef
    skills: tuple[PersonSkill, ...]


class MissingSkill(NamedTuple):
    """A baseline skill that a person does not have at the baseline level; they gave `level`."""

    required: BaselineSkill
    level: ItemRef | None


class PersonPage(NamedTuple):
    """The page of a person: their skills, help and learning, and since when.

    `rest` are the answers “none” and those off the scale. `interests` are the skills by
    interest; `waves` the number of answers and the latest date by survey wave, latest first.
    """

    person: Person
    groups: tuple[PersonSkillGroup, ...]
    rest: tuple[PersonSkill, ...]
    interests: tuple[tuple[str, tuple[ItemRef, ...]], ...]
    waves: tuple[tuple[ItemRef, int, dt.date | None], ...]
    since: dt.date | None
    endorsements: tuple[Endorsement, ...]
    missing: tuple[MissingSkill, ...]

    def has(self, column: str) -> bool:
        """Check whether any skill has something in a column, so that it is worth showing."""
        return any(getattr(skill, column) for group in self.groups for skill in group.skills)


class SkillPerson(NamedTuple):
    """A person on the page of a skill."""

    person: Person
    level: ItemRef
    step: int | None
    interests: tuple[str, ...]


class SkillPage(NamedTuple):
    """The page of a skill: answers by level, who has it, who else offers help, who learns it.

    `communities` are those in which someone has it, with most people first; `missing` those in
    which people answered and nobody has it.
    """

    coverage: Coverage
    bar: Bar
    levels: tuple[Bar, ...]
    communities: tuple[Bar, ...]
    missing: tuple[Bar, ...]
    able: tuple[SkillPerson, ...]
    offering: tuple[SkillPerson, ...]
    learning: tuple[SkillPerson, ...]


class PersonPages:
    """Makes the pages of single people; `levels` are the labels of the scale from 0 on."""

    def __init__(self, facts: Facts, interests: Interests, levels: Sequence[str] = ()) -> None:
        self._interests = interests
        skills = sorted(
            {answer.skill for answer in facts.answers}, key=lambda skill: skill.sort_key
        )
        self._order = {skill.id: at for at, skill in enumerate(skills)}
        asked = answered_skills(facts)  # a skill that nobody was asked about is missing nowhere
        self._baseline = tuple(one for one in facts.baseline if one.skill.id in asked)
        self._least = baseline_levels(facts, levels)
        self.answers: Mapping[str, list[SkillAnswer]] = defaultdict(list)
        for answer in facts.answers:
            self.answers[answer.person.id].append(answer)
        self._endorsements: dict[str, list[Endorsement]] = defaultdict(list)
        for endorsement in facts.endorsements:
            self._endorsements[endorsement.person.id].append(endorsement)

    def page(self, person: Person) -> PersonPage:
        """Return the page of one person."""
        answers = sorted(
            self.answers.get(person.person.id, ()), key=lambda one: self._order[one.skill.id]
        )
        earlier: dict[str, list[SkillAnswer]] = defaultdict(list)
        for one in answers:
            if not one.current and one.level.id:
                earlier[one.skill.id].append(one)
        groups: dict[ItemRef, list[PersonSkill]] = defaultdict(list)
        rest: list[PersonSkill] = []
        current = [answer for answer in answers if answer.current]
        rated = [one for one in current if one.level.id]
        for one in sorted(rated, key=lambda one: one.number or 0, reverse=True):
            skill = PersonSkill(
                one.skill,
                one.level,
                _step(one.number),
                one.interests,
                one.date,
                _earlier_levels(earlier.get(one.skill.id, ())),
            )
            (groups[one.group] if one.number else rest).append(skill)
        return PersonPage(
            person,
            groups=tuple(
                PersonSkillGroup(group, tuple(skills))
                for group, skills in sorted(groups.items(), key=lambda pair: pair[0].sort_key)
            ),
            rest=tuple(rest),
            interests=tuple(self._by_interest(current)),
            waves=tuple(_waves(answers)),
            since=min((answer.date for answer in answers if answer.date), default=None),
            endorsements=tuple(self._endorsements.get(person.person.id, ())),
            missing=tuple(self._missing(current)),
        )

    def _by_interest(
        self, current: Iterable[SkillAnswer]
    ) -> Iterator[tuple[str, tuple[ItemRef, ...]]]:
        skills: dict[str, list[ItemRef]] = defaultdict(list)
        for one in current:
            for interest in one.interests:
                skills[interest].append(one.skill)
        order = {name: at for at, name in enumerate(self._interests)}
        for name in sorted(skills, key=lambda name: (order.get(name, len(order)), name)):
            yield name, tuple(skills[name])

    def _missing(self, current: Iterable[SkillAnswer]) -> Iterator[MissingSkill]:
        answers = {one.skill.id: one for one in current}
        for required in self._baseline:
            one = answers.get(required.skill.id)
            least = self._least[required.skill.id]
            if one is None:
                yield MissingSkill(required, None)
            elif one.number is None or (least is not None and one.number < least):
                yield MissingSkill(required, one.level if one.level.id else None)


def skill_pages(facts: Facts, level: int, interests: Interests) -> Iterator[SkillPage]:
    """Return the page of every skill; people have it from the level with the number `level` on."""
    people = {person.person.id: person for person in sorted(facts.people, key=_by_community)}
    order = {person: at for at, person in enumerate(people)}
    answers: dict[str, list[SkillAnswer]] = defaultdict(list)
    for answer in facts.answers:
        if answer.current and answer.person.id in people:
            answers[answer.skill.id].append(answer)
    communities: dict[str, list[Bar]] = defaultdict(list)
    for one in facts.capacities:
        if one.people:
            communities[one.skill.id].append(bar(one.community, one.able, one.people))
    for coverage in facts.coverage:
        skill = coverage.skill.id
        bars = sorted(communities[skill], key=lambda one: (-one.part, one.item.sort_key))
        found = sorted(answers[skill], key=lambda one: order[one.person.id])
        able, offering, learning = _lists(found, people, level, interests)
        yield SkillPage(
            coverage,
            skill_bar(coverage),
            levels=tuple(_by_level(found)),
            communities=tuple(one for one in bars if one.part),
            missing=tuple(one for one in bars if not one.part),
            able=able,
            offering=offering,
            learning=learning,
        )


def _lists(
    answers: Iterable[SkillAnswer],
    people: Mapping[str, Person],
    level: int,
    interests: Interests,
) -> tuple[tuple[SkillPerson, ...], ...]:
    """List who has a skill, who else offers help, who wants to learn it: helpers come first."""
    able: list[tuple[bool, SkillPerson]] = []
    offering: list[tuple[bool, SkillPerson]] = []
    learning: list[tuple[bool, SkillPerson]] = []
    for one in answers:
        helps = not interests.offers.isdisjoint(one.interests)
        learns = interests.wants_to_learn in one.interests
        has_skill = one.number is not None and one.number >= level
        if not (has_skill or helps or learns):
            continue
        person = people[one.person.id]
        listed = helps, SkillPerson(person, one.level, _step(one.number), one.interests)
        if has_skill:
            able.append(listed)
        elif helps:
            offering.append(listed)
        if learns:
            learning.append(listed)
    return tuple(
        tuple(one for helps in (True, False) for offers, one in ones if offers == helps)
        for ones in (able, offering, learning)
    )


def _earlier_levels(answers: Sequence[SkillAnswer]) -> tuple[EarlierLevel, ...]:
    """List the levels of earlier waves, the latest first."""
    latest = sorted(answers, key=_day, reverse=True) if len(answers) > 1 else answers
    return tuple([EarlierLevel(one.level, one.wave) for one in latest])


def _day(one: SkillAnswer) -> dt.date:
    return one.date or dt.date.min


def _waves(answers: Iterable[SkillAnswer]) -> Iterator[tuple[ItemRef, int, dt.date | None]]:
    days: dict[ItemRef, list[dt.date]] = defaultdict(list)
    for answer in answers:
        days[answer.wave].append(_day(answer))
    latest = {wave: max(each) for wave, each in days.items() if wave.label}
    for wave, day in sorted(latest.items(), key=lambda pair: pair[1], reverse=True):
        yield wave, len(days[wave]), None if day == dt.date.min else day


def _by_community(one: Person) -> tuple[list[tuple[str, str]], tuple[str, str]]:
    """Order people by community and name, not by how high their level is."""
    return [home.sort_key for home in one.communities], one.person.sort_key


def _by_level(answers: Iterable[SkillAnswer]) -> Iterator[Bar]:
    """Count the answers on the scale, the highest level first."""
    counts: dict[ItemRef, list[SkillAnswer]] = defaultdict(list)
    for answer in answers:
        counts[answer.level].append(answer)
    on_scale = [level for level, ones in counts.items() if ones[0].number is not None]
    on_scale.sort(key=lambda level: counts[level][0].number or 0, reverse=True)
    whole = sum(len(counts[level]) for level in on_scale)
    for level in on_scale:
        yield bar(level, len(counts[level]), whole)


@lru_cache(maxsize=1 << 10)
def _step(number: Decimal | None) -> int | None:
    return None if number is None else max(0, min(TOP_LEVEL, int(number)))
