"""No edit of somebody else is lost without a word, on a wiki that lets the last edit win."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.wikibase.remote.disturbed import Disturbed
from tests.wikibase.remote.editing import run_schedule
from wbskills.domain import Identity, Response
from wbskills.tasks.forgetting import forget
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.model.entities import Snak
from wbskills.wikibase.model.values import Text


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


def test_whoever_is_forgotten_is_forgotten_whatever_somebody_edits_meanwhile(
    place: Disturbed, people: list[Response], tmp_path: Path
) -> None:
    """The user may not delete, so the item is emptied; an editor adds evidence in that moment."""
    place.import_all(people[:2])
    store, binding = place.served.store, binding_of(place.served.store, place.ontology)
    evidence = Snak(binding.property("evidence"), Text("https://example.org/"), "url")
    speaks, edited = binding.property("speaks"), []

    def meanwhile() -> None:
        (stored,) = store.read([place.traffic.here.entity]).values()
        statements = tuple(
            replace(each, qualifiers=(*each.qualifiers, evidence))
            if each.main.property == speaks
            else each
            for each in stored.entity.statements
        )
        entity = replace(stored.entity, statements=statements)
        edited.append(store.revise(entity, stored, EditInfo(user="Rival")).revision)

    place.traffic.reset()
    place.traffic.acts[1] = meanwhile

    with place.remote() as remote:
        someone = Identity("wikimedia_username", "Person 0")
        done = forget(remote, place.ontology, someone, tmp_path)

    assert edited
    assert [line for line in place.lines if "that was put back" in line]
    (item,) = done.items
    assert not item.gone
    assert store.read([item.id])[item.id].entity.statements == ()
