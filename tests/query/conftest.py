"""Worlds of people who do not exist, and the saved queries that travel with the program."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.query.engines import Graph, Oxigraph
from tests.query.made import World, make, ntriples
from wbskills.data import queries_folder
from wbskills.ontology.entries import Ontology
from wbskills.query.params import Value
from wbskills.query.run import run
from wbskills.query.saved import SavedQuery, find, read
from wbskills.table import Table

Ask = Callable[..., Table]


PACKAGED = sorted(queries_folder().glob("*.rq"))


@pytest.fixture(params=PACKAGED, ids=lambda path: str(path.stem))
def packaged(request: pytest.FixtureRequest) -> SavedQuery:
    """Each saved query that travels with the program, in turn: a new file is a new test."""
    return read(request.param)


@pytest.fixture(scope="session")
def world(ontology: Ontology) -> World:
    """Thirty people in two waves."""
    return make(ontology)


@pytest.fixture(scope="session")
def graph(world: World, ontology: Ontology) -> Oxigraph:
    """The thirty people as a graph."""
    return Oxigraph(world, ntriples(world, ontology))


@pytest.fixture
def ask(graph: Graph, world: World, ontology: Ontology) -> Ask:
    """Ask a packaged query of the thirty people, in Austrian German unless told otherwise."""

    def asked(name: str, *, lang: str = "de-at", **values: Value | None) -> Table:
        query = find(name, [queries_folder()])
        return run(query, values, graph.wikibase(), world.binding, ontology, lang)

    return asked


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[str], SavedQuery]:
    """Save a query in a file and read it again; the header may be left out."""

    def save(text: str, name: str = "mine") -> SavedQuery:
        path = tmp_path / f"{name}.rq"
        path.write_text(text, encoding="utf-8")
        return find(name, [tmp_path])

    return save


def values_for(query: SavedQuery, world: World) -> dict[str, str]:
    """Give a value for each parameter that has to have one."""
    values = {"iri": next(iter(world.groups)), "xsd_dateTime": "2026-03-15"}
    return {
        param.name: values[param.type]
        for param in query.params
        if param.required and not param.default
    }
