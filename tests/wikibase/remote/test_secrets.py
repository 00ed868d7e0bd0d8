"""The secret of a log-in reaches the wiki and nothing else."""

import logging
import traceback

import pytest

from tests.wikibase.remote.disturbed import HASTE, Disturbed
from wbskills.domain import Response
from wbskills.errors import StoreError
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login
from wbskills.wikibase.remote.retries import Waiter
from wbskills.wikibase.remote.wikibase import RemoteWikibase

SECRET = "swordfish-swordfish-swordfish-32"  # noqa: S105 - of nothing


def refused(place: Disturbed, caplog: pytest.LogCaptureFixture, **different: object) -> str:
    """Try to use a Wikibase that does not let us in; gives all that anybody gets to see of it."""
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    profile = {name: getattr(place.profile, name) for name in place.profile.__slots__} | different
    remote = RemoteWikibase(
        type(place.profile)(**profile),
        Secret(
            {
                "password": SECRET,
                "consumer_token": "a key, which is no secret",
                "consumer_secret": SECRET,
                "access_token": "a key, too",
                "access_secret": SECRET,
            }
        ),
        waiter=Waiter(lines.append, patience=20, speedup=HASTE),
    )
    with remote, pytest.raises(StoreError) as error:
        remote.salt()
    seen = [*lines, *traceback.format_exception(error.value), caplog.text, repr(remote)]
    return "\n".join(seen)


@pytest.mark.parametrize("login", [Login.BOT_PASSWORD, Login.OAUTH1])
@pytest.mark.parametrize("api", ["", "http://127.0.0.1:9/w/api.php"])
def test_a_log_in_that_fails_shows_no_secret(
    login: Login, api: str, place: Disturbed, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither where the wiki refuses it, nor where there is no wiki."""
    seen = refused(place, caplog, login=login, api=api or place.served.api)

    assert SECRET not in seen
    assert "Try:" in seen


def test_a_log_in_that_works_shows_no_secret(
    place: Disturbed, people: list[Response], caplog: pytest.LogCaptureFixture
) -> None:
    """Not in logs, lines, journals or the state."""
    caplog.set_level(logging.DEBUG)
    place.import_all(people[:4])

    kept = b"".join(file.read_bytes() for file in place.folder.glob("[sj]*/*") if file.is_file())
    assert place.password not in caplog.text
    assert place.password not in "\n".join(place.lines)
    assert place.password.encode() not in kept
