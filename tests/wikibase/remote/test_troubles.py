"""What answers of the API mean, and how edits are written for it."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Snak, Statement, Stored
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote.api import encode_form
from wbskills.wikibase.remote.api_errors import ErrorKind, find_error
from wbskills.wikibase.remote.edit_json import edit_data, guids_in, with_new_guids
from wbskills.wikibase.remote.retries import RateLimiter, Waiter


def error(code: str, *messages: dict[str, Any], **more: object) -> dict[str, Any]:
    """Make an answer of the API that is an error."""
    return {"error": {"code": code, "info": "…", "messages": list(messages), **more}}


@pytest.mark.parametrize(
    ("status", "headers", "found", "meaning", "seconds"),
    [
        (200, {"Retry-After": "5"}, error("maxlag", lag=7.5), ErrorKind.BUSY, 5),
        (200, {}, error("maxlag", lag=7.5), ErrorKind.BUSY, 5),
        (200, {}, error("readonly", readonlyreason="x"), ErrorKind.BUSY, 0),
        (200, {}, error("ratelimited"), ErrorKind.THROTTLED, 30),
        (
            200,
            {"retry-after": "11"},
            error("failed-save", {"name": "actionthrottledtext"}),
            ErrorKind.THROTTLED,
            11,
        ),
        (429, {"Retry-After": "999999"}, None, ErrorKind.THROTTLED, 300),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None, ErrorKind.THROTTLED, 30),
        (503, {"Retry-After": "1"}, None, ErrorKind.UNKNOWN, 1),
        (502, {}, {"error": {}}, ErrorKind.UNKNOWN, 0),
        # What the wiki says itself counts, with whatever status; what a server before it says not.
        (503, {"Retry-After": "6"}, error("maxlag", lag=7.5), ErrorKind.BUSY, 6),
        (503, {}, error("readonly", readonlyreason="x"), ErrorKind.BUSY, 0),
        (429, {"Retry-After": "7"}, error("ratelimited"), ErrorKind.THROTTLED, 7),
        (503, {}, {"error": {"code": 503, "message": "upstream"}}, ErrorKind.UNKNOWN, 0),
        (429, {}, {"error": {"code": "slow_down"}}, ErrorKind.THROTTLED, 30),
        (200, {}, {"error": "invalid_token"}, ErrorKind.UNKNOWN, 0),
        # No API there: it will not come by waiting.
        (404, {}, None, ErrorKind.REFUSED, 0),
        (405, {}, None, ErrorKind.REFUSED, 0),
        (413, {}, None, ErrorKind.REFUSED, 0),
        # New ids have a limit of their own, without a name of its own.
        (200, {}, error("no-automatic-entity-id"), ErrorKind.THROTTLED, 30),
        (200, {}, error("mwoauth-invalid-authorization"), ErrorKind.LOGGED_OUT, 0),
        (200, {}, error("mwoauth-invalid-authorization-blocked-user"), ErrorKind.REFUSED, 0),
        (200, {}, None, ErrorKind.UNKNOWN, 0),
        (200, {}, ["no", "object"], ErrorKind.UNKNOWN, 0),
        (200, {}, error("internal_api_error_DBQueryError"), ErrorKind.UNKNOWN, 0),
        (200, {}, error("assertuserfailed"), ErrorKind.LOGGED_OUT, 0),
        (200, {}, error("badtoken"), ErrorKind.BAD_TOKEN, 0),
        (200, {}, error("editconflict"), ErrorKind.REFUSED, 0),
        (200, {}, error("failed-save"), ErrorKind.REFUSED, 0),
        (403, {}, None, ErrorKind.REFUSED, 0),
    ],
)
def test_every_trouble_has_a_meaning(
    status: int, headers: dict[str, str], found: object, meaning: ErrorKind, seconds: float
) -> None:
    """Whether the request was carried out, and how long to wait before the next."""
    read = find_error(status, headers, found)

    assert read is not None
    assert (read.kind, read.retry_after) == (meaning, seconds)


@pytest.mark.parametrize(
    ("lag", "told"),
    [
        ({"lag": 7.123456789012345, "type": "db"}, "the wiki’s database lags by 7.12 s"),
        ({"lag": 3}, "the wiki’s database lags by 3 s"),
        (
            {"lag": 5.4321098765, "type": "jobqueue", "jobs": 54321},
            "the wiki’s job queue is too long (54,321 wait)",
        ),
        ({"lag": "?"}, "the wiki lags"),
    ],
)
def test_a_lag_is_told_by_what_lags(lag: dict[str, object], told: str) -> None:
    """With as many digits as somebody who waits wants to know."""
    read = find_error(200, {}, error("maxlag", **lag))
    assert read is not None
    assert read.message == told


RIGHT = {"name": "badaccess-groups", "parameters": ["*, [[Users|Users]]", 2]}


@pytest.mark.parametrize(
    ("code", "message", "alone", "why"),
    [
        (
            "failed-save",
            {"name": "abusefilter-disallowed", "parameters": ["No people named Zebra", "1"]},
            True,
            "a filter of the wiki refuses it: No people named Zebra",
        ),
        (
            "failed-save",
            {"name": "abusefilter-warning", "parameters": {"0": "No people named Zebra"}},
            True,
            "a filter of the wiki refuses it: No people named Zebra",
        ),
        ("failed-save", {"name": "captcha-edit-fail", "parameters": []}, True, "captcha"),
        ("failed-save", {"name": "protectedpagetext"}, True, "its page is protected"),
        ("permissiondenied", {"name": "protectedpagetext"}, True, "its page is protected"),
        ("failed-save", {"name": "blockedtext", "parameters": ["[[User:A]]"]}, False, "blocked"),
        ("blocked", {"name": "wikibase-api-blocked"}, False, "this user is blocked"),
        ("permissiondenied", RIGHT, False, "lacks a right"),
        (
            "failed-save",
            {"name": "some-extension", "html": {"*": "<b>Not</b> on\nMondays &amp; so on"}},
            True,
            "failed-save: …; Not on Mondays & so on",
        ),
        ("failed-save", {"name": "some-extension"}, True, "failed-save: …; some-extension"),
    ],
)
def test_the_reason_of_a_refusal_is_found_and_who_it_concerns(
    code: str, message: dict[str, Any], alone: bool, why: str
) -> None:
    """As recorded: it stands in the second message. A block concerns all edits of this user."""
    first = {"name": "wikibase-api-failed-save", "parameters": [], "html": {"*": "The save …"}}
    read = find_error(200, {}, error(code, first, message))

    assert read is not None
    assert (read.kind, read.edit_only) == (ErrorKind.REFUSED, alone)
    assert why in read.message


def test_a_success_is_no_trouble() -> None:
    """Whatever else stands in it."""
    assert find_error(200, {}, {"success": 1, "warnings": {}}) is None


@pytest.mark.parametrize(
    "name", ["edit-conflict", "edit-gone-missing", "wikibase-save-unresolved-redirect"]
)
def test_a_save_that_was_overtaken_is_a_conflict(name: str) -> None:
    """Wikibase notices some only when it saves, and then calls them failed saves."""
    read = find_error(200, {}, error("failed-save", {"name": name}))

    assert read is not None
    assert read.code == "editconflict"


@pytest.mark.parametrize("link", ["[[Item:Q5|Q5]]", "[[Q5|Q5]]", "[[Item:Q5]]"])
@pytest.mark.parametrize("in_a_map", [False, True])
def test_the_entity_that_has_the_label_is_found(link: str, in_a_map: bool) -> None:
    """However the wiki writes links and lists; a label that looks like a link is none."""
    values = ["Ada", "en", link]
    parameters = dict(enumerate(values)) if in_a_map else values
    message = {
        "name": "wikibase-validator-label-with-description-conflict",
        "parameters": {str(k): v for k, v in parameters.items()}
        if isinstance(parameters, dict)
        else parameters,
    }
    read = find_error(200, {}, error("modification-failed", message))

    assert read is not None
    assert read.clash == "Q5"


def said(text: str, guid: str | None = None) -> Statement:
    """Make a statement."""
    return Statement(Snak("P1", Text(text), "string"), id=guid)


def test_a_change_names_its_new_statements_by_what_they_say() -> None:
    """Twice the same edit has the same GUIDs, and never one that is taken."""
    present = Entity(id="Q7", statements=(said("a", "Q7$old"),))
    change = Change(
        key="k", id="Q7", base=3, statements=(said("b"), said("b")), was=Stored(present, 3)
    )

    first, second = (with_new_guids(change) for _ in range(2))

    assert isinstance(first, Change)
    assert first == second
    guids = [each.id or "" for each in first.statements]
    assert len(set(guids)) == 2
    assert all(guid.startswith("Q7$") for guid in guids)
    again = replace(change, was=Stored(replace(present, statements=first.statements), 4))
    third = with_new_guids(again)
    assert isinstance(third, Change)
    assert not {each.id for each in third.statements} & set(guids)


def test_a_change_sends_only_what_it_changes() -> None:
    """Nothing is cleared; aliases are added."""
    change = Change(
        key="k",
        id="Q7",
        base=3,
        labels={"de": "x"},
        aliases={"en": ("one",)},
        statements=(said("a", "Q7$1"),),
        removed=("Q7$2",),
    )

    sent = json.loads(edit_data(change))

    assert set(sent) == {"labels", "aliases", "claims"}
    assert sent["aliases"]["en"] == [{"language": "en", "value": "one", "add": ""}]
    assert [claim["id"] for claim in sent["claims"]] == ["Q7$1", "Q7$2"]
    assert sent["claims"][1] == {"id": "Q7$2", "remove": ""}


def test_guids_of_a_new_entity_are_told_only_if_it_holds_just_that() -> None:
    """Somebody may have added to it before it was looked up."""
    create = Create("k", Entity(statements=(said("a"), said("b"))))

    assert guids_in(create, {"P1": [{"id": "Q1$1"}, {"id": "Q1$2"}]}) == ("Q1$1", "Q1$2")
    assert guids_in(create, {"P1": [{"id": "Q1$1"}]}) == ()
    assert guids_in(create, {"P2": [{"id": "Q1$1"}, {"id": "Q1$2"}]}) == ()
    assert guids_in(create, None) == ()


def test_the_pace_is_shared_and_follows_the_wiki() -> None:
    """Ten edits at 1,200 a minute take nine twentieths of a second; then slower, and lower."""
    from time import monotonic

    pace = RateLimiter(Waiter(lambda _: None), 1200)
    begun = monotonic()
    for _ in range(10):
        pace.acquire()
    assert 0.44 < monotonic() - begun < 3

    pace.back_off(0.2)
    begun = monotonic()
    pace.acquire()
    assert monotonic() - begun > 0.1
    assert pace.per_minute == 840
    pace.limit_to(81)
    assert pace.per_minute == 81
    pace.limit_to(500)
    assert pace.per_minute == 81


@given(st.text() | st.text(max_size=3).map(lambda text: text * 400))
def test_forms_are_written_as_everybody_does(text: str) -> None:
    """Long texts by another way than short ones, and alike."""
    fields: dict[str, str | int] = {"data": text, "n": 1, text[:3]: "x"}

    assert encode_form(fields) == urlencode(fields)


def test_every_character_of_ascii_is_escaped_as_it_should_be() -> None:
    """One by one, in a long text."""
    for character in map(chr, range(128)):
        assert encode_form({"a": character * 600}) == urlencode({"a": character * 600})
