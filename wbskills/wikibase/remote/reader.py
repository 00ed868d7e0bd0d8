"""Reading entities in batches, and finding out what has become of the ones that are known."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from wbskills.errors import InvalidValue, StoreError
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.wire import SnakCache, entity_from_json
from wbskills.wikibase.remote.api import Api, Cut, Refused
from wbskills.wikibase.remote.api_errors import Json, read_only
from wbskills.wikibase.remote.overwriting import Revision, revision

_FEW: Final = 50  # titles and ids in one request, as MediaWiki allows everybody
_MANY: Final = 500  # who has the right `apihighlimits`
_SHARE: Final = 0.9  # of the edits that the wiki allows
_HIGH: Final = "apihighlimits"
_ID: Final = re.compile(r"(?:^|[:/])([QP][1-9][0-9]*)$")
_MODELS: Final = {"wikibase-item": Kind.ITEM, "wikibase-property": Kind.PROPERTY}

_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a wiki says of itself and of who is asking.

    `spaces` are the numbers and names of the namespaces that hold entities. `edits_per_minute`
    is what the wiki allows this user, 0 if there is no limit. `block` tells by whom the user is
    blocked, how long and why, `partly` that this is for some pages or actions only; `read_only`
    why nothing can be written now. Both are empty if it is not so.
    """

    name: str
    concept_base: str
    generator: str
    user: str
    rights: frozenset[str]
    groups: frozenset[str]
    edits_per_minute: float
    spaces: Mapping[Kind, tuple[int, str]]
    pages: int
    time: str
    block: str = ""
    partly: bool = False
    read_only: str = ""

    @property
    def rate(self) -> float:
        """How many edits a minute are made here, 0 if there is no limit.

        Not all that the wiki allows: others may use the same account.
        """
        return self.edits_per_minute * _SHARE

    @property
    def at_once(self) -> int:
        """How many entities may be read in one request."""
        return _MANY if _HIGH in self.rights else _FEW


def about(api: Api) -> About:
    """Ask a wiki about itself and this user, in one request."""
    found = api.ask(
        "query",
        meta="siteinfo|userinfo",
        siprop="general|namespaces|statistics",
        uiprop="rights|groups|ratelimits|blockinfo",
    )["query"]
    general, user = found["general"], found["userinfo"]
    base = general.get("wikibase-conceptbaseuri", "")
    spaces = {}
    for space in found["namespaces"].values():
        kind = _MODELS.get(space.get("defaultcontentmodel", ""))
        if kind is not None:
            spaces[kind] = (int(space["id"]), str(space.get("name", "")))
    if not base or Kind.ITEM not in spaces:
        raise StoreError(
            f"{general.get('sitename', 'this wiki')} is no Wikibase",
            hint="the address of the API in the profile",
        )
    rights = frozenset(user.get("rights", ()))
    return About(
        name=general.get("sitename", ""),
        concept_base=base,
        generator=general.get("generator", ""),
        user=user["name"],
        rights=rights,
        groups=frozenset(user.get("groups", ())),
        edits_per_minute=0.0 if "noratelimit" in rights else _limit(user.get("ratelimits")),
        spaces=spaces,
        pages=int(found.get("statistics", {}).get("pages", 0)),
        time=general.get("time", ""),
        block=_block(user),
        partly=bool(user.get("blockpartial")),
        read_only=read_only(general),
    )


def _block(user: Json) -> str:
    if "blockid" not in user:
        return ""
    expiry = str(user.get("blockexpiry") or "infinite")
    until = "for ever" if expiry.startswith("inf") else f"until {expiry}"
    reason = user.get("blockreason") or "no reason given"
    return f"blocked by {user.get('blockedby') or 'the wiki'} {until}: {reason}"


def _limit(limits: object) -> float:
    """Find the limit of edits that holds: the one of the user, if the wiki gives several."""
    groups = limits.get("edit", {}) if isinstance(limits, dict) else {}
    rates = [
        60.0 * each["hits"] / each["seconds"]
        for name, each in groups.items()
        if name not in {"ip", "subnet", "anon"} and each.get("seconds")
    ]
    # Who is new to a wiki is under the limit for new users, all others under their best one.
    return min(rates, default=0.0) if "newbie" in groups else max(rates, default=0.0)


class Reader:
    """Reads entities of one wiki."""

    def __init__(self, api: Api, told: About) -> None:
        self._api, self._about = api, told
        self._at_once = told.at_once  # fewer, once an answer was too large
        self._known = SnakCache()

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Read entities, by the ids asked for; a redirect is followed, what is gone left out.

        Raises `StoreError` if the wiki tells of an entity neither what it is nor that it is gone.
        """
        found: dict[str, Stored] = {}
        left = list(dict.fromkeys(ids))
        while left:
            part, left = left[: self._at_once], left[self._at_once :]
            for name, each in self._entities(part).items():
                if "missing" not in each:
                    found[name] = self._stored(each)
        return found

    def _entities(self, part: list[str]) -> dict[str, Json]:
        """Ask for entities; for those that the answer leaves out, again and in smaller parts."""
        try:
            answer = self._api.ask(
                "wbgetentities",
                ids="|".join(part),
                props="info|aliases|labels|descriptions|claims|datatype|sitelinks",
            )
        except Cut as cut:
            answer = cut.answer
        except Refused as error:
            # One id that the wiki does not know as an id fails the whole request.
            if error.code != "no-such-entity":
                raise
            if len(part) == 1:
                return {part[0]: {"missing": ""}}
            half = len(part) // 2
            return self._entities(part[:half]) | self._entities(part[half:])
        entities: dict[str, Json] = dict(answer.get("entities") or {})
        omitted = [name for name in part if name not in entities]
        if not omitted:
            return entities
        if len(part) == 1:
            raise StoreError(
                f"the wiki leaves {part[0]} out of its answer, which would be too large",
                hint="asking the wiki’s administrators for a higher $wgAPIMaxResultSize",
            )
        told = len(part) - len(omitted)
        self._at_once = min(self._at_once, max(told, _FEW))
        for smaller in chunks(omitted, told or len(part) // 2):
            entities |= self._entities(smaller)
        return entities

    def _stored(self, found: Json) -> Stored:
        try:
            entity = self._entity(found)
        except InvalidValue as error:
            raise StoreError(
                f"{found.get('id')} cannot be read: {error.what}", hint="telling its maintainers"
            ) from error
        return Stored(entity, int(found["lastrevid"]), found.get("modified", ""))

    def _entity(self, found: Json) -> Entity:
        try:
            return entity_from_json(found, self._known)
        except InvalidValue:  # a snak of a deleted property has no datatype
            return entity_from_json(found)

    def revisions(self, ids: Iterable[str]) -> dict[str, int]:
        """Give the newest revision of each entity; what is gone or a redirect is left out."""
        found: dict[str, int] = {}
        for part in chunks(list(dict.fromkeys(ids)), self._about.at_once):
            titles = {self.title(name): name for name in part}
            told: set[str] = set()
            for answer in self._api.pages("query", prop="info", titles="|".join(titles)):
                for page in answer["query"]["pages"]:
                    name = id_of(page["title"])
                    if page.get("missing"):
                        told.add(name)
                    elif "lastrevid" in page:  # else another part of the answer has it
                        told.add(name)
                        if not page.get("redirect"):
                            found[name] = int(page["lastrevid"])
            if untold := set(part) - told:
                raise StoreError(
                    f"the wiki does not tell the newest revision of {', '.join(sorted(untold))}",
                    hint="the same command again",
                )
        return found

    def history(self, entity_id: str, since: int) -> list[Revision]:
        """List the revisions of an entity from one on, that one too, the oldest first."""
        found: list[Revision] = []
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
                found += [revision(each) for each in page.get("revisions", ())]
        return found

    def all_ids(self, kind: Kind, *, redirects: bool = True) -> Iterator[str]:
        """Go through the ids of all entities of a kind, with or without redirects."""
        if kind not in self._about.spaces:
            return
        number, _ = self._about.spaces[kind]
        for answer in self._api.pages(
            "query",
            list="allpages",
            apnamespace=number,
            aplimit="max",
            apfilterredir="all" if redirects else "nonredirects",
        ):
            for page in answer["query"]["allpages"]:
                name = id_of(page["title"])
                if name:
                    yield name

    def changed_since(self, time: str, known: int) -> dict[str, int] | None:
        """List the entities edited since a time, with the newest revision of each.

        None if the wiki's recent changes do not go back so far. They do if there is one from
        before, or one that made a revision not newer than `known`, which was there at that time.
        """
        found: dict[str, int] = {}
        spaces = "|".join(str(number) for number, _ in self._about.spaces.values())
        whole = False
        for answer in self._api.pages(
            "query",
            list="recentchanges",
            rcnamespace=spaces,
            rcprop="title|ids|timestamp",
            rctype="edit|new",
            rclimit="max",
        ):
            for change in answer["query"]["recentchanges"]:
                if change["timestamp"] < time:
                    return found
                name, revision = id_of(change["title"]), int(change["revid"])
                whole = whole or revision <= known
                if name:
                    found[name] = max(found.get(name, 0), revision)
        return found if whole else None

    def created_since(self, time: str) -> tuple[dict[str, int], str]:
        """List the entities made since a time, with the revisions that made them.

        Gives the time of the newest, too. Without a time, one answer is read.
        """
        found: dict[str, int] = {}
        newest = ""
        for answer in self._api.pages(
            "query",
            list="recentchanges",
            rcnamespace="|".join(str(number) for number, _ in self._about.spaces.values()),
            rcprop="title|ids|timestamp",
            rctype="new",
            rclimit="max",
        ):
            for change in answer["query"]["recentchanges"]:
                newest = max(newest, str(change["timestamp"]))
                if change["timestamp"] < time:
                    return found, newest
                name = id_of(change["title"])
                if name:
                    found[name] = int(change["revid"])
            if not time:
                break
        return found, newest

    def newest_revision(self) -> int:
        """Give the number of the newest revision of any entity."""
        spaces = "|".join(str(number) for number, _ in self._about.spaces.values())
        found = self._api.ask(
            "query",
            list="recentchanges",
            rcnamespace=spaces,
            rcprop="ids",
            rctype="edit|new",
            rclimit=1,
        )["query"]["recentchanges"]
        return int(found[0]["revid"]) if found else 0

    def title(self, entity_id: str) -> str:
        """Give the title of an entity's page."""
        kind = Kind.PROPERTY if entity_id.startswith("P") else Kind.ITEM
        _, name = self._about.spaces.get(kind, (0, ""))
        return f"{name}:{entity_id}" if name else entity_id


def chunks(listed: list[_Each], size: int) -> Iterator[list[_Each]]:
    """Cut a list into pieces."""
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def id_of(title: str) -> str:
    """Read the id of an entity from the title of its page; empty if it is another page."""
    found: Any = _ID.search(title)
    return found[1] if found else ""
