"""After `forget` no byte of somebody is in any file, whatever had happened to their item."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.test_imports import ada
from tests.tasks.test_undo import by_hand, imported, taken_back
from wbskills.model.edits import Change, Create
from wbskills.model.entities import Entity, Kind, Snak, Statement, Stored
from wbskills.model.skills import Identity
from wbskills.model.values import Text
from wbskills.ontology.entries import Ontology
from wbskills.store.archive import Note
from wbskills.store.embedded import Embedded
from wbskills.store.journal import ENDING, JOURNALS
from wbskills.tasks.forgetting import forget
from wbskills.tasks.naming import spellings
from wbskills.tasks.ontologies import apply_ontology, binding_of

NAME = "Ada Ünal"
ADA = Identity("wikimedia_username", NAME)
GRACE = Identity("wikimedia_username", "Grace Hopper")


@pytest.fixture(scope="session")
def with_ontology(tmp_path_factory: pytest.TempPathFactory, ontology: Ontology) -> Path:
    """The folder of a store that has the ontology, to be copied."""
    place = tmp_path_factory.mktemp("forget") / "store"
    with Embedded(str(place)) as store:
        list(apply_ontology(store, ontology))
    return place


@pytest.fixture
def folder(with_ontology: Path, tmp_path: Path) -> Path:
    """The folder of a store of its own."""
    return Path(shutil.copytree(with_ontology, tmp_path / "store"))


class Place:
    """A store in a folder, and what can happen there to an item."""

    def __init__(self, folder: Path, ontology: Ontology) -> None:
        self.folder, self.ontology = folder, ontology
        self.evidence: set[str] = set()

    def open(self) -> Embedded:
        """Open the store for writing."""
        return Embedded(str(self.folder))

    def import_both(self, store: Embedded, batch: str = "b1", wave: str = "w2025") -> None:
        """Import two people."""
        both = ada(wave, identity=ADA), ada(wave, identity=GRACE, row=3, id="18")
        imported(store, self.ontology, self.folder / JOURNALS, batch, *both)
        self.note(self.item(store))

    def item(self, store: Embedded, identity: Identity = ADA) -> Stored:
        """Read somebody's item."""
        known = binding_of(store, self.ontology)
        property_id = known.property(identity.property)
        ((_, entity_id),) = store.identified(property_id, [identity.name])
        return store.read([entity_id])[entity_id]

    def note(self, stored: Stored) -> None:
        """Note by what the answers on an item can be known: GUIDs, and keys of the response."""
        for statement in stored.entity.statements:
            self.evidence.add(str(statement.id))
            for reference in statement.references:
                texts = [s.value.text for s in reference.snaks if isinstance(s.value, Text)]
                self.evidence.update(texts)

    def revise(self, store: Embedded, **different: object) -> None:
        """Edit her item as an editor would."""
        stored = self.item(store)
        entity = replace(stored.entity, **different)  # type: ignore[arg-type] # of an entity
        store.revise(entity, stored, Note(summary=f"about {NAME}", user="Editor"))


def description(place: Place, store: Embedded) -> None:
    """An editor changed the description, and nothing else."""
    place.revise(store, descriptions={"en": f"{NAME}, who writes Lua"})


def aliases(place: Place, store: Embedded) -> None:
    """An editor added other names, and a second label."""
    place.revise(
        store,
        labels={"en": NAME, "de": f"Frau {NAME}"},
        aliases={"en": (NAME.replace(" ", "_"), "Countess")},
    )


def own_statement(place: Place, store: Embedded) -> None:
    """An editor added a statement of their own, which stays, and one that names her."""
    label = Entity(kind=Kind.PROPERTY, datatype="string", labels={"en": "motto"})
    (motto,) = store.write([Create("motto", label)], "theirs")
    said = [Statement(Snak(motto.id, Text(text), "string")) for text in ("On", f"I am {NAME}")]
    by_hand(store, place.item(store).entity, *said)


def merged(place: Place, store: Embedded) -> None:
    """An editor made her a second time, and merged the two."""
    first = place.item(store)
    twin = store.revise(
        replace(first.entity, id="", descriptions={"en": "a twin"}), None, Note(user="Editor")
    )
    place.note(twin)
    store.redirect(twin, first.entity.id, Note(summary=f"merged with {NAME}"))
    place.revise(store, aliases={"en": (NAME,)})


def deleted(place: Place, store: Embedded) -> None:
    """Somebody deleted the item."""
    store.remove(place.item(store), Note(summary=f"content was: {NAME}", user="Root"))


def undeleted(place: Place, store: Embedded) -> None:
    """Somebody deleted the item, and brought it back."""
    stored = place.item(store)
    deleted(place, store)
    store.restore(stored.entity.id, Note(summary=f"{NAME} is back", user="Root"))


def undone(place: Place, store: Embedded) -> None:
    """A second batch changed the item, and was taken back."""
    records = place.folder / JOURNALS
    both = ada("w2026", identity=ADA), ada("w2026", identity=GRACE, row=3, id="18")
    batch = imported(store, place.ontology, records, "b2", *both)
    place.note(place.item(store))
    taken_back(store, place.ontology, batch, records)


def all_undone(place: Place, store: Embedded) -> None:
    """The batch that made her was taken back; nobody has the item any more."""
    from wbskills.store.journal import find

    records = place.folder / JOURNALS
    taken_back(store, place.ontology, find(records, "b1"), records)


def renamed(place: Place, store: Embedded) -> None:
    """An editor took the name off the item, which still has her answers."""
    stored = place.item(store)
    known = binding_of(store, place.ontology).property("wikimedia_username")
    gone = tuple(str(s.id) for s in stored.entity.statements if s.main.property == known)
    change = Change(key="", id=stored.entity.id, base=stored.revision, removed=gone)
    store.write([change], f"{NAME} was renamed")


def half_imported(place: Place, store: Embedded) -> None:
    """An import was killed, as it wrote a line of its journal, and one of `forget`, too."""
    del store
    journal = place.folder / JOURNALS / f"b9{ENDING}"
    head = (place.folder / JOURNALS / f"b1{ENDING}").read_text(encoding="utf-8").splitlines()[0]
    torn = f'{head}\n{{"edit":1,"key":"wikimedia_username/{NAME}","create":"item"'
    journal.write_text(torn, encoding="utf-8")
    journal.with_suffix(".new").write_text(torn, encoding="utf-8")


def killed_readers(place: Place, store: Embedded) -> None:
    """A server and a query were killed, and left copies of the triples."""
    for copy in ("readers/1999999-0", "snapshots/1999999-ab"):
        (place.folder / copy).mkdir(parents=True)
        store.snapshot(place.folder / copy / "1")


EVENTS: tuple[Callable[[Place, Embedded], None], ...] = (
    description, aliases, own_statement, merged, deleted, undeleted, undone, all_undone, renamed,
    half_imported, killed_readers,
)  # fmt: skip


def left_over(folder: Path, *needles: str) -> list[str]:
    """List files, with what is found in them."""
    wanted = [each.encode() for each in needles]
    files = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
    return sorted(
        f"{file.relative_to(folder)}: {each.decode()}"
        for file in files
        for content in [file.read_bytes()]
        for each in wanted
        if each in content
    )


@pytest.fixture(params=EVENTS, ids=lambda event: event.__name__)
def place(request: pytest.FixtureRequest, folder: Path, ontology: Ontology) -> Place:
    """A store with two people, to one of whom something happened."""
    place = Place(folder, ontology)
    with place.open() as store:
        place.import_both(store)
        # Kept answers, a copy of the triples, and what an earlier process left in the log.
        store.select("SELECT * { ?s ?p ?o }")
        request.param(place, store)
    return place


def test_no_byte_is_left(place: Place, ontology: Ontology) -> None:
    """Neither of the name, however it is spelt, nor of an answer; of others all is there."""
    with place.open() as store:
        forget(store, ontology, ADA, place.folder)
        there = [place.item(store, GRACE).entity.labels["en"]] if _is_there(place, store) else []
    needles = (*spellings(NAME), *place.evidence)
    assert left_over(place.folder, *needles) == []
    assert left_over(place.folder, "Grace Hopper") or not there
    with place.open() as store:
        assert not any(NAME in line for line in store.triples())
        assert list(store.damages()) == []


def _is_there(place: Place, store: Embedded) -> bool:
    known = binding_of(store, place.ontology).property("wikimedia_username")
    return bool(store.identified(known, [GRACE.name]))
