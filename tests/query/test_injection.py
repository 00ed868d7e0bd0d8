"""No value can change the shape of a query: shown with hostile ones, on two parsers."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from tests.query.hostile import TEXTS, kinds, shape
from tests.query.made import BASE, bind_all
from tests.query.support import bind
from wbskills.data import ontology_folder, queries_folder
from wbskills.errors import QueryError
from wbskills.ontology.load import load
from wbskills.query.saved import find, read

ONTOLOGY = load(ontology_folder())
BINDING = bind_all(ONTOLOGY)
FILE = """\
#+ summary: Texts in all places
#+ x-wbskills:
#+   question: Can it be broken?
#+   key: [a]
#+   columns: {a: any, b: any}
#+   params: {name: any, x: {section: people, meaning: any}, n: any, f: any, d: any}
PREFIX wd: <http://localhost:8181/entity/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?a (CONCAT("no ?_name_literal 7d3e", ?_name_literal) AS ?b) WHERE {
  BIND (?_name_literal AS ?a) # ?_name_literal
  FILTER (?_name_literal = ?a && '''no ?_name_literal 7d3e''' != ?_name_literal)
  OPTIONAL { ?s rdfs:label ?_name_literal ; ?p ?__x_iri , ?__d_xsd_date
             FILTER (1 < ?__n_integer || ?__f_number < 2) }
}
"""


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Bind a query that has its texts in all places."""
    path: Path = tmp_path_factory.mktemp("queries") / "hostile.rq"
    path.write_text(FILE, encoding="utf-8")
    query = read(path)

    def bind_values(**values: str) -> str:
        return bind(query, values, binding=BINDING, ontology=ONTOLOGY, concept_base=BASE)

    return bind_values


@cache
def algebra(query: str, value: str) -> object:
    """Parse a query and write down its shape."""
    return shape(prepareQuery(query).algebra, value)


@settings(deadline=None, max_examples=60)
@given(text=TEXTS)
@example(text="\\u0022 } UNION { ?s ?p ?o } #")
@example(text="\\\\u005C")
@example(text="\\")
def test_a_text_stays_a_text(bound: Callable[..., str], text: str) -> None:
    """Tokens and algebra are those of a harmless text, and the text comes out as it went in."""
    value = text.strip()
    try:
        attack = bound(name=text)
    except QueryError as error:
        assert not value or "control characters" in str(error)  # noqa: PT017 - either may come
        return
    harmless = bound(name="harmless")

    assert kinds(attack) == kinds(harmless)
    assert algebra(attack, value) == algebra(harmless, "harmless")
    found = ox.Store().query(attack)
    assert isinstance(found, ox.QuerySolutions)
    (row,) = found
    assert [term.value for term in row] == [value, f"no ?_name_literal 7d3e{value}"]


@settings(deadline=None)
@given(text=TEXTS, name=st.sampled_from(["x", "n", "f", "d"]))
@example(text="Q5 } UNION { ?s ?p ?o", name="x")
@example(text="1 || true", name="n")
@example(text='2026-01-01"', name="d")
def test_all_other_values_fit_or_are_refused(
    bound: Callable[..., str], text: str, name: str
) -> None:
    """An item, a number or a day is one token, or three with its type."""
    good = {"x": "Q99999", "n": "5", "f": "0.5", "d": "2026-03-04"}
    try:
        attack = bound(name="a", **{name: text})
    except QueryError:
        return
    usual = bound(name="a") if not text.strip() else bound(name="a", **{name: good[name]})

    assert kinds(attack) == kinds(usual)


@settings(deadline=None, max_examples=30)
@given(text=TEXTS)
def test_no_packaged_query_takes_a_hostile_skill(text: str) -> None:
    """What is no key, label or id never reaches the query."""
    query = find("who_can", [queries_folder()])

    with pytest.raises(QueryError):
        bind(query, {"skill": text}, binding=BINDING, ontology=ONTOLOGY, concept_base=BASE)
