"""Adding the ontology to a Wikibase, and finding the ids that its keys have there."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from wbskills.errors import Fault, OntologyError, StoreError
from wbskills.ontology.binding import Binding, misfits, only_missing, rules, wrong_datatypes
from wbskills.ontology.entries import Ontology
from wbskills.ontology.express import Expression
from wbskills.wikibase.embedded.dry_run import DryRun
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.edits import Change, Create, Edit, apply_change
from wbskills.wikibase.model.entities import Entity, Kind
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.plan.diff import plan
from wbskills.wikibase.plan.perform import CompletedEdit, perform

SUMMARY: Final = "ontology of wbskills"
_KEYS: Final = "wbskills_key"


def binding_of(wikibase: Wikibase, ontology: Ontology, *, with_twins: bool = False) -> Binding:
    """Find the ids that the keys of the ontology have on a Wikibase.

    The property of keys is found by its label, everything else by its key. Ids in the profile
    take precedence, so that entities of others can be used.

    Raises `StoreError` if a key is on two entities, unless `with_twins`: then the one with the
    lower id counts. Raises `OntologyError` with all problems of the ids in the profile.
    """
    given = wikibase.entities
    found = _found(wikibase, ontology, with_twins=with_twins)
    if not given:
        return found
    faults = list(misfits(ontology, found, given, wikibase.read(given.values())))
    if faults:
        raise OntologyError(f"the ids in the profile of {wikibase.concept_base}", faults)
    return found.with_ids(given)


def property_of_keys(wikibase: Wikibase, ontology: Ontology) -> str | None:
    """Find the property that has the keys of the ontology."""
    label = ontology.properties[_KEYS].terms.label("en")
    return wikibase.entities.get(_KEYS) or wikibase.find_property(label)


def _found(wikibase: Wikibase, ontology: Ontology, *, with_twins: bool) -> Binding:
    of_keys = property_of_keys(wikibase, ontology)
    if of_keys is None:
        return Binding()
    properties: dict[str, str] = {_KEYS: of_keys}
    items: dict[str, str] = {}
    pairs = sorted(wikibase.find_by_identifier(of_keys), key=lambda pair: int(pair[1][1:]))
    for key, entity_id in pairs:
        ids = properties if entity_id.startswith("P") else items
        if ids.setdefault(key, entity_id) != entity_id and not with_twins:
            raise StoreError(
                f"the key “{key}” is on both {ids[key]} and {entity_id}",
                hint="run “wbskills check --fix” to merge items; remove the key from a property",
            )
    return Binding(properties=properties, items=items)


def plan_ontology(wikibase: Wikibase, ontology: Ontology) -> list[Edit]:
    """Plan the edits that bring a Wikibase up to the ontology.

    Raises `OntologyError` with everything in the Wikibase that does not fit.
    """
    binding = binding_of(wikibase, ontology)
    binding = binding.with_ids(_just_created(wikibase, ontology, binding))
    desired = list(Expression(ontology, binding).ontology())
    keys = {each.entity.id: each.key for each in desired if each.entity.id}
    read = wikibase.read(keys)
    theirs = set(wikibase.entities.values())
    declared = rules(ontology, binding)
    desired = [
        only_missing(each, read[each.entity.id].entity, declared)
        if each.entity.id in theirs and each.entity.id in read
        else each
        for each in desired
    ]
    present = {keys[entity_id]: stored for entity_id, stored in read.items()}
    edits = list(plan(desired, present, declared))
    faults = [*_taken(wikibase, ontology, edits), *wrong_datatypes(ontology, binding, read)]
    if faults:
        raise OntologyError(f"the Wikibase {wikibase.concept_base}", faults)
    return edits


def _just_created(wikibase: Wikibase, ontology: Ontology, binding: Binding) -> dict[str, str]:
    """Find new properties by label, which the index does not yet have by their keys."""
    found: dict[str, str] = {}
    for key, declared in ontology.properties.items():
        if key not in binding.properties:
            entity_id = wikibase.find_property(declared.terms.label("en"))
            if entity_id is not None:
                found[key] = entity_id
    read = wikibase.read(found.values())
    of_keys = binding.property(_KEYS)
    return {
        key: entity_id
        for key, entity_id in found.items()
        if Text(key) in read[entity_id].entity.values(of_keys)
    }


def _taken(wikibase: Wikibase, ontology: Ontology, edits: list[Edit]) -> Iterator[Fault]:
    """List the entities that could not be written because others have their labels."""
    taken: dict[str, set[str]] = {}
    for edit in edits:
        found = set()
        if isinstance(edit, Create):
            found = wikibase.label_conflicts(edit.entity)
        elif edit.was is not None and (edit.labels or edit.descriptions):
            found = wikibase.label_conflicts(apply_change(edit.was.entity, edit))
        if found:
            taken[edit.key.removeprefix("property/")] = found
    read = wikibase.read(sorted(set().union(*taken.values())))
    for key, others in taken.items():
        for entity_id in sorted(others & read.keys()):
            yield _clash(ontology, key, read[entity_id].entity)


def _clash(ontology: Ontology, key: str, other: Entity) -> Fault:
    hint = f'if it means the same, add {key} = "{other.id}" to [wikibase.NAME.entities]; or use'
    if other.kind is Kind.ITEM:
        label = ontology.entries[key].terms.label("en")
        what = f"{other.id} already has the label “{label}” and the same description"
        return Fault(
            what=what, hint=f"{hint} another label or description for {other.id}", column=key
        )
    declared = ontology.properties[key]
    what = f"{other.id} already has the label “{declared.terms.label('en')}”"
    if other.datatype == declared.datatype:
        return Fault(what=what, hint=f"{hint} another label for {other.id}", column=key)
    return Fault(
        what=f"{what}; its datatype is {other.datatype}, {declared.datatype} is needed",
        hint=f"use another label for {other.id}; the datatype of a property cannot be changed",
        column=key,
    )


def apply_ontology(
    wikibase: Wikibase, ontology: Ontology, journal: Journal | None = None
) -> Iterator[CompletedEdit]:
    """Add the ontology to a Wikibase, or bring it up to date; what others added is left alone.

    Raises `OntologyError`, before the first edit, with everything that does not fit.
    """
    summary = SUMMARY if journal is None else f"{SUMMARY}, batch {journal.head.batch}"
    return perform(plan_ontology(wikibase, ontology), wikibase, summary, journal)


def preview_ontology(wikibase: Wikibase, ontology: Ontology) -> list[Edit]:
    """List the edits that `apply_ontology` would make; changes of new entities have no id.

    Raises `OntologyError` as `apply_ontology` does.
    """
    edits = [done.edit for done in apply_ontology(DryRun(wikibase), ontology)]
    new = {edit.key for edit in edits if isinstance(edit, Create)}
    return [
        replace(edit, id="") if isinstance(edit, Change) and edit.key in new else edit
        for edit in edits
    ]


def bound(wikibase: Wikibase, ontology: Ontology, *, with_twins: bool = False) -> Binding:
    """Return the ids of the ontology on a Wikibase that has all of it.

    Raises `StoreError` if entries are missing there, and as `binding_of` does.
    """
    binding = binding_of(wikibase, ontology, with_twins=with_twins)
    missing = binding.missing(ontology)
    if missing:
        named = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        raise StoreError(
            f"{len(missing)} entries of the ontology are missing from this Wikibase: {named}",
            hint="run “wbskills ontology apply”",
        )
    return binding
