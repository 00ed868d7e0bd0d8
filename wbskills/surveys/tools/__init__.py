"""The shapes of survey files, one per survey tool.

To add one: write a module with a subclass of `Shape`, and put it into `SHAPES`; the first that
knows a file takes it, and `Plain` takes whatever no other shape knows.
"""

from typing import Final

from wbskills.errors import NotFound
from wbskills.surveys.tools.google_forms import Google
from wbskills.surveys.tools.headless import Headless
from wbskills.surveys.tools.kobo import Kobo
from wbskills.surveys.tools.limesurvey import LimeSurvey
from wbskills.surveys.tools.long_table import Long
from wbskills.surveys.tools.microsoft_forms import Microsoft
from wbskills.surveys.tools.nextcloud_forms import Nextcloud
from wbskills.surveys.tools.plain_table import Plain
from wbskills.surveys.tools.qualtrics import Qualtrics
from wbskills.surveys.tools.surveymonkey import SurveyMonkey
from wbskills.surveys.tools.tool import Shape, Top

SHAPES: Final[tuple[Shape, ...]] = (
    Qualtrics(),
    SurveyMonkey(),
    Nextcloud(),
    Kobo(),
    Microsoft(),
    LimeSurvey(),
    Google(),
    Long(),
    Headless(),
    Plain(),
)

__all__ = ["SHAPES", "Shape", "named", "recognise"]


def recognise(top: Top) -> tuple[Shape, str]:
    """Find the survey tool that wrote the first records of a file, and why we think so."""
    for shape in SHAPES:
        reason = shape.recognise(top)
        if reason:
            return shape, reason
    raise AssertionError("Plain takes everything")  # pragma: no cover  # a fault of ours


def named(name: str) -> Shape:
    """Give the shape of a name.

    Raises `NotFound` if there is none.
    """
    for shape in SHAPES:
        if shape.name == name:
            return shape
    raise NotFound(
        f"there is no survey tool “{name}”", hint=", ".join(shape.name for shape in SHAPES)
    )
