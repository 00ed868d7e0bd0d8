"""Edits as `wbeditentity` takes them."""

import json
from dataclasses import replace

from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Snak, Statement, Stored
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote.edit_json import edit_data, guids_in, with_new_guids


def said(text: str, guid: str | None = None) -> Statement:
    """Make a statement."""
    return Statement(Snak("P1", Text(text), "string"), id=guid)


def test_guids_of_new_statements_follow_from_their_content() -> None:
    """Twice the same edit has the same GUIDs, and never one that is taken."""
    present = Entity(id="Q7", statements=(said("a", "Q7$old"),))
    change = Change(
        key="k", id="Q7", base=3, statements=(said("b"), said("b")), was=Stored(present, 3)
    )

    first, second = (with_new_guids(change) for _ in range(2))

    assert isinstance(first, Change)
    assert first == second
    guids = [statement.id or "" for statement in first.statements]
    assert len(set(guids)) == 2
    assert all(guid.startswith("Q7$") for guid in guids)
    again = replace(change, was=Stored(replace(present, statements=first.statements), 4))
    third = with_new_guids(again)
    assert isinstance(third, Change)
    assert not {statement.id for statement in third.statements} & set(guids)


def test_a_change_sends_only_what_it_changes() -> None:
    """Nothing is cleared; aliases are added."""
    change = Change(
        key="k",
        id="Q7",
        base=3,
        labels={"de": "x"},
        aliases={"en": ("one",)},
        statements=(said("a", "Q7$1"),),
        removed=("Q7$2",),
    )

    sent = json.loads(edit_data(change))

    assert set(sent) == {"labels", "aliases", "claims"}
    assert sent["aliases"]["en"] == [{"language": "en", "value": "one", "add": ""}]
    assert [claim["id"] for claim in sent["claims"]] == ["Q7$1", "Q7$2"]
    assert sent["claims"][1] == {"id": "Q7$2", "remove": ""}


def test_guids_of_a_new_entity_are_known_only_if_it_holds_nothing_else() -> None:
    """Someone may have added to it before it was found."""
    create = Create("k", Entity(statements=(said("a"), said("b"))))

    assert guids_in(create, {"P1": [{"id": "Q1$1"}, {"id": "Q1$2"}]}) == ("Q1$1", "Q1$2")
    assert guids_in(create, {"P1": [{"id": "Q1$1"}]}) == ()
    assert guids_in(create, {"P2": [{"id": "Q1$1"}, {"id": "Q1$2"}]}) == ()
    assert guids_in(create, None) == ()
