"""SPARQLWrapper, unchanged: each way to send a query, each format, and what is refused."""

from typing import Any, Final

import pytest
import rdflib
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)  # fmt: skip
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.clients.facts import sample
from tests.clients.plain import entity_json
from tests.clients.wiki import Wiki, logged_in

WAYS: Final = ((GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY))


def run(wiki: Wiki, query: str, form: str = JSON, way: tuple[str, str] = WAYS[0]) -> Any:  # noqa: ANN401 - by format
    """Run a query and convert the answer as SPARQLWrapper does."""
    client = SPARQLWrapper(wiki.served.sparql, agent="wbskills-tests/1.0")
    client.setMethod(way[0])
    client.setRequestMethod(way[1])
    client.setReturnFormat(form)
    client.setQuery(query)
    answer = client.query()
    with answer.response:
        return answer.convert()


@pytest.fixture(scope="module")
def item(wiki: Wiki) -> str:
    """The sample, written by a user who logged in with a bot password."""
    with logged_in(wiki.served) as make:
        return make("item", **entity_json(sample(*wiki.items), wiki))


@pytest.mark.parametrize("way", WAYS, ids=["get", "post", "post-directly"])
def test_each_way_to_send_a_query_is_understood(
    wiki: Wiki, item: str, way: tuple[str, str]
) -> None:
    """With Wikibase's undeclared prefixes, and text outside ASCII."""
    called = wiki.properties["monolingualtext"]
    query = f'SELECT ?item {{ ?item wdt:{called} "Zählerin von Zahlen"@de }}'

    found = run(wiki, query, way=way)

    assert [row["item"]["value"] for row in found["results"]["bindings"]] == [
        f"{wiki.served.entities}{item}"
    ]


@pytest.mark.parametrize("form", [JSON, XML, CSV, TSV])
def test_each_format_of_a_table_can_be_read(wiki: Wiki, item: str, form: str) -> None:
    """It has the value that was written."""
    property_id = wiki.properties["external-id"]

    found = run(wiki, f"SELECT ?id {{ wd:{item} wdt:{property_id} ?id }}", form)

    text = found.toxml() if form == XML else found
    assert "AL-1815" in (text.decode() if isinstance(text, bytes) else str(text))


def test_ask_returns_a_boolean(wiki: Wiki, item: str) -> None:
    """Deprecated statements have no direct triples."""
    born = wiki.properties["time"]

    assert run(wiki, f"ASK {{ wd:{item} wdt:{born} ?day }}")["boolean"] is False
    assert run(wiki, f"ASK {{ wd:{item} p:{born}/ps:{born} ?day }}")["boolean"] is True


# SPARQLWrapper 2.0.0 reads RDF/XML into a class that rdflib wants to drop.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize("form", [TURTLE, RDFXML])
def test_a_graph_can_be_requested(wiki: Wiki, item: str, form: str) -> None:
    """CONSTRUCT and DESCRIBE, as rdflib reads them."""
    subject = rdflib.URIRef(f"{wiki.served.entities}{item}")

    for query in (f"CONSTRUCT WHERE {{ wd:{item} rdfs:label ?label }}", f"DESCRIBE wd:{item}"):
        found = run(wiki, query, form)
        graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=found)
        labels = {str(label) for label in graph.objects(subject, rdflib.RDFS.label)}
        assert labels == {"Ada Lovelace", "Ada Löwenherz"}


def test_qualifiers_and_references_can_be_queried(wiki: Wiki, item: str) -> None:
    """By the paths that queries to a Wikibase use."""
    skill, level, url = (wiki.properties[name] for name in ("wikibase-item", "quantity", "url"))
    query = f"""
      SELECT ?level ?source ?skillLabel {{
        wd:{item} p:{skill} ?said . ?said a wikibase:BestRank ; ps:{skill} ?skill ;
          pq:{level} ?level ; prov:wasDerivedFrom/pr:{url} ?source .
        SERVICE wikibase:label {{ bd:serviceParam wikibase:language "en" }}
      }}"""

    (row,) = run(wiki, query)["results"]["bindings"]

    assert {name: cell["value"] for name, cell in row.items()} == {
        "level": "3",
        "source": "https://example.org/wave?x=1&y=ü",
        "skillLabel": "Lua modules",
    }


def test_an_edit_is_seen_as_soon_as_it_was_answered(wiki: Wiki) -> None:
    """The endpoint is never behind."""
    with logged_in(wiki.served) as make:
        for number in range(5):
            made = make("item", labels={"en": {"language": "en", "value": f"Item {number}"}})
            assert run(wiki, f'ASK {{ wd:{made} rdfs:label "Item {number}"@en }}')["boolean"]


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("SELECT ?x { ?x", QueryBadFormed),
        ("SELECT ?x { SERVICE <http://example.org/sparql> { ?x ?y ?z } }", QueryBadFormed),
    ],
    ids=["no-sparql", "another-service"],
)
def test_each_refusal_has_its_own_exception(
    wiki: Wiki, query: str, refusal: type[Exception]
) -> None:
    """And the next query is answered."""
    with pytest.raises(refusal):
        run(wiki, query)

    assert run(wiki, "ASK {}")["boolean"] is True


def test_updates_are_refused(wiki: Wiki, item: str) -> None:
    """Nothing is changed."""
    client = SPARQLWrapper(wiki.served.sparql)
    client.setMethod(POST)
    client.setQuery(f"DELETE WHERE {{ wd:{item} ?p ?o }}")

    with pytest.raises(Exception, match="403"):
        client.query()

    assert run(wiki, f"ASK {{ wd:{item} ?p ?o }}")["boolean"] is True
