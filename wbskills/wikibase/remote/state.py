"""What is kept about a Wikibase between runs, in one private SQLite file.

Only the salt exists nowhere else: without the file, all entities are found again by reading the
wiki, and each reference gets a new response key at the next import; no statement is added twice.
"""

import hashlib
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TextIO

from wbskills.errors import StoreBusy, StoreError
from wbskills.private_files import open_private, private_file, private_folder, restrict_access
from wbskills.wikibase.entity_database import EntityDatabase, LabelLock, label_locks
from wbskills.wikibase.model.entities import Entity, Kind
from wbskills.wikibase.sqlite import split_script

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # a module, or none

FILE: Final = "state.sqlite"
_WRITE_LOCK: Final = "writing.lock"
_VERSION: Final = 2
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
-- Version 1 had labels of properties only: everything is read again.
DROP TABLE IF EXISTS label;
DELETE FROM page;
DELETE FROM identifier;
"""


class LocalState(EntityDatabase):
    """The state of one wiki, in a private folder. Threads may share it.

    Raises `StoreError` if the folder cannot be used, or is about another concept base.
    """

    def __init__(self, folder: Path, concept_base: str) -> None:
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
        super().__init__(
            path,
            name=str(path),
            format_known=_VERSION,
            wait=_BUSY_TIMEOUT,
            durable=False,  # what is lost is found again
            damage_hint="move it away; everything but the salt is found again in the wiki",
        )
        try:
            self._prepare(path, concept_base)
        except BaseException:
            super().close()
            raise

    def _prepare(self, path: Path, concept_base: str) -> None:
        if self.format < _VERSION:
            with self.transaction():
                for statement in split_script(_SCHEMA):
                    self.run(statement)
                salt = "INSERT OR IGNORE INTO setting VALUES ('salt', ?)"
                self.run(salt, secrets.token_bytes(32))
                self.set_format(_VERSION)
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
        super().close()
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
        rows = self.rows("SELECT value FROM setting WHERE name = ?", name)
        return rows[0][0] if rows else None

    def put_setting(self, name: str, value: str | float) -> None:
        """Store a setting."""
        with self.transaction():
            self.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)

    def revisions(self) -> dict[str, int]:
        """Return the revision at which each entity was last read."""
        return dict(self.rows("SELECT entity, revision FROM page"))

    def index(self, entities: Iterable[tuple[Entity, int]]) -> None:
        """Index entities by external ids and terms, as they are at a revision."""
        with self.transaction():
            for entity, revision in entities:
                self._remove_from_index(entity.id)
                self.run("INSERT INTO page VALUES (?, ?)", entity.id, revision)
                self.put_identifiers(entity)
                self.run_many(
                    "INSERT INTO term_lock VALUES (?, ?)",
                    [(_digest(entity.kind, lock), entity.id) for lock in label_locks(entity)],
                )

    def remove(self, entities: Iterable[str]) -> None:
        """Remove entities that are gone, with their imported digests."""
        with self.transaction():
            for entity in entities:
                self._remove_from_index(entity)
                self.run("DELETE FROM brought_about WHERE entity = ?", entity)

    def drop_cached(self, entity: str, key: str) -> None:
        """Remove everything about an entity, and about `key` and `key/…`."""
        with self.transaction():
            if entity:
                self._remove_from_index(entity)
            self.drop_imports(entity, key)

    def clean_up(self) -> None:
        """Leave no free page in the file that holds what was removed."""
        self.rows("VACUUM")
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def find_by_terms(self, kind: Kind, wanted: Iterable[LabelLock]) -> set[str]:
        """Find the entities that had one of these labels and descriptions when last read."""
        digests = [_digest(kind, lock) for lock in wanted]
        rows = self.rows_for("SELECT entity FROM term_lock WHERE digest IN ({})", digests)
        return {row[0] for row in rows}

    def _remove_from_index(self, entity: str) -> None:
        for table in ("page", "identifier", "term_lock"):
            self.run(f"DELETE FROM {table} WHERE entity = ?", entity)  # noqa: S608


def _digest(kind: Kind, lock: LabelLock) -> bytes:
    text = "\n".join([kind.value, *lock])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
