"""The pages of communities: what is strong there, what is missing, and who elsewhere could help.

Only people who offer help are named. They are chosen by shared languages, and so that the same
few people are not named everywhere; never by how high their level is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from heapq import nsmallest
from typing import Final, NamedTuple, TypeVar

from wbskills.report.baseline import BaselineResult, answered_skills
from wbskills.report.facts import (
    Community,
    CommunityBaseline,
    CommunityRating,
    CommunitySkill,
    Coverage,
    Facts,
    ItemRef,
    Person,
    SkillAnswer,
    StatedNeed,
)
from wbskills.report.overview import HALF, Bar, RobustnessBounds, bar, share, skill_bar

NAMED: Final = 3  # helpers named for each gap
_STRENGTHS: Final = 12  # strengths shown

_Row = TypeVar("_Row")
_BySkill = TypeVar("_BySkill", StatedNeed, CommunityRating)


class Helper(NamedTuple):
    """Someone elsewhere who offers help; `languages` are shared with the community."""

    person: Person
    languages: tuple[str, ...]


class Strength(NamedTuple):
    """A skill that many people in the community have, or most of those who answered."""

    bar: Bar
    robustness: str


class Gap(NamedTuple):
    """A skill that nobody in the community is known to have.

    A baseline skill is missing at the baseline level, which is in `standard`; any other at the
    level of the site. `answered` people there gave a level. `more` people offer help besides
    the `helpers`.
    """

    coverage: Coverage
    answered: int
    helpers: tuple[Helper, ...]
    more: int
    standard: BaselineResult | None = None

    @property
    def everyone(self) -> Bar:
        """How many of all who answered have the skill at the level that is missing here."""
        return skill_bar(self.standard or self.coverage)


class NeedHelper(NamedTuple):
    """Someone elsewhere who offers help with a stated need.

    `languages` are shared with the community or its people; if none is known to be `shared`,
    they are all that the person speaks.
    """

    person: ItemRef
    languages: tuple[str, ...]
    shared: bool


class MatchedNeed(NamedTuple):
    """A stated need, and who elsewhere offers help with it; `more` do besides those named.

    If nobody does, `able` people elsewhere have the skill at the level needed, of `assessed`.
    """

    need: StatedNeed
    helpers: tuple[NeedHelper, ...]
    more: int = 0
    able: int = 0
    assessed: int = 0

    @property
    def shared(self) -> bool:
        """Whether someone named shares a language with the community."""
        return any(helper.shared for helper in self.helpers)


class CommunityPage(NamedTuple):
    """The page of one community.

    Of the `answered` skills that people there answered about, at least one person has `able`.
    `further` strengths are not shown. `baseline` are the baseline skills that anyone anywhere
    answered about.
    """

    community: Community
    people: tuple[Person, ...]
    answered: int
    able: int
    strengths: tuple[Strength, ...]
    further: int
    gaps: tuple[Gap, ...]
    needs: tuple[MatchedNeed, ...]
    ratings: tuple[CommunityRating, ...]
    groups: tuple[Bar, ...]
    baseline: tuple[CommunityBaseline, ...]

    @property
    def item(self) -> ItemRef:
        """The community."""
        return self.community.community

    @property
    def held(self) -> int:
        """The number of baseline skills that someone here has at the baseline level."""
        return sum(bool(one.able) for one in self.baseline)

    @property
    def compared(self) -> bool:
        """Whether there are answers from here to compare the community's rating with."""
        return any(rating.people for rating in self.ratings)

    @property
    def met(self) -> int:
        """The number of stated needs that someone elsewhere offers to help with."""
        return sum(bool(need.need.willing) for need in self.needs)

    @property
    def shared(self) -> int:
        """The number of stated needs for which a helper shares a language."""
        return sum(need.shared for need in self.needs)

    @property
    def helped(self) -> int:
        """The number of gaps that someone elsewhere offers to help with."""
        return sum(bool(gap.helpers) for gap in self.gaps)


def community_pages(
    facts: Facts,
    results: Mapping[str, BaselineResult],
    *,
    level: int,
    offers: frozenset[str],
    robustness: RobustnessBounds,
    away: str = "",
) -> Iterator[CommunityPage]:
    """Return the page of every community, in alphabetical order.

    `results` are those of `baseline_results`; `level` is the number of the chosen level;
    `offers` are the labels of “can help” and “can teach”, `away` that of people who are not to
    be asked now.
    """
    finder = _HelperFinder(facts, level, offers, away)
    members: dict[str, list[Person]] = defaultdict(list)
    for person in facts.people:
        for home in person.communities:
            members[home.id].append(person)
    capacities = _by_community(facts.capacities, lambda one: one.community)
    needs = _by_community(facts.needs, lambda one: one.community)
    ratings = _by_community(facts.ratings, lambda one: one.community)
    groups = _by_community(facts.groups, lambda one: one.community)
    asked = answered_skills(facts)  # a skill that nobody was asked about is no gap anywhere
    coverage = [one for one in facts.coverage if one.skill.id in asked]
    baselines = _by_community(
        (
            community_baseline
            for community_baseline in facts.community_baselines
            if community_baseline.skill.id in asked
        ),
        lambda one: one.community,
    )
    for community in sorted(facts.communities, key=lambda one: one.community.sort_key):
        here = community.community.id
        known = {capacity.skill.id: capacity for capacity in capacities[here]}
        strong = _strengths(capacities[here], robustness)
        languages = {language.label for language in community.languages}
        languages.update(name for person in members[here] for name in person.languages)
        missing = _gaps(coverage, known, baselines[here]) if known or members[here] else []
        yield CommunityPage(
            community,
            people=tuple(members[here]),
            answered=len(known),
            able=sum(capacity.able > 0 for capacity in capacities[here]),
            strengths=tuple(strong[:_STRENGTHS]),
            further=max(0, len(strong) - _STRENGTHS),
            gaps=tuple(
                finder.gap(one, answered, results.get(one.skill.id), here, languages)
                for one, answered in missing
            ),
            needs=tuple(finder.need(need, languages) for need in _in_order(needs[here])),
            ratings=tuple(_in_order(ratings[here])),
            groups=tuple(
                bar(one.group, one.able, one.people)
                for one in sorted(groups[here], key=lambda one: one.group.sort_key)
            ),
            baseline=tuple(
                sorted(baselines[here], key=lambda one: (one.able > 0, one.skill.sort_key))
            ),
        )


def _by_community(
    rows: Iterable[_Row], community: Callable[[_Row], ItemRef]
) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        found[community(row).id].append(row)
    return found


def _in_order(rows: Iterable[_BySkill]) -> list[_BySkill]:
    return sorted(rows, key=lambda one: one.skill.sort_key)


def _strengths(capacities: Iterable[CommunitySkill], bounds: RobustnessBounds) -> list[Strength]:
    """List the skills that many people have, or a few who are half of those who answered."""
    strong = [
        capacity
        for capacity in capacities
        if capacity.able >= bounds.sound
        or (capacity.able >= bounds.thin and 2 * capacity.able >= capacity.people)
    ]
    strong.sort(key=lambda one: (-one.able, -one.able / one.people, one.skill.sort_key))
    return [
        Strength(bar(one.skill, one.able, one.people), bounds.robustness(one.able))
        for one in strong
    ]


def _gaps(
    coverage: Iterable[Coverage],
    known: Mapping[str, CommunitySkill],
    baseline: Iterable[CommunityBaseline],
) -> list[tuple[Coverage, int]]:
    """List what is missing, and how many answered: baseline skills, then what half of all have.

    A baseline skill is missing unless someone is at the baseline level.
    """
    required = {one.skill.id: one for one in baseline}
    found = []
    for one in coverage:
        here = known.get(one.skill.id)
        if demand := required.get(one.skill.id):
            if not demand.able:
                found.append((one, demand.assessed))
        elif here and here.able:
            continue
        elif one.required or (here and share(one) >= HALF):
            found.append((one, here.people if here else 0))
    return sorted(
        found, key=lambda gap: (not gap[0].required, -share(gap[0]), gap[0].skill.sort_key)
    )


class _HelperFinder:
    """Chooses who is named as a helper, and counts how often each person was."""

    def __init__(self, facts: Facts, level: int, offers: frozenset[str], away: str) -> None:
        self._level = level
        self._homes = {
            person.person.id: {home.id for home in person.communities} for person in facts.people
        }
        self._times_named: Counter[str] = Counter()
        self._offers: dict[str, list[tuple[Person, SkillAnswer]]] = defaultdict(list)
        self._levels: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
        available = {
            person.person.id: person
            for person in facts.people
            if not (away and person.availability == away)
        }
        needed = {need.skill.id for need in facts.needs}
        for answer in facts.answers:
            if not answer.current or answer.number is None:
                continue
            if answer.skill.id in needed:
                self._levels[answer.skill.id].append((answer.person.id, answer.number))
            if offers & set(answer.interests) and answer.person.id in available:
                self._offers[answer.skill.id].append((available[answer.person.id], answer))

    def need(self, need: StatedNeed, languages: set[str]) -> MatchedNeed:
        """Name some people who offer help with a stated need.

        The query has drawn those with a shared language; if there is none, others are chosen as
        for gaps.
        """
        home = need.community.id
        helpers = tuple(
            NeedHelper(who, tuple(shared.split(", ")), shared=True)
            for who, shared in need.helpers[:NAMED]
        )
        if need.willing and not helpers:
            chosen, _ = self._helpers(need.skill.id, home, languages, need.least)
            helpers = tuple(
                NeedHelper(
                    one.person.person, one.languages or one.person.languages, bool(one.languages)
                )
                for one in chosen
            )
        if need.willing:
            return MatchedNeed(need, helpers, max(0, need.willing - len(helpers)))
        least = self._level if need.least is None else need.least
        elsewhere = [
            number
            for who, number in self._levels[need.skill.id]
            if home not in self._homes.get(who, ())
        ]
        able = sum(number >= least for number in elsewhere)
        return MatchedNeed(need, (), 0, able, len(elsewhere))

    def gap(
        self,
        one: Coverage,
        answered: int,
        standard: BaselineResult | None,
        home: str,
        languages: set[str],
    ) -> Gap:
        """Name some people who offer help and have the skill at the level that is missing."""
        least = standard.least if standard else None
        helpers, more = self._helpers(one.skill.id, home, languages, least)
        return Gap(one, answered, helpers, more, standard)

    def _helpers(
        self, skill: str, home: str, languages: set[str], least: Decimal | int | None
    ) -> tuple[tuple[Helper, ...], int]:
        """Choose some who would help a community at the level `least`; and count the others."""
        least = self._level if least is None else least
        elsewhere = [
            person
            for person, answer in self._offers[skill]
            if answer.number is not None
            and answer.number >= least
            and home not in self._homes[person.person.id]
        ]
        chosen = nsmallest(
            NAMED,
            elsewhere,
            key=lambda person: (
                languages.isdisjoint(person.languages),
                self._times_named[person.person.id],
                person.person.sort_key,
            ),
        )
        self._times_named.update(person.person.id for person in chosen)
        helpers = tuple(
            Helper(person, tuple(name for name in person.languages if name in languages))
            for person in chosen
        )
        return helpers, len(elsewhere) - len(helpers)
