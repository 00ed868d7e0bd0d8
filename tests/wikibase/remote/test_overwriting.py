"""What an edit overwrote, read from the history; and what of it can be put back."""

import json
from typing import Any

import pytest

from wbskills.wikibase.remote.lost_updates import (
    LostUpdate,
    find_lost_updates,
    split_restorable,
)
from wbskills.wikibase.remote.reader import Revision, parse_revision


def claim(text: str) -> dict[str, Any]:
    """Make a statement that says something."""
    return {"id": "Q1$a", "mainsnak": text}


def rev(number: int, user: str, text: str | None) -> Revision:
    """Make a revision in which the statement says something, or is not there."""
    return Revision(number, user, {} if text is None else {"Q1$a": claim(text)})


BASE, EDITOR, OURS = rev(1, "Ada", "x"), rev(2, "Eve", "theirs"), rev(3, "We", "ours")
LOST = LostUpdate("Q1$a", claim("theirs"), claim("ours"), 2, "Eve")


@pytest.mark.parametrize(
    ("history", "found"),
    [
        ([BASE, OURS], []),  # nobody came between
        ([BASE, rev(2, "Eve", "x"), OURS], []),  # somebody did, to something else
        ([BASE, rev(2, "Eve", "ours"), OURS], []),  # and wanted the same
        ([BASE, EDITOR, OURS], [LOST]),
        # Whose change it was, of several.
        ([BASE, EDITOR, rev(9, "Bob", "theirs"), rev(3, "We", "ours")], [LOST]),
        # What was removed by us.
        (
            [BASE, EDITOR, rev(3, "We", None)],
            [LostUpdate("Q1$a", claim("theirs"), None, 2, "Eve")],
        ),
        # What cannot be seen.
        ([BASE, Revision(2, "Eve", None), OURS], [LostUpdate("", None, None, 2, "Eve")]),
    ],
)
def test_what_was_lost(history: list[Revision], found: list[LostUpdate]) -> None:
    """By what stood there before, between and after."""
    assert find_lost_updates(history, 3, ["Q1$a"]) == found
    assert find_lost_updates(history, 3, []) == [each for each in found if not each.guid]


@pytest.mark.parametrize(
    ("now", "back", "beyond"),
    [("ours", [LOST], []), ("theirs", [], []), ("third", [], [LOST]), (None, [], [LOST])],
)
def test_what_can_be_put_back(
    now: str | None, back: list[LostUpdate], beyond: list[LostUpdate]
) -> None:
    """Only what nobody has changed once more."""
    assert split_restorable([LOST], rev(4, "Bob", now)) == (back, beyond)


def test_a_revision_is_read_from_the_api() -> None:
    """Also one without statements, which PHP writes as a list, and one that is hidden."""
    text = json.dumps({"claims": {"P1": [claim("x")]}})
    found = {"revid": 1, "user": "Ada", "slots": {"main": {"content": text}}}

    assert parse_revision(found) == BASE
    empty = {"revid": 1, "user": "Ada", "slots": {"main": {"content": '{"claims":[]}'}}}
    assert parse_revision(empty).claims == {}
    assert parse_revision({"revid": 1, "slots": {"main": {"texthidden": True}}}).claims is None
