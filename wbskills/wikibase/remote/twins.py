"""Entities of one name that were made at the same time: which to keep. Pure.

A wiki refuses a second item of the same label and description, but notes these only after it has
answered: two that are made at once get through, two properties of one label as well. Such twins
have what the wiki would have refused the second one for, and an external id, in common.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.model.guids_and_locks import identifiers, label_locks


@dataclass(frozen=True, slots=True)
class Made:
    """A new entity, and the revision that made it. `ours` if this run did."""

    entity: Entity
    revision: int
    ours: bool


def twins(made: Iterable[Made]) -> list[tuple[Made, Made]]:
    """Find entities that should be one; pairs of one to give up, and the one to keep.

    Everybody who sees the same entities decides the same: the one that was saved first is kept.
    """
    first: dict[object, Made] = {}
    found: list[tuple[Made, Made]] = []
    for each in sorted(made, key=lambda one: one.revision):
        marks = _marks(each.entity)
        kept = next((first[mark] for mark in marks if mark in first), None)
        if kept is not None:
            found.append((each, kept))
        for mark in marks:
            first.setdefault(mark, kept or each)
    return found


def _marks(entity: Entity) -> list[object]:
    """List what makes an entity the same as another one."""
    names = sorted(identifiers(entity))
    return [(entity.kind, lock, name) for lock in label_locks(entity) for name in names]
