"""Encrypting what people have not sent yet, with a key that does not lie beside it.

The key is in the environment, as `WBSKILLS_KEY`, or in a private file of the user's settings.
"""

import os
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from wbskills.errors import StoreError, cannot_write
from wbskills.private_files import open_private, private_folder

VARIABLE: Final = "WBSKILLS_KEY"
FILE: Final = "self-evaluation.key"


class SealBroken(StoreError):
    """Something was encrypted with another key, or changed since."""


class Key:
    """A secret key: encrypts texts, and gives other secrets that are derived from it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._fernet = Fernet(secret)

    def __repr__(self) -> str:
        return "Key(…)"

    @classmethod
    def random(cls) -> "Key":
        """Return a new key, for a Wikibase in memory."""
        return cls(Fernet.generate_key())

    def seal(self, text: str) -> bytes:
        """Encrypt a text; whoever changes the result is found out."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes, seconds: int | None = None) -> str:
        """Decrypt a text. Raises `SealBroken` if it is not ours, or older than some seconds."""
        try:
            return self._fernet.decrypt(sealed, seconds).decode()
        except InvalidToken:
            raise SealBroken(
                "this was encrypted with another key", hint=f"use the key of before: {VARIABLE}"
            ) from None

    def derived(self, purpose: str) -> bytes:
        """Return another secret, always the same for a purpose."""
        return blake2b(purpose.encode(), key=self._secret, digest_size=32).digest()


def load_key(settings: Path) -> Key:
    """Read the key from the environment or a folder of settings, where one is made if needed.

    Raises `StoreError` if it is no key, or others can read it, `WbskillsError` if it cannot be
    written.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        return _parsed(given, f"the variable {VARIABLE}")
    file = settings / FILE
    with suppress(FileExistsError):
        _make(file)
    try:
        with file.open("rb") as opened:
            if os.name == "posix" and os.fstat(opened.fileno()).st_mode & 0o077:
                raise StoreError(
                    f"other users can read {file}, which holds a key", hint=f"chmod 600 {file}"
                )
            return _parsed(opened.read(200).decode("ascii", "replace"), str(file))
    except OSError as error:
        raise StoreError(
            f"the key in {file} cannot be read: {error.strerror}",
            hint=f"use a file that you can read, or the variable {VARIABLE}",
        ) from error


def _make(file: Path) -> None:
    try:
        private_folder(file.parent)
        with open_private(file, "x") as opened:
            opened.write(Fernet.generate_key().decode() + "\n")
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError:
        raise
    except OSError as error:
        raise cannot_write(file, error) from error


def _parsed(text: str, place: str) -> Key:
    try:
        return Key(text.strip().encode())
    except ValueError:
        raise StoreError(
            f"{place} is not a key",
            hint="python -c 'from cryptography.fernet import Fernet as F;"
            " print(F.generate_key().decode())' prints a new one",
        ) from None
