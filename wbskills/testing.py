"""A Wikibase for tests: served on loopback for as long as a test runs, empty at first.

Any project that talks to a Wikibase can test against it. One line in `conftest.py` makes the
fixtures known:

    pytest_plugins = ["wbskills.testing"]

A test that takes `wbskills_wikibase` then has a Wikibase of its own. `serving()` gives one for
longer than a test, or outside of pytest. See docs/wikibase-for-tests.md.
"""

import gc
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Final

import pytest
import waitress.server  # type: ignore[import-untyped] # it ships no types

from wbskills.store.embedded import IN_MEMORY, Embedded
from wbskills.web.accounts import add_bot_password, add_user
from wbskills.web.app import create_app
from wbskills.web.serving import THREADS, Application, Environ, StartResponse
from wbskills.web.settings import Faults, Settings
from wbskills.web.site import Site

_USER: Final = "Tester"
_PROGRAM: Final = "tests"
_LONGEST_HEAD: Final = 1 << 20  # bytes; some clients put whole queries into the address
_PATIENCE: Final = 10.0  # seconds for the last requests to end


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


class _Served:
    """A server on a free port, in a thread, that can be stopped."""

    def __init__(self) -> None:
        self._app: Application = _not_ready
        self._server = waitress.server.create_server(
            self._answer,
            host="127.0.0.1",
            port=0,
            threads=THREADS,
            ident="wbskills",
            max_request_header_size=_LONGEST_HEAD,
            asyncore_use_poll=True,
        )
        self.address = f"http://127.0.0.1:{self._server.effective_port}"

    @contextmanager
    def running(self, app: Application) -> Iterator[None]:
        """Answer by an application."""
        self._app = app
        thread = Thread(target=self._server.run, name="wbskills", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.task_dispatcher.shutdown(timeout=_PATIENCE)
            self._server.trigger.pull_trigger(self._close)
            thread.join(_PATIENCE)
            self._app = _not_ready
            gc.collect()  # the processes that answer queries end with the application

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)

    def _close(self) -> None:
        """Close every connection; its loop, which calls this, has nothing left to wait for."""
        for channel in tuple(self._server.active_channels.values()):
            channel.handle_close()
        self._server.close()


def _not_ready(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []


@contextmanager
def serving(
    place: str = IN_MEMORY, *, wrap: Callable[[Application], Application] = lambda app: app
) -> Iterator[ServedWikibase]:
    """Serve a Wikibase on a free port of this machine, in memory or in a folder.

    `wrap` puts a WSGI application around it, which may count or disturb requests.

    >>> from urllib.request import urlopen
    >>> with serving() as wikibase, urlopen(f"{wikibase.sparql}?query=ASK%7B%7D") as answer:
    ...     answer.status
    200
    """
    server = _Served()
    faults = Faults()
    with Embedded(place, concept_base=f"{server.address}/entity/") as store:
        password = secrets.token_hex(16)
        account = add_user(store.accounts, _USER, password, ("sysop", "bot"))
        grants = ("basic", "highvolume", "editpage", "createeditmovepage", "delete")
        bot_password = add_bot_password(store.accounts, account, _PROGRAM, grants=grants)
        app = create_app(Site(store, server.address, Lock()), Settings(faults=faults))
        with server.running(wrap(app)):
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
