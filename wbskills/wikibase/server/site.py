"""One embedded Wikibase as it is served: what all parts of the server share."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from flask import Blueprint, Flask

from wbskills.errors import InvalidValue, StoreError
from wbskills.names import ENTITY_ID
from wbskills.wikibase.embedded.store import IN_MEMORY, Embedded

NAME: Final = "wbskills"
_CONCEPT_BASE: Final = re.compile(r"https?://[^\x00-\x20<>\"{}|^`\\]+/entity/")
_ON_CLOSE: Final = "wbskills.on_close"


@dataclass(frozen=True, slots=True)
class Site:
    """A store, and where it is served.

    `address` is what clients use, for example `http://127.0.0.1:8181`, without a slash at the
    end. Whoever changes the store holds `write_lock`: one writer, many readers. `records` is the
    folder with the names of people who were forgotten.
    """

    store: Embedded
    address: str
    write_lock: Lock
    name: str = NAME
    records: Path | None = None

    @property
    def entity_base(self) -> str:
        """What the addresses begin with where entities are served."""
        return f"{self.address}/entity/"

    @property
    def serves_concept_base(self) -> bool:
        """True if entities are served at the addresses that identify them in RDF."""
        return self.store.concept_base == self.entity_base

    def strip_entity_base(self, text: str) -> str:
        """Return the id in an entity's IRI or served address; other text is returned unchanged."""
        for base in (self.store.concept_base, self.entity_base):
            entity_id = text.removeprefix(base)
            if entity_id != text and ENTITY_ID.fullmatch(entity_id):
                return entity_id
        return text


@contextmanager
def open_site(
    place: str, address: str, *, concept_base: str = "", name: str = NAME
) -> Iterator[Site]:
    """Open the embedded Wikibase in a folder, or in memory (`:memory:`), to be served.

    The IRIs of entities begin with `concept_base`, by default `{address}/entity/`. Raises
    `InvalidValue` if IRIs cannot begin so, and `StoreError` if the Wikibase already has
    entities with other IRIs than `concept_base` demands.
    """
    wanted = concept_base or f"{address}/entity/"
    if not _CONCEPT_BASE.fullmatch(wanted):
        option = "--concept-base" if concept_base else "--address"
        raise InvalidValue(
            f"the addresses of entities cannot begin with “{wanted}”",
            hint=f"use {option} https://people.example.org{'/entity/' if concept_base else ''}",
        )
    with Embedded(place, concept_base=wanted) as store:
        if concept_base and store.concept_base != concept_base:
            raise StoreError(
                f"the entities in {place} have the addresses {store.concept_base}Q1 and so on,"
                " which cannot be changed",
                hint="omit --concept-base, or use --wikibase with a new folder",
            )
        yield Site(store, address, Lock(), name, None if place == IN_MEMORY else Path(place))


def on_close(blueprint: Blueprint, callback: Callable[[], object]) -> None:
    """Call `callback` when the application that has this blueprint is closed."""
    blueprint.record(lambda setup: setup.app.extensions.setdefault(_ON_CLOSE, []).append(callback))


def close(app: Flask) -> None:
    """End the processes and threads that work for an application."""
    for callback in reversed(app.extensions.get(_ON_CLOSE, [])):
        callback()
