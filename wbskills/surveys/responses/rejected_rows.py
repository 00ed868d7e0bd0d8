"""The rows that cannot be imported, and the file they are saved to so that they can be fixed.

That file must not hold personal data that the importer never reads. In a row of the wrong length
a mail address may be below any heading, so such a row is not kept where a file has personal
columns.
"""

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, TextIO

from wbskills.errors import Fault
from wbskills.surveys.files import csv_files
from wbskills.surveys.files.cell_text import MISSING, REASON_HEADINGS, quoted
from wbskills.surveys.files.rows import Row
from wbskills.surveys.responses.survey import Survey

_LONGEST_ADDRESS: Final = 500  # characters
_INTERNET_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_COORDINATES = re.compile(r"[-+]?\d{1,3}\.\d{3,}[,;\s]+[-+]?\d{1,3}\.\d{3,}")
# What a spreadsheet would calculate, numbers excepted. A blank before it changes no answer.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,]+$)")


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be imported: its cells, the personal ones emptied, and the reasons.

    `surplus` are cells for which there is no heading.
    """

    row: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...]
    surplus: tuple[str, ...] = ()


def rejected_rows(survey: Survey) -> Iterator[RejectedRow]:
    """Yield the rejected rows of a survey from the top of the file, with all their faults.

    In a long table, one response yields all the rows that it was made of.
    """
    for row, faults in survey.faulty_rows():
        yield from _rejected(row, faults, survey.mapping.dropped)


def write_rejected_rows(survey: Survey, file: TextIO) -> int:
    """Write the rejected rows of a survey below its headings, and return their number.

    Two columns are added: the row in the survey, and everything that is wrong with it. Once fixed,
    the file can be imported with the same mapping, if it was opened in `text_format`. Cells with
    personal data are empty, and cells that may hold such data are left out. Surplus cells
    are written behind the reasons.
    """
    encoding, separator = text_format(survey)
    writer = csv.writer(file, delimiter=separator, lineterminator="\n")
    width, headings = _heading_rows(survey)
    for _ in range(1, survey.mapping.source.heading_row):  # where the title was
        writer.writerow([""] * (width + len(REASON_HEADINGS)))
    for number, heading in enumerate(headings):
        writer.writerow([*heading, *(REASON_HEADINGS if number == 0 else ("", ""))])
    count = 0
    for rejected in rejected_rows(survey):
        reasons = "; ".join(
            ": ".join(part for part in (fault.column, fault.what) if part)
            for fault in rejected.faults
        )
        cells = rejected.cells
        # A row that is saved for the second time keeps its number in the first survey file.
        earlier = cells[width].strip() if len(cells) > width else ""
        writer.writerow(
            [
                *map(_escape_formula, cells[:width]),
                earlier if earlier.isdecimal() else rejected.row,
                reasons.encode(encoding, "replace").decode(encoding),
                *map(_escape_formula, rejected.surplus),
            ]
        )
        count += 1
    return count


def text_format(survey: Survey) -> tuple[str, str]:
    """Return the encoding and the separator in which the survey's mapping reads a text file."""
    if survey.file.encoding:
        return survey.file.encoding, survey.file.separator
    # A workbook had no use for these settings. The byte order mark tells spreadsheet programs
    # that a file is UTF-8.
    source = survey.mapping.source
    return source.encoding or "utf-8-sig", csv_files.parse_separator(source.separator) or ","


def looks_personal(cell: str) -> bool:
    """Return whether a cell is or contains a mail or internet address, or coordinates.

    >>> [looks_personal(cell) for cell in ("write to ada@example.org", "52.5200, 13.4050", "3")]
    [True, True, False]
    """
    if "@" in cell and any(
        "." in word.partition("@")[2].strip(".,;:!?>)") and not word.startswith("@")
        for word in cell.split()
    ):
        return True
    if _INTERNET_ADDRESS.search(cell) or _COORDINATES.search(cell):
        return True
    short = len(cell) <= _LONGEST_ADDRESS
    return ":" in cell and short and quoted(cell).startswith("an internet address")


def _rejected(
    row: Row, faults: tuple[Fault, ...], dropped: Collection[int]
) -> Iterator[RejectedRow]:
    if not row.sources:
        # A missing cell must not be read as an empty answer when the row is imported again.
        present = row.cells[: len(row.cells) - row.missing]
        reliable = 0 if row.slipped else row.moved[0] if row.moved else len(present)
        cells = [*present, *[MISSING] * row.missing]
        yield _without_personal_data(
            RejectedRow(row.number, tuple(cells), faults, tuple(row.surplus)), dropped, reliable
        )
        return
    faulty = {fault.row for fault in faults}
    known = {source.number for source in row.sources}
    for number, source_cells, slipped in row.sources:
        own = tuple(fault for fault in faults if fault.row == number)
        if number == row.number:
            own += tuple(fault for fault in faults if fault.row not in known)
        if faulty and not own:
            own = (Fault(what="saved with other answers of this person, which have problems"),)
        yield _without_personal_data(
            RejectedRow(number, tuple(source_cells), own),
            dropped,
            0 if slipped else len(source_cells),
        )


def _without_personal_data(
    rejected: RejectedRow, dropped: Collection[int], reliable: int
) -> RejectedRow:
    """Keep the `reliable` first cells, which are surely in their columns, if any are personal."""
    cells, faults, surplus = rejected.cells, rejected.faults, rejected.surplus
    if reliable < len(cells) and any(index >= reliable for index in dropped):
        cells = tuple(
            cell if index < reliable else "" if index in dropped else MISSING
            for index, cell in enumerate(cells)
        )
        surplus = ()
        left_out = (
            "personal data may be anywhere in this row, so its cells are left out: copy the cells"
            f" of row {rejected.row} of the survey over {MISSING}, or fix that row there"
        )
        faults = (*faults, Fault(what=left_out))
    return RejectedRow(
        rejected.row,
        tuple(MISSING if looks_personal(cell) else cell for cell in cells),
        faults,
        tuple(cell for cell in surplus if not looks_personal(cell)),
    )


def _heading_rows(survey: Survey) -> tuple[int, list[list[str]]]:
    """Return the width and the heading rows of the file, without columns of an earlier run."""
    top = [cells for _, cells in survey.file.top]
    width = len(survey.headings)
    if survey.headings[-2:] == REASON_HEADINGS:
        width -= 2
    rows = top[: survey.tool.heading_rows(top)]
    return width, [(cells + [""] * width)[:width] for cells in rows]


def _escape_formula(cell: str) -> str:
    return f" {cell}" if _FORMULA.match(cell) else cell
