"""Consents that were taken back: a newer “no” of somebody with an item or words in the queue."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.surveys.responses.survey import ConsentRefusal
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.model.values import Time

_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A refusal, and what the Wikibase knows of whoever refused.

    `agreed_later` tells that somebody has agreed on a later day, in another survey.
    """

    refusal: ConsentRefusal
    has_item: bool = False
    agreed_later: bool = False


def withdrawals(
    wikibase: Wikibase, ontology: Ontology, refusals: Iterable[ConsentRefusal]
) -> Iterator[Withdrawal]:
    """Look up everybody who did not agree, a few hundred at a time."""
    refusals = iter(refusals)
    binding = None
    while chunk := list(islice(refusals, _AT_ONCE)):
        binding = binding or binding_of(wikibase, ontology)
        yield from _looked_up(wikibase, binding, chunk)


def _looked_up(
    wikibase: Wikibase, binding: Binding, chunk: list[ConsentRefusal]
) -> Iterator[Withdrawal]:
    for name in {each.identity.property: None for each in chunk}:
        of_name = [each for each in chunk if each.identity.property == name]
        names = [each.identity.name for each in of_name]
        ids = dict(wikibase.identified(binding.property(name), names))
        read = wikibase.read(ids.values())
        for each in of_name:
            stored = read.get(ids.get(each.identity.name, ""))
            when = agreed(stored.entity, binding) if stored is not None else ""
            yield Withdrawal(each, stored is not None, when > each.on)


def agreed(entity: Entity, binding: Binding) -> str:
    """Tell on which day somebody agreed last."""
    consent, day = binding.property("consent"), binding.property("point_in_time")
    whens = [s.qualifier(day) for s in entity.statements if s.main.property == consent]
    return max((each.time[1:11] for each in whens if isinstance(each, Time)), default="")
