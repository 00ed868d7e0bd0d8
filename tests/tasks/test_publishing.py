"""A site is put in its place as a whole, or not at all."""

import errno
import gc
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.made_up import Survey, content
from wbskills.errors import InvalidValue, WbskillsError
from wbskills.report.content import Content
from wbskills.report.site import Report, pages
from wbskills.tasks.reports import MARK, publish


@pytest.fixture(scope="module")
def small() -> Content:
    """What a small site is made from."""
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
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != MARK)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_the_files_are_the_pages(small: Content, tmp_path: Path) -> None:
    """What is written is what the site says of itself, and is counted."""
    count = publish(small, tmp_path / "site")
    files = read(tmp_path / "site")
    assert files == {page.path: page.body for page in pages(small)}
    assert count == len(files)


def test_a_site_takes_the_place_of_the_one_before(small: Content, tmp_path: Path) -> None:
    """Nothing of the old one stays, and nothing else is left behind."""
    publish(small, tmp_path / "site")
    (tmp_path / "site" / "old.html").touch()
    publish(replace(small, title="The second"), tmp_path / "site")
    assert b"The second" in (tmp_path / "site" / "index.html").read_bytes()
    assert not (tmp_path / "site" / "old.html").exists()
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


def test_a_site_that_cannot_be_put_in_place_gives_it_back(
    small: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one steps aside for a moment only."""
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


def test_what_cannot_be_written_is_named(small: Content, tmp_path: Path) -> None:
    """One message with the file, and what to try."""
    (tmp_path / "file").touch()
    with pytest.raises(WbskillsError, match=r"file.+ cannot be written"):
        publish(small, tmp_path / "file" / "site")


def test_tables_that_are_no_report_are_told_before_anything_is_written(
    small: Content, tmp_path: Path
) -> None:
    """The old site stays, too."""
    with pytest.raises(InvalidValue, match="needs the table"):
        publish(replace(small, tables={}), tmp_path / "site")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_as_it_was(small: Content, tmp_path: Path, *, on: bool) -> None:
    """It rests while a site is made, and only then, whatever happens."""
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
