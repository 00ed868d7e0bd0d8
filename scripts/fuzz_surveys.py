"""Fuzzes the readers of survey files and mappings, guided by coverage.

scripts/fuzz_surveys.py CORPUS -max_total_time=1800 -rss_limit_mb=2048 -timeout=20

Needs atheris (`pip install --group fuzz`). Arguments after CORPUS are those of libFuzzer, which
keeps inputs that reach new code in that folder, and writes failing ones to a file `crash-…`; the
script with that file as its only argument runs it again.

The first byte of an input chooses what the rest is: a text, a workbook or a part of one, or a
mapping. It has to give a report whose rows add up, or one of our errors with a hint.
"""

import contextlib
import io
import random
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wbskills.surveys"]):
    from wbskills.surveys.draft.inspect_file import inspect
    from wbskills.surveys.draft.write_draft import draft
    from wbskills.surveys.mapping import toml_file
    from wbskills.surveys.responses.compare import compare
    from wbskills.surveys.responses.rejected_rows import write_rejected_rows
    from wbskills.surveys.responses.survey import Survey

from wbskills.data import ontology_folder
from wbskills.errors import WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load

FOLDER = Path(tempfile.mkdtemp(prefix="wbskills-fuzz-"))
TABLE = """USER,WHEN,CONSENT,SK[lua_modules],SK[python],SK[other],BABEL,WIKI
Ada,2026-03-04,Yes,alone,none,Kiwix;R,fr-2,enwiki
Bea,2026-03-05,No,,N/A,,,dewiki
"""
# Files of other survey tools.
TOOLS = (
    """Timestamp,User,How well do you know ... [Lua],Tools
2022/11/30 10:39:41 PM GMT+1,Ada,3,Lua;Python
""",
    """StartDate,EndDate,Status,Q1_1
Start Date,End Date,Response Type,How well - Lua
"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{}","{}"
2026-03-04 10:00:00,2026-03-04 10:09:00,IP Address,3
""",
    """start;end;group/q1;q2/a;q2/b;_id;_uuid;_submission_time;_index
2026-03-04T10:00:00;x;3;1;0;7;u;2026-03-04T10:00:00;1
""",
    """Respondent ID,Collector ID,Start Date,End Date,Which tools?,
,,,,Lua,Python
1,2,03/04/2026,03/04/2026,Lua,
""",
    """User ID,User display name,Timestamp,Grid (Lua)
ada,Ada,2026-03-04T10:00:00+00:00,3
""",
    """ID,Start time,Completion time,Email,Name,Lua
1,3/4/26 10:00:00,3/4/26 10:09:00,a,b,x;y;
""",
    """person,skill,level,date
Ada,Lua,3,2026-03-04
Ada,Python,2,2026-03-04
""",
    """Our survey, spring 2026

USER,WHEN,CONSENT,SK[lua_modules],e-mail,wbskills: row,wbskills: why
Ada,2026-03-04,Yes,#MISSING,,3,because
Bea,2026-03-05,Yes,#MERGED,bea@example.org
""",
    """id,submitdate,lastpage,startlanguage,SK[lua],SK_python
1,2026-03-04,3,en,A1,N/A
""",
)
MAPPING = """
title = "Fuzz"
[waves.w1]
label = { en = "First wave" }
start = 2026-03-01
end = 2026-03-31
[identity]
column = "USER"
property = "wikimedia_username"
[date]
column = "WHEN"
[consent]
column = "CONSENT"
answers = { "Yes" = "consent_named", "No" = "withheld" }
[[questions]]
columns = "SK[{skill}]"
answers = "scale:self_5"
not_asked = ["N/A"]
[[others]]
columns = "SK[other]"
level = "alone"
between = [";"]
[person.home_community]
column = "WIKI"
"""
OFFICE = "http://schemas.openxmlformats.org/"
SHEET = f"""<?xml version="1.0"?><worksheet xmlns="{OFFICE}spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>USER</t></is></c><c r="B1" t="s"><v>0</v></c></row>
<row r="2"><c r="A2"><f>1+1</f></c><c r="B2" t="e"><v>#N/A</v></c></row></sheetData></worksheet>"""
URN = "urn:oasis:names:tc:opendocument:xmlns"
CONTENT = f"""<?xml version="1.0"?><o:document-content xmlns:o="{URN}:office:1.0"
 xmlns:t="{URN}:table:1.0" xmlns:x="{URN}:text:1.0"><o:body><o:spreadsheet><t:table t:name="A">
<t:table-row t:number-rows-repeated="2"><t:table-cell o:value-type="string"
 t:number-columns-repeated="3"><x:p>a<x:s x:c="2"/></x:p></t:table-cell></t:table-row>
</t:table></o:spreadsheet></o:body></o:document-content>"""


@cache
def ontology() -> Ontology:
    """Read the ontology, once."""
    return load(ontology_folder())


def text(content: bytes) -> None:
    """Read bytes as a survey file with a good mapping."""
    read_everything(FOLDER / "s.csv", content, MAPPING.encode())


def workbook(content: bytes) -> None:
    """Read bytes as a workbook."""
    read_everything(FOLDER / "s.xlsx", b"PK\x03\x04" + content, MAPPING.encode())


def sheet(content: bytes) -> None:
    """Read bytes as the sheet of a workbook."""
    read_everything(FOLDER / "s.xlsx", zipped(excel(content)), MAPPING.encode())


def content(content: bytes) -> None:
    """Read bytes as the content of an OpenDocument spreadsheet."""
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    entry = (
        f'<m:manifest xmlns:m="{URN}:manifest:1.0"><m:file-entry m:full-path="/"'
        f' m:media-type="{kind.decode()}"/></m:manifest>'
    )
    parts = {"mimetype": kind, "META-INF/manifest.xml": entry.encode(), "content.xml": content}
    read_everything(FOLDER / "s.ods", zipped(parts), MAPPING.encode())


def mapping(content: bytes) -> None:
    """Read bytes as a mapping of a good file."""
    read_everything(FOLDER / "s.csv", TABLE.encode(), content)


def both(content: bytes) -> None:
    """Split bytes into a mapping and a file, and read both."""
    mapping_text, _, file = content.partition(b"\0\0")
    read_everything(FOLDER / "s.csv", file, mapping_text)


TARGETS: tuple[Callable[[bytes], None], ...] = (text, workbook, sheet, content, mapping, both)
SEEDS = (
    TABLE.encode(),
    b"",
    SHEET.encode(),
    CONTENT.encode(),
    MAPPING.encode(),
    MAPPING.encode() + b"\0\0" + TABLE.encode(),
)


def read_everything(file: Path, content: bytes, mapping_text: bytes) -> None:
    """Inspect, draft, compare and read a file; only our own errors may be raised."""
    file.write_bytes(content)
    mapping_file = FOLDER / "m.toml"
    mapping_file.write_bytes(mapping_text)
    with only_our_errors():
        draft(inspect(file, ontology()), ontology())
    with only_our_errors():
        loaded = toml_file.load(mapping_file)
        compare(file, loaded, ontology())
        survey = Survey.open(file, loaded, ontology(), {"kiwix": "python"})
        found = survey.check()
        parts = (found.withheld, found.incomplete, found.superseded, found.faulty)
        counted = found.responses + sum(listed.count for listed in parts)
        if counted != found.rows or found.responses != sum(1 for _ in survey.responses()):
            raise AssertionError(f"{found.rows} rows, {counted} counted: {found}")
        list(survey.refusals())
        write_rejected_rows(survey, io.StringIO())


@contextlib.contextmanager
def only_our_errors() -> Iterator[None]:
    """Ignore errors of ours with a hint; all others pass."""
    try:
        yield
    except WbskillsError as error:
        if "Try:" not in str(error):
            raise AssertionError(f"no hint: {error}") from error


def excel(sheet: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook with a sheet."""
    main = f'xmlns="{OFFICE}spreadsheetml/2006/main"'
    kind = f"{OFFICE}officeDocument/2006/relationships"
    relation = f'<Relationships xmlns="{OFFICE}package/2006/relationships">'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{OFFICE}package/2006/content-types"/>',
        "_rels/.rels": f'{relation}<Relationship Id="rId1" Type="{kind}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{kind}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{relation}<Relationship Id="rId1"'
        f' Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2"'
        f' Type="{kind}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {main}><si><t>WHEN</t></si></sst>",
    }
    return {name: text.encode() for name, text in parts.items()} | {
        "xl/worksheets/sheet1.xml": sheet
    }


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return a zip file with some parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return written.getvalue()


def one_input(data: bytes) -> None:
    """Run one input."""
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1:])


def seed(corpus: Path) -> None:
    """Write one good input of each kind into an empty corpus, and two damaged copies."""
    corpus.mkdir(exist_ok=True)
    chance = random.Random(1)  # noqa: S311 - no secret
    good = zipped(excel(SHEET.encode()))[4:]
    for number, text in enumerate(TOOLS):
        (corpus / f"tool-{number}").write_bytes(b"\0" + text.encode())
    for number, start in enumerate(SEEDS):
        for damage in range(3):
            content = bytearray(start or good)
            for _ in range(damage):
                content[chance.randrange(len(content))] = chance.randrange(256)
            (corpus / f"seed-{number}-{damage}").write_bytes(bytes([number]) + content)


def main() -> None:
    """Fuzz, or run the inputs that are named."""
    for argument in sys.argv[1:2]:
        if not Path(argument).is_file():
            seed(Path(argument))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
