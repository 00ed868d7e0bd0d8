"""What an answer means: the one place where words become levels, interests, communities.

An answer that means nothing known is a fault with a hint, never a guess and never level 0.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Final

from wbskills.errors import Fault
from wbskills.ontology.entries import Entry, Ontology
from wbskills.surveys.files.cell_text import clean, key, leading_number, mojibake, quoted
from wbskills.surveys.mapping.item_names import Names, near
from wbskills.surveys.mapping.schema import Answers

# More different answers than this are not remembered, so that a column of free text, mapped by
# mistake, does not fill the memory.
_REMEMBERED: Final = 4096
_RANGE = re.compile(r"(\d+)(?:\s*[-–—]\s*(\d+))?(?:\s+([^\W\d_]+))?")
# A number and then a word, which tells what is counted: “2 years” is no 2 of months.
_COUNTED = re.compile(r"[-+−]?[\d.,٫]+[\s+]+([^\W\d_]+)")
_NUMBERED = re.compile(r"[-+−]?\d+(?:[.,٫]\d+)?\s*[-–—:.)=/]*\s*(.*)", re.DOTALL)
# Survey tools write this both where a question was not shown and where it does not apply.
_UNCLEAR: Final = "n/a"


class Kind(IntEnum):
    """What kind of answer a cell is; the kinds of nothing are kept apart."""

    GIVEN = 0
    SKIPPED = 1
    NOT_ASKED = 2
    DOES_NOT_APPLY = 3
    NOT_SURE = 4
    FAULT = 5


_OUTSIDE: Final = {"does_not_apply": Kind.DOES_NOT_APPLY, "not_sure": Kind.NOT_SURE}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a cell means: the key of a level or the like, or what is wrong with it.

    A cell of several choices may have several faults; `more` are those behind the first.
    """

    kind: Kind
    value: str = ""
    what: str = ""
    hint: str = ""
    more: tuple["Meaning", ...] = ()


class Meanings(dict[str, Meaning]):
    """What each different cell of a column means, decided once and then remembered."""

    def __init__(self, decide: Callable[[str], Meaning]) -> None:
        super().__init__()
        self._decide = decide

    @property
    def grid(self) -> str:
        """Where in the mapping these answers stand, if they are steps of some scale."""
        read = self._decide
        return read.place if isinstance(read, Matcher) and read.is_scale else ""

    def __missing__(self, cell: str) -> Meaning:
        meaning = self._decide(cell)
        if len(self) < _REMEMBERED:
            self[cell] = meaning
        return meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """The answers of some columns, ready to be looked up.

    Tried in this order: an answer of the mapping's table, the lists of answers that are none,
    labels and aliases of scales, names of items of the ontology, ranges of numbers. A range is
    its ends, the word behind the number (empty: none), and what it means.
    """

    place: str
    table: Mapping[str, str]
    ranges: tuple[tuple[Decimal, Decimal, str, str], ...]
    skipped: frozenset[str]
    not_asked: frozenset[str]
    scales: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Names | None = None

    @property
    def is_scale(self) -> bool:
        """Tell whether there are more answers than yes and no."""
        steps = (*self.table.values(), *(step for _, _, _, step in self.ranges))
        return len({*steps, *(step for found in self.scales.values() for step in found)}) > 2

    def __call__(self, cell: str) -> Meaning:
        """Tell what a cell means."""
        asked = key(cell)
        if asked in self.table:
            return _given(self.table[asked])
        if asked in self.not_asked:
            return Meaning(Kind.NOT_ASKED)
        if asked in self.skipped:
            return Meaning(Kind.SKIPPED)
        found = self._in_scales(asked) or self._in_names(cell) or self._in_ranges(cell)
        if len(found) == 1:
            return _given(found[0])
        return self._unknown(cell, asked, found)

    def _in_scales(self, asked: str) -> tuple[str, ...]:
        numbered = _NUMBERED.fullmatch(asked)
        return self.scales.get(asked) or self.scales.get(numbered[1] if numbered else "") or ()

    def _in_names(self, cell: str) -> tuple[str, ...]:
        if self.names is None:
            return ()
        found = self.names.find(cell)
        return (found,) if found else self.names.shared(cell)

    def _in_ranges(self, cell: str) -> tuple[str, ...]:
        number = leading_number(cell) if self.ranges else None
        if number is None:
            return ()
        counted = _COUNTED.match(key(cell))
        asked = counted[1] if counted else ""
        return tuple(
            value
            for low, high, unit, value in self.ranges
            if low <= number <= high and unit == asked
        )

    def _unknown(self, cell: str, asked: str, found: tuple[str, ...]) -> Meaning:
        if found:
            return Meaning(
                Kind.FAULT,
                what=f"{quoted(cell)} can mean {' or '.join(found)}",
                hint=f'say which: in {self.place}, answers = ["scale:…", "ours"], and under'
                f" [answers.ours] {quoted(cell)} = “{found[0]}” or what it is"
                if self.scales
                else f"say which, under {self.place}.answers",
            )
        if asked == _UNCLEAR:
            return Meaning(
                Kind.FAULT,
                what="“N/A” is either “not asked” or “does not apply”, and the mapping is silent",
                hint=f'not_asked = ["N/A"] in {self.place}, or "N/A" under {self.place}.answers',
            )
        if not asked:
            return Meaning(
                Kind.FAULT,
                what="this cell is empty, and the mapping does not say what that means",
                hint=f'skipped = [""] in {self.place}',
            )
        meant = mojibake(clean(cell))
        if meant:
            return Meaning(
                Kind.FAULT,
                what=f"{quoted(cell)} is {quoted(meant)}, read in a wrong encoding",
                hint="export the survey again: a program took its UTF-8 for windows-1252",
            )
        close = near(asked, [*self.table, *self.scales]) or (
            self.names.near(cell) if self.names else ""
        )
        add = f"add the answer under {self.place}.answers"
        counted = _COUNTED.match(asked) if self.ranges else None
        if counted and leading_number(cell) is not None:
            return Meaning(
                Kind.FAULT,
                what=f"{quoted(cell)} counts “{counted[1]}”, and the mapping knows numbers alone",
                hint=f'"1-5 {counted[1]}" = … under {self.place}.answers; or {add}',
            )
        return Meaning(
            Kind.FAULT,
            what=f"{quoted(cell)} is not an answer that the mapping knows",
            hint=f"{close}, or {add}" if close else add,
        )


def matcher(
    answers: Answers,
    place: str,
    ontology: Ontology,
    faults: list[Fault],
    *,
    allowed: Iterable[str],
    empty: Iterable[str] = (),
    names: Names | None = None,
) -> Matcher:
    """Make a matcher of what a mapping says, noting every fault of it.

    `allowed` lists the keys that an answer may mean, `empty` the texts that stand for an empty
    cell in the whole file.
    """
    known = set(allowed)
    table: dict[str, str] = {}
    ranges: list[tuple[Decimal, Decimal, str, str]] = []
    for text, value in answers.table.items():
        where = f"{place}.answers.“{clean(text)}”"
        faults += _check_values(value, known, where)
        if table.setdefault(key(text), value) != value:
            hint = "one of the two: upper case and blanks make no difference"
            faults.append(Fault(what="this answer stands here twice", hint=hint, column=where))
        found = _RANGE.fullmatch(clean(text))
        if found:
            low, high = Decimal(found[1]), Decimal(found[2] or found[1])
            unit = key(found[3] or "")
            alike = [(one, other) for one, other, counted, _ in ranges if counted == unit]
            if any(low <= other and one <= high for one, other in alike):
                hint = "ranges that do not meet, such as 1-3 and 4-5"
                faults.append(
                    Fault(what="this range overlaps another one", hint=hint, column=where)
                )
            ranges.append((low, high, unit, value))
    skipped = {key(text) for text in answers.skipped}
    if "" in skipped:
        skipped |= {key(text) for text in empty}
    return Matcher(
        place=place,
        table=table,
        ranges=tuple(ranges),
        skipped=frozenset(skipped),
        not_asked=frozenset(map(key, answers.not_asked)),
        scales=_scales(answers, place, ontology, faults, known),
        names=names,
    )


def _scales(
    answers: Answers, place: str, ontology: Ontology, faults: list[Fault], allowed: set[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for scale in answers.scales:
        steps = [*ontology.levels(scale).values(), *ontology.outside(scale).values()]
        if not steps or not allowed.issuperset(step.key for step in steps):
            known = ontology.section("scales")
            faults.append(
                Fault(
                    what=f"there is no scale “{scale}” for these answers",
                    hint=near(scale, known) or ", ".join(known),
                    column=f"{place}.answers",
                )
            )
        for name, step in names_of_steps(steps):
            if name != _UNCLEAR and step not in found.get(name, ()):
                found[name] = (*found.get(name, ()), step)
    return found


def names_of_steps(steps: Iterable[Entry]) -> Iterable[tuple[str, str]]:
    """Pair every wording of the steps of a scale, in all languages, with the key of the step.

    That is their keys, labels and aliases, and the sentences that say what they mean.
    """
    for step in steps:
        yield step.key, step.key
        for name in (*step.terms.names, *step.terms.descriptions.values()):
            yield key(name), step.key


def _check_values(value: str, allowed: set[str], where: str) -> Iterable[Fault]:
    for part in value.split(","):
        if part.strip() not in allowed:
            yield Fault(
                what=f"“{part.strip()}” is nothing that an answer here can mean",
                hint=near(part.strip(), allowed) or ", ".join(sorted(allowed)[:12]),
                column=where,
            )


def _given(value: str) -> Meaning:
    return Meaning(_OUTSIDE.get(value, Kind.GIVEN), value)
