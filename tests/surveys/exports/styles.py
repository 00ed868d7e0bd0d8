"""Further ways in which the tools of `tools` write, as their export dialogues offer them."""

from dataclasses import replace
from typing import Final

from tests.surveys.exports.more_tools import MORE_TOOLS
from tests.surveys.exports.tool import (
    ASKED,
    CONSENT,
    IN_NUMBERS,
    LEARN,
    NUMBERS,
    SCALE,
    SKILLS,
    USER,
    WORDS,
    Tool,
    head,
)
from tests.surveys.exports.tools import (
    KOBO,
    MICROSOFT,
    ODK,
    ODK_OWN,
    QUALTRICS,
    QUALTRICS_HEAD,
    QUALTRICS_OWN,
    SURVEYMONKEY,
    lime,
)


def _of_texts(user: str, when: str, asked: str, learn: str, consent: str) -> str:
    """Write a mapping for LimeSurvey's headings without codes."""
    return head("limesurvey", user, when, consent) + (
        f'[[questions]]\ncolumns = "{asked}{{skill}}]"\n{SCALE}'
        f'[[interests]]\ncolumns = "{learn}{{skill}}]"\nchosen = "wants_to_learn"\n'
    )


def _shortened(text: str) -> str:
    """Cut a text as LimeSurvey does for “Text abbreviated”, “Number of characters: 15”."""
    return f"{text[:15]}.. " if len(text) > 15 else text


def _cut(tool: Tool) -> Tool:
    """Cut questions and their rows in all headings, as far as these are the form's own."""
    parted = [text.partition(" [") for text in tool.headings[0]]
    headings = [
        [
            _shortened(text) + (f" [{_shortened(row[:-1])}]" if row else "")
            for text, _, row in parted
        ]
    ]
    return replace(tool, headings=headings)


def _underscored(tool: Tool) -> Tool:
    """Write headings as with “Convert spaces in question text to underscores”."""
    headings = [[text.replace(" ", "_").replace("._", ". ", 1) for text in tool.headings[0]]]
    return replace(tool, headings=headings)


LIMESURVEY_STYLES: Final = (
    lime("limesurvey-codes", "{code}", "{code}", "{code}[{sub}]", separator=";"),
    lime("limesurvey-expressions", "{code}", "{code}", "{code}_{sub}", separator="\t"),
    lime(
        "limesurvey-expressions-texts", "{code}. {text}", "{code}. {text}",
        "{code}_{sub}. {text} [{row}]",
    ),
    lime(
        "limesurvey-texts", "{text}", "{text}", "{text} [{row}]",
        mapping=_of_texts(USER, "Date submitted", f"{ASKED} [", f"{LEARN} [", CONSENT),
    ),
    _cut(
        lime(
            "limesurvey-shortened", "{text}", "{text}", "{text} [{row}]",
            mapping=_of_texts(
                _shortened(USER), "Date submitted", f"{_shortened(ASKED)} [",
                f"{_shortened(LEARN)} [", _shortened(CONSENT),
            ),
        )
    ),
    lime(
        "limesurvey-parted", "{code}._.{text}", "{code}._.{text}",
        "{code}[{sub}]._.{text} [{row}]",
    ),
    _underscored(
        lime(
            "limesurvey-underscores", "{text}", "{text}", "{text} [{row}]",
            mapping=_of_texts(
                USER.replace(" ", "_"), "Date_submitted", f"{ASKED} [".replace(" ", "_"),
                f"{LEARN} [".replace(" ", "_"), CONSENT.replace(" ", "_"),
            ),
        )
    ),
    _underscored(
        lime("limesurvey-underscores-codes", "{code}. {text}", "{code}. {text}",
             "{code}[{sub}]. {text} [{row}]")
    ),
)  # fmt: skip
# “Use numeric values”: also of choices and of the consent.
QUALTRICS_NUMBERS: Final = replace(
    QUALTRICS,
    name="qualtrics-numbers",
    words=IN_NUMBERS,
    choices={skill: str(number) for number, skill in enumerate(SKILLS, 1)},
    yes_no=("1", "2"),
    layout=["=0" if what == "=IP Address" else "=1" if what == "=True" else what
            for what in QUALTRICS.layout],
    mapping=QUALTRICS_HEAD.replace('"Yes" =', '"1" =').replace('"No" =', '"2" =')
    + f'[[questions]]\ncolumns = "Q2_*"\n{NUMBERS}'
    '[[interests]]\ncolumns = "Q3"\nbetween = ","\nchosen = "wants_to_learn"\n'
    "[interests.skills]\n"
    + "".join(f'"{number}" = "{skill}"\n' for number, skill in enumerate(SKILLS, 1)),
)  # fmt: skip
# The older exporter (ropensci/qualtRics, inst/extdata/sample_legacy.csv): columns of its own are
# called V1, V2 …, their names stand below, and an empty column ends the row.
_V: Final = {
    "ResponseID": "=R_1", "ResponseSet": "=Default Response Set", "Name": "=Anonymous",
    "ExternalDataReference": "=", "EmailAddress": "=someone@example.org",
    "IPAddress": "=192.0.2.7", "Status": "=0", "StartDate": "when", "EndDate": "when",
    "Finished": "=1",
}  # fmt: skip
QUALTRICS_LEGACY: Final = replace(
    QUALTRICS,
    name="qualtrics-legacy",
    reason="Qualtrics: 2 heading rows, the second has ResponseID",
    mark="\ufeff",
    headings=[
        [*(f"V{number}" for number in range(1, len(_V) + 1)),
         *QUALTRICS.headings[0][len(QUALTRICS_OWN):], "LocationLatitude", "LocationLongitude",
         "LocationAccuracy", ""],
        [*_V, *QUALTRICS.headings[1][len(QUALTRICS_OWN):], "LocationLatitude",
         "LocationLongitude", "LocationAccuracy", ""],
    ],
    layout=[*_V.values(), "user", *SKILLS, "learn", "consent", "=47.1", "=7.2", "=-1", "="],
)  # fmt: skip
# “Split “select multiple” choices into columns”: 0 also where the question was skipped.
ODK_SPLIT: Final = replace(
    ODK,
    name="odk-split",
    headings=[
        [*ODK.headings[0][:5], "learn", *(f"learn/{skill}" for skill in SKILLS), "consent",
         "meta-instanceID", *ODK_OWN]
    ],
    layout=["when", "user", *SKILLS, "learn", *(f"learn:{skill}" for skill in SKILLS), "consent",
            "=uuid:1", *ODK_OWN.values()],
    ticked=("1", "0"),
    mapping=ODK.mapping.partition("[[interests]]")[0]
    + '[[interests]]\ncolumns = "learn/{skill}"\nchosen = "wants_to_learn"\n',
)  # fmt: skip
# “CSV (legacy)”: commas, n/a for whatever was not answered, True and False.
KOBO_LEGACY: Final = replace(
    KOBO,
    name="kobo-legacy",
    headings=[
        [*KOBO.headings[0][:3], *KOBO.headings[0][3:6], *KOBO.headings[0][7:11], "meta/instanceID",
         "_id", "_uuid", "_submission_time", "_tags", "_notes", "_version", "_duration",
         "_submitted_by"]
    ],
    layout=["started", "started", "user", *SKILLS, *(f"learn:{skill}" for skill in SKILLS),
            "consent", "=uuid:b9a7", "=1", "=b9a7", "when", "=", "=", "=v3", "=27", "=n/a"],
    separator=",",
    skipped="n/a",
    ticked=("True", "False"),
    unasked="n/a",
    quotes=False,
    mapping=KOBO.mapping.replace("\n[waves", '\nempty = ["n/a"]\n[waves', 1),
)  # fmt: skip
# Columns “expanded”: one for each answer; of the consent, too.
SURVEYMONKEY_EXPANDED: Final = replace(
    SURVEYMONKEY,
    name="surveymonkey-expanded",
    headings=[
        [*SURVEYMONKEY.headings[0][:10], ASKED, *[""] * (len(SKILLS) * len(WORDS) - 1), LEARN,
         *[""] * (len(SKILLS) - 1), CONSENT, ""],
        [*SURVEYMONKEY.headings[1][:10],
         *(f"{name} - {word}" for name in SKILLS.values() for word in WORDS.values()),
         *SKILLS.values(), "Yes", "No"],
    ],
    layout=[
        *SURVEYMONKEY.layout[:10], *(f"{skill}:{level}" for skill in SKILLS for level in WORDS),
        *(f"learn:{skill}" for skill in SKILLS), "consent:yes", "consent:no",
    ],
)  # fmt: skip
# A Likert question in a file that Forms keeps up to date itself: “question.statement”.
MICROSOFT_LIKERT: Final = replace(
    MICROSOFT,
    name="microsoft-likert",
    reason="Microsoft Forms: the first columns are Id, Start time, Completion time",
    headings=[
        [text.replace("ID", "Id", 1) if index == 0 else text for index, text in
         enumerate(MICROSOFT.headings[0][:7])]
        + [*(f"{ASKED}.{name}" for name in SKILLS.values()), LEARN, CONSENT]
    ],
    mapping=MICROSOFT.mapping.partition("[[questions]]")[0]
    + f'[[questions]]\ncolumns = "{ASKED}.{{skill}}"\n{SCALE}'
    + "[[interests]]" + MICROSOFT.mapping.partition("[[interests]]")[2],
)  # fmt: skip
STYLES: Final = (
    *LIMESURVEY_STYLES, QUALTRICS_NUMBERS, QUALTRICS_LEGACY, ODK_SPLIT, KOBO_LEGACY,
    SURVEYMONKEY_EXPANDED, MICROSOFT_LIKERT, *MORE_TOOLS,
)  # fmt: skip
