"""The form as an application of its own, beside a wiki at another address."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import requests

from tests.self_evaluation.people import FilledForm
from wbskills.private_records.sealing import Key
from wbskills.self_evaluation import own_grant, sender
from wbskills.self_evaluation.app import create_app
from wbskills.tasks.form_settings import SECRET, load_settings
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.remote import oauth
from wbskills.wikibase.remote.oauth import LogInError, LogInProblem, Token
from wbskills.wikibase.server.accounts import add_user
from wbskills.wikibase.server.http_server import HttpServer
from wbskills.wikibase.server.site import close


@pytest.fixture
def wiki() -> Iterator[ServedWikibase]:
    """The other wiki."""
    with serving() as served:
        yield served


@pytest.fixture
def grants() -> tuple[str, ...]:
    """What people allow the form to do."""
    return ("mwoauth-authonly",)


@pytest.fixture
def address(
    wiki: ServedWikibase,
    grants: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """Where the form is served that writes to another wiki."""
    server = HttpServer("127.0.0.1", 0)
    client, secret = wiki.add_oauth_app(f"{server.address}/me/callback", grants)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("WBSKILLS_SECRET_OURS", wiki.bot_password)
    monkeypatch.setenv(SECRET, secret)
    monkeypatch.chdir(tmp_path)
    Path("wbskills.toml").write_text(
        f"""
        [wikibase.ours]
        api = "{wiki.api}"
        sparql = "{wiki.sparql}"
        login = "bot-password"
        user = "{wiki.bot_user}"

        [self_evaluation]
        wikibase = "ours"
        address = "{server.address}"

        [self_evaluation.wiki]
        rest = "{wiki.rest}"
        api = "{wiki.api}"
        client_id = "{client}"
        name = "Our wiki"
        """
    )
    monkeypatch.setattr(sender.Sender.send, "__defaults__", (60.0,))
    app = create_app(load_settings(), key=Key.random())
    thread = Thread(target=server.run, args=(app,))
    thread.start()
    yield server.address
    server.stop()
    thread.join()
    close(app)


class Browser:
    """A browser without scripts that follows a person between two addresses."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.page = requests.Response()

    def get(self, address: str) -> str:
        """Open a page."""
        self.page = self.session.get(address, timeout=60)
        return self.page.text

    def send(self, path: str, **fields: str) -> str:
        """Send the form of the page with an address."""
        filled = FilledForm(path)
        filled.feed(self.page.text)
        names = re.findall(r'<input[^>]* value="([^"]*)" name="(\w+)"', self.page.text)
        data = {name: html.unescape(value) for value, name in names} | filled.fields
        target = "/".join(self.page.url.split("/")[:3]) + path
        self.page = self.session.post(target, data={**data, **fields}, timeout=90)
        return self.page.text


def test_log_in_and_answers_go_to_the_other_wiki(address: str, wiki: ServedWikibase) -> None:
    """A person logs in there, answers here, and what they answered is there."""
    browser = Browser()
    assert "Log in with Our wiki" in browser.get(f"{address}/me/")
    browser.send("/me/log-in")
    assert browser.page.url.startswith(wiki.address)
    browser.send("/wiki/Special:UserLogin", name=wiki.user, password=wiki.password)
    browser.send("/wiki/Special:OAuth/approve", wpaction="accept")
    assert browser.page.url.startswith(address)
    browser.send("/me/consent", consent="consent_named")
    browser.send("/me/skills-1", **{"level.templates": "alone"})
    wiki.faults.drop_after = 1  # the answer to an edit is lost
    browser.get(f"{address}/me/check")
    assert "Your answers are stored" in browser.send("/me/send")
    (page,) = re.findall(r'href="([^"]+entity/Q\d+)"', browser.page.text)
    assert page.startswith(wiki.entities)
    (item,) = [
        stored.entity
        for stored in wiki.store.read([page.rpartition("/")[2]]).values()
    ]  # fmt: skip
    assert item.labels["en"] == wiki.user
    last = wiki.store.history.revisions_of(item.id)[0].edit
    assert "self-evaluation, ambassadors" in last.summary
    shown = browser.get(f"{address}/me/stored")
    assert "Templates" in shown
    assert "The history of your item is kept by its wiki" in shown
    shown = browser.get(f"{address}/me/withdraw")
    assert "an administrator of that wiki deletes it" in shown
    browser.send("/me/withdraw", name=wiki.user)
    assert "has been removed" in browser.page.text
    assert wiki.user not in str(wiki.store.read([item.id]))


@pytest.mark.parametrize("grants", [("basic", "editpage", "createeditmovepage")], ids=["editing"])
@pytest.mark.parametrize("lost", [False, True], ids=["as-the-person", "token-lost"])
def test_edits_are_the_persons_own_if_they_allow_it(
    address: str,
    wiki: ServedWikibase,
    lost: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else, and if their token is not valid any more, the program makes them."""
    add_user(wiki.store.accounts, "Ada", wiki.password, ())
    browser = Browser()
    browser.get(f"{address}/me/")
    browser.send("/me/log-in")
    browser.send("/wiki/Special:UserLogin", name="Ada", password=wiki.password)
    browser.send("/wiki/Special:OAuth/approve", wpaction="accept")
    browser.send("/me/consent", consent="consent_named")
    browser.send("/me/skills-1", **{"level.templates": "alone"})
    if lost:
        monkeypatch.setattr(own_grant, "_SPARE", 1e9)
        monkeypatch.setattr(oauth, "refresh", refuse)
    browser.get(f"{address}/me/check")
    assert "Your answers are stored" in browser.send("/me/send")
    (page,) = re.findall(r'href="([^"]+entity/Q\d+)"', browser.page.text)
    last = wiki.store.history.revisions_of(page.rpartition("/")[2])[0].edit
    assert last.user == (wiki.user if lost else "Ada")
    assert last.tags == (() if lost else ("OAuth CID: 1",))


def refuse(*_: object) -> Token:
    """Fail as a wiki whose person has taken the grant back."""
    raise LogInError(LogInProblem.REVOKED, "the token is not valid any more")


def test_who_is_no_coordinator(address: str) -> None:
    """Pages for those who have logged in are not for others."""
    browser = Browser()
    browser.get(f"{address}/me/status")
    assert browser.page.status_code == 403
    browser.get(f"{address}/me/callback?code=x&state=y")
    assert browser.page.status_code == 400
    assert "Please begin again" in browser.page.text
