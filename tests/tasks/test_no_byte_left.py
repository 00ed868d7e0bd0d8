"""After `forget` no byte of somebody is in any file, whatever had happened to their item."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.tasks.test_imports import ada
from tests.tasks.test_undo import by_hand, imported, taken_back
from wbskills.cli import main
from wbskills.domain import Identity
from wbskills.errors import StoreError, WbskillsError
from wbskills.ontology.entries import Ontology
from wbskills.private_records.traces import BuiltReport, Traces
from wbskills.stores import open_folder
from wbskills.tasks import copies, publishing, reports
from wbskills.tasks.copies import (
    clear_mirror,
    clear_reports,
    forget_in_copies,
    forget_in_mirror,
)
from wbskills.tasks.forgetting import Forgetting, Removed, forget, told
from wbskills.tasks.naming import spellings
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.tasks.pulling import pull
from wbskills.tasks.reports import ReportOptions, build_report
from wbskills.testing import ServedWikibase, serving
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import OpenWikibase
from wbskills.wikibase.journal.read import ENDING, JOURNALS
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement, Stored
from wbskills.wikibase.model.values import Text
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.reader import RemoteSource
from wbskills.wikibase.remote.wikibase import RemoteWikibase

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

    def import_both(self, store: OpenWikibase, batch: str = "b1", wave: str = "w2025") -> None:
        """Import two people."""
        both = ada(wave, identity=ADA), ada(wave, identity=GRACE, row=3, id="18")
        imported(store, self.ontology, self.folder / JOURNALS, batch, *both)
        self.note(self.item(store))

    def item(self, store: OpenWikibase, identity: Identity = ADA) -> Stored:
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
        store.revise(entity, stored, EditInfo(summary=f"about {NAME}", user="Editor"))


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
        replace(first.entity, id="", descriptions={"en": "a twin"}), None, EditInfo(user="Editor")
    )
    place.note(twin)
    store.redirect(twin, first.entity.id, EditInfo(summary=f"merged with {NAME}"))
    place.revise(store, aliases={"en": (NAME,)})


def deleted(place: Place, store: Embedded) -> None:
    """Somebody deleted the item."""
    store.remove(place.item(store), EditInfo(summary=f"content was: {NAME}", user="Root"))


def undeleted(place: Place, store: Embedded) -> None:
    """Somebody deleted the item, and brought it back."""
    stored = place.item(store)
    deleted(place, store)
    store.restore(stored.entity.id, EditInfo(summary=f"{NAME} is back", user="Root"))


def undone(place: Place, store: Embedded) -> None:
    """A second batch changed the item, and was taken back."""
    records = place.folder / JOURNALS
    both = ada("w2026", identity=ADA), ada("w2026", identity=GRACE, row=3, id="18")
    batch = imported(store, place.ontology, records, "b2", *both)
    place.note(place.item(store))
    taken_back(store, place.ontology, batch, records)


def all_undone(place: Place, store: Embedded) -> None:
    """The batch that made her was taken back; nobody has the item any more."""
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
        assert list(store.find_damage()) == []


def _is_there(place: Place, store: Embedded) -> bool:
    known = binding_of(store, place.ontology).property("wikimedia_username")
    return bool(store.identified(known, [GRACE.name]))


def built(place: Path, site: Path, ontology: Ontology) -> int:
    """Build a report of the store in a folder, as the command does."""
    traces = Traces(place)
    traces.note_report(BuiltReport(folder=str(site), wikibase=str(place)))
    with open_folder(str(place), write=False) as store:
        now = datetime(2026, 11, 30, tzinfo=UTC)
        return build_report(
            store, ontology, site, options=ReportOptions(), built=now, traces=traces
        )


def test_a_report_that_was_being_built_meanwhile_is_not_published(
    folder: Path, tmp_path: Path, ontology: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had asked before still names them."""
    place, asked = Place(folder, ontology), reports.report_content

    def ask(*given: object, **more: object) -> object:
        content = asked(*given, **more)  # type: ignore[arg-type] # passed on
        with place.open() as store:
            forget(store, ontology, ADA, folder)
        return content

    with place.open() as store:
        place.import_both(store)
    monkeypatch.setattr(reports, "report_content", ask)
    with pytest.raises(WbskillsError, match="somebody was forgotten"):
        built(folder, tmp_path / "site", ontology)
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    assert not (tmp_path / "site").exists()


def test_while_somebody_is_being_forgotten_no_report_is_begun(
    folder: Path, tmp_path: Path, ontology: Ontology
) -> None:
    """Nor after that was broken off, until it is done."""
    with pytest.raises(KeyboardInterrupt), Traces(folder).forgetting():
        raise KeyboardInterrupt
    with pytest.raises(StoreError, match="being forgotten"):
        built(folder, tmp_path / "site", ontology)
    with Traces(folder).forgetting():
        pass
    assert built(folder, tmp_path / "site", ontology)


def test_a_name_left_by_a_kill_amid_its_note_goes_with_the_next_run(tmp_path: Path) -> None:
    """The note of whom to forget is written to a file beside it first, which a kill leaves."""
    left = tmp_path / "forgetting.json.0badcafe"
    left.write_text(NAME)

    with Traces(tmp_path).forgetting():
        pass

    assert [each.name for each in tmp_path.iterdir()] == ["forgetting.json"]


def test_what_was_broken_off_is_not_taken_for_done_after_somebody_else(
    folder: Path, tmp_path: Path, ontology: Ontology
) -> None:
    """It is ended first, and until then no report is built."""
    place = Place(folder, ontology)

    def break_off(_: object) -> None:
        raise KeyboardInterrupt

    with place.open() as store:
        place.import_both(store)
        with pytest.raises(KeyboardInterrupt):
            forget(store, ontology, ADA, folder, clear_copies=break_off)
        with pytest.raises(StoreError, match="somebody else") as told:
            forget(store, ontology, GRACE, folder)
        assert told.value.hint.startswith(f"wbskills forget '{NAME}'")
        with pytest.raises(StoreError, match="being forgotten"):
            built(folder, tmp_path / "site", ontology)
        forget(store, ontology, ADA, folder)
        forget(store, ontology, GRACE, folder)
    assert left_over(folder, *spellings(NAME), *spellings(GRACE.name)) == []


def test_a_report_that_names_them_is_built_again(
    folder: Path, tmp_path: Path, ontology: Ontology
) -> None:
    """One that does not is left alone; one that cannot be built is removed."""
    place = Place(folder, ontology)
    built(folder, tmp_path / "empty", ontology)
    with place.open() as store:
        place.import_both(store)
    built(folder, tmp_path / "site", ontology)
    assert left_over(tmp_path / "site", "Ada")
    shutil.copytree(tmp_path / "site", tmp_path / "lost")
    (tmp_path / "site.0123abcd").mkdir()  # of a build that was killed
    shutil.copytree(tmp_path / "site", tmp_path / "site.0123abcd", dirs_exist_ok=True)
    Traces(folder).note_report(
        BuiltReport(folder=str(tmp_path / "lost"), wikibase=str(tmp_path / "no"), title="A & B")
    )
    with place.open() as store:
        forget(store, ontology, ADA, folder)
    done = {each.place.name: each for each in clear_reports([ADA], folder)}
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    assert left_over(tmp_path / "site", "Grace Hopper")
    assert done.keys() == {"site", "lost"}
    assert done["lost"].removed
    assert "--title 'A & B'" in list(done["lost"].lines())[-1]


def test_whose_name_is_a_word_of_the_map_takes_no_report_away(
    folder: Path, tmp_path: Path, ontology: Ontology
) -> None:
    """Somebody is called as a skill is: the report is built again, and still has the skill."""
    place, python = Place(folder, ontology), Identity("wikimedia_username", "Python")
    with place.open() as store:
        journals = folder / JOURNALS
        imported(store, ontology, journals, "b1", ada(identity=python), ada(identity=GRACE))
    built(folder, tmp_path / "site", ontology)
    with place.open() as store:
        forget(store, ontology, python, folder)
    (done,) = clear_reports([python], folder)
    assert not done.why
    assert left_over(tmp_path / "site", "Grace Hopper")


def test_a_former_report_whose_removal_was_broken_off_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is known for a report until nothing else is in it."""
    site, unlink = tmp_path / "site.0123abcd.old", Path.unlink
    (site / "b").mkdir(parents=True)
    (tmp_path / "site").mkdir()
    mark = f"{publishing._HEAD}\na.html\nb/c.html\n"
    for name, text in ((publishing.MARK, mark), ("a.html", NAME), ("b/c.html", NAME)):
        (site / name).write_text(text, encoding="utf-8")

    def break_off(path: Path, *, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", break_off)
        with pytest.raises(KeyboardInterrupt):
            publishing.take_down(tmp_path / "site")
    assert left_over(site, NAME)
    publishing.take_down(tmp_path / "site")
    assert not site.exists()


@pytest.fixture
def wiki(ontology: Ontology) -> Iterator[ServedWikibase]:
    """A Wikibase that stands for one far away."""
    with serving() as served:
        list(apply_ontology(served.store, ontology))
        yield served


def profile(wiki: ServedWikibase, state: Path) -> Profile:
    """Describe how to reach it."""
    return Profile(
        name="near", api=wiki.api, sparql=wiki.sparql, login=Login.BOT_PASSWORD,
        user=wiki.bot_user, edits_per_minute=0, state=state,
    )  # fmt: skip


def pulled(wiki: ServedWikibase, near: Profile, mirror: Path) -> None:
    """Bring the mirror up to the wiki."""
    Traces(near.state).note_mirror(mirror)
    with RemoteSource(near, Secret({"password": wiki.bot_password})) as source:
        pull(source, mirror, {})


def test_on_our_side_of_a_wiki_nothing_is_left(
    wiki: ServedWikibase, tmp_path: Path, ontology: Ontology
) -> None:
    """In state, journals, kept answers, mirrors and reports; what the wiki keeps is named."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place = Place(near.state, ontology)
    with RemoteWikibase(near, Secret({"password": wiki.bot_password})) as remote:
        place.import_both(remote)
        pulled(wiki, near, mirror)
        built(mirror, tmp_path / "site", ontology)
        assert left_over(tmp_path / "site", "Ada")
        done = forget(remote, ontology, ADA, near.state)
        copies = list(forget_in_copies(ontology, [ADA], near.state))
    assert done.histories == (done.items[0].id,)
    assert [each.place.name for each in copies] == ["mirror", "site"]
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    pulled(wiki, near, mirror)
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    assert left_over(mirror, "Grace Hopper")


@pytest.mark.parametrize(
    ("owner", "deed"),
    [(RemoteWikibase, "delete"), (RemoteWikibase, "clean_up"), (Embedded, "clean_up")],
)
def test_what_is_broken_off_at_a_wiki_is_ended_by_the_same_command(
    owner: type,
    deed: str,
    wiki: ServedWikibase,
    tmp_path: Path,
    ontology: Ontology,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And names the items whose history the wiki keeps, though journals know them no more."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place, does = Place(near.state, ontology), getattr(owner, deed)

    def break_off(*given: object) -> None:
        does(*given)
        raise KeyboardInterrupt

    def run(remote: RemoteWikibase) -> Forgetting:
        return forget(
            remote, ontology, ADA, near.state,
            clear_copies=lambda names: list(forget_in_copies(ontology, names, near.state)),
        )  # fmt: skip

    with RemoteWikibase(near, Secret({"password": wiki.bot_password})) as remote:
        place.import_both(remote)
        her = place.item(remote).entity.id
        pulled(wiki, near, mirror)
        with monkeypatch.context() as patch:
            patch.setattr(owner, deed, break_off)
            with pytest.raises(KeyboardInterrupt):
                run(remote)
        assert run(remote).histories == (her,)
    assert her not in wiki.store.read([her])
    assert left_over(tmp_path, *spellings(NAME), *place.evidence) == []
    assert left_over(mirror, "Grace Hopper")


def test_a_history_is_named_beside_what_others_are_asked_to_delete(ontology: Ontology) -> None:
    """One item could not be deleted, and another is gone and has its history."""
    emptied = Removed("Q5", Counter(), (), gone=False)
    done = Forgetting(
        items=(emptied,), journal_edits=0, words=0, new=True, histories=("Q5", "Q7"),
        mentions=(), unread=(),
    )  # fmt: skip
    lines = "\n".join(told(done, NAME, ontology))
    assert "Please delete [[Special:EntityPage/Q5]]" in lines
    assert "The history of Q7 still tells" in lines


@pytest.mark.parametrize("deed", ["forget_in_mirror", "_build_again"])
def test_what_is_broken_off_in_a_mirror_is_ended_by_the_same_command(
    deed: str,
    wiki: ServedWikibase,
    tmp_path: Path,
    ontology: Ontology,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though nobody of that name is in it any more; until then no report is built of it."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place, does = Place(near.state, ontology), getattr(copies, deed)
    place.import_both(wiki.store)
    pulled(wiki, near, mirror)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text(NAME, encoding="utf-8")  # a quick report
    Traces(mirror).note_report(BuiltReport(folder=str(tmp_path / "site"), wikibase=str(mirror)))
    monkeypatch.setattr(copies, "build_report", lambda *_, **__: shutil.rmtree(tmp_path / "site"))

    def break_off(*given: object) -> None:
        if deed == "forget_in_mirror":
            does(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(copies, deed, break_off)
        with pytest.raises(KeyboardInterrupt):
            list(clear_mirror(mirror, ontology, [ADA]))
    with pytest.raises(StoreError, match="being forgotten"):
        Traces(mirror).state()
    again = CliRunner().invoke(main, ["forget", NAME, "--yes", "--wikibase", str(mirror)])
    assert again.exit_code == 0, again.output
    assert "still stand at" in again.output
    Traces(mirror).state()
    assert left_over(mirror, *spellings(NAME), *place.evidence) == []
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("deed", ["deleted", "emptied", "merged"])
def test_a_mirror_follows_without_a_trace(
    deed: str, wiki: ServedWikibase, tmp_path: Path, ontology: Ontology
) -> None:
    """Whoever forgot them at the source: the next pull leaves no byte here."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place = Place(near.state, ontology)
    place.import_both(wiki.store)
    pulled(wiki, near, mirror)
    stored = place.item(wiki.store)
    if deed == "deleted":
        wiki.store.remove(stored, EditInfo())
    elif deed == "merged":
        wiki.store.redirect(stored, place.item(wiki.store, GRACE).entity.id, EditInfo())
    else:
        wiki.store.revise(
            Entity(id=stored.entity.id, labels={"en": "removed"}), stored, EditInfo()
        )
    pulled(wiki, near, mirror)
    assert left_over(mirror, *spellings(NAME), *place.evidence) == []


def test_a_mirror_can_be_cleared_by_itself(
    wiki: ServedWikibase, tmp_path: Path, ontology: Ontology
) -> None:
    """The next pull does not bring them back, though the wiki still has them."""
    near, mirror = profile(wiki, tmp_path / "state"), tmp_path / "mirror"
    place = Place(near.state, ontology)
    place.import_both(wiki.store)
    pulled(wiki, near, mirror)
    (item,) = forget_in_mirror(mirror, ontology, [ADA])
    assert left_over(mirror, *spellings(NAME), *place.evidence) == []
    place.revise(wiki.store, aliases={"en": ("Countess",)})
    pulled(wiki, near, mirror)
    assert left_over(mirror, *spellings(NAME), "Countess") == []
    with open_folder(str(mirror), write=False) as store:
        assert item not in store.read([item])


def test_wherever_it_is_killed_the_next_run_ends_it() -> None:
    """At a few points here; `scripts/kill_forget.py` does it at any number of them."""
    script = Path(__file__).parents[2] / "scripts" / "kill_forget.py"
    done = subprocess.run(
        [sys.executable, script, "--points", "8"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
