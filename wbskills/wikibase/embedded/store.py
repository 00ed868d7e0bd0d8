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
from wbskills.private_files import private_file, private_folder, tighten
from wbskills.wikibase.embedded.accounts import Accounts
from wbskills.wikibase.embedded.entities_db import Clock, Ledger, Step, utc_now
from wbskills.wikibase.embedded.erasure import Erasure, Names
from wbskills.wikibase.embedded.history import Archive, Note
from wbskills.wikibase.embedded.query_cache import AnswerCache
from wbskills.wikibase.embedded.read_only import can_be_written, private_copy
from wbskills.wikibase.embedded.statement_tables import Tables
from wbskills.wikibase.embedded.tabulation import Tabulation
from wbskills.wikibase.embedded.triplestore import Graph, readers, sweep
from wbskills.wikibase.interface import Answer, Log, Question, Written
from wbskills.wikibase.model.edits import Edit
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.guids_and_locks import guids
from wbskills.wikibase.model.merging import merge

CONCEPT_BASE: Final = "http://localhost:8181/entity/"
IN_MEMORY: Final = ":memory:"
_LEDGER: Final = "entities.sqlite"
_TRIPLES: Final = "triples"
_ANSWERS: Final = "answers.sqlite"
_TABLES: Final = "tables.sqlite"
_LONG: Final = 0.05  # seconds; what is quicker is not worth keeping
_WAITING: Final = 50  # edits; their triples take some 80 ms together, 5 ms each one by one
_MOST_WAITING: Final = 400  # edits

Found = TypeVar("Found", bound=Answer | None)


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
        self._waiting: list[Step] = []  # edits that are not in the triples yet
        self._behind = False  # an edit did not get into the triples
        self._tabled: list[Step] = []  # edits that are not in the tables yet
        self.edition = 0  # another number after each change
        self._drop_copy: Callable[[], object] = int  # of a store that cannot be written
        if place == IN_MEMORY:
            base = concept_base or CONCEPT_BASE
            self._ledger = Ledger(IN_MEMORY, concept_base=base, clock=clock, mirrors=mirrors)
            self.archive, self._erasure = Archive(self._ledger), Erasure(self._ledger)
            self._graph = Graph(None, base, write=True)
            self._answers: AnswerCache | None = None
            self._tables = Tables(IN_MEMORY)
            self._tabulation = Tabulation(self._tables, self._ledger)
            return
        folder = _checked(Path(place), write=write)
        if not (write or can_be_written(folder)):
            folder = private_copy(folder / _LEDGER, folder / _TRIPLES)
            self._drop_copy = finalize(self, shutil.rmtree, folder, ignore_errors=True)
        # The graph's lock comes first: who has it is the writer.
        self._ledger = Ledger(
            str(folder / _LEDGER),
            concept_base=concept_base or CONCEPT_BASE,
            clock=clock,
            mirrors=mirrors,
        )
        self.archive, self._erasure = Archive(self._ledger), Erasure(self._ledger)
        self._answers = AnswerCache(folder / _ANSWERS)
        self._tables = Tables(str(folder / _TABLES))
        self._tabulation = Tabulation(self._tables, self._ledger)
        try:
            self._graph = self._follow(folder / _TRIPLES, write=write)
            if write and concept_base and self._ledger.take_base(concept_base):
                self._graph.rename(concept_base)
            if write and self._erasure.pending:
                self.clean_up()  # a process was killed before it had done so
        except BaseException:
            self._ledger.close()
            self._answers.close()
            self._tables.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        with suppress(StoreError):  # on a full disk: the next opening catches up
            self._follow_up()
        self._meanwhile.shutdown()
        self._graph.close()
        self._ledger.close()
        self._tables.close()
        if self._answers is not None:
            self._answers.close()
        self._drop_copy()

    @property
    def concept_base(self) -> str:
        """The address that entity ids are put behind."""
        return self._ledger.concept_base

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; what is not there is left out."""
        return self._ledger.read(ids)

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        return self._ledger.find_property(label, language)

    def namesakes(self, entity: Entity) -> set[str]:
        """Find others that have label and description of an entity in a language."""
        return self._ledger.namesakes(entity)

    def identified(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids; without `names`, all that have one."""
        return self._ledger.identified(property_id, names)

    def write(self, edits: Sequence[Edit], summary: str, log: Log | None = None) -> list[Written]:
        """Carry out edits, all of them or none; one `Written` for each.

        When this returns, the edits are on the disk and queries see them.
        """
        numbers = log.intend(edits) if log is not None else []
        try:
            with self._writing:
                steps = self._ledger.write(edits, summary)
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
            Written(step.after.entity.id, step.after.revision, guids(edit, step.after.entity))
            for edit, step in zip(edits, steps, strict=True)
        ]
        for number, each in zip(numbers, written, strict=True):
            log.done(number, each)
        log.sync()
        return written

    def revise(self, entity: Entity, before: Stored | None, note: Note) -> Stored:
        """Write one whole entity in the place of `before`; without, a new one.

        When this returns, the edit is on the disk and queries see it. Raises `LabelClash` or
        `EditConflict`.
        """
        return self.revise_all([(entity, before, note)])[0]

    def without_locks(self) -> AbstractContextManager[None]:
        """Let entities have the label and description of others, as a wiki does under load."""
        return self._ledger.without_locks()

    def revise_all(self, edits: Sequence[tuple[Entity, Stored | None, Note]]) -> list[Stored]:
        """Write several whole entities, all of them or none."""
        with self._writing:
            with self._ledger.transaction():
                steps = [self.archive.revise(*edit) for edit in edits]
            self._queue(steps)
        self._relieve()
        return [step.after for step in steps]

    def take_over(self, entities: Iterable[tuple[Stored, Stored | None]]) -> None:
        """Write entities as another Wikibase has them, in the place of what was there.

        Of what they were before nothing is kept: history is the other's to keep, or to hide.
        """
        edits = [
            (stored.entity, before, Note(summary="pulled", made=stored.modified))
            for stored, before in entities
        ]
        self.revise_all(edits)
        with self._writing, self._ledger.transaction():
            for entity, before, _ in edits:
                if before is not None:
                    self._erasure.supersede(before, entity)

    def give_up(self, stored: Stored, target: str | None) -> None:
        """Take out an entity that another Wikibase has no more, or redirects."""
        note = Note(summary="pulled")
        if target is None:
            self.remove(stored, note)
        else:
            self.redirect(stored, target, note)
        self.erase_history(stored.entity.id)

    def _queue(self, steps: Sequence[Step]) -> None:
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
                newest = self._ledger.revision()
                behind, self._behind = self._behind, True
                if behind:
                    reached = self._graph.revision()
                    self._graph.catch_up(self._ledger.changed_since(reached), newest)
            if steps and not behind:
                self._graph.apply(steps, newest)
            self._behind = False
            self._tables.apply(tabled)

    def remove(self, stored: Stored, note: Note) -> int:
        """Delete an entity; give the number of the log entry."""
        with self._following, self._writing:
            with self._ledger.transaction():
                entry = self.archive.remove(stored, note)
            self._settle()
        return entry

    def redirect(self, stored: Stored, target: str, note: Note) -> int:
        """Make an entity a redirect to another; give the number of the revision."""
        with self._following, self._writing:
            with self._ledger.transaction():
                revision = self.archive.remove(stored, note, target)
            self._settle()
        return revision

    def delete(self, entity_id: str, reason: str) -> bool:
        """Delete an entity; whoever can write the folder may."""
        stored = self.read([entity_id]).get(entity_id)
        if stored is not None:
            self.remove(stored, Note(summary=reason))
        return True

    def once_identified(self, property_id: str, name: str) -> set[str]:
        """Find entities that had an external id in any revision; deleted ones, too."""
        return self._erasure.once_identified(property_id, name)

    def unite(self, entity_id: str, into: str, summary: str) -> None:
        """Put everything of an item into another one, of which it becomes a redirect."""
        found, note = self.read([entity_id, into]), Note(summary=summary)
        merging = merge(found[entity_id].entity, found[into].entity)
        emptied, _ = self.revise_all(
            [(merging.left, found[entity_id], note), (merging.merged, found[into], note)]
        )
        if not merging.sites:
            self.redirect(emptied, into, note)

    def erase_history(self, entity_id: str) -> bool:
        """Blank what history says of an entity; if it is there, its newest revision stays."""
        with self._following, self._writing:
            with self._ledger.transaction():
                self._erasure.erase(entity_id)
            self._settle()
        return True

    def erase_mentions(self, names: Names) -> tuple[str, ...]:
        """Blank whatever older revisions, summaries and reasons name somebody.

        Gives the entities that name them still.
        """
        with self._writing, self._ledger.transaction():
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
            if self._answers is not None:
                self._answers.clear()
            self._erasure.finish()
            if self._graph.folder is None:
                return ()
            sweep(self._graph.folder, write=True)  # of who was killed since this was opened
            return readers(self._graph.folder)

    def drop_notes(self, entity_id: str, key: str) -> None:
        """Drop what `remember` was told of an entity and of a key, and kept answers."""
        self._ledger.drop_notes(entity_id, key)
        self._changed()

    def restore(self, entity_id: str, note: Note) -> Stored:
        """Bring a deleted entity back. Raises `NotFound` or `LabelClash`."""
        with self._following, self._writing:
            with self._ledger.transaction():
                stored = self.archive.restore(entity_id, note)
            self._settle()
        return stored

    def written(self, stored: Stored) -> dict[str, Any]:
        """Give the JSON of an entity that was just written; it must not be changed."""
        return self._ledger.written(stored)

    def now(self) -> str:
        """Give the time as revisions have it, `2026-11-22T07:57:32Z`."""
        return self._ledger.now()

    def make_main_page(self) -> None:
        """Give the wiki its main page, which takes a number as any page does."""
        if self._writes and not self.archive.lists.main_page()[0]:
            with self._writing:
                self._ledger.make_main_page()

    def next_id(self, kind: Kind) -> str:
        """Give the id of the next new entity."""
        return self._ledger.next_id(kind)

    def use_up_id(self, kind: Kind) -> None:
        """Let the next id go unused, as Wikibase does when an entity cannot be saved."""
        with self._ledger.transaction():
            self.archive.use_up(kind)

    @property
    def accounts(self) -> Accounts:
        """Who may log in."""
        return Accounts(self._ledger)

    def _changed(self) -> None:
        self.edition += 1
        if self._answers is not None:
            self._answers.forget()

    def _settle(self, graph: Graph | None = None, names: Sequence[str] = ()) -> None:
        """Bring the triples of deleted, restored and redirected entities up to date."""
        names = names or self.archive.unsettled()
        entry = self.archive.entries()
        if not names:
            return
        self._changed()
        self._follow_up()
        graph = graph or self._graph
        present, targets = self._ledger.read(names), self.archive.redirects(names)
        for name in names:
            graph.replace(name, present.get(name), targets.get(name))
        graph.reach(entry)
        self._tables.drop(names)
        self.archive.settled(names)

    def select(self, sparql: str) -> Answer:
        """Answer a SELECT query; one that took long is answered from what is kept."""
        with self._following:  # or else it might see half of an edit
            self._follow_up()
            return self._selected(sparql)

    def _selected(self, sparql: str) -> Answer:
        return self._kept(sparql, partial(self._graph.select, sparql))

    def _kept(self, text: str, ask: Callable[[], Found]) -> Found | Answer:
        """Give the answer to a question; one that took long is answered from what is kept."""
        if self._answers is None:
            return ask()
        mark = self._graph.mark()
        kept = self._answers.find(text, mark)
        if kept is not None:
            return kept
        started = monotonic()
        answer = ask()
        if answer is not None and monotonic() - started > _LONG:
            self._answers.keep(text, mark, answer)
        return answer

    def tabulate(self, question: Question) -> Answer | None:
        """Answer a question by the tables; None if it has to be asked as SPARQL."""
        with self._following:
            self._follow_up()
            if not self._writes and self._graph.revision() != self._ledger.revision():
                return None  # the tables tell of now, and the triples of a moment ago
            return self._kept(repr(question), partial(self._tabulation.answer, question))

    def recall(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Give the digests of desired states whose entities nobody has changed since."""
        return self._ledger.recall(keys)

    def remember(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Note which desired states have been brought about, in which entities."""
        self._ledger.remember(digests, written)

    def salt(self) -> bytes:
        """Give the secret that response ids are hashed with."""
        return self._ledger.salt()

    def revision(self) -> int:
        """Give the number of the latest revision, as far as queries see it."""
        return self._ledger.revision() if self._writes else self._graph.revision()

    def rebuild(self) -> None:
        """Make all triples anew from the entities."""
        with self._following, self._writing:
            self._waiting, self._tabled = [], []
            self.edition += 1
            self._graph.rebuild(self._ledger.changed_since(0), self._ledger.revision())
            self._graph.redirect(self.archive.redirected())
            self._graph.reach(self.archive.entries())
            self._tabulation.rebuild()

    def damages(self) -> Iterator[str]:
        """Look for damage: of the file, and of triples that do not follow the entities."""
        yield from self._ledger.damages()
        self._follow_up()
        shown = {}
        query = "SELECT ?entity ?v { ?entity <http://schema.org/version> ?v }"
        for entity, version in self._graph.select(query).rows:
            shown[str(entity).removeprefix(self.concept_base)] = version
        # Beside a writer, the triples are those of a moment ago.
        reached, newest = self._graph.revision(), self._ledger.newest()
        wrong = [
            name
            for name, revision in newest.items()
            if shown.pop(name, None) != revision and revision <= reached
        ]
        wrong += [name for name in shown if name not in self.archive.redirected()]
        if wrong:
            yield f"the triples of {len(wrong)} entities are not up to date ({wrong[0]} …)"

    def triples(self) -> Iterator[str]:
        """Go through all triples as N-Triples."""
        self._follow_up()
        return self._graph.lines()

    @property
    def triples_folder(self) -> Path | None:
        """Where the triples are kept; None if they are in memory."""
        return self._graph.folder

    def snapshot(self, folder: Path) -> None:
        """Copy the triples into a new folder, by links to their files where that is possible."""
        with self._following:  # or else half of an edit might be in it
            self._follow_up()
            self._graph.snapshot(folder)

    def _follow(self, folder: Path, *, write: bool) -> Graph:
        """Open the graph, which may have to catch up with the ledger."""
        base = self._ledger.concept_base
        sweep(folder, write=False)
        if not write and folder.is_dir():
            try:
                graph = Graph(folder, base, write=False)
            except StoreError:
                pass  # damaged, perhaps; who may write finds out
            else:
                reached = graph.revision()
                unseen = self.archive.unseen(reached, graph.entry())
                is_true = reached == self._ledger.revision() and not unseen
                if is_true and not graph.is_outdated():
                    return graph
                graph.close()
        try:
            graph = Graph(folder, base, write=True)
        except StoreBusy:
            if write:
                raise
            return self._ahead(Graph(folder, base, write=False))
        sweep(folder, write=True)
        self._heal(graph)
        if write:
            return graph
        graph.close()
        return Graph(folder, base, write=False)

    def _ahead(self, graph: Graph) -> Graph:
        """Bring a snapshot, which is nobody else's, to where a writer has not come yet."""
        reached, newest = graph.revision(), self._ledger.revision()
        if reached < newest:
            graph.go_ahead(self._ledger.changed_since(reached), newest)
        return graph

    def _heal(self, graph: Graph) -> None:
        """Bring triples up to the entities, to which nobody else can add from here on."""
        reached, newest = graph.revision(), self._ledger.revision()
        unseen = self.archive.unseen(reached, graph.entry())
        anew = reached > newest or graph.is_outdated()
        if anew:  # these are not the triples of these entities
            graph.rebuild(self._ledger.changed_since(0), newest)
        elif reached < newest:
            graph.catch_up(self._ledger.changed_since(reached), newest)
        if anew or reached == 0:
            graph.redirect(self.archive.redirected())
            graph.reach(self.archive.entries())
            unseen = self.archive.unsettled()
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
            tighten(folder)
            private_file(folder / _LEDGER)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made: {error.strerror}", hint="a folder that you may write to"
        ) from error
    return folder
