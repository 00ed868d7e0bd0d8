"""What changed between the survey that a mapping was written for and a file of another year.

Nothing is refused here: what no longer fits is listed, with what it most likely is now.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from wbskills.errors import Fault, Faults
from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.cell_text import counted, cut, key
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.files.rows import Row
from wbskills.surveys.mapping.answers import AnswerKind
from wbskills.surveys.mapping.item_names import ItemNames, names_of
from wbskills.surveys.mapping.question_columns import ColumnLookup, subject_of
from wbskills.surveys.mapping.resolve import mapping_faults, resolve_partially
from wbskills.surveys.mapping.resolved import ResolvedMapping
from wbskills.surveys.mapping.schema import Question, SurveyMapping
from wbskills.surveys.responses.row_reader import RowReader
from wbskills.surveys.responses.survey import (
    open_with_mapping,
    refuse_open_points,
    title_fault,
)

MOST: Final = 200  # different answers; more of them have one cause
_SIMILAR: Final = 80  # of 100
_LONGEST_NAME: Final = 60
_AROUND_ROWS: Final = " []().:-_"


class ChangeKind(StrEnum):
    """What can change from one year to the next."""

    RENAMED = "renamed"
    GONE = "gone"
    NEW_COLUMN = "new column"
    NEW_ROW = "new row"
    NEW_ANSWER = "new answer"
    OTHER_DAYS = "other days"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: its place in the mapping or in the file, and what to try."""

    change: ChangeKind
    where: str
    what: str
    hint: str


def compare(path: Path, mapping: SurveyMapping, ontology: Ontology) -> list[Difference]:
    """List what changed in a survey file against a mapping; empty if the mapping still fits.

    Raises `SurveyError` or `NotFound` if the file cannot be read, `MappingError` if the mapping
    has open questions.
    """
    file, tool, columns = open_with_mapping(path, mapping)
    refuse_open_points(file, tool, columns, mapping, ontology)
    resolved = resolve_partially(mapping, columns, ontology)
    found = list(_HeadingComparison(resolved, ontology).differences())
    title = title_fault(file, mapping) if found else None
    if title is not None:
        found.insert(0, _not_compared(title))
    if not found:
        # A new column may also have the name of another one.
        found = [_not_compared(fault) for fault in mapping_faults(mapping, columns, ontology)]
    if not resolved.consents and not resolved.ground:
        fault = Fault(
            column="consent.column",
            what="without the column of the consent, no answers are compared",
            hint="write the name of that column into the mapping, then run the command again",
        )
        return [*found, _not_compared(fault)]
    reader = RowReader(resolved)
    answers = _UnknownAnswers(resolved)
    for row in tool.rows(file, columns, reader.when):
        for index in resolved.dropped:
            row.cells[index] = ""
        answers.add(row, reader)
    return [*found, *answers.differences()]


class _HeadingComparison:
    """Compares the columns that a mapping names with those of a file."""

    def __init__(self, mapping: ResolvedMapping, ontology: Ontology) -> None:
        self.mapping, self.source = mapping, mapping.source
        self.lookup = ColumnLookup(mapping.columns, Faults())
        self.skills = names_of(ontology, "skills")
        self.languages = names_of(ontology, "languages")
        self.new = list(mapping.unused)
        self.renamed: dict[str, SurveyColumn] = {}

    def differences(self) -> Iterator[Difference]:
        """List what is gone, what is new, and which of both are most likely the same."""
        gone = [place_and_name for place_and_name in self._single_columns()
                if not self.lookup.named(place_and_name[1])]  # fmt: skip
        for question, names in self._questions():
            if question.columns and not (question.between or question.about):
                yield from self._rows(question, names)
            elif not question.columns:
                missing = (name for name in question.subjects if not self.lookup.named(name))
                gone += ((question.place, name) for name in missing)
            gone += self._unmatched(question.place, question.columns)
        for others in self.source.others:
            gone += self._unmatched(others.place, others.columns)
        for place, name in gone:
            yield self._gone(place, name)
        for column in self.new:
            yield Difference(
                ChangeKind.NEW_COLUMN,
                str(column),
                "the mapping does not mention it",
                "add it to a question or to “ignore”",
            )

    def _single_columns(self) -> Iterator[tuple[str, str]]:
        """List the names that mean one column each, after their places in the mapping."""
        source = self.source
        single = {
            "identity.column": source.identity.column,
            "identity.pseudonym_column": source.identity.pseudonym_column,
            "date.column": source.dates.column,
            "response.id": source.completeness.id_column,
            "response.submitted": source.completeness.submitted_column,
            "response.last_page": source.completeness.last_page_column,
            **{f"{rule.place}.column": rule.column for rule in source.consents},
            "wave.column": source.wave_choice.column if source.wave_choice else "",
        }
        for pair in source.language_pairs:
            single[f"{pair.place}.column"] = pair.column
            single[f"{pair.place}.level_column"] = pair.level_column
        for general in source.general_interests:
            single[f"{general.place}.column"] = general.column
        for others in source.others:
            single[f"{others.place}.level_column"] = others.level_column
        yield from ((place, name) for place, name in single.items() if name)
        yield from (("response.only", name) for name in source.completeness.only)
        for one in source.person.values():
            yield from ((one.place, name) for name in one.columns if "*" not in name)

    def _questions(self) -> Iterator[tuple[Question, ItemNames]]:
        yield from ((question, self.skills) for question in self.source.questions)
        yield from ((interest, self.skills) for interest in self.source.interests)
        yield from ((language, self.languages) for language in self.source.languages)

    def _unmatched(self, place: str, patterns: Iterable[str]) -> list[tuple[str, str]]:
        return [(place, pattern) for pattern in patterns if not self.lookup.matching(pattern)]

    def _rows(self, question: Question, names: ItemNames) -> Iterator[Difference]:
        """Compare the rows of a question with those that the mapping knows."""
        subjects = {key(name): subject for name, subject in question.subjects.items()}
        new: list[SurveyColumn] = []
        known: set[str] = set()
        open_columns = {other.column.index for other in self.mapping.others}
        for pattern in question.columns:
            for column, caught in self.lookup.matching(pattern):
                if column.index in open_columns or (column.role.personal and column.sure):
                    continue
                texts = [caught, *column.subjects]
                known |= {key(text) for text in (*texts, *column.names)}
                if subject_of(texts, column.names, subjects, names) is None:
                    new.append(column)
        for name in question.subjects:
            if key(name) in known:
                continue
            found = _most_similar(name, new)
            if found is None:
                yield _is_gone(question.place, name)
            else:
                new.remove(found)
                yield _is_renamed(question.place, name, found)
        for column in new:
            yield Difference(
                ChangeKind.NEW_ROW,
                str(column),
                f"a row of {question.place} with an unknown name",
                f'add it under {question.place}, with what it is about; "" ignores it',
            )

    def _gone(self, place: str, name: str) -> Difference:
        column = self.renamed.get(name) or _most_similar(name, self.new)
        if column is None:
            return _is_gone(place, name)
        if name not in self.renamed:  # several parts of a mapping may read one column
            self.new.remove(column)
            self.renamed[name] = column
        return _is_renamed(place, name, column)


@dataclass(slots=True)
class _UnknownAnswer:
    fault: Fault
    cells: int = 0
    columns: dict[str, None] = field(default_factory=dict)


class _UnknownAnswers:
    """The answers of a file that the mapping does not know."""

    def __init__(self, mapping: ResolvedMapping) -> None:
        self.mapping = mapping
        self.answers: dict[str, _UnknownAnswer] = {}
        self.outside_wave: list[date] = []  # first and last
        self.count_outside = 0
        # `survey plan` reports faults of the columns that identify people.
        self.identity_columns = {str(one) for one in (mapping.identity, mapping.pseudonym) if one}

    def add(self, row: Row, reader: RowReader) -> None:
        """Add the unknown answers of a row whose person consented."""
        if row.fault is not None:
            return
        parsed = reader.read(row)
        faults: Iterable[Fault] = parsed.faults
        unknown = {
            str(consent.column)
            for consent in self.mapping.consents
            if consent.meanings[row.cells[consent.column.index]].kind is AnswerKind.FAULT
        }
        if unknown:
            # It may be a refusal, so only the answer to this question is read.
            faults = [fault for fault in faults if fault.column in unknown]
        for fault in faults:
            if fault.column not in self.identity_columns:
                self._add_fault(fault)
        if parsed.response is not None:
            wave, day = self.mapping.waves[parsed.wave], parsed.response.on
            if not wave.start <= day <= wave.end:
                self.count_outside += 1
                days = [*self.outside_wave, day]
                self.outside_wave = [min(days), max(days)]

    def differences(self) -> Iterator[Difference]:
        """List the answers, those of most cells first, and days outside of waves."""
        for answer in sorted(self.answers.values(), key=lambda one: -one.cells):
            first, *others = answer.columns
            more = f" and {counted(len(others), 'column')} more" if others else ""
            fault = answer.fault
            yield Difference(
                ChangeKind.NEW_ANSWER,
                f"{first}{more}",
                f"{fault.what} ({counted(answer.cells, 'cell')}, row {fault.row})",
                fault.hint,
            )
        if self.count_outside:
            first_day, last_day = self.outside_wave
            responses = counted(self.count_outside, "response")
            yield Difference(
                ChangeKind.OTHER_DAYS,
                "waves",
                f"{responses} from {first_day} to {last_day} are outside the days of their wave",
                "add a new wave with its own key and days",
            )

    def _add_fault(self, fault: Fault) -> None:
        answer = self.answers.get(fault.what)
        if answer is None:
            if len(self.answers) >= MOST:
                return
            answer = self.answers[fault.what] = _UnknownAnswer(fault)
        answer.cells += 1
        answer.columns.setdefault(fault.column)


def _not_compared(fault: Fault) -> Difference:
    return Difference(ChangeKind.NOT_COMPARED, fault.column, fault.what, fault.hint)


def _is_gone(place: str, name: str) -> Difference:
    return Difference(
        ChangeKind.GONE,
        place,
        f"nothing in this file is called “{cut(name, _LONGEST_NAME)}”",
        "change it to its name in this file, or remove it from the mapping",
    )


def _is_renamed(place: str, name: str, column: SurveyColumn) -> Difference:
    return Difference(
        ChangeKind.RENAMED,
        place,
        f"“{cut(name, _LONGEST_NAME)}” is now most likely {column}",
        "write the new name into the mapping, if they mean the same",
    )


def _most_similar(name: str, columns: Sequence[SurveyColumn]) -> SurveyColumn | None:
    """Find the column that most likely had a name; rows of one question are compared alone."""
    from rapidfuzz import fuzz, process

    wanted = key(name)
    candidates: dict[str, list[tuple[str, SurveyColumn]]] = {wanted: []}
    for column in columns:
        row, texts = _compared_texts(wanted, column)
        candidates.setdefault(row or wanted, []).extend(
            (key(text), column) for text in texts if text
        )
    found = []
    for text, among in candidates.items():
        best = process.extractOne(
            text, [other for other, _ in among], scorer=fuzz.WRatio, score_cutoff=_SIMILAR
        )
        if best:
            found.append((best[1], among[best[2]][1]))
    return max(found, key=lambda one: one[0])[1] if found else None


def _compared_texts(wanted: str, column: SurveyColumn) -> tuple[str, Iterable[str]]:
    """Return the row that a name means if it is of the column's question; and what to compare."""
    for question, row in (column.text, column.row_text), (column.question, column.row_code):
        rest = wanted.removeprefix(key(question)).strip(_AROUND_ROWS) if question and row else ""
        if rest and rest != wanted:
            return rest, {column.row_text, column.row_code}
    return "", {column.heading, column.code, column.row_text, column.row_code, column.text}
