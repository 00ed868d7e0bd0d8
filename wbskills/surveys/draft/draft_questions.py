"""Drafting the questions of a mapping: what each column is about, and what its answers mean."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.column_profiles import Inspection
from wbskills.surveys.draft.column_stats import ColumnReport, Guess, Suggestion
from wbskills.surveys.draft.grouping import Group, groups_of, in_order, left_out, likely, number_in
from wbskills.surveys.draft.keywords import Wordings, step_of
from wbskills.surveys.draft.toml_texts import ASKED, LIKELY, ColumnNames, comment, text
from wbskills.surveys.files.cell_text import key
from wbskills.surveys.files.columns import Role
from wbskills.surveys.tools.tool import OTHER

_LEVEL_GUESSES: Final = (
    Guess.LEVELS, Guess.YES_NO, Guess.NUMBERS, Guess.CODES, Guess.WORDS,
)  # fmt: skip
_OTHER_ANSWER: Final = "-oth-"  # what LimeSurvey writes where people typed an answer of their own


class QuestionsDraft:
    """The questions of one draft, being written."""

    def __init__(self, inspection: Inspection, ontology: Ontology, names: ColumnNames) -> None:
        self.inspection, self.ontology, self.names = inspection, ontology, names
        self.wordings = Wordings(ontology)
        self.limesurvey = inspection.tool == "limesurvey"
        self.taken: set[str] = set()
        # Choices that have columns of their own besides the one that holds all of them.
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
        for group in sorted(groups, key=lambda one: one.guess is Guess.YES_NO):
            levels = group.guess is Guess.LEVELS
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
        for group in groups_of(self.inspection.columns, [Guess.YES_NO]):
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
            if report.guess is Guess.CHOICES and report.column.name not in self.spread:
                yield from self._choices(report)

    def _choices(self, report: ColumnReport) -> Iterator[str]:
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

    def _interest(self, group: Group) -> str:
        yes_no = group.guess is Guess.YES_NO
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
            if (named.guess, level.guess) == (Guess.LANGUAGES, Guess.BABEL):
                yield ""
                yield f"[[languages]]  # {comment(named.column.text)}"
                yield f"column = {self.names.name(named.column)}"
                yield f"level_column = {self.names.name(level.column)}"
                yield 'answers = "scale:babel"'
        taken: set[str] = set()
        for group in groups_of(self.inspection.columns, [Guess.BABEL]):
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
        self, group: Group, section: str, words: dict[str, tuple[str, ...]]
    ) -> Iterator[str]:
        """Say what the answers mean: the whole scale if all are words of it, else one by one."""
        answers = [answer for answer in group.answers if key(answer) != "n/a"]
        answers = [*answers, *left_out(answers)] if group.guess is Guess.NUMBERS else answers
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
        ordered = group.guess in (Guess.NUMBERS, Guess.CODES)
        listed = in_order(answers) if ordered else sorted(answers)
        if ordered:
            yield "# Only the order of these answers is known: see what the form calls them."
        elif group.guess is Guess.WORDS:
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
        self, group: Group, suggested: Sequence[Suggestion | None], taken: set[str]
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
