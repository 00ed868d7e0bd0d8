"""No edit of somebody else is lost without a word, on a wiki that lets the last edit win."""

import pytest

from tests.remote.disturbed import Disturbed
from tests.remote.editing import run_schedule
from wbskills.model.skills import Response


@pytest.mark.parametrize("seed", range(4))
def test_an_import_beside_an_editor_loses_nothing_of_theirs(
    seed: int, place: Disturbed, people: list[Response]
) -> None:
    """Who changes the same statements between their reading and their writing."""
    outcome = run_schedule(place, people, seed)

    assert not outcome.wrong
    assert outcome.edits


def test_an_undo_beside_an_editor_loses_nothing_of_theirs(
    place: Disturbed, people: list[Response]
) -> None:
    """What they changed is left alone."""
    outcome = run_schedule(place, people, 7, undone=True)

    assert not outcome.wrong
    assert outcome.edits
