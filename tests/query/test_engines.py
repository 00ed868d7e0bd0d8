"""The same rows everywhere: the embedded store, rdflib, a real Virtuoso, and SPARQL over HTTP."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.query.demo_store import open_demo
from tests.query.engines import InRdflib, OverHttp
from tests.query.support import CASES, FEW, case_id
from tests.query.virtuoso import missing, virtuoso
from wbskills.ontology.entries import Ontology
from wbskills.query.run import prepare, run
from wbskills.query.saved import SavedQuery
from wbskills.stores import open_folder
from wbskills.table import Table
from wbskills.tasks.ontologies import bound
from wbskills.testing import serving
from wbskills.wikibase.interface import LocalWikibase, Wikibase

EMPTY = {"data_quality", "endorsements"}  # nothing of that is in the demo


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


@pytest.mark.parametrize(("query", "values"), CASES, ids=case_id)
def test_rdflib_agrees(
    query: SavedQuery,
    values: dict[str, str],
    ontology: Ontology,
    few: LocalWikibase,
    in_rdflib: InRdflib,
) -> None:
    """An engine that shares nothing with the embedded one."""
    same_answers(query, values, ontology, few, in_rdflib.wikibase())


@pytest.mark.parametrize(("query", "values"), CASES, ids=case_id)
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


@pytest.mark.parametrize(("query", "values"), CASES, ids=case_id)
def test_http_agrees(
    query: SavedQuery,
    values: dict[str, str],
    ontology: Ontology,
    served: tuple[LocalWikibase, OverHttp],
) -> None:
    """What a query service gives, through the client that most programs use."""
    direct, over_http = served
    same_answers(query, values, ontology, direct, over_http.wikibase())


@pytest.mark.parametrize(("query", "values"), CASES, ids=case_id)
def test_what_people_paste_has_the_same_labels(
    query: SavedQuery,
    values: dict[str, str],
    ontology: Ontology,
    served: tuple[LocalWikibase, OverHttp],
) -> None:
    """What `query show` prints, asked of a query service, names every item as `query run` does."""
    direct, over_http = served
    prepared = prepare(query, values, direct, bound(direct, ontology), ontology)
    pasted = over_http.select(prepared.sparql)
    table = prepared.table()

    for column, item in query.labels.items():
        at = pasted.variables.index(column)
        shown = {row[at] for row in pasted.rows} - {None}
        joined = query.derived[column].function == "labels"
        known = {
            text
            for cell in table.column(column)
            if cell is not None
            for text in (str(cell).split(", ") if joined else [cell])
        }
        assert shown == known, (column, item)


def test_every_optional_parameter_is_tried() -> None:
    """On all engines, in one case at least."""
    tried = {(query.name, name) for query, values in CASES for name in values}

    assert [
        (query.name, param.name)
        for query, _ in CASES
        for param in query.params
        if not param.required and not param.automatic and (query.name, param.name) not in tried
    ] == []
