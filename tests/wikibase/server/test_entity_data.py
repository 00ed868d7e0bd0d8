"""The data of an entity is what a real Wikibase answers at the same address."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from tests.wikibase.recordings import RECORDINGS
from tests.wikibase.server.support import ADDRESS, app_of, put, recorded_store, site_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity, Sitelink
from wbskills.wikibase.server.entity_data import blueprint

FORMATS = {
    "nt": RdfFormat.N_TRIPLES,
    "ttl": RdfFormat.TURTLE,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
RECORDED = sorted(
    path for pattern in ("*.nt", "*.ttl") for path in RECORDINGS.glob(f"entitydata/{pattern}")
)
LINKED = sorted(RECORDINGS.glob("entitydata/*.jsonld"))
EXCHANGES = sorted(RECORDINGS.glob("exchanges/*-ed-*.json"))


@pytest.fixture(scope="module")
def recorded() -> Iterator[FlaskClient]:
    """A client of a server with the recorded data."""
    with recorded_store() as store:
        app = app_of(site_of(store), partial(blueprint, wiki_id="realwb"))
        yield app.test_client()


@pytest.fixture
def store() -> Iterator[Embedded]:
    """A store with one item."""
    with Embedded(":memory:", clock=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC)) as store:
        put(store, Entity(labels={"en": "water"}), "made")
        yield store


@pytest.fixture
def client(store: Embedded) -> FlaskClient:
    """A client of that store."""
    return app_of(site_of(store), partial(blueprint, wiki_id="tests")).test_client()


def canonical(data: bytes, form: str) -> set[str]:
    """Return the triples of a document, regardless of the names of blank nodes."""
    dataset = Dataset(parse(data, FORMATS[form]))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad.triple) for quad in dataset}


def request(client: FlaskClient, path: Path) -> bytes:
    """Send the request that a file was recorded from."""
    entity_id, *flavor, extension = path.name.split(".")
    query = {"flavor": flavor[0]} if flavor else {}
    answer = client.get(f"/wiki/Special:EntityData/{entity_id}.{extension}", query_string=query)
    assert answer.status_code == 200
    return bytes(answer.data)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_rdf_has_the_recorded_triples(recorded: FlaskClient, path: Path) -> None:
    """In each flavor, as N-Triples and as Turtle: none is missing, none is extra."""
    form = path.suffix.removeprefix(".")
    found, expected = canonical(request(recorded, path), form), canonical(path.read_bytes(), form)

    assert (sorted(expected - found), sorted(found - expected)) == ([], [])


@pytest.mark.parametrize(
    "path",
    sorted(path for path in RECORDINGS.glob("entitydata/*.json")),
    ids=lambda path: path.name,
)
def test_json_is_the_recorded_one_to_the_byte(recorded: FlaskClient, path: Path) -> None:
    """With key order, escapes and numbers; only the page id differs."""
    ((_, expected),) = json.loads(path.read_text(encoding="utf-8"))["entities"].items()
    before = path.read_bytes().partition(b'"pageid":%d,' % expected["pageid"])[::2]

    found = request(recorded, path)

    assert (found.startswith(before[0]), found.partition(b',"ns":')[2]) == (
        True,
        before[1].partition(b'"ns":')[2],
    )


@pytest.mark.parametrize("path", LINKED, ids=lambda path: path.name)
def test_json_ld_has_the_recorded_form(recorded: FlaskClient, path: Path) -> None:
    """`@graph` with short names, and a `@context` that explains them."""
    renamed = path.read_text(encoding="utf-8")
    for older, newer in (("data", "wdata"), ("s", "wds"), ("ref", "wdref"), ("v", "wdv")):
        renamed = renamed.replace(f'"{older}:', f'"{newer}:').replace(f'"{older}"', f'"{newer}"')
    theirs, ours = json.loads(renamed), json.loads(request(recorded, path))

    assert list(ours) == list(theirs) == ["@graph", "@context"]
    assert described(ours) == described(theirs)
    assert shape(ours) == shape(theirs)


def described(document: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the context, ignoring whether a number is a number or a string."""
    context = document["@context"]
    for about in context.values():
        if isinstance(about, dict) and about.get("@type") == "xsd:double":
            del about["@type"]
    return {name: about for name, about in context.items() if about}


def shape(document: Any) -> dict[str, set[str]]:  # noqa: ANN401 - JSON
    """Return the members of each node, regardless of order and form of values."""
    found: dict[str, set[str]] = {}
    for node in document["@graph"]:
        found.setdefault(node["@id"], set()).update(node)
    return found


def test_turtle_names_the_prefixes_in_the_order_of_wikibase(recorded: FlaskClient) -> None:
    """Programs that show the beginning of a file show the same."""
    recording = (RECORDINGS / "entitydata" / "Q13.ttl").read_text(encoding="utf-8")
    answer = recorded.get("/wiki/Special:EntityData/Q13.ttl").text

    theirs, ours = (re.findall(r"@prefix \w+: (<.*>) \.", text) for text in (recording, answer))

    assert ours == theirs


def test_sitelinks_to_this_wiki_have_its_address(client: FlaskClient, store: Embedded) -> None:
    """The server knows its own address."""
    linked = Entity(id="Q1", labels={"en": "water"}, sitelinks=(Sitelink("tests", "Main Page"),))
    put(store, linked)

    json_ = client.get("/wiki/Special:EntityData/Q1.json").get_json()["entities"]["Q1"]
    triples = client.get("/wiki/Special:EntityData/Q1.nt").text

    assert json_["sitelinks"]["tests"]["url"] == f"{ADDRESS}/wiki/Main_Page"
    assert f"<{ADDRESS}/wiki/Main_Page> <http://schema.org/about> " in triples


@pytest.mark.parametrize("entity_id", ["P12", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9"])
def test_all_formats_of_rdf_have_the_same_triples(recorded: FlaskClient, entity_id: str) -> None:
    """One document in four formats."""
    forms = {
        form: canonical(recorded.get(f"/wiki/Special:EntityData/{entity_id}.{form}").data, form)
        for form in FORMATS
    }

    assert forms["ttl"] == forms["nt"] == forms["rdf"] == forms["jsonld"]


@pytest.mark.parametrize("path", EXCHANGES, ids=lambda path: path.stem)
def test_a_recorded_exchange_is_answered_alike(recorded: FlaskClient, path: Path) -> None:
    """Status, address, media type, headers and messages are those of Wikibase."""
    exchange = json.loads(path.read_text(encoding="utf-8"))
    request, expected = exchange["request"], exchange["response"]
    headers = {name: value for name, value in request.get("headers", {}).items() if value}

    answer = recorded.open(
        request["url"],
        method=request["method"],
        query_string=request.get("query"),
        headers=headers,
    )

    if "revision" in str(request.get("query", "")) and expected["status"] == 200:
        pytest.skip("only the newest revisions were taken over")
    assert answer.status_code == expected["status"]
    wanted = {"Location", "Access-Control-Allow-Origin", "X-Content-Type-Options"}
    if expected["status"] == 200:
        wanted |= {"Content-Type", "Last-Modified", "Cache-Control", "X-Frame-Options"}
    theirs = {k: v for k, v in expected["headers"].items() if k in wanted}
    assert {name: answer.headers.get(name) for name in theirs} == theirs
    if expected["status"] >= 400:
        # PHP's own form of data is the one that is not offered.
        told = expected["body"].replace("application/vnd.php.serialized, ", "")
        assert answer.text == told


def test_every_kind_of_exchange_was_recorded() -> None:
    """The test above has something to compare."""
    statuses: Counter[Any] = Counter(
        json.loads(path.read_text(encoding="utf-8"))["response"]["status"] for path in EXCHANGES
    )

    assert set(statuses) == {200, 301, 303, 304, 400, 404, 406, 415}


def test_an_old_revision_is_returned(store: Embedded, client: FlaskClient) -> None:
    """By its number; that of another entity is not found."""
    first = store.read(["Q1"])["Q1"]
    put(store, Entity(id="Q1", labels={"en": "ice"}))
    put(store, Entity(labels={"en": "fire"}))

    old = client.get(f"/wiki/Special:EntityData/Q1.json?revision={first.revision}")
    other = client.get(f"/wiki/Special:EntityData/Q2.json?revision={first.revision}")

    assert old.get_json()["entities"]["Q1"]["labels"]["en"]["value"] == "water"
    assert "public" in old.headers["Cache-Control"]
    assert other.status_code == 404


def test_a_deleted_entity_is_gone_with_its_revisions(store: Embedded, client: FlaskClient) -> None:
    """Deletion is how a person is forgotten."""
    stored = store.read(["Q1"])["Q1"]
    store.remove(stored, EditInfo(summary="gone"))

    newest = client.get("/wiki/Special:EntityData/Q1.json")
    old = client.get(f"/wiki/Special:EntityData/Q1.json?revision={stored.revision}")

    assert (newest.status_code, old.status_code) == (404, 404)


def test_a_redirect_returns_the_data_of_its_target(store: Embedded, client: FlaskClient) -> None:
    """After a merge."""
    source = put(store, Entity(labels={"en": "H2O"}))
    store.redirect(source, "Q1", EditInfo(summary="merged"))

    found = client.get("/wiki/Special:EntityData/Q2.json").get_json()
    triples = client.get("/wiki/Special:EntityData/Q2.nt?flavor=dump").text

    assert list(found["entities"]) == ["Q1"]
    assert "entity/Q2> <http://www.w3.org/2002/07/owl#sameAs> <http://localhost" in triples


def test_the_address_of_an_entity_leads_to_its_data(client: FlaskClient) -> None:
    """Also with a file extension, which some clients add."""
    assert client.get("/entity/Q1").headers["Location"] == "/wiki/Special:EntityData/Q1"
    assert client.get("/entity/Q1.ttl").headers["Location"] == "/wiki/Special:EntityData/Q1.ttl"


@pytest.mark.parametrize("odd", ["Q1.json.ttl", "Q1/x", "..%2f..", "Q0", "Q99999999999", "%00"])
def test_an_invalid_id_is_refused(client: FlaskClient, odd: str) -> None:
    """Never with an error of the server."""
    answer = client.get(f"/wiki/Special:EntityData/{odd}")

    assert answer.status_code in {400, 404, 415}


def test_a_hostile_id_is_escaped_in_the_message(client: FlaskClient) -> None:
    """The message is HTML, as in Wikibase."""
    answer = client.get("/wiki/Special:EntityData", query_string={"id": "<script>"})

    assert answer.status_code == 400
    assert "<script>" not in answer.text


def test_a_current_copy_is_not_sent_again(client: FlaskClient) -> None:
    """By the time of the last edit."""
    first = client.get("/wiki/Special:EntityData/Q1.ttl")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}

    again = client.get("/wiki/Special:EntityData/Q1.ttl", headers=since)

    assert (again.status_code, again.data) == (304, b"")
    assert ADDRESS.startswith("http://127.0.0.1")
