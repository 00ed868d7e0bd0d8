"""Which id each key of the ontology has on one Wikibase."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from wbskills.errors import Fault
from wbskills.names import new
from wbskills.ontology.entries import Ontology
from wbskills.wikibase.model.edits import Desired
from wbskills.wikibase.model.entities import Entity, Stored
from wbskills.wikibase.plan.diff import Rules

_NEAR: Final = 0.8  # as difflib counts: a letter or two in a key of usual length


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The ids of properties and items by key; a key without an id is one still to be created."""

    properties: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)

    def property(self, key: str) -> str:
        """Give the id of a property; `new:KEY` if it has none yet."""
        return self.properties.get(key) or new(f"property/{key}")

    def item(self, key: str) -> str:
        """Give the id of an item; `new:KEY` if it has none yet."""
        return self.items.get(key) or new(key)

    def keys(self) -> dict[str, str]:
        """Give the key of each id."""
        ids = [*self.properties.items(), *self.items.items()]
        return {entity_id: key for key, entity_id in ids}

    def missing(self, ontology: Ontology) -> list[str]:
        """List the keys of the ontology that have no id yet."""
        return [key for key in ontology.properties if key not in self.properties] + [
            key for key in ontology.entries if key not in self.items
        ]

    def given(self, ids: Mapping[str, str]) -> "Binding":
        """Give the binding with the ids that some keys have because the user says so."""
        properties = {key: each for key, each in ids.items() if each.startswith("P")}
        items = {key: each for key, each in ids.items() if not each.startswith("P")}
        return Binding(properties={**self.properties, **properties}, items={**self.items, **items})


def misfits(
    ontology: Ontology,
    found: Binding,
    given: Mapping[str, str],
    present: Mapping[str, Stored],
) -> Iterator[Fault]:
    """List what cannot be right about ids that the user gave for keys.

    `found` is what the Wikibase itself says of keys, `present` has the entities by id.
    """
    for key, entity_id in given.items():
        is_property = entity_id.startswith("P")
        known = ontology.properties if is_property else ontology.entries
        other = ontology.entries if is_property else ontology.properties
        stands = (found.properties if is_property else found.items).get(key, entity_id)
        if key not in known and key in other:
            kinds = ("an item", "a property") if is_property else ("a property", "an item")
            yield _misfit(key, f"this is {kinds[0]}, and {entity_id} is {kinds[1]}")
        elif key not in known and (near := difflib.get_close_matches(key, known, cutoff=_NEAR)):
            yield _misfit(key, "the ontology has no such key", " or ".join(near))
        elif entity_id not in present:
            yield _misfit(key, f"there is no {entity_id}", "the id of what is there")
        elif stands != entity_id:
            yield _misfit(
                key,
                f"the key stands on {stands}, and {entity_id} is given for it",
                "one of the two",
            )


def wrong_datatypes(
    ontology: Ontology, binding: Binding, present: Mapping[str, Stored]
) -> Iterator[Fault]:
    """List the properties that have another datatype than the ontology declares."""
    for key, declared in ontology.properties.items():
        stored = present.get(binding.property(key))
        if stored is not None and stored.entity.datatype != declared.datatype:
            yield _misfit(
                key,
                f"{stored.entity.id} has the datatype {stored.entity.datatype},"
                f" {declared.datatype} is needed",
                "a property of that datatype; the datatype of a property never changes",
            )


def only_missing(want: Desired, present: Entity, declared: Rules) -> Desired:
    """Ask of somebody else's entity no more than statements that take no other's place."""
    has = {statement.main.property for statement in present.statements}
    lacking = tuple(
        each
        for each in want.entity.statements
        if each.main.property not in has & declared.one_value
    )
    bare = replace(want.entity, labels={}, descriptions={}, aliases={}, statements=lacking)
    return Desired(key=want.key, entity=bare)


def _misfit(key: str, what: str, hint: str = "") -> Fault:
    return Fault(what=what, hint=hint, column=key)


def rules(ontology: Ontology, binding: Binding) -> Rules:
    """Give the rules by which statements are told apart, in ids of one Wikibase."""
    declared = ontology.properties.values()
    ids = binding.property
    return Rules(
        key_qualifiers={
            ids(p.key): tuple(ids(q) for q in p.key_qualifiers)
            for p in declared
            if p.key_qualifiers
        },
        own_qualifiers={
            ids(p.key): frozenset(ids(q) for q in p.own_qualifiers)
            for p in declared
            if p.own_qualifiers
        },
        dated_by={ids(p.key): ids(p.dated_by) for p in declared if p.dated_by},
        complete_with={ids(p.key): ids(p.complete_with) for p in declared if p.complete_with},
        one_at_a_time=frozenset(ids(p.key) for p in declared if p.one_at_a_time),
        one_value=frozenset(ids(p.key) for p in declared if p.one_value),
        source=(ids("stated_in"), ids("response_key")),
    )
