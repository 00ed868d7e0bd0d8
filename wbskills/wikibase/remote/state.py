"""What is remembered of a Wikibase between runs, in one private SQLite file.

Nothing in it is the only copy of anything but for the salt: without the file, all entities are
found again by reading the wiki, and each person's reference gets a new response key at the next
import; no statement is made twice.
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
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]  # a module, or none

FILE: Final = "state.sqlite"
_CLAIM: Final = "writing.lock"
_VERSION: Final = 2
_AT_ONCE: Final = 500  # parameters of one statement
_WAIT: Final = 10.0  # seconds, for another process
_LOCKED: Final = "SELECT entity FROM term_lock WHERE digest IN ({})"
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
CREATE TABLE IF NOT EXISTS brought_about (
    key TEXT PRIMARY KEY, digest BLOB NOT NULL, entity TEXT NOT NULL, revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS brought_about_of_entity ON brought_about (entity);
"""

# Version 1 knew labels of properties only: what was seen is read again.
_FROM_1: Final = "DROP TABLE IF EXISTS label; DELETE FROM page; DELETE FROM identifier;"

Lock = tuple[str, str, str]  # language, label, description


class State:
    """The state of one wiki, in a private folder.

    Raises `StoreError` if the folder cannot be used.
    """

    def __init__(self, folder: Path, concept_base: str) -> None:
        self._lock = RLock()
        self._folder = folder
        self._claim: TextIO | None = None
        path = folder / FILE
        try:
            private_folder(folder)
            restrict_access(folder)
            private_file(path)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be made: {error.strerror}", hint="a folder that you may write to"
            ) from error
        with _told(path):
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=_WAIT, check_same_thread=False
            )
            try:
                self._prepare(path, concept_base)
            except BaseException:
                self._db.close()
                raise
        self._path = path

    def _prepare(self, path: Path, concept_base: str) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > _VERSION:
            raise StoreTooNew(
                f"{path} has format {found}; this version of wbskills knows {_VERSION}",
                hint="a newer version: pip install --upgrade wbskills",
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # what is lost is found again
        self._db.execute("PRAGMA secure_delete = ON")
        if found < _VERSION:
            self._db.executescript(_SCHEMA + _FROM_1)
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
                hint="another state folder in the profile, or moving this file away",
            )

    def close(self) -> None:
        """Let go of the file, and let others write."""
        self._db.close()
        if self._claim is not None:
            self._claim.close()

    def claim(self) -> None:
        """Be the only one who writes to this wiki from this machine, until the end.

        Raises `StoreBusy` if another process does. Where the system has no such locks, nobody
        is kept out.
        """
        if self._claim is not None or fcntl is None:
            return
        opened = open_private(self._folder / _CLAIM, "w")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            opened.close()
            raise StoreBusy(
                "another process of this machine is writing to this Wikibase",
                hint="again when it is done",
            ) from error
        self._claim = opened

    def salt(self) -> bytes:
        """Give the secret made with the file."""
        return bytes(self.setting("salt"))

    def setting(self, name: str) -> Any:  # noqa: ANN401 - a text, a number or bytes, by name
        """Give something noted; None if it was not."""
        rows = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchall()
        return rows[0][0] if rows else None

    def put_setting(self, name: str, value: str | float) -> None:
        """Note something."""
        with self._changing():
            self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def revisions(self) -> dict[str, int]:
        """Give the revision at which each entity was seen last."""
        return dict(self._rows("SELECT entity, revision FROM page"))

    def note(self, seen: Iterable[tuple[Entity, int]]) -> None:
        """Note by what entities are found, as they are at a revision."""
        with self._changing():
            for entity, revision in seen:
                self._drop(entity.id)
                self._db.execute("INSERT INTO page VALUES (?, ?)", (entity.id, revision))
                self._db.executemany(
                    "INSERT INTO identifier VALUES (?, ?, ?)",
                    [(name, text, entity.id) for name, text in identifiers(entity)],
                )
                self._db.executemany(
                    "INSERT INTO term_lock VALUES (?, ?)",
                    [(_digest(entity.kind, lock), entity.id) for lock in label_locks(entity)],
                )

    def drop(self, entities: Iterable[str]) -> None:
        """Forget entities that are gone, with what was brought about in them."""
        with self._changing():
            for entity in entities:
                self._drop(entity)
                self._db.execute("DELETE FROM brought_about WHERE entity = ?", (entity,))

    def drop_cached(self, entity: str, key: str) -> None:
        """Drop everything about an entity, and about `key` and `key/…`."""
        with self._changing():
            if entity:
                self._drop(entity)
            self._db.execute(
                "DELETE FROM brought_about"
                " WHERE entity = ?1 OR key = ?2 OR substr(key, 1, length(?2) + 1) = ?2 || '/'",
                (entity, key),
            )

    def clean_up(self) -> None:
        """Leave no free page that holds what was dropped."""
        with self._lock, _told(None):
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _drop(self, entity: str) -> None:
        for table in ("page", "identifier", "term_lock"):
            self._db.execute(f"DELETE FROM {table} WHERE entity = ?", (entity,))  # noqa: S608

    def locked(self, kind: Kind, wanted: Iterable[Lock]) -> set[str]:
        """Find the entities that had one of these labels when they were seen last."""
        digests = [_digest(kind, lock) for lock in wanted]
        return {row[0] for row in self._chosen(_LOCKED, digests)}

    def identified(
        self, property_id: str, names: Collection[str] | None = None
    ) -> list[tuple[str, str]]:
        """List the entities that had these external ids when they were seen last."""
        if names is None:
            return self._rows(
                "SELECT name, entity FROM identifier WHERE property = ?", property_id
            )
        return self._chosen(
            "SELECT name, entity FROM identifier WHERE name IN ({}) AND property = ?",
            names,
            property_id,
        )

    def imported_digests(self, keys: Collection[str]) -> list[tuple[str, bytes, str, int]]:
        """List what was brought about: key, digest, entity and revision."""
        return self._chosen(
            "SELECT key, digest, entity, revision FROM brought_about WHERE key IN ({})", keys
        )

    def remember(self, notes: Iterable[tuple[str, bytes, str, int]]) -> None:
        """Note what was brought about."""
        with self._changing():
            self._db.executemany("INSERT OR REPLACE INTO brought_about VALUES (?, ?, ?, ?)", notes)

    def carry(self, entity: str, base: int, revision: int) -> None:
        """Note that an edit of this program undid nothing that was brought about before."""
        with self._changing():
            self._db.execute(
                "UPDATE brought_about SET revision = ? WHERE entity = ? AND revision = ?",
                (revision, entity, base),
            )

    def _rows(self, query: str, *values: str | bytes) -> list[Any]:
        with self._lock, _told(None):
            return self._db.execute(query, values).fetchall()

    def _chosen(self, query: str, names: Collection[str | bytes], *more: str) -> list[Any]:
        listed, rows = list(names), []
        for start in range(0, len(listed), _AT_ONCE):
            part = listed[start : start + _AT_ONCE]
            rows += self._rows(query.format(",".join("?" * len(part))), *part, *more)
        return rows

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock, _told(None):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _digest(kind: Kind, lock: Lock) -> bytes:
    text = "\n".join([kind.value, *lock])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


@contextmanager
def _told(path: Path | None) -> Iterator[None]:
    """Say what SQLite met with in words of this program."""
    where = str(path) if path else FILE
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreBusy(
                f"another process is using {where}", hint="again when it is done"
            ) from error
        raise StoreError(f"{where} cannot be used: {error}", hint="room on the disk") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{where} is damaged: {error}",
            hint="moving it away; all is found again in the wiki, but for the salt",
        ) from error
