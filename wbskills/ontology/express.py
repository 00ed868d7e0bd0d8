"""The ontology, waves and responses as entities: what a Wikibase should have."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from wbskills.domain import Asked, Assessment, Response, Wave
from wbskills.ontology.binding import Binding
from wbskills.ontology.entries import Entry, Fact, FactValue, Ontology, PropertyEntry, Terms
from wbskills.wikibase.model.edits import Correction, Desired, group_by_property
from wbskills.wikibase.model.entities import Entity, Kind, Reference, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Quantity, Text, Value, day, whole_number

# With the label, these keep Wikibase from creating an item twice.
PERSON: Final = {"en": "person in a capacity map of skills"}
WAVE: Final = {"en": "wave of a survey of skills"}
_ValuesAsked = Mapping[str, Mapping[Value, frozenset[str]] | None]
_ENTITIES: Final = ("wikibase-item", "wikibase-property")


class Expression:
    """Creates snaks, statements and entities with the ids of one Wikibase.

    Equal snaks are one object, so that what thousands of people share is made and hashed once.
    `today` is the day of retrieval in references; `salt` is that of response keys. What is `asked`
    and a response says no more is to be removed.
    """

    def __init__(
        self,
        ontology: Ontology,
        binding: Binding,
        *,
        salt: bytes = b"",
        today: date | None = None,
        asked: Asked | None = None,
    ) -> None:
        self._ontology, self._binding = ontology, binding
        self._salt, self._today = salt, today
        self._snaks: dict[tuple[str, FactValue], Snak] = {}
        self._asked, self._asked_text = asked, f"asked {asked}"
        self._values_asked = self._what_is_asked(asked) if asked is not None else {}

    def ontology(self) -> Iterator[Desired]:
        """Yield every property and item of the ontology."""
        for declared in self._ontology.properties.values():
            yield Desired(
                key=f"property/{declared.key}",
                entity=_entity(
                    declared.terms,
                    [self._keyed(declared.key), *self._formatter(declared)],
                    kind=Kind.PROPERTY,
                    datatype=declared.datatype,
                    entity_id=self._binding.properties.get(declared.key, ""),
                ),
            )
        yield from (self.entry(entry) for entry in self._ontology.entries.values())

    def _formatter(self, declared: PropertyEntry) -> Iterator[Statement]:
        if declared.formatter_url:
            yield self.statement(Fact("formatter_url", declared.formatter_url))

    def entry(self, entry: Entry) -> Desired:
        """Return an item of the ontology."""
        facts = [self.statement(fact) for fact in entry.facts]
        return Desired(
            key=entry.key,
            entity=_entity(
                entry.terms,
                [self._keyed(entry.key), *facts],
                entity_id=self._binding.items.get(entry.key, ""),
            ),
        )

    def wave(self, wave: Wave) -> Iterator[Desired]:
        """Yield the item of a wave and, for each skill asked in it, the statement that it was."""
        facts = [Fact("instance_of", "survey_wave_class")]
        for name, value in (
            ("start_time", wave.start),
            ("end_time", wave.end),
            ("url", wave.url),
            ("consent_text_url", wave.consent_text_url),
            ("license", wave.license),
            ("invited", wave.invited),
        ):
            if value not in ("", None):
                facts.append(Fact(name, value))
        yield Desired(
            key=wave.key,
            entity=_entity(
                Terms(labels=wave.labels, descriptions=WAVE),
                [self._keyed(wave.key), *(self.statement(fact) for fact in facts)],
                entity_id=self._binding.items.get(wave.key, ""),
            ),
        )
        for skill in wave.asked:
            asked = self.statement(Fact("asked_in", wave.key))
            yield Desired(
                key=skill, entity=Entity(id=self._binding.item(skill), statements=(asked,))
            )

    def response(self, response: Response) -> Desired:
        """Return the item of a person with the answers of one response."""
        on = Fact("point_in_time", response.on)
        reference = self._reference(response)
        statements = [
            self.statement(Fact("instance_of", "person")),
            self.statement(Fact(response.identity.property, response.identity.name)),
            *(self.statement(fact, reference) for fact in _person_facts(response, on)),
        ]
        shared = (self._snak(on), self.snak("survey_wave", response.wave))
        statements += [self._assessment(said, shared, reference) for said in response.assessments]
        return Desired(
            key=response.identity.key(),
            entity=Entity(
                labels={"en": response.identity.name},
                descriptions=PERSON,
                statements=group_by_property(statements),
            ),
            corrections=self._corrections(response, reference),
        )

    def _corrections(self, response: Response, reference: Reference) -> tuple[Correction, ...]:
        if self._asked is None:
            return ()
        wave_and_key = tuple(snak.value for snak in reference.snaks[:2] if snak.value is not None)
        when = day(response.on)
        return (Correction(source=wave_and_key, when=when, asked=self._values_asked),)

    def _what_is_asked(self, asked: Asked) -> _ValuesAsked:
        """Return the values that a survey asks about, by property, as `Correction` has them."""
        ids, known = self._binding.property, self._binding.items
        found: dict[str, dict[str, set[str]]] = {}
        for name, keys, part in (
            ("assessed_skill", asked.levels, "level"),
            ("assessed_skill", asked.interests, "interest"),
            ("speaks", asked.languages, "babel_level"),
        ):
            for key in keys & known.keys():
                found.setdefault(ids(name), {}).setdefault(known[key], set()).add(ids(part))
        values: dict[str, Mapping[Value, frozenset[str]] | None] = {
            name: {EntityRef(item): frozenset(parts) for item, parts in items.items()}
            for name, items in found.items()
        }
        return values | {ids(fact): None for fact in asked.facts}

    def digest(self, response: Response) -> bytes:
        """Return a hash of everything that a response says and was asked: all of it but its row.

        A repeated import skips a response whose hash is known, so whatever is written must be part
        of it. Hashes that are stored must stay valid: add a new field only where it is not empty.
        """
        # `repr` of forty assessments would take as long as reading their row. Keys have no blanks.
        said = [
            f"{assessment.skill} {assessment.level} {' '.join(assessment.interests)}"
            for assessment in response.assessments
        ]
        about = (
            response.identity,
            response.consent,
            response.wave,
            response.on,
            response.id,
            response.home_community,
            response.affiliation,
            response.speaks,
            response.time_zone,
            response.availability,
            response.role,
        )
        if response.consent.text_version:
            said.append(f"consent_text_version {response.consent.text_version}")
        if response.identified_by:
            said.append(f"identified_by {response.identified_by}")
        if self._asked is not None:  # what is not said may be taken back, if it was asked
            said.append(self._asked_text)
        text = "\n".join([repr(about), *said])
        return hashlib.blake2b(text.encode(), key=self._salt, digest_size=16).digest()

    def snak(self, property_key: str, value: FactValue) -> Snak:
        """Return the snak of a property and a value of the ontology."""
        found = self._snaks.get((property_key, value))
        if found is None:
            datatype = self._ontology.properties[property_key].datatype
            found = Snak(
                self._binding.property(property_key), self._value(datatype, value), datatype
            )
            if not isinstance(found.value, Text):  # most texts belong to one person
                self._snaks[property_key, value] = found
        return found

    def statement(self, fact: Fact, *references: Reference) -> Statement:
        """Return a fact as a statement of normal rank."""
        return Statement(
            self._snak(fact),
            tuple(self._snak(qualifier) for qualifier in fact.qualifiers),
            references,
        )

    def _assessment(
        self, said: Assessment, shared: tuple[Snak, ...], reference: Reference
    ) -> Statement:
        qualifiers = (self.snak("level", said.level), *shared) if said.level else shared
        if said.interests:
            qualifiers += tuple(self.snak("interest", interest) for interest in said.interests)
        return Statement(self.snak("assessed_skill", said.skill), qualifiers, (reference,))

    def _reference(self, response: Response) -> Reference:
        key = hashlib.blake2b(
            # The name is part of it: the key of a pseudonym must not be that of a username.
            f"{response.wave}\n{response.identity}\n{response.id}".encode(),
            key=self._salt,
            digest_size=10,
        ).hexdigest()
        snaks = [self.snak("stated_in", response.wave), self.snak("response_key", key)]
        if response.identified_by:
            snaks.append(self.snak("identified_by", response.identified_by))
        if self._today is not None:
            snaks.append(self.snak("retrieved", self._today))
        return Reference(tuple(snaks))

    def _keyed(self, key: str) -> Statement:
        return self.statement(Fact("wbskills_key", key))

    def _snak(self, fact: Fact) -> Snak:
        return self.snak(fact.property, fact.value)

    def _value(self, datatype: str, value: FactValue) -> Value:
        if datatype in _ENTITIES:
            return EntityRef(self._binding.item(str(value)))
        if isinstance(value, date):
            return day(value)
        if isinstance(value, Decimal):
            return Quantity(f"{value:+f}")
        return whole_number(value) if isinstance(value, int) else Text(value)


def _person_facts(response: Response, on: Fact) -> Iterable[Fact]:
    consent = response.consent
    agreed = [Fact("point_in_time", consent.on)]
    if consent.text_url:
        agreed.append(Fact("consent_text_url", consent.text_url))
    if consent.text_version:
        agreed.append(Fact("consent_text_version", consent.text_version))
    yield Fact("consent", consent.kind, tuple(agreed))
    for name, value in (
        ("home_community", response.home_community),
        ("affiliation", response.affiliation),
        ("time_zone", response.time_zone),
        ("availability", response.availability),
    ):
        if value:
            yield Fact(name, value, (on,))
    for each in response.speaks:
        how = (Fact("babel_level", each.babel_level),) if each.babel_level else ()
        yield Fact("speaks", each.language, (*how, on))
    if response.role:
        yield Fact("role", response.role)


def _entity(
    terms: Terms,
    statements: list[Statement],
    *,
    kind: Kind = Kind.ITEM,
    datatype: str | None = None,
    entity_id: str = "",
) -> Entity:
    return Entity(
        kind=kind,
        id=entity_id,
        datatype=datatype,
        labels=terms.labels,
        descriptions=terms.descriptions,
        aliases=terms.aliases,
        statements=group_by_property(statements),
    )
