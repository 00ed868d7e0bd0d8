"""KoboToolbox and ODK: tags, labels, roles, repeats."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.surveys.exports.importing import EVERYBODY, column, line, read, survey, write
from tests.surveys.exports.quirks import ADA, PEOPLE
from tests.surveys.exports.styles import ODK_SPLIT
from tests.surveys.exports.tools import GOOGLE, KOBO, SKILLS, said
from tests.surveys.samples import xlsx
from wbskills.errors import SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.files.columns import Role


def test_a_row_of_tags_is_part_of_the_heading(tmp_path: Path, ontology: Ontology) -> None:
    """And no response."""
    head, *rows = KOBO.rows(PEOPLE)
    tags = ["#date+start", "", "#contact", *[""] * (len(head) - 4), "#meta"]

    found = survey([head, tags, *rows], KOBO, tmp_path, ontology)

    assert "KoboToolbox: 2 heading rows" in tools.recognise([head, tags, *rows])[1]
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
        ("about/_home_precision", Role.PLACE),
        ("_geolocation", Role.PLACE),
        ("skills-Accuracy", Role.QUESTION),
        ("more[1]/full_name", Role.NAME),
        ("more[1]/skill", Role.OWN),
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


def test_a_choice_called_no_is_not_a_tick(tmp_path: Path, ontology: Ontology) -> None:
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


KOBO_REPEAT = [
    "skill", "level", "_index", "_parent_table_name", "_parent_index", "_submission__id",
    "_submission__uuid", "_submission__submission_time", "_submission__submitted_by",
]  # fmt: skip
ODK_REPEAT = ["skill", "level", "PARENT_KEY", "KEY"]


@pytest.mark.parametrize(("headings", "tool"), [(KOBO_REPEAT, "KoboToolbox"), (ODK_REPEAT, "ODK")])
def test_a_sheet_of_repeats_is_refused(
    headings: list[str], tool: str, tmp_path: Path, ontology: Ontology
) -> None:
    """Its rows are parts of responses, and have neither a day nor a consent."""
    rows = [headings, ["Lua", *["1"] * (len(headings) - 1)]]
    path = write(tmp_path / "s.csv", rows, KOBO)

    assert tools.recognise(rows)[1] == f"{tool}: a sheet of repeats, not of responses"
    with pytest.raises(SurveyError, match="each row is a repeat within a response"):
        inspect(path, ontology)
    with pytest.raises(SurveyError, match="answers in repeats cannot be imported"):
        survey(rows, KOBO, tmp_path, ontology)


def test_a_workbook_with_repeats_is_read_by_its_first_sheet(
    tmp_path: Path, ontology: Ontology
) -> None:
    """Another one is refused, with the way back to the first."""
    path = xlsx(tmp_path / "s.xlsx", [KOBO_REPEAT, ["Lua", "alone", "1", "main", "1"]])

    with pytest.raises(SurveyError, match="use the first sheet, which has the responses"):
        inspect(path, ontology, sheet="Answers")


def test_columns_of_repeats_are_reported_and_ignored(tmp_path: Path, ontology: Ontology) -> None:
    """As older versions and ODK's neighbours write them; one of them can still be mapped."""
    head, *rows = KOBO.rows(PEOPLE)
    wide = [[*head, "more[1]/skill", "more[2]/skill"], *([*row, "leads", ""] for row in rows)]
    mapped = KOBO.mapping + '[[questions]]\nanswers = "scale:self_5"\n[questions.skills]\n'
    one = replace(KOBO, mapping=mapped + '"more[1]/skill" = "sparql"\n')

    seen = inspect(write(tmp_path / "s.csv", wide, KOBO), ontology)

    assert seen.reason.endswith("; 2 columns of repeats, for example of more[1]")
    assert [each.column.role for each in seen.columns[-2:]] == [Role.OWN, Role.OWN]
    found = survey(wide, KOBO, tmp_path, ontology)
    assert sorted(map(line, found.responses())) == EVERYBODY
    levels = [answer.level for response in survey(wide, one, tmp_path, ontology).responses()
              for answer in response.assessments if answer.skill == "sparql"]  # fmt: skip
    assert levels == ["leads"] * 3


def test_a_slash_in_a_label_parts_nothing() -> None:
    """Only choices and groups that other columns share have their names before it."""
    own = ["_id", "_uuid", "_submission_time"]

    asked, named = tools.find_tool("kobo").columns(
        [[*own, "Yes/no: may we?", "About you/Full name"]]
    )[3:]

    assert (asked.text, asked.row_text) == ("Yes/no: may we?", "")
    assert named.role is Role.NAME


def test_odk_writes_the_same_for_skipped_and_not_ticked(
    tmp_path: Path, ontology: Ontology
) -> None:
    """It writes 0 for both; what was left out is no answer unless the mapping says so."""
    rows = ODK_SPLIT.rows([replace(ADA, learns=frozenset())])

    found = survey(rows, ODK_SPLIT, tmp_path, ontology)

    assert {row[ODK_SPLIT.column("learn:python")] for row in rows[1:]} == {"0"}
    assert list(map(line, found.responses())) == [said(replace(ADA, learns=frozenset()))]
