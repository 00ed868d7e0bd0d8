"""People and skills are found by reading: after deletions, merges and edits, on large wikis."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.wikibase.remote.disturbed_wiki import DisturbedWiki
from wbskills.domain import Assessment, Response
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.remote import entity_index
from wbskills.wikibase.remote.reader import RemoteReader

BY_HAND = EditInfo(summary="by hand", user="Somebody")


def test_a_person_whose_item_was_deleted_is_created_again(
    wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Nobody else is changed, and the item that is gone is not used."""
    wiki.import_all(people)
    wiki.served.store.remove(wiki.person("Person 4"), BY_HAND)

    assert wiki.import_all(people, batch="b2") == 2  # made by the first wave, and the second
    assert wiki.snapshot() == undisturbed


def test_a_person_whose_item_is_deleted_during_the_import_is_created_again(
    wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Just before the second wave is written."""
    name = next(person for person in people if person.wave == "w2026").identity.name

    def meanwhile() -> None:
        wiki.served.store.remove(wiki.person(name), BY_HAND)

    second = [person for person in people if person.wave == "w2026"]
    wiki.import_all([person for person in people if person.wave == "w2025"])
    wiki.traffic.reset()
    wiki.traffic.acts[1] = meanwhile
    wiki.import_all(second, batch="b2")

    assert wiki.snapshot().keys() == undisturbed.keys()
    assert wiki.import_all(second, batch="b3") == 0


def test_a_person_whose_item_was_merged_is_found_in_the_other(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """A redirect leads there."""
    wiki.import_all(people)
    store = wiki.served.store
    old = wiki.person("Person 4")
    (written,) = store.write([Create("x", Entity(labels={"en": "target"}))], "by hand")
    store.redirect(old, written.id, BY_HAND)
    target = store.read([written.id])[written.id]
    store.revise(
        replace(
            target.entity,
            statements=tuple(replace(statement, id=None) for statement in old.entity.statements),
        ),
        target,
        BY_HAND,
    )
    username = binding_of(store, wiki.ontology).property("wikimedia_username")
    with wiki.remote() as remote:
        assert remote.find_by_identifier(username, ["Person 4"]) == [("Person 4", written.id)]
        assert remote.read([old.entity.id]) == {}


def test_statements_that_an_editor_removed_are_imported_again(
    wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """An import is skipped only as long as nobody has changed the item."""
    wiki.import_all(people)
    stored = wiki.person("Person 5")
    store = wiki.served.store
    store.revise(replace(stored.entity, statements=stored.entity.statements[:3]), stored, BY_HAND)

    assert wiki.import_all(people, batch="b2") > 0
    assert wiki.snapshot() == undisturbed


def test_an_edit_by_others_between_two_imports_ends_what_the_first_one_proved(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """They remove a statement of the first wave just before the second wave is written."""
    one, two = [person for person in people if person.identity.name == "Person 1"]
    one = replace(one, assessments=(Assessment("regex", "alone"),))
    two = replace(two, assessments=(Assessment("python", "alone"),))
    binding = binding_of(wiki.served.store, wiki.ontology)
    regex = EntityRef(binding.item("regex"))
    wiki.import_all([one])

    def meanwhile() -> None:
        stored = wiki.person("Person 1")
        kept = tuple(
            statement for statement in stored.entity.statements if statement.main.value != regex
        )
        wiki.served.store.revise(replace(stored.entity, statements=kept), stored, BY_HAND)

    wiki.traffic.reset()
    wiki.traffic.acts[1] = meanwhile
    wiki.import_all([two], batch="b2")
    assessed = binding.property("assessed_skill")
    assert regex not in wiki.person("Person 1").entity.values(assessed)

    assert wiki.import_all([one], batch="b3") > 0
    assert regex in wiki.person("Person 1").entity.values(assessed)


def test_a_lagging_database_is_read_again_until_it_shows_our_edit(
    wiki: DisturbedWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it shows before is from before the edit."""
    store = wiki.served.store
    (made,) = store.write([Create("x", Entity(labels={"en": "x"}))], "test")
    old = store.read([made.id])[made.id]
    change = Change(key="x", id=made.id, base=old.revision, labels={"de": "x"}, was=old)
    read, lags = RemoteReader.read, [True, True]

    def lagging(self: RemoteReader, ids: Iterable[str]) -> dict[str, Stored]:
        return {made.id: old} if lags and lags.pop() else read(self, ids)

    with wiki.remote() as remote:
        (written,) = remote.write([change], "test")
        monkeypatch.setattr(RemoteReader, "read", lagging)
        found = remote.read([made.id])[made.id]

    assert found.revision == written.revision
    assert not lags


def test_a_name_given_by_an_editor_since_the_last_run_is_found(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """The recent changes tell which items to read again."""
    del people
    store = wiki.served.store
    name = binding_of(store, wiki.ontology).property("wikimedia_username")
    (written,) = store.write([Create("x", Entity(labels={"en": "somebody"}))], "by hand")
    with wiki.remote() as remote:
        assert remote.find_by_identifier(name, ["Zoë"]) == []
    stored = store.read([written.id])[written.id]
    statement = Statement(Snak(name, Text("Zoë"), "external-id"))
    store.revise(replace(stored.entity, statements=(statement,)), stored, BY_HAND)

    with wiki.remote() as remote:
        assert remote.find_by_identifier(name, ["Zoë"]) == [("Zoë", written.id)]


def test_after_a_month_all_revisions_are_compared(
    wiki: DisturbedWiki, people: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recent changes do not reach back for ever."""
    from datetime import timedelta

    wiki.import_all(people)
    stored = wiki.person("Person 5")
    username = binding_of(wiki.served.store, wiki.ontology).property("wikimedia_username")
    statements = tuple(
        replace(statement, main=replace(statement.main, value=Text("Renamed")))
        if statement.main.property == username
        else statement
        for statement in stored.entity.statements
    )
    wiki.served.store.revise(replace(stored.entity, statements=statements), stored, BY_HAND)
    monkeypatch.setattr(entity_index, "_CHANGES_KEPT", timedelta(0))

    with wiki.remote() as remote:
        assert remote.find_by_identifier(username, ["Renamed"]) == [("Renamed", stored.entity.id)]
        assert remote.find_by_identifier(username, ["Person 5"]) == []


def test_on_a_very_large_wiki_results_of_the_query_service_are_read_first(
    wiki: DisturbedWiki, people: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not all of its items are listed; what the query service says is read."""
    wiki.import_all(people)
    monkeypatch.setattr(entity_index, "_MAX_PAGES", 0)
    wiki.state = "another"
    username = binding_of(wiki.served.store, wiki.ontology).property("wikimedia_username")
    there = wiki.person("Person 5").entity.id
    wiki.traffic.reset()

    with wiki.remote() as remote:
        assert remote.find_by_identifier(username, ["Person 5", 'No"body']) == [
            ("Person 5", there)
        ]
        assert len(remote.find_by_identifier(username)) == len({p.identity.name for p in people})
    with wiki.remote(sparql="") as remote:
        assert remote.find_by_identifier(username, ["Person 5"]) == [
            ("Person 5", there)
        ]  # known by now
    wiki.state = "a third"
    with wiki.remote(sparql="") as remote:
        assert remote.find_by_identifier(username, ["Person 5"]) == []
