"""A mapping that fits one file: which column says what, with nothing left to look up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from wbskills.domain import Assessment, Wave
from wbskills.surveys.files.columns import Column
from wbskills.surveys.mapping.answers import Meanings
from wbskills.surveys.mapping.multiple_choice import Choices
from wbskills.surveys.mapping.schema import SurveyMapping


@dataclass(frozen=True, slots=True)
class Answered:
    """A column, and what its cells mean."""

    column: Column
    meanings: Meanings


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillColumns:
    """The columns about one skill: of its level, and any number about interest.

    Several columns may ask for the level, each of some of the people; none, if the form asks only
    for interest. `made` remembers the assessments without interests by level: people's answers
    are alike.
    """

    skill: str
    levels: tuple[Answered, ...]
    interests: tuple[Answered, ...] = ()
    made: dict[str, Assessment] = field(default_factory=dict)

    @property
    def level(self) -> Answered:
        """The first column of the level."""
        return self.levels[0]

    def assessment(self, level: str, interests: tuple[str, ...] = ()) -> Assessment:
        """Make the assessment of a level."""
        if interests:
            return Assessment(self.skill, level, interests)
        return self.made.setdefault(level, Assessment(self.skill, level))


@dataclass(frozen=True, slots=True)
class LanguageColumn:
    """A column about one language: its cells mean steps of the Babel scale."""

    language: str
    level: Answered


@dataclass(frozen=True, slots=True)
class LanguageColumns:
    """A column that names a language, and the one beside it with the level, if there is one."""

    language: Answered
    level: Answered | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherColumn:
    """A column in which people named skills, and what is known of the level of these.

    `choices` part the cells of a column that also holds choices of the form.
    """

    column: Column
    level: str
    level_column: Answered | None = None
    between: tuple[str, ...] = ()
    empty: frozenset[str] = frozenset({""})
    choices: Choices | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A mapping, fitted to the columns of one file.

    `skills` are those of which the file asks the level, `interests` those of which it asks only
    for interest. `dropped` are the columns whose cells are emptied before anything reads them;
    `unused` those that nobody
    has said anything about. `only` lists columns with the answers that a row needs there to
    count at all, `renamed` goes from old usernames to new ones. `used` are the columns of the file
    that anything reads. Without a column for `identity`, people are told apart by their rows,
    salted with the `file_digest`.
    """

    mapping: SurveyMapping
    columns: tuple[Column, ...]
    waves: Mapping[str, Wave]
    wave: Answered | None
    identity: Column | None
    pseudonym: Column | None
    date_column: Column | None
    day: date | None
    response_id: Column | None
    submitted: Column | None
    last_page: Column | None
    consent: Answered | None
    skills: tuple[SkillColumns, ...]
    interests: tuple[SkillColumns, ...]
    languages: tuple[LanguageColumn, ...]
    language_pairs: tuple[LanguageColumns, ...]
    person: Mapping[str, tuple[Answered, ...]]
    values: Mapping[str, str]
    dropped: tuple[int, ...]
    unused: tuple[Column, ...]
    others: tuple[OtherColumn, ...] = ()
    only: tuple[tuple[Column, frozenset[str]], ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    used: frozenset[int] = frozenset()
    file_digest: bytes = b""
