"""A Wikibase for tests: served on loopback for as long as a test runs, empty at first.

Any project that talks to a Wikibase can test against it. One line in `conftest.py` makes the
fixtures known:

    pytest_plugins = ["wbskills.testing"]

A test that takes `wbskills_wikibase` then has a Wikibase of its own. `serving()` gives one for
longer than a test, or outside of pytest. See docs/wikibase-for-tests.md.
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
from wbskills.wikibase.server.settings import Faults, Settings
from wbskills.wikibase.server.site import Site, close

_USER: Final = "Tester"
_PROGRAM: Final = "tests"


@dataclass(frozen=True, slots=True)
class ServedWikibase:
    """A Wikibase that answers at `address`, and a user who may do everything there.

    `entities` begins the addresses of entities in RDF. Programs log in by `bot_user` and
    `bot_password`; `faults` makes it misbehave from then on:

        wikibase.faults.lag = 7.5        # every request with maxlag below is refused
        wikibase.faults.drop_after = 1   # the next edit is made, its answer lost

    `store` is what is served, for looking behind the API and for edits of other users.
    """

    address: str
    entities: str
    user: str
    password: str
    bot_user: str
    bot_password: str
    faults: Faults
    store: Embedded = field(repr=False)

    @property
    def api(self) -> str:
        """The address of the Action API."""
        return f"{self.address}/w/api.php"

    @property
    def sparql(self) -> str:
        """The address of the query service; it sees each edit at once."""
        return f"{self.address}/sparql"


@contextmanager
def serving(
    place: str = IN_MEMORY,
    *,
    port: int = 0,
    anonymous_edits: bool = False,
    wrap: Callable[[Application], Application] = lambda app: app,
) -> Iterator[ServedWikibase]:
    """Serve a Wikibase on this machine, in memory or in a folder, on a port that is free.

    With `port` it is that one, so that a folder can be served again at the same address. With
    `anonymous_edits` nobody has to log in. `wrap` puts a WSGI application around it, which may
    count or disturb requests.

    >>> from urllib.request import urlopen
    >>> with serving() as wikibase, urlopen(f"{wikibase.sparql}?query=ASK%7B%7D") as answer:
    ...     answer.status
    200
    """
    server = HttpServer("127.0.0.1", port)
    faults = Faults()
    with Embedded(place, concept_base=f"{server.address}/entity/") as store:
        password = secrets.token_hex(16)
        account = add_user(store.accounts, _USER, password, ("sysop", "bot"))
        grants = ("basic", "highvolume", "editpage", "createeditmovepage", "delete")
        bot_password = add_bot_password(store.accounts, account, _PROGRAM, grants=grants)
        app = create_web_app(
            Site(store, server.address, Lock()),
            Settings(faults=faults, anonymous_edits=anonymous_edits),
        )
        guarded = wrap(local_only(app, server.address))
        running = Thread(target=server.run, args=(guarded,), name="wbskills", daemon=True)
        running.start()
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
            running.join()
            close(app)


@pytest.fixture
def wbskills_wikibase() -> Iterator[ServedWikibase]:
    """Give a test an empty Wikibase of its own, in memory."""
    with serving() as served:
        yield served


@pytest.fixture(scope="session")
def wbskills_shared_wikibase() -> Iterator[ServedWikibase]:
    """Give all tests one Wikibase that begins empty: quicker, if they do not mind each other."""
    with serving() as served:
        yield served
