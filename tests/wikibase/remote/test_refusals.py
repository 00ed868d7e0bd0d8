"""A wiki that refuses single edits: the others are made, and the refused ones are reported."""

import pytest

from tests.wikibase.remote.disturbed_wiki import FIRST, PEOPLE, DisturbedWiki
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


def names(wiki: DisturbedWiki) -> set[str]:
    """List the people who are there."""
    store = wiki.served.store
    username = binding_of(store, wiki.ontology).property("wikimedia_username")
    return {name for name, _ in store.find_by_identifier(username)}


@pytest.mark.parametrize("message", ["abusefilter-warning", "captcha-edit-fail"])
def test_a_new_run_tries_only_what_was_refused(
    message: str, wiki: DisturbedWiki, people: list[Response]
) -> None:
    """Person 1 and Person 10 to 15 have what the wiki does not want."""
    first = [person for person in people if person.wave == FIRST.key]
    wiki.served.faults.refuse, wiki.served.faults.refuse_as = "Person 1", message

    wiki.import_all(first)

    unwanted = {f"Person {number}" for number in range(PEOPLE) if str(number)[0] == "1"}
    assert names(wiki) == {each.identity.name for each in first} - unwanted
    assert {each.row for each in wiki.refused} == {
        each.row for each in first if each.identity.name in unwanted
    }
    states = [entry.state for entry in find_batch(wiki.folder / "journals", "b1").entries()]
    assert states.count(EditState.REFUSED) == len(unwanted)

    wiki.traffic.reset()
    wiki.import_all(first, batch="b2")
    assert wiki.traffic.actions["wbeditentity"] == len(unwanted)
    wiki.served.faults.refuse = ""
    assert wiki.import_all(first, batch="b3") == len(unwanted)
    assert wiki.import_all(first, batch="b4") == 0


def test_a_blocked_user_stops_at_once(wiki: DisturbedWiki, people: list[Response]) -> None:
    """Every other edit would be refused, too."""
    wiki.served.faults.refuse, wiki.served.faults.refuse_as = "Person", "blockedtext"

    with pytest.raises(StoreError, match="this user is blocked"):
        wiki.import_all(people)

    assert find_batch(wiki.folder / "journals", "b1").ended is BatchEnd.FAILED
    assert names(wiki) == set()


def test_an_import_gives_up_on_a_wiki_that_refuses_everything(wiki: DisturbedWiki) -> None:
    """After fifty refusals in a row, it is not about single edits."""
    wiki.served.faults.refuse, wiki.served.faults.refuse_as = "Nobody", "captcha-edit-fail"
    edits = [
        Create(name, Entity(labels={"en": name}, descriptions={"en": "somebody"}))
        for name in (f"Nobody {number}" for number in range(120))
    ]

    with wiki.remote() as remote, pytest.raises(StoreError, match="50 edits in a row"):
        remote.write(edits, "test")

    assert wiki.traffic.actions["wbeditentity"] <= 52


def test_edits_that_need_a_refused_one_are_refused_too(
    wiki: DisturbedWiki, ontology: Ontology
) -> None:
    """A skill of a group that cannot be made; everything else is there."""
    wiki.served.faults.refuse = "Zebra"
    part_of = binding_of(wiki.served.store, ontology).property("part_of")
    group = Create("zebra", Entity(labels={"en": "Zebra"}, descriptions={"en": "group"}))
    within = Statement(Snak(part_of, EntityRef("new:zebra"), "wikibase-item"))
    skill = Create("a", Entity(labels={"en": "A"}, descriptions={"en": "x"}, statements=(within,)))

    with wiki.remote() as remote, pytest.raises(EditsRefused) as refused:
        list(perform([group, skill], remote, "test"))

    assert set(refused.value.reasons) == {"zebra", "a"}
    assert "all others were made" in str(refused.value)


def test_an_undo_goes_on_and_lists_what_is_refused(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """This user may not delete, so items are emptied; those of one name the wiki keeps."""
    first = [person for person in people if person.wave == FIRST.key]
    wiki.import_all(first)
    batch = find_batch(wiki.folder / "journals", "b1")
    wiki.served.faults.refuse = "Person 1"

    with wiki.remote() as remote:
        done = undo(remote, wiki.ontology, batch, None)
    shown = [reason for reasons in done.left.values() for reason in reasons]
    assert sum("a filter of the wiki refuses it" in reason for reason in shown) == 7
    wiki.served.faults.refuse = ""
    with wiki.remote() as remote:
        again = undo(remote, wiki.ontology, batch, None)
    assert again.removed
    assert not any("refuses" in reason for reasons in again.left.values() for reason in reasons)
