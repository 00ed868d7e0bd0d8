"""No edit by others is lost unreported, on a wiki where the last edit wins."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.wikibase.remote.conflicting_editor import run_schedule
from tests.wikibase.remote.disturbed_wiki import DisturbedWiki
from wbskills.domain import Identity, Response
from wbskills.tasks.forgetting import forget
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.model.entities import Snak
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote.lost_updates import (
    LostUpdate,
    find_lost_updates,
    split_restorable,
)
from wbskills.wikibase.remote.reader import RemoteRevision, parse_revision


def claim(text: str) -> dict[str, Any]:
    """Make a statement that says something."""
    return {"id": "Q1$a", "mainsnak": text}


def rev(number: int, user: str, text: str | None) -> RemoteRevision:
    """Make a revision in which the statement says something, or is not there."""
    return RemoteRevision(number, user, {} if text is None else {"Q1$a": claim(text)})


BASE, EDITOR, OURS = rev(1, "Ada", "x"), rev(2, "Eve", "theirs"), rev(3, "We", "ours")

LOST = LostUpdate("Q1$a", claim("theirs"), claim("ours"), 2, "Eve")


@pytest.mark.parametrize(
    ("history", "found"),
    [
        ([BASE, OURS], []),  # nobody came between
        ([BASE, rev(2, "Eve", "x"), OURS], []),  # someone changed something else
        ([BASE, rev(2, "Eve", "ours"), OURS], []),  # to the same content
        ([BASE, EDITOR, OURS], [LOST]),
        # Whose change it was, of several.
        ([BASE, EDITOR, rev(9, "Bob", "theirs"), rev(3, "We", "ours")], [LOST]),
        # What was removed by us.
        (
            [BASE, EDITOR, rev(3, "We", None)],
            [LostUpdate("Q1$a", claim("theirs"), None, 2, "Eve")],
        ),
        # What cannot be seen.
        ([BASE, RemoteRevision(2, "Eve", None), OURS], [LostUpdate("", None, None, 2, "Eve")]),
    ],
)
def test_finding_lost_updates(history: list[RemoteRevision], found: list[LostUpdate]) -> None:
    """By what stood there before, between and after."""
    assert find_lost_updates(history, 3, ["Q1$a"]) == found
    assert find_lost_updates(history, 3, []) == [each for each in found if not each.guid]


@pytest.mark.parametrize(
    ("now", "back", "beyond"),
    [("ours", [LOST], []), ("theirs", [], []), ("third", [], [LOST]), (None, [], [LOST])],
)
def test_restorable_updates(
    now: str | None, back: list[LostUpdate], beyond: list[LostUpdate]
) -> None:
    """Only what nobody has changed again."""
    assert split_restorable([LOST], rev(4, "Bob", now)) == (back, beyond)


def test_a_revision_is_read_from_the_api() -> None:
    """Also one without statements, which PHP writes as a list, and one that is hidden."""
    text = json.dumps({"claims": {"P1": [claim("x")]}})
    found = {"revid": 1, "user": "Ada", "slots": {"main": {"content": text}}}

    assert parse_revision(found) == BASE
    empty = {"revid": 1, "user": "Ada", "slots": {"main": {"content": '{"claims":[]}'}}}
    assert parse_revision(empty).claims == {}
    assert parse_revision({"revid": 1, "slots": {"main": {"texthidden": True}}}).claims is None


@pytest.mark.parametrize("seed", range(4))
def test_an_import_beside_an_editor_loses_nothing_of_theirs(
    seed: int, wiki: DisturbedWiki, people: list[Response]
) -> None:
    """Who changes the same statements between their reading and their writing."""
    outcome = run_schedule(wiki, people, seed)

    assert not outcome.wrong
    assert outcome.edits


def test_an_undo_beside_an_editor_loses_nothing_of_theirs(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """What they changed is left alone."""
    outcome = run_schedule(wiki, people, 7, undone=True)

    assert not outcome.wrong
    assert outcome.edits


def test_forgetting_is_complete_despite_edits_at_the_same_time(
    wiki: DisturbedWiki, people: list[Response], tmp_path: Path
) -> None:
    """The user may not delete, so the item is emptied; an editor adds evidence in that moment."""
    wiki.import_all(people[:2])
    store, binding = wiki.served.store, binding_of(wiki.served.store, wiki.ontology)
    evidence = Snak(binding.property("evidence"), Text("https://example.org/"), "url")
    speaks, edited = binding.property("speaks"), []

    def meanwhile() -> None:
        (stored,) = store.read([wiki.traffic.here.entity]).values()
        statements = tuple(
            replace(statement, qualifiers=(*statement.qualifiers, evidence))
            if statement.main.property == speaks
            else statement
            for statement in stored.entity.statements
        )
        entity = replace(stored.entity, statements=statements)
        edited.append(store.revise(entity, stored, EditInfo(user="Rival")).revision)

    wiki.traffic.reset()
    wiki.traffic.acts[1] = meanwhile

    with wiki.remote() as remote:
        someone = Identity("wikimedia_username", "Person 0")
        done = forget(remote, wiki.ontology, someone, tmp_path)

    assert edited
    assert [line for line in wiki.lines if "that was put back" in line]
    (item,) = done.items
    assert not item.deleted
    assert store.read([item.id])[item.id].entity.statements == ()
