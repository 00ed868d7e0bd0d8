"""A Wikibase that only seems to be written: for dry runs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wbskills.wikibase.embedded.entities_db import Ledger
from wbskills.wikibase.interface import Answer, Log, Wikibase, Written
from wbskills.wikibase.model.edits import Change, Edit
from wbskills.wikibase.model.entities import Entity, Stored

# Above all real numbers, so that what is made here never meets what is there.
_FLOOR: Final = 1_000_000_000


class Rehearsal:
    """A Wikibase as it would be after some edits; the edits are kept in a temporary file.

    What is asked about entities takes the edits into account, SPARQL does not.
    """

    def __init__(self, wikibase: Wikibase) -> None:
        self._real = wikibase
        self._scratch = Ledger("", concept_base=wikibase.concept_base, floor=_FLOOR)

    @property
    def concept_base(self) -> str:
        """The address that entity ids are put behind."""
        return self._real.concept_base

    @property
    def entities(self) -> Mapping[str, str]:
        """Ids that keys have because the user says so."""
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

    def namesakes(self, entity: Entity) -> set[str]:
        """Find others that have label and description of an entity in a language."""
        return self._scratch.namesakes(entity) | self._real.namesakes(entity)

    def identified(
        self, property_id: str, names: Iterable[str] | None = None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as pairs of name and id."""
        names = None if names is None else list(names)
        pairs = [
            *self._real.identified(property_id, names),
            *self._scratch.identified(property_id, names),
        ]
        return list(dict.fromkeys(pairs))

    def write(self, edits: Sequence[Edit], summary: str, log: Log | None = None) -> list[Written]:
        """Seem to carry out edits; nothing is logged."""
        del log
        changed = {edit.id for edit in edits if isinstance(edit, Change)}
        known = self._scratch.read(changed)
        self._scratch.adopt(self._real.read(changed - known.keys()).values())
        steps = self._scratch.write(edits, summary)
        return [Written(step.after.entity.id, step.after.revision) for step in steps]

    def select(self, sparql: str) -> Answer:
        """Answer a SELECT query from what is really there."""
        return self._real.select(sparql)

    def recall(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Give the digests of desired states whose entities nobody has changed since."""
        return self._real.recall(keys)

    def remember(self, digests: Mapping[str, bytes], written: Mapping[str, Written]) -> None:
        """Do nothing: nothing was brought about."""

    def salt(self) -> bytes:
        """Give the secret that response ids are hashed with."""
        return self._real.salt()

    def revision(self) -> int:
        """Give the number of the latest real revision."""
        return self._real.revision()
