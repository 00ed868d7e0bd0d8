"""Tools that import no questionnaire: a page for each language, from which to build the form.

Nextcloud Forms imports only its own exports, Microsoft Forms reads Word and PDF files with errors,
SurveyMonkey takes pasted questions of one kind. The page lists every question in order, with
the exact texts, which are the headings of the export.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.form import form_of
from wbskills.questionnaires.export.headings import columns_by_text
from wbskills.questionnaires.export.html import render
from wbskills.questionnaires.schema import Questionnaire
from wbskills.surveys.files.columns import SurveyColumn


class PageToCopy(ExportFormat):
    """A page to build a form from; without `grids`, if the tool does not export them safely."""

    one_for_each_language = True
    grids: ClassVar[bool] = True

    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield a page for each language."""
        for language in questionnaire.languages:
            form = form_of(questionnaire, ontology, language, grids=self.grids)
            page = render("page_to_copy.html", form=form, tool=self.title)
            yield ExportFile(f"{questionnaire.name}-{language}.html", page.encode())


class NextcloudForms(PageToCopy):
    """A page to build a form of Nextcloud Forms from.

    It writes a grid that nobody answered as one cell, so that all answers behind it move.
    """

    name = "nextcloud"
    title = "Nextcloud Forms"
    read_as = "nextcloud"
    grids = False
    next_steps = (
        "Open the page of your language, and create each question with exactly its text.",
        "In the settings of the form: store responses anonymously; do not ask for accounts.",
        "Afterwards: Results → Download as CSV.",
        "wbskills survey plan answers.csv",
    )

    def columns(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> AnswerColumns:
        """Return the columns of the CSV export."""
        return columns_by_text(
            questionnaire,
            ontology,
            language,
            tool=self.read_as,
            submitted="Timestamp",
            heading=lambda _, row: row,
            between=";",
        )


class MicrosoftForms(PageToCopy):
    """A page to build a form of Microsoft Forms from."""

    name = "microsoft"
    title = "Microsoft Forms"
    read_as = "microsoft"
    next_steps = (
        "Open the page of your language, and create each question with exactly its text.",
        "A grid is a “Likert”.",
        "In the settings: anyone can respond, do not record names.",
        "Afterwards: View results → Open in Excel.",
        "wbskills survey plan answers.xlsx",
    )

    def columns(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> AnswerColumns:
        """Return the columns of the workbook, where a statement is a heading by itself."""
        return columns_by_text(
            questionnaire,
            ontology,
            language,
            tool=self.read_as,
            submitted="Completion time",
            heading=lambda _, row: row,
            between=";",
            dates=("%m/%d/%y %H:%M:%S",),
        )

    def fitted(self, columns: AnswerColumns, found: Sequence[SurveyColumn]) -> AnswerColumns:
        """Return the columns with `question.statement` as heading, if the file has that."""
        statements = {
            column.heading.rpartition(".")[2]: column.heading
            for column in found
            if "." in column.heading
        }
        levels = {skill: statements.get(name, name) for skill, name in columns.levels.items()}
        return super().fitted(replace(columns, levels=levels), found)


class SurveyMonkey(PageToCopy):
    """A page to build a survey of SurveyMonkey from."""

    name = "surveymonkey"
    title = "SurveyMonkey"
    read_as = "surveymonkey"
    next_steps = (
        "Open the page of your language, and create each question with exactly its text.",
        "A grid is a “Matrix/Rating Scale”.",
        "In the collector's options: anonymous responses on.",
        "Afterwards: Analyze → Save as → All individual responses, CSV, with actual answers.",
        "wbskills survey plan answers.csv",
    )

    def columns(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> AnswerColumns:
        """Return the columns of the export, with a column for each choice."""
        return columns_by_text(
            questionnaire,
            ontology,
            language,
            tool=self.read_as,
            submitted="End Date",
            heading="{} [{}]".format,
            dates=("%m/%d/%Y %I:%M:%S %p",),
        )
