"""Finding twins among what was made at the same time, and making one of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wbskills.errors import EditRefused, StoreError
from wbskills.wikibase.interface import EditLog, MergedDuplicate, Written
from wbskills.wikibase.model.edits import Change, Create
from wbskills.wikibase.model.entities import Entity, Kind, Stored
from wbskills.wikibase.remote.api import AnswerLost, Api, Refused
from wbskills.wikibase.remote.reader import About, Reader
from wbskills.wikibase.remote.restoring import Restorer
from wbskills.wikibase.remote.twins import Made, twins
from wbskills.wikibase.remote.waiting import Stopped, Waiting
from wbskills.wikibase.remote.writer import Job, Outcome, tells_of_a_merge

_BEFORE: Final = timedelta(minutes=1)  # revisions may be listed somewhat out of order
_TRIES: Final = 5
_PATIENCE: Final = 3  # times that it is waited for somebody else


class Uniter:
    """Keeps account of what is made on a wiki during a run, by this program and by others.

    The wiki's list of new entities is asked for after each chunk of creations, until it shows
    what was made last. It then shows everything that was there before; so of two programs that
    make the same at once, at least the one that came later sees both. What is `known` already
    was there when it was planned what to make; it is not read again.
    """

    def __init__(
        self,
        api: Api,
        reader: Reader,
        told: About,
        waiting: Waiting,
        known: Callable[[], Iterable[str]],
    ) -> None:
        self._api, self._reader, self._waiting, self._seen = api, reader, waiting, known
        self._bot = "bot" in told.rights
        self._restorer = Restorer(api, reader, waiting, bot=self._bot)
        self._since = told.time
        self._known: frozenset[str] | None = None
        self._made: dict[str, Made] = {}
        self._done: set[str] = set()  # given up already
        self._blind = False  # the wiki does not show what is made

    def unite(
        self, own: Mapping[str, tuple[Entity, Written]], summary: str
    ) -> list[MergedDuplicate]:
        """Look for twins of what was just made, and make one entity of two.

        What is kept is the one that was saved first.
        """
        for name, (entity, written) in own.items():
            self._made[name] = Made(entity, written.revision, ours=True)
        self._see_others(own)
        pairs = [
            (newer, older.entity.id)
            for newer, older in twins(self._made.values())
            if newer.entity.id not in self._done and (newer.ours or older.ours)
        ]
        ours = [pair for pair in pairs if pair[0].ours]
        for newer, into in ours:
            self._give_up(newer, into, summary)
        others = [pair for pair in pairs if not pair[0].ours and pair[0].entity.kind is Kind.ITEM]
        for name, into in self._not_given_up(others):
            self.merge(name, into, summary)
        found = [
            MergedDuplicate(newer.entity.id, into, ours=newer.ours)
            for newer, into in ours + others
        ]
        self._done.update(each.entity for each in found)
        for each in found:
            self._waiting.tell(str(each))
        return found

    def _see_others(self, own: Iterable[str]) -> None:
        """Read what others have made since the last look."""
        wanted, tries = set(own), self._waiting.once()
        listed, newest = self._reader.created_since(_earlier(self._since))
        for _ in range(0 if self._blind else _TRIES):
            if wanted <= listed.keys():
                break
            tries.again("the wiki does not list its newest entities yet")
            listed, newest = self._reader.created_since(_earlier(self._since))
        if not (self._blind or wanted <= listed.keys()):
            self._blind = True
            self._waiting.tell(
                "the wiki does not list what was made: whether others make the same cannot be"
                " seen. Try: wbskills check, when all is done"
            )
        self._since = newest or self._since
        if self._known is None:
            self._known = frozenset(self._seen()) - wanted
        unknown = [name for name in listed if name not in self._made and name not in self._known]
        for name, stored in self._reader.read(unknown).items():
            if stored.entity.id == name:
                self._made[name] = Made(stored.entity, listed[name], ours=False)

    def _not_given_up(self, pairs: list[tuple[Made, str]]) -> list[tuple[str, str]]:
        """Leave it to those who made the same later to give theirs up; for some seconds."""
        left = {newer.entity.id: into for newer, into in pairs}
        tries = self._waiting.once()
        for _ in range(_PATIENCE):
            found = self._reader.read(left)
            left = {n: into for n, into in left.items() if n in found and found[n].entity.id == n}
            if not left:
                break
            tries.again(f"{len(left)} entities were made by somebody else, too")
        return list(left.items())

    def _give_up(self, newer: Made, into: str, summary: str) -> None:
        """Empty what this program made a moment ago, and make it a redirect.

        It is planned anew for the other one. If anybody has changed it, that goes there.
        """
        try:
            self._empty(newer, into, summary)
            if newer.entity.kind is Kind.ITEM:
                self._redirect(newer.entity.id, into, summary)
        except (AnswerLost, Refused) as error:
            if not self._is_one(newer.entity.id, into):
                raise _by_hand(newer.entity.id, into, error) from error

    def merge(self, name: str, into: str, summary: str) -> None:
        """Put everything of an item into another one, of which it becomes a redirect."""
        try:
            self._merge(name, into, summary)
        except (AnswerLost, Refused) as error:
            if _is_about_them(error) or not self._is_one(name, into):
                raise _by_hand(name, into, error) from error

    def _empty(self, newer: Made, into: str, summary: str) -> None:
        name = newer.entity.id
        if self._reader.revisions([name]).get(name) == newer.revision:
            answer = self._api.edit(
                "wbeditentity",
                id=name,
                baserevid=newer.revision,
                clear=1,
                data="{}",
                summary=f"made at the same time as {into} ({summary})",
                **self._as_bot(),
            )
            if tells_of_a_merge(answer):
                guids = self._reader.history(name, newer.revision)[0].claims or {}
                change = Change(
                    key=name, id=name, base=newer.revision, removed=tuple(guids), was=None
                )
                revision = int(answer["entity"]["lastrevid"])
                self._restorer.restore(change, summary, Written(name, revision, merged=True))

    def _redirect(self, name: str, into: str, summary: str) -> None:
        try:
            self._api.edit(
                "wbcreateredirect",
                **{"from": name, "to": into},
                summary=f"made at the same time as {into} ({summary})",
                **self._as_bot(),
            )
        except Refused as error:
            if error.code != "origin-not-empty":
                raise
            self._merge(name, into, summary)

    def _merge(self, name: str, into: str, summary: str) -> None:
        self._api.edit(
            "wbmergeitems",
            fromid=name,
            toid=into,
            ignoreconflicts="description",
            summary=f"the same as {into} ({summary})",
            **self._as_bot(),
        )

    def _as_bot(self) -> dict[str, str | int]:
        return {"bot": 1} if self._bot else {}

    def _is_one(self, name: str, into: str) -> bool:
        """Tell whether somebody else, or an edit whose answer was lost, has made it one."""
        try:
            tries = self._waiting.once()
            for _ in range(_TRIES):
                found = self._reader.read([name])
                if name not in found or found[name].entity.id == into:
                    return True
                tries.again("an answer was lost: is it one entity now?")
        except (StoreError, Stopped):
            return False
        return False


def reckoned(
    jobs: Iterable[Job],
    outcomes: Iterable[Outcome],
    united: Mapping[str, MergedDuplicate],
    kept: Mapping[str, Stored],
    log: EditLog | None,
) -> Iterator[Outcome]:
    """Give what became of edits, now that some of what they made is one with something else.

    What was given up counts as not made: that is what an undo has to know.
    """
    into = {each.into: each for each in united.values()}
    for job, outcome in zip(jobs, outcomes, strict=True):
        if not isinstance(outcome, Written) or not isinstance(job.edit, Create):
            yield outcome
        elif outcome.id in united:
            each = united[outcome.id]
            there = kept.get(each.into)
            if log is not None:
                log.refused(job.number, str(each))
            yield Written(
                each.into, there.revision if there else 0, conflict_free=False, duplicate=each
            )
        elif outcome.id in into:
            yield replace(outcome, conflict_free=False, duplicate=into[outcome.id])
        else:
            yield outcome


def _earlier(time: str) -> str:
    try:
        return (datetime.fromisoformat(time) - _BEFORE).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return time


def _is_about_them(error: AnswerLost | Refused) -> bool:
    return isinstance(error, Refused) and error.alone


def _by_hand(name: str, into: str, error: AnswerLost | Refused) -> StoreError:
    kind = EditRefused if _is_about_them(error) else StoreError
    return kind(
        f"{name} and {into} are the same and could not be united: {error}",
        hint=f"Special:MergeItems on the wiki, for {name} and {into}; then the same command again",
    )
