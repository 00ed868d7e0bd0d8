"""The interface of a survey tool's file format, and what several formats share."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final

from wbskills.surveys.files import personal_data
from wbskills.surveys.files.cell_text import clean, key
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.files.rows import Row, SurveyFile

OTHER: Final = re.compile(
    r"(other|sonstige[sr]?|andere[sr]?|autre|otr[oa]|outro|أخرى)\b.*(specify|describe|angeben"
    r"|préciser|especifi|يرجى).*"
)
_UNNAMED = re.compile(r"Unnamed: \d+")
_ROWS = re.compile(r"\s*((?:\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\])+)\s*$")

# Wave, moment and consent of a row, by the mapping.
When = Callable[[list[str]], tuple[str, str, str]]
# The first records of a file that are not blank.
Top = Sequence[Sequence[str]]


class SurveyTool(ABC):
    """How one survey tool writes its files.

    `name` is the tool's name in a mapping, `between` what it writes between several choices in
    one cell (empty if it has a column for each). `counting` has what stands in the tool's own
    columns for a response that counts: finished, and no preview.
    """

    name: ClassVar[str]
    between: ClassVar[str] = ""
    counting: ClassVar[Mapping[Role, tuple[str, ...]]] = MappingProxyType({})

    @abstractmethod
    def recognise(self, top: Top) -> str:
        """Return in one sentence why the file is of this tool; empty if it is not."""

    @abstractmethod
    def columns(self, top: Top) -> tuple[SurveyColumn, ...]:
        """Return the columns that the first records show."""

    def heading_rows(self, top: Top) -> int:  # noqa: ARG002  # some tools have more than one
        """Return the number of records that the headings take."""
        return 1

    def columns_of(self, file: SurveyFile) -> tuple[SurveyColumn, ...]:
        """Return the columns of a file; most tools need only its first records."""
        return self.columns(file.top_cells)

    def rows(
        self,
        file: SurveyFile,
        columns: Sequence[SurveyColumn],
        when: When | None = None,  # noqa: ARG002  # for tables in which one row is not one response
    ) -> Iterator[Row]:
        """Read the rows below the headings, one for each response.

        Raises `SurveyError` where the file cannot be read any further.
        """
        named = max((c.index + 1 for c in columns if c.heading), default=len(columns))
        return file.rows(self.heading_rows(file.top_cells), len(columns), named)


def cell(top: Top, row: int, index: int) -> str:
    """Return a cell of the first records, cleaned; empty if there is none.

    >>> cell([["a", "b "], ["c"]], 0, 1), cell([["a"]], 3, 0)
    ('b', '')
    """
    return clean(top[row][index]) if row < len(top) and index < len(top[row]) else ""


def column_of(
    index: int, heading: str, roles: Mapping[str, Role], text: str, row: str = ""
) -> SurveyColumn:
    """Return the column of a heading in plain words.

    `roles` has the headings of the tool's own columns. Any other heading is a question: `text` is
    the question and `row` the row of an array, both read from the heading.
    """
    role = roles.get(key(heading), Role.INDEX if is_index(index, heading) else None)
    role = role or personal_data.known_role([heading])
    if role is None and row and OTHER.fullmatch(key(row)):
        role = Role.FREE_TEXT
    guessed = None if role or row else personal_data.guess_role(heading)
    return SurveyColumn(
        index=index,
        heading=heading,
        text=text,
        row_text=row,
        role=role or guessed or Role.QUESTION,
        sure=role is not None and role is not Role.FREE_TEXT and personal_data.is_certain(heading),
    )


def is_index(index: int, heading: str) -> bool:
    """Return whether the first column is the index that pandas or R writes before a table.

    >>> is_index(0, ""), is_index(0, "Unnamed: 0"), is_index(3, "")
    (True, True, False)
    """
    return index == 0 and (heading in ("", "X") or bool(_UNNAMED.fullmatch(heading)))


def split_row(text: str) -> tuple[str, str]:
    """Split the text of a question from the row of an array, which is in brackets behind it.

    >>> split_row("How do you meet others? [Local group [or network]]")
    ('How do you meet others?', 'Local group [or network]')
    """
    found = _ROWS.search(text)
    if found is None:
        return clean(text), ""
    row = found[1][1:-1].replace("][", " / ")
    return clean(text[: found.start()]), clean(row)
