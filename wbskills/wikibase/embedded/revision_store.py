"""The entities of the embedded store and all their revisions, in SQLite.

This is the primary data; everything else in a store is derived from it. Each batch of edits is
one transaction. Ids, revision numbers and GUIDs follow from what is already there, so that an
interrupted import that is run again ends in the very same store.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from wbskills.errors import EditConflict, InvalidValue, LabelClash, StoreBusy, StoreError
from wbskills.wikibase.entity_database import EntityDatabase, LabelLock, identifiers, label_locks
from wbskills.wikibase.model.edits import Change, Create, Edit, apply_change, with_guids
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import (
    SnakCache,
    entity_from_json,
    entity_to_json,
    entity_to_text,
)
from wbskills.wikibase.sqlite import read_script

VERSION: Final = 2
SCHEMA: Final = Path(__file__).with_name("schema.sql")
ADDED: Final = Path(__file__).with_name("schema_added.sql")  # what version 2 added
_LETTER: Final = {Kind.ITEM: "Q", Kind.PROPERTY: "P"}
_MOST_CACHED: Final = 500  # entities; those of a plan are read again for its edits

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AppliedEdit:
    """How one edit changed an entity; `before` is None for a new one."""

    before: Stored | None
    after: Stored


class RevisionStore(EntityDatabase):
    """Entities and revisions in one SQLite file.

    `path` may be `:memory:`, or empty for a temporary file. Ids and revision numbers of new
    entities are above `floor`. If the store `mirrors` another Wikibase, it accepts the entities
    in any order, and so lets several have the same label.

    Raises `StoreTooNew` if a newer version of wbskills made the file, `StoreError` if it is not
    such a file.
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
        super().__init__(
            path,
            name="this store",
            format_known=VERSION,
            wait=2,
            durable=True,
            damage_hint="use another folder, or a copy of it from before",
        )
        self._clock, self._floor = clock, floor
        self._lock_labels = "INSERT OR REPLACE" if mirrors else "INSERT"
        self._snaks = SnakCache()
        self._cached: dict[int, Stored] = {}  # by revision
        self._last_json: tuple[int, dict[str, Any]] = (0, {})
        if self.format < VERSION:
            with self.transaction():
                if self.format == 0:  # else another process has created it since
                    self._create(concept_base)
                elif self.format < VERSION:
                    self._upgrade()

    def _create(self, concept_base: str) -> None:
        for statement in (*read_script(SCHEMA), *read_script(ADDED)):
            self.run(statement)
        insert = "INSERT INTO setting VALUES (?, ?)"
        self.run(insert, "concept_base", concept_base)
        self.run(insert, "salt", secrets.token_bytes(32))
        self.set_format(VERSION)

    def _upgrade(self) -> None:
        for statement in read_script(ADDED):
            self.run(statement)
        for stored in list(self.changed_since(0)):
            self._add_terms(stored.entity)
        self.set_format(VERSION)

    @property
    def concept_base(self) -> str:
        """The base of entity IRIs; fixed with the first entity."""
        return str(self._setting("concept_base"))

    def set_concept_base(self, concept_base: str) -> bool:
        """Change the base of entity IRIs; False, and no change, if there ever was an entity."""
        with self.transaction():
            if self.rows("SELECT 1 FROM revision LIMIT 1"):
                return False
            self.run("UPDATE setting SET value = ? WHERE name = 'concept_base'", concept_base)
        return True

    def salt(self) -> bytes:
        """Return the secret that was made with the store."""
        return bytes(self._setting("salt"))

    def _setting(self, name: str) -> Any:  # noqa: ANN401 - a text or bytes, by name
        return self.rows("SELECT value FROM setting WHERE name = ?", name)[0][0]

    def revision(self) -> int:
        """Return the number of the newest revision; 0 if there is none."""
        newest = self.rows("SELECT COALESCE(MAX(id), 0) FROM revision")[0][0]
        return max(int(newest), self._floor, self.main_page()[0])

    def main_page(self) -> tuple[int, str]:
        """Return the page id of the main page, also that of its only revision, and its time.

        The number is 0 as long as there is none.
        """
        rows = dict(self.rows("SELECT name, value FROM setting WHERE name LIKE 'main page%'"))
        return int(rows.get("main page", 0)), rows.get("main page made", "")

    def create_main_page(self) -> None:
        """Give the main page an id, as any page gets one, if it has none."""
        with self.transaction():
            if self.main_page()[0] == 0:
                insert = "INSERT INTO setting VALUES (?, ?)"
                self.run(insert, "main page", self.revision() + 1)
                self.run(insert, "main page made", self.now())

    def state(self) -> tuple[int, int]:
        """Return the newest revision and log entry; every change raises one of them."""
        logged = self.rows("SELECT COALESCE(MAX(id), 0) FROM log")[0][0]
        return self.revision(), int(logged)

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; those that do not exist are left out."""
        with self._lock:
            newest = self.rows_for("SELECT id, revision FROM entity WHERE id IN ({})", ids)
            rows = self.rows_for(
                "SELECT json, id, made FROM revision WHERE id IN ({})",
                [revision for _, revision in newest if revision not in self._cached],
            )
            read = {row[1]: self._stored(*row) for row in rows}
            found = {
                entity_id: self._cached.get(revision) or read[revision]
                for entity_id, revision in newest
            }
            self._cache(read.values())
            return found

    def _cache(self, entities: Iterable[Stored]) -> None:
        if len(self._cached) > _MOST_CACHED:
            self._cached.clear()
        self._cached.update((stored.revision, stored) for stored in entities)

    def _stored(self, text: str, revision: int, made: str) -> Stored:
        try:
            return Stored(entity_from_json(json.loads(text), self._snaks), revision, made)
        except (ValueError, InvalidValue) as error:
            raise StoreError(
                f"revision {revision} of this store is damaged",
                hint="use a copy of its folder from before",
            ) from error

    def changed_since(self, revision: int) -> Iterator[Stored]:
        """Go through the entities that were written after a revision, as they are now."""
        query = (
            "SELECT r.json, r.id, r.made FROM entity e JOIN revision r ON r.id = e.revision"
            " WHERE e.revision > ? ORDER BY r.id"
        )
        for row in self.stream(query, revision):
            yield self._stored(*row)

    def newest(self) -> dict[str, int]:
        """Return the newest revision of each entity."""
        return dict(self.rows("SELECT id, revision FROM entity"))

    def labels(self, language: str) -> list[tuple[str, str]]:
        """List the labels in a language, as pairs of entity and label."""
        return self.rows(
            "SELECT entity, text FROM term"
            " WHERE kind IN ('item', 'property') AND language = ? AND role = 'label'",
            language,
        )

    def find_damage(self) -> Iterator[str]:
        """Check the file; yield what is damaged."""
        for (line,) in self.rows("PRAGMA integrity_check(5)"):
            if line != "ok":
                yield f"entities.sqlite is damaged: {line}"

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        return self._owner(Kind.PROPERTY, LabelLock(language, label, ""))

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others that have label and description of an entity in a language."""
        found = {self._owner(entity.kind, lock) for lock in label_locks(entity)}
        return {each for each in found if each is not None} - {entity.id}

    def _owner(self, kind: Kind, lock: LabelLock) -> str | None:
        rows = self.rows(
            "SELECT entity FROM term_lock"
            " WHERE kind = ? AND language = ? AND label = ? AND description = ?",
            kind.value,
            *lock,
        )
        return rows[0][0] if rows else None

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the digests of imported states whose entities nobody has changed since."""
        return dict(
            self.rows_for(
                "SELECT b.key, b.digest FROM brought_about b"
                " JOIN entity e ON e.id = b.entity AND e.revision = b.revision"
                " WHERE b.key IN ({})",
                keys,
            )
        )

    def write(self, edits: Sequence[Edit], summary: str) -> list[AppliedEdit]:
        """Apply edits in one transaction.

        Raises `LabelClash` or `EditConflict`; then none of the edits is made.
        """
        made = self.now()
        applied = []
        with self.transaction():
            present = self.read(edit.id for edit in edits if isinstance(edit, Change))
            revision = self.revision()
            for edit in edits:
                revision += 1
                before = present.get(edit.id) if isinstance(edit, Change) else None
                after = Stored(with_guids(self._after(edit, before)), revision, made)
                self._put(after, before, summary)
                if before is not None and not (isinstance(edit, Change) and edit.removed):
                    # Plans never replace a newer answer by an older one, so imports still hold.
                    self.keep_imports(after.entity.id, before.revision, after.revision)
                present[after.entity.id] = after
                applied.append(AppliedEdit(before, after))
        return applied

    def revise(
        self, entity: Entity, before: Stored | None, summary: str, made: str = ""
    ) -> AppliedEdit:
        """Replace `before` by a whole entity, inside a `transaction`.

        Without `before` the entity is new; without an `id` it gets the next one. `made` is the
        time of the edit, if not now.

        Raises `LabelClash`, and `EditConflict` if `before` is not the newest revision.
        """
        if before is None:
            entity = entity if entity.id else replace(entity, id=self.next_id(entity.kind))
        elif self.rows("SELECT revision FROM entity WHERE id = ?", entity.id) != [
            (before.revision,)
        ]:
            raise EditConflict(f"{entity.id} was changed by someone else since it was read")
        after = Stored(with_guids(entity), self.revision() + 1, made or self.now())
        self._put(after, before, summary)
        self._cache([after])
        return AppliedEdit(before, after)

    def entity_json(self, stored: Stored) -> dict[str, Any]:
        """Return the JSON of an entity, which must not be changed; keeps the last one."""
        with self._lock:
            revision, found = self._last_json
            if revision != stored.revision:
                found = entity_to_json(stored.entity)
                self._last_json = stored.revision, found
            return found

    def now(self) -> str:
        """Return the time in the form of revisions, `2026-11-22T07:57:32Z`."""
        return self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def copy(self, entities: Iterable[Stored]) -> None:
        """Copy entities of another store as they are."""
        with self.transaction():
            for stored in entities:
                self._put(stored, None, "")

    def next_id(self, kind: Kind) -> str:
        """Return the id of the next new entity: above all that ever existed."""
        rows = self.rows(
            "SELECT MAX(number) FROM entity WHERE kind = ?1"
            " UNION ALL SELECT MAX(number) FROM gone WHERE kind = ?1"
            " UNION ALL SELECT number FROM used_up WHERE kind = ?1",
            kind.value,
        )
        return f"{_LETTER[kind]}{max(self._floor, *(row[0] or 0 for row in rows)) + 1}"

    def skip_id(self, kind: Kind) -> None:
        """Leave the next id unused for good, as Wikibase does when an entity cannot be saved."""
        with self.transaction():
            number = int(self.next_id(kind)[1:])
            self.run("INSERT OR REPLACE INTO used_up VALUES (?, ?)", kind.value, number)

    def index_new(self, entity: Entity) -> None:
        """Index the terms and identifiers of an entity that had none. Inside a transaction."""
        self._index(entity, None)

    def clean_up(self) -> None:
        """Rewrite the file without free pages, which may hold what was deleted.

        Raises `StoreBusy` if another process is reading the pages as they were.
        """
        self.rows("VACUUM")
        ((busy, *_),) = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise StoreBusy(
                "another process reads this store, so what was erased is still in its files",
                hint="run the same command again when that process is done",
            )

    @contextmanager
    def without_label_locks(self) -> Iterator[None]:
        """Let entities have the label and description of others; the first one keeps the lock."""
        before, self._lock_labels = self._lock_labels, "INSERT OR IGNORE"
        try:
            yield
        finally:
            self._lock_labels = before

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do several things as one; on an error, none of them."""
        try:
            with super().transaction():
                yield
        except BaseException:
            self._cached.clear()  # its revision numbers will be used again
            raise

    def _after(self, edit: Edit, before: Stored | None) -> Entity:
        if isinstance(edit, Create):
            return replace(edit.entity, id=self.next_id(edit.entity.kind))
        if before is None:
            raise StoreError(f"there is no {edit.id} to change", hint="read it again")
        if before.revision != edit.base:
            raise EditConflict(
                f"{edit.id} {edit.key} was changed by someone else since it was read",
                hint="run the same command again",
            )
        return apply_change(before.entity, edit)

    def _put(self, after: Stored, before: Stored | None, summary: str) -> None:
        entity, revision = after.entity, after.revision
        self.run(
            "INSERT INTO revision VALUES (?, ?, ?, ?, ?)",
            revision,
            entity.id,
            after.modified,
            summary,
            entity_to_text(entity),
        )
        if before is None:
            kind, number = entity.kind.value, int(entity.id[1:])
            self.run("INSERT INTO entity VALUES (?, ?, ?, ?)", entity.id, kind, number, revision)
        else:
            self.run("UPDATE entity SET revision = ? WHERE id = ?", revision, entity.id)
        self._index(entity, before.entity if before else None)

    def _index(self, entity: Entity, before: Entity | None) -> None:
        terms = (entity.labels, entity.descriptions)
        if before is None or terms != (before.labels, before.descriptions):
            self.run("DELETE FROM term_lock WHERE entity = ?", entity.id)
            for lock in label_locks(entity):
                self._put_lock(entity, lock)
        if before is None:
            self._add_terms(entity)
        elif (entity.labels, entity.aliases) != (before.labels, before.aliases):
            self.run("DELETE FROM term WHERE entity = ?", entity.id)
            self._add_terms(entity)
        if before is None or identifiers(entity) != identifiers(before):
            self.put_identifiers(entity)

    def _add_terms(self, entity: Entity) -> None:
        kind, name = entity.kind.value, entity.id
        terms = [(kind, language, text, "label", name) for language, text in entity.labels.items()]
        terms += [
            (kind, language, text, "alias", name)
            for language, texts in entity.aliases.items()
            for text in texts
        ]
        self.run_many("INSERT OR IGNORE INTO term VALUES (?, ?, ?, ?, ?)", terms)

    def _put_lock(self, entity: Entity, lock: LabelLock) -> None:
        try:
            self.run(
                f"{self._lock_labels} INTO term_lock VALUES (?, ?, ?, ?, ?)",
                entity.kind.value,
                *lock,
                entity.id,
            )
        except sqlite3.IntegrityError:
            other = self._owner(entity.kind, lock)
            what = f"label “{lock.label}”"
            if lock.description:
                what += f" and description “{lock.description}”"
            raise LabelClash(
                f"{what} ({lock.language}) are already those of {other}",
                entity=other or "",
                hint=f"check {other}: it may be the one that is meant",
            ) from None
