"""What the Python API returns: the answer of a saved query, and two short receipts."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wbskills.errors import InvalidValue
from wbskills.query.run import PreparedQuery
from wbskills.query.saved import SavedQuery
from wbskills.table import Cell, Iri, Table
from wbskills.wikibase.model.edits import Edit

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


@dataclass(frozen=True, slots=True)
class OntologyReceipt:
    """The edits that were made to apply the ontology, and the batch that has them."""

    batch: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class RatingsReceipt:
    """What an import of community ratings wrote, or would write; `batch` is empty for a plan."""

    batch: str
    communities: int
    ratings: int
    statements: int


@dataclass(frozen=True)
class Answer:
    """The rows that answer a saved query.

    An item has two columns: `skill` (an `Iri`, whose `id` is Q42) and `skillLabel`. Whole numbers
    are `int`, shares `Decimal` from 0 to 1, days `date`; None is unknown. Iterating gives a
    dictionary for each row; a notebook shows the answer as a table. `prepared` is the query with
    its values, `table` has the rows, `language` is that of names.
    """

    prepared: PreparedQuery
    table: Table
    language: str = "en"

    @property
    def query(self) -> SavedQuery:
        """The saved query that was run: its summary, columns, and how to read its answer."""
        return self.prepared.query

    @cached_property
    def sparql(self) -> str:
        """The SPARQL that was run, ready to paste into a query service."""
        return self.prepared.sparql

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order; `query.columns` says what each means."""
        return tuple(column.name for column in self.table.columns)

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows, each with a cell for each column."""
        return self.table.rows

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)

    def to_dicts(self) -> list[dict[str, Cell]]:
        """Return a dictionary for each row."""
        return list(self.table)

    def to_csv(self) -> str:
        """Write the rows as CSV, with ids for items; formulas are escaped."""
        return self.to_text("csv")

    def to_text(self, form: str = "table") -> str:
        """Write the rows as table, csv, tsv, json, objects, markdown, wikitext or html.

        Raises `InvalidValue` for any other `form`.
        """
        from wbskills.report.formats import STREAMS

        if form not in STREAMS:
            raise InvalidValue(f"“{form}” is not a format", hint=f"use {', '.join(STREAMS)}")
        return "".join(STREAMS[form](self.table))

    def to_pandas(self) -> "pd.DataFrame":
        """Return a pandas frame, with ids for items and floats for shares. Needs pandas."""
        import pandas as pd

        return pd.DataFrame(self._plain_rows(), columns=list(self.columns))

    def to_polars(self) -> "pl.DataFrame":
        """Return a Polars frame, with ids for items and floats for shares. Needs Polars."""
        import polars as pl

        return pl.DataFrame(
            self._plain_rows(),
            schema=list(self.columns),
            orient="row",
            infer_schema_length=None,  # a column may be unknown in its first hundred rows
        )

    def _plain_rows(self) -> list[tuple[Any, ...]]:
        def plain(cell: Cell) -> object:
            if isinstance(cell, Iri):
                return cell.short
            return float(cell) if isinstance(cell, Decimal) else cell

        return [tuple(map(plain, row)) for row in self.rows]

    def _repr_html_(self) -> str:
        from wbskills.report.as_markup import html_table

        return "".join(html_table(self.table, lang=self.language))
