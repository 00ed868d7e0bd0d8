"""Bad rows in a file of their own."""

import io
from pathlib import Path

import pytest

from tests.surveys.files import COLUMNS, MAPPING, ada, survey, table, xlsx
from wbskills.errors import WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.loading import load
from wbskills.surveys.responses import Survey
from wbskills.surveys.set_aside import set_aside
from wbskills.tasks.surveys import MappedSurvey, put_aside


def test_bad_rows_can_be_mended_and_imported(tmp_path: Path, ontology: Ontology) -> None:
    """The file that is written fits the same mapping, and says why the rows are there."""
    rows = [["ada@example.org", *ada("maybe")], ["", *ada(name="Bea")]]
    text = table(*rows, columns=["email", *COLUMNS])
    written = io.StringIO()

    assert set_aside(survey(tmp_path, ontology, text), written) == 1

    heading, row = written.getvalue().splitlines()
    assert heading == ",".join(["email", *COLUMNS, "wbskills: row", "wbskills: why"])
    assert row == (
        ",Ada,2026-03-04,Yes,maybe,none,2,"
        "column E “SK[lua_modules]”: “maybe” is not an answer that the mapping knows"
    )
    mended = written.getvalue().replace(",maybe,", ",alone,")
    again = survey(tmp_path, ontology, mended)
    assert again.check().faults == ()
    assert [one.identity.name for one in again.responses()] == ["Ada"]


def put(folder: Path, opened: Survey, ontology: Ontology, name: str = "aside.csv") -> Path:
    """Set the bad rows aside as the command does."""
    file = folder / name
    put_aside(MappedSurvey(opened, ontology), file)
    return file


def reopened(file: Path, folder: Path, ontology: Ontology) -> Survey:
    """Open a file with the mapping that the survey was opened with."""
    return Survey.open(file, load(folder / "m.toml"), ontology)


@pytest.mark.parametrize(
    ("encoding", "separator", "told"),
    [
        ("cp1252", ";", 'encoding = "windows-1252"\n'),
        ("cp1252", "|", 'encoding = "windows-1252"\nseparator = "|"\n'),
        ("utf-16", "\t", ""),
        ("utf-16-le", ",", 'encoding = "utf-16-le"\n'),
        ("utf-8-sig", ";", ""),
        ("latin-1", ",", 'encoding = "latin-1"\n'),
    ],
)
def test_the_file_is_read_by_the_same_mapping(
    tmp_path: Path, ontology: Ontology, encoding: str, separator: str, told: str
) -> None:
    """It has the encoding and the separator of the survey, whatever the reasons hold."""
    text = table(ada("maybe", name="Zoë"), ada(name="Bea")).replace(",", separator)
    opened = survey(tmp_path, ontology, text.encode(encoding), told + MAPPING)

    again = reopened(put(tmp_path, opened, ontology), tmp_path, ontology)

    (fault,) = again.check().faults
    assert fault.what == "“maybe” is not an answer that the mapping knows"
    (bad,) = again.bad_rows()
    assert bad.cells[0] == "Zoë"


def test_the_rows_of_a_workbook_can_be_mended_too(tmp_path: Path, ontology: Ontology) -> None:
    """As a text file, in the form that its mapping would read one."""
    path = xlsx(tmp_path / "s.xlsx", [COLUMNS, ada("maybe", name="Zoë")])
    (tmp_path / "m.toml").write_text('separator = ";"\nsheet = "Answers"\n' + MAPPING)
    opened = Survey.open(path, load(tmp_path / "m.toml"), ontology)

    file = put(tmp_path, opened, ontology)
    file.write_bytes(file.read_bytes().replace(b";maybe;", b";alone;"))

    (response,) = reopened(file, tmp_path, ontology).responses()
    assert response.identity.name == "Zoë"


def test_rows_of_the_wrong_length_lose_nothing(tmp_path: Path, ontology: Ontology) -> None:
    """What is too much stands at the end, what is missing is no empty answer."""
    text = table([*ada(), "and more", "=2+3"], ["Bea", "2026-03-04", "Yes", "alone"])
    opened = survey(tmp_path, ontology, text)

    file = put(tmp_path, opened, ontology)
    again = reopened(file, tmp_path, ontology)

    assert "and more, =2+3" in file.read_text()
    assert len(again.check().faults) == 2
    assert list(again.responses()) == []


def test_what_a_spreadsheet_would_calculate_is_text(tmp_path: Path, ontology: Ontology) -> None:
    """The file is made to be opened in one; mended, the blank before it changes nothing."""
    rows = [ada("=cmd|' /C calc'!A1", "-5"), ada("@SUM(1)", "+x", name="Bea")]
    file = put(tmp_path, survey(tmp_path, ontology, table(*rows)), ontology)
    text = file.read_text(encoding="utf-8")
    assert ", =cmd|" in text
    assert ", @SUM(1), +x," in text
    assert ",-5," in text


def test_setting_aside_twice(tmp_path: Path, ontology: Ontology) -> None:
    """The same command again finds its own file; what another one wrote stays as it is."""
    opened = survey(tmp_path, ontology, table(ada("maybe")))
    file = put(tmp_path, opened, ontology)
    first = file.read_bytes()
    assert put(tmp_path, opened, ontology).read_bytes() == first

    again = put(tmp_path, reopened(file, tmp_path, ontology), ontology, "second.csv")
    assert again.read_text().count("wbskills: why") == 1

    file.write_text("something else")
    with pytest.raises(WbskillsError, match="is there already"):
        put(tmp_path, opened, ontology)
    assert file.read_text() == "something else"
    assert {path.name for path in tmp_path.iterdir()} == {
        "s.csv", "m.toml", "aside.csv", "second.csv"
    }  # fmt: skip


def test_where_nothing_can_be_written_nothing_is_left(tmp_path: Path, ontology: Ontology) -> None:
    """One message, and no half of a file."""
    opened = survey(tmp_path, ontology, table(ada("maybe")))
    with pytest.raises(WbskillsError, match="cannot be written"):
        put(tmp_path, opened, ontology, "nowhere/aside.csv")


def test_two_people_of_one_name_are_both_set_aside(tmp_path: Path, ontology: Ontology) -> None:
    """Neither is imported before one of them has another name."""
    mapping = MAPPING.replace(
        '"USER"', '"USER"\npseudonym_column = "NICK"\npseudonym_prefix = "t-"'
    ).replace('"No" =', '"Nick" = "consent_pseudonym", "No" =')
    rows = [
        [name, "2026-03-04", "Nick", "alone", "none", nick]
        for name, nick in (("Ada", "Otter"), ("Bea", "Otter"), ("Cy", "Fox"))
    ]
    opened = survey(tmp_path, ontology, table(*rows, columns=[*COLUMNS, "NICK"]), mapping)

    file = put(tmp_path, opened, ontology)

    assert [one.identity.name for one in opened.responses()] == ["t-Fox"]
    assert file.read_text().count("two people gave one name") == 2
    file.write_text(
        file.read_text().replace(
            "Bea,2026-03-04,Nick,alone,none,Otter", "Bea,2026-03-04,Nick,alone,none,Elk"
        )
    )
    mended = reopened(file, tmp_path, ontology)
    assert [one.identity.name for one in mended.responses()] == ["t-Otter", "t-Elk"]
