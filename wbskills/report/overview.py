"""What the pages about all people show: figures, bars to compare, the baseline, risks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

from wbskills.report.changes import Changes
from wbskills.report.facts import NOTHING, Common, Coverage, Demand, Facts, Holder, Thing, Wave
from wbskills.report.figures import interval

# A share of fewer people than this says more about who answered than about the skill.
FEW = 5
SHOWN = 6
HALF = Decimal(1) / 2


class Steps(NamedTuple):
    """How many people make a capacity thin and sound; fewer than `thin` are fragile."""

    thin: int = 2
    sound: int = 4

    def name(self, able: int) -> str:
        """Name how robust a capacity of so many people is.

        >>> [Steps().name(able) for able in (0, 1, 2, 3, 4)]
        ['nobody', 'fragile', 'thin', 'thin', 'sound']
        """
        if able <= 0:
            return "nobody"
        if able < self.thin:
            return "fragile"
        return "thin" if able < self.sound else "sound"


ROBUSTNESS = ("nobody", "fragile", "thin", "sound")


class Commonness(NamedTuple):
    """From where on a skill is common, as the query `baseline` was asked.

    At least this `share` is at the level with this label or above, of at least so many `people`.
    """

    level: str = "with help"
    share: Decimal = HALF
    people: int = FEW


class Bar(NamedTuple):
    """A labelled bar: `part` of `whole`; `width` and `room` draw them, between 0 and 100.

    `low` and `high` are the ends of the 95% interval of the share, in per cents.
    """

    thing: Thing
    part: int
    whole: int
    width: str
    room: str = "100"
    low: str = ""
    high: str = ""
    withheld: bool = False


class Overview(NamedTuple):
    """The figures at the top of the site, one or more for each of the seven questions.

    `covered`, `single` and `nobody` count skills: at least one, exactly one, and no person who
    can do them; `common` those that so many can that they could be expected, of the `trusted`,
    which have answers enough for that. `few` is the least number of answers a skill needs to be
    among the `widest`. `offering` people would help or teach, with `offered` skills. `answers`
    count, `waves` were held.
    """

    people: int
    communities: int
    skills: int
    covered: int
    single: int
    thin: int
    nobody: int
    trusted: int
    common: int
    offering: int
    offered: int
    answers: int
    endorsements: int
    waves: tuple[Bar, ...]
    latest: Wave | None
    widest: tuple[Bar, ...]
    thinnest: tuple[Bar, ...]
    few: int
    changes: Changes | None


class GroupCoverage(NamedTuple):
    """The skills of one group, the most widespread first."""

    group: Thing
    skills: tuple[tuple[Coverage, Bar], ...]


class Standard(NamedTuple):
    """A skill of the baseline, and how many of all who gave a level reach the one it asks for.

    `least` is the number of that level, None if it is not known. `withheld`: too few people
    answered for the numbers to be shown; they are 0 here.
    """

    skill: Thing
    minimum: Thing
    least: Decimal | None
    able: int
    assessed: int
    withheld: bool = False

    @property
    def bar(self) -> Bar:
        """Make the bar of the skill."""
        return bar(self.skill, self.able, self.assessed)._replace(withheld=self.withheld)


_Counted = TypeVar("_Counted", Coverage, Common, Standard)


class Baseline(NamedTuple):
    """The adopted baseline against what people say.

    `required` are those of its skills that anybody answered about, the scarcest first, of which
    `held` can be done by at least half at the level asked for; `common` are skills outside the
    baseline that are common all the same, `also` counts those within. About the `unasked` skills
    of the baseline nobody answered, so they count against nobody.
    """

    required: tuple[Standard, ...]
    held: int
    common: tuple[Bar, ...]
    also: int = 0
    unasked: tuple[Thing, ...] = ()


class Rare(NamedTuple):
    """A skill that few people have, of those who answered, and who they are."""

    coverage: Coverage
    holders: tuple[Holder, ...]


class GroupRobustness(NamedTuple):
    """How many skills of a group are how robust, in the order of `ROBUSTNESS`."""

    group: Thing
    counts: tuple[int, ...]

    @property
    def skills(self) -> int:
        """Count the skills of the group."""
        return sum(self.counts)


def overview(
    facts: Facts,
    changed: Changes | None,
    offers: frozenset[str],
    steps: Steps,
    bounds: Commonness,
) -> Overview:
    """Work out the figures of the first page; `offers` are the words for helping and teaching."""
    known = [one for one in facts.coverage if not one.withheld]
    answered = [one for one in known if one.assessed]
    few = least_answers(facts)
    compared = [one for one in answered if one.assessed >= few]
    offered = [one for one in facts.said if one.current and offers & set(one.interests)]
    nobody = sum(one.able == 0 for one in known)
    return Overview(
        people=len(facts.people),
        communities=len(facts.homes),
        skills=len(known),
        covered=len(known) - nobody,
        single=sum(one.able == 1 for one in known),
        thin=sum(1 < one.able < steps.sound for one in known),
        nobody=nobody,
        trusted=sum(one.assessed >= bounds.people for one in answered),
        common=sum(not one.withheld for one in facts.common),
        offering=len({one.person.id for one in offered}),
        offered=len({one.skill.id for one in offered}),
        answers=sum(one.current and bool(one.level.id) for one in facts.said),
        endorsements=len(facts.endorsements),
        waves=tuple(_waves(facts.waves)),
        latest=max(facts.waves, key=_when, default=None),
        widest=tuple(map(skill_bar, _by_share(compared)[:SHOWN])),
        thinnest=tuple(
            map(skill_bar, sorted(answered, key=lambda one: (one.able, -one.assessed))[:SHOWN])
        ),
        few=few,
        changes=changed,
    )


def least_answers(facts: Facts) -> int:
    """Give the number of answers from which on a share is worth comparing with others."""
    return FEW if any(one.assessed >= FEW for one in facts.coverage) else 1


def coverage_by_group(facts: Facts) -> tuple[GroupCoverage, ...]:
    """List all skills in their groups, the most widespread first."""
    groups: dict[Thing, list[Coverage]] = {}
    for one in facts.coverage:
        groups.setdefault(one.group, []).append(one)
    return tuple(
        GroupCoverage(group, tuple((one, skill_bar(one)) for one in _by_share(skills)))
        for group, skills in groups.items()
    )


def standards(facts: Facts, levels: Sequence[str] = ()) -> dict[str, Standard]:
    """Count who reaches what the adopted baseline asks for, by the skill’s id.

    `levels` are the labels of the scale from 0 on.
    """
    lowest = minimums(facts, levels)
    given: dict[str, Counter[Decimal]] = {skill: Counter() for skill in lowest}
    for one in facts.said:
        if one.current and one.number is not None and one.skill.id in given:
            given[one.skill.id][one.number] += 1
    found = {}
    for demand in _demands(facts):
        skill = demand.skill.id
        if skill in found:
            continue
        enough, counts = lowest[skill], given[skill]
        able = sum(n for number, n in counts.items() if enough is None or number >= enough)
        found[skill] = Standard(demand.skill, demand.minimum, enough, able, counts.total())
    return found


def minimums(facts: Facts, levels: Sequence[str] = ()) -> dict[str, Decimal | None]:
    """Give the numbers of the levels that the baseline asks for, by the skill’s id."""
    # As people gave them; the labels tell of levels that nobody gave.
    known = {one.level.id: one.number for one in facts.said if one.number is not None}
    named = {label: Decimal(at) for at, label in enumerate(levels)}
    return {
        one.skill.id: known.get(one.minimum.id, named.get(one.minimum.label))
        for one in _demands(facts)
    }


def _demands(facts: Facts) -> list[Demand]:
    """List what the baseline asks for, of anybody and of communities."""
    reached = (Demand(one.skill, one.minimum) for one in facts.reached)
    return list(dict.fromkeys([*facts.demands, *reached]))


def baseline(facts: Facts, asked_for: Mapping[str, Standard] | None = None) -> Baseline:
    """Compare the adopted baseline with what people say; `asked_for` as `standards` gives it."""
    asked_for = standards(facts) if asked_for is None else asked_for
    asked = answered(facts)
    named = {one.skill for one in facts.coverage if one.required}
    named |= {one.skill for one in facts.demands}
    required = [
        # One without a level is asked for at that of the site.
        asked_for.get(one.skill.id)
        or Standard(one.skill, NOTHING, None, one.able, one.assessed, one.withheld)
        for one in facts.coverage
        if one.required and one.skill.id in asked
    ]
    return Baseline(
        required=tuple(reversed(_by_share(required))),
        held=sum(share(one) >= HALF for one in required),
        common=tuple(
            bar(one.skill, one.able, one.assessed)
            for one in _by_share(facts.common)
            if not (one.required or one.withheld)
        ),
        also=sum(one.required and not one.withheld for one in facts.common),
        unasked=tuple(
            skill
            for skill in sorted(named, key=lambda one: one.alphabetical)
            if skill.id not in asked
        ),
    )


def answered(facts: Facts) -> frozenset[str]:
    """List the ids of the skills that anybody answered about, as far as numbers are shown."""
    return frozenset(
        one.skill.id
        for one in facts.coverage
        if one.assessed or one.not_sure or one.does_not_apply or one.withheld
    )


def rare(facts: Facts) -> tuple[Rare, ...]:
    """Put the holders of each rare skill together, the rarest skill first."""
    coverage = {one.skill.id: one for one in facts.coverage}
    holders: dict[str, list[Holder]] = {}
    for holder in sorted(facts.holders, key=lambda one: (one.person.alphabetical, one.person.id)):
        holders.setdefault(holder.skill.id, []).append(holder)
    found = [Rare(coverage[skill], tuple(ones)) for skill, ones in holders.items()
             if skill in coverage]  # fmt: skip
    return tuple(
        sorted(found, key=lambda one: (len(one.holders), one.coverage.skill.alphabetical))
    )


def robustness(facts: Facts, steps: Steps) -> tuple[GroupRobustness, ...]:
    """Count in each group how many skills rest on nobody, on one, on a few, on many."""
    groups: dict[Thing, Counter[str]] = {}
    for one in facts.coverage:
        if not one.withheld:
            groups.setdefault(one.group, Counter())[steps.name(one.able)] += 1
    return tuple(
        GroupRobustness(group, tuple(counts[name] for name in ROBUSTNESS))
        for group, counts in groups.items()
    )


def share(one: Coverage | Common | Standard) -> Decimal:
    """Divide who can by who answered; 0 where nobody did."""
    return Decimal(one.able) / one.assessed if one.assessed else Decimal(0)


def skill_bar(one: Coverage) -> Bar:
    """Make the bar of a skill."""
    return bar(one.skill, one.able, one.assessed)._replace(withheld=one.withheld)


def bar(thing: Thing, part: int, whole: int) -> Bar:
    """Make a bar as long as its share; nothing of nothing is an empty bar."""
    low, high = interval(part, whole)
    return Bar(thing, part, whole, _length(part, whole), low=_place(low), high=_place(high))


def _by_share(skills: Iterable[_Counted]) -> list[_Counted]:
    return sorted(skills, key=lambda one: (-share(one), -one.assessed, one.skill.alphabetical))


def _waves(waves: Iterable[Wave]) -> Iterable[Bar]:
    """Give a bar per wave, all on one scale, in the room of those invited where that is known."""
    longest = max((max(wave.people, wave.invited or 0) for wave in waves), default=0)
    for wave in sorted(waves, key=_when):
        yield Bar(
            wave.wave,
            wave.people,
            wave.invited or 0,
            width=_length(wave.people, longest),
            room=_length(wave.invited or 0, longest),
        )


def _when(wave: Wave) -> tuple[str, str]:
    return str(wave.start or ""), wave.wave.id


def _length(part: int, whole: int) -> str:
    return _place(min(Decimal(part) / whole, Decimal(1))) if whole else "0"


def _place(share: Decimal) -> str:
    return f"{share * 100:.1f}".removesuffix(".0")
