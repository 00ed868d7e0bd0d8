"""Writing the rows that cannot be taken into a file of their own, to be mended there."""

import csv
from typing import Final, TextIO

from wbskills.surveys.responses import Survey

ADDED: Final = ("wbskills: row", "wbskills: why")


def set_aside(survey: Survey, file: TextIO) -> int:
    """Write the bad rows of a survey as CSV with its headings, and count them.

    Two columns are added: the row in the survey, and all that is wrong with it. Mended, the file
    can be imported with the same mapping. Cells with personal data are empty in it.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*survey.headings, *ADDED])
    count = 0
    for bad in survey.bad_rows():
        reasons = "; ".join(
            ": ".join(part for part in (fault.column, fault.what) if part) for fault in bad.faults
        )
        writer.writerow([*bad.cells, bad.row, reasons])
        count += 1
    return count
