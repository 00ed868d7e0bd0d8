"""Which id each key of the ontology has on one Wikibase."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wbskills.model.diff import Rules
from wbskills.model.ids import new
from wbskills.ontology.entries import Ontology


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
        one_at_a_time=frozenset(ids(p.key) for p in declared if p.one_at_a_time),
        one_value=frozenset(ids(p.key) for p in declared if p.one_value),
        source=(ids("stated_in"), ids("response_key")),
    )
