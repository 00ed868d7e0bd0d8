"""What a module for a survey tool provides: files to import, and the columns of the answers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.schema import Questionnaire
from wbskills.surveys.files.columns import Role, SurveyColumn


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file for a survey tool: its name, without a folder, and its content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumns:
    """The columns that the answers of a questionnaire have in the export of a survey tool.

    Columns are named as in a mapping, by heading or code. `levels` has the column of each skill.
    `interests` has, by interest, the column of each skill if a tool writes a column for each
    choice, in which `not_ticked` means no, beside a plain one; `interest_cells` has, by interest,
    the columns whose cells hold several choices, with `between` between them, and what they are
    called: the wording of the choice → the skill. `languages` are pairs of columns, language and
    level. `facts` are the other facts.

    `wordings` are answers as the tool writes them, where that is neither a key nor a label:
    by question (`consent`, `level`, `babel_level`, `languages`, or a fact), wording → key.
    `only` is as in `[response.only]` of a mapping, `dates` are the formats of `submitted`.
    `ignore` has patterns for columns that are not mapped.
    """

    tool: str
    consent: str
    username: str
    pseudonym: str = ""
    response_id: str = ""
    submitted: str
    unfinished_are_exported: bool = False
    dates: tuple[str, ...] = ()
    levels: Mapping[str, str]
    interests: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    not_ticked: tuple[str, ...] = ()
    interest_cells: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    between: str = ""
    another_skill: str = ""
    languages: tuple[tuple[str, str], ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    wordings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    def renamed(self, name: Callable[[str], str]) -> "AnswerColumns":
        """Return the same columns with other names; `name` gives the new one of an old one."""
        return replace(
            self,
            consent=name(self.consent),
            username=name(self.username),
            pseudonym=name(self.pseudonym),
            levels={skill: name(old) for skill, old in self.levels.items()},
            interests={
                interest: {skill: name(old) for skill, old in by_skill.items()}
                for interest, by_skill in self.interests.items()
            },
            interest_cells={
                interest: {name(old): choices for old, choices in cells.items()}
                for interest, cells in self.interest_cells.items()
            },
            another_skill=name(self.another_skill),
            languages=tuple((name(language), name(level)) for language, level in self.languages),
            facts={fact: name(old) for fact, old in self.facts.items()},
            ignore=tuple(map(name, self.ignore)),
        )


class ExportFormat(ABC):
    """A survey tool, or paper, that a questionnaire can be written for.

    `name` is what `questionnaire export --tool` takes, `title` what people call it, `read_as` the
    name of the survey tool that recognises its export. `next_steps` say what to do with the files.
    `one_for_each_language` if the tool has one form for each language, so that the headings of its
    export are in that language.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    read_as: ClassVar[str]
    next_steps: ClassVar[tuple[str, ...]]
    one_for_each_language: ClassVar[bool] = False

    @abstractmethod
    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield the files that the tool imports, in all languages of the questionnaire."""

    @abstractmethod
    def columns(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> AnswerColumns:
        """Return the columns in the tool's export of the answers.

        `language` counts only if there is a form for each language.
        """

    def variants(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> Iterator[AnswerColumns]:
        """Yield the columns in each way in which the tool can export them, the usual one first."""
        yield self.columns(questionnaire, ontology, language)

    def fitted(self, columns: AnswerColumns, found: Sequence[SurveyColumn]) -> AnswerColumns:
        """Return the columns as one file has them, whose own columns were `found`.

        Survey tools translate the headings of their own columns.
        """
        own = {column.role: column.name for column in found if column.sure}
        return replace(
            columns,
            submitted=own.get(Role.SUBMITTED, columns.submitted),
            response_id=own.get(Role.RESPONSE_ID, columns.response_id),
        )
