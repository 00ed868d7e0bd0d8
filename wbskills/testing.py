"""A Wikibase for tests: served on this machine for as long as a test runs, empty at first.

Any project that talks to a Wikibase can test against it. One line in `conftest.py` makes the
fixtures available:

    pytest_plugins = ["wbskills.testing"]

A test that takes `wbskills_wikibase` has a Wikibase of its own. `serving()` gives one for longer
than a test, or without pytest. See docs/wikibase-for-tests.md.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Final

import pytest

from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import IN_MEMORY, Embedded
from wbskills.wikibase.server.accounts import add_bot_password, add_user
from wbskills.wikibase.server.guard import Application, local_only
from wbskills.wikibase.server.http_server import HttpServer
from wbskills.wikibase.server.oauth import IDENTITY, register_app
from wbskills.wikibase.server.settings import Settings, SimulatedFaults
from wbskills.wikibase.server.site import Site, close

_USER: Final = "Tester"
_PROGRAM: Final = "tests"


@dataclass(frozen=True, slots=True)
class ServedWikibase:
    """A Wikibase that answers at `address`, and a user who may do everything there.

    The IRIs of entities begin with `entities`. Programs log in with `bot_user` and
    `bot_password`. `faults` simulates failures, from the moment it is set:

        wikibase.faults.lag = 7.5        # requests with a smaller maxlag are refused
        wikibase.faults.drop_after = 1   # the next edit is made, but its answer is lost

    `store` is the store that is served, to look behind the API and to edit as other users.
    """

    address: str
    entities: str
    user: str
    password: str
    bot_user: str
    bot_password: str
    faults: SimulatedFaults
    store: Embedded = field(repr=False)

    @property
    def api(self) -> str:
        """The address of the Action API."""
        return f"{self.address}/w/api.php"

    @property
    def sparql(self) -> str:
        """The address of the SPARQL endpoint; it sees each edit at once."""
        return f"{self.address}/sparql"

    @property
    def rest(self) -> str:
        """The address that `…/oauth2/authorize` and `…/oauth2/access_token` begin with."""
        return f"{self.address}/w/rest.php"

    def add_oauth_app(
        self, redirect: str, grants: tuple[str, ...] = (IDENTITY,)
    ) -> tuple[str, str]:
        """Register an application, which by default may only ask who somebody is.

        Returns its id and secret.
        """
        app, secret = register_app(self.store.accounts, "tests", redirect, grants)
        return app.id, secret


@contextmanager
def serving(
    place: str = IN_MEMORY,
    *,
    port: int = 0,
    anonymous_edits: bool = False,
    wrap: Callable[[Application], Application] = lambda app: app,
) -> Iterator[ServedWikibase]:
    """Serve a Wikibase on this machine, in memory or in a folder.

    With `port` 0 any free port is used; with a fixed one, a folder can be served again at the
    same address. With `anonymous_edits`, no log-in is needed. `wrap` can put a WSGI application
    around the server, for example to count or disturb requests.

    >>> from urllib.request import urlopen
    >>> with serving() as wikibase, urlopen(f"{wikibase.sparql}?query=ASK%7B%7D") as answer:
    ...     answer.status
    200
    """
    server = HttpServer("127.0.0.1", port)
    faults = SimulatedFaults()
    with Embedded(place, concept_base=f"{server.address}/entity/") as store:
        password = secrets.token_hex(16)
        account = add_user(store.accounts, _USER, password, ("sysop", "bot"))
        bot_password = add_bot_password(store.accounts, account, _PROGRAM)
        app = create_web_app(
            Site(store, server.address, Lock()),
            Settings(faults=faults, anonymous_edits=anonymous_edits),
        )
        application = wrap(local_only(app, server.address))
        thread = Thread(target=server.run, args=(application,), name="wbskills", daemon=True)
        thread.start()
        try:
            yield ServedWikibase(
                address=server.address,
                entities=store.concept_base,
                user=_USER,
                password=password,
                bot_user=f"{_USER}@{_PROGRAM}",
                bot_password=bot_password,
                faults=faults,
                store=store,
            )
        finally:
            server.stop()
            thread.join()
            close(app)


@pytest.fixture
def wbskills_wikibase() -> Iterator[ServedWikibase]:
    """Serve an empty Wikibase in memory, for one test."""
    with serving() as wikibase:
        yield wikibase


@pytest.fixture(scope="session")
def wbskills_shared_wikibase() -> Iterator[ServedWikibase]:
    """Serve one Wikibase in memory for all tests, empty at first; faster if they can share it."""
    with serving() as wikibase:
        yield wikibase
