"""OpenRefine finds this Wikibase by its manifest and matches names to its items."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.wikibase.server.support import ADDRESS, app_of, link, property_of, put, site_of, text
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.server import openrefine

API = "/reconcile/en/api"


@pytest.fixture
def store() -> Iterator[Embedded]:
    """A store with two people of the same name, and a skill."""
    with Embedded(":memory:") as store:
        instance_of = property_of(store, "instance of", "wikibase-item")
        user = property_of(store, "user name", "external-id")
        home = property_of(store, "home", "string")
        person = put(store, Entity(labels={"en": "person"})).entity.id
        is_person = link(instance_of, person)
        for label, home_of, names in (
            ("Ada Lovelace", "London", ("Ada",)),
            ("Ada Lovelace", "Paris", ()),
            ("Grace Hopper", "New York", ("Amazing Grace",)),
        ):
            put(
                store,
                Entity(
                    labels={"en": label},
                    descriptions={"en": f"from {home_of}"},
                    aliases={"en": names},
                    statements=(
                        is_person,
                        text(home, home_of),
                        text(user, home_of, "external-id"),
                    ),
                ),
            )
        put(store, Entity(labels={"en": "Gracefulness", "de": "Anmut"}))
        yield store


@pytest.fixture
def client(store: Embedded) -> FlaskClient:
    """A client of the service."""
    return app_of(site_of(store), openrefine.blueprint).test_client()


def candidates_for(client: FlaskClient, **query: object) -> list[dict[str, Any]]:
    """Match one name; return the candidates."""
    answer = client.post(API, data={"queries": json.dumps({"q0": query})})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["q0"]["result"]
    return found


def test_the_manifest_has_what_openrefine_needs(client: FlaskClient) -> None:
    """Version 2, at both addresses."""
    found = client.get("/manifest.json").get_json()

    assert found == client.get("/w/rest.php/wikibase/manifest/v0/manifest").get_json()
    assert found["version"] == "2.0"
    assert found["mediawiki"]["root"].endswith("/")
    assert found["mediawiki"]["api"] == f"{ADDRESS}/w/api.php"
    assert found["wikibase"]["site_iri"] == "http://localhost:8181/entity/"
    assert found["wikibase"]["properties"]["instance_of"] == "P1"
    assert found["entity_types"]["item"]["reconciliation_endpoint"] == (
        f"{ADDRESS}/reconcile/${{lang}}/api"
    )


def test_the_service_describes_itself(client: FlaskClient) -> None:
    """To every origin, and as JSONP to older clients."""
    found = client.get(API)
    called = client.get(f"{API}?callback=jQuery1_2")
    odd = client.get(f"{API}?callback=alert(1)//")

    assert found.get_json()["versions"] == ["0.1", "0.2"]
    assert found.get_json()["identifierSpace"] == "http://localhost:8181/entity/"
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert called.text.startswith("/**/jQuery1_2({")
    assert called.mimetype == "text/javascript"
    assert odd.mimetype == "application/json"


def test_a_unique_name_is_a_match(client: FlaskClient) -> None:
    """By label or alias, in any case."""
    by_label = candidates_for(client, query="grace hopper")
    by_alias = candidates_for(client, query="Amazing Grace")

    assert next(one["id"] for one in by_label) == "Q4"
    assert (by_label[0]["match"], by_label[0]["score"]) == (True, 100)
    assert by_label[0]["type"] == [{"id": "Q1", "name": "person"}]
    assert by_label[0]["description"] == "from New York"
    assert [(alias["id"], alias["match"]) for alias in by_alias] == [("Q4", True)]


def test_an_ambiguous_name_is_a_match_only_with_more_values(client: FlaskClient) -> None:
    """Another column of the table may tell which one is meant."""
    unsure = candidates_for(client, query="Ada Lovelace")
    home = candidates_for(client, query="Ada Lovelace", properties=[{"pid": "P3", "v": "Paris"}])

    assert [(one["id"], one["match"]) for one in unsure] == [("Q2", False), ("Q3", False)]
    assert [(one["id"], one["match"]) for one in home] == [("Q3", True), ("Q2", False)]


def test_an_id_an_iri_and_an_external_id_are_unambiguous(client: FlaskClient) -> None:
    """Even if the name is a different one."""
    by_id = candidates_for(client, query="q3")
    by_address = candidates_for(client, query="http://localhost:8181/entity/Q3")
    by_user = candidates_for(client, query="Paris")
    by_column = candidates_for(client, query="Countess", properties=[{"pid": "P2", "v": "Paris"}])

    for found in (by_id, by_address, by_user, by_column):
        assert [(one["id"], one["match"]) for one in found[:1]] == [("Q3", True)]


def test_a_strict_type_excludes_other_entities(client: FlaskClient) -> None:
    """A type that is not strict lowers their score."""
    should = candidates_for(client, query="Grace", type="Q1", type_strict="should")
    must = candidates_for(client, query="Grace", type=[{"id": "Q1"}], type_strict="any")

    scores = {one["id"]: one["score"] for one in should}
    assert should[-1]["id"] == "Q5"
    assert scores["Q5"] < 0.8 * scores["Q4"]
    assert [one["id"] for one in must] == ["Q4"]


def test_what_openrefine_sends_is_answered(client: FlaskClient) -> None:
    """Recorded from version 3.6."""
    queries = {
        "q0": {"query": "Dora", "type": "", "type_strict": "should"},
        "q1": {"query": "Grace Hopper", "type": "", "type_strict": "should"},
    }

    found = client.post(API, data={"queries": json.dumps(queries)}).get_json()

    assert found["q0"] == {"result": []}
    assert found["q1"]["result"][0]["match"] is True


def test_a_table_is_extended_by_statements(client: FlaskClient) -> None:
    """Items with their names, texts as texts."""
    asked = {"ids": ["Q2", "Q77"], "properties": [{"id": "P1"}, {"id": "P3"}]}

    found = client.post(API, data={"extend": json.dumps(asked)}).get_json()

    assert found["meta"] == [{"id": "P1", "name": "instance of"}, {"id": "P3", "name": "home"}]
    assert found["rows"] == {
        "Q2": {"P1": [{"id": "Q1", "name": "person"}], "P3": [{"str": "London"}]},
        "Q77": {"P1": [], "P3": []},
    }


def test_names_are_suggested_while_they_are_typed(client: FlaskClient) -> None:
    """Of items, properties and types."""
    items = client.get("/reconcile/en/suggest/entity?prefix=gra").get_json()["result"]
    german = client.get("/reconcile/de/suggest/entity?prefix=Anm").get_json()["result"]
    properties = client.get("/reconcile/en/suggest/property?prefix=inst").get_json()["result"]

    assert {item["id"] for item in items} == {"Q4", "Q5"}
    assert german == [{"id": "Q5", "name": "Anmut", "description": ""}]
    assert properties == [{"id": "P1", "name": "instance of", "description": ""}]
    assert client.get("/reconcile/en/suggest/x?prefix=a").status_code == 404
    assert len(client.get("/reconcile/en/properties").get_json()["properties"]) == 3


def test_the_preview_may_be_framed(client: FlaskClient) -> None:
    """OpenRefine shows it next to the cell."""
    found = client.get("/reconcile/en/preview?id=Q2")

    assert "Ada Lovelace" in found.text
    assert "frame-ancestors *" in found.headers["Content-Security-Policy"]
    assert client.get("/reconcile/en/preview?id=<x>").status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        {"queries": "no json"}, {"queries": "[]"}, {"queries": '{"q0": 5}'}, {"extend": "5"},
        {"extend": '{"ids": 5}'}, {"extend": '{"ids": [], "properties": [5]}'},
        {"queries": '{"q0": {"query": null, "limit": "x", "properties": [5]}}'},
        {"query": "{"},
    ],
)  # fmt: skip
def test_malformed_requests_are_refused(client: FlaskClient, data: dict[str, str]) -> None:
    """Never with an error of the server."""
    assert client.post(API, data=data).status_code in {200, 400}
