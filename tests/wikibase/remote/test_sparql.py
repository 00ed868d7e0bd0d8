"""The query service: failures and partial answers are reported."""

from collections.abc import Iterable

import pytest

from tests.wikibase.remote.disturbed_wiki import DisturbedWiki
from wbskills.errors import StoreError
from wbskills.wikibase.server.guard import Environ, StartResponse

WHOLE = (
    '{"head":{"vars":["s"]},"results":{"bindings":'
    '[{"s":{"type":"uri","value":"http://x.example/"}}]}}'
)


@pytest.mark.parametrize(
    ("sparql", "message"),
    [
        ("", "names no query service"),
        ("http://127.0.0.1:9/sparql", "does not answer"),
        ("{address}/nothing-there", "no query service"),
        ("{address}/w/api.php", "JSON|not that of a SELECT|does not answer"),
    ],
)
def test_a_failing_query_service_is_reported(
    sparql: str, message: str, wiki: DisturbedWiki
) -> None:
    """What, where, and what to try."""
    address = sparql.replace("{address}", wiki.served.address)
    with wiki.remote(sparql=address) as remote, pytest.raises(StoreError, match=message) as error:
        remote.select("SELECT * { ?s ?p ?o } LIMIT 1")
    assert error.value.hint


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        ("206 Partial Content", [], WHOLE),
        ("200 OK", [("X-SQL-State", "S1TAT")], WHOLE),
        ("200 OK", [("X-SPARQL-MaxRows", "1")], WHOLE),
        ("200 OK", [], f"{WHOLE[:-9]}\njava.util.concurrent.TimeoutException"),
        ("200 OK", [], f"{WHOLE}\njava.util.concurrent.TimeoutException"),
    ],
    ids=["206", "anytime", "rows", "amid", "after"],
)
def test_a_partial_answer_of_a_query_service_is_an_error(
    wiki: DisturbedWiki, status: str, headers: list[tuple[str, str]], body: str
) -> None:
    """It is not used."""

    def front(environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
        if not environ["PATH_INFO"].startswith("/sparql"):
            return None
        kind = ("Content-Type", "application/sparql-results+json")
        start_response(status, [kind, *headers])
        return [body.encode()]

    wiki.traffic.front = front
    with wiki.remote() as remote, pytest.raises(StoreError, match=r"part of|cut off") as error:
        remote.select("SELECT ?s { ?s ?p ?o }")
    assert "narrower" in error.value.hint
