"""How a survey tool writes answers, and the mapping that reads them.

Nothing here uses the importer.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

SKILLS: Final = {
    "lua_modules": "Lua modules",
    "python": "Python",
    "user_scripts": "User scripts",
}
LEVELS: Final = ("none", "aware", "with_help", "alone", "leads")
# Answers that are no step of the scale.
OUTSIDE: Final = ("not_sure", "does_not_apply")
WORDS: Final = {
    "none": "none",
    "aware": "aware",
    "with_help": "with help",
    "alone": "alone",
    "leads": "leads",
    "not_sure": "not sure",
    "does_not_apply": "does not apply",
}
GERMAN: Final = {
    "none": "keine",
    "aware": "bekannt",
    "with_help": "mit Hilfe",
    "alone": "selbstständig",
    "leads": "leitet an",
    "not_sure": "nicht sicher",
    "does_not_apply": "trifft nicht zu",
}
ASKED: Final = "How well can you do this?"
LEARN: Final = "What would you like to learn?"
CONSENT: Final = "May we publish this under your username?"
USER: Final = "What is your username?"


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person and all that they answered; what is not in `levels` was skipped."""

    name: str
    when: datetime
    levels: Mapping[str, str]
    learns: frozenset[str] = frozenset()
    agrees: bool = True


def said(person: Person) -> str:
    """Write in one line what has to come out for a person."""
    answers = [
        f"{skill} {person.levels.get(skill, '')}"
        + (" wants_to_learn" if skill in person.learns else "")
        for skill in SKILLS
        if skill in person.levels or skill in person.learns
    ]
    return " | ".join([person.name, str(person.when.date()), *answers])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """How a tool writes: heading rows, what each column holds, and the mapping that reads it.

    `layout` names what each column holds: `user`, `when`, `started`, `consent`, a skill, `learn`
    (all choices in one cell), `learn:SKILL` (a column for each), `SKILL:LEVEL` and `consent:yes`
    or `consent:no` (a column for each answer), or a constant after `=`.
    `unasked` is what such a column holds if no choice at all was ticked; without, it is not
    ticked like any other. `last` ends the file, behind its last row.
    A `time` with braces is a template, for days and months without a leading zero.
    """

    name: str
    reason: str
    headings: Sequence[Sequence[str]]
    layout: Sequence[str]
    mapping: str
    time: str = "%Y-%m-%d %H:%M:%S"
    started: str = ""
    separator: str = ","
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    skipped: str = ""
    between: str = ";"
    choices: Mapping[str, str] = field(default_factory=lambda: SKILLS)
    ticked: Sequence[str] = ("Yes", "No")
    unasked: str | None = None
    yes_no: Sequence[str] = ("Yes", "No")
    mark: str = ""
    quotes: bool = False
    ending: str = "\r\n"
    last: str = ""

    def rows(self, people: Sequence[Person]) -> list[list[str]]:
        """Write people below the headings."""
        head = [list(row) for row in self.headings]
        return head + [[self.cell(person, what) for what in self.layout] for person in people]

    def cell(self, person: Person, what: str) -> str:
        """Write one answer of a person."""
        if what.startswith("="):
            return what[1:]
        if what in SKILLS:
            level = person.levels.get(what)
            return self.words[level] if level else self.skipped
        if what.startswith("learn:"):
            skill = what.removeprefix("learn:")
            if self.unasked is not None and not person.learns:
                return self.unasked
            return self.ticked[skill not in person.learns].format(choice=self.choices[skill])
        if ":" in what:
            asked, _, answer = what.partition(":")
            given = person.levels.get(asked)
            if asked == "consent":
                given = "yes" if person.agrees else "no"
                return self.yes_no[not person.agrees] if given == answer else ""
            return self.words[answer] if given == answer else ""
        if what == "learn":
            chosen = [self.choices[skill] for skill in SKILLS if skill in person.learns]
            ended = self.between.join(chosen)
            return ended + self.between if self.name.startswith("microsoft") and chosen else ended
        return {
            "user": person.name,
            "when": self.moment(person.when),
            "started": person.when.strftime(self.started),
            "consent": self.yes_no[not person.agrees],
        }[what]

    def moment(self, when: datetime) -> str:
        """Write a time."""
        return self.time.format(when) if "{" in self.time else when.strftime(self.time)

    def text(self, rows: Sequence[Sequence[str]]) -> str:
        """Write rows as the file has them."""
        written = io.StringIO()
        csv.writer(
            written,
            delimiter=self.separator,
            lineterminator=self.ending,
            quoting=csv.QUOTE_ALL if self.quotes else csv.QUOTE_MINIMAL,
        ).writerows(rows)
        return self.mark + written.getvalue() + self.last

    def column(self, what: str) -> int:
        """Find the column that holds something; the first, where each answer has its own."""
        return next(
            i
            for i, held in enumerate(self.layout)
            if held.partition(":")[0] == what or held == what
        )


HEAD: Final = """title = "Test"
tool = "{tool}"
[waves.spring_2026]
label = {{ en = "Spring 2026" }}
start = 2026-03-01
end = 2026-03-31
[consent]
column = "{consent}"
answers = {{ "{yes}" = "consent_named", "{no}" = "withheld" }}
[identity]
column = "{user}"
property = "wikimedia_username"
[date]
column = "{when}"
"""


def head(tool: str, user: str, when: str, consent: str, yes: str = "Yes", no: str = "No") -> str:
    """Write the beginning of a mapping: wave, consent, identity and date."""
    return HEAD.format(tool=tool, user=user, when=when, consent=consent, yes=yes, no=no)


SCALE: Final = 'answers = "scale:self_5"\nnot_asked = ["N/A"]\n'
NUMBERS: Final = """not_asked = ["N/A"]
[questions.answers]
"0" = "none"
"1" = "aware"
"2" = "with_help"
"3" = "alone"
"4" = "leads"
"-1" = "not_sure"
"-99" = "does_not_apply"
"""
IN_NUMBERS: Final = dict(
    zip((*LEVELS, *OUTSIDE), ("0", "1", "2", "3", "4", "-1", "-99"), strict=True)
)
CHOICES: Final = "\n[interests.skills]\n" + "".join(
    f'"{name}" = "{key}"\n' for key, name in SKILLS.items()
)
