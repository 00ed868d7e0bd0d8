"""How old answers are, and how many of them nobody else has endorsed."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from wbskills.report.facts import Facts, ItemRef, SkillAnswer

BANDS: Final = (0, 183, 365, 730)  # where each band of ages begins, in days; the last is open
OLD: Final = 365  # an answer of this age in days, or older, is old

Endorsed = frozenset[tuple[str, str]]  # ids of people and of skills


class Ages(NamedTuple):
    """How old some answers are, in days.

    `median` is None if no answer has a date. `bands` counts answers by `BANDS`, `undated` those
    without a date, `old` those of `OLD` days or more, `own` those that nobody endorsed.
    """

    answers: int
    people: int
    median: int | None
    bands: tuple[int, ...]
    undated: int
    old: int
    own: int


class AnswerAges(NamedTuple):
    """How old the answers about one skill, or from one community, are."""

    item: ItemRef
    ages: Ages

    @property
    def oldest_first(self) -> tuple[int, tuple[str, str]]:
        """What to sort by, so that the largest median comes first."""
        return -(self.ages.median or 0), self.item.sort_key


def endorsed(facts: Facts) -> Endorsed:
    """List the pairs of person and skill that someone else has endorsed."""
    return frozenset(
        (endorsement.person.id, endorsement.skill.id)
        for endorsement in facts.endorsements
        if endorsement.by.id and endorsement.by.id != endorsement.person.id
    )


def ages(answers: Iterable[SkillAnswer], today: date, endorsed: Endorsed) -> Ages:
    """Measure answers, which should be current ones; a date to come counts as today."""
    answers = list(answers)
    dates = Counter([answer.date for answer in answers])  # thousands of answers have few dates
    days = Counter[int]()
    for day, count in dates.items():
        if day:
            days[max(0, (today - day).days)] += count
    bands = [0] * len(BANDS)
    for age, count in days.items():
        bands[sum(age >= start for start in BANDS) - 1] += count
    return Ages(
        len(answers),
        len({answer.person.id for answer in answers}),
        _median(days),
        tuple(bands),
        dates[None],
        sum(count for age, count in days.items() if age >= OLD),
        sum((answer.person.id, answer.skill.id) not in endorsed for answer in answers),
    )


def ages_by_skill(facts: Facts, today: date, endorsed: Endorsed) -> tuple[AnswerAges, ...]:
    """Measure the current answers about each skill, the oldest first."""
    found: dict[ItemRef, list[SkillAnswer]] = defaultdict(list)
    for one in facts.answers:
        if one.current:
            found[one.skill].append(one)
    measured = (AnswerAges(skill, ages(ones, today, endorsed)) for skill, ones in found.items())
    return tuple(sorted(measured, key=lambda one: one.oldest_first))


def ages_by_community(facts: Facts, today: date, endorsed: Endorsed) -> dict[str, Ages]:
    """Measure the current answers from each community, by the community's id."""
    homes = {person.person.id: [home.id for home in person.communities] for person in facts.people}
    found: dict[str, list[SkillAnswer]] = defaultdict(list)
    for answer in facts.answers:
        if answer.current:
            for home in homes.get(answer.person.id, ()):
                found[home].append(answer)
    return {home: ages(ones, today, endorsed) for home, ones in found.items()}


def _median(counts: Counter[int]) -> int | None:
    """Return the median, the lower of the two in the middle; None without values."""
    left = (counts.total() + 1) // 2
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None
