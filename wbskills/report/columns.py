"""Reads cells, column by column: entities with their labels, counts, numbers, days."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter

from wbskills.errors import InvalidValue
from wbskills.names import ENTITY_ID, local_name
from wbskills.report.facts import NOTHING, Thing
from wbskills.table import Cell, Iri, Table

Key = tuple[str | None, Cell]  # the address of an entity, and its label

_WITH_PAGES = frozenset({"person", "skill"})  # what has to be an item
# A label may hold anything that a wiki lets pass; a character that HTML has no place for is
# not among what it means.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def columns(tables: Mapping[str, Table]) -> dict[str, "Columns"]:
    """Give the columns of some tables.

    Reading a person or a skill raises `InvalidValue` if its address is not that of an item.
    """
    known = {must_be_item: Things(must_be_item=must_be_item) for must_be_item in (True, False)}
    return {name: Columns(table, known) for name, table in tables.items()}


class Things(dict[Key, Thing]):
    """Entities by address and label: a label stands in thousands of rows, and is cleaned once."""

    def __init__(self, *, must_be_item: bool) -> None:
        self._must_be_item = must_be_item

    def __missing__(self, key: Key) -> Thing:
        found = self[key] = _thing(*key, must_be_item=self._must_be_item)
        return found


class Columns:
    """The columns of one table, each read as a whole, in the order of its rows.

    That takes half the time of reading row by row, and no more memory: nothing is kept.
    """

    def __init__(self, table: Table, known: Mapping[bool, Things]) -> None:
        self._rows, self._known = table.rows, known
        self._at = {column.name: at for at, column in enumerate(table.columns)}

    def things(self, name: str) -> Iterable[Thing]:
        """Read entities and their labels."""
        return map(self._things(name).__getitem__, self._keys(name))

    def some_things(self, name: str) -> Iterable[Thing | None]:
        """Read entities and their labels; None where there is none."""
        known = self._things(name)
        cells = zip(self.cells(name), self._keys(name), strict=True)
        return (None if cell is None else known[key] for cell, key in cells)

    def cells(self, name: str) -> Iterable[Cell]:
        """Give the cells as they are."""
        return map(itemgetter(self._at[name]), self._rows)

    def texts(self, name: str) -> Iterable[str]:
        """Read text without what cannot be printed."""
        return map(_text, self.cells(name))

    def counts(self, name: str) -> Iterable[int]:
        """Read how many there are; 0 where nothing is told."""
        return map(_count, self.cells(name))

    def some(self, name: str) -> Iterable[int | None]:
        """Read how many there are; None where nothing is told."""
        return (None if cell is None else _count(cell) for cell in self.cells(name))

    def numbers(self, name: str) -> Iterable[Decimal | None]:
        """Read numbers."""
        return map(_number, self.cells(name))

    def days(self, name: str) -> Iterable[date | None]:
        """Read days."""
        return map(_day, self.cells(name))

    def ids(self, name: str) -> Iterable[str]:
        """Read the ids of entities."""
        return (cell.id if isinstance(cell, Iri) else "" for cell in self.cells(name))

    def missing(self, name: str) -> Iterable[bool]:
        """Tell where nothing is told."""
        return (cell is None for cell in self.cells(name))

    def truths(self, name: str) -> Iterable[bool]:
        """Read what is 1 where it is so."""
        return map(bool, self.cells(name))

    def _keys(self, name: str) -> Iterable[Key]:
        addresses = (cell.address if isinstance(cell, Iri) else None for cell in self.cells(name))
        return zip(addresses, self.cells(f"{name}Label"), strict=True)

    def _things(self, name: str) -> Things:
        return self._known[name in _WITH_PAGES]


def _thing(address: str | None, label: Cell, *, must_be_item: bool) -> Thing:
    item = local_name(address or "")
    if not (item.startswith("Q") and ENTITY_ID.fullmatch(item)):
        if must_be_item:
            raise InvalidValue(f"“{address}” is not the address of an item")
        item = ""
    text = _text(label)
    if not item and not text:
        return NOTHING
    return Thing(item, text or item, address or "")


def _text(cell: Cell) -> str:
    return "" if cell is None else _UNPRINTABLE.sub("", str(cell)).strip()


@lru_cache(maxsize=1 << 12)
def parts(cell: Cell) -> tuple[str, ...]:
    """Split what somebody would do into its parts."""
    text = cell if isinstance(cell, str) else ""
    found = (part.strip().replace("_", " ") for part in re.split(r"[,;|·]", _text(text)))
    return tuple(part for part in found if part)


def _count(cell: Cell) -> int:
    return int(cell) if isinstance(cell, int | Decimal) else 0


def _number(cell: Cell) -> Decimal | None:
    if isinstance(cell, Decimal):
        return cell if cell.is_finite() else None
    return _whole(cell) if isinstance(cell, int) and not isinstance(cell, bool) else None


_whole: Callable[[int], Decimal] = lru_cache(maxsize=1 << 12)(Decimal)


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    return cell if isinstance(cell, date) else None
