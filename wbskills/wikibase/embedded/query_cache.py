"""Results of slow queries, kept beside the store until the next edit.

A result is found by the text of the query and the version mark of the triples, so it is never
stale. The file can be lost at any time, and errors with it are ignored.
"""

import hashlib
import json
import sqlite3
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from wbskills.table import Cell, Iri
from wbskills.wikibase.interface import SelectResult
from wbskills.wikibase.sqlite import delete_file, open_cache

_VERSION: Final = 1
_MOST_CELLS: Final = 500_000  # about 15 MB
_MOST_RESULTS: Final = 100


class QueryCache:
    """The kept results of one store, in an SQLite file of their own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._db: sqlite3.Connection | None = None
        self._open()

    def _open(self) -> None:
        try:
            self._db = open_cache(self._file)
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS marked"
                " (query BLOB PRIMARY KEY, mark TEXT, json TEXT) WITHOUT ROWID"
            )
        except sqlite3.Error:
            self.close()

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def clear(self) -> None:
        """Replace the file by an empty one, so that no free page holds a result."""
        self.close()
        delete_file(self._file)
        self._open()

    def forget(self) -> None:
        """Drop all results, because something was written."""
        if self._db is None:
            return
        try:
            self._db.execute("DELETE FROM marked")
        except sqlite3.Error:
            return

    def find(self, sparql: str, mark: str) -> SelectResult | None:
        """Return the result of a query on the triples with a mark, if it was kept."""
        if self._db is None:
            return None
        try:
            row = self._db.execute(
                "SELECT json FROM marked WHERE query = ? AND mark = ?",
                (_key(sparql), mark),
            ).fetchone()
            return None if row is None else _from_json(row[0])
        except (sqlite3.Error, ValueError, KeyError, TypeError):
            return None

    def keep(self, sparql: str, mark: str, result: SelectResult) -> None:
        """Keep a result, unless it is very long."""
        if self._db is None or len(result.rows) * len(result.variables) > _MOST_CELLS:
            return
        try:
            self._db.execute("DELETE FROM marked WHERE mark <> ?", (mark,))
            (count,) = self._db.execute("SELECT COUNT(*) FROM marked").fetchone()
            if count < _MOST_RESULTS:
                self._db.execute(
                    "INSERT OR REPLACE INTO marked VALUES (?, ?, ?)",
                    (_key(sparql), mark, _to_json(result)),
                )
        except sqlite3.Error:
            return


def _key(sparql: str) -> bytes:
    return hashlib.sha256(f"{_VERSION}\n{sparql}".encode()).digest()


def _to_json(result: SelectResult) -> str:
    rows = [[_cell_to_json(cell) for cell in row] for row in result.rows]
    return json.dumps([result.variables, rows], ensure_ascii=False, separators=(",", ":"))


def _from_json(text: str) -> SelectResult:
    variables, rows = json.loads(text)
    return SelectResult(
        tuple(variables),
        [tuple(_cell(cell) if type(cell) is list else cell for cell in row) for row in rows],
    )


def _cell_to_json(cell: Cell) -> Any:  # noqa: ANN401 - JSON
    match cell:
        case Iri(address):
            return ["i", address]
        case Decimal():
            return ["d", str(cell)]
        case datetime():
            return ["m", cell.isoformat()]
        case date():
            return ["t", cell.isoformat()]
        case _:
            return cell


def _cell(found: list[str]) -> Cell:
    kind, text = found
    match kind:
        case "i":
            return Iri(text)
        case "d":
            return Decimal(text)
        case "m":
            return datetime.fromisoformat(text)
        case _:
            return date.fromisoformat(text)
