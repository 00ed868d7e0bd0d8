"""Bringing a Wikibase up to the ontology, and finding out which ids its keys have there."""

from collections.abc import Iterator

from wbskills.errors import StoreError
from wbskills.model.diff import plan
from wbskills.model.edits import Edit
from wbskills.ontology.binding import Binding, rules
from wbskills.ontology.entries import Ontology
from wbskills.ontology.express import Expression
from wbskills.store.perform import Done, perform
from wbskills.store.port import Wikibase

SUMMARY = "ontology of wbskills"


def binding_of(wikibase: Wikibase, ontology: Ontology) -> Binding:
    """Find out which ids the keys of the ontology have on a Wikibase.

    The Wikibase alone tells: the property of keys is found by its label, all else by its key.
    Raises `StoreError` if a key stands on two entities.
    """
    label = ontology.properties["wbskills_key"].terms.label("en")
    of_keys = wikibase.find_property(label)
    if of_keys is None:
        return Binding()
    properties: dict[str, str] = {"wbskills_key": of_keys}
    items: dict[str, str] = {}
    for key, entity_id in wikibase.identified(of_keys):
        ids = properties if entity_id.startswith("P") else items
        if ids.setdefault(key, entity_id) != entity_id:
            raise StoreError(
                f"the key “{key}” stands on {ids[key]} and on {entity_id}",
                hint="removing it from the wrong one",
            )
    return Binding(properties=properties, items=items)


def plan_ontology(wikibase: Wikibase, ontology: Ontology) -> list[Edit]:
    """List what would change if the ontology were applied."""
    binding = binding_of(wikibase, ontology)
    desired = list(Expression(ontology, binding).ontology())
    keys = {each.entity.id: each.key for each in desired if each.entity.id}
    present = {keys[entity_id]: stored for entity_id, stored in wikibase.read(keys).items()}
    return list(plan(desired, present, rules(ontology, binding)))


def apply_ontology(wikibase: Wikibase, ontology: Ontology) -> Iterator[Done]:
    """Bring a Wikibase up to the ontology; what it holds besides is left alone."""
    return perform(plan_ontology(wikibase, ontology), wikibase, SUMMARY)


def bound(wikibase: Wikibase, ontology: Ontology) -> Binding:
    """Give the binding of a Wikibase that has the whole ontology.

    Raises `StoreError` if something of it is missing there.
    """
    binding = binding_of(wikibase, ontology)
    missing = binding.missing(ontology)
    if missing:
        named = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        raise StoreError(
            f"this Wikibase lacks {len(missing)} entries of the ontology: {named}",
            hint="wbskills ontology apply",
        )
    return binding
