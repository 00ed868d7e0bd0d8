"""Files that tell of people or hold secrets: only their owner reads them, whatever the umask."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO, cast

_FOLDER: Final = 0o700
_FILE: Final = 0o600


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner enters, or make one such. Raises `OSError`."""
    folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    _tighten(folder, _FOLDER)


def private_file(file: Path) -> None:
    """Make an empty file that only its owner reads; one that is there becomes one.

    What SQLite puts beside a file gets the rights of that file. Raises `OSError`.
    """
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, _FILE))
    _tighten(file, _FILE)


def open_private(file: Path, mode: str, *, encoding: str = "utf-8", newline: str = "\n") -> TextIO:
    """Open a file for writing that only its owner reads. Raises `OSError`."""
    opened = open(  # noqa: SIM115 - whoever asks closes it
        file,
        mode,
        encoding=encoding,
        newline=newline,
        opener=lambda name, flags: os.open(name, flags, _FILE),
    )
    _tighten(file, _FILE)
    return cast("TextIO", opened)


def restrict_access(folder: Path) -> None:
    """Let nobody but the owner read what is in a folder, as far as it is ours."""
    _tighten(folder, _FOLDER)
    for place, folders, files in os.walk(folder):
        for name in folders:
            _tighten(Path(place, name), _FOLDER)
        for name in files:
            _tighten(Path(place, name), _FILE)


def _tighten(path: Path, mode: int) -> None:
    with suppress(OSError):  # it is somebody else's, or gone by now
        if not path.is_symlink():
            path.chmod(mode)
