"""A store that cannot be written is read all the same, and as it is; nothing is left behind."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity

READ = """
import json, sys
from pathlib import Path
from wbskills.stores import open_folder
with open_folder(sys.argv[1], write=False) as store:
    rows = store.select("SELECT ?l { ?x <http://www.w3.org/2000/01/rdf-schema#label> ?l }").rows
    labels = [each.entity.labels["en"] for each in store.read(["Q1", "Q2", "Q3"]).values()]
    print(json.dumps([sorted(str(row[0]) for row in rows), labels]))
"""
KILLED = """
import os, sys
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
store = Embedded(sys.argv[1])
store.revise(Entity(labels={"en": "Bea"}), None, EditInfo())
os._exit(9)
"""
ALONE = (shutil.which("unshare") or "", "--user", "--map-root-user", "--mount")
MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


def read_only(folder: Path, temporary: Path) -> list[list[str]]:
    """Read a store through a mount that is read-only: labels by a query, and of entities."""
    command = [
        *(*ALONE, "sh", "-c", MOUNTED, str(folder)),
        *(sys.executable, "-c", READ, str(folder)),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files, in which nothing may be left."""
    if not ALONE[0] or subprocess.run([*ALONE, "true"], check=False).returncode:
        pytest.skip("this system lets nobody mount a folder as read-only")
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []


def test_a_store_that_was_closed_is_read(tmp_path: Path, temporary: Path) -> None:
    """SQLite and Oxigraph want to write for reading, too."""
    place = tmp_path / "wikibase"
    with Embedded(str(place)) as store:
        store.revise(Entity(labels={"en": "Ada"}), None, EditInfo())
    before = contents(place)

    assert read_only(place, temporary) == [["Ada"], ["Ada"]]
    assert contents(place) == before


def test_what_a_killed_writer_left_in_the_log_is_read(tmp_path: Path, temporary: Path) -> None:
    """The newest edit stands in no file but SQLite's log, and in no triples."""
    place = tmp_path / "wikibase"
    with Embedded(str(place)) as store:
        store.revise(Entity(labels={"en": "Ada"}), None, EditInfo())
    killed = subprocess.run([sys.executable, "-c", KILLED, str(place)], check=False)
    assert killed.returncode == 9
    assert (place / "entities.sqlite-wal").stat().st_size
    assert read_only(place, temporary) == [["Ada", "Bea"], ["Ada", "Bea"]]

    (place / "entities.sqlite-shm").unlink()  # as where the files were copied from elsewhere
    assert read_only(place, temporary) == [["Ada", "Bea"], ["Ada", "Bea"]]


def test_a_store_that_is_written_by_another_way_is_read(tmp_path: Path, temporary: Path) -> None:
    """As where a container mounts a folder for reading, and a server writes it."""
    place = tmp_path / "wikibase"
    with Embedded(str(place)) as store:
        store.revise(Entity(labels={"en": "Ada"}), None, EditInfo())
        assert read_only(place, temporary) == [["Ada"], ["Ada"]]
        store.revise(Entity(labels={"en": "Bea"}), None, EditInfo())
        assert read_only(place, temporary) == [["Ada", "Bea"], ["Ada", "Bea"]]


def test_damaged_triples_are_made_anew_in_the_copy(tmp_path: Path, temporary: Path) -> None:
    """They follow from the entities."""
    place = tmp_path / "wikibase"
    with Embedded(str(place)) as store:
        store.revise(Entity(labels={"en": "Ada"}), None, EditInfo())
    (place / "triples" / "CURRENT").write_text("MANIFEST-999999\n")

    assert read_only(place, temporary) == [["Ada"], ["Ada"]]


def test_copies_of_killed_readers_are_swept(tmp_path: Path, temporary: Path) -> None:
    """Those whose process is gone, and no others."""
    place = tmp_path / "wikibase"
    with Embedded(str(place)) as store:
        store.revise(Entity(labels={"en": "Ada"}), None, EditInfo())
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left, held = (
        temporary / f"wbskills-reads-{number}-abcd" for number in (gone.pid, os.getpid())
    )
    left.mkdir()
    held.mkdir()
    read_only(place, temporary)
    assert list(temporary.iterdir()) == [held]
    held.rmdir()
