"""What is peculiar to each survey tool."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.surveys.exports.quirks import ADA, NOOR, PEOPLE, ZOE
from tests.surveys.exports.tools import (
    ASKED,
    CONSENT,
    GOOGLE,
    KOBO,
    LEARN,
    LIMESURVEY,
    LONG,
    MICROSOFT,
    NEXTCLOUD,
    QUALTRICS,
    SKILLS,
    SURVEYMONKEY,
    TOOLS,
    Tool,
    said,
)
from tests.surveys.test_round_trip import line, read, write
from wbskills.errors import MappingError, SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.surveys import loading, shapes
from wbskills.surveys.columns import Column, Role
from wbskills.surveys.draft import draft
from wbskills.surveys.findings import Findings
from wbskills.surveys.inspection import inspect
from wbskills.surveys.moments import parse_moment
from wbskills.surveys.responses import Survey
from wbskills.surveys.set_aside import form, set_aside

EVERYBODY = sorted(map(said, PEOPLE))


def check(rows: Sequence[Sequence[str]], tool: Tool, folder: Path, ontology: Ontology) -> Findings:
    """Import a file with the mapping of a tool."""
    return survey(rows, tool, folder, ontology).check()


def survey(rows: Sequence[Sequence[str]], tool: Tool, folder: Path, ontology: Ontology) -> Survey:
    """Open a file with the mapping of a tool."""
    told = folder / "m.toml"
    told.write_text(tool.mapping, encoding="utf-8")
    return Survey.open(write(folder / "s.csv", rows, tool), loading.load(told), ontology)


def column(tool: str, *rows: Sequence[str], at: int = -1) -> Column:
    """Read one column from the first rows of a file."""
    return shapes.named(tool).columns(rows)[at]


# LimeSurvey


@pytest.mark.parametrize(
    ("headings", "codes"),
    [
        (["SK[lua][1]", "SK[lua][2]"], ["SK[lua][1]", "SK[lua][2]"]),
        (["SK_lua_0", "SK_lua_1"], ["SK[lua][1]", "SK[lua][2]"]),
        (["SK.lua..1.", "SK.lua..2."], ["SK[lua][1]", "SK[lua][2]"]),
        (["SK_phase_1", "SK_lua"], ["SK[phase_1]", "SK[lua]"]),
        (["SK[lua]._.How well? [Lua]", "Q1._.What?"], ["SK[lua]", "Q1"]),
    ],
)
def test_limesurvey_writes_the_two_scales_of_a_question_in_three_ways(
    headings: list[str], codes: list[str]
) -> None:
    """All of them are read into one code."""
    assert [one.code for one in shapes.named("limesurvey").columns([headings])] == codes


@pytest.mark.parametrize("scales", [("SK[{}][1]", "SK[{}][2]"), ("SK_{}_0", "SK_{}_1")])
def test_the_two_scales_of_a_question_are_mapped_by_two_patterns(
    scales: tuple[str, str], tmp_path: Path, ontology: Ontology
) -> None:
    """One for the level, one for the interest."""
    head = [heading.format("python") for heading in scales]
    rows = [["USER", "submitdate", "CONSENT", *head], ["Ada", "2026-03-04", "Yes", "alone", "Yes"]]
    blocks = (
        '[[questions]]\ncolumns = "SK[{skill}][1]"\nanswers = "scale:self_5"\n'
        '[[interests]]\ncolumns = "SK[{skill}][2]"\nchosen = "can_teach"\n'
    )
    mapping = LIMESURVEY.mapping.partition("[response]")[0] + blocks

    found = survey(rows, replace(LIMESURVEY, mapping=mapping), tmp_path, ontology)

    assert list(map(line, found.responses())) == ["Ada | 2026-03-04 | python alone can_teach"]


def test_an_answer_of_their_own_is_no_level(tmp_path: Path, ontology: Ontology) -> None:
    """LimeSurvey writes -oth- for it, and the text into another column."""
    rows = LIMESURVEY.rows(PEOPLE * 3)
    for row in rows[1:4]:
        row[LIMESURVEY.column("python")] = "-oth-"

    written = draft(inspect(write(tmp_path / "s.csv", rows, LIMESURVEY), ontology), ontology)

    assert 'skipped = ["", "-oth-"]' in written
    assert '"-oth-" =' not in written


@pytest.mark.parametrize("ticks", [("Y", ""), ("Yes", "No"), ("Yes", "N/A"), ("1.0", "0.0")])
def test_limesurvey_ticks_are_read_as_they_are_exported(
    ticks: tuple[str, str], tmp_path: Path, ontology: Ontology
) -> None:
    """As codes, as texts, not shown, and as numbers that pandas made."""
    tool = replace(LIMESURVEY, ticked=ticks)

    found = read(write(tmp_path / "s.csv", tool.rows(PEOPLE), tool), tool, ontology)

    assert sorted(map(line, found)) == EVERYBODY


def test_codes_of_limesurvey_answers_are_mapped_one_by_one(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The draft knows only their order, and asks."""
    words = dict(zip(LIMESURVEY.words, ("A1", "A2", "A3", "A4", "A5", "A6", "A7"), strict=True))
    rows = replace(LIMESURVEY, words=words).rows(PEOPLE * 3)

    seen = inspect(write(tmp_path / "s.csv", rows, LIMESURVEY), ontology)

    guesses = {one.column.code: one.guess.value for one in seen.columns}
    assert guesses["SK[lua]"] == guesses["SK[py]"] == "codes of answers"


# Google Forms


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2022/11/30 10:39:41 PM GMT+1", datetime(2022, 11, 30, 22, 39, 41, tzinfo=UTC)),
        ("2022/11/30 12:05:00 AM GMT-5", datetime(2022, 11, 30, 0, 5, tzinfo=UTC)),
        ("2022/11/30 12:05:00 p. m. GMT", datetime(2022, 11, 30, 12, 5, tzinfo=UTC)),
        ("2022/11/30 3:05:00 nachm. GMT+5:30", datetime(2022, 11, 30, 15, 5, tzinfo=UTC)),
        ("٢٠٢٢/١١/٣٠ ٣:٠٥:٠٠ م GMT+3", datetime(2022, 11, 30, 15, 5, tzinfo=UTC)),
        ("2022/11/30 15:05:00", datetime(2022, 11, 30, 15, 5, tzinfo=UTC)),
        ("2022/13/30 15:05:00", None),
        ("2022/11/30 15:05:00 GMT+99", None),
        ("11/12/2022 15:05:00", None),
    ],
)
def test_times_of_google_need_no_format(written: str, moment: datetime | None) -> None:
    """Their year comes first, so they can mean one moment only."""
    assert parse_moment(written, []) == moment


def test_a_day_counts_in_the_zone_of_the_mapping() -> None:
    """An evening in New York is the next day in Berlin; a day without time stays what it is."""
    berlin, new_york = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
    evening = datetime(2026, 3, 4, 22, 30).isoformat()  # noqa: DTZ001  # written without a zone

    def day(text: str, written_in: ZoneInfo | None = None) -> str:
        moment = parse_moment(text, [], zone=berlin, written_in=written_in)
        return str(moment and moment.date())

    assert day(evening) == "2026-03-04"
    assert day(evening, new_york) == "2026-03-05"
    assert day(f"{evening}-05:00") == "2026-03-05"
    assert day("2026-03-04", new_york) == "2026-03-04"
    assert day("9999-12-31T23:00:00-05:00") == "None"


def test_repeated_headings_are_mapped_by_letter(tmp_path: Path, ontology: Ontology) -> None:
    """As the message says."""
    rows = GOOGLE.rows(PEOPLE)
    rows[0][3] = rows[0][2]
    by_letter = GOOGLE.mapping.replace(
        f'columns = "{ASKED} [{{skill}}]"',
        'skills = { "column C" = "lua_modules", "column D" = "python",'
        ' "column E" = "user_scripts" }',
    )
    tool = replace(GOOGLE, mapping=by_letter)

    found = read(write(tmp_path / "s.csv", rows, tool), tool, ontology)

    assert sorted(map(line, found)) == EVERYBODY


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Horodateur", "04/03/2026 10:39:41"),
        ("Marca temporal", "4/3/2026 10:39:41"),
        ("طابع زمني", "٠٤/٠٣/٢٠٢٦ ١٠:٣٩:٤١"),
        ("タイムスタンプ", "2026/03/04 10:39:41"),
    ],
)
def test_the_linked_sheet_is_known_in_other_languages(heading: str, cell: str) -> None:
    """By its first column."""
    shape, reason = shapes.recognise([[heading, "Q"], [cell, "x"]])

    assert (shape.name, reason) == (
        "google",
        f"Google Forms, linked sheet: “{heading}” comes first",
    )


# Qualtrics


def test_previews_and_unfinished_responses_do_not_count(
    tmp_path: Path, ontology: Ontology
) -> None:
    """They are told as incomplete, and nothing of them is looked at."""
    rows = QUALTRICS.rows([ADA, ZOE, NOOR])
    rows[3][QUALTRICS.headings[0].index("Status")] = "Survey Preview"
    rows[3][QUALTRICS.headings[0].index("Q2_1")] = "nonsense"
    rows[4][QUALTRICS.headings[0].index("Finished")] = "0"

    found = check(rows, QUALTRICS, tmp_path, ontology)

    assert (found.faults, found.responses, found.incomplete.first) == ((), 1, (4, 5))


def test_the_older_exporter_of_qualtrics_has_two_heading_rows(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Without import ids; a file with codes only has one."""
    rows = QUALTRICS.rows(PEOPLE)
    two, one = [*rows[:2], *rows[3:]], [rows[0], *rows[3:]]

    assert "Qualtrics: 2 heading rows" in shapes.recognise(two)[1]
    assert "Qualtrics: 1 heading row, with" in shapes.recognise(one)[1]
    found = survey(two, QUALTRICS, tmp_path, ontology)
    assert sorted(map(line, found.responses())) == EVERYBODY


@pytest.mark.parametrize(
    ("code", "text", "role", "row"),
    [
        ("Q5_3_TEXT", "Which? - Other (please specify) - Text", Role.FREE_TEXT, None),
        ("Q5", "Which - of these - do you use? - Selected Choice", Role.QUESTION, ""),
        ("Q9_First Click", "Timing - First Click", Role.TIMING, None),
        ("Q2_DO_1", "Display Order", Role.OWN, None),
        ("LocationLatitude", "Location Latitude", Role.PLACE, None),
        ("RecipientFirstName", "Recipient First Name", Role.NAME, None),
        ("ExternalReference", "External Data Reference", Role.ATTRIBUTE, None),
    ],
)
def test_qualtrics_columns_have_roles(code: str, text: str, role: Role, row: str | None) -> None:
    """Those of personal data above all."""
    found = column("qualtrics", ["StartDate", "EndDate", code], ["Start Date", "End Date", text])

    assert found.role is role
    assert row is None or found.row_text == row
    assert not found.text.endswith("Selected Choice")


def test_rows_of_a_matrix_are_what_its_columns_do_not_share() -> None:
    """Also where question and row have hyphens of their own."""
    codes = ["StartDate", "EndDate", "Q2_1", "Q2_2"]
    texts = ["Start Date", "End Date", "Skills - now - Lua - modules", "Skills - now - Python"]

    found = shapes.named("qualtrics").columns([codes, texts])[2:]

    assert [(one.text, one.row_text, one.row_code) for one in found] == [
        ("Skills - now", "Lua - modules", "1"),
        ("Skills - now", "Python", "2"),
    ]


# KoboToolbox and ODK


def test_a_row_of_tags_is_part_of_the_heading(tmp_path: Path, ontology: Ontology) -> None:
    """And no response."""
    head, *rows = KOBO.rows(PEOPLE)
    tags = ["#date+start", "", "#contact", *[""] * (len(head) - 4), "#meta"]

    found = survey([head, tags, *rows], KOBO, tmp_path, ontology)

    assert "KoboToolbox: 2 heading rows" in shapes.recognise([head, tags, *rows])[1]
    assert sorted(map(line, found.responses())) == EVERYBODY


def test_kobo_is_read_with_labels_too(tmp_path: Path, ontology: Ontology) -> None:
    """Groups, questions and choices by what the form calls them."""
    labels = {"about/wiki_account": "About you/Your account", "consent": "May we?"}
    labels |= {f"skills/{skill}": f"How well?/{name}" for skill, name in SKILLS.items()}
    labels |= {f"learn/{skill}": f"What to learn?/{name}" for skill, name in SKILLS.items()}
    tool = replace(
        KOBO,
        headings=[[labels.get(heading, heading) for heading in KOBO.headings[0]]],
        words=GOOGLE.words,
        mapping=KOBO.mapping.replace("skills/", "How well?/")
        .replace("learn/", "What to learn?/")
        .replace('"consent"\n', '"May we?"\n')
        .replace("about/wiki_account", "About you/Your account"),
    )

    found = read(write(tmp_path / "s.csv", tool.rows(PEOPLE), tool), tool, ontology)

    assert sorted(map(line, found)) == EVERYBODY


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("_submitted_by", Role.NAME),
        ("deviceid", Role.ATTRIBUTE),
        ("phonenumber", Role.PHONE),
        ("_home_latitude", Role.PLACE),
        ("about/email", Role.MAIL),
        ("about/full_name", Role.NAME),
        ("_validation_status", Role.STATUS),
    ],
)
def test_kobo_columns_have_roles(heading: str, role: Role) -> None:
    """Those of personal data above all."""
    assert column("kobo", ["_id", "_uuid", "_submission_time", heading]).role is role


def test_the_name_of_who_held_the_telephone_is_hidden_but_can_be_mapped() -> None:
    """A form may ask for the wiki account under that name."""
    found = column("kobo", ["_id", "_uuid", "_submission_time", "username"])

    assert (found.role, found.sure) == (Role.NAME, False)


def test_a_choice_called_no_is_no_tick(tmp_path: Path, ontology: Ontology) -> None:
    """Else every 0 in its column would be one."""
    headings = [[*KOBO.headings[0], "learn/0"]]
    tool = replace(
        KOBO,
        headings=headings,
        layout=[*KOBO.layout, "=0"],
        mapping=KOBO.mapping + '[interests.skills]\n"learn/0" = "sparql"\n',
    )

    found = survey(tool.rows(PEOPLE), tool, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == EVERYBODY
    assert found.check().interests_without_level == 0


# SurveyMonkey


@pytest.mark.parametrize("made_up", ["Unnamed: {}", "Column{}", "...{}", "X{}"])
def test_surveymonkey_is_read_as_careless_readers_leave_it(
    made_up: str, tmp_path: Path, ontology: Ontology
) -> None:
    """Headings that somebody made up stand for none."""
    rows = SURVEYMONKEY.rows(PEOPLE)
    rows[0] = [text or made_up.format(index) for index, text in enumerate(rows[0])]

    found = survey(rows, SURVEYMONKEY, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == EVERYBODY


def test_another_choice_of_surveymonkey_is_no_tick(tmp_path: Path, ontology: Ontology) -> None:
    """A cell holds its own choice, or nothing."""
    rows = SURVEYMONKEY.rows(PEOPLE)
    rows[2][SURVEYMONKEY.column("learn:python")] = "Lua modules"

    (fault,) = check(rows, SURVEYMONKEY, tmp_path, ontology).faults

    assert (fault.row, fault.what) == (3, "“Lua modules” is neither this choice nor a yes or no")


def test_a_text_box_of_other_answers_is_free_text() -> None:
    """It may hold anything."""
    rows = (
        ["Respondent ID", "Collector ID", "Which?", ""],
        ["", "", "Lua", "Other (please specify)"],
    )

    assert column("surveymonkey", *rows).role is Role.FREE_TEXT
    assert not column("surveymonkey", *rows).sure


# Nextcloud Forms


def without_grid(count: int) -> list[list[str]]:
    """Write Zoë's answers as Nextcloud does if she skips a grid of three rows."""
    rows = NEXTCLOUD.rows(PEOPLE)
    first = NEXTCLOUD.column("lua_modules")
    rows[3] = [*rows[3][:first], "", *rows[3][first + 3 :], *[""] * count]
    return rows


@pytest.mark.parametrize("filled_up", [0, 2])
def test_a_row_in_which_answers_moved_is_refused(
    filled_up: int, tmp_path: Path, ontology: Ontology
) -> None:
    """Whether the row was filled up at its end or not; the others stay good."""
    found = check(without_grid(filled_up), NEXTCLOUD, tmp_path, ontology)

    (fault,) = found.faults
    assert fault.row == 4
    assert found.responses == 2


def test_a_refusal_that_moved_is_a_refusal(tmp_path: Path, ontology: Ontology) -> None:
    """Nothing of that row is told to anybody, its fault neither."""
    rows = without_grid(2)
    rows[3][NEXTCLOUD.column("consent") - 2] = "No"

    found = check(rows, NEXTCLOUD, tmp_path, ontology)

    assert (found.faults, found.withheld.first) == ((), (4,))


def test_a_row_in_which_answers_moved_is_set_aside_as_it_is(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Nothing of it is lost: somebody has to move its cells."""
    aside = io.StringIO()

    assert set_aside(survey(without_grid(2), NEXTCLOUD, tmp_path, ontology), aside) == 1
    *_, row = csv.reader(io.StringIO(aside.getvalue()))
    assert row[4:10] == ["Zoë", "", "", "Yes", "", ""]


def test_a_grid_that_was_answered_in_part_is_none_that_moved(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The consent still stands where it should."""
    people = [replace(ADA, levels={"user_scripts": "alone"}), ZOE]

    found = survey(NEXTCLOUD.rows(people), NEXTCLOUD, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == sorted(map(said, people))


def test_older_versions_of_nextcloud_have_no_row_of_ids(
    tmp_path: Path, ontology: Ontology
) -> None:
    """They are known by their first columns."""
    titles, _, *rows = NEXTCLOUD.rows(PEOPLE)
    titles[:4] = ["Submission ID", "User ID", "User display name", "Timestamp"]
    tool = replace(NEXTCLOUD, mapping=NEXTCLOUD.mapping.replace("Zeitstempel", "Timestamp"))

    found = survey([titles, *rows], tool, tmp_path, ontology)

    assert shapes.recognise([titles, *rows])[1].startswith("Nextcloud Forms: 1 heading row")
    assert sorted(map(line, found.responses())) == EVERYBODY


def test_an_apostrophe_before_a_formula_is_not_part_of_an_answer(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Nextcloud writes it into CSV, so that no spreadsheet calculates an answer."""
    rows = NEXTCLOUD.rows(PEOPLE)
    rows[2][NEXTCLOUD.column("python")] = "'-- all of it"
    mapping = NEXTCLOUD.mapping.replace(
        'answers = "scale:self_5"', 'answers = ["scale:self_5", "more"]'
    )
    tool = replace(NEXTCLOUD, mapping=f'{mapping}[answers.more]\n"-- all of it" = "alone"\n')

    found = survey(rows, tool, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == EVERYBODY


def test_names_of_nextcloud_accounts_are_never_read() -> None:
    """The wiki account is what people tell, not what they are called elsewhere."""
    found = shapes.named("nextcloud").columns(NEXTCLOUD.headings)

    assert [one.role for one in found[:4]] == [
        Role.RESPONSE_ID, Role.NAME, Role.NAME, Role.SUBMITTED,
    ]  # fmt: skip
    assert all(one.sure for one in found[1:3])


# Microsoft Forms


def test_points_of_a_quiz_are_the_tools_own() -> None:
    """So are mail and name, which are never read."""
    headings = [*MICROSOFT.headings[0][:5], "Points - Lua", "Language"]
    found = shapes.named("microsoft").columns([headings])

    assert [one.role for one in found[3:]] == [Role.MAIL, Role.NAME, Role.OWN, Role.LANGUAGE]
    assert all(one.sure for one in found[3:5])


@pytest.mark.parametrize(
    "headings",
    [
        ["ID", "Startzeit", "Fertigstellungszeit"],
        ["ID", "Heure de début", "Heure de fin"],
        ["ID", "Hora de inicio", "Hora de finalización"],
    ],
)
def test_microsoft_forms_is_known_in_other_languages(headings: list[str]) -> None:
    """By its first three columns."""
    assert shapes.recognise([headings])[0].name == "microsoft"


# Long tables

LONG_HEAD = ["person", "skill", "level", "date", "consent"]


def long(folder: Path, ontology: Ontology, *rows: str, mapping: str = LONG.mapping) -> Survey:
    """Open a long table; each row is written with commas."""
    parted = [LONG_HEAD, *(row.split(",") for row in rows)]
    return survey(parted, replace(LONG, mapping=mapping), folder, ontology)


def test_a_newer_answer_about_the_same_skill_supersedes_only_that(
    tmp_path: Path, ontology: Ontology
) -> None:
    """And both are told; spellings of one account are one person."""
    found = long(
        tmp_path, ontology,
        "Ada,Python,none,2026-03-01,Yes",
        "Ada,Lua,aware,2026-03-02,Yes",
        "User:ada,python,alone,2026-03-09,Yes",
    )  # fmt: skip

    assert list(map(line, found.responses())) == [
        "Ada | 2026-03-09 | lua_modules aware | python alone"
    ]
    assert found.check().superseded.first == ((2, 3),)


def test_an_answer_without_consent_stays_out(tmp_path: Path, ontology: Ontology) -> None:
    """Although the same person agreed to others before."""
    found = long(
        tmp_path, ontology, "Ada,Python,none,2026-03-01,Yes", "Ada,Lua,aware,2026-03-02,No"
    )

    assert list(found.responses()) == []
    assert found.check().withheld.count == 1


def test_faults_of_a_long_table_name_their_own_rows(tmp_path: Path, ontology: Ontology) -> None:
    """The row and column of the file, not those of the spread table."""
    found = long(
        tmp_path, ontology,
        "Ada,Python,none,2026-03-01,Yes",
        "Ada,Lua,godlike,2026-03-01,Yes",
        "Zoe,,alone,2026-03-01,Yes",
        ",Lua,alone,2026-03-01,Yes",
    )  # fmt: skip

    assert [(one.row, one.column, one.what) for one in found.check().faults] == [
        (3, "column C “level [Lua]”", "“godlike” is not an answer that the mapping knows"),
        (4, "column B “skill”", "it is not said which skill this is"),
        (5, "column A “person”", "it is not said who answered"),
    ]


def test_bad_rows_of_a_long_table_are_set_aside_as_they_stand_there(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Mended, they are read with the same mapping; all answers of a person go together."""
    found = long(
        tmp_path, ontology,
        "Ada,Python,none,2026-03-01,Yes",
        "Ada,Lua,godlike,2026-03-01,Yes",
        "Zoe,Lua,alone,2026-03-01,Yes",
    )  # fmt: skip
    aside = io.StringIO()

    assert set_aside(found, aside) == 2
    head, *rows = csv.reader(io.StringIO(aside.getvalue()))
    assert head[:5] == LONG_HEAD
    assert [row[:3] for row in rows] == [["Ada", "Python", "none"], ["Ada", "Lua", "godlike"]]
    mended = aside.getvalue().replace("godlike", "leads")
    (tmp_path / "s.csv").write_text(mended, encoding="utf-8")
    again = Survey.open(tmp_path / "s.csv", loading.load(tmp_path / "m.toml"), ontology)
    assert list(map(line, again.responses())) == [
        "Ada | 2026-03-01 | lua_modules leads | python none"
    ]


def test_the_day_of_an_answer_tells_its_wave(tmp_path: Path, ontology: Ontology) -> None:
    """A person has a response in each."""
    autumn = (
        '\n[waves.autumn_2026]\nlabel = { en = "Autumn" }\nstart = 2026-09-01\nend = 2026-09-30\n'
    )
    mapping = LONG.mapping.replace("\n[consent]", f"{autumn}[consent]", 1)
    found = long(
        tmp_path, ontology, "Ada,Python,none,2026-03-01,Yes", "Ada,Python,alone,2026-09-02,Yes",
        mapping=mapping,
    )  # fmt: skip

    assert [(one.wave, one.assessments[0].level) for one in found.responses()] == [
        ("spring_2026", "none"),
        ("autumn_2026", "alone"),
    ]


def test_a_table_that_is_not_long_cannot_be_read_as_one(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The message says what is missing."""
    with pytest.raises(SurveyError, match=r"needs the columns “person”, “skill” and “level”"):
        survey([["name", "Lua"], ["Ada", "3"]], LONG, tmp_path, ontology)


# All of them


def test_the_tool_can_be_named(tmp_path: Path, ontology: Ontology) -> None:
    """Where the file looks like that of another one."""
    path = write(
        tmp_path / "s.csv", [["Your account", f"{ASKED} (Lua)"], ["Ada", "alone"]], GOOGLE
    )

    seen = inspect(path, ontology, tool="nextcloud")

    assert (seen.tool, seen.reason) == ("nextcloud", "read as nextcloud, as you said")
    assert seen.columns[1].column.row_text == "Lua"


@pytest.mark.parametrize(
    ("before", "after", "said_of_it"),
    [
        ('between = ";"\n', 'between = ";"\nanswers = "scale:self_5"\n', "either “answers” say"),
        ('chosen = "wants_to_learn"', 'chosen = "alone"', "“alone” is nothing that a choice can"),
        (
            'chosen = "wants_to_learn"',
            'not_chosen = "can_help"',
            "“not_chosen” goes with “chosen”",
        ),
        (
            'chosen = "wants_to_learn"',
            'answers = "scale:self_5"',
            "several choices in one cell need",
        ),
        ("[date]\n", '[date]\nzone = "Mars/Olympus"\n', "there is no time zone “Mars/Olympus”"),
        ("[date]\n", '[date]\nwritten_in = "UTC"\n', "it is not said in which time zone days"),
        (
            '"wikimedia_username"',
            '"wikimedia_username"\nrenamed = { "a|b" = "Ada" }',
            "this is not",
        ),
    ],
)
def test_what_a_mapping_says_about_choices_and_days_is_checked(
    before: str, after: str, said_of_it: str, tmp_path: Path, ontology: Ontology
) -> None:
    """With the rest of its faults."""
    assert before in GOOGLE.mapping
    tool = replace(GOOGLE, mapping=GOOGLE.mapping.replace(before, after, 1))

    with pytest.raises(MappingError, match=said_of_it):
        survey(GOOGLE.rows(PEOPLE), tool, tmp_path, ontology)


def by_language(german: str) -> Tool:
    """Say what answers mean in English and in German."""
    answers = f'[questions.answers.en]\nalone = "alone"\n[questions.answers.de]\n{german}\n[[int'
    return replace(
        GOOGLE,
        mapping=GOOGLE.mapping.replace('answers = "scale:self_5"\n', "").replace("[[int", answers),
    )


def test_answers_can_be_told_by_language(tmp_path: Path, ontology: Ontology) -> None:
    """Where two languages contradict each other, that is said."""
    rows = GOOGLE.rows([replace(ADA, levels={"python": "alone"})])
    rows += [[*GOOGLE.rows([ZOE])[1]]]
    rows[2][2:5] = ["", "allein", ""]

    found = survey(rows, by_language('allein = "alone"'), tmp_path, ontology)
    assert [one.assessments[0].level for one in found.responses()] == ["alone", "alone"]
    with pytest.raises(
        MappingError, match=r"“alone” means “alone” in one language and “leads” in"
    ):
        survey(rows, by_language('alone = "leads"'), tmp_path, ontology)


def test_a_choice_may_hold_what_stands_between_choices(tmp_path: Path, ontology: Ontology) -> None:
    """The longest choice that fits is taken."""
    choices = {**SKILLS, "python": "Python", "lua_modules": "Python, Lua and others"}
    tool = replace(
        GOOGLE,
        between=", ",
        choices=choices,
        mapping=GOOGLE.mapping.replace('between = ";"', 'between = ", "').replace(
            '"Lua modules" =', '"Python, Lua and others" ='
        ),
    )

    found = read(write(tmp_path / "s.csv", tool.rows(PEOPLE), tool), tool, ontology)

    assert sorted(map(line, found)) == EVERYBODY


def test_choices_can_be_levels_and_what_is_left_out_a_level_too(
    tmp_path: Path, ontology: Ontology
) -> None:
    """An empty cell was skipped, unless the mapping says that it is a choice of nothing."""
    rows = [["account", "day", "uses", "agrees"], ["Ada", "2026-03-04", "Lua;", "x"],
            ["Zoe", "2026-03-05", "", "x"]]  # fmt: skip
    told = (
        'columns = "uses"\nbetween = ";"\nchosen = "alone"\nnot_chosen = "none"\n'
        'skills = { "Lua" = "lua_modules", "Python" = "python", "Forth" = "" }\n'
    )
    head = GOOGLE.mapping.partition("[[questions]]")[0].replace('tool = "google"\n', "")
    for name, heading in ((CONSENT, "agrees"), ("Timestamp", "day"), ("Yes", "x")):
        head = head.replace(f'"{name}"', f'"{heading}"')
    head = head.replace("What is your username?", "account")
    tool = replace(GOOGLE, mapping=f"{head}[[questions]]\n{told}")

    found = survey(rows, tool, tmp_path, ontology)
    assert list(map(line, found.responses())) == [
        "Ada | 2026-03-04 | lua_modules alone | python none",
        "Zoe | 2026-03-05",
    ]
    found = survey(
        rows, replace(tool, mapping=f"{tool.mapping}skipped = []\n"), tmp_path, ontology
    )
    assert line(list(found.responses())[1]) == "Zoe | 2026-03-05 | lua_modules none | python none"


def test_what_people_add_to_the_choices_of_one_cell_can_be_kept(
    tmp_path: Path, ontology: Ontology
) -> None:
    """As skills that the form did not ask about; the choices of the form are none of these."""
    rows = GOOGLE.rows([ADA])
    rows[1][GOOGLE.column("learn")] += ";Rust and Go"
    others = f'[[others]]\ncolumns = "{LEARN}"\nlevel = "aware"\n'
    tool = replace(GOOGLE, mapping=GOOGLE.mapping + others)

    (found,) = survey(rows, tool, tmp_path, ontology).responses()

    assert line(found) == said(ADA)
    assert [(one.wording, one.level) for one in found.named] == [("Rust and Go", "aware")]


def test_signs_that_follow_each_other_are_no_choice(tmp_path: Path, ontology: Ontology) -> None:
    """Nor is one at the end, or a space more."""
    rows = GOOGLE.rows(PEOPLE)
    rows[1][GOOGLE.column("learn")] = ";Lua modules ;; Python; "

    found = survey(rows, GOOGLE, tmp_path, ontology)

    assert sorted(map(line, found.responses())) == EVERYBODY


def test_an_answer_in_a_wrong_encoding_is_told_as_such(tmp_path: Path, ontology: Ontology) -> None:
    """And not only as one that nobody knows."""
    rows = GOOGLE.rows(PEOPLE)
    rows[1][GOOGLE.column("python")] = "selbststÃ¤ndig"

    (fault,) = check(rows, GOOGLE, tmp_path, ontology).faults

    assert fault.what == "“selbststÃ¤ndig” is “selbstständig”, read in a wrong encoding"


def test_a_draft_tells_how_to_keep_what_people_added(tmp_path: Path, ontology: Ontology) -> None:
    """As a comment: free text is nothing that a suggestion may open."""
    headings = ["id", "submitdate", "lastpage", "startlanguage", "SK[lua]", "SK[other]"]
    rows = [headings, ["1", "2026-03-04", "6", "en", "alone", "Rust"]]

    written = draft(inspect(write(tmp_path / "s.csv", rows, GOOGLE), ontology), ontology)

    assert '# [[others]]\n# columns = "SK[other]"\n# level = "alone"\n' in written
    assert "Rust" not in written


def test_a_heading_with_a_star_is_drafted_by_its_letter(
    tmp_path: Path, ontology: Ontology
) -> None:
    """In a mapping a star stands for any text."""
    rows = GOOGLE.rows(PEOPLE * 3)
    rows[0][GOOGLE.column("learn")] += " *"

    written = draft(inspect(write(tmp_path / "s.csv", rows, GOOGLE), ontology), ontology)

    assert 'columns = "column F"' in written


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_was_set_aside_is_read_again_once_it_is_mended(
    tool: Tool, tmp_path: Path, ontology: Ontology
) -> None:
    """With all its heading rows, and with the same mapping."""
    people = [replace(one, learns=frozenset()) for one in PEOPLE]
    rows = tool.rows(people)
    column = tool.column("lua_modules")
    first = len(tool.headings)
    good, rows[first][column] = rows[first][column], "godlike"
    opened = survey(rows, tool, tmp_path, ontology)
    assert sorted(map(line, opened.responses())) == sorted(map(said, people[1:]))

    encoding, _ = form(opened)
    with (tmp_path / "s2.csv").open("w", encoding=encoding, newline="") as file:
        set_aside(opened, file)
    text = (tmp_path / "s2.csv").read_text(encoding=encoding)
    assert "godlike" in text
    (tmp_path / "s2.csv").write_text(text.replace("godlike", good, 1), encoding=encoding)
    again = Survey.open(tmp_path / "s2.csv", loading.load(tmp_path / "m.toml"), ontology)

    assert list(map(line, again.responses())) == [said(people[0])]
