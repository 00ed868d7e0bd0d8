"""The SPARQL endpoint answers as clients expect, reveals nothing, and cannot be blocked."""

import resource
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Any, cast

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.wikibase.server.support import app_of, link, property_of, put, site_of
from wbskills.errors import QueryError, StoreError
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.embedded.triplestore import TripleStore
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.server.query_pool import (
    GIGABYTE,
    MAX_QUERY,
    AnswerMemoryFull,
    MemoryBudget,
    QueryPool,
    budget_for,
)
from wbskills.wikibase.server.sparql import blueprint
from wbskills.wikibase.server.sparql_text import query_prefixes

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
LABELS = "SELECT ?label { ?thing rdfs:label ?label } ORDER BY ?label"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12)) + " }"
JSON = "application/sparql-results+json"


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Embedded]:
    """A store of each kind, with a property and two items."""
    place = ":memory:" if request.param == "memory" else str(tmp_path / "wikibase")
    with Embedded(place) as store:
        can = property_of(store, "can", "wikibase-item")
        skill = put(store, Entity(labels={"en": "Lua", "de": "Lua (Mond)"})).entity.id
        put(store, Entity(labels={"en": "Ada"}, statements=(link(can, skill),)))
        yield store


@pytest.fixture
def client(store: Embedded) -> FlaskClient:
    """A client of an endpoint with a short time limit."""
    return app_of(site_of(store), partial(blueprint, timeout=1.0)).test_client()


def labels(answer: TestResponse) -> list[str]:
    """Return the labels in a JSON answer."""
    assert answer.status_code == 200, answer.text
    return [row["label"]["value"] for row in answer.get_json()["results"]["bindings"]]


def test_a_query_can_be_sent_in_four_ways(client: FlaskClient) -> None:
    """GET, form, body, and in the address of a POST, as WikibaseIntegrator does."""
    answers = [
        client.get("/sparql", query_string={"query": LABELS}),
        client.post("/sparql", data={"query": LABELS}),
        client.post("/sparql", data=LABELS, content_type="application/sparql-query"),
        client.post(
            "/sparql",
            query_string={"query": f"#Tool: x\n{LABELS}", "format": "json"},
            content_type="multipart/form-data",
            headers={"Accept": JSON},
        ),
    ]

    assert [labels(answer) for answer in answers] == [["Ada", "Lua", "Lua (Mond)", "can"]] * 4
    assert {answer.content_type for answer in answers} == {f"{JSON}; charset=utf-8"}


@pytest.mark.parametrize(
    ("accept", "named", "media"),
    [
        ("", "", JSON),
        ("*/*", "xml", "application/sparql-results+xml"),
        ("*/*", "csv", "text/csv"),
        ("text/tab-separated-values", "", "text/tab-separated-values"),
        ("application/sparql-results+xml", "json", "application/sparql-results+xml"),
        ("text/csv;q=0.5, application/sparql-results+json", "xml", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "tsv",
         "text/tab-separated-values"),
        ("image/png", "", JSON),
    ],
)  # fmt: skip
def test_the_format_comes_from_the_header_or_the_parameter(
    client: FlaskClient, accept: str, named: str, media: str
) -> None:
    """The header of a browser names no format."""
    answer = client.get(
        "/sparql",
        query_string={"query": LABELS, **({"format": named} if named else {})},
        headers={"Accept": accept} if accept else {},
    )

    assert (answer.status_code, answer.mimetype) == (200, media)
    assert "Lua (Mond)" in answer.text


@pytest.mark.parametrize(
    ("accept", "named", "media", "part"),
    [
        ("application/turtle,text/turtle", "turtle", "text/turtle", "wd:Q2 rdfs:label"),
        ("*/*", "nt", "application/n-triples", "/entity/Q2> <http://www.w3.org/2000/01/rdf-"),
        ("application/n-triples", "", "application/n-triples", '"Ada"@en .'),
        (JSON, "", "text/turtle", '"Ada"@en'),
    ],
)
def test_a_graph_is_turtle_or_n_triples(
    client: FlaskClient, accept: str, named: str, media: str, part: str
) -> None:
    """For CONSTRUCT and DESCRIBE."""
    query = "CONSTRUCT WHERE { ?x rdfs:label ?y }"
    answer = client.get(
        "/sparql", query_string={"query": query, "format": named}, headers={"Accept": accept}
    )
    described = client.get("/sparql", query_string={"query": "DESCRIBE wd:Q2"})

    assert (answer.status_code, answer.mimetype) == (200, media)
    assert part in answer.text
    assert "wikibase:Item" in described.text


def test_ask_is_answered_with_a_boolean(client: FlaskClient) -> None:
    """In JSON."""
    assert client.get("/sparql?query=ASK{}").get_json()["boolean"] is True
    assert client.get("/sparql?query=ASK{wd:Q99 ?p ?o}").get_json()["boolean"] is False


def test_both_names_of_each_prefix_are_known(client: FlaskClient) -> None:
    """Wikibase has renamed four of them."""
    names = sorted(query_prefixes("http://localhost:8181/entity/"))
    query = "ASK { VALUES ?x { " + " ".join(f"{name}:x" for name in names) + " } }"

    assert {"s", "wds", "ref", "wdref", "v", "wdv", "data", "wdata", "wdno"} <= set(names)
    assert client.get("/sparql", query_string={"query": query}).get_json()["boolean"] is True


def test_labels_come_in_the_reader_s_language(client: FlaskClient) -> None:
    """From the header that browsers send."""
    query = (
        "SELECT ?label { wd:Q1 a ?kind . BIND(wd:Q1 AS ?x) SERVICE wikibase:label {"
        ' bd:serviceParam wikibase:language "[AUTO_LANGUAGE],en" . ?x rdfs:label ?label } }'
    )

    found = client.get(
        "/sparql", query_string={"query": query}, headers={"Accept-Language": "fr, de-CH;q=0.8"}
    )

    assert labels(found) == ["Lua (Mond)"]


@pytest.mark.parametrize(
    ("parameters", "status", "part"),
    [
        ({"query": "SELECT *"}, 400, "1:9"),
        ({"query": "SELECT * { ?a ?b 'x }"}, 400, "line 1, column 18"),
        ({"query": ""}, 400, "query is missing"),
        ({}, 400, "query is missing"),
        ({"query": "INSERT DATA { <a:a> <a:b> <a:c> }"}, 400, "not SPARQL"),
        ({"query": "DROP ALL"}, 400, "not SPARQL"),
        ({"update": "DROP ALL"}, 403, "only answers queries"),
        ({"query": LABELS, "default-graph-uri": "http://example.org/"}, 400, "one graph"),
        ({"query": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }"}, 400, "SERVICE"),
        ({"query": "SELECT" + " " * MAX_QUERY}, 413, "longer than"),
    ],
)
def test_an_invalid_query_is_refused(
    client: FlaskClient, parameters: dict[str, str], status: int, part: str
) -> None:
    """With the position of the error, and without changes."""
    answer = client.post("/sparql", data=parameters)

    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert part in answer.text
    assert len(labels(client.get("/sparql", query_string={"query": LABELS}))) == 4


def test_an_edit_is_seen_as_soon_as_it_is_made(store: Embedded, client: FlaskClient) -> None:
    """Creation, change, redirect and deletion, after a reader has opened the triples."""
    query = {"query": LABELS}
    before = labels(client.get("/sparql", query_string=query))
    ada = store.read(["Q2"])["Q2"]

    bea = put(store, Entity(labels={"en": "Bea"}))
    made = labels(client.get("/sparql", query_string=query))
    store.remove(ada, EditInfo())
    deleted = labels(client.get("/sparql", query_string=query))
    store.redirect(bea, "Q1", EditInfo())
    redirected = labels(client.get("/sparql", query_string=query))

    assert before == ["Ada", "Lua", "Lua (Mond)", "can"]
    assert made == ["Ada", "Bea", "Lua", "Lua (Mond)", "can"]
    assert deleted == ["Bea", "Lua", "Lua (Mond)", "can"]
    assert redirected == ["Lua", "Lua (Mond)", "can"]


def test_a_query_that_takes_too_long_is_ended(client: FlaskClient) -> None:
    """Its client gets the exception that clients of the query service look for; others go on."""
    start = perf_counter()
    with ThreadPoolExecutor() as pool:
        endless = pool.submit(
            client.application.test_client().get, "/sparql", query_string={"query": ENDLESS}
        )
        others = [
            labels(client.application.test_client().get("/sparql", query_string={"query": LABELS}))
            for _ in range(5)
        ]
        ended = endless.result()

    assert (ended.status_code, ended.mimetype) == (504, "text/plain")
    assert "TimeoutException" in ended.text
    assert others == [["Ada", "Lua", "Lua (Mond)", "can"]] * 5
    assert perf_counter() - start < 10
    assert len(labels(client.get("/sparql", query_string={"query": LABELS}))) == 4


def test_queries_are_refused_when_all_processes_are_busy(store: Embedded) -> None:
    """Many slow queries do not stop the server."""
    app = app_of(site_of(store), partial(blueprint, timeout=0.5))

    def ask(_: int) -> int:
        return app.test_client().get("/sparql", query_string={"query": ENDLESS}).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(ask, range(12)))

    assert set(statuses) == {503, 504}


def test_a_worker_process_has_no_network() -> None:
    """Even a SERVICE that bypasses the check reaches nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        there = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        query = f"SELECT * {{ SERVICE <{there}> {{ ?a ?b ?c }} }}"
        worker = "from wbskills.wikibase.server.query_worker import forbid_network, ox"
        forbid = f"{worker}; forbid_network();"
        asked = subprocess.run(
            [sys.executable, "-c", f"{forbid} list(ox.Store().query('{query}'))"],
            capture_output=True,
            check=False,
        )
        assert asked.returncode == 1
        assert b"Permission denied" in asked.stderr
        with pytest.raises(TimeoutError):
            listener.accept()


def test_pages_of_every_site_can_query(client: FlaskClient) -> None:
    """As at Wikidata's query service."""
    answer = client.get("/sparql?query=ASK{}")

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    before = client.options("/sparql", headers={"Access-Control-Request-Method": "POST"})
    assert before.status_code == 200
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in before.headers["Access-Control-Allow-Headers"]


def test_the_query_page_shows_an_answer_or_an_error(client: FlaskClient) -> None:
    """A table with links, or a message."""
    page = client.get("/query", query_string={"query": "SELECT ?x ?y { ?x rdfs:label ?y }"})
    fault = client.get("/query", query_string={"query": "SELECT <script>"})
    graph = client.get("/query", query_string={"query": "DESCRIBE wd:Q1"})

    assert '<a href="/wiki/Item:Q2"><bdi>Q2</bdi></a>' in page.text
    assert fault.status_code == 400
    assert "<script>" not in fault.text
    assert "wikibase:Item" in graph.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


def test_a_warm_query_takes_a_few_milliseconds(tmp_path: Path) -> None:
    """Process, checks and pipes together."""
    with Embedded(str(tmp_path / "wikibase")) as store:
        put(store, Entity(labels={"en": "Ada"}))
        queries = QueryPool(site_of(store), {}, processes=1)
        queries.run("ASK {}")
        start = perf_counter()
        for _ in range(50):
            queries.run("ASK {}")
        each = (perf_counter() - start) / 50
        queries.close()

    assert each < 0.02  # some 1 ms on an idle machine


def test_queries_during_edits_see_a_consistent_store(tmp_path: Path) -> None:
    """Files change during edits; a query sees one state, and not an outdated one."""
    with Embedded(str(tmp_path / "wikibase")) as store:
        site = site_of(store)
        queries = QueryPool(site, query_prefixes(store.concept_base), timeout=20)
        written = 0
        behind = []

        def ask(_: int) -> None:
            before = written
            found = queries.run("SELECT (COUNT(*) AS ?n) { ?x a wikibase:Item }", table="csv")
            behind.append(int(found.body.split()[1]) < before)

        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(ask, n) for n in range(30)]
            while not all(one.done() for one in asked):
                with site.write_lock:
                    put(store, Entity(labels={"en": f"item {written}"}))
                written += 1
        queries.close()

    assert [one.exception() for one in asked] == [None] * 30
    assert not any(behind)


def test_unused_snapshots_are_removed(tmp_path: Path) -> None:
    """All of them at the end, and those of a server that was killed."""
    left = tmp_path / "wikibase" / "readers" / "1-0" / "1"
    with Embedded(str(tmp_path / "wikibase")):
        left.mkdir(parents=True)
    with Embedded(str(tmp_path / "wikibase")) as store:
        queries = QueryPool(site_of(store), query_prefixes(store.concept_base), processes=1)
        for n in range(4):
            put(store, Entity(labels={"en": f"item {n}"}))
            queries.run(LABELS)
        (home,) = left.parents[1].iterdir()
        kept = len(list(home.iterdir()))
        queries.close()

    assert kept == 1
    assert list(left.parents[1].iterdir()) == []


@pytest.mark.parametrize("how", ["snapshot", "select"])
def test_no_reader_sees_half_of_an_edit(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit removes triples and then adds others; in between, an item would have neither."""
    amid, done = Event(), Event()
    load, read = TripleStore._load, getattr(TripleStore, how)

    def slow_load(self: TripleStore, lines: Iterable[str]) -> None:
        amid.set()
        done.wait(1)
        load(self, lines)

    with Embedded(str(tmp_path / "s")) as store, ThreadPoolExecutor(1) as pool:
        ada = put(store, Entity(labels={"en": "Ada"})).entity
        store.select("SELECT * {}")
        query = f"SELECT ?label {{ <{store.concept_base}{ada.id}> <{LABEL}> ?label }}"

        def edit() -> None:
            put(store, replace(ada, labels={"en": "Augusta"}))
            store._derived.update()

        def read_amid(self: TripleStore, asked: Any) -> Any:  # noqa: ANN401 - what is patched gives
            edited[:] = [pool.submit(edit)]
            amid.wait(0.3)
            try:
                return read(self, asked)
            finally:
                done.set()

        rows: list[Any] = []
        edited: list[Future[None]] = []
        with monkeypatch.context() as patched:
            patched.setattr(TripleStore, "_load", slow_load)
            patched.setattr(TripleStore, how, read_amid)
            if how == "snapshot":
                copy = str(tmp_path / "copy")
                store.snapshot(Path(copy))
                found = ox.Store.read_only(copy).query(query)
                rows = list(cast(ox.QuerySolutions, found))
            else:
                rows = list(store.select(query).rows)
            edited[0].result()

    assert len(rows) == 1


def test_in_memory_the_triples_are_sent_only_after_an_edit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sending all of them for each query would take longer than the query, and block edits."""
    sent = []
    triples = Embedded.triples

    def counted(self: Embedded) -> Iterator[str]:
        sent.append(1)
        return triples(self)

    monkeypatch.setattr(Embedded, "triples", counted)
    with Embedded(":memory:") as store:
        queries = QueryPool(site_of(store), query_prefixes(store.concept_base), processes=1)
        for text in ("a", "b"):
            put(store, Entity(labels={"en": text}))
            for _ in range(3):
                found = queries.run(
                    "SELECT ?l { ?i rdfs:label ?l } ORDER BY DESC(?l)", table="csv"
                )
                assert found.body.decode().split()[1] == text
        queries.close()

    assert len(sent) == 2


@pytest.mark.parametrize("gigabytes", [0.25, 0.5, 1, 2, 3, 4, 8, 16, 24, 256])
def test_queries_use_at_most_an_eighth_of_the_memory(gigabytes: float) -> None:
    """All processes and all answers together, on a machine of any size."""
    physical = int(gigabytes * GIGABYTE)
    shared = budget_for(physical)

    assert physical // 9 < shared.total <= physical // 8
    assert shared.answer <= shared.answers


@pytest.mark.parametrize("place", [":memory:", "folder"])
def test_the_memory_of_a_process_is_limited(tmp_path: Path, place: str) -> None:
    """Otherwise one query could end the server and other programs."""
    hungry = (
        "SELECT (GROUP_CONCAT(?x) AS ?y) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i ."
        " BIND(CONCAT(STR(?a), STR(?d), STR(?g)) AS ?x) }"
    )
    place = str(tmp_path / place) if place == "folder" else place
    with Embedded(place) as store:
        for number in range(20):
            put(store, Entity(labels={"en": f"Ada {number}"}))
        memory = budget_for(1 * GIGABYTE)
        queries = QueryPool(site_of(store), query_prefixes(store.concept_base), memory=memory)
        assert queries.run("ASK { ?a ?b ?c }").body
        (process,) = queries._free.queue
        running = process._running
        assert running is not None
        allowed = resource.prlimit(running.pid, resource.RLIMIT_DATA)[0]
        assert allowed == memory.process + (48 << 20)  # which threads reserve and do not use
        with pytest.raises(StoreError, match="less memory"):
            queries.run(hungry)
        assert queries.run("ASK {}").body
        queries.close()


def test_the_memory_of_all_answers_is_limited(tmp_path: Path) -> None:
    """Slow readers keep answers in memory; it is released when they are sent."""
    numbers = " ".join(map(str, range(300)))
    long = f"SELECT * {{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers} }} }}"
    with Embedded(str(tmp_path / "wikibase")) as store:
        queries = QueryPool(
            site_of(store), {}, memory=MemoryBudget(1, GIGABYTE, answers=30 << 20, answer=20 << 20)
        )
        first = queries.run(long)
        assert 15 << 20 < first.size == len(first.body) < 20 << 20
        with pytest.raises(AnswerMemoryFull):
            queries.run(long)
        del first
        assert queries.run(long).size
        with pytest.raises(QueryError, match="longer than 20 MiB"):
            queries.run(long.replace("?a {", f"?a {{ {numbers}"))
        assert queries._answer_memory.left == 30 << 20
        queries.close()


def test_the_query_page_computes_only_what_it_shows(client: FlaskClient) -> None:
    """Of an endless answer, the first rows; of a long graph, the first triples."""
    endless = f"SELECT * {{ {' '.join(f'?a{n} ?b{n} ?c{n} .' for n in range(6))} }}"
    rows = client.get("/query", query_string={"query": endless})
    numbers = " ".join(map(str, range(600)))
    graph = f"CONSTRUCT {{ wd:Q1 rdfs:label ?x }} {{ VALUES ?x {{ {numbers} }} }}"
    triples = client.get("/query", query_string={"query": graph})
    few = client.get("/query", query_string={"query": "SELECT * { VALUES ?x { 1 2 UNDEF } }"})

    assert rows.status_code == 200
    assert rows.text.count("<tr>") == 501
    assert "The first 500 rows" in rows.text
    assert triples.text.count("rdfs:label ") + triples.text.count(", ") < 600
    assert "The first 500 triples" in triples.text
    assert "3 rows" in few.text
