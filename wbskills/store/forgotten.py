"""Who asked to be forgotten: salted keys of names, so that no later import brings them back.

A file of its own beside the journals, which only its owner can read. It holds no name, but who
has the file can try names out: usernames are public. It can be copied to others who import into
the same Wikibase; what two such files hold can be joined by `take_over`.
"""

import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Final

from wbskills.errors import StoreError
from wbskills.model.skills import Identity

FILE: Final = "forgotten.json"
_FORM: Final = 1


class Forgotten:
    """The people whom a Wikibase must not take in again; without a folder, only in memory.

    Raises `StoreError` if the file is damaged: then nothing may be imported.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / FILE
        self._salts: dict[str, set[str]] = {}
        if self._file is not None and self._file.exists():
            self._salts = _read(self._file)

    def __len__(self) -> int:
        return sum(map(len, self._salts.values()))

    def __contains__(self, identity: object) -> bool:
        return isinstance(identity, Identity) and any(
            _key(identity, salt) in keys for salt, keys in self._salts.items()
        )

    def add(self, identity: Identity) -> bool:
        """Block somebody; False if that was done before. When this returns, it is on the disk."""
        if identity in self:
            return False
        salt = next(iter(self._salts), "") or secrets.token_hex(16)
        self._salts.setdefault(salt, set()).add(_key(identity, salt))
        self._keep()
        return True

    def take_over(self, other: Path) -> int:
        """Block everybody whom the file of another machine blocks; gives the number of new ones.

        Raises `StoreError` if that file is not there or damaged.
        """
        before = len(self)
        for salt, keys in _read(other).items():
            self._salts.setdefault(salt, set()).update(keys)
        if len(self) > before:
            self._keep()
        return len(self) - before

    def _keep(self) -> None:
        if self._file is None:
            return
        text = json.dumps(
            {"forgotten": _FORM, "keys": {s: sorted(k) for s, k in self._salts.items()}}
        )
        beside = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            beside.replace(self._file)
        except OSError as error:
            raise StoreError(
                f"{self._file} cannot be written: {error.strerror}; nothing was removed yet",
                hint="room on the disk, then the same command again",
            ) from error


def _key(identity: Identity, salt: str) -> str:
    name = f"{identity.property}/{identity.name}".encode()
    return hashlib.blake2b(name, key=bytes.fromhex(salt), digest_size=16).hexdigest()


def _read(file: Path) -> dict[str, set[str]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        keys = found["keys"]
        if found["forgotten"] == _FORM:
            return {salt: set(listed) for salt, listed in keys.items() if bytes.fromhex(salt)}
        reason = "it was made by a newer version of wbskills"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"it is not there or damaged ({type(error).__name__})"
    raise StoreError(
        f"{file} does not tell who asked to be forgotten: {reason}",
        hint="a copy of it from before",
    )
