"""How old answers are, and how many of them rest on nothing but a person's own word."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from wbskills.report.facts import Facts, Said, Thing

# Where each band of ages begins, in days; the last has no end.
BANDS = (0, 183, 365, 730)
OLD = 365  # from this age on, in days, an answer is due to be asked again


class Ages(NamedTuple):
    """How old some answers are, in days.

    `median` is None where no answer has a date. `bands` counts answers by `BANDS`; `undated`
    those without a day; `old` those of `OLD` days or more. `own` of all `answers` rest on the
    person's word alone: nobody has vouched for them.
    """

    answers: int
    people: int
    median: int | None
    bands: tuple[int, ...]
    undated: int
    old: int
    own: int


class Aged(NamedTuple):
    """How old the answers about one thing are."""

    thing: Thing
    ages: Ages


def endorsed(facts: Facts) -> frozenset[tuple[str, str]]:
    """List the pairs of person and skill that somebody else has vouched for."""
    return frozenset(
        (one.person.id, one.skill.id)
        for one in facts.endorsements
        if one.by.id and one.by.id != one.person.id
    )


def ages(said: Iterable[Said], today: date, vouched: frozenset[tuple[str, str]]) -> Ages:
    """Measure the answers given, of which only the current ones should be handed over."""
    said = list(said)
    # Most of thousands of answers were given on the same few days.
    given = Counter([one.on for one in said])
    days = Counter[int]()
    for day, count in given.items():
        if day:
            days[max(0, (today - day).days)] += count
    bands = [0] * len(BANDS)
    for age, count in days.items():
        bands[sum(age >= start for start in BANDS) - 1] += count
    return Ages(
        len(said),
        len({one.person.id for one in said}),
        _median(days),
        tuple(bands),
        given[None],
        sum(count for age, count in days.items() if age >= OLD),
        sum((one.person.id, one.skill.id) not in vouched for one in said),
    )


def _median(counts: Counter[int]) -> int | None:
    """Give the lower of the two in the middle."""
    left = (counts.total() + 1) // 2
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None


def by_skill(facts: Facts, today: date, vouched: frozenset[tuple[str, str]]) -> tuple[Aged, ...]:
    """Measure the answers about each skill, the oldest first."""
    found: dict[Thing, list[Said]] = defaultdict(list)
    for one in facts.said:
        if one.current:
            found[one.skill].append(one)
    aged = [Aged(skill, ages(ones, today, vouched)) for skill, ones in found.items()]
    return tuple(sorted(aged, key=lambda one: (-(one.ages.median or 0), one.thing.alphabetical)))


def by_community(
    facts: Facts, today: date, vouched: frozenset[tuple[str, str]]
) -> dict[str, Ages]:
    """Measure the answers of each community's people, by the community's id."""
    homes = {one.person.id: [home.id for home in one.communities] for one in facts.people}
    found: dict[str, list[Said]] = defaultdict(list)
    for one in facts.said:
        if one.current:
            for home in homes.get(one.person.id, ()):
                found[home].append(one)
    return {key: ages(ones, today, vouched) for key, ones in found.items()}
