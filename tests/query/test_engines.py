"""The same rows everywhere: the embedded store, rdflib, a real Virtuoso, and SPARQL over HTTP."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import rdflib
from SPARQLWrapper import JSON, POST, SPARQLWrapper

from tests.query.demo_store import open_demo
from tests.query.engines import cell_of
from tests.query.virtuoso import missing, virtuoso
from wbskills.data import queries_folder
from wbskills.ontology.entries import Ontology
from wbskills.query.run import run
from wbskills.query.saved import SavedQuery, load
from wbskills.stores import open_folder
from wbskills.table import Cell, Table
from wbskills.tasks.ontologies import bound
from wbskills.testing import serving
from wbskills.wikibase.interface import LocalWikibase, SelectResult, Wikibase
from wbskills.wikibase.sparql_results import literal_cell

# Values that show something of each query, and the parameters that narrow it.
VALUES: dict[str, list[dict[str, str]]] = {
    "as_of": [{"day": "2025-12-31"}, {"day": "2026-03-20", "community": "arwiki"}],
    "at_risk": [{}, {"community": "arwiki", "most": "0"}],
    "baseline": [{"share": "0", "people": "0"}],
    "baseline_gap": [{}, {"community": "arwiki"}],
    "capacity_map": [{}, {"lang": "ar"}],
    "change": [{}, {"before": "sample_2025", "after": "sample_2026", "level": "with_help"}],
    "coverage": [{}, {"group": "group_wiki", "lang": "de-at"}],
    "freshness": [{}, {"community": "arwiki"}],
    "languages": [{}, {"language": "lang_ar", "babel": "babel_3"}],
    "learn_teach": [
        {"skill": "wikidata_editing"},
        {"skill": "wikidata_editing", "interest": "can_teach", "turn": "2"},
    ],
    "needs": [
        {},
        {"bridge": "lang_en", "turn": "x"},
        {"community": "arwiki", "skill": "bot_operation"},
    ],
    "rare_skills": [
        {"most": "3"},
        {"most": "9", "language": "lang_de"},
        {"most": "9", "region": "region_mena"},
    ],
    "robustness": [{}, {"community": "arwiki", "thin": "3"}],
    "skill_page": [{}, {"skill": "lua_modules"}],
    "stale": [{"day": "2026-01-01"}],
    "who_can": [
        {"skill": "lua_modules", "level": "aware"},
        {"skill": "lua_modules", "level": "none", "language": "lang_en", "babel": "babel_3"},
        {"skill": "lua_modules", "level": "none", "region": "region_mena", "zone": "Asia/"},
        {"skill": "lua_modules", "level": "none", "interest": "can_help", "community": "arwiki"},
    ],
}
EMPTY = {"data_quality", "endorsements"}  # nothing of that is in the demo
FEW = 9  # responses that rdflib, which is slow, is asked about


@pytest.fixture(scope="module")
def few(ontology: Ontology) -> Iterator[LocalWikibase]:
    """The first responses of the sample."""
    with open_demo(ontology, responses=FEW) as made:
        yield made


@pytest.fixture(scope="module")
def all_(ontology: Ontology) -> Iterator[LocalWikibase]:
    """The whole sample."""
    with open_demo(ontology) as made:
        yield made


class Elsewhere:
    """A Wikibase whose SPARQL is answered by another engine; all else is asked of the first."""

    def __init__(self, wikibase: LocalWikibase) -> None:
        self._wikibase = wikibase
        self.concept_base = wikibase.concept_base
        self.identified = wikibase.identified

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


@pytest.fixture(scope="module")
def triples(all_: LocalWikibase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole sample as N-Triples."""
    file = tmp_path_factory.mktemp("triples") / "demo.nt"
    file.write_text("\n".join(all_.triples()), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def in_rdflib(few: LocalWikibase) -> InRdflib:
    """The few responses in rdflib."""
    return InRdflib(few)


@pytest.fixture(scope="module")
def in_virtuoso(
    all_: LocalWikibase, triples: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OverHttp]:
    """The whole sample in a Virtuoso of its own."""
    if reason := missing():
        pytest.skip(reason)
    with virtuoso(tmp_path_factory.mktemp("virtuoso"), triples) as address:
        yield OverHttp(all_, address)


@pytest.fixture(scope="module")
def served(
    ontology: Ontology, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LocalWikibase, OverHttp]]:
    """The whole sample in a folder, directly and as it is served over HTTP."""
    folder = tmp_path_factory.mktemp("served") / "wikibase"
    with open_demo(ontology, place=str(folder)):
        pass
    with serving(str(folder)) as address, open_folder(str(folder), write=False) as direct:
        yield direct, OverHttp(direct, address.sparql)


CASES = [
    pytest.param(query, values, id=f"{query.name}-{at}")
    for query in load(queries_folder())
    for at, values in enumerate(VALUES.get(query.name, [{}]))
]


def same_answers(
    query: SavedQuery,
    values: dict[str, str],
    ontology: Ontology,
    one: Wikibase,
    other: Wikibase,
) -> Table:
    """Ask both; give the answer, which is the same to the order of its rows.

    Texts are put in order by each engine's own alphabet, so where names decide, rows are
    compared as a set.
    """
    binding = bound(one, ontology)
    tables = [run(query, values, each, binding, ontology) for each in (one, other)]
    assert Counter(tables[0].rows) == Counter(tables[1].rows)
    return tables[0]


@pytest.mark.parametrize(("query", "values"), CASES)
def test_rdflib_agrees(
    query: SavedQuery,
    values: dict[str, str],
    ontology: Ontology,
    few: LocalWikibase,
    in_rdflib: InRdflib,
) -> None:
    """An engine that shares nothing with the embedded one."""
    same_answers(query, values, ontology, few, in_rdflib.wikibase())


@pytest.mark.parametrize(("query", "values"), CASES)
def test_virtuoso_agrees(
    query: SavedQuery,
    values: dict[str, str],
    ontology: Ontology,
    all_: LocalWikibase,
    in_virtuoso: OverHttp,
) -> None:
    """A server that others run, in its own dialect."""
    found = same_answers(query, values, ontology, all_, in_virtuoso.wikibase())
    assert len(found) > 0 or query.name in EMPTY


@pytest.mark.parametrize(("query", "values"), CASES)
def test_http_agrees(
    query: SavedQuery,
    values: dict[str, str],
    ontology: Ontology,
    served: tuple[LocalWikibase, OverHttp],
) -> None:
    """What a query service gives, through the client that most programs use."""
    direct, over_http = served
    same_answers(query, values, ontology, direct, over_http.wikibase())
