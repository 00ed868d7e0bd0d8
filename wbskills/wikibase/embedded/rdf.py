"""Entities as RDF: the triples that Wikibase itself would give for the same JSON.

The mapping is that of Wikibase's dumps
(https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format), with the same names for
statements, references and values, so that a query written for one Wikibase runs on another. It
is checked triple by triple against a real Wikibase in `tests/wikibase/embedded/test_rdf.py`.

Normalised values (`wdtn:`, `psn:`, …) are not written: they need conversions of units and the
formatters of external ids, which are settings of one wiki.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from wbskills.errors import InvalidValue
from wbskills.wikibase.embedded.ntriples import XSD, find_iri, literal, resource, tagged, typed
from wbskills.wikibase.embedded.rdf_properties import OWL, definition
from wbskills.wikibase.embedded.rdf_values import ONTOLOGY, A, full_value, text_object
from wbskills.wikibase.model.entities import Entity, Kind, Rank, Reference, Snak, Statement, Stored
from wbskills.wikibase.model.hashes import value_hash
from wbskills.wikibase.model.values import (
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
)

CC0: Final = "http://creativecommons.org/publicdomain/zero/1.0/"
FORMAT_VERSION: Final = "1.0.0"

_SCHEMA = "http://schema.org/"

_STATEMENT = f" {A} <{ONTOLOGY}Statement> ."
_BEST = f" {A} <{ONTOLOGY}BestRank> ."
_RANKS = {
    Rank.PREFERRED: f" <{ONTOLOGY}rank> <{ONTOLOGY}PreferredRank> .",
    Rank.NORMAL: f" <{ONTOLOGY}rank> <{ONTOLOGY}NormalRank> .",
    Rank.DEPRECATED: f" <{ONTOLOGY}rank> <{ONTOLOGY}DeprecatedRank> .",
}
_DERIVED = "<http://www.w3.org/ns/prov#wasDerivedFrom>"
_LABELS = (
    "<http://www.w3.org/2000/01/rdf-schema#label>",
    "<http://www.w3.org/2004/02/skos/core#prefLabel>",
    f"<{_SCHEMA}name>",
)
_DESCRIPTION = f"<{_SCHEMA}description>"
_ALIAS = "<http://www.w3.org/2004/02/skos/core#altLabel>"

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_ODD = re.compile(r"[^A-Za-z0-9_-]")
_HOST = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(?:[^/?#@]*@)?([^/?#:]+)")

_REMEMBERED = 4096  # snaks of each place, and references; about 1 kB each

_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class EntityTriples:
    """What one entity says, as lines of N-Triples without their line ends.

    `own`: the lines that nothing but this entity gives rise to; a line may stand there twice.
    `shared`: the lines of each reference, value and site that the entity points to, by the IRI
    of that node. Other entities that point to the same node give rise to the same lines, so
    they may go only when the last of these entities goes.
    """

    own: tuple[str, ...]
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """List all lines, each once."""
        every = [*self.own, *(line for lines in self.shared.values() for line in lines)]
        return list(dict.fromkeys(every))


@dataclass(frozen=True, slots=True)
class Site:
    """A site that sitelinks lead to: its language, as BCP 47 has it, and its group of sites."""

    language: str
    group: str


class _Said(NamedTuple):
    """What a snak says: the lines without their subject, and the value nodes they lead to."""

    tails: tuple[str, ...]
    nodes: Mapping[str, tuple[str, ...]]


class _Cited(NamedTuple):
    """What a reference says: the line without its subject that leads to it, and its nodes."""

    tail: str
    iri: str
    nodes: Mapping[str, tuple[str, ...]]


class _Valued(NamedTuple):
    """A value: as an object, and as the node that tells all of it; no `node`, no such node."""

    object: str
    node: str = ""
    lines: tuple[str, ...] = ()


_NO_NODES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class _Memory(Generic[_Key, _Found]):
    """What was worked out for the snaks, or references, seen last.

    The same ones stand in the statements of thousands of people. They are found by which
    object it is, which is fast, or else by what they say. An entry keeps its object, so that
    no other object can get its id.
    """

    def __init__(self) -> None:
        self._same: dict[int, tuple[_Key, _Found]] = {}
        self._equal: dict[_Key, _Found] = {}

    def find(self, key: _Key) -> _Found | None:
        same = self._same.get(id(key))
        return self._equal.get(key) if same is None else same[1]

    def keep(self, key: _Key, found: _Found) -> _Found:
        if len(self._same) >= _REMEMBERED:
            self._same.clear()
            self._equal.clear()
        self._same[id(key)] = (key, found)
        self._equal[key] = found
        return found


class _Place:
    """Where a snak may stand, and so with which predicates it is written.

    `prefix` is Wikibase's own for the namespace; blank nodes are named with it. `full` is the
    namespace of the predicates that lead to value nodes; empty where there are none.
    """

    def __init__(self, prefix: str, simple: str, full: str = "") -> None:
        self.prefix, self.simple, self.full = prefix, simple, full
        self.memory = _Memory[Snak, _Said]()


class RdfMapping:
    """How one Wikibase writes its entities as RDF.

    `concept_base` is where its entities are, `https://example.org/entity/`; `data_base` is
    where their data is, by default `wiki/Special:EntityData/` on the same host. `sites` are
    those that sitelinks may lead to, by their ids; a sitelink to another, or without its
    address, is left out. With `skolemize` “some value” is an IRI below `.well-known/genid/`,
    whose triples can be removed one by one; without, it is a blank node, as in Wikibase's
    dumps. Both are named by Wikibase's own hash. Without `documents`, what the document about
    an entity tells is told of the entity, and the rest of the document left out: so the query
    service has it (https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual).

    Remembers what it wrote last, within bounds; to use it in several threads is safe.

    Raises `InvalidValue` if `concept_base` does not end in a slash.
    """

    def __init__(
        self,
        concept_base: str,
        *,
        data_base: str | None = None,
        license: str = CC0,  # noqa: A002 - the word that everybody has for it
        sites: Mapping[str, Site] = MappingProxyType({}),
        skolemize: bool = True,
        documents: bool = True,
    ) -> None:
        if not concept_base.endswith("/"):
            raise InvalidValue(
                f"“{concept_base}” is not where a Wikibase has its entities",
                hint="an address such as http://localhost:8181/entity/",
            )
        top = concept_base.removesuffix("entity/")
        self._concepts = concept_base
        self._data = data_base or f"{top}wiki/Special:EntityData/"
        self._top, self._prop = top, f"{top}prop/"
        self._license, self._sites, self._skolemize = license, sites, skolemize
        self._documents = documents
        prop = self._prop
        self._truthy = _Place("wdt", f"{prop}direct/")
        self._main = _Place("ps", f"{prop}statement/", f"{prop}statement/value/")
        self._qualifier = _Place("pq", f"{prop}qualifier/", f"{prop}qualifier/value/")
        self._reference = _Place("pr", f"{prop}reference/", f"{prop}reference/value/")
        self._references = _Memory[Reference, _Cited]()

    def triples(self, stored: Stored) -> EntityTriples:
        """Write an entity: its document, terms, statements, sitelinks and definition.

        Raises `InvalidValue` if a statement has no id.
        """
        entity = stored.entity
        subject = self._of_entity(entity.id)
        shared: dict[str, tuple[str, ...]] = {}
        own = self._document(entity.id) if self._documents else []
        told_of = self._of_document(entity.id) if self._documents else subject
        own += _state(told_of, stored.revision, stored.modified)
        own += _counts(told_of, entity)
        own.append(f"{subject} {A} <{ONTOLOGY}{entity.kind.capitalize()}> .")
        own += _terms(subject, entity)
        self._add_statements(subject, entity.statements, own, shared)
        self._add_sitelinks(subject, entity, own, shared)
        if entity.datatype is not None:
            name = _local(entity.id)
            others = self._anonymous(f"owl:complementOf-local-{name}")
            own += definition(subject, self._prop, name, entity.datatype, others)
        return EntityTriples(tuple(own), shared)

    def redirect(
        self, source: str, target: str, revision: int, modified: str = ""
    ) -> EntityTriples:
        """Write that the entity of the id `source` was merged into that of `target`."""
        document = self._document(source)
        document += _state(self._of_document(source), revision, modified)
        same = f"{self._of_entity(source)} <{OWL}sameAs> {self._of_entity(target)} ."
        return EntityTriples((same, *document))

    def _document(self, entity_id: str) -> list[str]:
        document = self._of_document(entity_id)
        return [
            f"{document} {A} <{_SCHEMA}Dataset> .",
            f"{document} <{_SCHEMA}about> {self._of_entity(entity_id)} .",
            f"{document} <http://creativecommons.org/ns#license> {resource(self._license)} .",
            f'{document} <{_SCHEMA}softwareVersion> "{FORMAT_VERSION}" .',
        ]

    def _add_statements(
        self,
        subject: str,
        statements: tuple[Statement, ...],
        own: list[str],
        shared: dict[str, tuple[str, ...]],
    ) -> None:
        led = {each.main.property for each in statements if each.rank is Rank.PREFERRED}
        for statement in statements:
            main, rank = statement.main, statement.rank
            name = statement_name(statement.id)
            node = f"<{self._concepts}statement/{name}>"
            own += (
                f"{subject} <{self._prop}{_local(main.property)}> {node} .",
                node + _STATEMENT,
                node + _RANKS[rank],
            )
            if rank is Rank.PREFERRED or (rank is Rank.NORMAL and main.property not in led):
                own.append(node + _BEST)
                own += [subject + tail for tail in self._said(self._truthy, main, name).tails]
            said = self._said(self._main, main, name)
            own += [node + tail for tail in said.tails]
            shared.update(said.nodes)
            for snak in statement.qualifiers:
                said = self._said(self._qualifier, snak, name)
                own += [node + tail for tail in said.tails]
                shared.update(said.nodes)
            for reference in statement.references:
                cited = self._cited(reference)
                own.append(node + cited.tail)
                if cited.iri not in shared:
                    shared.update(cited.nodes)

    def _said(self, place: _Place, snak: Snak, parent: str) -> _Said:
        """Write a snak; `parent` is the last part of the IRI of what it belongs to."""
        found = place.memory.find(snak)
        if found is not None:
            return found
        name = _local(snak.property)
        if snak.value is not None:
            return place.memory.keep(snak, self._said_of_value(place, snak, name))
        if snak.kind == "novalue":
            return place.memory.keep(
                snak, _Said((f" {A} <{self._prop}novalue/{name}> .",), _NO_NODES)
            )
        node = self._anonymous(f"{parent}-{place.prefix}-v-{snak.hash}")
        return _Said((f" <{place.simple}{name}> {node} .",), _NO_NODES)

    def _said_of_value(self, place: _Place, snak: Snak, name: str) -> _Said:
        valued = self._valued(snak)
        if valued is None:
            return _Said((), _NO_NODES)
        tail = f" <{place.simple}{name}> {valued.object} ."
        if not valued.node or not place.full:
            return _Said((tail,), _NO_NODES)
        leads = f" <{place.full}{name}> <{valued.node}> ."
        return _Said((tail, leads), {valued.node: valued.lines})

    def _cited(self, reference: Reference) -> _Cited:
        found = self._references.find(reference)
        if found is not None:
            return found
        iri = f"{self._top}reference/{reference.hash}"
        lines = [f"<{iri}> {A} <{ONTOLOGY}Reference> ."]
        nodes: dict[str, tuple[str, ...]] = {}
        for snak in reference.snaks:
            said = self._said(self._reference, snak, reference.hash)
            lines += [f"<{iri}>{tail}" for tail in said.tails]
            nodes.update(said.nodes)
        nodes[iri] = tuple(lines)
        return self._references.keep(reference, _Cited(f" {_DERIVED} <{iri}> .", iri, nodes))

    def _valued(self, snak: Snak) -> _Valued | None:
        """Write a value; None if it is of a kind that has no place in RDF."""
        match snak.value:
            case EntityRef(id):
                return _Valued(self._of_entity(id))
            case Text(text):
                return _Valued(text_object(text, snak.datatype))
            case Monolingual(language, text):
                return _Valued(tagged(text, language))
            case Time() | Quantity() | Coordinate() as value:
                return self._with_node(value)
            case Unknown("wikibase-entityid", {"id": str(id)}):
                return _Valued(self._of_entity(id))
            case _:
                return None

    def _with_node(self, value: Time | Quantity | Coordinate) -> _Valued:
        simple, tails = full_value(value)
        node = f"{self._top}value/{value_hash(value)}"
        return _Valued(simple, node, tuple(f"<{node}>{tail}" for tail in tails))

    def _add_sitelinks(
        self, subject: str, entity: Entity, own: list[str], shared: dict[str, tuple[str, ...]]
    ) -> None:
        for link in entity.sitelinks:
            site, host = self._sites.get(link.site), _HOST.match(link.url or "")
            if site is None or link.url is None or host is None:
                continue
            home = f"{host.group(1)}{host.group(2)}/"
            page, whole = find_iri(link.url), find_iri(home)
            if page is None or whole is None:
                continue
            own += (
                f"{page} {A} <{_SCHEMA}Article> .",
                f"{page} <{_SCHEMA}about> {subject} .",
                f"{page} <{_SCHEMA}inLanguage> {literal(site.language)} .",
                f"{page} <{_SCHEMA}isPartOf> {whole} .",
                f"{page} <{_SCHEMA}name> {tagged(link.title, site.language)} .",
            )
            own += [
                f"{page} <{ONTOLOGY}badge> {self._of_entity(badge)} ." for badge in link.badges
            ]
            group = f"{whole} <{ONTOLOGY}wikiGroup> {literal(site.group)} ."
            shared[home] = (group,)

    def _of_entity(self, entity_id: str) -> str:
        return f"<{self._concepts}{_local(entity_id)}>"

    def _of_document(self, entity_id: str) -> str:
        return f"<{self._data}{_local(entity_id)}>"

    def _anonymous(self, identity: str) -> str:
        """Name a node that has no name of its own, as Wikibase does."""
        name = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()
        return f"<{self._top}.well-known/genid/{name}>" if self._skolemize else f"_:{name}"


def _state(subject: str, revision: int, modified: str) -> list[str]:
    lines = [f'{subject} <{_SCHEMA}version> "{revision}"^^<{XSD}integer> .']
    if modified:
        when = typed(modified, f"{XSD}dateTime")
        lines.append(f"{subject} <{_SCHEMA}dateModified> {when} .")
    return lines


def _counts(subject: str, entity: Entity) -> list[str]:
    counts = {"statements": len(entity.statements)}
    if entity.kind is Kind.ITEM:
        counts["sitelinks"] = len(entity.sitelinks)
        counts["identifiers"] = sum(
            statement.main.datatype == "external-id" for statement in entity.statements
        )
    return [
        f'{subject} <{ONTOLOGY}{what}> "{count}"^^<{XSD}integer> .'
        for what, count in counts.items()
    ]


def _terms(subject: str, entity: Entity) -> list[str]:
    lines = []
    for language, text in entity.labels.items():
        label = tagged(text, language)
        lines += [f"{subject} {predicate} {label} ." for predicate in _LABELS]
    for language, text in entity.descriptions.items():
        lines.append(f"{subject} {_DESCRIPTION} {tagged(text, language)} .")
    for language, texts in entity.aliases.items():
        lines += [f"{subject} {_ALIAS} {tagged(text, language)} ." for text in texts]
    return lines


def _local(entity_id: str) -> str:
    """Give an id as the last part of an IRI. Only an id that is none has to be changed."""
    if entity_id.isalnum() and entity_id.isascii():
        return entity_id
    return quote(entity_id, safe="", errors="replace")


def statement_name(statement_id: str | None) -> str:
    """Give a GUID as the last part of an IRI: Wikibase puts a dash for each odd character."""
    if statement_id is None:
        raise InvalidValue("a statement that is in no Wikibase yet has no name in RDF")
    name = statement_id.replace("$", "-")
    return name if _NAME.fullmatch(name) else _ODD.sub("-", name)
