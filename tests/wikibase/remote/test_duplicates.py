"""Two imports that create the same entities, on a wiki with late locks, leave one of each."""

from dataclasses import replace
from typing import Any

import pytest

from tests.wikibase.remote.disturbed_wiki import DisturbedWiki
from tests.wikibase.remote.parallel_imports import import_twice, without_duplicate_references
from wbskills.domain import Response
from wbskills.errors import StoreBusy
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote.duplicates import Creation, find_twins


@pytest.mark.parametrize("_", range(3))
def test_two_imports_at_once_create_nobody_twice(
    _: int, wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """People, waves and skills; and the receipts list what was merged."""
    assert import_twice(wiki, people) == ""

    assert wiki.merged
    assert without_duplicate_references(wiki.snapshot()) == without_duplicate_references(
        undisturbed
    )


def test_two_processes_on_one_machine_take_turns(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """The second is refused at its first edit; the first one continues."""
    wiki.import_all([])
    with wiki.remote() as first:
        first.write([Create("x", Entity(labels={"en": "x"}, descriptions={"en": "y"}))], "test")
        with pytest.raises(StoreBusy, match="another process on this machine"):
            wiki.import_all(people, batch="b2")
    assert wiki.import_all(people, batch="b3")


def test_changes_by_others_to_a_twin_move_to_the_other(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """Nothing of it is lost."""
    store = wiki.served.store
    wiki.served.faults.late_locks = 60
    key = Snak("P1", Text("odd"), "external-id")
    entity = Entity(labels={"en": "odd"}, descriptions={"en": "x"}, statements=(Statement(key),))
    with wiki.remote() as one, replace(wiki, state="another").remote() as two:
        one.revision()
        two.revision()
        (theirs,) = two.write([Create("odd", entity)], "test")
        stored = store.read([theirs.id])[theirs.id]
        added = replace(stored.entity, labels={**stored.entity.labels, "nl": "raar"})
        store.revise(added, stored, EditInfo(user="Rival"))
        (ours,) = one.write([Create("odd", entity)], "test")

    assert ours.id == theirs.id
    assert ours.duplicate is not None
    assert ours.duplicate.ours
    assert not ours.conflict_free
    assert store.read([theirs.id])[theirs.id].entity.labels["nl"] == "raar"
    assert store.pages.redirects([ours.duplicate.entity]) == {ours.duplicate.entity: theirs.id}
    del people


def test_a_later_twin_that_its_creator_keeps_is_merged(wiki: DisturbedWiki) -> None:
    """Someone creates it by hand, between our edit and our look at the list of new entities."""
    store = wiki.served.store
    key = Snak("P1", Text("odd"), "external-id")
    entity = Entity(labels={"en": "odd"}, descriptions={"en": "x"}, statements=(Statement(key),))
    twins: list[str] = []

    def create_twin() -> None:
        with store.without_label_locks():
            twins.append(store.revise(entity, None, EditInfo(user="Rival")).entity.id)

    with wiki.remote() as remote:
        remote.write([Create("first", Entity(labels={"en": "first"}))], "test")
        wiki.traffic.later.append((2, create_twin))
        (ours,) = remote.write([Create("odd", entity)], "test")

    assert ours.duplicate is not None
    assert not ours.duplicate.ours
    assert store.pages.redirects(twins) == {twins[0]: ours.id}


def made(
    name: str, revision: int, *ids: str, label: str = "a", kind: Kind = Kind.ITEM
) -> Creation:
    """Make a new entity with external ids."""
    statements = tuple(Statement(Snak("P1", Text(entity_id), "external-id")) for entity_id in ids)
    entity = Entity(
        id=name, kind=kind, labels={"en": label}, descriptions={"en": "x"}, statements=statements
    )
    return Creation(entity, revision, ours=True)


def test_twins_share_their_name_and_an_identifier() -> None:
    """The one that was saved first stays, whatever the ids; three are merged into one."""
    first, second, third = made("Q9", 1, "a"), made("Q8", 2, "a"), made("Q7", 3, "a", "b")
    others = [made("Q1", 4, "b"), made("Q2", 5, "a", label="b"), made("Q3", 6), made("Q4", 7)]

    found = [
        (new.entity.id, old.entity.id) for new, old in find_twins([third, *others, first, second])
    ]

    assert found == [("Q8", "Q9"), ("Q7", "Q9"), ("Q1", "Q9")]
    prop = made("P5", 8, "a", kind=Kind.PROPERTY)
    assert find_twins([first, prop]) == []
