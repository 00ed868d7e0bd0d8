"""Bringing a Wikibase up to the ontology, and finding out which ids its keys have there."""

from collections.abc import Iterator, Mapping
from typing import Final

from wbskills.errors import Fault, OntologyError, StoreError
from wbskills.model.diff import plan
from wbskills.model.edits import Edit
from wbskills.model.values import Text
from wbskills.ontology.binding import Binding, misfits, only_missing, rules, wrong_datatypes
from wbskills.ontology.entries import Ontology
from wbskills.ontology.express import Expression
from wbskills.store.journaling import Journal
from wbskills.store.perform import Done, perform
from wbskills.store.port import Wikibase

SUMMARY: Final = "ontology of wbskills"
_KEYS: Final = "wbskills_key"


def binding_of(wikibase: Wikibase, ontology: Ontology) -> Binding:
    """Find out which ids the keys of the ontology have on a Wikibase.

    The Wikibase alone tells: the property of keys is found by its label, all else by its key.
    What a profile says of ids comes on top of it, so that entities of others can be used.

    Raises `StoreError` if a key stands on two entities, `OntologyError` with everything that
    cannot be right about the ids that the profile gives.
    """
    given = wikibase.entities
    found = _found(wikibase, ontology, given)
    if not given:
        return found
    faults = list(misfits(ontology, found, given, wikibase.read(given.values())))
    if faults:
        raise OntologyError(f"the ids that the profile gives for {wikibase.concept_base}", faults)
    return found.given(given)


def _found(wikibase: Wikibase, ontology: Ontology, given: Mapping[str, str]) -> Binding:
    label = ontology.properties[_KEYS].terms.label("en")
    of_keys = given.get(_KEYS) or wikibase.find_property(label)
    if of_keys is None:
        return Binding()
    properties: dict[str, str] = {_KEYS: of_keys}
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
    """List what would change if the ontology were applied.

    Raises `OntologyError` with all properties that are there already and do not fit.
    """
    binding = binding_of(wikibase, ontology)
    binding, faults = _of_the_same_label(wikibase, ontology, binding)
    desired = list(Expression(ontology, binding).ontology())
    keys = {each.entity.id: each.key for each in desired if each.entity.id}
    read = wikibase.read(keys)
    faults += wrong_datatypes(ontology, binding, read)
    if faults:
        raise OntologyError(f"the Wikibase {wikibase.concept_base}", faults)
    theirs = set(wikibase.entities.values())
    declared = rules(ontology, binding)
    desired = [
        only_missing(each, read[each.entity.id].entity, declared)
        if each.entity.id in theirs and each.entity.id in read
        else each
        for each in desired
    ]
    present = {keys[entity_id]: stored for entity_id, stored in read.items()}
    return list(plan(desired, present, declared))


def _of_the_same_label(
    wikibase: Wikibase, ontology: Ontology, binding: Binding
) -> tuple[Binding, list[Fault]]:
    """Look for properties that would have to be made, and whose label is taken.

    One with our key was made a moment ago; any other is a fault.
    """
    taken: dict[str, str] = {}
    for key, declared in ontology.properties.items():
        if key not in binding.properties:
            entity_id = wikibase.find_property(declared.terms.label("en"))
            if entity_id is not None:
                taken[key] = entity_id
    read = wikibase.read(taken.values())
    of_keys = binding.property(_KEYS)
    faults, ours = [], {}
    for key, entity_id in taken.items():
        entity = read[entity_id].entity
        if Text(key) in entity.values(of_keys):
            ours[key] = entity_id
            continue
        faults.append(
            Fault(
                what=f"{entity_id} has the label “{ontology.properties[key].terms.label('en')}”"
                f" already; its datatype is {entity.datatype}",
                hint=f'{key} = "{entity_id}" among the entities of the profile, if it means the'
                " same; else another label there",
                column=key,
            )
        )
    return binding.given(ours), faults


def apply_ontology(
    wikibase: Wikibase, ontology: Ontology, journal: Journal | None = None
) -> Iterator[Done]:
    """Bring a Wikibase up to the ontology; what it holds besides is left alone.

    Raises `OntologyError`, before the first edit, with all properties that do not fit.
    """
    summary = SUMMARY if journal is None else f"{SUMMARY}, batch {journal.head.batch}"
    return perform(plan_ontology(wikibase, ontology), wikibase, summary, journal)


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
