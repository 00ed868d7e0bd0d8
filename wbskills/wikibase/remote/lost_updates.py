"""What an edit overwrote because someone else edited at the same time, and putting that back.

Of two edits of one statement from the same revision, a Wikibase lets the last one win, and only
warns that it merged them. What the other had written is found in the history: by the statement
in the revision that the edit was planned on, in the one just before the edit, and in the latest.
Terms need no such care: there the wiki refuses the second edit.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wbskills.errors import StoreError
from wbskills.wikibase.interface import Overwritten, Written
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.remote.api import ActionApi, AnswerLost, RequestRefused
from wbskills.wikibase.remote.api_errors import Json
from wbskills.wikibase.remote.edit_json import claims_data
from wbskills.wikibase.remote.reader import RemoteReader, RemoteRevision
from wbskills.wikibase.remote.retries import Cancelled, Waiter

_ATTEMPTS: Final = 4
_MERGED: Final = frozenset({"wikibase-conflict-patched", "wikibase-self-conflict-patched"})


@dataclass(frozen=True, slots=True)
class LostUpdate:
    """A statement that an edit overwrote: as someone else had left it, and as the edit left it.

    `ours` is None if the edit removed it. `revision` and `user` are those of the lost change.
    `guid` is empty, and nothing else known, if a revision cannot be read.
    """

    guid: str
    theirs: Json | None
    ours: Json | None
    revision: int
    user: str

    def reported(self, entity: str, *, restored: bool) -> Overwritten:
        """Return the record of it for the user."""
        return Overwritten(entity, self.guid, self.revision, self.user, restored)


def was_merged(answer: Json) -> bool:
    """Check whether the wiki applied an edit to a newer revision than the one it names."""
    warnings = answer.get("warnings", {}).get("wbeditentity", {}).get("messages", ())
    listed = warnings.values() if isinstance(warnings, dict) else warnings
    return any(each.get("name") in _MERGED for each in listed)


def find_lost_updates(
    history: Sequence[RemoteRevision], edit: int, touched: Collection[str]
) -> list[LostUpdate]:
    """List what an edit overwrote of the statements with the GUIDs `touched`.

    `history` goes, oldest first, from the revision that the edit was planned on to the latest;
    `edit` is the number of the revision that it made.
    """
    until = next((n for n, each in enumerate(history) if each.id == edit), len(history))
    if until < 2:
        return []  # nobody came between
    base, before = history[0], history[until - 1]
    ours = history[until] if until < len(history) else None
    if base.claims is None or before.claims is None or ours is None or ours.claims is None:
        return [LostUpdate("", None, None, before.id, before.user)]
    found = []
    for guid in touched:
        was, theirs, left = (each.get(guid) for each in (base.claims, before.claims, ours.claims))
        if was is not None and theirs is not None and theirs not in (was, left):
            by = _last_change(history[:until], guid)
            found.append(LostUpdate(guid, theirs, left, by.id, by.user))
    return found


def split_restorable(
    lost: Iterable[LostUpdate], latest: RemoteRevision
) -> tuple[list[LostUpdate], list[LostUpdate]]:
    """Split lost updates into those that can be put back, and those changed again since.

    One that was already restored is in neither list.
    """
    restorable: list[LostUpdate] = []
    changed: list[LostUpdate] = []
    for each in lost:
        if each.theirs is None or latest.claims is None:
            changed.append(each)
            continue
        there = latest.claims.get(each.guid)
        if there != each.theirs:
            (restorable if there == each.ours else changed).append(each)
    return restorable, changed


class Restorer:
    """Finds what an edit that the wiki merged has overwritten, and puts it back.

    What someone changes once more at the same time stays; what cannot be put back is reported.
    """

    def __init__(self, api: ActionApi, reader: RemoteReader, waiter: Waiter) -> None:
        self._api, self._reader, self._waiter = api, reader, waiter

    def restore(self, change: Change, summary: str, written: Written) -> Written:
        """Put back what a change overwrote; returns `written` with a list of it."""
        touched = [statement.id for statement in change.statements if statement.id] + list(
            change.removed
        )
        try:
            lost = self._find_lost(change.id, change.base, written.revision, touched)
            reports = self._put_back(change.id, summary, lost) if lost else []
        except (StoreError, Cancelled, AnswerLost):
            unknown = LostUpdate("", None, None, written.revision - 1, "")
            reports = [unknown.reported(change.id, restored=False)]
        for report in reports:
            self._waiter.on_progress(str(report))
        return replace(written, overwritten=tuple(reports))

    def _find_lost(
        self, entity: str, base: int, edit: int, touched: Collection[str]
    ) -> list[LostUpdate]:
        return find_lost_updates(self._history(entity, base, edit), edit, touched)

    def _history(self, entity: str, base: int, edit: int) -> list[RemoteRevision]:
        """Read the revisions from `base` on, until a lagging database shows `edit`."""
        retries = self._waiter.retries()
        found = self._reader.history(entity, base)
        for _ in range(_ATTEMPTS):
            if any(each.id >= edit for each in found):
                break
            retries.wait("the wiki does not show its latest edits yet")
            found = self._reader.history(entity, base)
        return found

    def _put_back(self, entity: str, summary: str, lost: list[LostUpdate]) -> list[Overwritten]:
        """Put statements back, until nobody else edits them at the same time."""
        reports: list[Overwritten] = []
        edit = 0
        for _ in range(_ATTEMPTS):
            try:
                latest = self._history(entity, max(edit, lost[0].revision), edit)[-1]
                restorable, changed = split_restorable(lost, latest)
                reports += [each.reported(entity, restored=False) for each in changed]
                kept = [each for each in lost if each not in changed]
                if not restorable:
                    return reports + [each.reported(entity, restored=True) for each in kept]
                edit = self._send(entity, summary, restorable, latest)
                again = self._find_lost(
                    entity, latest.id, edit, [each.guid for each in restorable]
                )
            except RequestRefused as error:
                if error.code == "editconflict":
                    continue
                break
            except AnswerLost:
                continue  # the next look at the history shows it
            except (StoreError, Cancelled):
                break
            # Someone changed what was being put back: their change is the one to keep now.
            overwritten = {each.guid for each in again}
            reports += [
                each.reported(entity, restored=each.guid not in overwritten) for each in kept
            ]
            if not again:
                return reports
            lost = again
        return reports + [each.reported(entity, restored=False) for each in lost]

    def _send(
        self, entity: str, summary: str, restorable: list[LostUpdate], latest: RemoteRevision
    ) -> int:
        users = ", ".join(dict.fromkeys(each.user for each in restorable))
        answer = self._api.edit(
            "wbeditentity",
            id=entity,
            baserevid=latest.id,
            data=claims_data(each.theirs for each in restorable if each.theirs is not None),
            summary=f"restoring what {users} changed at the same time ({summary})",
        )
        try:
            return int(answer["entity"]["lastrevid"])
        except (KeyError, TypeError, ValueError):
            raise AnswerLost("the answer names no entity") from None


def _last_change(history: Sequence[RemoteRevision], guid: str) -> RemoteRevision:
    """Find the revision that gave a statement its last content."""
    by = history[-1]
    last = (by.claims or {}).get(guid)
    for each in reversed(history):
        if each.claims is None or each.claims.get(guid) != last:
            break
        by = each
    return by
