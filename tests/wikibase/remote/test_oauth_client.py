"""Logging in at a MediaWiki: every recorded error has one meaning, and tells no secret."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import time
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest

from wbskills.wikibase.remote import oauth
from wbskills.wikibase.remote.oauth import (
    LogInBegun,
    LogInError,
    LogInProblem,
    OAuthApp,
    Token,
)

RECORDED: Final = Path(__file__).parents[2] / "data" / "oauth"
SECRET: Final = "s3cret-of-the-application"  # noqa: S105 - of a server that exists only here
TOKEN: Final = Token("acc3ss", "r3fresh", 0.0)
BEGUN: Final = LogInBegun("", "st", "v" * 43)
# What each refusal of the token endpoint or the profile means.
MEANS: Final = {
    "identity-code-again": LogInProblem.STALE,
    "wrong-verifier": LogInProblem.STALE,
    "missing-verifier": LogInProblem.STALE,
    "code-nonsense": LogInProblem.STALE,
    "grant-unsupported": LogInProblem.STALE,
    "grant-missing": LogInProblem.STALE,
    "identity-refresh-again": LogInProblem.STALE,
    "refresh-bad": LogInProblem.STALE,
    "wrong-secret": LogInProblem.MISCONFIGURED,
    "wrong-redirect-at-token": LogInProblem.MISCONFIGURED,
    "client-unknown": LogInProblem.MISCONFIGURED,
    "client-credentials-not-allowed": LogInProblem.MISCONFIGURED,
    "identity-profile-no-token": LogInProblem.UNREACHABLE,
    "identity-profile-bad-token": LogInProblem.REVOKED,
    "identity-profile-old-token-after-refresh": LogInProblem.REVOKED,
}


class Wiki(BaseHTTPRequestHandler):
    """Gives one answer to everything."""

    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"")
    seen: list[str] = []  # noqa: RUF012 - of all requests

    def do_GET(self) -> None:
        """Answer."""
        status, headers, body = self.answer
        self.seen.append(f"{self.path} {self.headers}")
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Answer, whatever was sent."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def app() -> Iterator[OAuthApp]:
    """An application at a wiki that answers as `Wiki.answer` says."""
    server = HTTPServer(("127.0.0.1", 0), Wiki)
    thread = Thread(target=server.serve_forever)
    thread.start()
    Wiki.seen.clear()
    yield OAuthApp(
        rest=f"http://127.0.0.1:{server.server_port}/w/rest.php",
        client_id="id",
        client_secret=SECRET,
        redirect="http://127.0.0.1:8500/me/callback",
    )
    server.shutdown()
    thread.join()
    server.server_close()


def exchanges() -> list[dict[str, Any]]:
    """Read all that was recorded."""
    return [json.loads(file.read_text()) for file in sorted(RECORDED.glob("*.json"))]


def ask(app: OAuthApp, path: str) -> object:
    """Do what leads to a request for a path."""
    if path.endswith("profile"):
        return oauth.account_of(app, TOKEN)
    return oauth.finish(app, BEGUN, {"state": "st", "code": "c0de"})


def test_every_recorded_refusal_has_a_meaning() -> None:
    """None is left out."""
    refusals = {
        each["name"]
        for each in exchanges()
        if each["response"]["status"] >= 400 and "oauth2" in each["request"]["path"]
    }
    assert refusals == MEANS.keys()


@pytest.mark.parametrize(
    "exchange", [each for each in exchanges() if each["name"] in MEANS], ids=lambda e: e["name"]
)
def test_a_recorded_refusal(app: OAuthApp, exchange: dict[str, Any]) -> None:
    """One error, with what to do, and no secret in it."""
    recorded = exchange["response"]
    headers = {"Content-Type": recorded["headers"].get("Content-type", "application/json")}
    Wiki.answer = recorded["status"], headers, json.dumps(recorded["body"]).encode()
    with pytest.raises(LogInError) as caught:
        ask(app, exchange["request"]["path"])
    assert caught.value.problem == MEANS[exchange["name"]]
    told = f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
    for secret in (SECRET, TOKEN.access, TOKEN.refresh, "c0de", "v" * 43):
        assert secret not in told


@pytest.mark.parametrize(
    "exchange",
    [e for e in exchanges() if "error=" in e["response"]["headers"].get("Location", "")],
    ids=lambda e: e["name"],
)
def test_a_person_comes_back_with_an_error(app: OAuthApp, exchange: dict[str, Any]) -> None:
    """A refusal by the person is not the fault of the operator."""
    query = dict(parse_qsl(urlsplit(exchange["response"]["headers"]["Location"]).query))
    with pytest.raises(LogInError) as caught:
        oauth.finish(app, BEGUN, query)
    refused = exchange["name"] == "decline-back"
    wanted = LogInProblem.REFUSED if refused else LogInProblem.MISCONFIGURED
    assert caught.value.problem == wanted
    assert Wiki.seen == []


def test_the_recorded_profile(app: OAuthApp) -> None:
    """JSON that is sent as HTML."""
    (recorded,) = [each for each in exchanges() if each["name"] == "identity-profile"]
    body = json.dumps(recorded["response"]["body"]).encode()
    Wiki.answer = 200, {"Content-Type": "text/html; charset=UTF-8"}, body
    account = oauth.account_of(app, TOKEN)
    assert account.username == "Editor"
    assert account.grants == ("mwoauth-authonly",)
    assert not account.blocked


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""), (200, b"<html>"), (200, b"[]"), (200, b'{"username": 7}'), (503, b"{}"),
        (200, b'{"username": "a\\u0000b"}'), (200, b"x" * (1 << 20) + b"x"), (301, b""),
        (200, b'{"username": "' + b"x" * 300 + b'"}'), (200, b"[" * 100_000), (429, b"{}"),
    ],
    ids=range(11),
)  # fmt: skip
def test_whatever_a_wiki_answers(app: OAuthApp, status: int, body: bytes) -> None:
    """It is unreachable, for the profile as for the token."""
    Wiki.answer = status, {"Location": "http://127.0.0.1:1/"}, body
    for path in ("profile", "access_token"):
        with pytest.raises(LogInError) as caught:
            ask(app, path)
        assert caught.value.problem in (LogInProblem.UNREACHABLE, LogInProblem.STALE)


@pytest.mark.parametrize(
    "odd",
    [
        {"access_token": "ş"}, {"access_token": "a\nb"}, {"access_token": 7},
        {"refresh_token": ""}, {"expires_in": [1]},
    ],
    ids=range(5),
)  # fmt: skip
def test_an_impossible_token(app: OAuthApp, odd: dict[str, object]) -> None:
    """The wiki is no MediaWiki."""
    found = {"access_token": "a", "refresh_token": "b", "expires_in": 3600, "token_type": "Bearer"}
    Wiki.answer = 200, {"Content-Type": "application/json"}, json.dumps(found | odd).encode()
    with pytest.raises(LogInError) as caught:
        ask(app, "access_token")
    assert caught.value.problem == LogInProblem.UNREACHABLE


@pytest.mark.parametrize("seconds", [int("9" * 401), {}, -5], ids=["long", "table", "negative"])
def test_an_impossible_time(app: OAuthApp, seconds: object) -> None:
    """The token is renewed when it is used next, if ever; or it is refused."""
    found = {"access_token": "a", "refresh_token": "b", "expires_in": seconds}
    Wiki.answer = 200, {"Content-Type": "application/json"}, json.dumps(found).encode()
    with suppress(LogInError):
        token = ask(app, "access_token")
        assert isinstance(token, Token)
        assert token.expires <= time()


def test_an_impossible_name(app: OAuthApp) -> None:
    """Half a character is none."""
    Wiki.answer = 200, {}, b'{"username": "\\ud800"}'
    with pytest.raises(LogInError) as caught:
        ask(app, "profile")
    assert caught.value.problem == LogInProblem.UNREACHABLE


def test_no_redirect_is_followed(app: OAuthApp) -> None:
    """It could lead a secret to another machine."""
    Wiki.answer = 302, {"Location": "/elsewhere"}, b""
    for path in ("profile", "access_token"):
        Wiki.seen.clear()
        with pytest.raises(LogInError):
            ask(app, path)
        assert len(Wiki.seen) == 1


@pytest.mark.parametrize(
    "query",
    [{}, {"code": "x"}, {"state": "st"}, {"state": "other", "code": "x"},
     {"state": "other", "error": "access_denied"}, {"state": "ş", "code": "x"}],
    ids=range(6),
)  # fmt: skip
def test_a_state_of_another_session(app: OAuthApp, query: dict[str, str]) -> None:
    """The wiki is not even asked."""
    with pytest.raises(LogInError) as caught:
        oauth.finish(app, BEGUN, query)
    assert caught.value.problem == LogInProblem.STALE
    assert Wiki.seen == []


def test_what_a_log_in_begins_with(app: OAuthApp) -> None:
    """State and verifier are new each time, and only the challenge is in the address."""
    one, other = oauth.begin(app), oauth.begin(app)
    assert one.state != other.state
    assert one.verifier != other.verifier
    query = dict(parse_qsl(urlsplit(one.address).query))
    assert query["code_challenge_method"] == "S256"
    assert one.verifier not in one.address
    assert SECRET not in one.address
    assert not re.search(f"{one.state}|{one.verifier}", repr(one))


def test_a_wiki_without_encryption_is_refused() -> None:
    """Unless it is this machine."""
    app = OAuthApp(
        rest="http://w.example/w/rest.php", client_id="x", redirect="https://x.example/"
    )
    with pytest.raises(LogInError) as caught:
        oauth.begin(app)
    assert caught.value.problem == LogInProblem.MISCONFIGURED


def test_no_wiki_at_all(app: OAuthApp) -> None:
    """A closed port is a wiki that does not answer."""
    gone = OAuthApp(rest="http://127.0.0.1:1/w/rest.php", client_id="x", redirect=app.redirect)
    for path in ("profile", "access_token"):
        with pytest.raises(LogInError) as caught:
            ask(gone, path)
        assert caught.value.problem == LogInProblem.UNREACHABLE
