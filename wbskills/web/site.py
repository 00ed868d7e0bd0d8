"""What all parts of the HTTP face share: the store, and where it is served."""

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
