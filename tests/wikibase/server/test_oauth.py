"""OAuth 2 of the served Wikibase, compared with exchanges recorded from a real MediaWiki."""

import hashlib
import html
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from wbskills.wikibase.embedded.store import IN_MEMORY, Embedded
from wbskills.wikibase.server.accounts import User, add_user, user_of
from wbskills.wikibase.server.app import create_app
from wbskills.wikibase.server.oauth import OAuth, TokenRefused, apps, register_app
from wbskills.wikibase.server.site import Site, close

ADDRESS: Final = "http://127.0.0.1:8181"
REDIRECT: Final = "http://127.0.0.1:8500/me/callback"
EDITING: Final = ("basic", "editpage", "createeditmovepage")
RECORDED: Final = Path(__file__).parents[2] / "data" / "oauth"
PASSWORD: Final = "a long pass phrase"  # noqa: S105 - of a server that exists only here
_MASK = re.compile(r"<(\w+):([\w-]+)>")
# What differs on purpose: the address of a page of ours, or what has no such page.
PAGES_OF_OURS: Final = {307: "Special:OAuth/approve", 302: "/w/rest.php/oauth2/authorize"}
DIFFERENT: Final = {
    "authorize-not-logged-in": "the page to log in is /wiki/Special:UserLogin itself",
    "identity-profile-no-token": "401; MediaWiki fails with 500 and a document of PHP",
    "editor-recentchanges": "a wiki that has more edits",
    "editor-delete-not-granted": "the names of groups are those of another wiki",
    "manage-my-grants": "no such page: grants end with the server",
}


class Replay:
    """Sends what was recorded, with the values of this server in place of the masks."""

    def __init__(
        self, client: FlaskClient, values: dict[str, str], oauth: OAuth, user: User
    ) -> None:
        self.client, self.values = client, values
        self.oauth, self.user = oauth, user

    def fill(self, text: str) -> str:
        """Put the values of this server into a text."""
        return _MASK.sub(lambda found: self._value(found[0]), text)

    def _value(self, mask: str) -> str:
        if mask not in self.values and mask.startswith("<code_verifier:"):
            self.values[mask] = "v" * 43 + re.sub(r"\D", "", mask)
            number = int(re.sub(r"\D", "", mask))
            digest = hashlib.sha256(self.values[mask].encode()).digest()
            challenge = urlsafe_b64encode(digest).decode().rstrip("=")
            self.values[f"<code_challenge:{number + 1}>"] = challenge
        if mask.startswith("<code_challenge:") and mask not in self.values:
            self._value(f"<code_verifier:{int(re.sub(chr(92) + 'D', '', mask)) - 1}>")
        return self.values.get(mask, mask)

    def send(self, sent: Mapping[str, Any]) -> TestResponse:
        """Send a recorded request."""
        path = self.fill(sent["path"]).removeprefix(ADDRESS)
        if "title=Special:OAuth/approve" in path:
            query = dict(parse_qsl(urlsplit(path).query))["returntoquery"]
            path = "/wiki/Special:OAuth/approve?" + urlencode({"returntoquery": query})
        headers = {key: self.fill(text) for key, text in sent.get("headers", {}).items()}
        if sent["method"] == "GET":
            given = {key: self.fill(str(text)) for key, text in sent.get("params", {}).items()}
            return self.client.get(path, query_string=given or None, headers=headers)
        form = {key: self.fill(text) for key, text in sent["form"].items()}
        if "wpEditToken" in form:
            form["wpEditToken"] = self.values["<edit token>"]
        if "token" in form:
            form["token"] = self.values["<csrf>"]
        return self.client.post(path, data=form, headers=headers)

    def learn(self, recorded: Any, found: Any) -> None:  # noqa: ANN401 - JSON
        """Remember what this server has in place of a mask."""
        if isinstance(recorded, dict) and isinstance(found, dict):
            for key in recorded.keys() & found.keys():
                self.learn(recorded[key], found[key])
        elif isinstance(recorded, str) and isinstance(found, str):
            if recorded == "<token>":
                self.values["<csrf>"] = found
            elif mask := _MASK.fullmatch(recorded):
                self.values[mask[0]] = found


@pytest.fixture(scope="module")
def replay() -> Iterator[Replay]:
    """A server with the applications of the recording, and a person who has logged in."""
    with Embedded(IN_MEMORY, concept_base=f"{ADDRESS}/entity/") as store:
        add_user(store.accounts, "Editor", PASSWORD, ())
        values: dict[str, str] = {}
        for name, grants, public in (
            ("identity", ("mwoauth-authonly",), False),
            ("editor", EDITING, False),
            ("public-client", ("mwoauth-authonly",), True),
        ):
            app, secret = register_app(store.accounts, name, REDIRECT, grants, public=public)
            values |= {f"<client_id:{name}>": app.id, f"<client_secret:{name}>": secret}
        served = create_app(Site(store, ADDRESS, Lock()))
        client = served.test_client()
        shown = client.get("/wiki/Special:UserLogin").text
        token = html.unescape(re.findall(r'name="token" value="([^"]+)"', shown)[0])
        answer = client.post(
            "/wiki/Special:UserLogin",
            data={"token": token, "name": "Editor", "password": PASSWORD},
        )
        assert answer.status_code == 303
        yield Replay(client, values, served.extensions["wbskills.log_in"].oauth, oauth_user(store))
        close(served)


def exchanges() -> list[dict[str, Any]]:
    """Read what was recorded, in order."""
    return [json.loads(file.read_text()) for file in sorted(RECORDED.glob("*.json"))]


@pytest.mark.parametrize("exchange", exchanges(), ids=lambda each: each["name"])
def test_it_answers_as_recorded(replay: Replay, exchange: dict[str, Any]) -> None:
    """Status, answer, and where people are sent; masked values are those of this server."""
    if exchange["name"] == "decline-authorize":
        replay.oauth.take_back(replay.user)  # as the person of the recording had
    answer = replay.send(exchange["request"])
    shown = re.search(r'value="([^"]+)" name="wpEditToken"', answer.text)
    if shown:
        replay.values["<edit token>"] = html.unescape(shown[1])
    recorded = exchange["response"]
    body = recorded["body"]
    found: Any = answer.get_json(force=True, silent=True)
    replay.learn(body, found)
    location = answer.headers.get("Location", "")
    if code := re.search(r"[?&]code=([^&]+)", location):
        mask = re.search(r"code=(<code:\d+>)", recorded["headers"]["Location"])
        assert mask is not None
        replay.values[mask[1]] = code[1]
    if exchange["name"] in DIFFERENT:
        pytest.skip(DIFFERENT[exchange["name"]])
    assert answer.status_code == recorded["status"]
    wanted = recorded["headers"].get("Location", "")
    if wanted.startswith(REDIRECT):
        assert location == replay.fill(wanted)
    elif wanted:
        assert PAGES_OF_OURS[recorded["status"]] in location
    if isinstance(body, dict) and "html_title" not in body:
        assert _compared(found) == _compared(json.loads(replay.fill(json.dumps(body))))
    elif isinstance(body, dict) and "Error" in body["html_title"]:
        assert "<title>Application Connection Error" in answer.text


def _compared(found: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave out what is another on every wiki: ids, times, and the order of rights."""
    if not isinstance(found, dict):
        return found
    skipped = {"sub", "registered", "lastrevid", "id", "editcount", "servedby", "docref"}
    kept = {key: _compared(value) for key, value in found.items() if key not in skipped}
    for name in ("rights", "csrftoken", "*"):
        kept.pop(name, None)
    return kept


def test_what_is_stored_has_no_secret(tmp_path: Path) -> None:
    """Only a hash of it."""
    with Embedded(str(tmp_path / "store")) as store:
        app, secret = register_app(store.accounts, "form", REDIRECT)
        assert apps(store.accounts) == [app]
        assert secret not in repr(app)
    for file in (tmp_path / "store").rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes()


def test_tokens_and_codes_expire() -> None:
    """A code after ten minutes, a token after an hour."""
    now = [0.0]
    with Embedded(IN_MEMORY) as store:
        add_user(store.accounts, "Ada", PASSWORD, ())
        app, secret = register_app(store.accounts, "form", REDIRECT)
        oauth = OAuth(store.accounts, lambda: now[0])
        asked = oauth.authorize_request({"client_id": app.id, "response_type": "code"})
        user = oauth_user(store)
        form = {"grant_type": "authorization_code", "client_id": app.id, "client_secret": secret}
        late = oauth.code_for(user, asked)
        now[0] += 601
        with pytest.raises(TokenRefused):
            oauth.token({**form, "code": late})
        token = oauth.token({**form, "code": oauth.code_for(user, asked)})["access_token"]
        assert oauth.grant(token).user.name == "Ada"
        now[0] += 3_601
        with pytest.raises(TokenRefused):
            oauth.grant(token)


def oauth_user(store: Embedded) -> User:
    """Return the only user."""
    (account,) = store.accounts.list_all()
    return user_of(account)
