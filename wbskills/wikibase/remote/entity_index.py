"""Which entity has which name on a wiki, found by reading the wiki alone.

The query service lags behind its wiki, so it is not used as long as there is another way. What
earlier runs found is in `LocalState`. At the beginning of a run the list of all pages shows what
is new and what is gone, and the recent changes what was edited; only that is read. A name counts
only after its entity was read in this run.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from wbskills.bulk import chunks
from wbskills.wikibase.entity_database import LabelLock, identifiers, label_locks
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.remote.reader import RemoteReader
from wbskills.wikibase.remote.retries import Waiter
from wbskills.wikibase.remote.state import LocalState

_SYNCED: Final = "synced"  # settings, whose names are stored
_REVISION: Final = "synced_revision"  # the latest that was known at that time
_CHANGES_KEPT: Final = timedelta(days=25)  # most wikis keep recent changes for 30 days or more
_OVERLAP: Final = timedelta(minutes=10)  # a change may be listed late
_MAX_PAGES: Final = 250_000  # beyond, listing all would take longer than asking for some
_PROGRESS_STEP: Final = 500


class EntityIndex:
    """Finds entities of a wiki by their names. Every result was read in this run."""

    def __init__(self, reader: RemoteReader, state: LocalState, waiter: Waiter) -> None:
        self._reader, self._state, self._waiter = reader, state, waiter
        self._unused: dict[str, Stored] = {}  # read to check a name, and not asked for since
        self._checked: set[str] = set()  # entities that were read in this run
        self._synced = False

    @property
    def complete(self) -> bool:
        """Whether all items are known; on a very large wiki they are not."""
        return self._reader.site.pages <= _MAX_PAGES

    def find_by_identifier(
        self, property_id: str, names: Collection[str] | None
    ) -> list[tuple[str, str]]:
        """Find entities by their external ids, as sorted pairs of name and entity; None: all."""
        self._sync()
        self._check({entity for _, entity in self._state.find_by_identifier(property_id, names)})
        return sorted(set(self._state.find_by_identifier(property_id, names)))

    def find_property(self, label: str, language: str) -> str | None:
        """Find the property with a label."""
        wanted = {LabelLock(language, label, "")}
        return min(self._find_by_terms(Kind.PROPERTY, wanted), default=None)

    def label_conflicts(self, entity: Entity) -> set[str]:
        """Find other entities with the label and description of an entity in a language."""
        return self._find_by_terms(entity.kind, set(label_locks(entity))) - {entity.id}

    def pop_read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Return, once, what was already read to check names."""
        return {name: self._unused.pop(name) for name in ids if name in self._unused}

    def add(self, entities: Collection[Stored]) -> None:
        """Index entities that were read."""
        self._state.index((stored.entity, stored.revision) for stored in entities)
        self._checked.update(stored.entity.id for stored in entities)

    def remove(self, ids: Iterable[str]) -> None:
        """Remove entities that do not exist any more."""
        gone = set(ids)
        if gone:
            self._checked -= gone
            self._state.remove(gone)

    def read_and_compare(self, entity_id: str, names: set[tuple[str, str]]) -> bool:
        """Read an entity; returns whether it has one of these external ids."""
        found = self._reader.read([entity_id]).values()
        self.add(found)
        return any(names & identifiers(stored.entity) for stored in found)

    def _find_by_terms(self, kind: Kind, wanted: set[LabelLock]) -> set[str]:
        self._sync()
        self._check(self._state.find_by_terms(kind, wanted))
        return self._state.find_by_terms(kind, wanted)

    def _check(self, ids: Collection[str]) -> None:
        """Read those entities that were not read in this run."""
        unchecked = [name for name in ids if name not in self._checked]
        if not unchecked:
            return
        found = self._reader.read(unchecked)
        self.add(found.values())
        self.remove(
            name
            for name in unchecked
            if name not in found or found[name].entity.id != name  # gone, or merged
        )
        self._unused = {stored.entity.id: stored for stored in found.values()}

    def _sync(self) -> None:
        """Bring the index up to date with the wiki, once in a run."""
        if self._synced:
            return
        kinds = [Kind.PROPERTY, Kind.ITEM] if self.complete else [Kind.PROPERTY]
        there = {name for kind in kinds for name in self._reader.all_ids(kind, redirects=False)}
        known = self._state.revisions()
        gone = {
            name for name in known if name not in there and (self.complete or name.startswith("P"))
        }
        self._state.remove(gone)
        changed = self._changed({name: known[name] for name in known.keys() - gone})
        unread = sorted(
            (there - known.keys()) | changed, key=lambda name: (name[0], int(name[1:]))
        )
        for count, part in enumerate(chunks(unread, _PROGRESS_STEP)):
            if len(unread) > _PROGRESS_STEP:
                done = count * _PROGRESS_STEP
                self._waiter.on_progress(f"reading {len(unread):,} entities: {done:,} done")
            self.add(self._reader.read(part).values())
        if self._reader.site.time:
            newest = max(self._state.revisions().values(), default=0)
            self._state.put_setting(_SYNCED, self._reader.site.time)
            self._state.put_setting(_REVISION, newest)
        self._synced = True

    def _changed(self, known: Mapping[str, int]) -> set[str]:
        """Find the known entities that others have changed since they were last read."""
        if not known:
            return set()
        synced, now = (
            _parse_time(text) for text in (self._state.setting(_SYNCED), self._reader.site.time)
        )
        latest: Mapping[str, int] | None = None
        if synced is not None and now is not None and now - synced < _CHANGES_KEPT:
            since = (synced - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
            seen = int(self._state.setting(_REVISION) or 0)
            latest = self._reader.changed_since(since, seen)
        if latest is None:
            latest = self._reader.revisions(known)
        return {name for name, revision in latest.items() if known.get(name, revision) != revision}


def _parse_time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None
