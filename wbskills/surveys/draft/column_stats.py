"""What was seen of the columns of a file, and what they look like."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from wbskills.surveys.files.cell_text import clean, quoted
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.mapping.multiple_choice import parts

_DIFFERENT: Final = 50  # more different answers than this are free text
_MOST_IDS: Final = 2_000  # that are compared with each other
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_ID = re.compile(r"[A-Za-z_-]{0,20}\d[\w-]{0,40}", re.ASCII)


class Guess(StrEnum):
    """What the answers of a column look like."""

    NONE = ""
    LEVELS = "levels of a skill"
    BABEL = "levels of a language"
    YES_NO = "yes or no"
    NUMBERS = "numbers of a scale"
    CODES = "codes of answers"
    WORDS = "answers about a skill"
    CHOICES = "several choices in one cell"
    COMMUNITIES = "wikis"
    LANGUAGES = "languages"
    USERNAMES = "names of users"
    CONSENT = "consent"
    FREE_TEXT = "free text"
    PERSONAL = "personal data, never read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A skill or a language that a column may be about, to be accepted by a person."""

    key: str
    name: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """What one column holds. `answers` come with their counts, the most frequent first.

    Where a cell holds several choices, `answers` are these, `between` is what stands between them,
    and `choices` are the skills that they may be.
    """

    column: Column
    guess: Guess
    empty: int
    distinct: int
    answers: tuple[tuple[str, int], ...]
    skill: Suggestion | None = None
    language: Suggestion | None = None
    between: str = ""
    choices: tuple[Suggestion | None, ...] = ()


@dataclass(slots=True)
class Look:
    """What has been seen of a column; of personal data, only how often it is there.

    `parts` counts, for each text that may stand between choices, the choices; they are counted
    only once there are too many different answers to tell them from these. `mails` counts cells
    that may be mail addresses. `days` has the first and the last of the column, while all of its
    cells are days as ISO 8601 writes them; `ids` the cells, while they may be numbers of
    responses: all are different, and none can be a name or a telephone number.
    """

    column: Column
    parts: dict[str, Counter[str]] = field(default_factory=dict)
    empty: int = 0
    filled: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    overflowed: bool = False
    mails: int = 0
    days: tuple[str, str] | None = ("9", "")
    ids: set[str] | None = field(default_factory=set)

    def add(self, cell: str) -> None:
        """Look at one cell."""
        text = clean(cell) if not cell.isascii() else cell.strip()
        if not text:
            self.empty += 1
            return
        self.filled += 1
        if not self.column.role.shown and self.column.role is not Role.DESCRIPTION:
            return
        self.mails += "@" in text
        if self.days is not None:
            days = min(self.days[0], text), max(self.days[1], text)
            self.days = days if _DAY.fullmatch(text) else None
        if self.ids is not None and len(self.ids) < _MOST_IDS:
            fits = text not in self.ids and _ID.fullmatch(text) and quoted(text).startswith("“")
            if fits:
                self.ids.add(text)
            else:
                self.ids = None
        if self.overflowed:
            if self.parts:
                self._part(text, 1)
            return
        self.answers[text] += 1
        if len(self.answers) > _DIFFERENT:
            self.finish()
            self.overflowed = True
            self.answers.clear()

    def finish(self) -> None:
        """Count the choices in the answers that have been seen."""
        for text, count in self.answers.items():
            self._part(text, count)

    def _part(self, text: str, count: int) -> None:
        for between, counted in list(self.parts.items()):
            for part in parts(text, between):
                counted[part] += count
            if len(counted) > _DIFFERENT:
                del self.parts[between]
