"""Writing a first mapping from what an inspection saw.

The draft is data for a person to look at: what is certain stands as it is, what is only likely
stands behind `#? `, and what nobody but a person can know stands behind `#! `. Taking these
marks away gives a mapping that loads.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from wbskills.ontology.entries import Ontology
from wbskills.surveys.cells import cut, key
from wbskills.surveys.columns import Column, Role
from wbskills.surveys.inspection import ColumnReport, Guess, Inspection, Suggestion
from wbskills.surveys.wordings import Wordings, step_of

LIKELY: Final = "#? "
ASKED: Final = "#! "
_LONGEST_COMMENT: Final = 80
_NEARLY_THE_NAME: Final = 92
_LEVEL_GUESSES: Final = (Guess.LEVELS, Guess.YES_NO, Guess.NUMBERS)


def draft(inspection: Inspection, ontology: Ontology) -> str:
    """Write a mapping for the file that was inspected, as TOML with comments."""
    return "\n".join(_Draft(inspection, ontology).lines()) + "\n"


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


@dataclass(frozen=True, slots=True)
class _Group:
    """Columns that belong to one question and are answered alike."""

    guess: Guess
    reports: tuple[ColumnReport, ...]

    @property
    def question(self) -> str:
        column = self.reports[0].column
        return column.text or column.question or column.heading

    @property
    def answers(self) -> list[str]:
        """Every answer of the group, once."""
        return list(dict.fromkeys(answer for one in self.reports for answer, _ in one.answers))


class _Draft:
    """One draft, being written."""

    def __init__(self, inspection: Inspection, ontology: Ontology) -> None:
        self.inspection, self.ontology = inspection, ontology
        self.wordings = Wordings(ontology)
        self.limesurvey = inspection.tool == "limesurvey"
        self.taken: set[str] = set()
        headings = [key(report.column.name) for report in inspection.columns]
        self.twice = {name for name in headings if headings.count(name) > 1}

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
        yield "# Columns that are looked at and left out; * stands for any text."
        yield "ignore = []"

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
        mark = LIKELY if first else ASKED
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
        column = index.column if index else self.inspection.columns[0].column
        yield f"{ASKED}column = {self._name(column)}"
        yield f'{ASKED}property = "pseudonym"'
        yield f'{ASKED}prefix = "survey-2026-"'

    def _response(self) -> Iterator[str]:
        number = self._with_role(Role.RESPONSE_ID) or self._with_role(Role.INDEX)
        submitted = self._with_role(Role.SUBMITTED)
        yield ""
        yield "[response]"
        if number:
            yield f"id = {self._name(number.column)}"
        if submitted and self.limesurvey:
            yield f"submitted = {self._name(submitted.column)}  # empty: not submitted"
        if submitted:
            yield ""
            yield "[date]"
            yield f"column = {self._name(submitted.column)}"
            yield from self._formats()

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
        yield f"[consent]  # {_comment(found.column.text or found.column.heading)}"
        yield f"column = {self._name(found.column)}"
        yield ""
        yield "[consent.answers]  # consent_named, consent_pseudonym or withheld"
        for answer, count in found.answers:
            yield f'{ASKED}{text(answer)} = "withheld"  # {count} times'

    def _questions(self) -> Iterator[str]:
        drafted = False
        for group in self._groups(_LEVEL_GUESSES):
            levels = group.guess is Guess.LEVELS
            suggested = [_likely(report.skill, levels=levels) for report in group.reports]
            if not levels and (self._interest(group) or not any(suggested)):
                continue
            skills = list(self._things(group, suggested, self.taken))
            block = [
                f"[[questions]]  # {_comment(group.question)}",
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
        for group in self._groups([Guess.YES_NO]):
            interest = self._interest(group)
            suggested = [report.skill for report in group.reports]
            if not interest or not any(suggested):
                continue
            yes = [answer for answer in group.answers if self.wordings.is_yes(answer)]
            no = [answer for answer in group.answers if not self.wordings.is_yes(answer)]
            yield ""
            yield f"[[interests]]  # {_comment(group.question)}"
            yield f"nothing = [{', '.join(map(text, dict.fromkeys(['', *no, 'N/A'])))}]"
            yield ""
            yield "[interests.answers]"
            yield from (f"{LIKELY}{text(answer)} = {text(interest)}" for answer in yes)
            yield ""
            yield "[interests.skills]"
            yield from self._things(group, suggested, set())

    def _interest(self, group: _Group) -> str:
        yes_no = group.guess is Guess.YES_NO
        return self.wordings.interest(group.reports[0].column) if yes_no else ""

    def _languages(self) -> Iterator[str]:
        columns = self.inspection.columns
        for named, level in pairwise(columns):
            if (named.guess, level.guess) == (Guess.LANGUAGES, Guess.BABEL):
                yield ""
                yield f"[[languages]]  # {_comment(named.column.text)}"
                yield f"column = {self._name(named.column)}"
                yield f"level_column = {self._name(level.column)}"
                yield 'answers = "scale:babel"'
        taken: set[str] = set()
        for group in self._groups([Guess.BABEL]):
            if not any(report.language for report in group.reports):
                continue
            yield ""
            yield f"[[languages]]  # {_comment(group.question)}"
            yield from self._levels(group, "languages", self.wordings.babel)
            yield ""
            yield "[languages.languages]"
            suggested = [report.language for report in group.reports]
            yield from self._things(group, suggested, taken)

    def _communities(self) -> Iterator[str]:
        found = self._with_guess(Guess.COMMUNITIES)
        if found:
            yield ""
            yield f"[person.home_community]  # {_comment(found.column.text)}"
            yield f"column = {self._name(found.column)}"

    def _never_read(self) -> Iterator[str]:
        hidden = [one for one in self.inspection.columns if one.guess is Guess.PERSONAL]
        if hidden:
            yield ""
            yield "# Never read, because they hold personal data:"
            yield from (f"# {_comment(str(one.column))}: {one.column.role}" for one in hidden)

    def _levels(
        self, group: _Group, section: str, words: dict[str, tuple[str, ...]]
    ) -> Iterator[str]:
        """Say what the answers mean: the whole scale if all are words of it, else one by one."""
        answers = [answer for answer in group.answers if key(answer) != "n/a"]
        if self.limesurvey or len(answers) < len(group.answers):
            yield 'not_asked = ["N/A"]'
        steps = {answer: step_of(answer, words) for answer in answers}
        scale = self._scale(steps.values())
        if scale:
            yield f"answers = {text('scale:' + scale)}"
            return
        yield ""
        yield f"[{section}.answers]"
        lowest = next(iter(self.ontology.levels("babel" if section == "languages" else "self_5")))
        for answer, step in sorted(steps.items(), key=lambda pair: pair[0]):
            mark = LIKELY if step else ASKED
            likely = "alone" if self.wordings.is_yes(answer) else lowest
            yield f"{mark}{text(answer)} = {text(step or likely)}"

    def _scale(self, steps: Iterable[str]) -> str:
        """Name the scale of all steps; empty if one is missing, or they are of several."""
        entries = self.ontology.entries
        scales = {str(entries[step].fact("part_of")) if step else "" for step in steps}
        return scales.pop() if len(scales) == 1 else ""

    def _things(
        self, group: _Group, suggested: Sequence[Suggestion | None], taken: set[str]
    ) -> Iterator[str]:
        """Suggest what each column is about, the best suggestion for each thing only."""
        best: dict[str, int] = {}
        for one in suggested:
            if one:
                best[one.key] = max(one.score, best.get(one.key, 0))
        for report, one in zip(group.reports, suggested, strict=True):
            name = self._name(report.column)
            subject = _comment(report.column.row_text)
            if one and one.score == best[one.key] and one.key not in taken:
                taken.add(one.key)
                yield f"{LIKELY}{name} = {text(one.key)}  # {one.score}: {one.name} | {subject}"
            else:
                yield f'# {name} = ""  # {subject}'

    def _groups(self, guesses: Sequence[Guess]) -> list[_Group]:
        """Part the columns into questions: same guess, same code (without one, same text)."""
        found: dict[tuple[str, Guess], list[ColumnReport]] = {}
        for report in self.inspection.columns:
            column = report.column
            if report.guess in guesses:
                asked = column.question or column.text if column.row_text else column.heading
                asked = column.question if column.row_code else asked
                found.setdefault((asked, report.guess), []).append(report)
        return [_Group(guess, tuple(reports)) for (_, guess), reports in found.items()]

    def _with_guess(self, guess: Guess) -> ColumnReport | None:
        return next((one for one in self.inspection.columns if one.guess is guess), None)

    def _with_role(self, role: Role) -> ColumnReport | None:
        return next((one for one in self.inspection.columns if one.column.role is role), None)

    def _name(self, column: Column) -> str:
        unique = key(column.name) not in self.twice
        return text(column.name if unique else f"column {column.letter}")


def _likely(suggestion: Suggestion | None, *, levels: bool) -> Suggestion | None:
    """Keep a suggestion; of answers that are no levels, only one that is nearly a skill's name."""
    if suggestion is None or levels or suggestion.score >= _NEARLY_THE_NAME:
        return suggestion
    return None


def _comment(words: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return cut(printable, _LONGEST_COMMENT)
