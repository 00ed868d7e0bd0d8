"""What the tests of the HTTP face share: small stores, and the recorded one, behind an app."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from flask import Blueprint, Flask

from wbskills.wikibase.embedded.history import Note
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.model.wire import entity_from_json
from wbskills.wikibase.server.site import Site

RECORDINGS = Path(__file__).parents[2] / "data" / "wikibase"
RECORDED_AT = "http://127.0.0.1:8181"
ADDRESS = "http://127.0.0.1:8181"


def site_of(store: Embedded) -> Site:
    """Say where a store is served."""
    return Site(store, ADDRESS, Lock(), name="Tests")


def app_of(site: Site, *made: Callable[[Site], Blueprint]) -> Flask:
    """Put some parts of the face together."""
    app = Flask("wbskills.wikibase.server", static_folder=None)
    for make in made:
        app.register_blueprint(make(site))
    return app


def put(store: Embedded, entity: Entity, summary: str = "", user: str = "") -> Stored:
    """Write an entity: a new one, or a change of the one that has its id."""
    before = store.read([entity.id]).get(entity.id) if entity.id else None
    return store.revise(entity, before, Note(summary=summary, user=user))


def property_of(store: Embedded, label: str, datatype: str) -> str:
    """Make a property and give its id."""
    made = Entity(kind=Kind.PROPERTY, datatype=datatype, labels={"en": label})
    return put(store, made).entity.id


def text(property_id: str, value: str, datatype: str = "string") -> Statement:
    """Make a statement with a text."""
    return Statement(Snak(property_id, Text(value), datatype))


def link(property_id: str, target: str) -> Statement:
    """Make a statement that points to an item."""
    return Statement(Snak(property_id, EntityRef(target), "wikibase-item"))


def recorded_store() -> Embedded:
    """Take over all that was recorded of a real Wikibase: same ids, revisions and times."""
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
    store._ledger.adopt(sorted(entities, key=lambda stored: stored.revision))
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
    with store._ledger.transaction():
        run = store._ledger.run
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
