"""What the Python API gives back: answers to questions, plans, receipts, and progress."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from wbskills.errors import InvalidValue
from wbskills.query.saved import SavedQuery
from wbskills.table import Cell, Iri, Table
from wbskills.tasks.copies import Cleared
from wbskills.tasks.forgetting import Forgetting
from wbskills.tasks.receipts import Receipt
from wbskills.tasks.undo import Undone
from wbskills.wikibase.model.edits import Edit

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class Progress(NamedTuple):
    """How far a long piece of work has come, in people or entities; total 0: nobody knows."""

    done: int
    total: int

    def __str__(self) -> str:
        return f"{self.done:,} of {self.total:,}" if self.total else f"{self.done:,}"


OnProgress = Callable[[Progress], object]


@dataclass(frozen=True, slots=True)
class OntologyReceipt:
    """What applying the ontology came to: the edits that were made, and the batch they are in."""

    batch: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class SurveyPlan:
    """What importing a survey would do: a line for each edit, and the counts it would have.

    `bad` tells of the rows that would be set aside.
    """

    bad: tuple[str, ...]
    edits: tuple[str, ...]
    counts: Receipt
    wikibase: str

    def lines(self) -> list[str]:
        """Tell the counts in lines for people."""
        return self.counts.lines(planned=True, wikibase=self.wikibase)

    def __str__(self) -> str:
        return "\n".join([*self.bad, *self.edits, *self.lines()])


@dataclass(frozen=True, slots=True)
class ImportReceipt:
    """What became of an import: counts by row and answer, and the batch that can be taken back.

    `file` is where it is kept, `set_aside` how many bad rows were put aside.
    """

    counts: Receipt
    file: Path | None
    set_aside: int
    wikibase: str

    @property
    def batch(self) -> str:
        """The name of the batch, for `undo` and `resume`."""
        return self.counts.batch

    @property
    def edits(self) -> int:
        """How many edits were made."""
        return self.counts.edits

    @property
    def refused(self) -> int:
        """How many edits the Wikibase refused; `resume` tries these again."""
        return len(self.counts.refused)

    def lines(self) -> list[str]:
        """Tell it in lines for people."""
        return self.counts.lines(wikibase=self.wikibase)


@dataclass(frozen=True, slots=True)
class UndoReceipt:
    """What became of taking a batch back; that is a `batch` of its own."""

    batch: str
    done: Undone

    @property
    def made_edits(self) -> bool:
        """Whether anything was changed."""
        return bool(self.done.removed or self.done.put_back or self.done.deleted)

    @property
    def refused(self) -> bool:
        """Whether the Wikibase refused a part of it, which another try may still do."""
        return bool(self.done.refused)

    def lines(self) -> list[str]:
        """Tell it in lines for people."""
        return list(self.done.lines())


@dataclass(frozen=True, slots=True)
class ForgetReceipt:
    """What was removed, from the Wikibase and from the copies on this machine.

    `done` is None where a mirror was cleared by itself.
    """

    told: tuple[str, ...]
    copies: tuple[Cleared, ...]
    done: Forgetting | None = None

    @property
    def refused(self) -> bool:
        """Whether the Wikibase refused a part of it, which another try may still do."""
        return self.done is not None and bool(self.done.refused)

    def lines(self) -> list[str]:
        """Tell it in lines for people: what was removed, and what remains."""
        return list(self.told)


@dataclass(frozen=True)
class Answer:
    """The rows that answer a saved query.

    Items have two columns, `skill` (an `Iri`, whose `id` is Q42) and `skillLabel`. Whole numbers
    are `int`, shares `Decimal` from 0 to 1, days `date`; None where nothing is known. Iterating
    gives a dictionary for each row; a notebook shows the whole as a table.
    """

    query: SavedQuery
    table: Table
    sparql: str
    language: str = "en"

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order; `query.columns` tells what each means."""
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
        """Give a dictionary for each row."""
        return list(self.table)

    def to_csv(self) -> str:
        """Write the rows as CSV, with ids for items; what a spreadsheet could run is made text."""
        return self.to_text("csv")

    def to_text(self, form: str = "table") -> str:
        """Write the rows as table, csv, tsv, json, objects, markdown, wikitext or html.

        Raises `InvalidValue` if there is no such form.
        """
        from wbskills.report.formats import STREAMS

        if form not in STREAMS:
            raise InvalidValue(f"“{form}” is no format", hint=", ".join(STREAMS))
        return "".join(STREAMS[form](self.table))

    def to_pandas(self) -> "pd.DataFrame":
        """Give a pandas frame; items as ids, shares as floats. Needs pandas."""
        import pandas as pd

        return pd.DataFrame(self._plain(), columns=list(self.columns))

    def to_polars(self) -> "pl.DataFrame":
        """Give a Polars frame; items as ids, shares as floats. Needs Polars."""
        import polars as pl

        return pl.DataFrame(self._plain(), schema=list(self.columns), orient="row")

    def _plain(self) -> list[tuple[Any, ...]]:
        from decimal import Decimal

        def plain(cell: Cell) -> object:
            if isinstance(cell, Iri):
                return cell.short
            return float(cell) if isinstance(cell, Decimal) else cell

        return [tuple(map(plain, row)) for row in self.rows]

    def _repr_html_(self) -> str:
        from wbskills.report.as_markup import html_table

        return "".join(html_table(self.table, lang=self.language))
