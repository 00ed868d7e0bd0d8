"""A table for programs: as CSV, as JSON objects, and in the two lossless SPARQL result formats.

https://www.rfc-editor.org/rfc/rfc4180, https://www.w3.org/TR/sparql11-results-json/ and
https://www.w3.org/TR/sparql11-results-csv-tsv/
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import starmap
from typing import Any, Final

from wbskills.report.figures import QUOTIENT_PLACES, rounded
from wbskills.table import Cell, Iri, Table

# What makes a spreadsheet run the text of a cell as a formula, full-width forms included.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_INVISIBLE: Final = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)
_TO_QUOTE: Final = re.compile('[",\r\n]')
_ROWS_AT_ONCE: Final = 500

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")  # UTF-8 cannot hold one
_TSV_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
)
_NOT_IN_IRIS: Final = re.compile(r"[\x00-\x20<>\"{}|^`\\]")

_CellWriters = dict[type, Callable[[Any], str]]


def csv_lines(table: Table) -> Iterator[str]:
    """Write a table as CSV, some records at a time, each ending in CR LF.

    The first record holds the names of the columns, which are the same in every language. Items
    are written as ids; shares and other fractions with four decimals at most. Text that a
    spreadsheet would run as a formula gets a leading apostrophe; numbers never do.
    """
    yield _records([[_csv_text(column.name) for column in table.columns]])
    rounding = _CSV_WRITERS | {Decimal: _rounded_text}
    writers = [rounding if column.fraction else _CSV_WRITERS for column in table.columns]
    for start in range(0, len(table), _ROWS_AT_ONCE):
        # Column by column, since most columns hold cells of one type and repeat them.
        columns = zip(*table.rows[start : start + _ROWS_AT_ONCE], strict=True)
        written = starmap(_csv_column, zip(columns, writers, strict=True))
        yield _records(zip(*written, strict=True))


def object_lines(table: Table) -> Iterator[str]:
    """Write a table as a JSON list of objects, one a line, whose keys are the column names.

    Numbers keep all their digits (shares and other fractions: four decimals at most), items are
    addresses, dates and times are ISO 8601 text, and unknown cells are null.
    """
    keys = [_json_text(column.name) for column in table.columns]
    fractions = [column.fraction for column in table.columns]
    separator = "[\n"
    for row in table.rows:
        values = map(_json_value, row, fractions)
        yield f"{separator}  {{{', '.join(map('{}: {}'.format, keys, values))}}}"
        separator = ",\n"
    yield "\n]\n" if table.rows else "[]\n"


def results_lines(table: Table) -> Iterator[str]:
    """Write a table as SPARQL results in JSON, a line for each row.

    Unknown cells have no binding. Texts have no language, even in columns of labels.
    """
    names = [column.name for column in table.columns]
    head = json.dumps(names, ensure_ascii=False)
    yield f'{{"head": {{"vars": {head}}}, "results": {{"bindings": [\n'
    for at, row in enumerate(table.rows):
        bindings = {
            name: _binding(cell) for name, cell in zip(names, row, strict=True) if cell is not None
        }
        yield ("  " if at == 0 else ",\n  ") + _json_text(bindings)
    yield "\n]}}\n"


def tsv_lines(table: Table) -> Iterator[str]:
    """Write a table as SPARQL results in TSV: terms as in Turtle, unknown cells empty."""
    yield "\t".join(f"?{column.name}" for column in table.columns) + "\n"
    for row in table.rows:
        yield "\t".join(map(_tsv_term, row)) + "\n"


def escape_csv(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Leading blanks and invisible characters are passed over, as some programs drop them.

    >>> escape_csv("=HYPERLINK(1)"), escape_csv(" \\ufeff=1"), escape_csv("a = b")
    ("'=HYPERLINK(1)", "' \\ufeff=1", 'a = b')
    """
    if text[:1].isalnum():
        return text
    if text.startswith(_FORMULA):
        return "'" + text
    invisible = _INVISIBLE.match(text)
    is_formula = invisible is not None and text.startswith(_FORMULA, invisible.end())
    return "'" + text if is_formula else text


def _records(rows: Iterable[Iterable[str]]) -> str:
    # An empty line would not be a record.
    return "".join([(",".join(row) or '""') + "\r\n" for row in rows])


def _csv_column(cells: Sequence[Cell], writers: _CellWriters) -> Iterable[str]:
    found = {
        kind: next(writers[each] for each in kind.__mro__ if each in writers)
        for kind in set(map(type, cells))
    }
    if len(found) == 1:
        return map(next(iter(found.values())), cells)
    return [found[type(cell)](cell) for cell in cells]


# The same few labels and addresses occur in thousands of rows.
@lru_cache(maxsize=1 << 16)
def _csv_text(text: str) -> str:
    escaped = escape_csv(text)
    return '"' + escaped.replace('"', '""') + '"' if _TO_QUOTE.search(escaped) else escaped


@lru_cache(maxsize=1 << 16)
def _csv_id(address: str) -> str:
    return _csv_text(Iri(address).short)


def _rounded_text(quotient: Decimal) -> str:
    return format(rounded(quotient, QUOTIENT_PLACES), "f")


_CSV_WRITERS: Final[_CellWriters] = {
    str: _csv_text,
    Iri: lambda item: _csv_id(item.address),
    type(None): lambda _: "",
    bool: lambda value: "true" if value else "false",
    int: str,
    Decimal: str,
    datetime: lambda value: value.isoformat(timespec="seconds"),
    date: date.isoformat,
}


def _json_value(cell: Cell, fraction: bool) -> str:
    match cell:
        case None:
            return "null"
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case Decimal():  # written here, since the json module knows no Decimal
            value = rounded(cell, QUOTIENT_PLACES) if fraction else cell
            return str(value) if value.is_finite() else "null"
        case datetime():
            return _json_text(cell.isoformat(timespec="seconds"))
        case date():
            return _json_text(cell.isoformat())
        case _:
            return _json_text(str(cell))


def _json_text(value: object) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", written)


def _binding(cell: Cell) -> dict[str, str]:
    if isinstance(cell, Iri):
        return {"type": "uri", "value": cell.address}
    value, datatype = _literal(cell)
    binding = {"type": "literal", "value": value}
    return binding | {"datatype": f"{_XSD}{datatype}"} if datatype else binding


def _tsv_term(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Iri):
        return f"<{_NOT_IN_IRIS.sub(lambda c: f'%{ord(c[0]):02X}', cell.address)}>"
    value, datatype = _literal(cell)
    if datatype in {"integer", "boolean"} or (datatype == "decimal" and "." in value):
        return value
    text = _LONE_SURROGATE.sub("\ufffd", value).translate(_TSV_ESCAPES)
    return f'"{text}"^^<{_XSD}{datatype}>' if datatype else f'"{text}"'


def _literal(cell: Cell) -> tuple[str, str]:
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
            return f"{cell.isoformat()}T00:00:00Z", "dateTime"  # as Wikibase writes a date
        case _:
            return str(cell), ""
