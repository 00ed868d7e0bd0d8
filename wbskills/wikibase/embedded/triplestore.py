"""The triples of the embedded store, in Oxigraph, derived from its revisions.

The triple store records up to which revision and log entry it has come. If a process dies in
between, the next opening catches up: it replaces the triples of each newer entity, whatever state
they are in. Reference and value nodes are shared between entities, and are removed when nothing
points to them any more.
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

FORM: Final = 2  # of the triples; raised when the same entities give other triples
_ENTITIES_LOADED: Final = 500  # at once
_FEW: Final = 2_000  # triples: an entity or two
# Error messages of the system if a file of the triples is missing or is not a file.
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


def syntax_error_position(sparql: str, prefixes: Mapping[str, str]) -> tuple[int, int] | None:
    """Return line and column, from 1, of the first syntax error of a query; None if it has none.

    `prefixes` need not be declared. Raises `QueryError` if it is nested too deeply to be parsed.
    """
    tokenize(sparql)
    try:
        ox.Store().query(sparql, prefixes=dict(prefixes))
    except SyntaxError as error:
        found = re.match(r"error at (\d+):(\d+)", str(error))
        return (int(found[1]), int(found[2])) if found else (1, 1)
    return None


class TripleStore:
    """The triples in a folder, or in memory if there is none.

    With `write` it takes the folder's lock; without, it reads a snapshot, which may lack the
    last edits of another process (see `revision`). Raises `StoreBusy` if another process has
    the lock.
    """

    def __init__(self, folder: Path | None, concept_base: str, *, write: bool) -> None:
        self._concept_base = concept_base
        self._mapping = RdfMapping(concept_base, documents=False)
        self.folder, self._write = folder, write
        self._snapshot: Path | None = None
        self._store = self._open()

    def set_concept_base(self, concept_base: str) -> None:
        """Use another base of entity IRIs; there must be no triples yet."""
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
                    hint="try again when it is done; stop wbskills serve first",
                ) from error
            raise _refused(error) from error
        except RuntimeError as error:  # what Oxigraph raises for damaged or vanished files
            raise StoreError(
                f"the triples cannot be read: {error}", hint="run “wbskills store rebuild”"
            ) from error

    @staticmethod
    def _writable(folder: Path) -> ox.Store:
        """Open the triples; delete damaged ones, which are then rebuilt from the entities."""
        try:
            return ox.Store(str(folder))
        except RuntimeError:
            pass
        except OSError as error:
            if not any(damage in str(error) for damage in _DAMAGES):
                raise
        # No other process has the lock.
        shutil.rmtree(folder)
        private_folder(folder)
        return ox.Store(str(folder))

    def close(self) -> None:
        """Close the files, and release the lock."""
        if self._write:
            with suppress(OSError):  # on a full disk they stay in Oxigraph's log
                self._flush()
        del self._store
        if self._write and self.folder is not None:
            restrict_access(self.folder)  # Oxigraph creates files at any time
        if self._snapshot is not None:
            shutil.rmtree(self._snapshot, ignore_errors=True)

    def revision(self) -> int:
        """Return the revision up to which the triples have come; 0 if there are none."""
        return self._noted(_REVISION)

    def is_outdated(self) -> bool:
        """Return whether an earlier version of wbskills made the triples in another form."""
        return self.revision() > 0 and self._noted(_FORM) != FORM

    def log_entry(self) -> int:
        """Return the log entry up to which the triples have come."""
        return self._noted(_ENTRY)

    def _noted(self, what: ox.NamedNode) -> int:
        for quad in self._store.quads_for_pattern(_STATE, what, None, _STATE):
            if isinstance(quad.object, ox.Literal):
                return int(quad.object.value)
        return 0

    def set_log_entry(self, entry: int) -> None:
        """Record the log entry up to which the triples have come."""
        try:
            self._note(self.revision(), entry)
            self._flush()
        except OSError as error:
            raise _refused(error) from error

    def mark(self) -> str:
        """Return a text that differs after each change of the triples."""
        found = self._store.quads_for_pattern(_STATE, _MARK, None, _STATE)
        return "".join(str(quad.object) for quad in found)

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query. Raises `QueryError` if it is not one, or has a SERVICE.

        Oxigraph would send the query of a SERVICE to another server.
        """
        if any(token.holds("SERVICE") for token in tokenize(sparql)):
            raise QueryError(
                "SERVICE cannot be used here: no other server is asked",
                hint="remove it from the query",
            )
        try:
            found = self._store.query(sparql)
        except (SyntaxError, ValueError) as error:
            raise QueryError(f"this is not SPARQL: {error}") from error
        if not isinstance(found, ox.QuerySolutions):
            raise QueryError("this query gives no table", hint="use SELECT")
        return read_solutions(found)

    def apply(self, steps: Iterable[AppliedEdit], revision: int) -> None:
        """Change the triples of edited entities from before the edits to after them."""
        try:
            self._apply(_combined(steps))
            self._note(revision)
        except OSError as error:
            raise _refused(error) from error

    def _apply(self, steps: Iterable[AppliedEdit]) -> None:
        added: list[str] = []
        removed: list[str] = []
        unlinked: set[str] = set()
        for step in steps:
            after = self._mapping.triples(step.after)
            if step.before is None:
                added += after.lines()
                continue
            before = self._mapping.triples(step.before)
            added += set(after.lines()).difference(before.lines())
            removed += set(before.own).difference(after.own)
            unlinked |= before.shared.keys() - after.shared.keys()
        self._remove(removed)
        self._load(added)
        self._drop_orphans(unlinked)

    def catch_up(self, newer: Iterable[Stored], revision: int) -> None:
        """Replace the triples of entities that were edited since `revision`, the newest one."""
        fresh = self.revision() == 0
        try:
            for part in chunks(newer, _ENTITIES_LOADED):
                triples = [self._mapping.triples(stored) for stored in part]
                if not fresh:
                    for stored in part:
                        self._forget(stored.entity.id)
                self._load(line for triple in triples for line in triple.lines())
            if not fresh:
                self.drop_orphans()
            self._note(revision)
            self._flush()
        except OSError as error:
            raise _refused(error) from error

    def catch_up_in_snapshot(self, newer: Iterable[Stored], revision: int) -> None:
        """Catch up in this reader's own snapshot, without waiting for the writer."""
        if self._snapshot is not None:
            self._store = ox.Store(str(self._snapshot))
            self.catch_up(newer, revision)

    def snapshot(self, folder: Path) -> None:
        """Copy the triples into a new folder, by links to their files if possible."""
        self._store.backup(str(folder))

    def rebuild(self, everything: Iterable[Stored], revision: int) -> None:
        """Rebuild all triples in a new folder, which then replaces the old one."""
        if self.folder is None:
            self._store.clear()
            self.catch_up(everything, revision)
            return
        made = self.folder.with_name("triples.new")
        shutil.rmtree(made, ignore_errors=True)
        new = TripleStore(made, self._concept_base, write=True)
        new.catch_up(everything, revision)
        new.close()
        self.close()
        old = self.folder.with_name("triples.old")
        self.folder.rename(old)
        made.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)
        self._store = self._open()

    def replace(self, entity_id: str, stored: Stored | None, target: str | None = None) -> None:
        """Replace all triples of an entity.

        Without `stored` it no longer exists; with a `target` it is a redirect.
        """
        try:
            nodes = self._forget(entity_id)
            self.redirect({entity_id: target} if target else {})
            if stored is not None:
                self._load(self._mapping.triples(stored).lines())
            self._drop_orphans(nodes)
            self._note(self.revision())
            self._flush()  # readers cannot see from the revisions that a snapshot lacks this
        except OSError as error:
            raise _refused(error) from error

    def redirect(self, targets: Mapping[str, str]) -> None:
        """Add redirects, by id."""
        self._load(
            f"<{self._concept_base}{name}> {_SAME_AS} <{self._concept_base}{target}> ."
            for name, target in targets.items()
        )

    def lines(self) -> Iterator[str]:
        """Go through all triples as N-Triples, without the record of the revision."""
        for quad in self._store.quads_for_pattern(None, None, None, ox.DefaultGraph()):
            yield f"{quad.subject} {quad.predicate} {quad.object} ."

    def _load(self, lines: Iterable[str]) -> None:
        lines = list(lines)
        if not lines:
            return
        # `bulk_load` takes at least 8 ms; the triples of one edit take 0.6 ms with `load`.
        load = self._store.load if len(lines) <= _FEW else self._store.bulk_load
        load("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)

    def _remove(self, lines: list[str]) -> None:
        if lines:
            self._store.update(f"DELETE DATA {{\n{chr(10).join(lines)}\n}}")

    def _drop_orphans(self, nodes: set[str]) -> None:
        """Remove those nodes that nothing points to; references first, which point to values."""
        for node in sorted(nodes, key=lambda node: "/reference/" not in node):
            if self._is_orphan(node):
                self._remove([f"{q.subject} {q.predicate} {q.object} ." for q in self._of(node)])

    def drop_orphans(self) -> None:
        """Remove all shared nodes that nothing points to."""
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
        """Remove all triples of an entity; return the shared nodes that it pointed to."""
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
        # All at once: a statement that nothing points to would never be found again.
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
        """Write Oxigraph's log into files, so that snapshots have it."""
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
    """Return whether a node is a statement of this entity, or part of its definition."""
    if target.startswith(f"{top}prop/"):
        return target.endswith(f"/{entity_id}")
    if target.startswith(f"{top}.well-known/genid/"):
        return True
    return target.casefold().startswith(f"{statements}{entity_id}-".casefold())


def _combined(steps: Iterable[AppliedEdit]) -> Iterator[AppliedEdit]:
    """Combine edits of the same entity into one."""
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
            hint="free some space, then run the same command again: it completes them",
        )
    return StoreError(
        f"the triples cannot be read or written: {error}",
        hint="check the rights of the folder, or run “wbskills store rebuild”",
    )
