"""Consents that were taken back: a newer “no” of somebody who has an item."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from wbskills.model.entities import Entity
from wbskills.model.values import Time
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.store.port import Wikibase
from wbskills.surveys.findings import Listed, Listing
from wbskills.surveys.responses import Refusal
from wbskills.tasks.ontologies import binding_of

_AT_ONCE: Final = 200


def withdrawn(wikibase: Wikibase, ontology: Ontology, refusals: Iterable[Refusal]) -> Listed[int]:
    """List the rows by which people did not agree who have an item, and no newer consent."""
    found: Listing[int] = Listing()
    refusals = iter(refusals)
    binding = None
    while chunk := list(islice(refusals, _AT_ONCE)):
        binding = binding or binding_of(wikibase, ontology)
        for row in sorted(_rows(wikibase, binding, chunk)):
            found.add(row)
    return found.listed()


def _rows(wikibase: Wikibase, binding: Binding, chunk: list[Refusal]) -> Iterator[int]:
    for name in {each.identity.property for each in chunk}:
        of_name = {each.identity.name: each for each in chunk if each.identity.property == name}
        ids = dict(wikibase.identified(binding.property(name), of_name))
        read = wikibase.read(ids.values())
        for person, entity_id in ids.items():
            stored = read.get(entity_id)
            if stored is not None and _agreed(stored.entity, binding) <= of_name[person].on:
                yield of_name[person].row


def _agreed(entity: Entity, binding: Binding) -> str:
    """Tell on which day somebody agreed last."""
    consent, day = binding.property("consent"), binding.property("point_in_time")
    whens = [s.qualifier(day) for s in entity.statements if s.main.property == consent]
    return max((each.time[1:11] for each in whens if isinstance(each, Time)), default="")
