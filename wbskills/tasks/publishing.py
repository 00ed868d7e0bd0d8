"""Publishing a site: completely or not at all, and never over other files.

A built site has a marker file that lists its files. A folder is replaced only if all of its files
are in that list. While a site is being written or replaced, its marker is locked; an unfinished
site whose marker is not locked was left behind by a build that was killed.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Final

from wbskills.bulk import gc_paused
from wbskills.errors import WbskillsError, cannot_write
from wbskills.report.content import Content
from wbskills.report.site import Report

MARKER: Final = ".wbskills-report"
_HEAD: Final = "wbskills report: the files below were made by `wbskills report build`"
_SHOWN: Final = 3  # files of others that an error names


def refuse_other_files(folder: Path, *, named: Path | None = None) -> None:
    """Raise `WbskillsError` if a folder has files of others; errors call it `named`."""
    folder = folder.resolve()
    named = named or folder
    if not folder.exists():
        return
    if not folder.is_dir():
        raise WbskillsError(f"{named} is a file", hint="use a new folder")
    if not any(folder.iterdir()):
        return
    listed = _listed(folder)
    if listed is None:
        raise WbskillsError(
            f"{named} exists, but it is not a report folder with a list of its files",
            hint=f"use a new folder; if you need nothing in this one, run “rm -r"
            f" {quote(str(named))}”",
        )
    strangers = sorted(_strangers(folder, listed))
    if strangers:
        more = len(strangers) - _SHOWN
        shown = ", ".join(strangers[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        raise WbskillsError(
            f"{named} has files that no report made: {shown}",
            hint="move them to another folder, or use a new folder for the report",
        )


def publish(
    content: Content,
    folder: Path,
    *,
    report: Callable[[Content], Report] = Report,
    allowed: Callable[[], object] = lambda: None,
) -> int:
    """Write a site in place of the one in a folder; returns the number of its files.

    `allowed` is called before the site is published, and raises if it must not be. Whatever goes
    wrong, the folder stays unchanged. Raises `WbskillsError` if the tables are not what a report
    needs, the folder has other files, or a file cannot be written.
    """
    folder = folder.resolve()
    refuse_other_files(folder)
    _sweep(folder)
    made = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
    try:
        with gc_paused():
            site = report(content)
        with _locked_folder(made, site), _locked(folder):
            _write(site, made)
            allowed()
            _replace(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return len(site.paths)


@contextmanager
def _locked_folder(folder: Path, report: Report) -> Iterator[None]:
    """Create the folder of a site; its marker is locked until the site is published."""
    try:
        folder.mkdir(parents=True)
        (folder / MARKER).touch()
    except OSError as error:
        raise cannot_write(folder, error) from error
    with _locked(folder):
        # `_sweep` leaves an empty marker alone, so it is locked before it is written.
        text = "".join(f"{line}\n" for line in (_HEAD, *report.paths))
        try:
            (folder / MARKER).write_text(text, encoding="utf-8")
        except OSError as error:
            raise cannot_write(folder / MARKER, error) from error
        yield


def _write(report: Report, folder: Path) -> None:
    file = folder
    try:
        with gc_paused():
            for name in {path.rpartition("/")[0] for path in report.paths}:
                (folder / name).mkdir(parents=True, exist_ok=True)
            for path in report.paths:
                file = folder / path
                with file.open("wb") as opened:
                    opened.writelines(report.pieces(path) or ())
    except OSError as error:
        raise cannot_write(file, error) from error


def take_down(folder: Path) -> None:
    """Remove a site that must not be read, and what interrupted builds of it left behind."""
    folder = folder.resolve()
    _sweep(folder)
    refuse_other_files(folder)
    if folder.exists():
        _remove(folder)


def _replace(made: Path, folder: Path) -> None:
    old = made.with_name(f"{made.name}.old")
    try:
        if folder.exists():
            folder.rename(old)
            refuse_other_files(old, named=folder)  # files may have been added meanwhile
        made.rename(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
    _remove(old)


def _sweep(folder: Path) -> None:
    """Remove what interrupted builds of this site left behind."""
    name = re.compile(rf"{re.escape(folder.name)}\.[0-9a-f]{{8}}(\.old)?")
    if not folder.parent.is_dir():
        return
    for left in [each for each in folder.parent.iterdir() if name.fullmatch(each.name)]:
        with suppress(OSError), _locked(left, wait=False) as locked:
            if locked and left.suffix == ".old" and not folder.exists():
                left.rename(folder)  # killed after the old site was moved away
            elif locked:
                _remove(left)


def _listed(folder: Path) -> frozenset[str] | None:
    """Read the list of files of a site; None if there is none."""
    try:
        head, *files = (folder / MARKER).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return frozenset([MARKER, *files]) if head == _HEAD else None


def _strangers(folder: Path, listed: frozenset[str]) -> Iterator[str]:
    """List files, links and empty folders that do not belong to a site."""
    folders = {parent.as_posix() for path in listed for parent in Path(path).parents}
    for top, below, files in os.walk(folder):
        place = Path(top).relative_to(folder)
        for name in tuple(below):
            path = (place / name).as_posix()
            if path not in folders or (folder / path).is_symlink():
                below.remove(name)
                yield f"{path}/"
        yield from (path for name in files if (path := (place / name).as_posix()) not in listed)


def _remove(folder: Path) -> None:
    """Remove a site, unless its folder has files of others."""
    listed = _listed(folder)
    if listed is None or any(_strangers(folder, listed)):
        return
    with suppress(OSError):
        for path in listed - {MARKER}:  # the marker last: after a kill it shows the rest
            (folder / path).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[bool]:
    """Lock the marker of a site; yields False if it cannot be locked, as on Windows."""
    try:
        import fcntl

        opened = (folder / MARKER).open("rb")
    except (ImportError, OSError):  # not on Windows
        yield False
        return
    with opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            yield False
        else:
            yield True
