"""A survey file as numbered rows of text, whatever kind of file it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b, file_digest
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from wbskills.errors import Fault, NotFound, SurveyError
from wbskills.surveys.files import csv_files
from wbskills.surveys.files.cell_text import MERGED
from wbskills.surveys.files.columns import letter

LARGEST_CELL: Final = 1_000_000
MOST_COLUMNS: Final = 16_384  # as many as a spreadsheet has
MOST_ROWS: Final = 1_048_576  # likewise
_TOP: Final = 5  # records that tell what a file is; the longest heading known has three
_PACKED: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".ods", ".xls")

Record = tuple[int, list[str]]


class SourceRow(NamedTuple):
    """A row as it stands in the file; `slipped` if its cells may belong to other columns."""

    number: int
    cells: list[str]
    slipped: bool = False


class Row(NamedTuple):
    """One row: its number, its cells (as many as there are columns), what is wrong with it.

    `origins` tells the row of each cell, where they come from several, and `sources` has these
    rows as they stand in the file. A row of the wrong length has its `surplus` cells, or the
    number of `missing` ones, which are empty. `moved` tells from which column on cells may belong
    further right, and how far; of a row that has `slipped`, no cell is sure to be in its column.
    """

    number: int
    cells: list[str]
    fault: Fault | None = None
    origins: Sequence[int] = ()
    surplus: Sequence[str] = ()
    missing: int = 0
    sources: Sequence[SourceRow] = ()
    moved: tuple[int, int] | None = None
    slipped: bool = False

    def origin(self, index: int) -> int:
        """Tell in which row of the file the cell of a column stands."""
        return self.origins[index] if self.origins else self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFile:
    """An opened survey file; it is read anew for every pass.

    `encoding` and `separator` are empty for a workbook, `sheet` is empty for a text. `top`
    holds the first records that are not blank. `from_1904` tells that a workbook counts its days
    from 1904, as Excel did on a Macintosh.
    """

    path: Path
    encoding: str
    separator: str
    sheet: str
    top: tuple[Record, ...]
    read: Callable[[], Iterator[Record]]
    stamp: tuple[int, int]
    from_1904: bool = False

    @property
    def name(self) -> str:
        """The file as the user named it."""
        return str(self.path)

    @property
    def top_cells(self) -> list[list[str]]:
        """The cells of the first records that are not blank."""
        return [cells for _, cells in self.top]

    def rows(self, skip: int, columns: int, named: int) -> Iterator[Row]:
        """Read the rows below the heading, which takes the first `skip` records.

        There are `columns` columns, of which the last with a heading is number `named`. Blank
        rows are left out. Raises `SurveyError` where the file cannot be read any further, or
        was changed since it was opened.
        """
        if _stamp(self.path) != self.stamp:
            raise _unreadable(
                self.path, "this file was changed while it was being read", "the command again"
            )
        for number, cells in islice(self.read(), skip, None):
            row = Row(number, cells)
            if len(cells) != columns:
                row = _fit(number, cells, columns, named)
            # Joining is five times as fast as looking at each, and nearly always tells enough.
            if len("".join(row.cells)) > LARGEST_CELL and max(map(len, row.cells)) > LARGEST_CELL:
                row = _too_large(row)
            yield row


def open_file(
    path: Path,
    *,
    encoding: str = "",
    separator: str = "",
    sheet: str = "",
    heading_row: int = 0,
) -> SurveyFile:
    """Open a survey file: CSV or the like, XLSX or ODS.

    A byte order mark tells the encoding, else it is strict UTF-8 or what the user names. The
    separator is found by reading the first records, unless the user names it. What stands above
    `heading_row` is a title and not read; without it, the first row that is not blank has the
    headings.

    Raises `NotFound` if there is no such file, `SurveyError` if it cannot be read, and
    `InvalidValue` for an encoding or a separator that cannot be.
    """
    start = _start(path)
    if start.startswith(_OLD_OFFICE):
        raise _unreadable(
            path,
            "this is an old Excel file (.xls), or a workbook with a password",
            "save it as .xlsx without a password, or as CSV",
        )
    if start.startswith(_PACKED):
        from wbskills.surveys.files import (
            workbooks,  # most surveys are CSV and need no reader of these
        )

        sheet = workbooks.check(path, sheet)
        found = _opened(path, lambda: workbooks.records(path, sheet), heading_row, sheet=sheet)
        return replace(found, from_1904=workbooks.counts_from_1904(path))
    if path.suffix.lower() in _WORKBOOKS:
        raise _unreadable(
            path,
            "this is not a workbook, although its name says so",
            "export the survey again, or rename a text file to .csv",
        )
    encoding = csv_files.encoding_of(path, start, encoding)
    separator = csv_files.separator_of(path, encoding, separator)
    return _opened(
        path,
        lambda: csv_files.records(path, encoding, separator),
        heading_row,
        encoding=encoding,
        separator=separator,
    )


def digest_of(path: Path) -> bytes:
    """Give a digest of all that stands in a file, which another file does not have."""
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=32)).digest()


def _opened(
    path: Path,
    read: Callable[[], Iterator[Record]],
    heading_row: int,
    *,
    encoding: str = "",
    separator: str = "",
    sheet: str = "",
) -> SurveyFile:
    def filled() -> Iterator[Record]:
        below = islice(read(), max(heading_row - 1, 0), None)
        return (record for record in below if any(map(str.strip, record[1])))

    top = tuple((number, _unmerged(cells)) for number, cells in islice(filled(), _TOP))
    if heading_row and (not top or top[0][0] != heading_row):
        what = f"row {heading_row} is to hold the headings, but it is blank"
        raise _unreadable(path, what, "the number of their row, as a spreadsheet counts it")
    if not top:
        raise _unreadable(path, "this file has no rows", "export the survey again")
    widest = max(len(cells) for _, cells in top)
    if widest > MOST_COLUMNS:
        raise _unreadable(
            path,
            f"this file has {widest:,} columns; up to {MOST_COLUMNS:,} are read",
            "look at the separator (--separator), and for a line break that is missing",
        )
    return SurveyFile(
        path=path,
        encoding=encoding,
        separator=separator,
        sheet=sheet,
        top=top,
        read=filled,
        stamp=_stamp(path),
    )


def _unmerged(cells: list[str]) -> list[str]:
    """Give cells as they are seen in headings, where those that are merged are one."""
    return ["" if cell == MERGED else cell for cell in cells]


def _start(path: Path) -> bytes:
    if not path.exists():
        raise NotFound(f"there is no file {path}", hint="the name of the file, spelt as it is")
    if path.is_dir():
        raise NotFound(f"{path} is a folder", hint="the name of a CSV, XLSX or ODS file in it")
    try:
        with path.open("rb") as file:
            start = file.read(csv_files.START)
    except OSError as error:
        raise _unreadable(
            path, f"this file cannot be opened: {error.strerror}", "look who may read it"
        ) from error
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise _unreadable(path, "this file is empty", "export the survey again")
    return start


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _fit(number: int, cells: list[str], columns: int, named: int) -> Row:
    """Make a row as long as the heading; what is blank at its end may be missing, or too much."""
    extra = [cell for cell in cells[columns:] if cell.strip()]
    fault = None
    if extra or len(cells) < named:
        fault = Fault(
            what=f"this row has {len(cells)} cells, but the heading has {columns}",
            hint="look for a missing quotation mark, or a separator inside an answer without any",
            row=number,
            column=f"column {letter(min(len(cells), columns))}",
        )
    return Row(
        number,
        (cells + [""] * columns)[:columns],
        fault,
        surplus=cells[columns:],
        missing=max(columns - len(cells), 0),
        slipped=True,  # perhaps: that the cells at its end are blank may be chance
    )


def _too_large(row: Row) -> Row:
    cells = row.cells
    index = next(i for i, cell in enumerate(cells) if len(cell) > LARGEST_CELL)
    kept = [cell if len(cell) <= LARGEST_CELL else "" for cell in cells]
    fault = Fault(
        what=f"this cell has {len(cells[index]):,} characters",
        hint="look for a quotation mark that is never closed; the limit is 1,000,000 characters",
        row=row.number,
        column=f"column {letter(index)}",
    )
    return row._replace(cells=kept, fault=fault, slipped=True)


def _unreadable(path: Path, what: str, hint: str) -> SurveyError:
    return SurveyError(str(path), [Fault(what=what, hint=hint)])


_LOOKED_AT: Final = 20  # records that are not blank
_MOST_WORDS: Final = 2  # cells: “Survey of skills”, “spring 2026”


def find_heading_row(file: SurveyFile) -> int:
    """Tell in which row the headings seem to stand, if there is a title above them; else 0.

    A title fills one or two cells, and less than half of those that the widest row fills.
    """
    return _below_title(file.read)


def _below_title(read: Callable[[], Iterator[Record]]) -> int:
    filled = [(row, sum(map(bool, map(str.strip, cells)))) for row, cells in _first(read)]
    widest = max((count for _, count in filled), default=0)
    for place, (row, count) in enumerate(filled):
        if count > _MOST_WORDS or count * 2 >= widest:
            return row if place and count * 2 >= widest else 0
    return 0


def _first(read: Callable[[], Iterator[Record]]) -> Iterator[Record]:
    return islice(read(), _LOOKED_AT)
