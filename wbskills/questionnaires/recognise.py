"""Finding out which questionnaire a survey file answers, and the mapping that fits it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Final

from wbskills.errors import Fault, SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export import FORMATS, AnswerColumns, ExportFormat
from wbskills.questionnaires.mapping_text import mapping_text
from wbskills.questionnaires.schema import Questionnaire
from wbskills.surveys import tools
from wbskills.surveys.files.cell_text import clean, counted, key
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.files.rows import open_file

# `wbsambassadorsv1` in codes, `wbs-ambassadors-v1-fr` in texts.
_MARK: Final = re.compile(
    r"(?<![a-z])wbs[-_ ]?(?P<name>[a-z](?:[a-z_-]*?[a-z])?)[-_ ]?v(?P<version>\d{1,3})"
    r"(?:[-_ ]?(?P<language>[a-z]{2,3}(?:-[a-z]{2,8})*))?(?![a-z0-9])"
)

_MOST_SHOWN: Final = 30  # missing columns; if more are, the headings are other ones altogether


@dataclass(frozen=True, slots=True)
class Mark:
    """What the mark in a file says: the name without “_”, the version, and the language if any."""

    name: str
    version: int
    language: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """The questionnaire that a file answers, the format of the file, and its mapping as text."""

    questionnaire: Questionnaire
    format: ExportFormat
    language: str
    mapping: str

    def __str__(self) -> str:
        asked = self.questionnaire
        language = f", in {self.language}" if self.language else ""
        return f"{asked.name}, version {asked.version} ({self.format.title}{language})"


def find_mark(texts: Iterable[str]) -> Mark | None:
    """Find the mark of a questionnaire in headings.

    >>> find_mark(["Timestamp", "May we publish your answers? (wbs-ambassadors-v1-fr)"])
    Mark(name='ambassadors', version=1, language='fr')
    >>> find_mark(["id. Response ID", "wbsambassadorsv12. wbsambassadorsv12"])
    Mark(name='ambassadors', version=12, language='')
    """
    for text in texts:
        found = _MARK.search(clean(text).casefold())
        if found:
            name = found["name"].replace("-", "").replace("_", "")
            return Mark(name, int(found["version"]), found["language"] or "")
    return None


def recognise(
    path: Path, questionnaires: Sequence[Questionnaire], ontology: Ontology
) -> Recognised:
    """Return the questionnaire that a survey file answers.

    Raises `SurveyError` if the file does not say it, if it answers another version than those
    known, or if it lacks columns; `NotFound` if there is no such file.
    """
    file = open_file(path)
    mark = find_mark(text for row in file.top_cells for text in row)
    if mark is None:
        raise SurveyError.of(
            str(path),
            "this file does not say which questionnaire it answers, so it needs a mapping",
            f"wbskills survey inspect {quote(str(path))} --draft mapping.toml",
        )
    questionnaire = _find(path, mark, questionnaires)
    tool, _ = tools.recognise(file.top_cells)
    form = next((each for each in FORMATS if each.read_as == tool.name), None)
    if form is None:
        raise SurveyError.of(
            str(path),
            f"this file answers {questionnaire.name}, but no survey tool writes it so",
            f"wbskills survey inspect {quote(str(path))} --draft mapping.toml",
        )
    language = mark.language if form.one_for_each_language else ""
    if form.one_for_each_language and language not in questionnaire.languages:
        raise SurveyError.of(
            str(path),
            f"“{language}” is not a language of {questionnaire.name},"
            f" version {questionnaire.version}",
            f"use one of {', '.join(questionnaire.languages)} in the mark of the heading",
        )
    found = tool.columns_of(file)
    columns = min(
        (
            form.fitted(each, found)
            for each in form.variants(
                questionnaire, ontology, language or questionnaire.languages[0]
            )
        ),
        key=lambda each: len(_missing(each, found)),
    )
    _check_columns(path, columns, found)
    return Recognised(questionnaire, form, language, mapping_text(questionnaire, columns))


def _find(path: Path, mark: Mark, questionnaires: Sequence[Questionnaire]) -> Questionnaire:
    named = [each for each in questionnaires if each.name.replace("_", "") == mark.name]
    for each in named:
        if each.version == mark.version:
            return each
    known = ", ".join(str(each.version) for each in named)
    raise SurveyError.of(
        str(path),
        f"this file answers version {mark.version} of “{mark.name}”, and only version {known} is"
        " known"
        if named
        else f"this file answers “{mark.name}”, and there is no such questionnaire",
        "put that questionnaire into the folder questionnaires, or use the mapping that was"
        " written with it: --mapping mapping.toml",
    )


def _check_columns(path: Path, columns: AnswerColumns, found: Sequence[SurveyColumn]) -> None:
    missing = _missing(columns, found)
    if missing:
        hint = f"wbskills survey inspect {quote(str(path))} --draft mapping.toml"
        faults = [Fault(what=f"there is no column “{name}”") for name in missing[:_MOST_SHOWN]]
        if len(missing) > _MOST_SHOWN:
            faults.append(Fault(what=f"and {len(missing) - _MOST_SHOWN} more columns"))
        count = counted(len(missing), "column is", "columns are")
        first = Fault(
            what=f"{count} missing: the form was changed, or exported with other headings",
            hint=hint,
        )
        raise SurveyError(str(path), [first, *faults])


def _missing(columns: AnswerColumns, found: Sequence[SurveyColumn]) -> list[str]:
    there = {key(name) for column in found for name in column.names}
    return [name for name in dict.fromkeys(_needed(columns)) if key(name) not in there]


def _needed(columns: AnswerColumns) -> Iterator[str]:
    yield from (columns.consent, columns.username, columns.submitted)
    yield from filter(None, (columns.pseudonym, columns.response_id, columns.another_skill))
    yield from columns.levels.values()
    for by_skill in columns.interests.values():
        yield from by_skill.values()
    for cells in columns.interest_cells.values():
        yield from cells
    for pair in columns.languages:
        yield from pair
    yield from columns.facts.values()
