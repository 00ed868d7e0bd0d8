"""Bad rows in a file of their own."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.surveys.samples import COLUMNS, MAPPING, ada, survey, table, xlsx
from wbskills.errors import WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.mapping.toml_file import load
from wbskills.surveys.responses.rejected_rows import rejected_rows, write_rejected_rows
from wbskills.surveys.responses.survey import Survey
from wbskills.tasks.surveys import MappedSurvey, save_bad_rows


def test_rejected_rows_can_be_fixed_and_imported(tmp_path: Path, ontology: Ontology) -> None:
    """The file that is written fits the same mapping, and says why the rows are there."""
    rows = [["ada@example.org", *ada("maybe")], ["", *ada(name="Bea")]]
    text = table(*rows, columns=["email", *COLUMNS])
    written = io.StringIO()

    assert write_rejected_rows(survey(tmp_path, ontology, text), written) == 1

    heading, row = written.getvalue().splitlines()
    assert heading == ",".join(["email", *COLUMNS, "wbskills: row", "wbskills: why"])
    assert row == (
        ",Ada,2026-03-04,Yes,maybe,none,2,"
        "column E “SK[lua_modules]”: the mapping does not know the answer “maybe”"
    )
    mended = written.getvalue().replace(",maybe,", ",alone,")
    again = survey(tmp_path, ontology, mended)
    assert again.check().faults == ()
    assert [response.identity.name for response in again.responses()] == ["Ada"]


def put(folder: Path, opened: Survey, ontology: Ontology, name: str = "aside.csv") -> Path:
    """Set the bad rows aside as the command does."""
    file = folder / name
    save_bad_rows(MappedSurvey(opened, ontology), file)
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
    assert fault.what == "the mapping does not know the answer “maybe”"
    (bad,) = rejected_rows(again)
    assert bad.cells[0] == "Zoë"


def test_the_rows_of_a_workbook_can_be_fixed_as_well(tmp_path: Path, ontology: Ontology) -> None:
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


def test_all_columns_of_the_survey_are_kept(tmp_path: Path, ontology: Ontology) -> None:
    """Whatever the last two are called, unless an earlier run has added them."""
    columns = [*COLUMNS, "your row", "your why"]
    opened = survey(tmp_path, ontology, table([*ada("maybe"), "3", "so"], columns=columns))

    heading, row = put(tmp_path, opened, ontology).read_text(encoding="utf-8").splitlines()

    assert heading == ",".join([*columns, "wbskills: row", "wbskills: why"])
    assert row.startswith("Ada,2026-03-04,Yes,maybe,none,3,so,2,")


def test_what_a_spreadsheet_would_calculate_is_text(tmp_path: Path, ontology: Ontology) -> None:
    """The file is made to be opened in one; fixed, the blank before it changes nothing."""
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
    with pytest.raises(WbskillsError, match="already exists"):
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


def test_two_people_with_one_name_are_both_rejected(tmp_path: Path, ontology: Ontology) -> None:
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

    assert [response.identity.name for response in opened.responses()] == ["t-Fox"]
    assert file.read_text().count("have the same name for two people") == 2
    file.write_text(
        file.read_text().replace(
            "Bea,2026-03-04,Nick,alone,none,Otter", "Bea,2026-03-04,Nick,alone,none,Elk"
        )
    )
    mended = reopened(file, tmp_path, ontology)
    assert [response.identity.name for response in mended.responses()] == ["t-Otter", "t-Elk"]


PERSONAL = ["e-mail", *COLUMNS, "IP address"]


def bad(*row: str, moved: bool = False) -> list[str]:
    """Make a row of the survey with a mail address and an IP address that nobody may see."""
    return ["ada@secret.example", *row, *(["x"] if moved else []), "192.0.2.77"]


@pytest.mark.parametrize(
    "row",
    [
        bad(*ada(), moved=True),
        bad(*ada())[1:],
        [*bad(*ada()), "", "z"],
        ["x", *bad(*ada())],
        bad(*ada())[:4],
        ["Ada Lovelace", *bad(*ada())[:-1], ""],
        ["Ada Lovelace", *bad(*ada())[:-1], "", ""],
        ["Q" * 1_000_001, *bad(*ada())[:3]],
        ["Ada Lovelace", *bad(*ada())],
    ],
)
def test_no_personal_data_slip_into_it(tmp_path: Path, ontology: Ontology, row: list[str]) -> None:
    """Where cells may have slipped into other columns, none of them is kept; it says so."""
    opened = survey(tmp_path, ontology, table(row, bad(*ada(name="Bea")), columns=PERSONAL))

    text = put(tmp_path, opened, ontology).read_text()

    heading, written = text.splitlines()
    for secret in ("secret", "192.0", "Lovelace", "QQQ"):
        assert secret not in written
    assert written.startswith(",#MISSING,#MISSING,#MISSING,#MISSING,#MISSING,,2,")
    assert "copy the cells of row 2 of the survey over #MISSING, or fix that row there" in written
    assert heading.split(",")[:7] == PERSONAL
    assert [response.identity.name for response in opened.responses()] == ["Bea"]


def test_what_was_left_out_can_be_filled_in(tmp_path: Path, ontology: Ontology) -> None:
    """Before that it is a fault that names the row of the survey, however empty cells are read."""
    mapping = (
        "[response]\nsubmitted = 'WHEN'\n[response.only]\nCONSENT = ['Yes', 'No']\n" + MAPPING
    )
    mapping = MAPPING.replace("[identity]", mapping.partition("title")[0] + "[identity]")
    rows = [bad(*ada(name="Bea")), bad(*ada(), moved=True)]
    file = put(tmp_path, survey(tmp_path, ontology, table(*rows, columns=PERSONAL), mapping),
               ontology)  # fmt: skip

    again = reopened(file, tmp_path, ontology)
    (fault,) = again.check().faults
    assert fault.what == "this cell still has #MISSING, which stands for a cell that was left out"
    assert fault.hint.startswith("copy the cell from row 3 of the survey file")
    assert list(again.responses()) == []
    second = put(tmp_path, again, ontology, "again.csv").read_text()
    assert ',#MISSING,,3,"column B “USER”: this cell still has #MISSING' in second

    missing = ",".join(["#MISSING"] * 5)
    file.write_text(file.read_text().replace(missing, ",".join(ada())))
    (response,) = reopened(file, tmp_path, ontology).responses()
    assert response.identity.name == "Ada"


def test_a_refusal_among_left_out_cells_is_one(tmp_path: Path, ontology: Ontology) -> None:
    """A person who did not consent is left out: there is nothing to fix."""
    columns = [*COLUMNS, "wbskills: row", "wbskills: why"]
    row = ["#MISSING", "#MISSING", "No", "#MISSING", "#MISSING", "7", "because"]
    found = survey(tmp_path, ontology, table(row, columns=columns)).check()
    assert (found.withheld.count, found.faults) == (1, ())


@pytest.mark.parametrize(
    "cell",
    [
        "ada@secret.example",
        "write to <ada@secret.example>, please",
        "I am 192.0.2.77",
        "2001:db8::1",
        "52.5200, 13.4050",
        "52.5200 13.4050 34.0 4.9",
    ],
)
def test_cells_that_look_personal(tmp_path: Path, ontology: Ontology, cell: str) -> None:
    """Under any heading: what the door cannot know by its heading."""
    row = [*ada("maybe"), cell]
    opened = survey(tmp_path, ontology, table(row, columns=[*COLUMNS, "Remark"]))
    written = put(tmp_path, opened, ontology).read_text()
    assert cell.rsplit(maxsplit=1)[-1] not in written
    assert "maybe,none,#MISSING,2," in written


def test_a_shifted_grid_keeps_the_cells_before_it(tmp_path: Path, ontology: Ontology) -> None:
    """What follows may hold the mail address that stood behind it."""
    text = (
        "User ID,User display name,Timestamp,Name on wiki,OK,G (Lua),G (Python),Your e-mail,End\n"
        "u,Ada L,2026-03-04T10:00:00+00:00,Ada,Yes,,ada@secret.example,fine,\n"
        "u,Ada L,2026-03-04T10:00:00+00:00,Bea,Yes,,Lovelace Street 1,fine,\n"
    )
    mapping = MAPPING.replace("USER", "Name on wiki").replace("CONSENT", "OK")
    mapping = mapping.replace("WHEN", "Timestamp").replace("SK[{skill}]", "G ({skill})")
    opened = survey(tmp_path, ontology, text, mapping)
    written = put(tmp_path, opened, ontology).read_text()
    assert "secret" not in written
    assert "Lovelace" not in written
    assert ",Ada,Yes,#MISSING,#MISSING,,#MISSING,2," in written


def test_a_long_table_keeps_no_slipped_row(tmp_path: Path, ontology: Ontology) -> None:
    """Nor takes what stands for left out cells for a skill or a person."""
    columns = ["person", "skill", "level", "date", "ok", "e-mail"]
    rows = [
        ["Ada", "lua_modules", "alone", "2026-03-04", "Yes", "ada@secret.example"],
        ["Bea", "Bea B", "python", "alone", "2026-03-04", "Yes", "bea@secret.example"],
    ]
    mapping = MAPPING.replace("USER", "person").replace("CONSENT", "ok")
    mapping = mapping.replace("WHEN", "date").replace('"SK[{skill}]"', '"level [{skill}]"')
    opened = survey(tmp_path, ontology, table(*rows, columns=columns), mapping)

    file = put(tmp_path, opened, ontology)

    assert "secret" not in file.read_text()
    assert "Bea" not in file.read_text()
    with file.open("a") as opened_again:
        opened_again.write(",".join([*rows[0][:5], "", "9", ""]) + "\n")
    again = reopened(file, tmp_path, ontology)
    (fault,) = again.check().faults
    assert fault.row == 2
    assert fault.what == "this cell still has #MISSING, which stands for a cell that was left out"
    assert [response.identity.name for response in again.responses()] == ["Ada"]


def test_a_faulty_row_keeps_its_name_for_itself(tmp_path: Path, ontology: Ontology) -> None:
    """Fixed later, it would become the item of another person with the same pseudonym."""
    mapping = MAPPING.replace(
        '"USER"', '"USER"\npseudonym_column = "NICK"\npseudonym_prefix = "t-"'
    ).replace('"No" =', '"Nick" = "consent_pseudonym", "No" =')
    rows = [
        ["Ada", "2026-03-04", "Nick", "alone", "none", "Otter"],
        ["Bea", "2026-03-04", "Nick", "maybe", "none", "Otter"],
    ]
    opened = survey(tmp_path, ontology, table(*rows, columns=[*COLUMNS, "NICK"]), mapping)

    file = put(tmp_path, opened, ontology)

    assert list(opened.responses()) == []
    found = opened.check()
    assert (found.responses, found.faulty.count, found.fault_count) == (0, 2, 3)
    assert file.read_text().count("have the same name for two people") == 2
    file.write_text(file.read_text().replace("maybe,none,Otter", "alone,none,Elk"))
    mended = reopened(file, tmp_path, ontology)
    assert [response.identity.name for response in mended.responses()] == ["t-Otter", "t-Elk"]


SECRETS = ("ada@secret.example", "Quxname", "192.0.2.9")
SHAPE = ["e-mail", *COLUMNS, "First name", "IP address"]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    order=st.permutations(range(len(SHAPE))),
    rows=st.lists(
        st.tuples(
            st.sampled_from(["Ada", "Bea", "", "x@"]),
            st.sampled_from(["2026-03-04", "bad", ""]),
            st.sampled_from(["Yes", "No", "?"]),
            st.sampled_from(["alone", "maybe", ""]),
            st.sampled_from(["too many", "too few", "right"]),
            st.integers(0, len(SHAPE) - 1),
            st.sampled_from(["x", "", "Yes"]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_however_a_row_slips_its_secrets_stay(
    tmp_path: Path,
    ontology: Ontology,
    order: list[int],
    rows: list[tuple[str, str, str, str, str, int, str]],
) -> None:
    """Columns in any order, a cell too many or too few anywhere, a blank one at the end."""
    written = []
    for name, day, consent, level, length, place, more in rows:
        cells = [SECRETS[0], name, day, consent, level, "none", SECRETS[1], SECRETS[2]]
        cells = [cells[index] for index in order]
        if length == "too many":
            cells.insert(place, more)
        elif length == "too few":
            del cells[place]
        written.append(cells)
    text = table(*written, columns=[SHAPE[index] for index in order])
    opened = survey(tmp_path, ontology, text)

    aside = io.StringIO()
    count = write_rejected_rows(opened, aside)

    told = f"{opened.check()}{aside.getvalue()}"
    assert not any(secret in told for secret in SECRETS)
    if count:
        (tmp_path / "aside.csv").write_text(aside.getvalue(), encoding="utf-8")
        again = reopened(tmp_path / "aside.csv", tmp_path, ontology)
        assert list(again.responses()) == []
