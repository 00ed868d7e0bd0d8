"""What the pages about everyone show: figures, bars to compare, rare skills, changes, languages.

`Bar`, which all pages draw, is here as well.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple, Protocol, TypeVar

from wbskills.report.facts import (
    Coverage,
    Facts,
    Holder,
    ItemRef,
    LanguageSkill,
    SkillChange,
    WaveTurnout,
)
from wbskills.report.figures import interval

FEW: Final = 5  # a share of fewer people says more about who answered than about the skill
HALF: Final = Decimal(1) / 2
SHOWN: Final = 6
ROBUSTNESS: Final = ("nobody", "fragile", "thin", "sound")


class RobustnessBounds(NamedTuple):
    """From how many people on a skill is thin, and solid; with fewer than `thin` it is fragile."""

    thin: int = 2
    sound: int = 4

    def robustness(self, able: int) -> str:
        """Return which of `ROBUSTNESS` a skill has that so many people have.

        >>> [RobustnessBounds().robustness(able) for able in (0, 1, 2, 3, 4)]
        ['nobody', 'fragile', 'thin', 'thin', 'sound']
        """
        if able <= 0:
            return "nobody"
        if able < self.thin:
            return "fragile"
        return "thin" if able < self.sound else "sound"


class CommonBounds(NamedTuple):
    """When a skill is common, as the query `baseline` was run.

    At least this `share` is at the level with the label `level` or above, of at least `people`.
    """

    level: str = "with help"
    share: Decimal = HALF
    people: int = FEW


class Bar(NamedTuple):
    """A labelled bar: `part` of `whole`; `width` and `room` draw them, between 0 and 100.

    `low` and `high` are the ends of the 95% interval of the share, in per cent.
    """

    item: ItemRef
    part: int
    whole: int
    width: str
    room: str = "100"
    low: str = ""
    high: str = ""


class SkillShare(Protocol):
    """A skill that `able` of `assessed` people have."""

    @property
    def skill(self) -> ItemRef:
        """The skill."""

    @property
    def able(self) -> int:
        """The number of people who have it."""

    @property
    def assessed(self) -> int:
        """The number of people who gave a level."""


CountedSkill = TypeVar("CountedSkill", bound=SkillShare)


class Changes(NamedTuple):
    """What changed between two survey waves; `people` answered both."""

    old: WaveTurnout
    new: WaveTurnout
    skills: tuple[SkillChange, ...]
    people: int

    @property
    def both(self) -> int:
        """The number of answers that can be compared, over all skills."""
        return sum(skill.both for skill in self.skills)

    @property
    def up(self) -> int:
        """The number of comparable answers that went up."""
        return sum(skill.up for skill in self.skills)

    @property
    def down(self) -> int:
        """The number of comparable answers that went down."""
        return sum(skill.down for skill in self.skills)


class Overview(NamedTuple):
    """The figures of the start page.

    `single`, `thin` and `nobody` count the skills that exactly one, few, and no people have;
    `common` those that are common, of the `trusted` with enough answers for that. `few` is the
    smallest number of answers of a skill among the `widest`. `offering` people offer help, with
    `offered` skills.
    """

    people: int
    communities: int
    skills: int
    single: int
    thin: int
    nobody: int
    trusted: int
    common: int
    offering: int
    offered: int
    endorsements: int
    waves: tuple[Bar, ...]
    latest: WaveTurnout | None
    widest: tuple[Bar, ...]
    thinnest: tuple[Bar, ...]
    few: int
    changes: Changes | None


class GroupCoverage(NamedTuple):
    """The skills of one group, the most widespread first."""

    group: ItemRef
    skills: tuple[tuple[Coverage, Bar], ...]


class RareSkill(NamedTuple):
    """A skill that few people have, and who they are."""

    coverage: Coverage
    holders: tuple[Holder, ...]


class GroupRobustness(NamedTuple):
    """How many skills of a group depend on how many people, in the order of `ROBUSTNESS`."""

    group: ItemRef
    counts: tuple[int, ...]

    @property
    def skills(self) -> int:
        """The number of skills in the group."""
        return sum(self.counts)


class LanguagePage(NamedTuple):
    """The page of a language: its skills, those that most speakers have first."""

    language: ItemRef
    skills: tuple[tuple[LanguageSkill, Bar], ...]

    @property
    def able(self) -> int:
        """The number of skills that at least one speaker has."""
        return sum(bool(skill.able) for skill, _ in self.skills)


def overview(
    facts: Facts,
    changed: Changes | None,
    offers: frozenset[str],
    robustness: RobustnessBounds,
    common: CommonBounds,
) -> Overview:
    """Count the figures of the start page; `offers` are the labels of “can help”, “can teach”."""
    answered = [one for one in facts.coverage if one.assessed]
    few = enough_answers(facts)
    offered = [
        answer for answer in facts.answers if answer.current and offers & set(answer.interests)
    ]
    depends = Counter(robustness.robustness(one.able) for one in facts.coverage)
    fewest = sorted(answered, key=lambda one: (one.able, -one.assessed))
    return Overview(
        people=len(facts.people),
        communities=len(facts.communities_with_people),
        skills=len(facts.coverage),
        single=sum(one.able == 1 for one in facts.coverage),
        thin=sum(1 < one.able < robustness.sound for one in facts.coverage),
        nobody=depends["nobody"],
        trusted=sum(one.assessed >= common.people for one in answered),
        common=len(facts.common),
        offering=len({one.person.id for one in offered}),
        offered=len({one.skill.id for one in offered}),
        endorsements=len(facts.endorsements),
        waves=tuple(_wave_bars(facts.waves)),
        latest=max(facts.waves, key=_wave_order, default=None),
        widest=tuple(map(skill_bar, by_share(one for one in answered if one.assessed >= few)))[
            :SHOWN
        ],
        thinnest=tuple(map(skill_bar, fewest[:SHOWN])),
        few=few,
        changes=changed,
    )


def enough_answers(facts: Facts) -> int:
    """Return how many answers a skill needs for its share to be compared with others."""
    return FEW if any(one.assessed >= FEW for one in facts.coverage) else 1


def coverage_by_group(facts: Facts) -> tuple[GroupCoverage, ...]:
    """List all skills in their groups, the most widespread first."""
    groups: dict[ItemRef, list[Coverage]] = defaultdict(list)
    for one in facts.coverage:
        groups[one.group].append(one)
    return tuple(
        GroupCoverage(group, tuple((one, skill_bar(one)) for one in by_share(skills)))
        for group, skills in groups.items()
    )


def rare_skills(facts: Facts) -> tuple[RareSkill, ...]:
    """List each rare skill with the people who have it, the rarest skill first."""
    coverage = {one.skill.id: one for one in facts.coverage}
    holders: dict[str, list[Holder]] = defaultdict(list)
    for holder in sorted(facts.holders, key=lambda one: one.person.sort_key):
        holders[holder.skill.id].append(holder)
    found = [RareSkill(coverage[skill], tuple(ones)) for skill, ones in holders.items()
             if skill in coverage]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (len(one.holders), one.coverage.skill.sort_key)))


def robustness_by_group(facts: Facts, bounds: RobustnessBounds) -> tuple[GroupRobustness, ...]:
    """Count in each group how many skills depend on nobody, on one, on few, on many people."""
    groups: dict[ItemRef, Counter[str]] = defaultdict(Counter)
    for one in facts.coverage:
        groups[one.group][bounds.robustness(one.able)] += 1
    return tuple(
        GroupRobustness(group, tuple(counts[name] for name in ROBUSTNESS))
        for group, counts in groups.items()
    )


def changes(facts: Facts) -> Changes | None:
    """Compare the two latest survey waves, largest change first; None without two waves.

    Not everyone who answered one wave answered the other. So each skill has two counts: of the
    people who answered both, and of everyone who answered each.
    """
    waves = {wave.wave.id: wave for wave in facts.waves}
    found = [
        change for change in facts.changes if change.before in waves and change.after in waves
    ]
    if not found:
        return None
    old, new = found[0].before, found[0].after
    answered: dict[str, set[str]] = defaultdict(set)
    for one in facts.answers:
        answered[one.wave.id].add(one.person.id)
    found.sort(key=lambda one: (-abs(one.up - one.down), one.skill.sort_key))
    return Changes(waves[old], waves[new], tuple(found), len(answered[old] & answered[new]))


def language_pages(facts: Facts) -> tuple[LanguagePage, ...]:
    """List every language with its skills, in alphabetical order."""
    found: dict[ItemRef, list[LanguageSkill]] = defaultdict(list)
    for language_skill in facts.language_skills:
        if language_skill.language.id:
            found[language_skill.language].append(language_skill)
    return tuple(
        LanguagePage(
            language,
            tuple(
                (one, bar(one.skill, one.able, one.people))
                for one in sorted(skills, key=lambda one: (-one.able, one.skill.sort_key))
            ),
        )
        for language, skills in sorted(found.items(), key=lambda pair: pair[0].sort_key)
    )


def skill_bar(one: SkillShare) -> Bar:
    """Draw how many people have a skill."""
    return bar(one.skill, one.able, one.assessed)


def bar(item: ItemRef, part: int, whole: int) -> Bar:
    """Draw a share as a bar with its 95% interval; 0 of 0 is an empty bar."""
    low, high = interval(part, whole)
    return Bar(item, part, whole, _length(part, whole), low=_percent(low), high=_percent(high))


def share(one: SkillShare) -> Decimal:
    """Return the share of people who have a skill, of those who answered; 0 if nobody did."""
    return Decimal(one.able) / one.assessed if one.assessed else Decimal(0)


def by_share(skills: Iterable[CountedSkill]) -> list[CountedSkill]:
    """Sort skills by their share, the largest first; then those with more answers."""
    return sorted(skills, key=lambda one: (-share(one), -one.assessed, one.skill.sort_key))


def _wave_bars(waves: Iterable[WaveTurnout]) -> Iterable[Bar]:
    """Draw a bar for each wave, all on one scale, in the room of those invited if known."""
    longest = max((max(wave.people, wave.invited or 0) for wave in waves), default=0)
    for wave in sorted(waves, key=_wave_order):
        yield Bar(
            wave.wave,
            wave.people,
            wave.invited or 0,
            width=_length(wave.people, longest),
            room=_length(wave.invited or 0, longest),
        )


def _wave_order(wave: WaveTurnout) -> tuple[str, str]:
    return str(wave.start or ""), wave.wave.id


def _length(part: int, whole: int) -> str:
    return _percent(min(Decimal(part) / whole, Decimal(1))) if whole else "0"


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f}".removesuffix(".0")
