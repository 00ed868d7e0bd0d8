"""What is in a survey file that nobody has mapped yet.

Answers are shown only where they cannot name anybody: never from columns with personal data or
free text, and elsewhere only those that at least two people gave, or that are words of a scale.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys import shapes
from wbskills.surveys.cells import BOM, clean, cut, key, quoted
from wbskills.surveys.columns import Column, Role
from wbskills.surveys.names import Names, names_of
from wbskills.surveys.reading import parse_moment
from wbskills.surveys.rows import Row, SurveyFile, open_file
from wbskills.surveys.wordings import Wordings

SHOWN: Final = 12
_DIFFERENT: Final = 50  # more different answers than this are free text
_LONGEST_ANSWER: Final = 60
_CONSENTS: Final = 6
_FORMATS: Final = (
    "", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y",
)  # fmt: skip


class Guess(StrEnum):
    """What the answers of a column look like."""

    NONE = ""
    LEVELS = "levels of a skill"
    BABEL = "levels of a language"
    YES_NO = "yes or no"
    NUMBERS = "numbers of a scale"
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
    """What one column holds. `answers` come with their counts, the most frequent first."""

    column: Column
    guess: Guess
    empty: int
    distinct: int
    answers: tuple[tuple[str, int], ...]
    skill: Suggestion | None = None
    language: Suggestion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a survey file holds.

    `first` and `last` are the days of the first and last response, `formats` those in which
    all dates of the file can be read (empty text: ISO 8601).
    """

    file: str
    tool: str
    reason: str
    encoding: str
    separator: str
    sheet: str
    rows: int
    cells_with_bom: int
    columns: tuple[ColumnReport, ...]
    first: datetime | None = None
    last: datetime | None = None
    formats: tuple[str, ...] = ()


def inspect(
    path: Path, ontology: Ontology, *, encoding: str = "", separator: str = "", sheet: str = ""
) -> Inspection:
    """Look through a survey file.

    Raises `SurveyError` or `NotFound` if it cannot be read.
    """
    file = open_file(path, encoding=encoding, separator=separator, sheet=sheet)
    top = [cells for _, cells in file.top]
    shape, reason = shapes.recognise(top)
    columns = shape.columns(top)
    looks = [_Look(column) for column in columns]
    dates = _Dates(columns)
    rows = bom = 0
    for row in _rows(file, shape, columns):
        rows += 1
        bom += sum(BOM in cell for cell in row.cells)
        dates.add(row)
        for look, cell in zip(looks, row.cells, strict=True):
            look.add(cell)
    judge = _Judge(ontology)
    return Inspection(
        file=file.name,
        tool=shape.name,
        reason=reason,
        encoding=file.encoding,
        separator=file.separator,
        sheet=file.sheet,
        rows=rows,
        cells_with_bom=bom,
        columns=tuple(judge.reports(looks)),
        first=dates.first,
        last=dates.last,
        formats=tuple(dates.formats) if dates.first else (),
    )


def _rows(file: SurveyFile, shape: shapes.Shape, columns: tuple[Column, ...]) -> Iterable[Row]:
    named = max((column.index + 1 for column in columns if column.heading), default=0)
    return file.rows(shape.heading_rows, len(columns), named)


@dataclass(slots=True)
class _Look:
    """What has been seen of a column; of personal data, only how often it is there."""

    column: Column
    empty: int = 0
    filled: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    overflowed: bool = False

    def add(self, cell: str) -> None:
        text = clean(cell) if not cell.isascii() else cell.strip()
        if not text:
            self.empty += 1
            return
        self.filled += 1
        if self.column.role.shown and not self.overflowed:
            self.answers[text] += 1
            if len(self.answers) > _DIFFERENT:
                self.overflowed = True
                self.answers.clear()


class _Dates:
    """The days of the responses, and the formats that fit all of them."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self.column = next((one for one in columns if one.role is Role.SUBMITTED), None)
        self.formats = list(_FORMATS)
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, row: Row) -> None:
        text = clean(row.cells[self.column.index]) if self.column else ""
        if not text:
            return
        found = {form: parse_moment(text, [form] if form else []) for form in self.formats}
        self.formats = [form for form, moment in found.items() if moment]
        moment = next(filter(None, found.values()), None)
        if moment is not None:
            self.first = min(self.first or moment, moment)
            self.last = max(self.last or moment, moment)


class _Judge:
    """Judges columns by what has been seen of them."""

    def __init__(self, ontology: Ontology) -> None:
        self.wordings = Wordings(ontology)
        self.skills = names_of(ontology, "skills")
        self.languages = names_of(ontology, "languages")
        self.communities = names_of(ontology, "communities")

    def reports(self, looks: Iterable[_Look]) -> Iterable[ColumnReport]:
        """Judge all columns; what stands before a column helps to tell what it is."""
        before = Guess.NONE
        for look in looks:
            before = self._guess(look, before)
            yield self._report(look, before)

    def _report(self, look: _Look, guess: Guess) -> ColumnReport:
        hidden = guess in (Guess.PERSONAL, Guess.FREE_TEXT, Guess.USERNAMES)
        about = guess in (Guess.LEVELS, Guess.BABEL, Guess.YES_NO, Guess.NUMBERS)
        return ColumnReport(
            column=look.column,
            guess=guess,
            empty=look.empty,
            distinct=0 if hidden else len(look.answers),
            answers=() if hidden else tuple(self._shown(look, guess)),
            skill=_suggestion(self.skills, look.column) if about else None,
            language=_suggestion(self.languages, look.column) if about else None,
        )

    def _guess(self, look: _Look, before: Guess) -> Guess:
        column = look.column
        if column.role.personal:
            return Guess.PERSONAL
        if not column.role.shown or column.role is not Role.QUESTION:
            return Guess.NONE
        by_heading = self.wordings.heading(column)
        if by_heading == "username":
            return Guess.USERNAMES
        if look.overflowed:
            return Guess.FREE_TEXT
        if by_heading == "consent":
            return Guess.CONSENT
        language = before is Guess.LANGUAGES or any(map(self.languages.find, column.subjects))
        by_answers = self._by_answers(list(look.answers), about_language=language)
        return by_answers or (Guess.FREE_TEXT if _is_open(look) else Guess.NONE)

    def _by_answers(self, answers: list[str], *, about_language: bool) -> Guess:
        if not answers:
            return Guess.NONE
        if all(map(self.wordings.is_yes_or_no, answers)):
            return Guess.YES_NO
        if about_language and all(key(answer) in self.wordings.babel for answer in answers):
            return Guess.BABEL
        if _most(answers, self.wordings.levels):
            return Guess.LEVELS
        if all(map(self.wordings.is_step, answers)):
            return Guess.NUMBERS
        if _named(answers, self.communities):
            return Guess.COMMUNITIES
        return Guess.LANGUAGES if _named(answers, self.languages) else Guess.NONE

    def _shown(self, look: _Look, guess: Guess) -> Iterable[tuple[str, int]]:
        # The answers to the consent are the form's own, and a mapping needs every one of them.
        everything = guess is Guess.CONSENT and len(look.answers) <= _CONSENTS
        # Where most answers differ, one that two rows share is somebody who answered twice.
        telling = len(look.answers) * 2 <= look.answers.total() or guess is not Guess.NONE
        shown = (
            (cut(answer, _LONGEST_ANSWER), count)
            for answer, count in look.answers.most_common()
            if everything
            or self.wordings.knows(answer)
            or (telling and count > 1 and quoted(answer).startswith("“"))
        )
        return list(shown)[:SHOWN]


def _most(answers: list[str], known: dict[str, tuple[str, ...]]) -> bool:
    """Tell whether at least two answers, and two thirds of all, are words of a scale."""
    found = sum(key(answer) in known for answer in answers)
    return found >= 2 and found * 3 >= len(answers) * 2


def _named(answers: list[str], names: Names) -> bool:
    """Tell whether two thirds of the answers are names of some items."""
    return sum(names.find(answer) is not None for answer in answers) * 3 >= len(answers) * 2


def _is_open(look: _Look) -> bool:
    """Tell whether people wrote what they liked: more than half of the answers are different."""
    lengths = [len(answer) for answer in look.answers]
    long = bool(lengths) and sum(lengths) / len(lengths) > _LONGEST_ANSWER
    return long or len(look.answers) * 2 > look.filled


def _suggestion(names: Names, column: Column) -> Suggestion | None:
    found = [names.suggest(subject) for subject in column.subjects]
    best = max((one for one in found if one), key=lambda one: one[2], default=None)
    return Suggestion(key=best[0], name=best[1], score=best[2]) if best else None
