"""Engines behind the part of a Wikibase that queries need."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import pyoxigraph as ox
import rdflib
from SPARQLWrapper import JSON, POST, SPARQLWrapper

from tests.query.made import BASE, World
from wbskills.ontology.entries import Ontology
from wbskills.query.run import run
from wbskills.query.saved import SavedQuery
from wbskills.table import Cell, Iri, Table
from wbskills.tasks.ontologies import bound
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import LocalWikibase, SelectResult, TableQuery, Wikibase
from wbskills.wikibase.sparql_results import literal_cell, read_solutions


class Graph:
    """A graph that answers SELECT queries, and knows people by name."""

    concept_base = BASE

    def __init__(self, world: World) -> None:
        self.world = world

    def find_by_identifier(self, property_id: str, names: Iterable[str]) -> list[tuple[str, str]]:
        """Find people by user name and all else by key."""
        if property_id == self.world.binding.properties["wikimedia_username"]:
            known = [(person.name, person.id) for person in self.world.people]
        else:
            known = list(self.world.keys.items())
        return [(name, found) for name, found in known if name in names]

    def wikibase(self) -> Wikibase:
        """Pass for a whole Wikibase: `run` asks no more of it than this."""
        return cast("Wikibase", self)


class Oxigraph(Graph):
    """The engine of the embedded store."""

    def __init__(self, world: World, triples: bytes) -> None:
        super().__init__(world)
        self.store = ox.Store()
        self.store.bulk_load(triples, format=ox.RdfFormat.N_TRIPLES)

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query."""
        found = self.store.query(sparql)
        assert isinstance(found, ox.QuerySolutions)
        return read_solutions(found)


class Rdflib(Graph):
    """An engine that shares nothing with the other."""

    def __init__(self, world: World, triples: bytes) -> None:
        super().__init__(world)
        self.graph = rdflib.Graph()
        self.graph.parse(data=triples, format="nt")

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query."""
        found = self.graph.query(sparql)
        variables = tuple(map(str, found.vars or ()))
        rows = [tuple(map(cell_of, cast("Iterable[object]", row))) for row in found]
        return SelectResult(variables, rows)


def cell_of(term: object) -> Cell:
    """Read a term of rdflib."""
    if isinstance(term, rdflib.URIRef):
        return Iri(str(term))
    if isinstance(term, rdflib.Literal):
        # rdflib writes the moment of UTC as +00:00, and whole decimals as 3.0.
        text = str(term).replace("+00:00", "Z")
        return literal_cell(text, str(term.datatype or ""))
    return None


class Elsewhere:
    """A Wikibase whose SPARQL is answered by another engine; all else is asked of the first."""

    def __init__(self, wikibase: LocalWikibase) -> None:
        self._wikibase = wikibase
        self.concept_base = wikibase.concept_base
        self.find_by_identifier = wikibase.find_by_identifier

    def wikibase(self) -> Wikibase:
        """Pass for a whole Wikibase: `run` asks no more of it than this."""
        return cast("Wikibase", self)


class InRdflib(Elsewhere):
    """rdflib, over the triples of the store."""

    def __init__(self, wikibase: LocalWikibase) -> None:
        super().__init__(wikibase)
        self.graph = rdflib.Graph()
        self.graph.parse(data="\n".join(wikibase.triples()), format="nt")

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query."""
        found = self.graph.query(sparql)
        rows = [tuple(map(cell_of, cast("Iterator[object]", row))) for row in found]
        return SelectResult(tuple(map(str, found.vars or ())), rows)


class OverHttp(Elsewhere):
    """Whatever answers SPARQL at an address, asked by SPARQLWrapper."""

    def __init__(self, wikibase: LocalWikibase, address: str) -> None:
        super().__init__(wikibase)
        self.client = SPARQLWrapper(address, agent="wbskills tests")
        self.client.setReturnFormat(JSON)
        self.client.setMethod(POST)
        self.client.setOnlyConneg(True)
        self.client.setTimeout(300)

    def select(self, sparql: str) -> SelectResult:
        """Answer a SELECT query."""
        self.client.setQuery(sparql)
        found: Any = self.client.query().convert()  # as the format asks
        variables = tuple(found["head"]["vars"])
        rows = [
            tuple(_json_cell(row.get(name)) for name in variables)
            for row in found["results"]["bindings"]
        ]
        return SelectResult(variables, rows)


def _json_cell(term: dict[str, str] | None) -> Cell:
    if term is None:
        return None
    if term["type"] == "uri":
        return cell_of(rdflib.URIRef(term["value"]))
    return literal_cell(term["value"], term.get("datatype", ""))


class Sparql(Elsewhere):
    """A store that is asked by its triples only."""

    def __init__(self, wikibase: LocalWikibase) -> None:
        super().__init__(wikibase)
        self.select = wikibase.select


class Watched(Elsewhere):
    """A store that counts what its tables answered."""

    def __init__(self, store: Embedded) -> None:
        super().__init__(store)
        self.store, self.select = store, store.select
        self.answered = self.refused = 0

    def query_tables(self, question: TableQuery) -> SelectResult | None:
        """Ask the tables."""
        found = self.store.query_tables(question)
        self.answered += found is not None
        self.refused += found is None
        return found


def both(
    query: SavedQuery,
    values: dict[str, str],
    ontology: Ontology,
    watched: Watched,
    lang: str = "en",
) -> tuple[Table, Table]:
    """Ask the tables, as `run` does, and the triples."""
    binding = bound(watched.store, ontology)
    slow = Sparql(watched.store).wikibase()
    return (
        run(query, values, watched.wikibase(), binding, ontology, lang),
        run(query, values, slow, binding, ontology, lang),
    )
