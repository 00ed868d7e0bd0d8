"""Any table with one heading row and one row per response."""

from typing import Final

from wbskills.surveys.files.cell_text import clean
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.tools.tool import Shape, Top, asked, split_row

_ROLES: Final = {
    "timestamp": Role.SUBMITTED,
    "zeitstempel": Role.SUBMITTED,
    "horodateur": Role.SUBMITTED,
    "marca temporal": Role.SUBMITTED,
    "date": Role.SUBMITTED,
    "day": Role.SUBMITTED,
    "datum": Role.SUBMITTED,
    "fecha": Role.SUBMITTED,
    "التاريخ": Role.SUBMITTED,
    "submitted at": Role.SUBMITTED,
    "date submitted": Role.SUBMITTED,
    "submission date": Role.SUBMITTED,
    "submitted": Role.SUBMITTED,
    "id": Role.RESPONSE_ID,
    "response id": Role.RESPONSE_ID,
    "language": Role.LANGUAGE,
    "token": Role.TOKEN,
}


class Plain(Shape):
    """A plain table: every heading is a question, and says so in its own words."""

    name = "plain"
    between = ";"

    def recognise(self, top: Top) -> str:  # noqa: ARG002  # it takes everything
        """Say that no survey tool was recognised."""
        return "no survey tool is recognised: a plain table, a row per response"

    def columns(self, top: Top) -> tuple[Column, ...]:
        """Read one column from each heading."""
        return tuple(
            asked(index, heading, _ROLES, *split_row(heading))
            for index, heading in enumerate(map(clean, top[0]))
        )
