"""The truth of the embedded store: entities and every revision of them, in SQLite.

One transaction per batch of edits. Ids, revision numbers and GUIDs follow from what is already
there, so that an import that was broken off and run again ends in the very same store.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, Final

from wbskills.errors import (
    EditConflict,
    InvalidValue,
    LabelClash,
    StoreBusy,
    StoreError,
    StoreTooNew,
)
from wbskills.wikibase.embedded.sqlite import statements
from wbskills.wikibase.interface import Written
from wbskills.wikibase.model.edits import Change, Create, Edit, apply_change
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.guids_and_locks import identifiers, label_locks, terms, with_guids
from wbskills.wikibase.model.wire import SnakCache, entity_from_json, entity_to_json
from wbskills.wikibase.model.wire_text import entity_to_text

VERSION: Final = 2
SCHEMA: Final = Path(__file__).with_name("schema.sql")
ADDED: Final = Path(__file__).with_name("schema_added.sql")  # what version 2 has and 1 had not
_LETTER: Final = {Kind.ITEM: "Q", Kind.PROPERTY: "P"}
_MOST_PARAMETERS: Final = 500  # of one statement; SQLite allows at least 999
_WAIT_MS: Final = 2_000
_KEPT: Final = 500  # entities read or written last; a plan's are read again for its writing

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AppliedEdit:
    """How one edit changed an entity; `before` is None for a new one."""

    before: Stored | None
    after: Stored


class RevisionStore:
    """Entities and revisions in one SQLite file.

    `path` may be `:memory:`, or empty for a file that is gone when it is closed. Numbers of
    new entities and revisions are above `floor`. What `mirrors` another Wikibase takes all
    that is there, in any order, and so holds no labels locked.

    Raises `StoreTooNew` if a newer version of wbskills made the file, `StoreError` if it is
    no such file.
    """

    def __init__(
        self,
        path: str,
        *,
        concept_base: str,
        clock: Clock = utc_now,
        floor: int = 0,
        mirrors: bool = False,
    ) -> None:
        self._clock, self._floor = clock, floor
        self._claims = "INSERT OR REPLACE" if mirrors else "INSERT"  # labels and descriptions
        self._known = SnakCache()
        # One connection serves all threads; who reads must not see a transaction half made.
        self._lock = RLock()
        self._kept: dict[int, Stored] = {}  # by revision
        self._written: tuple[int, dict[str, Any]] = (0, {})
        with _told():
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=_WAIT_MS / 1000, check_same_thread=False
            )
            self._prepare(concept_base)

    def _prepare(self, concept_base: str) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise StoreTooNew(
                f"this store has format {found}; this version of wbskills knows {VERSION}",
                hint="a newer version: pip install --upgrade wbskills",
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        # A commit is on the disk before it is answered for, also if the power fails.
        self._db.execute("PRAGMA synchronous = FULL")
        # What is blanked or deleted is overwritten in the file, too.
        self._db.execute("PRAGMA secure_delete = ON")
        if found == 0:
            with self.transaction():
                # Another process may have made the store since.
                if self._db.execute("PRAGMA user_version").fetchone()[0] == 0:
                    self._create(concept_base)
        elif found < VERSION:
            with self.transaction():
                if self._db.execute("PRAGMA user_version").fetchone()[0] < VERSION:
                    self._upgrade()

    def _create(self, concept_base: str) -> None:
        for schema in (SCHEMA, ADDED):
            for statement in statements(schema):
                self._db.execute(statement)
        self._db.executemany(
            "INSERT INTO setting VALUES (?, ?)",
            [("concept_base", concept_base), ("salt", secrets.token_bytes(32))],
        )
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    def _upgrade(self) -> None:
        for statement in statements(ADDED):
            self._db.execute(statement)
        for stored in list(self.changed_since(0)):
            self._add_terms(stored.entity)
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @property
    def concept_base(self) -> str:
        """The address that ids are put behind; fixed with the first entity."""
        base: str = self._setting("concept_base")
        return base

    def take_base(self, concept_base: str) -> bool:
        """Take another address to put ids behind; False if there ever was an entity."""
        with self.transaction():
            never = self._db.execute("SELECT NOT EXISTS (SELECT 1 FROM revision)").fetchone()[0]
            if never:
                change = "UPDATE setting SET value = ? WHERE name = 'concept_base'"
                self.run(change, concept_base)
        return bool(never)

    def salt(self) -> bytes:
        """Give the secret made with the store."""
        salt: bytes = self._setting("salt")
        return salt

    def _setting(self, name: str) -> Any:  # noqa: ANN401 - a text or bytes, by name
        return self.rows("SELECT value FROM setting WHERE name = ?", name)[0][0]

    def rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        """Ask the file something, outside of any other thread's transaction."""
        with self._lock, _told():
            return self._db.execute(query, values).fetchall()

    def run(self, statement: str, *values: str | int | None) -> int:
        """Change something inside a `transaction`; give the number of rows that changed."""
        return self._db.execute(statement, values).rowcount

    def revision(self) -> int:
        """Give the number of the newest revision; 0 if nothing was ever written."""
        newest = self.rows("SELECT COALESCE(MAX(id), 0) FROM revision")[0][0]
        return max(int(newest), self._floor, self.main_page()[0])

    def main_page(self) -> tuple[int, str]:
        """Give the number of the main page, also that of its only revision, and its time.

        The number is 0 as long as there is none.
        """
        rows = dict(self.rows("SELECT name, value FROM setting WHERE name LIKE 'main page%'"))
        return int(rows.get("main page", 0)), rows.get("main page made", "")

    def make_main_page(self) -> None:
        """Give the main page a number, as any page gets one, if it has none."""
        with self.transaction():
            if self.main_page()[0] == 0:
                values = [("main page", self.revision() + 1), ("main page made", self.now())]
                self._db.executemany("INSERT INTO setting VALUES (?, ?)", values)

    def state(self) -> tuple[int, int]:
        """Give what grows with every change: an edit has a revision, a deletion a log entry."""
        logged = self.rows("SELECT COALESCE(MAX(id), 0) FROM log")[0][0]
        return self.revision(), int(logged)

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; what is not there is left out."""
        with self._lock:
            newest = self.rows_for("SELECT id, revision FROM entity WHERE id IN ({})", list(ids))
            rows = self.rows_for(
                "SELECT json, id, made FROM revision WHERE id IN ({})",
                [revision for _, revision in newest if revision not in self._kept],
            )
            read = {row[1]: self._stored(*row) for row in rows}
            found = {
                entity_id: self._kept.get(revision) or read[revision]
                for entity_id, revision in newest
            }
            self._keep(read.values())
            return found

    def _keep(self, entities: Iterable[Stored]) -> None:
        if len(self._kept) > _KEPT:
            self._kept.clear()
        self._kept.update((stored.revision, stored) for stored in entities)

    def _stored(self, text: str, revision: int, made: str) -> Stored:
        try:
            return Stored(entity_from_json(json.loads(text), self._known), revision, made)
        except (ValueError, InvalidValue) as error:
            raise StoreError(
                f"revision {revision} of this store is damaged",
                hint="a copy of its folder from before",
            ) from error

    def changed_since(self, revision: int) -> Iterator[Stored]:
        """Go through the entities that were written after a revision, as they are now."""
        with _told():
            rows = self._db.execute(
                "SELECT r.json, r.id, r.made FROM entity e JOIN revision r ON r.id = e.revision"
                " WHERE e.revision > ? ORDER BY r.id",
                (revision,),
            )
            for row in rows:
                yield self._stored(*row)

    def newest(self) -> dict[str, int]:
        """Give the newest revision of each entity."""
        return dict(self.rows("SELECT id, revision FROM entity"))

    def labels(self, language: str) -> list[tuple[str, str]]:
        """List the labels in a language, as pairs of entity and label."""
        return self.rows(
            "SELECT entity, text FROM term"
            " WHERE kind IN ('item', 'property') AND language = ? AND role = 'label'",
            language,
        )

    def find_damage(self) -> Iterator[str]:
        """Look for damage of the file."""
        for (line,) in self.rows("PRAGMA integrity_check(5)"):
            if line != "ok":
                yield f"entities.sqlite is damaged: {line}"

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        rows = self.rows(
            "SELECT entity FROM term_lock WHERE kind = 'property' AND language = ? AND label = ?",
            language,
            label,
        )
        return str(rows[0][0]) if rows else None

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others that have label and description of an entity in a language."""
        found = {
            str(row[0])
            for lock in label_locks(entity)
            for row in self.rows(
                "SELECT entity FROM term_lock"
                " WHERE kind = ? AND language = ? AND label = ? AND description = ?",
                entity.kind.value,
                *lock,
            )
        }
        return found - {entity.id}

    def identified(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id."""
        if names is None:
            rows = self.rows("SELECT name, entity FROM identifier WHERE property = ?", property_id)
        else:
            rows = self.rows_for(
                "SELECT name, entity FROM identifier WHERE name IN ({}) AND property = ?",
                list(names),
                property_id,
            )
        return rows

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Give the digests of desired states whose entities nobody has changed since."""
        rows = self.rows_for(
            "SELECT b.key, b.digest FROM brought_about b"
            " JOIN entity e ON e.id = b.entity AND e.revision = b.revision WHERE b.key IN ({})",
            list(keys),
        )
        return dict(rows)

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Note which desired states have been brought about, in which entities."""
        with self.transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO brought_about VALUES (?, ?, ?, ?)",
                [
                    (key, digest, written[key].id, written[key].revision)
                    for key, digest in digests.items()
                ],
            )

    def drop_cached(self, entity_id: str, key: str) -> None:
        """Drop what `record_imports` was told of an entity, and of `key` and `key/…`."""
        with self.transaction():
            self._db.execute(
                "DELETE FROM brought_about"
                " WHERE entity = ?1 OR key = ?2 OR substr(key, 1, length(?2) + 1) = ?2 || '/'",
                (entity_id, key),
            )

    def write(self, edits: Sequence[Edit], summary: str) -> list[AppliedEdit]:
        """Carry out edits in one transaction.

        Raises `LabelClash` or `EditConflict`; then none of the edits is made.
        """
        made = self.now()
        steps = []
        with self.transaction():
            changes = [edit for edit in edits if isinstance(edit, Change)]
            present = self.read(change.id for change in changes)
            revision = self.revision()
            for edit in edits:
                revision += 1
                before = present.get(edit.id) if isinstance(edit, Change) else None
                entity = self._after(edit, before)
                after = Stored(with_guids(entity), revision, made)
                self._put(after, before, summary)
                if before is not None and not (isinstance(edit, Change) and edit.removed):
                    self._keep_imported_digests(after, before)
                present[after.entity.id] = after
                steps.append(AppliedEdit(before, after))
        return steps

    def revise(
        self, entity: Entity, before: Stored | None, summary: str, made: str = ""
    ) -> AppliedEdit:
        """Put a whole entity in the place of what was there, inside a `transaction`.

        Without `before` the entity is new; without an `id` it gets the next one. `made` is the
        time of the edit, if not now.

        Raises `LabelClash`, and `EditConflict` if `before` is not the newest.
        """
        made = made or self.now()
        if before is None:
            entity = entity if entity.id else replace(entity, id=self.next_id(entity.kind))
        elif self.rows("SELECT revision FROM entity WHERE id = ?", entity.id) != [
            (before.revision,)
        ]:
            raise EditConflict(f"{entity.id} was changed by somebody since it was read")
        revision = self.revision() + 1
        after = Stored(with_guids(entity), revision, made)
        self._put(after, before, summary)
        self._keep([after])
        return AppliedEdit(before, after)

    def entity_json(self, stored: Stored) -> dict[str, Any]:
        """Give the JSON of an entity; of the one that was asked for last, without making it again.

        It must not be changed.
        """
        with self._lock:
            revision, found = self._written
            if revision != stored.revision:
                found = entity_to_json(stored.entity)
                self._written = stored.revision, found
            return found

    def now(self) -> str:
        """Give the time as revisions have it."""
        return self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def adopt(self, entities: Iterable[Stored]) -> None:
        """Take over entities of another store as they are."""
        with self.transaction():
            for stored in entities:
                self._put(stored, None, "")

    def _after(self, edit: Edit, before: Stored | None) -> Entity:
        if isinstance(edit, Create):
            return replace(edit.entity, id=self.next_id(edit.entity.kind))
        if before is None:
            raise StoreError(f"there is no {edit.id} to change", hint="reading it again")
        if before.revision != edit.base:
            raise EditConflict(
                f"{edit.id} {edit.key} was changed by somebody since it was read",
                hint="the same command again",
            )
        return apply_change(before.entity, edit)

    def next_id(self, kind: Kind) -> str:
        """Give the id of the next new entity: above all that were ever there."""
        rows = self._db.execute(
            "SELECT MAX(number) FROM entity WHERE kind = ?1"
            " UNION ALL SELECT MAX(number) FROM gone WHERE kind = ?1"
            " UNION ALL SELECT number FROM used_up WHERE kind = ?1",
            (kind.value,),
        )
        return f"{_LETTER[kind]}{max(self._floor, *(row[0] or 0 for row in rows)) + 1}"

    def skip_id(self, kind: Kind) -> None:
        """Leave the next id unused for good, as Wikibase does when an entity cannot be saved."""
        with self.transaction():
            number = int(self.next_id(kind)[1:])
            self.run("INSERT OR REPLACE INTO used_up VALUES (?, ?)", kind.value, number)

    def _put(self, after: Stored, before: Stored | None, summary: str) -> None:
        entity, revision = after.entity, after.revision
        self._db.execute(
            "INSERT INTO revision VALUES (?, ?, ?, ?, ?)",
            (revision, entity.id, after.modified, summary, entity_to_text(entity)),
        )
        if before is None:
            self._db.execute(
                "INSERT INTO entity VALUES (?, ?, ?, ?)",
                (entity.id, entity.kind.value, int(entity.id[1:]), revision),
            )
        else:
            self._db.execute("UPDATE entity SET revision = ? WHERE id = ?", (revision, entity.id))
        self._index(entity, before.entity if before else None)

    def _keep_imported_digests(self, after: Stored, before: Stored) -> None:
        """Note that a planned edit undid nothing that was brought about before it.

        Plans remove nothing and never put an older answer in the place of a newer one.
        """
        self._db.execute(
            "UPDATE brought_about SET revision = ? WHERE entity = ? AND revision = ?",
            (after.revision, after.entity.id, before.revision),
        )

    def reindex(self, entity: Entity) -> None:
        """Note the terms and identifiers of an entity that had none. Inside a transaction."""
        self._index(entity, None)

    def _index(self, entity: Entity, before: Entity | None) -> None:
        terms = (entity.labels, entity.descriptions)
        if before is None or terms != (before.labels, before.descriptions):
            self._db.execute("DELETE FROM term_lock WHERE entity = ?", (entity.id,))
            for language, label, description in label_locks(entity):
                self._claim(entity, language, label, description)
        if before is None:
            self._add_terms(entity)
        elif (entity.labels, entity.aliases) != (before.labels, before.aliases):
            self._db.execute("DELETE FROM term WHERE entity = ?", (entity.id,))
            self._add_terms(entity)
        names = identifiers(entity)
        if before is None or names != identifiers(before):
            self._db.execute("DELETE FROM identifier WHERE entity = ?", (entity.id,))
            self._db.executemany(
                "INSERT INTO identifier VALUES (?, ?, ?)",
                [(name, text, entity.id) for name, text in sorted(names)],
            )

    def _add_terms(self, entity: Entity) -> None:
        self._db.executemany("INSERT OR IGNORE INTO term VALUES (?, ?, ?, ?, ?)", terms(entity))

    def _claim(self, entity: Entity, language: str, label: str, description: str) -> None:
        try:
            self._db.execute(
                f"{self._claims} INTO term_lock VALUES (?, ?, ?, ?, ?)",
                (entity.kind.value, language, label, description, entity.id),
            )
        except sqlite3.IntegrityError:
            row = self._db.execute(
                "SELECT entity FROM term_lock WHERE kind = ? AND language = ?"
                " AND label = ? AND description = ?",
                (entity.kind.value, language, label, description),
            ).fetchone()
            what = f"label “{label}”" + (
                f" and description “{description}”" if description else ""
            )
            raise LabelClash(
                f"{what} ({language}) are already those of {row[0]}",
                entity=row[0],
                hint=f"a look at {row[0]}: it may be the one that is meant",
            ) from None

    def rows_for(
        self, query: str, names: Iterable[str | int], *more: str
    ) -> list[tuple[Any, ...]]:
        """Run a query for many names, which fill the `{}` of its first `IN ({})`, in parts."""
        listed = list(dict.fromkeys(names))
        rows = []
        for start in range(0, len(listed), _MOST_PARAMETERS):
            part = listed[start : start + _MOST_PARAMETERS]
            rows += self.rows(query.format(",".join("?" * len(part))), *part, *more)
        return rows

    @contextmanager
    def without_locks(self) -> Iterator[None]:
        """Let entities have the label and description of others; the first keeps the lock."""
        before, self._claims = self._claims, "INSERT OR IGNORE"
        try:
            yield
        finally:
            self._claims = before

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do several things as one; on an error, none of them."""
        with self._lock, _told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._kept.clear()  # its revision numbers will be given again
                # A full disk may have ended the transaction already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


@contextmanager
def _told() -> Iterator[None]:
    """Say what SQLite met with in words of this program."""
    try:
        yield
    except sqlite3.OperationalError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreBusy(
                "another process is writing to this store",
                hint="again when it is done; wbskills serve has to be ended",
            ) from error
        if name.startswith("SQLITE_FULL"):
            raise StoreError(
                "the disk is full; nothing of this step was written",
                hint="making room, then the same command again",
            ) from error
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            raise StoreError(
                f"the store cannot be written or opened: {error}",
                hint="a folder that you may write to",
            ) from error
        raise StoreError(f"the store cannot be used: {error}", hint="room on the disk") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"this is not a store of wbskills, or it is damaged: {error}",
            hint="another folder, or a copy of it from before",
        ) from error
