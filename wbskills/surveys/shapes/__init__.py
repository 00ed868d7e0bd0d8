"""The shapes of survey files, one per survey tool.

To add one: write a module with a class that has the members of `Shape`, and put it into `SHAPES`
before `Plain`, which takes whatever no other shape knows.
"""

from collections.abc import Sequence
from typing import Final

from wbskills.errors import NotFound
from wbskills.surveys.shapes.limesurvey import LimeSurvey
from wbskills.surveys.shapes.plain import Plain
from wbskills.surveys.shapes.shape import Shape

SHAPES: Final[tuple[Shape, ...]] = (LimeSurvey(), Plain())

__all__ = ["SHAPES", "Shape", "named", "recognise"]


def recognise(top: Sequence[Sequence[str]]) -> tuple[Shape, str]:
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
