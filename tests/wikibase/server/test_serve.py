"""`wbskills serve` starts quickly, prints what its user needs, and stops cleanly."""

import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import pytest
from SPARQLWrapper import CSV, JSON, POSTDIRECTLY, TSV, URLENCODED, XML, SPARQLWrapper
from wikibaseintegrator.wbi_helpers import execute_sparql_query

from tests.wikibase.server.serve_command import COMMAND, FORM, connect, get, invoked, running
from wbskills.errors import WbskillsError
from wbskills.wikibase.server.http_server import HttpServer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """A server for a folder, with a user: its address, its output, and the folder."""
    folder = tmp_path_factory.mktemp("serve") / "wikibase"
    with running("--wikibase", str(folder), "--add-user", "ada", given="secret words\n") as one:
        _, address, printed = one
        yield address, printed, folder


def test_it_asks_for_a_first_user_at_a_terminal(tmp_path: Path) -> None:
    """A new user can edit within a minute, without reading the manual."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--wikibase", str(tmp_path / "s")],
        stdin=theirs,
        stdout=subprocess.PIPE,
        text=True,
        stderr=theirs,
        start_new_session=True,  # or the password is asked for at the terminal of the tests
    )
    assert process.stdout is not None
    try:
        os.write(ours, b"ada\n")
        for asked in (b"Password for ada", b"Repeat for confirmation"):
            shown = b""
            while asked not in shown:
                shown += os.read(ours, 1000)
            os.write(ours, b"secret words\n")
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        os.close(ours)
        os.close(theirs)
    assert "Ada may edit through programs" in printed
    assert "Nobody may edit yet" not in printed
    assert "secret words" not in printed


def test_it_prints_all_addresses(served: tuple[str, str, Path]) -> None:
    """And the password for programs, once."""
    address, printed, folder = served

    assert f"wbskills serves the Wikibase in {folder}:" in printed
    for path in ("/", "/report/", "/w/api.php", "/sparql", "/manifest.json"):
        assert f"{address}{path} " in printed
    assert "user Ada@wbskills, password " in printed
    assert "may log in" not in printed  # there is no page to do so
    assert "secret words" not in printed


def test_a_new_folder_is_reported(served: tuple[str, str, Path]) -> None:
    """So that a mistyped folder is noticed; the hint can be pasted."""
    _, printed, folder = served

    assert f"The Wikibase in {folder} is new, and empty." in printed
    assert f"wbskills ontology apply --wikibase {folder}\n" in printed


def test_each_part_answers(served: tuple[str, str, Path]) -> None:
    """Pages, API, queries, manifest."""
    connection = connect(served[0])

    statuses = {
        path: get(connection, path)[0]
        for path in (
            "/", "/sparql?query=ASK%7B%7D", "/manifest.json", "/reconcile/en/api",
            "/w/api.php?action=query&meta=siteinfo&format=json", "/looks/wiki.css", "/query",
        )
    }  # fmt: skip
    connection.close()

    assert set(statuses.values()) == {200}, statuses


def test_a_kept_connection_has_no_delay(served: tuple[str, str, Path]) -> None:
    """If header and body were sent separately, Nagle's algorithm would add 40 ms."""
    connection = connect(served[0])
    get(connection, "/manifest.json")

    start = perf_counter()
    for _ in range(30):
        get(connection, "/manifest.json")
    each = (perf_counter() - start) / 30
    connection.close()

    assert each < 0.03


def test_a_long_query_fits_into_the_address(served: tuple[str, str, Path]) -> None:
    """Escaped, it is longer than the 64 KiB that some servers allow."""
    connection = connect(served[0])
    query = "ASK%7B%7D%23" + "%78" * 60_000

    assert get(connection, f"/sparql?query={query}")[0] == 200
    connection.close()


def test_sparqlwrapper_and_wikibaseintegrator_are_answered(served: tuple[str, str, Path]) -> None:
    """SPARQLWrapper in each of its ways, and WikibaseIntegrator's own helper."""
    at = f"{served[0]}/sparql"
    ask = "SELECT ?x { BIND(5 AS ?x) }"
    media = set()
    for method, way in (("GET", ""), ("POST", URLENCODED), ("POST", POSTDIRECTLY)):
        for form in (JSON, XML, CSV, TSV):
            client = SPARQLWrapper(at)
            client.setMethod(method)
            if way:
                client.setRequestMethod(way)
            client.setQuery(ask)
            client.setReturnFormat(form)
            with client.query().response as answer:
                media.add((form, answer.headers["Content-Type"].partition(";")[0]))
                assert b"5" in answer.read()

    found = execute_sparql_query(ask, endpoint=at, user_agent="tests", max_retries=1)

    assert found["results"]["bindings"][0]["x"]["value"] == "5"
    assert len(media) == 4


def test_other_hosts_and_pages_are_refused(served: tuple[str, str, Path]) -> None:
    """Pages of other sites must not use this machine through the browser."""
    connection = connect(served[0])

    rebound = get(connection, "/", Host="evil.example:8181")
    own = get(connection, "/", Host="localhost:8181")
    connection.request(
        "POST", "/w/api.php", body="action=edit", headers={"Sec-Fetch-Site": "cross-site"}
    )
    posted = connection.getresponse()
    posted.read()
    connection.close()

    assert (rebound[0], own[0], posted.status) == (403, 200, 403)


def test_a_second_server_on_the_folder_is_refused(served: tuple[str, str, Path]) -> None:
    """Only one process writes, and the message says so."""
    result = invoked("--wikibase", str(served[2]), "--port", "0")

    assert isinstance(result.exception, WbskillsError)
    assert "writing" in str(result.exception)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    """On Ctrl-C and as a service: no traceback, and nothing is lost."""
    # Tests that run in the background ignore SIGINT, and a new process would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with running("--wikibase", str(tmp_path / "wikibase")) as (process, address, printed):
        connection = connect(address)
        assert get(connection, "/sparql?query=ASK%7B%7D")[0] == 200
        connection.close()
        process.send_signal(how)
        assert process.wait(10) == 0

    assert "Nobody may edit yet" in printed


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--host", "0.0.0.0"], "--public"),  # noqa: S104 - it must be refused
        (["--host", "192.0.2.1"], "--public"),
        (["--host", "0.0.0.0", "--public", "--anonymous-edits"], "only for this machine"),  # noqa: S104
        (["--public", "--anonymous-edits"], "only for this machine"),  # behind a web server
    ],
)
def test_other_machines_need_the_option_public(arguments: list[str], part: str) -> None:
    """The host alone is not enough."""
    result = invoked("--wikibase", ":memory:", "--port", "0", *arguments)

    assert result.exit_code == 2
    assert part in result.output


def test_a_public_server_needs_a_user() -> None:
    """Otherwise nobody could ever edit."""
    result = invoked("--wikibase", ":memory:", "--port", "0", "--public")

    assert isinstance(result.exception, WbskillsError)
    assert "needs a user" in str(result.exception)


def test_an_empty_password_is_refused() -> None:
    """On standard input, when a program adds the user."""
    result = invoked("--wikibase", ":memory:", "--port", "0", "--add-user", "Ada")

    assert result.exit_code == 2
    assert "needs a password" in result.output


def test_a_port_in_use_is_reported() -> None:
    """The message names it."""
    first = HttpServer("127.0.0.1", 0)
    port = urlsplit(first.address).port
    assert port is not None

    with pytest.raises(WbskillsError, match=f"port {port} cannot be used"):
        HttpServer("127.0.0.1", port)
    first.close()


def test_only_allowed_origins_can_query(tmp_path: Path) -> None:
    """Through the command: a query by a page of an allowed site, and of another."""
    folder = str(tmp_path / "wikibase")
    named, other = "https://query.example", "https://evil.example"
    with running("--wikibase", folder, "--allow-origin", named) as (_, address, _printed):
        connection = connect(address)
        connection.request("POST", "/sparql", "query=ASK%7B%7D", {**FORM, "Origin": named})
        found = connection.getresponse()
        found.read()
        refused = get(connection, "/sparql?query=ASK%7B%7D", Origin=other)
        connection.close()

    assert (found.status, found.headers["Access-Control-Allow-Origin"]) == (200, named)
    assert refused[0] == 403
    assert "--allow-origin" in refused[1]


def test_a_public_server_allows_every_origin_and_has_secure_cookies(tmp_path: Path) -> None:
    """Unless the command says otherwise."""
    public = ("--wikibase", str(tmp_path / "wikibase"), "--public", "--add-user", "Ada")
    begin = "/w/api.php?action=query&meta=tokens&type=login&format=json"
    cookies = []
    for more in ((), ("--no-secure-cookies",)):
        with running(*public, *more, given="secret words\n") as (_, address, printed):
            connection = connect(address)
            connection.request("GET", begin)
            answer = connection.getresponse()
            answer.read()
            cookies.append("Secure" in answer.headers["Set-Cookie"])
            assert ("only work over https" in printed) == (not more)
            asked = {**FORM, "Origin": "https://query.example", "Sec-Fetch-Site": "cross-site"}
            connection.request("POST", "/sparql", "query=ASK%7B%7D", asked)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")

    assert cookies == [True, False]


@pytest.mark.parametrize("origin", ["query.example", "https://query.example/page", "null", "*"])
def test_an_invalid_origin_is_refused(origin: str) -> None:
    """With a path it would never match, and a typo must not allow none or all."""
    result = invoked("--wikibase", ":memory:", "--port", "0", "--allow-origin", origin)

    assert isinstance(result.exception, WbskillsError)
    assert "is not the origin of a web page" in str(result.exception)
