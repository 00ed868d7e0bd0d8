"""Copies of the triples that stand still, for the processes that answer queries.

A reader that opened the triples themselves would see files vanish when the writer puts one in
the place of several, and Oxigraph may then go on for ever. A snapshot is a folder of links to
those files: it costs some 20 ms after an edit, and nothing as long as nobody edits.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Final

from wbskills.private_files import private_folder
from wbskills.wikibase.server.site import Site

_NUMBERS: Final = count()


class Snapshots:
    """The snapshots of one site's triples; `in_use` tells which folders must stay."""

    def __init__(self, site: Site, folder: Path, in_use: Callable[[], Iterable[str]]) -> None:
        self._store, self._in_use = site.store, in_use
        homes = folder.with_name("readers")
        _clear_after_others(homes)
        self.home = homes / f"{os.getpid()}-{next(_NUMBERS)}"
        private_folder(homes)
        private_folder(self.home)
        self._lock = Lock()
        self._newest, self._made = "", 0
        self._edition = -1  # of the newest

    def newest(self, take: Callable[[str], None]) -> None:
        """Hand out a snapshot that has all edits made so far; until it is in use, none goes."""
        with self._lock:
            # Looked at before it is copied: an edit in between shows the next time.
            edition = self._store.edition
            if edition != self._edition:
                self._made += 1
                self._newest = str(self.home / str(self._made))
                self._store.snapshot(Path(self._newest))
                self._edition = edition
            take(self._newest)
            self._sweep()

    def _sweep(self) -> None:
        kept = {self._newest, *self._in_use()}
        for old in self.home.iterdir():
            if str(old) not in kept:
                shutil.rmtree(old, ignore_errors=True)


def _clear_after_others(homes: Path) -> None:
    """Remove what a server left that was killed: while we may write, there is no other."""
    if homes.is_dir():
        for home in homes.iterdir():
            if not home.name.startswith(f"{os.getpid()}-"):
                shutil.rmtree(home, ignore_errors=True)
