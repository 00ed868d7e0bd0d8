"""Requests that are meant to hold the server up: each is over within the limit of a query.

All that is done with the text of a query happens in a process that is ended after some seconds
and that can take so much memory; the server itself does next to nothing with it.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from time import perf_counter, thread_time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from tests.wikibase.server.support import (
    ADDRESS,
    Api,
    LocalServer,
    app_of,
    link,
    property_of,
    put,
    site_of,
    text,
)
from wbskills.errors import QueryError
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.errors import plain
from wbskills.wikibase.server.guard import local_only
from wbskills.wikibase.server.label_service import replace_label_services
from wbskills.wikibase.server.query_pool import MAX_QUERY
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import close
from wbskills.wikibase.server.sparql import blueprint
from wbskills.wikibase.server.sparql_text import query_prefixes
from wbskills.wikibase.sparql_tokens import tokenize

LONG = 200_000  # characters
LIMIT = 1.0  # seconds of a query
OF_ITS_OWN = 0.5  # seconds that the server may spend on any of these, on a slow machine
LABEL = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } '


def filled(start: str, piece: str, end: str = "", closing: str = "") -> str:
    """Return a query of maximum length: a piece repeated, and what closes it."""
    times = (MAX_QUERY - len(start) - len(end)) // len(piece + closing)
    return f"{start}{piece * times}{closing * times}{end}"


def numbered(start: str, piece: str, end: str) -> str:
    """Return a query of maximum length, of pieces with different numbers."""
    pieces = [start]
    size = len(start) + len(end)
    for number in range(MAX_QUERY):
        size += len(piece % number)
        if size > MAX_QUERY:
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
    """A client of an endpoint with a short time limit, with some hundred triples."""
    with Embedded(str(tmp_path_factory.mktemp("attacked") / "wikibase")) as store:
        can = property_of(store, "can", "wikibase-item")
        skill = put(store, Entity(labels={"en": "Lua"})).entity.id
        for number in range(10):
            put(store, Entity(labels={"en": f"Ada {number}"}, statements=(link(can, skill),)))
        yield app_of(site_of(store), partial(blueprint, timeout=LIMIT)).test_client()


ON_THE_PAGE = [name for name in QUERIES if name.startswith(("an endless", "values", "a long"))]


def send(client: FlaskClient, method: str, place: str, name: str) -> int:
    """Send a query; return the status, and check that neither it nor the server took too long."""
    begun, worked = perf_counter(), thread_time()
    form = {"data" if method == "POST" else "query_string": {"query": QUERIES[name]}}
    answer = client.open(place, method=method, **form)  # type: ignore[arg-type] # two of many

    assert perf_counter() - begun < LIMIT + 3
    assert thread_time() - worked < OF_ITS_OWN
    assert client.get("/sparql", query_string={"query": "ASK{}"}).status_code == 200
    return answer.status_code


@pytest.fixture(scope="module")
def everything() -> Iterator[Client]:
    """A client of the whole server, on which everyone may edit."""
    with Embedded(":memory:", concept_base=f"{ADDRESS}/entity/") as store:
        key = property_of(store, "key", "external-id")
        put(store, Entity(labels={"en": "Ada"}, statements=(text(key, "x", "external-id"),)))
        app = create_web_app(site_of(store), Settings(anonymous_edits=True))
        yield Client(app)
        close(app)


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_blocks_the_server_beyond_its_limit(client: FlaskClient, name: str) -> None:
    """And the next query is answered."""
    assert len(QUERIES[name]) <= MAX_QUERY
    assert send(client, "POST", "/sparql", name) in {200, 400, 503, 504}


@pytest.mark.parametrize("name", ON_THE_PAGE)
def test_no_query_blocks_the_page_beyond_its_limit(client: FlaskClient, name: str) -> None:
    """The page requests only the first rows."""
    assert send(client, "GET", "/query", name) in {200, 400, 503, 504}


def test_a_longer_query_is_refused_at_once(client: FlaskClient) -> None:
    """Before it is processed, with a message."""
    for query in ("ASK{}" + " " * MAX_QUERY, " " * 4_000_000):
        worked = thread_time()
        answer = client.post("/sparql", data={"query": query})

        assert (answer.status_code, thread_time() - worked < OF_ITS_OWN) == (413, True)
        assert "65,536 characters" in answer.text
    assert client.post("/sparql", data={"query": "ASK{} #" + "😀" * 65_000}).status_code == 200


ODD: list[object] = [
    None, True, 1, 1.5, -1, 1e308, 10**300, "", "x" * 10_000, "\ud800", "\x00", [], {}, [[]],
    [None], [{}], {"id": None}, {"id": []}, {"id": {"a": 1}}, [["a"]], "Q1", ["Q1"],
    [{"id": "\ud800"}], float("nan"), float("inf"), False,
]  # fmt: skip
DEEP = ["[" * n + "]" * n for n in (150, 900, 100_000)]


def test_no_json_makes_reconciliation_fail(everything: Client) -> None:
    """Each member of a query may be anything, nested to any depth."""
    asked: list[dict[str, str]] = []
    for odd in ODD:
        asked += [
            {"query": json.dumps({"query": "Ada", name: odd})}
            for name in ("query", "type", "limit", "type_strict", "properties")
        ]
        for name in ("pid", "v", "p"):
            said = {"pid": "P1", "v": "x", name: odd}
            asked.append({"queries": json.dumps({"q": {"query": "Ada", "properties": [said]}})})
        asked += [
            {"queries": json.dumps(odd)},
            {"queries": json.dumps({"q": odd})},
            {"extend": json.dumps(odd)},
            {"extend": json.dumps({"ids": odd, "properties": [{"id": "P1"}]})},
            {"extend": json.dumps({"ids": ["Q1"], "properties": odd})},
            {"extend": json.dumps({"ids": [odd], "properties": [{"id": odd}]})},
        ]
    for deep in DEEP:
        for form in ("%s", '{"query": %s}', '{"q": %s}', '{"q": {"query": %s}}', '{"ids": %s}'):
            asked += [{name: form % deep} for name in ("query", "queries", "extend")]
    failed = [
        form
        for form in asked
        if everything.post("/reconcile/en/api", data=form).status_code not in {200, 400}
    ]

    assert failed == []


@pytest.mark.parametrize("place", ["/w/api.php", "/sparql", "/reconcile/en/api", "/query", "/"])
@pytest.mark.parametrize("form", [b"a&" * 3_500_000, b"a=b&" * 1_500_000, b"a=b&" * 190_000])
def test_a_form_of_millions_of_parameters_is_refused(
    everything: Client, place: str, form: bytes
) -> None:
    """Parsed, it would take a hundred times its size."""
    worked = thread_time()
    kind = "application/x-www-form-urlencoded"
    answer = everything.post(place, data=form, content_type=kind)

    assert (answer.status_code, thread_time() - worked < OF_ITS_OWN) == (413, True)


def test_deeply_nested_entities_are_refused(everything: Client) -> None:
    """Like invalid JSON."""
    for deep in DEEP:
        for data in (deep, f'{{"claims": {deep}}}', f'{{"labels": {{"en": {deep}}}}}'):
            form = {"action": "wbeditentity", "new": "item", "token": "+\\", "format": "json"}
            answer = everything.post("/w/api.php", data={**form, "data": data})
            assert answer.status_code == 200
            assert "error" in (answer.get_json() or {})


HEADERS = {
    "a language of many parts": ("Accept-Language", "en-" * 80_000),
    "many languages": ("Accept-Language", ",".join(f"a{n}-b;q=0.{n % 9}1" for n in range(15_000))),
    "many forms": ("Accept", ",".join(f"a/b{n};q=0.{n % 9}1" for n in range(15_000))),
    "a form of many parameters": ("Accept", "text/html;a=" + ";a=" * 60_000),
    "many cookies": ("Cookie", ";".join(f"a{n}=b" for n in range(15_000))),
    "many versions": ("If-None-Match", ",".join(f'"{n}"' for n in range(15_000))),
}


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_blocks_the_server(everything: Client, name: str) -> None:
    """With as many characters as a head may have."""
    header, value = HEADERS[name]
    assert len(value) < 1 << 18
    for place in ("/sparql?query=ASK{}", "/query?query=ASK{}", "/wiki/Item:Q1", "/entity/Q1", "/"):
        worked = thread_time()
        answer = everything.get(place, headers={header: value})

        assert answer.status_code < 500
        assert thread_time() - worked < 2 * OF_ITS_OWN, place


@pytest.mark.parametrize(
    "piece",
    ["a.", "a-", "<", "<a", "'", "''x", '"""', "1.", "1e", "_:a.", ":a.", "?", "@a-", "#", "\\"],
)
def test_tokenizing_takes_linear_time(piece: str) -> None:
    """Quadratic time would block a thread that cannot be stopped."""
    started = perf_counter()
    with suppress(QueryError):
        tokenize(piece * (LONG // len(piece)))

    assert perf_counter() - started < 10  # a second or less; ten minutes and more otherwise


@pytest.mark.parametrize("piece", ["<var>", "<", "<var", "</var>", "[[Item:Q1|"])
def test_messages_take_linear_time(piece: str) -> None:
    """A wrong value is part of the message that refuses it."""
    started = perf_counter()
    plain(piece * (LONG // len(piece)))

    assert perf_counter() - started < 10


def test_a_query_of_label_services_only_is_refused() -> None:
    """Each of them looks through the whole query."""
    base = f"{ADDRESS}/entity/"
    block = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "en" } '
    things = " ".join(f"?a{each} ?b ?c ." for each in range(5000))
    labels = " ".join(f"?a{each}Label" for each in range(5000))

    for query in (f"SELECT * {{ {block * 5000} }}", f"SELECT {labels} {{ {things} {block} }}"):
        started = perf_counter()
        with pytest.raises(QueryError):
            replace_label_services(query, query_prefixes(base), base)
        assert perf_counter() - started < 5


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8181", "200"),
        ("localhost", "200"),
        ("[::1]:8181", "200"),
        ("evil.example", "403"),
        ("evil.example:8181", "403"),
        ("127.0.0.1.evil.example", "403"),
        ("127.0.0.1@evil.example", "403"),
        ("[", "403"),
        ("[::1", "403"),
        ("[evil]", "403"),
    ],
)
def test_only_hosts_of_this_machine_are_answered(host: str, status: str) -> None:
    """A page may point its name at this machine; malformed hosts are refused, too."""
    told: list[str] = []
    app = Flask("test")
    app.add_url_rule("/", "start", lambda: "here")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "HTTP_HOST": host,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8181",
        "wsgi.url_scheme": "http",
    }

    b"".join(local_only(app, ADDRESS)(environ, lambda status, _head: told.append(status[:3])))

    assert told == [status]


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("action=login&lgpassword=x", {"lgname": "Ada"}),
        ("action=login&lgtoken=x", {"lgname": "Ada", "lgpassword": "x"}),
        ("action=clientlogin&password=x", {"username": "Ada", "logintoken": "x"}),
        ("action=wbsetlabel&token=x", {"id": "Q1", "language": "en"}),
    ],
)
def test_no_secret_is_taken_from_an_address(
    server: LocalServer, address: str, form: dict[str, str]
) -> None:
    """Addresses are logged by browsers, proxies and servers."""
    client = Client(server.app)

    found = client.post(f"/w/api.php?format=json&{address}", data=form, base_url=ADDRESS).json

    assert found is not None
    assert found["error"]["code"] == "mustpostparams"


def test_the_last_of_equal_parameters_counts(bot: Api) -> None:
    """As in PHP."""
    found = bot.client.get(
        "/w/api.php?action=help&action=query&meta=userinfo&format=json", base_url=ADDRESS
    )

    assert found.get_json()["query"]["userinfo"]["name"] == "Bot"


def test_invalid_languages_are_not_cached(bot: Api) -> None:
    """Each request may name another one, of megabytes."""
    bot.edit({"labels": {"en": {"language": "en", "value": "one"}}}, new="item")
    languages.fallback_chain.cache_clear()
    for number in range(3):
        found = bot("wbsearchentities", search="one", language="en", uselang=f"{number}x" * 10_000)
        assert found["search"][0]["label"] == "one"

    assert languages.fallback_chain.cache_info().currsize == 1
    for number in range(2_000):
        languages.fallback_chain(f"x{number}")
    assert languages.fallback_chain.cache_info().currsize <= 1_000
