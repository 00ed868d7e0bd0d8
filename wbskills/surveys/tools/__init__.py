"""The file formats of survey tools, one module for each.

To add a survey tool, write a module with a subclass of `SurveyTool` and add it to `TOOLS`. The
first tool that recognises a file reads it; `PlainTable` recognises every file, so it is the last.
"""

from typing import Final

from wbskills.errors import NotFound
from wbskills.surveys.tools.alchemer import Alchemer
from wbskills.surveys.tools.google_forms import GoogleForms
from wbskills.surveys.tools.kobo import KoboToolbox
from wbskills.surveys.tools.limesurvey import LimeSurvey
from wbskills.surveys.tools.microsoft_forms import MicrosoftForms
from wbskills.surveys.tools.nextcloud_forms import NextcloudForms
from wbskills.surveys.tools.plain_tables import (
    LongTable,
    PlainTable,
    TableWithoutHeadings,
    TwoHeadingRows,
)
from wbskills.surveys.tools.qualtrics import Qualtrics
from wbskills.surveys.tools.redcap import RedCap
from wbskills.surveys.tools.sosci import SoSciSurvey
from wbskills.surveys.tools.surveymonkey import SurveyMonkey
from wbskills.surveys.tools.tool import SurveyTool, Top
from wbskills.surveys.tools.typeform import Typeform

TOOLS: Final[tuple[SurveyTool, ...]] = (
    Qualtrics(),
    SurveyMonkey(),
    NextcloudForms(),
    KoboToolbox(),
    MicrosoftForms(),
    Typeform(),
    SoSciSurvey(),
    RedCap(),
    Alchemer(),
    LimeSurvey(),
    GoogleForms(),
    LongTable(),
    TwoHeadingRows(),
    TableWithoutHeadings(),
    PlainTable(),
)

__all__ = ["TOOLS", "SurveyTool", "named", "recognise"]


def recognise(top: Top) -> tuple[SurveyTool, str]:
    """Return the survey tool that wrote a file with these first records, and the reason."""
    return next((tool, reason) for tool in TOOLS if (reason := tool.recognise(top)))


def find_tool(name: str) -> SurveyTool:
    """Return the survey tool with a name.

    Raises `NotFound` if there is none.
    """
    for tool in TOOLS:
        if tool.name == name:
            return tool
    known = ", ".join(tool.name for tool in TOOLS)
    raise NotFound(f"there is no survey tool “{name}”", hint=f"use one of {known}")
