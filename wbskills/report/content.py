"""What a site is made from: the answers of the saved queries, and how the site is to look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wbskills.report import overview, profiles
from wbskills.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a site is made from.

    `level` is the label of the level from which on somebody counts as able, `level_number` its
    place on the scale, where the tables have been counted by it; `levels` are the labels of the
    scale from 0 on. `tables` holds at least those of `facts.CONTRACT`; `queries` the bound text
    of the queries they came from, and `notes` how to read them, as far as these are to be
    shown. `notice` stands on top of every page, if it is not empty. `interests` are the words
    that the tables, being in `language`, have for them, and `away` that for people who are not
    to be asked now. `common` are the bounds with which the table `baseline` was asked, `counted`
    the labels of the levels from which on tables count somebody as able, by the table's name.
    If `least` is above 0, nobody is named, and no number is told, or can be worked out, that
    counts fewer people.
    """

    title: str
    built: datetime
    revision: int
    level: str
    level_number: int = 3
    levels: tuple[str, ...] = ()
    tables: Mapping[str, Table]
    queries: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    language: str = "en"
    away: str = ""
    interests: profiles.Interests = field(default_factory=profiles.Interests)
    steps: overview.Steps = field(default_factory=overview.Steps)
    common: overview.Commonness = field(default_factory=overview.Commonness)
    counted: Mapping[str, str] = field(default_factory=dict)
    least: int = 0

    @property
    def offers(self) -> frozenset[str]:
        """The words for being willing to help."""
        return frozenset({self.interests.can_help, self.interests.can_teach})
