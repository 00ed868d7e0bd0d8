"""Workbooks that people made by hand: merged cells, hidden sheets, days from 1904."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.surveys.samples import COLUMNS, MAPPING, ada, ods, xlsx
from wbskills.errors import MappingError, SurveyError
from wbskills.ontology.entries import Ontology
from wbskills.surveys.draft.inspect_file import inspect
from wbskills.surveys.files.rows import open_file
from wbskills.surveys.mapping.toml_file import load
from wbskills.surveys.responses.survey import Survey

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def changed(path: Path, part: str, *pairs: tuple[str, str]) -> Path:
    """Change texts in one part of a workbook."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name).decode() for name in packed.namelist()}
    for old, new in pairs:
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return path


def opened_with(path: Path, ontology: Ontology, mapping: str = MAPPING) -> Survey:
    """Open a workbook with a mapping."""
    (path.parent / "m.toml").write_text(mapping, encoding="utf-8")
    return Survey.open(path, load(path.parent / "m.toml"), ontology)


ROWS = [COLUMNS, ada(), ada(name="Bea"), ada(name="Cy")]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_merged_answers_are_no_skipped_ones(tmp_path: Path, ontology: Ontology, kind: str) -> None:
    """Only the first of them holds what is shown; the others would be empty."""
    if kind == "xlsx":
        merged = '</sheetData><mergeCells count="1"><mergeCell ref="D2:D3"/></mergeCells>'
        path = xlsx(tmp_path / "s.xlsx", ROWS)
        changed(path, "xl/worksheets/sheet1.xml", ("</sheetData>", merged))
    else:
        start, end = '<table:table-cell office:value-type="string">', "</table:table-cell>"
        cell = f"{start}<text:p>alone</text:p>{end}"
        first = cell.replace(" office", ' table:number-rows-spanned="2" office', 1)
        path = ods(tmp_path / "s.ods", ROWS)
        second = '<table:covered-table-cell office:value-type="string"/>'
        changed(path, "content.xml", (cell, "<!-- -->"), (cell, second), ("<!-- -->", first))
    opened = opened_with(path, ontology)

    (fault,) = opened.check().faults

    assert (fault.row, fault.column) == (3, "column D “SK[lua_modules]”")
    assert fault.what == "this cell is merged with the one above it"
    assert [response.identity.name for response in opened.responses()] == ["Ada", "Cy"]
    assert "#MERGED" not in str(inspect(path, ontology))


def test_merged_headings_and_empty_columns_are_read(tmp_path: Path, ontology: Ontology) -> None:
    """Titles are merged over columns, and what nobody reads may be as it likes."""
    path = xlsx(
        tmp_path / "s.xlsx", [[*row, team] for row, team in zip(ROWS, "Tabc", strict=True)]
    )
    merged = '<mergeCell ref="F2:F4"/><mergeCell ref="A1:A1"/><mergeCell ref="F1:G1"/>'
    merged = f'</sheetData><mergeCells count="3">{merged}</mergeCells>'
    changed(path, "xl/worksheets/sheet1.xml", ("</sheetData>", merged))
    opened = opened_with(path, ontology)
    assert opened.check().faults == ()
    assert opened.check().responses == 3


def test_merged_cells_without_end_are_refused(tmp_path: Path, ontology: Ontology) -> None:
    """A sheet of three cells can say that a billion are merged, many times."""
    blank = [[""]] * 40_000
    path = xlsx(tmp_path / "s.xlsx", [*ROWS, *blank, ada(name="Dan")])
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 60
    merged = f'</sheetData><mergeCells count="9">{merged}</mergeCells>'
    changed(path, "xl/worksheets/sheet1.xml", ("</sheetData>", merged))
    with pytest.raises(SurveyError, match="merged cells overlap"):
        opened_with(path, ontology).check()


def test_the_first_sheet_is_the_first_that_is_shown(tmp_path: Path, ontology: Ontology) -> None:
    """Lists of choices hide on sheets of their own; by its name such a sheet can be read."""
    path = xlsx(tmp_path / "s.xlsx", ROWS)
    hidden = '<sheets><sheet name="lists" sheetId="9" state="{}" r:id="rId9"/>'
    changed(path, "xl/workbook.xml", ("<sheets>", hidden.format("hidden")))
    relation = f'<Relationship Id="rId9" Type="{OFFICE}/worksheet" Target="worksheets/s9.xml"/>'
    end = "</Relationships>"
    changed(path, "xl/_rels/workbook.xml.rels", (end, relation + end))
    with zipfile.ZipFile(path, "a") as packed:
        text = packed.read("xl/worksheets/sheet1.xml").decode().replace("USER", "LIST")
        packed.writestr("xl/worksheets/s9.xml", text)

    assert inspect(path, ontology).columns[0].column.heading == "USER"
    assert inspect(path, ontology, sheet="lists").columns[0].column.heading == "LIST"


def test_numbers_of_days_that_count_from_1904(tmp_path: Path, ontology: Ontology) -> None:
    """DateRule are read right, and bare numbers are refused: they would be four years off."""
    rows: list[Sequence[object]] = [
        COLUMNS, ["Ada", ('s="1"', 44622), "Yes", "alone", "none"]
    ]  # fmt: skip
    path = xlsx(tmp_path / "s.xlsx", rows)
    changed(path, "xl/workbook.xml", ("<sheets>", '<workbookPr date1904="1"/><sheets>'))
    (response,) = opened_with(path, ontology).responses()
    assert str(response.on) == "2026-03-03"

    with pytest.raises(MappingError, match="counts its days from 1904"):
        opened_with(path, ontology, MAPPING.replace("[date]", '[date]\nformat = "spreadsheet"'))


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('table:formula="of:=A9" office:value-type="float" office:value="0" c:value-type="error"',
         "#N/A"),
        ('table:formula="of:=A9" office:value-type="string" office:string-value=""', "#REF!"),
        ('table:formula="of:=A9" office:value-type="float" office:value="0"', "#WERT!"),
        ('office:value-type="string" office:string-value="" c:value-type="error"', "Err:502"),
        ('table:formula="of:=A9"', ""),
    ],
)  # fmt: skip
def test_errors_in_an_opendocument_sheet_are_no_answers(
    tmp_path: Path, ontology: Ontology, cell: str, told: str
) -> None:
    """What reads them gives an empty cell, or 0; neither is what someone answered."""
    path = ods(tmp_path / "s.ods", ROWS)
    good = '<table:table-cell office:value-type="string"><text:p>alone</text:p>'
    bad = f'<table:table-cell xmlns:c="urn:calcext" {cell}><text:p>{told}</text:p>'
    changed(path, "content.xml", (good, "<!-- -->"), (good, bad), ("<!-- -->", good))

    opened = opened_with(path, ontology)
    (fault,) = opened.check().faults

    assert fault.row == 3
    shown = f"#{told.lstrip('#')}" if told else "#NOT CALCULATED"
    assert fault.what == f"the mapping does not know the answer “{shown}”"


@pytest.mark.parametrize(
    ("value", "shown"),
    [('float" office:value="3', "3"), ('string" office:string-value="#A', "#A")],
)
def test_what_a_formula_gives_is_an_answer(tmp_path: Path, value: str, shown: str) -> None:
    """The value that a spreadsheet program calculated, an odd word too."""
    path = ods(tmp_path / "s.ods", [["a"], ["x"]])
    good = '<table:table-cell office:value-type="string"><text:p>x</text:p>'
    formula = f'<table:table-cell table:formula="of:=B1" office:value-type="{value}">'
    changed(path, "content.xml", (good, f"{formula}<text:p>{shown}</text:p>"))
    assert open_file(path).top[1] == (2, [shown])
