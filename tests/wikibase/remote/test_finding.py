"""People and skills are found by reading: after deletions, merges and edits, on large wikis."""

import re
from dataclasses import replace
from typing import Any

import pytest
from requests import Request

from tests.wikibase.remote.disturbed import Disturbed
from tests.wikibase.remote.test_writing import person
from wbskills.domain import Response
from wbskills.errors import StoreError
from wbskills.tasks.ontologies import binding_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote import entity_index
from wbskills.wikibase.remote.login import Secret, log_in, user_agent
from wbskills.wikibase.remote.profile import Login, Profile

BY_HAND = EditInfo(summary="by hand", user="Somebody")


def test_somebody_whose_item_was_deleted_is_made_anew(
    place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Nobody else is touched, and the item that is gone is not believed in."""
    place.import_all(people)
    place.served.store.remove(person(place, "Person 4"), BY_HAND)

    assert place.import_all(people, batch="b2") == 2  # made by the first wave, and the second
    assert place.state_of_things() == undisturbed


def test_somebody_whose_item_is_deleted_amid_the_import_is_made_anew(
    place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Just before their second wave is written."""
    name = next(each for each in people if each.wave == "w2026").identity.name

    def meanwhile() -> None:
        place.served.store.remove(person(place, name), BY_HAND)

    second = [each for each in people if each.wave == "w2026"]
    place.import_all([each for each in people if each.wave == "w2025"])
    place.traffic.reset()
    place.traffic.acts[1] = meanwhile
    place.import_all(second, batch="b2")

    assert place.state_of_things().keys() == undisturbed.keys()
    assert place.import_all(second, batch="b3") == 0


def test_somebody_whose_item_was_merged_is_found_in_the_other(
    place: Disturbed, people: list[Response]
) -> None:
    """A redirect leads there."""
    place.import_all(people)
    store = place.served.store
    old = person(place, "Person 4")
    (written,) = store.write([Create("x", Entity(labels={"en": "target"}))], "by hand")
    store.redirect(old, written.id, BY_HAND)
    target = store.read([written.id])[written.id]
    store.revise(
        replace(
            target.entity,
            statements=tuple(replace(each, id=None) for each in old.entity.statements),
        ),
        target,
        BY_HAND,
    )
    username = binding_of(store, place.ontology).property("wikimedia_username")
    with place.remote() as remote:
        assert remote.identified(username, ["Person 4"]) == [("Person 4", written.id)]
        assert remote.read([old.entity.id]) == {}


def test_what_an_editor_took_out_is_put_back(
    place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """What was brought about counts only as long as nobody changed the item."""
    place.import_all(people)
    stored = person(place, "Person 5")
    store = place.served.store
    store.revise(replace(stored.entity, statements=stored.entity.statements[:3]), stored, BY_HAND)

    assert place.import_all(people, batch="b2") > 0
    assert place.state_of_things() == undisturbed


def test_a_name_given_by_an_editor_since_the_last_run_is_found(
    place: Disturbed, people: list[Response]
) -> None:
    """The recent changes tell which items to read again."""
    del people
    store = place.served.store
    name = binding_of(store, place.ontology).property("wikimedia_username")
    (written,) = store.write([Create("x", Entity(labels={"en": "somebody"}))], "by hand")
    with place.remote() as remote:
        assert remote.identified(name, ["Zoë"]) == []
    stored = store.read([written.id])[written.id]
    statement = Statement(Snak(name, Text("Zoë"), "external-id"))
    store.revise(replace(stored.entity, statements=(statement,)), stored, BY_HAND)

    with place.remote() as remote:
        assert remote.identified(name, ["Zoë"]) == [("Zoë", written.id)]


def test_after_a_month_all_revisions_are_compared(
    place: Disturbed, people: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recent changes do not reach back for ever."""
    from datetime import timedelta

    place.import_all(people)
    stored = person(place, "Person 5")
    username = binding_of(place.served.store, place.ontology).property("wikimedia_username")
    statements = tuple(
        replace(each, main=replace(each.main, value=Text("Renamed")))
        if each.main.property == username
        else each
        for each in stored.entity.statements
    )
    place.served.store.revise(replace(stored.entity, statements=statements), stored, BY_HAND)
    monkeypatch.setattr(entity_index, "_CHANGES_KEPT", timedelta(0))

    with place.remote() as remote:
        assert remote.identified(username, ["Renamed"]) == [("Renamed", stored.entity.id)]
        assert remote.identified(username, ["Person 5"]) == []


def test_on_a_very_large_wiki_the_query_service_is_asked_and_not_believed(
    place: Disturbed, people: list[Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not all of its items are listed; what the query service says is read."""
    place.import_all(people)
    monkeypatch.setattr(entity_index, "_MAX_PAGES", 0)
    place.state = "another"
    username = binding_of(place.served.store, place.ontology).property("wikimedia_username")
    there = person(place, "Person 5").entity.id
    place.traffic.reset()

    with place.remote() as remote:
        assert remote.identified(username, ["Person 5", 'No"body']) == [("Person 5", there)]
        assert len(remote.identified(username)) == len({p.identity.name for p in people})
    with place.remote(sparql="") as remote:
        assert remote.identified(username, ["Person 5"]) == [("Person 5", there)]  # known by now
    place.state = "a third"
    with place.remote(sparql="") as remote:
        assert remote.identified(username, ["Person 5"]) == []


@pytest.mark.parametrize(
    ("sparql", "message"),
    [
        ("", "names no query service"),
        ("http://127.0.0.1:9/sparql", "does not answer"),
        ("{address}/nothing-there", "no query service"),
        ("{address}/w/api.php", "JSON|not that of a SELECT|does not answer"),
    ],
)
def test_a_query_service_that_fails_is_told(sparql: str, message: str, place: Disturbed) -> None:
    """What, where, and what to try."""
    address = sparql.replace("{address}", place.served.address)
    with place.remote(sparql=address) as remote, pytest.raises(StoreError, match=message) as error:
        remote.select("SELECT * { ?s ?p ?o } LIMIT 1")
    assert error.value.hint


def test_an_address_that_is_no_wikibase_is_told(place: Disturbed) -> None:
    """Before anything else is asked of it."""
    api = f"{place.served.address}/wiki/Special:RecentChanges"
    with place.remote(api=api, login=Login.NONE) as remote, pytest.raises(StoreError) as error:
        remote.salt()
    assert error.value.hint


def test_a_state_folder_is_for_one_wiki(place: Disturbed) -> None:
    """Another concept base is another Wikibase: its names would be taken for ours."""
    with place.remote() as remote:
        remote.salt()
    other = place.remote(concept_base="http://other.example/entity/")
    with other as remote, pytest.raises(StoreError, match="another Wikibase"):
        remote.salt()


@pytest.mark.parametrize(
    ("login", "parts", "header"),
    [
        (Login.OAUTH2, {"access_token": "t0ken"}, "Bearer t0ken"),
        (Login.NONE, {}, None),
    ],
)
def test_a_log_in_that_needs_no_request(
    login: Login, parts: dict[str, str], header: str | None, place: Disturbed
) -> None:
    """The session carries it, and says who we are and whom to ask."""
    profile: Profile = replace(place.profile, login=login, contact="mail@example.org")
    with log_in(profile, Secret(parts)) as session:
        sent = session.prepare_request(Request("POST", profile.api))
        assert sent.headers.get("Authorization") == header
        assert str(session.headers["User-Agent"]).startswith("wbskills/")
        assert "(mail@example.org)" in str(session.headers["User-Agent"])
    assert user_agent(profile.contact).count("mail@example.org") == 1


def test_oauth_1_signs_every_request(place: Disturbed) -> None:
    """With the four parts of an owner-only consumer."""
    from requests import Request

    names = ("consumer_token", "consumer_secret", "access_token", "access_secret")
    secret = Secret({name: f"{name}-1" for name in names})
    with log_in(replace(place.profile, login=Login.OAUTH1), secret) as session:
        prepared = session.prepare_request(Request("POST", place.served.api, data={"a": "b"}))
    signed = prepared.headers["Authorization"]
    text = signed.decode() if isinstance(signed, bytes) else signed
    assert text.startswith("OAuth ")
    assert 'oauth_consumer_key="consumer_token-1"' in text
    assert 'oauth_token="access_token-1"' in text
    assert "secret" not in text


@pytest.mark.parametrize("login", [Login.NONE, Login.BOT_PASSWORD])
@pytest.mark.parametrize(
    ("api", "told"),
    [
        ("http://127.0.0.1:9/w/api.php", "the wiki cannot be reached"),
        ("{address}/elsewhere/api.php", "no API|not from an API"),
    ],
)
def test_who_has_never_answered_is_not_waited_for_long(
    login: Login, api: str, told: str, place: Disturbed
) -> None:
    """An address is more often misspelt than its wiki overworked; the doctor finds out."""
    api = api.format(address=place.served.address)
    with place.remote(api=api, login=login) as remote, pytest.raises(StoreError) as error:
        remote.salt()

    assert re.search(told, error.value.what)
    assert "wbskills doctor" in error.value.hint
    assert len(place.lines) < 6


def test_a_wiki_that_is_busy_from_the_beginning_is_waited_for(place: Disturbed) -> None:
    """It has answered, so it is there."""
    place.served.faults.lag = 9.5
    place.traffic.later.append((12, lambda: setattr(place.served.faults, "lag", -1.0)))

    with place.remote() as remote:
        assert remote.revision()

    assert len(place.lines) > 6  # of 5 seconds each


def test_a_log_in_that_a_read_only_wiki_refuses_is_waited_for_as_an_edit_is(
    place: Disturbed,
) -> None:
    """It is told as that, and longer than somebody who never answered is waited for."""
    place.served.faults.read_only = "Maintenance"
    place.traffic.later.append((16, lambda: setattr(place.served.faults, "read_only", "")))

    with place.remote() as remote:
        assert remote.revision()

    assert len(place.lines) == 7
    assert set(place.lines[3:]) == {
        f"waiting {seconds} s: no log-in: the wiki is read-only: Maintenance"
        for seconds in (10, 20, 40, 60)
    }
