"""Dry runs: a Wikibase that shows what it would be after some edits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wbskills.wikibase.embedded.revision_store import RevisionStore
from wbskills.wikibase.interface import EditLog, SelectResult, Wikibase, Written
from wbskills.wikibase.model.edits import Change, Edit
from wbskills.wikibase.model.entities import Entity, Stored

# Above all real ids and revisions.
_FLOOR: Final = 1_000_000_000


class DryRun:
    """A Wikibase as it would be after some edits, which are kept in a temporary file.

    Reading and finding entities takes the edits into account; SPARQL does not.
    """

    def __init__(self, wikibase: Wikibase) -> None:
        self._real = wikibase
        self._scratch = RevisionStore("", concept_base=wikibase.concept_base, floor=_FLOOR)

    @property
    def concept_base(self) -> str:
        """The base of entity IRIs."""
        return self._real.concept_base

    @property
    def entities(self) -> Mapping[str, str]:
        """Ids that keys of the ontology have here by the user's choice."""
        return self._real.entities

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by id."""
        ids = list(ids)
        found = self._scratch.read(ids)
        return found | self._real.read(name for name in ids if name not in found)

    def find_property(self, label: str, language: str = "en") -> str | None:
        """Find the property that has this label."""
        return self._scratch.find_property(label, language) or self._real.find_property(
            label, language
        )

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others that have label and description of an entity in a language."""
        return self._scratch.label_conflicts(entity) | self._real.label_conflicts(entity)

    def find_by_identifier(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id."""
        names = None if names is None else list(names)
        pairs = [
            *self._real.find_by_identifier(property_id, names),
            *self._scratch.find_by_identifier(property_id, names),
        ]
        return list(dict.fromkeys(pairs))

    def write(
        self, edits: Sequence[Edit], summary: str, log: EditLog | None = None
    ) -> list[Written]:
        """Apply edits to the temporary file; nothing is logged."""
        del log
        changed = {edit.id for edit in edits if isinstance(edit, Change)}
        known = self._scratch.read(changed)
        self._scratch.copy(self._real.read(changed - known.keys()).values())
        steps = self._scratch.write(edits, summary)
        return [Written(step.after.entity.id, step.after.revision) for step in steps]

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query on the real Wikibase, without the edits."""
        return self._real.select(sparql)

    def imported_digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the digests of imported states whose entities nobody has changed since."""
        return self._real.imported_digests(keys)

    def record_imports(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Do nothing, since nothing was imported."""

    def salt(self) -> bytes:
        """Return the secret that response ids are hashed with."""
        return self._real.salt()

    def revision(self) -> int:
        """Return the newest real revision."""
        return self._real.revision()
