"""What people ticked: a column for each choice, or several choices in one cell.

Survey tools write a tick as `Yes`, `1` or `TRUE`, or as the text of the choice itself; and several
ticks in one cell with `;`, `, ` or a space between them, which may stand inside a choice, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from wbskills.surveys.files.cell_text import clean, key, number_text, quoted
from wbskills.surveys.files.columns import Column
from wbskills.surveys.mapping.answers import Kind, Meaning
from wbskills.surveys.mapping.item_names import near
from wbskills.surveys.mapping.schema import Question

YES: Final = frozenset(
    {"yes", "y", "ja", "j", "oui", "o", "sí", "si", "نعم", "true", "checked", "selected", "x", "1"}
)
NO: Final = frozenset(
    {"no", "n", "nein", "non", "لا", "false", "unchecked", "not selected", "not chosen", "0"}
)

_LONGEST_TRIED: Final = 4_000  # characters: no form has more choices, and a story is none


def is_tick(answer: str) -> bool:
    """Tell whether an answer is a plain yes or no, also as 1, 0, TRUE or FALSE.

    >>> is_tick("Oui"), is_tick("1.0"), is_tick("often")
    (True, True, False)
    """
    return _plain(answer) in YES or _plain(answer) in NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """Reads a column that holds one choice: its own text or a yes where it was ticked."""

    place: str
    chosen: str
    not_chosen: str
    yes: frozenset[str]
    empty: frozenset[str]
    not_asked: frozenset[str]

    @classmethod
    def of(
        cls, question: Question, column: Column, empty: Iterable[str], caught: str = ""
    ) -> "Ticked":
        """Make the reader of a column; its choice is the row of the question, or the question.

        `caught` is what of the heading a pattern has caught as the name of the choice.
        """
        return cls(
            place=question.place,
            chosen=question.chosen,
            not_chosen=question.not_chosen,
            # A choice that is called “no” or “0” must not turn every no into a tick.
            yes=YES | {key(text) for text in (caught, *column.subjects) if text} - NO,
            empty=_empty(question, empty),
            not_asked=frozenset(map(key, question.answers.not_asked)),
        )

    def __call__(self, cell: str) -> Meaning:
        """Tell what a cell means."""
        asked = _plain(cell)
        if asked in self.not_asked:
            return Meaning(Kind.NOT_ASKED)
        if asked in self.empty:
            return Meaning(Kind.SKIPPED)
        if asked in self.yes:
            return Meaning(Kind.GIVEN, self.chosen)
        if asked in NO or not asked:
            return _left_out(self.not_chosen)
        return Meaning(
            Kind.FAULT,
            what=f"{quoted(cell)} is neither this choice nor a yes or no",
            hint=f"answers in place of “chosen” in {self.place} say what each answer means",
        )


@dataclass(frozen=True, slots=True)
class Ticks:
    """The choices of one cell, and all in it that is none of those known."""

    found: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    kind: Kind = Kind.GIVEN


class Choices:
    """Parts a cell into the choices that a question knows.

    A choice may hold what stands between choices (`Bots, gadgets` among `, `): the longest known
    choice is taken first, unless only a shorter one lets all of the cell be read. What is left
    is a choice that nobody knows: a fault, unless it is `heard` as a skill that the form did not
    ask about.
    """

    def __init__(self, question: Question, empty: Iterable[str]) -> None:
        self.place, self.between = question.place, question.between
        self.chosen, self.not_chosen = question.chosen, question.not_chosen
        self.heard = False
        self.known = sorted(map(key, question.things), key=len, reverse=True)
        self.empty = _empty(question, empty)
        self.not_asked = frozenset(map(key, question.answers.not_asked))

    def __call__(self, cell: str) -> Ticks:
        """Part a cell."""
        asked = key(cell)
        if asked in self.not_asked:
            return Ticks(kind=Kind.NOT_ASKED)
        if asked in self.empty:
            return Ticks(kind=Kind.SKIPPED)
        return self._part(asked, clean(cell))

    def _part(self, asked: str, shown: str) -> Ticks:
        found = set()
        unknown = []
        between = self.between.strip() or " "
        rest = asked
        while rest := rest.strip().removeprefix(between).strip():
            choice = next((one for one in self.known if _begins(rest, one, between)), "")
            if choice:
                found.add(choice)
            else:
                choice = rest.partition(between)[0]
                start = len(asked) - len(rest)
                # Without upper case, some letters are longer than with it.
                exact = len(shown) == len(asked)
                written = shown[start : start + len(choice)] if exact else choice
                if choice:  # else two signs follow each other
                    unknown.append(written.strip())
            rest = rest[len(choice) :]
        whole = self._whole(asked, between) if unknown else None
        return Ticks(frozenset(found), tuple(unknown)) if whole is None else Ticks(whole)

    def _whole(self, asked: str, between: str) -> frozenset[str] | None:
        """Read all of a cell as known choices, the longest first where there is a choice."""
        if len(asked) > _LONGEST_TRIED:
            return None
        waiting: list[tuple[str, frozenset[str]]] = [(asked, frozenset())]
        tried = set()
        while waiting:
            text, found = waiting.pop()
            rest = text.strip().removeprefix(between).strip()
            if not rest:
                return found
            if rest not in tried:
                tried.add(rest)
                begun = [one for one in reversed(self.known) if _begins(rest, one, between)]
                waiting += [(rest[len(one) :], found | {one}) for one in begun]
        return None


@dataclass(frozen=True, slots=True)
class OneOf:
    """Reads one choice out of a cell that holds several; one of them tells what nobody knows."""

    cells: Choices
    choice: str
    tells: bool

    def __call__(self, cell: str) -> Meaning:
        """Tell what a cell means for this choice."""
        ticks = self.cells(cell)
        if ticks.kind is not Kind.GIVEN:
            return Meaning(ticks.kind)
        if ticks.unknown and self.tells and not self.cells.heard:
            first, *more = map(self._unknown, dict.fromkeys(ticks.unknown))
            return replace(first, more=tuple(more))
        if self.choice in ticks.found:
            return Meaning(Kind.GIVEN, self.cells.chosen)
        return _left_out(self.cells.not_chosen)

    def _unknown(self, choice: str) -> Meaning:
        close = near(key(choice), self.cells.known)
        add = f"say what this choice is in {self.cells.place}"
        return Meaning(
            Kind.FAULT,
            what=f"{quoted(choice)} is not a choice that the mapping knows",
            hint=f"{close}, or {add}"
            if close
            else f'{add}; "" if it is none, [[others]] if people could write what they liked',
        )


def parts(cell: str, between: str) -> list[str]:
    """Part a cell where nothing is known about its choices yet.

    >>> parts("Lua; Python;", ";")
    ['Lua', 'Python']
    """
    return [text for part in cell.split(between.strip() or None) if (text := clean(part))]


def _begins(text: str, choice: str, between: str) -> bool:
    if not choice or not text.startswith(choice):
        return False
    rest = text[len(choice) :]
    return not rest.strip() or rest.lstrip().startswith(between) or rest.startswith(between)


def _left_out(not_chosen: str) -> Meaning:
    return Meaning(Kind.GIVEN, not_chosen) if not_chosen else Meaning(Kind.SKIPPED)


def _empty(question: Question, empty: Iterable[str]) -> frozenset[str]:
    skipped = set(map(key, question.answers.skipped))
    return frozenset(skipped | set(map(key, empty)) if "" in skipped else skipped)


def _plain(answer: str) -> str:
    return number_text(answer).casefold()
