"""Everything that is stored about a person, for themselves: as rows, JSON and CSV."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Ontology
from wbskills.table import Column, Table
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Monolingual, Quantity, Text, Time, Value
from wbskills.wikibase.model.wire import entity_to_json

_COLUMNS = (
    Column("item", "Item"),
    Column("what", "What"),
    Column("value", "Value"),
    Column("details", "Details"),
    Column("source", "Source"),
)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One statement in words; `details` are its qualifiers, `source` its references."""

    what: str
    value: str
    details: tuple[str, ...]
    source: tuple[str, ...]


class Wording:
    """Names the properties and items of one Wikibase in a language."""

    def __init__(
        self, wikibase: Wikibase, binding: Binding, ontology: Ontology, language: str
    ) -> None:
        self._wikibase, self._keys = wikibase, binding.keys()
        self._ontology, self._language = ontology, language
        self._labels: dict[str, str] = {}

    def rows(self, entity: Entity) -> Iterator[StoredRow]:
        """Yield the statements of an item."""
        for statement in entity.statements:
            yield StoredRow(
                self._property(statement.main.property),
                self._value(statement.main.value),
                tuple(map(self._snak, statement.qualifiers)),
                tuple(self._sources(statement)),
            )

    def _sources(self, statement: Statement) -> Iterator[str]:
        for reference in statement.references:
            yield "; ".join(map(self._snak, reference.snaks))

    def _snak(self, snak: Snak) -> str:
        return f"{self._property(snak.property)}: {self._value(snak.value)}"

    def _property(self, property_id: str) -> str:
        declared = self._ontology.properties.get(self._keys.get(property_id, ""))
        return declared.terms.label(self._language) if declared else property_id

    def _value(self, value: Value | None) -> str:
        match value:
            case EntityRef():
                entry = self._ontology.entries.get(self._keys.get(value.id, ""))
                return entry.terms.label(self._language) if entry else self._label(value.id)
            case Text() | Monolingual():
                return value.text
            case Time():
                return value.time[1:11]
            case Quantity():
                return value.amount.removeprefix("+")
            case _:
                return "–"

    def _label(self, item: str) -> str:
        """Return the label of an item that the ontology does not have, such as a wave."""
        if item not in self._labels:
            stored = self._wikibase.read([item]).get(item)
            labels = stored.entity.labels if stored else {}
            self._labels[item] = labels.get(self._language) or labels.get("en") or item
        return self._labels[item]


def stored_table(items: Mapping[str, Entity], wording: Wording) -> Table:
    """List every statement of some items, for a spreadsheet."""
    rows = [
        (item, row.what, row.value, "; ".join(row.details), " | ".join(row.source))
        for item, entity in items.items()
        for row in wording.rows(entity)
    ]
    return Table(_COLUMNS, tuple(rows))


def stored_json(items: Mapping[str, Entity], private: Mapping[str, object]) -> dict[str, Any]:
    """Return everything about a person: items as Wikibase has them, and what is not public."""
    return {
        "items": {item: entity_to_json(entity) for item, entity in items.items()},
        "private": private,
    }
