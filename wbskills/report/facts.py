"""The tables of the site as typed rows.

`CONTRACT` lists the saved queries that the site needs, and their columns. All are run in one
language and with one level, but for `baseline`, which has a level of its own: it lists common
skills. `baseline_gap` and `baseline_gap_person` say which skills are in the baseline.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

CONTRACT: Final[Mapping[str, tuple[str, ...]]] = {
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

_NUMBER: Final = re.compile(r"\d+")


class ItemRef(NamedTuple):
    """A Wikibase item as a reader knows it: id, label (the id if it has none), address."""

    id: str
    label: str
    address: str

    @property
    def sort_key(self) -> tuple[str, str]:
        """The label without regard to case and accents, numbers in it by size; then the id."""
        return _folded(self.label), self.id


@lru_cache(maxsize=1 << 16)  # the same items are sorted for many pages
def _folded(label: str) -> str:
    folded = unicodedata.normalize("NFKD", label.casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return _NUMBER.sub(lambda number: number[0].zfill(9), plain)


NO_ITEM: Final = ItemRef("", "", "")


class Coverage(NamedTuple):
    """How many people have one skill, of those who answered; `required`: in the baseline."""

    skill: ItemRef
    group: ItemRef
    able: int
    assessed: int
    mean: Decimal | None
    not_sure: int
    does_not_apply: int
    required: bool


class CommonSkill(NamedTuple):
    """A skill that `able` of `assessed` people have; `required`: already in the baseline."""

    skill: ItemRef
    able: int
    assessed: int
    required: bool


class Holder(NamedTuple):
    """One of the few people who have a rare skill."""

    skill: ItemRef
    person: ItemRef
    level: ItemRef
    community: ItemRef


class CommunitySkill(NamedTuple):
    """One skill in one community: `able` of the `people` who answered have it."""

    community: ItemRef
    skill: ItemRef
    group: ItemRef
    people: int
    able: int
    mean: Decimal | None


class GroupCapacity(NamedTuple):
    """A skill group in a community: `able` of `people` have at least one of its skills."""

    community: ItemRef
    group: ItemRef
    people: int
    able: int


class Community(NamedTuple):
    """A community with its languages and regions; for `people` it is the home community."""

    community: ItemRef
    languages: tuple[ItemRef, ...]
    regions: tuple[ItemRef, ...]
    people: int


class Person(NamedTuple):
    """A person with their home communities and the names of their languages."""

    person: ItemRef
    communities: tuple[ItemRef, ...]
    languages: tuple[str, ...]
    availability: str
    time_zone: str
    latest: dt.date | None


class SkillAnswer(NamedTuple):
    """What one person said about one skill in one survey wave.

    `number` is None for “not sure” and “does not apply”. `level` is `NO_ITEM` if they gave only
    interests. `current`: their latest answer about the skill.
    """

    person: ItemRef
    skill: ItemRef
    group: ItemRef
    level: ItemRef
    number: Decimal | None
    interests: tuple[str, ...]
    date: dt.date | None
    wave: ItemRef
    current: bool


class WaveTurnout(NamedTuple):
    """A survey wave: `people` answered, of those `invited` if that is known."""

    wave: ItemRef
    start: dt.date | None
    end: dt.date | None
    people: int
    assessments: int
    invited: int | None


class Endorsement(NamedTuple):
    """Someone confirmed that a person has a skill."""

    person: ItemRef
    skill: ItemRef
    by: ItemRef
    date: dt.date | None


class SkillChange(NamedTuple):
    """One skill in two survey waves, whose ids are `before` and `after`.

    Of the `both` people who gave a level each time, `up` gave a higher one and `down` a lower
    one; `both_able_before` and `both_able_after` of them had the skill. The other counts are of
    everyone who gave a level in each wave.
    """

    skill: ItemRef
    before: str
    after: str
    both: int
    up: int
    down: int
    both_able_before: int
    both_able_after: int
    able_before: int
    assessed_before: int
    able_after: int
    assessed_after: int


class StatedNeed(NamedTuple):
    """A skill that a community says it needs at the level `target`; `able` people there have it.

    `least` is the number of that level, None if it has none; `wanted` is how many people the
    community wants, if it said so. `willing` people elsewhere offer help. `helpers` are those of
    them with a shared language, each with these languages, in the random order of the query.
    """

    community: ItemRef
    skill: ItemRef
    target: ItemRef
    least: int | None
    wanted: int | None
    able: int
    willing: int
    helpers: tuple[tuple[ItemRef, str], ...]


class CommunityRating(NamedTuple):
    """How a community rates itself, next to its people's answers.

    `declared` and `computed` are both from 0 to 1; `able` of `people` there have the skill.
    """

    community: ItemRef
    skill: ItemRef
    rating: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    date: dt.date | None
    people: int
    able: int
    declared: Decimal | None
    computed: Decimal | None


class CandidateSkill(NamedTuple):
    """A skill that `people` suggested and that is not published; `able` of them have it."""

    skill: ItemRef
    people: int
    able: int


class SkillAtRisk(NamedTuple):
    """A skill with few `holders` who are not away; `away` have it and are, of `assessed`.

    `learners` want to learn it. A skill in two groups is listed twice, as in the table.
    """

    skill: ItemRef
    group: ItemRef
    holders: int
    away: int
    assessed: int
    learners: int


class LanguageSkill(NamedTuple):
    """One skill among the speakers of a language: `able` of `people`, and people by level."""

    language: ItemRef
    skill: ItemRef
    people: int
    able: int
    levels: tuple[int, ...]


class BaselineSkill(NamedTuple):
    """A skill of the baseline and its baseline level."""

    skill: ItemRef
    minimum: ItemRef


class CommunityBaseline(NamedTuple):
    """A baseline skill in one community: `able` of `assessed` are at the baseline level."""

    community: ItemRef
    skill: ItemRef
    minimum: ItemRef
    assessed: int
    able: int


class BrokenRule(NamedTuple):
    """A broken data rule: which rule, on which item, and about what."""

    check: str
    item: ItemRef
    detail: ItemRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the site shows."""

    coverage: tuple[Coverage, ...]
    common: tuple[CommonSkill, ...]
    holders: tuple[Holder, ...]
    capacities: tuple[CommunitySkill, ...]
    groups: tuple[GroupCapacity, ...]
    people: tuple[Person, ...]
    answers: tuple[SkillAnswer, ...]
    waves: tuple[WaveTurnout, ...]
    communities: tuple[Community, ...]
    endorsements: tuple[Endorsement, ...]
    changes: tuple[SkillChange, ...]
    needs: tuple[StatedNeed, ...]
    ratings: tuple[CommunityRating, ...]
    candidates: tuple[CandidateSkill, ...]
    at_risk: tuple[SkillAtRisk, ...]
    language_skills: tuple[LanguageSkill, ...]
    baseline: tuple[BaselineSkill, ...]
    community_baselines: tuple[CommunityBaseline, ...]
    broken_rules: tuple[BrokenRule, ...]

    @property
    def communities_with_people(self) -> Mapping[str, ItemRef]:
        """The home communities of people, by id; of others only needs and ratings are known."""
        found = {
            community.community.id: community.community
            for community in self.communities
            if community.people
        }
        return found | {capacity.community.id: capacity.community for capacity in self.capacities}
