"""The formats in which a table can be written, by the names that users give them."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from wbskills.report.as_data import csv_lines, object_lines, results_lines, tsv_lines
from wbskills.report.as_markup import html_lines, markdown_lines
from wbskills.report.as_text import as_text
from wbskills.report.as_wikitext import as_wikitext
from wbskills.report.figures import fixed
from wbskills.table import Cell, Column, Iri, Table

# Each writes a table piece by piece, so that a large one need not be in memory as one text.
STREAMS: Final[Mapping[str, Callable[[Table], Iterator[str]]]] = MappingProxyType(
    {
        "table": lambda table: iter((as_text(table),)),
        "csv": csv_lines,
        "tsv": tsv_lines,
        "json": results_lines,
        "objects": object_lines,
        "markdown": markdown_lines,
        "wikitext": lambda table: iter((as_wikitext(table),)),
        "html": html_lines,
    }
)
WIDEST: Final = 50  # columns of a matrix that a page has room for


def format_table(table: Table, name: str) -> str:
    """Write a table in the format of that name."""
    return "".join(STREAMS[name](table))


def as_matrix(table: Table, view: Mapping[str, str]) -> Table:
    """Lay out a table as the matrix that its query's `view` describes.

    Rows and columns keep the order in which they first occur. A cell shows the value and, in
    brackets, the number of people behind it. The same table comes back if its view is no matrix,
    if it has no rows, or if the matrix would be too wide.
    """
    if view.get("kind") != "matrix" or not table.rows:
        return table
    by_name = {each.name: each for each in table.columns}
    row, column, value = (view[part] for part in ("row", "column", "value"))
    size = view.get("size")
    row_name, column_name = (
        f"{name}Label" if f"{name}Label" in by_name else name for name in (row, column)
    )
    heads = dict(zip(table.column(column), table.column(column_name), strict=True))
    if len(heads) > WIDEST:
        return table
    lines: dict[tuple[Cell, ...], dict[Cell, str]] = {}
    firsts = list(dict.fromkeys((row, row_name)))
    for one in table:
        line = lines.setdefault(tuple(one[name] for name in firsts), {})
        of = f" ({_matrix_text(one[size])})" if size else ""
        line[one[column]] = f"{_matrix_text(one[value])}{of}"
    columns = [
        *(by_name[name] for name in firsts),
        *(
            Column(f"of_{at}", _matrix_text(label or item), by_name[value].about)
            for at, (item, label) in enumerate(heads.items())
        ),
    ]
    rows = ((*who, *(cells.get(head) for head in heads)) for who, cells in lines.items())
    return Table(tuple(columns), tuple(rows))


def _matrix_text(cell: Cell) -> str:
    if isinstance(cell, Iri):
        return cell.short
    if isinstance(cell, Decimal):
        return fixed(cell, 2)
    return "–" if cell is None else str(cell)
