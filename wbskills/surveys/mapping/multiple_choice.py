"""What people ticked: a column for each choice, or several choices in one cell.

Survey tools write a tick as `Yes`, `1` or `TRUE`, or as the text of the choice itself. Several
ticks in one cell have `;`, `, ` or a space between them, which a choice may contain as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from wbskills.names import did_you_mean
from wbskills.surveys.files.cell_text import clean, key, number_text, quoted
from wbskills.surveys.files.columns import SurveyColumn
from wbskills.surveys.mapping.answers import AnswerKind, Meaning, fault
from wbskills.surveys.mapping.schema import Question

YES: Final = frozenset(
    {"yes", "y", "ja", "j", "oui", "o", "sí", "si", "نعم", "true", "checked", "selected", "x", "1"}
)
NO: Final = frozenset(
    {"no", "n", "nein", "non", "لا", "false", "unchecked", "not selected", "not chosen", "0"}
)

_LONGEST_TRIED: Final = 4_000  # characters; the choices of a survey are shorter, a story is none


def is_yes_or_no(answer: str) -> bool:
    """Return whether an answer is a plain yes or no, also as 1, 0, TRUE or FALSE.

    >>> is_yes_or_no("Oui"), is_yes_or_no("1.0"), is_yes_or_no("often")
    (True, True, False)
    """
    return _plain(answer) in YES or _plain(answer) in NO


def split_unknown(cell: str, between: str) -> list[str]:
    """Split a cell of which no choices are known yet.

    >>> split_unknown("Lua; Python;", ";")
    ['Lua', 'Python']
    """
    return [text for part in cell.split(between.strip() or None) if (text := clean(part))]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckboxReader:
    """Reads a column of one choice, which has a yes or the choice's own text where ticked."""

    place: str
    chosen: str
    not_chosen: str
    yes: frozenset[str]
    no: frozenset[str]
    empty: frozenset[str]
    not_asked: frozenset[str]

    @classmethod
    def of(
        cls, question: Question, column: SurveyColumn, empty: Iterable[str], caught: str = ""
    ) -> "CheckboxReader":
        """Make the reader of a column; its choice is the row of the question, or the question.

        `caught` is the part of the heading that a pattern has caught as the name of the choice.
        """
        return cls(
            place=question.place,
            chosen=question.chosen,
            not_chosen=question.not_chosen,
            # A choice that is called “no” or “0” must not turn every no into a tick.
            yes=frozenset({column.ticked})
            if column.ticked
            else YES | {key(text) for text in (caught, *column.subjects) if text} - NO,
            no=NO | YES if column.ticked else NO,
            empty=_empty(question, empty),
            not_asked=frozenset(map(key, question.answers.not_asked)),
        )

    def __call__(self, cell: str) -> Meaning:
        """Return the meaning of a cell."""
        answer = _plain(cell)
        if answer in self.not_asked:
            return Meaning(AnswerKind.NOT_ASKED)
        if answer in self.empty:
            return Meaning(AnswerKind.SKIPPED)
        if answer in self.yes:
            return Meaning(AnswerKind.GIVEN, self.chosen)
        if answer in self.no or not answer:
            return _not_ticked(self.not_chosen)
        return fault(
            f"{quoted(cell)} is not this choice, a yes or a no",
            f"in {self.place}, replace “chosen” by “answers” that say what each answer means",
        )


@dataclass(frozen=True, slots=True)
class SplitChoices:
    """The known choices of one cell, and the texts in it that are none of these."""

    found: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    kind: AnswerKind = AnswerKind.GIVEN


class ChoiceSplitter:
    """Splits a cell into the choices that a question knows.

    A choice may contain what separates choices (`Bots, gadgets` among `, `): the longest known
    choice is taken first, unless only a shorter one lets the whole cell be read. What is left is
    an unknown choice: a fault, unless the column `has_open_answers`, so that it is a skill that
    the survey did not ask about.
    """

    def __init__(self, question: Question, empty: Iterable[str]) -> None:
        self.place, self.between = question.place, question.between.strip() or " "
        self.chosen, self.not_chosen = question.chosen, question.not_chosen
        self.has_open_answers = False
        self.known = sorted(map(key, question.subjects), key=len, reverse=True)
        self.empty = _empty(question, empty)
        self.not_asked = frozenset(map(key, question.answers.not_asked))

    def __call__(self, cell: str) -> SplitChoices:
        """Split a cell."""
        answer = key(cell)
        if answer in self.not_asked:
            return SplitChoices(kind=AnswerKind.NOT_ASKED)
        if answer in self.empty:
            return SplitChoices(kind=AnswerKind.SKIPPED)
        return self._split(answer, clean(cell))

    def _split(self, answer: str, written: str) -> SplitChoices:
        found = set()
        unknown = []
        rest = answer
        while rest := self._next(rest):
            choice = next((one for one in self.known if self._begins(rest, one)), "")
            if choice:
                found.add(choice)
            else:
                choice = rest.partition(self.between)[0]
                start = len(answer) - len(rest)
                # Without upper case, some letters are longer than with it.
                same_length = len(written) == len(answer)
                text = written[start : start + len(choice)] if same_length else choice
                if choice:  # else two separators follow each other
                    unknown.append(text.strip())
            rest = rest[len(choice) :]
        whole = self._split_whole(answer) if unknown else None
        return (
            SplitChoices(frozenset(found), tuple(unknown))
            if whole is None
            else SplitChoices(whole)
        )

    def _split_whole(self, answer: str) -> frozenset[str] | None:
        """Read the whole cell as known choices, the longest ones first; None if impossible."""
        if len(answer) > _LONGEST_TRIED:
            return None
        waiting: list[tuple[str, frozenset[str]]] = [(answer, frozenset())]
        tried = set()
        while waiting:
            text, found = waiting.pop()
            rest = self._next(text)
            if not rest:
                return found
            if rest not in tried:
                tried.add(rest)
                begun = (one for one in reversed(self.known) if self._begins(rest, one))
                waiting += [(rest[len(one) :], found | {one}) for one in begun]
        return None

    def _next(self, text: str) -> str:
        return text.strip().removeprefix(self.between).strip()

    def _begins(self, text: str, choice: str) -> bool:
        if not choice or not text.startswith(choice):
            return False
        rest = text[len(choice) :]
        return (
            not rest.strip()
            or rest.lstrip().startswith(self.between)
            or rest.startswith(self.between)
        )


@dataclass(frozen=True, slots=True)
class ChoiceReader:
    """Reads one choice in cells of several; one reader of each column reports unknown choices."""

    splitter: ChoiceSplitter
    choice: str
    reports_unknown: bool

    def __call__(self, cell: str) -> Meaning:
        """Return the meaning of a cell for this choice."""
        choices = self.splitter(cell)
        if choices.kind is not AnswerKind.GIVEN:
            return Meaning(choices.kind)
        if choices.unknown and self.reports_unknown and not self.splitter.has_open_answers:
            first, *more = map(self._unknown, dict.fromkeys(choices.unknown))
            return replace(first, more=tuple(more))
        if self.choice in choices.found:
            return Meaning(AnswerKind.GIVEN, self.splitter.chosen)
        return _not_ticked(self.splitter.not_chosen)

    def _unknown(self, choice: str) -> Meaning:
        close = did_you_mean(key(choice), self.splitter.known)
        add = f"say what this choice is in {self.splitter.place}"
        return fault(
            f"the mapping does not know the choice {quoted(choice)}",
            f"{close}; or {add}"
            if close
            else f'{add}; "" ignores it, and [[others]] is for what people could type themselves',
        )


def _not_ticked(not_chosen: str) -> Meaning:
    return Meaning(AnswerKind.GIVEN, not_chosen) if not_chosen else Meaning(AnswerKind.SKIPPED)


def _empty(question: Question, empty: Iterable[str]) -> frozenset[str]:
    skipped = set(map(key, question.answers.skipped))
    return frozenset(skipped | set(map(key, empty)) if "" in skipped else skipped)


def _plain(answer: str) -> str:
    return number_text(answer).casefold()
