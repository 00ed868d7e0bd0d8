"""A mapping resolved against one file: its columns, and what their cells mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from wbskills.domain import Assessment, Wave
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.mapping.answers import Meanings
from wbskills.surveys.mapping.language_lists import LanguageListReader
from wbskills.surveys.mapping.multiple_choice import ChoiceSplitter
from wbskills.surveys.mapping.schema import SurveyMapping


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column, and what its cells mean."""

    column: SurveyColumn
    meanings: Meanings


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillColumns:
    """The columns about one skill: of its level, and of interest in it.

    Several columns may ask for the level, each of some of the people; there is none if the survey
    asks only for interest. `made` has the assessments without interests by level, so that equal
    answers share one object.
    """

    skill: str
    levels: tuple[MappedColumn, ...]
    interests: tuple[MappedColumn, ...] = ()
    made: dict[str, Assessment] = field(default_factory=dict)

    @property
    def level(self) -> MappedColumn:
        """The first column of the level."""
        return self.levels[0]

    def assessment(self, level: str, interests: tuple[str, ...] = ()) -> Assessment:
        """Return the assessment of a level."""
        if interests:
            return Assessment(self.skill, level, interests)
        return self.made.setdefault(level, Assessment(self.skill, level))


@dataclass(frozen=True, slots=True)
class LanguageColumn:
    """A column about one language; its cells mean steps of the Babel scale."""

    language: str
    level: MappedColumn


@dataclass(frozen=True, slots=True)
class LanguagePairColumns:
    """A column with the name of a language, and the one with its level, if there is one."""

    language: MappedColumn
    level: MappedColumn | None


@dataclass(frozen=True, slots=True)
class LanguageListColumn:
    """A column whose cells have several languages each."""

    column: SurveyColumn
    read: LanguageListReader


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralInterestColumn:
    """A column whose answer is an interest in many skills.

    These are the `skills`; None if all. With `levels`, only those that the person has at one of
    them.
    """

    column: MappedColumn
    skills: tuple[str, ...] | None
    levels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenColumn:
    """A column in which people named skills, and the level of these.

    `choices` splits the cells of a column that also holds choices of the survey.
    """

    column: SurveyColumn
    level: str
    level_column: MappedColumn | None = None
    between: tuple[str, ...] = ()
    empty: frozenset[str] = frozenset({""})
    choices: ChoiceSplitter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedMapping:
    """A mapping with the columns of one file and the keys of the ontology that it means.

    `skills` are those that the file asks a level of, `interests` those that it asks only interest
    in. The cells of `dropped` columns are emptied before anything reads them; `unused` are the
    columns that the mapping does not mention, `used` those that something reads. `only` has
    columns with the answers that a row needs there to count; `renamed` maps old usernames to new
    ones. `ground` is the consent that everyone gave. Generated pseudonyms are made with the
    `salt` of a Wikibase; where a response has no id, of its row and the `file_digest`.
    """

    source: SurveyMapping
    columns: tuple[SurveyColumn, ...]
    waves: Mapping[str, Wave]
    wave: MappedColumn | None
    identity: SurveyColumn | None
    pseudonym: SurveyColumn | None
    date_column: SurveyColumn | None
    day: date | None
    response_id: SurveyColumn | None
    submitted: SurveyColumn | None
    last_page: SurveyColumn | None
    consents: tuple[MappedColumn, ...]
    skills: tuple[SkillColumns, ...]
    interests: tuple[SkillColumns, ...]
    general_interests: tuple[GeneralInterestColumn, ...]
    languages: tuple[LanguageColumn, ...]
    language_pairs: tuple[LanguagePairColumns, ...]
    language_lists: tuple[LanguageListColumn, ...]
    person: Mapping[str, tuple[MappedColumn, ...]]
    values: Mapping[str, str]
    dropped: tuple[int, ...]
    unused: tuple[SurveyColumn, ...]
    others: tuple[OpenColumn, ...] = ()
    only: tuple[tuple[SurveyColumn, frozenset[str]], ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    used: frozenset[int] = frozenset()
    ground: str = ""
    file_digest: bytes = b""
    salt: bytes = b""

    @property
    def has_two_names(self) -> bool:
        """Whether a person may have a username in the file and be stored under a pseudonym."""
        generated = self.source.identity.generated and self.identity is not None
        return self.pseudonym is not None or generated
