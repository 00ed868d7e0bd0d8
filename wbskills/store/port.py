"""What every Wikibase can do for this program, be it embedded or far away."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from wbskills.model.edits import Edit
from wbskills.model.entities import Stored
from wbskills.model.table import Cell


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an edit: the entity's id and the revision that holds it now."""

    id: str
    revision: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a SELECT query, in the order of the variables; None where unbound."""

    variables: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


class Wikibase(Protocol):
    """A place that keeps items and statements and answers SPARQL."""

    @property
    def concept_base(self) -> str:
        """The address that entity ids are put behind, `http://localhost:8181/entity/`."""
        ...

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id; what is not there is left out."""
        ...

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        ...

    def identified(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id; without `names`, all."""
        ...

    def write(self, edits: Sequence[Edit], summary: str) -> list[Written]:
        """Carry out edits, all of them or none; one `Written` for each.

        Raises `LabelClash`, `EditConflict` or another `StoreError`.
        """
        ...

    def select(self, sparql: str) -> Answer:
        """Answer a SELECT query. Raises `QueryError` if it cannot be parsed."""
        ...

    def recall(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Give what `remember` was told of these keys, of entities that nobody changed since."""
        ...

    def remember(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Note which desired states, by key and digest, have been brought about."""
        ...

    def salt(self) -> bytes:
        """Give the secret that response ids are hashed with; it never leaves the store."""
        ...

    def revision(self) -> int:
        """Give the number of the latest revision; it grows with every edit."""
        ...


class LocalWikibase(Wikibase, Protocol):
    """A Wikibase on this machine, which has to be closed and can be put in order."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def rebuild(self) -> None:
        """Make all triples anew from the entities."""
        ...

    def triples(self) -> Iterator[str]:
        """Go through all triples as N-Triples."""
        ...
