"""What the first page and the page of coverage show: figures, and bars to compare."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from wbskills.report.facts import Coverage, Facts, Thing, Wave
from wbskills.report.figures import percent

# A share of fewer people than this says more about who answered than about the skill.
FEW = 5
SHOWN = 6
COMMON = Decimal(2) / 3
HALF = Decimal(1) / 2


class Bar(NamedTuple):
    """A labelled bar: `part` of `whole`; `width` and `room` draw them, between 0 and 100."""

    thing: Thing
    part: int
    whole: int
    percent: str
    width: str
    room: str = "100"


class Overview(NamedTuple):
    """The figures at the top of the site, and the two ends of the list of skills.

    `covered`, `single` and `nobody` count skills: at least one, exactly one, and no person who
    can do them. `few` is the least number of answers a skill needs to be among the `widest`.
    """

    people: int
    communities: int
    skills: int
    covered: int
    single: int
    nobody: int
    waves: tuple[Bar, ...]
    latest: Wave | None
    widest: tuple[Bar, ...]
    thinnest: tuple[Bar, ...]
    few: int


class GroupCoverage(NamedTuple):
    """The skills of one group, the most widespread first."""

    group: Thing
    skills: tuple[tuple[Coverage, Bar], ...]


class Baseline(NamedTuple):
    """The adopted baseline against what people say.

    `required` are the baseline's skills, the scarcest first, of which `held` can be done by at
    least half; `common` are skills outside the baseline that two thirds or more can do.
    """

    required: tuple[Bar, ...]
    held: int
    common: tuple[Bar, ...]


def overview(facts: Facts) -> Overview:
    """Work out the figures of the first page."""
    answered = [one for one in facts.coverage if one.assessed]
    few = FEW if any(one.assessed >= FEW for one in answered) else 1
    trusted = [one for one in answered if one.assessed >= few]
    nobody = [one for one in facts.coverage if one.able == 0]
    return Overview(
        people=len(facts.people),
        communities=len({home.id for person in facts.people for home in person.communities}),
        skills=len(facts.coverage),
        covered=len(facts.coverage) - len(nobody),
        single=sum(one.able == 1 for one in facts.coverage),
        nobody=len(nobody),
        waves=tuple(_waves(facts.waves)),
        latest=max(facts.waves, key=_when, default=None),
        widest=tuple(map(_bar, _by_share(trusted)[:SHOWN])),
        thinnest=tuple(
            map(_bar, sorted(answered, key=lambda one: (one.able, -one.assessed))[:SHOWN])
        ),
        few=few,
    )


def coverage_by_group(facts: Facts) -> tuple[GroupCoverage, ...]:
    """List all skills in their groups, the most widespread first."""
    groups: dict[Thing, list[Coverage]] = {}
    for one in facts.coverage:
        groups.setdefault(one.group, []).append(one)
    return tuple(
        GroupCoverage(group, tuple((one, _bar(one)) for one in _by_share(skills)))
        for group, skills in groups.items()
    )


def baseline(facts: Facts) -> Baseline:
    """Compare the adopted baseline with what people say."""
    required = [one for one in facts.coverage if one.required]
    common = [
        one
        for one in facts.coverage
        if not one.required and one.assessed >= FEW and _share(one) >= COMMON
    ]
    return Baseline(
        required=tuple(map(_bar, reversed(_by_share(required)))),
        held=sum(_share(one) >= HALF for one in required),
        common=tuple(map(_bar, _by_share(common))),
    )


def _share(one: Coverage) -> Decimal:
    return Decimal(one.able) / one.assessed if one.assessed else Decimal(0)


def _by_share(coverage: Iterable[Coverage]) -> list[Coverage]:
    return sorted(coverage, key=lambda one: (-_share(one), -one.assessed, one.skill.alphabetical))


def _bar(one: Coverage) -> Bar:
    return bar(one.skill, one.able, one.assessed)


def bar(thing: Thing, part: int, whole: int) -> Bar:
    """Make a bar as long as its share; nothing of nothing is an empty bar with no per cent."""
    share = Decimal(part) / whole if whole else Decimal(0)
    return Bar(thing, part, whole, percent(share) if whole else "–", _length(part, whole))


def _waves(waves: Iterable[Wave]) -> Iterable[Bar]:
    """Give a bar per wave, all on one scale, in the room of those invited where that is known."""
    longest = max((max(wave.people, wave.invited or 0) for wave in waves), default=0)
    for wave in sorted(waves, key=_when):
        yield bar(wave.wave, wave.people, wave.invited or 0)._replace(
            width=_length(wave.people, longest), room=_length(wave.invited or 0, longest)
        )


def _when(wave: Wave) -> tuple[str, str]:
    return str(wave.start or ""), wave.wave.id


def _length(part: int, whole: int) -> str:
    length = min(Decimal(part) / whole, Decimal(1)) * 100 if whole else Decimal(0)
    return f"{length:.1f}".removesuffix(".0")
