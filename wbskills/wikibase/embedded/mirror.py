"""What a copy of another Wikibase records: which one it copies, and how far it has come.

A small SQLite file beside the entities. Without it, everything is compared with the source again.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wbskills.errors import StoreError
from wbskills.wikibase.sqlite import connect, split_script, transaction

FILE: Final = "mirror.sqlite"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS source (concept_base TEXT NOT NULL, reached TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS known (key TEXT PRIMARY KEY, entity TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS copied (entity TEXT PRIMARY KEY, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kept_out (entity TEXT PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class MirrorState:
    """What is copied. `entities` are the ids of keys according to the profile.

    `reached` is the time of the source up to which all changes were copied,
    `2026-11-22T07:57:32Z`; empty until everything was read once.
    """

    concept_base: str
    reached: str = ""
    entities: Mapping[str, str] = field(default_factory=dict)


def mirror_state(place: str) -> MirrorState | None:
    """Return what a folder copies; None if it is not a copy."""
    file = Path(place) / FILE
    if not file.is_file():
        return None
    with _open(file) as db:
        row = db.execute("SELECT concept_base, reached FROM source").fetchone()
        known = dict(db.execute("SELECT key, entity FROM known ORDER BY key"))
    return MirrorState(row[0], row[1], MappingProxyType(known)) if row else None


class Mirror:
    """The records of one folder, which must exist."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def begin(self, source: MirrorState) -> None:
        """Record what is copied. Raises `StoreError` if the folder copies another Wikibase."""
        before = mirror_state(str(self._file.parent))
        if before is not None and before.concept_base != source.concept_base:
            raise StoreError(
                f"{self._file.parent} mirrors {before.concept_base}, not {source.concept_base}",
                hint="use another folder",
            )
        with self._created() as db:
            if before is None:
                db.execute("INSERT INTO source VALUES (?, '')", (source.concept_base,))
            db.execute("DELETE FROM known")
            db.executemany("INSERT INTO known VALUES (?, ?)", source.entities.items())

    def reached(self) -> str | None:
        """Return the time up to which everything was copied; None if nothing was begun."""
        state = mirror_state(str(self._file.parent))
        return None if state is None else state.reached

    def set_reached(self, when: str) -> None:
        """Record up to which time of the source everything was copied."""
        with _open(self._file) as db:
            db.execute("UPDATE source SET reached = ?", (when,))

    def copied(self) -> dict[str, int]:
        """Return the source's revision of each entity that was copied."""
        with _open(self._file) as db:
            return dict(db.execute("SELECT entity, revision FROM copied"))

    def record_copied(self, revisions: Mapping[str, int], gone: Iterable[str] = ()) -> None:
        """Record what was copied, and what no longer exists."""
        with _open(self._file) as db:
            db.executemany("INSERT OR REPLACE INTO copied VALUES (?, ?)", revisions.items())
            db.executemany("DELETE FROM copied WHERE entity = ?", [(name,) for name in gone])

    def excluded(self) -> set[str]:
        """Return the entities that are not to be copied: people who were forgotten here."""
        with _open(self._file) as db:
            return {name for (name,) in db.execute("SELECT entity FROM kept_out")}

    def exclude(self, entities: Iterable[str]) -> None:
        """Do not copy these entities from now on."""
        with self._created() as db:
            db.executemany("INSERT OR IGNORE INTO kept_out VALUES (?)", [(e,) for e in entities])

    @contextmanager
    def _created(self) -> Iterator[sqlite3.Connection]:
        with _open(self._file) as db:
            for statement in split_script(_SCHEMA):
                db.execute(statement)
            yield db


@contextmanager
def _open(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(connect(file, wait=5)) as opened, transaction(opened) as db:
            yield db
    except sqlite3.Error as error:
        raise StoreError(
            f"{file} cannot be used: {error}", hint="remove that file, then pull again"
        ) from error
