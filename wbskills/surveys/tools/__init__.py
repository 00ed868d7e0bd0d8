"""The shapes of survey files, one per survey tool.

To add one: write a module with a subclass of `SurveyTool`, and put it into `TOOLS`; the first that
knows a file takes it, and `PlainTable` takes whatever no other shape knows.
"""

from typing import Final

from wbskills.errors import NotFound
from wbskills.surveys.tools.google_forms import GoogleForms
from wbskills.surveys.tools.kobo import KoboToolbox
from wbskills.surveys.tools.limesurvey import LimeSurvey
from wbskills.surveys.tools.microsoft_forms import MicrosoftForms
from wbskills.surveys.tools.nextcloud_forms import NextcloudForms
from wbskills.surveys.tools.plain_tables import LongTable, PlainTable, TableWithoutHeadings
from wbskills.surveys.tools.qualtrics import Qualtrics
from wbskills.surveys.tools.surveymonkey import SurveyMonkey
from wbskills.surveys.tools.tool import SurveyTool, Top

TOOLS: Final[tuple[SurveyTool, ...]] = (
    Qualtrics(),
    SurveyMonkey(),
    NextcloudForms(),
    KoboToolbox(),
    MicrosoftForms(),
    LimeSurvey(),
    GoogleForms(),
    LongTable(),
    TableWithoutHeadings(),
    PlainTable(),
)

__all__ = ["TOOLS", "SurveyTool", "named", "recognise"]


def recognise(top: Top) -> tuple[SurveyTool, str]:
    """Find the survey tool that wrote the first records of a file, and why we think so."""
    for shape in TOOLS:
        reason = shape.recognise(top)
        if reason:
            return shape, reason
    raise AssertionError("Plain takes everything")  # pragma: no cover  # a fault of ours


def named(name: str) -> SurveyTool:
    """Give the shape of a name.

    Raises `NotFound` if there is none.
    """
    for shape in TOOLS:
        if shape.name == name:
            return shape
    raise NotFound(
        f"there is no survey tool “{name}”", hint=", ".join(shape.name for shape in TOOLS)
    )
