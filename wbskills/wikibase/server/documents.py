"""The document about one entity, as JSON, or as RDF in the flavors of Wikibase.

Flavors of RDF: `full` describes the entity and names what it mentions; `dump` omits those names;
`long` has all statements without value nodes; `simple` has only best-ranked values. JSON has no
flavors.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import pyoxigraph as ox

from wbskills.wikibase.embedded.rdf import LinkedSite, RdfMapping
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Stored
from wbskills.wikibase.model.values import EntityRef, Unknown
from wbskills.wikibase.model.wire import entity_to_json
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.sparql_text import document_prefixes

FLAVORS: Final = ("simple", "dump", "long", "full")
NAMESPACES: Final = {Kind.ITEM: (120, "Item"), Kind.PROPERTY: (122, "Property")}

_RDF: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
}
_LANGUAGE: Final = "en"  # of the wiki and its pages
_PREFIXES: Final = re.compile(rb"\A(?:@prefix [^\n]*\n)+")
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_SHARED: Final = ("wdref:", "wdv:")  # nodes of references and values
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")  # what every JSON parser reads exactly
_LOCAL: Final = re.compile(r"\w[\w-]*")
_COUNT: Final = r"\S+ <http://wikiba\.se/ontology#(?:statements|sitelinks|identifiers)>"
# A number such as 1e-05; inside a string, the quotation mark would be escaped.
_EXPONENT: Final = re.compile(r'(?<!\\)":(-?[0-9]+)(\.[0-9]+)?e([+-])0*([0-9]+)')


Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Redirect:
    """An id that redirects to another entity, with the revision and time of the redirect."""

    id: str
    revision: int
    modified: str


@dataclass(frozen=True, slots=True)
class ResolvedEntity:
    """An entity, and the redirect that led to it, if any."""

    stored: Stored
    redirect: Redirect | None = None


def page_title(entity_id: str) -> str:
    """Return the title of an entity's page.

    >>> page_title("P5")
    'Property:P5'
    """
    kind = Kind.PROPERTY if entity_id.startswith("P") else Kind.ITEM
    return f"{NAMESPACES[kind][1]}:{entity_id}"


def referenced_ids(snak: Snak) -> Iterable[str]:
    """Return the id of the entity that is the value of a snak, if it is one."""
    match snak.value:
        case EntityRef(id) | Unknown("wikibase-entityid", {"id": str(id)}):
            return (id,)
        case _:
            return ()


def all_snaks(entity: Entity) -> Iterator[Snak]:
    """Yield all snaks of an entity: main ones, qualifiers, and those of references."""
    for statement in entity.statements:
        yield statement.main
        yield from statement.qualifiers
        for reference in statement.references:
            yield from reference.snaks


class Documents:
    """Writes the documents of one site; sitelinks to its pages have the site id `wiki_id`."""

    def __init__(self, site: Site, wiki_id: str) -> None:
        self._store, self._wiki_id = site.store, wiki_id
        self._pages = f"{site.address}/wiki/"
        base = site.store.concept_base
        top = re.escape(base.removesuffix("entity/"))
        self._prefixes = document_prefixes(base)
        # Blank nodes, as in Wikibase's own documents; the store has IRIs in their place.
        sites = {wiki_id: LinkedSite(_LANGUAGE, wiki_id)}
        self._mapping = RdfMapping(base, sites=sites, skolemize=False)
        self._document = f"<{base.removesuffix('entity/')}wiki/Special:EntityData/"
        entity = rf"<{re.escape(base)}\w+>"
        node = rf"<{top}(?:entity/statement|reference|value)/"
        claim = rf"{entity} <{top}prop/P[0-9]+> "
        truthy = rf"{entity} (?:\S*{top}prop/(?:direct|novalue)/|<[^>]*#type> <{top}prop/novalue/)"
        value = rf"<{top}value/|\S+ <{top}prop/\w+/value/"
        self._truthy = re.compile(truthy)
        self._omitted = {
            "simple": re.compile(f"{_COUNT}|{node}|{claim}"),
            "long": re.compile(f"{_COUNT}|{truthy}|{value}"),
        }

    def json(self, found: ResolvedEntity) -> bytes:
        """Return the entity as JSON, byte for byte as Wikibase writes it."""
        entity = found.stored.entity
        page_ids = self._store.pages.page_ids([entity.id])
        members: dict[str, Any] = {
            "pageid": page_ids.get(entity.id, found.stored.revision),
            "ns": NAMESPACES[entity.kind][0],
            "title": page_title(entity.id),
            "lastrevid": found.stored.revision,
            "modified": found.stored.modified,
            "type": str(entity.kind),
        }
        if entity.datatype is not None:
            members["datatype"] = entity.datatype
        members |= entity_to_json(self._with_page_urls(entity))
        text = json.dumps({"entities": {entity.id: members}}, separators=(",", ":"))
        return _EXPONENT.sub(_as_php, text).encode()

    def rdf(self, found: ResolvedEntity, form: str, flavor: str = "full") -> bytes:
        """Return the entity as RDF; `form` is ttl, nt, rdf or jsonld."""
        lines = dict.fromkeys(self._lines(found, flavor))
        if form == "jsonld":  # the order decides which predicates get short names
            lines = dict.fromkeys(sorted(lines, key=self._part))
        text = "".join(f"{line}\n" for line in lines)
        if form == "nt":
            return text.encode()
        if form == "rdf":
            # In XML, a name must not begin with a digit; Wikibase renames blank nodes, too.
            text = re.sub(r"(?m)(^| )_:(?=\w+ (?:\.?$|<))", r"\1_:n", text)
        triples = (quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES))
        if form == "jsonld":
            return _jsonld(triples, self._prefixes)
        written = ox.serialize(triples, format=_RDF[form], prefixes=self._prefixes) or b""
        return self._sort_prefixes(written) if form == "ttl" else written

    def _sort_prefixes(self, turtle: bytes) -> bytes:
        """Put the prefixes into the order of Wikibase."""
        lines = [f"@prefix {name}: <{iri}> .\n" for name, iri in self._prefixes.items()]
        return "".join(lines).encode() + _PREFIXES.sub(b"", turtle)

    def _with_page_urls(self, entity: Entity) -> Entity:
        """Add the URLs of sitelinks to this wiki, which depend on where it is served."""
        if all(link.url for link in entity.sitelinks):
            return entity
        links = tuple(
            replace(link, url=self._pages + link.title.replace(" ", "_"))
            if link.site == self._wiki_id
            else link
            for link in entity.sitelinks
        )
        return replace(entity, sitelinks=links)

    def _lines(self, found: ResolvedEntity, flavor: str) -> Iterator[str]:
        stored, redirect = found.stored, found.redirect
        if redirect is not None:
            here = (redirect.id, stored.entity.id, redirect.revision, redirect.modified)
            yield from self._mapping.redirect(*here).own
            if flavor == "dump":
                return
        stored = replace(stored, entity=self._with_page_urls(stored.entity))
        lines = self._mapping.triples(stored).lines()
        if flavor != "dump":
            lines += self._incoming(stored.entity.id)
        omitted = self._omitted.get(flavor)
        yield from (line for line in lines if omitted is None or not omitted.match(line))
        if flavor == "full":
            yield from self._stubs(stored.entity)

    def _part(self, line: str) -> int:
        """Return the part of Wikibase's order that a line belongs to: document, truthy, rest."""
        if line.startswith(self._document):
            return 0
        return 1 if self._truthy.match(line) else 2

    def _incoming(self, entity_id: str) -> list[str]:
        """Return the triples of redirects to an entity."""
        redirects = self._store.pages.redirects()
        sources = [source for source, target in redirects.items() if target == entity_id]
        return [self._mapping.redirect(source, entity_id, 0).own[0] for source in sources]

    def _stubs(self, entity: Entity) -> Iterator[str]:
        """Yield terms and types of the entities that an entity mentions."""
        mentioned = dict.fromkeys(_mentioned(entity))
        targets = self._store.pages.redirects(mentioned)
        for source, target in targets.items():
            yield self._mapping.redirect(source, target, 0).own[0]
        wanted = [targets.get(name, name) for name in mentioned]
        for stored in self._store.read(name for name in wanted if name != entity.id).values():
            bare = replace(
                stored.entity,
                labels=_in_wiki_language(stored.entity.labels),
                descriptions=_in_wiki_language(stored.entity.descriptions),
                aliases={},
                statements=(),
                sitelinks=(),
            )
            lines = self._mapping.triples(replace(stored, entity=bare)).own
            yield from (line for line in lines if not line.startswith(self._document))


def _as_php(number: re.Match[str]) -> str:
    """Return a number with an exponent as PHP writes it."""
    whole, rest, sign, exponent = number.groups()
    return f'":{whole}{rest or ".0"}e{sign}{exponent}'


def _in_wiki_language(terms: Mapping[str, str]) -> Mapping[str, str]:
    # Wikibase has the terms of mentioned entities in the language of the wiki only.
    return {code: text for code, text in terms.items() if code == _LANGUAGE}


def _mentioned(entity: Entity) -> Iterator[str]:
    for snak in all_snaks(entity):
        yield snak.property
        yield from referenced_ids(snak)


def _jsonld(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return triples as JSON-LD in the form of Wikibase, in their order.

    `@graph` comes first, then `@context`. A predicate is named by its local name, or with its
    prefix if another predicate has that name already. The type of its first object stands in
    the context, and is omitted from all objects of this type.
    """
    every = list(triples)
    document = _JsonLd(_without_schemes(prefixes, every))
    document.name_predicates(every)
    graph = [
        document.node(list(group))
        for _, group in groupby(every, key=lambda triple: triple.subject)
    ]
    found = {"@graph": graph, "@context": document.context}
    return json.dumps(found, ensure_ascii=False, indent=4).encode()


def _without_schemes(prefixes: Mapping[str, str], triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Omit prefixes that are also the scheme of an address, as in `geo:12,34`."""
    schemes = {
        iri.value.partition(":")[0]
        for triple in triples
        for iri in (triple.subject, triple.object)
        if isinstance(iri, ox.NamedNode)
    }
    return {name: base for name, base in prefixes.items() if name not in schemes}


class _JsonLd:
    def __init__(self, prefixes: Mapping[str, str]) -> None:
        # The longest first, because `prop/direct/` begins with `prop/`.
        self._prefixes = sorted(prefixes.items(), key=lambda pair: -len(pair[1]))
        self.context: Json = {}
        self._terms: dict[str, str] = {}  # by predicate
        self._coerced: dict[str, str] = {}  # datatypes or @id, by predicate

    def name_predicates(self, triples: Iterable[ox.Triple]) -> None:
        """Name predicates in the order of triples; those of references where they are cited."""
        later: dict[str, list[ox.Triple]] = {}
        waiting: list[ox.Triple] = []
        for triple in triples:
            subject = self._reference(triple.subject)
            shared = later.setdefault(subject, []) if subject.startswith(_SHARED) else waiting
            shared.append(triple)
        waiting.reverse()
        while waiting:
            triple = waiting.pop()
            if triple.predicate.value != _TYPE:
                self._term(triple.predicate.value, triple.object)
            waiting += reversed(later.pop(self._reference(triple.object), []))

    def node(self, triples: list[ox.Triple]) -> Json:
        """Return the triples of one subject as a JSON object."""
        found: Json = {"@id": self._reference(triples[0].subject)}
        for triple in triples:
            if triple.predicate.value == _TYPE:
                _add(found, "@type", self._reference(triple.object))
            else:
                term = self._term(triple.predicate.value, triple.object)
                _add(found, term, self._object(triple.predicate.value, triple.object))
        return found

    def _reference(self, node: Any) -> str:  # noqa: ANN401 - a term of a triple
        return self._compact(node.value) if isinstance(node, ox.NamedNode) else str(node)

    def _compact(self, iri: str) -> str:
        for name, base in self._prefixes:
            local = iri.removeprefix(base)
            if local != iri and _LOCAL.fullmatch(local):
                self.context.setdefault(name, base)
                return f"{name}:{local}"
        return iri

    def _term(self, predicate: str, object_: Any) -> str:  # noqa: ANN401 - a term of a triple
        known = self._terms.get(predicate)
        if known is not None:
            return known
        compact = self._compact(predicate)
        kind = _kind(object_)
        coerced = self._compact(kind) if kind not in {"", "@id"} else kind
        about = {"@type": coerced} if coerced else {}
        local = compact.rpartition(":")[2]
        if compact != predicate and local not in self.context:
            term = local
            self.context[term] = {"@id": compact, **about}
        else:
            term = compact
            if about:
                self.context[term] = about
        self._terms[predicate], self._coerced[predicate] = term, kind
        return term

    def _object(self, predicate: str, object_: Any) -> Any:  # noqa: ANN401 - a term, JSON
        kind, expected = _kind(object_), self._coerced[predicate]
        if kind == "@id":
            reference = self._reference(object_)
            return reference if expected == "@id" else {"@id": reference}
        if kind:
            if kind == expected:
                return object_.value
            return {"@type": self._compact(kind), "@value": object_.value}
        if object_.language:
            return {"@language": object_.language, "@value": object_.value}
        is_number = object_.datatype.value == f"{_XSD}integer"
        value = int(object_.value) if is_number else object_.value
        return {"@value": value} if expected else value


def _kind(object_: Any) -> str:  # noqa: ANN401 - a term of a triple
    """Return the datatype of a literal, `@id` for a node; empty for what JSON has itself."""
    if not isinstance(object_, ox.Literal):
        return "@id"
    datatype = object_.datatype.value
    if object_.language or datatype == f"{_XSD}string":
        return ""
    if datatype == f"{_XSD}integer" and _INTEGER.fullmatch(object_.value):
        return ""
    return datatype


def _add(node: Json, term: str, value: Any) -> None:  # noqa: ANN401 - JSON
    if term not in node:
        node[term] = value
    elif isinstance(node[term], list):
        node[term].append(value)
    else:
        node[term] = [node[term], value]
