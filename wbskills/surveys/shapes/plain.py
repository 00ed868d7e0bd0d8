"""Any table with one heading row and one row per response."""

from collections.abc import Sequence
from typing import Final

from wbskills.surveys import personal
from wbskills.surveys.cells import clean, key
from wbskills.surveys.columns import Column, Role
from wbskills.surveys.shapes.shape import is_index, split_row

_ROLES: Final = {
    "timestamp": Role.SUBMITTED,
    "zeitstempel": Role.SUBMITTED,
    "horodateur": Role.SUBMITTED,
    "marca temporal": Role.SUBMITTED,
    "date": Role.SUBMITTED,
    "submitted": Role.SUBMITTED,
    "id": Role.RESPONSE_ID,
    "response id": Role.RESPONSE_ID,
    "language": Role.LANGUAGE,
    "token": Role.TOKEN,
}


class Plain:
    """A plain table: every heading is a question, and says so in its own words."""

    name = "plain"
    heading_rows = 1

    def recognise(self, top: Sequence[Sequence[str]]) -> str:  # noqa: ARG002  # it takes everything
        """Say that no survey tool was recognised."""
        return "no survey tool is recognised: a plain table, a row per response"

    def columns(self, top: Sequence[Sequence[str]]) -> tuple[Column, ...]:
        """Read one column from each heading."""
        return tuple(_column(index, clean(heading)) for index, heading in enumerate(top[0]))


def _column(index: int, heading: str) -> Column:
    text, row = split_row(heading)
    role = _ROLES.get(key(heading), Role.INDEX if is_index(index, heading) else None)
    if role is None:
        role = personal.known([heading])
    guessed = None if role or row else personal.guess(heading)
    return Column(
        index=index,
        heading=heading,
        text=text,
        row_text=row,
        role=role or guessed or Role.QUESTION,
        sure=role is not None and personal.certain(heading),
    )
