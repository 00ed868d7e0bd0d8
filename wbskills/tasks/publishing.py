"""Putting a site in its place: as a whole or not at all, and never over what it did not make.

A built site carries a mark that lists its files. Only a folder whose every file stands in its
own mark is replaced. While a site is being written or replaced its mark is locked, so that one
whose lock is free was left behind by a build that was killed.
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

from wbskills.errors import WbskillsError
from wbskills.memory import gc_paused
from wbskills.report.content import Content
from wbskills.report.site import Report
from wbskills.tasks.files import cannot_write

MARK: Final = ".wbskills-report"
_HEAD: Final = "wbskills report: the files below were made by `wbskills report build`"
_TOLD: Final = 3  # files of somebody else that a refusal names


def make_sure_it_is_ours(folder: Path, *, named: Path | None = None) -> None:
    """Raise `WbskillsError` if a folder holds what no report made; `named` is told as its name."""
    folder = folder.resolve()
    named = named or folder
    if not folder.exists():
        return
    if not folder.is_dir():
        raise WbskillsError(f"{named} is a file", hint="a new folder")
    if not any(folder.iterdir()):
        return
    listed = _listed(folder)
    if listed is None:
        raise WbskillsError(
            f"{named} is there already and holds no report with a list of its files",
            hint=f"a new folder; if nothing in this one is needed, rm -r {quote(str(named))}",
        )
    strangers = sorted(_strangers(folder, listed))
    if strangers:
        more = len(strangers) - _TOLD
        told = ", ".join(strangers[:_TOLD]) + (f" and {more} more" if more > 0 else "")
        raise WbskillsError(
            f"{named} holds what no report made: {told}",
            hint="moving that to another folder, or a new folder for the report",
        )


def publish(
    content: Content,
    folder: Path,
    *,
    report: Callable[[Content], Report] = Report,
    allowed: Callable[[], object] = lambda: None,
) -> int:
    """Write a site in place of the one in a folder; gives the number of its files.

    `allowed` is asked before the site takes its place, and raises where it must not. Whatever
    goes wrong, the folder stays as it was. Raises `WbskillsError` if the tables are not
    what a report needs, the folder holds other things, or a file cannot be written.
    """
    folder = folder.resolve()
    make_sure_it_is_ours(folder)
    _sweep(folder)
    made = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
    try:
        with gc_paused():
            site = report(content)
        with _begun(made, site), _locked(folder):
            _write(site, made)
            allowed()
            _put_in_place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return len(site.paths)


@contextmanager
def _begun(folder: Path, report: Report) -> Iterator[None]:
    """Make the folder of a site with its mark, which is locked until the site is in its place."""
    try:
        folder.mkdir(parents=True)
        (folder / MARK).touch()
    except OSError as error:
        raise cannot_write(folder, error) from error
    with _locked(folder):
        # Who sweeps leaves an empty mark alone, so it is locked before anything stands in it.
        text = "".join(f"{line}\n" for line in (_HEAD, *report.paths))
        try:
            (folder / MARK).write_text(text, encoding="utf-8")
        except OSError as error:
            raise cannot_write(folder / MARK, error) from error
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
    """Remove a site that must not be read, and what killed builds of it left behind."""
    folder = folder.resolve()
    _sweep(folder)
    make_sure_it_is_ours(folder)
    if folder.exists():
        _remove(folder)


def _put_in_place(made: Path, folder: Path) -> None:
    old = made.with_name(f"{made.name}.old")
    try:
        if folder.exists():
            folder.rename(old)
            make_sure_it_is_ours(old, named=folder)  # it may have been filled meanwhile
        made.rename(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
    _remove(old)


def _sweep(folder: Path) -> None:
    """Remove what builds of this site left behind that were killed."""
    name = re.compile(rf"{re.escape(folder.name)}\.[0-9a-f]{{8}}(\.old)?")
    if not folder.parent.is_dir():
        return
    for left in [each for each in folder.parent.iterdir() if name.fullmatch(each.name)]:
        with suppress(OSError), _locked(left, wait=False) as locked:
            if locked and left.suffix == ".old" and not folder.exists():
                left.rename(folder)  # killed when the old site had just stepped aside
            elif locked:
                _remove(left)


def _listed(folder: Path) -> frozenset[str] | None:
    """Read which files a site has by its mark; None if there is no mark that lists them."""
    try:
        head, *files = (folder / MARK).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return frozenset([MARK, *files]) if head == _HEAD else None


def _strangers(folder: Path, listed: frozenset[str]) -> Iterator[str]:
    """Find what is in a folder and not in its list: files, links, and folders of no file."""
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
    """Remove a site, unless anything is in its folder that its mark does not list."""
    listed = _listed(folder)
    if listed is None or any(_strangers(folder, listed)):
        return
    with suppress(OSError):
        for path in listed - {MARK}:  # the mark goes last: by it the rest is found after a kill
            (folder / path).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the mark of a site, if it has one and the system has such locks; tells whether."""
    try:
        import fcntl

        opened = (folder / MARK).open("rb")
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
