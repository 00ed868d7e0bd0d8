"""What changed between the survey that a mapping was written for and the file of another year.

Nothing is refused here: what no longer fits is listed, with what it most likely is now.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from wbskills.errors import Fault
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import cut, key
from wbskills.surveys.files.columns import Column
from wbskills.surveys.files.rows import Row
from wbskills.surveys.mapping.answers import Kind
from wbskills.surveys.mapping.column_lookup import Lookup
from wbskills.surveys.mapping.item_names import Names, names_of
from wbskills.surveys.mapping.question_columns import thing_of
from wbskills.surveys.mapping.resolve import faults_of, fit_what_fits
from wbskills.surveys.mapping.resolved import Fitted
from wbskills.surveys.mapping.schema import Question, SurveyMapping
from wbskills.surveys.responses.reader import Reader
from wbskills.surveys.responses.survey import below_title, opened
from wbskills.surveys.responses.validation_report import counted

MOST: Final = 200  # different answers; more of them have one cause
_ALIKE: Final = 80  # of 100
_SHOWN: Final = 60
_AROUND_ROWS: Final = " []().:-_"


class Change(StrEnum):
    """What can change from one year to the next."""

    RENAMED = "renamed"
    GONE = "gone"
    NEW_COLUMN = "new column"
    NEW_ROW = "new row"
    NEW_ANSWER = "new answer"
    OTHER_DAYS = "other days"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that changed: where it stands in the mapping or in the file, and what to try."""

    change: Change
    where: str
    what: str
    hint: str


def compare(path: Path, mapping: SurveyMapping, ontology: Ontology) -> list[Difference]:
    """List what changed in a survey file against a mapping; empty if the mapping still fits.

    Raises `SurveyError` or `NotFound` if the file cannot be read.
    """
    file, shape, columns = opened(path, mapping)
    fitted = fit_what_fits(mapping, columns, ontology)
    found = list(_Headings(mapping, fitted, ontology).differences())
    title = below_title(file, mapping) if found else None
    if title is not None:
        found.insert(0, _not_compared(title))
    if not found:
        # What is new may also be one column too many of the same name.
        found = [_not_compared(fault) for fault in faults_of(mapping, columns, ontology)]
    if fitted.consent is None and not mapping.consent.ground:
        return [*found, _no_consent()]
    reader = Reader(fitted)
    answers = _Answers(fitted)
    for row in shape.rows(file, columns, reader.when):
        for index in fitted.dropped:
            row.cells[index] = ""
        answers.take(row, reader)
    return [*found, *answers.differences()]


def _not_compared(fault: Fault) -> Difference:
    return Difference(
        change=Change.NOT_COMPARED, where=fault.column, what=fault.what, hint=fault.hint
    )


def _no_consent() -> Difference:
    return Difference(
        change=Change.NOT_COMPARED,
        where="consent.column",
        what="without the column of the consent, no answer is looked at",
        hint="the name of that column in the mapping, then the command again",
    )


class _Headings:
    """The columns that a mapping names, and those that a file has."""

    def __init__(self, mapping: SurveyMapping, fitted: Fitted, ontology: Ontology) -> None:
        self.mapping, self.fitted = mapping, fitted
        self.lookup = Lookup(fitted.columns, [])
        self.skills = names_of(ontology, "skills")
        self.languages = names_of(ontology, "languages")
        self.gone: list[tuple[str, str]] = []  # place in the mapping, name of a column
        self.new = list(fitted.unused)
        self.renamed: dict[str, Column] = {}

    def differences(self) -> Iterator[Difference]:
        """List what is gone, what is new, and what of both is most likely the same."""
        for place, name in self._named():
            if not self.lookup.named(name):
                self.gone.append((place, name))
        for question, names in self._questions():
            if question.columns and not (question.between or question.about):
                yield from self._rows(question, names)
            elif not question.columns:
                self._columns_of(question)
            self._patterns(question.place, question.columns)
        for others in self.mapping.others:
            self._patterns(others.place, others.columns)
        for place, name in self.gone:
            yield self._gone(place, name)
        for column in self.new:
            yield Difference(
                change=Change.NEW_COLUMN,
                where=str(column),
                what="the mapping says nothing about it",
                hint="a question, or a name under ignore",
            )

    def _named(self) -> Iterator[tuple[str, str]]:
        """List the names by which the mapping means one column each."""
        told = self.mapping
        single = {
            "identity.column": told.identity.column,
            "identity.pseudonym_column": told.identity.pseudonym_column,
            "date.column": told.dates.column,
            "response.id": told.completeness.id_column,
            "response.submitted": told.completeness.submitted_column,
            "response.last_page": told.completeness.last_page_column,
            "consent.column": told.consent.column,
            "wave.column": told.wave_choice.column if told.wave_choice else "",
        }
        for pair in told.language_pairs:
            single[f"{pair.place}.column"] = pair.column
            single[f"{pair.place}.level_column"] = pair.level_column
        for others in told.others:
            single[f"{others.place}.level_column"] = others.level_column
        yield from ((place, name) for place, name in single.items() if name)
        yield from (("response.only", name) for name in told.completeness.only)
        for one in told.person.values():
            yield from ((one.place, name) for name in one.columns if "*" not in name)

    def _questions(self) -> Iterator[tuple[Question, Names]]:
        yield from ((one, self.skills) for one in self.mapping.questions)
        yield from ((one, self.skills) for one in self.mapping.interests)
        yield from ((one, self.languages) for one in self.mapping.languages)

    def _columns_of(self, question: Question) -> None:
        for name in question.things:
            if not self.lookup.named(name):
                self.gone.append((question.place, name))

    def _patterns(self, place: str, patterns: Iterable[str]) -> None:
        self.gone += [(place, one) for one in patterns if not self.lookup.matching(one)]

    def _rows(self, question: Question, names: Names) -> Iterator[Difference]:
        """Compare the rows of a question with those that the mapping knows."""
        things = {key(name): thing for name, thing in question.things.items()}
        fresh: list[Column] = []
        known: set[str] = set()
        apart = {other.column.index for other in self.fitted.others}
        for pattern in question.columns:
            for column, caught in self.lookup.matching(pattern):
                if column.index in apart or (column.role.personal and column.sure):
                    continue
                subjects = [caught, *column.subjects]
                known |= {key(text) for text in (*subjects, *column.names)}
                if thing_of(subjects, column.names, things, names) is None:
                    fresh.append(column)
        for name in question.things:
            if key(name) in known:
                continue
            found = _like(name, fresh)
            if found is None:
                yield _is_gone(question.place, name)
            else:
                fresh.remove(found)
                yield _is_renamed(question.place, name, found)
        for column in fresh:
            yield Difference(
                change=Change.NEW_ROW,
                where=str(column),
                what=f"a row of {question.place} that names nothing known",
                hint=f'what it is, under {question.place}; "" leaves it out',
            )

    def _gone(self, place: str, name: str) -> Difference:
        column = self.renamed.get(name) or _like(name, self.new)
        if column is None:
            return _is_gone(place, name)
        if name not in self.renamed:  # several parts of a mapping may read one column
            self.new.remove(column)
            self.renamed[name] = column
        return _is_renamed(place, name, column)


def _is_gone(place: str, name: str) -> Difference:
    return Difference(
        change=Change.GONE,
        where=place,
        what=f"nothing in this file is “{cut(name, _SHOWN)}”",
        hint="its name in this file; or taking it out of the mapping",
    )


def _is_renamed(place: str, name: str, column: Column) -> Difference:
    return Difference(
        change=Change.RENAMED,
        where=place,
        what=f"“{cut(name, _SHOWN)}” is most likely {column} now",
        hint="the new name in the mapping, if they mean the same",
    )


def _like(name: str, columns: Sequence[Column]) -> Column | None:
    """Find the column that is most likely what once had a name.

    Of a row of the same question only the row is compared: the question is like in all of them.
    """
    from rapidfuzz import fuzz, process

    asked = key(name)
    texts: dict[str, list[tuple[str, Column]]] = {asked: []}
    for column in columns:
        row, own = _row_of(asked, column)
        alike = texts.setdefault(row or asked, [])
        alike += ((key(text), column) for text in own if text)
    found = []
    for wanted, among in texts.items():
        best = process.extractOne(
            wanted, [text for text, _ in among], scorer=fuzz.WRatio, score_cutoff=_ALIKE
        )
        if best:
            found.append((best[1], among[best[2]][1]))
    return max(found, key=lambda one: one[0])[1] if found else None


def _row_of(asked: str, column: Column) -> tuple[str, Iterable[str]]:
    """Give the row that a name means if it is of the question of a column; and what to compare."""
    for question, row in (column.text, column.row_text), (column.question, column.row_code):
        rest = asked.removeprefix(key(question)).strip(_AROUND_ROWS) if question and row else ""
        if rest and rest != asked:
            return rest, {column.row_text, column.row_code}
    return "", {column.heading, column.code, column.row_text, column.row_code, column.text}


@dataclass(slots=True)
class _Met:
    """An answer that nobody knows, and where it was met."""

    fault: Fault
    cells: int = 0
    columns: dict[str, None] = field(default_factory=dict)


class _Answers:
    """The answers of a file that the mapping does not know."""

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted
        self.met: dict[str, _Met] = {}
        self.outside = 0
        self.days: list[date] = []
        # Who somebody is, is for `survey plan` to complain about.
        self.names = {str(one) for one in (fitted.identity, fitted.pseudonym) if one}

    def take(self, row: Row, reader: Reader) -> None:
        """Look at the answers of somebody who agreed."""
        if row.fault is not None:
            return
        reading = reader.read(row)
        consent = self.fitted.consent
        faults: Iterable[Fault] = reading.faults
        if consent is not None and self._says_nothing(row):
            # It may be a refusal: only the answer to this question is looked at.
            faults = [one for one in faults if one.column == str(consent.column)]
        for fault in faults:
            if fault.column not in self.names:
                self._meet(fault)
        if reading.response is not None:
            wave = self.fitted.waves[reading.wave]
            if not wave.start <= reading.response.on <= wave.end:
                self.outside += 1
                days = [*self.days, reading.response.on]
                self.days = [min(days), max(days)]

    def differences(self) -> Iterator[Difference]:
        """List the answers, those of most cells first."""
        for met in sorted(self.met.values(), key=lambda one: -one.cells):
            columns = list(met.columns)
            more = f" and {counted(len(columns) - 1, 'column')} more" if columns[1:] else ""
            yield Difference(
                change=Change.NEW_ANSWER,
                where=f"{columns[0]}{more}",
                what=f"{met.fault.what} ({counted(met.cells, 'cell')}, row {met.fault.row})",
                hint=met.fault.hint,
            )
        if self.outside:
            yield Difference(
                change=Change.OTHER_DAYS,
                where="waves",
                what=f"{counted(self.outside, 'response')} from {self.days[0]} to {self.days[1]}"
                " are outside the days of their wave",
                hint="a new wave with a key and days of its own",
            )

    def _says_nothing(self, row: Row) -> bool:
        consent = self.fitted.consent
        if consent is None:
            return False
        return consent.meanings[row.cells[consent.column.index]].kind is Kind.FAULT

    def _meet(self, fault: Fault) -> None:
        if fault.what not in self.met:
            if len(self.met) >= MOST:
                return
            self.met[fault.what] = _Met(fault)
        met = self.met[fault.what]
        met.cells += 1
        met.columns.setdefault(fault.column)
