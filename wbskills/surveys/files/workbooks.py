"""Reading XLSX and ODS through calamine, which runs nothing of what is in them.

A small workbook can unpack to more than a computer holds, so `packed` and `extents` look at what
is in it before it is opened.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from wbskills.errors import Fault, SurveyError
from wbskills.surveys.files import workbook_checks
from wbskills.surveys.files.cell_text import MERGED
from wbskills.surveys.files.workbook_checks import MarkedCells, marks_of
from wbskills.surveys.files.zip_archive import MOST_CELLS, ZipArchive

Cell = int | float | str | bool | time | date | datetime | timedelta

_XLSX: Final = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*\bname=\"([^\"]*)\"[^>]*\br:id=\"([^\"]*)\"")
_FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](?:1|true)[\"']")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")


def check(path: Path, sheet: str) -> str:
    """Check that a file is a workbook that can be opened, and give the name of the sheet to read.

    Without a name that is the first sheet that is not hidden. Raises `SurveyError` if it is no
    workbook, is damaged, needs a password, is larger than can be held, or has no such sheet.
    """
    packed = ZipArchive(path)
    if "xl/workbook.xml" not in packed.names and "content.xml" not in packed.names:
        raise packed.refused(
            "this is a zip file, but no workbook", "unpack it and name the CSV file in it"
        )
    workbook_checks.check(packed)
    with _workbook(path) as book:
        names = list(book.sheet_names)
        shown = [
            one.name
            for one in book.sheets_metadata
            if one.visible == SheetVisibleEnum.Visible and one.typ == SheetTypeEnum.WorkSheet
        ]
    if not names:
        raise _fault(path, "this workbook has no sheets", "export the survey again")
    if not sheet:
        return (shown or names)[0]
    if sheet not in names:
        raise _fault(
            path,
            f"this workbook has no sheet “{sheet}”",
            "--sheet with one of: " + ", ".join(f"“{name}”" for name in names[:10]),
        )
    return sheet


def records(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Read the rows of a sheet as texts, with their numbers, blank ones included."""
    packed = ZipArchive(path)
    part = _part(packed, sheet)
    errors = workbook_checks.spoilt(packed, part).cells if part in packed.names else {}
    with _workbook(path) as book:
        found = book.get_sheet_by_name(sheet)
        first = found.start[1] if found.start else 0
        merged = [
            MarkedCells(top + 1, left, bottom, right, MERGED)
            for (top, left), (bottom, right) in found.merged_cell_ranges or ()
        ]
        marks = merged or marks_of(packed, sheet)
        marked = _by_row(path, marks, found.end or (0, 0))
        for number, cells in enumerate(found.iter_rows(), 1):
            texts = [""] * first + [_text(cell) for cell in cells]
            for index, text in errors.get(number, ()):
                if index < len(texts):
                    texts[index] = text
            for left, right, why in marked.get(number, ()):
                texts[left : right + 1] = [why] * (right + 1 - left)
            yield number, texts


def counts_from_1904(path: Path) -> bool:
    """Tell whether a workbook counts its days from 1904; cells that are dates are right anyway."""
    return bool(_FROM_1904.search(ZipArchive(path).whole(_XLSX[0])))


def _by_row(
    path: Path, marks: Iterable[MarkedCells], end: tuple[int, int]
) -> dict[int, list[tuple[int, int, str]]]:
    """List for each row the columns without a value of their own: first and last, and why.

    Raises `SurveyError` if there are more of them than a sheet may have cells.
    """
    found: dict[int, list[tuple[int, int, str]]] = {}
    left_over = MOST_CELLS
    for mark in marks:
        rows = range(mark.top, min(mark.bottom, end[0]) + 1)
        right = min(mark.right, end[1])
        left_over -= len(rows) * max(right - mark.left + 1, 0)
        if left_over < 0:
            raise _damaged(path, "its merged cells lie upon each other")
        for row in rows:
            found.setdefault(row + 1, []).append((mark.left, right, mark.why))
    return found


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


def _part(packed: ZipArchive, sheet: str) -> str:
    """Name the part of an XLSX file that holds a sheet; empty if this is no XLSX file."""
    sheets, relations = (packed.whole(name) for name in _XLSX)
    ids = {unescape(name.decode(errors="replace")): id_ for name, id_ in _SHEET.findall(sheets)}
    for relation in _RELATION.findall(relations):
        target = re.search(rb'\bTarget="/?(?:xl/)?([^"]*)"', relation)
        if target and b'Id="' + ids.get(sheet, b"?") + b'"' in relation:
            return f"xl/{target[1].decode(errors='replace')}"
    return ""


def _damaged(path: Path, why: str) -> SurveyError:
    return _fault(path, f"this workbook cannot be read: {why}", "export the survey again")


def _fault(path: Path, what: str, hint: str) -> SurveyError:
    return SurveyError(str(path), [Fault(what=what, hint=hint)])
