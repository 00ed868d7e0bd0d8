"""A Wikibase in a folder: the ledger (SQLite) is the truth, the graph (Oxigraph) follows it."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from threading import RLock
from time import monotonic
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar
from weakref import finalize

from wbskills.errors import NotFound, StoreBusy, StoreError
from wbskills.private_files import private_file, private_folder, restrict_access
from wbskills.wikibase.embedded.accounts import Accounts
from wbskills.wikibase.embedded.erasure import Erasure, Names
from wbskills.wikibase.embedded.history import EditInfo, History
from wbskills.wikibase.embedded.pages import Pages
from wbskills.wikibase.embedded.query_cache import QueryCache
from wbskills.wikibase.embedded.read_only import can_be_written, private_copy
from wbskills.wikibase.embedded.revision_store import AppliedEdit, Clock, RevisionStore, utc_now
from wbskills.wikibase.embedded.statement_tables import StatementTables
from wbskills.wikibase.embedded.tabulation import TableQueries
from wbskills.wikibase.embedded.triplestore import TripleStore, readers, sweep
from wbskills.wikibase.interface import EditLog, SelectResult, TableQuery, Written
from wbskills.wikibase.model.edits import Edit, guids_of_edit, merge
from wbskills.wikibase.model.entities import Entity, Kind, Stored

CONCEPT_BASE: Final = "http://localhost:8181/entity/"
IN_MEMORY: Final = ":memory:"
_LEDGER: Final = "entities.sqlite"
_TRIPLES: Final = "triples"
_ANSWERS: Final = "answers.sqlite"
_TABLES: Final = "tables.sqlite"
_LONG: Final = 0.05  # seconds; what is quicker is not worth keeping
_WAITING: Final = 50  # edits; their triples take some 80 ms together, 5 ms each one by one
_MOST_WAITING: Final = 400  # edits

Found = TypeVar("Found", bound=SelectResult | None)


class Embedded:
    """An embedded Wikibase in a folder, or in memory (`:memory:`).

    With `write` it is made if it is not there, and its triples catch up with its entities;
    one process at a time may write. Without, it opens beside a writer; in a folder that cannot
    be written, as it is at that moment. A new one, and with
    `write` one that was never written to, takes the `concept_base`; else it keeps its own.

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
        # Who takes both takes them in this order.
        self._following = RLock()  # for whoever changes the graph
        self._writing = RLock()  # for whoever changes the ledger, and what waits
        self._meanwhile = ThreadPoolExecutor(1, "triples")
        self._waiting: list[AppliedEdit] = []  # edits that are not in the triples yet
        self._behind = False  # an edit did not get into the triples
        self._tabled: list[AppliedEdit] = []  # edits that are not in the tables yet
        self.edition = 0  # another number after each change
        self._drop_copy: Callable[[], object] = int  # of a store that cannot be written
        if place == IN_MEMORY:
            base = concept_base or CONCEPT_BASE
            self._revisions = RevisionStore(
                IN_MEMORY, concept_base=base, clock=clock, mirrors=mirrors
            )
            self._add_views()
            self._triples = TripleStore(None, base, write=True)
            self._query_cache: QueryCache | None = None
            self._statement_tables = StatementTables(IN_MEMORY)
            self._table_queries = TableQueries(self._statement_tables, self._revisions)
            return
        folder = _checked(Path(place), write=write)
        if not (write or can_be_written(folder)):
            folder = private_copy(folder / _LEDGER, folder / _TRIPLES)
            self._drop_copy = finalize(self, shutil.rmtree, folder, ignore_errors=True)
        # The graph's lock comes first: who has it is the writer.
        self._revisions = RevisionStore(
            str(folder / _LEDGER),
            concept_base=concept_base or CONCEPT_BASE,
            clock=clock,
            mirrors=mirrors,
        )
        self._add_views()
        self._query_cache = QueryCache(folder / _ANSWERS)
        self._statement_tables = StatementTables(str(folder / _TABLES))
        self._table_queries = TableQueries(self._statement_tables, self._revisions)
        try:
            self._triples = self._follow(folder / _TRIPLES, write=write)
            if write and concept_base and self._revisions.set_concept_base(concept_base):
                self._triples.rename(concept_base)
            if write and self._erasure.pending:
                self.clean_up()  # a process was killed before it had done so
        except BaseException:
            self._revisions.close()
            self._query_cache.close()
            self._statement_tables.close()
            raise

    def _add_views(self) -> None:
        self.history, self.pages = History(self._revisions), Pages(self._revisions)
        self._erasure = Erasure(self._revisions)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        with suppress(StoreError):  # on a full disk: the next opening catches up
            self._follow_up()
        self._meanwhile.shutdown()
        self._triples.close()
        self._revisions.close()
        self._statement_tables.close()
        if self._query_cache is not None:
            self._query_cache.close()
        self._drop_copy()

    @property
    def concept_base(self) -> str:
        """The address that entity ids are put behind."""
        return self._revisions.concept_base

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; what is not there is left out."""
        return self._revisions.read(ids)

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        return self._revisions.find_property(label, language)

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others that have label and description of an entity in a language."""
        return self._revisions.label_conflicts(entity)

    def identified(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids; without `names`, all that have one."""
        return self._revisions.identified(property_id, names)

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Carry out edits, all of them or none; one `Written` for each.

        When this returns, the edits are on the disk and queries see them.
        """
        numbers = log.intend(edits) if log is not None else []
        try:
            with self._writing:
                steps = self._revisions.write(edits, summary)
                self._queue(steps)
                self._tabled += steps
            self._relieve()
        except StoreError as error:
            if log is not None:
                for number in numbers:
                    log.refused(number, error.what)
            raise
        if log is None:
            return [Written(step.after.entity.id, step.after.revision) for step in steps]
        written = [
            Written(
                step.after.entity.id, step.after.revision, guids_of_edit(edit, step.after.entity)
            )
            for edit, step in zip(edits, steps, strict=True)
        ]
        for number, each in zip(numbers, written, strict=True):
            log.done(number, each)
        log.sync()
        return written

    def revise(self, entity: Entity, before: Stored | None, note: EditInfo) -> Stored:
        """Write one whole entity in the place of `before`; without, a new one.

        When this returns, the edit is on the disk and queries see it. Raises `LabelClash` or
        `EditConflict`.
        """
        return self.revise_all([(entity, before, note)])[0]

    def without_label_locks(self) -> AbstractContextManager[None]:
        """Let entities have the label and description of others, as a wiki does under load."""
        return self._revisions.without_label_locks()

    def revise_all(self, edits: Sequence[tuple[Entity, Stored | None, EditInfo]]) -> list[Stored]:
        """Write several whole entities, all of them or none."""
        with self._writing:
            with self._revisions.transaction():
                steps = [self.history.revise(*edit) for edit in edits]
            self._queue(steps)
        self._relieve()
        return [step.after for step in steps]

    def copy_entities(self, entities: Iterable[tuple[Stored, Stored | None]]) -> None:
        """Write entities as another Wikibase has them, in the place of what was there.

        Of what they were before nothing is kept: history is the other's to keep, or to hide.
        """
        edits = [
            (stored.entity, before, EditInfo(summary="pulled", made=stored.modified))
            for stored, before in entities
        ]
        self.revise_all(edits)
        with self._writing, self._revisions.transaction():
            for entity, before, _ in edits:
                if before is not None:
                    self._erasure.supersede(before, entity)

    def drop_entity(self, stored: Stored, target: str | None) -> None:
        """Take out an entity that another Wikibase has no more, or redirects."""
        note = EditInfo(summary="pulled")
        if target is None:
            self.remove(stored, note)
        else:
            self.redirect(stored, target, note)
        self.erase_history(stored.entity.id)

    def _queue(self, steps: Sequence[AppliedEdit]) -> None:
        """Let the triples of edits wait for more of them, or for the next query."""
        self._changed()
        self._waiting += steps

    def _relieve(self) -> None:
        """Make triples while the next edits are written, and do not let too many wait."""
        if len(self._waiting) >= _MOST_WAITING:
            self._follow_up()
        elif len(self._waiting) >= _WAITING:
            self._meanwhile.submit(self._follow_up)

    def _follow_up(self) -> None:
        """Bring the triples up to the last edit; whoever is about to use them comes by here.

        If that fails, all triples of the edits that are missing are made the next time.
        """
        with self._following:
            with self._writing:
                if not (self._waiting or self._behind):
                    return
                steps, self._waiting = self._waiting, []
                tabled, self._tabled = self._tabled, []
                newest = self._revisions.revision()
                behind, self._behind = self._behind, True
                if behind:
                    reached = self._triples.revision()
                    self._triples.catch_up(self._revisions.changed_since(reached), newest)
            if steps and not behind:
                self._triples.apply(steps, newest)
            self._behind = False
            self._statement_tables.apply(tabled)

    def remove(self, stored: Stored, note: EditInfo) -> int:
        """Delete an entity; give the number of the log entry."""
        with self._following, self._writing:
            with self._revisions.transaction():
                entry = self.history.remove(stored, note)
            self._settle()
        return entry

    def redirect(self, stored: Stored, target: str, note: EditInfo) -> int:
        """Make an entity a redirect to another; give the number of the revision."""
        with self._following, self._writing:
            with self._revisions.transaction():
                revision = self.history.remove(stored, note, target)
            self._settle()
        return revision

    def delete(self, entity_id: str, reason: str) -> bool:
        """Delete an entity; whoever can write the folder may."""
        stored = self.read([entity_id]).get(entity_id)
        if stored is not None:
            self.remove(stored, EditInfo(summary=reason))
        return True

    def ever_identified(self, property_id: str, name: str) -> set[str]:
        """Find entities that had an external id in any revision; deleted ones, too."""
        return self._erasure.ever_identified(property_id, name)

    def merge_items(self, entity_id: str, into: str, summary: str) -> None:
        """Put everything of an item into another one, of which it becomes a redirect."""
        found, note = self.read([entity_id, into]), EditInfo(summary=summary)
        merging = merge(found[entity_id].entity, found[into].entity)
        emptied, _ = self.revise_all(
            [(merging.left, found[entity_id], note), (merging.merged, found[into], note)]
        )
        if not merging.sites:
            self.redirect(emptied, into, note)

    def erase_history(self, entity_id: str) -> bool:
        """Blank what history says of an entity; if it is there, its newest revision stays."""
        with self._following, self._writing:
            with self._revisions.transaction():
                self._erasure.erase(entity_id)
            self._settle()
        return True

    def erase_mentions(self, names: Names) -> tuple[str, ...]:
        """Blank whatever older revisions, summaries and reasons name somebody.

        Gives the entities that name them still.
        """
        with self._writing, self._revisions.transaction():
            return tuple(self._erasure.erase_mentions(names))

    @property
    def erased(self) -> bool:
        """Whether something was removed that `clean_up` has still to clear out of the files."""
        return self._erasure.pending

    def clean_up(self) -> tuple[str, ...]:
        """Leave no byte of what was removed: in any file of the folder, on any free page.

        Gives the processes that still read a copy of before; it goes when they end. Raises
        `StoreBusy` where another process reads the entities just now.
        """
        with self._following, self._writing:
            self.rebuild()
            if self._query_cache is not None:
                self._query_cache.clear()
            self._erasure.finish()
            if self._triples.folder is None:
                return ()
            sweep(self._triples.folder, write=True)  # of who was killed since this was opened
            return readers(self._triples.folder)

    def drop_cached(self, entity_id: str, key: str) -> None:
        """Drop what `record_imports` was told of an entity and of a key, and kept answers."""
        with self._revisions.transaction():
            self._revisions.drop_imports(entity_id, key)
        self._changed()

    def restore(self, entity_id: str, note: EditInfo) -> Stored:
        """Bring a deleted entity back. Raises `NotFound` or `LabelClash`."""
        with self._following, self._writing:
            with self._revisions.transaction():
                stored = self.history.restore(entity_id, note)
            self._settle()
        return stored

    def entity_json(self, stored: Stored) -> dict[str, Any]:
        """Give the JSON of an entity that was just written; it must not be changed."""
        return self._revisions.entity_json(stored)

    def now(self) -> str:
        """Give the time as revisions have it, `2026-11-22T07:57:32Z`."""
        return self._revisions.now()

    def create_main_page(self) -> None:
        """Give the wiki its main page, which takes a number as any page does."""
        if self._writes and not self.pages.main_page()[0]:
            with self._writing:
                self._revisions.create_main_page()

    def next_id(self, kind: Kind) -> str:
        """Give the id of the next new entity."""
        return self._revisions.next_id(kind)

    def skip_id(self, kind: Kind) -> None:
        """Let the next id go unused, as Wikibase does when an entity cannot be saved."""
        self._revisions.skip_id(kind)

    @property
    def accounts(self) -> Accounts:
        """Who may log in."""
        return Accounts(self._revisions)

    def _changed(self) -> None:
        self.edition += 1
        if self._query_cache is not None:
            self._query_cache.forget()

    def _settle(self, graph: TripleStore | None = None, names: Sequence[str] = ()) -> None:
        """Bring the triples of deleted, restored and redirected entities up to date."""
        names = names or self.history.outdated()
        entry = self.history.last_log_entry()
        if not names:
            return
        self._changed()
        self._follow_up()
        graph = graph or self._triples
        present, targets = self._revisions.read(names), self.pages.redirects(names)
        for name in names:
            graph.replace(name, present.get(name), targets.get(name))
        graph.reach(entry)
        self._statement_tables.drop(names)
        self.history.mark_updated(names)

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query; one that took long is answered from what is kept."""
        with self._following:  # or else it might see half of an edit
            self._follow_up()
            return self._selected(sparql)

    def _selected(self, sparql: str) -> SelectResult:
        return self._kept(sparql, partial(self._triples.select, sparql))

    def _kept(self, text: str, ask: Callable[[], Found]) -> Found | SelectResult:
        """Give the answer to a question; one that took long is answered from what is kept."""
        if self._query_cache is None:
            return ask()
        mark = self._triples.mark()
        kept = self._query_cache.find(text, mark)
        if kept is not None:
            return kept
        started = monotonic()
        answer = ask()
        if answer is not None and monotonic() - started > _LONG:
            self._query_cache.keep(text, mark, answer)
        return answer

    def query_tables(self, question: TableQuery) -> SelectResult | None:
        """Answer a question by the tables; None if it has to be asked as SPARQL."""
        with self._following:
            self._follow_up()
            if not self._writes and self._triples.revision() != self._revisions.revision():
                return None  # the tables tell of now, and the triples of a moment ago
            return self._kept(repr(question), partial(self._table_queries.answer, question))

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Give the digests of desired states whose entities nobody has changed since."""
        return self._revisions.imported_digests(keys)

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Note which desired states have been brought about, in which entities."""
        self._revisions.record_imports(digests, written)

    def salt(self) -> bytes:
        """Give the secret that response ids are hashed with."""
        return self._revisions.salt()

    def revision(self) -> int:
        """Give the number of the latest revision, as far as queries see it."""
        return self._revisions.revision() if self._writes else self._triples.revision()

    def rebuild(self) -> None:
        """Make all triples anew from the entities."""
        with self._following, self._writing:
            self._waiting, self._tabled = [], []
            self.edition += 1
            self._triples.rebuild(self._revisions.changed_since(0), self._revisions.revision())
            self._triples.redirect(self.pages.redirects())
            self._triples.reach(self.history.last_log_entry())
            self._table_queries.rebuild()

    def find_damage(self) -> Iterator[str]:
        """Look for damage: of the file, and of triples that do not follow the entities."""
        yield from self._revisions.find_damage()
        self._follow_up()
        shown = {}
        query = "SELECT ?entity ?v { ?entity <http://schema.org/version> ?v }"
        for entity, version in self._triples.select(query).rows:
            shown[str(entity).removeprefix(self.concept_base)] = version
        # Beside a writer, the triples are those of a moment ago.
        reached, newest = self._triples.revision(), self._revisions.newest()
        wrong = [
            name
            for name, revision in newest.items()
            if shown.pop(name, None) != revision and revision <= reached
        ]
        wrong += [name for name in shown if name not in self.pages.redirects()]
        if wrong:
            yield f"the triples of {len(wrong)} entities are not up to date ({wrong[0]} …)"

    def triples(self) -> Iterator[str]:
        """Go through all triples as N-Triples."""
        self._follow_up()
        return self._triples.lines()

    @property
    def triples_folder(self) -> Path | None:
        """Where the triples are kept; None if they are in memory."""
        return self._triples.folder

    def snapshot(self, folder: Path) -> None:
        """Copy the triples into a new folder, by links to their files where that is possible."""
        with self._following:  # or else half of an edit might be in it
            self._follow_up()
            self._triples.snapshot(folder)

    def _follow(self, folder: Path, *, write: bool) -> TripleStore:
        """Open the graph, which may have to catch up with the ledger."""
        base = self._revisions.concept_base
        sweep(folder, write=False)
        if not write and folder.is_dir():
            try:
                graph = TripleStore(folder, base, write=False)
            except StoreError:
                pass  # damaged, perhaps; who may write finds out
            else:
                reached = graph.revision()
                unseen = self.history.outdated_since(reached, graph.entry())
                is_true = reached == self._revisions.revision() and not unseen
                if is_true and not graph.is_outdated():
                    return graph
                graph.close()
        try:
            graph = TripleStore(folder, base, write=True)
        except StoreBusy:
            if write:
                raise
            return self._ahead(TripleStore(folder, base, write=False))
        sweep(folder, write=True)
        self._heal(graph)
        if write:
            return graph
        graph.close()
        return TripleStore(folder, base, write=False)

    def _ahead(self, graph: TripleStore) -> TripleStore:
        """Bring a snapshot, which is nobody else's, to where a writer has not come yet."""
        reached, newest = graph.revision(), self._revisions.revision()
        if reached < newest:
            graph.go_ahead(self._revisions.changed_since(reached), newest)
        return graph

    def _heal(self, graph: TripleStore) -> None:
        """Bring triples up to the entities, to which nobody else can add from here on."""
        reached, newest = graph.revision(), self._revisions.revision()
        unseen = self.history.outdated_since(reached, graph.entry())
        anew = reached > newest or graph.is_outdated()
        if anew:  # these are not the triples of these entities
            graph.rebuild(self._revisions.changed_since(0), newest)
        elif reached < newest:
            graph.catch_up(self._revisions.changed_since(reached), newest)
        if anew or reached == 0:
            graph.redirect(self.pages.redirects())
            graph.reach(self.history.last_log_entry())
            unseen = self.history.outdated()
        if unseen:
            self._settle(graph, unseen)
            graph.drop_orphans()  # of what may have been broken off


def _checked(folder: Path, *, write: bool) -> Path:
    """Make the folder, or make sure that it holds a store."""
    if ":/" in str(folder):
        raise StoreError(
            f"“{folder}” is an address; only Wikibases in a folder can be used so far",
            hint="--wikibase FOLDER",
        )
    there = (folder / _LEDGER).is_file()
    if not there and not write:
        raise NotFound(
            f"there is no Wikibase in {folder}",
            hint="wbskills ontology apply, which makes one; or --wikibase FOLDER",
        )
    if not there and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(
            f"{folder} is there already and holds no Wikibase", hint="an empty or a new folder"
        )
    try:
        if write:
            private_folder(folder)
            restrict_access(folder)
            private_file(folder / _LEDGER)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made: {error.strerror}", hint="a folder that you may write to"
        ) from error
    return folder
