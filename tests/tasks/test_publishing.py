"""A site is put in its place as a whole, or not at all."""

import errno
import gc
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.made_up import Survey, content, site_of
from wbskills.errors import InvalidValue, WbskillsError
from wbskills.report.content import Content
from wbskills.report.site import Report
from wbskills.tasks.publishing import MARKER, publish


@pytest.fixture(scope="module")
def small() -> Content:
    """The content of a small site."""
    return content(Survey(communities=3, skills=6, people=5))


class Broken(Report):
    """A site of which one page in the middle cannot be made."""

    fault: BaseException = ValueError("a fault of ours")

    def pieces(self, path: str) -> Iterable[bytes] | None:
        """Make one file, or fail."""
        if path.startswith("people/"):
            raise self.fault
        return super().pieces(path)


def read(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by path."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != MARKER)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_the_files_are_the_pages(small: Content, tmp_path: Path) -> None:
    """All pages of the site are written and counted."""
    count = publish(small, tmp_path / "site")
    files = read(tmp_path / "site")
    assert files == site_of(small)
    assert count == len(files)


def test_a_site_takes_the_place_of_the_one_before(small: Content, tmp_path: Path) -> None:
    """Nothing of the old site stays, and no temporary files are left."""
    publish(content(Survey(communities=3, skills=9, people=9)), tmp_path / "site")
    before = read(tmp_path / "site")
    second = replace(small, title="The second")
    publish(second, tmp_path / "site")
    after = read(tmp_path / "site")
    assert after == site_of(second)
    assert before.keys() - after.keys()
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ValueError("a fault of ours"), ValueError),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (OSError(errno.ENOSPC, "No space left on device"), WbskillsError),
    ],
)
def test_a_failure_leaves_the_old_site_and_no_litter(
    small: Content,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
    told: type[BaseException],
) -> None:
    """Also Ctrl-C, and faults that are ours."""
    publish(small, tmp_path / "site")
    before = read(tmp_path / "site")
    monkeypatch.setattr(Broken, "fault", fault)
    with pytest.raises(told):
        publish(replace(small, title="The second"), tmp_path / "site", report=Broken)
    assert read(tmp_path / "site") == before
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


def test_a_site_that_cannot_be_published_leaves_the_old_one(
    small: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old site is moved away only for a moment."""
    publish(small, tmp_path / "site")
    before = read(tmp_path / "site")
    rename = Path.rename

    def held(self: Path, target: Path) -> Path:
        if self.suffix != ".old" and target.name == "site":
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(WbskillsError, match=r"site cannot be written: Device or resource busy"):
        publish(replace(small, title="The second"), tmp_path / "site")
    assert read(tmp_path / "site") == before
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("strange", [".git/config", "notes.txt", "people/my notes.txt", "empty/"])
def test_what_no_report_made_is_never_removed(
    small: Content, tmp_path: Path, strange: str
) -> None:
    """The report is refused with the names of what is in its way, and all stays as it was."""
    site = tmp_path / "site"
    publish(small, site)
    file = site / strange
    if strange.endswith("/"):
        file.mkdir()
    else:
        file.parent.mkdir(exist_ok=True)
        file.write_text("mine")
    before = read(tmp_path)
    with pytest.raises(WbskillsError, match=strange.partition("/")[0]):
        publish(replace(small, title="The second"), site)
    assert read(tmp_path) == before
    assert file.exists()


@pytest.mark.parametrize("mark", ["", "notes.txt\n", "\udcff"])
def test_a_mark_that_lists_nothing_gives_nothing_up(
    small: Content, tmp_path: Path, mark: str
) -> None:
    """A planted marker cannot make a report delete a folder."""
    site = tmp_path / "site"
    site.mkdir()
    (site / MARKER).write_bytes(mark.encode(errors="surrogateescape"))
    (site / "notes.txt").write_text("mine")
    with pytest.raises(WbskillsError, match="is not a report folder"):
        publish(small, site)
    assert (site / "notes.txt").read_text() == "mine"


def test_what_came_while_the_site_was_made_stays(small: Content, tmp_path: Path) -> None:
    """The folder is checked again when the old site is moved away."""
    site = tmp_path / "site"
    publish(small, site)

    def slow(content: Content) -> Report:
        (site / "notes.txt").write_text("mine")
        return Report(content)

    with pytest.raises(WbskillsError, match=r"site has files that no report made: notes\.txt"):
        publish(small, site, report=slow)
    assert (site / "notes.txt").read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


KILLED = """
import os, sys
from pathlib import Path
from tests.report.made_up import Survey, content
from wbskills.report.site import Report
from wbskills.tasks import publishing

class Killed(Report):
    def pieces(self, path):
        if path.startswith("people/"):
            if sys.argv[2] == "wait":
                print("writing", flush=True)
                sys.stdin.read()
            os._exit(9)
        return super().pieces(path)

if sys.argv[2] == "swap":
    rename = Path.rename
    def once(self, target):
        rename(self, target)
        os._exit(9)
    Path.rename = once
    Killed = Report
publishing.publish(content(Survey(3, 6, 5)), Path(sys.argv[1]), report=Killed)
"""


@contextmanager
def killed(site: Path, when: str) -> "Iterator[subprocess.Popen[str]]":
    """A build in a process of its own that dies, or waits, while it writes or puts in place."""
    command = [sys.executable, "-c", KILLED, str(site), when]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        yield running


def test_what_a_killed_build_left_is_swept_by_the_next(small: Content, tmp_path: Path) -> None:
    """At any moment; an old site that was moved away is not lost."""
    site = tmp_path / "site"
    publish(small, site)
    before = read(site)
    for when in ("write", "swap"):
        with killed(site, when) as running:
            assert running.wait(30) == 9
    assert not site.exists()
    assert len([*tmp_path.iterdir()]) == 2  # the first was swept by the second
    with pytest.raises(InvalidValue):
        publish(replace(small, tables={}), site)
    assert read(site) == before
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


def test_what_is_not_a_left_over_of_a_killed_build_is_not_swept(
    small: Content, tmp_path: Path
) -> None:
    """Neither a build that still runs nor a folder with a similar name."""
    site, mine = tmp_path / "site", tmp_path / "site.0123abcd"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    with killed(site, "wait") as running:
        assert running.stdout
        assert running.stdout.readline() == "writing\n"
        publish(small, site)
        assert len([*tmp_path.iterdir()]) == 3
    publish(small, site)
    assert {each.name for each in tmp_path.iterdir()} == {"site", "site.0123abcd"}
    assert (mine / "notes.txt").read_text() == "mine"


def test_what_cannot_be_written_is_named(small: Content, tmp_path: Path) -> None:
    """One message with the file, and what to try."""
    (tmp_path / "file").touch()
    with pytest.raises(WbskillsError, match=r"file.+ cannot be written"):
        publish(small, tmp_path / "file" / "site")


def test_unsuitable_tables_are_reported_before_anything_is_written(
    small: Content, tmp_path: Path
) -> None:
    """The old site stays, too."""
    with pytest.raises(InvalidValue, match="needs the table"):
        publish(replace(small, tables={}), tmp_path / "site")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_it_was(small: Content, tmp_path: Path, *, on: bool) -> None:
    """The garbage collector is paused only while a site is built, also on errors."""
    was_on = gc.isenabled()
    seen = []

    def watched(given: Content) -> Report:
        seen.append(gc.isenabled())
        return Broken(given)

    try:
        (gc.enable if on else gc.disable)()
        with pytest.raises(ValueError, match="ours"):
            publish(small, tmp_path / "site", report=watched)
        assert gc.isenabled() is on
    finally:
        (gc.enable if was_on else gc.disable)()
    assert seen == [False]
