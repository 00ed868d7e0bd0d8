"""Writing a first mapping from what an inspection saw.

The draft is data for a person to look at: what is certain stands as it is, what is only likely
stands behind `#? `, and what nobody but a person can know stands behind `#! `. Taking these
marks away gives a mapping that loads.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys.cells import key
from wbskills.surveys.columns import Column, Role
from wbskills.surveys.grouping import Group, groups_of, in_order, left_out, likely, number_in
from wbskills.surveys.inspection import Inspection
from wbskills.surveys.looks import ColumnReport, Guess, Suggestion
from wbskills.surveys.shapes.shape import OTHER
from wbskills.surveys.toml_texts import comment, text
from wbskills.surveys.wordings import Wordings, step_of

LIKELY: Final = "#? "
ASKED: Final = "#! "
_LEVEL_GUESSES: Final = (
    Guess.LEVELS, Guess.YES_NO, Guess.NUMBERS, Guess.CODES, Guess.WORDS,
)  # fmt: skip
_WITH_ZONES: Final = ("google", "nextcloud", "kobo")
_OTHER_ANSWER: Final = "-oth-"  # what LimeSurvey writes where people typed an answer of their own
_FINISHED: Final = ("True", "1")
_STATUS: Final = ("IP Address", "0")


def draft(inspection: Inspection, ontology: Ontology) -> str:
    """Write a mapping for the file that was inspected, as TOML with comments."""
    return "\n".join(_Draft(inspection, ontology).lines()) + "\n"


class _Draft:
    """One draft, being written."""

    def __init__(self, inspection: Inspection, ontology: Ontology) -> None:
        self.inspection, self.ontology = inspection, ontology
        self.wordings = Wordings(ontology)
        self.limesurvey = inspection.tool == "limesurvey"
        self.taken: set[str] = set()
        headings = [key(report.column.name) for report in inspection.columns]
        self.twice = {name for name, count in Counter(headings).items() if count > 1}
        # Choices that have columns of their own besides the one that holds all of them.
        self.spread = {report.column.array for report in inspection.columns}

    def lines(self) -> Iterator[str]:
        seen = self.inspection
        yield f"# Mapping of {Path(seen.file).name}, drafted by “survey inspect”: look through it."
        yield f"# {seen.reason}."
        yield f"# Lines behind “{LIKELY.strip()}” are suggestions: take the mark away to accept."
        yield f"# Lines behind “{ASKED.strip()}” only you can fill in; take their mark away too."
        yield ""
        yield f'{ASKED}title = "What this survey is called"'
        yield f"tool = {text(seen.tool)}"
        yield from self._reading()
        yield from self._consent_ground()
        yield from self._day()
        yield from self._wave()
        yield from self._identity()
        yield from self._response()
        yield from self._consent()
        yield from self._questions()
        yield from self._interests()
        yield from self._others()
        yield from self._languages()
        yield from self._communities()
        yield from self._never_read()

    def _reading(self) -> Iterator[str]:
        seen = self.inspection
        if seen.encoding and not seen.encoding.startswith("utf"):
            yield f"encoding = {text(seen.encoding)}"
        if seen.separator not in ("", ",", ";"):
            yield f"separator = {text('tab' if seen.separator == chr(9) else seen.separator)}"
        if seen.sheet:
            yield f"sheet = {text(seen.sheet)}"
        if "pandas or R" in seen.reason:
            yield f'{LIKELY}empty = ["NA", "nan"]  # what pandas or R write into empty cells'
        yield "# Columns that are looked at and left out; * stands for any text."
        yield "ignore = []"
        mails = [
            self._pattern(one.column) for one in self._hidden() if not one.column.role.personal
        ]
        if mails:
            yield "# Mail addresses, whatever the heading says; never read."
            yield f"personal = [{', '.join(mails)}]"

    def _hidden(self) -> list[ColumnReport]:
        return [one for one in self.inspection.columns if one.guess is Guess.PERSONAL]

    def _consent_ground(self) -> Iterator[str]:
        if self._with_guess(Guess.CONSENT) is None:
            yield ""
            yield "# No column with a consent was found. The only other ground is that the answers"
            yield "# were published before, under the licence named in the wave."
            yield f'{ASKED}consent = "consent_licensed"'

    def _day(self) -> Iterator[str]:
        if self._with_role(Role.SUBMITTED) is None:
            yield ""
            yield "# No column with the day of the response was found: one day for all."
            yield f"{ASKED}date = 2026-03-04"

    def _wave(self) -> Iterator[str]:
        first, last = self.inspection.first, self.inspection.last
        mark = LIKELY if first and len(self.inspection.formats) < 2 else ASKED
        yield ""
        # With the year in it: a wave of the same key next year would be this one.
        yield f"[waves.wave_{first.year if first else 1}]"
        yield f'{ASKED}label = {{ en = "What this wave is called" }}'
        yield f"{mark}start = {first.date() if first else '2026-03-01'}"
        yield f"{mark}end = {last.date() if last else '2026-03-31'}"
        if self._with_guess(Guess.CONSENT) is None:
            yield f'{ASKED}license = "https://creativecommons.org/licenses/by/4.0/"'
        else:
            yield '# consent_text_url = "https://…"'

    def _identity(self) -> Iterator[str]:
        named = self._with_guess(Guess.USERNAMES)
        index = self._with_role(Role.INDEX) or self._with_role(Role.RESPONSE_ID)
        yield ""
        yield "[identity]"
        if named:
            yield f"{LIKELY}column = {self._name(named.column)}"
            yield 'property = "wikimedia_username"'
            return
        yield "# No column with usernames was found. A pseudonym needs a prefix that no other"
        yield "# survey has; the number of a response tells nothing about who gave it."
        # Never a column that happens to be there: it may hold real names.
        name = self._name(index.column) if index else text("the column with their numbers")
        yield f"{ASKED}column = {name}"
        yield f'{ASKED}property = "pseudonym"'
        yield f'{ASKED}prefix = "survey-2026-"'

    def _response(self) -> Iterator[str]:
        number = self._with_role(Role.RESPONSE_ID) or self._with_role(Role.INDEX)
        submitted = self._with_role(Role.SUBMITTED)
        if number or (submitted and self.limesurvey):
            yield ""
            yield "[response]"
        if number:
            yield f"id = {self._name(number.column)}"
        if submitted and self.limesurvey:
            yield f"submitted = {self._name(submitted.column)}  # empty: not submitted"
        yield from self._only()
        if submitted:
            yield ""
            yield "[date]"
            yield f"column = {self._name(submitted.column)}"
            if self.inspection.tool in _WITH_ZONES:
                yield '# zone = "Europe/Berlin"  # in which days count; else as they are written'
            yield from self._formats()

    def _only(self) -> Iterator[str]:
        if self.inspection.tool != "qualtrics":
            return
        lines = [
            f"{LIKELY}{self._name(found.column)} = [{', '.join(map(text, accepted))}]"
            for role, accepted in ((Role.FINISHED, _FINISHED), (Role.STATUS, _STATUS))
            if (found := self._with_role(role))
        ]
        if lines:
            yield ""
            yield "[response.only]  # rows with other answers here are previews, or not finished"
            yield from lines

    def _formats(self) -> Iterator[str]:
        formats = self.inspection.formats
        if "" in formats:
            return  # ISO 8601 needs no format
        if len(formats) > 1:
            yield "# All days of the file fit more than one format; only you can tell which it is:"
            yield from (f"# format = {text(one)}" for one in formats[1:])
        mark = ASKED if len(formats) > 1 else LIKELY
        yield from (f"{mark}format = {text(one)}" for one in formats[:1])

    def _consent(self) -> Iterator[str]:
        found = self._with_guess(Guess.CONSENT)
        if found is None:
            return
        yield ""
        yield f"[consent]  # {comment(found.column.text or found.column.heading)}"
        yield f"column = {self._name(found.column)}"
        yield ""
        yield "[consent.answers]  # consent_named, consent_pseudonym or withheld"
        for answer, count in found.answers:
            yield f'{ASKED}{text(answer)} = "withheld"  # {count} times'

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
        yield f"columns = {self._pattern(column)}"
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
                yield f"# columns = {self._name(column)}"
                yield '# level = "alone"'

    def _languages(self) -> Iterator[str]:
        columns = self.inspection.columns
        for named, level in pairwise(columns):
            if (named.guess, level.guess) == (Guess.LANGUAGES, Guess.BABEL):
                yield ""
                yield f"[[languages]]  # {comment(named.column.text)}"
                yield f"column = {self._name(named.column)}"
                yield f"level_column = {self._name(level.column)}"
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

    def _communities(self) -> Iterator[str]:
        found = self._with_guess(Guess.COMMUNITIES)
        if found:
            yield ""
            yield f"[person.home_community]  # {comment(found.column.text)}"
            yield f"column = {self._name(found.column)}"

    def _never_read(self) -> Iterator[str]:
        hidden = [one for one in self._hidden() if one.column.role.personal]
        if hidden:
            yield ""
            yield "# Never read, because they hold personal data:"
            yield from (f"# {comment(str(one.column))}: {one.column.role}" for one in hidden)

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
            yield f"{mark}{text(answer)} = {text(steps[answer] or step)}"

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
            name = self._name(report.column)
            subject = comment(report.column.row_text)
            if one and one.score == best[one.key] and one.key not in taken:
                taken.add(one.key)
                yield f"{LIKELY}{name} = {text(one.key)}  # {one.score}: {one.name} | {subject}"
            else:
                yield f'# {name} = ""  # {subject}'

    def _with_guess(self, guess: Guess) -> ColumnReport | None:
        return next((one for one in self.inspection.columns if one.guess is guess), None)

    def _with_role(self, role: Role) -> ColumnReport | None:
        return next((one for one in self.inspection.columns if one.column.role is role), None)

    def _pattern(self, column: Column) -> str:
        """Name a column where the mapping takes patterns: a star in a heading would be one."""
        is_pattern = any(sign in column.name for sign in "*{")
        return text(f"column {column.letter}") if is_pattern else self._name(column)

    def _name(self, column: Column) -> str:
        unique = key(column.name) not in self.twice
        return text(column.name if unique else f"column {column.letter}")
