"""Drafting the questions of a mapping: the subject of each column, and what its answers mean."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    step_of,
)
from wbskills.surveys.draft.inspect_file import Inspection
from wbskills.surveys.files.cell_text import cut, key, leading_number, number_text
from wbskills.surveys.files.columns import Role, SurveyColumn
from wbskills.surveys.mapping.answers import NOT_AVAILABLE
from wbskills.surveys.mapping.item_names import ItemNames, Suggestion, names_of
from wbskills.surveys.mapping.open_points import OPEN
from wbskills.surveys.tools.tool import OTHER
from wbskills.toml_reader import toml_text

_CERTAIN: Final = 100  # the score of exactly a name
_NEAREST: Final = 3
_LONGEST_COMMENT: Final = 80
_INTERESTS: Final = ("wants_to_learn", "can_help", "can_teach")
_LEVEL_KINDS: Final = (
    ColumnKind.LEVELS, ColumnKind.YES_NO, ColumnKind.NUMBERS, ColumnKind.CODES, ColumnKind.WORDS,
)  # fmt: skip
_OTHER_ANSWER: Final = "-oth-"  # what LimeSurvey writes where people typed an answer of their own


def comment(text: str) -> str:
    """Shorten a text of the survey to one line, for a comment."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return cut(printable, _LONGEST_COMMENT)


def question(name: str, about: str = "", likely: Iterable[str] = ()) -> str:
    """Write a line that only a person can complete, with what is `likely` the answer.

    `name` is written as TOML has it.
    """
    guesses = ", ".join(likely)
    parts = [f"perhaps {guesses}" if guesses else "", about]
    behind = "; ".join(filter(None, parts))
    return f'{name} = "{OPEN}"' + (f"  # {behind}" if behind else "")


class ColumnNames:
    """The names that a draft uses for the columns of a file, written as in TOML."""

    def __init__(self, columns: Iterable[SurveyColumn]) -> None:
        names = Counter(key(column.name) for column in columns)
        self._shared = {name for name, count in names.items() if count > 1}

    def name(self, column: SurveyColumn) -> str:
        """Return the shortest name of a column, or its letter if others have the same name."""
        is_unique = key(column.name) not in self._shared
        return toml_text(column.name if is_unique else f"column {column.letter}")

    def pattern(self, column: SurveyColumn) -> str:
        """Return the name of a column in a pattern, where a star in a heading would be one."""
        is_pattern = any(sign in column.name for sign in "*{")
        return toml_text(f"column {column.letter}") if is_pattern else self.name(column)


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Columns of one question that have the same kind of answers."""

    kind: ColumnKind
    columns: tuple[ColumnProfile, ...]

    @property
    def question(self) -> str:
        """The question in the words of the survey."""
        column = self.columns[0].column
        if len(self.columns) > 1 and not column.array:
            return f"{len(self.columns)} columns with the same answers"
        return column.text or column.question or column.heading

    @property
    def counts(self) -> Counter[str]:
        """How often each answer was given in all columns."""
        found: Counter[str] = Counter()
        for answer, count in (pair for column in self.columns for pair in column.answers):
            number = number_text(answer)
            found[number if number.isdecimal() else answer] += count
        return found

    @property
    def answers(self) -> list[str]:
        """Every answer once; `3`, `3,0` and `٣` are one number."""
        found: dict[str, None] = {}
        for answer in (answer for column in self.columns for answer, _ in column.answers):
            number = number_text(answer)
            found.setdefault(number if number.isdecimal() else answer)
        return list(found)


def group_columns(
    columns: Iterable[ColumnProfile], kinds: Sequence[ColumnKind]
) -> list[QuestionGroup]:
    """Group the columns of some kinds by question: by array, else by scale or heading."""
    found: dict[tuple[str, ColumnKind], list[ColumnProfile]] = {}
    for profile in columns:
        if profile.guess in kinds:
            column = profile.column
            question = column.array or _scale_of(profile) or column.heading
            found.setdefault((question, profile.guess), []).append(profile)
    return [QuestionGroup(kind, tuple(members)) for (_, kind), members in found.items()]


class QuestionsDraft:
    """Writes the questions of one draft."""

    def __init__(self, inspection: Inspection, ontology: Ontology, names: ColumnNames) -> None:
        self.inspection, self.ontology, self.names = inspection, ontology, names
        self.keywords = Keywords(ontology)
        self.skills, self.spoken = names_of(ontology, "skills"), names_of(ontology, "languages")
        self.taken: set[str] = set()  # skills that another column asks a level of
        # Choices that have columns of their own beside the one that holds all of them.
        self.arrays = {profile.column.array for profile in inspection.columns}

    def lines(self) -> Iterator[str]:
        """Write the questions of the file about skills, interests and languages."""
        yield from self._questions()
        yield from self._interests()
        yield from self._others()
        yield from self._languages()

    def _questions(self) -> Iterator[str]:
        drafted = False
        groups = group_columns(self.inspection.columns, _LEVEL_KINDS)
        # A level is more than a tick.
        for group in sorted(groups, key=lambda one: one.kind is ColumnKind.YES_NO):
            are_levels = group.kind is ColumnKind.LEVELS
            suggested = _likely([column.skill for column in group.columns], are_levels=are_levels)
            if not are_levels and (self._interest(group) or not any(suggested)):
                continue
            known = [one for one in suggested if one]
            if known and all(one.key in self.taken for one in known) and not are_levels:
                continue  # ticks beside levels of the same skills: the columns are ignored
            drafted = True
            # Rows of the same question that have the name of no skill.
            nameless = self._nameless(group)
            yield ""
            yield f"[[questions]]  # {comment(group.question)}"
            yield from self._answers(group, "questions", self.keywords.levels)
            yield ""
            yield "[questions.skills]"
            if not any(suggested):
                yield "# No skill is known by these names. To add skills: ontology = [“…”], see"
                yield "# docs/mapping.md; “” ignores a column."
            yield from self._subjects(group, suggested, self.taken)
            yield from self._subjects(nameless, [None] * len(nameless.columns), self.taken)
        if not drafted:
            yield from (
                "",
                "# No question about skills was recognised. A question looks like this:",
                "# [[questions]]",
                '# columns = "SK[{skill}]"',
                '# answers = "scale:self_5"',
            )

    def _nameless(self, group: QuestionGroup) -> QuestionGroup:
        """Return the columns of a question that nothing could be recognised in."""
        arrays = {profile.column.array for profile in group.columns} - {""}
        return QuestionGroup(
            group.kind,
            tuple(
                profile
                for profile in self.inspection.columns
                if profile.column.array in arrays
                and profile.guess is ColumnKind.NONE
                and profile.column.role is Role.QUESTION
            ),
        )

    def _interests(self) -> Iterator[str]:
        for group in group_columns(self.inspection.columns, [ColumnKind.YES_NO]):
            interest = self._interest(group)
            suggested = [profile.skill for profile in group.columns]
            if interest and any(suggested):
                yield ""
                yield f"[[interests]]  # {comment(group.question)}"
                yield 'not_asked = ["N/A"]'
                yield question("chosen", f"one of {', '.join(_INTERESTS)}", [interest])
                yield ""
                yield "[interests.skills]"
                yield from self._subjects(group, suggested, set())
        for profile in self.inspection.columns:
            if profile.guess is ColumnKind.CHOICES and profile.column.name not in self.arrays:
                yield from self._choices(profile)

    def _choices(self, profile: ColumnProfile) -> Iterator[str]:
        column = profile.column
        interest = self.keywords.interest(column)
        yield ""
        yield f"[[interests]]  # {comment(column.text or column.heading)}"
        yield f"columns = {self.names.pattern(column)}"
        yield f"between = {toml_text(profile.between)}  # separates several choices in one cell"
        likely = [interest] if interest else []
        yield question("chosen", f"one of {', '.join(_INTERESTS)}", likely)
        yield ""
        yield "[interests.skills]  # every choice of the survey; “” ignores one"
        for (answer, count), skill in zip(profile.answers, profile.choices, strict=True):
            yield self._subject(toml_text(answer), skill, f"{count} times", answer)

    def _interest(self, group: QuestionGroup) -> str:
        is_yes_no = group.kind is ColumnKind.YES_NO
        return self.keywords.interest(group.columns[0].column) if is_yes_no else ""

    def _others(self) -> Iterator[str]:
        for profile in self.inspection.columns:
            column = profile.column
            is_other = column.row_code == "other" or OTHER.fullmatch(key(column.row_text))
            if column.role is Role.FREE_TEXT and is_other:
                yield ""
                yield f"# What people named in addition to the choices: {comment(column.text)}"
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
        for group in group_columns(columns, [ColumnKind.BABEL]):
            suggested = [profile.language for profile in group.columns]
            if any(suggested):
                yield ""
                yield f"[[languages]]  # {comment(group.question)}"
                yield from self._answers(group, "languages", self.keywords.babel)
                yield ""
                yield "[languages.languages]"
                yield from self._subjects(group, suggested, taken, self.spoken)

    def _answers(
        self, group: QuestionGroup, section: str, words: Mapping[str, tuple[str, ...]]
    ) -> Iterator[str]:
        """Write what the answers mean: a whole scale if all are words of it, else one by one."""
        answers = [answer for answer in group.answers if key(answer) != NOT_AVAILABLE]
        if group.kind is ColumnKind.NUMBERS:
            answers += _missing_numbers(answers)
        if self.inspection.tool == "limesurvey" or len(answers) < len(group.answers):
            yield 'not_asked = ["N/A"]'
        if _OTHER_ANSWER in answers:
            answers.remove(_OTHER_ANSWER)
            yield f'skipped = ["", "{_OTHER_ANSWER}"]'
        steps = {answer: step_of(answer, words) for answer in answers}
        scale = self._scale(steps.values())
        if scale:
            yield f"answers = {toml_text('scale:' + scale)}"
        else:
            yield ""
            yield f"[{section}.answers]"
            yield from self._steps(group, steps, section, words)

    def _steps(
        self,
        group: QuestionGroup,
        steps: Mapping[str, str],
        section: str,
        words: Mapping[str, tuple[str, ...]],
    ) -> Iterator[str]:
        """Write the step that each answer means, as far as it is known from its words or order."""
        kind, counts = group.kind, group.counts
        known = list(self.ontology.levels("babel" if section == "languages" else "self_5"))
        is_ordered = kind in (ColumnKind.NUMBERS, ColumnKind.CODES)
        if is_ordered:
            yield "# Only the order of these answers is known: see what the survey calls them."
        elif kind is ColumnKind.WORDS:
            yield "# Words of this survey. Answers of only one person are not shown: add them."
        listed = sorted(steps, key=_by_number) if is_ordered else sorted(steps)
        recoded = [answer for answer in listed if self.keywords.is_recoded(answer)]
        numbers = sorted({_number_in(answer) for answer in listed if answer not in recoded})
        last = max(len(numbers) - 1, 1)
        for answer in listed:
            step = known[0]
            if answer in recoded:
                step = "not_sure"
            elif is_ordered:
                step = known[numbers.index(_number_in(answer)) * (len(known) - 1) // last]
            elif self.keywords.is_yes(answer):
                step = "alone"
            several = words.get(key(answer), ())
            count = f"{counts[answer]} times" if counts[answer] else "nobody chose it"
            if steps[answer] and not is_ordered and len(several) < 2:
                yield f"{toml_text(answer)} = {toml_text(steps[answer])}  # {count}"
            else:
                guessed = is_ordered or answer in recoded or self.keywords.is_yes_or_no(answer)
                likely = several or ([steps[answer] or step] if steps[answer] or guessed else [])
                yield question(toml_text(answer), count, likely)

    def _scale(self, steps: Iterable[str]) -> str:
        """Return the scale of all steps; empty if one is unknown, or they are of several."""
        entries = self.ontology.entries
        scales = {str(entries[step].fact("part_of")) if step else "" for step in steps}
        return scales.pop() if len(scales) == 1 else ""

    def _subjects(
        self,
        group: QuestionGroup,
        suggested: Sequence[Suggestion | None],
        taken: set[str],
        names: ItemNames | None = None,
    ) -> Iterator[str]:
        """Write the subject of each column; each subject only for the most similar column."""
        best: dict[str, int] = {}
        for one in suggested:
            if one:
                best[one.key] = max(one.score, best.get(one.key, 0))
        for profile, one in zip(group.columns, suggested, strict=True):
            name, row = self.names.name(profile.column), comment(profile.column.row_text)
            free = one is not None and one.score == best[one.key] and one.key not in taken
            if one is not None and free:
                taken.add(one.key)
            text = next(iter(profile.column.subjects), profile.column.heading)
            yield self._subject(name, one if free else None, row, text, names)

    def _subject(
        self,
        name: str,
        found: Suggestion | None,
        about: str,
        text: str,
        names: ItemNames | None = None,
    ) -> str:
        """Write what a column or choice is about, if it has exactly the name of something."""
        if found is None:
            nearest = ", ".join((names or self.skills).nearest(text, _NEAREST))
            return question(name, "; ".join(filter(None, (f"nearest: {nearest}", about))))
        if found.score >= _CERTAIN:
            return f"{name} = {toml_text(found.key)}" + (f"  # {about}" if about else "")
        known = f"{found.score}: {found.name}"
        return question(name, "; ".join(filter(None, (known, about))), [found.key])


def _likely(
    suggested: Sequence[Suggestion | None], *, are_levels: bool
) -> list[Suggestion | None]:
    """Keep suggestions; if the answers are not levels, only those that are nearly a name.

    If half the rows of a question look like skills, it is about skills.
    """
    count = sum(one is not None for one in suggested)
    is_certain = are_levels or (len(suggested) > 2 and count * 2 > len(suggested))
    return [one if one and (is_certain or one.score >= NEARLY_THE_NAME) else None
            for one in suggested]  # fmt: skip


def _scale_of(profile: ColumnProfile) -> str:
    """Return what columns of the same scale share, if a column is no row of a question."""
    if profile.guess not in _LEVEL_KINDS or profile.skill is None:
        return ""
    if profile.guess is ColumnKind.YES_NO and profile.skill.score < NEARLY_THE_NAME:
        return ""
    numbers = [leading_number(answer) or 0 for answer, _ in profile.answers]
    return f"{profile.guess.value} {'to 10' if max(numbers, default=0) > 5 else 'to 5'}"


def _missing_numbers(answers: Sequence[str]) -> list[str]:
    """List the whole numbers between the answers that nobody gave."""
    given = {leading_number(answer) for answer in answers}
    whole = [int(number) for number in given if number is not None and number >= 0]
    between = range(min(whole, default=0), max(whole, default=0))
    return [str(number) for number in between if Decimal(number) not in given]


def _by_number(answer: str) -> tuple[Decimal, str]:
    """Sort answers by the number in them: A2 before A10, 2 before 10."""
    return _number_in(answer), answer


def _number_in(answer: str) -> Decimal:
    """Return the number of an answer or of a code; 0 if it has none."""
    return leading_number(answer.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) or Decimal(0)
