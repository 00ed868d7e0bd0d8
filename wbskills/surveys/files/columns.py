"""The columns of a survey file, and what each is for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wbskills.surveys.files.cell_text import cut

_LONGEST_HEADING = 60


class Role(StrEnum):
    """What a column is for. Personal ones are emptied before anything else happens."""

    QUESTION = "question"
    INDEX = "index that another program added"
    RESPONSE_ID = "number of the response"
    SUBMITTED = "when it was submitted"
    STARTED = "when it was started"
    CHANGED = "when it was last changed"
    LAST_PAGE = "last page seen"
    LANGUAGE = "language of the survey"
    SEED = "seed of the random order"
    TIMING = "time that was needed"
    STATUS = "kind of response"
    FINISHED = "whether it was finished"
    OWN = "column of the survey tool"
    TOKEN = "token of the invitation"  # noqa: S105  # words for a column, not a secret
    INTERNET_ADDRESS = "IP address"
    MAIL = "email address"
    NAME = "real name"
    PHONE = "telephone number"
    PLACE = "place or address"
    REFERRER = "address of the page before"
    TRAIT = "gender or age"
    ATTRIBUTE = "data of the participant list"
    FREE_TEXT = "free text"
    DESCRIPTION = "free text, judging by its question"

    @property
    def personal(self) -> bool:
        """Whether the answers may identify a person."""
        return self in _PERSONAL

    @property
    def shown(self) -> bool:
        """Whether `survey inspect` may show the answers."""
        return self is Role.QUESTION or self in _HARMLESS


_PERSONAL: Final = frozenset(
    {
        Role.INTERNET_ADDRESS,
        Role.MAIL,
        Role.NAME,
        Role.PHONE,
        Role.PLACE,
        Role.REFERRER,
        Role.TRAIT,
        Role.ATTRIBUTE,
        Role.FREE_TEXT,
        Role.DESCRIPTION,
    }
)
_HARMLESS: Final = frozenset({Role.LANGUAGE, Role.LAST_PAGE, Role.STATUS, Role.FINISHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyColumn:
    """A column: its place, its heading, and what the survey tool's format shows in the heading.

    `index` counts from 0. `code` is the survey tool's name for the column in one spelling
    (`SK[lua]` also for `SK_lua` and `SK.lua.`), `question` and `row_code` its two parts, `text`
    the question and `row_text` the row of an array. `sure` means that the role is certain
    and not only guessed. A column that was made of others, and is not in the file,
    has the first of these in `source_index`. `ticked` is what the tool writes for a choice that
    was ticked, if it is not a plain yes.
    """

    index: int
    heading: str
    code: str = ""
    question: str = ""
    row_code: str = ""
    text: str = ""
    row_text: str = ""
    role: Role = Role.QUESTION
    sure: bool = False
    source_index: int | None = None
    ticked: str = ""

    @property
    def letter(self) -> str:
        """The letters by which a spreadsheet names the column."""
        return letter(self.index if self.source_index is None else self.source_index)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which a mapping can mean this column."""
        return tuple(name for name in (self.heading, self.code, f"column {self.letter}") if name)

    @property
    def name(self) -> str:
        """The shortest of its names."""
        return self.code or self.heading or f"column {self.letter}"

    @property
    def array(self) -> str:
        """What all columns of a question share, its code or text; empty for a single column."""
        if self.row_code:
            return self.question
        return (self.question or self.text) if self.row_text else ""

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the column may be about: the row of an array, else the question."""
        texts = (
            (self.row_text, self.row_code)
            if self.row_text or self.row_code
            else (self.text, self.question or self.code, self.heading)
        )
        return tuple(text for text in texts if text)

    def __str__(self) -> str:
        if not self.heading:
            return f"column {self.letter} (no heading)"
        return f"column {self.letter} “{cut(self.heading, _LONGEST_HEADING)}”"


def letter(index: int) -> str:
    """Name a column, counted from 0, as a spreadsheet does.

    >>> letter(0), letter(25), letter(26), letter(247)
    ('A', 'Z', 'AA', 'IN')
    """
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
