"""The endpoint follows the SPARQL 1.1 Protocol, and its data is as in Wikidata's query service."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from tests.wikibase.server.support import app_of, link, property_of, put, site_of
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.embedded.triplestore import TripleStore
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.server.sparql import blueprint

Case = dict[str, Any]

with (Path(__file__).parent / "protocol.toml").open("rb") as file:
    CASES: list[Case] = tomllib.load(file)["case"]


@pytest.fixture(scope="module")
def store() -> Iterator[Embedded]:
    """A store with a property and two items, the second of which is Q2."""
    with Embedded(":memory:") as store:
        can = property_of(store, "can", "wikibase-item")
        skill = put(store, Entity(labels={"en": "Lua"})).entity.id
        put(store, Entity(labels={"en": "Ada"}, statements=(link(can, skill),)))
        yield store


@pytest.fixture(scope="module")
def client(store: Embedded) -> FlaskClient:
    """A client of its endpoint."""
    return app_of(site_of(store), blueprint).test_client()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_request_of_the_protocol_is_answered(client: FlaskClient, case: Case) -> None:
    """Status, media type, and the answer itself."""
    body = bytes.fromhex(case["bytes"]) if "bytes" in case else case.get("body")
    headers = dict(case.get("headers", {}))
    if "form" in case:
        body, headers["Content-Type"] = (
            encoded(case["form"]),
            "application/x-www-form-urlencoded",
        )

    answer = client.open(
        "/sparql",
        method=case["method"],
        query_string=encoded(case.get("query", [])),
        data=body,
        headers=headers,
    )

    assert answer.status_code == case["status"], answer.text
    assert answer.mimetype == case.get("type", answer.mimetype)
    assert case.get("says", "") in answer.text
    if "yes" in case:
        assert answer.get_json()["boolean"] is case["yes"]


def encoded(parameters: list[list[str]]) -> str:
    """Return parameters in the form in which they are sent."""
    return urlencode([(name, value) for name, value in parameters])


def run(client: FlaskClient, query: str) -> Any:  # noqa: ANN401 - JSON
    """Run a query."""
    answer = client.get("/sparql", query_string={"query": query})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_triples_of_a_document_are_triples_of_the_entity(client: FlaskClient) -> None:
    """As in Wikidata's query service, whose queries expect them there."""
    (row,) = run(
        client,
        "SELECT * { wd:Q2 wikibase:statements ?statements ; wikibase:sitelinks ?sitelinks ;"
        " wikibase:identifiers ?identifiers ; schema:version ?version ;"
        " schema:dateModified ?modified }",
    )["results"]["bindings"]

    assert [row[name]["value"] for name in ("statements", "sitelinks", "identifiers")] == [
        "1", "0", "0",
    ]  # fmt: skip
    assert row["modified"]["value"].endswith("Z")
    assert row["version"]["value"] == "3"


def test_documents_are_not_sitelinks(client: FlaskClient) -> None:
    """Queries for sitelinks look for what is `schema:about` an item."""
    assert run(client, "ASK { ?page schema:about wd:Q2 }")["boolean"] is False
    assert run(client, "ASK { ?page a schema:Dataset }")["boolean"] is False


def test_triples_of_an_older_version_are_rebuilt(tmp_path: Path) -> None:
    """When the store is next opened for writing."""
    place = str(tmp_path / "store")
    with Embedded(place) as store:
        put(store, Entity(labels={"en": "Ada"}))
        other = TripleStore._note

        def noted(graph: TripleStore, revision: int, entry: int | None = None) -> None:
            other(graph, revision, entry)
            graph._store.update(
                "DELETE WHERE { GRAPH <urn:wbskills:state> { ?s <urn:wbskills:form> ?form } }"
            )

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TripleStore, "_note", noted)
            put(store, Entity(labels={"en": "Grace"}))
            store._derived.update()
            store._derived._triples._store.update(
                "DELETE WHERE { ?entity <http://schema.org/version> ?version }"
            )
            assert store._derived._triples.is_outdated()

    with Embedded(place, write=False) as store:
        rows = store.select("SELECT ?i { ?i <http://schema.org/version> ?version }").rows

    assert len(rows) == 2


LABELLED = (
    "SERVICE wikibase:label { bd:serviceParam wikibase:language 'en' . ?item rdfs:label ?Label }"
)


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT * { ?z ?y ?x }", "z y x"),
        ("SELECT DISTINCT * { ?b rdfs:label ?a . BIND(1 AS ?0) }", "b a 0"),
        ("select*{?b ?c ?a OPTIONAL { ?a ?z ?y }}", "b c a z y"),
        ("SELECT * { { SELECT ?k { ?hidden ?k ?l } } ?i ?j ?k }", "k i j"),
        ("SELECT * { ?z ?y '?x' . # ?w\n ?z ?y ?v FILTER(?v > 2 * 3) }", "z y v"),
        ("SELECT ?x ?b { ?b ?x ?z }", "x b"),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "n"),
        (f"SELECT * {{ ?item rdfs:label ?a {LABELLED} }}", "item a Label"),
    ],
)  # fmt: skip
def test_columns_come_in_the_order_of_the_query(
    client: FlaskClient, query: str, columns: str
) -> None:
    """And not in alphabetical order."""
    assert run(client, query)["head"]["vars"] == columns.split()


@pytest.mark.parametrize(
    "call",
    [
        "geof:distance(?a, ?b)",
        "geof:latitude (?a)",
        "<http://www.opengis.net/def/function/geosparql/globe>(?a)",
        "wikibase:decodeUri(?a)",
    ],
)
def test_a_missing_function_is_refused(client: FlaskClient, call: str) -> None:
    """Otherwise its values would silently be missing."""
    query = f"SELECT (1 AS ?a) ({call} AS ?d) {{ BIND(2 AS ?b) }}"

    answer = client.get("/sparql", query_string={"query": query})

    assert answer.status_code == 400
    assert f"the function {call.partition('(')[0].strip()} is not available here" in answer.text
