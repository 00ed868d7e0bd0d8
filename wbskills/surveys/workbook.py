"""Reading XLSX and ODS through calamine, which runs nothing of what is in them.

A workbook is a zip file, and a small zip file can unpack to more than a computer holds; so what
it says about its size is looked at before it is opened.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from wbskills.errors import Fault, SurveyError

LARGEST: Final = 1_000_000_000
HIGHEST_RATIO: Final = 200
_CHUNK: Final = 1_000_000

Cell = int | float | str | bool | time | date | datetime | timedelta

# <c r="D6" s="1" t="e"><v>#N/A</v>: calamine gives such a cell as an empty one.
_ERROR_CELL = re.compile(
    rb"<c\b(?=[^>]*\bt=\"e\")[^>]*\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*>(?:<f\b[^<]*(?:</f>|/>))?"
    rb"<v>(#[^<]{1,20})</v>"
)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*\bname=\"([^\"]*)\"[^>]*\br:id=\"([^\"]*)\"")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")


def check(path: Path, sheet: str) -> str:
    """Check that a file is a workbook that can be opened, and give the name of the sheet to read.

    Without a name that is the first sheet. Raises `SurveyError` if it is no workbook, is
    damaged, needs a password, unpacks to more than 1 GB or to more than 200 times its size, or
    has no such sheet.
    """
    _check_size(path)
    with _workbook(path) as book:
        names = list(book.sheet_names)
    if not names:
        raise _fault(path, "this workbook has no sheets", "export the survey again")
    if not sheet:
        return names[0]
    if sheet not in names:
        raise _fault(
            path,
            f"this workbook has no sheet “{sheet}”",
            "--sheet with one of: " + ", ".join(f"“{name}”" for name in names[:10]),
        )
    return sheet


def records(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Read the rows of a sheet as texts, with their numbers, blank ones included."""
    errors = _error_cells(path, sheet)
    with _workbook(path) as book:
        found = book.get_sheet_by_name(sheet)
        first = found.start[1] if found.start else 0
        for number, cells in enumerate(found.iter_rows(), 1):
            texts = [""] * first + [_text(cell) for cell in cells]
            for index, text in errors.get(number, ()):
                if index < len(texts):
                    texts[index] = text
            yield number, texts


def _text(cell: Cell) -> str:
    """Write a cell as a survey tool would have written it in CSV.

    Days and times are ISO with a space between them, booleans as spreadsheets show them.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


@contextmanager
def _workbook(path: Path) -> Iterator[CalamineWorkbook]:
    """Open a workbook, and turn whatever calamine says about it into one clear message."""
    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
            yield book
    except PasswordError as error:
        raise _fault(
            path, "this workbook has a password", "save it without a password, or as CSV"
        ) from error
    except CalamineError as error:
        raise _damaged(path, str(error)) from error
    except BaseException as error:
        # What Rust calls a panic arrives as a class that is no Exception and cannot be imported.
        if type(error).__name__ == "PanicException":
            raise _damaged(path, "its parts do not fit together") from error
        raise


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, "it is cut off or damaged") from error
    if unpacked > LARGEST or unpacked > HIGHEST_RATIO * path.stat().st_size:
        raise _fault(
            path,
            f"this workbook would unpack to {unpacked / 1e6:,.0f} MB,"
            f" {unpacked // max(path.stat().st_size, 1):,} times its size",
            "save it as CSV; up to 1 GB and 200 times the size are unpacked",
        )
    if "xl/workbook.xml" not in names and "content.xml" not in names:
        raise _fault(
            path, "this is a zip file, but no workbook", "unpack it and name the CSV file in it"
        )


def _error_cells(path: Path, sheet: str) -> dict[int, list[tuple[int, str]]]:
    """Find the cells of an XLSX sheet that hold an error such as #N/A, by row.

    Calamine reads them as empty, and an empty answer is one that was skipped, which is not the
    same as one that a formula has spoilt.
    """
    found: dict[int, list[tuple[int, str]]] = {}
    with zipfile.ZipFile(path) as packed:
        part = _part(packed, sheet)
        if part not in packed.namelist():
            return found
        with packed.open(part) as file:
            rest = b""
            while chunk := file.read(_CHUNK):
                text = rest + chunk
                end = max(text.rfind(b"<c "), 0) if len(chunk) == _CHUNK else len(text)
                for match in _ERROR_CELL.finditer(text, 0, end):
                    place = (_index(match[1].decode()), match[3].decode())
                    found.setdefault(int(match[2]), []).append(place)
                rest = text[end:]
    return found


def _part(packed: zipfile.ZipFile, sheet: str) -> str:
    """Name the part of an XLSX file that holds a sheet; empty if this is no XLSX file."""
    try:
        sheets = packed.read("xl/workbook.xml")
        relations = packed.read("xl/_rels/workbook.xml.rels")
    except (KeyError, zipfile.BadZipFile):
        return ""
    ids = {unescape(name.decode()): id_ for name, id_ in _SHEET.findall(sheets)}
    for relation in _RELATION.findall(relations):
        target = re.search(rb'\bTarget="/?(?:xl/)?([^"]*)"', relation)
        if target and b'Id="' + ids.get(sheet, b"?") + b'"' in relation:
            return f"xl/{target[1].decode()}"
    return ""


def _index(letters: str) -> int:
    number = 0
    for character in letters:
        number = number * 26 + ord(character) - ord("A") + 1
    return number - 1


def _damaged(path: Path, why: str) -> SurveyError:
    return _fault(path, f"this workbook cannot be read: {why}", "export the survey again")


def _fault(path: Path, what: str, hint: str) -> SurveyError:
    return SurveyError(str(path), [Fault(what=what, hint=hint)])
