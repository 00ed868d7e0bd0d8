"""A table laid out as the view of its query says: as a matrix, say, of communities and skills."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from wbskills.report.figures import fixed
from wbskills.table import Cell, Column, Iri, Table

WIDEST: Final = 50  # columns that a page has room for
_LABEL: Final = "Label"


def laid_out(table: Table, view: Mapping[str, str]) -> Table:
    """Lay out a table for people; as it is, unless its view is a matrix that is not too wide.

    Rows and columns come in the order in which they are first there. A cell has the value and,
    behind it, of how many people it is.
    """
    if view.get("kind") != "matrix" or not table.rows:
        return table
    told = {each.name: each for each in table.columns}
    row, column, value = (view[part] for part in ("row", "column", "value"))
    size = view.get("size")
    row_name, column_name = (
        f"{name}{_LABEL}" if f"{name}{_LABEL}" in told else name for name in (row, column)
    )
    heads = dict(zip(table.column(column), table.column(column_name), strict=True))
    if len(heads) > WIDEST:
        return table
    lines: dict[tuple[Cell, ...], dict[Cell, str]] = {}
    named = list(dict.fromkeys((row, row_name)))
    for one in table:
        line = lines.setdefault(tuple(one[name] for name in named), {})
        of = f" ({_number(one[size])})" if size else ""
        line[one[column]] = f"{_number(one[value])}{of}"
    columns = [
        *(told[name] for name in named),
        *(
            Column(f"of_{at}", _head(*head), told[value].about)
            for at, head in enumerate(heads.items())
        ),
    ]
    rows = ((*who, *(cells.get(head) for head in heads)) for who, cells in lines.items())
    return Table(tuple(columns), tuple(rows))


def _head(item: Cell, label: Cell) -> str:
    shown = label or item
    return shown.short if isinstance(shown, Iri) else _number(shown)


def _number(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return fixed(cell, 2)
    return "–" if cell is None else str(cell)
