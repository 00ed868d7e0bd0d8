"""The shapes of survey files, one per survey tool.

To add one: write a module with a subclass of `Shape`, and put it into `SHAPES`; the first that
knows a file takes it, and `Plain` takes whatever no other shape knows.
"""

from typing import Final

from wbskills.errors import NotFound
from wbskills.surveys.shapes.google import Google
from wbskills.surveys.shapes.headless import Headless
from wbskills.surveys.shapes.kobo import Kobo
from wbskills.surveys.shapes.limesurvey import LimeSurvey
from wbskills.surveys.shapes.long import Long
from wbskills.surveys.shapes.microsoft import Microsoft
from wbskills.surveys.shapes.nextcloud import Nextcloud
from wbskills.surveys.shapes.plain import Plain
from wbskills.surveys.shapes.qualtrics import Qualtrics
from wbskills.surveys.shapes.shape import Shape, Top
from wbskills.surveys.shapes.surveymonkey import SurveyMonkey

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
