"""Requests: how they are encoded, how long they are repeated, how many an import takes."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wikibase.remote.disturbed_wiki import (
    FIRST,
    DisturbedWiki,
    make_responses,
    serve_disturbed,
)
from wbskills.errors import StoreError
from wbskills.ontology.entries import Ontology
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.remote import wikibase
from wbskills.wikibase.remote.api import ActionApi, encode_form
from wbskills.wikibase.remote.profile import Login
from wbskills.wikibase.remote.site_info import SiteInfo, fetch_site_info
from wbskills.wikibase.server.guard import Environ, StartResponse

PEOPLE = 200


@given(st.text() | st.text(max_size=3).map(lambda text: text * 400))
def test_forms_are_encoded_as_urllib_does(text: str) -> None:
    """Long texts by another way than short ones, and alike."""
    fields: dict[str, str | int] = {"data": text, "n": 1, text[:3]: "x"}

    assert encode_form(fields) == urlencode(fields)


def test_every_ascii_character_is_escaped_as_urllib_does() -> None:
    """One by one, in a long text."""
    for character in map(chr, range(128)):
        assert encode_form({"a": character * 600}) == urlencode({"a": character * 600})


def test_an_address_that_is_not_a_wikibase_is_reported(wiki: DisturbedWiki) -> None:
    """Before anything else is asked of it."""
    api = f"{wiki.served.address}/wiki/Special:RecentChanges"
    with wiki.remote(api=api, login=Login.NONE) as remote, pytest.raises(StoreError) as error:
        remote.salt()
    assert error.value.hint


@pytest.mark.parametrize("login", [Login.NONE, Login.BOT_PASSWORD])
@pytest.mark.parametrize(
    ("api", "expected"),
    [
        ("http://127.0.0.1:9/w/api.php", "the wiki cannot be reached"),
        ("{address}/elsewhere/api.php", "no API|not from an API"),
    ],
)
def test_an_address_that_never_answered_is_given_up_soon(
    login: Login, api: str, expected: str, wiki: DisturbedWiki
) -> None:
    """An address is more often misspelt than its wiki overworked; the doctor finds out."""
    api = api.format(address=wiki.served.address)
    with wiki.remote(api=api, login=login) as remote, pytest.raises(StoreError) as error:
        remote.salt()

    assert re.search(expected, error.value.what)
    assert "wbskills doctor" in error.value.hint
    assert len(wiki.lines) < 6


def test_a_wiki_that_is_busy_from_the_start_is_waited_for(wiki: DisturbedWiki) -> None:
    """It has answered, so it is there."""
    wiki.served.faults.lag = 9.5
    wiki.traffic.later.append((12, lambda: setattr(wiki.served.faults, "lag", -1.0)))

    with wiki.remote() as remote:
        assert remote.revision()

    assert len(wiki.lines) > 6  # of 5 seconds each


def test_a_log_in_refused_for_read_only_is_waited_for(
    wiki: DisturbedWiki,
) -> None:
    """The wait has that reason, and is longer than for an address that never answered."""
    wiki.served.faults.read_only = "Maintenance"
    wiki.traffic.later.append((16, lambda: setattr(wiki.served.faults, "read_only", "")))

    with wiki.remote() as remote:
        assert remote.revision()

    assert len(wiki.lines) == 7
    assert set(wiki.lines[3:]) == {
        f"waiting {seconds} s: no log-in: the wiki is read-only: Maintenance"
        for seconds in (10, 20, 40, 60)
    }


def test_an_import_takes_at_most_1_05_requests_for_each_person(wiki: DisturbedWiki) -> None:
    """First at most 1.05 for each person, again at most 0.05 and no edit."""
    everybody = make_responses(PEOPLE, Random(1))  # noqa: S311 - no secret
    people = [each for each in everybody if each.wave == FIRST.key]
    wiki.import_all([])  # the waves
    wiki.traffic.reset()
    wiki.import_all([], batch="b2")
    start_up = wiki.traffic.requests

    wiki.traffic.reset()
    assert wiki.import_all(people, batch="b3") == PEOPLE
    first = wiki.traffic.requests - start_up
    assert wiki.traffic.actions["wbeditentity"] == PEOPLE
    assert first <= 1.05 * PEOPLE, wiki.traffic.actions

    wiki.traffic.reset()
    assert wiki.import_all(people, batch="b4") == 0
    second = wiki.traffic.requests - start_up
    assert second <= 0.05 * PEOPLE, wiki.traffic.actions
    assert wiki.traffic.actions["wbeditentity"] == 0


def test_a_second_wave_takes_at_most_1_1_requests_for_each_person(wiki: DisturbedWiki) -> None:
    """Reading each item before and after its change costs a fiftieth of a request each."""
    people = make_responses(120, Random(1))  # noqa: S311 - no secret
    first = [person for person in people if person.wave == FIRST.key]
    second = [person for person in people if person.wave != FIRST.key]
    wiki.import_all(first)
    wiki.traffic.reset()

    wiki.import_all(second, batch="b2")

    assert wiki.traffic.actions["wbeditentity"] == len(second)
    assert wiki.traffic.requests <= 1.1 * len(second) + 25, wiki.traffic.actions


def test_the_limit_of_the_wiki_holds_besides_that_of_the_profile(
    wiki: DisturbedWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine tenths of it, as others may use the same account; a lower one of the profile stays."""

    def limited(api: ActionApi) -> SiteInfo:
        return replace(fetch_site_info(api), edit_limit=90.0)

    monkeypatch.setattr(wikibase, "fetch_site_info", limited)
    for own, expected in ((0, 81), (100, 81), (30, 30)):
        with wiki.remote(edits_per_minute=own) as remote:
            remote.revision()
            assert remote._api.rate.per_minute == expected


def test_a_throttled_edit_slows_all_sessions_down(wiki: DisturbedWiki) -> None:
    """From then on, too."""
    faults = wiki.served.faults
    edits = [
        Create(name, Entity(labels={"en": name}, descriptions={"en": "x"})) for name in "abcd"
    ]
    with wiki.remote(edits_per_minute=10_000) as remote:
        remote.write(edits[:1], "test")
        assert remote._api.rate.per_minute == 10_000
        faults.edits_per_minute = 1
        wiki.traffic.later.append((4, lambda: setattr(faults, "edits_per_minute", 0)))
        remote.write(edits[1:], "test")

        assert remote._api.rate.per_minute <= 7_000


@pytest.mark.parametrize("may", [True, False])
def test_edits_are_marked_as_those_of_a_bot_if_the_user_may(
    may: bool, wiki: DisturbedWiki
) -> None:
    """So that they can be hidden in the recent changes."""
    marks: list[bool] = []

    def front(environ: Environ, _: StartResponse) -> None:
        form = parse_qs(environ["wsgi.input"].getvalue().decode())
        if form.get("action") == ["wbeditentity"]:
            marks.append(form.get("bot") == ["1"])

    wiki.traffic.front = front
    user = {"user": wiki.served.bot_user} if may else {}
    wiki.password = wiki.served.bot_password if may else wiki.password
    with wiki.remote(**user) as remote:
        remote.write([Create("a", Entity(labels={"en": "a"}))], "test")

    assert marks == [may]


def test_two_wikis_at_once(wiki: DisturbedWiki, prepared: Path, ontology: Ontology) -> None:
    """Each gets its own people, user and state."""
    everybody = make_responses(16, Random(3))  # noqa: S311 - no secret
    mine = [each for each in everybody if each.row % 2]
    theirs = [each for each in everybody if not each.row % 2]
    with serve_disturbed(prepared, ontology) as other, ThreadPoolExecutor(2) as pool:
        # A store of its own has its own addresses.
        imports = [pool.submit(wiki.import_all, mine), pool.submit(other.import_all, theirs)]
        for each in imports:
            each.result()

        names = {response.identity.name for response in everybody}
        for one, people in ((wiki, mine), (other, theirs)):
            wanted = {response.identity.name for response in people}
            found = {str(thing["labels"].get("en")) for thing in one.snapshot().values()}
            assert found & names == wanted
        assert wiki.served.api != other.served.api
        with wiki.remote() as first, other.remote() as second:
            assert first.salt() != second.salt()
