"""Files about people or with secrets, which only their owner can read, whatever the umask."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO, cast

_FOLDER: Final = 0o700
_FILE: Final = 0o600


def private_folder(folder: Path) -> None:
    """Create a folder that only its owner can enter, or restrict it. Raises `OSError`."""
    folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    _restrict(folder, _FOLDER)


def private_file(file: Path) -> None:
    """Create an empty file that only its owner can read, or restrict an existing one.

    Files that SQLite creates beside it get the same rights. Raises `OSError`.
    """
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, _FILE))
    _restrict(file, _FILE)


def open_private(file: Path, mode: str, *, encoding: str = "utf-8", newline: str = "\n") -> TextIO:
    """Open a file for writing that only its owner can read. Raises `OSError`."""
    opened = open(  # noqa: SIM115 - the caller closes it
        file,
        mode,
        encoding=encoding,
        newline=newline,
        opener=lambda name, flags: os.open(name, flags, _FILE),
    )
    _restrict(file, _FILE)
    return cast("TextIO", opened)


def restrict_access(folder: Path) -> None:
    """Restrict a folder and everything in it to its owner, except what others own."""
    _restrict(folder, _FOLDER)
    for place, folders, files in os.walk(folder):
        for name in folders:
            _restrict(Path(place, name), _FOLDER)
        for name in files:
            _restrict(Path(place, name), _FILE)


def _restrict(path: Path, mode: int) -> None:
    with suppress(OSError):  # someone else owns it, or it was deleted
        if not path.is_symlink():
            path.chmod(mode)
