"""A store in a folder that cannot be written is read from a copy of its own.

Reading SQLite and Oxigraph beside a writer takes files that say who reads what. Where none can be
made, nobody could tell whether somebody writes there by another way, such as a folder that is
mounted for reading here and written elsewhere; so the store is copied as it is at one moment.
"""

import os
import secrets
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from wbskills.errors import StoreBusy, StoreError
from wbskills.private_files import private_file, private_folder
from wbskills.wikibase.embedded.triplestore import lives

_NAME: Final = "wbskills-reads-"
_TRIES: Final = 20
_PAUSE: Final = 0.05  # seconds


def can_be_written(folder: Path) -> bool:
    """Tell whether files can be made in a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


def private_copy(ledger: Path, triples: Path) -> Path:
    """Copy a store into a new folder that only we may enter; whoever asks removes it.

    Raises `StoreBusy` if it changes all the time, `StoreError` if it cannot be read or copied.
    """
    top = Path(tempfile.gettempdir())
    _sweep(top)
    made = top / f"{_NAME}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        private_folder(made)
        private_file(made / ledger.name)
        _copy_ledger(ledger, made / ledger.name)
        with suppress(RuntimeError, OSError):  # they are made anew from the entities
            ox.Store.read_only(str(triples)).backup(str(made / triples.name))
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(made, ignore_errors=True)
        raise StoreError(
            f"{ledger.parent} is read-only, and cannot be copied to {top}: {error}",
            hint="the right to read there, and room; TMPDIR=FOLDER names another place",
        ) from error
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return made


def _copy_ledger(source: Path, target: Path) -> None:
    for _ in range(_TRIES):
        before = _seen(source)
        if all(Path(f"{source}{end}").exists() for end in ("-wal", "-shm")):
            # Somebody has it open, or was killed: SQLite knows what belongs together.
            with (
                closing(
                    sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
                ) as opened,
                closing(sqlite3.connect(target)) as copy,
            ):
                opened.backup(copy)
            return
        for end in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{source}{end}", f"{target}{end}")
        if _seen(source) == before:
            return
        time.sleep(_PAUSE)
    raise StoreBusy("another process is writing to this store", hint="again in a moment")


def _seen(file: Path) -> list[tuple[int, int]]:
    """Give what changes when a ledger does: sizes and times of its files."""
    found = []
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            known = Path(f"{file}{end}").stat()
            found.append((known.st_size, known.st_mtime_ns))
    return found


def _sweep(top: Path) -> None:
    """Remove the copies of processes that were killed."""
    for left in top.glob(f"{_NAME}*"):
        with suppress(OSError):
            is_ours = not left.is_symlink() and left.stat().st_uid == os.getuid()
            if is_ours and not lives(left.name.removeprefix(_NAME)):
                shutil.rmtree(left, ignore_errors=True)
