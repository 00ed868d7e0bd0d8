"""The triples of the embedded store, in Oxigraph: derived from the ledger, never the truth.

The graph notes up to which revision it has come, and up to which entry of the log of deletions.
If a process dies between the ledger and the graph, the next opening catches up: it takes what the
graph holds of each entity that is newer, whatever state that is in, and replaces it. Reference and
value nodes are shared between entities; one that nothing points to any more goes.
"""

import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from wbskills.bulk import chunks
from wbskills.errors import QueryError, StoreBusy, StoreError
from wbskills.private_files import private_folder, restrict_access
from wbskills.wikibase.embedded.rdf import RdfMapping
from wbskills.wikibase.embedded.revision_store import AppliedEdit
from wbskills.wikibase.embedded.snapshots import take_snapshot
from wbskills.wikibase.interface import SelectResult
from wbskills.wikibase.model.entities import Stored
from wbskills.wikibase.sparql_results import read_solutions
from wbskills.wikibase.sparql_tokens import tokenize

FORM: Final = 2  # of the triples; it grows when the same entities give others
_ENTITIES_LOADED: Final = 500  # at once
_FEW: Final = 2_000  # triples: an entity or two
# What the system says of triples of which a file is missing, or is none.
_DAMAGES: Final = ("No such file", "Is a directory", "Not a directory")
_STATE: Final = ox.NamedNode("urn:wbskills:state")
_SAME_AS: Final = "<http://www.w3.org/2002/07/owl#sameAs>"
_REVISION: Final = ox.NamedNode("urn:wbskills:revision")
_ENTRY: Final = ox.NamedNode("urn:wbskills:entry")
_FORM: Final = ox.NamedNode("urn:wbskills:form")
_MARK: Final = ox.NamedNode("urn:wbskills:mark")
_TYPE: Final = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_SHARED: Final = tuple(
    ox.NamedNode(f"http://wikiba.se/ontology#{kind}")
    for kind in ("Reference", "TimeValue", "QuantityValue", "GlobecoordinateValue")
)


def syntax_error_position(sparql: str) -> tuple[int, int] | None:
    """Find where a text stops being SPARQL: line and column from 1; None if all of it is.

    Raises `QueryError` if it is nested too deeply to be looked at.
    """
    tokenize(sparql)
    try:
        ox.Store().query(sparql)
    except SyntaxError as error:
        found = re.match(r"error at (\d+):(\d+)", str(error))
        return (int(found[1]), int(found[2])) if found else (1, 1)
    return None


class TripleStore:
    """The triples in a folder, or in memory if there is none.

    With `write` it takes the folder's lock; without, it reads a snapshot, which beside a writer
    may lack the last few edits: `revision` tells.
    Raises `StoreBusy` if another process has the lock.
    """

    def __init__(self, folder: Path | None, concept_base: str, *, write: bool) -> None:
        self._concept_base = concept_base
        self._mapping = RdfMapping(concept_base, documents=False)
        self.folder, self._write = folder, write
        self._snapshot: Path | None = None
        self._store = self._open()

    def set_concept_base(self, concept_base: str) -> None:
        """Put ids behind another address from now on; nothing of the old one may be there."""
        self._concept_base = concept_base
        self._mapping = RdfMapping(concept_base, documents=False)

    def _open(self) -> ox.Store:
        if self.folder is None:
            return ox.Store()
        try:
            if self._write:
                private_folder(self.folder)
                return self._writable(self.folder)
            self._snapshot = take_snapshot(self.folder)
            return ox.Store.read_only(str(self._snapshot))
        except OSError as error:
            if "lock" in str(error).lower():
                raise StoreBusy(
                    "another process is writing to this store",
                    hint="again when it is done; wbskills serve has to be ended",
                ) from error
            raise _refused(error) from error
        except RuntimeError as error:  # what Oxigraph raises for damaged or vanished files
            raise StoreError(
                f"the triples cannot be read: {error}", hint="wbskills store rebuild"
            ) from error

    @staticmethod
    def _writable(folder: Path) -> ox.Store:
        """Open the triples; damaged ones are taken away, to be made anew from the entities."""
        try:
            return ox.Store(str(folder))
        except RuntimeError:
            pass
        except OSError as error:
            if not any(damage in str(error) for damage in _DAMAGES):
                raise
        # Nobody else has the lock.
        shutil.rmtree(folder)
        private_folder(folder)
        return ox.Store(str(folder))

    def close(self) -> None:
        """Let go of the folder."""
        if self._write:
            with suppress(OSError):  # on a full disk they stay in the log, and are not lost
                self._flush()
        del self._store
        if self._write and self.folder is not None:
            restrict_access(self.folder)  # Oxigraph makes files as it goes
        if self._snapshot is not None:
            shutil.rmtree(self._snapshot, ignore_errors=True)

    def revision(self) -> int:
        """Give the revision up to which the triples have come; 0 if there are none."""
        return self._noted(_REVISION)

    def is_outdated(self) -> bool:
        """Tell whether the triples are of a form that an earlier version made."""
        return self.revision() > 0 and self._noted(_FORM) != FORM

    def log_entry(self) -> int:
        """Give the entry of the log of deletions up to which the triples have come."""
        return self._noted(_ENTRY)

    def _noted(self, what: ox.NamedNode) -> int:
        for quad in self._store.quads_for_pattern(_STATE, what, None, _STATE):
            if isinstance(quad.object, ox.Literal):
                return int(quad.object.value)
        return 0

    def set_log_entry(self, entry: int) -> None:
        """Note up to which entry of the log of deletions the triples have come."""
        try:
            self._note(self.revision(), entry)
            self._flush()
        except OSError as error:
            raise _refused(error) from error

    def mark(self) -> str:
        """Name what the triples say: another name after each change, a deletion too."""
        found = self._store.quads_for_pattern(_STATE, _MARK, None, _STATE)
        return "".join(str(quad.object) for quad in found)

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query. Raises `QueryError` if it is not one.

        A SERVICE is refused before anything is run: Oxigraph would ask another server.
        """
        if any(token.holds("SERVICE") for token in tokenize(sparql)):
            raise QueryError(
                "a query of this store asks no other server", hint="the query without SERVICE"
            )
        try:
            found = self._store.query(sparql)
        except (SyntaxError, ValueError) as error:
            raise QueryError(f"this is not SPARQL: {error}") from error
        if not isinstance(found, ox.QuerySolutions):
            raise QueryError("this query gives no table", hint="SELECT")
        return read_solutions(found)

    def apply(self, steps: Iterable[AppliedEdit], revision: int) -> None:
        """Bring the triples from before some edits to after them."""
        try:
            self._bring(_united(steps))
            self._note(revision)
        except OSError as error:
            raise _refused(error) from error

    def _bring(self, steps: Iterable[AppliedEdit]) -> None:
        added: list[str] = []
        removed: list[str] = []
        loose: set[str] = set()
        for step in steps:
            after = self._mapping.triples(step.after)
            if step.before is None:
                added += after.lines()
                continue
            before = self._mapping.triples(step.before)
            added += set(after.lines()).difference(before.lines())
            removed += set(before.own).difference(after.own)
            loose |= before.shared.keys() - after.shared.keys()
        self._remove(removed)
        self._load(added)
        self._drop_orphans(loose)

    def catch_up(self, newer: Iterable[Stored], revision: int) -> None:
        """Replace what the graph holds of entities that are newer than it."""
        fresh = self.revision() == 0
        try:
            for part in chunks(newer, _ENTITIES_LOADED):
                triples = [self._mapping.triples(stored) for stored in part]
                if not fresh:
                    for stored in part:
                        self._forget(stored.entity.id)
                self._load(line for each in triples for line in each.lines())
            if not fresh:
                self.drop_orphans()
            self._note(revision)
            self._flush()
        except OSError as error:
            raise _refused(error) from error

    def catch_up_in_snapshot(self, newer: Iterable[Stored], revision: int) -> None:
        """Catch up in the snapshot that was made for this reader, where a writer is not so far."""
        if self._snapshot is not None:
            self._store = ox.Store(str(self._snapshot))
            self.catch_up(newer, revision)

    def snapshot(self, folder: Path) -> None:
        """Copy the triples as they are into a new folder; links to their files, if possible."""
        self._store.backup(str(folder))

    def rebuild(self, everything: Iterable[Stored], revision: int) -> None:
        """Make all triples anew, beside the old ones, and put them in their place."""
        if self.folder is None:
            self._store.clear()
            self.catch_up(everything, revision)
            return
        made = self.folder.with_name("triples.new")
        shutil.rmtree(made, ignore_errors=True)
        anew = TripleStore(made, self._concept_base, write=True)
        anew.catch_up(everything, revision)
        anew.close()
        self.close()
        old = self.folder.with_name("triples.old")
        self.folder.rename(old)
        made.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)
        self._store = self._open()

    def replace(self, entity_id: str, stored: Stored | None, target: str | None = None) -> None:
        """Put the triples of an entity in the place of all that is there of it.

        Without `stored` it is gone, and with a target it is a redirect.
        """
        try:
            nodes = self._forget(entity_id)
            self.redirect({entity_id: target} if target else {})
            if stored is not None:
                self._load(self._mapping.triples(stored).lines())
            self._drop_orphans(nodes)
            self._note(self.revision())
            self._flush()  # who reads a snapshot cannot tell from the ledger that this is missing
        except OSError as error:
            raise _refused(error) from error

    def redirect(self, targets: Mapping[str, str]) -> None:
        """Say that some entities are others."""
        self._load(
            f"<{self._concept_base}{name}> {_SAME_AS} <{self._concept_base}{target}> ."
            for name, target in targets.items()
        )

    def lines(self) -> Iterator[str]:
        """Go through all triples as N-Triples, but for the note of the revision."""
        for quad in self._store.quads_for_pattern(None, None, None, ox.DefaultGraph()):
            yield f"{quad.subject} {quad.predicate} {quad.object} ."

    def _load(self, lines: Iterable[str]) -> None:
        lines = list(lines)
        if not lines:
            return
        # What loads many fast costs 8 ms however few they are; one edit takes 0.6 ms this way.
        load = self._store.load if len(lines) <= _FEW else self._store.bulk_load
        load("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)

    def _remove(self, lines: list[str]) -> None:
        if lines:
            self._store.update(f"DELETE DATA {{\n{chr(10).join(lines)}\n}}")

    def _drop_orphans(self, nodes: set[str]) -> None:
        """Remove shared nodes that nothing points to; references first, for they point on."""
        for node in sorted(nodes, key=lambda node: "/reference/" not in node):
            if self._is_orphan(node):
                self._remove([f"{q.subject} {q.predicate} {q.object} ." for q in self._of(node)])

    def drop_orphans(self) -> None:
        """Remove all shared nodes that nothing points to, whoever left them."""
        nodes = (
            quad.subject.value
            for kind in _SHARED
            for quad in self._store.quads_for_pattern(None, _TYPE, kind)
            if isinstance(quad.subject, ox.NamedNode)
        )
        self._drop_orphans(set(nodes))

    def _is_orphan(self, node: str) -> bool:
        pointing = self._store.quads_for_pattern(None, None, ox.NamedNode(node))
        return next(iter(pointing), None) is None

    def _forget(self, entity_id: str) -> set[str]:
        """Remove all that the graph holds of an entity; give the shared nodes it pointed to."""
        top = self._concept_base.removesuffix("entity/")
        subjects = [f"{self._concept_base}{entity_id}"]
        shared = (f"{top}reference/", f"{top}value/")
        nodes: set[str] = set()
        found: list[ox.Quad] = []
        seen: set[str] = set()
        while subjects:
            subject = subjects.pop()
            if subject in seen:
                continue
            seen.add(subject)
            for quad in self._of(subject):
                target = quad.object.value if isinstance(quad.object, ox.NamedNode) else ""
                if _names(target, entity_id, f"{self._concept_base}statement/", top):
                    subjects.append(target)
                elif target.startswith(shared):
                    nodes |= {target, *self._values_of(target)}
                found.append(quad)
        # All at once: a statement that nothing leads to would never be found again.
        self._remove([f"{q.subject} {q.predicate} {q.object} ." for q in found])
        return nodes

    def _values_of(self, node: str) -> set[str]:
        """List the value nodes that a reference points to."""
        values = f"{self._concept_base.removesuffix('entity/')}value/"
        targets = [quad.object for quad in self._of(node)]
        return {
            target.value
            for target in targets
            if isinstance(target, ox.NamedNode) and target.value.startswith(values)
        }

    def _of(self, subject: str) -> Iterator[ox.Quad]:
        return self._store.quads_for_pattern(ox.NamedNode(subject), None, None, ox.DefaultGraph())

    def _flush(self) -> None:
        """Put what is still in the log of the triples into files, where snapshots see it."""
        if self.folder is not None:
            self._store.flush()

    def _note(self, revision: int, entry: int | None = None) -> None:
        entry = self.log_entry() if entry is None else entry
        self._store.update(
            f"DELETE WHERE {{ GRAPH {_STATE} {{ {_STATE} ?what ?was }} }} ;"
            f"INSERT DATA {{ GRAPH {_STATE} {{ {_STATE} {_REVISION} {revision} ;"
            f" {_ENTRY} {entry} ; {_FORM} {FORM} ; {_MARK} '{secrets.token_hex(8)}' }} }}"
        )


def _names(target: str, entity_id: str, statements: str, top: str) -> bool:
    """Tell whether a node is a statement of this entity, or part of the definition of it."""
    if target.startswith(f"{top}prop/"):
        return target.endswith(f"/{entity_id}")
    if target.startswith(f"{top}.well-known/genid/"):
        return True
    return target.casefold().startswith(f"{statements}{entity_id}-".casefold())


def _united(steps: Iterable[AppliedEdit]) -> Iterator[AppliedEdit]:
    """Make one step of several that change the same entity."""
    first: dict[str, Stored | None] = {}
    last: dict[str, Stored] = {}
    for step in steps:
        name = step.after.entity.id
        first.setdefault(name, step.before)
        last[name] = step.after
    return (AppliedEdit(first[name], after) for name, after in last.items())


def _refused(error: OSError) -> StoreError:
    if "No space left" in str(error):
        return StoreError(
            "the disk is full; the triples are not complete",
            hint="making room, then the same command again: they catch up by themselves",
        )
    return StoreError(
        f"the triples cannot be read or written: {error}",
        hint="the right to write there; if they are damaged, `wbskills store rebuild`",
    )
