"""The cells of an answer, as a saved query promises them, whichever engine gave them."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Context, Decimal
from typing import Final

from wbskills.errors import StoreError
from wbskills.query.saved import SavedQuery
from wbskills.table import Cell
from wbskills.wikibase.interface import SelectResult

PLACES: Final = Decimal("1E-12")  # engines divide to 15 digits or more; no further do they agree
_WIDE: Final = Context(prec=400)  # the largest double has 309 digits before the point

Row = tuple[Cell, ...]


def in_order(
    query: SavedQuery,
    answer: SelectResult,
    become: Callable[[str, Sequence[Cell]], Sequence[Cell]] | None = None,
) -> list[Row]:
    """Give the rows of an answer with the columns and the numbers that a saved query promises.

    `become` puts the cells of a column, whose name it is told, into words first.
    Raises `StoreError` if a column is missing.
    """
    places = {name.partition(":")[0]: at for at, name in enumerate(answer.variables)}
    missing = set(query.columns) - set(places)
    if missing:
        raise StoreError(f"the answer to “{query.name}” lacks {', '.join(sorted(missing))}")
    # Column by column: the longest answers have ten million cells, most of them as they are to be.
    given = list(zip(*answer.rows, strict=True))
    if not given:
        return []
    columns: list[Iterable[Cell]] = []
    for name in query.columns:
        cells: Sequence[Cell] = given[places[name]]
        if become is not None:
            cells = become(answer.variables[places[name]], cells)
        columns.append(_numbers(cells, fraction=name in query.fractions))
    return list(zip(*columns, strict=True))


def _numbers(cells: Sequence[Cell], *, fraction: bool) -> Sequence[Cell]:
    kinds = set(map(type, cells))
    if Decimal not in kinds and not (fraction and int in kinds):
        return cells
    return [_number(cell, fraction=fraction) for cell in cells]


def _number(cell: Cell, *, fraction: bool) -> Cell:
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        return cell
    if fraction:
        short = Decimal(cell).quantize(PLACES, context=_WIDE).normalize(_WIDE)
        return _WIDE.add(short, Decimal(0))  # else 100 would be 1E+2
    return int(cell) if cell == int(cell) else cell
