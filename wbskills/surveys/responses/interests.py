"""Interests in skills: those of one skill each, and answers about many skills at once."""

from collections.abc import Iterable
from dataclasses import replace

from wbskills.domain import Assessment
from wbskills.surveys.mapping.resolved import GeneralInterestColumn


def interests_of(values: Iterable[str]) -> tuple[str, ...]:
    """List the interests that some answers mean, each of which may mean several.

    >>> interests_of(["wants_to_learn", "can_help, can_teach"])
    ('can_help', 'can_teach', 'wants_to_learn')
    """
    return tuple(sorted({part.strip() for value in values for part in value.split(",")}))


def merge_interests(
    assessments: tuple[Assessment, ...], interests_only: tuple[Assessment, ...]
) -> tuple[Assessment, ...]:
    """Add interests without a level to the level that the person gave in another place."""
    levels = {assessment.skill for assessment in assessments if assessment.level}
    interests = {one.skill: one.interests for one in interests_only}
    interests |= {
        assessment.skill: assessment.interests
        for assessment in assessments
        if not assessment.level
    }
    if interests.keys().isdisjoint(levels):
        return (*assessments, *interests_only)
    return tuple(
        replace(one, interests=one.interests or interests.get(one.skill, ()))
        for one in (*assessments, *interests_only)
        if one.level or one.skill not in levels
    )


def with_general_interest(
    assessments: tuple[Assessment, ...], general: GeneralInterestColumn, answer: str
) -> tuple[Assessment, ...]:
    """Add the interests of one answer about many skills; an empty answer adds nothing."""
    if not answer:
        return assessments
    added = interests_of([answer])

    def is_meant(one: Assessment) -> bool:
        if general.skills is not None and one.skill not in general.skills:
            return False
        return one.level in general.levels if general.levels else True

    found = tuple(
        replace(one, interests=interests_of([*one.interests, *added])) if is_meant(one) else one
        for one in assessments
    )
    if general.levels:
        return found
    known = {one.skill for one in assessments}
    new = (skill for skill in general.skills or () if skill not in known)
    return (*found, *(Assessment(skill, "", added) for skill in new))
