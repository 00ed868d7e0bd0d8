"""Tables: the results of saved queries, as reports show and export them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from wbskills.names import local_name


@dataclass(frozen=True, slots=True)
class Iri:
    """The address of an entity, or any other address on the web."""

    address: str

    @property
    def id(self) -> str:
        """The id of the entity."""
        return local_name(self.address)

    @property
    def short(self) -> str:
        """The id of the entity; the whole address if it is not that of an entity."""
        return self.id if "/entity/" in self.address else self.address

    def __str__(self) -> str:
        return self.address


Cell = str | int | Decimal | bool | date | datetime | Iri | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name of its variable, and a heading for people.

    `about` says what the cells mean, with their unit; it may be empty. The numbers of a
    `fraction` need not be whole, and are shown rounded.
    """

    name: str
    heading: str
    about: str = ""
    fraction: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; every row has a cell for each column, None if it is unknown."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        """Iterate over the rows as dictionaries from column names to cells."""
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Cell]:
        """List the cells of one column."""
        at = [column.name for column in self.columns].index(name)
        return [row[at] for row in self.rows]
