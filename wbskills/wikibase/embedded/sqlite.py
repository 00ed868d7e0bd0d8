"""What several SQLite files of a store share: reading a script, and files that may be lost."""

import re
import sqlite3
from contextlib import suppress
from pathlib import Path

from wbskills.private_files import private_file

_COMMENT = re.compile(r"(?m)^\s*--.*\n")


def statements(file: Path) -> tuple[str, ...]:
    """Read the statements of a script, each ended by a semicolon at the end of a line.

    Unlike `executescript` this leaves a transaction open that they are to be part of.
    """
    plain = _COMMENT.sub("", file.read_text(encoding="utf-8"))
    return tuple(part.strip() for part in plain.split(";\n") if part.strip())


def open_losable(file: str | Path) -> sqlite3.Connection:
    """Open a file that can be made anew at any time, so nobody waits for the disk or for others.

    Raises `sqlite3.Error`; the file may be damaged, or somebody else's just now.
    """
    if str(file) != ":memory:":
        with suppress(OSError):  # SQLite tells what is wrong
            private_file(Path(file))
    db = sqlite3.connect(file, isolation_level=None, timeout=0.1, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")  # it may be lost
        db.execute("PRAGMA secure_delete = ON")  # who was removed is gone from here too
    except sqlite3.Error:
        db.close()
        raise
    return db


def lose(file: str | Path) -> None:
    """Take such a file away, with what stands beside it."""
    for end in ("", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{file}{end}").unlink()
