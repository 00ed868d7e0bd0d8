"""Who wants to learn a skill, and who could teach them in a language of both.

The teachers of one learner are those whose turn it is: the same three names are not asked by
everybody. Who is away is not named.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
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
    turns: dict[frozenset[str], _Turns] = {}
    found = []
    for at, person in enumerate(sorted(learners, key=lambda one: one.person.alphabetical)):
        spoken = frozenset(_languages(person))
        turn = turns.get(spoken) or turns.setdefault(spoken, _Turns(spoken, teachers))
        found.append(turn.of(person, at * NAMED))
    return tuple(found)


class _Turns:
    """The teachers who share one of some languages, each named when it is their turn."""

    def __init__(self, spoken: frozenset[str], teachers: list[Person]) -> None:
        shared: Mapping[str, Person] = {
            one.person.id: one for one in teachers if not spoken.isdisjoint(_languages(one))
        }
        self._spoken, self._ids = spoken, shared.keys()
        self._teachers = sorted(shared.values(), key=lambda one: one.person.alphabetical)

    def of(self, learner: Person, first: int) -> Learner:
        """Name the teachers of a learner, from that turn on: turns go on across all languages."""
        many = len(self._teachers)
        others = many - (learner.person.id in self._ids)
        turn = (self._teachers[(first + at) % many] for at in range(min(many, NAMED + 1)))
        chosen = [one for one in turn if one.person.id != learner.person.id][:NAMED]
        return Learner(
            learner,
            tuple(
                Teacher(one, tuple(name for name in _languages(one) if name in self._spoken))
                for one in chosen
            ),
            others - len(chosen),
        )


def _languages(person: Person) -> tuple[str, ...]:
    return languages_of(person.languages)


@lru_cache(maxsize=1 << 14)
def languages_of(text: str) -> tuple[str, ...]:
    """List the languages of a person, which are joined by commas.

    >>> languages_of("Deutsch, English")
    ('Deutsch', 'English')
    """
    return tuple(name for name in text.split(", ") if name)
