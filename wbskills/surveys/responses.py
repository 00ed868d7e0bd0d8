"""A whole survey file: everything that is wrong with it, and the responses that it holds.

Two passes, so that a file of any length is refused or taken as a whole without being held in
memory. The first reads all rows, collects all faults, and finds which response of each person
counts; the second yields the responses that do.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from wbskills.errors import Fault
from wbskills.model.skills import Identity, Response, Wave
from wbskills.ontology.entries import Ontology
from wbskills.surveys import shapes
from wbskills.surveys.answers import Kind
from wbskills.surveys.cells import BOM
from wbskills.surveys.counting import Counting
from wbskills.surveys.findings import (
    FaultList,
    Findings,
    Listing,
    SkillTally,
    counted,
    named_rows,
)
from wbskills.surveys.fitted import Fitted
from wbskills.surveys.fitting import fit
from wbskills.surveys.mapping import SurveyMapping
from wbskills.surveys.reading import Reader, Reading, State
from wbskills.surveys.rows import Row, SurveyFile, open_file

MISSING = "#MISSING"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: its cells, the personal ones emptied, and the reasons.

    `surplus` are cells for which there is no heading.
    """

    row: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...]
    surplus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row by which somebody did not agree, and its day (`9999` if it has none)."""

    row: int
    identity: Identity
    on: str


class Survey:
    """A survey file and a mapping that fits it."""

    def __init__(
        self,
        file: SurveyFile,
        shape: shapes.Shape,
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
        file = open_file(
            path, encoding=mapping.encoding, separator=mapping.separator, sheet=mapping.sheet
        )
        top = [cells for _, cells in file.top]
        shape = shapes.named(mapping.tool) if mapping.tool else shapes.recognise(top)[0]
        return cls(file, shape, fit(mapping, shape.columns_of(file), ontology), decided)

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
        counting = self._checked[1].counting()
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

        Nothing of them is for writing; they tell who may have taken back a consent.
        """
        refusing = self._checked[1].refusing()
        expected = next(refusing, None)
        for row in self._rows():
            if expected is None:
                return
            if row.number == expected:
                reading = self._reader.read(row)
                if reading.identity is not None:
                    yield Refusal(row.number, reading.identity, reading.moment[:10])
                expected = next(refusing, None)

    def bad_rows(self) -> Iterator[BadRow]:
        """Yield the rows that have faults, with all their reasons."""
        shared = self._checked[1].shared_names()
        other, clash = next(shared, (0, None))
        for row in self._rows():
            faults = self._reader.read(row).faults
            if clash is not None and clash.row == row.number:
                faults = (_one_name(self.fitted, row.number, other),)
                other, clash = next(shared, (0, None))
            if faults:
                yield from _bad_rows(row, faults)

    @cached_property
    def _checked(self) -> tuple[Findings, Counting]:
        first = _FirstPass(self.fitted)
        for row in self._rows(first):
            first.take(self._reader.read(row))
        return first.findings(self.file.name, self.shape.name), first.counting

    def _rows(self, first: "_FirstPass | None" = None) -> Iterator[Row]:
        """Read the rows, emptying the cells with personal data before anything else happens."""
        dropped = self.fitted.dropped
        for row in self.shape.rows(self.file, self.fitted.columns, self._reader.when):
            cells = row.cells
            if first is not None and BOM in "".join(cells):
                first.cells_with_bom += sum(BOM in cell for cell in cells)
            for index in dropped:
                cells[index] = ""
                for _, source in row.sources:
                    source[index] = ""
            yield row


def _bad_rows(row: Row, faults: tuple[Fault, ...]) -> Iterator[BadRow]:
    """Give a bad row as it stands in the file; in a long table, all rows that it was made of."""
    if not row.sources:
        # What is missing must not pass for an empty answer when the row comes back.
        there = row.cells[: len(row.cells) - row.missing]
        cells = (*there, *[MISSING] * row.missing)
        yield BadRow(row.number, cells, faults, tuple(row.surplus))
        return
    told = {fault.row for fault in faults}
    with_them = Fault(what="set aside with other answers of this person, which have faults")
    for number, source in row.sources:
        own = tuple(fault for fault in faults if fault.row == number)
        if number == row.number:
            known = {one for one, _ in row.sources}
            own += tuple(fault for fault in faults if fault.row not in known)
        yield BadRow(number, tuple(source), own if own or not told else (with_them,))


class _FirstPass:
    """What the first pass has found so far."""

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted
        self.counting = Counting()
        self.faults = FaultList()
        self.rows = self.cells_with_bom = self.lonely = 0
        self.good = self.left_out = 0
        self.by_wave: Counter[str] = Counter()
        self.outside: Listing[int] = Listing()
        self.straight: dict[str, Listing[int]] = {}
        self.incomplete: Listing[int] = Listing()
        self.withheld: Listing[int] = Listing()
        self.faulty: Listing[int] = Listing()
        self._kinds: list[Counter[int]] = [Counter() for _ in fitted.skills]
        # By wave, the skills that no response has shown to be asked.
        self._silent = {wave: set(range(len(fitted.skills))) for wave in fitted.waves}

    def take(self, reading: Reading) -> None:
        """Count one reading."""
        self.rows += 1
        self.counting.add(reading)
        if reading.state is State.GOOD:
            self._take_good(reading)
        elif reading.state is State.INCOMPLETE:
            self.incomplete.add(reading.row)
        elif reading.state is State.WITHHELD:
            self.withheld.add(reading.row)
        else:
            self.faulty.add(reading.row)
            self.faults.add(reading.faults)

    def _take_good(self, reading: Reading) -> None:
        self.good += 1
        self.left_out += reading.left_out
        for place in reading.straight:
            self.straight.setdefault(place, Listing()).add(reading.row)
        self._tally(reading, +1)
        silent = self._silent[reading.wave]
        if silent:
            silent -= {i for i in silent if reading.kinds[i] != Kind.NOT_ASKED}
        wave = self.fitted.waves[reading.wave]
        if reading.response and not wave.start <= reading.response.on <= wave.end:
            self.outside.add(reading.row)

    def _tally(self, reading: Reading, step: int) -> None:
        self.by_wave[reading.wave] += step
        self.lonely += step * reading.lonely
        for index, kind in enumerate(reading.kinds):
            if kind:  # given answers are what remains
                self._kinds[index][kind] += step

    def findings(self, file: str, tool: str) -> Findings:
        """Decide which responses count, and tell everything that was found."""
        self.counting.decide()
        for other, reading in self.counting.shared_names():
            self.good -= 1
            self.faulty.add(reading.row)
            self.faults.add([_one_name(self.fitted, reading.row, other)])
            self._tally(reading, -1)
        superseded: Listing[tuple[int, int]] = Listing()
        for by, reading in self.counting.superseded():
            superseded.add((reading.row, by))
            self._tally(reading, -1)
        responses = self.good - superseded.count
        return Findings(
            file=file,
            tool=tool,
            rows=self.rows,
            responses=responses,
            by_wave={wave: self.by_wave[wave] for wave in self.fitted.waves},
            withheld=self.withheld.listed(),
            incomplete=self.incomplete.listed(),
            superseded=superseded.listed(),
            faulty=self.faulty.listed(),
            skills=tuple(self._skill_tallies(responses)),
            cells_with_bom=self.cells_with_bom,
            interests_without_level=self.lonely,
            unused=self.fitted.unused,
            waves=tuple(self._waves()),
            warnings=tuple(self._warnings()),
            faults=self.faults.told(),
            fault_count=self.faults.count,
        )

    def _skill_tallies(self, responses: int) -> Iterator[SkillTally]:
        for skill, kinds in zip(self.fitted.skills, self._kinds, strict=True):
            yield SkillTally(
                skill=skill.skill,
                column=skill.level.column,
                levels=responses - kinds.total(),
                skipped=kinds[Kind.SKIPPED],
                not_asked=kinds[Kind.NOT_ASKED],
                does_not_apply=kinds[Kind.DOES_NOT_APPLY],
                not_sure=kinds[Kind.NOT_SURE],
            )

    def _waves(self) -> Iterator[Wave]:
        for key, wave in self.fitted.waves.items():
            silent = self._silent[key]
            asked = (skill.skill for i, skill in enumerate(self.fitted.skills) if i not in silent)
            yield replace(wave, asked=tuple(asked))

    def _warnings(self) -> Iterator[Fault]:
        if not self.rows:
            yield Fault(what="there is a heading, but no row", hint="export the survey again")
        if self.outside.count:
            yield Fault(
                what=f"{self.outside.count:,} responses are dated outside the days of their wave",
                hint="look at start and end of the wave, and at the format of the date",
                row=self.outside.first[0],
                column=str(self.fitted.date_column or ""),
            )
        for place, listing in self.straight.items():
            yield Fault(
                what=f"{counted(listing.count, 'response')} with the same answer to every"
                f" question of {place}: {named_rows(listing)}",
                hint="nothing, if people mean it; such answers are imported as they are",
            )
        if self.left_out:
            yield Fault(
                what=f"{counted(self.left_out, 'text')} about other skills cannot be the name of"
                " one, and are left out",
                hint="names of at most 100 characters, without addresses",
            )
        homes = self.counting.two_homes()
        if homes:
            yield Fault(
                what=f"{counted(len(homes), 'person', 'people')} answered twice in a wave, for"
                " two communities; the newest answer counts",
                hint="look which of the two is meant",
                row=homes[0],
            )
        for wave in self.fitted.waves:
            if self.rows and not self.by_wave[wave]:
                yield Fault(
                    what=f"no response counts in the wave “{wave}”",
                    hint="look at its days; leave it out if this file is about other waves",
                )


def _one_name(fitted: Fitted, row: int, other: int) -> Fault:
    return Fault(
        what=f"two people gave one name, here and in row {other}: they would become one",
        hint="another pseudonym for one of them",
        row=row,
        column=str(fitted.pseudonym or fitted.identity),
    )
