"""The first pass over a file: everything that is counted and collected row by row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from wbskills.domain import Wave
from wbskills.errors import Fault
from wbskills.surveys.mapping.answers import Kind
from wbskills.surveys.mapping.resolved import Fitted
from wbskills.surveys.responses.deduplication import Counting
from wbskills.surveys.responses.parse_row import Reading, State
from wbskills.surveys.responses.validation_report import (
    FaultList,
    Findings,
    Listing,
    SkillTally,
    counted,
    named_rows,
)


class FirstPass:
    """What the first pass has found so far."""

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted
        self.counting = Counting()
        self.faults = FaultList()
        self.rows = self.cells_with_bom = self.interests = 0
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
        self.interests += step * reading.interests
        for index, kind in enumerate(reading.kinds):
            if kind:  # given answers are what remains
                self._kinds[index][kind] += step

    def findings(self, file: str, tool: str) -> Findings:
        """Decide which responses count, and tell everything that was found."""
        self.counting.decide()
        for other, reading in self.counting.shared_names():
            self.faults.add([one_name(self.fitted, reading.row, other)])
            if reading.state is State.GOOD:
                self.good -= 1
                self.faulty.add(reading.row)
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
            interests_without_level=self.interests,
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


def one_name(fitted: Fitted, row: int, other: int) -> Fault:
    """Tell of a row whose person has the name of somebody else."""
    return Fault(
        what=f"two people gave one name, here and in row {other}: they would become one",
        hint="another pseudonym for one of them",
        row=row,
        column=str(fitted.pseudonym or fitted.identity),
    )
