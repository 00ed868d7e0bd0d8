"""What was found in a survey file: how many of what, and everything that is wrong.

However large the file, the findings stay small: lists keep their first thousand members and
count the rest, and the same fault in many rows is told once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from wbskills.domain import Wave
from wbskills.errors import Fault, SurveyError
from wbskills.surveys.files.columns import Column

LONGEST_LIST: Final = 1_000
_ROWS_NAMED: Final = 5
_MANY_COLUMNS: Final = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """How many there are, and the first thousand of them."""

    count: int = 0
    first: tuple[T, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillTally:
    """The answers about one skill in the responses that count, by kind of answer."""

    skill: str
    column: Column
    levels: int
    skipped: int
    not_asked: int
    does_not_apply: int
    not_sure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a whole file holds.

    Every row is exactly one of: a response that counts (`responses`), `withheld` (no consent),
    `incomplete`, `superseded` (with the row of the newer response), or `faulty`. Skills are
    tallied over the responses that count. `waves` have the skills that were asked in them.
    `fault_count` counts cells, `faults` tells the same fault of several rows once.
    """

    file: str
    tool: str
    rows: int
    responses: int
    by_wave: Mapping[str, int]
    withheld: Listed[int]
    incomplete: Listed[int]
    superseded: Listed[tuple[int, int]]
    faulty: Listed[int]
    skills: tuple[SkillTally, ...]
    cells_with_bom: int
    interests_without_level: int
    unused: tuple[Column, ...]
    waves: tuple[Wave, ...]
    warnings: tuple[Fault, ...]
    faults: tuple[Fault, ...]
    fault_count: int

    @property
    def skipped(self) -> int:
        """How many answers about skills were skipped."""
        return sum(tally.skipped for tally in self.skills)

    @property
    def not_asked(self) -> int:
        """How many answers about skills are missing because nobody asked."""
        return sum(tally.not_asked for tally in self.skills)

    @property
    def does_not_apply(self) -> int:
        """How many answers are “does not apply”."""
        return sum(tally.does_not_apply for tally in self.skills)

    @property
    def not_sure(self) -> int:
        """How many answers are “not sure”."""
        return sum(tally.not_sure for tally in self.skills)

    @property
    def levels(self) -> int:
        """How many answers are a step of a scale."""
        return sum(tally.levels for tally in self.skills)

    def error(self) -> SurveyError | None:
        """Give all faults as one error, if there are any."""
        return SurveyError(self.file, self.faults) if self.faults else None


@dataclass(slots=True)
class Listing(Generic[T]):
    """A list that grows no further than a thousand members, but goes on counting."""

    count: int = 0
    first: list[T] = field(default_factory=list)

    def add(self, member: T) -> None:
        """Count a member, and keep it as long as there is room."""
        self.count += 1
        if len(self.first) < LONGEST_LIST:
            self.first.append(member)

    def listed(self) -> Listed[T]:
        """Give what was listed."""
        return Listed(self.count, tuple(self.first))


@dataclass(slots=True)
class _Group:
    """A fault as it was first met, and the further rows that have the same one."""

    fault: Fault
    count: int = 1
    rows: list[int] = field(default_factory=list)

    def told(self) -> Fault:
        if self.count == 1:
            return self.fault
        named = ", ".join(map(str, self.rows))
        rest = self.count - 1 - len(self.rows)
        more = f"{named} and {rest:,} more" if rest else named
        rows = "row" if self.count == 2 else "rows"
        return replace(self.fault, what=f"{self.fault.what} (also in {rows} {more})")


def _told(groups: Sequence[_Group]) -> Fault:
    """Tell what has one cause as one fault."""
    if len(groups) == 1:
        return groups[0].told()
    cells = sum(group.count for group in groups)
    first = groups[0].fault
    what = f"{first.what} (so in {cells:,} cells of {len(groups):,} columns)"
    return replace(first, what=what)


class FaultList:
    """The faults of a file: the first thousand different ones, each with its rows."""

    def __init__(self) -> None:
        self.count = 0
        self._left_out = 0
        self._groups: dict[tuple[str, str], _Group] = {}

    def add(self, faults: Iterable[Fault]) -> None:
        """Note the faults of one row."""
        for fault in faults:
            self.count += 1
            group = self._groups.get((fault.column, fault.what))
            if group is not None:
                group.count += 1
                if len(group.rows) < _ROWS_NAMED:
                    group.rows.append(fault.row)
            elif len(self._groups) < LONGEST_LIST:
                self._groups[fault.column, fault.what] = _Group(fault)
            else:
                self._left_out += 1

    def _causes(self) -> Iterator[Sequence[_Group]]:
        """Put together the same fault of many columns: it is one answer of a whole question."""
        alike: dict[tuple[str, str], list[_Group]] = {}
        for group in self._groups.values():
            alike.setdefault((group.fault.what, group.fault.hint), []).append(group)
        for group in self._groups.values():
            cause = alike[group.fault.what, group.fault.hint]
            if len(cause) < _MANY_COLUMNS:
                yield [group]
            elif cause[0] is group:
                yield cause

    def told(self) -> tuple[Fault, ...]:
        """Tell the faults in the order in which they were met."""
        told = [_told(groups) for groups in self._causes()]
        if self._left_out:
            told.append(
                Fault(
                    what=f"{self._left_out:,} more faults are not listed",
                    hint="mend these first: often many have one cause",
                )
            )
        return tuple(told)


def counted(count: int, one: str, several: str = "") -> str:
    """Count something in words.

    >>> counted(1, "response"), counted(1200, "person", "people")
    ('1 response', '1,200 people')
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def named_rows(listing: Listing[int]) -> str:
    """Name the first rows of a list, and count the rest."""
    first = ", ".join(map(str, listing.first[:_ROWS_NAMED]))
    rest = listing.count - _ROWS_NAMED
    return f"row {first}" + (f" and {rest:,} more" if rest > 0 else "")
