"""Who wants to learn a skill, and who with a shared language offers to teach it or to help.

Teachers are named in turn, so that not every learner is sent to the same three people. People
who are away are not named.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import reduce
from itertools import islice
from operator import or_
from typing import Final, NamedTuple

from wbskills.report.facts import Facts, ItemRef, Person

NAMED: Final = 3  # teachers named for each learner


class Teacher(NamedTuple):
    """Someone who offers to teach or help, and the languages shared with the learner."""

    person: Person
    languages: tuple[str, ...]


class Learner(NamedTuple):
    """Someone who wants to learn; `more` people could teach them besides the `teachers`."""

    person: Person
    teachers: tuple[Teacher, ...]
    more: int


class SkillLearning(NamedTuple):
    """One skill: who wants to learn it, and how many people offer to teach it or to help."""

    skill: ItemRef
    learners: tuple[Learner, ...]
    teachers: int

    @property
    def taught(self) -> int:
        """The number of learners with a possible teacher."""
        return sum(bool(learner.teachers) for learner in self.learners)


def learning(
    facts: Facts, offers: frozenset[str], learns: str, away: str
) -> dict[str, SkillLearning]:
    """Match learners and teachers of each skill, by the skill's id.

    `offers` are the labels of “can help” and “can teach”, `learns` that of “wants to learn”,
    `away` that of people who are not to be asked now.
    """
    people = {person.person.id: person for person in facts.people}
    skills: dict[str, ItemRef] = {}
    learners: dict[str, list[Person]] = defaultdict(list)
    teachers: dict[str, list[Person]] = defaultdict(list)
    for answer in facts.answers:
        person = people.get(answer.person.id)
        if not answer.current or not answer.interests or person is None:
            continue
        skills[answer.skill.id] = answer.skill
        if learns in answer.interests:
            learners[answer.skill.id].append(person)
        if not offers.isdisjoint(answer.interests) and not (away and person.availability == away):
            teachers[answer.skill.id].append(person)
    return {
        skill: SkillLearning(skills[skill], _matched(ones, teachers[skill]), len(teachers[skill]))
        for skill, ones in learners.items()
    }


def _matched(learners: list[Person], teachers: list[Person]) -> tuple[Learner, ...]:
    index = _TeacherIndex(teachers)
    rotations: dict[frozenset[str], _Rotation] = {}
    found = []
    for at, person in enumerate(sorted(learners, key=lambda one: one.person.sort_key)):
        spoken = frozenset(person.languages)
        if spoken not in rotations:
            rotations[spoken] = _Rotation(spoken, index)
        found.append(rotations[spoken].of(person, at * NAMED))
    return tuple(found)


class _TeacherIndex:
    """The teachers of one skill in alphabetical order, and who of them speaks which language.

    The speakers of a language are a whole number with the bit of each teacher's place set, since
    thousands of learners have hardly two the same languages, and their speakers must be united.
    """

    def __init__(self, teachers: list[Person]) -> None:
        distinct = {teacher.person.id: teacher for teacher in teachers}
        self.teachers = sorted(distinct.values(), key=lambda one: one.person.sort_key)
        self.place = {one.person.id: at for at, one in enumerate(self.teachers)}
        self._speakers: dict[str, int] = defaultdict(int)
        for at, one in enumerate(self.teachers):
            for name in one.languages:
                self._speakers[name] |= 1 << at

    def speakers(self, spoken: frozenset[str]) -> int:
        """Return the places of those who speak one of some languages, as bits."""
        return reduce(or_, (self._speakers.get(name, 0) for name in spoken), 0)


class _Rotation:
    """The teachers who share one of some languages, each named in turn."""

    def __init__(self, spoken: frozenset[str], index: _TeacherIndex) -> None:
        self._spoken, self._index = spoken, index
        self._shared = index.speakers(spoken)
        self._count = self._shared.bit_count()

    def of(self, learner: Person, first: int) -> Learner:
        """Name the teachers of a learner from that turn on; turns go on across all languages."""
        own = self._index.place.get(learner.person.id, -1)
        others = self._count - (own >= 0 and self._shared >> own & 1)
        start = first % max(len(self._index.teachers), 1)
        # One more than is named, since the learner may be among them.
        turn = islice(_places(self._shared, start), NAMED + 1)
        chosen = [self._index.teachers[at] for at in turn if at != own][:NAMED]
        teachers = (
            Teacher(one, tuple(name for name in one.languages if name in self._spoken))
            for one in chosen
        )
        return Learner(learner, tuple(teachers), others - len(chosen))


def _places(bits: int, start: int) -> Iterator[int]:
    """Iterate over the places of the bits that are set, from `start` on, then from the first.

    >>> list(_places(0b1101, 1))
    [2, 3, 0]
    """
    for part in (bits >> start << start, bits & (1 << start) - 1):
        left = part
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest
