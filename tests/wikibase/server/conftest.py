"""An embedded Wikibase behind its web application, and clients that are logged in."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest
from argon2 import PasswordHasher
from werkzeug.test import Client, TestResponse

from wbskills.served import served as served_app
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server import accounts
from wbskills.wikibase.server.accounts import add_bot_password, add_user
from wbskills.wikibase.server.settings import Faults, Settings
from wbskills.wikibase.server.site import Site

ADDRESS = "http://127.0.0.1:8181"
PASSWORD = "p" * 32


@dataclass
class Api:
    """A client of the API that keeps its cookies, and its token once it has one."""

    client: Client
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self, **form: str) -> TestResponse:
        """Ask by POST; give the whole response."""
        return self.client.post(
            "/w/api.php", data={"format": "json", **form}, base_url=ADDRESS, headers=self.headers
        )

    def __call__(self, action: str, **form: str) -> Any:  # noqa: ANN401 - JSON
        """Ask by POST; give the JSON."""
        return json.loads(self.raw(action=action, **form).get_data())

    def write(self, action: str, **form: str) -> Any:  # noqa: ANN401 - JSON
        """Ask by POST with the token."""
        return self(action, token=self.token, **form)

    def edit(self, data: object, **form: str) -> Any:  # noqa: ANN401 - JSON
        """Edit or make an entity."""
        return self.write("wbeditentity", data=json.dumps(data), **form)

    def log_in(self, name: str, password: str = PASSWORD) -> Any:  # noqa: ANN401 - JSON
        """Log in by a bot password, and fetch the token."""
        token = self("query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        found = self("login", lgname=name, lgpassword=password, lgtoken=token)
        self.token = self("query", meta="tokens")["query"]["tokens"]["csrftoken"]
        return found


@dataclass
class Served:
    """One server: its store, its faults and its application."""

    store: Embedded
    faults: Faults
    settings: Settings

    def __post_init__(self) -> None:
        self.app = served_app(Site(self.store, ADDRESS, Lock()), self.settings)
        self.app.config["PROPAGATE_EXCEPTIONS"] = True

    def anonymous(self) -> Api:
        """Make a client that is not logged in."""
        return Api(Client(self.app), "+\\")

    def user(self, name: str) -> Api:
        """Make a client that is logged in."""
        api = self.anonymous()
        assert api.log_in(name)["login"]["result"] == "Success"
        return api


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> Iterator[None]:
    """Hash passwords fast: how slow it is otherwise is not what is tested here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        )
        yield


def make_users(store: Embedded) -> None:
    """Make a bot, an editor and an administrator, each with a bot password."""
    for name, groups in (("Bot", ("bot",)), ("Ada", ()), ("Root", ("sysop",))):
        account = add_user(store.accounts, name, f"{name}'s own password", groups)
        add_bot_password(
            store.accounts,
            account,
            "app",
            PASSWORD,
            ("basic", "highvolume", "editpage", "createeditmovepage", "delete"),
        )


@pytest.fixture
def served() -> Iterator[Served]:
    """An empty server in memory, with users."""
    with Embedded(":memory:", concept_base=f"{ADDRESS}/entity/") as store:
        make_users(store)
        faults = Faults()
        yield Served(store, faults, Settings(faults=faults))


@pytest.fixture
def bot(served: Served) -> Api:
    """A bot that is logged in."""
    return served.user("Bot@app")


@pytest.fixture
def ada(served: Served) -> Api:
    """An editor who is logged in."""
    return served.user("Ada@app")
