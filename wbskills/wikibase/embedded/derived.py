"""What a store derives from its revisions: triples, statement tables and kept query results.

Edits wait in a queue, and their triples are made for many of them together: by the next query, or
in the background. After a crash the next opening catches up.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import Final, TypeVar

from wbskills.errors import StoreBusy, StoreError
from wbskills.wikibase.embedded.history import History
from wbskills.wikibase.embedded.pages import Pages
from wbskills.wikibase.embedded.query_cache import QueryCache
from wbskills.wikibase.embedded.revision_store import AppliedEdit, RevisionStore
from wbskills.wikibase.embedded.snapshots import reader_pids, remove_abandoned
from wbskills.wikibase.embedded.statement_tables import StatementTables, TableQueries
from wbskills.wikibase.embedded.triplestore import TripleStore
from wbskills.wikibase.interface import SelectResult, TableQuery
from wbskills.wikibase.sqlite import MEMORY

_TRIPLES: Final = "triples"
_RESULTS: Final = "answers.sqlite"
_TABLES: Final = "tables.sqlite"
_SLOW: Final = 0.05  # seconds; results of quicker queries are not kept
_MANY_QUEUED: Final = 50  # edits; their triples take some 80 ms together, 5 ms each one by one
_MOST_QUEUED: Final = 400  # edits

_Result = TypeVar("_Result", bound=SelectResult | None)


class DerivedData:
    """The derived data of one store, in its folder; in memory if there is none.

    With `write` it takes the lock of the folder, and catches up with the revisions. Who needs
    both locks takes `lock`, which guards the triples, before `revisions_lock`, which guards the
    revisions and the queue.

    Raises `StoreBusy` if another process has the lock of the folder.
    """

    def __init__(self, folder: Path | None, revisions: RevisionStore, *, write: bool) -> None:
        self._revisions, self._write = revisions, write
        self._history, self._pages = History(revisions), Pages(revisions)
        self.lock, self.revisions_lock = RLock(), RLock()
        self.edition = 0  # another number after each change
        self._queue: list[AppliedEdit] = []
        self._behind = False  # an edit did not get into the triples
        self._background = ThreadPoolExecutor(1, "triples")
        with ExitStack() as opened:
            self._results = None if folder is None else QueryCache(folder / _RESULTS)
            if self._results is not None:
                opened.callback(self._results.close)
            self._tables = StatementTables(MEMORY if folder is None else str(folder / _TABLES))
            opened.callback(self._tables.close)
            self._table_queries = TableQueries(self._tables, revisions)
            if folder is None:
                self._triples = TripleStore(None, revisions.concept_base, write=True)
            else:
                self._triples = self._open_triples(folder / _TRIPLES)
            opened.pop_all()

    def close(self) -> None:
        """Close all files. Raises `StoreError` if the triples could not catch up."""
        try:
            self.update()
        finally:
            self._background.shutdown()
            self._triples.close()
            self._tables.close()
            if self._results is not None:
                self._results.close()

    @property
    def triples_folder(self) -> Path | None:
        """The folder of the triples; None if they are in memory."""
        return self._triples.folder

    def set_concept_base(self, concept_base: str) -> None:
        """Use another base of entity IRIs, as long as there is no entity."""
        self._triples.set_concept_base(concept_base)

    def add(self, edits: Sequence[AppliedEdit]) -> None:
        """Queue edits that were written; the caller holds `revisions_lock`."""
        self.mark_changed()
        self._queue += edits

    def limit_queue(self) -> None:
        """Make the triples of a long queue: in the background, or now if it is too long."""
        if len(self._queue) >= _MOST_QUEUED:
            self.update()
        elif len(self._queue) >= _MANY_QUEUED:
            self._background.submit(self.update)

    def mark_changed(self) -> None:
        """Drop kept results, since something was written."""
        self.edition += 1
        if self._results is not None:
            self._results.forget()

    def update(self) -> None:
        """Bring the triples up to the last edit; everything that uses them calls this first.

        If that fails, the next call makes the triples of all missing edits.
        """
        with self.lock:
            with self.revisions_lock:
                if not (self._queue or self._behind):
                    return
                edits, self._queue = self._queue, []
                newest = self._revisions.revision()
                behind, self._behind = self._behind, True
                if behind:
                    reached = self._triples.revision()
                    self._triples.catch_up(self._revisions.changed_since(reached), newest)
            if edits and not behind:
                self._triples.apply(edits, newest)
            self._behind = False
            self._tables.apply(edits)

    def update_outdated(self, triples: TripleStore | None = None, ids: Sequence[str] = ()) -> None:
        """Replace the triples of deleted, restored and redirected entities, or of `ids`."""
        ids = ids or self._history.outdated()
        entry = self._history.last_log_entry()
        if not ids:
            return
        self.mark_changed()
        self.update()
        triples = triples or self._triples
        present, targets = self._revisions.read(ids), self._pages.redirects(ids)
        for entity_id in ids:
            triples.replace(entity_id, present.get(entity_id), targets.get(entity_id))
        triples.set_log_entry(entry)
        self._tables.drop(ids)
        self._history.mark_updated(ids)

    def rebuild(self) -> None:
        """Rebuild all derived data from the entities."""
        with self.lock, self.revisions_lock:
            self._queue = []
            self.edition += 1
            self._triples.rebuild(self._revisions.changed_since(0), self._revisions.revision())
            self._triples.redirect(self._pages.redirects())
            self._triples.set_log_entry(self._history.last_log_entry())
            self._table_queries.rebuild()

    def clean_up(self) -> tuple[str, ...]:
        """Rebuild everything, so that nothing deleted is left; return the processes that read.

        These have copies from before, which disappear when the processes end.
        """
        self.rebuild()
        if self._results is not None:
            self._results.clear()
        if self._triples.folder is None:
            return ()
        remove_abandoned(self._triples.folder, write=True)
        return reader_pids(self._triples.folder)

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query; the result of a slow one is kept until the next edit."""
        with self.lock:  # else the query might see half of an edit
            self.update()
            return self._kept(sparql, partial(self._triples.select, sparql))

    def query_tables(self, query: TableQuery) -> SelectResult | None:
        """Answer a query from the statement tables; None if SPARQL has to answer it."""
        with self.lock:
            self.update()
            if not self._write and self._triples.revision() != self._revisions.revision():
                return None  # the tables have the newest edits, and the triples do not
            return self._kept(repr(query), partial(self._table_queries.answer, query))

    def triples(self) -> Iterator[str]:
        """Go through all triples as N-Triples."""
        self.update()
        return self._triples.lines()

    def snapshot(self, folder: Path) -> None:
        """Copy the triples into a new folder, by links to their files if possible."""
        with self.lock:  # else half of an edit might be in it
            self.update()
            self._triples.snapshot(folder)

    def revision(self) -> int:
        """Return the newest revision that queries see."""
        return self._revisions.revision() if self._write else self._triples.revision()

    def find_damage(self) -> Iterator[str]:
        """Look for entities whose triples are not those of their newest revision."""
        self.update()
        query = "SELECT ?entity ?v { ?entity <http://schema.org/version> ?v }"
        versions = {
            str(entity).removeprefix(self._revisions.concept_base): version
            for entity, version in self._triples.select(query).rows
        }
        # Beside a writer, the triples may lack the last edits.
        reached = self._triples.revision()
        wrong = [
            name
            for name, revision in self._revisions.newest().items()
            if versions.pop(name, None) != revision and revision <= reached
        ]
        redirects = self._pages.redirects()
        wrong += [name for name in versions if name not in redirects]
        if wrong:
            yield f"the triples of {len(wrong)} entities are not up to date ({wrong[0]} …)"

    def _kept(self, text: str, answer: Callable[[], _Result]) -> _Result | SelectResult:
        if self._results is None:
            return answer()
        mark = self._triples.mark()
        kept = self._results.find(text, mark)
        if kept is not None:
            return kept
        started = monotonic()
        result = answer()
        if result is not None and monotonic() - started > _SLOW:
            self._results.keep(text, mark, result)
        return result

    def _open_triples(self, folder: Path) -> TripleStore:
        """Open the triples, catching up with the revisions if this process may."""
        base = self._revisions.concept_base
        remove_abandoned(folder, write=False)
        if not self._write and folder.is_dir():
            try:
                triples = TripleStore(folder, base, write=False)
            except StoreError:
                pass  # damaged, perhaps; the process that may write finds out
            else:
                reached = triples.revision()
                missing = self._history.outdated_since(reached, triples.log_entry())
                is_current = reached == self._revisions.revision() and not missing
                if is_current and not triples.is_outdated():
                    return triples
                triples.close()
        try:
            triples = TripleStore(folder, base, write=True)
        except StoreBusy:
            if self._write:
                raise
            triples = TripleStore(folder, base, write=False)
            reached, newest = triples.revision(), self._revisions.revision()
            if reached < newest:
                triples.catch_up_in_snapshot(self._revisions.changed_since(reached), newest)
            return triples
        remove_abandoned(folder, write=True)
        self._catch_up(triples)
        if self._write:
            return triples
        triples.close()
        return TripleStore(folder, base, write=False)

    def _catch_up(self, triples: TripleStore) -> None:
        """Bring triples up to the revisions, to which no other process can add now."""
        reached, newest = triples.revision(), self._revisions.revision()
        ids = self._history.outdated_since(reached, triples.log_entry())
        rebuilt = reached > newest or triples.is_outdated()
        if rebuilt:  # these are not the triples of these entities
            triples.rebuild(self._revisions.changed_since(0), newest)
        elif reached < newest:
            triples.catch_up(self._revisions.changed_since(reached), newest)
        if rebuilt or reached == 0:
            triples.redirect(self._pages.redirects())
            triples.set_log_entry(self._history.last_log_entry())
            ids = self._history.outdated()
        if ids:
            self.update_outdated(triples, ids)
            triples.drop_orphans()  # of an interrupted edit
