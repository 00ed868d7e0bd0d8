"""Simulated failures, for tests of clients."""

import json

import pytest

from tests.wikibase.server.support import Api, LocalServer
from wbskills.errors import InvalidValue
from wbskills.wikibase.server.settings import SimulatedFaults

LABEL = {"labels": {"en": {"language": "en", "value": "x"}}}


def test_nothing_is_wrong_unless_asked_for(bot: Api) -> None:
    """Clients that send maxlag and assert are served."""
    found = bot.edit(LABEL, new="item", maxlag="5", **{"assert": "bot"})

    assert "success" in found


def test_lag_read_only_and_rate_limit(server: LocalServer, ada: Api) -> None:
    """The errors and headers are those of MediaWiki."""
    server.faults.lag = 7.5
    lagging = ada.raw(action="query", meta="userinfo", maxlag="5")
    assert lagging.get_json()["error"]["code"] == "maxlag"
    assert lagging.headers["Retry-After"] == "5"
    server.faults.lag = -1

    server.faults.read_only = "backup"
    assert ada.edit(LABEL, new="item")["error"]["code"] == "readonly"
    assert "error" not in ada("query", meta="userinfo")
    server.faults.read_only = ""

    server.faults.edits_per_minute = 1
    assert "success" in ada.edit(LABEL, new="item")
    limited = ada.raw(action="wbsetlabel", id="Q1", language="de", value="y", token=ada.token)
    assert limited.get_json()["error"]["messages"][1]["name"] == "actionthrottledtext"
    assert limited.headers["MediaWiki-API-Error"] == "failed-save, ratelimited"


@pytest.mark.parametrize(
    ("message", "parameters", "begins"),
    [
        (
            "abusefilter-disallowed",
            ["No people named Zebra", "1"],
            "This action has been automatically identified as harmful, and therefore disallowed.",
        ),
        (
            "abusefilter-warning",
            ["No people named Zebra", "1"],
            "&lt;b&gt;Warning:&lt;/b&gt; This action has been automatically identified as",
        ),
        ("captcha-edit-fail", [], "Incorrect or missing CAPTCHA."),
    ],
)
def test_one_entity_is_refused_as_recorded(
    server: LocalServer, ada: Api, message: str, parameters: list[str], begins: str
) -> None:
    """The code says nothing; the reason is the second message."""
    server.faults.refuse, server.faults.refuse_as = "Zebra", message
    terms = {"labels": {"en": {"language": "en", "value": "Zebra 1"}}}

    refused = ada.raw(action="wbeditentity", new="item", data=json.dumps(terms), token=ada.token)

    assert refused.headers["MediaWiki-API-Error"] == f"failed-save, {message}"
    error = refused.get_json()["error"]
    assert (error["code"], error["info"]) == ("failed-save", "The save has failed.")
    first, second = error["messages"]
    assert first["name"] == "wikibase-api-failed-save"
    assert (second["name"], second["parameters"]) == (message, parameters)
    assert second["html"]["*"].startswith(begins)
    assert "success" in ada.edit(LABEL, new="item")


def test_two_items_of_one_name_may_be_made_while_locks_are_late(
    server: LocalServer, ada: Api
) -> None:
    """As under load: what an item is locked by is noticed only some time after it was made."""
    terms = {
        part: {"en": {"language": "en", "value": part}} for part in ("labels", "descriptions")
    }
    server.faults.late_locks = 60
    first, second = (ada.edit(terms, new="item")["entity"]["id"] for _ in range(2))
    server.faults.late_locks = 0

    assert first != second
    assert ada.edit(terms, new="item")["error"]["code"] == "modification-failed"


def test_http_503_comes_as_often_as_asked_for(server: LocalServer, ada: Api) -> None:
    """And then no more."""
    server.faults.unavailable = 2
    codes = [ada.raw(action="query", meta="userinfo").status_code for _ in range(3)]

    assert codes == [503, 503, 200]


@pytest.mark.parametrize(("when", "written"), [("drop_before", 0), ("drop_after", 1)])
def test_the_connection_breaks_before_or_after_the_edit(
    server: LocalServer, ada: Api, when: str, written: int
) -> None:
    """What a client cannot tell apart."""
    setattr(server.faults, when, 1)

    with pytest.raises(ConnectionAbortedError):
        ada.edit(LABEL, new="item")

    assert server.store.pages.counts()["revisions"] == written


def test_sessions_and_tokens_run_out(server: LocalServer, ada: Api) -> None:
    """Clients have to log in, or fetch a token, again."""
    server.faults.expire_tokens = 1
    assert ada.edit(LABEL, new="item")["error"]["code"] == "badtoken"
    ada.token = ada("query", meta="tokens")["query"]["tokens"]["csrftoken"]
    assert "success" in ada.edit(LABEL, new="item")

    server.faults.expire_session = 1
    found = ada("query", meta="userinfo", **{"assert": "user"})
    assert found["error"]["code"] == "assertuserfailed"


def test_faults_are_read_from_a_text() -> None:
    """As `serve` takes them."""
    faults = SimulatedFaults.parse("lag=7.5, drop-after=2, unavailable, read_only=backup")

    assert (faults.lag, faults.drop_after, faults.unavailable) == (7.5, 2, 1)
    assert faults.read_only == "backup"
    with pytest.raises(InvalidValue):
        SimulatedFaults.parse("fire")
    with pytest.raises(InvalidValue):
        SimulatedFaults.parse("lag=much")
