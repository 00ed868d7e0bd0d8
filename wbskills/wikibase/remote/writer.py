"""Writing edits to a wiki that many people use: in parallel, each once, none without a trace.

Every edit has a mark in its summary, the batch and a number. When the answer to an edit is lost,
the mark is looked for among the user's latest contributions before anything is sent again.

Shortly before a change is sent, it is looked whether somebody else came first. Where somebody
does in the moment that is left, the wiki merges the two; what that overwrote is put back.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from threading import Condition, Lock
from typing import Final

from wbskills.errors import EditConflict, EditRefused, LabelClash, StoreError
from wbskills.wikibase.interface import EditLog, Written
from wbskills.wikibase.model.edits import Change, Create, Edit
from wbskills.wikibase.remote.api import AnswerLost, Api, Refused
from wbskills.wikibase.remote.api_errors import Json
from wbskills.wikibase.remote.data import data, guids_in
from wbskills.wikibase.remote.reader import Reader, id_of
from wbskills.wikibase.remote.restoring import Restorer
from wbskills.wikibase.remote.waiting import Stopped, Tries, Waiting

_GONE: Final = frozenset(
    {"no-such-entity", "unresolved-redirect", "nosuchrevid", "cant-load-entity-content"}
)
_CONFLICTS: Final = frozenset({"editconflict"}) | _GONE
_RIGHTS: Final = frozenset({"permissiondenied", "cantcreate", "readapidenied", "forbidden"})
_MERGED: Final = frozenset({"wikibase-conflict-patched", "wikibase-self-conflict-patched"})
_AHEAD: Final = 50  # changes that are looked at together before they are sent
_REFUSED: Final = 50  # edits in a row; then it is not about them
_LATE: Final = 5.0  # seconds, for an edit that everybody has given up to come in after all


@dataclass(frozen=True, slots=True)
class Job:
    """One edit to be made: its place in the list, its number in the batch, its summary."""

    index: int
    number: int
    edit: Edit
    summary: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An edit that was not made, and why."""

    job: Job
    error: StoreError


Outcome = Written | Failure | None  # None: not begun, or broken off before it was sent


class Writer:
    """Makes edits with several sessions at once. `user` is whose contributions they become.

    `since` is a time of the wiki before which none of them was made.
    """

    def __init__(
        self,
        api: Api,
        reader: Reader,
        waiting: Waiting,
        *,
        user: str,
        sessions: int,
        bot: bool,
        since: str = "",
    ) -> None:
        self._api, self._reader, self._waiting, self._since = api, reader, waiting, since
        self._user, self._sessions, self._bot = user, sessions, bot
        self._restorer = Restorer(api, reader, waiting, bot=bot)

    def run(self, jobs: Sequence[Job], log: EditLog | None) -> list[Outcome]:
        """Make all edits, and note in the log what becomes of each.

        After a refusal that is not about one edit alone, no more are begun. On Ctrl-C the edits
        in flight are finished and noted before `KeyboardInterrupt` goes on its way.
        """
        run = _Run(jobs, log)
        count = min(self._sessions, len(jobs))
        pool = ThreadPoolExecutor(count, thread_name_prefix="wbskills-edits")
        futures: list[Future[None]] = []
        try:
            futures.extend(pool.submit(self._work, run) for _ in range(count))
            wait(futures)
        except KeyboardInterrupt:  # which may come before all sessions have begun
            run.halt()
            self._waiting.stop.set()
            self._waiting.tell("finishing the edits that were sent already")
            raise
        finally:
            run.halt()
            run.wait()  # for a thread, too, that Ctrl-C came before the pool had heard of
            pool.shutdown()
            self._waiting.stop.clear()
            _raise_bugs(futures)
            run.note_not_begun()
        return run.outcomes

    def _work(self, run: "_Run") -> None:
        """Make one edit after the other, as long as there are any."""
        for job in run.taken():
            try:
                self._look_ahead(job, run)
                run.note(job, self._make(job))
            except Stopped:
                run.halt()
            except _Unclear as unclear:
                run.leave_open(job, unclear)
            except StoreError as error:
                told = run.too_many(error)
                run.note(job, Failure(job, told))
                if not isinstance(told, LabelClash | EditConflict | EditRefused):
                    run.halt()

    def _look_ahead(self, job: Job, run: "_Run") -> None:
        """Raise `EditConflict` if somebody has changed an entity since it was read.

        So less has to be put back afterwards; that is for who comes between this and the edit.
        """
        if isinstance(job.edit, Create):
            return
        if run.newest(job, self._reader) > job.edit.base:
            raise _conflict(job)

    def _make(self, job: Job) -> Written:
        """Make one edit. Raises `StoreError`, or `Stopped` if it was not sent."""
        tries, again = self._waiting.once(), False
        while True:
            try:
                written = self._restored(job, self._sent(job))
                return self._only(job, written) if again else written
            except AnswerLost as lost:
                found = self._looked_up(job, tries, lost)
                if found is not None:
                    return self._restored(job, replace(found, merged=True))  # it may have been
                again = isinstance(job.edit, Create)
            except Refused as refused:
                found = self._found(job) if refused.clash else None
                if found is not None:
                    return found  # it was ours, and came in late
                raise _told(job, refused) from refused

    def _sent(self, job: Job) -> Written:
        edit = job.edit
        form: dict[str, str | int] = {"data": data(edit), "summary": job.summary}
        if isinstance(edit, Create):
            form["new"] = edit.entity.kind.value
        else:
            form |= {"id": edit.id, "baserevid": edit.base}
        if self._bot:
            form["bot"] = 1
        found = self._api.edit("wbeditentity", **form)
        try:
            entity = found["entity"]
            written = self._written(
                job, entity["id"], int(entity["lastrevid"]), entity.get("claims")
            )
            return replace(written, merged=tells_of_a_merge(found))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise AnswerLost("the answer tells of no entity") from None

    def _restored(self, job: Job, written: Written) -> Written:
        """Put back what an edit overwrote, if others may have come between."""
        if isinstance(job.edit, Create) or not written.merged:
            return written
        return self._restorer.restore(job.edit, job.summary, written)

    def _only(self, job: Job, written: Written) -> Written:
        """Make sure that an entity which was sent twice was made once; unite the two otherwise.

        A wiki writes the labels by which it notices a second one of the same name after it has
        answered. So an edit that everybody had given up may come in beside its repetition.
        """
        try:
            self._waiting.once().again("an answer was lost: was it made twice?", _LATE)
            found = {each.id: each for each in self._all_found(job)}
        except Stopped:
            return written
        found[written.id] = written
        first, *others = sorted(found.values(), key=lambda each: int(each.id[1:]))
        for other in others:
            self._unite(job, other.id, first.id)
        return replace(first, conflict_free=not others)

    def _unite(self, job: Job, name: str, into: str) -> None:
        """Make an entity that is there twice a redirect to its first one."""
        form: dict[str, str | int] = {"bot": 1} if self._bot else {}
        form["summary"] = f"{job.summary}, made twice"
        try:
            self._api.edit("wbmergeitems", fromid=name, toid=into, **form)
        except (AnswerLost, Refused) as error:
            raise StoreError(
                f"{job.edit.key} was made twice, {into} and {name}: {error}",
                hint=f"uniting {name} and {into} by hand, then the same command again",
            ) from error

    def _written(self, job: Job, name: str, revision: int, claims: object) -> Written:
        return Written(
            name, revision, guids_in(job.edit, claims), conflict_free=isinstance(job.edit, Create)
        )

    def _looked_up(self, job: Job, tries: Tries, lost: AnswerLost) -> Written | None:
        """Find out whether an edit was made whose answer was lost; twice, as it may take a while.

        Raises `_Unclear` if that cannot be found out now.
        """
        try:
            found = self._found(job)
            if found is None:
                tries.again(lost.why, lost.seconds)
                found = self._found(job)
        except (StoreError, Stopped) as error:
            raise _Unclear(job, error) from error
        return found

    def _found(self, job: Job) -> Written | None:
        """Look for an edit among the user's latest contributions."""
        return next(self._all_found(job), None)

    def _all_found(self, job: Job) -> Iterator[Written]:
        """Go through the latest contributions that bear the mark of an edit, newest first."""
        bound = {"ucend": self._since} if self._since else {}
        for answer in self._api.pages(
            "query",
            list="usercontribs",
            ucuser=self._user,
            ucprop="ids|title|comment",
            uclimit="max",
            **bound,
        ):
            for each in answer["query"]["usercontribs"]:
                name = id_of(each["title"])
                if name and str(each.get("comment", "")).endswith(job.summary):
                    yield self._written(job, name, int(each["revid"]), self._claims(job, name))

    def _claims(self, job: Job, name: str) -> object:
        """Read the statements that a new entity was made with."""
        if not isinstance(job.edit, Create):
            return None
        entity: Json = self._api.ask("wbgetentities", ids=name, props="claims")["entities"].get(
            name, {}
        )
        return entity.get("claims")


class _Unclear(Exception):
    """Nobody knows whether an edit was made, and nobody can find out now."""

    def __init__(self, job: Job, error: Exception) -> None:
        super().__init__(str(error))
        self.failure = Failure(
            job,
            StoreError(
                f"nobody knows whether {job.edit.key} was written: {error}",
                hint="the same command again, which finds out",
            ),
        )


class _Run:
    """The edits of one call: which are left, and what became of the others."""

    def __init__(self, jobs: Sequence[Job], log: EditLog | None) -> None:
        self._jobs, self._log = jobs, log
        self.outcomes: list[Outcome] = [None] * len(jobs)
        self._left = deque(jobs)
        self._in_flight = 0
        self._turn = Condition()
        self._looking = Lock()
        self._newest: dict[int, int] = {}  # revisions by the place of the job
        self._refused = 0  # edits in a row

    def taken(self) -> Iterator[Job]:
        """Give one job after the other to a thread; asking for the next, it has made the last."""
        while job := self._next():
            try:
                yield job
            finally:
                with self._turn:
                    self._in_flight -= 1
                    self._turn.notify_all()

    def _next(self) -> Job | None:
        with self._turn:
            if not self._left:
                return None
            self._in_flight += 1
            return self._left.popleft()

    def newest(self, job: Job, reader: Reader) -> int:
        """Give the newest revision of what a job changes; 0 where it is not known.

        That of the changes that come next is asked for at the same time.
        """
        with self._looking:
            if job.index not in self._newest:
                left = self._jobs[job.index :]
                coming = ((n.index, n.edit.id) for n in left if isinstance(n.edit, Change))
                ids = dict(islice(coming, _AHEAD))
                found = reader.revisions(ids.values())
                self._newest |= {index: found.get(name, 0) for index, name in ids.items()}
            return self._newest[job.index]

    def too_many(self, error: StoreError) -> StoreError:
        """Make of the last of many refusals in a row one that is not about one edit alone."""
        if isinstance(error, EditRefused) and self._refused + 1 >= _REFUSED:
            return StoreError(
                f"{_REFUSED} edits in a row were refused; the last: {error.what}", hint=error.hint
            )
        return error

    def halt(self) -> None:
        """Begin no more edits."""
        with self._turn:
            self._left.clear()

    def wait(self) -> None:
        """Wait until no edit is in flight."""
        with self._turn:
            self._turn.wait_for(lambda: not self._in_flight)

    def note(self, job: Job, outcome: Written | Failure) -> None:
        """Note what became of an edit."""
        self.outcomes[job.index] = outcome
        failed = isinstance(outcome, Failure) and isinstance(outcome.error, EditRefused)
        self._refused = self._refused + 1 if failed else 0
        if self._log is None:
            return
        if isinstance(outcome, Failure):
            self._log.refused(job.number, outcome.error.what)
        else:
            self._log.done(job.number, outcome)

    def leave_open(self, job: Job, unclear: _Unclear) -> None:
        """Note nothing of an edit, so that the log tells to look it up; begin no more."""
        self.outcomes[job.index] = unclear.failure
        self.halt()

    def note_not_begun(self) -> None:
        """Note the edits that were never sent; whoever reads the log need not look them up."""
        if self._log is None:
            return
        for job in self._jobs:
            if self.outcomes[job.index] is None:
                self._log.refused(job.number, "not begun")
        self._log.sync()


def _raise_bugs(futures: Sequence["Future[None]"]) -> None:
    """Raise what no thread should have raised."""
    for future in futures:
        future.result()


def tells_of_a_merge(found: Json) -> bool:
    """Tell whether a wiki says that it did an edit to a newer revision than the one it names."""
    warnings = found.get("warnings", {}).get("wbeditentity", {}).get("messages", ())
    listed = warnings.values() if isinstance(warnings, dict) else warnings
    return any(each.get("name") in _MERGED for each in listed)


def _conflict(job: Job) -> EditConflict:
    return EditConflict(
        f"{_name(job)} was changed by somebody since it was read", hint="the same command again"
    )


def _name(job: Job) -> str:
    edit = job.edit
    return edit.key if isinstance(edit, Create) or not edit.id else f"{edit.id} {edit.key}"


def _told(job: Job, refused: Refused) -> StoreError:
    """Say in words of this program why an edit was refused."""
    name = _name(job)
    if refused.code in _CONFLICTS and not isinstance(job.edit, Create):
        return _conflict(job)
    if refused.clash:
        return LabelClash(
            f"label and description of {name} are already those of {refused.clash}",
            entity=refused.clash,
            hint=f"a look at {refused.clash}: it may be the one that is meant",
        )
    rights = refused.code in _RIGHTS
    hint = refused.hint or ("wbskills doctor" if rights else "what the wiki says; its maintainers")
    kind = EditRefused if refused.alone else StoreError
    return kind(f"{name}: {refused.what}", hint=hint)
