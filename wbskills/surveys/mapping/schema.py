"""A mapping as its file states it: what the columns and answers of a survey mean.

`toml_file` reads it from TOML, and `resolve` checks it against the columns of one file and the
ontology. A column is named by heading, by code or by letter (`column C`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from pathlib import Path
from typing import Final

from wbskills.domain import Wave
from wbskills.surveys.files.cell_text import clean
from wbskills.surveys.mapping.open_points import OpenPoint

WITHHELD: Final = "withheld"
LICENSED: Final = "consent_licensed"
PSEUDONYMOUS: Final = "consent_pseudonym"
SCALE: Final = "scale:"
BUDDHIST_CALENDAR: Final = "buddhist"
PERSON_FIELDS: Final = ("home_community", "affiliation", "time_zone", "availability", "role")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the answers of some columns mean.

    `table` maps answers to keys; an answer may be a range of numbers, `"2-3"`, which fits
    every answer that begins with such a number. `scales` adds the labels and aliases of whole
    scales. `skipped` and `not_asked` are the answers that mean just that. `member` is the name of
    the table in the mapping.
    """

    table: Mapping[str, str] = field(default_factory=dict)
    scales: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ("",)
    not_asked: tuple[str, ...] = ()
    member: str = "answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Columns that ask the same about several skills or languages, its subjects.

    `columns` are patterns, in which `*` stands for any text and `{skill}` (or `{language}`) for
    the name of the subject. `subjects` maps the rows of a question (by text or code), or columns,
    to keys of skills or languages; an empty key ignores the row.

    For choices that people tick, `chosen` is what a tick means (and `not_chosen`, if leaving it
    out means something as well). With `about`, all columns have that one subject, and each asks
    some of the people: the first answer found counts. If one cell holds several choices,
    `between` is what separates them, and `subjects` maps the choices.
    """

    place: str
    answers: Answers
    columns: tuple[str, ...] = ()
    subjects: Mapping[str, str] = field(default_factory=dict)
    chosen: str = ""
    not_chosen: str = ""
    between: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """Columns in which people named skills that the survey did not ask about.

    The level of such a skill is the same for all, or it is in `level_column`. `between` are the
    texts that separate several skills in one cell.
    """

    place: str
    columns: tuple[str, ...]
    level: str
    level_column: str
    answers: Answers
    between: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralInterest:
    """One question about many skills at once, such as “could you help others?”.

    Its answer is an interest in each of the `skills`, and in each skill of the `groups`; with
    neither, in every skill. With `at_least`, only in those that the person has at that level.
    """

    place: str
    column: str
    answers: Answers
    at_least: str = ""
    skills: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePair:
    """A column with the name of a language, and one that says how well it is spoken.

    If a cell has several languages, `between` are the texts that separate them, and the level may
    stand behind each.
    """

    place: str
    column: str
    level_column: str
    languages: Mapping[str, str]
    answers: Answers
    between: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonField:
    """A fact about the person: from a column, or the same value for all.

    Of several columns, each asks some of the people: the first answer found counts.
    """

    place: str
    columns: tuple[str, ...]
    value: str
    answers: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRule:
    """Which column names the person, and which property the name is written to.

    `pseudonym_column` is for people who did not agree to be named. `renamed` maps names in the
    survey to the names that these accounts have now. With `row_number`, no column identifies
    the person: the pseudonym is made of the row number, salted with the file. With `generated`,
    a pseudonym that the file does not have is made with the secret of the Wikibase.
    """

    column: str
    property: str
    prefix: str = ""
    pseudonym_column: str = ""
    pseudonym_prefix: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    row_number: bool = False
    generated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRule:
    """Which answers of a column are a consent, and of which kind; or the one ground for all.

    A ground is the licence of answers that were published before, or a text that a form made
    everyone agree to. Of several rules, the one that permits least counts.
    """

    place: str
    column: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    ground: str = ""

    @property
    def blank(self) -> str:
        """What an empty cell of the column means."""
        return next((kind for text, kind in self.answers.items() if not clean(text)), WITHHELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRule:
    """When a response was given: a column, in one of some formats, or one day for all.

    Days are counted in `zone`. Times that do not state their zone are `written_in` that one.
    `calendar` is empty or `buddhist`.
    """

    column: str = ""
    formats: tuple[str, ...] = ()
    day: date | None = None
    zone: tzinfo | None = None
    written_in: tzinfo | None = None
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessRule:
    """Which responses are complete: those submitted, or those that reached the last page.

    `only` maps columns to the answers that a row needs there to count (to leave out previews, …).
    """

    id_column: str = ""
    submitted_column: str = ""
    last_page_column: str = ""
    pages: int | None = None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveChoice:
    """A column with the wave of a response, and the waves that its answers mean."""

    column: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyMapping:
    """A whole mapping. `ontology` lists more files of the ontology that it needs.

    A mapping that is `complete` mentions every column with answers; `open` are questions that
    only a person can answer, without which it is not used.

    `heading_row` is the row of the headings as a spreadsheet counts, or 0 for the first one.
    """

    file: str
    title: str
    waves: tuple[Wave, ...]
    identity: IdentityRule
    consents: tuple[ConsentRule, ...]
    dates: DateRule
    tool: str = ""
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    heading_row: int = 0
    ontology: tuple[Path, ...] = ()
    empty: tuple[str, ...] = ()
    wave_choice: WaveChoice | None = None
    completeness: CompletenessRule = CompletenessRule()
    questions: tuple[Question, ...] = ()
    interests: tuple[Question, ...] = ()
    general_interests: tuple[GeneralInterest, ...] = ()
    others: tuple[OpenQuestion, ...] = ()
    languages: tuple[Question, ...] = ()
    language_pairs: tuple[LanguagePair, ...] = ()
    person: Mapping[str, PersonField] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    complete: bool = False
    open: tuple[OpenPoint, ...] = ()
