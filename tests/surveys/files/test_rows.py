"""Reading files of any kind: rows as a spreadsheet counts them, or one clear message."""

import codecs
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.surveys.samples import ods, xlsx
from wbskills.errors import InvalidValue, NotFound, SurveyError, WbskillsError
from wbskills.surveys.files.rows import SurveyFile, open_file


def read(file: SurveyFile) -> list[tuple[int, list[str]]]:
    """Read all rows of a file, the heading too."""
    width = len(file.top[0][1])
    return [(row.number, row.cells) for row in file.rows(0, width, width)]


def opened(path: Path, content: bytes | str, **told: str) -> SurveyFile:
    """Write a file and open it."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_file(path, encoding=told.get("encoding", ""), separator=told.get("separator", ""))


def refused(path: Path, content: bytes | str, **told: str) -> str:
    """Return the message that a file is refused with, which names the file and what to try."""
    with pytest.raises(SurveyError) as caught:
        read(opened(path, content, **told))
    assert str(path) in str(caught.value)
    assert "Try: " in str(caught.value)
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "survey.csv"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_separator_line_of_excel_is_not_a_heading(
    path: Path, separator: str, mark: str
) -> None:
    """It is believed, and rows count from it on, as a text editor shows them."""
    file = opened(path, f"{mark}sep={separator}\r\na{separator}b\r\n1{separator}2|3|4\r\n")

    assert file.separator == separator
    assert read(file) == [(2, ["a", "b"]), (3, ["1", "2|3|4"])]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_by_reading(path: Path, separator: str) -> None:
    """With quotes honoured, so that commas inside answers do not count."""
    cells = [["a", "b, c; d", "e|f"], ["1,5", "x", ""], ["2,5", 'say "y"', "z"]]
    lines = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells]
    file = opened(path, "\n".join(lines))

    assert file.separator == separator
    assert read(file) == [(1, cells[0]), (2, cells[1]), (3, cells[2])]


def test_a_separator_can_be_named(path: Path) -> None:
    """By the character or, for those that a shell eats, by a word."""
    assert read(opened(path, "a:b\n1:2\n", separator=":"))[1] == (2, ["1", "2"])
    assert opened(path, "a\tb\n", separator="tab").separator == "\t"
    with pytest.raises(InvalidValue, match="one character"):
        opened(path, "a,b\n", separator="::")


def test_decimal_commas_do_not_make_columns(path: Path) -> None:
    """A German export has “;” between cells and “,” inside numbers."""
    assert opened(path, "a;b\n1,5;2,5\n2,5;3,5\n").separator == ";"


def test_one_column_is_enough(path: Path) -> None:
    """A list of names is a table, too."""
    assert read(opened(path, "name\nAda\n")) == [(1, ["name"]), (2, ["Ada"])]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_a_byte_order_mark_decides_the_encoding(path: Path, encoding: str, mark: bytes) -> None:
    """And is no part of the first heading."""
    file = opened(path, mark + "näme,x\nZoë,א\n".encode(encoding))

    assert read(file) == [(1, ["näme", "x"]), (2, ["Zoë", "א"])]


def test_a_file_that_is_not_utf_8_says_where(path: Path) -> None:
    """Byte, row and column, and what to try: never a silent guess."""
    said = refused(path, "name,x\nAda,1\n" + "a" * 70_000 + ",1\nEve,Zoë\n", encoding="ascii")
    assert "not in ascii" in said

    content = b"name,x\nAda,1\nEve,Zo\xeb\n"
    said = refused(path, content)

    assert f"byte {content.index(0xEB)} (0xEB)" in said
    assert "row 3, column B: this file is not in UTF-8" in said
    assert "--encoding windows-1252" in said
    assert read(opened(path, content, encoding="windows-1252"))[2] == (3, ["Eve", "Zoë"])


def test_a_bad_byte_far_down_is_found_while_reading(path: Path) -> None:
    """The offset counts from the start of the file, byte order mark included."""
    content = codecs.BOM_UTF8 + b"name,x\n" + b"Ada,\xc3\xab\n" * 200_000 + b"Eve,\xff\n"

    said = refused(path, content)

    assert f"byte {len(content) - 2:,} (0xFF)" in said
    assert "row 200002, column B" in said


def test_an_encoding_has_to_exist(path: Path) -> None:
    """And has to be one of texts."""
    for name in ("klingon", "hex", "rot13"):
        with pytest.raises(InvalidValue, match="windows-1252"):
            opened(path, "a,b\n", encoding=name)


def test_records_count_as_rows(path: Path) -> None:
    """A line break inside quotes makes no new row; blank rows count, and are left out."""
    file = opened(path, 'a,b\n"1\n1",x\n\n,\n2,y\n\n\n')

    assert read(file) == [(1, ["a", "b"]), (2, ["1\n1", "x"]), (5, ["2", "y"])]


def test_rows_of_other_lengths_are_faults_with_their_address(path: Path) -> None:
    """Blank cells at the end are fine, too many or too few answers are not."""
    file = opened(path, "a,b,c\n1,2,3,,\n1,2\n1,2,3,4\n1,2,3\n")

    faults = [row.fault for row in file.rows(1, 3, 3)]

    assert [fault and fault.row for fault in faults] == [None, 3, 4, None]
    assert str(faults[1]).startswith(
        "row 3, column C: this row has 2 cells, but the heading row has 3"
    )
    assert "quotation mark" in str(faults[2])


def test_a_row_may_end_where_the_headings_end(path: Path) -> None:
    """Spreadsheets leave out empty cells under columns without a heading."""
    file = opened(path, "a,b,,\n1,2\n")

    assert [row.cells for row in file.rows(1, 4, 2)] == [["1", "2", "", ""]]


def test_a_cell_beyond_all_measure_is_a_fault_of_its_row(path: Path) -> None:
    """It is a quotation mark that is never closed; the rows behind are read all the same."""
    file = opened(path, "a,b\n1," + "x" * 1_000_001 + "\n2,y\n")

    rows = list(file.rows(1, 2, 2))

    assert "row 2, column B: this cell has 1,000,001 characters" in str(rows[0].fault)
    assert [row.cells for row in rows] == [["1", ""], ["2", "y"]]


def test_a_cell_without_end_stops_the_reading(path: Path) -> None:
    """Before it fills the memory."""
    said = refused(path, 'a,b\n1,"' + "x,y\n" * 2_500_000)

    assert "row 2: a cell of this row has no end" in said
    assert "never closed" in said


def test_a_file_that_changes_meanwhile_is_refused(path: Path) -> None:
    """The two passes over it would not agree."""
    file = opened(path, "a,b\n1,2\n")
    path.write_text("a,b\n1,2\n3,4\n")

    with pytest.raises(SurveyError, match="changed while it was being read"):
        read(file)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "this file is empty"),
        (b"\xef\xbb\xbf\r\n \n", "this file is empty"),
        (b",,\n,,\n", "this file has no rows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is a picture"),
        (b"%PDF-1.7 ...", "this is a PDF file"),
        (b"\x1f\x8b\x08\0", "this is a compressed file"),
        (b"<!DOCTYPE html><html>", "this is a web page"),
        (b"abc\x01\x02def", "this is not text"),
        ("näme;b\nx;y\n".encode("utf-16-le"), "--encoding utf-16-le"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "save it as .xlsx"),
        (b"PK\x03\x04" + b"garbage" * 20, "it is cut off or damaged"),
    ],
)
def test_what_is_not_a_survey_is_refused_in_one_sentence(
    path: Path, content: bytes, what: str
) -> None:
    """No traceback, whatever the file is."""
    assert what in refused(path, content)


def test_a_missing_file_and_a_folder_have_different_errors(tmp_path: Path) -> None:
    """Both are easily named by mistake."""
    with pytest.raises(NotFound, match="file not found"):
        open_file(tmp_path / "nothing.csv")
    with pytest.raises(NotFound, match="is a folder"):
        open_file(tmp_path)


ROWS: Sequence[Sequence[str]] = [["name", "n"], ["Ada", "16"], ["Zoë", "א & <b>"]]


def test_workbooks_are_read_like_text(tmp_path: Path) -> None:
    """XLSX and ODS give the same rows as CSV."""
    for path in (xlsx(tmp_path / "a.xlsx", ROWS), ods(tmp_path / "b.ods", ROWS)):
        file = open_file(path)
        assert file.sheet == "Answers"
        assert file.encoding == ""
        assert [cells for _, cells in read(file)] == ROWS


def test_cells_of_a_workbook_are_written_as_survey_tools_write_them(tmp_path: Path) -> None:
    """Whole numbers without a point, days as ISO, and errors as what they say."""
    path = xlsx(
        tmp_path / "a.xlsx",
        [
            ["n", "day", "moment", "yes", "error"],
            [16, ('s="1"', 46085), ('s="2"', 46085.5), True, ('t="e"', "#N/A")],
            [16.5, "", None, False, ('t="e" s="0"', "#DIV/0!")],
        ],
    )

    assert read(open_file(path))[1:] == [
        (2, ["16", "2026-03-04", "2026-03-04 12:00:00", "TRUE", "#N/A"]),
        (3, ["16.5", "", "", "FALSE", "#DIV/0!"]),
    ]


def test_rows_and_columns_count_where_a_sheet_begins_late(tmp_path: Path) -> None:
    """Row 3, column B of the message is row 3, column B of the spreadsheet."""
    path = xlsx(tmp_path / "a.xlsx", [[], [None, "name"], [None, "Ada"]])

    assert read(open_file(path)) == [(2, ["", "name"]), (3, ["", "Ada"])]


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    """One that is not there is refused with those that are."""
    path = xlsx(tmp_path / "a.xlsx", ROWS, sheet="Q & A")

    assert read(open_file(path, sheet="Q & A"))[1][1] == ["Ada", "16"]
    with pytest.raises(SurveyError, match="“Q & A”"):
        open_file(path, sheet="Answers")


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(tmp_path: Path) -> None:
    """A zip bomb is a small file."""
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 50_000_000)

    with pytest.raises(SurveyError, match=r"50 MB, \d+,?\d+ times its size"):
        open_file(path)


def test_other_zip_files_and_cut_workbooks_are_refused(tmp_path: Path) -> None:
    """And a text that only calls itself a workbook."""
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("survey.csv", "a,b\n")
    whole = xlsx(tmp_path / "a.xlsx", ROWS).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.xlsx").write_text("a,b\n")

    for name, what in [
        ("export.zip", "a zip file, but not a workbook"),
        ("cut.xlsx", "cut off or damaged"),
        ("text.xlsx", "not a workbook, although it is named like one"),
    ]:
        with pytest.raises(SurveyError, match=what):
            open_file(tmp_path / name)


def test_a_workbook_with_spoilt_parts_gives_a_message(tmp_path: Path) -> None:
    """Whatever the library makes of it."""
    whole = xlsx(tmp_path / "a.xlsx", ROWS)
    spoilt = tmp_path / "b.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(spoilt, "w") as new:
        for name in old.namelist():
            sheet = name.endswith("sheet1.xml")
            new.writestr(name, b"<worksheet><sheetData><row" if sheet else old.read(name))

    with pytest.raises(WbskillsError, match=r"b\.xlsx"):
        read(open_file(spoilt))
