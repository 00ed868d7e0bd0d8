"""What the tables of the site say, as typed rows.

This is the contract with the saved queries: which tables the site needs, and their columns.
All are asked with one level and one language. The table `baseline` tells which skills are in the
adopted baseline; those it has no row for count as not in it.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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
        " skills able latest",
        "person_profile": "person personLabel skill skillLabel group groupLabel level levelLabel"
        " number interests date wave waveLabel current",
        "responses_per_wave": "wave waveLabel start end people assessments invited share",
    }.items()
}


class Thing(NamedTuple):
    """An entity as a reader knows it: id, label (the id if it has none), address."""

    id: str
    label: str
    address: str

    @property
    def alphabetical(self) -> tuple[str, str]:
        """Give what to sort by: the label without regard to case and accents, then the id."""
        folded = unicodedata.normalize("NFKD", self.label.casefold())
        return "".join(c for c in folded if not unicodedata.combining(c)), self.id


NOTHING = Thing("", "", "")


class Coverage(NamedTuple):
    """How many people can do one skill, of those who answered; `required`: in the baseline."""

    skill: Thing
    group: Thing
    able: int
    assessed: int
    share: Decimal | None
    mean: Decimal | None
    not_sure: int
    does_not_apply: int
    required: bool


class Holder(NamedTuple):
    """One of the few people who can do a rare skill."""

    skill: Thing
    person: Thing
    level: Thing
    community: Thing


class Capacity(NamedTuple):
    """What one community can do of one skill: `able` of the `people` who answered."""

    community: Thing
    skill: Thing
    group: Thing
    people: int
    able: int
    mean: Decimal | None


class Person(NamedTuple):
    """A person, in the communities they call home."""

    person: Thing
    communities: tuple[Thing, ...]
    languages: str
    availability: str
    time_zone: str
    latest: date | None


class Said(NamedTuple):
    """What one person said about one skill in one wave; `number` is None off the scale."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the site shows."""

    coverage: tuple[Coverage, ...]
    holders: tuple[Holder, ...]
    capacities: tuple[Capacity, ...]
    people: tuple[Person, ...]
    said: tuple[Said, ...]
    waves: tuple[Wave, ...]
