"""Logging people in at a wiki that fails: a problem that the form can show, never a traceback."""

from collections.abc import Callable

import pytest

from tests.wikibase.remote.strange_wiki import Behaviour, StrangeWiki, send
from wbskills.wikibase.remote.oauth import LogInError, LogInProblem, OAuthApp, Token, account_of


@pytest.mark.parametrize(
    "behave",
    [
        send(b'{"username": "Ada"}', announced=4_000),  # cut off
        send(b'{"username": "Ada"}'.ljust(3 << 20)),  # too long
        send(b"<html>"),
        send(b"{}", status=503),
    ],
    ids=["cut", "long", "page", "busy"],
)
def test_a_profile_that_cannot_be_read(
    serve: Callable[[Behaviour], StrangeWiki], behave: Behaviour
) -> None:
    """The wiki cannot be reached, as far as the person is concerned."""
    rest = serve(behave).api.replace("api.php", "rest.php")
    app = OAuthApp(rest=rest, client_id="x", client_secret="", redirect="http://127.0.0.1/back")
    with pytest.raises(LogInError) as caught:
        account_of(app, Token("access", "refresh", 0.0))
    assert caught.value.problem is LogInProblem.UNREACHABLE
