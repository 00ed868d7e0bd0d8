"""A table as CSV (RFC 4180): for spreadsheets and scripts."""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from wbskills.model.table import Cell, Iri, Table
from wbskills.report.figures import QUOTIENT_PLACES, QUOTIENTS, rounded

# What makes a spreadsheet run a cell's text as a formula, full-width forms included.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNSEEN = re.compile("[\\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


def as_csv(table: Table, *, addresses: bool = False, headings: bool = False) -> str:
    """Write a table as CSV; see `csv_lines`."""
    return "".join(csv_lines(table, addresses=addresses, headings=headings))


def csv_lines(table: Table, *, addresses: bool = False, headings: bool = False) -> Iterator[str]:
    """Write a table as CSV, record by record, each ending in CR LF.

    The first line holds the names of the columns, which stay as they are from one version to
    the next, or on request the headings for people. Entities are written as ids, or on request
    as addresses; shares and means with four decimals at most. Text that a spreadsheet would run
    as a formula gets a leading apostrophe; numbers never do.
    """
    write = csv.writer(_Handed(), lineterminator="\r\n").writerow
    yield write(
        [harmless(column.heading if headings else column.name) for column in table.columns]
    )
    short = [column.name in QUOTIENTS for column in table.columns]
    labels: dict[str, str] = {}
    entities: dict[str, str] = {}
    for row in table.rows:
        line = []
        for cell, quotient in zip(row, short, strict=True):
            # The same few labels and addresses stand in thousands of rows.
            if type(cell) is str:
                text = labels.get(cell)
                if text is None:
                    text = labels[cell] = harmless(cell)
                line.append(text)
            elif type(cell) is Iri:
                text = entities.get(cell.address)
                if text is None:
                    text = entities[cell.address] = _written(cell, addresses=addresses)
                line.append(text)
            elif quotient and isinstance(cell, Decimal):
                line.append(format(rounded(cell, QUOTIENT_PLACES), "f"))
            else:
                line.append(_written(cell, addresses=addresses))
        yield write(line)


class _Handed:
    """Hands back what is written, so that `writerow` gives each record."""

    def write(self, text: str) -> str:
        return text


def harmless(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run.

    Blanks and what is not seen before it do not count: some programs take them away.

    >>> harmless("=HYPERLINK(1)"), harmless(" \\ufeff=1"), harmless("a = b")
    ("'=HYPERLINK(1)", "' \\ufeff=1", 'a = b')
    """
    if text[:1].isalnum():
        return text
    if text.startswith(_FORMULA):
        return "'" + text
    unseen = _UNSEEN.match(text)
    runs = unseen is not None and text.startswith(_FORMULA, unseen.end())
    return "'" + text if runs else text


def _written(cell: Cell, *, addresses: bool) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int() | Decimal():
            return str(cell)
        case datetime():
            return cell.isoformat(timespec="seconds")
        case date():
            return cell.isoformat()
        case Iri():
            return harmless(cell.address if addresses else cell.short)
        case _:
            return harmless(cell)
