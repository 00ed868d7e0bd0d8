"""Which pseudonyms are whose: so that nobody counts twice, and `forget` reaches both names.

A private file of its own beside the journals, never part of the Wikibase: it tells whose a
pseudonym is by a salted hash of the username alone. Who has it and the salt of the store can try
usernames out, as with the file that the survey came in. `forget` takes people out of it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

from wbskills.domain import Identity
from wbskills.errors import StoreBusy, StoreError
from wbskills.private_files import private_file

FILE: Final = "pseudonyms.sqlite"
_WAIT: Final = 5.0  # seconds
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS link (
    account BLOB, pseudonym TEXT, PRIMARY KEY (account, pseudonym)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (account BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class Pseudonyms:
    """The links of one store, whose `salt` makes the hashes. A context manager.

    Where `folder` has no such file, or is None, it is one in memory unless it is to be made.
    """

    def __init__(self, folder: Path | None, salt: bytes, *, make: bool = False) -> None:
        self._salt = salt
        self._file = None if folder is None else folder / FILE
        if self._file is not None and make:
            private_file(self._file)
        there = self._file is not None and self._file.exists()
        with self._told():
            self._db = sqlite3.connect(
                str(self._file) if there else ":memory:", isolation_level=None, timeout=_WAIT
            )
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def take_over(self, folder: Path | None) -> None:
        """Copy what stands in a folder, for a dry run."""
        file = None if folder is None else folder / FILE
        if file is None or not file.exists():
            return
        with self._told():
            self._db.execute("ATTACH ? AS other", (str(file),))
            for table in ("link", "forgotten"):
                self._db.execute(
                    f"INSERT OR IGNORE INTO {table} SELECT * FROM other.{table}"  # noqa: S608
                )
            self._db.execute("DETACH other")

    def link(self, account: Identity, pseudonym: Identity) -> None:
        """Note whose a pseudonym is."""
        with self._told():
            self._db.execute(
                "INSERT OR IGNORE INTO link VALUES (?, ?)", (self.hash(account), pseudonym.name)
            )

    def of(self, account: Identity) -> list[Identity]:
        """List the pseudonyms of an account."""
        with self._told():
            rows = self._db.execute(
                "SELECT pseudonym FROM link WHERE account = ?", (self.hash(account),)
            ).fetchall()
        return [Identity("pseudonym", name) for (name,) in rows]

    def accounts(self, pseudonym: Identity) -> set[bytes]:
        """Give the hashes of whose a pseudonym is."""
        with self._told():
            return {
                account
                for (account,) in self._db.execute(
                    "SELECT account FROM link WHERE pseudonym = ?", (pseudonym.name,)
                )
            }

    def forget(self, pseudonym: Identity) -> None:
        """Drop a pseudonym, and note that whose it was is not to be taken in under another."""
        with self._told():
            self._db.execute(
                "INSERT OR IGNORE INTO forgotten SELECT account FROM link WHERE pseudonym = ?",
                (pseudonym.name,),
            )
            self.drop(pseudonym)

    def drop(self, pseudonym: Identity) -> None:
        """Drop a pseudonym, and nothing else."""
        with self._told():
            self._db.execute("DELETE FROM link WHERE pseudonym = ?", (pseudonym.name,))

    def is_forgotten(self, account: Identity) -> bool:
        """Tell whether an account was somebody's who was forgotten under a pseudonym."""
        with self._told():
            row = self._db.execute(
                "SELECT 1 FROM forgotten WHERE account = ?", (self.hash(account),)
            ).fetchone()
        return row is not None

    def hash(self, account: Identity) -> bytes:
        """Give the salted hash of an account."""
        return blake2b(
            str(account).encode(), key=self._salt, digest_size=16, person=b"account"
        ).digest()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise StoreBusy(
                    f"another process is using {self._file}", hint="again in a moment"
                ) from error
            raise StoreError(f"{self._file} cannot be used: {error}", hint="its rights") from error
