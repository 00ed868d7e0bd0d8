"""From what an engine answers to the columns that a saved query describes.

Whichever engine answered, labels, derived columns, numbers and the order of rows come out equal.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from operator import itemgetter
from typing import Any, Final

from wbskills.errors import StoreError
from wbskills.query.header import Derived
from wbskills.query.saved import SavedQuery
from wbskills.report.figures import interval
from wbskills.table import Cell, Iri
from wbskills.wikibase.interface import SelectResult

PLACES: Final = Decimal("1E-12")  # engines divide to 15 digits or more; no further do they agree
_WIDE: Final = Context(prec=400)  # the largest double has 309 digits before the point
_INTERVAL: Final = Decimal("1E-4")
_ENTITY: Final = "/entity/"

Row = tuple[Cell, ...]
# The labels of entities by their addresses; those without a label may be missing.
FindLabels = Callable[[Iterable[str]], Mapping[str, str]]
_Cells = Sequence[Any]
_Sets = tuple[frozenset[Cell], ...]


def finish(query: SavedQuery, answer: SelectResult, find_labels: FindLabels) -> list[Row]:
    """Return the rows with the columns, labels, numbers and order that a saved query promises.

    The answer is emptied, as it may be as large as the result.

    Raises `StoreError` if the answer lacks a variable.
    """
    missing = set(query.selected) - set(answer.variables)
    if missing:
        raise StoreError(f"the answer to “{query.name}” lacks {', '.join(sorted(missing))}")
    # Column by column: the longest answers have ten million cells, most of them as they are to be.
    cells = _joined(query, answer)
    if not cells:
        return []
    addresses = {
        each
        for variable in set(query.labels.values())
        for cell in set(cells[variable])
        for each in _addresses(cell)
    }
    labels = find_labels(addresses) if addresses else {}
    for column, derived in query.derived.items():
        cells[column] = _derived(derived, [cells[name] for name in derived.of], labels)
    for column in query.columns:
        cells[column] = _numbers(cells[column], fraction=column in query.fractions)
    rows = list(zip(*(cells[column] for column in query.columns), strict=True))
    if not query.sorts_afterwards:
        return rows
    return list(map(rows.__getitem__, _sorted(query, cells, len(rows))))


def _joined(query: SavedQuery, answer: SelectResult) -> dict[str, _Cells]:
    """Return the columns of an answer; rows that differ only in joined variables become one row.

    The cells of a joined variable are the sets of its values.
    """
    joined = [each.of[0] for each in query.derived.values() if each.function == "labels"]
    if not joined:
        columns: dict[str, _Cells] = dict(
            zip(answer.variables, zip(*answer.rows, strict=True), strict=False)
        )
        answer.rows.clear()
        return columns
    kept = [name for name in answer.variables if name not in joined]
    at = {name: answer.variables.index(name) for name in answer.variables}
    key_of = itemgetter(*(at[name] for name in kept), at[kept[0]])  # two at least: a tuple
    values_of = itemgetter(*(at[name] for name in joined), at[joined[0]])
    found: dict[Row, _Sets] = {}
    united: dict[tuple[_Sets | None, Row], _Sets] = {}  # the same few sets are in all rows
    for row in answer.rows:
        key = key_of(row)
        change = found.get(key), values_of(row)
        after = united.get(change)
        if after is None:
            before, values = change
            after = united[change] = tuple(
                known | {value}
                for known, value in zip(
                    before or [frozenset()] * len(joined), values, strict=False
                )
            )
        found[key] = after
    answer.rows.clear()
    if not found:
        return {}
    keys = dict(zip(kept, zip(*found, strict=True), strict=False))
    return {**keys, **dict(zip(joined, zip(*found.values(), strict=True), strict=True))}


def _addresses(cell: Cell | frozenset[Cell]) -> Iterable[str]:
    for each in cell if isinstance(cell, frozenset) else (cell,):
        if isinstance(each, Iri):
            yield each.address


def _derived(derived: Derived, columns: Sequence[_Cells], labels: Mapping[str, str]) -> list[Cell]:
    rows = list(zip(*columns, strict=True))
    compute = _FUNCTIONS[derived.function]
    known = {row: compute(labels, *row) for row in set(rows)}
    return list(map(known.__getitem__, rows))


def _label(labels: Mapping[str, str], cell: Cell) -> Cell:
    """Return the label of an item, or its id if it has none; what is not an item is its own."""
    if not isinstance(cell, Iri):
        return cell
    return labels.get(cell.address) or cell.address.partition(_ENTITY)[2]


def _labels(labels: Mapping[str, str], cells: Iterable[Cell]) -> Cell:
    return (
        ", ".join(sorted(str(_label(labels, cell)) for cell in cells if cell is not None)) or None
    )


def _wilson(end: int, able: Cell, assessed: Cell) -> Cell:
    if not isinstance(able, int) or not isinstance(assessed, int) or assessed <= 0:
        return None
    return interval(able, assessed)[end].quantize(_INTERVAL, rounding=ROUND_HALF_UP)


_FUNCTIONS: Final[Mapping[str, Callable[..., Cell]]] = {
    "label": _label,
    "labels": _labels,
    "wilson_low": lambda _, *counts: _wilson(0, *counts),
    "wilson_high": lambda _, *counts: _wilson(1, *counts),
}


def _numbers(cells: _Cells, *, fraction: bool) -> _Cells:
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


def _sorted(query: SavedQuery, cells: Mapping[str, _Cells], count: int) -> list[int]:
    """Return the positions of the rows in the order of the query, by all its keys at once."""
    places = [0] * count
    for key in query.order or ():
        column = cells[key.variable]
        values = sorted(set(column), key=_sort_key, reverse=key.descending)
        ranks = {value: rank for rank, value in enumerate(values)}
        places = [
            place * len(ranks) + ranks[cell] for place, cell in zip(places, column, strict=True)
        ]
    return sorted(range(count), key=places.__getitem__)


def _sort_key(cell: Cell) -> tuple[int, Any]:
    """Order cells as SPARQL does: nothing, addresses, then literals, here by their kinds."""
    match cell:
        case None:
            return 0, 0
        case Iri(address):
            return 1, address
        case bool() | int() | Decimal():
            return 2, cell
        case datetime():
            return 3, cell.isoformat()
        case date():
            return 3, f"{cell.isoformat()}T00:00:00+00:00"
        case _:
            return 4, cell
