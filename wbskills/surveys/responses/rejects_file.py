"""Writing the rows that cannot be taken into a file of their own, to be mended there."""

import csv
import re
from typing import TextIO

from wbskills.surveys.files import csv_files
from wbskills.surveys.files.cell_text import ASIDE
from wbskills.surveys.responses.survey import Survey

# What a spreadsheet would calculate, numbers excepted. A blank before it changes no answer.
_CALCULATED = re.compile(r"[=@\t\r]|[+-](?![\d.,]+$)")


def form(survey: Survey) -> tuple[str, str]:
    """Give the encoding and the separator by which the survey's own mapping reads a text file."""
    mapping = survey.fitted.mapping
    if survey.file.encoding:
        return survey.file.encoding, survey.file.separator
    # A workbook: what the mapping says was not needed so far. Without, the mark tells UTF-8 to
    # spreadsheet programs.
    return mapping.encoding or "utf-8-sig", csv_files.separator_named(mapping.separator) or ","


def set_aside(survey: Survey, file: TextIO) -> int:
    """Write the bad rows of a survey below its headings, and count them.

    Two columns are added: the row in the survey, and all that is wrong with it. Mended, the file
    can be imported with the same mapping, if it is written as `form` tells. Cells with personal
    data are empty in it, and what may hold such data is left out; see `bad_rows`. Cells that a row
    has too many stand behind the reasons.
    """
    encoding, separator = form(survey)
    writer = csv.writer(file, delimiter=separator, lineterminator="\n")
    width, headings = _headings(survey)
    for _ in range(1, survey.fitted.mapping.heading_row):  # where the title stood
        writer.writerow([""] * (width + len(ASIDE)))
    for number, heading in enumerate(headings):
        writer.writerow([*heading, *(ASIDE if number == 0 else ("", ""))])
    count = 0
    for bad in survey.bad_rows():
        reasons = "; ".join(
            ": ".join(part for part in (fault.column, fault.what) if part) for fault in bad.faults
        )
        told = reasons.encode(encoding, "replace").decode(encoding)
        cells = map(_harmless, bad.cells[:width])
        # Set aside for the second time, it still is the row of the survey that it once was.
        before = bad.cells[width].strip() if len(bad.cells) > width else ""
        row = before if before.isdecimal() else bad.row
        writer.writerow([*cells, row, told, *map(_harmless, bad.surplus)])
        count += 1
    return count


def _headings(survey: Survey) -> tuple[int, list[list[str]]]:
    """Give the headings as they stand in the file, without what an earlier run has added."""
    top = [cells for _, cells in survey.file.top]
    width = len(survey.headings)
    if survey.headings[-2:] == ASIDE:
        width -= 2
    rows = top[: survey.shape.heading_rows(top)]
    return width, [(cells + [""] * width)[:width] for cells in rows]


def _harmless(cell: str) -> str:
    return f" {cell}" if _CALCULATED.match(cell) else cell
