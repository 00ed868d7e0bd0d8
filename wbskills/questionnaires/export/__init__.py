"""Questionnaires for survey tools, one module for each.

To add a survey tool, write a module with a subclass of `ExportFormat` and add it to `FORMATS`.
"""

from typing import Final

from wbskills.errors import NotFound
from wbskills.names import did_you_mean
from wbskills.questionnaires.export.export_format import AnswerColumns, ExportFile, ExportFormat
from wbskills.questionnaires.export.google_forms import GoogleForms
from wbskills.questionnaires.export.limesurvey import LimeSurvey
from wbskills.questionnaires.export.pages_to_copy import (
    MicrosoftForms,
    NextcloudForms,
    SurveyMonkey,
)
from wbskills.questionnaires.export.paper import Paper
from wbskills.questionnaires.export.qualtrics import Qualtrics
from wbskills.questionnaires.export.xlsform import XlsForm

FORMATS: Final[tuple[ExportFormat, ...]] = (
    LimeSurvey(),
    XlsForm(),
    GoogleForms(),
    Qualtrics(),
    NextcloudForms(),
    MicrosoftForms(),
    SurveyMonkey(),
    Paper(),
)

__all__ = ["FORMATS", "AnswerColumns", "ExportFile", "ExportFormat", "find_format"]


def find_format(name: str) -> ExportFormat:
    """Return the format for a survey tool.

    Raises `NotFound` if there is none.
    """
    for each in FORMATS:
        if each.name == name:
            return each
    known = [each.name for each in FORMATS]
    raise NotFound(
        f"there is no survey tool “{name}”",
        hint=did_you_mean(name, known) or f"use one of {', '.join(known)}",
    )
