"""Two engines behind the part of a Wikibase that queries need."""

from collections.abc import Iterable
from typing import cast

import pyoxigraph as ox
import rdflib

from tests.query.made import BASE, World
from wbskills.table import Cell, Iri
from wbskills.wikibase.interface import SelectResult, Wikibase
from wbskills.wikibase.sparql_results import literal_cell, read_solutions


class Graph:
    """A graph that answers SELECT queries, and knows people by name."""

    concept_base = BASE

    def __init__(self, world: World) -> None:
        self.world = world

    def identified(self, property_id: str, names: Iterable[str]) -> list[tuple[str, str]]:
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
