"""Finding what breaks the rules on a Wikibase, and mending what can be mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wbskills.ontology.binding import rules
from wbskills.ontology.entries import Ontology
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Statement, Stored
from wbskills.wikibase.plan.diff import misranked
from wbskills.wikibase.plan.perform import Done, perform

SUMMARY: Final = "ranks by the rule: the newest is preferred"
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Misranked:
    """An item on which statements have the wrong rank; `statements` have the right one."""

    stored: Stored
    statements: tuple[Statement, ...]

    def __str__(self) -> str:
        entity = self.stored.entity
        name = next(iter(entity.labels.values()), entity.id)
        count = len(self.statements)
        return f"{entity.id} {name}: {count} statement{'s' * (count != 1)} of the wrong rank"


def check_ranks(wikibase: Wikibase, ontology: Ontology) -> Iterator[Misranked]:
    """Find people's items on which the newest assessment of a skill does not lead."""
    binding = bound(wikibase, ontology, with_twins=True)
    declared = rules(ontology, binding)
    names = ("wikimedia_username", "pseudonym")
    people = sorted(
        {
            entity_id
            for name in names
            for _, entity_id in wikibase.identified(binding.property(name))
        },
        key=lambda entity_id: int(entity_id[1:]),
    )
    for start in range(0, len(people), _AT_ONCE):
        for stored in wikibase.read(people[start : start + _AT_ONCE]).values():
            wrong = misranked(stored.entity, declared)
            if wrong:
                yield Misranked(stored, wrong)


def fix_ranks(wikibase: Wikibase, found: Iterator[Misranked]) -> Iterator[Done]:
    """Give statements the rank that they should have."""
    changes = [
        Change(
            key=each.stored.entity.id,
            id=each.stored.entity.id,
            base=each.stored.revision,
            statements=each.statements,
            was=each.stored,
        )
        for each in found
    ]
    return perform(changes, wikibase, SUMMARY)
