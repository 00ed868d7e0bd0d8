"""What all parts of the HTTP face share: the store, and where it is served."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from wbskills.errors import InvalidValue, StoreError
from wbskills.names import ENTITY_ID
from wbskills.wikibase.embedded.store import IN_MEMORY, Embedded

NAME: Final = "wbskills"
_BASE: Final = re.compile(r"https?://[^\x00-\x20<>\"{}|^`\\]+/entity/")


@dataclass(frozen=True, slots=True)
class Site:
    """One embedded Wikibase as it is served.

    `address` is where clients reach it, `http://127.0.0.1:8181`, without a slash at its end.
    `writing` is held by whoever changes the store: one writer, many readers. `records` is the
    folder that tells who asked to be forgotten.
    """

    store: Embedded
    address: str
    writing: Lock
    name: str = NAME
    records: Path | None = None

    @property
    def entities(self) -> str:
        """Begin the addresses that entities have where they are served."""
        return f"{self.address}/entity/"

    @property
    def is_at_home(self) -> bool:
        """Tell whether entities are served at the addresses that are their names."""
        return self.store.concept_base == self.entities

    def strip_entity_base(self, text: str) -> str:
        """Give the id in the name of an entity, or in the address where it is served.

        What is neither comes back as it is.
        """
        for base in (self.store.concept_base, self.entities):
            found = text.removeprefix(base)
            if found != text and ENTITY_ID.fullmatch(found):
                return found
        return text


@contextmanager
def open_site(
    place: str, address: str, *, concept_base: str = "", name: str = NAME
) -> Iterator[Site]:
    """Open the embedded Wikibase in a folder, or one in memory (`:memory:`), to be served.

    As long as there is no entity, entities are named by `concept_base`, or else by the
    address. Raises `StoreError` if they have another name than `concept_base` already.
    """
    names = concept_base or f"{address}/entity/"
    if not _BASE.fullmatch(names):
        option = "--concept-base" if concept_base else "--address"
        raise InvalidValue(
            f"“{names}” cannot begin the names of entities",
            hint=f"{option} https://people.example.org{'/entity/' if concept_base else ''}",
        )
    with Embedded(place, concept_base=names) as store:
        if concept_base and store.concept_base != concept_base:
            raise StoreError(
                f"the entities in {place} are named {store.concept_base}Q1 and so on, for good",
                hint="no --concept-base; or --wikibase with a new folder",
            )
        yield Site(store, address, Lock(), name, None if place == IN_MEMORY else Path(place))
