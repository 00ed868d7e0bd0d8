"""What people say as rows of tables, beside the triples: for questions that count everything.

A third form of the same entities, and never the truth: each entity is here with the revision that
its rows tell of, and whatever is not at its newest is made anew before anything is asked. Trouble
with the file is no trouble of the user's: then there are no tables, and the triples answer.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from wbskills.wikibase.embedded.revision_store import AppliedEdit
from wbskills.wikibase.embedded.tabling import NO_ROWS, Rows, name, number, rows
from wbskills.wikibase.model.entities import Stored
from wbskills.wikibase.sqlite import delete_file, open_cache, read_script, transaction

SCHEMA: Final = Path(__file__).with_name("tables.sql")
_VERSION: Final = 2
_AT_ONCE: Final = 500  # entities read in one go
_FETCHED: Final = 10_000  # rows
_MOST_TEXTS: Final = 100_000

Read = Callable[[Iterable[str]], Mapping[str, Stored]]


class StatementTables:
    """The tables of one store, in an SQLite file of their own, or in memory (`:memory:`)."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._shared: tuple[Any, ...] = ()
        self._own = 0  # rows written into what questions share
        self._db: sqlite3.Connection | None = None
        for _ in range(2):  # a file that is damaged is taken away, and made anew
            try:
                self._open()
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                    self.close()  # it is somebody else's just now, and good
                    break
                self._give_up()
            else:
                break

    def _open(self) -> None:
        self._db = db = open_cache(self._file)
        db.execute("PRAGMA cache_size = -64000")  # KiB
        db.execute("PRAGMA temp_store = MEMORY")
        if db.execute("PRAGMA user_version").fetchone() == (_VERSION,):
            return
        with transaction(db):
            old = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in old:
                db.execute(f"DROP TABLE {table}")
            for statement in read_script(SCHEMA):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _give_up(self) -> None:
        """Do without tables; the next opening makes them anew."""
        self.close()
        if self._file != ":memory:":
            delete_file(self._file)

    def apply(self, steps: Iterable[AppliedEdit]) -> None:
        """Bring the rows of entities from before some edits to after them.

        An entity whose rows are not those of before the edit is left for `heal`.
        """
        if self._db is None:
            return
        with suppress(sqlite3.Error), transaction(self._db) as db:
            for step in steps:
                before, found = step.before, number(step.after.entity.id)
                if _revision(db, found) == (before.revision if before else None):
                    _write(db, step.after, rows(before.entity) if before else NO_ROWS)

    def drop(self, entity_ids: Iterable[str]) -> None:
        """Drop the rows of entities: they are gone, or have to be read anew."""
        if self._db is None:
            return
        try:
            with transaction(self._db) as db:
                for entity_id in entity_ids:
                    _drop(db, number(entity_id))
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # it had the rows of who is gone
        except sqlite3.Error:
            self._give_up()  # who was forgotten must not be left in it

    def clear(self) -> None:
        """Drop everything."""
        self._give_up()
        with suppress(sqlite3.Error):
            self._open()

    def heal(self, newest: Mapping[str, int], read: Read) -> bool:
        """Make the rows of all entities anew that are not at their newest revision.

        `newest` are the revisions of all entities there are, and `read` reads some of them.
        Gives False if there are no tables, or somebody else is at them.
        """
        if self._db is None:
            return False
        wanted = {number(entity_id): revision for entity_id, revision in newest.items()}
        try:
            there = dict(self._db.execute("SELECT number, revision FROM entity"))
            if there == wanted:
                return True
            with transaction(self._db) as db:
                for found, revision in there.items():
                    if revision != wanted.get(found):
                        _drop(db, found)
                late = iter([each for each in wanted if there.get(each) != wanted[each]])
                while part := list(islice(late, _AT_ONCE)):
                    for stored in read(map(name, part)).values():
                        _write(db, stored, NO_ROWS)
        except sqlite3.Error:
            return False
        return True

    def select(
        self,
        sql: str,
        values: Mapping[str, Any],
        shared: Sequence[str],
        functions: Mapping[str, Callable[[Any], str | None]],
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]] | None:
        """Answer a question in SQL: names of columns, and rows. None if there are no tables.

        What `shared` makes is there for the question, and so are `functions`.
        """
        if self._db is None:
            return None
        try:
            for called, function in functions.items():
                self._db.create_function(called, 1, function, deterministic=True)
            self._share(self._db, tuple(shared))
            cursor = self._db.execute(sql, values)
            return tuple(column[0] for column in cursor.description), list(_rows(cursor))
        except sqlite3.DatabaseError:
            return None

    def is_odd(self, properties: Iterable[int]) -> bool:
        """Tell whether some value of these properties is in no row."""
        if self._db is None:
            return True
        odd = {found for (found,) in self._db.execute("SELECT DISTINCT property FROM odd")}
        return not odd.isdisjoint(properties)

    def _share(self, db: sqlite3.Connection, shared: tuple[str, ...]) -> None:
        """Make what questions share, unless nothing has changed since it was made."""
        (changes,) = db.execute("PRAGMA data_version").fetchone()  # by other processes
        state = (db.total_changes - self._own, changes, shared)
        if state == self._shared:
            return
        before = db.total_changes
        for kind, made in db.execute("SELECT type, name FROM sqlite_temp_schema").fetchall():
            if kind in {"view", "table"}:
                db.execute(f"DROP {kind} temp.{made}")
        for statement in shared:
            db.execute(statement)
        self._own += db.total_changes - before
        self._shared = state


def _rows(cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    """Give the rows of an answer; equal texts are one object, as SQLite gives each cell its own.

    That is two fifths of the memory of everybody's answers.
    """
    texts: dict[Any, Any] = {}
    while part := cursor.fetchmany(_FETCHED):
        columns: list[Iterable[Any]] = []
        for cells in zip(*part, strict=True):
            if set(map(type, cells)) <= {str, type(None)}:
                columns.append(map(texts.setdefault, cells, cells))
            else:
                columns.append(cells)
        yield from zip(*columns, strict=True)
        if len(texts) > _MOST_TEXTS:
            texts.clear()


def _revision(db: sqlite3.Connection, found: int) -> int | None:
    row = db.execute("SELECT revision FROM entity WHERE number = ?", (found,)).fetchone()
    return None if row is None else int(row[0])


def _write(db: sqlite3.Connection, stored: Stored, was: Rows) -> None:
    """Put the rows of an entity in the place of those that it had."""
    become = rows(stored.entity)
    db.executemany(
        "DELETE FROM statement WHERE property = ? AND subject = ? AND id = ?",
        [row[:3] for row in was.statements - become.statements],
    )
    db.executemany(
        "DELETE FROM qualifier WHERE property = ? AND statement = ? AND value = ?",
        was.qualifiers - become.qualifiers,
    )
    db.executemany(
        "DELETE FROM odd WHERE property = ? AND statement = ? AND main = ?", was.odd - become.odd
    )
    db.executemany(
        "INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?)", become.statements - was.statements
    )
    db.executemany("INSERT INTO qualifier VALUES (?, ?, ?)", become.qualifiers - was.qualifiers)
    db.executemany("INSERT INTO odd VALUES (?, ?, ?)", become.odd - was.odd)
    found = number(stored.entity.id)
    db.execute("INSERT OR REPLACE INTO entity VALUES (?, ?)", (found, stored.revision))


def _drop(db: sqlite3.Connection, found: int) -> None:
    """Drop the rows of an entity, property by property, as the keys of the tables begin so."""
    first, last = found << 32, ((found + 1) << 32) - 1
    for table, where in (
        ("statement", f"subject = {found}"),
        ("qualifier", f"statement BETWEEN {first} AND {last}"),
        ("odd", f"statement BETWEEN {first} AND {last}"),
    ):
        # A step for each property, not for each row.
        db.execute(
            "WITH RECURSIVE used (property) AS ("  # noqa: S608 - nothing of a user's
            f" SELECT MIN(property) FROM {table} UNION ALL"
            f" SELECT (SELECT MIN(t.property) FROM {table} t WHERE t.property > used.property)"
            "  FROM used WHERE property IS NOT NULL)"
            f" DELETE FROM {table} WHERE property IN (SELECT property FROM used) AND {where}"
        )
    db.execute("DELETE FROM entity WHERE number = ?", (found,))
