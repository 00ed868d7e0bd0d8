"""A Wikibase in a folder: entities and revisions in SQLite, and triples derived from them."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self
from weakref import finalize

from wbskills.errors import NotFound, StoreError
from wbskills.private_files import private_file, private_folder, restrict_access
from wbskills.wikibase.embedded.accounts import Accounts
from wbskills.wikibase.embedded.derived import DerivedData
from wbskills.wikibase.embedded.erasure import Erasure, Names
from wbskills.wikibase.embedded.history import EditInfo, History
from wbskills.wikibase.embedded.pages import Pages
from wbskills.wikibase.embedded.revision_store import Clock, RevisionStore, utc_now
from wbskills.wikibase.embedded.snapshots import can_be_written, copy_store
from wbskills.wikibase.interface import EditLog, SelectResult, TableQuery, Written
from wbskills.wikibase.model.edits import Edit, guids_of_edit, merge
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.sqlite import MEMORY

IN_MEMORY: Final = MEMORY
CONCEPT_BASE: Final = "http://localhost:8181/entity/"
_ENTITIES: Final = "entities.sqlite"
_TRIPLES: Final = "triples"


class Embedded:
    """An embedded Wikibase in a folder, or in memory (`:memory:`).

    With `write` it is created if necessary, and its triples catch up with its entities; one
    process at a time may write. Without, it opens beside a writer, or as a copy if the folder
    cannot be written. `concept_base` is for a new Wikibase and, with `write`, for one without
    any revision; others keep theirs.

    Raises `NotFound` if there is none to read, `StoreBusy` if another process writes,
    `StoreError` if the folder holds something else.
    """

    def __init__(
        self,
        place: str,
        *,
        write: bool = True,
        concept_base: str = "",
        clock: Clock = utc_now,
        entities: Mapping[str, str] = MappingProxyType({}),
        mirrors: bool = False,
    ) -> None:
        self.entities = entities
        self._writes = write
        self._drop_copy: Callable[[], object] = lambda: None  # of a store that cannot be written
        folder = None if place == IN_MEMORY else _checked(Path(place), write=write)
        if folder is not None and not (write or can_be_written(folder)):
            folder = copy_store(folder / _ENTITIES, folder / _TRIPLES)
            self._drop_copy = finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._revisions = RevisionStore(
            IN_MEMORY if folder is None else str(folder / _ENTITIES),
            concept_base=concept_base or CONCEPT_BASE,
            clock=clock,
            mirrors=mirrors,
        )
        self.history, self.pages = History(self._revisions), Pages(self._revisions)
        self.accounts = Accounts(self._revisions)
        self._erasure = Erasure(self._revisions)
        try:
            self._derived = DerivedData(folder, self._revisions, write=write or folder is None)
        except BaseException:
            self._revisions.close()
            raise
        try:
            if write and concept_base and self._revisions.set_concept_base(concept_base):
                self._derived.set_concept_base(concept_base)
            if write and self._erasure.pending:
                self.clean_up()  # a process was killed before it did
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        with suppress(StoreError):  # on a full disk: the next opening catches up
            self._derived.close()
        self._revisions.close()
        self._drop_copy()

    @property
    def concept_base(self) -> str:
        """The base of entity IRIs."""
        return self._revisions.concept_base

    @property
    def edition(self) -> int:
        """A number that differs after each change."""
        return self._derived.edition

    @property
    def triples_folder(self) -> Path | None:
        """The folder of the triples; None if they are in memory."""
        return self._derived.triples_folder

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; those that do not exist are left out."""
        return self._revisions.read(ids)

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        return self._revisions.find_property(label, language)

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others that have label and description of an entity in a language."""
        return self._revisions.label_conflicts(entity)

    def find_by_identifier(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id; without `names`, all."""
        return self._revisions.find_by_identifier(property_id, names)

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Carry out edits, all of them or none; one `Written` for each.

        When this returns, the edits are on the disk and queries see them.
        """
        numbers = log.intend(edits) if log is not None else []
        try:
            with self._derived.revisions_lock:
                applied = self._revisions.write(edits, summary)
                self._derived.add(applied)
            self._derived.limit_queue()
        except StoreError as error:
            if log is not None:
                for number in numbers:
                    log.refused(number, error.what)
            raise
        if log is None:
            return [Written(each.after.entity.id, each.after.revision) for each in applied]
        written = [
            Written(
                each.after.entity.id, each.after.revision, guids_of_edit(edit, each.after.entity)
            )
            for edit, each in zip(edits, applied, strict=True)
        ]
        for number, each in zip(numbers, written, strict=True):
            log.done(number, each)
        log.sync()
        return written

    def revise(self, entity: Entity, before: Stored | None, edit: EditInfo) -> Stored:
        """Replace `before` by a whole entity; without it, create one.

        When this returns, the edit is on the disk and queries see it. Raises `LabelClash` or
        `EditConflict`.
        """
        return self.revise_all([(entity, before, edit)])[0]

    def revise_all(self, edits: Sequence[tuple[Entity, Stored | None, EditInfo]]) -> list[Stored]:
        """Write several whole entities, all of them or none."""
        with self._derived.revisions_lock:
            with self._revisions.transaction():
                applied = [self.history.revise(*edit) for edit in edits]
            self._derived.add(applied)
        self._derived.limit_queue()
        return [each.after for each in applied]

    def without_label_locks(self) -> AbstractContextManager[None]:
        """Let entities have the label and description of others, as a busy wiki may."""
        return self._revisions.without_label_locks()

    def remove(self, stored: Stored, edit: EditInfo) -> int:
        """Delete an entity; return the id of the log entry."""
        return self._remove(stored, edit, None)

    def redirect(self, stored: Stored, target: str, edit: EditInfo) -> int:
        """Make an entity a redirect to another; return the id of the revision."""
        return self._remove(stored, edit, target)

    def _remove(self, stored: Stored, edit: EditInfo, target: str | None) -> int:
        with self._derived.lock, self._derived.revisions_lock:
            with self._revisions.transaction():
                number = self.history.remove(stored, edit, target)
            self._derived.update_outdated()
        return number

    def restore(self, entity_id: str, edit: EditInfo) -> Stored:
        """Restore a deleted entity. Raises `NotFound` or `LabelClash`."""
        with self._derived.lock, self._derived.revisions_lock:
            with self._revisions.transaction():
                stored = self.history.restore(entity_id, edit)
            self._derived.update_outdated()
        return stored

    def delete(self, entity_id: str, reason: str) -> bool:
        """Delete an entity, if it exists; always True, as anyone who can write the folder may."""
        stored = self.read([entity_id]).get(entity_id)
        if stored is not None:
            self.remove(stored, EditInfo(summary=reason))
        return True

    def merge_items(self, entity_id: str, into: str, summary: str) -> None:
        """Put everything of an item into another one, to which it then redirects."""
        found, edit = self.read([entity_id, into]), EditInfo(summary=summary)
        result = merge(found[entity_id].entity, found[into].entity)
        emptied, _ = self.revise_all(
            [(result.left, found[entity_id], edit), (result.merged, found[into], edit)]
        )
        if not result.sites:
            self.redirect(emptied, into, edit)

    def copy_entities(self, entities: Iterable[tuple[Stored, Stored | None]]) -> None:
        """Write entities as another Wikibase has them, each with what was there before.

        Earlier revisions are blanked: history is the other's to keep, or to hide.
        """
        edits = [
            (stored.entity, before, EditInfo(summary="pulled", made=stored.modified))
            for stored, before in entities
        ]
        self.revise_all(edits)
        with self._derived.revisions_lock, self._revisions.transaction():
            for entity, before, _ in edits:
                if before is not None:
                    self._erasure.blank_superseded(before, entity)

    def drop_entity(self, stored: Stored, target: str | None) -> None:
        """Remove an entity that another Wikibase no longer has, or redirects to `target`."""
        self._remove(stored, EditInfo(summary="pulled"), target)
        self.erase_history(stored.entity.id)

    def find_in_history(self, property_id: str, name: str) -> set[str]:
        """Find entities that had an external id in any revision; deleted ones, too."""
        return self._erasure.find_in_history(property_id, name)

    def erase_history(self, entity_id: str) -> bool:
        """Blank the history of an entity; if it exists, its newest revision stays."""
        with self._derived.lock, self._derived.revisions_lock:
            with self._revisions.transaction():
                self._erasure.erase(entity_id)
            self._derived.update_outdated()
        return True

    def erase_mentions(self, names: Names) -> tuple[str, ...]:
        """Blank older revisions, summaries and reasons that name a person.

        Returns the entities whose newest revision still does.
        """
        with self._derived.revisions_lock, self._revisions.transaction():
            return tuple(self._erasure.erase_mentions(names))

    @property
    def erased(self) -> bool:
        """Whether something was removed that `clean_up` still has to clear from the files."""
        return self._erasure.pending

    def clean_up(self) -> tuple[str, ...]:
        """Leave no byte of what was removed in any file of the folder.

        Returns the ids of processes that still read a copy from before; it disappears when they
        end. Raises `StoreBusy` if another process is reading the entities.
        """
        with self._derived.lock, self._derived.revisions_lock:
            readers = self._derived.clean_up()
            self._erasure.finish()
        return readers

    def drop_cached(self, entity_id: str, key: str) -> None:
        """Drop what was recorded of imports into an entity and of a key, and kept results."""
        with self._revisions.transaction():
            self._revisions.drop_imports(entity_id, key)
        self._derived.mark_changed()

    def entity_json(self, stored: Stored) -> dict[str, Any]:
        """Return the JSON of an entity that was just written; it must not be changed."""
        return self._revisions.entity_json(stored)

    def now(self) -> str:
        """Return the time in the form of revisions, `2026-11-22T07:57:32Z`."""
        return self._revisions.now()

    def create_main_page(self) -> None:
        """Create the main page of the wiki, which takes an id as any page does."""
        if self._writes and not self.pages.main_page()[0]:
            with self._derived.revisions_lock:
                self._revisions.create_main_page()

    def next_id(self, kind: Kind) -> str:
        """Return the id of the next new entity."""
        return self._revisions.next_id(kind)

    def skip_id(self, kind: Kind) -> None:
        """Leave the next id unused, as Wikibase does when an entity cannot be saved."""
        self._revisions.skip_id(kind)

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query; the result of a slow one is kept until the next edit."""
        return self._derived.select(sparql)

    def query_tables(self, query: TableQuery) -> SelectResult | None:
        """Answer a query from the statement tables; None if SPARQL has to answer it."""
        return self._derived.query_tables(query)

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the digests of imported states whose entities nobody has changed since."""
        return self._revisions.imported_digests(keys)

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Record which desired states were imported into which entities."""
        self._revisions.record_imports(digests, written)

    def salt(self) -> bytes:
        """Return the secret that response ids are hashed with."""
        return self._revisions.salt()

    def revision(self) -> int:
        """Return the newest revision that queries see."""
        return self._derived.revision()

    def rebuild(self) -> None:
        """Rebuild all derived data from the entities."""
        self._derived.rebuild()

    def find_damage(self) -> Iterator[str]:
        """Look for damage of the file, and for triples that do not match the entities."""
        yield from self._revisions.find_damage()
        yield from self._derived.find_damage()

    def triples(self) -> Iterator[str]:
        """Go through all triples as N-Triples."""
        return self._derived.triples()

    def snapshot(self, folder: Path) -> None:
        """Copy the triples into a new folder, by links to their files if possible."""
        self._derived.snapshot(folder)


def _checked(folder: Path, *, write: bool) -> Path:
    """Create the folder, or make sure that it holds a store."""
    if ":/" in str(folder):
        raise StoreError(
            f"“{folder}” is an address, not a folder",
            hint="use --wikibase FOLDER, or “wbskills init” for a Wikibase on a server",
        )
    exists = (folder / _ENTITIES).is_file()
    if not exists and not write:
        raise NotFound(
            f"there is no Wikibase in {folder}",
            hint="run “wbskills ontology apply” to create one, or use --wikibase FOLDER",
        )
    if not exists and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(
            f"{folder} already exists and holds no Wikibase", hint="use an empty or a new folder"
        )
    try:
        if write:
            private_folder(folder)
            restrict_access(folder)
            private_file(folder / _ENTITIES)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be created: {error.strerror}",
            hint="use a folder that you may write to",
        ) from error
    return folder
