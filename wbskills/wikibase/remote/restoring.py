"""Putting back what an edit overwrote, because somebody else was there a moment before."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from wbskills.errors import StoreError
from wbskills.wikibase.interface import Overwritten, Written
from wbskills.wikibase.model.edits import Change
from wbskills.wikibase.remote.api import AnswerLost, Api, Refused
from wbskills.wikibase.remote.data import claims_data
from wbskills.wikibase.remote.overwriting import Loss, Revision, losses, put_back
from wbskills.wikibase.remote.reader import Reader
from wbskills.wikibase.remote.waiting import Stopped, Waiting

_TRIES: Final = 4
_CONFLICT: Final = "editconflict"


class Restorer:
    """Compares an edit that the wiki merged with what stood there, and puts back what was lost.

    What others wrote is taken from the history as it was. If it is changed once more at the
    same time, that stays, and what cannot be put back is listed.
    """

    def __init__(self, api: Api, reader: Reader, waiting: Waiting, *, bot: bool) -> None:
        self._api, self._reader, self._waiting, self._bot = api, reader, waiting, bot

    def restore(self, change: Change, summary: str, written: Written) -> Written:
        """Put back what a change overwrote; gives what it wrote with that listed."""
        touched = [each.id for each in change.statements if each.id] + list(change.removed)
        listed: list[Overwritten] = []
        try:
            lost = self._lost(change.id, change.base, written.revision, touched)
            if lost:
                listed = self._put_back(change.id, summary, lost)
        except (StoreError, Stopped, AnswerLost):
            unknown = Loss("", None, None, written.revision - 1, "")
            listed = [_told(change.id, unknown, back=False)]
        for each in listed:
            self._waiting.tell(str(each))
        return replace(written, overwritten=tuple(listed))

    def _lost(self, entity: str, base: int, edit: int, touched: Iterable[str]) -> list[Loss]:
        return losses(self._history(entity, base, edit), edit, list(touched))

    def _history(self, entity: str, base: int, edit: int) -> list[Revision]:
        """Read what came since a revision; it is waited for a lagging database to show an edit."""
        tries = self._waiting.once()
        found = self._reader.history(entity, base)
        for _ in range(_TRIES):
            if any(each.id >= edit for each in found):
                break
            tries.again("the wiki does not show its newest edits yet")
            found = self._reader.history(entity, base)
        return found

    def _put_back(self, entity: str, summary: str, lost: list[Loss]) -> list[Overwritten]:
        """Put statements back as they were, until nobody else is there at the same time."""
        listed: list[Overwritten] = []
        edit = 0
        for _ in range(_TRIES):
            try:
                now = self._history(entity, max(edit, lost[0].revision), edit)[-1]
                back, beyond = put_back(lost, now)
                listed += [_told(entity, each, back=False) for each in beyond]
                kept = [each for each in lost if each not in beyond]
                if not back:
                    return listed + [_told(entity, each, back=True) for each in kept]
                edit = self._send(entity, summary, back, now)
                again = self._lost(entity, now.id, edit, [each.guid for each in back])
            except Refused as error:
                if error.code == _CONFLICT:
                    continue
                break
            except AnswerLost:
                continue  # the next look tells
            except (StoreError, Stopped):
                break
            # Whoever came between has changed what was to be taken back: theirs is the last word.
            over = {each.guid for each in again}
            listed += [_told(entity, each, back=each.guid not in over) for each in kept]
            if not again:
                return listed
            lost = again
        return listed + [_told(entity, each, back=False) for each in lost]

    def _send(self, entity: str, summary: str, back: list[Loss], now: Revision) -> int:
        form: dict[str, str | int] = {"bot": 1} if self._bot else {}
        whose = ", ".join(dict.fromkeys(each.user for each in back))
        answer = self._api.edit(
            "wbeditentity",
            id=entity,
            baserevid=now.id,
            data=claims_data(each.theirs for each in back if each.theirs is not None),
            summary=f"what {whose} changed at the same time, again ({summary})",
            **form,
        )
        try:
            return int(answer["entity"]["lastrevid"])
        except (KeyError, TypeError, ValueError):
            raise AnswerLost("the answer tells of no entity") from None


def _told(entity: str, loss: Loss, *, back: bool) -> Overwritten:
    return Overwritten(entity, loss.guid, loss.revision, loss.user, back)
