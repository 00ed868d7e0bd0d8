"""Carrying out plans whose new entities point to each other."""

import pytest

from wbskills.errors import StoreError
from wbskills.names import new
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.plan.perform import perform


def wants(key: str, *targets: str) -> Create:
    """Return an edit that creates an item, which points to others by key."""
    statements = tuple(
        Statement(Snak(new("part"), EntityRef(new(target)), "wikibase-item")) for target in targets
    )
    return Create(key, Entity(labels={"en": key}, statements=statements))


PART = Create(
    "part", Entity(kind=Kind.PROPERTY, datatype="wikibase-item", labels={"en": "part of"})
)


def test_entities_may_point_to_what_comes_earlier_later_and_to_themselves(
    empty: Embedded,
) -> None:
    """Whatever the order, all statements are there in the end."""
    edits = [PART, wants("a", "b", "a"), wants("b"), wants("c", "a", "b")]

    done = list(perform(edits, empty, "test"))

    ids = {each.edit.key: each.written.id for each in done}
    links = {
        key: {value.id for value in stored.entity.values("P1") if isinstance(value, EntityRef)}
        for key, stored in ((k, empty.read([ids[k]])[ids[k]]) for k in "abc")
    }
    assert links == {
        "a": {ids["a"], ids["b"]},
        "b": set(),
        "c": {ids["a"], ids["b"]},
    }


def test_pointing_to_an_entity_that_is_never_created_is_an_error(empty: Embedded) -> None:
    """It names what is missing."""
    with pytest.raises(StoreError, match="nowhere"):
        list(perform([PART, wants("a", "nowhere")], empty, "test"))
