"""Who wants to learn a skill, and who could teach them in a language of both.

The teachers of one learner are those whose turn it is: the same three names are not asked by
everybody. Who is away is not named.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache, reduce
from itertools import islice
from operator import or_
from typing import NamedTuple

from wbskills.report.facts import Facts, Person, Thing

NAMED = 3  # teachers named for each learner


class Teacher(NamedTuple):
    """Somebody who would teach or help, and the languages that both speak."""

    person: Person
    languages: tuple[str, ...]


class Learner(NamedTuple):
    """Somebody who wants to learn; `more` could teach besides the `teachers`."""

    person: Person
    teachers: tuple[Teacher, ...]
    more: int


class Learning(NamedTuple):
    """One skill: who wants to learn it, and how many would teach it or help with it."""

    skill: Thing
    learners: tuple[Learner, ...]
    teachers: int

    @property
    def taught(self) -> int:
        """Count the learners for whom there is somebody with a language of both."""
        return sum(bool(one.teachers) for one in self.learners)


def learning(facts: Facts, offers: frozenset[str], wish: str, away: str) -> dict[str, Learning]:
    """Bring learners and teachers together, skill by skill, by the skill's id.

    `offers` are the words for helping and teaching, `wish` that for wanting to learn, `away`
    that for who is not to be asked now.
    """
    people = {person.person.id: person for person in facts.people}
    skills: dict[str, Thing] = {}
    keen: dict[str, list[Person]] = defaultdict(list)
    able: dict[str, list[Person]] = defaultdict(list)
    for one in facts.said:
        person = people.get(one.person.id)
        if not one.current or not one.interests or person is None:
            continue
        skills[one.skill.id] = one.skill
        if wish in one.interests:
            keen[one.skill.id].append(person)
        if not offers.isdisjoint(one.interests) and not (away and person.availability == away):
            able[one.skill.id].append(person)
    return {
        skill: Learning(skills[skill], _matched(learners, able[skill]), len(able[skill]))
        for skill, learners in keen.items()
    }


def _matched(learners: list[Person], teachers: list[Person]) -> tuple[Learner, ...]:
    school = _School(teachers)
    turns: dict[frozenset[str], _Turns] = {}
    found = []
    for at, person in enumerate(sorted(learners, key=lambda one: one.person.alphabetical)):
        spoken = frozenset(_languages(person))
        turn = turns.get(spoken) or turns.setdefault(spoken, _Turns(spoken, school))
        found.append(turn.of(person, at * NAMED))
    return tuple(found)


class _School:
    """The teachers of one skill in alphabetical order, and who of them speaks what.

    Who speaks a language is a whole number, with the bit of each teacher's place set: thousands
    of learners speak hardly twice the same languages, and for each the speakers are put together.
    """

    def __init__(self, teachers: list[Person]) -> None:
        shared = {one.person.id: one for one in teachers}
        self.teachers = sorted(shared.values(), key=lambda one: one.person.alphabetical)
        self.place = {one.person.id: at for at, one in enumerate(self.teachers)}
        self._speakers: dict[str, int] = defaultdict(int)
        for at, one in enumerate(self.teachers):
            for name in _languages(one):
                self._speakers[name] |= 1 << at

    def speakers(self, spoken: frozenset[str]) -> int:
        """Give the places of those who speak one of some languages."""
        return reduce(or_, (self._speakers.get(name, 0) for name in spoken), 0)


class _Turns:
    """The teachers who share one of some languages, each named when it is their turn."""

    def __init__(self, spoken: frozenset[str], school: _School) -> None:
        self._spoken, self._school = spoken, school
        self._shared = school.speakers(spoken)
        self._many = self._shared.bit_count()

    def of(self, learner: Person, first: int) -> Learner:
        """Name the teachers of a learner, from that turn on: turns go on across all languages."""
        own = self._school.place.get(learner.person.id, -1)
        others = self._many - (own >= 0 and self._shared >> own & 1)
        start = first % max(len(self._school.teachers), 1)
        # One more than is named, as the learner may be among them.
        turn = islice(_places(self._shared, start), NAMED + 1)
        chosen = [self._school.teachers[at] for at in turn if at != own][:NAMED]
        return Learner(
            learner,
            tuple(
                Teacher(one, tuple(name for name in _languages(one) if name in self._spoken))
                for one in chosen
            ),
            others - len(chosen),
        )


def _places(bits: int, start: int) -> Iterator[int]:
    """Give the places of the bits that are set, from one place on and then from the first.

    >>> list(_places(0b1101, 1))
    [2, 3, 0]
    """
    for part in (bits >> start << start, bits & (1 << start) - 1):
        left = part
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest


def _languages(person: Person) -> tuple[str, ...]:
    return languages_of(person.languages)


@lru_cache(maxsize=1 << 14)
def languages_of(text: str) -> tuple[str, ...]:
    """List the languages of a person, which are joined by commas.

    >>> languages_of("Deutsch, English")
    ('Deutsch', 'English')
    """
    return tuple(name for name in text.split(", ") if name)
