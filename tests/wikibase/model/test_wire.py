"""Entities as Wikibase's JSON: nothing is lost, and what clients send is understood."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.wikibase.recordings import ENTITIES
from wbskills.errors import InvalidValue
from wbskills.wikibase.model.entities import (
    Entity,
    Kind,
    Rank,
    Reference,
    Sitelink,
    Snak,
    Statement,
)
from wbskills.wikibase.model.values import (
    EARTH,
    GREGORIAN,
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
    Value,
)
from wbskills.wikibase.model.wire import (
    SnakCache,
    entity_from_json,
    entity_to_json,
    entity_to_text,
    snak_from_json,
    snak_to_json,
    statement_from_json,
    statement_to_json,
    value_from_json,
    value_to_json,
)

OF_THE_PAGE = {"pageid", "ns", "title", "lastrevid", "modified"}


def string_snak(property_id: str, text: str) -> dict[str, Any]:
    """Make a snak as a client sends it."""
    return {
        "snaktype": "value",
        "property": property_id,
        "datavalue": {"value": text, "type": "string"},
        "datatype": "string",
    }


@pytest.mark.parametrize("path", ENTITIES, ids=lambda path: path.stem)
def test_a_recorded_entity_is_written_as_it_was_read(path: Path) -> None:
    """Whatever Wikibase says of an entity is kept, but for what belongs to its page."""
    for found in json.loads(path.read_text(encoding="utf-8"))["entities"].values():
        expected = {name: found[name] for name in found if name not in OF_THE_PAGE}

        written = entity_to_json(entity_from_json(found))

        assert written == expected
        assert list(written["claims"]) == list(expected["claims"])


@pytest.mark.parametrize("path", ENTITIES, ids=lambda path: path.stem)
def test_the_text_of_an_entity_is_that_of_its_json(path: Path) -> None:
    """To the last sign, also the second time, when its snaks are known."""
    for found in json.loads(path.read_text(encoding="utf-8"))["entities"].values():
        entity = entity_from_json(found)
        expected = json.dumps(entity_to_json(entity), ensure_ascii=False, separators=(",", ":"))

        assert [entity_to_text(entity), entity_to_text(entity)] == [expected] * 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": "Q7"}, EntityRef("Q7")),
        ({"entity-type": "item", "numeric-id": 7}, EntityRef("Q7")),
        ({"entity-type": "property", "numeric-id": 7}, EntityRef("P7")),
        ({"entity-type": "property", "numeric-id": 7, "id": "P7"}, EntityRef("P7")),
    ],
)
def test_an_entity_may_be_named_in_each_of_its_ways(
    value: dict[str, Any], expected: EntityRef
) -> None:
    """Old clients send the number alone, new ones the id alone."""
    assert value_from_json({"type": "wikibase-entityid", "value": value}) == expected


def test_what_a_value_leaves_out_has_its_usual_meaning() -> None:
    """Clients may leave out what is the same nearly always."""
    year = {"time": "+2026-00-00T00:00:00Z", "precision": 9}
    time = value_from_json({"type": "time", "value": year})
    amount = value_from_json({"type": "quantity", "value": {"amount": "+3"}})
    place = value_from_json(
        {"type": "globecoordinate", "value": {"latitude": 1, "longitude": 2.5, "globe": EARTH}}
    )

    assert time == Time("+2026-00-00T00:00:00Z", 9, GREGORIAN, 0, 0, 0)
    assert amount == Quantity("+3", "1", None, None)
    assert place == Coordinate(1, 2.5, None, EARTH)


@pytest.mark.parametrize(
    "value",
    [
        EntityRef("Q7"),
        EntityRef("P7"),
        Text("ünïcödé"),
        Time("-0044-03-15T00:00:00Z", 11, "http://www.wikidata.org/entity/Q1985786", 60, 1, 2),
        Quantity("+5.50", "http://127.0.0.1:8181/entity/Q1", "+5.55", "+5.45"),
        Quantity("-3"),
        Monolingual("fr", "bonjour"),
        Coordinate(52.516666666667, 0, None),
    ],
)
def test_each_kind_of_value_is_written_and_read_without_loss(value: Value) -> None:
    """Digits, bounds and calendars come back as they were."""
    assert value_from_json(json.loads(json.dumps(value_to_json(value)))) == value


def test_qualifiers_may_be_a_flat_list() -> None:
    """The order of a list is the order of the qualifiers."""
    found = statement_from_json(
        {
            "mainsnak": string_snak("P1", "a"),
            "type": "statement",
            "qualifiers": [string_snak("P3", "b"), string_snak("P2", "c")],
        }
    )

    assert [snak.property for snak in found.qualifiers] == ["P3", "P2"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["P2", "P3"], ["P2", "P3"]),
        (["P3", "P2"], ["P3", "P2"]),
        (["P3"], ["P3", "P2"]),
        ([], ["P2", "P3"]),
        (["P9"], ["P2", "P3"]),
    ],
)
def test_no_snak_is_lost_by_an_order_that_leaves_it_out(
    order: list[str], expected: list[str]
) -> None:
    """WikibaseIntegrator sends empty lists as the order of snaks that are there."""
    groups = {"P2": [string_snak("P2", "b")], "P3": [string_snak("P3", "c")]}
    found = statement_from_json(
        {
            "mainsnak": string_snak("P1", "a"),
            "qualifiers": groups,
            "qualifiers-order": order,
            "references": [{"snaks": groups, "snaks-order": order}],
        }
    )

    assert [snak.property for snak in found.qualifiers] == expected
    assert [snak.property for snak in found.references[0].snaks] == expected


def test_empty_maps_may_be_lists() -> None:
    """PHP writes an empty map as `[]`."""
    found: dict[str, Any] = {"type": "item", "id": "Q1"}
    names = ("labels", "descriptions", "aliases", "claims", "sitelinks")

    assert entity_from_json(found | {name: [] for name in names}) == Entity(id="Q1")
    assert entity_from_json(found) == Entity(id="Q1")


def test_statements_may_be_a_list_in_any_order() -> None:
    """Those of one property stand together afterwards."""
    claims = [{"mainsnak": string_snak(*each)} for each in (("P2", "a"), ("P1", "b"), ("P2", "c"))]

    found = entity_from_json({"type": "item", "claims": claims})

    assert [statement.main.value for statement in found.statements] == [
        Text("a"),
        Text("c"),
        Text("b"),
    ]


def test_a_property_has_a_datatype_and_no_sitelinks() -> None:
    """The members differ between the kinds of entities."""
    entity = Entity(kind=Kind.PROPERTY, id="P1", datatype="time", labels={"en": "day"})

    written = entity_to_json(entity)

    assert written["datatype"] == "time"
    assert "sitelinks" not in written
    assert entity_from_json(written) == entity


def test_sitelinks_keep_their_badges_and_addresses() -> None:
    """An address is only there where it was asked for."""
    links = (Sitelink("a", "One", ("Q5",), "http://a.example/One"), Sitelink("b", "Two"))
    entity = Entity(id="Q1", sitelinks=links)

    assert entity_from_json(entity_to_json(entity)) == entity
    assert "url" not in entity_to_json(entity)["sitelinks"]["b"]


def test_a_statement_says_only_what_it_has() -> None:
    """A new one has no id; empty qualifiers and references are left out, as Wikibase does."""
    new = Statement(Snak("P1", Text("a"), "string"), rank=Rank.DEPRECATED)

    written = statement_to_json(new)

    assert list(written) == ["mainsnak", "type", "rank"]
    assert statement_from_json(written) == new


def test_what_was_read_before_becomes_the_same_object() -> None:
    """People share their waves and sources; reading them once saves most of the work."""
    wave = Snak("P1", EntityRef("Q3"), "wikibase-item")
    source = Reference((wave, Snak("P2", Text("b7"), "string")))
    entity = Entity(id="Q1", statements=(Statement(wave, (wave,), (source,), id="Q1$A"),))
    written = entity_to_json(entity)
    known = SnakCache()

    first, second = entity_from_json(written, known), entity_from_json(written, known)

    assert first == second == entity
    assert first.statements[0].main is second.statements[0].qualifiers[0]
    assert first.statements[0].references[0] is second.statements[0].references[0]


@pytest.mark.parametrize("kind", ["somevalue", "novalue"])
def test_a_snak_may_have_no_value(kind: str) -> None:
    """Some value and no value are different, and neither has a `datavalue`."""
    found = snak_from_json({"snaktype": kind, "property": "P1", "datatype": "time"})

    assert (found.kind, found.value) == (kind, None)
    assert "datavalue" not in snak_to_json(found)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("edtf", {"value": "2026-03~", "odd": [1, None]}),
        ("wikibase-entityid", {"entity-type": "lexeme", "id": "L1", "numeric-id": 1}),
    ],
)
def test_a_value_of_another_datatype_is_carried(kind: str, value: dict[str, Any]) -> None:
    """An extension may have unknown datatypes; their values come back unchanged."""
    snak = {
        "snaktype": "value",
        "property": "P1",
        "datavalue": {"value": value, "type": kind},
        "datatype": "of-an-extension",
    }

    found = snak_from_json(snak)
    written = snak_to_json(found)

    assert found.value == Unknown(kind, value)
    assert {name: written[name] for name in snak} == snak


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"type": "lexeme", "id": "L1"},
        {"type": "item", "labels": {"en": "bare"}},
        {"type": "item", "labels": [{"language": "en", "value": "list"}]},
        {"type": "item", "claims": {"P1": [{}]}},
        {"type": "item", "claims": "P1"},
    ],
)
def test_what_is_no_entity_is_refused(found: dict[str, Any]) -> None:
    """Nothing that was sent is dropped without a word."""
    with pytest.raises(InvalidValue, match="not the JSON of an entity"):
        entity_from_json(found)
