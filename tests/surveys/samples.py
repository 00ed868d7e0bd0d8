"""Making survey files and mappings for the tests."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from wbskills.ontology.entries import Ontology
from wbskills.surveys.files.columns import letter
from wbskills.surveys.mapping import toml_file
from wbskills.surveys.responses.survey import Survey

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
ROOT = Path(__file__).resolve().parents[2]

HEAD = """
title = "Test"
[waves.w1]
label = { en = "First wave" }
start = 2026-03-01
end = 2026-03-31
"""
TAIL = """
[identity]
column = "USER"
property = "wikimedia_username"
[date]
column = "WHEN"
[consent]
column = "CONSENT"
answers = { "Yes" = "consent_named", "No" = "withheld" }
"""
QUESTIONS = """
[[questions]]
columns = "SK[{skill}]"
answers = "scale:self_5"
not_asked = ["N/A"]
"""
MAPPING = HEAD + TAIL + QUESTIONS
COLUMNS = ["USER", "WHEN", "CONSENT", "SK[lua_modules]", "SK[python]"]


def table(*rows: Sequence[str], columns: Sequence[str] = COLUMNS) -> str:
    """Write rows as CSV, below the usual columns."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([columns, *rows])
    return written.getvalue()


def ada(*answers: str, name: str = "Ada", day: str = "2026-03-04") -> list[str]:
    """Make the row of someone who agreed; two answers, unless more are given."""
    return [name, day, "Yes", *answers, *("alone", "none")[len(answers) :]]


def survey(folder: Path, ontology: Ontology, text: str | bytes, mapping: str = MAPPING) -> Survey:
    """Write a survey file and a mapping, and open both."""
    file, told = folder / "s.csv", folder / "m.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    told.write_text(mapping, encoding="utf-8")
    return Survey.open(file, toml_file.load(told), ontology)


def xlsx(path: Path, rows: Iterable[Sequence[object]], *, sheet: str = "Answers") -> Path:
    """Write the smallest workbook that a spreadsheet program takes.

    A cell is a text, a number, a boolean, None, or attributes and value as a pair.
    """
    office = "http://schemas.openxmlformats.org/"
    body = "".join(
        f'<row r="{r}">{"".join(_cell(letter(c) + str(r), v) for c, v in enumerate(row))}</row>'
        for r, row in enumerate(rows, 1)
    )
    main = f'xmlns="{office}spreadsheetml/2006/main"'
    relations = f'xmlns="{office}package/2006/relationships"'
    kind = f"{office}officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{office}package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships {relations}><Relationship Id="rId1"'
        f' Type="{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{kind}"><sheets>'
        f'<sheet name={quoteattr(sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships {relations}>'
        f'<Relationship Id="rId1" Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{kind}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {main}><cellXfs count="3"><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return path


def ods(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """Write the smallest OpenDocument spreadsheet."""
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", kind)
        packed.writestr(
            "META-INF/manifest.xml",
            f'<?xml version="1.0"?><m:manifest xmlns:m="{urn}:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        )
        packed.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content xmlns:office="{urn}:office:1.0"'
            f' xmlns:table="{urn}:table:1.0" xmlns:text="{urn}:text:1.0"><office:body>'
            f'<office:spreadsheet><table:table table:name="Answers">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def _cell(place: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f'<c r="{place}" {value[0]}><v>{value[1]}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = escape(str(value))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
