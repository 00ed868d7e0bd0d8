"""Writing edits to a wiki that many people use: in parallel, each once, all in the log.

The summary of every edit ends with the batch and a number. When the answer to an edit is lost,
that summary is looked for in the user's contributions before anything is sent again.

Just before a change is sent, its entity is checked for edits by others. If someone edits it in
the moment that is left, the wiki merges both edits; what that overwrote is put back.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from threading import Condition, Lock, Thread
from typing import Final

from wbskills.errors import EditConflict, EditRefused, LabelClash, StoreError
from wbskills.wikibase.interface import EditLog, Written
from wbskills.wikibase.model.edits import Change, Create, Edit
from wbskills.wikibase.remote.api import ActionApi, AnswerLost, RequestRefused
from wbskills.wikibase.remote.edit_json import edit_data, guids_in
from wbskills.wikibase.remote.lost_updates import Restorer, was_merged
from wbskills.wikibase.remote.reader import RemoteReader, id_of_title
from wbskills.wikibase.remote.retries import Cancelled, Retries, Waiter

_CONFLICTS: Final = frozenset(
    {
        "editconflict",
        "no-such-entity",
        "unresolved-redirect",
        "nosuchrevid",
        "cant-load-entity-content",
    }
)
_RIGHTS: Final = frozenset({"permissiondenied", "cantcreate", "readapidenied", "forbidden"})
_CHECK_AHEAD: Final = 50  # changes whose entities are checked in one request
_MAX_REFUSALS: Final = 50  # edits in a row; then it is not about single edits
_LATE: Final = 5.0  # seconds for an edit to arrive that was given up


@dataclass(frozen=True, slots=True)
class Job:
    """One edit to be made: its place in the list, its number in the batch, its summary."""

    index: int
    number: int
    edit: Edit
    summary: str

    @property
    def name(self) -> str:
        """What errors call the edit."""
        edit = self.edit
        return edit.key if isinstance(edit, Create) or not edit.id else f"{edit.id} ({edit.key})"


@dataclass(frozen=True, slots=True)
class Failure:
    """An edit that was not made, and why."""

    job: Job
    error: StoreError


Outcome = Written | Failure | None  # None: not sent


class EditWriter:
    """Makes edits with several sessions in parallel."""

    def __init__(
        self, api: ActionApi, reader: RemoteReader, waiter: Waiter, *, sessions: int
    ) -> None:
        self._api, self._reader, self._waiter = api, reader, waiter
        self._sessions = sessions
        self._restorer = Restorer(api, reader, waiter)

    def run(self, jobs: Sequence[Job], log: EditLog | None) -> list[Outcome]:
        """Make all edits, and log the outcome of each.

        After an error that is not about one edit alone, no more are begun. On Ctrl-C the edits
        in flight are finished and logged before `KeyboardInterrupt` is raised.
        """
        queue = _EditQueue(jobs, log)
        bugs: list[Exception] = []
        threads = [
            Thread(target=self._work, args=(queue, bugs), name="wbskills-edits")
            for _ in range(min(self._sessions, len(jobs)))
        ]
        try:
            for thread in threads:
                thread.start()
            queue.wait()
        except KeyboardInterrupt:  # which may come before all threads have started
            self._waiter.stop.set()
            self._waiter.on_progress("finishing the edits that were already sent")
            raise
        finally:
            queue.stop()
            queue.wait()
            for thread in threads:
                if thread.is_alive():
                    thread.join()
            self._waiter.stop.clear()
            queue.log_unsent()
        if bugs:
            raise bugs[0]
        return queue.outcomes

    def _work(self, queue: "_EditQueue", bugs: list[Exception]) -> None:
        """Make edits as long as there are any, in a thread of its own."""
        for job in queue.jobs():
            try:
                self._check_unchanged(job, queue)
                queue.record(job, self._make(job))
            except Cancelled:
                queue.stop()
            except _Unclear as unclear:
                queue.leave_unclear(job, unclear)
            except StoreError as error:
                error = queue.checked_refusals(error)
                queue.record(job, Failure(job, error))
                if not isinstance(error, LabelClash | EditConflict | EditRefused):
                    queue.stop()
            except Exception as bug:  # noqa: BLE001 - raised by `run`
                queue.stop()
                bugs.append(bug)

    def _check_unchanged(self, job: Job, queue: "_EditQueue") -> None:
        """Raise `EditConflict` if someone has changed an entity since it was read."""
        if isinstance(job.edit, Change) and (
            queue.latest_revision(job, self._reader) > job.edit.base
        ):
            raise _conflict(job)

    def _make(self, job: Job) -> Written:
        """Make one edit. Raises `StoreError`, or `Cancelled` if it was not sent."""
        retries, repeated = self._waiter.retries(), False
        while True:
            try:
                written = self._restored(job, self._send(job))
            except AnswerLost as lost:
                found = self._find_lost_edit(job, retries, lost)
                if found is not None:
                    return self._restored(job, replace(found, merged=True))  # it may have been
                repeated = isinstance(job.edit, Create)
            except RequestRefused as refused:
                found = self._find(job) if refused.clash else None
                if found is not None:
                    return found  # ours, which arrived late
                raise _as_store_error(job, refused) from refused
            else:
                return self._without_twin(job, written) if repeated else written

    def _send(self, job: Job) -> Written:
        edit = job.edit
        form: dict[str, str | int] = {"data": edit_data(edit), "summary": job.summary}
        if isinstance(edit, Create):
            form["new"] = edit.entity.kind.value
        else:
            form |= {"id": edit.id, "baserevid": edit.base}
        answer = self._api.edit("wbeditentity", **form)
        try:
            entity = answer["entity"]
            written = _written(job, entity["id"], int(entity["lastrevid"]), entity.get("claims"))
            return replace(written, merged=was_merged(answer))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise AnswerLost("the answer names no entity") from None

    def _restored(self, job: Job, written: Written) -> Written:
        """Put back what an edit overwrote, if others may have come between."""
        if isinstance(job.edit, Create) or not written.merged:
            return written
        return self._restorer.restore(job.edit, job.summary, written)

    def _without_twin(self, job: Job, written: Written) -> Written:
        """Merge the two entities of a creation that was sent twice and carried out twice.

        A wiki records the labels by which it would refuse the second one only after it has
        answered, so an edit that was given up may still arrive beside its repetition.
        """
        try:
            self._waiter.retries().wait("an answer was lost: was it created twice?", _LATE)
            found = {each.id: each for each in self._find_all(job)}
        except Cancelled:
            return written
        found[written.id] = written
        first, *others = sorted(found.values(), key=lambda each: int(each.id[1:]))
        for other in others:
            try:
                merge_items(self._api, other.id, first.id, f"{job.summary}, created twice")
            except (AnswerLost, RequestRefused) as error:
                raise StoreError(
                    f"{job.edit.key} was created twice, as {first.id} and {other.id}: {error}",
                    hint=f"merge {other.id} and {first.id} by hand, then run the same command"
                    " again",
                ) from error
        return replace(first, conflict_free=not others)

    def _find_lost_edit(self, job: Job, retries: Retries, lost: AnswerLost) -> Written | None:
        """Find an edit whose answer was lost; looks twice, as it may take a while to show.

        Raises `_Unclear` if that is impossible now.
        """
        try:
            found = self._find(job)
            if found is None:
                retries.wait(lost.why, lost.seconds)
                found = self._find(job)
        except (StoreError, Cancelled) as error:
            raise _Unclear(job, error) from error
        return found

    def _find(self, job: Job) -> Written | None:
        return next(self._find_all(job), None)

    def _find_all(self, job: Job) -> Iterator[Written]:
        """Find the user's contributions with the summary of an edit, newest first."""
        site = self._reader.site
        since = {"ucend": site.time} if site.time else {}
        for answer in self._api.pages(
            "query",
            list="usercontribs",
            ucuser=site.user,
            ucprop="ids|title|comment",
            uclimit="max",
            **since,
        ):
            for each in answer["query"]["usercontribs"]:
                name = id_of_title(each["title"])
                if name and str(each.get("comment", "")).endswith(job.summary):
                    yield _written(job, name, int(each["revid"]), self._claims(job, name))

    def _claims(self, job: Job, name: str) -> object:
        """Read the claims of a new entity, for its GUIDs."""
        if isinstance(job.edit, Change):
            return None
        found = self._api.ask("wbgetentities", ids=name, props="claims")
        return found["entities"].get(name, {}).get("claims")


def merge_items(api: ActionApi, source: str, target: str, summary: str) -> None:
    """Move everything of an item into another and redirect it there. Raises as `api.edit`."""
    api.edit(
        "wbmergeitems",
        fromid=source,
        toid=target,
        ignoreconflicts="description",
        summary=summary,
    )


class _Unclear(Exception):
    """It is unknown whether an edit was made, and impossible to find out now."""

    def __init__(self, job: Job, error: Exception) -> None:
        super().__init__(str(error))
        self.failure = Failure(
            job,
            StoreError(
                f"it is unknown whether {job.edit.key} was written: {error}",
                hint="run the same command again; it finds out",
            ),
        )


class _EditQueue:
    """The edits of one call, shared by its threads: what is left, and the outcomes."""

    def __init__(self, jobs: Sequence[Job], log: EditLog | None) -> None:
        self._jobs, self._log = jobs, log
        self.outcomes: list[Outcome] = [None] * len(jobs)
        self._left = deque(jobs)
        self._in_flight = 0
        self._changed = Condition()
        self._reading = Lock()
        self._latest: dict[int, int] = {}  # revisions by the index of the job
        self._refusals = 0  # in a row

    def jobs(self) -> Iterator[Job]:
        """Iterate over the jobs that are left; each is in flight until the next is taken."""
        while True:
            with self._changed:
                if not self._left:
                    return
                self._in_flight += 1
                job = self._left.popleft()
            try:
                yield job
            finally:
                with self._changed:
                    self._in_flight -= 1
                    self._changed.notify_all()

    def stop(self) -> None:
        """Begin no more edits."""
        with self._changed:
            self._left.clear()

    def wait(self) -> None:
        """Wait until nothing is left or in flight.

        Before Python 3.13, Ctrl-C in `Thread.join` makes a thread count as ended that is not.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._left and not self._in_flight)

    def latest_revision(self, job: Job, reader: RemoteReader) -> int:
        """Return the latest revision of the entity that a job changes; 0 if there is none.

        One request covers the changes that come next.
        """
        with self._reading:
            if job.index not in self._latest:
                left = self._jobs[job.index :]
                coming = ((n.index, n.edit.id) for n in left if isinstance(n.edit, Change))
                ids = dict(islice(coming, _CHECK_AHEAD))
                found = reader.revisions(ids.values())
                self._latest |= {index: found.get(name, 0) for index, name in ids.items()}
            return self._latest[job.index]

    def checked_refusals(self, error: StoreError) -> StoreError:
        """Return the error, or after many refusals in a row one that is about all edits."""
        if isinstance(error, EditRefused) and self._refusals + 1 >= _MAX_REFUSALS:
            return StoreError(
                f"{_MAX_REFUSALS} edits in a row were refused; the last: {error.what}",
                hint=error.hint,
            )
        return error

    def record(self, job: Job, outcome: Written | Failure) -> None:
        """Record and log the outcome of an edit."""
        self.outcomes[job.index] = outcome
        refused = isinstance(outcome, Failure) and isinstance(outcome.error, EditRefused)
        self._refusals = self._refusals + 1 if refused else 0
        if self._log is None:
            return
        if isinstance(outcome, Failure):
            self._log.refused(job.number, outcome.error.what)
        else:
            self._log.done(job.number, outcome)

    def leave_unclear(self, job: Job, unclear: _Unclear) -> None:
        """Log nothing about an edit, so that it counts as unknown, and begin no more."""
        self.outcomes[job.index] = unclear.failure
        self.stop()

    def log_unsent(self) -> None:
        """Log the edits that were never sent, so that nobody has to look them up."""
        if self._log is None:
            return
        for job in self._jobs:
            if self.outcomes[job.index] is None:
                self._log.refused(job.number, "not begun")
        self._log.sync()


def _written(job: Job, name: str, revision: int, claims: object) -> Written:
    return Written(
        name, revision, guids_in(job.edit, claims), conflict_free=isinstance(job.edit, Create)
    )


def _conflict(job: Job) -> EditConflict:
    return EditConflict(
        f"{job.name} was changed by someone else in the meantime",
        hint="run the same command again",
    )


def _as_store_error(job: Job, refused: RequestRefused) -> StoreError:
    if refused.code in _CONFLICTS and isinstance(job.edit, Change):
        return _conflict(job)
    if refused.clash:
        return LabelClash(
            f"{refused.clash} already has the same label and description as {job.name}",
            entity=refused.clash,
            hint=f"look at {refused.clash}; it may be the one you mean",
        )
    hint = refused.hint or (
        "run “wbskills doctor”"
        if refused.code in _RIGHTS
        else "check what the wiki says; ask the people who run it"
    )
    kind = EditRefused if refused.edit_only else StoreError
    return kind(f"{job.name}: {refused.what}", hint=hint)
