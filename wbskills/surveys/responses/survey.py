"""A whole survey file: everything that is wrong with it, and the responses that it holds.

Two passes, so that a file of any length is refused or taken as a whole without being held in
memory. The first reads all rows, collects all faults, and finds which response of each person
counts; the second yields the responses that do. Of a small file the first keeps them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from wbskills.domain import Identity, Response
from wbskills.errors import Fault, MappingError
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.files.cell_text import BOM
from wbskills.surveys.files.columns import Column
from wbskills.surveys.files.rows import Row, SurveyFile, digest_of, open_file
from wbskills.surveys.files.title_rows import heading_row
from wbskills.surveys.mapping.dates import SPREADSHEET
from wbskills.surveys.mapping.resolve import fit
from wbskills.surveys.mapping.resolved import Fitted
from wbskills.surveys.mapping.schema import SurveyMapping
from wbskills.surveys.responses.deduplication import Counting
from wbskills.surveys.responses.parse_row import Reading
from wbskills.surveys.responses.reader import Reader
from wbskills.surveys.responses.rejected_rows import BadRow, bad_rows
from wbskills.surveys.responses.validation_pass import FirstPass, one_name
from wbskills.surveys.responses.validation_report import Findings

# Of a file with more, everything is read twice; most answers are one and the same object.
_KEPT_RESPONSES: Final = 1_000
_KEPT_ANSWERS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row by which somebody did not agree, and its day (`9999` if it has none).

    `identity` is whom the wiki may know them by, `wave` the wave of the answer.
    """

    row: int
    identity: Identity
    wave: str
    on: str


def opened(
    path: Path, mapping: SurveyMapping
) -> tuple[SurveyFile, tools.Shape, tuple[Column, ...]]:
    """Open a survey file as its mapping says: the file, its shape, and its columns.

    Raises `SurveyError` or `NotFound` if it cannot be read.
    """
    file = open_file(
        path,
        encoding=mapping.encoding,
        separator=mapping.separator,
        sheet=mapping.sheet,
        heading_row=mapping.heading_row,
    )
    top = [cells for _, cells in file.top]
    shape = tools.named(mapping.tool) if mapping.tool else tools.recognise(top)[0]
    return file, shape, shape.columns_of(file)


def below_title(file: SurveyFile, mapping: SurveyMapping) -> Fault | None:
    """Tell that headings seem to stand below a title of which the mapping says nothing."""
    row = 0 if mapping.heading_row else heading_row(file)
    if not row:
        return None
    what = f"row {file.top[0][0]} of the file looks like a title, and row {row} like its headings"
    return Fault(what=what, hint=f"heading_row = {row}", column="heading_row")


class Survey:
    """A survey file and a mapping that fits it."""

    def __init__(
        self,
        file: SurveyFile,
        shape: tools.Shape,
        fitted: Fitted,
        decided: Mapping[str, str] | None = None,
    ) -> None:
        self.file, self.shape, self.fitted = file, shape, fitted
        self._reader = Reader(fitted, decided)

    @classmethod
    def open(
        cls,
        path: Path,
        mapping: SurveyMapping,
        ontology: Ontology,
        decided: Mapping[str, str] | None = None,
    ) -> "Survey":
        """Open a survey file, and fit the mapping to its columns.

        `decided` goes from the wordings of skills that people named to skills; see `others`.

        Raises `MappingError` with everything in the mapping that does not fit, `SurveyError` or
        `NotFound` if the file cannot be read.
        """
        file, shape, columns = opened(path, mapping)
        if file.from_1904 and SPREADSHEET in mapping.dates.formats:
            what = f"the days of {file.name} count from 1904, so that such a number is another day"
            hint = "the column formatted as dates in a spreadsheet program; then no format"
            raise MappingError(mapping.file, [Fault(what=what, hint=hint, column="date.format")])
        try:
            fitted = fit(mapping, columns, ontology)
        except MappingError as error:
            title = below_title(file, mapping)
            if title is None:
                raise
            raise MappingError(mapping.file, [title, *error.faults]) from error
        if fitted.identity is None:
            fitted = replace(fitted, file_digest=digest_of(path))
        return cls(file, shape, fitted, decided)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the file, from left to right."""
        own = (column for column in self.fitted.columns if column.stands_in is None)
        return tuple(column.heading for column in own)

    @property
    def respondents(self) -> int:
        """How many responses count, and so how many `responses` yields."""
        return self.check().responses

    def check(self) -> Findings:
        """Read the whole file, and tell what is in it and what is wrong; the file is read once.

        Raises `SurveyError` only where the file cannot be read any further.
        """
        return self._checked[0]

    def responses(self) -> Iterator[Response]:
        """Yield the responses that count, from the top of the file, leaving out bad rows.

        Whether anything is written while there are bad rows is for the caller to decide, by
        `check().faults`.
        """
        _, first, kept = self._checked
        counting = first.counting()
        if kept is not None:
            yield from (kept[number] for number in counting if number in kept)
            return
        expected = next(counting, None)
        for row in self._rows():
            if expected is None:
                return
            if row.number == expected:
                response = self._reader.read(row).response
                if response is not None:
                    yield response
                expected = next(counting, None)

    def refusals(self) -> Iterator[Refusal]:
        """Yield the newest answers of people who did not agree, in a wave that is known.

        Nothing of them is for writing; they tell who may have taken back a consent. Who had
        agreed to a pseudonym in this file is told by that name, too.
        """
        refusing = self._checked[1].refusing()
        expected, by, moment = next(refusing, (0, 0, ""))
        for row in self._rows():
            if not expected:
                return
            if row.number == expected:
                reading = self._reader.read(row)
                for who in _names(reading):
                    yield Refusal(by, who, reading.wave, moment[:10])
                expected, by, moment = next(refusing, (0, 0, ""))

    def bad_rows(self) -> Iterator[BadRow]:
        """Yield the rows that have faults, with all their reasons."""
        shared = self._checked[1].shared_names()
        other, clash = next(shared, (0, None))
        for row in self._rows():
            faults = self._reader.read(row).faults
            if clash is not None and clash.row == row.number:
                faults = (*faults, one_name(self.fitted, row.number, other))
                other, clash = next(shared, (0, None))
            if faults:
                yield from bad_rows(row, faults, self.fitted.dropped)

    @cached_property
    def _checked(self) -> tuple[Findings, Counting, dict[int, Response] | None]:
        """Read the file for the first time; of a small one, keep the responses by their rows."""
        first = FirstPass(self.fitted)
        kept: dict[int, Response] | None = {}
        answers = 0
        for row in self._rows(first):
            reading = self._reader.read(row)
            first.take(reading)
            if kept is not None and reading.response is not None:
                kept[row.number] = reading.response
                answers += len(reading.response.assessments)
                if len(kept) > _KEPT_RESPONSES or answers > _KEPT_ANSWERS:
                    kept = None
        return first.findings(self.file.name, self.shape.name), first.counting, kept

    def _rows(self, first: "FirstPass | None" = None) -> Iterator[Row]:
        """Read the rows, emptying the cells with personal data before anything else happens."""
        dropped = self.fitted.dropped
        for row in self.shape.rows(self.file, self.fitted.columns, self._reader.when):
            cells = row.cells
            if first is not None and BOM in "".join(cells):
                first.cells_with_bom += sum(BOM in cell for cell in cells)
            for index in dropped:
                cells[index] = ""
                for source in row.sources:
                    source.cells[index] = ""
            yield row


def _names(reading: Reading) -> Iterator[Identity]:
    """List all names that a row has of whoever answered."""
    said = reading.response
    names = [reading.identity, reading.pseudonym]
    names += [said.identity, said.account] if said is not None else []
    yield from dict.fromkeys(each for each in names if each is not None)
