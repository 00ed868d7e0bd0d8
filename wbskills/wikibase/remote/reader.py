"""Reading the entities of a Wikibase, over its API or from a JSON dump."""

import bz2
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Self

from wbskills.bulk import chunks
from wbskills.errors import InvalidValue, NotFound, StoreError
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import SnakCache, entity_from_json
from wbskills.wikibase.remote.api import ActionApi, RequestRefused, TruncatedAnswer
from wbskills.wikibase.remote.api_errors import Json
from wbskills.wikibase.remote.login import Secret
from wbskills.wikibase.remote.profile import Profile
from wbskills.wikibase.remote.retries import Waiter
from wbskills.wikibase.remote.site_info import MIN_BATCH, SiteInfo, fetch_site_info

_ID: Final = re.compile(r"(?:^|[:/])([QP][1-9][0-9]*)$")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class RemoteRevision:
    """One revision of an entity: `claims` by GUID; None if its content cannot be seen."""

    id: int
    user: str
    claims: dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class RecentEdit:
    """The latest edit of an entity."""

    entity: str
    revision: int
    time: datetime


class RemoteReader:
    """Reads entities of one wiki, and the changes of known ones."""

    def __init__(self, api: ActionApi, site: SiteInfo) -> None:
        self._api, self.site = api, site
        self._batch = site.batch_size  # smaller once an answer was truncated
        self._known = SnakCache()
        self._namespaces = "|".join(str(number) for number, _ in site.namespaces.values())

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities by the ids asked for; a redirect is followed, a missing one left out.

        Raises `StoreError` if the wiki does not say of an entity what it is or that it is gone.
        """
        found: dict[str, Stored] = {}
        left = list(dict.fromkeys(ids))
        while left:
            part, left = left[: self._batch], left[self._batch :]
            for name, each in self._fetch(part).items():
                if "missing" not in each:
                    found[name] = self._stored(each)
        return found

    def _fetch(self, part: list[str]) -> dict[str, Json]:
        """Fetch entities; those that the answer leaves out again, in smaller parts."""
        try:
            answer = self._api.ask(
                "wbgetentities",
                ids="|".join(part),
                props="info|aliases|labels|descriptions|claims|datatype|sitelinks",
            )
        except TruncatedAnswer as truncated:
            answer = truncated.answer
        except RequestRefused as error:
            # One id that is unknown to the wiki fails the whole request.
            if error.code != "no-such-entity":
                raise
            if len(part) == 1:
                return {part[0]: {"missing": ""}}
            half = len(part) // 2
            return self._fetch(part[:half]) | self._fetch(part[half:])
        entities: dict[str, Json] = dict(answer.get("entities") or {})
        omitted = [name for name in part if name not in entities]
        if not omitted:
            return entities
        if len(part) == 1:
            raise StoreError(
                f"the wiki leaves {part[0]} out of its answer, which would be too large",
                hint="ask the wiki’s administrators for a higher $wgAPIMaxResultSize",
            )
        fitting = len(part) - len(omitted)
        self._batch = min(self._batch, max(fitting, MIN_BATCH))
        for smaller in chunks(omitted, fitting or len(part) // 2):
            entities |= self._fetch(smaller)
        return entities

    def _stored(self, found: Json) -> Stored:
        try:
            return _parse_stored(found, self._known)
        except InvalidValue as error:
            raise StoreError(
                f"{found.get('id')} cannot be read: {error.what}",
                hint="tell the people who run the wiki",
            ) from error

    def revisions(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the latest revision of each entity; missing ones and redirects are left out."""
        found: dict[str, int] = {}
        for part in chunks(list(dict.fromkeys(ids)), self.site.batch_size):
            titles = {self.title(name): name for name in part}
            unknown = set(part)
            for answer in self._api.pages("query", prop="info", titles="|".join(titles)):
                for page in answer["query"]["pages"]:
                    name = id_of_title(page["title"])
                    if page.get("missing"):
                        unknown.discard(name)
                    elif "lastrevid" in page:  # else another part of the answer has it
                        unknown.discard(name)
                        if not page.get("redirect"):
                            found[name] = int(page["lastrevid"])
            if unknown:
                raise StoreError(
                    f"the wiki does not give the latest revision of {', '.join(sorted(unknown))}",
                    hint="run the same command again",
                )
        return found

    def history(self, entity_id: str, since: int) -> list[RemoteRevision]:
        """List the revisions of an entity from `since` on, that one included, oldest first."""
        found: list[RemoteRevision] = []
        for answer in self._api.pages(
            "query",
            prop="revisions",
            titles=self.title(entity_id),
            rvprop="ids|user|content",
            rvslots="main",
            rvstartid=since,
            rvdir="newer",
            rvlimit="max",
        ):
            for page in answer["query"]["pages"]:
                found += [parse_revision(each) for each in page.get("revisions", ())]
        return found

    def all_ids(self, kind: Kind, *, redirects: bool = True) -> Iterator[str]:
        """Iterate over the ids of all entities of a kind, with or without redirects."""
        if kind not in self.site.namespaces:
            return
        number, _ = self.site.namespaces[kind]
        for answer in self._api.pages(
            "query",
            list="allpages",
            apnamespace=number,
            aplimit="max",
            apfilterredir="all" if redirects else "nonredirects",
        ):
            for page in answer["query"]["allpages"]:
                name = id_of_title(page["title"])
                if name:
                    yield name

    def changed_since(self, time: str, known: int) -> dict[str, int] | None:
        """Return the entities edited since a time, with the latest revision of each.

        None if the wiki's recent changes do not go back so far. They do if there is one from
        before, or one whose revision is not newer than `known`, which existed at that time.
        """
        found: dict[str, int] = {}
        complete = False
        for answer in self._recent_changes("edit|new"):
            for change in answer:
                if change["timestamp"] < time:
                    return found
                name, revision = id_of_title(change["title"]), int(change["revid"])
                complete = complete or revision <= known
                if name:
                    found[name] = max(found.get(name, 0), revision)
        return found if complete else None

    def created_since(self, time: str) -> tuple[dict[str, int], str]:
        """Return the entities created since a time with their first revisions and the latest time.

        Without a time, one answer is read.
        """
        found: dict[str, int] = {}
        latest = ""
        for answer in self._recent_changes("new"):
            for change in answer:
                latest = max(latest, str(change["timestamp"]))
                if change["timestamp"] < time:
                    return found, latest
                name = id_of_title(change["title"])
                if name:
                    found[name] = int(change["revid"])
            if not time:
                break
        return found, latest

    def latest_edits(self, limit: int) -> list[RecentEdit]:
        """List the latest edit of each entity among so many recent changes, newest first."""
        found: dict[str, RecentEdit] = {}
        try:
            for change in next(self._recent_changes("edit|new", limit)):
                time = datetime.strptime(change["timestamp"], _TIME).replace(tzinfo=UTC)
                name = id_of_title(change["title"])
                if name:
                    found.setdefault(name, RecentEdit(name, int(change["revid"]), time))
        except (KeyError, ValueError) as error:
            raise StoreError("the wiki’s recent changes cannot be read") from error
        return list(found.values())

    def latest_revision(self) -> int:
        """Return the number of the latest revision of any entity, 0 if there is none."""
        changes = next(self._recent_changes("edit|new", 1))
        return int(changes[0]["revid"]) if changes else 0

    def _recent_changes(self, kinds: str, limit: str | int = "max") -> Iterator[list[Json]]:
        for answer in self._api.pages(
            "query",
            list="recentchanges",
            rcnamespace=self._namespaces,
            rcprop="title|ids|timestamp",
            rctype=kinds,
            rclimit=limit,
        ):
            yield answer["query"]["recentchanges"]

    def datatypes(self) -> frozenset[str]:
        """Return the datatypes that the wiki has; empty if it does not say."""
        found = self._api.ask("paraminfo", modules="wbformatvalue")
        for module in found.get("paraminfo", {}).get("modules", ()):
            for parameter in module.get("parameters", ()):
                if parameter.get("name") == "datatype" and isinstance(parameter["type"], list):
                    return frozenset(parameter["type"])
        return frozenset()

    def title(self, entity_id: str) -> str:
        """Return the title of an entity's page."""
        kind = Kind.PROPERTY if entity_id.startswith("P") else Kind.ITEM
        _, name = self.site.namespaces.get(kind, (0, ""))
        return f"{name}:{entity_id}" if name else entity_id


class RemoteSource(RemoteReader):
    """A reader with a connection of its own. A context manager.

    Raises `StoreError` if the wiki does not answer within `patience` (seconds), is not a
    Wikibase, or does not let the user in.
    """

    def __init__(
        self,
        profile: Profile,
        secret: Secret,
        on_progress: Callable[[str], object] = lambda _: None,
        *,
        patience: float = 900.0,
    ) -> None:
        api = ActionApi(profile, secret, Waiter(on_progress, patience=patience))
        try:
            super().__init__(api, fetch_site_info(api))
        except BaseException:
            api.close()
            raise
        self.concept_base = profile.concept_base or self.site.concept_base

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()


class Dump:
    """A JSON dump of a Wikibase: one entity a line, plain or packed by gzip or bzip2.

    `complete` becomes True when `entities` has read the last line. Raises `NotFound` if there
    is no such file.
    """

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise NotFound(f"file not found: {file}", hint="use a dump such as all.json.gz")
        self.file = file
        self.size = file.stat().st_size
        self.complete = False

    def entities(self, on_progress: Callable[[int], object] = lambda _: None) -> Iterator[Stored]:
        """Iterate over the items and properties; `on_progress` gets the bytes read since last.

        Raises `StoreError` if a line cannot be read, or the file is cut off.
        """
        known, number, reached = SnakCache(), 0, 0
        try:
            with self.file.open("rb") as raw, _unpacked(raw, self.file.suffix) as lines:
                for number, line in enumerate(lines, 1):  # noqa: B007 - for the error
                    on_progress(raw.tell() - reached)
                    reached = raw.tell()
                    text = line.strip().removesuffix(b",")
                    if text == b"]":
                        self.complete = True
                    elif text not in {b"", b"["}:
                        found = json.loads(text)
                        if found.get("type") in {"item", "property"}:
                            yield _parse_stored(found, known)
        except (ValueError, KeyError, TypeError, AttributeError, InvalidValue) as error:
            raise StoreError(
                f"{self.file}, line {number}: this is not an entity ({type(error).__name__})",
                hint="use a JSON dump with one entity a line, as dumpJson.php writes it",
            ) from error
        except (OSError, EOFError) as error:
            raise StoreError(
                f"{self.file} cannot be read to its end", hint="download it again"
            ) from error
        if not self.complete:
            raise StoreError(
                f"{self.file} is cut off: its last line is not “]”", hint="download it again"
            )


def parse_revision(found: Json) -> RemoteRevision:
    """Parse a revision from an answer of `prop=revisions`."""
    slot = found.get("slots", {}).get("main", {})
    claims: dict[str, Json] | None
    try:
        groups = json.loads(slot["content"])["claims"]
        groups = groups.values() if isinstance(groups, dict) else ()  # PHP: [] if there is none
        claims = {str(each["id"]): each for group in groups for each in group}
    except (KeyError, TypeError, ValueError):
        claims = None
    return RemoteRevision(int(found["revid"]), str(found.get("user", "")), claims)


def id_of_title(title: str) -> str:
    """Return the entity whose page has this title; empty if it is another page."""
    found = _ID.search(title)
    return found[1] if found else ""


def _unpacked(raw: IO[bytes], suffix: str) -> IO[bytes]:
    match suffix:
        case ".gz":
            return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value] # reads like one
        case ".bz2":
            return bz2.BZ2File(raw)
        case _:
            return raw


def _parse_stored(found: dict[str, Any], known: SnakCache) -> Stored:
    entity: Entity
    try:
        entity = entity_from_json(found, known)
    except (InvalidValue, KeyError):  # no hashes (older dumps), or no datatype (deleted property)
        entity = entity_from_json(found)
    return Stored(entity, int(found.get("lastrevid", 0)), str(found.get("modified", "")))
