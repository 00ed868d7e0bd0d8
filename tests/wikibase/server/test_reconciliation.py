"""Answers of the reconciliation service have the form that version 0.2 of its API demands.

What is demanded stands in https://reconciliation-api.github.io/specs/0.2/; the schemas here are
ours, after the ones there.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.wikibase.server.support import app_of, link, property_of, put, site_of, text
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import Quantity, Time
from wbskills.wikibase.server import openrefine
from wbskills.wikibase.server.reconciliation import WordIndex

jsonschema = pytest.importorskip("jsonschema")

API = "/reconcile/en/api"
JULIAN = "http://www.wikidata.org/entity/Q1985786"
Json = dict[str, Any]


def members(required: str, **known: Json) -> Json:
    """Return a schema for an object with at least these members."""
    return {"type": "object", "required": required.split(), "properties": known}


def only(**known: Json) -> Json:
    """Return a schema for an object with exactly these members."""
    return {**members(" ".join(known), **known), "additionalProperties": False}


def each(one: Json) -> Json:
    """Return a schema for a list."""
    return {"type": "array", "items": one}


def all_of(one: Json) -> Json:
    """Return a schema for an object whose members all have one schema."""
    return {"type": "object", "additionalProperties": one}


STRING: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
URL: Json = {"type": "string", "pattern": r"\{\{id\}\}"}
DATE: Json = {
    "type": "string",
    "pattern": r"^-?([1-9]\d*)?\d{4}-(1[0-2]|0[1-9])-(3[01]|0[1-9]|[12]\d)"
    r"T(2[0-3]|[01]\d):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](2[0-3]|[01]\d):[0-5]\d)?$",
}
NAMED = members("id name", id=STRING, name=STRING)
NAMES = members("result", result=each(NAMED))
CELL = {
    "oneOf": [
        only(), only(id=STRING, name=STRING), only(str=STRING), only(float=NUMBER),
        only(int={"type": "integer"}), only(date=DATE),
    ]
}  # fmt: skip
SERVICE = members("", service_url=STRING, service_path=STRING)
MANIFEST = members(
    "versions name identifierSpace schemaSpace",
    versions={**each(STRING), "contains": {"const": "0.2"}},
    name=STRING,
    identifierSpace=STRING,
    schemaSpace=STRING,
    view=members("url", url=URL),
    defaultTypes=each(NAMED),
    suggest=members("", entity=SERVICE, property=SERVICE, type=SERVICE),
    preview=members(
        "url width height", url=URL, width={"type": "integer"}, height={"type": "integer"}
    ),
    extend=members("", propose_properties=SERVICE, property_settings=each({"type": "object"})),
)
CANDIDATE = members(
    "id name score",
    id=STRING,
    name=STRING,
    score=NUMBER,
    match={"type": "boolean"},
    type=each({"oneOf": [members("id", id=STRING), STRING]}),
)
RESULTS = all_of(members("result", result=each(CANDIDATE)))
PROPOSALS = members("properties", properties=each(NAMED), type=STRING, limit=NUMBER)
EXTENSION = members("meta rows", meta=each(NAMED), rows=all_of(all_of(each(CELL))))


def dated(property_id: str, time: str, precision: int, calendar: str = "") -> Statement:
    """Return a statement with a time."""
    value = Time(time, precision, calendar) if calendar else Time(time, precision)
    return Statement(Snak(property_id, value, "time"))


@pytest.fixture
def store() -> Iterator[Embedded]:
    """A store with people who have names of several words, and dates of all kinds."""
    with Embedded(":memory:") as store:
        kind = property_of(store, "instance of", "wikibase-item")
        born = property_of(store, "born", "time")
        height = property_of(store, "height", "quantity")
        home = property_of(store, "home", "string")
        person = put(store, Entity(labels={"en": "person"})).entity.id
        dates = (
            dated(born, "+1952-03-11T00:00:00Z", 11),
            dated(born, "-0044-03-15T00:00:00Z", 11, JULIAN),
            dated(born, "+12026-03-15T00:00:00Z", 11),
            dated(born, "+1952-03-00T00:00:00Z", 10),
            dated(born, "+1952-00-00T00:00:00Z", 9),
            dated(born, "+1850-00-00T00:00:00Z", 8),
            dated(born, "+1952-00-00T00:00:00Z", 11),
        )
        tall = Statement(Snak(height, Quantity("+1.96"), "quantity"))
        for name, aliases, more in (
            ("Douglas Adams", ("Douglas Noël Adams",), (*dates, tall, text(home, "Cambridge"))),
            ("Gerry Adams", (), ()),
            ("Ada Lovelace", ("Augusta Ada King, Countess of Lovelace",), ()),
            ("José-María 'Pepe' Núñez", (), ()),
        ):
            put(
                store,
                Entity(
                    labels={"en": name},
                    aliases={"en": aliases},
                    statements=(link(kind, person), *more),
                ),
            )
        put(store, Entity(labels={"de": "Gruppe der Douglasien"}))
        yield store


@pytest.fixture
def client(store: Embedded) -> FlaskClient:
    """A client of the service."""
    return app_of(site_of(store), openrefine.blueprint).test_client()


def valid(found: Json, schema: Json) -> Json:
    """Validate an answer against a schema, and return it."""
    jsonschema.validate(found, schema, cls=jsonschema.Draft202012Validator)
    return found


def candidates(client: FlaskClient, **query: object) -> list[Json]:
    """Match one name; return the candidates."""
    found = client.post(API, data={"queries": json.dumps({"q0": query})}).get_json()
    listed: list[Json] = valid(found, RESULTS)["q0"]["result"]
    return listed


def extended(client: FlaskClient, *properties: str, ids: tuple[str, ...] = ("Q2",)) -> Json:
    """Extend some items by columns."""
    asked = {"ids": ids, "properties": [{"id": each} for each in properties]}
    found = client.post(API, data={"extend": json.dumps(asked)}).get_json()
    return valid(found, EXTENSION)


def test_the_service_describes_itself(client: FlaskClient) -> None:
    """With the addresses of its parts."""
    valid(client.get(API).get_json(), MANIFEST)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Adams, Douglas", "Q2"),
        ("Adams", "Q3"),
        ("ADAMS Gerry", "Q3"),
        ("Lovelace", "Q4"),
        ("countess lovelace", "Q4"),
        ("Núñez", "Q5"),
        ("pepe", "Q5"),
        ("Douglas N. Adams", "Q2"),
    ],
)
def test_any_word_of_a_name_finds_it(client: FlaskClient, name: str, first: str) -> None:
    """In any order, because tables often have the family name first; but none is a match."""
    found = candidates(client, query=name)

    assert found[0]["id"] == first
    assert not any(one["match"] for one in found)


def test_all_words_in_another_order_score_higher_than_some(
    client: FlaskClient,
) -> None:
    """Both are candidates."""
    found = {
        candidate["id"]: candidate["score"]
        for candidate in candidates(client, query="Adams, Douglas")
    }

    assert found["Q2"] == 99
    assert found["Q3"] < 70


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (2, 2), (50, 2)])
def test_the_number_of_candidates_can_be_limited(
    client: FlaskClient, limit: int, count: int
) -> None:
    """The best ones are returned."""
    assert len(candidates(client, query="Adams", limit=limit)) == count


@pytest.mark.parametrize("what", ["entity", "type", "property"])
def test_suggestions_have_names(client: FlaskClient, what: str) -> None:
    """Of entities, types and properties."""
    valid(client.get(f"/reconcile/en/suggest/{what}?prefix=a").get_json(), NAMES)


def test_the_beginning_of_any_word_finds_suggestions(client: FlaskClient) -> None:
    """Names that begin with it come first."""
    found = client.get("/reconcile/en/suggest/entity?prefix=doug").get_json()["result"]
    later = client.get("/reconcile/en/suggest/entity?prefix=lovel").get_json()["result"]

    assert [one["id"] for one in found] == ["Q2", "Q6"]
    assert [one["id"] for one in later] == ["Q4"]


def test_columns_have_the_requested_order(client: FlaskClient) -> None:
    """Including properties that do not exist."""
    found = extended(client, "P4", "P99", "P1", ids=("Q3", "Q2", "Q77"))

    assert [one["id"] for one in found["meta"]] == ["P4", "P99", "P1"]
    assert found["meta"][1] == {"id": "P99", "name": "P99"}
    assert [list(row) for row in found["rows"].values()] == [["P4", "P99", "P1"]] * 3
    assert list(found["rows"]) == ["Q3", "Q2", "Q77"]
    assert found["rows"]["Q2"]["P4"] == [{"str": "Cambridge"}]
    assert found["rows"]["Q77"] == {"P4": [], "P99": [], "P1": []}


def test_only_an_exact_day_is_a_date(client: FlaskClient) -> None:
    """A client would take a year for its first of January."""
    found = extended(client, "P2", "P3")["rows"]["Q2"]

    assert found["P2"] == [
        {"date": "1952-03-11T00:00:00Z"},
        {"date": "-0044-03-15T00:00:00Z"},
        {"date": "12026-03-15T00:00:00Z"},
        {"str": "1952-03"},
        {"str": "1952"},
        {"str": "1850s"},
        {"str": "1952-00-00"},
    ]
    assert found["P3"] == [{"float": 1.96}]


def test_the_number_of_proposed_properties_can_be_limited(client: FlaskClient) -> None:
    """And the answer states the limit."""
    every = valid(client.get("/reconcile/en/properties").get_json(), PROPOSALS)
    two = valid(client.get("/reconcile/en/properties?type=Q1&limit=2").get_json(), PROPOSALS)
    odd = valid(client.get("/reconcile/en/properties?limit=-2").get_json(), PROPOSALS)

    assert len(every["properties"]) == len(odd["properties"]) == 4
    assert (two["limit"], two["type"]) == (2, "Q1")
    assert [one["id"] for one in two["properties"]] == ["P1", "P2"]


def test_words_of_an_edit_are_found_at_once(client: FlaskClient, store: Embedded) -> None:
    """And removed ones are no longer found."""
    before = candidates(client, query="Hopper")
    put(store, Entity(id="Q3", labels={"en": "Grace Hopper"}))

    assert before == []
    assert [candidate["id"] for candidate in candidates(client, query="Hopper")] == ["Q3"]
    assert [candidate["id"] for candidate in candidates(client, query="Gerry")] == []


def test_more_and_rarer_words_come_first(store: Embedded) -> None:
    """More shared words before fewer, rare ones before frequent ones."""
    words = WordIndex(site_of(store))
    item = store.read(["Q1"])["Q1"].entity.kind

    assert words.find("Douglas Adams", item, 5)[0] == "Q2"
    assert words.find("adams lovelace", item, 5) == ["Q4", "Q2", "Q3"]
    assert words.find("  ,;", item, 5) == []
