"""A survey file as numbered rows of text, whatever kind of file it is.

Rows are counted as a spreadsheet shows them: the first record of the file is row 1, blank rows
count, and a record with line breaks inside its quotes is one row. Only one row is held in memory,
except for workbooks: their format has to be unpacked whole.
"""

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
_TOP: Final = 5  # records that show what a file is; the longest heading known has three
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".ods", ".xls")
_SEARCHED_FOR_TITLE: Final = 20  # records that are not blank
_MOST_TITLE_CELLS: Final = 2  # for example “Survey of skills”, “spring 2026”

Record = tuple[int, list[str]]


class SourceRow(NamedTuple):
    """A row as it is in the file; `slipped` if its cells may belong to other columns."""

    number: int
    cells: list[str]
    slipped: bool = False


class Row(NamedTuple):
    """One row: its number, its cells (as many as there are columns), what is wrong with it.

    A row that was made of several has the row of each cell in `origins`, and those rows in
    `sources`. A row of the wrong length has its `surplus` cells, or the number of `missing` ones,
    which are empty. `moved` is from which column on cells may belong further right, and how far;
    in a row that has `slipped`, no cell is sure to be in its column.
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
        """Return the row of the file that has the cell of a column."""
        return self.origins[index] if self.origins else self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFile:
    """An opened survey file, which can be read any number of times.

    `encoding` and `separator` are empty for a workbook, `sheet` is empty for a text. `records`
    reads all records, `top` has the first ones below the title that are not blank. `from_1904`
    means that a workbook counts its days from 1904, as Excel did on a Macintosh.
    """

    path: Path
    records: Callable[[], Iterator[Record]]
    stamp: tuple[int, int]
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    from_1904: bool = False
    heading_row: int = 0
    top: tuple[Record, ...] = ()

    @property
    def name(self) -> str:
        """The file as the user named it."""
        return str(self.path)

    @property
    def top_cells(self) -> list[list[str]]:
        """The cells of the first records that are not blank."""
        return [cells for _, cells in self.top]

    def with_heading_row(self, row: int) -> "SurveyFile":
        """Return this file with a row of headings, above which is a title that is not read.

        Without a row (0), the first one that is not blank has the headings. Raises `SurveyError`
        if that row is blank or there are no rows, or more columns than a spreadsheet has.
        """
        file = replace(self, heading_row=row)
        top = tuple(
            (number, ["" if cell == MERGED else cell for cell in cells])
            for number, cells in islice(file.read(), _TOP)
        )
        if row and (not top or top[0][0] != row):
            raise SurveyError.of(
                self.name,
                f"row {row} should have the headings, but it is blank",
                "use the number of their row as a spreadsheet counts it",
            )
        if not top:
            raise SurveyError.of(self.name, "this file has no rows", "export the survey again")
        widest = max(len(cells) for _, cells in top)
        if widest > MOST_COLUMNS:
            raise SurveyError.of(
                self.name,
                f"this file has {widest:,} columns; up to {MOST_COLUMNS:,} are read",
                "check the separator (--separator), and look for a missing line break",
            )
        return replace(file, top=top)

    def read(self) -> Iterator[Record]:
        """Read the records from the headings on that are not blank."""
        below_title = islice(self.records(), max(self.heading_row - 1, 0), None)
        return (record for record in below_title if any(map(str.strip, record[1])))

    def rows(self, skip: int, columns: int, named: int) -> Iterator[Row]:
        """Read the rows below the headings, which take the first `skip` records.

        There are `columns` columns, of which the last one with a heading is number `named`. Blank
        rows are left out. Raises `SurveyError` where the file cannot be read any further, or
        was changed since it was opened.
        """
        if _stamp(self.path) != self.stamp:
            raise SurveyError.of(
                self.name,
                "this file was changed while it was being read",
                "run the command again",
            )
        for number, cells in islice(self.read(), skip, None):
            row = Row(number, cells)
            if len(cells) != columns:
                row = _fit(number, cells, columns, named)
            # Joining is five times as fast as checking each cell, and nearly always enough.
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

    A byte order mark decides the encoding, else it is strict UTF-8 or what the user names. The
    separator is found by reading the first records, unless the user names it.

    Raises `NotFound` if there is no such file, `SurveyError` if it cannot be read, and
    `InvalidValue` for an encoding or a separator that cannot be.
    """
    start = _start(path)
    if start.startswith(_OLD_OFFICE):
        raise SurveyError.of(
            str(path),
            "this is an old Excel file (.xls), or a workbook with a password",
            "save it as .xlsx without a password, or as CSV",
        )
    if start.startswith(_ZIP):
        from wbskills.surveys.files.workbooks import Workbook  # most surveys are CSV

        workbook = Workbook(path, sheet)
        file = SurveyFile(
            path=path,
            records=workbook.records,
            stamp=_stamp(path),
            sheet=workbook.sheet,
            from_1904=workbook.from_1904,
        )
        return file.with_heading_row(heading_row)
    if path.suffix.lower() in _WORKBOOKS:
        raise SurveyError.of(
            str(path),
            "this is not a workbook, although it is named like one",
            "export the survey again, or rename a text file to .csv",
        )
    encoding = csv_files.encoding_of(path, start, encoding)
    separator = csv_files.separator_of(path, encoding, separator)
    file = SurveyFile(
        path=path,
        records=lambda: csv_files.records(path, encoding, separator),
        stamp=_stamp(path),
        encoding=encoding,
        separator=separator,
    )
    return file.with_heading_row(heading_row)


def find_heading_row(file: SurveyFile) -> int:
    """Return the row that seems to have the headings below a title; 0 if there is no title.

    A title fills one or two cells, and less than half of those that the widest row fills.
    """
    filled = [
        (number, sum(map(bool, map(str.strip, cells))))
        for number, cells in islice(file.read(), _SEARCHED_FOR_TITLE)
    ]
    widest = max((count for _, count in filled), default=0)
    for place, (number, count) in enumerate(filled):
        if count > _MOST_TITLE_CELLS or count * 2 >= widest:
            return number if place and count * 2 >= widest else 0
    return 0


def digest_of(path: Path) -> bytes:
    """Return a digest of the whole content of a file."""
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=32)).digest()


def _start(path: Path) -> bytes:
    if not path.exists():
        raise NotFound(f"file not found: {path}", hint="check the spelling")
    if path.is_dir():
        raise NotFound(f"{path} is a folder", hint="name a CSV, XLSX or ODS file in it")
    try:
        with path.open("rb") as file:
            start = file.read(csv_files.START)
    except OSError as error:
        what = f"this file cannot be opened: {error.strerror}"
        raise SurveyError.of(str(path), what, "check who may read it") from error
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SurveyError.of(str(path), "this file is empty", "export the survey again")
    return start


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _fit(number: int, cells: list[str], columns: int, named: int) -> Row:
    """Make a row as long as the headings; blank cells at its end may be missing or surplus."""
    surplus = [cell for cell in cells[columns:] if cell.strip()]
    fault = None
    if surplus or len(cells) < named:
        fault = Fault(
            what=f"this row has {len(cells)} cells, but the heading row has {columns}",
            hint="look for a missing quotation mark, or for an answer that contains the separator"
            " and is not in quotation marks",
            row=number,
            column=f"column {letter(min(len(cells), columns))}",
        )
    return Row(
        number,
        (cells + [""] * columns)[:columns],
        fault,
        surplus=cells[columns:],
        missing=max(columns - len(cells), 0),
        slipped=True,  # perhaps: it may be chance that the cells at its end are blank
    )


def _too_large(row: Row) -> Row:
    cells = row.cells
    index = next(i for i, cell in enumerate(cells) if len(cell) > LARGEST_CELL)
    fault = Fault(
        what=f"this cell has {len(cells[index]):,} characters; up to {LARGEST_CELL:,} are read",
        hint="look for a quotation mark that is never closed",
        row=row.number,
        column=f"column {letter(index)}",
    )
    kept = [cell if len(cell) <= LARGEST_CELL else "" for cell in cells]
    return row._replace(cells=kept, fault=fault, slipped=True)
