"""A store with two people, what can happen to one of their items, and what is left of them."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.tasks.people import ada, by_hand, imported, taken_back
from wbskills.domain import Identity
from wbskills.ontology.entries import Ontology
from wbskills.private_records.traces import BuiltReport, Traces
from wbskills.stores import open_folder
from wbskills.tasks.ontologies import binding_of
from wbskills.tasks.reports import ReportOptions, build_report
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.journal.read import ENDING, JOURNALS
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement, Stored
from wbskills.wikibase.model.values import Text

NAME = "Ada Ünal"
ADA = Identity("wikimedia_username", NAME)
GRACE = Identity("wikimedia_username", "Grace Hopper")


class Place:
    """A store in a folder, and what can happen there to an item."""

    def __init__(self, folder: Path, ontology: Ontology) -> None:
        self.folder, self.ontology = folder, ontology
        self.evidence: set[str] = set()

    def open(self) -> Embedded:
        """Open the store for writing."""
        return Embedded(str(self.folder))

    def import_both(self, store: OpenWikibase, batch: str = "b1", wave: str = "w2025") -> None:
        """Import two people."""
        both = ada(wave, identity=ADA), ada(wave, identity=GRACE, row=3, id="18")
        imported(store, self.ontology, self.folder / JOURNALS, batch, *both)
        self.note(self.item(store))

    def item(self, store: OpenWikibase, identity: Identity = ADA) -> Stored:
        """Read a person's item."""
        known = binding_of(store, self.ontology)
        property_id = known.property(identity.property)
        ((_, entity_id),) = store.find_by_identifier(property_id, [identity.name])
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
        store.revise(entity, stored, EditInfo(summary=f"about {NAME}", user="Editor"))


def description(place: Place, store: Embedded) -> None:
    """An editor changed only the description."""
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
        replace(first.entity, id="", descriptions={"en": "a twin"}), None, EditInfo(user="Editor")
    )
    place.note(twin)
    store.redirect(twin, first.entity.id, EditInfo(summary=f"merged with {NAME}"))
    place.revise(store, aliases={"en": (NAME,)})


def deleted(place: Place, store: Embedded) -> None:
    """Someone deleted the item."""
    store.remove(place.item(store), EditInfo(summary=f"content was: {NAME}", user="Root"))


def undeleted(place: Place, store: Embedded) -> None:
    """Someone deleted the item and restored it."""
    stored = place.item(store)
    deleted(place, store)
    store.restore(stored.entity.id, EditInfo(summary=f"{NAME} is back", user="Root"))


def undone(place: Place, store: Embedded) -> None:
    """A second batch changed the item, and was undone."""
    records = place.folder / JOURNALS
    both = ada("w2026", identity=ADA), ada("w2026", identity=GRACE, row=3, id="18")
    batch = imported(store, place.ontology, records, "b2", *both)
    place.note(place.item(store))
    taken_back(store, place.ontology, batch, records)


def all_undone(place: Place, store: Embedded) -> None:
    """The batch that created her item was undone; the item no longer exists."""
    from wbskills.wikibase.journal.read import find_batch

    records = place.folder / JOURNALS
    taken_back(store, place.ontology, find_batch(records, "b1"), records)


def renamed(place: Place, store: Embedded) -> None:
    """An editor took the name off the item, which still has her answers."""
    stored = place.item(store)
    known = binding_of(store, place.ontology).property("wikimedia_username")
    gone = tuple(str(s.id) for s in stored.entity.statements if s.main.property == known)
    change = Change(key="", id=stored.entity.id, base=stored.revision, removed=gone)
    store.write([change], f"{NAME} was renamed")


def half_imported(place: Place, store: OpenWikibase) -> None:
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
    wanted = [needle.encode() for needle in needles]
    files = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
    return sorted(
        f"{file.relative_to(folder)}: {each.decode()}"
        for file in files
        for content in [file.read_bytes()]
        for each in wanted
        if each in content
    )


def built(place: Path, site: Path, ontology: Ontology) -> int:
    """Build a report of the store in a folder, as the command does."""
    traces = Traces(place)
    traces.note_report(BuiltReport(folder=str(site), wikibase=str(place)))
    with open_folder(str(place), write=False) as store:
        now = datetime(2026, 11, 30, tzinfo=UTC)
        return build_report(
            store, ontology, site, options=ReportOptions(), built=now, traces=traces
        )
