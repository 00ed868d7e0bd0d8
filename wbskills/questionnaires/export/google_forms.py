"""Google Forms: a script for script.google.com that builds the form, one for each language."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.form import form_of
from wbskills.questionnaires.export.headings import columns_by_text
from wbskills.questionnaires.schema import Questionnaire
from wbskills.surveys.files.columns import SurveyColumn

_SCRIPT: Final = Path(__file__).with_name("google_forms.gs")


class GoogleForms(ExportFormat):
    """Scripts that build a form in Google Forms."""

    name = "google"
    title = "Google Forms"
    read_as = "google"
    one_for_each_language = True
    next_steps = (
        "Open script.google.com, create a project, and replace its code by that of a .gs file.",
        "Run “createQuestionnaire”, and allow it to create forms. The log has the form's address.",
        "Afterwards: Responses → Download responses (.csv), and unpack the file.",
        "wbskills survey plan answers.csv",
    )

    def files(self, questionnaire: Questionnaire, ontology: Ontology) -> Iterator[ExportFile]:
        """Yield a script for each language."""
        script = _SCRIPT.read_text(encoding="utf-8")
        for language in questionnaire.languages:
            form = form_of(questionnaire, ontology, language)
            data = json.dumps(asdict(form), ensure_ascii=False, indent=2)
            # In older JavaScript, these two end a line also within a text.
            data = data.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
            text = f"{script}\nvar QUESTIONNAIRE = {data};\n"
            yield ExportFile(f"{questionnaire.name}-{language}.gs", text.encode())

    def columns(
        self, questionnaire: Questionnaire, ontology: Ontology, language: str
    ) -> AnswerColumns:
        """Return the columns of the CSV download."""
        return columns_by_text(
            questionnaire,
            ontology,
            language,
            tool=self.read_as,
            submitted="Timestamp",
            heading="{} [{}]".format,
            between=";",
        )

    def fitted(self, columns: AnswerColumns, found: Sequence[SurveyColumn]) -> AnswerColumns:
        """Return the columns with the word for the time in the language of the account."""
        return super().fitted(replace(columns), found)
