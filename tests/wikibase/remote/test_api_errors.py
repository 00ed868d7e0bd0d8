"""What the errors of the API mean for a request."""

from typing import Any

import pytest

from wbskills.wikibase.remote.api_errors import ErrorKind, find_error


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
def test_every_error_has_a_kind(
    status: int, headers: dict[str, str], found: object, meaning: ErrorKind, seconds: float
) -> None:
    """Whether the request was carried out, and how long to wait before the next."""
    read = find_error(status, headers, found)

    assert read is not None
    assert (read.kind, read.retry_after) == (meaning, seconds)


@pytest.mark.parametrize(
    ("lag", "expected"),
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
def test_a_lag_names_what_lags(lag: dict[str, object], expected: str) -> None:
    """With three digits at most."""
    read = find_error(200, {}, error("maxlag", **lag))
    assert read is not None
    assert read.message == expected


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
def test_the_reason_for_a_refusal_and_whether_it_is_about_one_edit(
    code: str, message: dict[str, Any], alone: bool, why: str
) -> None:
    """As recorded: it stands in the second message. A block concerns all edits of this user."""
    first = {"name": "wikibase-api-failed-save", "parameters": [], "html": {"*": "The save …"}}
    read = find_error(200, {}, error(code, first, message))

    assert read is not None
    assert (read.kind, read.edit_only) == (ErrorKind.REFUSED, alone)
    assert why in read.message


def test_a_success_is_not_an_error() -> None:
    """Whatever else stands in it."""
    assert find_error(200, {}, {"success": 1, "warnings": {}}) is None


@pytest.mark.parametrize(
    "name", ["edit-conflict", "edit-gone-missing", "wikibase-save-unresolved-redirect"]
)
def test_a_save_after_someone_elses_is_a_conflict(name: str) -> None:
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
