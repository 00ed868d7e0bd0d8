"""Entities and triples agree in the end, also after kills, failures and concurrent edits."""

import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest
from click.testing import CliRunner

from tests.wikibase.embedded.people import person
from wbskills.cli import main
from wbskills.errors import LabelClash, StoreBusy, StoreError
from wbskills.wikibase.embedded import derived, triplestore
from wbskills.wikibase.embedded.derived import DerivedData
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Kind, Reference, Snak, Statement
from wbskills.wikibase.model.values import Text, whole_number

AMID = """
import os, signal, sys
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded

store = Embedded(sys.argv[1])
stored = store.read(["Q1"])["Q1"]

class Dying:
    left, real = int(sys.argv[3]), store._derived._triples._store

    def __getattr__(self, name):
        if name in ("remove", "update", "load", "bulk_load"):
            Dying.left -= 1
            if Dying.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return getattr(self.real, name)

store._derived._triples._store = Dying()
if sys.argv[2] == "delete":
    store.remove(stored, EditInfo())
else:
    guid = stored.entity.statements[0].id
    store.write([Change(key="", id="Q1", base=1, removed=(guid,))], "test")
    list(store.triples())
"""


def named(label: str) -> Entity:
    """Make an item whose label is locked."""
    return Entity(labels={"en": label}, descriptions={"en": "somebody"})


def assert_whole(store: Embedded) -> None:
    """Compare the triples with those of a rebuild."""
    there = sorted(store.triples())
    store.rebuild()
    assert sorted(store.triples()) == there


@pytest.mark.parametrize(("what", "fewest"), [("change", 3), ("delete", 3)])
def test_a_kill_amid_the_triples_leaves_no_litter(what: str, fewest: int, tmp_path: Path) -> None:
    """Nodes that nothing points to would be counted by queries forever.

    Killed at each of the steps that change triples, until a process comes to its end.
    """
    reference = Reference((Snak("P3", whole_number(7), "quantity"),))
    said = Statement(Snak("P1", Text("a"), "string"), (), (reference,))
    kills = 0
    for steps in count():
        place = str(tmp_path / str(steps))
        with Embedded(place) as store:
            store.write([Create("Ada", replace(named("Ada"), statements=(said,)))], "test")
            before = sorted(store.triples())

        ended = subprocess.run([sys.executable, "-c", AMID, place, what, str(steps)], check=False)

        with Embedded(place) as store:
            assert sorted(store.triples()) != before
            assert_whole(store)
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
        kills += 1
    assert kills >= fewest


def test_what_was_rolled_back_is_not_read() -> None:
    """Its revision number goes to another entity."""
    with Embedded(":memory:") as store:
        store.write([Create("Ada", named("Ada"))], "test")
        with pytest.raises(LabelClash):
            store.revise_all(
                [(named("Ghost"), None, EditInfo()), (named("Ada"), None, EditInfo())]
            )
        store.write([Create("Bea", named("Bea"))], "test")
        assert store.read(["Q2"])["Q2"].entity.labels == {"en": "Bea"}


def test_two_threads_leave_the_triples_of_the_last_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Revisions and triples change in the same order."""
    first, second, bring = Event(), Event(), triplestore.TripleStore.apply

    def slow(self: triplestore.TripleStore, *arguments: object) -> None:
        if current_thread().name == "slow":
            first.set()
            second.wait(1)
        bring(self, *arguments)  # type: ignore[arg-type]

    with Embedded(":memory:") as store:
        store.write([person("Ada", "a")], "test")
        monkeypatch.setattr(triplestore.TripleStore, "apply", slow)

        def edit(base: int, label: str, done: Event) -> None:
            store.write([Change(key="", id="Q1", base=base, labels={"en": label})], "test")
            done.set()
            store.select("SELECT * {}")

        threads = [
            Thread(target=edit, args=(1, "Old", Event()), name="slow"),
            Thread(target=edit, args=(2, "New", second)),
        ]
        threads[0].start()
        first.wait()
        threads[1].start()
        for thread in threads:
            thread.join()
        assert_whole(store)


def test_an_edit_that_did_not_get_into_the_triples_comes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk may be full for a moment only; “they catch up by themselves”."""
    place = str(tmp_path / "s")
    with Embedded(place) as store:
        with monkeypatch.context() as full:
            full.setattr(
                triplestore.TripleStore, "_load", lambda *_: (_ for _ in ()).throw(OSError("full"))
            )
            store.write([person("Bea", "b")], "test")
            with pytest.raises(StoreError):
                store.select("SELECT * {}")
        store.write([person("Cleo", "c")], "test")
        assert_whole(store)


def test_who_reads_beside_a_writer_sees_each_edit_that_was_answered(tmp_path: Path) -> None:
    """Whether or not the writer has made the triples of it yet; a deletion too."""
    place = str(tmp_path / "s")
    with Embedded(place) as store:
        for number in range(3):
            store.write([person(f"Ada {number}", f"a{number}")], "test")
            with Embedded(place, write=False) as reader:
                found = reader.select(
                    "SELECT DISTINCT ?s { ?s a <http://wikiba.se/ontology#Item> }"
                )
                assert len(found.rows) == number + 1
        store.remove(store.read(["Q2"])["Q2"], EditInfo())
        with Embedded(place, write=False) as reader:
            assert sorted(reader.triples()) == sorted(store.triples())


def test_triples_are_made_while_others_write(tmp_path: Path) -> None:
    """Edits without a query between them do not pile up, and none is lost."""
    place = str(tmp_path / "s")
    with Embedded(place) as store:
        for number in range(130):
            store.write([person(f"Ada {number}", f"a{number}")], "test")
        store._derived._background.shutdown()
        assert store._derived._triples.revision() >= derived._MANY_QUEUED
        assert_whole(store)


def test_redirects_come_back_with_lost_triples(tmp_path: Path) -> None:
    """They are derived as well."""
    place = tmp_path / "s"
    with Embedded(str(place)) as store:
        store.write([person("Ada", "a"), person("Bea", "b")], "test")
        store.redirect(store.read(["Q2"])["Q2"], "Q1", EditInfo())
    shutil.rmtree(place / "triples")
    with Embedded(str(place)) as store:
        assert_whole(store)


@pytest.mark.parametrize("name", ["CURRENT", "MANIFEST*", "*.sst"])
def test_damaged_triples_are_made_anew(name: str, tmp_path: Path) -> None:
    """They are derived; `store rebuild` must not need them."""
    place = tmp_path / "s"
    with Embedded(str(place)) as store:
        store.write([person("Ada", "a")], "test")
        expected = sorted(store.triples())
    for file in (place / "triples").glob(name):
        file.write_bytes(b"garbage\n")
    with Embedded(str(place), write=False) as store:
        assert sorted(store.triples()) == expected


@pytest.mark.parametrize("name", ["CURRENT", "MANIFEST"])
@pytest.mark.parametrize("damage", ["another name", "no file", "a folder"])
def test_a_rebuild_mends_what_it_is_advised_for(name: str, damage: str, tmp_path: Path) -> None:
    """Also where the system says so, not Oxigraph: a file that is missing, or is none."""
    place = tmp_path / "wikibase"
    with Embedded(str(place)) as store:
        store.write([person("Ada", "a")], "import")
    (file,) = (place / "triples").glob(f"{name}*")
    if damage == "another name":
        file.write_text("MANIFEST-999999\n")
    else:
        file.unlink()
        if damage == "a folder":
            file.mkdir()

    rebuilt = CliRunner().invoke(main, ["store", "rebuild", "--wikibase", str(place)])
    assert rebuilt.exit_code == 0, rebuilt.output
    with Embedded(str(place), write=False) as store:
        assert store.select("SELECT ?x { ?x a <http://wikiba.se/ontology#Item> }").rows


def test_who_finds_the_store_busy_does_not_disturb_a_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sweeping is for who has the lock."""
    place = str(tmp_path / "s")
    catch_up = triplestore.TripleStore.catch_up

    def meanwhile(self: triplestore.TripleStore, *arguments: object) -> None:
        catch_up(self, *arguments)  # type: ignore[arg-type]
        with pytest.raises(StoreBusy):
            Embedded(place)

    with Embedded(place) as store:
        store.write([person("Ada", "a")], "test")
        monkeypatch.setattr(triplestore.TripleStore, "catch_up", meanwhile)
        store.rebuild()
        assert list(store.triples())


def test_a_writer_killed_while_another_opens_loses_no_triples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far the entities have come is checked when no other process can write."""
    place = str(tmp_path / "s")
    other = Embedded(place)
    init = triplestore.TripleStore.__init__

    def late(self: triplestore.TripleStore, *arguments: object, **named: object) -> None:
        monkeypatch.undo()
        other._revisions.write([person("Bea", "b")], "test")  # and is killed before its triples
        other.close()
        init(self, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(triplestore.TripleStore, "__init__", late)
    with Embedded(place) as store:
        store.write([person("Cleo", "c")], "test")
        assert_whole(store)


def test_readers_do_not_see_who_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if the process that removed them was killed before it came to the triples."""
    place = str(tmp_path / "s")
    with Embedded(place) as store, monkeypatch.context() as killed:
        store.write([person("Ada", "a")], "test")
        killed.setattr(DerivedData, "update_outdated", lambda *_: None)
        store.remove(store.read(["Q1"])["Q1"], EditInfo())
    with Embedded(place, write=False) as store:
        assert store.select("SELECT ?s { ?s ?p 'a' }").rows == []


def test_a_kept_answer_does_not_outlive_a_deletion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deletion makes no revision, but the answer of a reader from before is stale."""
    monkeypatch.setattr(derived, "_SLOW", -1)
    place, asked = str(tmp_path / "s"), "SELECT ?s { ?s ?p 'a' }"
    with Embedded(place) as store:
        store.write([person("Ada", "a")], "test")
    with Embedded(place) as store, Embedded(place, write=False) as reader:
        store.remove(store.read(["Q1"])["Q1"], EditInfo())
        assert reader.select(asked).rows  # of its snapshot
    with Embedded(place, write=False) as store:
        assert store.select(asked).rows == []


def test_a_removed_property_leaves_nothing_and_takes_nothing_along() -> None:
    """Neither its own definition stays nor does another entity's statement go."""
    with Embedded(":memory:") as store:
        made = Entity(kind=Kind.PROPERTY, datatype="string", labels={"en": "p"})
        store.write([Create("p", made), person("Ada", "a")], "test")
        store.remove(store.read(["P1"])["P1"], EditInfo())
        guid = (store.read(["Q1"])["Q1"].entity.statements[0].id or "").replace("$", "-")
        url = Text(f"{store.concept_base}statement/{guid}")
        links = Entity(statements=(Statement(Snak("P9", url, "url")),))
        store.write([Create("Bea", links)], "test")
        store.remove(store.read(["Q2"])["Q2"], EditInfo())
        # Nor does one that points to itself keep anybody busy.
        there = store.read(["Q1"])["Q1"]
        (said,) = there.entity.statements
        itself = replace(said, qualifiers=(Snak("P9", url, "url"),))
        store.revise(replace(there.entity, statements=(itself,)), there, EditInfo())
        store.remove(store.read(["Q1"])["Q1"], EditInfo())
        assert_whole(store)


def test_references_of_equal_hashes_keep_their_datatypes() -> None:
    """The hash of a snak does not tell the datatype."""
    with Embedded(":memory:") as store:
        for datatype in ("string", "url"):
            cited = (Reference((Snak("P4", Text("https://example.org/"), datatype),)),)
            said = Statement(Snak("P1", Text("x"), "string"), (), cited)
            store.write([Create("", Entity(statements=(said,)))], "test")
        found = store.read(["Q1", "Q2"])
        snaks = [found[n].entity.statements[0].references[0].snaks[0] for n in ("Q1", "Q2")]
        assert [snak.datatype for snak in snaks] == ["string", "url"]


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("what", ["deleted", "redirected"])
def test_older_triples_do_not_bring_back_what_is_gone(
    what: str, write: bool, tmp_path: Path
) -> None:
    """A deletion makes no revision: that the triples are older shows by the log alone."""
    triples, older = tmp_path / "s" / "triples", tmp_path / "older"
    with Embedded(str(tmp_path / "s")) as store:
        for name in ("Ada", "Bea"):
            store.write([Create(name, named(name))], "test")
    shutil.copytree(triples, older)
    with Embedded(str(tmp_path / "s")) as store:
        ada = store.read(["Q1"])["Q1"]
        if what == "deleted":
            store.remove(ada, EditInfo())
        else:
            store.redirect(ada, "Q2", EditInfo())
    shutil.rmtree(triples)
    shutil.copytree(older, triples)

    with Embedded(str(tmp_path / "s"), write=write) as store:
        names = store.select("SELECT ?n { ?who <http://www.w3.org/2000/01/rdf-schema#label> ?n }")
        assert [str(name) for (name,) in names.rows] == ["Bea"]


def test_triples_of_other_entities_are_made_anew(tmp_path: Path) -> None:
    """As where the entities alone were taken from a copy of an earlier day."""
    place = tmp_path / "s"
    with Embedded(str(place)) as store:
        store.write([Create("Ada", named("Ada"))], "test")
    shutil.copy(place / "entities.sqlite", tmp_path / "earlier")
    with Embedded(str(place)) as store:
        store.write([Create("Bea", named("Bea"))], "test")
    shutil.copy(tmp_path / "earlier", place / "entities.sqlite")
    with Embedded(str(place)) as store:
        assert not any("Bea" in line for line in store.triples())
        assert_whole(store)
