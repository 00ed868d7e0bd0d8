"""Copying a Wikibase into a folder, so that queries and reports run on this machine."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from wbskills.bulk import OnProgress, Progress, chunks, ignore
from wbskills.errors import StoreBusy, StoreError
from wbskills.stores import open_mirror
from wbskills.wikibase.embedded.mirror import Mirror, MirrorState
from wbskills.wikibase.interface import MirrorStore
from wbskills.wikibase.model.entities import Kind, Stored
from wbskills.wikibase.remote.reader import Dump, RemoteSource

_SIZE: Final = 500  # entities at a time
# Recent changes go back 30 days on Wikimedia's wikis, 90 by default.
_REMEMBERED: Final = timedelta(days=28)
_OVERLAP: Final = timedelta(minutes=10)  # for databases that lag behind each other
_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(slots=True)
class PullResult:
    """What a pull did, in entities; `seen` were compared."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    redirected: int = 0

    def __str__(self) -> str:
        return (
            f"{self.new} new entities, {self.changed} changed, {self.removed} deleted,"
            f" {self.redirected} redirected"
        )


def pull(
    source: RemoteSource,
    folder: Path,
    entities: Mapping[str, str],
    on_progress: OnProgress = ignore,
) -> PullResult:
    """Copy a Wikibase into a folder: all of it, or what changed since the last time.

    Ids are those of the source; `entities` are ids by key from the profile. Safe to interrupt and
    to repeat. Raises `StoreError` if the folder is a copy of another Wikibase, or not a copy.
    """
    with open_mirror(folder, source.concept_base) as store:
        mirror, reached = _begin(store, folder, source.concept_base, entities)
        work = _Pull(store, mirror)
        kept_out = mirror.excluded()
        listed = [
            name
            for kind in (Kind.PROPERTY, Kind.ITEM)
            for name in source.all_ids(kind)
            if name not in kept_out
        ]
        ids = _changed(source, listed, mirror.copied(), reached)
        for chunk in chunks(ids, _SIZE):
            copied = work.copied
            known = source.revisions(name for name in chunk if name in copied)
            fresh = [name for name in chunk if known.get(name, -1) != copied.get(name)]
            work.copy(source.read(fresh))
            work.done.seen += len(chunk)
            on_progress(Progress(work.done.seen, len(ids)))
        gone = sorted(set(work.copied) - set(listed))
        for chunk in chunks(gone, _SIZE):
            work.remove(chunk, source.read(chunk))
        _clean_up(store)
        mirror.set_reached(source.site.time)
        return work.done


def pull_dump(
    dump: Dump,
    concept_base: str,
    folder: Path,
    entities: Mapping[str, str],
    on_bytes: Callable[[int], object] = ignore,
) -> PullResult:
    """Copy a JSON dump into a folder; what is newer there stays.

    `on_bytes` is called with the number of bytes read since the last call. Raises `StoreError` as
    `pull` does, and if the dump cannot be read to its end; what came before that was copied.
    """
    with open_mirror(folder, concept_base) as store:
        mirror, _ = _begin(store, folder, concept_base, entities)
        work = _Pull(store, mirror)
        read = dump.entities(on_bytes)
        seen: set[str] = set()
        newest = 0
        kept_out = mirror.excluded()
        for chunk in chunks(read, _SIZE):
            newest = max(newest, *(stored.revision for stored in chunk))
            seen.update(stored.entity.id for stored in chunk)
            work.done.seen += len(chunk)
            work.copy(
                {
                    stored.entity.id: stored
                    for stored in chunk
                    if stored.entity.id not in kept_out
                    if work.copied.get(stored.entity.id, -1) < max(stored.revision, 0)
                    or not stored.revision
                }
            )
        # What was created after the dump is missing in it, and was not deleted.
        gone = [n for n, revision in work.copied.items() if n not in seen and revision <= newest]
        work.remove(sorted(gone), {})
        _clean_up(store)
        return work.done


def _clean_up(store: MirrorStore) -> None:
    """Clear from the files what was deleted at the source; with readers, the next pull does it."""
    if store.erased:
        with suppress(StoreBusy):
            store.clean_up()


def _begin(
    store: MirrorStore, folder: Path, concept_base: str, entities: Mapping[str, str]
) -> tuple[Mirror, str]:
    mirror = Mirror(folder)
    reached = mirror.reached()
    if reached is None and store.revision() > 0:
        raise StoreError(
            f"{folder} has a Wikibase of its own, which would be overwritten",
            hint="use an empty or a new folder",
        )
    mirror.begin(MirrorState(concept_base, entities=entities))
    return mirror, reached or ""


def _changed(
    source: RemoteSource, listed: list[str], copied: Mapping[str, int], reached: str
) -> list[str]:
    """List what may have changed since a time; everything if that is unknown."""
    if not reached:
        return listed
    then = datetime.strptime(reached, _FORM).replace(tzinfo=UTC)
    now = datetime.strptime(source.site.time, _FORM).replace(tzinfo=UTC)
    if now - then > _REMEMBERED:
        return listed
    newest = max(copied.values(), default=0)
    changed = source.changed_since((then - _OVERLAP).strftime(_FORM), newest)
    if changed is None:
        return listed
    there = set(listed)
    new = [name for name in listed if name not in copied]
    old = [n for n, revision in changed.items() if n in there and copied.get(n, -1) != revision]
    return list(dict.fromkeys([*new, *old]))


class _Pull:
    """A pull in progress."""

    def __init__(self, store: MirrorStore, mirror: Mirror) -> None:
        self._store, self._mirror = store, mirror
        self.copied = mirror.copied()
        self.done = PullResult()

    def copy(self, read: Mapping[str, Stored]) -> None:
        """Store entities by the ids that were requested; a redirect has another id."""
        there = {name: each for name, each in read.items() if each.entity.id == name}
        present = self._store.read(there)
        self._store.copy_entities(
            (each, present.get(name))
            for name, each in there.items()
            if name not in present or present[name].entity != each.entity
        )
        self.done.new += sum(name not in present for name in there)
        self.done.changed += sum(
            name in present and present[name].entity != each.entity for name, each in there.items()
        )
        revisions = {name: each.revision for name, each in there.items()}
        self._note(revisions)
        moved = {name: each for name, each in read.items() if name not in there}
        self.remove((name for name in moved if name in self.copied), moved)

    def remove(self, names: Iterable[str], read: Mapping[str, Stored]) -> None:
        """Remove what was deleted at the source, or is a redirect there."""
        names = list(names)
        for stored in self._store.read(names).values():
            target = read.get(stored.entity.id)
            self._store.drop_entity(stored, target.entity.id if target else None)
            if target is None:
                self.done.removed += 1
            else:
                self.done.redirected += 1
        self._note({}, names)

    def _note(self, revisions: Mapping[str, int], gone: Iterable[str] = ()) -> None:
        gone = list(gone)
        self._mirror.record_copied(revisions, gone)
        self.copied.update(revisions)
        for name in gone:
            self.copied.pop(name, None)
