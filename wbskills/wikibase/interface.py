"""What every Wikibase can do for this program, be it embedded or far away."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable

from wbskills.errors import EditConflict, StoreError
from wbskills.table import Cell
from wbskills.wikibase.model.edits import Edit
from wbskills.wikibase.model.entities import Entity, Stored


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A statement that somebody else had changed when an edit replaced or removed it.

    `revision` and `user` say whose change it was; `guid` is empty where it is not known what
    was changed. `back` if it was put back as it had been, so that nothing is lost.
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
        what = self.guid or "it is not known what"
        return (
            f"{self.entity}: {whose} was overwritten, {what}\n"
            f"  Try: a look at the history of {self.entity}, from that revision on"
        )


@dataclass(frozen=True, slots=True)
class MergedDuplicate:
    """Two entities of one name that were made at the same time: `entity` was given up.

    `ours` if this program had made it.
    """

    entity: str
    into: str
    ours: bool

    def __str__(self) -> str:
        whose = "" if self.ours else " by somebody else"
        return f"{self.entity} was made{whose} at the same time as {self.into}; they are one now"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an edit: the entity's id and the revision that holds it now.

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
    """Some edits met with somebody else's, or were refused; the others were made.

    `outcomes` has one for each edit that was to be made, an error for those that were refused,
    None for those that met with somebody else's.
    """

    def __init__(
        self, what: str, outcomes: Sequence[Written | StoreError | None], *, hint: str = ""
    ) -> None:
        super().__init__(what, hint=hint)
        self.outcomes = tuple(outcomes)


class EditLog(Protocol):
    """Where it is noted what is about to be written, and what became of it. Threads share it."""

    @property
    def batch(self) -> str:
        """The name of all that is written together; it stands in the summaries of edits."""
        ...

    def intend(self, edits: Sequence[Edit]) -> list[int]:
        """Note edits before the first of them is made; gives their numbers in the batch."""
        ...

    def done(self, number: int, written: Written) -> None:
        """Note that an edit was made."""
        ...

    def refused(self, number: int, why: str) -> None:
        """Note that an edit was not made."""
        ...

    def sync(self) -> None:
        """Bring what was noted to the disk."""
        ...


@dataclass(frozen=True, slots=True)
class SelectResult:
    """The rows of a SELECT query, in the order of the variables; None where unbound."""

    variables: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class TableQuery:
    """A question to the tables of a store, in SQL; see `embedded/tables.sql` for what is there.

    `shared` makes what it and others read besides those, once for each state of the store.
    `properties` are those that it reads, by number: where one of them has a value that no table
    can hold, there is no answer. In it, `name(entity)` gives the label in the first of
    `languages` that has one, or else the id; `address(statement)` is where a statement is, and
    `md5(text)` is as in SPARQL.
    """

    sql: str
    values: Mapping[str, int | float | str | None]
    shared: tuple[str, ...]
    properties: frozenset[int]
    languages: tuple[str, ...]


@runtime_checkable
class TableStore(Protocol):
    """A Wikibase that can also be asked by its tables, which is faster where all is counted."""

    def query_tables(self, question: TableQuery) -> SelectResult | None:
        """Answer a question; None if it has to be asked as SPARQL.

        Entities are numbers (-42 for P42), days are texts; nothing else is said of a cell.
        """
        ...


class Wikibase(Protocol):
    """A place that keeps items and statements and answers SPARQL."""

    @property
    def concept_base(self) -> str:
        """The address that entity ids are put behind, `http://localhost:8181/entity/`."""
        ...

    @property
    def entities(self) -> Mapping[str, str]:
        """Ids that keys of the ontology have here because the user says so."""
        ...

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; what is not there is left out."""
        ...

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        ...

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others that have its label and description in a language; of a property, label.

        A Wikibase lets no two be so, so this one could not be written.
        """
        ...

    def identified(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id; without `names`, all."""
        ...

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Carry out edits; one `Written` for each. The log is told before and after.

        An embedded Wikibase makes all of them or none, one far away each for itself. Raises
        `PartlyWritten`, `LabelClash`, `EditConflict` or another `StoreError`; after the first,
        planning those again that met with somebody else's gives the rest, after the others all.
        """
        ...

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query. Raises `QueryError` if it cannot be parsed."""
        ...

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return recorded digests of these keys, of entities that nobody changed since."""
        ...

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Note which desired states, by key and digest, have been brought about."""
        ...

    def salt(self) -> bytes:
        """Give the secret that response ids are hashed with; it never leaves the store."""
        ...

    def revision(self) -> int:
        """Give the number of the latest revision; it grows with every edit."""
        ...


class OpenWikibase(Wikibase, Protocol):
    """A Wikibase that was opened and has to be closed."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def delete(self, entity_id: str, reason: str) -> bool:
        """Delete an entity; False where this user may not. One that is not there is deleted.

        Raises `EditRefused` if the Wikibase does not let go of this one.
        """
        ...

    def ever_identified(self, property_id: str, name: str) -> set[str]:
        """Find entities that had an external id in any revision kept here; deleted ones, too."""
        ...

    def erase_history(self, entity_id: str) -> bool:
        """Blank what history says of an entity and its redirects; False where others keep it.

        Of an entity that is there the newest revision stays.
        """
        ...

    def erase_mentions(self, names: Callable[[str], bool]) -> tuple[str, ...]:
        """Blank older revisions and summaries that name somebody, where that can be done here.

        Gives the entities, as far as is known, that name them in their newest revision.
        """
        ...

    def clean_up(self) -> tuple[str, ...]:
        """Leave no byte on this machine of what was removed; name who still reads a copy."""
        ...

    def merge_items(self, entity_id: str, into: str, summary: str) -> None:
        """Put everything of an item into another one, of which it becomes a redirect.

        Raises `EditRefused` if the Wikibase does not let these two be united.
        """
        ...

    def drop_cached(self, entity_id: str, key: str) -> None:
        """Drop what was noted on this machine of an entity, and of `key` and `key/…`.

        That is what `record_imports` was told, kept answers, and where the entity was found. An
        empty `entity_id` stands for none.
        """
        ...


class LocalWikibase(OpenWikibase, Protocol):
    """A Wikibase on this machine, which can be put in order."""

    def rebuild(self) -> None:
        """Make all triples anew from the entities."""
        ...

    def triples(self) -> Iterator[str]:
        """Go through all triples as N-Triples."""
        ...

    def find_damage(self) -> Iterator[str]:
        """Look for damage, and tell it in words; none if all is well."""
        ...


class MirrorStore(OpenWikibase, Protocol):
    """A Wikibase on this machine that is brought up to another one."""

    @property
    def erased(self) -> bool:
        """Whether something was taken out that `clean_up` has still to clear out of the files."""
        ...

    def copy_entities(self, entities: Iterable[tuple[Stored, Stored | None]]) -> None:
        """Write entities as the other has them, each with what was there before."""
        ...

    def drop_entity(self, stored: Stored, target: str | None) -> None:
        """Take out an entity that the other has no more, or that it redirects to `target`."""
        ...
