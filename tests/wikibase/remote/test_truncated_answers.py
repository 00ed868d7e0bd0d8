"""Answers that a wiki truncates: what they leave out still exists."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.wikibase.remote.disturbed_wiki import USER, DisturbedWiki, snapshot
from wbskills.domain import Identity, Response
from wbskills.errors import StoreError
from wbskills.stores import open_folder
from wbskills.tasks.checks import check_ranks, fix_ranks
from wbskills.tasks.forgetting import forget
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.pulling import pull
from wbskills.tasks.undo import undo
from wbskills.wikibase.embedded.history import EditInfo, History
from wbskills.wikibase.journal.read import find_batch
from wbskills.wikibase.model.entities import Entity, Rank, Stored
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.reader import RemoteSource

NOTE = EditInfo(summary="by hand", user="Rival")

LIMIT = 25_000  # bytes: some people's items, a few dozen properties

HIGH = "Tester@tests"  # who may ask for 500 entities at once


@pytest.fixture
def cutting(wiki: DisturbedWiki) -> DisturbedWiki:
    """A wiki that truncates its answers, and a user who may ask for 500 entities."""
    assert wiki.served.bot_user == HIGH
    wiki.password = wiki.served.bot_password
    wiki.served.faults.largest_answer = LIMIT
    return wiki


def test_nobody_is_created_twice(
    cutting: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """A machine that has never read them finds all of them."""
    cutting.import_all(people, user=HIGH)
    cutting.state = "another"
    cutting.import_all(people, batch="b2", user=HIGH)
    assert cutting.snapshot() == undisturbed


def test_an_undo_leaves_nothing_behind(cutting: DisturbedWiki, people: list[Response]) -> None:
    """The wiki is as before the import."""
    before = cutting.snapshot()
    cutting.import_all(people, user=HIGH)
    batch = find_batch(cutting.folder / "journals", "b1")
    with cutting.remote(user=HIGH) as remote:
        done = undo(remote, cutting.ontology, batch, None)
    assert not done.left
    assert cutting.snapshot() == before


def test_a_mirror_is_whole(cutting: DisturbedWiki, people: list[Response], tmp_path: Path) -> None:
    """The first time, and after changes."""
    secret = Secret({"password": cutting.password})
    cutting.import_all(people[:10], user=HIGH)
    for upto in (10, len(people)):
        cutting.import_all(people[:upto], batch=f"b{upto}", user=HIGH)
        with RemoteSource(replace(cutting.profile, user=HIGH), secret) as source:
            pull(source, tmp_path / "mirror", {})
        with open_folder(str(tmp_path / "mirror"), write=False) as mirror:
            assert snapshot(mirror) == cutting.snapshot()  # type: ignore[arg-type] # embedded


def test_every_wrong_rank_is_found_and_fixed(
    cutting: DisturbedWiki, people: list[Response]
) -> None:
    """Of all people, not only of those in the answer."""
    cutting.import_all(people, user=HIGH)
    good = cutting.snapshot()
    for stored in items_of_people(cutting):
        statements = tuple(
            replace(statement, rank=Rank.NORMAL) for statement in stored.entity.statements
        )
        cutting.served.store.revise(replace(stored.entity, statements=statements), stored, NOTE)
    cutting.state = "another"
    with cutting.remote(user=HIGH) as remote:
        found = list(check_ranks(remote, cutting.ontology))
        list(fix_ranks(remote, iter(found)))
        assert not list(check_ranks(remote, cutting.ontology))
    assert cutting.snapshot() == good


def test_people_are_forgotten(
    cutting: DisturbedWiki, people: list[Response], tmp_path: Path
) -> None:
    """Found on a machine that did not import them."""
    cutting.import_all(people, user=HIGH)
    cutting.state = "another"
    for each in ("Person 0", "Person 15"):
        with cutting.remote(user=HIGH) as remote:
            done = forget(remote, cutting.ontology, Identity("wikimedia_username", each), tmp_path)
        assert [item.deleted for item in done.items] == [True]


def test_only_what_was_left_out_is_read_again(
    cutting: DisturbedWiki, people: list[Response]
) -> None:
    """Whatever fits: one at a time, or many; only `missing` means missing."""
    cutting.import_all(people, user=HIGH)
    ids = [stored.entity.id for stored in items_of_people(cutting)]
    for limit in (10_000, 20_000, 60_000):
        cutting.served.faults.largest_answer = limit
        cutting.traffic.reset()
        with cutting.remote(user=HIGH) as remote:
            found = remote.read([*ids, "Q999999"])
        assert sorted(found) == sorted(ids)
        assert cutting.traffic.actions["wbgetentities"] <= 2 * len(ids)


def test_an_entity_too_large_for_an_answer_is_reported(cutting: DisturbedWiki) -> None:
    """It is not taken for one that is not there."""
    cutting.served.faults.largest_answer = 2_000
    large = Entity(labels={"en": "large"}, descriptions={"en": "x" * 1_990})
    name = cutting.served.store.revise(large, None, NOTE).entity.id
    with cutting.remote(user=HIGH) as remote, pytest.raises(StoreError, match=name) as error:
        remote.read([name, "Q1"])
    assert "APIMaxResultSize" in error.value.hint


def test_latest_revisions_come_in_several_answers(
    cutting: DisturbedWiki, people: list[Response]
) -> None:
    """All of them, so that what is known is not read again."""
    cutting.import_all(people, user=HIGH)
    cutting.served.faults.largest_answer = 600
    ids = [stored.entity.id for stored in items_of_people(cutting)]
    with cutting.remote(user=HIGH) as remote:
        found = remote._connect().reader.revisions([*ids, "Q999999"])
    assert found == {name: cutting.served.store.read([name])[name].revision for name in ids}


def test_recent_changes_that_do_not_go_back_far_enough_are_not_used(
    wiki: DisturbedWiki, people: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wiki may keep them for only a week: then all revisions are compared."""
    wiki.import_all(people)
    username = binding_of(wiki.served.store, wiki.ontology).property("wikimedia_username")
    stored = wiki.served.store.read([items_of_people(wiki)[0].entity.id])
    ((entity_id, before),) = stored.items()
    renamed = tuple(
        replace(statement, main=replace(statement.main, value=Text("Renamed")))
        if statement.main.property == username
        else statement
        for statement in before.entity.statements
    )
    wiki.served.store.revise(replace(before.entity, statements=renamed), before, NOTE)
    wiki.served.store.revise(Entity(labels={"en": "later"}), None, NOTE)
    every = History.changes
    monkeypatch.setattr(History, "changes", lambda *how, **more: every(*how, **more)[:1])
    with wiki.remote() as remote:
        assert remote.find_by_identifier(username, ["Renamed"]) == [("Renamed", entity_id)]


def test_an_edit_is_found_behind_many_others(wiki: DisturbedWiki, people: list[Response]) -> None:
    """The list of contributions is followed to its end before an edit is sent again."""
    wiki.import_all([])
    faults, traffic = wiki.served.faults, wiki.traffic
    faults.largest_answer = 10_000

    def others() -> None:
        for number in range(30):
            note = EditInfo(summary=f"another program{number:>400}", user=USER)
            wiki.served.store.revise(Entity(labels={"en": f"other {number}"}), None, note)

    def lose() -> None:
        faults.drop_after = 1
        traffic.later.append((1, others))

    traffic.reset()
    traffic.acts[1] = lose
    wiki.import_all(people[:1], batch="b2")
    assert traffic.actions["wbeditentity"] == 1


def items_of_people(wiki: DisturbedWiki) -> list[Stored]:
    """Read the items of all people."""
    store = wiki.served.store
    username = binding_of(store, wiki.ontology).property("wikimedia_username")
    ids = sorted({entity_id for _, entity_id in store.find_by_identifier(username)})
    return list(store.read(ids).values())
