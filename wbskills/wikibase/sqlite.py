"""SQLite files: opening them, transactions, and SQLite's errors as errors of the program."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Final, Literal

from wbskills.bulk import chunks
from wbskills.errors import StoreBusy, StoreError, StoreTooNew
from wbskills.private_files import private_file

MEMORY: Final = ":memory:"
_COMMENT: Final = re.compile(r"(?m)^\s*--.*\n")
_MOST_PARAMETERS: Final = 500  # of one statement; SQLite allows at least 999

SqlValue = str | int | float | bytes | None


class Database:
    """An SQLite file with one connection, which all threads share.

    `name` stands for the file in messages, and `damage_hint` is what to do if it is damaged.
    `wait` is how many seconds to wait for other processes; `durable` says whether a commit must
    survive a power failure.

    Raises `StoreTooNew` if the file has a format above `format_known`, `StoreBusy` or `StoreError`
    if it cannot be opened.
    """

    def __init__(
        self,
        file: str | Path,
        *,
        name: str,
        format_known: int,
        wait: float,
        durable: bool,
        damage_hint: str,
    ) -> None:
        self._name, self._damage_hint = name, damage_hint
        # Held during a transaction, so that no other thread sees half of it.
        self._lock = RLock()
        with store_errors(self._name, self._damage_hint):
            self._db = connect(file, wait=wait)
            try:
                self._check_format(format_known)
                use_wal(self._db, "FULL" if durable else "NORMAL")
            except BaseException:
                self._db.close()
                raise

    def _check_format(self, known: int) -> None:
        if self.format > known:
            raise StoreTooNew(
                f"{self._name} has format {self.format}; this version of wbskills knows {known}",
                hint="use a newer version: pip install --upgrade wbskills",
            )

    @property
    def format(self) -> int:
        """The number of the format that the file has; 0 if it is new."""
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def set_format(self, number: int) -> None:
        """Record the number of the format, inside a `transaction`."""
        self._db.execute(f"PRAGMA user_version = {number}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def rows(self, query: str, *values: SqlValue) -> list[tuple[Any, ...]]:
        """Run a query and return its rows; waits for transactions of other threads."""
        with self._lock, store_errors(self._name, self._damage_hint):
            return self._db.execute(query, values).fetchall()

    def rows_for(
        self, query: str, names: Iterable[SqlValue], *more: SqlValue
    ) -> list[tuple[Any, ...]]:
        """Run a query with `IN ({})` for any number of names, which are bound before `more`."""
        rows = []
        for part in chunks(dict.fromkeys(names), _MOST_PARAMETERS):
            rows += self.rows(query.format(",".join("?" * len(part))), *part, *more)
        return rows

    def stream(self, query: str, *values: SqlValue) -> Iterator[tuple[Any, ...]]:
        """Run a query and go through its rows without holding all of them."""
        with store_errors(self._name, self._damage_hint):
            yield from self._db.execute(query, values)

    def run(self, statement: str, *values: SqlValue) -> int:
        """Run a statement inside a `transaction`; return the number of rows that it changed."""
        return self._db.execute(statement, values).rowcount

    def run_many(self, statement: str, rows: Iterable[tuple[SqlValue, ...]]) -> None:
        """Run a statement for each of many rows of values, inside a `transaction`."""
        self._db.executemany(statement, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do several things as one; on an error, none of them."""
        with self._lock, store_errors(self._name, self._damage_hint), transaction(self._db):
            yield


@contextmanager
def store_errors(name: str, damage_hint: str) -> Iterator[None]:
    """Turn SQLite's errors into `StoreBusy` and `StoreError`.

    `name` stands for the file in messages, and `damage_hint` is what to do if it is damaged.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorname", "")
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreBusy(
                f"another process is writing to {name}",
                hint="try again when it is done; stop wbskills serve first",
            ) from error
        if code.startswith("SQLITE_FULL"):
            raise StoreError(
                "the disk is full; nothing of this step was written",
                hint="free some space, then run the same command again",
            ) from error
        if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            raise StoreError(
                f"{name} cannot be written or opened: {error}",
                hint="use a folder that you may write to",
            ) from error
        raise StoreError(
            f"{name} cannot be used: {error}", hint="free some space on the disk"
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{name} is not a file of wbskills, or it is damaged: {error}", hint=damage_hint
        ) from error


def connect(file: str | Path, *, wait: float) -> sqlite3.Connection:
    """Open a file for any thread, with explicit transactions. Raises `sqlite3.Error`."""
    return sqlite3.connect(file, isolation_level=None, timeout=wait, check_same_thread=False)


def use_wal(db: sqlite3.Connection, synchronous: Literal["OFF", "NORMAL", "FULL"]) -> None:
    """Let others read while one writes, and overwrite what is deleted. Raises `sqlite3.Error`."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA synchronous = {synchronous}")
    db.execute("PRAGMA secure_delete = ON")


def open_cache(file: str | Path) -> sqlite3.Connection:
    """Open a private file that can be rebuilt, so nobody waits for the disk or for others.

    Raises `sqlite3.Error`; the file may be damaged, or locked by another process.
    """
    if str(file) != MEMORY:
        with suppress(OSError):  # SQLite reports what is wrong
            private_file(Path(file))
    db = connect(file, wait=0.1)
    try:
        use_wal(db, "OFF")
    except sqlite3.Error:
        db.close()
        raise
    return db


def delete_file(file: str | Path) -> None:
    """Delete an SQLite file with the files beside it."""
    for end in ("", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{file}{end}").unlink()


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Do several things as one; on an error, none of them. Raises `sqlite3.Error`."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def read_script(file: Path) -> tuple[str, ...]:
    """Return the statements of an SQL script in a file; see `split_script`."""
    return split_script(file.read_text(encoding="utf-8"))


def split_script(text: str) -> tuple[str, ...]:
    """Return the statements of an SQL script, each ended by a semicolon at the end of a line.

    Unlike `executescript`, running them one by one does not commit an open transaction.
    """
    plain = _COMMENT.sub("", text)
    return tuple(part.strip() for part in plain.split(";\n") if part.strip())
