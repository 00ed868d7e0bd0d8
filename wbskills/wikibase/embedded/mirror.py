"""What an embedded store notes that mirrors another Wikibase: which one, and how far it has come.

A small SQLite file beside the entities. It is a note only: without it, everything is compared
with the source again.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wbskills.errors import StoreError

FILE: Final = "mirror.sqlite"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS source (concept_base TEXT NOT NULL, reached TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS known (key TEXT PRIMARY KEY, entity TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS copied (entity TEXT PRIMARY KEY, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kept_out (entity TEXT PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class MirrorState:
    """What is mirrored.

    `entities` gives the ids that keys have by the profile. `reached` is the source's time up
    to which changes are here, `2026-11-22T07:57:32Z`; empty until all was read once.
    """

    concept_base: str
    reached: str = ""
    entities: Mapping[str, str] = field(default_factory=dict)


def mirror_state(place: str) -> MirrorState | None:
    """Tell what a folder mirrors; None if it is no mirror."""
    file = Path(place) / FILE
    if not file.is_file():
        return None
    with _open(file) as db:
        row = db.execute("SELECT concept_base, reached FROM source").fetchone()
        known = dict(db.execute("SELECT key, entity FROM known ORDER BY key"))
    return MirrorState(row[0], row[1], MappingProxyType(known)) if row else None


class Mirror:
    """The notes of one folder, which is there already."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def begin(self, source: MirrorState) -> None:
        """Note what is mirrored. Raises `StoreError` if it is another than so far."""
        before = mirror_state(str(self._file.parent))
        if before is not None and before.concept_base != source.concept_base:
            raise StoreError(
                f"{self._file.parent} mirrors {before.concept_base}, not {source.concept_base}",
                hint="another folder",
            )
        with _open(self._file) as db:
            db.executescript(_SCHEMA)
            if before is None:
                db.execute("INSERT INTO source VALUES (?, '')", (source.concept_base,))
            db.execute("DELETE FROM known")
            db.executemany("INSERT INTO known VALUES (?, ?)", source.entities.items())

    def reached(self) -> str | None:
        """Tell up to which time everything is here; None if the folder is no mirror yet."""
        source = mirror_state(str(self._file.parent))
        return None if source is None else source.reached

    def copied(self) -> dict[str, int]:
        """Give the source's revision of each entity that was copied."""
        with _open(self._file) as db:
            return dict(db.execute("SELECT entity, revision FROM copied"))

    def excluded(self) -> set[str]:
        """List the entities that are not to be copied: people who were forgotten here."""
        with _open(self._file) as db:
            return {name for (name,) in db.execute("SELECT entity FROM kept_out")}

    def exclude(self, entities: Iterable[str]) -> None:
        """Note that entities are not to be copied from now on."""
        with _open(self._file) as db:
            db.executescript(_SCHEMA)
            db.executemany("INSERT OR IGNORE INTO kept_out VALUES (?)", [(e,) for e in entities])

    def note(self, revisions: Mapping[str, int], gone: Iterable[str] = ()) -> None:
        """Note what was copied, and what is no longer there."""
        with _open(self._file) as db:
            db.executemany("INSERT OR REPLACE INTO copied VALUES (?, ?)", revisions.items())
            db.executemany("DELETE FROM copied WHERE entity = ?", [(name,) for name in gone])

    def reach(self, when: str) -> None:
        """Note up to which time of the source everything is here."""
        with _open(self._file) as db:
            db.execute("UPDATE source SET reached = ?", (when,))


@contextmanager
def _open(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(file)) as db, db:
            yield db
    except sqlite3.Error as error:
        raise StoreError(
            f"{file} cannot be used: {error}", hint="removing that file, then pulling again"
        ) from error
