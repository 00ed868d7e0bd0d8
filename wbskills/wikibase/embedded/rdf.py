"""Entities as RDF: the triples that Wikibase itself writes for the same JSON.

The mapping and all names are those of Wikibase's dumps
(https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format), so a query written for one
Wikibase runs on another. `tests/wikibase/embedded/test_rdf.py` compares it triple by triple with
a real Wikibase.

Normalised values (`wdtn:`, `psn:`, …) are not written: they need unit conversions and formatters
of external ids, which are settings of one wiki.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from wbskills.errors import InvalidValue
from wbskills.wikibase.embedded.rdf_terms import (
    ONTOLOGY,
    OWL,
    XSD,
    A,
    find_iri,
    full_value,
    literal,
    property_definition,
    resource,
    tagged,
    text_object,
    typed,
)
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

_MOST_CACHED = 4096  # snaks of each position, and references; about 1 kB each

_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class EntityTriples:
    """The triples of one entity, as lines of N-Triples without line ends.

    `own`: the lines of this entity alone; a line may occur twice. `shared`: the lines of each
    reference, value and site that the entity points to, by the IRI of that node. Other entities
    may share these lines, so they can be removed only with the last entity that points there.
    """

    own: tuple[str, ...]
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """List all lines without repetitions."""
        every = [*self.own, *(line for lines in self.shared.values() for line in lines)]
        return list(dict.fromkeys(every))


@dataclass(frozen=True, slots=True)
class LinkedSite:
    """A site of sitelinks: its BCP 47 language tag and its group of sites."""

    language: str
    group: str


class _SnakLines(NamedTuple):
    """A snak: its lines without their subject, and the value nodes they point to."""

    tails: tuple[str, ...]
    nodes: Mapping[str, tuple[str, ...]]


class _ReferenceLines(NamedTuple):
    """A reference: the line that points to it, without its subject, and its nodes."""

    tail: str
    iri: str
    nodes: Mapping[str, tuple[str, ...]]


class _ValueTerm(NamedTuple):
    """A value as an object, and its full value node with its lines; no `node` if it has none."""

    object: str
    node: str = ""
    lines: tuple[str, ...] = ()


_NO_NODES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class _Cache(Generic[_Key, _Found]):
    """The lines of recent snaks or references, which thousands of statements share.

    Looked up by object identity, which is fast, then by value. An entry keeps its object, so
    that no other object can get its id.
    """

    def __init__(self) -> None:
        self._same: dict[int, tuple[_Key, _Found]] = {}
        self._equal: dict[_Key, _Found] = {}

    def get(self, key: _Key) -> _Found | None:
        same = self._same.get(id(key))
        return self._equal.get(key) if same is None else same[1]

    def put(self, key: _Key, found: _Found) -> _Found:
        if len(self._same) >= _MOST_CACHED:
            self._same.clear()
            self._equal.clear()
        self._same[id(key)] = (key, found)
        self._equal[key] = found
        return found


class _Position:
    """Where a snak is used, which decides its predicates.

    `prefix` is Wikibase's prefix of the namespace, part of the names of blank nodes. `full` is
    the namespace of predicates that point to value nodes; empty if there are none.
    """

    def __init__(self, prefix: str, simple: str, full: str = "") -> None:
        self.prefix, self.simple, self.full = prefix, simple, full
        self.cache = _Cache[Snak, _SnakLines]()


class RdfMapping:
    """The RDF of one Wikibase. Keeps a bounded cache; safe to use from several threads.

    `concept_base` is the base of entity IRIs, `https://example.org/entity/`; `data_base` that of
    their documents, by default `wiki/Special:EntityData/` on the same host. `sites` are those of
    sitelinks, by id; a sitelink to another site, or without an address, is left out. With
    `skolemize`, “some value” is an IRI below `.well-known/genid/`, whose triples can be removed
    one by one; without, a blank node as in Wikibase's dumps. Without `documents`, version and
    date belong to the entity itself, and its document is left out, as in the query service
    (https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual).

    Raises `InvalidValue` if `concept_base` does not end in a slash.
    """

    def __init__(
        self,
        concept_base: str,
        *,
        data_base: str | None = None,
        license: str = CC0,  # noqa: A002 - the usual word
        sites: Mapping[str, LinkedSite] = MappingProxyType({}),
        skolemize: bool = True,
        documents: bool = True,
    ) -> None:
        if not concept_base.endswith("/"):
            raise InvalidValue(
                f"“{concept_base}” is not the address of the entities of a Wikibase",
                hint="use an address such as http://localhost:8181/entity/",
            )
        top = concept_base.removesuffix("entity/")
        self._concepts = concept_base
        self._data = data_base or f"{top}wiki/Special:EntityData/"
        self._top, self._prop = top, f"{top}prop/"
        self._license, self._sites, self._skolemize = license, sites, skolemize
        self._documents = documents
        prop = self._prop
        self._truthy = _Position("wdt", f"{prop}direct/")
        self._main = _Position("ps", f"{prop}statement/", f"{prop}statement/value/")
        self._qualifier = _Position("pq", f"{prop}qualifier/", f"{prop}qualifier/value/")
        self._reference = _Position("pr", f"{prop}reference/", f"{prop}reference/value/")
        self._references = _Cache[Reference, _ReferenceLines]()

    def triples(self, stored: Stored) -> EntityTriples:
        """Write an entity: its document, terms, statements, sitelinks and definition.

        Raises `InvalidValue` if a statement has no id.
        """
        entity = stored.entity
        subject = self._of_entity(entity.id)
        shared: dict[str, tuple[str, ...]] = {}
        own = self._document(entity.id) if self._documents else []
        about = self._of_document(entity.id) if self._documents else subject
        own += _state(about, stored.revision, stored.modified)
        own += _counts(about, entity)
        own.append(f"{subject} {A} <{ONTOLOGY}{entity.kind.capitalize()}> .")
        own += _terms(subject, entity)
        self._add_statements(subject, entity.statements, own, shared)
        self._add_sitelinks(subject, entity, own, shared)
        if entity.datatype is not None:
            name = _local(entity.id)
            complement = self._anonymous(f"owl:complementOf-local-{name}")
            own += property_definition(subject, self._prop, name, entity.datatype, complement)
        return EntityTriples(tuple(own), shared)

    def redirect(
        self, source: str, target: str, revision: int, modified: str = ""
    ) -> EntityTriples:
        """Write a redirect from the entity with the id `source` to that with the id `target`."""
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
        preferred = {
            statement.main.property for statement in statements if statement.rank is Rank.PREFERRED
        }
        for statement in statements:
            main, rank = statement.main, statement.rank
            name = statement_name(statement.id)
            node = f"<{self._concepts}statement/{name}>"
            own += (
                f"{subject} <{self._prop}{_local(main.property)}> {node} .",
                node + _STATEMENT,
                node + _RANKS[rank],
            )
            if rank is Rank.PREFERRED or (rank is Rank.NORMAL and main.property not in preferred):
                own.append(node + _BEST)
                own += [subject + tail for tail in self._snak(self._truthy, main, name).tails]
            lines = self._snak(self._main, main, name)
            own += [node + tail for tail in lines.tails]
            shared.update(lines.nodes)
            for snak in statement.qualifiers:
                lines = self._snak(self._qualifier, snak, name)
                own += [node + tail for tail in lines.tails]
                shared.update(lines.nodes)
            for reference in statement.references:
                reference_lines = self._reference_lines(reference)
                own.append(node + reference_lines.tail)
                if reference_lines.iri not in shared:
                    shared.update(reference_lines.nodes)

    def _snak(self, position: _Position, snak: Snak, parent: str) -> _SnakLines:
        """Write a snak; `parent` is the last part of the IRI of its statement or reference."""
        found = position.cache.get(snak)
        if found is not None:
            return found
        name = _local(snak.property)
        if snak.value is not None:
            return position.cache.put(snak, self._value_snak(position, snak, name))
        if snak.kind == "novalue":
            return position.cache.put(
                snak, _SnakLines((f" {A} <{self._prop}novalue/{name}> .",), _NO_NODES)
            )
        node = self._anonymous(f"{parent}-{position.prefix}-v-{snak.hash}")
        return _SnakLines((f" <{position.simple}{name}> {node} .",), _NO_NODES)

    def _value_snak(self, position: _Position, snak: Snak, name: str) -> _SnakLines:
        value = self._value(snak)
        if value is None:
            return _SnakLines((), _NO_NODES)
        tail = f" <{position.simple}{name}> {value.object} ."
        if not value.node or not position.full:
            return _SnakLines((tail,), _NO_NODES)
        leads = f" <{position.full}{name}> <{value.node}> ."
        return _SnakLines((tail, leads), {value.node: value.lines})

    def _reference_lines(self, reference: Reference) -> _ReferenceLines:
        found = self._references.get(reference)
        if found is not None:
            return found
        iri = f"{self._top}reference/{reference.hash}"
        lines = [f"<{iri}> {A} <{ONTOLOGY}Reference> ."]
        nodes: dict[str, tuple[str, ...]] = {}
        for snak in reference.snaks:
            written = self._snak(self._reference, snak, reference.hash)
            lines += [f"<{iri}>{tail}" for tail in written.tails]
            nodes.update(written.nodes)
        nodes[iri] = tuple(lines)
        found = _ReferenceLines(f" {_DERIVED} <{iri}> .", iri, nodes)
        return self._references.put(reference, found)

    def _value(self, snak: Snak) -> _ValueTerm | None:
        """Write a value; None if its kind cannot be written as RDF."""
        match snak.value:
            case EntityRef(id):
                return _ValueTerm(self._of_entity(id))
            case Text(text):
                return _ValueTerm(text_object(text, snak.datatype))
            case Monolingual(language, text):
                return _ValueTerm(tagged(text, language))
            case Time() | Quantity() | Coordinate() as value:
                return self._with_node(value)
            case Unknown("wikibase-entityid", {"id": str(id)}):
                return _ValueTerm(self._of_entity(id))
            case _:
                return None

    def _with_node(self, value: Time | Quantity | Coordinate) -> _ValueTerm:
        simple, tails = full_value(value)
        node = f"{self._top}value/{value_hash(value)}"
        return _ValueTerm(simple, node, tuple(f"<{node}>{tail}" for tail in tails))

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
        """Name a node without an id of its own, as Wikibase does."""
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
    """Return an id as the last part of an IRI; only text that is not an id is changed."""
    if entity_id.isalnum() and entity_id.isascii():
        return entity_id
    return quote(entity_id, safe="", errors="replace")


def statement_name(statement_id: str | None) -> str:
    """Return a GUID as the last part of an IRI: other characters become dashes, as in Wikibase."""
    if statement_id is None:
        raise InvalidValue("a statement without an id has no name in RDF")
    name = statement_id.replace("$", "-")
    return name if _NAME.fullmatch(name) else _ODD.sub("-", name)
