"""What a survey file holds: how many rows and answers of each kind, and everything that is wrong.

However large the file, the report stays small: lists keep their first thousand members and
count the rest, and the same fault in many rows is reported once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from wbskills.domain import Wave
from wbskills.errors import Fault, SurveyError
from wbskills.surveys.files.cell_text import counted
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.mapping.answers import AnswerKind
from wbskills.surveys.mapping.resolved import ResolvedMapping
from wbskills.surveys.responses.deduplicate import Deduplicator
from wbskills.surveys.responses.parse_row import ParsedRow, RowState

LONGEST_LIST: Final = 1_000
_ROWS_NAMED: Final = 5
_MANY_COLUMNS: Final = 10

T = TypeVar("T")


@dataclass(slots=True)
class CappedList(Generic[T]):
    """The number of members, and the first thousand of them."""

    count: int = 0
    first: tuple[T, ...] = ()

    def add(self, member: T) -> None:
        """Count a member, and keep it if it is one of the first thousand."""
        self.count += 1
        if len(self.first) < LONGEST_LIST:
            self.first = (*self.first, member)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillCounts:
    """The answers about one skill in the responses that count, by kind of answer."""

    skill: str
    column: SurveyColumn
    levels: int
    skipped: int
    not_asked: int
    does_not_apply: int
    not_sure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """What a whole file holds.

    Every row is exactly one of: a response that counts (`responses`), `withheld` (no consent),
    `incomplete`, `superseded` (with the row of the newer response), or `faulty`. `skills` cover
    the responses that count. `waves` have the skills that were asked in them. `fault_count` is
    a number of cells; `faults` has the same fault of several rows once.
    """

    file: str
    tool: str
    rows: int
    responses: int
    by_wave: Mapping[str, int]
    withheld: CappedList[int]
    incomplete: CappedList[int]
    superseded: CappedList[tuple[int, int]]
    faulty: CappedList[int]
    skills: tuple[SkillCounts, ...]
    cells_with_bom: int
    interests_without_level: int
    unused: tuple[SurveyColumn, ...]
    waves: tuple[Wave, ...]
    warnings: tuple[Fault, ...]
    faults: tuple[Fault, ...]
    fault_count: int

    @property
    def levels(self) -> int:
        """The number of answers that are a level."""
        return sum(counts.levels for counts in self.skills)

    @property
    def skipped(self) -> int:
        """The number of questions about skills that were shown and left empty."""
        return sum(counts.skipped for counts in self.skills)

    @property
    def not_asked(self) -> int:
        """The number of answers about skills that are missing because nobody asked."""
        return sum(counts.not_asked for counts in self.skills)

    @property
    def does_not_apply(self) -> int:
        """The number of answers that are “does not apply”."""
        return sum(counts.does_not_apply for counts in self.skills)

    @property
    def not_sure(self) -> int:
        """The number of answers that are “not sure”."""
        return sum(counts.not_sure for counts in self.skills)

    def error(self) -> SurveyError | None:
        """Return all faults as one error, or None if there are none."""
        return SurveyError(self.file, self.faults) if self.faults else None


class ValidationPass:
    """Everything that is counted and collected while a file is read for the first time."""

    def __init__(self, mapping: ResolvedMapping) -> None:
        self.mapping = mapping
        self.deduplicator = Deduplicator()
        self.cells_with_bom = 0
        self._rows = self._good = self._interests = self._left_out = 0
        self._faults = _FaultGroups()
        self._by_wave: Counter[str] = Counter()
        self._incomplete: CappedList[int] = CappedList()
        self._withheld: CappedList[int] = CappedList()
        self._faulty: CappedList[int] = CappedList()
        self._outside_wave: CappedList[int] = CappedList()
        self._straight: dict[str, CappedList[int]] = {}
        self._kinds: list[Counter[int]] = [Counter() for _ in mapping.skills]
        # By wave, the skills that no response has shown to be asked.
        self._never_asked = {wave: set(range(len(mapping.skills))) for wave in mapping.waves}

    def add(self, parsed: ParsedRow) -> None:
        """Add one row."""
        self._rows += 1
        self.deduplicator.add(parsed)
        match parsed.state:
            case RowState.GOOD:
                self._add_good(parsed)
            case RowState.INCOMPLETE:
                self._incomplete.add(parsed.row)
            case RowState.WITHHELD:
                self._withheld.add(parsed.row)
            case RowState.FAULTY:
                self._faulty.add(parsed.row)
                self._faults.add(parsed.faults)

    def report(self, file: str, tool: str) -> ValidationReport:
        """Decide which responses count, and report everything about the rows that were added."""
        self.deduplicator.decide()
        for other, parsed in self.deduplicator.shared_names():
            self._faults.add([shared_name_fault(self.mapping, parsed.row, other)])
            if parsed.state is RowState.GOOD:
                self._good -= 1
                self._faulty.add(parsed.row)
                self._count(parsed, -1)
        superseded: CappedList[tuple[int, int]] = CappedList()
        for newer, parsed in self.deduplicator.superseded():
            superseded.add((parsed.row, newer))
            self._count(parsed, -1)
        responses = self._good - superseded.count
        return ValidationReport(
            file=file,
            tool=tool,
            rows=self._rows,
            responses=responses,
            by_wave={wave: self._by_wave[wave] for wave in self.mapping.waves},
            withheld=self._withheld,
            incomplete=self._incomplete,
            superseded=superseded,
            faulty=self._faulty,
            skills=tuple(self._skill_counts(responses)),
            cells_with_bom=self.cells_with_bom,
            interests_without_level=self._interests,
            unused=self.mapping.unused,
            waves=tuple(self._waves()),
            warnings=tuple(self._warnings()),
            faults=self._faults.listed(),
            fault_count=self._faults.count,
        )

    def _add_good(self, parsed: ParsedRow) -> None:
        self._good += 1
        self._left_out += parsed.left_out
        for place in parsed.straight:
            self._straight.setdefault(place, CappedList()).add(parsed.row)
        self._count(parsed, +1)
        never_asked = self._never_asked[parsed.wave]
        if never_asked:
            never_asked -= {i for i in never_asked if parsed.kinds[i] != AnswerKind.NOT_ASKED}
        wave = self.mapping.waves[parsed.wave]
        if parsed.response and not wave.start <= parsed.response.on <= wave.end:
            self._outside_wave.add(parsed.row)

    def _count(self, parsed: ParsedRow, step: int) -> None:
        self._by_wave[parsed.wave] += step
        self._interests += step * parsed.interests
        for index, kind in enumerate(parsed.kinds):
            if kind != AnswerKind.GIVEN:
                self._kinds[index][kind] += step

    def _skill_counts(self, responses: int) -> Iterator[SkillCounts]:
        for skill, kinds in zip(self.mapping.skills, self._kinds, strict=True):
            yield SkillCounts(
                skill=skill.skill,
                column=skill.level.column,
                levels=responses - kinds.total(),
                skipped=kinds[AnswerKind.SKIPPED],
                not_asked=kinds[AnswerKind.NOT_ASKED],
                does_not_apply=kinds[AnswerKind.DOES_NOT_APPLY],
                not_sure=kinds[AnswerKind.NOT_SURE],
            )

    def _waves(self) -> Iterator[Wave]:
        for key, wave in self.mapping.waves.items():
            never_asked = self._never_asked[key]
            skills = enumerate(self.mapping.skills)
            yield replace(wave, asked=tuple(s.skill for i, s in skills if i not in never_asked))

    def _warnings(self) -> Iterator[Fault]:
        if not self._rows:
            yield Fault(what="this file has headings, but no rows", hint="export the survey again")
        outside = self._outside_wave
        if outside.count:
            yield Fault(
                what=f"{counted(outside.count, 'response has', 'responses have')} a date outside"
                " their survey wave",
                hint="check the first and last day of the wave, and the format of the date",
                row=outside.first[0],
                column=str(self.mapping.date_column or ""),
            )
        for place, rows in self._straight.items():
            yield Fault(
                what=f"{counted(rows.count, 'response')} with the same answer to every question of"
                f" {place}: {_named_rows(rows)}",
                hint="do nothing if people mean it; such answers are imported as they are",
            )
        if self._left_out:
            yield Fault(
                what=f"{counted(self._left_out, 'text')} about other skills cannot be the name of"
                " a skill, and will be left out",
                hint="use names of at most 100 characters, without addresses",
            )
        homes = self.deduplicator.two_homes()
        if homes:
            yield Fault(
                what=f"{counted(len(homes), 'person', 'people')} answered twice in a wave, for two"
                " communities; the latest answer counts",
                hint="check which of the two is right",
                row=homes[0],
            )
        for wave in self.mapping.waves:
            if self._rows and not self._by_wave[wave]:
                yield Fault(
                    what=f"no response belongs to the wave “{wave}”",
                    hint="check its days, or remove it from the mapping if this file is about"
                    " other waves",
                )


def shared_name_fault(mapping: ResolvedMapping, row: int, other: int) -> Fault:
    """Return the fault of a row in which a person has the name of another person."""
    return Fault(
        what=f"this row and row {other} have the same name for two people, who would become one",
        hint="give one of them another pseudonym",
        row=row,
        column=str(mapping.pseudonym or mapping.identity),
    )


@dataclass(slots=True)
class _FaultGroup:
    """A fault where it was found first, and the first few other rows that have it."""

    fault: Fault
    count: int = 1
    rows: list[int] = field(default_factory=list)

    def merged(self) -> Fault:
        if self.count == 1:
            return self.fault
        rest = self.count - 1 - len(self.rows)
        more = ", ".join(map(str, self.rows)) + (f" and {rest:,} more" if rest else "")
        rows = "row" if self.count == 2 else "rows"
        return replace(self.fault, what=f"{self.fault.what} (also in {rows} {more})")


class _FaultGroups:
    """The faults of a file: the first thousand different ones, each with its rows."""

    def __init__(self) -> None:
        self.count = 0
        self._not_listed = 0
        self._groups: dict[tuple[str, str], _FaultGroup] = {}

    def add(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.count += 1
            group = self._groups.get((fault.column, fault.what))
            if group is not None:
                group.count += 1
                if len(group.rows) < _ROWS_NAMED:
                    group.rows.append(fault.row)
            elif len(self._groups) < LONGEST_LIST:
                self._groups[fault.column, fault.what] = _FaultGroup(fault)
            else:
                self._not_listed += 1

    def listed(self) -> tuple[Fault, ...]:
        """List the faults in the order in which they were found."""
        faults = [_merged(groups) for groups in self._by_cause()]
        if self._not_listed:
            more = counted(self._not_listed, "problem is", "problems are")
            hint = "fix the others first: many problems often have one cause"
            faults.append(Fault(what=f"{more} not listed", hint=hint))
        return tuple(faults)

    def _by_cause(self) -> Iterator[Sequence[_FaultGroup]]:
        """Group the same fault of many columns: it is one answer to a whole question."""
        alike: dict[tuple[str, str], list[_FaultGroup]] = {}
        for group in self._groups.values():
            alike.setdefault((group.fault.what, group.fault.hint), []).append(group)
        for group in self._groups.values():
            groups = alike[group.fault.what, group.fault.hint]
            if len(groups) < _MANY_COLUMNS:
                yield [group]
            elif groups[0] is group:
                yield groups


def _merged(groups: Sequence[_FaultGroup]) -> Fault:
    if len(groups) == 1:
        return groups[0].merged()
    cells = sum(group.count for group in groups)
    first = groups[0].fault
    return replace(first, what=f"{first.what} (in {cells:,} cells of {len(groups):,} columns)")


def _named_rows(rows: CappedList[int]) -> str:
    first = ", ".join(map(str, rows.first[:_ROWS_NAMED]))
    rest = rows.count - _ROWS_NAMED
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"{'row' if rows.count == 1 else 'rows'} {first}{more}"
