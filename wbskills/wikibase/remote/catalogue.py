"""Which entity has which name on a wiki, found out by reading the wiki alone.

The query service of a wiki lags behind it, so it is not asked as long as there is another way.
What is known from earlier runs stands in `state`. At the beginning of a run the list of all
pages shows what is new and what is gone, and the recent changes what was edited; only that is
read. Before a name is believed, its entity is read.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.model.guids_and_locks import identifiers, label_locks
from wbskills.wikibase.remote.reader import About, Reader, chunks
from wbskills.wikibase.remote.state import Lock, State
from wbskills.wikibase.remote.waiting import Waiting

_SYNCED: Final = "synced"
_REVISION: Final = "synced_revision"  # the newest that was known at that time
_KEPT: Final = timedelta(days=25)  # recent changes are kept for 30 days on most wikis, or longer
_OVERLAP: Final = timedelta(minutes=10)  # a change may be listed late
_MOST_ITEMS: Final = 250_000  # beyond, listing all would take longer than asking for some
_AT_ONCE: Final = 500


class Catalogue:
    """Names of entities, kept up to date."""

    def __init__(self, reader: Reader, state: State, told: About, waiting: Waiting) -> None:
        self._reader, self._state, self._about = reader, state, told
        self._waiting = waiting
        self._fresh: dict[str, Stored] = {}  # read to check a name, and not asked for since
        self._checked: set[str] = set()  # entities of which all names were checked in this run
        self._in_step = False

    @property
    def complete(self) -> bool:
        """Whether all items can be known; on a very large wiki they are not."""
        return self._about.pages <= _MOST_ITEMS

    def identified(self, property_id: str, names: Collection[str] | None) -> list[tuple[str, str]]:
        """Find entities by their external ids; each was read in this run."""
        self._keep_step()
        known = self._state.identified(property_id, names)
        self._check({entity for _, entity in known})
        return sorted(set(self._state.identified(property_id, names)))

    def find_property(self, label: str, language: str) -> str | None:
        """Find the property with a label; it was read in this run."""
        found = self._locked(Kind.PROPERTY, {(language, label, "")})
        return min(found, default=None)

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find others with label and description of an entity; each was read in this run."""
        return self._locked(entity.kind, set(label_locks(entity))) - {entity.id}

    def _locked(self, kind: Kind, wanted: set[Lock]) -> set[str]:
        self._keep_step()
        self._check(self._state.locked(kind, wanted))
        return self._state.locked(kind, wanted)

    def take(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Hand out, once, what was read to check names."""
        return {name: self._fresh.pop(name) for name in ids if name in self._fresh}

    def saw(self, entities: Iterable[Stored]) -> None:
        """Note entities that were read."""
        seen = list(entities)
        self._state.note((stored.entity, stored.revision) for stored in seen)
        self._checked.update(stored.entity.id for stored in seen)

    def missed(self, ids: Iterable[str]) -> None:
        """Note that entities are not there any more."""
        gone = set(ids)
        if gone:
            self._checked -= gone
            self._state.drop(gone)

    def adopt(self, entity_id: str, names: set[tuple[str, str]]) -> bool:
        """Read an entity that another one clashed with; tells whether it has one of the names."""
        found = self._reader.read([entity_id])
        self.saw(found.values())
        return any(names & identifiers(stored.entity) for stored in found.values())

    def _check(self, ids: Collection[str]) -> None:
        """Read entities that were not read in this run."""
        unchecked = [name for name in ids if name not in self._checked]
        if not unchecked:
            return
        found = self._reader.read(unchecked)
        self.saw(found.values())
        self.missed(
            name
            for name in unchecked
            if name not in found or found[name].entity.id != name  # gone, or merged
        )
        self._fresh = {stored.entity.id: stored for stored in found.values()}

    def _keep_step(self) -> None:
        """Bring the names up to the wiki, once in a run."""
        if self._in_step:
            return
        kinds = [Kind.PROPERTY, Kind.ITEM] if self.complete else [Kind.PROPERTY]
        there = {name for kind in kinds for name in self._reader.all_ids(kind, redirects=False)}
        known = self._state.revisions()
        gone = [name for name in known if name not in there and self._listed(name)]
        self._state.drop(gone)
        changed = self._changed({name: known[name] for name in known.keys() - set(gone)})
        stale = sorted((there - known.keys()) | changed, key=_number)
        for count, part in enumerate(chunks(stale, _AT_ONCE)):
            if len(stale) > _AT_ONCE:
                done = count * _AT_ONCE
                self._waiting.tell(f"reading what is there: {done:,} of {len(stale):,} entities")
            self.saw(self._reader.read(part).values())
        if self._about.time:
            newest = max(self._state.revisions().values(), default=0)
            self._state.put_setting(_SYNCED, self._about.time)
            self._state.put_setting(_REVISION, newest)
        self._in_step = True

    def _listed(self, name: str) -> bool:
        return self.complete or name.startswith("P")

    def _changed(self, known: Mapping[str, int]) -> set[str]:
        """Find out which known entities others have changed since they were seen last."""
        if not known:
            return set()
        synced = _time(self._state.setting(_SYNCED))
        now = _time(self._about.time)
        newest: Mapping[str, int] | None = None
        if synced is not None and now is not None and now - synced < _KEPT:
            since = (synced - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
            seen = int(self._state.setting(_REVISION) or 0)
            newest = self._reader.changed_since(since, seen)
        if newest is None:
            newest = self._reader.revisions(known)
        return {name for name, revision in newest.items() if known.get(name, revision) != revision}


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None


def _number(entity_id: str) -> tuple[str, int]:
    return entity_id[0], int(entity_id[1:])
