"""What all parts of the HTTP face share: the store, and where it is served."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from wbskills.store.embedded import Embedded


@dataclass(frozen=True, slots=True)
class Site:
    """One embedded Wikibase as it is served.

    `address` is where clients reach it, `http://127.0.0.1:8181`, without a slash at its end.
    `writing` is held by whoever changes the store: one writer, many readers.
    """

    store: Embedded
    address: str
    writing: Lock
    name: str = "wbskills"


@contextmanager
def open_site(place: str, address: str) -> Iterator[Site]:
    """Open the embedded Wikibase in a folder, or one in memory (`:memory:`), to be served."""
    with Embedded(place) as store:
        yield Site(store, address, Lock())
