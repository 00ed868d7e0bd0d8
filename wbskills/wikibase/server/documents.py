"""The document about one entity, as JSON or RDF, in the flavors of Wikibase.

`full` tells of the entity and names what it mentions; `dump` leaves those others out; `long`
has all statements without the nodes of values, `simple` only what is true by rank. JSON is
the same in all of them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pyoxigraph as ox

from wbskills.wikibase.embedded.rdf import RdfMapping
from wbskills.wikibase.embedded.rdf import Site as LinkedSite
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Stored
from wbskills.wikibase.model.values import EntityRef, Unknown
from wbskills.wikibase.model.wire import entity_to_json
from wbskills.wikibase.server.jsonld import jsonld
from wbskills.wikibase.server.prefixes import of_documents
from wbskills.wikibase.server.site import Site

FLAVORS: Final = ("simple", "dump", "long", "full")
NAMESPACES: Final = {Kind.ITEM: (120, "Item"), Kind.PROPERTY: (122, "Property")}

_RDF: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
}
_LANGUAGE: Final = "en"  # of the wiki and its pages
_PREFIXES: Final = re.compile(rb"\A(?:@prefix [^\n]*\n)+")
_COUNT: Final = re.compile(
    r"\S+ <http://wikiba\.se/ontology#(?:statements|sitelinks|identifiers)>"
)
# A number such as 1e-05; within a text the quotation mark would have a backslash before it.
_SMALL: Final = re.compile(r'(?<!\\)":(-?[0-9]+)(\.[0-9]+)?e([+-])0*([0-9]+)')


@dataclass(frozen=True, slots=True)
class Redirect:
    """An id that stands for another entity since the two were merged."""

    id: str
    revision: int
    modified: str


@dataclass(frozen=True, slots=True)
class Found:
    """An entity, and the redirect that led to it, if one did."""

    stored: Stored
    redirect: Redirect | None = None


def title(entity_id: str) -> str:
    """Give the title of an entity's page.

    >>> title("P5")
    'Property:P5'
    """
    kind = Kind.PROPERTY if entity_id.startswith("P") else Kind.ITEM
    return f"{NAMESPACES[kind][1]}:{entity_id}"


class Documents:
    """Writes the documents of one site, whose pages items link to by the name `wiki_id`."""

    def __init__(self, site: Site, wiki_id: str) -> None:
        self._store, self._wiki_id = site.store, wiki_id
        self._pages = f"{site.address}/wiki/"
        base = site.store.concept_base
        top = re.escape(base.removesuffix("entity/"))
        self._prefixes = of_documents(base)
        # Blank nodes, as in Wikibase's own documents; the store has IRIs in their place.
        sites = {wiki_id: LinkedSite(_LANGUAGE, wiki_id)}
        self._mapping = RdfMapping(base, sites=sites, skolemize=False)
        self._document = f"<{base.removesuffix('entity/')}wiki/Special:EntityData/"
        self._node = re.compile(rf"<{top}(?:entity/statement|reference|value)/")
        self._claim = re.compile(rf"<{re.escape(base)}\w+> <{top}prop/P[0-9]+> ")
        self._truthy = re.compile(rf"<{re.escape(base)}\w+> \S*{top}prop/(?:direct|novalue)/")
        self._truthy_novalue = re.compile(
            rf"<{re.escape(base)}\w+> <[^>]*#type> <{top}prop/novalue/"
        )
        self._to_value = re.compile(rf"\S+ <{top}prop/\w+/value/")
        self._value = re.compile(rf"<{top}value/")

    def json(self, found: Found) -> bytes:
        """Write the entity as JSON, as Wikibase does to the byte."""
        entity = found.stored.entity
        about = self.page(found.stored) | {"type": str(entity.kind)}
        if entity.datatype is not None:
            about["datatype"] = entity.datatype
        about |= entity_to_json(self._linked(entity))
        text = json.dumps({"entities": {entity.id: about}}, separators=(",", ":"))
        return _SMALL.sub(_as_php, text).encode()

    def page(self, stored: Stored) -> dict[str, Any]:
        """Give what Wikibase tells of the page that an entity stands on."""
        entity = stored.entity
        page_ids = self._store.pages.page_ids([entity.id])
        return {
            "pageid": page_ids.get(entity.id, stored.revision),
            "ns": NAMESPACES[entity.kind][0],
            "title": title(entity.id),
            "lastrevid": stored.revision,
            "modified": stored.modified,
        }

    def rdf(self, found: Found, form: str, flavor: str = "full") -> bytes:
        """Write the entity as RDF; `form` is ttl, nt, rdf or jsonld."""
        lines = dict.fromkeys(self._lines(found, flavor))
        if form == "jsonld":  # its short names go to those who come first
            lines = dict.fromkeys(sorted(lines, key=self._is_later))
        text = "".join(f"{line}\n" for line in lines)
        if form == "nt":
            return text.encode()
        if form == "rdf":
            # In XML a name must not begin with a digit; Wikibase itself writes it so.
            text = re.sub(r"(?m)(^| )_:(?=\w+ (?:\.?$|<))", r"\1_:n", text)
        triples = (quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES))
        if form == "jsonld":
            return jsonld(triples, self._prefixes)
        written = ox.serialize(triples, format=_RDF[form], prefixes=self._prefixes) or b""
        return self._in_order(written) if form == "ttl" else written

    def _in_order(self, turtle: bytes) -> bytes:
        """Put the prefixes into the order of Wikibase; they come in that of the alphabet."""
        lines = [f"@prefix {name}: <{iri}> .\n" for name, iri in self._prefixes.items()]
        return "".join(lines).encode() + _PREFIXES.sub(b"", turtle)

    def _linked(self, entity: Entity) -> Entity:
        """Fill in the addresses of the pages of this wiki, which it may have changed."""
        if all(link.url for link in entity.sitelinks):
            return entity
        links = tuple(
            replace(link, url=self._pages + link.title.replace(" ", "_"))
            if link.site == self._wiki_id
            else link
            for link in entity.sitelinks
        )
        return replace(entity, sitelinks=links)

    def _lines(self, found: Found, flavor: str) -> Iterator[str]:
        stored, redirect = found.stored, found.redirect
        if redirect is not None:
            here = (redirect.id, stored.entity.id, redirect.revision, redirect.modified)
            yield from self._mapping.redirect(*here).own
            if flavor == "dump":
                return
        stored = replace(stored, entity=self._linked(stored.entity))
        lines = self._mapping.triples(stored).lines()
        if flavor != "dump":
            lines += self._incoming(stored.entity.id)
        match flavor:
            case "simple":
                yield from (line for line in lines if self._is_simple(line))
            case "long":
                yield from (line for line in lines if self._is_long(line))
            case "full":
                yield from lines
                yield from self._stubs(stored.entity)
            case _:
                yield from lines

    def _is_later(self, line: str) -> int:
        """Tell in which part of Wikibase's order a line stands: document, truthy, the rest."""
        if line.startswith(self._document):
            return 0
        return 1 if self._truthy.match(line) or self._truthy_novalue.match(line) else 2

    def _is_simple(self, line: str) -> bool:
        return not (_COUNT.match(line) or self._node.match(line) or self._claim.match(line))

    def _is_long(self, line: str) -> bool:
        return not (
            _COUNT.match(line)
            or self._truthy.match(line)
            or self._truthy_novalue.match(line)
            or self._to_value.match(line)
            or self._value.match(line)
        )

    def _incoming(self, entity_id: str) -> list[str]:
        """Name the ids that are redirects to an entity."""
        redirects = self._store.pages.redirects()
        sources = [source for source, target in redirects.items() if target == entity_id]
        return [self._mapping.redirect(source, entity_id, 0).own[0] for source in sources]

    def _stubs(self, entity: Entity) -> Iterator[str]:
        """Tell the terms of what an entity mentions, and what its properties are."""
        mentioned = dict.fromkeys(_mentioned(entity))
        targets = self._store.pages.redirects(mentioned)
        for source, target in targets.items():
            yield self._mapping.redirect(source, target, 0).own[0]
        wanted = [targets.get(name, name) for name in mentioned]
        for stored in self._store.read(name for name in wanted if name != entity.id).values():
            bare = replace(
                stored.entity,
                labels=_in_site_language(stored.entity.labels),
                descriptions=_in_site_language(stored.entity.descriptions),
                aliases={},
                statements=(),
                sitelinks=(),
            )
            lines = self._mapping.triples(replace(stored, entity=bare)).own
            yield from (line for line in lines if not line.startswith(self._document))


def _as_php(number: re.Match[str]) -> str:
    whole, rest, sign, exponent = number.groups()
    return f'":{whole}{rest or ".0"}e{sign}{exponent}'


def _in_site_language(terms: Mapping[str, str]) -> Mapping[str, str]:
    # Wikibase names what an entity mentions in the language of the wiki alone.
    return {code: text for code, text in terms.items() if code == _LANGUAGE}


def _mentioned(entity: Entity) -> Iterator[str]:
    for snak in snaks(entity):
        yield snak.property
        yield from targets(snak)


def targets(snak: Snak) -> Iterable[str]:
    """List the entity that a snak points to, if it does."""
    match snak.value:
        case EntityRef(id) | Unknown("wikibase-entityid", {"id": str(id)}):
            return (id,)
        case _:
            return ()


def snaks(entity: Entity) -> Iterator[Snak]:
    """Go through all snaks of an entity: main ones, qualifiers, and those of references."""
    for statement in entity.statements:
        yield statement.main
        yield from statement.qualifiers
        for reference in statement.references:
            yield from reference.snaks
