"""Edits that come in after everybody had given them up: each is there once, or united."""

import time
from dataclasses import replace
from typing import Any

import pytest

from tests.wikibase.remote.disturbed import USER, Disturbed
from wbskills.domain import Response
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.remote import login

PATIENCE = 0.4  # seconds that the program waits for an answer
LATE = 2.0  # seconds that the wiki takes


@pytest.mark.parametrize("number", [12, 30])
def test_an_edit_that_comes_in_late_is_made_once(
    number: int,
    place: Disturbed,
    people: list[Response],
    undisturbed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The wiki goes on with it after the program has looked it up, and sent it again.

    Number 12 makes an item, number 30 changes one.
    """
    monkeypatch.setattr(login, "_TIMEOUT", (10.0, PATIENCE))
    came: list[float] = []

    def held() -> None:
        time.sleep(LATE)
        came.append(time.monotonic())

    place.traffic.acts[number] = held
    place.import_all(people)
    while not came:
        time.sleep(0.05)
    time.sleep(0.2)  # now it is carried out, or refused

    assert place.state_of_things() == undisturbed
    assert place.import_all(people, batch="b2") == 0


def test_two_items_of_one_edit_are_united(
    place: Disturbed,
    people: list[Response],
    undisturbed: dict[str, Any],
) -> None:
    """A wiki writes down labels after it has answered, so it may not notice a second item."""
    store = place.served.store
    twins: list[str] = []

    def comes_in_late() -> None:
        made = store.history.changes(1, user=USER)[0]
        found = store.read([made.entity])[made.entity].entity
        statements = tuple(replace(each, id=None) for each in found.statements)
        with store.without_label_locks():
            note = EditInfo(summary=made.edit.summary, user=USER)
            twin = store.revise(replace(found, id="", statements=statements), None, note)
        twins.append(twin.entity.id)

    def given_up() -> None:
        place.served.faults.drop_before = 1
        # After two looks, of which each is a request, comes the repetition, and another look.
        place.traffic.later.append((4, comes_in_late))

    place.traffic.acts[12] = given_up
    place.import_all(people, sessions=1)

    assert len(twins) == 1
    assert twins[0] not in store.read(twins) or store.read(twins)[twins[0]].entity.id != twins[0]
    assert place.state_of_things() == undisturbed
    assert place.import_all(people, batch="b2") == 0
