"""What is kept about a Wikibase between runs, in one private SQLite file.

Only the salt exists nowhere else: without the file, all entities are found again by reading the
wiki, and each reference gets a new response key at the next import; no statement is added twice.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final, TextIO

from wbskills.errors import StoreBusy, StoreError, StoreTooNew
from wbskills.private_files import open_private, private_file, private_folder, restrict_access
from wbskills.wikibase.model.entities import Entity, Kind
from wbskills.wikibase.model.guids_and_locks import identifiers, label_locks

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # a module, or none

FILE: Final = "state.sqlite"
_WRITE_LOCK: Final = "writing.lock"
_VERSION: Final = 2
_MAX_PARAMETERS: Final = 500  # of one SQL statement
_BUSY_TIMEOUT: Final = 10.0  # seconds, for another process
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS page (entity TEXT PRIMARY KEY, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS identifier (
    property TEXT NOT NULL, name TEXT NOT NULL, entity TEXT NOT NULL,
    PRIMARY KEY (property, name, entity)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identifier_of_entity ON identifier (entity);
-- Digests of what no two entities may share: of items label and description in a language.
CREATE TABLE IF NOT EXISTS term_lock (
    digest BLOB NOT NULL, entity TEXT NOT NULL, PRIMARY KEY (digest, entity)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS term_lock_of_entity ON term_lock (entity);
-- Digests of desired states that were imported, and the revision that has them.
CREATE TABLE IF NOT EXISTS brought_about (
    key TEXT PRIMARY KEY, digest BLOB NOT NULL, entity TEXT NOT NULL, revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS brought_about_of_entity ON brought_about (entity);
"""

# Version 1 had labels of properties only: everything is read again.
_FROM_VERSION_1: Final = "DROP TABLE IF EXISTS label; DELETE FROM page; DELETE FROM identifier;"

TermLock = tuple[str, str, str]  # language, label, description
ImportedDigest = tuple[str, bytes, str, int]  # key, digest, entity, revision


class LocalState:
    """The state of one wiki, in a private folder. Threads may share it.

    Raises `StoreError` if the folder cannot be used, or is about another concept base.
    """

    def __init__(self, folder: Path, concept_base: str) -> None:
        self._lock = RLock()
        self._folder = folder
        self._write_lock: TextIO | None = None
        path = folder / FILE
        try:
            private_folder(folder)
            restrict_access(folder)
            private_file(path)
        except OSError as error:
            raise StoreError(
                f"cannot create {path}: {error.strerror}",
                hint="use a folder that you may write to",
            ) from error
        with _as_store_error(str(path)):
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=_BUSY_TIMEOUT, check_same_thread=False
            )
            try:
                self._prepare(path, concept_base)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, path: Path, concept_base: str) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > _VERSION:
            raise StoreTooNew(
                f"a newer version of wbskills wrote {path} (format {found}; this version reads"
                f" {_VERSION})",
                hint="run “pip install --upgrade wbskills”",
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # what is lost is found again
        self._db.execute("PRAGMA secure_delete = ON")
        if found < _VERSION:
            self._db.executescript(_SCHEMA + _FROM_VERSION_1)
            self._db.execute(
                "INSERT OR IGNORE INTO setting VALUES ('salt', ?)", (secrets.token_bytes(32),)
            )
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
        known = self.setting("concept_base")
        if known is None:
            self.put_setting("concept_base", concept_base)
        elif known != concept_base:
            raise StoreError(
                f"{path} is about another Wikibase, {known}",
                hint="set another state folder in the profile, or move this file away",
            )

    def close(self) -> None:
        """Close the file, and let other processes write."""
        self._db.close()
        if self._write_lock is not None:
            self._write_lock.close()

    def lock_for_writing(self) -> None:
        """Keep other processes of this machine from writing to this wiki, until `close`.

        Raises `StoreBusy` if another process does. Does nothing on Windows.
        """
        if self._write_lock is not None or fcntl is None:
            return
        opened = open_private(self._folder / _WRITE_LOCK, "w")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            opened.close()
            raise StoreBusy(
                "another process on this machine is writing to this Wikibase",
                hint="wait until it is done, then run the command again",
            ) from error
        self._write_lock = opened

    def salt(self) -> bytes:
        """Return the secret that was created with the file."""
        return bytes(self.setting("salt"))

    def setting(self, name: str) -> Any:  # noqa: ANN401 - a text, a number or bytes, by name
        """Return a setting; None if it was never put."""
        rows = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchall()
        return rows[0][0] if rows else None

    def put_setting(self, name: str, value: str | float) -> None:
        """Store a setting."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def revisions(self) -> dict[str, int]:
        """Return the revision at which each entity was last read."""
        return dict(self._rows("SELECT entity, revision FROM page"))

    def index(self, entities: Iterable[tuple[Entity, int]]) -> None:
        """Index entities by external ids and terms, as they are at a revision."""
        with self._transaction():
            for entity, revision in entities:
                self._remove_from_index(entity.id)
                self._db.execute("INSERT INTO page VALUES (?, ?)", (entity.id, revision))
                self._db.executemany(
                    "INSERT INTO identifier VALUES (?, ?, ?)",
                    [(name, text, entity.id) for name, text in identifiers(entity)],
                )
                self._db.executemany(
                    "INSERT INTO term_lock VALUES (?, ?)",
                    [(_digest(entity.kind, lock), entity.id) for lock in label_locks(entity)],
                )

    def remove(self, entities: Iterable[str]) -> None:
        """Remove entities that are gone, with their imported digests."""
        with self._transaction():
            for entity in entities:
                self._remove_from_index(entity)
                self._db.execute("DELETE FROM brought_about WHERE entity = ?", (entity,))

    def drop_cached(self, entity: str, key: str) -> None:
        """Remove everything about an entity, and about `key` and `key/…`."""
        with self._transaction():
            if entity:
                self._remove_from_index(entity)
            self._db.execute(
                "DELETE FROM brought_about"
                " WHERE entity = ?1 OR key = ?2 OR substr(key, 1, length(?2) + 1) = ?2 || '/'",
                (entity, key),
            )

    def clean_up(self) -> None:
        """Leave no free page in the file that holds what was removed."""
        with self._lock, _as_store_error():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def find_by_terms(self, kind: Kind, wanted: Iterable[TermLock]) -> set[str]:
        """Find the entities that had one of these labels and descriptions when last read."""
        digests = [_digest(kind, lock) for lock in wanted]
        rows = self._rows_in("SELECT entity FROM term_lock WHERE digest IN ({})", digests)
        return {row[0] for row in rows}

    def identified(
        self, property_id: str, names: Collection[str] | None = None
    ) -> list[tuple[str, str]]:
        """List name and entity of external ids as last read; without `names`, all."""
        if names is None:
            return self._rows(
                "SELECT name, entity FROM identifier WHERE property = ?", property_id
            )
        return self._rows_in(
            "SELECT name, entity FROM identifier WHERE name IN ({}) AND property = ?",
            names,
            property_id,
        )

    def imported_digests(self, keys: Collection[str]) -> list[ImportedDigest]:
        """List the digests of desired states that were imported under these keys."""
        return self._rows_in(
            "SELECT key, digest, entity, revision FROM brought_about WHERE key IN ({})", keys
        )

    def record_imports(self, digests: Iterable[ImportedDigest]) -> None:
        """Store the digests of desired states that were imported."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO brought_about VALUES (?, ?, ?, ?)", digests
            )

    def move_digests(self, entity: str, base: int, revision: int) -> None:
        """Let the digests of an entity at revision `base` hold for a later one."""
        with self._transaction():
            self._db.execute(
                "UPDATE brought_about SET revision = ? WHERE entity = ? AND revision = ?",
                (revision, entity, base),
            )

    def _remove_from_index(self, entity: str) -> None:
        for table in ("page", "identifier", "term_lock"):
            self._db.execute(f"DELETE FROM {table} WHERE entity = ?", (entity,))  # noqa: S608

    def _rows(self, query: str, *values: str | bytes) -> list[Any]:
        with self._lock, _as_store_error():
            return self._db.execute(query, values).fetchall()

    def _rows_in(self, query: str, names: Collection[str | bytes], *more: str) -> list[Any]:
        listed, rows = list(names), []
        for start in range(0, len(listed), _MAX_PARAMETERS):
            part = listed[start : start + _MAX_PARAMETERS]
            rows += self._rows(query.format(",".join("?" * len(part))), *part, *more)
        return rows

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, _as_store_error():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _digest(kind: Kind, lock: TermLock) -> bytes:
    text = "\n".join([kind.value, *lock])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


@contextmanager
def _as_store_error(path: str = FILE) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreBusy(
                f"another process is using {path}",
                hint="wait until it is done, then run the command again",
            ) from error
        raise StoreError(
            f"{path} cannot be used: {error}", hint="free some space on the disk"
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{path} is damaged: {error}",
            hint="move it away; everything but the salt is found again in the wiki",
        ) from error
