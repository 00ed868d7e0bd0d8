"""A wiki that refuses single edits: the others are made, and what was refused is told."""

import pytest

from tests.wikibase.remote.conftest import PEOPLE
from tests.wikibase.remote.disturbed import FIRST, Disturbed
from wbskills.domain import Response
from wbskills.errors import EditsRefused, StoreError
from wbskills.ontology.entries import Ontology
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.undo import undo
from wbskills.wikibase.journal.read import BatchEnd, EditState, find_batch
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.plan.perform import perform


def names(place: Disturbed) -> set[str]:
    """List the people who are there."""
    store = place.served.store
    username = binding_of(store, place.ontology).property("wikimedia_username")
    return {name for name, _ in store.identified(username)}


@pytest.mark.parametrize("message", ["abusefilter-warning", "captcha-edit-fail"])
def test_all_others_are_made_and_a_new_run_tries_only_what_was_refused(
    message: str, place: Disturbed, people: list[Response]
) -> None:
    """Person 1 and Person 10 to 15 have what the wiki does not want."""
    first = [each for each in people if each.wave == FIRST.key]
    place.served.faults.refuse, place.served.faults.refuse_as = "Person 1", message

    place.import_all(first)

    unwanted = {f"Person {number}" for number in range(PEOPLE) if str(number)[0] == "1"}
    assert names(place) == {each.identity.name for each in first} - unwanted
    assert {each.row for each in place.refused} == {
        each.row for each in first if each.identity.name in unwanted
    }
    states = [each.state for each in find_batch(place.folder / "journals", "b1").entries()]
    assert states.count(EditState.REFUSED) == len(unwanted)

    place.traffic.reset()
    place.import_all(first, batch="b2")
    assert place.traffic.actions["wbeditentity"] == len(unwanted)
    place.served.faults.refuse = ""
    assert place.import_all(first, batch="b3") == len(unwanted)
    assert place.import_all(first, batch="b4") == 0


def test_a_user_who_is_blocked_stops_at_once(place: Disturbed, people: list[Response]) -> None:
    """Every other edit would be refused, too."""
    place.served.faults.refuse, place.served.faults.refuse_as = "Person", "blockedtext"

    with pytest.raises(StoreError, match="this user is blocked"):
        place.import_all(people)

    assert find_batch(place.folder / "journals", "b1").ended is BatchEnd.FAILED
    assert names(place) == set()


def test_a_wiki_that_refuses_everything_is_given_up(place: Disturbed) -> None:
    """After fifty refusals in a row, it is not about single edits."""
    place.served.faults.refuse, place.served.faults.refuse_as = "Nobody", "captcha-edit-fail"
    edits = [
        Create(name, Entity(labels={"en": name}, descriptions={"en": "somebody"}))
        for name in (f"Nobody {number}" for number in range(120))
    ]

    with place.remote() as remote, pytest.raises(StoreError, match="50 edits in a row"):
        remote.write(edits, "test")

    assert place.traffic.actions["wbeditentity"] <= 52


def test_what_points_to_something_refused_is_refused_with_it(
    place: Disturbed, ontology: Ontology
) -> None:
    """A skill of a group that cannot be made; everything else is there."""
    place.served.faults.refuse = "Zebra"
    part_of = binding_of(place.served.store, ontology).property("part_of")
    group = Create("zebra", Entity(labels={"en": "Zebra"}, descriptions={"en": "group"}))
    within = Statement(Snak(part_of, EntityRef("new:zebra"), "wikibase-item"))
    skill = Create("a", Entity(labels={"en": "A"}, descriptions={"en": "x"}, statements=(within,)))

    with place.remote() as remote, pytest.raises(EditsRefused) as refused:
        list(perform([group, skill], remote, "test"))

    assert set(refused.value.reasons) == {"zebra", "a"}
    assert "all others made" in str(refused.value)


def test_an_undo_goes_on_and_lists_what_is_refused(
    place: Disturbed, people: list[Response]
) -> None:
    """This user may not delete, so items are emptied; those of one name the wiki keeps."""
    first = [each for each in people if each.wave == FIRST.key]
    place.import_all(first)
    batch = find_batch(place.folder / "journals", "b1")
    place.served.faults.refuse = "Person 1"

    with place.remote() as remote:
        done = undo(remote, place.ontology, batch, None)
    told = [reason for reasons in done.left.values() for reason in reasons]
    assert sum("a filter of the wiki refuses it" in reason for reason in told) == 7
    place.served.faults.refuse = ""
    with place.remote() as remote:
        again = undo(remote, place.ontology, batch, None)
    assert again.removed
    assert not any("refuses" in reason for reasons in again.left.values() for reason in reasons)
