"""Who asked to be forgotten: salted keys of names, so that no later import brings them back.

A file of its own beside the journals, which only its owner can read. It holds no name. Who has
the file can try names out, as usernames are public, so a key is made by the slow hash that
passwords get, though a quick setting of it: 4 ms for a name, once in a run, and only where
somebody is blocked. An import of 10,000 people takes 40 s more, and a million guesses over an
hour; by the hash of earlier versions they took two seconds. A key of theirs still counts, and is
made anew when its name is seen.

The file can be copied to others who import into the same Wikibase; what two such files hold can
be joined by `take_over`, and then each of them costs its time.
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
_MEANS: Final = re.compile(
    r"(?:argon2id m=([0-9]{1,5}) t=([0-9]{1,2}) p=([0-9]) )?((?:[0-9a-f]{2})+)", re.ASCII
)
_REMEMBERED: Final = 20_000  # names of a run

Keys = dict[str, set[str]]  # by what they are made with


class Forgotten:
    """The people whom a Wikibase must not take in again; without a folder, only in memory.

    Raises `StoreError` if the file is damaged: then nothing may be imported.
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
        for means in sorted(self._keys, key=len):  # the fast ones first
            if _key(identity, means) in self._keys[means]:
                if not _is_slow(means):
                    with suppress(StoreError):  # it counts as it is
                        self._make_anew(identity, means)
                return True
        return False

    def add(self, identity: Identity) -> bool:
        """Block somebody; False if that was done before. When this returns, it is on the disk."""
        if identity in self:
            return False

        def changed(keys: Keys) -> None:
            means = _means(keys)
            keys.setdefault(means, set()).add(_key(identity, means))

        self._change(changed)
        return True

    def take_over(self, other: Path) -> int:
        """Block everybody whom the file of another machine blocks; gives the number of new ones.

        Raises `StoreError` if that file is not there or damaged.
        """
        theirs, before = _read(other), len(self)

        def changed(keys: Keys) -> None:
            for means, listed in theirs.items():
                keys.setdefault(means, set()).update(listed)

        self._change(changed)
        return len(self) - before

    def _make_anew(self, identity: Identity, old: str) -> None:
        """Put a slow key in the place of a fast one, now that its name is known."""

        def changed(keys: Keys) -> None:
            keys.get(old, set()).discard(_key(identity, old))
            if not keys.get(old):
                keys.pop(old, None)
            means = _means(keys)
            keys.setdefault(means, set()).add(_key(identity, means))

        self._change(changed)

    def _change(self, change: Callable[[Keys], None]) -> None:
        """Change what is on the disk by now, which others may have changed, too."""
        if self._file is None:
            change(self._keys)
            return
        try:
            private_folder(self._file.parent)
            with _alone(self._file.parent):
                keys = _read(self._file) if self._file.exists() else self._keys
                change(keys)
                _keep(self._file, keys)
                self._keys = keys
        except OSError as error:
            raise StoreError(
                f"{self._file} cannot be written: {error.strerror}; nothing was removed yet",
                hint="room on the disk, then the same command again",
            ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process change what is in a folder, as far as it asks here, too."""
    try:
        import fcntl
    except ImportError:  # on Windows nobody is kept out
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _keep(file: Path, keys: Keys) -> None:
    """Write the file as a whole, and be sure that it is on the disk. Raises `OSError`."""
    listed = {means: sorted(each) for means, each in keys.items()}
    beside = file.with_suffix(".new")
    with open_private(beside, "w") as opened:
        opened.write(json.dumps({"forgotten": _FORM, "keys": listed}))
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)


def _is_slow(means: str) -> bool:
    return means.startswith(_SLOW)


def _means(keys: Keys) -> str:
    """Give what new keys are made with: as those that are there, or one name would cost more."""
    return next(filter(_is_slow, keys), "") or f"{_SLOW}{secrets.token_hex(16)}"


@lru_cache(_REMEMBERED)
def _key(identity: Identity, means: str) -> str:
    name = f"{identity.property}/{identity.name}".encode()
    found = _MEANS.fullmatch(means)
    assert found is not None  # noqa: S101 - it was read so
    memory, passes, lanes, salt = found.groups()
    if memory is None:
        return hashlib.blake2b(name, key=bytes.fromhex(salt), digest_size=16).hexdigest()
    from argon2.low_level import Type, hash_secret_raw  # who blocks nobody needs it not

    key = hash_secret_raw(
        name, bytes.fromhex(salt), int(passes), int(memory), int(lanes), 16, Type.ID
    )
    return key.hex()


def _read(file: Path) -> Keys:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        keys = found["keys"]
        if found["forgotten"] in {_OLD, _FORM}:
            if all(map(_MEANS.fullmatch, keys)):
                return {means: set(listed) for means, listed in keys.items()}
            reason = "it has keys of a kind that is not known"
        else:
            reason = "it was made by a newer version of wbskills"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"it is not there or damaged ({type(error).__name__})"
    raise StoreError(
        f"{file} does not tell who asked to be forgotten: {reason}",
        hint="a copy of it from before",
    )
