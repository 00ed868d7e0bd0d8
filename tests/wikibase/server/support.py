"""What the tests of the server share: applications, clients, small stores and the recorded one."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Blueprint, Flask
from werkzeug.test import Client, TestResponse

from tests.wikibase.recordings import RECORDINGS
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.model.wire import entity_from_json
from wbskills.wikibase.server import accounts
from wbskills.wikibase.server.accounts import add_bot_password, add_user
from wbskills.wikibase.server.settings import Settings, SimulatedFaults
from wbskills.wikibase.server.site import Site

ADDRESS = "http://127.0.0.1:8181"
PASSWORD = "p" * 32
RECORDED_AT = "http://127.0.0.1:8181"


@dataclass
class Api:
    """A client of the API that keeps its cookies, and its token once it has one."""

    client: Client
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self, **form: str) -> TestResponse:
        """Send a request by POST; return the response."""
        return self.client.post(
            "/w/api.php", data={"format": "json", **form}, base_url=ADDRESS, headers=self.headers
        )

    def __call__(self, action: str, **form: str) -> Any:  # noqa: ANN401 - JSON
        """Send a request by POST; return the JSON."""
        return json.loads(self.raw(action=action, **form).get_data())

    def write(self, action: str, **form: str) -> Any:  # noqa: ANN401 - JSON
        """Send a request by POST with the token."""
        return self(action, token=self.token, **form)

    def edit(self, data: object, **form: str) -> Any:  # noqa: ANN401 - JSON
        """Edit or create an entity."""
        return self.write("wbeditentity", data=json.dumps(data), **form)

    def log_in(self, name: str, password: str = PASSWORD) -> Any:  # noqa: ANN401 - JSON
        """Log in with a bot password, and get the token."""
        token = self("query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        found = self("login", lgname=name, lgpassword=password, lgtoken=token)
        self.token = self("query", meta="tokens")["query"]["tokens"]["csrftoken"]
        return found


@dataclass
class LocalServer:
    """One server: its store, its simulated failures and its application."""

    store: Embedded
    faults: SimulatedFaults
    settings: Settings

    def __post_init__(self) -> None:
        self.app = create_web_app(Site(self.store, ADDRESS, Lock()), self.settings)
        self.app.config["PROPAGATE_EXCEPTIONS"] = True

    def anonymous(self) -> Api:
        """Return a client that is not logged in."""
        return Api(Client(self.app), "+\\")

    def user(self, name: str) -> Api:
        """Return a client that is logged in."""
        api = self.anonymous()
        assert api.log_in(name)["login"]["result"] == "Success"
        return api


@contextmanager
def quick_hashing() -> Iterator[None]:
    """Hash passwords fast; how slow it normally is, is not tested here."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_HASHER", quick)
        yield


def make_users(store: Embedded) -> None:
    """Add a bot, an editor and an administrator, each with a bot password."""
    for name, groups in (("Bot", ("bot",)), ("Ada", ()), ("Root", ("sysop",))):
        account = add_user(store.accounts, name, f"{name}'s own password", groups)
        add_bot_password(store.accounts, account, "app", PASSWORD)


def site_of(store: Embedded) -> Site:
    """Return a site for a store."""
    return Site(store, ADDRESS, Lock(), name="Tests")


def app_of(site: Site, *made: Callable[[Site], Blueprint]) -> Flask:
    """Return an application of some parts of the server."""
    app = Flask("wbskills.wikibase.server", static_folder=None)
    for make in made:
        app.register_blueprint(make(site))
    return app


def put(store: Embedded, entity: Entity, summary: str = "", user: str = "") -> Stored:
    """Write an entity: a new one, or a change of the one that has its id."""
    before = store.read([entity.id]).get(entity.id) if entity.id else None
    return store.revise(entity, before, EditInfo(summary=summary, user=user))


def property_of(store: Embedded, label: str, datatype: str) -> str:
    """Create a property and return its id."""
    made = Entity(kind=Kind.PROPERTY, datatype=datatype, labels={"en": label})
    return put(store, made).entity.id


def text(property_id: str, value: str, datatype: str = "string") -> Statement:
    """Return a statement with a text."""
    return Statement(Snak(property_id, Text(value), datatype))


def link(property_id: str, target: str) -> Statement:
    """Return a statement whose value is an item."""
    return Statement(Snak(property_id, EntityRef(target), "wikibase-item"))


def recorded_store() -> Embedded:
    """Return a store with all that was recorded: same ids, revisions and times."""
    store = Embedded(":memory:", concept_base=f"{RECORDED_AT}/entity/")
    entities, redirects = [], {}
    for path in RECORDINGS.glob("entitydata/*.json"):
        entity_id, _, rest = path.name.partition(".")
        if rest != "json":
            continue
        ((shown, found),) = json.loads(path.read_text(encoding="utf-8"))["entities"].items()
        if shown == entity_id:
            read = entity_from_json(found)
            entities.append(Stored(read, found["lastrevid"], found["modified"]))
        else:
            redirects[entity_id] = shown
    store._revisions.copy(sorted(entities, key=lambda stored: stored.revision))
    for source, target in redirects.items():
        _adopt_redirect(store, source, target)
    return store


def _adopt_redirect(store: Embedded, source: str, target: str) -> None:
    path = RECORDINGS / "entitydata" / f"{source}.dump.nt"
    document = path.read_text(encoding="utf-8")
    revision, modified = (
        re.findall(rf'schema.org/{name}> "([^"]*)"', document)[0]
        for name in ("version", "dateModified")
    )
    text_kept = json.dumps({"entity": source, "redirect": target})
    with store._revisions.transaction():
        run = store._revisions.run
        run(
            "INSERT INTO revision VALUES (?, ?, ?, ?, ?)",
            revision,
            source,
            modified,
            "",
            text_kept,
        )
        run(
            "INSERT INTO gone VALUES (?, ?, ?, ?, ?)", source, "item", source[1:], revision, target
        )
