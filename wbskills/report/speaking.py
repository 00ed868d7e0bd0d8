"""What the speakers of each language can do."""

from collections.abc import Iterable
from typing import NamedTuple

from wbskills.report.facts import Facts, Spoken, Thing
from wbskills.report.overview import Bar, bar


class SpokenSkill(NamedTuple):
    """A skill among the speakers of a language, and its bar."""

    said: Spoken
    bar: Bar


class Language(NamedTuple):
    """One language's page: its skills, those that most can do first.

    Of the `answered` skills somebody can do `able`.
    """

    language: Thing
    skills: tuple[SpokenSkill, ...]

    @property
    def answered(self) -> int:
        """Count the skills that speakers answered about."""
        return sum(not one.said.withheld for one in self.skills)

    @property
    def able(self) -> int:
        """Count the skills that a speaker can do."""
        return sum(bool(one.said.able) for one in self.skills)


def languages(facts: Facts) -> tuple[Language, ...]:
    """Give every language's page, in alphabetical order."""
    found: dict[Thing, list[Spoken]] = {}
    for one in facts.spoken:
        if one.language.id:
            found.setdefault(one.language, []).append(one)
    ordered = sorted(found.items(), key=lambda item: item[0].alphabetical)
    return tuple(Language(language, tuple(_ordered(skills))) for language, skills in ordered)


def _ordered(skills: Iterable[Spoken]) -> Iterable[SpokenSkill]:
    for one in sorted(skills, key=lambda one: (-one.able, one.skill.alphabetical)):
        drawn = bar(one.skill, one.able, one.people)
        yield SpokenSkill(one, drawn._replace(withheld=one.withheld))
