"""A table: what a saved query answers and what a report shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from wbskills.names import local_name


@dataclass(frozen=True, slots=True)
class Iri:
    """The address of an entity or of something else on the web."""

    address: str

    @property
    def id(self) -> str:
        """The entity's id, where the address is that of an entity."""
        return local_name(self.address)

    @property
    def short(self) -> str:
        """The entity's id, or the whole address where it is none of an entity."""
        return self.id if "/entity/" in self.address else self.address

    def __str__(self) -> str:
        return self.address


Cell = str | int | Decimal | bool | date | datetime | Iri | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the variable's name, a heading for people, and what its cells mean.

    `about` tells the unit and how to read the column; it may be empty. A `fraction` need not be
    whole: it was divided, and is shown rounded.
    """

    name: str
    heading: str
    about: str = ""
    fraction: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; every row has a cell for each column, None where nothing is known."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        """Go through the rows as maps from a column's name to its cell."""
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Cell]:
        """List the cells of one column."""
        at = [column.name for column in self.columns].index(name)
        return [row[at] for row in self.rows]
