"""Statements as rows of tables, for queries that count everything.

A third form of the same entities, beside revisions and triples. Each entity is stored with the
revision that its rows are of; entities that are not at their newest revision are written again
before a query runs. If the file cannot be used, there are no tables, and SPARQL answers.
"""

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from wbskills.bulk import chunks
from wbskills.wikibase.embedded.rdf import statement_name
from wbskills.wikibase.embedded.rdf_terms import text_object, xsd_date
from wbskills.wikibase.embedded.revision_store import AppliedEdit, RevisionStore
from wbskills.wikibase.interface import SelectResult, TableQuery
from wbskills.wikibase.model.entities import Entity, Rank, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Quantity, Text, Time
from wbskills.wikibase.sqlite import MEMORY, delete_file, open_cache, read_script, transaction

SCHEMA: Final = Path(__file__).with_name("tables.sql")
_VERSION: Final = 2
_ENTITIES_READ: Final = 500  # at once
_ROWS_FETCHED: Final = 10_000  # at once
_MOST_TEXTS: Final = 100_000

Value = int | float | str

_RANKS: Final = {Rank.DEPRECATED: 0, Rank.NORMAL: 1, Rank.PREFERRED: 2}
_SIGNS: Final = {"Q": 1, "P": -1}
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00Z")
_TEXTS: Final = frozenset({"string", "external-id"})  # what RDF writes as it is
_WHOLE: Final = 1 << 53  # up to here SQLite's fractions are exact, too
_BITS: Final = 32  # of a statement's number, behind its subject's
_MOST: Final = 1 << 31  # no Wikibase gives an entity this number

Read = Callable[[Iterable[str]], Mapping[str, Stored]]


class Rows(NamedTuple):
    """The rows of one entity."""

    statements: frozenset[tuple[int, int, int, Value, int, int]]
    qualifiers: frozenset[tuple[int, int, Value]]
    odd: frozenset[tuple[int, int, int]]


NO_ROWS: Final = Rows(frozenset(), frozenset(), frozenset())


def number(entity_id: str) -> int:
    """Return the number of an entity: 42 for Q42, -42 for P42.

    Raises `ValueError` if it is of another kind.
    """
    sign = _SIGNS.get(entity_id[:1])
    if sign is None:
        raise ValueError(entity_id)
    return sign * int(entity_id[1:])


def name(number: int) -> str:
    """Return the id of the entity with a number."""
    return f"Q{number}" if number > 0 else f"P{-number}"


def rows(entity: Entity) -> Rows:
    """Return the rows of an entity, which are always the same for equal entities."""
    subject = number(entity.id)
    preferred = {each.main.property for each in entity.statements if each.rank is Rank.PREFERRED}
    statements, qualifiers, odd = [], [], []
    for at, statement in numbered(entity):
        main, rank = statement.main, _RANKS[statement.rank]
        kind = abs(number(main.property))
        value = _value(main)
        if value is None:
            odd.append((kind, at, 1))
            continue
        best = rank == 2 or (rank == 1 and main.property not in preferred)
        statements.append((kind, subject, at, value, rank, int(best)))
        for snak in statement.qualifiers:
            qualifier = _value(snak)
            if qualifier is None:
                odd.append((abs(number(snak.property)), at, 0))
            else:
                qualifiers.append((abs(number(snak.property)), at, qualifier))
    return Rows(frozenset(statements), frozenset(qualifiers), frozenset(odd))


def subject_of(statement: int) -> str:
    """Return the id of the entity that has a statement, by its number."""
    return name(statement >> _BITS)


def numbered(entity: Entity) -> Iterator[tuple[int, Statement]]:
    """Pair statements with numbers, which follow from their GUIDs and are near each other."""
    subject = number(entity.id)
    taken: set[int] = set()
    for statement in sorted(entity.statements, key=lambda each: each.id or ""):
        at = zlib.crc32((statement.id or "").encode())
        while at in taken:
            at = (at + 1) % (1 << _BITS)
        taken.add(at)
        yield (subject << _BITS) + at, statement


class StatementTables:
    """The tables of one store, in an SQLite file of their own, or in memory (`:memory:`)."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._shared: tuple[Any, ...] = ()
        self._own = 0  # rows written into what questions share
        self._db: sqlite3.Connection | None = None
        for _ in range(2):  # a damaged file is deleted, and created again
            try:
                self._open()
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                    self.close()  # another process locks it
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
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _give_up(self) -> None:
        """Delete the tables; the next opening creates them again."""
        self.close()
        if self._file != MEMORY:
            delete_file(self._file)

    def apply(self, edits: Iterable[AppliedEdit]) -> None:
        """Update the rows of edited entities.

        An entity whose rows are not those of before the edit is left to `refresh`.
        """
        if self._db is None:
            return
        with suppress(sqlite3.Error), transaction(self._db) as db:
            for edit in edits:
                before = edit.before
                current = _revision(db, number(edit.after.entity.id))
                if current == (before.revision if before else None):
                    _write(db, edit.after, rows(before.entity) if before else NO_ROWS)

    def drop(self, entity_ids: Iterable[str]) -> None:
        """Drop the rows of entities that no longer exist, or have to be read again."""
        if self._db is None:
            return
        try:
            with transaction(self._db) as db:
                for entity_id in entity_ids:
                    _drop(db, number(entity_id))
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # it had the dropped rows
        except sqlite3.Error:
            self._give_up()  # nothing of a person who was forgotten may stay

    def clear(self) -> None:
        """Replace the tables by empty ones."""
        self._give_up()
        with suppress(sqlite3.Error):
            self._open()

    def refresh(self, newest: Mapping[str, int], read: Read) -> bool:
        """Write the rows of all entities that are not at their newest revision.

        `newest` are the newest revisions of all entities; `read` reads entities by id. Returns
        False if there are no tables, or another process locks them.
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
                late = [each for each in wanted if there.get(each) != wanted[each]]
                for part in chunks(late, _ENTITIES_READ):
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
        """Run an SQL query; return names of columns, and rows. None if there are no tables.

        The query can use what the statements in `shared` create, and `functions`.
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
        """Return whether any value of these properties is missing in the rows."""
        if self._db is None:
            return True
        odd = {found for (found,) in self._db.execute("SELECT DISTINCT property FROM odd")}
        return not odd.isdisjoint(properties)

    def _share(self, db: sqlite3.Connection, shared: tuple[str, ...]) -> None:
        """Create what queries share, unless nothing has changed since."""
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


class TableQueries:
    """Queries on the statement tables of a store."""

    def __init__(self, tables: StatementTables, revisions: RevisionStore) -> None:
        self._tables, self._revisions = tables, revisions
        self._state = (-1, -1)  # of the revisions, when the tables were last refreshed

    def answer(self, query: TableQuery) -> SelectResult | None:
        """Answer a query; None if SPARQL has to answer it."""
        state = self._revisions.state()
        if state != self._state:
            if not self._tables.refresh(self._revisions.newest(), self._revisions.read):
                return None
            self._state = state
        if self._tables.is_odd(query.properties):
            return None
        found = self._tables.select(
            query.sql,
            query.values,
            query.shared,
            {
                "md5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
                "address": lambda each: None if each is None else self._address(each),
            },
        )
        return None if found is None else SelectResult(*found)

    def rebuild(self) -> None:
        """Write all rows again."""
        self._tables.clear()
        self._state = (-1, -1)
        self._tables.refresh(self._revisions.newest(), self._revisions.read)

    def _address(self, statement: int) -> str | None:
        """Return the IRI of a statement by its number."""
        subject = subject_of(statement)
        for stored in self._revisions.read([subject]).values():
            for at, each in numbered(stored.entity):
                if at == statement and each.id is not None:
                    return f"{self._revisions.concept_base}statement/{statement_name(each.id)}"
        return None


def _value(snak: Snak) -> Value | None:
    match snak.value:
        case EntityRef(id) if id[:1] in _SIGNS:
            return found if abs(found := number(id)) < _MOST else None
        case Text(text) if snak.datatype in _TEXTS:
            return text
        case Text(text) if snak.datatype == "url":
            return text_object(text, "url")[1:-1]
        case Quantity(amount):
            return _amount(Decimal(amount))
        case Time() as time:
            day = _DAY.fullmatch(xsd_date(time) or "")
            return day.group(1) if day else None
        case _:
            return None


def _amount(amount: Decimal) -> int | float | None:
    if amount == amount.to_integral_value():
        return int(amount) if abs(amount) <= _WHOLE else None
    return float(amount) if Decimal(repr(float(amount))) == amount else None


def _rows(cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    """Fetch rows; equal texts become one object, which saves two fifths of the memory."""
    texts: dict[Any, Any] = {}
    while part := cursor.fetchmany(_ROWS_FETCHED):
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
    """Replace the rows that an entity had."""
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
    """Drop the rows of an entity, property by property, since keys begin with the property."""
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
