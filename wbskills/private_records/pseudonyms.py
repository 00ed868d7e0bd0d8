"""Which pseudonyms belong to which usernames, so that nobody counts twice.

A private file next to the journals, never part of the Wikibase. It has salted hashes of the
usernames: anyone with the file and the salt can try usernames out, as with the survey file
itself. `forget` removes people from it.
"""

from contextlib import AbstractContextManager
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

from wbskills.domain import PSEUDONYM, Identity
from wbskills.private_files import private_file
from wbskills.wikibase.sqlite import MEMORY, connect, store_errors

FILE: Final = "pseudonyms.sqlite"
_WAIT: Final = 5.0  # seconds
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS link (
    account BLOB, pseudonym TEXT, PRIMARY KEY (account, pseudonym)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (account BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class Pseudonyms:
    """The links of one Wikibase, whose `salt` is that of the hashes. A context manager.

    Without a folder or a file in it, the links are kept in memory, unless `make` creates one.
    """

    def __init__(self, folder: Path | None, salt: bytes, *, make: bool = False) -> None:
        self._salt = salt
        self._file = None if folder is None else folder / FILE
        if self._file is not None and make:
            private_file(self._file)
        there = self._file is not None and self._file.exists()
        with self._translated():
            self._db = connect(str(self._file) if there else MEMORY, wait=_WAIT)
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def take_over(self, folder: Path | None) -> None:
        """Copy the links of a folder, for a dry run."""
        file = None if folder is None else folder / FILE
        if file is None or not file.exists():
            return
        with self._translated():
            self._db.execute("ATTACH ? AS other", (str(file),))
            for table in ("link", "forgotten"):
                self._db.execute(
                    f"INSERT OR IGNORE INTO {table} SELECT * FROM other.{table}"  # noqa: S608
                )
            self._db.execute("DETACH other")

    def link(self, account: Identity, pseudonym: Identity) -> None:
        """Record that a pseudonym belongs to an account."""
        with self._translated():
            self._db.execute(
                "INSERT OR IGNORE INTO link VALUES (?, ?)", (self.hash(account), pseudonym.name)
            )

    def pseudonyms(self, account: Identity) -> list[Identity]:
        """List the pseudonyms of an account."""
        with self._translated():
            rows = self._db.execute(
                "SELECT pseudonym FROM link WHERE account = ?", (self.hash(account),)
            ).fetchall()
        return [Identity(PSEUDONYM, name) for (name,) in rows]

    def accounts(self, pseudonym: Identity) -> set[bytes]:
        """Return the hashes of the usernames of a pseudonym."""
        with self._translated():
            return {
                account
                for (account,) in self._db.execute(
                    "SELECT account FROM link WHERE pseudonym = ?", (pseudonym.name,)
                )
            }

    def forget(self, pseudonym: Identity) -> None:
        """Remove a pseudonym, and block its owner from imports under another one."""
        with self._translated():
            self._db.execute(
                "INSERT OR IGNORE INTO forgotten SELECT account FROM link WHERE pseudonym = ?",
                (pseudonym.name,),
            )
            self.drop(pseudonym)

    def drop(self, pseudonym: Identity) -> None:
        """Remove a pseudonym without blocking anyone."""
        with self._translated():
            self._db.execute("DELETE FROM link WHERE pseudonym = ?", (pseudonym.name,))

    def lift_block(self, account: Identity) -> bool:
        """Let the owner of an account come back; False if they were not blocked."""
        with self._translated():
            found = self._db.execute(
                "DELETE FROM forgotten WHERE account = ?", (self.hash(account),)
            )
        return found.rowcount > 0

    def is_forgotten(self, account: Identity) -> bool:
        """Whether the owner of an account was forgotten under a pseudonym."""
        with self._translated():
            row = self._db.execute(
                "SELECT 1 FROM forgotten WHERE account = ?", (self.hash(account),)
            ).fetchone()
        return row is not None

    def hash(self, account: Identity) -> bytes:
        """Return the salted hash of an account."""
        return blake2b(
            str(account).encode(), key=self._salt, digest_size=16, person=b"account"
        ).digest()

    def _translated(self) -> AbstractContextManager[None]:
        return store_errors(str(self._file), "check the permissions of this file")
