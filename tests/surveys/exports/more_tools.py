"""Tools whose exports differ from those of `tools` mostly in their headings."""

from dataclasses import replace
from typing import Final

from tests.surveys.exports.tool import (
    ASKED,
    CONSENT,
    IN_NUMBERS,
    LEARN,
    SCALE,
    SKILLS,
    USER,
    Tool,
    head,
)
from tests.surveys.exports.tools import SURVEYMONKEY

_LEVELS: Final = tuple(f"{ASKED} {name}" for name in SKILLS.values())
_LEARN: Final = tuple(f"learn:{skill}" for skill in SKILLS)
# A choice is the heading of its column, without the question.
TYPEFORM: Final = Tool(
    name="typeform",
    reason="Typeform: it has the columns #, Start Date (UTC), Submit Date (UTC)",
    headings=[
        ["#", USER, *_LEVELS, *SKILLS.values(), "Other", CONSENT, "Response Type",
         "Start Date (UTC)", "Stage Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags"]
    ],
    layout=("=9950", "user", *SKILLS, *_LEARN, "=", "consent", "=completed", "when", "=", "when",
            "=5f57f20d14", "="),
    ticked=("{choice}", ""),
    ending="\n",
    mapping=head("typeform", USER, "Submit Date (UTC)", CONSENT)
    + '[response]\nid = "#"\n'
    + f'[[questions]]\ncolumns = "{ASKED} {{skill}}"\n{SCALE}'
    + '[[interests]]\nchosen = "wants_to_learn"\n[interests.skills]\n'
    + "".join(f'"{name}" = "{key}"\n' for key, name in SKILLS.items()),
)  # fmt: skip
_SOSCI_CODES: Final = dict(zip(SKILLS, ("01", "02", "03"), strict=True))
_SOSCI_OWN: Final = {
    "CASE": "=21", "SERIAL": "=", "REF": "=", "QUESTNNR": "=base", "MODE": "=interview",
    "STARTED": "when",
}  # fmt: skip
_SOSCI_END: Final = {
    "TIME001": "=12", "TIME_SUM": "=12", "MAILSENT": "=", "LASTDATA": "when", "FINISHED": "=1",
    "Q_VIEWER": "=0", "LASTPAGE": "=3", "MAXPAGE": "=3", "MISSING": "=0", "MISSREL": "=0",
    "TIME_RSI": "=1", "DEG_TIME": "=0",
}  # fmt: skip
_SOSCI_SKILLS: Final = "".join(f'"{code}" = "{key}"\n' for key, code in _SOSCI_CODES.items())
# Numbers, and 2 for what was ticked; without labels.
SOSCI: Final = Tool(
    name="sosci",
    reason="SoSci Survey: 1 heading row",
    headings=[
        [*_SOSCI_OWN, "US01_01", *(f"SK01_{code}" for code in _SOSCI_CODES.values()), "LE01",
         *(f"LE01_{code}" for code in _SOSCI_CODES.values()), "CO01", *_SOSCI_END]
    ],
    layout=(*_SOSCI_OWN.values(), "user", *SKILLS, "=1", *_LEARN, "consent",
            *_SOSCI_END.values()),
    separator="\t",
    words={key: str(int(number) + 1) if number >= "0" else number
           for key, number in IN_NUMBERS.items()},
    skipped="-9",
    ticked=("2", "1"),
    yes_no=("1", "2"),
    quotes=True,
    mapping=head("sosci", "US01_01", "LASTDATA", "CO01", "1", "2")
    + '[response]\nid = "CASE"\n[response.only]\n"FINISHED" = "1"\n"MODE" = "interview"\n'
    + '[[questions]]\ncolumns = "SK01_*"\nskipped = ["-9"]\nnot_asked = ["", "N/A"]\n'
    + '[questions.answers]\n'
    + '"1" = "none"\n"2" = "aware"\n"3" = "with_help"\n"4" = "alone"\n"5" = "leads"\n'
    + '"-1" = "not_sure"\n"-99" = "does_not_apply"\n'
    + "[questions.skills]\n" + _SOSCI_SKILLS
    + '[[interests]]\ncolumns = "LE01_*"\nchosen = "wants_to_learn"\n[interests.skills]\n'
    + _SOSCI_SKILLS,
)  # fmt: skip
# With a row of labels: question and row.
SOSCI_LABELS: Final = replace(
    SOSCI,
    name="sosci-labels",
    reason="SoSci Survey: 2 heading rows",
    headings=[
        SOSCI.headings[0],
        [
            "Interview number (ongoing)", "Serial number", "Reference", "Questionnaire", "Mode",
            "Time the interview has started", f"{USER}: [01]",
            *(f"{ASKED}: {name}" for name in SKILLS.values()), f"{LEARN}: Number of choices",
            *(f"{LEARN}: {name}" for name in SKILLS.values()), CONSENT,
            *(f"About {code}" for code in _SOSCI_END),
        ],
    ],
    mapping=SOSCI.mapping.replace(_SOSCI_SKILLS, ""),
)  # fmt: skip
REDCAP: Final = Tool(
    name="redcap",
    reason="REDCap: it has the column redcap_survey_identifier",
    headings=[
        ["record_id", "redcap_survey_identifier", "skills_timestamp", "wiki_account",
         *(f"level_{skill}" for skill in SKILLS), *(f"learn___{n}" for n in (1, 2, 3)),
         "agrees", "skills_complete"]
    ],
    layout=("=1", "=", "when", "user", *SKILLS, *_LEARN, "consent", "=2"),
    words=IN_NUMBERS,
    ticked=("1", "0"),
    yes_no=("1", "0"),
    ending="\n",
    mapping=head("redcap", "wiki_account", "skills_timestamp", "agrees", "1", "0")
    + '[response]\nid = "record_id"\n[response.only]\n"skills_complete" = "2"\n'
    + '[[questions]]\ncolumns = "level_{skill}"\nnot_asked = ["N/A"]\n[questions.answers]\n'
    + "".join(f'"{number}" = "{key}"\n' for key, number in IN_NUMBERS.items())
    + '[[interests]]\ncolumns = "learn___*"\nchosen = "wants_to_learn"\n[interests.skills]\n'
    + "".join(f'"{n}" = "{skill}"\n' for n, skill in enumerate(SKILLS, 1)),
)  # fmt: skip
# “Export with labels”: questions and answers in the words of the form.
REDCAP_LABELS: Final = replace(
    REDCAP,
    name="redcap-labels",
    reason="REDCap: it has the columns Record ID and complete?",
    headings=[
        ["Record ID", "Survey Identifier", "Survey Timestamp", USER, *_LEVELS,
         *(f"{LEARN} (choice={name})" for name in SKILLS.values()), CONSENT, "Complete?"]
    ],
    layout=(*REDCAP.layout[:-1], "=Complete"),
    words=TYPEFORM.words,
    ticked=("Checked", "Unchecked"),
    yes_no=("Yes", "No"),
    mapping=head("redcap", USER, "Survey Timestamp", CONSENT)
    + '[response]\nid = "Record ID"\n[response.only]\n"Complete?" = "Complete"\n'
    + f'[[questions]]\ncolumns = "{ASKED} {{skill}}"\n{SCALE}'
    + f'[[interests]]\ncolumns = "{LEARN} (choice={{skill}})"\nchosen = "wants_to_learn"\n',
)  # fmt: skip
_ALCHEMER_OWN: Final = {
    "Response ID": "=5", "Time Started": "when", "Date Submitted": "when", "Status": "=Complete",
    "Contact ID": "=", "Legacy Comments": "=", "Comments": "=", "Language": "=English",
    "Referer": "=", "SessionID": "=1450736507_567", "User Agent": "=a browser", "Tags": "=",
    "IP Address": "=192.0.2.7", "Longitude": "=7.2", "Latitude": "=47.1", "City": "=",
    "State/Region": "=", "Postal": "=",
}  # fmt: skip
ALCHEMER: Final = Tool(
    name="alchemer",
    reason="Alchemer: it has the columns Time Started, Date Submitted, Status",
    headings=[
        [*_ALCHEMER_OWN, USER, *(f"{name}:{ASKED}" for name in SKILLS.values()),
         *(f"{name}:{LEARN}" for name in SKILLS.values()), f"Other - Write In:{LEARN}", CONSENT]
    ],
    layout=(*_ALCHEMER_OWN.values(), "user", *SKILLS, *_LEARN, "=", "consent"),
    ticked=("{choice}", ""),
    quotes=True,
    mapping=head("alchemer", USER, "Date Submitted", CONSENT)
    + '[response]\nid = "Response ID"\n[response.only]\n"Status" = "Complete"\n'
    + f'[[questions]]\ncolumns = "{{skill}}:{ASKED}"\n{SCALE}'
    + f'[[interests]]\ncolumns = "{{skill}}:{LEARN}"\nchosen = "wants_to_learn"\n',
)  # fmt: skip
# Most of the tool's own columns were removed, and pandas has named the empty headings.
SURVEYMONKEY_PANDAS: Final = replace(
    SURVEYMONKEY,
    name="surveymonkey-pandas",
    reason="SurveyMonkey: 2 heading rows, with “Response” below questions",
    headings=[
        ["", "End Date", USER, ASKED, "Unnamed: 12", "Unnamed: 13", LEARN, "Unnamed: 15",
         "Unnamed: 16", CONSENT],
        ["0", "", "Response", *SKILLS.values(), *SKILLS.values(), "Response"],
    ],
    layout=("=1", "when", "user", *SKILLS, *_LEARN, "consent"),
)  # fmt: skip
MORE_TOOLS: Final = (
    TYPEFORM, SOSCI, SOSCI_LABELS, REDCAP, REDCAP_LABELS, ALCHEMER, SURVEYMONKEY_PANDAS,
)  # fmt: skip
