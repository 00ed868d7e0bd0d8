"""What each survey tool writes of the same answers. Nothing here uses the importer.

Where the shapes are documented stands in README.md beside this file.
"""

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
        f"{skill} {person.levels[skill]}" + (" wants_to_learn" if skill in person.learns else "")
        for skill in SKILLS
        if skill in person.levels
    ]
    return " | ".join([person.name, str(person.when.date()), *answers])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """How a tool writes: heading rows, what each column holds, and the mapping that reads it.

    `layout` names what each column holds: `user`, `when`, `consent`, a skill, `learn` (all choices
    in one cell), `learn:SKILL` (a column for each), or a constant after `=`.
    """

    name: str
    reason: str
    headings: Sequence[Sequence[str]]
    layout: Sequence[str]
    mapping: str
    time: str = "%Y-%m-%d %H:%M:%S"
    separator: str = ","
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    skipped: str = ""
    between: str = ";"
    choices: Mapping[str, str] = field(default_factory=lambda: SKILLS)
    ticked: Sequence[str] = ("Yes", "No")
    yes_no: Sequence[str] = ("Yes", "No")
    mark: str = ""

    def rows(self, people: Sequence[Person]) -> list[list[str]]:
        """Write people below the headings."""
        head = [list(row) for row in self.headings]
        return head + [[self.cell(one, what) for what in self.layout] for one in people]

    def cell(self, person: Person, what: str) -> str:
        """Write one answer of a person."""
        if what.startswith("="):
            return what[1:]
        if what in SKILLS:
            level = person.levels.get(what)
            return self.words[level] if level else self.skipped
        if what.startswith("learn:"):
            skill = what.removeprefix("learn:")
            return self.ticked[skill not in person.learns].format(choice=self.choices[skill])
        if what == "learn":
            chosen = [self.choices[skill] for skill in SKILLS if skill in person.learns]
            ended = self.between.join(chosen)
            return ended + self.between if self.name == "microsoft" and chosen else ended
        return {
            "user": person.name,
            "when": person.when.strftime(self.time),
            "consent": self.yes_no[not person.agrees],
        }[what]

    def column(self, what: str) -> int:
        """Find the column that holds something."""
        return list(self.layout).index(what)


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


def _head(tool: str, user: str, when: str, consent: str, yes: str = "Yes", no: str = "No") -> str:
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
_NUMBERS: Final = dict(
    zip((*LEVELS, *OUTSIDE), ("0", "1", "2", "3", "4", "-1", "-99"), strict=True)
)
_CHOICES: Final = "\n[interests.skills]\n" + "".join(
    f'"{name}" = "{key}"\n' for key, name in SKILLS.items()
)
_OWN: Final = ("=1", "when", "=6", "=en", "=1234")
_LIME_MAPPING: Final = _head("limesurvey", "USER", "submitdate", "CONSENT") + (
    '[response]\nid = "id"\nsubmitted = "submitdate"\n'
    '[[questions]]\ncolumns = "SK[{skill}]"\n' + SCALE + "[questions.skills]\n"
    '"lua" = "lua_modules"\n"py" = "python"\n"us" = "user_scripts"\n'
    '[[interests]]\ncolumns = "LEARN[{skill}]"\nchosen = "wants_to_learn"\nnot_asked = ["N/A"]\n'
    '[interests.skills]\n"lua" = "lua_modules"\n"py" = "python"\n"us" = "user_scripts"\n'
)
_CODES: Final = {"lua_modules": "lua", "python": "py", "user_scripts": "us"}
_LIME_LAYOUT: Final = (
    *_OWN, "user", *SKILLS, *(f"learn:{skill}" for skill in SKILLS), "consent",
)  # fmt: skip


def _lime(name: str, own: str, question: str, array: str, **more: object) -> Tool:
    """Make LimeSurvey with one of its styles of headings."""
    keys = ("id", "submitdate", "lastpage", "startlanguage", "seed")
    texts = ("Response ID", "Date submitted", "Last page", "Start language", "Seed")
    headings = [
        *(own.format(code=code, text=text) for code, text in zip(keys, texts, strict=True)),
        question.format(code="USER", text=USER),
        *(array.format(code="SK", text=ASKED, sub=_CODES[s], row=SKILLS[s]) for s in SKILLS),
        *(array.format(code="LEARN", text=LEARN, sub=_CODES[s], row=SKILLS[s]) for s in SKILLS),
        question.format(code="CONSENT", text=CONSENT),
    ]
    made = {"mapping": _LIME_MAPPING, "headings": [headings], "layout": _LIME_LAYOUT, **more}
    return Tool(name=name, reason="LimeSurvey", **made)  # type: ignore[arg-type]  # made just above


LIMESURVEY: Final = _lime(
    "limesurvey", "{code}. {text}", "{code}. {text}", "{code}[{sub}]. {text} [{row}]"
)
_TEXT_MAPPING: Final = _head("limesurvey", USER, "Date submitted", CONSENT) + (
    f'[[questions]]\ncolumns = "{ASKED} [{{skill}}]"\n{SCALE}'
    f'[[interests]]\ncolumns = "{LEARN} [{{skill}}]"\nchosen = "wants_to_learn"\n'
)
FROM_R: Final = Tool(
    name="limesurvey-r",
    reason="LimeSurvey, passed through pandas or R",
    headings=[["", *_lime("r", "{code}", "{code}", "{code}.{sub}.").headings[0]]],
    layout=("=1", *_LIME_LAYOUT),
    mapping=_LIME_MAPPING.replace("\n[waves", '\nempty = ["NA"]\n[waves', 1),
    skipped="NA",
)
GOOGLE: Final = Tool(
    name="google",
    reason="Google Forms, CSV download",
    headings=[
        ["Timestamp", USER, *(f"{ASKED} [{row}]" for row in SKILLS.values()), LEARN, CONSENT]
    ],
    layout=("when", "user", *SKILLS, "learn", "consent"),
    time="%Y/%m/%d %I:%M:%S %p GMT+1",
    mapping=_head("google", USER, "Timestamp", CONSENT)
    + f'[[questions]]\ncolumns = "{ASKED} [{{skill}}]"\n{SCALE}'
    f'[[interests]]\ncolumns = "{LEARN}"\nbetween = ";"\nchosen = "wants_to_learn"\n{_CHOICES}',
)
SHEET: Final = Tool(
    name="google-sheet",
    reason="Google Forms, linked sheet",
    headings=[["Zeitstempel", *GOOGLE.headings[0][1:]]],
    layout=GOOGLE.layout,
    time="%d.%m.%Y %H:%M:%S",
    between=", ",
    words=GERMAN,
    mapping=GOOGLE.mapping.replace("Timestamp", "Zeitstempel")
    .replace('"Zeitstempel"\n', '"Zeitstempel"\nformat = "%d.%m.%Y %H:%M:%S"\n', 1)
    .replace('between = ";"', 'between = ", "'),
)
_QUALTRICS_OWN: Final = {
    "StartDate": ("Start Date", '{"ImportId":"startDate","timeZone":"Europe/Berlin"}', "when"),
    "EndDate": ("End Date", '{"ImportId":"endDate","timeZone":"Europe/Berlin"}', "when"),
    "Status": ("Response Type", '{"ImportId":"status"}', "=IP Address"),
    "IPAddress": ("IP Address", '{"ImportId":"ipAddress"}', "=192.0.2.7"),
    "Finished": ("Finished", '{"ImportId":"finished"}', "=True"),
    "ResponseId": ("Response ID", '{"ImportId":"_recordId"}', "=R_1"),
    "RecipientEmail": ("Recipient Email", '{"ImportId":"recipientEmail"}', "=someone@example.org"),
}
QUALTRICS: Final = Tool(
    name="qualtrics",
    reason="Qualtrics: 3 heading rows, the third holds ImportId",
    headings=[
        [*_QUALTRICS_OWN, "Q1", "Q2_1", "Q2_2", "Q2_3", "Q3", "Q4"],
        [
            *(text for text, _, _ in _QUALTRICS_OWN.values()),
            USER, *(f"{ASKED} - {row}" for row in SKILLS.values()),
            f"{LEARN} - Selected Choice", CONSENT,
        ],
        [
            *(found for _, found, _ in _QUALTRICS_OWN.values()),
            *(f'{{"ImportId":"QID{n}"}}' for n in ("1_TEXT", "2_1", "2_2", "2_3", "3", "4")),
        ],
    ],
    layout=(
        *(what for _, _, what in _QUALTRICS_OWN.values()), "user", *SKILLS, "learn", "consent",
    ),
    words=_NUMBERS,
    between=",",
    mapping=_head("qualtrics", "Q1", "EndDate", "Q4")
    + '[response]\nid = "ResponseId"\n[response.only]\n"Finished" = ["True", "1"]\n'
    '"Status" = ["IP Address", "0"]\n'
    f'[[questions]]\ncolumns = "Q2_*"\n{NUMBERS}'
    f'[[interests]]\ncolumns = "Q3"\nbetween = ","\nchosen = "wants_to_learn"\n{_CHOICES}',
)  # fmt: skip
_PATHS: Final = tuple(f"skills/{skill}" for skill in SKILLS)
KOBO: Final = Tool(
    name="kobo",
    reason="KoboToolbox: 1 heading row",
    headings=[
        [
            "start", "end", "about/wiki_account", *_PATHS, "learn",
            *(f"learn/{skill}" for skill in SKILLS), "consent",
            "_id", "_uuid", "_submission_time", "_submitted_by", "__version__", "_index",
        ]
    ],
    layout=(
        "when", "when", "user", *SKILLS, "learn", *(f"learn:{skill}" for skill in SKILLS),
        "consent", "=1", "=b9a7", "when", "=", "=v3", "=1",
    ),
    time="%Y-%m-%dT%H:%M:%S",
    separator=";",
    words={level: level for level in WORDS},
    between=" ",
    choices={skill: skill for skill in SKILLS},
    ticked=("1", "0"),
    yes_no=("yes", "no"),
    mapping=_head("kobo", "about/wiki_account", "_submission_time", "consent", "yes", "no")
    + '[response]\nid = "_id"\n'
    f'[[questions]]\ncolumns = "skills/{{skill}}"\n{SCALE}'
    '[[interests]]\ncolumns = "learn/{skill}"\nchosen = "wants_to_learn"\n',
)  # fmt: skip
ODK: Final = Tool(
    name="odk",
    reason="ODK: 1 heading row",
    headings=[
        [
            "SubmissionDate", "about-wiki_account", *(path.replace("/", "-") for path in _PATHS),
            "learn", "consent", "meta-instanceID", "KEY", "SubmitterID", "ReviewState",
        ]
    ],
    layout=("when", "user", *SKILLS, "learn", "consent", "=uuid:1", "=uuid:1", "=7", "="),
    time="%Y-%m-%dT%H:%M:%S.000Z",
    words=KOBO.words,
    between=" ",
    choices=KOBO.choices,
    yes_no=("yes", "no"),
    mapping=_head("kobo", "about-wiki_account", "SubmissionDate", "consent", "yes", "no")
    + f'[[questions]]\ncolumns = "skills-{{skill}}"\n{SCALE}'
    '[[interests]]\ncolumns = "learn"\nbetween = " "\nchosen = "wants_to_learn"\n'
    '[interests.skills]\n'
    + "".join(f'"{skill}" = "{skill}"\n' for skill in SKILLS),
)  # fmt: skip
SURVEYMONKEY: Final = Tool(
    name="surveymonkey",
    reason="SurveyMonkey: 2 heading rows",
    headings=[
        ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address",
         USER, ASKED, "", "", LEARN, "", "", CONSENT],
        ["", "", "", "", "", "",
         "Open-Ended Response", *SKILLS.values(), *SKILLS.values(), "Response"],
    ],
    layout=("=114", "=402", "when", "when", "=192.0.2.7", "=", "user", *SKILLS,
            *(f"learn:{skill}" for skill in SKILLS), "consent"),
    time="%m/%d/%Y %I:%M:%S %p",
    ticked=("{choice}", ""),
    mapping=_head("surveymonkey", USER, "End Date", CONSENT)
    .replace('"End Date"\n', '"End Date"\nformat = "%m/%d/%Y %I:%M:%S %p"\n', 1)
    + f'[[questions]]\ncolumns = "{ASKED} [{{skill}}]"\n{SCALE}'
    f'[[interests]]\ncolumns = "{LEARN} [{{skill}}]"\nchosen = "wants_to_learn"\n',
)  # fmt: skip
NEXTCLOUD: Final = Tool(
    name="nextcloud",
    reason="Nextcloud Forms: 2 heading rows",
    headings=[
        ["Antwort-ID", "Benutzer-ID", "Anzeigename", "Zeitstempel",
         USER, *(f"{ASKED} ({row})" for row in SKILLS.values()), LEARN, CONSENT],
        ["submission_id", "user_id", "user_display_name", "timestamp",
         "question-id-1", "question-id-2-11", "question-id-2-12", "question-id-2-13",
         "question-id-3", "question-id-4"],
    ],
    layout=("=1", "=", "=Anonymer Benutzer", "when", "user", *SKILLS, "learn", "consent"),
    time="%Y-%m-%dT%H:%M:%S+01:00",
    between="; ",
    mark="\ufeff",
    mapping=_head("nextcloud", USER, "Zeitstempel", CONSENT)
    + f'[[questions]]\ncolumns = "{ASKED} ({{skill}})"\n{SCALE}'
    f'[[interests]]\ncolumns = "{LEARN}"\nbetween = "; "\nchosen = "wants_to_learn"\n{_CHOICES}',
)  # fmt: skip
MICROSOFT: Final = Tool(
    name="microsoft",
    reason="Microsoft Forms: the first columns are ID, Start time, Completion time",
    headings=[
        ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time",
         USER, *SKILLS.values(), LEARN, CONSENT]
    ],
    layout=("=1", "when", "when", "=anonymous", "=", "=", "user", *SKILLS, "learn", "consent"),
    time="%m/%d/%y %H:%M:%S",
    mark="\ufeff",
    mapping=_head("microsoft", USER, "Completion time", CONSENT)
    .replace('"Completion time"\n', '"Completion time"\nformat = "%m/%d/%y %H:%M:%S"\n', 1)
    + "[[questions]]\n" + SCALE + "[questions.skills]\n"
    + "".join(f'"{name}" = "{key}"\n' for key, name in SKILLS.items())
    + f'[[interests]]\ncolumns = "{LEARN}"\nbetween = ";"\nchosen = "wants_to_learn"\n{_CHOICES}',
)  # fmt: skip
PLAIN: Final = Tool(
    name="plain",
    reason="no survey tool is recognised: a plain table",
    headings=[["account", "day", *SKILLS.values(), "wants to learn", "agrees"]],
    layout=("user", "when", *SKILLS, "learn", "consent"),
    time="%d.%m.%Y",
    separator="\t",
    words=_NUMBERS,
    yes_no=("x", ""),
    mapping=_head("plain", "account", "day", "agrees", "x", "no")
    .replace('"day"\n', '"day"\nformat = "%d.%m.%Y"\n', 1)
    + "[[questions]]\n"
    + "skills = { " + ", ".join(f'"{name}" = "{key}"' for key, name in SKILLS.items()) + " }\n"
    + NUMBERS
    + f'[[interests]]\ncolumns = "wants to learn"\nbetween = ";"\nchosen = "wants_to_learn"\n'
    f"{_CHOICES}",
)  # fmt: skip


class LongTable(Tool):
    """A table with one row for each answer."""

    def rows(self, people: Sequence[Person]) -> list[list[str]]:
        """Write a row for each person and skill."""
        return [list(self.headings[0])] + [
            [one.name, SKILLS[skill], self.words[one.levels[skill]], one.when.strftime(self.time),
             self.yes_no[not one.agrees]]
            for one in people
            for skill in SKILLS
            if skill in one.levels
        ]  # fmt: skip


LONG: Final = LongTable(
    name="long",
    reason="a long table",
    headings=[["person", "skill", "level", "date", "consent"]],
    layout=("user", "=skill", "lua_modules", "when", "consent"),
    time="%Y-%m-%d",
    mapping=_head("long", "person", "date", "consent")
    + f'[[questions]]\ncolumns = "level [{{skill}}]"\n{SCALE}',
)
TOOLS: Final = (
    LIMESURVEY, FROM_R, GOOGLE, SHEET, QUALTRICS, KOBO, ODK, SURVEYMONKEY, NEXTCLOUD, MICROSOFT,
    PLAIN, LONG,
)  # fmt: skip
# The further styles of LimeSurvey's headings.
STYLES: Final = (
    _lime("codes", "{code}", "{code}", "{code}[{sub}]"),
    _lime("underscores", "{code}", "{code}", "{code}_{sub}"),
    _lime("texts", "{text}", "{text}", "{text} [{row}]", mapping=_TEXT_MAPPING),
    _lime("parted", "{code}._.{text}", "{code}._.{text}", "{code}[{sub}]._.{text} [{row}]"),
)
