"""Entities that two programs created at the same time: finding them, and merging each pair.

A wiki refuses a second item with the same label and description, but records these only after it
has answered: two that are created at once get through, as do two properties with one label. Such
twins share what the second would have been refused for, and an external id.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from wbskills.errors import EditRefused, StoreError
from wbskills.wikibase.entity_database import identifiers, label_locks
from wbskills.wikibase.interface import MergedDuplicate, Written
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.model.entities import Entity, Kind
from wbskills.wikibase.remote.api import ActionApi, AnswerLost, RequestRefused
from wbskills.wikibase.remote.lost_updates import Restorer, was_merged
from wbskills.wikibase.remote.reader import RemoteReader
from wbskills.wikibase.remote.retries import Cancelled, Waiter
from wbskills.wikibase.remote.writer import merge_items

_OVERLAP: Final = timedelta(minutes=1)  # revisions may be listed somewhat out of order
_TRIES: Final = 5
_COURTESY: Final = 3  # times to wait for others to give up theirs


@dataclass(frozen=True, slots=True)
class Creation:
    """A new entity, and the revision that created it; `ours` if this run did."""

    entity: Entity
    revision: int
    ours: bool


def find_twins(created: Iterable[Creation]) -> list[tuple[Creation, Creation]]:
    """Return pairs of an entity to give up, and the one to keep: the one that was saved first.

    Every program that sees the same entities decides the same.
    """
    first: dict[object, Creation] = {}
    found: list[tuple[Creation, Creation]] = []
    for each in sorted(created, key=lambda one: one.revision):
        ids = sorted(identifiers(each.entity))
        marks = [(each.entity.kind, lock, id_) for lock in label_locks(each.entity) for id_ in ids]
        kept = next((first[mark] for mark in marks if mark in first), None)
        if kept is not None:
            found.append((each, kept))
        for mark in marks:
            first.setdefault(mark, kept or each)
    return found


class TwinMerger:
    """Tracks what is created on a wiki during a run, by this program and by others.

    The wiki's list of new entities is read after each chunk of creations, until it shows what
    was created last. It then shows everything from before; so of two programs that create the
    same at once, at least the later one sees both. `known` lists the entities that existed when
    the creations were planned; they are not read again.
    """

    def __init__(
        self,
        api: ActionApi,
        reader: RemoteReader,
        waiter: Waiter,
        known: Callable[[], Iterable[str]],
    ) -> None:
        self._api, self._reader, self._waiter, self._list_known = api, reader, waiter, known
        self._restorer = Restorer(api, reader, waiter)
        self._since = reader.site.time
        self._known: frozenset[str] | None = None
        self._created: dict[str, Creation] = {}
        self._merged: set[str] = set()
        self._blind = False  # the wiki does not list what is created

    def merge_twins(
        self, own: Mapping[str, tuple[Entity, Written]], summary: str
    ) -> list[MergedDuplicate]:
        """Find twins of the entities that were just created, and merge each pair."""
        for name, (entity, written) in own.items():
            self._created[name] = Creation(entity, written.revision, ours=True)
        self._read_others(own.keys())
        pairs = [
            (newer, older.entity.id)
            for newer, older in find_twins(self._created.values())
            if newer.entity.id not in self._merged and (newer.ours or older.ours)
        ]
        ours = [pair for pair in pairs if pair[0].ours]
        for newer, into in ours:
            self._give_up(newer, into, summary)
        theirs = [pair for pair in pairs if not pair[0].ours and pair[0].entity.kind is Kind.ITEM]
        for name, into in self._left_after_courtesy(theirs):
            self.merge(name, into, summary)
        found = [
            MergedDuplicate(newer.entity.id, into, ours=newer.ours)
            for newer, into in ours + theirs
        ]
        self._merged.update(each.entity for each in found)
        for each in found:
            self._waiter.on_progress(str(each))
        return found

    def merge(self, source: str, target: str, summary: str) -> None:
        """Move everything of an item into another one, and redirect it there.

        Raises `EditRefused` if the wiki refuses to merge these two, or another `StoreError`.
        """
        try:
            merge_items(self._api, source, target, _same_as(target, summary))
        except (AnswerLost, RequestRefused) as error:
            if _is_about_edit(error) or not self._is_merged(source, target):
                raise _merge_by_hand(source, target, error) from error

    def _read_others(self, own: Iterable[str]) -> None:
        """Read what others have created since the last call."""
        wanted, retries = set(own), self._waiter.retries()
        listed, latest = self._reader.created_since(_shortly_before(self._since))
        for _ in range(0 if self._blind else _TRIES):
            if wanted <= listed.keys():
                break
            retries.wait("the wiki does not list its newest entities yet")
            listed, latest = self._reader.created_since(_shortly_before(self._since))
        if not self._blind and not wanted <= listed.keys():
            self._blind = True
            self._waiter.on_progress(
                "the wiki does not list new entities, so it is unknown whether others create the"
                " same. Try: run “wbskills check” at the end"
            )
        self._since = latest or self._since
        if self._known is None:
            self._known = frozenset(self._list_known()) - wanted
        unread = [name for name in listed if name not in self._created and name not in self._known]
        for name, stored in self._reader.read(unread).items():
            if stored.entity.id == name:
                self._created[name] = Creation(stored.entity, listed[name], ours=False)

    def _left_after_courtesy(self, pairs: list[tuple[Creation, str]]) -> list[tuple[str, str]]:
        """Wait some seconds for others to give up what they created later; returns the rest."""
        left = {newer.entity.id: into for newer, into in pairs}
        retries = self._waiter.retries()
        for _ in range(_COURTESY):
            found = self._reader.read(left)
            left = {n: into for n, into in left.items() if n in found and found[n].entity.id == n}
            if not left:
                break
            retries.wait(f"others created {len(left)} of the same entities")
        return list(left.items())

    def _give_up(self, newer: Creation, into: str, summary: str) -> None:
        """Empty what this program created a moment ago, and redirect an item to the other.

        Its statements are planned again for the other one. What others added to it moves there.
        """
        name = newer.entity.id
        try:
            self._clear(newer, into, summary)
            if newer.entity.kind is Kind.ITEM:
                self._redirect(name, into, summary)
        except (AnswerLost, RequestRefused) as error:
            if not self._is_merged(name, into):
                raise _merge_by_hand(name, into, error) from error

    def _clear(self, newer: Creation, into: str, summary: str) -> None:
        name = newer.entity.id
        if self._reader.revisions([name]).get(name) != newer.revision:
            return
        answer = self._api.edit(
            "wbeditentity",
            id=name,
            baserevid=newer.revision,
            clear=1,
            data="{}",
            summary=f"created at the same time as {into} ({summary})",
        )
        if was_merged(answer):
            guids = self._reader.history(name, newer.revision)[0].claims or {}
            change = Change(key=name, id=name, base=newer.revision, removed=tuple(guids), was=None)
            revision = int(answer["entity"]["lastrevid"])
            self._restorer.restore(change, summary, Written(name, revision, merged=True))

    def _redirect(self, name: str, into: str, summary: str) -> None:
        try:
            self._api.edit(
                "wbcreateredirect",
                **{"from": name, "to": into},
                summary=f"created at the same time as {into} ({summary})",
            )
        except RequestRefused as error:
            if error.code != "origin-not-empty":
                raise
            merge_items(self._api, name, into, _same_as(into, summary))

    def _is_merged(self, name: str, into: str) -> bool:
        """Check whether someone else, or an edit whose answer was lost, has merged them."""
        try:
            retries = self._waiter.retries()
            for _ in range(_TRIES):
                found = self._reader.read([name])
                if name not in found or found[name].entity.id == into:
                    return True
                retries.wait("an answer was lost: it is unknown whether they were merged")
        except (StoreError, Cancelled):
            return False
        return False


def _shortly_before(time: str) -> str:
    try:
        return (datetime.fromisoformat(time) - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return time


def _same_as(target: str, summary: str) -> str:
    return f"the same as {target} ({summary})"


def _is_about_edit(error: AnswerLost | RequestRefused) -> bool:
    return isinstance(error, RequestRefused) and error.edit_only


def _merge_by_hand(source: str, target: str, error: AnswerLost | RequestRefused) -> StoreError:
    kind = EditRefused if _is_about_edit(error) else StoreError
    return kind(
        f"{source} and {target} are the same and could not be merged: {error}",
        hint=f"merge {source} and {target} with Special:MergeItems on the wiki, then run the same"
        " command again",
    )
