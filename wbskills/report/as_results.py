"""A table in the two lossless forms of SPARQL's own results, JSON and TSV: for programs.

https://www.w3.org/TR/sparql11-results-json/ and https://www.w3.org/TR/sparql11-results-csv-tsv/
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from wbskills.table import Cell, Iri, Table

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_HALF: Final = re.compile("[\ud800-\udfff]")  # half a character, which UTF-8 cannot hold
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_NOT_IN_ADDRESSES: Final = re.compile(r"[\x00-\x20<>\"{}|^`\\]")


def results_lines(table: Table) -> Iterator[str]:
    """Write a table as SPARQL results in JSON, a line for each row.

    What is not known is left out of its row. Texts have no language, as in the columns of names.
    """
    names = [column.name for column in table.columns]
    head = json.dumps(names, ensure_ascii=False)
    yield f'{{"head": {{"vars": {head}}}, "results": {{"bindings": [\n'
    for at, row in enumerate(table.rows):
        bindings = {
            name: _binding(cell) for name, cell in zip(names, row, strict=True) if cell is not None
        }
        text = json.dumps(bindings, ensure_ascii=False)
        yield ("  " if at == 0 else ",\n  ") + _HALF.sub(_escaped, text)
    yield "\n]}}\n"


def tsv_lines(table: Table) -> Iterator[str]:
    """Write a table as SPARQL results in TSV: terms as in Turtle, and nothing for None."""
    yield "\t".join(f"?{column.name}" for column in table.columns) + "\n"
    for row in table.rows:
        yield "\t".join(map(_term, row)) + "\n"


def _binding(cell: Cell) -> dict[str, str]:
    if isinstance(cell, Iri):
        return {"type": "uri", "value": cell.address}
    value, datatype = _typed(cell)
    found = {"type": "literal", "value": value}
    return found | {"datatype": f"{_XSD}{datatype}"} if datatype else found


def _term(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Iri):
        return f"<{_NOT_IN_ADDRESSES.sub(_percent, cell.address)}>"
    value, datatype = _typed(cell)
    if datatype in {"integer", "boolean"} or (datatype == "decimal" and "." in value):
        return value
    text = _HALF.sub("\ufffd", value).translate(_ESCAPES)
    quoted = f'"{text}"'
    return f"{quoted}^^<{_XSD}{datatype}>" if datatype else quoted


def _typed(cell: Cell) -> tuple[str, str]:
    match cell:
        case bool():
            return ("true" if cell else "false"), "boolean"
        case int():
            return str(cell), "integer"
        case Decimal() if cell.is_finite():
            return format(cell, "f"), "decimal"
        case Decimal():
            return "NaN" if cell.is_nan() else "INF" if cell > 0 else "-INF", "double"
        case datetime():
            return cell.isoformat(), "dateTime"
        case date():
            return f"{cell.isoformat()}T00:00:00Z", "dateTime"  # as Wikibase writes a day
        case _:
            return str(cell), ""


def _escaped(half: re.Match[str]) -> str:
    return f"\\u{ord(half[0]):04x}"


def _percent(sign: re.Match[str]) -> str:
    return f"%{ord(sign[0]):02X}"
