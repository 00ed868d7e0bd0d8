"""Reading XLSX and ODS with calamine, which runs nothing of what is in them.

A small workbook can unpack to more than a computer can hold, so `zip_archive` and
`workbook_checks` check what is in it before it is opened.
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
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from wbskills.errors import SurveyError
from wbskills.surveys.files import workbook_checks
from wbskills.surveys.files.cell_text import MERGED
from wbskills.surveys.files.workbook_checks import MarkedCells
from wbskills.surveys.files.zip_archive import MOST_CELLS, ZipArchive

Cell = int | float | str | bool | time | date | datetime | timedelta

_XLSX: Final = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*\bname=\"([^\"]*)\"[^>]*\br:id=\"([^\"]*)\"")
_FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](?:1|true)[\"']")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")


class Workbook:
    """One sheet of a workbook, which is opened once and can be read any number of times.

    Without the name of a sheet it is the first one that is not hidden. `from_1904` means that the
    workbook counts its days from 1904; cells that are formatted as dates are right anyway.

    Raises `SurveyError` if the file is not a workbook, is damaged, needs a password, is larger
    than can be held, or has no such sheet.
    """

    def __init__(self, path: Path, sheet: str = "") -> None:
        archive = ZipArchive(path)
        if "xl/workbook.xml" not in archive.names and "content.xml" not in archive.names:
            raise archive.refused(
                "this is a zip file, but not a workbook", "unpack it and name the CSV file in it"
            )
        workbook_checks.check(archive)
        self.from_1904 = bool(_FROM_1904.search(archive.whole(_XLSX[0])))
        with _opened(path) as book:
            self.sheet = _sheet_name(book, sheet, path)
            self._sheet = book.get_sheet_by_name(self.sheet)
        self._without_value = _cells_without_value(archive, self._sheet, self.sheet)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Read the rows of the sheet as texts, with their numbers, blank ones included."""
        first = self._sheet.start[1] if self._sheet.start else 0
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            texts = [""] * first + [_text(cell) for cell in cells]
            for left, right, why in self._without_value.get(number, ()):
                end = min(right + 1, len(texts))
                texts[left:end] = [why] * (end - left)
            yield number, texts


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    """Open a workbook, and turn every error of calamine into one clear message."""
    hint = "export the survey again"
    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
            yield book
    except PasswordError as error:
        raise SurveyError.of(
            str(path), "this workbook has a password", "save it without a password, or as CSV"
        ) from error
    except CalamineError as error:
        raise SurveyError.of(str(path), f"this workbook cannot be read: {error}", hint) from error
    except BaseException as error:
        # What Rust calls a panic arrives as a class that is no Exception and cannot be imported.
        if type(error).__name__ == "PanicException":
            what = "this workbook cannot be read: its parts do not fit together"
            raise SurveyError.of(str(path), what, hint) from error
        raise


def _sheet_name(book: CalamineWorkbook, wanted: str, path: Path) -> str:
    names = list(book.sheet_names)
    visible = [
        one.name
        for one in book.sheets_metadata
        if one.visible == SheetVisibleEnum.Visible and one.typ == SheetTypeEnum.WorkSheet
    ]
    if not names:
        raise SurveyError.of(str(path), "this workbook has no sheets", "export the survey again")
    if not wanted:
        return (visible or names)[0]
    if wanted not in names:
        known = ", ".join(f"“{name}”" for name in names[:10])
        what = f"this workbook has no sheet “{wanted}”"
        raise SurveyError.of(str(path), what, f"use --sheet with one of: {known}")
    return wanted


def _cells_without_value(
    archive: ZipArchive, sheet: CalamineSheet, name: str
) -> dict[int, list[tuple[int, int, str]]]:
    """Find the cells without a value of their own: by row, first and last column, and why.

    Raises `SurveyError` if there are more of them than a sheet may have cells.
    """
    found: dict[int, list[tuple[int, int, str]]] = {}
    part = _part(archive, name)
    if part in archive.names:
        for row, cells in workbook_checks.cells_without_value(archive, part).items():
            found[row] = [(index, index, text) for index, text in cells]
    marked: Iterable[MarkedCells] = [
        MarkedCells(top + 1, left, bottom, right, MERGED)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ] or workbook_checks.marked_cells(archive, name)
    end_row, end_column = sheet.end or (0, 0)
    remaining = MOST_CELLS
    for mark in marked:
        rows = range(mark.top, min(mark.bottom, end_row) + 1)
        right = min(mark.right, end_column)
        remaining -= len(rows) * max(right - mark.left + 1, 0)
        if remaining < 0:
            raise archive.damaged("its merged cells overlap")
        for row in rows:
            found.setdefault(row + 1, []).append((mark.left, right, mark.why))
    return found


def _part(archive: ZipArchive, sheet: str) -> str:
    """Return the name of the part of an XLSX file with a sheet; empty for another format."""
    sheets, relations = (archive.whole(name) for name in _XLSX)
    ids = {unescape(name.decode(errors="replace")): id_ for name, id_ in _SHEET.findall(sheets)}
    for relation in _RELATION.findall(relations):
        target = re.search(rb'\bTarget="/?(?:xl/)?([^"]*)"', relation)
        if target and b'Id="' + ids.get(sheet, b"?") + b'"' in relation:
            return f"xl/{target[1].decode(errors='replace')}"
    return ""


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
