"""Answers that took long, kept beside the store until something is written.

An answer is found by the text of the query and the mark of the triples that it is about, so it
is never stale. Losing the file loses nothing; trouble with it is no trouble of the user's.
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
_MOST_ANSWERS: Final = 100


class QueryCache:
    """The kept answers of one store, in an SQLite file of their own."""

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
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def clear(self) -> None:
        """Make the file anew, so that no page of it holds an answer of before."""
        self.close()
        delete_file(self._file)
        self._open()

    def forget(self) -> None:
        """Drop all answers, as something was written."""
        if self._db is None:
            return
        try:
            self._db.execute("DELETE FROM marked")
        except sqlite3.Error:
            return

    def find(self, sparql: str, mark: str) -> SelectResult | None:
        """Find the answer to a query at a mark."""
        if self._db is None:
            return None
        try:
            row = self._db.execute(
                "SELECT json FROM marked WHERE query = ? AND mark = ?",
                (_key(sparql), mark),
            ).fetchone()
            return None if row is None else _read(row[0])
        except (sqlite3.Error, ValueError, KeyError, TypeError):
            return None

    def keep(self, sparql: str, mark: str, answer: SelectResult) -> None:
        """Keep an answer, unless it is very long."""
        if self._db is None or len(answer.rows) * len(answer.variables) > _MOST_CELLS:
            return
        try:
            self._db.execute("DELETE FROM marked WHERE mark <> ?", (mark,))
            (count,) = self._db.execute("SELECT COUNT(*) FROM marked").fetchone()
            if count < _MOST_ANSWERS:
                self._db.execute(
                    "INSERT OR REPLACE INTO marked VALUES (?, ?, ?)",
                    (_key(sparql), mark, _written(answer)),
                )
        except sqlite3.Error:
            return


def _key(sparql: str) -> bytes:
    return hashlib.sha256(f"{_VERSION}\n{sparql}".encode()).digest()


def _written(answer: SelectResult) -> str:
    rows = [[_cell_to_json(cell) for cell in row] for row in answer.rows]
    return json.dumps([answer.variables, rows], ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> SelectResult:
    variables, rows = json.loads(text)
    return SelectResult(
        tuple(variables),
        [
            tuple(_cell(cell) if type(cell) is list else cell for cell in row)  # mostly not
            for row in rows
        ],
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
