"""A whole Wikibase to be mirrored: read over the network, or from a JSON dump."""

import bz2
import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, Self

from wbskills.errors import InvalidValue, NotFound, StoreError
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import SnakCache, entity_from_json
from wbskills.wikibase.remote.api import Api
from wbskills.wikibase.remote.profile import Profile, Secret
from wbskills.wikibase.remote.reader import Reader, about
from wbskills.wikibase.remote.waiting import Waiting

_KINDS: Final = ("item", "property")


class Source:
    """A Wikibase far away, from which everything is read. A context manager.

    Raises `StoreError` if it does not answer or is no Wikibase.
    """

    def __init__(
        self, profile: Profile, secret: Secret, tell: Callable[[str], object] = lambda _: None
    ) -> None:
        self._api = Api(profile, secret, Waiting(tell))
        try:
            self._about = about(self._api)
        except BaseException:
            self._api.close()
            raise
        self._reader = Reader(self._api, self._about)
        self.concept_base = profile.concept_base or self._about.concept_base

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()

    @property
    def time(self) -> str:
        """The wiki's own time when it was first asked, `2026-11-22T07:57:32Z`."""
        return self._about.time

    def ids(self) -> list[str]:
        """List the ids of all entities, properties first; redirects may be among them."""
        return [name for kind in (Kind.PROPERTY, Kind.ITEM) for name in self._reader.all_ids(kind)]

    def revisions(self, ids: Iterable[str]) -> dict[str, int]:
        """Give the newest revision of each entity; what is gone or a redirect is left out."""
        return self._reader.revisions(ids)

    def changed_since(self, time: str, known: int) -> dict[str, int] | None:
        """List the entities edited since a time, with the newest revision of each.

        `known` is the newest revision that was known then. None if nobody can tell.
        """
        return self._reader.changed_since(time, known)

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by the ids asked for; for a redirect, its target."""
        return self._reader.read(ids)


class Dump:
    """A JSON dump of a Wikibase: one entity a line, perhaps packed by gzip or bzip2.

    Raises `NotFound` if there is no such file.
    """

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise NotFound(f"there is no dump {file}", hint="a file such as all.json.gz")
        self.file = file
        self.size = file.stat().st_size
        self.whole = False  # known once `entities` has come to the end

    def entities(self, watch: Callable[[int], object] = lambda _: None) -> Iterator[Stored]:
        """Go through the items and properties; `watch` is told bytes of the file.

        Raises `StoreError` where a line cannot be read, or the file is cut off.
        """
        known, number, reached = SnakCache(), 0, 0
        try:
            with self.file.open("rb") as raw, _unpacked(raw, self.file.suffix) as lines:
                for number, line in enumerate(lines, 1):  # noqa: B007 - told in errors
                    watch(raw.tell() - reached)
                    reached = raw.tell()
                    text = line.strip().removesuffix(b",")
                    if text == b"]":
                        self.whole = True
                    elif text not in {b"", b"["}:
                        found = json.loads(text)
                        if found.get("type") in _KINDS:
                            yield _stored(found, known)
        except (ValueError, KeyError, TypeError, AttributeError, InvalidValue) as error:
            raise StoreError(
                f"{self.file}, line {number}: this is no entity ({type(error).__name__})",
                hint="a JSON dump with one entity a line, as dumpJson.php makes it",
            ) from error
        except (OSError, EOFError) as error:
            raise StoreError(
                f"{self.file} cannot be read to its end", hint="downloading it again"
            ) from error
        if not self.whole:
            raise StoreError(
                f"{self.file} is cut off: its last line is not “]”", hint="downloading it again"
            )


def _unpacked(raw: IO[bytes], suffix: str) -> IO[bytes]:
    match suffix:
        case ".gz":
            return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value] # reads like one
        case ".bz2":
            return bz2.BZ2File(raw)
        case _:
            return raw


def _stored(found: dict[str, Any], known: SnakCache) -> Stored:
    entity: Entity
    try:
        entity = entity_from_json(found, known)
    except (InvalidValue, KeyError):  # older dumps leave out hashes and datatypes
        entity = entity_from_json(found)
    return Stored(entity, int(found.get("lastrevid", 0)), str(found.get("modified", "")))
