"""Secrets: where they come from, and that they reach the wiki and nothing else."""

import logging
import os
import pickle
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from requests import Request

from tests.wikibase.remote.disturbed_wiki import SPEEDUP, DisturbedWiki
from wbskills.cli import main
from wbskills.domain import Response
from wbskills.errors import StoreError
from wbskills.testing import ServedWikibase
from wbskills.wikibase.remote.login import (
    Secret,
    SecretError,
    find_secret,
    log_in,
    parse_secret,
    user_agent,
)
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.retries import Waiter
from wbskills.wikibase.remote.wikibase import RemoteWikibase

TOKEN = "fb7c0a5e9d8848ab"  # noqa: S105 - invented

PROFILE = Profile(
    name="our-wiki",
    api="https://wiki.example/w/api.php",
    login=Login.BOT_PASSWORD,
    user="Ada@x",
    state=Path("nowhere"),
)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is there by chance."""
    monkeypatch.delenv("WBSKILLS_SECRET_OUR_WIKI", raising=False)


def private(file: Path, text: str, mode: int = 0o600) -> Path:
    """Write a file with rights."""
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_a_secret_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes before a file."""
    monkeypatch.setenv("WBSKILLS_SECRET_OUR_WIKI", f" {TOKEN}\n")
    found = find_secret(replace(PROFILE, secret_file=Path("/nowhere")))
    assert found.parts == {"password": TOKEN}


def test_a_secret_from_a_private_file(tmp_path: Path) -> None:
    """With the parts of OAuth 1.0a on a line each."""
    parts = ("consumer_token", "consumer_secret", "access_token", "access_secret")
    text = "\n".join(f"{part}={TOKEN}{part}" for part in parts)
    file = private(tmp_path / "secret", text)
    found = find_secret(replace(PROFILE, login=Login.OAUTH1, secret_file=file))
    assert found.parts == {part: TOKEN + part for part in parts}


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """What to do is said."""
    file = private(tmp_path / "secret", TOKEN, mode)
    with pytest.raises(SecretError, match="chmod 600"):
        find_secret(replace(PROFILE, secret_file=file))


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00secret", b"\x00" * 10])
def test_an_unusable_file_is_reported(tmp_path: Path, content: bytes | None) -> None:
    """Missing, empty, no text."""
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
        file.chmod(0o600)
    profile = replace(PROFILE, login=Login.OAUTH1, secret_file=file)
    with pytest.raises(SecretError):
        find_secret(profile)


@pytest.mark.parametrize(
    ("text", "login", "parts"),
    [
        (TOKEN, Login.BOT_PASSWORD, {"password": TOKEN}),
        (f"password={TOKEN}", Login.BOT_PASSWORD, {"password": TOKEN}),
        (f"a={TOKEN}", Login.BOT_PASSWORD, {"password": f"a={TOKEN}"}),
        (TOKEN, Login.OAUTH2, {"access_token": TOKEN}),
        (
            f"consumer_token={TOKEN} consumer_secret=x",
            Login.OAUTH2,
            {"consumer_token": TOKEN, "consumer_secret": "x"},
        ),
    ],
)
def test_ways_to_write_a_secret(text: str, login: Login, parts: Mapping[str, str]) -> None:
    """The name of a single part may be left out."""
    assert parse_secret(text, login, "here").parts == parts


@pytest.mark.parametrize(
    "text", ["zwölf", "two words", f"consumer_token=é consumer_secret={TOKEN}"]
)
def test_text_that_no_header_can_hold_is_rejected(text: str) -> None:
    """The HTTP library would quote it in its error."""
    with pytest.raises(SecretError, match="lacks what") as error:
        parse_secret(text, Login.OAUTH2, "here")

    assert not {word for word in text.split() if word in str(error.value)}


@pytest.mark.parametrize("text", [TOKEN, f"consumer_token={TOKEN}", ""])
def test_an_error_about_a_missing_part_does_not_quote_the_others(text: str) -> None:
    """OAuth 1.0a needs four parts."""
    with pytest.raises(SecretError) as error:
        parse_secret(text, Login.OAUTH1, "here")
    assert "access_secret=…" in str(error.value)
    assert TOKEN not in "".join(traceback.format_exception(error.value))


def test_a_missing_secret_names_all_places() -> None:
    """All the places are named."""
    with pytest.raises(SecretError, match=r"WBSKILLS_SECRET_OUR_WIKI.*secret_file.*keyring"):
        find_secret(PROFILE)


def test_a_secret_from_the_keyring() -> None:
    """Under the service “wbskills” and the profile's name."""
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend
    from keyring.compat import properties

    class Kept(KeyringBackend):
        @properties.classproperty
        def priority(self) -> float:
            return 1

        def get_password(self, service: str, username: str) -> str | None:
            return TOKEN if (service, username) == ("wbskills", "our-wiki") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Kept())  # type: ignore[no-untyped-call] # of the library
    try:
        found = find_secret(replace(PROFILE, keyring=True))
        assert found.parts == {"password": TOKEN}
        with pytest.raises(SecretError, match="has no password or token"):
            find_secret(replace(PROFILE, name="other", keyring=True))
    finally:
        keyring.set_keyring(before)


def test_no_text_of_a_secret_shows_it() -> None:
    """Nor does a copy of it go anywhere."""
    secret = Secret({"password": TOKEN})
    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r:>50}", repr([secret])):
        assert TOKEN not in text
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(AttributeError):
        secret.parts.clear()  # type: ignore[attr-defined] # that is the point


def test_commands_that_fail_to_log_in_show_no_secret(
    served: ServedWikibase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not on the terminal, in the log, in a file, nor in the tracebacks of all causes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WBSKILLS_SECRET_NEAR", TOKEN)
    caplog.set_level(logging.DEBUG)
    runner = CliRunner()
    made = runner.invoke(
        main,
        ["init", "near", "--api", served.api, "--sparql", served.sparql,
         "--login", "bot-password", "--user", served.bot_user],
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    for command in (["doctor"], ["ontology", "apply"], ["query", "run", "coverage"]):
        done = runner.invoke(main, [*command, "--wikibase", "near"])
        assert done.exit_code == 1, done.output
        shown = [done.output]
        if done.exc_info is not None and done.exception is not None:
            shown += traceback.TracebackException(*done.exc_info, capture_locals=False).format()
        assert TOKEN not in "".join(shown)
    assert TOKEN not in caplog.text
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(TOKEN.encode() in file.read_bytes() for file in kept)


@pytest.mark.parametrize(
    ("login", "parts", "header"),
    [
        (Login.OAUTH2, {"access_token": "t0ken"}, "Bearer t0ken"),
        (Login.NONE, {}, None),
    ],
)
def test_a_log_in_that_needs_no_request(
    login: Login, parts: dict[str, str], header: str | None, wiki: DisturbedWiki
) -> None:
    """The session carries it, and says who we are and whom to ask."""
    profile: Profile = replace(wiki.profile, login=login, contact="mail@example.org")
    with log_in(profile, Secret(parts)) as session:
        sent = session.prepare_request(Request("POST", profile.api))
        assert sent.headers.get("Authorization") == header
        assert str(session.headers["User-Agent"]).startswith("wbskills/")
        assert "(mail@example.org)" in str(session.headers["User-Agent"])
    assert user_agent(profile.contact).count("mail@example.org") == 1


def test_oauth_1_signs_every_request(wiki: DisturbedWiki) -> None:
    """With the four parts of an owner-only consumer."""
    from requests import Request

    names = ("consumer_token", "consumer_secret", "access_token", "access_secret")
    secret = Secret({name: f"{name}-1" for name in names})
    with log_in(replace(wiki.profile, login=Login.OAUTH1), secret) as session:
        prepared = session.prepare_request(Request("POST", wiki.served.api, data={"a": "b"}))
    signed = prepared.headers["Authorization"]
    text = signed.decode() if isinstance(signed, bytes) else signed
    assert text.startswith("OAuth ")
    assert 'oauth_consumer_key="consumer_token-1"' in text
    assert 'oauth_token="access_token-1"' in text
    assert "secret" not in text


SECRET = "swordfish-swordfish-swordfish-32"  # noqa: S105 - of nothing


def refused(wiki: DisturbedWiki, caplog: pytest.LogCaptureFixture, **different: object) -> str:
    """Use a Wikibase that rejects the log-in; returns everything that is shown or logged."""
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    profile = {name: getattr(wiki.profile, name) for name in wiki.profile.__slots__} | different
    remote = RemoteWikibase(
        type(wiki.profile)(**profile),
        Secret(
            {
                "password": SECRET,
                "consumer_token": "a key, which is no secret",
                "consumer_secret": SECRET,
                "access_token": "a key, too",
                "access_secret": SECRET,
            }
        ),
        waiter=Waiter(lines.append, patience=20, speedup=SPEEDUP),
    )
    with remote, pytest.raises(StoreError) as error:
        remote.salt()
    seen = [*lines, *traceback.format_exception(error.value), caplog.text, repr(remote)]
    return "\n".join(seen)


@pytest.mark.parametrize("login", [Login.BOT_PASSWORD, Login.OAUTH1])
@pytest.mark.parametrize("api", ["", "http://127.0.0.1:9/w/api.php"])
def test_a_log_in_that_fails_shows_no_secret(
    login: Login, api: str, wiki: DisturbedWiki, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither if the wiki rejects it, nor if there is no wiki."""
    seen = refused(wiki, caplog, login=login, api=api or wiki.served.api)

    assert SECRET not in seen
    assert "Try:" in seen


def test_a_log_in_that_works_shows_no_secret(
    wiki: DisturbedWiki, people: list[Response], caplog: pytest.LogCaptureFixture
) -> None:
    """Not in logs, lines, journals or the state."""
    caplog.set_level(logging.DEBUG)
    wiki.import_all(people[:4])

    kept = b"".join(file.read_bytes() for file in wiki.folder.glob("[sj]*/*") if file.is_file())
    assert wiki.password not in caplog.text
    assert wiki.password not in "\n".join(wiki.lines)
    assert wiki.password.encode() not in kept
