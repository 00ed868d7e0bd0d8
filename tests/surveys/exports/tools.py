"""What each survey tool writes of the same answers.

Where the shapes are documented stands in README.md beside this file, and above each tool what its
files have that others have not. `styles` has the further ways in which the same tools write.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tests.surveys.exports.tool import (
    ASKED,
    CHOICES,
    CONSENT,
    GERMAN,
    IN_NUMBERS,
    LEARN,
    LEVELS,
    NUMBERS,
    OUTSIDE,
    SCALE,
    SKILLS,
    USER,
    WORDS,
    Person,
    Tool,
    head,
    said,
)

__all__ = [
    "ASKED", "CONSENT", "LEARN", "LEVELS", "OUTSIDE", "SKILLS", "TOOLS", "USER", "Person", "Tool",
    "said",
]  # fmt: skip

_OWN: Final = ("=1", "when", "=6", "=en", "=1234")
LIME_MAPPING: Final = head("limesurvey", "USER", "submitdate", "CONSENT") + (
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


def lime(name: str, own: str, question: str, array: str, **more: object) -> Tool:
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
    made = {
        "mapping": LIME_MAPPING, "headings": [headings], "layout": _LIME_LAYOUT,
        "mark": "\ufeff", "quotes": True, "last": "\r\n", **more,
    }  # fmt: skip
    return Tool(name=name, reason="LimeSurvey", **made)  # type: ignore[arg-type]  # made just above


# LimeSurvey/LimeSurvey, application/helpers/admin/export: CsvWriter (byte order mark, quotes
# around every cell, a blank line at the end), Writer (headings), SurveyObj (“N/A”: not shown).
LIMESURVEY: Final = lime(
    "limesurvey", "{code}. {text}", "{code}. {text}", "{code}[{sub}]. {text} [{row}]"
)
FROM_R: Final = Tool(
    name="limesurvey-r",
    reason="LimeSurvey, passed through pandas or R",
    headings=[["", *lime("r", "{code}", "{code}", "{code}.{sub}.").headings[0]]],
    layout=("=1", *_LIME_LAYOUT),
    mapping=LIME_MAPPING.replace("\n[waves", '\nempty = ["NA"]\n[waves', 1),
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
    quotes=True,
    mapping=head("google", USER, "Timestamp", CONSENT)
    + f'[[questions]]\ncolumns = "{ASKED} [{{skill}}]"\n{SCALE}'
    f'[[interests]]\ncolumns = "{LEARN}"\nbetween = ";"\nchosen = "wants_to_learn"\n{CHOICES}',
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
# The columns of ropensci/qualtRics, inst/extdata/sample.csv; choice texts, not numbers.
QUALTRICS_OWN: Final = {
    "StartDate": ("Start Date", "startDate", "when"),
    "EndDate": ("End Date", "endDate", "when"),
    "Status": ("Response Type", "status", "=IP Address"),
    "IPAddress": ("IP Address", "ipAddress", "=192.0.2.7"),
    "Progress": ("Progress", "progress", "=100"),
    "Duration (in seconds)": ("Duration (in seconds)", "duration", "=38"),
    "Finished": ("Finished", "finished", "=True"),
    "RecordedDate": ("Recorded Date", "recordedDate", "=2026-03-09 18:00:01"),
    "ResponseId": ("Response ID", "_recordId", "=R_1"),
    "RecipientLastName": ("Recipient Last Name", "recipientLastName", "="),
    "RecipientFirstName": ("Recipient First Name", "recipientFirstName", "="),
    "RecipientEmail": ("Recipient Email", "recipientEmail", "=someone@example.org"),
    "ExternalReference": ("External Data Reference", "externalDataReference", "="),
    "LocationLatitude": ("Location Latitude", "locationLatitude", "=47.1"),
    "LocationLongitude": ("Location Longitude", "locationLongitude", "=7.2"),
    "DistributionChannel": ("Distribution Channel", "distributionChannel", "=anonymous"),
    "UserLanguage": ("User Language", "userLanguage", "=EN"),
}
QUALTRICS_HEAD: Final = head("qualtrics", "Q1", "EndDate", "Q4") + (
    '[response]\nid = "ResponseId"\n[response.only]\n"Finished" = ["True", "1"]\n'
    '"Status" = ["IP Address", "0"]\n'
)
QUALTRICS: Final = Tool(
    name="qualtrics",
    reason="Qualtrics: 3 heading rows, the third has ImportId",
    headings=[
        [*QUALTRICS_OWN, "Q1", "Q2_1", "Q2_2", "Q2_3", "Q3", "Q4"],
        [
            *(text for text, _, _ in QUALTRICS_OWN.values()),
            USER, *(f"{ASKED} - {row}" for row in SKILLS.values()),
            f"{LEARN} - Selected Choice", CONSENT,
        ],
        [
            *(f'{{"ImportId":"{found}","timeZone":"Europe/Berlin"}}' if "Date" in found
              else f'{{"ImportId":"{found}"}}' for _, found, _ in QUALTRICS_OWN.values()),
            *(f'{{"ImportId":"QID{n}"}}' for n in ("1_TEXT", "2_1", "2_2", "2_3", "3", "4")),
        ],
    ],
    layout=(
        *(what for _, _, what in QUALTRICS_OWN.values()), "user", *SKILLS, "learn", "consent",
    ),
    between=",",
    ending="\n",
    mapping=QUALTRICS_HEAD + f'[[questions]]\ncolumns = "Q2_*"\n{SCALE}'
    f'[[interests]]\ncolumns = "Q3"\nbetween = ","\nchosen = "wants_to_learn"\n{CHOICES}',
)  # fmt: skip
_PATHS: Final = tuple(f"skills/{skill}" for skill in SKILLS)
# kobotoolbox/formpack, reporting/export.py; the last columns as kobotoolbox/kpi writes them.
_KOBO_OWN: Final = {
    "_id": "=1", "_uuid": "=b9a7", "_submission_time": "when", "_validation_status": "=",
    "_notes": "=", "_status": "=submitted_via_web", "_submitted_by": "=", "__version__": "=v3",
    "_tags": "=", "meta/rootUuid": "=uuid:b9a7", "_index": "=1",
}  # fmt: skip
_KOBO_LAYOUT: Final = (
    "started", "started", "user", *SKILLS, "learn", *(f"learn:{skill}" for skill in SKILLS),
    "consent", *_KOBO_OWN.values(),
)  # fmt: skip
# “XML values and headers”, “Include groups in headers”.
KOBO: Final = Tool(
    name="kobo",
    reason="KoboToolbox: 1 heading row",
    headings=[
        [
            "start", "end", "about/wiki_account", *_PATHS, "learn",
            *(f"learn/{skill}" for skill in SKILLS), "consent", *_KOBO_OWN,
        ]
    ],
    layout=_KOBO_LAYOUT,
    time="%Y-%m-%dT%H:%M:%S",
    started="%Y-%m-%dT%H:%M:%S.000+01:00",
    separator=";",
    words={level: level for level in WORDS},
    between=" ",
    choices={skill: skill for skill in SKILLS},
    ticked=("1", "0"),
    unasked="",
    yes_no=("yes", "no"),
    quotes=True,
    mapping=head("kobo", "about/wiki_account", "_submission_time", "consent", "yes", "no")
    + '[response]\nid = "_id"\n'
    f'[[questions]]\ncolumns = "skills/{{skill}}"\n{SCALE}'
    '[[interests]]\ncolumns = "learn/{skill}"\nchosen = "wants_to_learn"\n',
)  # fmt: skip
# “Labels”, which KoboToolbox offers first: questions and answers in the words of the form.
KOBO_LABELS: Final = Tool(
    name="kobo-labels",
    reason="KoboToolbox: 1 heading row",
    headings=[
        [
            "start", "end", USER, *SKILLS.values(), LEARN,
            *(f"{LEARN}/{name}" for name in SKILLS.values()), CONSENT, *_KOBO_OWN,
        ]
    ],
    layout=_KOBO_LAYOUT,
    time=KOBO.time,
    started=KOBO.started,
    separator=";",
    between=" ",
    ticked=("1", "0"),
    unasked="",
    quotes=True,
    mapping=head("kobo", USER, "_submission_time", CONSENT)
    + '[response]\nid = "_id"\n'
    + "[[questions]]\n" + SCALE + "[questions.skills]\n"
    + "".join(f'"{name}" = "{key}"\n' for key, name in SKILLS.items())
    + f'[[interests]]\ncolumns = "{LEARN}/{{skill}}"\nchosen = "wants_to_learn"\n',
)  # fmt: skip
# getodk/central-backend, lib/data/briefcase.js.
ODK_OWN: Final = {
    "KEY": "=uuid:1", "SubmitterID": "=7", "SubmitterName": "=form on the web",
    "AttachmentsPresent": "=0", "AttachmentsExpected": "=0", "Status": "=", "ReviewState": "=",
    "DeviceID": "=", "Edits": "=0", "FormVersion": "=v3",
}  # fmt: skip
ODK: Final = Tool(
    name="odk",
    reason="ODK: 1 heading row",
    headings=[
        [
            "SubmissionDate", "about-wiki_account", *(path.replace("/", "-") for path in _PATHS),
            "learn", "consent", "meta-instanceID", *ODK_OWN,
        ]
    ],
    layout=("when", "user", *SKILLS, "learn", "consent", "=uuid:1", *ODK_OWN.values()),
    time="%Y-%m-%dT%H:%M:%S.000Z",
    words=KOBO.words,
    between=" ",
    choices=KOBO.choices,
    yes_no=("yes", "no"),
    ending="\n",
    mapping=head("kobo", "about-wiki_account", "SubmissionDate", "consent", "yes", "no")
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
         "First Name", "Last Name", "Custom Data 1", USER, ASKED, "", "", LEARN, "", "", CONSENT],
        ["", "", "", "", "", "", "", "", "",
         "Open-Ended Response", *SKILLS.values(), *SKILLS.values(), "Response"],
    ],
    layout=("=114", "=402", "when", "when", "=192.0.2.7", "=", "=", "=", "=", "user", *SKILLS,
            *(f"learn:{skill}" for skill in SKILLS), "consent"),
    time="%m/%d/%Y %I:%M:%S %p",
    ticked=("{choice}", ""),
    mapping=head("surveymonkey", USER, "End Date", CONSENT)
    .replace('"End Date"\n', '"End Date"\nformat = "%m/%d/%Y %I:%M:%S %p"\n', 1)
    + f'[[questions]]\ncolumns = "{ASKED} [{{skill}}]"\n{SCALE}'
    f'[[interests]]\ncolumns = "{LEARN} [{{skill}}]"\nchosen = "wants_to_learn"\n',
)  # fmt: skip
_GRID: Final = tuple(f"{ASKED} ({row})" for row in SKILLS.values())
# nextcloud/forms, lib/Service/SubmissionService.php, in versions 5.3 and earlier.
NEXTCLOUD: Final = Tool(
    name="nextcloud",
    reason="Nextcloud Forms: 1 heading row",
    headings=[
        ["Benutzer-ID", "Anzeigename des Nutzers", "Zeitstempel", USER, *_GRID, LEARN, CONSENT]
    ],
    layout=("=", "=Anonymer Benutzer", "when", "user", *SKILLS, "learn", "consent"),
    time="%Y-%m-%dT%H:%M:%S+01:00",
    between="; ",
    mark="\ufeff",
    quotes=True,
    ending="\n",
    mapping=head("nextcloud", USER, "Zeitstempel", CONSENT)
    + f'[[questions]]\ncolumns = "{ASKED} ({{skill}})"\n{SCALE}'
    f'[[interests]]\ncolumns = "{LEARN}"\nbetween = "; "\nchosen = "wants_to_learn"\n{CHOICES}',
)  # fmt: skip
# The same on its branch “sync-submissions-to-file”: a row of ids, and a column of them.
NEXTCLOUD_IDS: Final = replace(
    NEXTCLOUD,
    name="nextcloud-ids",
    reason="Nextcloud Forms: 2 heading rows",
    headings=[
        ["Antwort-ID", *NEXTCLOUD.headings[0]],
        ["submission_id", "user_id", "user_display_name", "timestamp",
         "question-id-1", "question-id-2-11", "question-id-2-12", "question-id-2-13",
         "question-id-3", "question-id-4"],
    ],
    layout=("=1", *NEXTCLOUD.layout),
)  # fmt: skip
MICROSOFT: Final = Tool(
    name="microsoft",
    reason="Microsoft Forms: the first columns are ID, Start time, Completion time",
    headings=[
        ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time",
         USER, *SKILLS.values(), LEARN, CONSENT]
    ],
    layout=("=1", "when", "when", "=anonymous", "=", "=", "user", *SKILLS, "learn", "consent"),
    time="{0.month}/{0.day}/{0:%y %H:%M:%S}",
    mark="\ufeff",
    mapping=head("microsoft", USER, "Completion time", CONSENT)
    .replace('"Completion time"\n', '"Completion time"\nformat = "%m/%d/%y %H:%M:%S"\n', 1)
    + "[[questions]]\n" + SCALE + "[questions.skills]\n"
    + "".join(f'"{name}" = "{key}"\n' for key, name in SKILLS.items())
    + f'[[interests]]\ncolumns = "{LEARN}"\nbetween = ";"\nchosen = "wants_to_learn"\n{CHOICES}',
)  # fmt: skip
PLAIN: Final = Tool(
    name="plain",
    reason="no survey tool is recognised: a plain table",
    headings=[["account", "day", *SKILLS.values(), "wants to learn", "agrees"]],
    layout=("user", "when", *SKILLS, "learn", "consent"),
    time="%d.%m.%Y",
    separator="\t",
    words=IN_NUMBERS,
    yes_no=("x", ""),
    mapping=head("plain", "account", "day", "agrees", "x", "no")
    .replace('"day"\n', '"day"\nformat = "%d.%m.%Y"\n', 1)
    + "[[questions]]\n"
    + "skills = { " + ", ".join(f'"{name}" = "{key}"' for key, name in SKILLS.items()) + " }\n"
    + NUMBERS
    + f'[[interests]]\ncolumns = "wants to learn"\nbetween = ";"\nchosen = "wants_to_learn"\n'
    f"{CHOICES}",
)  # fmt: skip


class LongTable(Tool):
    """A table with one row for each answer."""

    def rows(self, people: Sequence[Person]) -> list[list[str]]:
        """Write a row for each person and skill."""
        return [list(self.headings[0])] + [
            [person.name, SKILLS[skill], self.words[person.levels[skill]],
             person.when.strftime(self.time), self.yes_no[not person.agrees]]
            for person in people
            for skill in SKILLS
            if skill in person.levels
        ]  # fmt: skip


LONG: Final = LongTable(
    name="long",
    reason="a long table",
    headings=[["person", "skill", "level", "date", "consent"]],
    layout=("user", "=skill", "lua_modules", "when", "consent"),
    time="%Y-%m-%d",
    mapping=head("long", "person", "date", "consent")
    + f'[[questions]]\ncolumns = "level [{{skill}}]"\n{SCALE}',
)
TOOLS: Final = (
    LIMESURVEY, FROM_R, GOOGLE, SHEET, QUALTRICS, KOBO, KOBO_LABELS, ODK, SURVEYMONKEY, NEXTCLOUD,
    NEXTCLOUD_IDS, MICROSOFT, PLAIN, LONG,
)  # fmt: skip
