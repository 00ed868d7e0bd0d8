"""Requests that are meant to hold the server up: each is over within the limit of a query.

All that is done with the text of a query happens in a process that is ended after some seconds
and that can take so much memory; the server itself does next to nothing with it.
"""

from collections.abc import Iterator
from functools import partial
from time import perf_counter, thread_time

import pytest
from flask.testing import FlaskClient

from tests.web.face import app_of, link, property_of, put, site_of
from wbskills.model.entities import Entity
from wbskills.store.embedded import Embedded
from wbskills.web.query_process import LONGEST
from wbskills.web.sparql import blueprint

LIMIT = 1.0  # seconds of a query
OF_ITS_OWN = 0.5  # seconds that the server may spend on any of these, on a slow machine
LABEL = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } '


def filled(start: str, piece: str, end: str = "", closing: str = "") -> str:
    """A query of the greatest length: a piece as often as it goes, and what closes it."""
    times = (LONGEST - len(start) - len(end)) // len(piece + closing)
    return f"{start}{piece * times}{closing * times}{end}"


def numbered(start: str, piece: str, end: str) -> str:
    """The same of pieces that differ by their number."""
    pieces = [start]
    size = len(start) + len(end)
    for number in range(LONGEST):
        size += len(piece % number)
        if size > LONGEST:
            break
        pieces.append(piece % number)
    return "".join([*pieces, end])


QUERIES = {
    "values in a row before a label service": filled(
        "SELECT * { ?x ?y ?xLabel ", "VALUES ", LABEL + "}"
    ),
    "the same before four": filled("SELECT * { ?x ?y ?xLabel ", "VALUES ", LABEL * 4 + "}"),
    "label services in a row": filled("SELECT * { ", LABEL, "}"),
    "label services in groups": filled("SELECT * { ", "{ " + LABEL + "}", "}"),
    "names of labels": numbered("SELECT ", "?x%dLabel ", "{ ?x ?y ?z " + LABEL + "}"),
    "names that begin alike": "SELECT * { "
    + "".join(f"?{'_' * n}a ?b ?c . " for n in range(350))
    + LABEL
    + "}",
    "a long name, asked for often": "SELECT * { ?a ?b ?c SERVICE wikibase:label { "
    'bd:serviceParam wikibase:language "en" . '
    f"?{'x' * 30_000} rdfs:label " + ",".join(f"?v{n}" for n in range(1_900)) + " } }",
    "many languages": "SELECT * { ?a ?b ?aLabel SERVICE wikibase:label { "
    f'bd:serviceParam wikibase:language "{"en," * 20_000}" }} }}',
    "hints": filled("SELECT * { ", 'hint:a hint:b "c" . ', "}"),
    "long prefixes": f"PREFIX a: <{'x' * 30_000}> " + filled("", "a:x ")[:30_000],
    "prefixes": numbered("", "PREFIX a%d: <b:> ", "SELECT * {}"),
    "open braces": filled("SELECT * {", "{"),
    "nested braces": filled("SELECT * {", "{", "}", "}"),
    "nested parentheses": filled("SELECT * { FILTER(", "(", ") }", ")"),
    "nested brackets": filled("SELECT * { ?a ?b ", "[ ?p ", "}", "]"),
    "nested lists": filled("SELECT * { ?a ?b ", "(", "}", ")"),
    "nested sub-selects": filled("SELECT * {", "{SELECT*{", "}", "}}"),
    "nested functions": filled("SELECT * { FILTER(", "STR(", "}", ")"),
    "options": filled("SELECT * {", "OPTIONAL{}", "}"),
    "unions": filled("SELECT * {{}", "UNION{}", "}"),
    "negations": filled("SELECT * { FILTER(", "!", "?a) }"),
    "alternatives": filled("SELECT * { FILTER(?a", "||?a", ") }"),
    "columns": numbered("SELECT ", "(1AS?a%d)", "{}"),
    "columns in one word": numbered("SELECT ", "(trueAS?a%d)", "{}"),
    "a path": filled("SELECT * { ?a wdt:P1", "/wdt:P1", " ?b }"),
    "triples": filled("SELECT * { ", "?a ?b ?c . ", "}"),
    "triples of nothing in common": numbered("SELECT * { ", "?a%d ?b ?c . ", "}"),
    "an open text": filled('SELECT * { ?a ?b "', "x"),
    "escapes": filled('SELECT * { ?a ?b "', "\\"),
    "dots": filled("SELECT * { a:", "a."),
    "signs": filled("SELECT * { ", "<"),
    "commas": filled("SELECT * { ?a ?b ", "1,", "1 }"),
    "a long text over and over": "SELECT (GROUP_CONCAT(?x) AS ?y) { ?a ?b ?c . ?d ?e ?f . "
    f'?g ?h ?i BIND("{"x" * 60_000}" AS ?x) }}',
    "replacing without an end": 'SELECT * { BIND(REPLACE("'
    + "a" * 60_000
    + '", "(a*)*b", "x") AS ?x) }',
    "an endless product": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12))
    + " }",
    "an endless table": "SELECT * { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12)) + " }",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of an endpoint with a short time limit, over some hundred triples."""
    with Embedded(str(tmp_path_factory.mktemp("attacked") / "wikibase")) as store:
        can = property_of(store, "can", "wikibase-item")
        skill = put(store, Entity(labels={"en": "Lua"})).entity.id
        for number in range(10):
            put(store, Entity(labels={"en": f"Ada {number}"}, statements=(link(can, skill),)))
        yield app_of(site_of(store), partial(blueprint, seconds=LIMIT)).test_client()


ON_THE_PAGE = [name for name in QUERIES if name.startswith(("an endless", "values", "a long"))]


def hold(client: FlaskClient, method: str, place: str, name: str) -> int:
    """Send a query; the status, if neither it nor the server has taken too long."""
    begun, worked = perf_counter(), thread_time()
    form = {"data" if method == "POST" else "query_string": {"query": QUERIES[name]}}
    answer = client.open(place, method=method, **form)  # type: ignore[arg-type] # two of many

    assert perf_counter() - begun < LIMIT + 3
    assert thread_time() - worked < OF_ITS_OWN
    assert client.get("/sparql", query_string={"query": "ASK{}"}).status_code == 200
    return answer.status_code


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_holds_the_server_longer_than_its_limit(client: FlaskClient, name: str) -> None:
    """Whatever it is made of; and the next query is answered."""
    assert len(QUERIES[name]) <= LONGEST
    assert hold(client, "POST", "/sparql", name) in {200, 400, 503, 504}


@pytest.mark.parametrize("name", ON_THE_PAGE)
def test_the_page_is_held_no_longer(client: FlaskClient, name: str) -> None:
    """Which asks for the first rows, in words for people."""
    assert hold(client, "GET", "/query", name) in {200, 400, 503, 504}


def test_a_longer_query_is_refused_at_once(client: FlaskClient) -> None:
    """Before anything is done with it, and in words."""
    worked = thread_time()
    answer = client.post("/sparql", data={"query": " " * 4_000_000 + "ASK{}"})

    assert (answer.status_code, thread_time() - worked < OF_ITS_OWN) == (413, True)
    assert "longer than 65,536 characters" in answer.text
