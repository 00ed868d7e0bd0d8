"""Workbooks that were made to do harm: refused with one message, in little time and memory."""

import random
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.surveys.samples import ods, xlsx
from wbskills.errors import SurveyError
from wbskills.surveys.files import workbook_checks
from wbskills.surveys.files.rows import open_file

SHEET = "xl/worksheets/sheet1.xml"
LAST = 'r="XFD1048576"'
CELL = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9))
    + "]>"
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def spoil(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """Change a part of a workbook."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            packed.writestr(name, content, kind)
    return path


def excel(path: Path, rows: str) -> Path:
    """Make a workbook with further rows."""
    made = xlsx(path, [["a", "b"], ["1", "2"]])
    return spoil(made, SHEET, lambda text: text.replace("</sheetData>", f"{rows}</sheetData>"))


def document(path: Path, change: Callable[[str], str]) -> Path:
    """Make an OpenDocument spreadsheet, and change it."""
    return spoil(ods(path, [["a", "b"], ["1", "2"]]), "content.xml", change)


def cells(path: Path) -> list[list[str]]:
    """Read all cells of a file."""
    return [cells for _, cells in open_file(path).read()]


def refused(path: Path) -> str:
    """Return the message of a file that has to be refused: at once, and in little memory."""
    before = time.monotonic()
    tracemalloc.start()
    with pytest.raises(SurveyError) as refusal:
        cells(path)
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert highest < 50_000_000
    assert time.monotonic() - before < 10
    (fault,) = refusal.value.faults
    assert fault.hint
    return fault.what


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="1048576"><c {LAST}><v>1</v></c></row>',
        f"<row><c {LAST}><v>1</v></c></row>",
        f"<x:row xmlns:x='u'><x:c {LAST.replace(chr(34), chr(39))}/></x:row>",
        f'<row r="1048576">{"<c><v>1</v></c>" * 16384}</row>',
        '<row r="4"><c r="xfd4000000"><v>1</v></c></row>',
        '<row\n\tr\n=\t"1048576"><c s="0"\nr = "XFD1048576"><v> r="A1"</v></c></row>',
        '<row r="3"><c r="AAAA3"><v>1</v></c></row><row r="900"><c r="A900"><v>1</v></c></row>',
        f"<row r='3'><c {LAST} q='' p='\" />'><v>1</v></c></row>",
        '<row r="1000000"/><row>' + "<c><v>1</v></c>" * 40 + "</row>",
    ],
    ids=[
        "far",
        "not a number",
        "prefix",
        "no place",
        "small",
        "blanks",
        "both",
        "quotes",
        "after",
    ],
)
def test_a_stray_cell_in_the_last_corner(tmp_path: Path, rows: str) -> None:
    """Room for a table up to there would be hundreds of gigabytes."""
    assert "a sheet of this workbook spans" in refused(excel(tmp_path / "s.xlsx", rows))


def test_a_dimension_that_nothing_fills_does_no_harm(tmp_path: Path) -> None:
    """Some programs write it for every sheet."""
    path = spoil(
        xlsx(tmp_path / "s.xlsx", [["a", "b"], ["1", "2"]]),
        SHEET,
        lambda text: text.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'),
    )
    assert cells(path) == [["a", "b"], ["1", "2"]]


def test_rows_and_cells_without_anything_in_them_do_no_harm(tmp_path: Path) -> None:
    """LibreOffice ends each sheet with the last row there can be, and Excel formats whole rows."""
    rows = (
        '<row r="3" ht="12.8"><c r="A3" s="1"/><c r="XFD3" s="1"/></row>'
        '<row r="1048575" ht="12.8"/><row r="1048576" ht="12.8"></row>'
    )
    assert cells(excel(tmp_path / "s.xlsx", rows))[:2] == [["a", "b"], ["1", "2"]]


def test_cells_without_a_place_are_read(tmp_path: Path) -> None:
    """The standard allows them."""
    path = excel(tmp_path / "s.xlsx", "<row><c><v>3</v></c><c><v>4</v></c></row>")
    assert cells(path)[2] == ["3", "4"]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_billion_laughs(tmp_path: Path, kind: str) -> None:
    """No survey defines entities."""

    def laugh(text: str) -> str:
        return text.replace("?>", f"?>{LAUGHS}", 1).replace(">1<", ">&j;<")

    path = tmp_path / f"s.{kind}"
    if kind == "ods":
        document(path, laugh)
    else:
        spoil(excel(path, ""), SHEET, laugh)
    assert "defines entities of its own" in refused(path)


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    """Neither from the disk nor from the network."""
    entity = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    path = document(
        tmp_path / "s.ods", lambda t: t.replace("?>", f"?>{entity}", 1).replace(">1<", ">&a;<")
    )
    assert "defines entities of its own" in refused(path)


@pytest.mark.parametrize(
    ("rows", "columns"), [(1_048_576, 16_384), (10_000_000_000, 1), (1, 2_000_000_000)]
)
def test_a_cell_that_is_repeated_beyond_all_measure(
    tmp_path: Path, rows: int, columns: int
) -> None:
    """A few bytes of an OpenDocument file."""
    path = document(
        tmp_path / "s.ods",
        lambda text: text.replace(
            "<table:table-row>", f'<table:table-row table:number-rows-repeated="{rows}">'
        ).replace(
            "<table:table-cell ", f'<table:table-cell table:number-columns-repeated="{columns}" '
        ),
    )
    assert "a sheet of this workbook spans" in refused(path)


def test_empty_rows_may_be_repeated(tmp_path: Path) -> None:
    """LibreOffice ends each sheet with a million of them."""
    empty = (
        '<table:table-row table:number-rows-repeated="1048574">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    path = document(
        tmp_path / "s.ods", lambda text: text.replace("</table:table>", f"{empty}</table:table>")
    )
    assert cells(path) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("text", "told"),
    [('<text:s text:c="900000000"/>', "come to 900 MB"), ('<text:s text:c="x"/>', "not a number")],
)
def test_a_blank_that_is_repeated(tmp_path: Path, text: str, told: str) -> None:
    """OpenDocument counts blanks."""
    path = document(tmp_path / "s.ods", lambda whole: whole.replace(">1<", f">1{text}<"))
    assert told in refused(path)


def test_a_text_that_a_million_cells_share(tmp_path: Path) -> None:
    """One megabyte, named 20,000 times, is 20 gigabytes."""
    rows = "".join(
        f'<row r="{r}">'
        + "".join(f'<c r="{chr(65 + c)}{r}" t="s"><v>1</v></c>' for c in range(20))
        + "</row>"
        for r in range(3, 1003)
    )
    path = spoil(
        excel(tmp_path / "s.xlsx", rows),
        "xl/_rels/workbook.xml.rels",
        lambda text: text.replace(
            "</Relationships>",
            f'<Relationship Id="rId3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>",
        ),
    )
    chance = random.Random(1)  # noqa: S311 - no secret
    long = "".join(chance.choices("abcdefghijklmnop", k=1_000_000))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "xl/sharedStrings.xml",
            f'<?xml version="1.0"?><sst><si><t>short</t></si><si><t>{long}</t></si></sst>',
        )
    assert "the texts of a sheet of this workbook come to 20,000 MB" in refused(path)


def test_a_part_that_is_larger_than_it_says(tmp_path: Path) -> None:
    """What the zip file says about itself is not believed."""
    path = excel(tmp_path / "s.xlsx", " " * 1_000_000)
    with zipfile.ZipFile(path) as packed:
        size = packed.getinfo(SHEET).file_size
    spoilt = path.read_bytes().replace(struct.pack("<L", size), struct.pack("<L", 300))
    path.write_bytes(spoilt)
    assert "is larger than it states" in refused(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_not_unpacked(tmp_path: Path, method: int) -> None:
    """Nor is what is packed twice under one name."""
    path = tmp_path / "s.xlsx"
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
    assert "packed in a way that no spreadsheet program uses" in refused(path)


def test_two_parts_of_one_name(tmp_path: Path) -> None:
    """One would be looked at, and the other read."""
    path = excel(tmp_path / "s.xlsx", "")
    with (
        zipfile.ZipFile(path, "a") as packed,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        packed.writestr(SHEET, "<worksheet/>")
    assert "two of its parts have the same name" in refused(path)


def test_a_cell_of_a_hundred_megabytes(tmp_path: Path) -> None:
    """It would not be an answer."""
    chance = random.Random(1)  # noqa: S311 - no secret
    block = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=100_000))
    long = f'<row r="3"><c r="A3" t="inlineStr"><is><t>{block * 1000}</t></is></c></row>'
    path = excel(tmp_path / "s.xlsx", "")
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content.replace(b"</sheetData>", f"{long}</sheetData>".encode()))
    assert "a cell of this workbook has more than 16,000,000 characters" in refused(path)


def test_formulas_are_not_calculated(tmp_path: Path) -> None:
    """What another program calculated is read; what none has is no empty answer."""
    rows = (
        '<row r="3"><c r="A3"><f>WEBSERVICE("https://evil.example")</f></c>'
        '<c r="B3"><f>1+1</f><v>2</v></c></row>'
        '<row r="4"><c r="A4"><f>SUM(B1:B2)</f><v></v></c>'
        '<c r="B4" t="str"><f>""</f><v></v></c></row>'
        '<row r="5"><c r="A5" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B5"><f si="0" t="shared"/>'
        "</c></row>"
    )
    assert cells(excel(tmp_path / "s.xlsx", rows))[2:] == [
        [workbook_checks.NOT_CALCULATED, "2"],
        [workbook_checks.NOT_CALCULATED, ""],
        ["#DIV/0!", workbook_checks.NOT_CALCULATED],
    ]


def test_a_sheet_larger_than_one_piece_is_measured_right(tmp_path: Path) -> None:
    """Pieces end in the middle of tags."""
    chance = random.Random(1)  # noqa: S311 - no secret
    rows = [[f"r{r}c{c} {chance.random()}" for c in range(40)] for r in range(3_000)]
    path = xlsx(tmp_path / "s.xlsx", [["h"] * 40, *rows])
    assert cells(path)[1:] == rows
