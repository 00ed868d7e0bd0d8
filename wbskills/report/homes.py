"""The pages of communities: what is strong there, what is missing, and who elsewhere could help.

Helpers are those who offered it themselves. They are chosen by shared languages and so that the
same few names do not stand everywhere; never by how high their level is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from heapq import nsmallest
from typing import NamedTuple

from wbskills.report.facts import (
    Capacity,
    Community,
    Coverage,
    Declared,
    Facts,
    Need,
    Person,
    Reached,
    Said,
    Thing,
)
from wbskills.report.learning import languages_of
from wbskills.report.overview import (
    HALF,
    Bar,
    Standard,
    Steps,
    answered,
    bar,
    share,
    standards,
)

NAMED = 3  # helpers named for each gap
_STRONG = 12  # strengths shown


class Helper(NamedTuple):
    """Somebody elsewhere who can and would help; `languages` are shared with the community."""

    person: Person
    languages: tuple[str, ...]
    interests: tuple[str, ...]


class Strength(NamedTuple):
    """A skill that many people of the community can do, or most of those who answered."""

    bar: Bar
    robustness: str


class Gap(NamedTuple):
    """A skill that nobody of the community can do, so far as is known.

    One of the baseline has the `standard` that nobody there reaches; any other is missing at the
    level of the site. `answered` people of the community gave a level; 0 means that nobody was
    asked or all skipped it. `more` would help besides the `helpers`.
    """

    coverage: Coverage
    answered: int
    helpers: tuple[Helper, ...]
    more: int
    standard: Standard | None = None

    @property
    def everywhere(self) -> Bar:
        """Give how many of all who answered are at the level that is missing here."""
        one = self.standard or self.coverage
        return bar(one.skill, one.able, one.assessed)._replace(withheld=one.withheld)


class Offer(NamedTuple):
    """Somebody elsewhere who would help with a need.

    `languages` are those in common with the community or its people; where there is none, so far
    as is known, they are all that the person speaks, and `common` is false.
    """

    person: Thing
    languages: tuple[str, ...]
    common: bool


class Wish(NamedTuple):
    """A need that the community has stated, and who elsewhere would help with it.

    `more` would help besides those named. Where nobody would, `able` people elsewhere are at the
    level wanted, of `assessed` who gave a level for the skill.
    """

    need: Need
    offers: tuple[Offer, ...]
    more: int
    able: int = 0
    assessed: int = 0

    @property
    def common(self) -> bool:
        """Whether somebody named has a language in common with the community."""
        return any(offer.common for offer in self.offers)


class Home(NamedTuple):
    """One community's page; `people` are named, or none is where nobody is to be named.

    `baseline` are the skills of the adopted baseline that anybody anywhere answered about.
    """

    community: Community
    people: tuple[Person, ...]
    answered: int
    able: int
    strengths: tuple[Strength, ...]
    further: int
    gaps: tuple[Gap, ...]
    needs: tuple[Wish, ...] = ()
    declared: tuple[Declared, ...] = ()
    groups: tuple[Bar, ...] = ()
    baseline: tuple[Reached, ...] = ()

    @property
    def held(self) -> int:
        """Count the skills of the baseline that somebody here has at the level asked for."""
        return sum(bool(one.able) for one in self.baseline)

    @property
    def compared(self) -> bool:
        """Tell whether answers from here can stand beside the community’s rating of itself."""
        return any(one.people for one in self.declared)

    @property
    def met(self) -> int:
        """Count the stated needs that somebody elsewhere would help with."""
        return sum(bool(wish.need.willing) for wish in self.needs)

    @property
    def shared(self) -> int:
        """Count those for which there is a language in common."""
        return sum(wish.common for wish in self.needs)

    @property
    def helped(self) -> int:
        """Count the gaps that somebody would help with."""
        return sum(bool(gap.helpers) for gap in self.gaps)


def homes(
    facts: Facts,
    least: int,
    offers: frozenset[str],
    steps: Steps,
    away: str = "",
    asked_for: Mapping[str, Standard] | None = None,
) -> Iterator[Home]:
    """Give every community's page, in alphabetical order.

    `least` is the number of the level from which on somebody counts as able; `offers` are the
    words for helping and teaching, `away` that for who is not to be asked now. `asked_for` is what
    `overview.standards` gives.
    """
    asked_for = standards(facts) if asked_for is None else asked_for
    matches = _Matches(facts, least, offers, away)
    cells: dict[str, dict[str, Capacity]] = defaultdict(dict)
    for capacity in facts.capacities:
        cells[capacity.community.id][capacity.skill.id] = capacity
    members: dict[str, list[Person]] = defaultdict(list)
    for person in facts.people:
        for place in person.communities:
            members[place.id].append(person)
    needs: dict[str, list[Need]] = defaultdict(list)
    for need in facts.needs:
        needs[need.community.id].append(need)
    declared: dict[str, list[Declared]] = defaultdict(list)
    for rating in facts.declared:
        declared[rating.community.id].append(rating)
    groups: dict[str, list[Bar]] = defaultdict(list)
    for group in facts.groups:
        drawn = bar(group.group, group.able, group.people)
        groups[group.community.id].append(drawn._replace(withheld=group.withheld))
    asked = answered(facts)  # what nobody anywhere was asked about, no community lacks
    known_of = [one for one in facts.coverage if one.skill.id in asked]
    baseline: dict[str, list[Reached]] = defaultdict(list)
    for reached in facts.reached:
        if reached.skill.id in asked:
            baseline[reached.community.id].append(reached)
    for community in sorted(facts.communities, key=lambda one: one.community.alphabetical):
        home = community.community.id
        page = _home(community, members[home], cells[home], steps)
        spoken = _spoken(community, members[home])
        missing = _gaps(known_of, cells[home], baseline[home])
        known = cells[home] or members[home]
        yield page._replace(
            gaps=tuple(
                matches.gap(one, here, asked_for.get(one.skill.id), home, spoken)
                for one, here in (missing if known else ())
            ),
            needs=tuple(matches.wish(need, spoken) for need in sorted(needs[home], key=_by_skill)),
            declared=tuple(sorted(declared[home], key=_by_skill)),
            groups=tuple(sorted(groups[home], key=lambda one: one.thing.alphabetical)),
            baseline=tuple(sorted(baseline[home], key=lambda one: (one.able > 0, _by_skill(one)))),
        )


def _by_skill(one: Need | Declared | Reached) -> tuple[str, str]:
    return one.skill.alphabetical


def _home(
    community: Community,
    members: list[Person],
    known: Mapping[str, Capacity],
    steps: Steps,
) -> Home:
    strong = [one for one in known.values() if _is_strong(one, steps)]
    strong.sort(key=lambda one: (-one.able, -one.able / one.people, one.skill.alphabetical))
    return Home(
        community,
        tuple(members),
        sum(not one.withheld for one in known.values()),
        sum(one.able > 0 for one in known.values()),
        tuple(
            Strength(bar(one.skill, one.able, one.people), steps.name(one.able))
            for one in strong[:_STRONG]
        ),
        max(0, len(strong) - _STRONG),
        (),
    )


def _is_strong(one: Capacity, steps: Steps) -> bool:
    """Tell a strength from what one person can do, or a few of many."""
    return one.able >= steps.sound or (one.able >= steps.thin and 2 * one.able >= one.people)


def _spoken(community: Community, members: Iterable[Person]) -> set[str]:
    """List the languages of a community and of its people."""
    spoken = {name.label for name in community.languages}
    return spoken | {name for person in members for name in _languages(person)}


def _gaps(
    coverage: Iterable[Coverage], known: Mapping[str, Capacity], baseline: Iterable[Reached]
) -> list[tuple[Coverage, int]]:
    """List what is missing: what the baseline asks for, then what half of all others can do.

    The baseline asks for a level of its own; where somebody reaches it, nothing is missing.
    """
    asked_for = {one.skill.id: one for one in baseline}
    found = []
    for one in coverage:
        here = known.get(one.skill.id)
        if reached := asked_for.get(one.skill.id):
            if not (reached.able or reached.withheld):
                found.append((one, reached.assessed))
        elif here and (here.able or here.withheld):
            continue
        elif one.required or (here and share(one) >= HALF):
            found.append((one, here.people if here else 0))
    return sorted(
        found, key=lambda gap: (not gap[0].required, -share(gap[0]), gap[0].skill.alphabetical)
    )


class _Matches:
    """Who would help with what, and how often each was already named."""

    def __init__(self, facts: Facts, least: int, offers: frozenset[str], away: str) -> None:
        people = {
            person.person.id: person
            for person in facts.people
            if not (away and person.availability == away)
        }
        self._least = least
        self._homes = {
            person.person.id: {place.id for place in person.communities} for person in facts.people
        }
        self._named: Counter[str] = Counter()
        self._by_skill: dict[str, list[tuple[Person, Said]]] = defaultdict(list)
        self._levels: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
        needed = {need.skill.id for need in facts.needs}
        for one in facts.said:
            if not one.current or one.number is None:
                continue
            if one.skill.id in needed:
                self._levels[one.skill.id].append((one.person.id, one.number))
            if offers & set(one.interests) and one.person.id in people:
                self._by_skill[one.skill.id].append((people[one.person.id], one))

    def wish(self, need: Need, spoken: set[str]) -> Wish:
        """Name some who would help with a stated need, and say how many could.

        Those with a language of the community are the ones that the query drew; where there is
        none, others are chosen as for gaps.
        """
        home = need.community.id
        offers = tuple(
            Offer(who, tuple(languages.split(", ")), common=True)
            for who, languages in need.helpers[:NAMED]
        )
        if need.willing and not offers:
            chosen, _ = self.helpers(need.skill.id, home, spoken, need.least)
            offers = tuple(
                Offer(
                    one.person.person,
                    one.languages or _languages(one.person),
                    common=bool(one.languages),
                )
                for one in chosen
            )
        if need.willing:
            return Wish(need, offers, max(0, need.willing - len(offers)))
        least = self._least if need.least is None else need.least
        elsewhere = [
            number
            for who, number in self._levels[need.skill.id]
            if home not in self._homes.get(who, ())
        ]
        able = sum(number >= least for number in elsewhere)
        return Wish(need, (), 0, able, len(elsewhere))

    def gap(
        self, one: Coverage, answered: int, standard: Standard | None, home: str, spoken: set[str]
    ) -> Gap:
        """Name some who would help with what is missing, at the level at which it is."""
        least = standard.least if standard else None
        return Gap(one, answered, *self.helpers(one.skill.id, home, spoken, least), standard)

    def helpers(
        self, skill: str, home: str, spoken: set[str], least: Decimal | int | None = None
    ) -> tuple[tuple[Helper, ...], int]:
        """Choose some who would help a community, and count the others.

        They are at the level with the number `least`, or at that from which on people are able.
        """
        least = self._least if least is None else least
        elsewhere = [
            (person, said)
            for person, said in self._by_skill[skill]
            if said.number is not None
            and said.number >= least
            and all(community.id != home for community in person.communities)
        ]
        chosen = nsmallest(
            NAMED,
            elsewhere,
            key=lambda pair: (
                spoken.isdisjoint(_languages(pair[0])),
                self._named[pair[0].person.id],
                pair[0].person.alphabetical,
            ),
        )
        self._named.update(person.person.id for person, _ in chosen)
        found = tuple(
            Helper(
                person,
                tuple(name for name in _languages(person) if name in spoken),
                said.interests,
            )
            for person, said in chosen
        )
        return found, len(elsewhere) - len(found)


def _languages(person: Person) -> tuple[str, ...]:
    return languages_of(person.languages)
