"""Copies of a store that do not change while they are read.

A writer merges several files of the triples into one and removes them; Oxigraph, reading them,
may then run forever. So readers open a snapshot: a folder of links to the files of one moment,
`snapshots/PID-…` beside the triples for a process that reads the store, `readers/PID-…` for the
query processes of a server. A store in a folder that cannot be written is copied as a whole.
"""

import os
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

import pyoxigraph as ox

from wbskills.errors import StoreBusy, StoreError
from wbskills.private_files import private_file, private_folder

_OWN: Final = "snapshots"
_SERVED: Final = "readers"
_REBUILDING: Final = ("triples.new", "triples.old")
_COPY: Final = "wbskills-reads-"  # begins the names of copies of whole stores
_TRIES: Final = 20
_PAUSE: Final = 0.05  # seconds


class _Source(Protocol):
    """The store that shared snapshots are taken of."""

    @property
    def edition(self) -> int: ...

    @property
    def triples_folder(self) -> Path | None: ...

    def snapshot(self, folder: Path) -> None: ...


class SharedSnapshots:
    """Snapshots for the query processes of a server: of the newest triples, or still in use.

    `in_use` returns the snapshots that must stay. A new one takes some 20 ms after an edit.
    """

    def __init__(self, store: _Source, triples: Path, in_use: Callable[[], Iterable[str]]) -> None:
        self._store, self._in_use = store, in_use
        self.folder = _new_folder(triples.with_name(_SERVED))
        private_folder(self.folder)
        self._lock = Lock()
        self._numbers = count(1)
        self._newest, self._edition = "", -1

    def hand_out(self, use: Callable[[str], None]) -> None:
        """Call `use` with a snapshot that has all edits made so far; then delete unused ones."""
        with self._lock:
            # Read before copying: an edit in between is in the next snapshot, too.
            edition = self._store.edition
            if edition != self._edition:
                self._newest = str(self.folder / str(next(self._numbers)))
                self._store.snapshot(Path(self._newest))
                self._edition = edition
            use(self._newest)
            kept = {self._newest, *self._in_use()}
            for folder in self.folder.iterdir():
                if str(folder) not in kept:
                    shutil.rmtree(folder, ignore_errors=True)


def take_snapshot(triples: Path) -> Path:
    """Make a snapshot of triples that another process may be writing; the caller deletes it.

    Raises `StoreBusy` if they change all the time, `OSError` if the disk is full.
    """
    for _ in range(_TRIES):
        folder = _new_folder(triples.with_name(_OWN))
        try:
            ox.Store.read_only(str(triples)).backup(str(folder))
        except (RuntimeError, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            if "No space left" in str(error):
                raise
            time.sleep(_PAUSE)
        else:
            return folder
    raise _busy()


def remove_abandoned(triples: Path, *, write: bool) -> None:
    """Delete the snapshots of processes that were killed.

    With `write`, for the process that has the lock: also what an interrupted rebuild left, and
    all snapshots of servers, since no other one can be running.
    """
    if write:
        for name in _REBUILDING:
            shutil.rmtree(triples.with_name(name), ignore_errors=True)
    for folder in (triples.with_name(_OWN), triples.with_name(_SERVED)):
        for each in folder.iterdir() if folder.is_dir() else ():
            is_ours = each.name.startswith(f"{os.getpid()}-")
            if not _is_running(each.name) or (write and folder.name == _SERVED and not is_ours):
                shutil.rmtree(each, ignore_errors=True)


def reader_pids(triples: Path) -> tuple[str, ...]:
    """Return the ids of other processes that read a snapshot of the triples."""
    folder = triples.with_name(_OWN)
    pids = {each.name.partition("-")[0] for each in folder.iterdir()} if folder.is_dir() else set()
    return tuple(sorted(pids - {str(os.getpid())}))


def can_be_written(folder: Path) -> bool:
    """Return whether files can be created in a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


def copy_store(entities: Path, triples: Path) -> Path:
    """Copy a store that cannot be written into a new private folder; the caller deletes it.

    Reading it in place takes files that tell others who reads. Where none can be created, nobody
    can tell whether another machine writes to the same folder, so it is copied as it is at one
    moment. Raises `StoreBusy` if it changes all the time, `StoreError` if it cannot be copied.
    """
    top = Path(tempfile.gettempdir())
    for left in top.glob(f"{_COPY}*"):  # of processes that were killed
        with suppress(OSError):
            is_ours = not left.is_symlink() and left.stat().st_uid == os.getuid()
            if is_ours and not _is_running(left.name.removeprefix(_COPY)):
                shutil.rmtree(left, ignore_errors=True)
    folder = top / f"{_COPY}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        private_folder(folder)
        private_file(folder / entities.name)
        _copy_entities(entities, folder / entities.name)
        with suppress(RuntimeError, OSError):  # they are rebuilt from the entities
            ox.Store.read_only(str(triples)).backup(str(folder / triples.name))
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise StoreError(
            f"{entities.parent} is read-only, and cannot be copied to {top}: {error}",
            hint="make sure that it can be read and that there is space; or set TMPDIR=FOLDER",
        ) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _copy_entities(source: Path, target: Path) -> None:
    for _ in range(_TRIES):
        before = _fingerprint(source)
        if all(Path(f"{source}{end}").exists() for end in ("-wal", "-shm")):
            # A process has it open, or was killed: SQLite knows what belongs together.
            address = f"{source.absolute().as_uri()}?mode=ro"
            with (
                closing(sqlite3.connect(address, uri=True)) as opened,
                closing(sqlite3.connect(target)) as copy,
            ):
                opened.backup(copy)
            return
        for end in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{source}{end}", f"{target}{end}")
        if _fingerprint(source) == before:
            return
        time.sleep(_PAUSE)
    raise _busy()


def _fingerprint(file: Path) -> list[tuple[int, int]]:
    """Return sizes and times of the files of a database, which change when it is written."""
    found = []
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            known = Path(f"{file}{end}").stat()
            found.append((known.st_size, known.st_mtime_ns))
    return found


def _new_folder(parent: Path) -> Path:
    """Return a folder that does not exist yet, named after this process."""
    private_folder(parent)
    return parent / f"{os.getpid()}-{secrets.token_hex(4)}"


def _is_running(name: str) -> bool:
    """Return whether the process after which a folder is named is still running."""
    try:
        os.kill(int(name.partition("-")[0]), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _busy() -> StoreBusy:
    return StoreBusy("another process is writing to this store", hint="try again in a moment")
