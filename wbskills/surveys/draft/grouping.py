"""Parting the columns of an inspection into questions, as a draft of a mapping asks them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from wbskills.surveys.draft.classify import NEARLY_THE_NAME
from wbskills.surveys.draft.column_stats import ColumnReport, Guess, Suggestion
from wbskills.surveys.files.cell_text import leading_number, number_text

_SCALES: Final = (Guess.LEVELS, Guess.NUMBERS, Guess.CODES, Guess.WORDS, Guess.YES_NO)


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that belong to one question and are answered alike."""

    guess: Guess
    reports: tuple[ColumnReport, ...]

    @property
    def question(self) -> str:
        """What is asked, in the words of the form."""
        column = self.reports[0].column
        if len(self.reports) > 1 and not column.array:
            return f"{len(self.reports)} columns that are answered alike"
        return column.text or column.question or column.heading

    @property
    def answers(self) -> list[str]:
        """Every answer of the group, once; `3`, `3,0` and `٣` are one number."""
        given = (answer for one in self.reports for answer, _ in one.answers)
        return list(dict.fromkeys(map(_plain, given)))


def groups_of(reports: Iterable[ColumnReport], guesses: Sequence[Guess]) -> list[Group]:
    """Part columns into questions: same guess and same code; without one, same text or scale."""
    found: dict[tuple[str, Guess], list[ColumnReport]] = {}
    for report in reports:
        if report.guess in guesses:
            asked = report.column.array or _scale_of(report) or report.column.heading
            found.setdefault((asked, report.guess), []).append(report)
    return [Group(guess, tuple(members)) for (_, guess), members in found.items()]


def likely(suggested: Sequence[Suggestion | None], *, levels: bool) -> list[Suggestion | None]:
    """Keep suggestions; of answers that are no levels, only those that are nearly a skill's name.

    Where half the rows of a question look like skills, it is about skills.
    """
    half = len(suggested) > 2 and sum(one is not None for one in suggested) * 2 > len(suggested)
    certain = levels or half
    return [
        one if one and (certain or one.score >= NEARLY_THE_NAME) else None for one in suggested
    ]


def _plain(answer: str) -> str:
    """Write a whole number in plain digits, as a mapping does, and any other answer as it is."""
    number = number_text(answer)
    return number if number.isdecimal() else answer


def _scale_of(report: ColumnReport) -> str:
    """Name the scale of a column that is no row of a question: like ones stand together."""
    if report.guess not in _SCALES or report.skill is None:
        return ""
    if report.guess is Guess.YES_NO and report.skill.score < NEARLY_THE_NAME:
        return ""
    numbers = [leading_number(answer) or 0 for answer, _ in report.answers]
    return f"{report.guess.value} {'to 10' if max(numbers, default=0) > 5 else 'to 5'}"


def left_out(answers: Sequence[str]) -> list[str]:
    """List the whole numbers between the answers that nobody gave."""
    given = {leading_number(answer) for answer in answers}
    whole = [int(number) for number in given if number is not None and number >= 0]
    return [
        str(number)
        for number in range(min(whole, default=0), max(whole, default=0))
        if Decimal(number) not in given
    ]


def in_order(answers: Iterable[str]) -> list[str]:
    """Sort answers by the number in them: A2 before A10, 2 before 10."""
    return sorted(answers, key=lambda answer: (number_in(answer), answer))


def number_in(answer: str) -> Decimal:
    """Give the number of an answer or of a code; 0 if it has none."""
    return leading_number(answer.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) or Decimal(0)
