"""The hashes of snaks, references and value nodes are those of a real Wikibase."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.wikibase.recordings import ENTITIES
from wbskills.wikibase.model.entities import Reference, Snak
from wbskills.wikibase.model.hashes import php_float, value_hash
from wbskills.wikibase.model.values import (
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
    Value,
)
from wbskills.wikibase.model.wire import entity_from_json, snak_from_json, statement_from_json

UNIT = "http://127.0.0.1:8181/entity/Q1"
JULIAN = "http://www.wikidata.org/entity/Q1985786"


def entities(path: Path) -> Iterator[dict[str, Any]]:
    """Read the entities of one recording."""
    yield from json.loads(path.read_text(encoding="utf-8"))["entities"].values()


def snaks(found: object) -> Iterator[dict[str, Any]]:
    """Find every snak, wherever it stands."""
    if isinstance(found, dict):
        if "snaktype" in found:
            yield found
        else:
            for member in found.values():
                yield from snaks(member)
    elif isinstance(found, list):
        for member in found:
            yield from snaks(member)


@pytest.mark.parametrize(
    ("property_id", "value", "expected"),
    [
        ("P1", EntityRef("Q1"), "4fca852915edcd32a484898d3ac6774b7b253272"),
        ("P2", EntityRef("P3"), "1372a4bd4aef6c68ee79ab3998bfa1737597d85e"),
        ("P3", Text("a string"), "3e5e1985e2fe33c8906f94e625f16b9074a34446"),
        ("P3", Text("ünïcödé ẞ — “q”"), "8938ba7cadd1429be3f85dee335143d80c98c108"),
        ("P6", Time("+2001-02-03T00:00:00Z"), "1f4a77b49e4651c913a75d19dd13bd633db4e1b5"),
        ("P7", Quantity("+42"), "9240e6626b5c4f0196b66b3b06c973df40871df7"),
        ("P7", Quantity("+10", "1", "+11", "+9"), "c0e389491d8637eadde380b4aa290f9229b16460"),
        ("P8", Monolingual("fr", "bonjour le monde"), "2fb4115f57a19271ed4697beceb421f84506448e"),
        (
            "P9",
            Coordinate(52.516666666667, 13.383333333333, 0.016666666666667),
            "3afb28f0df39f48b06b1aecb3b189d86a22e4692",
        ),
    ],
)
def test_a_snak_has_the_hash_that_wikibase_gave_it(
    property_id: str, value: Value, expected: str
) -> None:
    """One of each kind of value, as recorded."""
    assert Snak(property_id, value, "").hash == expected


def test_some_value_and_no_value_have_hashes_of_their_own() -> None:
    """The two are told apart, also where no value is there to be hashed."""
    some, none = Snak("P1", None, "", "somevalue"), Snak("P1", None, "", "novalue")

    assert some.hash == "92b2d57178b121483eeb3a7b7966b985092f159d"
    assert none.hash == "c77761897897f63f151c4a1deb8bd3ad23ac51c6"


def test_the_hash_of_a_reference_is_that_of_its_snaks_in_whatever_order() -> None:
    """A source that two people typed in another order is one node in RDF."""
    url = Snak("P5", Text("http://example.org/ref1"), "url")
    seen = Snak("P6", Time("+2020-01-02T00:00:00Z"), "time")

    assert Reference((url, seen)).hash == "c2ebec97e26dd9bacb229fadc92232d44479cea5"
    assert Reference((seen, url, seen)).hash == Reference((url, seen)).hash


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Time("+2001-02-03T00:00:00Z"), "5b25ef41222a546078101a68ac01ac03"),
        (Time("-0044-03-15T00:00:00Z", 11, JULIAN), "62f5fc1e956a5cd7ff09bce5470af2b5"),
        (Quantity("+42"), "a168135f766cf673e04ee1850837047d"),
        (Quantity("+5.50", UNIT, "+5.55", "+5.45"), "dade1d12aa534f0c795d43e2729c01c0"),
        (
            Coordinate(52.516666666667, 13.383333333333, 0.016666666666667),
            "c3e4d4a5e651bba5f716db7c49520454",
        ),
        (Coordinate(10.5, -20.25, 0.000001), "b0b17ee600da7e4d6224ef6bb2e22d4d"),
    ],
)
def test_a_value_node_has_the_name_that_wikibase_gave_it(value: Value, expected: str) -> None:
    """Value nodes of two Wikibases can be compared by name."""
    assert value_hash(value) == expected


def test_numbers_are_written_as_php_writes_them() -> None:
    """Equal numbers are written alike, so that equal places have one name."""
    assert php_float(0.00001, digits=14) == "1.0E-5"
    assert php_float(1.25e-7, digits=14) == "1.25E-7"
    assert php_float(1 / 3600, digits=14) == "0.00027777777777778"
    assert php_float(-0.0, digits=14) == php_float(0, digits=14) == "0"


def test_whatever_json_holds_has_a_hash() -> None:
    """Half a surrogate pair is no text that UTF-8 has; a datatype may be one of the future."""
    half = Snak("P3", Text("\ud83d"), "string")
    unknown = Snak("P4", Unknown("edtf", {"b": 1, "a": [2]}), "edtf")

    assert half.hash != Snak("P3", Text("?"), "string").hash
    assert unknown.hash == Snak("P4", Unknown("edtf", {"a": [2], "b": 1}), "edtf").hash


def test_every_recorded_snak_has_its_hash() -> None:
    """Main snaks, qualifiers and the snaks of references."""
    recorded = [
        found
        for path in ENTITIES
        for entity in entities(path)
        for found in snaks(entity["claims"])
    ]

    assert len(recorded) > 100
    assert [each for each in recorded if snak_from_json(each).hash != each["hash"]] == []


def test_every_recorded_reference_has_its_hash() -> None:
    """The hash is what `wdref:` nodes are named by."""
    claims = [
        claim
        for path in ENTITIES
        for entity in entities(path)
        for group in entity["claims"].values()
        for claim in group
        if "references" in claim
    ]

    assert len(claims) > 10
    for claim in claims:
        expected = [each["hash"] for each in claim["references"]]
        assert [reference.hash for reference in statement_from_json(claim).references] == expected


@pytest.mark.parametrize("path", ENTITIES, ids=lambda path: path.stem)
def test_the_value_nodes_of_every_recording_have_their_names(path: Path) -> None:
    """The hash is what `wdv:` nodes are named by; only these kinds of values have such nodes."""
    recorded = path.with_name(f"{path.stem}.dump.nt").read_text(encoding="utf-8")
    found = {
        value_hash(snak.value)
        for entity in entities(path)
        if entity["id"] == path.stem
        for statement in entity_from_json(entity).statements
        for snak in (
            statement.main,
            *statement.qualifiers,
            *(snak for reference in statement.references for snak in reference.snaks),
        )
        if isinstance(snak.value, Time | Quantity | Coordinate)
    }

    assert found == set(re.findall(r"^<[^>]*/value/([0-9a-f]+)>", recorded, re.MULTILINE))
