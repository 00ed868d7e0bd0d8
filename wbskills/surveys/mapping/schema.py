"""What a coordinator says about the columns of a survey: a mapping, as values.

`loading` reads it from a TOML file, and `fitting` fits it to the columns of one file. Columns are
named by heading, by code or by letter (`column C`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from pathlib import Path
from typing import Final

from wbskills.domain import Wave

WITHHELD: Final = "withheld"
LICENSED: Final = "consent_licensed"
PSEUDONYMOUS: Final = "consent_pseudonym"
SCALE: Final = "scale:"
PERSON_FIELDS: Final = ("home_community", "affiliation", "time_zone", "availability", "role")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the answers of some columns mean.

    `table` goes from answer to key; an answer may be a range of numbers, `"2-3"`, which fits
    whatever begins with such a number. `scales` adds the labels and aliases of whole scales.
    `skipped` and `not_asked` list the answers that are none.
    """

    table: Mapping[str, str] = field(default_factory=dict)
    scales: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ("",)
    not_asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Columns that ask the same of several things: an array, a multiple choice.

    `columns` are patterns, in which `*` stands for any text and `{skill}` (or `{language}`) for
    the name of the thing. `things` goes from a row of the array (its text or its code), or from
    a column, to the key of a skill or a language; empty means that the row is left out.

    Of choices that people tick, only `chosen` says what they mean (and `not_chosen`, where leaving
    one out means something too). With `about`, all columns ask for that one thing, each of some of
    the people: the first answer that is there counts. If one cell holds several choices,
    `between` is what stands between them, and `things` goes from choices.
    """

    place: str
    answers: Answers
    columns: tuple[str, ...] = ()
    things: Mapping[str, str] = field(default_factory=dict)
    chosen: str = ""
    not_chosen: str = ""
    between: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Columns in which people named skills that the form did not ask about.

    The level of such a skill is the same for all, or stands in `level_column`. `between` are the
    signs that part several skills in one cell.
    """

    place: str
    columns: tuple[str, ...]
    level: str
    level_column: str
    answers: Answers
    between: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePair:
    """A column that names a language, and one that says how well it is spoken."""

    place: str
    column: str
    level_column: str
    languages: Mapping[str, str]
    answers: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonField:
    """A fact about the person: the column that tells it, or one value for all.

    Of several columns, each asks some of the people: the first answer that is there counts.
    """

    place: str
    columns: tuple[str, ...]
    value: str
    answers: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """Where the name of a person stands, and in which property it goes.

    `pseudonym_column` is for those who did not agree to be named. `renamed` goes from the name
    that somebody answered under to the one that the account has now. With `row_number`, no
    column tells who answered: the number of the row, salted with the file, is the pseudonym.
    """

    column: str
    property: str
    prefix: str = ""
    pseudonym_column: str = ""
    pseudonym_prefix: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    row_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """Which answers are a consent, and of which kind; or the one ground for all."""

    column: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """When a response was given: a column, in one of some formats, or one day for all.

    Days count in `zone`. Times that do not name their zone are `written_in` that one.
    """

    column: str = ""
    formats: tuple[str, ...] = ()
    day: date | None = None
    zone: tzinfo | None = None
    written_in: tzinfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """Which responses are complete: those submitted, or those that reached the last page.

    `only` goes from columns to the answers that a row needs there to count (not a preview …).
    """

    id_column: str = ""
    submitted_column: str = ""
    last_page_column: str = ""
    pages: int | None = None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveChoice:
    """A column that tells the wave of a response."""

    column: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyMapping:
    """A whole mapping. `ontology` lists further files of the ontology that it needs.

    `heading_row` is the row of the headings, as a spreadsheet counts; 0: the first in the file.
    """

    file: str
    title: str
    waves: tuple[Wave, ...]
    identity: Identities
    consent: Consents
    dates: Dates
    tool: str = ""
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    heading_row: int = 0
    ontology: tuple[Path, ...] = ()
    empty: tuple[str, ...] = ()
    wave_choice: WaveChoice | None = None
    completeness: Completeness = Completeness()
    questions: tuple[Question, ...] = ()
    interests: tuple[Question, ...] = ()
    others: tuple[Others, ...] = ()
    languages: tuple[Question, ...] = ()
    language_pairs: tuple[LanguagePair, ...] = ()
    person: Mapping[str, PersonField] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
