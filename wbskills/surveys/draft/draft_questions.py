"""Draft questions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.classify import (
    NEARLY_THE_NAME,
    ColumnKind,
    ColumnProfile,
    Keywords,
    Suggestion,
    step_of,
)
from wbskills.surveys.draft.inspect_file import Inspection
from wbskills.surveys.files.cell_text import cut, key, leading_number, number_text
from wbskills.surveys.files.columns import Column, Role
from wbskills.surveys.tools.tool import OTHER

# Before what is only likely, and before what nobody but a person can know.
LIKELY: Final = "#? "
ASKED: Final = "#! "
_LONGEST_COMMENT: Final = 80


def text(value: str) -> str:
    r"""Write a text as TOML does.

    >>> text('say "yes"')
    '"say \\"yes\\""'
    """
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(
        letter if letter.isprintable() or letter == " " else f"\\U{ord(letter):08X}"
        for letter in escaped
    )
    return f'"{shown}"'


def comment(words: str) -> str:
    """Cut words of a form to what stands behind a `#`, in one line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return cut(printable, _LONGEST_COMMENT)


class ColumnNames:
    """The names by which a draft means the columns of a file."""

    def __init__(self, columns: Iterable[Column]) -> None:
        names = Counter(key(column.name) for column in columns)
        self._twice = {name for name, count in names.items() if count > 1}

    def pattern(self, column: Column) -> str:
        """Name a column where the mapping takes patterns: a star in a heading would be one."""
        is_pattern = any(sign in column.name for sign in "*{")
        return text(f"column {column.letter}") if is_pattern else self.name(column)

    def name(self, column: Column) -> str:
        """Name a column by its shortest name, or by its letter if others have the same name."""
        unique = key(column.name) not in self._twice
        return text(column.name if unique else f"column {column.letter}")


_WITH_SCALES: Final = (
    ColumnKind.LEVELS,
    ColumnKind.NUMBERS,
    ColumnKind.CODES,
    ColumnKind.WORDS,
    ColumnKind.YES_NO,
)


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Columns that belong to one question and are answered alike."""

    guess: ColumnKind
    reports: tuple[ColumnProfile, ...]

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
        return list(dict.fromkeys(map(_plain_number, given)))


def groups_of(
    reports: Iterable[ColumnProfile], guesses: Sequence[ColumnKind]
) -> list[QuestionGroup]:
    """Part columns into questions: same guess and same code; without one, same text or scale."""
    found: dict[tuple[str, ColumnKind], list[ColumnProfile]] = {}
    for report in reports:
        if report.guess in guesses:
            asked = report.column.array or _scale_of(report) or report.column.heading
            found.setdefault((asked, report.guess), []).append(report)
    return [QuestionGroup(guess, tuple(members)) for (_, guess), members in found.items()]


def likely(suggested: Sequence[Suggestion | None], *, levels: bool) -> list[Suggestion | None]:
    """Keep suggestions; of answers that are no levels, only those that are nearly a skill's name.

    Where half the rows of a question look like skills, it is about skills.
    """
    half = len(suggested) > 2 and sum(one is not None for one in suggested) * 2 > len(suggested)
    certain = levels or half
    return [
        one if one and (certain or one.score >= NEARLY_THE_NAME) else None for one in suggested
    ]


def _plain_number(answer: str) -> str:
    """Write a whole number in plain digits, as a mapping does, and any other answer as it is."""
    number = number_text(answer)
    return number if number.isdecimal() else answer


def _scale_of(report: ColumnProfile) -> str:
    """Name the scale of a column that is no row of a question: like ones stand together."""
    if report.guess not in _WITH_SCALES or report.skill is None:
        return ""
    if report.guess is ColumnKind.YES_NO and report.skill.score < NEARLY_THE_NAME:
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


_LEVEL_GUESSES: Final = (
    ColumnKind.LEVELS, ColumnKind.YES_NO, ColumnKind.NUMBERS, ColumnKind.CODES, ColumnKind.WORDS,
)  # fmt: skip
_OTHER_ANSWER: Final = "-oth-"  # what LimeSurvey writes where people typed an answer of their own


class QuestionsDraft:
    """The questions of one draft, being written."""

    def __init__(self, inspection: Inspection, ontology: Ontology, names: ColumnNames) -> None:
        self.inspection, self.ontology, self.names = inspection, ontology, names
        self.wordings = Keywords(ontology)
        self.limesurvey = inspection.tool == "limesurvey"
        self.taken: set[str] = set()
        # ChoiceSplitter that have columns of their own besides the one that holds all of them.
        self.spread = {report.column.array for report in inspection.columns}

    def lines(self) -> Iterator[str]:
        """Write what the file asks of skills, interests and languages."""
        yield from self._questions()
        yield from self._interests()
        yield from self._others()
        yield from self._languages()

    def _questions(self) -> Iterator[str]:
        drafted = False
        groups = groups_of(self.inspection.columns, _LEVEL_GUESSES)
        # What is only ticked gives way to what says how well somebody can do it.
        for group in sorted(groups, key=lambda one: one.guess is ColumnKind.YES_NO):
            levels = group.guess is ColumnKind.LEVELS
            suggested = likely([report.skill for report in group.reports], levels=levels)
            if not levels and (self._interest(group) or not any(suggested)):
                continue
            skills = list(self._things(group, suggested, self.taken))
            block = [
                f"[[questions]]  # {comment(group.question)}",
                *self._levels(group, "questions", self.wordings.levels),
                "",
                "[questions.skills]",
                *skills,
            ]
            if any(line.startswith(LIKELY) for line in skills):
                drafted = True
                yield from ("", *block)
            elif levels:
                yield from ("", "# No skill is known by these names:")
                yield from (f"# {line}".strip() for line in block if line)
        if not drafted:
            yield from ("", "# No question about skills was recognised; this is how one looks:")
            yield from (
                "# [[questions]]",
                '# columns = "SK[{skill}]"',
                '# answers = "scale:self_5"',
            )

    def _interests(self) -> Iterator[str]:
        for group in groups_of(self.inspection.columns, [ColumnKind.YES_NO]):
            interest = self._interest(group)
            suggested = [report.skill for report in group.reports]
            if not interest or not any(suggested):
                continue
            yield ""
            yield f"[[interests]]  # {comment(group.question)}"
            yield 'not_asked = ["N/A"]'
            yield f"{LIKELY}chosen = {text(interest)}"
            yield ""
            yield "[interests.skills]"
            yield from self._things(group, suggested, set())
        for report in self.inspection.columns:
            if report.guess is ColumnKind.CHOICES and report.column.name not in self.spread:
                yield from self._choices(report)

    def _choices(self, report: ColumnProfile) -> Iterator[str]:
        column = report.column
        interest = self.wordings.interest(column)
        yield ""
        yield f"[[interests]]  # {comment(column.text or column.heading)}"
        yield f"columns = {self.names.pattern(column)}"
        yield f"between = {text(report.between)}  # stands between several choices in one cell"
        yield f"{LIKELY if interest else ASKED}chosen = {text(interest or 'can_help')}"
        yield ""
        yield "[interests.skills]  # every choice of the form; “” leaves one out"
        for (answer, count), one in zip(report.answers, report.choices, strict=True):
            if one:
                mark = f"  # {one.score}: {one.name} | {count} times"
                yield f"{LIKELY}{text(answer)} = {text(one.key)}{mark}"
            else:
                yield f'{ASKED}{text(answer)} = ""  # {count} times'

    def _interest(self, group: QuestionGroup) -> str:
        yes_no = group.guess is ColumnKind.YES_NO
        return self.wordings.interest(group.reports[0].column) if yes_no else ""

    def _others(self) -> Iterator[str]:
        for report in self.inspection.columns:
            column = report.column
            named = column.row_code == "other" or OTHER.fullmatch(key(column.row_text))
            if column.role is Role.FREE_TEXT and named:
                yield ""
                yield f"# What people named beside the choices: {comment(column.text)}"
                yield "# [[others]]"
                yield f"# columns = {self.names.name(column)}"
                yield '# level = "alone"'

    def _languages(self) -> Iterator[str]:
        columns = self.inspection.columns
        for named, level in pairwise(columns):
            if (named.guess, level.guess) == (ColumnKind.LANGUAGES, ColumnKind.BABEL):
                yield ""
                yield f"[[languages]]  # {comment(named.column.text)}"
                yield f"column = {self.names.name(named.column)}"
                yield f"level_column = {self.names.name(level.column)}"
                yield 'answers = "scale:babel"'
        taken: set[str] = set()
        for group in groups_of(self.inspection.columns, [ColumnKind.BABEL]):
            if not any(report.language for report in group.reports):
                continue
            yield ""
            yield f"[[languages]]  # {comment(group.question)}"
            yield from self._levels(group, "languages", self.wordings.babel)
            yield ""
            yield "[languages.languages]"
            suggested = [report.language for report in group.reports]
            yield from self._things(group, suggested, taken)

    def _levels(
        self, group: QuestionGroup, section: str, words: dict[str, tuple[str, ...]]
    ) -> Iterator[str]:
        """Say what the answers mean: the whole scale if all are words of it, else one by one."""
        answers = [answer for answer in group.answers if key(answer) != "n/a"]
        answers = [*answers, *left_out(answers)] if group.guess is ColumnKind.NUMBERS else answers
        if self.limesurvey or len(answers) < len(group.answers):
            yield 'not_asked = ["N/A"]'
        if _OTHER_ANSWER in answers:
            answers.remove(_OTHER_ANSWER)
            yield f'skipped = ["", "{_OTHER_ANSWER}"]'
        steps = {answer: step_of(answer, words) for answer in answers}
        scale = self._scale(steps.values())
        if scale:
            yield f"answers = {text('scale:' + scale)}"
            return
        yield ""
        yield f"[{section}.answers]"
        known = list(self.ontology.levels("babel" if section == "languages" else "self_5"))
        ordered = group.guess in (ColumnKind.NUMBERS, ColumnKind.CODES)
        listed = in_order(answers) if ordered else sorted(answers)
        if ordered:
            yield "# Only the order of these answers is known: see what the form calls them."
        elif group.guess is ColumnKind.WORDS:
            yield "# Words of this form; those that only one person gave are not shown: add them."
        recoded = [answer for answer in listed if self.wordings.is_recoded(answer)]
        numbers = sorted({number_in(answer) for answer in listed if answer not in recoded})
        last = max(len(numbers) - 1, 1)
        for answer in listed:
            step = known[0]
            if answer in recoded:
                step = "not_sure"
            elif ordered:
                step = known[numbers.index(number_in(answer)) * (len(known) - 1) // last]
            elif self.wordings.is_yes(answer):
                step = "alone"
            mark = LIKELY if steps[answer] else ASKED
            several = words.get(key(answer), ())
            which = f"  # can mean {' or '.join(several)}" if len(several) > 1 else ""
            yield f"{mark}{text(answer)} = {text(steps[answer] or step)}{which}"

    def _scale(self, steps: Iterable[str]) -> str:
        """Name the scale of all steps; empty if one is missing, or they are of several."""
        entries = self.ontology.entries
        scales = {str(entries[step].fact("part_of")) if step else "" for step in steps}
        return scales.pop() if len(scales) == 1 else ""

    def _things(
        self, group: QuestionGroup, suggested: Sequence[Suggestion | None], taken: set[str]
    ) -> Iterator[str]:
        """Suggest what each column is about, the best suggestion for each thing only."""
        best: dict[str, int] = {}
        for one in suggested:
            if one:
                best[one.key] = max(one.score, best.get(one.key, 0))
        for report, one in zip(group.reports, suggested, strict=True):
            name = self.names.name(report.column)
            subject = comment(report.column.row_text)
            if one and one.score == best[one.key] and one.key not in taken:
                taken.add(one.key)
                yield f"{LIKELY}{name} = {text(one.key)}  # {one.score}: {one.name} | {subject}"
            else:
                yield f'# {name} = ""  # {subject}'
