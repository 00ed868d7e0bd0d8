"""Logging in by OAuth, against the two end points that MediaWiki's extension documents.

https://www.mediawiki.org/wiki/OAuth/Owner-only_consumers: what a request has to bear is checked
here, as the extension does; the session behind it is one of the served Wikibase.
"""

import json
import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from oauthlib.oauth1.rfc5849 import signature  # type: ignore[import-untyped] # it ships no types

from tests.wikibase.remote.disturbed_wiki import SPEEDUP, USER, DisturbedWiki
from wbskills.domain import Response
from wbskills.errors import StoreError
from wbskills.tasks.imports import Import
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login
from wbskills.wikibase.remote.retries import Waiter
from wbskills.wikibase.remote.wikibase import RemoteWikibase
from wbskills.wikibase.server.guard import Environ, StartResponse

KEYS = {
    "consumer_token": "c0ffee",
    "consumer_secret": "a-secret-of-the-consumer",
    "access_token": "facade",
    "access_secret": "a-secret-of-the-user",
}
REFUSAL = {"code": "mwoauth-invalid-authorization", "info": "The headers are not valid: no"}


class Extension:
    """Stands before a Wikibase as the extension does: who shows the right header is let in."""

    def __init__(self, wiki: DisturbedWiki) -> None:
        self.wiki = wiki
        self.token = ""  # that is good now
        self.fetched = 0
        self.seen: list[str] = []  # the headers of requests to the API
        self.find_error = 0  # how many requests for a token fail with HTTP 503
        wiki.traffic.front = self.answer
        self._session = requests.Session()

    def _cookie(self) -> str:
        """Log in to the Wikibase itself."""
        if not self._session.cookies:
            self.wiki.traffic.front = None
            ask = {"format": "json", "formatversion": "2"}
            api = self.wiki.served.api
            found = self._session.post(
                api, data={"action": "query", "meta": "tokens", "type": "login", **ask}
            ).json()
            form = {
                "action": "login",
                "lgname": f"{USER}@tests",
                "lgpassword": self.wiki.password,
                "lgtoken": found["query"]["tokens"]["logintoken"],
            }
            assert self._session.post(api, data={**form, **ask}).json()["login"]
            self.wiki.traffic.front = self.answer
        return "; ".join(f"{name}={value}" for name, value in self._session.cookies.items())

    def answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes] | None:
        """Answer a request for a token; let a request to the API through, or refuse it."""
        path, header = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        if path.endswith("/rest.php/oauth2/access_token"):
            status, found = self._granted(parse_qs(body.decode()))
        elif path.endswith("api.php"):
            self.seen.append(header)
            if self._is_right(header, environ, body):
                del environ["HTTP_AUTHORIZATION"]  # the served wiki has not given the token
                environ["HTTP_COOKIE"] = self._cookie()
                return None
            status, found = "200 OK", {"error": REFUSAL}
        else:
            return None
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(found).encode()]

    def _granted(self, form: dict[str, list[str]]) -> tuple[str, dict[str, Any]]:
        if self.find_error:
            self.find_error -= 1
            return "503 Service Unavailable", {}
        wanted = {
            "grant_type": ["client_credentials"],
            "client_id": [KEYS["consumer_token"]],
            "client_secret": [KEYS["consumer_secret"]],
        }
        if form != wanted:
            return "401 Unauthorized", {"error": "invalid_client", "message": "no"}
        self.fetched += 1
        self.token = f"token-{self.fetched}"
        return "200 OK", {"token_type": "Bearer", "expires_in": 0, "access_token": self.token}

    def _is_right(self, header: str, environ: Environ, body: bytes) -> bool:
        if header.startswith("OAuth "):
            given = signature.collect_parameters(
                body=body.decode(),
                headers={"Authorization": header},
                exclude_oauth_signature=False,
            )
            signed = [value for name, value in given if name == "oauth_signature"]
            for name, key in (
                ("oauth_consumer_key", "consumer_token"),
                ("oauth_token", "access_token"),
            ):
                if (name, KEYS[key]) not in given:
                    return False
            text = signature.signature_base_string(
                environ["REQUEST_METHOD"],
                signature.base_string_uri(self.wiki.served.api),
                signature.normalize_parameters(
                    [each for each in given if each[0] != "oauth_signature"]
                ),
            )
            keys = f"{KEYS['consumer_secret']}&{KEYS['access_secret']}"
            return [_hmac(text, keys)] == signed
        return bool(self.token) and header == f"Bearer {self.token}"


def _hmac(text: str, keys: str) -> str:
    from base64 import b64encode
    from hashlib import sha1
    from hmac import new

    return b64encode(new(keys.encode(), text.encode(), sha1).digest()).decode()


def opened(wiki: DisturbedWiki, login: Login, **parts: str) -> RemoteWikibase:
    """Open the Wikibase with a log-in."""
    profile = {name: getattr(wiki.profile, name) for name in wiki.profile.__slots__}
    profile |= {"login": login, "user": ""}
    return RemoteWikibase(
        type(wiki.profile)(**profile),
        Secret(parts),
        waiter=Waiter(wiki.lines.append, patience=20, speedup=SPEEDUP),
    )


def imported(wiki: DisturbedWiki, remote: RemoteWikibase, people: list[Response]) -> int:
    """Import some people."""
    from tests.wikibase.remote.disturbed_wiki import FIRST, SECOND, TODAY

    with remote:
        importing = Import(remote, wiki.ontology, batch="o", today=TODAY)
        return len(importing.waves([FIRST, SECOND])) + len(list(importing.responses(people)))


def test_every_request_is_signed_by_oauth_1(wiki: DisturbedWiki, people: list[Response]) -> None:
    """With the keys of consumer and user, names that need escaping and all."""
    extension = Extension(wiki)

    assert imported(wiki, opened(wiki, Login.OAUTH1, **KEYS), people[:4]) > 4

    assert all(header.startswith("OAuth ") for header in extension.seen)
    assert wiki.served.store.history.changes(1, user=USER)


def test_every_request_has_the_access_token(
    wiki: DisturbedWiki, people: list[Response], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a file of passwords names the machine, which libraries like to believe."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    extension = Extension(wiki)
    extension.token = "given-by-the-wiki"  # noqa: S105 - of nothing

    remote = opened(wiki, Login.OAUTH2, access_token=extension.token)

    assert imported(wiki, remote, people[:4]) > 4
    assert set(extension.seen) == {f"Bearer {extension.token}"}


def test_an_expired_token_is_fetched_again_during_an_import(
    wiki: DisturbedWiki, people: list[Response]
) -> None:
    """Such tokens live for four hours; the wiki says when one is too old, the import goes on."""
    extension = Extension(wiki)
    extension.find_error = 2
    wiki.traffic.acts[12] = lambda: setattr(extension, "token", "")
    keys = {name: KEYS[name] for name in ("consumer_token", "consumer_secret")}

    made = imported(wiki, opened(wiki, Login.OAUTH2, **keys), people)

    assert extension.fetched == 2
    assert wiki.traffic.actions["wbeditentity"] in {made + 1, made + 2}  # refused, by session


@pytest.mark.parametrize(
    ("login", "parts"),
    [
        (Login.OAUTH1, {**KEYS, "access_secret": "swordfish"}),
        (Login.OAUTH2, {"access_token": "swordfish"}),
        (Login.OAUTH2, {"consumer_token": "c0ffee", "consumer_secret": "swordfish"}),
    ],
)
def test_a_wrong_secret_is_reported_and_not_shown(
    login: Login, parts: dict[str, str], wiki: DisturbedWiki, caplog: pytest.LogCaptureFixture
) -> None:
    """At once: it will not become right by waiting."""
    Extension(wiki)

    with opened(wiki, login, **parts) as remote, pytest.raises(StoreError) as error:
        remote.salt()

    assert re.search("does not accept the log-in|rejected the OAuth 2", error.value.what)
    assert error.value.hint
    assert not wiki.lines
    assert "swordfish" not in f"{error.value} {error.value.__cause__} {caplog.text}"
