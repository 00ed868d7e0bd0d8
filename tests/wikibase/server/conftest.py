"""An embedded Wikibase behind its web application, and clients that are logged in."""

from collections.abc import Iterator

import pytest

from tests.wikibase.server.support import ADDRESS, Api, LocalServer, make_users, quick_hashing
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.settings import Settings, SimulatedFaults


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> Iterator[None]:
    """Hash passwords fast: how slow it is otherwise is not what is tested here."""
    with quick_hashing():
        yield


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """An empty server in memory, with users."""
    with Embedded(":memory:", concept_base=f"{ADDRESS}/entity/") as store:
        make_users(store)
        faults = SimulatedFaults()
        yield LocalServer(store, faults, Settings(faults=faults))


@pytest.fixture
def bot(server: LocalServer) -> Api:
    """A bot that is logged in."""
    return server.user("Bot@app")


@pytest.fixture
def ada(server: LocalServer) -> Api:
    """An editor who is logged in."""
    return server.user("Ada@app")
