"""The ids that the keys of the ontology have on one Wikibase."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Final

from wbskills.errors import Fault
from wbskills.names import new
from wbskills.ontology.entries import Ontology
from wbskills.wikibase.model.edits import Desired
from wbskills.wikibase.model.entities import Entity, Stored
from wbskills.wikibase.plan.diff import Rules

_CLOSE: Final = 0.8  # one or two wrong letters in a key of usual length


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The ids of properties and items by key; keys without an id are still to be created."""

    properties: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)

    def property(self, key: str) -> str:
        """Return the id of a property; `new:KEY` if it has none yet."""
        return self.properties.get(key) or new(f"property/{key}")

    def item(self, key: str) -> str:
        """Return the id of an item; `new:KEY` if it has none yet."""
        return self.items.get(key) or new(key)

    def keys(self) -> dict[str, str]:
        """Return the key of each id."""
        ids = [*self.properties.items(), *self.items.items()]
        return {entity_id: key for key, entity_id in ids}

    def missing(self, ontology: Ontology) -> list[str]:
        """List the keys of the ontology that have no id yet."""
        return [key for key in ontology.properties if key not in self.properties] + [
            key for key in ontology.entries if key not in self.items
        ]

    def with_ids(self, ids: Mapping[str, str]) -> "Binding":
        """Return this binding with other ids for some keys."""
        properties = {key: each for key, each in ids.items() if each.startswith("P")}
        items = {key: each for key, each in ids.items() if not each.startswith("P")}
        return Binding(properties={**self.properties, **properties}, items={**self.items, **items})


def misfits(
    ontology: Ontology,
    found: Binding,
    given: Mapping[str, str],
    present: Mapping[str, Stored],
) -> Iterator[Fault]:
    """List the problems of ids that the user gave for keys.

    `found` has the ids by the keys on the Wikibase, `present` the entities by id.
    """
    for key, entity_id in given.items():
        is_property = entity_id.startswith("P")
        known = ontology.properties if is_property else ontology.entries
        other = ontology.entries if is_property else ontology.properties
        stored = (found.properties if is_property else found.items).get(key, entity_id)
        if key not in known and key in other:
            kinds = ("an item", "a property") if is_property else ("a property", "an item")
            yield _misfit(key, f"this is {kinds[0]}, and {entity_id} is {kinds[1]}")
        elif key not in known and (close := get_close_matches(key, known, cutoff=_CLOSE)):
            hint = f"use {' or '.join(close)}, if that is what you mean"
            yield _misfit(key, "the ontology has no such key", hint)
        elif entity_id not in present:
            yield _misfit(key, f"{entity_id} does not exist", "use the id of an existing entity")
        elif stored != entity_id:
            yield _misfit(
                key, f"{stored} has the key, and {entity_id} is given for it", f"use {stored}"
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
                f"use a property with the datatype {declared.datatype}",
            )


def only_missing(want: Desired, present: Entity, declared: Rules) -> Desired:
    """Add to an entity of others only statements that replace none of theirs."""
    has = {statement.main.property for statement in present.statements}
    lacking = tuple(
        statement
        for statement in want.entity.statements
        if statement.main.property not in has & declared.one_value
    )
    bare = replace(want.entity, labels={}, descriptions={}, aliases={}, statements=lacking)
    return Desired(key=want.key, entity=bare)


def _misfit(key: str, what: str, hint: str = "") -> Fault:
    return Fault(what=what, hint=hint, column=key)


def rules(ontology: Ontology, binding: Binding) -> Rules:
    """Return the rules that tell statements apart, with the ids of one Wikibase."""
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
