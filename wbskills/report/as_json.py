"""A table as JSON: for programs."""

import json
import re
from datetime import date, datetime
from decimal import Decimal

from wbskills.report.figures import QUOTIENT_PLACES, rounded
from wbskills.table import Cell, Iri, Table

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def as_json(table: Table) -> str:
    """Write a table as a list of objects, one a line, whose keys are the names of the columns.

    Numbers are numbers with all their digits (shares and other fractions: four decimals at most),
    entities are addresses, days and times are ISO 8601 text, and what is not known is null.
    """
    keys = [_text(column.name) for column in table.columns]
    short = [column.fraction for column in table.columns]
    lines = (
        "  {"
        + ", ".join(
            f"{key}: {_value(cell, quotient=quotient)}"
            for key, cell, quotient in zip(keys, row, short, strict=True)
        )
        + "}"
        for row in table.rows
    )
    inside = ",\n".join(lines)
    return f"[\n{inside}\n]\n" if inside else "[]\n"


def _value(cell: Cell, *, quotient: bool) -> str:
    match cell:
        case None:
            return "null"
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case Decimal():
            return _number(rounded(cell, QUOTIENT_PLACES) if quotient else cell)
        case datetime():
            return _text(cell.isoformat(timespec="seconds"))
        case date():
            return _text(cell.isoformat())
        case Iri():
            return _text(cell.address)
        case _:
            return _text(cell)


def _number(value: Decimal) -> str:
    # JSON has no word for what is not a number; the json module would write one all the same.
    return str(value) if value.is_finite() else "null"


def _text(text: str) -> str:
    # Half a character cannot be written as UTF-8, its escape can.
    written = json.dumps(text, ensure_ascii=False)
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", written)
