"""What the tables of the site say, as typed rows.

This is the contract with the saved queries: which tables the site needs, and their columns.
All are asked in one language, and with one level but for `baseline`, which has bounds of its own.
The tables `baseline_gap` and `baseline_gap_person` tell which skills are in the adopted baseline
and at which level; `baseline` which are common, those of the adopted baseline among them.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

CONTRACT: Mapping[str, tuple[str, ...]] = {
    table: tuple(columns.split())
    for table, columns in {
        "coverage": "skill skillLabel group groupLabel able assessed share mean not_sure"
        " does_not_apply",
        "baseline": "skill skillLabel group groupLabel able assessed share required",
        "rare_skills": "skill skillLabel holders person personLabel level levelLabel community"
        " communityLabel",
        "capacity_map": "community communityLabel skill skillLabel group groupLabel people able"
        " mean",
        "people": "person personLabel community communityLabel languages availability time_zone"
        " latest",
        "person_profile": "person personLabel skill skillLabel group groupLabel level levelLabel"
        " number interests date wave waveLabel current",
        "responses_per_wave": "wave waveLabel start end people assessments invited share",
        "communities": "community communityLabel language languageLabel region regionLabel people",
        "endorsements": "person personLabel skill skillLabel by byLabel date",
        "change": "skill skillLabel before after assessed_before able_before assessed_after"
        " able_after both up down both_able_before both_able_after",
        "needs": "community communityLabel skill skillLabel target targetLabel least wanted able"
        " willing person personLabel languages",
        "declared_capacity": "community communityLabel skill skillLabel rating lowest highest"
        " date people able declared computed",
        "candidates": "skill skillLabel people able",
        "at_risk": "skill skillLabel group groupLabel holders away assessed learners",
        "languages": "language languageLabel skill skillLabel people able none aware with_help"
        " alone leads",
        "baseline_gap": "community communityLabel skill skillLabel minimum minimumLabel people"
        " assessed able",
        "baseline_gap_person": "skill skillLabel minimum minimumLabel",
        "capacity_map_groups": "community communityLabel group groupLabel people able",
        "data_quality": "check item itemLabel detail detailLabel",
    }.items()
}


class Thing(NamedTuple):
    """An entity as a reader knows it: id, label (the id if it has none), address."""

    id: str
    label: str
    address: str

    @property
    def alphabetical(self) -> tuple[str, str]:
        """Give what to sort by: the label without regard to case and accents, then the id.

        Numbers in a label go by their size.
        """
        return _folded(self.label), self.id


_NUMBER, _DIGITS = re.compile(r"\d+"), 9


@lru_cache(maxsize=1 << 16)  # the same things are sorted for many pages
def _folded(label: str) -> str:
    folded = unicodedata.normalize("NFKD", label.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return _NUMBER.sub(lambda number: number[0].zfill(_DIGITS), plain)


NOTHING = Thing("", "", "")


class Coverage(NamedTuple):
    """How many people can do one skill, of those who answered; `required`: in the baseline.

    `withheld`: too few people answered for the numbers to be shown; they are 0 here.
    """

    skill: Thing
    group: Thing
    able: int
    assessed: int
    share: Decimal | None
    mean: Decimal | None
    not_sure: int
    does_not_apply: int
    required: bool
    withheld: bool = False


class Common(NamedTuple):
    """A skill that many can do: `able` of `assessed`; `required`: in the baseline already.

    `withheld`: too few people answered for the numbers to be shown; they are 0 here.
    """

    skill: Thing
    able: int
    assessed: int
    required: bool
    withheld: bool = False


class Holder(NamedTuple):
    """One of the few people who can do a rare skill."""

    skill: Thing
    person: Thing
    level: Thing
    community: Thing


class Capacity(NamedTuple):
    """What one community can do of one skill: `able` of the `people` who answered.

    `withheld`: too few people answered for the numbers to be shown; they are 0 here.
    """

    community: Thing
    skill: Thing
    group: Thing
    people: int
    able: int
    mean: Decimal | None
    withheld: bool = False


class Community(NamedTuple):
    """A community, with its languages and regions; `people` are at home there, as far as told."""

    community: Thing
    languages: tuple[Thing, ...]
    regions: tuple[Thing, ...]
    people: int


class Person(NamedTuple):
    """A person, in the communities they call home."""

    person: Thing
    communities: tuple[Thing, ...]
    languages: str
    availability: str
    time_zone: str
    latest: date | None


class Said(NamedTuple):
    """What one person said about one skill in one wave; `number` is None off the scale.

    `level` is `NOTHING` where they told only what they would like to do with the skill.
    """

    person: Thing
    skill: Thing
    group: Thing
    level: Thing
    number: Decimal | None
    interests: tuple[str, ...]
    on: date | None
    wave: Thing
    current: bool


class Wave(NamedTuple):
    """How many answered in one wave, of those who were invited, if that is known."""

    wave: Thing
    start: date | None
    end: date | None
    people: int
    assessments: int
    invited: int | None


class Endorsement(NamedTuple):
    """Somebody vouched for somebody's skill."""

    person: Thing
    skill: Thing
    by: Thing
    on: date | None


class Part(NamedTuple):
    """`able` of `people`."""

    able: int
    people: int


class Change(NamedTuple):
    """One skill in two waves.

    Of `same` people who gave a level both times, `up` gave a higher one and `down` a lower one;
    `able_before` and `able_after` of them reached the level of the site. `before` and `after`
    are all who gave a level in each wave; `old` and `new` are the ids of the waves.
    """

    skill: Thing
    old: str
    new: str
    same: int
    up: int
    down: int
    able_before: int
    able_after: int
    before: Part
    after: Part


class Need(NamedTuple):
    """A skill that a community has said it needs; `able` people there are at the level wanted.

    `least` is the number of that level, None if it has none; `wanted` is how many people the
    community wants, if it said so. `willing` people elsewhere would help; `helpers` are those of
    them with a language in common, each with these languages, in the order in which the query
    drew them. `able` and `willing` are None where they are withheld.
    """

    community: Thing
    skill: Thing
    target: Thing
    least: int | None
    wanted: int | None
    able: int | None
    willing: int | None
    helpers: tuple[tuple[Thing, str], ...]


class Declared(NamedTuple):
    """How a community rates itself, beside what its people say; both from 0 to 1.

    `withheld`: too few people answered for the numbers to be shown; they are 0 here.
    """

    community: Thing
    skill: Thing
    rating: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    on: date | None
    people: int
    able: int
    declared: Decimal | None
    computed: Decimal | None
    withheld: bool = False


class Candidate(NamedTuple):
    """A skill that somebody named and nobody adopted yet: `able` of `people` who have it."""

    skill: Thing
    people: int
    able: int


class AtRisk(NamedTuple):
    """A skill that hangs on few: `holders` who are not away, `away` who are, of `assessed`.

    `learners` want to learn it. A skill in two groups is here twice, as in the table.
    `withheld`: too few people answered; the numbers are 0 here.
    """

    skill: Thing
    group: Thing
    holders: int
    away: int
    assessed: int
    learners: int
    withheld: bool = False


class Spoken(NamedTuple):
    """One skill among those who speak a language: `able` of `people`, and people by level.

    `withheld`: too few people answered for the numbers to be shown; they are 0 here.
    """

    language: Thing
    skill: Thing
    people: int
    able: int
    levels: tuple[int, ...]
    withheld: bool = False


class Demand(NamedTuple):
    """A skill of the adopted baseline and the lowest level that is enough for it."""

    skill: Thing
    minimum: Thing


class Reached(NamedTuple):
    """A skill of the baseline in one community: `able` of `assessed` reach the level asked for.

    `withheld`: too few people answered for the numbers to be shown; they are 0 here.
    """

    community: Thing
    skill: Thing
    minimum: Thing
    assessed: int
    able: int
    withheld: bool = False


class GroupCapacity(NamedTuple):
    """What a community can do of a group: `able` of `people` in one of its skills at least.

    `withheld`: too few people answered for the numbers to be shown; they are 0 here.
    """

    community: Thing
    group: Thing
    people: int
    able: int
    withheld: bool = False


class Fault(NamedTuple):
    """Something that breaks a rule of the data: which rule, on which item, and about what."""

    check: str
    item: Thing
    detail: Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the site shows."""

    coverage: tuple[Coverage, ...]
    common: tuple[Common, ...]
    holders: tuple[Holder, ...]
    capacities: tuple[Capacity, ...]
    people: tuple[Person, ...]
    said: tuple[Said, ...]
    waves: tuple[Wave, ...]
    communities: tuple[Community, ...]
    endorsements: tuple[Endorsement, ...]
    changes: tuple[Change, ...]
    needs: tuple[Need, ...]
    declared: tuple[Declared, ...]
    candidates: tuple[Candidate, ...]
    at_risk: tuple[AtRisk, ...]
    spoken: tuple[Spoken, ...]
    demands: tuple[Demand, ...]
    reached: tuple[Reached, ...]
    groups: tuple[GroupCapacity, ...]
    faults: tuple[Fault, ...]

    @property
    def homes(self) -> Mapping[str, Thing]:
        """Give the communities that somebody is at home in, by id.

        Of the others only needs and ratings of their own are known. Where the number of people
        is withheld, the map tells of them.
        """
        found = {one.community.id: one.community for one in self.communities if one.people}
        return found | {one.community.id: one.community for one in self.capacities}
