"""The ontology as data: properties, and items with their terms and facts, named by keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

FactValue = str | int | Decimal | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Labels, descriptions and aliases by language."""

    labels: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def label(self, language: str = "en") -> str:
        """Return the label in a language, else in English, else in any language."""
        return (
            self.labels.get(language) or self.labels.get("en") or next(iter(self.labels.values()))
        )

    @property
    def names(self) -> list[str]:
        """List all labels and aliases in all languages."""
        return [*self.labels.values(), *(a for texts in self.aliases.values() for a in texts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyEntry:
    """A property: its datatype, and how its statements are told apart (see `plan.diff.Rules`).

    `formatter_url` is the address of what an identifier names, with `$1` in its place.
    """

    key: str
    datatype: str
    terms: Terms
    qualifiers: tuple[str, ...] = ()
    key_qualifiers: tuple[str, ...] = ()
    own_qualifiers: tuple[str, ...] = ()
    dated_by: str = ""
    complete_with: str = ""
    one_at_a_time: bool = False
    one_value: bool = False
    formatter_url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement with keys of the ontology: property, value, qualifiers.

    The datatype of the property says what the value is: the key of an item, a text, a number or
    a day.
    """

    property: str
    value: FactValue
    qualifiers: tuple["Fact", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item of the ontology, such as a skill, a level or a community.

    `section` is its part of the files (`skills`, `levels` …), `place` the file and table.
    `number` is the number of a level on its scale, None off the scale; `allowed` are the
    properties that a class allows on its items.
    """

    key: str
    section: str
    place: str
    terms: Terms
    facts: tuple[Fact, ...] = ()
    number: int | None = None
    allowed: tuple[str, ...] = ()

    def fact(self, property_key: str) -> FactValue | None:
        """Find the first value of a property."""
        return next((f.value for f in self.facts if f.property == property_key), None)


class _Printer(Protocol):
    def text(self, text: str, /) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ontology:
    """The properties and items of the files of the ontology, by key."""

    properties: Mapping[str, PropertyEntry]
    entries: Mapping[str, Entry]

    def __repr__(self) -> str:
        """Show only the size: all members would fill a hundred pages of a failing test."""
        return f"<Ontology: {len(self.properties)} properties, {len(self.entries)} entries>"

    def _repr_pretty_(self, printer: "_Printer", _cycle: object) -> None:
        """Show the same in hypothesis and IPython, which write out all members of a dataclass."""
        printer.text(repr(self))

    def section(self, name: str) -> dict[str, Entry]:
        """List the entries of one section (`skills`, `communities` …) in the order of the file."""
        return {key: entry for key, entry in self.entries.items() if entry.section == name}

    def levels(self, scale: str) -> dict[str, Entry]:
        """List the levels of a scale from the lowest to the highest."""
        steps = [
            entry
            for entry in self.section("levels").values()
            if entry.fact("part_of") == scale and entry.number is not None
        ]
        return {entry.key: entry for entry in sorted(steps, key=lambda entry: entry.number or 0)}

    def outside(self, scale: str) -> dict[str, Entry]:
        """List the answers outside a scale: does not apply, not sure."""
        return {
            key: entry
            for key, entry in self.section("levels").items()
            if entry.fact("part_of") == scale and entry.number is None
        }
