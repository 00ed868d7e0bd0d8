"""A served Wikibase whose requests are counted and disturbed, and snapshots of it to compare."""

import json
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from random import Random
from threading import RLock, local
from typing import Any, Final
from urllib.parse import parse_qs

from wbskills.data import ontology_folder
from wbskills.domain import Assessment, Consent, Identity, Response, Speaks, Wave
from wbskills.errors import StoreError
from wbskills.ontology.entries import Ontology
from wbskills.ontology.load import load
from wbskills.stores import open_folder
from wbskills.tasks.imports import Import, RefusedEdit
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import MergedDuplicate, Overwritten
from wbskills.wikibase.journal.read import BatchHeader
from wbskills.wikibase.journal.write import Journal
from wbskills.wikibase.model.entities import Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.retries import Waiter
from wbskills.wikibase.remote.wikibase import RemoteWikibase
from wbskills.wikibase.server.accounts import add_bot_password, add_user
from wbskills.wikibase.server.guard import Application, Environ, StartResponse

PEOPLE: Final = 16  # 8 edits for waves and skills, 16 that create people, 10 that change them
TODAY: Final = date(2026, 11, 22)
SPEEDUP: Final = 100.0  # times as fast as real waits
USER: Final = "Importer"
_GRANTS: Final = ("basic", "highvolume", "editpage", "createeditmovepage", "delete")
_SKILLS: Final = ("lua_modules", "python", "regex")
_LEVELS: Final = ("aware", "with_help", "alone", "leads", "does_not_apply")
FIRST: Final = Wave(
    key="w2025", labels={"en": "2025"}, start=date(2025, 3, 1), end=date(2025, 4, 1), asked=_SKILLS
)
SECOND: Final = Wave(
    key="w2026", labels={"en": "2026"}, start=date(2026, 3, 1), end=date(2026, 4, 1), asked=_SKILLS
)

Act = Callable[[], object]
Front = Callable[[Environ, StartResponse], Iterable[bytes] | None]


class Traffic:
    """Middleware in front of the server: counts requests, and acts before some of them."""

    def __init__(self) -> None:
        self.actions: Counter[str] = Counter()
        self.acts: dict[int, Act] = {}  # before an edit, by its number from 1
        self.later: list[tuple[int, Act]] = []  # after so many more requests
        self.front: Front | None = None  # answers in the place of the application, or passes on
        self.here = local()  # `entity` and `data`: what the request of this thread edits
        self._lock = RLock()

    @property
    def requests(self) -> int:
        """How many requests the API got."""
        return self.actions.total()

    def reset(self) -> None:
        """Start counting again."""
        with self._lock:
            self.actions.clear()

    def around(self, app: Application) -> Application:
        """Wrap an application."""

        def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            if environ["PATH_INFO"].endswith("api.php"):
                self._see(environ)
            found = self.front(environ, start_response) if self.front else None
            return app(environ, start_response) if found is None else found

        return answer

    def _see(self, environ: Environ) -> None:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        words = parse_qs(body.decode()) | parse_qs(environ.get("QUERY_STRING", ""))
        action = words.get("action", ["?"])[0]
        with self._lock:
            due = [act for left, act in self.later if left <= 1]
            self.later = [(left - 1, act) for left, act in self.later if left > 1]
            self.actions[action] += 1
            act = self.acts.pop(self.actions[action], None) if action == "wbeditentity" else None
        self.here.entity, self.here.data = (words.get(name, [""])[0] for name in ("id", "data"))
        for each in due:
            each()
        if act is not None:
            act()


@dataclass(slots=True)
class DisturbedWiki:
    """A served Wikibase that has the ontology, and everything to import into it."""

    served: ServedWikibase
    traffic: Traffic
    ontology: Ontology
    folder: Path
    password: str
    lines: list[str] = field(default_factory=list)
    refused: list[RefusedEdit] = field(default_factory=list)
    overwritten: list[Overwritten] = field(default_factory=list)
    merged: list[MergedDuplicate] = field(default_factory=list)
    state: str = "state"
    patience: float = 600

    @property
    def profile(self) -> Profile:
        """A profile for a user without special rights."""
        return Profile(
            name="test",
            api=self.served.api,
            sparql=self.served.sparql,
            login=Login.BOT_PASSWORD,
            user=f"{USER}@tests",
            edits_per_minute=0,
            state=self.folder / self.state,
        )

    def remote(self, **different: Any) -> RemoteWikibase:  # noqa: ANN401 - as `replace`
        """Open it over the network."""
        return RemoteWikibase(
            replace(self.profile, **different),
            Secret({"password": self.password}),
            waiter=Waiter(self.lines.append, patience=self.patience, speedup=SPEEDUP),
        )

    def import_directly(self, people: Iterable[Response]) -> None:
        """Import responses into the store itself, undisturbed."""
        importing = Import(self.served.store, self.ontology, batch="before", today=TODAY)
        importing.waves([FIRST, SECOND])
        list(importing.responses(people))

    def import_all(
        self,
        people: Iterable[Response],
        batch: str = "b1",
        **different: Any,  # noqa: ANN401 - as `replace`
    ) -> int:
        """Import responses over the network; returns the number of edits."""
        head = BatchHeader(batch=batch, command="survey apply")
        with (
            self.remote(**different) as remote,
            Journal.begin(self.folder / "journals", head) as journal,
        ):
            importing = Import(remote, self.ontology, batch=batch, today=TODAY, journal=journal)
            self.refused, self.overwritten = importing.refused, importing.overwritten
            self.merged = importing.united
            made = len(importing.waves([FIRST, SECOND]))
            return made + sum(1 for _ in importing.responses(people))

    def snapshot(self) -> dict[str, Any]:
        """Describe all entities, without ids and hashes, by label and description."""
        return snapshot(self.served.store)

    def person(self, name: str) -> Stored:
        """Read a person's item from the store itself."""
        store = self.served.store
        username = binding_of(store, self.ontology).property("wikimedia_username")
        ((_, entity_id),) = store.find_by_identifier(username, [name])
        return store.read([entity_id])[entity_id]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What scripts that disturb imports start from."""

    prepared: Path  # a store that has the ontology
    ontology: Ontology
    responses: list[Response]
    chance: Random

    def serve(self) -> AbstractContextManager[DisturbedWiki]:
        """Serve a copy of the prepared store."""
        return serve_disturbed(self.prepared, self.ontology)


@contextmanager
def scenario(people: int, seed: int) -> Iterator[Scenario]:
    """Prepare a store and the responses of some people."""
    logging.getLogger("waitress").setLevel(logging.CRITICAL)  # dropped requests are on purpose
    chance = Random(seed)  # noqa: S311 - no secret
    ontology = load(ontology_folder())
    responses = make_responses(people, chance)
    with tempfile.TemporaryDirectory(prefix="wbskills-") as name:
        prepared = Path(name) / "prepared"
        prepare_store(prepared, ontology)
        yield Scenario(prepared, ontology, responses, chance)


@contextmanager
def serve_disturbed(prepared: Path, ontology: Ontology) -> Iterator[DisturbedWiki]:
    """Serve a copy of a store that has the ontology."""
    traffic = Traffic()
    with tempfile.TemporaryDirectory(prefix="wbskills-") as name:
        folder = Path(name)
        shutil.copytree(prepared, folder / "store")
        with serving(str(folder / "store"), wrap=traffic.around) as served:
            account = add_user(served.store.accounts, USER, "a password of its own", ())
            password = add_bot_password(served.store.accounts, account, "tests", grants=_GRANTS)
            yield DisturbedWiki(served, traffic, ontology, folder, password)


def prepare_store(folder: Path, ontology: Ontology) -> None:
    """Create a store that has the ontology."""
    with open_folder(str(folder)) as store:
        list(apply_ontology(store, ontology))


def make_responses(count: int, chance: Random) -> list[Response]:
    """Create the responses of some people, many of them in two waves."""
    return [
        _response(number, wave, chance)
        for wave in (FIRST, SECOND)
        for number in range(count)
        if wave is FIRST or number % 3
    ]


def _response(number: int, wave: Wave, chance: Random) -> Response:
    return Response(
        identity=Identity("wikimedia_username", f"Person {number}"),
        consent=Consent("consent_named", wave.start),
        wave=wave.key,
        on=wave.start,
        id=str(number),
        row=number + 2,
        assessments=tuple(
            Assessment(skill, chance.choice(_LEVELS)) for skill in _SKILLS if chance.random() < 0.8
        ),
        home_community="dewiki",
        speaks=(Speaks(language="lang_de", babel_level="babel_n"),),
    )


DISTURBANCES: Final = (
    "drop_before",
    "drop_after",
    "unavailable",
    "lag",
    "throttle",
    "read_only",
    "expire_session",
    "expire_tokens",
    "rival",
)


def disturbance(wiki: DisturbedWiki, rival: "OtherEditor", kind: str, chance: Random) -> Act:
    """Return what starts one kind of disturbance at the request that is about to be answered."""
    faults, traffic = wiki.served.faults, wiki.traffic
    some = chance.randint(1, 3)

    def until_later(name: str, during: object, after: object) -> None:
        setattr(faults, name, during)
        traffic.later.append((some + 1, lambda: setattr(faults, name, after)))

    def act() -> None:
        match kind:
            case "lag":
                until_later("lag", 9.5, -1.0)
            case "throttle":
                until_later("edits_per_minute", 1, 0)
            case "read_only":
                until_later("read_only", "a copy is being made", "")
            case "rival":
                rival.edit()
            case _:
                setattr(faults, kind, some if kind == "unavailable" else 1)

    return act


class OtherEditor:
    """Edits the same items at the same time, by adding labels and statements that must stay."""

    def __init__(self, store: Embedded, ontology: Ontology, chance: Random) -> None:
        self._store, self._chance = store, chance
        binding = binding_of(store, ontology)
        self._username = binding.property("wikimedia_username")
        self.property = binding.property("about")
        self._begins = f'["{ontology.properties["about"].terms.label("en")}"'
        self.added: list[tuple[str, str]] = []  # entity and text

    def edit(self) -> None:
        """Add a label and a statement to the item of a random person."""
        people = sorted(self._store.find_by_identifier(self._username))
        if not people:
            return
        _, entity_id = self._chance.choice(people)
        text = f"Q{self._chance.randrange(1, 10**6)}"
        while True:
            stored = self._store.read([entity_id])[entity_id]
            statement = Statement(Snak(self.property, Text(text), "external-id"))
            entity = replace(
                stored.entity,
                labels={**stored.entity.labels, "nl": text},
                statements=(*stored.entity.statements, statement),
            )
            try:
                self._store.revise(entity, stored, EditInfo(summary="by hand", user="Rival"))
            except StoreError:
                continue  # the import was quicker
            break
        self.added.append((entity_id, text))

    def lost(self) -> list[tuple[str, str]]:
        """List what was added and no longer exists, as pairs of entity and text."""
        found = self._store.read({entity_id for entity_id, _ in self.added})
        return [
            (entity_id, text)
            for entity_id, text in self.added
            if Text(text) not in found[entity_id].entity.values(self.property)
        ]

    def without(self, described: Mapping[str, Any]) -> dict[str, Any]:
        """Return a snapshot without what was added here."""
        return {
            name: {
                **each,
                "labels": {k: v for k, v in each["labels"].items() if k != "nl"},
                "statements": [s for s in each["statements"] if not s.startswith(self._begins)],
            }
            for name, each in described.items()
        }


def difference(found: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """Describe how two snapshots differ; empty if they are equal."""
    wrong = [name for name in {**found, **expected} if found.get(name) != expected.get(name)]
    if not wrong:
        return ""
    return f"{len(found)} entities instead of {len(expected)}, differing: {wrong[:5]}"


def snapshot(store: Embedded) -> dict[str, Any]:
    """Describe the entities of a store by label and description, without ids, GUIDs and hashes.

    A second item with the same name has an entry of its own, which ends with “(again)”.
    """
    ids = [f"{letter}{number}" for letter in "PQ" for number in range(1, 1500)]
    found = store.read(ids)
    names = {name: _name(stored) for name, stored in found.items()}
    described: dict[str, Any] = {}
    for name, stored in found.items():
        key = names[name]
        while key in described:
            key += " (again)"
        described[key] = {
            "labels": dict(stored.entity.labels),
            "descriptions": dict(stored.entity.descriptions),
            "aliases": {k: list(v) for k, v in stored.entity.aliases.items()},
            "statements": sorted(
                _statement(statement, names) for statement in stored.entity.statements
            ),
        }
    return described


def _name(stored: Stored) -> str:
    entity = stored.entity
    return f"{entity.labels.get('en')}|{entity.descriptions.get('en')}|{entity.datatype or ''}"


def _statement(statement: Statement, names: Mapping[str, str]) -> str:
    return json.dumps(
        [
            *_snak(statement.main, names),
            statement.rank.value,
            sorted(_snak(snak, names) for snak in statement.qualifiers),
            sorted(
                sorted(_snak(snak, names) for snak in reference.snaks)
                for reference in statement.references
            ),
        ]
    )


def _snak(snak: Snak, names: Mapping[str, str]) -> list[str]:
    name = names[snak.property].partition("|")[0]
    value = snak.value
    if isinstance(value, EntityRef):
        return [name, names.get(value.id, value.id)]
    return [name, "" if name == "response key" else repr(value)]
