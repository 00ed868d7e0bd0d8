"""What only the embedded Wikibase does: folders, locks, crashes."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wikibase.embedded.people import person
from wbskills.errors import NotFound, StoreBusy, StoreError, StoreTooNew
from wbskills.stores import open_folder
from wbskills.wikibase.embedded.dry_run import DryRun
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.embedded.triplestore import TripleStore
from wbskills.wikibase.model.edits import Change


def test_reading_needs_a_store_and_makes_none(tmp_path: Path) -> None:
    """A report on the wrong folder must not leave an empty store behind."""
    with pytest.raises(NotFound, match="there is no Wikibase"):
        open_folder(str(tmp_path / "none"), write=False)
    assert not (tmp_path / "none").exists()


def test_a_folder_with_other_things_is_not_touched(tmp_path: Path) -> None:
    """Nor is a file."""
    (tmp_path / "thesis.txt").write_text("do not lose me")
    for place in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(StoreError, match="holds no Wikibase"):
            open_folder(str(place))
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """Better than to misread it."""
    open_folder(str(tmp_path / "s")).__exit__()
    with sqlite3.connect(tmp_path / "s" / "entities.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreTooNew, match="99"):
        open_folder(str(tmp_path / "s"))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """One clear message."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "entities.sqlite").write_bytes(os.urandom(5000))
    with pytest.raises(StoreError, match="not a file of wbskills, or it is damaged"):
        open_folder(str(tmp_path / "s"))


def test_one_writes_and_others_read(tmp_path: Path) -> None:
    """A second writer is refused; a reader keeps what it saw when it was opened."""
    place = str(tmp_path / "s")
    named_x = "SELECT ?s { ?s <http://localhost:8181/prop/direct/P1> 'x' }"
    with open_folder(place) as writer:
        writer.write([person(f"Ada {number}", "x") for number in range(30)], "test")
        with pytest.raises(StoreBusy):
            open_folder(place)
        with open_folder(place, write=False) as reader:
            assert list(reader.read(["Q1"])) == ["Q1"]
            assert len(reader.select(named_x).rows) == 30
            writer.write([person(f"Bea {number}", "x") for number in range(30)], "test")
            writer.rebuild()
            assert len(reader.select(named_x).rows) == 30
            assert reader.revision() == 30
        with open_folder(place, write=False) as reader:
            assert reader.revision() == 60
    assert list((tmp_path / "s" / "snapshots").iterdir()) == []


def test_triples_that_lag_behind_catch_up_at_the_next_opening(tmp_path: Path) -> None:
    """As after a crash between the two: here the graph is put back by some edits."""
    place = tmp_path / "s"
    with Embedded(str(place)) as store:
        store.write([person("Ada", "a"), person("Bea", "a", "b")], "test")
    shutil.copytree(place / "triples", tmp_path / "older")
    with Embedded(str(place)) as store:
        guid = store.read(["Q2"])["Q2"].entity.statements[0].id or ""
        store.write([Change(key="", id="Q2", base=2, removed=(guid,))], "test")
        store.write([person("Cleo", "c")], "test")
        expected = sorted(store.triples())
    shutil.rmtree(place / "triples")
    (tmp_path / "older").rename(place / "triples")

    with Embedded(str(place), write=False) as store:
        assert len(store.select("SELECT ?s { ?s ?p 'c' }").rows) == 2
    with Embedded(str(place)) as store:
        assert sorted(store.triples()) == expected


def test_lost_triples_come_back(tmp_path: Path) -> None:
    """They are derived, so a lost folder is no loss."""
    place = tmp_path / "s"
    with Embedded(str(place)) as store:
        store.write([person("Ada", "a")], "test")
        expected = sorted(store.triples())
    shutil.rmtree(place / "triples")
    with Embedded(str(place), write=False) as store:
        assert sorted(store.triples()) == expected


def test_a_rebuild_that_was_broken_off_leaves_the_store_whole(tmp_path: Path) -> None:
    """The new triples are made beside the old ones."""
    place = tmp_path / "s"
    with Embedded(str(place)) as store:
        store.write([person("Ada", "a")], "test")
        expected = sorted(store.triples())
    (place / "triples.new").mkdir()
    (place / "triples").rename(place / "triples.old")
    with Embedded(str(place)) as store:
        assert sorted(store.triples()) == expected
    assert sorted(each.name for each in place.iterdir() if each.is_dir()) == ["triples"]


KILLED = """
import sys, os, signal
from wbskills.wikibase.embedded import revision_store, triplestore
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.edits import Create
from wbskills.wikibase.model.entities import Entity

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

store = Embedded(sys.argv[1])
step = sys.argv[2]
if step == "before the commit":
    revision_store.RevisionStore._index = die
elif step == "before the triples":
    triplestore.TripleStore.apply = die
elif step == "amid the triples":
    triplestore.TripleStore._drop_orphans = die
elif step == "before the note":
    triplestore.TripleStore._note = die
store.write([Create("Bea", Entity(labels={"en": "Bea"}))], "test")
list(store.triples())
"""


@pytest.mark.parametrize(
    ("step", "committed"),
    [
        ("before the commit", False),
        ("before the triples", True),
        ("amid the triples", True),
        ("before the note", True),
    ],
)
def test_a_process_killed_amid_an_edit_leaves_all_of_it_or_nothing(
    step: str, committed: bool, tmp_path: Path
) -> None:
    """Entities and triples agree at the next opening."""
    place = str(tmp_path / "s")
    with Embedded(place) as store:
        store.write([person("Ada", "a")], "test")

    ended = subprocess.run([sys.executable, "-c", KILLED, place, step], check=False)

    assert ended.returncode == -signal.SIGKILL
    with Embedded(place) as store:
        assert ("Q2" in store.read(["Q2"])) is committed
        after = sorted(store.triples())
        store.rebuild()
        assert sorted(store.triples()) == after


def test_a_kept_answer_is_that_of_the_query_until_something_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All kinds of cells come back as they were; after an edit the query is run again."""
    monkeypatch.setattr("wbskills.wikibase.embedded.derived._SLOW", -1)
    cells = (
        "SELECT ?i ?t ?n ?d ?day ?moment ?yes ?none { VALUES (?i ?t ?n ?d ?day ?moment ?yes) {"
        " (<http://example.org/Q1> 'text' 3 1.5"
        " '2026-03-04T00:00:00Z'^^<http://www.w3.org/2001/XMLSchema#dateTime>"
        " '2026-03-04T05:06:07Z'^^<http://www.w3.org/2001/XMLSchema#dateTime> true) } }"
    )
    labels = "SELECT ?l { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?l } ORDER BY ?l"
    with Embedded(str(tmp_path / "s")) as store:
        store.write([person("Ada")], "test")
        first = (store.select(cells), store.select(labels))
    with Embedded(str(tmp_path / "s")) as store:
        asked: list[str] = []
        monkeypatch.setattr(TripleStore, "select", lambda _, text: asked.append(text))
        assert (store.select(cells), store.select(labels)) == first
        assert asked == []
        monkeypatch.undo()
        store.write([person("Bea")], "test")
        assert [row[0] for row in store.select(labels).rows] == ["Ada", "Bea"]


def test_a_spoilt_cache_is_no_trouble(tmp_path: Path) -> None:
    """It is only there to save time."""
    with Embedded(str(tmp_path / "s")) as store:
        store.write([person("Ada", "x")], "test")
    (tmp_path / "s" / "answers.sqlite").write_bytes(os.urandom(3000))
    with Embedded(str(tmp_path / "s")) as store:
        assert len(store.select("SELECT ?s { ?s ?p 'x' }").rows) == 2


def test_a_rehearsal_sees_its_edits_and_the_store_does_not(tmp_path: Path) -> None:
    """A dry run plans the second answer of a person on top of the first."""
    with Embedded(str(tmp_path / "s")) as store:
        store.write([person("Ada", "a")], "test")
        rehearsal = DryRun(store)

        (made,) = rehearsal.write([person("Bea", "b")], "test")
        rehearsal.write([Change(key="", id="Q1", base=1, labels={"de": "Ada"})], "test")

        assert rehearsal.read([made.id])[made.id].entity.labels == {"en": "Bea"}
        assert rehearsal.read(["Q1"])["Q1"].entity.labels == {"en": "Ada", "de": "Ada"}
        assert store.revision() == 1
        assert store.read(["Q1"])["Q1"].entity.labels == {"en": "Ada"}
