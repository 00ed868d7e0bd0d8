"""The people who asked to be forgotten: salted hashes of names, which block later imports.

A private file next to the journals, without names. Usernames are public, so that anyone with the
file could try them all out. Therefore a key is a slow hash as for passwords, in a quick setting:
4 ms for a name, once in a run, and only where anyone is blocked. An import of 10,000 people takes
40 s more, a million guesses over an hour. Keys by the fast hash of earlier versions still count,
and are replaced when their name is seen.

The file can be copied to others who import into the same Wikibase, and `take_over` joins two such
files; then each of their salts costs its time.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from wbskills.domain import Identity
from wbskills.errors import StoreError
from wbskills.private_files import open_private, private_folder

FILE: Final = "forgotten.json"
_FORM: Final = 2
_OLD: Final = 1  # all keys by the fast hash
_SLOW: Final = "argon2id m=8192 t=1 p=1 "  # before the salt; of a fast hash it stands alone
_PARAMETERS: Final = re.compile(
    r"(?:argon2id m=([0-9]{1,5}) t=([0-9]{1,2}) p=([0-9]) )?((?:[0-9a-f]{2})+)", re.ASCII
)
_REMEMBERED: Final = 20_000  # names of a run

Keys = dict[str, set[str]]  # by what they are made with


class Forgotten:
    """The people who must not be imported again; without a folder, kept in memory.

    `identity in forgotten` says whether one of them is blocked. Raises `StoreError` if the file
    is damaged: then nothing may be imported.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / FILE
        self._keys: Keys = {}
        if self._file is not None and self._file.exists():
            self._keys = _read(self._file)

    def __len__(self) -> int:
        return sum(map(len, self._keys.values()))

    def __contains__(self, identity: object) -> bool:
        if not isinstance(identity, Identity):
            return False
        for parameters in sorted(self._keys, key=len):  # the fast ones first
            if _key(identity, parameters) in self._keys[parameters]:
                if not _is_slow(parameters):
                    with suppress(StoreError):  # the old key still counts
                        self._upgrade(identity, parameters)
                return True
        return False

    def add(self, identity: Identity) -> bool:
        """Block a person, on the disk when this returns; False if they already were."""
        if identity in self:
            return False

        def changed(keys: Keys) -> None:
            parameters = _parameters(keys)
            keys.setdefault(parameters, set()).add(_key(identity, parameters))

        self._change(changed)
        return True

    def remove(self, identity: Identity) -> bool:
        """Lift the block of a person; False if they were not blocked."""
        if identity not in self:
            return False

        def changed(keys: Keys) -> None:
            for parameters in list(keys):
                keys[parameters].discard(_key(identity, parameters))
                if not keys[parameters]:
                    del keys[parameters]

        self._change(changed)
        return True

    def take_over(self, other: Path) -> int:
        """Also block everyone blocked by a file of another machine; returns how many are new.

        Raises `StoreError` if that file is missing or damaged.
        """
        theirs, before = _read(other), len(self)

        def changed(keys: Keys) -> None:
            for parameters, listed in theirs.items():
                keys.setdefault(parameters, set()).update(listed)

        self._change(changed)
        return len(self) - before

    def _upgrade(self, identity: Identity, old: str) -> None:
        """Replace a fast key by a slow one, now that its name is known."""

        def changed(keys: Keys) -> None:
            keys.get(old, set()).discard(_key(identity, old))
            if not keys.get(old):
                keys.pop(old, None)
            parameters = _parameters(keys)
            keys.setdefault(parameters, set()).add(_key(identity, parameters))

        self._change(changed)

    def _change(self, change: Callable[[Keys], None]) -> None:
        """Change the file, which others may have changed since it was read."""
        if self._file is None:
            change(self._keys)
            return
        try:
            private_folder(self._file.parent)
            with _locked(self._file.parent):
                keys = _read(self._file) if self._file.exists() else self._keys
                change(keys)
                _write(self._file, keys)
                self._keys = keys
        except OSError as error:
            raise StoreError(
                f"{self._file} cannot be written: {error.strerror}; nothing was removed yet",
                hint="free some space on the disk, then run the same command again",
            ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock on a folder that everyone takes who writes this file."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(file: Path, keys: Keys) -> None:
    """Replace the file as a whole, on the disk when this returns. Raises `OSError`."""
    listed = {parameters: sorted(each) for parameters, each in keys.items()}
    temporary = file.with_suffix(".new")
    with open_private(temporary, "w") as opened:
        opened.write(json.dumps({"forgotten": _FORM, "keys": listed}))
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)


def _is_slow(parameters: str) -> bool:
    return parameters.startswith(_SLOW)


def _parameters(keys: Keys) -> str:
    """Return the parameters of new keys: the same as before, as each set costs its time."""
    return next(filter(_is_slow, keys), "") or f"{_SLOW}{secrets.token_hex(16)}"


@lru_cache(_REMEMBERED)
def _key(identity: Identity, parameters: str) -> str:
    name = identity.key().encode()
    found = _PARAMETERS.fullmatch(parameters)
    assert found is not None  # noqa: S101 - it was read so
    memory, passes, lanes, salt = found.groups()
    if memory is None:
        return hashlib.blake2b(name, key=bytes.fromhex(salt), digest_size=16).hexdigest()
    from argon2.low_level import Type, hash_secret_raw  # slow to import, seldom needed

    key = hash_secret_raw(
        name, bytes.fromhex(salt), int(passes), int(memory), int(lanes), 16, Type.ID
    )
    return key.hex()


def _read(file: Path) -> Keys:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        keys = found["keys"]
        if found["forgotten"] in {_OLD, _FORM}:
            if all(map(_PARAMETERS.fullmatch, keys)):
                return {parameters: set(listed) for parameters, listed in keys.items()}
            reason = "it has entries of an unknown kind"
        else:
            reason = "a newer version of wbskills wrote it"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"it is missing or damaged ({type(error).__name__})"
    raise StoreError(
        f"{file}, the list of removed people, cannot be used: {reason}",
        hint="restore this file from a backup",
    )
