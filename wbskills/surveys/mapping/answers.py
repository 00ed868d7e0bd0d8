"""What an answer means: the one place where texts become levels, interests, communities.

An unknown answer is a fault with a hint, never a guess and never level 0.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Final

from wbskills.errors import Faults
from wbskills.names import did_you_mean
from wbskills.ontology.entries import Entry, Ontology
from wbskills.surveys.files.cell_text import clean, key, leading_number, mojibake, quoted
from wbskills.surveys.mapping.item_names import ItemNames
from wbskills.surveys.mapping.schema import Answers, PersonField

# More different answers than this are not remembered, so that a column of free text, mapped by
# mistake, does not fill the memory.
_MOST_REMEMBERED: Final = 4096
_RANGE = re.compile(r"(\d+)(?:\s*[-–—]\s*(\d+))?(?:\s+([^\W\d_]+))?")
# A number and then its unit: “2 years” is not the 2 of a table of months.
_WITH_UNIT = re.compile(r"[-+−]?[\d.,٫]+[\s+]+([^\W\d_]+)")
_NUMBERED = re.compile(r"[-+−]?\d+(?:[.,٫]\d+)?\s*[-–—:.)=/]*\s*(.*)", re.DOTALL)
_TIME_ZONE = re.compile(r"[A-Z][A-Za-z_]+(/[A-Z][\w+-]+){1,2}|UTC([+-]\d{1,2}(:\d\d)?)?")
# Survey tools write this both where a question was not shown and where it does not apply.
NOT_AVAILABLE: Final = "n/a"


class AnswerKind(IntEnum):
    """The kind of an answer. The reasons why there is no level are kept apart."""

    GIVEN = 0
    SKIPPED = 1
    NOT_ASKED = 2
    DOES_NOT_APPLY = 3
    NOT_SURE = 4
    FAULT = 5


_OUTSIDE_SCALE: Final = {
    "does_not_apply": AnswerKind.DOES_NOT_APPLY,
    "not_sure": AnswerKind.NOT_SURE,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a cell means: the key of a level, a community …; or `what` is wrong with it.

    A cell of several choices may have several faults; `more` has those after the first.
    """

    kind: AnswerKind
    value: str = ""
    what: str = ""
    hint: str = ""
    more: tuple["Meaning", ...] = ()


def fault(what: str, hint: str) -> Meaning:
    """Return the meaning of a cell that cannot be read."""
    return Meaning(AnswerKind.FAULT, what=what, hint=hint)


class Meanings(dict[str, Meaning]):
    """The meaning of each different cell of a column, decided once and then remembered."""

    def __init__(self, decide: Callable[[str], Meaning]) -> None:
        super().__init__()
        self._decide = decide

    @property
    def grid(self) -> str:
        """The place of these answers in the mapping, if they are levels of a scale."""
        decide = self._decide
        return decide.place if isinstance(decide, Matcher) and decide.is_scale else ""

    def __missing__(self, cell: str) -> Meaning:
        meaning = self._decide(cell)
        if len(self) < _MOST_REMEMBERED:
            self[cell] = meaning
        return meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """The answers of some columns, prepared for looking up.

    Tried in this order: the mapping's table of answers, the lists `not_asked` and `skipped`,
    labels and aliases of scales, names of items of the ontology, ranges of numbers. A range is its
    two ends, the unit behind the number (empty: none), and what it means. `member` is the table in
    `place` that has the answers.
    """

    place: str
    table: Mapping[str, str]
    ranges: tuple[tuple[Decimal, Decimal, str, str], ...]
    skipped: frozenset[str]
    not_asked: frozenset[str]
    scales: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: ItemNames | None = None
    member: str = "answers"

    @property
    def is_scale(self) -> bool:
        """Whether there are more answers than yes and no."""
        values = {*self.table.values(), *(value for _, _, _, value in self.ranges)}
        return len(values.union(*self.scales.values())) > 2

    def __call__(self, cell: str) -> Meaning:
        """Return the meaning of a cell."""
        answer = key(cell)
        if answer in self.table:
            return _given(self.table[answer])
        if answer in self.not_asked:
            return Meaning(AnswerKind.NOT_ASKED)
        if answer in self.skipped:
            return Meaning(AnswerKind.SKIPPED)
        found = self._in_scales(answer) or self._in_names(cell) or self._in_ranges(cell)
        if len(found) == 1:
            return _given(found[0])
        return self._ambiguous(cell, found) if found else self._unknown(cell, answer)

    def _in_scales(self, answer: str) -> tuple[str, ...]:
        numbered = _NUMBERED.fullmatch(answer)
        return self.scales.get(answer) or self.scales.get(numbered[1] if numbered else "") or ()

    def _in_names(self, cell: str) -> tuple[str, ...]:
        if self.names is None:
            return ()
        found = self.names.find(cell)
        return (found,) if found else self.names.sharing(cell)

    def _in_ranges(self, cell: str) -> tuple[str, ...]:
        number = leading_number(cell) if self.ranges else None
        if number is None:
            return ()
        with_unit = _WITH_UNIT.match(key(cell))
        unit = with_unit[1] if with_unit else ""
        return tuple(
            value
            for low, high, range_unit, value in self.ranges
            if low <= number <= high and range_unit == unit
        )

    def _ambiguous(self, cell: str, found: tuple[str, ...]) -> Meaning:
        hint = f"say which one, under {self.place}.{self.member}"
        if self.scales:
            hint = (
                f'say which one: write answers = ["scale:…", "ours"] into {self.place}, and under'
                f" [answers.ours] {quoted(cell)} = “{found[0]}” or what it means"
            )
        return fault(f"the answer {quoted(cell)} has several meanings: {' or '.join(found)}", hint)

    def _unknown(self, cell: str, answer: str) -> Meaning:
        if answer == NOT_AVAILABLE:
            return fault(
                "“N/A” can mean “not asked” or “does not apply”, and the mapping does not say"
                " which",
                f'add not_asked = ["N/A"] to {self.place}, or add "N/A" under'
                f" {self.place}.{self.member}",
            )
        if not answer:
            what = "the mapping does not say what an empty cell means here"
            return fault(what, f'add skipped = [""] to {self.place}')
        meant = mojibake(clean(cell))
        if meant:
            return fault(
                f"{quoted(cell)} should be {quoted(meant)}: the file was read in the wrong"
                " encoding",
                "export the survey again; another program read its UTF-8 as windows-1252",
            )
        add = f"add it under {self.place}.{self.member}"
        with_unit = _WITH_UNIT.match(answer) if self.ranges else None
        if with_unit and leading_number(cell) is not None:
            return fault(
                f"{quoted(cell)} is a number of “{with_unit[1]}”, but the mapping only knows plain"
                " numbers",
                f'add "1-5 {with_unit[1]}" = … under {self.place}.{self.member}; or {add}',
            )
        close = did_you_mean(answer, [*self.table, *self.scales])
        if not close and self.names:
            close = did_you_mean(answer, self.names.all)
        return fault(
            f"the mapping does not know the answer {quoted(cell)}",
            f"{close}; or {add}" if close else add,
        )


def matcher(
    answers: Answers,
    place: str,
    ontology: Ontology,
    faults: Faults,
    *,
    allowed: Iterable[str],
    empty: Iterable[str] = (),
    names: ItemNames | None = None,
) -> Matcher:
    """Prepare the answers of a mapping, and add every fault of them to `faults`.

    `allowed` lists the keys that an answer may mean, `empty` the texts that stand for an empty
    cell in the whole file.
    """
    known = set(allowed)
    table: dict[str, str] = {}
    ranges: list[tuple[Decimal, Decimal, str, str]] = []
    for text, value in answers.table.items():
        where = f"{place}.{answers.member}.“{clean(text)}”"
        _check_values(value, known, where, faults)
        if table.setdefault(key(text), value) != value:
            hint = "keep one of the two: upper case and blanks make no difference"
            faults.add("this answer is here twice", hint, column=where)
        found = _RANGE.fullmatch(clean(text))
        if found:
            low, high = Decimal(found[1]), Decimal(found[2] or found[1])
            unit = key(found[3] or "")
            if any(low <= r[1] and r[0] <= high and r[2] == unit for r in ranges):
                hint = "use ranges that do not overlap, for example 1-3 and 4-5"
                faults.add("this range overlaps another one", hint, column=where)
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
        member=answers.member,
    )


def is_time_zone(text: str) -> bool:
    """Whether a text is a time zone: a name such as Europe/Berlin, or UTC+5:30."""
    return _TIME_ZONE.fullmatch(text) is not None


class TimeZoneReader:
    """Reads time zones: names such as Europe/Berlin, or UTC+5:30."""

    def __init__(self, field: PersonField, empty: Iterable[str]) -> None:
        self.place = field.place
        self.table = {clean(text): value for text, value in field.answers.table.items()}
        self.skipped = {*map(clean, field.answers.skipped), *map(clean, empty)}

    def __call__(self, cell: str) -> Meaning:
        """Return the meaning of a cell."""
        text = self.table.get(clean(cell), clean(cell))
        if text in self.skipped:
            return Meaning(AnswerKind.SKIPPED)
        if is_time_zone(text):
            return Meaning(AnswerKind.GIVEN, text)
        return fault(
            f"{quoted(cell)} is not a time zone",
            "use a time zone such as Europe/Berlin or UTC+5:30, or say what it means under"
            f" {self.place}.answers",
        )


def names_of_steps(steps: Iterable[Entry]) -> Iterable[tuple[str, str]]:
    """Pair every wording of the steps of a scale, in all languages, with the key of the step.

    These are keys, labels, aliases and descriptions.
    """
    for step in steps:
        yield step.key, step.key
        for name in (*step.terms.names, *step.terms.descriptions.values()):
            yield key(name), step.key


def _scales(
    answers: Answers, place: str, ontology: Ontology, faults: Faults, allowed: set[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for scale in answers.scales:
        steps = [*ontology.levels(scale).values(), *ontology.outside(scale).values()]
        if not steps or not allowed.issuperset(step.key for step in steps):
            known = ontology.section("scales")
            faults.add(
                f"“{scale}” is not a scale for these answers",
                did_you_mean(scale, [*known.keys() - {scale}]) or f"use one of {', '.join(known)}",
                column=f"{place}.answers",
            )
        for name, step in names_of_steps(steps):
            if name != NOT_AVAILABLE and step not in found.get(name, ()):
                found[name] = (*found.get(name, ()), step)
    return found


def _check_values(value: str, allowed: set[str], where: str, faults: Faults) -> None:
    for part in map(str.strip, value.split(",")):
        if part not in allowed:
            faults.add(
                f"an answer here cannot mean “{part}”",
                did_you_mean(part, allowed) or f"use one of {', '.join(sorted(allowed)[:12])}",
                column=where,
            )


def _given(value: str) -> Meaning:
    return Meaning(_OUTSIDE_SCALE.get(value, AnswerKind.GIVEN), value)
