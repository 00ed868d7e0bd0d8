"""The protocol that the embedded Wikibase and remote ones fulfil, and its values."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable

from wbskills.errors import EditConflict, StoreError
from wbskills.table import Cell
from wbskills.wikibase.model.edits import Edit
from wbskills.wikibase.model.entities import Entity, Stored


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A statement that someone else had changed just before an edit replaced or removed it.

    `revision` and `user` are theirs; `guid` is empty if it is unknown what they changed. `back`
    if their version was restored, so that nothing is lost.
    """

    entity: str
    guid: str
    revision: int
    user: str
    back: bool

    def __str__(self) -> str:
        whose = f"revision {self.revision}" + (f" by {self.user}" if self.user else "")
        if self.back:
            return f"{self.entity}: {whose} changed {self.guid} meanwhile; that was put back"
        what = self.guid or "an unknown statement"
        return (
            f"{self.entity}: {whose} was overwritten: {what}\n"
            f"  Try: check the history of {self.entity}, from that revision on"
        )


@dataclass(frozen=True, slots=True)
class MergedDuplicate:
    """An entity that was created twice at the same time: `entity` was merged into the other.

    `ours` if this program had created it.
    """

    entity: str
    into: str
    ours: bool

    def __str__(self) -> str:
        whose = "" if self.ours else " by someone else"
        return (
            f"{self.entity} was created{whose} at the same time as {self.into}; they were merged"
        )


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of an edit: the entity's id and its revision after the edit.

    `guids` are those of the edit's statements, in their order; empty if no log asked for them.
    `conflict_free` is False where others may have edited the entity between its reading and
    this edit: planning again shows whether more is to do. `merged` if others are known to have:
    the wiki applied the edit to what they left; `overwritten` lists what was theirs. `duplicate`
    if someone else created the same entity at the same time: `id` is the one that stays.
    """

    id: str
    revision: int
    guids: tuple[str, ...] = field(default=(), compare=False)
    conflict_free: bool = field(default=True, compare=False)
    merged: bool = field(default=False, compare=False)
    overwritten: tuple[Overwritten, ...] = field(default=(), compare=False)
    duplicate: MergedDuplicate | None = field(default=None, compare=False)


class PartlyWritten(EditConflict):
    """Some edits conflicted with others, or were refused; the rest was made.

    `outcomes` has one for each edit, in their order: an error if it was refused, None if it
    conflicted with someone else's edit.
    """

    def __init__(
        self, what: str, outcomes: Sequence[Written | StoreError | None], *, hint: str = ""
    ) -> None:
        super().__init__(what, hint=hint)
        self.outcomes = tuple(outcomes)


class EditLog(Protocol):
    """A record of edits before they are made, and of their outcomes. Threads share it."""

    @property
    def batch(self) -> str:
        """The id of the batch, which is part of the summaries of its edits."""
        ...

    def intend(self, edits: Sequence[Edit]) -> list[int]:
        """Record edits before the first of them is made; return their numbers in the batch."""
        ...

    def done(self, number: int, written: Written) -> None:
        """Record that an edit was made."""
        ...

    def refused(self, number: int, why: str) -> None:
        """Record that an edit was not made."""
        ...

    def sync(self) -> None:
        """Write all records to the disk."""
        ...


@dataclass(frozen=True, slots=True)
class SelectResult:
    """The rows of a SELECT query, with a cell for each variable; None if it is unbound."""

    variables: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class TableQuery:
    """A query on the statement tables of a store, in SQL (see `embedded/tables.sql`).

    `shared` are statements that create what this and other queries read, once for each state of
    the store. `properties` are the numbers of the properties that it reads: if one of them has a
    value that the tables cannot hold, there is no answer. Functions: `address(statement)` is the
    IRI of a statement; `md5(text)` as in SPARQL.
    """

    sql: str
    values: Mapping[str, int | float | str | None]
    shared: tuple[str, ...]
    properties: frozenset[int]


@runtime_checkable
class TableStore(Protocol):
    """A Wikibase with statement tables, which answer queries that count everything faster."""

    def query_tables(self, question: TableQuery) -> SelectResult | None:
        """Answer a query; None if SPARQL has to answer it.

        Entities are numbers (42 for Q42, -42 for P42), and days are texts.
        """
        ...


class Wikibase(Protocol):
    """A place that stores items and properties, and answers SPARQL."""

    @property
    def concept_base(self) -> str:
        """The base of entity IRIs, `http://localhost:8181/entity/`."""
        ...

    @property
    def entities(self) -> Mapping[str, str]:
        """Ids that keys of the ontology have here by the user's choice."""
        ...

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; those that do not exist are left out."""
        ...

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        ...

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others with its label and description in a language; of a property, its label.

        A Wikibase refuses an entity that has any.
        """
        ...

    def find_by_identifier(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id; without `names`, all."""
        ...

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Carry out edits, and record them in the log; one `Written` for each.

        An embedded Wikibase makes all of them or none, a remote one each for itself. Raises
        `PartlyWritten`, `LabelClash`, `EditConflict` or another `StoreError`. After
        `PartlyWritten`, the conflicting edits have to be planned again, after the others all.
        """
        ...

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query. Raises `QueryError` if it cannot be parsed."""
        ...

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the digests recorded for keys, if nobody has changed their entities since."""
        ...

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Record which desired states, by key and digest, were imported."""
        ...

    def salt(self) -> bytes:
        """Return the secret that response ids are hashed with; it never leaves the store."""
        ...

    def revision(self) -> int:
        """Return the newest revision; every edit raises it."""
        ...


class OpenWikibase(Wikibase, Protocol):
    """A Wikibase that has to be closed."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def delete(self, entity_id: str, reason: str) -> bool:
        """Delete an entity, if it exists; False if this user may not delete any.

        Raises `EditRefused` if the Wikibase refuses to delete this one.
        """
        ...

    def find_in_history(self, property_id: str, name: str) -> set[str]:
        """Find entities that had an external id in any revision stored here; deleted ones, too."""
        ...

    def erase_history(self, entity_id: str) -> bool:
        """Blank the history of an entity and its redirects; False if it is stored elsewhere.

        If the entity exists, its newest revision stays.
        """
        ...

    def erase_mentions(self, names: Callable[[str], bool]) -> tuple[str, ...]:
        """Blank older revisions and summaries that name a person, as far as they are stored here.

        Returns the entities that are known to name the person in their newest revision.
        """
        ...

    def clean_up(self) -> tuple[str, ...]:
        """Leave no byte of what was removed on this machine.

        Returns the ids of processes that still read a copy from before.
        """
        ...

    def merge_items(self, entity_id: str, into: str, summary: str) -> None:
        """Put everything of an item into another one, to which it then redirects.

        Raises `EditRefused` if the Wikibase refuses to merge these two.
        """
        ...

    def drop_cached(self, entity_id: str, key: str) -> None:
        """Drop what this machine recorded of an entity (if not empty), and of `key` and `key/…`.

        That is recorded imports, kept results, and the names of the entity.
        """
        ...


class LocalWikibase(OpenWikibase, Protocol):
    """A Wikibase on this machine, which can be checked and repaired."""

    def rebuild(self) -> None:
        """Rebuild all triples from the entities."""
        ...

    def triples(self) -> Iterator[str]:
        """Go through all triples as N-Triples."""
        ...

    def find_damage(self) -> Iterator[str]:
        """Look for damage; yield a message for each."""
        ...


class MirrorStore(OpenWikibase, Protocol):
    """A Wikibase on this machine that copies another one."""

    @property
    def erased(self) -> bool:
        """Whether something was removed that `clean_up` still has to clear from the files."""
        ...

    def copy_entities(self, entities: Iterable[tuple[Stored, Stored | None]]) -> None:
        """Write entities as the other has them, each with its state here before."""
        ...

    def drop_entity(self, stored: Stored, target: str | None) -> None:
        """Remove an entity that the other no longer has, or redirects to `target`."""
        ...
