"""Titles above the headings."""

import io
from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, MAPPING, ada, ods, survey, table, xlsx
from wbskills.errors import MappingError, SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.draft.write_draft import draft
from wbskills.surveys.mapping.toml_file import load
from wbskills.surveys.responses.compare import ChangeKind, compare
from wbskills.surveys.responses.rejected_rows import write_rejected_rows
from wbskills.surveys.responses.survey import Survey

TITLE = "Skills of our group, spring\n\n,,\nContact:,Ada\n"
BELOW = "heading_row = 5\n" + MAPPING


def test_rows_below_a_title_keep_their_numbers(tmp_path: Path, ontology: Ontology) -> None:
    """They are those of the spreadsheet, in faults too."""
    text = TITLE + table(ada(), ada("maybe", name="Bea"))
    opened = survey(tmp_path, ontology, text, BELOW)

    (response,) = opened.responses()
    (fault,) = opened.check().faults

    assert (response.row, fault.row) == (6, 7)
    assert opened.headings == tuple(COLUMNS)


def test_a_title_is_reported_with_a_hint(tmp_path: Path, ontology: Ontology) -> None:
    """Before all the columns that are not there, and in a comparison as well."""
    with pytest.raises(MappingError) as refused:
        survey(tmp_path, ontology, TITLE + table(ada()))
    first = refused.value.faults[0]
    assert first.what == "row 1 of the file looks like a title, and row 5 like its headings"
    assert first.hint == "add heading_row = 5"

    found = compare(tmp_path / "s.csv", load(tmp_path / "m.toml"), ontology)
    assert found[0].change is ChangeKind.NOT_COMPARED
    assert found[0].hint == "add heading_row = 5"
    (tmp_path / "m.toml").write_text(BELOW)
    assert compare(tmp_path / "s.csv", load(tmp_path / "m.toml"), ontology) == []


@pytest.mark.parametrize("kind", ["csv", "csv;", "tab", "xlsx", "ods"])
def test_an_inspection_finds_the_headings(tmp_path: Path, ontology: Ontology, kind: str) -> None:
    """The draft says in which row they are."""
    rows = [["Our survey"], [], ["spring", "2026"], COLUMNS, ada(), ada(name="Bea")]
    path = tmp_path / "s.csv"
    if kind == "xlsx":
        path = xlsx(tmp_path / "s.xlsx", rows)
    elif kind == "ods":
        path = ods(tmp_path / "s.ods", rows)
    else:
        separator = {"csv": ",", "csv;": ";", "tab": "\t"}[kind]
        path.write_text("\n".join(separator.join(row) for row in rows))

    found = inspect(path, ontology)

    assert found.heading_row == 4
    assert found.reason.endswith("; the headings are in row 4")
    assert [column.column.heading for column in found.columns] == COLUMNS
    assert found.rows == 2
    assert "\nheading_row = 4" in draft(found, ontology)


def test_the_tool_below_a_title_is_found(tmp_path: Path, ontology: Ontology) -> None:
    """As if the title were not there."""
    path = tmp_path / "s.csv"
    path.write_text(
        "Our survey\nid,submitdate,lastpage,startlanguage,SK[lua]\n1,2026-03-04,3,en,A1\n"
    )
    found = inspect(path, ontology)
    assert (found.tool, found.heading_row) == ("limesurvey", 2)


@pytest.mark.parametrize(
    "text",
    [
        "person,skill,level\nAda,Lua,3\n",
        "USER,,\nAda,alone,none\n",
        "USER,WHEN\nAda,2026-03-04\n",
        "USER,WHEN,CONSENT,SK\n,,,\nAda,2026-03-04,Yes,3\n",
        "one\ntwo\nthree\n",
    ],
)
def test_what_is_not_a_title(tmp_path: Path, ontology: Ontology, text: str) -> None:
    """Headings over few columns, and rows with few answers."""
    path = tmp_path / "s.csv"
    path.write_text(text)
    assert inspect(path, ontology).heading_row == (0 if "USER,,\n" not in text else 2)


@pytest.mark.parametrize("row", [1, 2, 99])
def test_a_row_without_headings(tmp_path: Path, ontology: Ontology, row: int) -> None:
    """A blank one is reported; another one lacks the columns that the mapping names."""
    text = "\n" + TITLE + table(ada())
    with pytest.raises((MappingError, SurveyError)) as refused:
        survey(tmp_path, ontology, text, f"heading_row = {row}\n" + MAPPING)
    told = (
        "should have the headings, but it is blank" if row != 2 else "no column is called “USER”"
    )
    assert told in str(refused.value)


@pytest.mark.parametrize("told", ["0", "-1", '"3"', "3.0", "true", "1000000000000000000000000"])
def test_a_row_that_cannot_be(tmp_path: Path, told: str) -> None:
    """Rows are whole numbers from 1."""
    (tmp_path / "m.toml").write_text(f"heading_row = {told}\n" + MAPPING)
    with pytest.raises(MappingError, match="heading_row"):
        load(tmp_path / "m.toml")


def test_bad_rows_below_a_title_are_read_by_the_same_mapping(
    tmp_path: Path, ontology: Ontology
) -> None:
    """The title itself, which may name someone, is not written again."""
    opened = survey(tmp_path, ontology, TITLE + table(ada("maybe")), BELOW)
    written = io.StringIO()
    write_rejected_rows(opened, written)
    assert "Contact" not in written.getvalue()

    mended = tmp_path / "mended.csv"
    mended.write_text(written.getvalue().replace(",maybe,", ",alone,"))
    (response,) = Survey.open(mended, load(tmp_path / "m.toml"), ontology).responses()
    assert response.identity.name == "Ada"
