"""Queries that anyone may write, each run in a process that is killed at a time limit.

Oxigraph cannot be interrupted from Python, and a query can ask for a million times a million
rows. A few processes are kept running; one that exceeds its time is killed and replaced.

Together they use at most an eighth of the machine's memory: three quarters of that for the
processes, one quarter for answers that are being sent. There is no minimum: on a small machine
fewer queries run at once, and on a very small one (below 1 GB) some fail because memory runs out.
"""

import os
import queue
import shutil
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, Final, NamedTuple

from wbskills.errors import QueryError, StoreError
from wbskills.wikibase.embedded.snapshots import SharedSnapshots
from wbskills.wikibase.server.query_worker import Frame, receive, send
from wbskills.wikibase.server.settings import MEGABYTE
from wbskills.wikibase.server.site import Site

GIGABYTE: Final = 1 << 30
MAX_PROCESSES: Final = 4
_USEFUL: Final = 256 * MEGABYTE  # for a process; with less for each, fewer run at once
_MAX_ANSWER: Final = 256 * MEGABYTE
# Where Linux states the limit of a container; it can also be “max”, or a huge number.
_CONTAINER_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
TIMEOUT: Final = 30.0  # seconds
MAX_QUERY: Final = 1 << 16  # characters
_MAX_PREVIEW: Final = 4 * MEGABYTE  # of the first rows of an answer
_WORKER: Final = "wbskills.wikibase.server.query_worker"


class QueryTimeout(QueryError):
    """The query took longer than is allowed."""


class QueryTooLong(QueryError):
    """The query has more than `MAX_QUERY` characters."""


class TooManyQueries(StoreError):
    """No process became free in time."""


class AnswerMemoryFull(StoreError):
    """Too many bytes of answers are being sent."""


class MemoryBudget(NamedTuple):
    """The number of processes, and the bytes for each of them, for all answers, and for one."""

    processes: int
    process: int
    answers: int
    answer: int

    @property
    def total(self) -> int:
        """All that queries can use together."""
        return self.processes * self.process + self.answers


def budget_for(physical: int) -> MemoryBudget:
    """Divide the memory of a machine with so many bytes.

    >>> budget_for(16 * GIGABYTE) == (4, 384 * MEGABYTE, 512 * MEGABYTE, 256 * MEGABYTE)
    True
    >>> budget_for(1 * GIGABYTE) == (1, 96 * MEGABYTE, 32 * MEGABYTE, 16 * MEGABYTE)
    True
    """
    answers = physical // 32
    working = physical // 8 - answers
    processes = max(1, min(MAX_PROCESSES, working // _USEFUL))
    return MemoryBudget(processes, working // processes, answers, min(answers // 2, _MAX_ANSWER))


def machine_memory() -> int:
    """Return the bytes of memory of this machine, or of the container that this runs in."""
    found = [4 * GIGABYTE]
    with suppress(AttributeError, ValueError, OSError):  # not on Windows
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _CONTAINER_LIMITS:
        with suppress(OSError, ValueError):
            found.append(int(file.read_text(encoding="ascii")))
    return min(found)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class QueryAnswer:
    """An answer in pieces; `format` is one of the two that `QueryPool.run` was given.

    If only the first rows were requested, the format of a table is `query_worker.PREVIEW`, and
    `more` tells whether there are more rows. The bytes count against the memory for all answers
    for as long as this object lives.
    """

    format: str
    pieces: tuple[bytes, ...]
    more: bool = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return sum(map(len, self.pieces))

    @property
    def body(self) -> bytes:
        """All pieces as one."""
        return b"".join(self.pieces)


class QueryPool:
    """The processes that answer queries about one site; each is started when first needed.

    A query may wait `timeout` seconds for a free process, and then run as long. `close()` ends
    the processes, as does the end of this object or of the program.
    """

    def __init__(
        self,
        site: Site,
        prefixes: Mapping[str, str],
        *,
        timeout: float = TIMEOUT,
        processes: int = MAX_PROCESSES,
        memory: MemoryBudget | None = None,
    ) -> None:
        self._timeout = timeout
        self._memory = memory or budget_for(machine_memory())
        self._answer_memory = AnswerMemory(self._memory.answers)
        self._site = site
        self._first_frame: Frame = {
            "base": f"{site.address}/sparql",
            "prefixes": dict(prefixes),
            "concept_base": site.store.concept_base,
        }
        self._free: queue.LifoQueue[_Process] = queue.LifoQueue()
        number = min(processes, self._memory.processes)
        self._waiting = threading.BoundedSemaphore(number)
        started = [_Process(self._memory.process) for _ in range(number)]
        for process in started:
            self._free.put(process)
        folder = site.store.triples_folder
        self._snapshots = None
        if folder is not None:
            self._snapshots = SharedSnapshots(
                site.store, folder, lambda: [one.snapshot for one in started]
            )
        home = self._snapshots.folder if self._snapshots else None
        self.close = weakref.finalize(self, _close_all, started, home)

    def run(
        self,
        query: str,
        *,
        table: str = "json",
        graph: str = "ttl",
        languages: Sequence[str] = (),
        rows: int = 0,
    ) -> QueryAnswer:
        """Answer a query; it sees every edit that was answered before.

        The answer has the format `table` (for SELECT and ASK) or `graph`. `languages` are what
        the reader prefers for labels. With `rows`, only that many are computed.

        Raises `QueryTooLong`; `QueryError` if the query is invalid or its answer too long;
        `QueryTimeout`; `TooManyQueries`; `AnswerMemoryFull`; or `StoreError` if the process
        failed.
        """
        if len(query) > MAX_QUERY:
            raise QueryTooLong(
                f"the query is longer than {MAX_QUERY:,} characters", hint="shorten it"
            )
        max_answer = self._memory.answer
        frame: Frame = {
            "query": query,
            "table": table,
            "graph": graph,
            "languages": list(languages),
            "rows": rows,
            "max_bytes": min(_MAX_PREVIEW, max_answer) if rows else max_answer,
        }
        process = self._next_free()
        try:
            return self._run_in(process, frame)
        finally:
            self._free.put(process)

    def _next_free(self) -> "_Process":
        """Wait for a free process; only as many may wait as there are processes."""
        if self._waiting.acquire(blocking=False):
            try:
                return self._free.get(timeout=self._timeout)
            except queue.Empty:
                pass
            finally:
                self._waiting.release()
        raise TooManyQueries("too many queries are running", hint="try again in a moment")

    def _run_in(self, process: "_Process", frame: Frame) -> QueryAnswer:
        if not process.is_running():
            process.start(self._first_frame)
        self._update(process)
        frame["snapshot"] = process.snapshot
        pieces: list[bytes] = []

        def receive_piece(piece: bytes) -> None:
            self._answer_memory.take(len(piece))
            pieces.append(piece)

        try:
            end, message = process.run(frame, self._timeout, receive_piece)
            _raise_for_status(end, message.decode(), frame["max_bytes"])
        except BaseException:
            self._answer_memory.release(sum(map(len, pieces)))
            raise
        answer = QueryAnswer(end["format"], tuple(pieces), end["more"])
        weakref.finalize(answer, self._answer_memory.release, answer.size)
        return answer

    def _update(self, process: "_Process") -> None:
        """Give a process the current triples: a snapshot, or all of those in memory."""
        if self._snapshots is not None:
            self._snapshots.hand_out(process.read_next)
            return
        if process.edition == self._site.store.edition:
            return
        with self._site.write_lock:
            edition = self._site.store.edition
            lines = "\n".join(self._site.store.triples()).encode()
        process.load(lines, edition)


def _raise_for_status(end: Frame, message: str, max_bytes: int) -> None:
    match end["status"]:
        case "ok":
            return
        case "refused":
            raise QueryError(message, hint=end["hint"])
        case "invalid":
            raise QueryError(f"this is not SPARQL: {message}")
        case "too long":
            raise QueryError(
                f"the answer is longer than {max_bytes >> 20} MiB", hint="add a LIMIT"
            )
        case _:
            raise QueryError(f"the query cannot be answered: {message}")


def _close_all(processes: "list[_Process]", snapshots: Path | None) -> None:
    for process in processes:
        process.end()
    if snapshots is not None:
        shutil.rmtree(snapshots, ignore_errors=True)


@dataclass
class AnswerMemory:
    """Bytes that all answers may use until they are sent; `left` are unused."""

    left: int
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, size: int) -> None:
        """Use some bytes. Raises `AnswerMemoryFull` if too few are left."""
        with self._lock:
            if size > self.left:
                raise AnswerMemoryFull(
                    "too many long answers are being sent", hint="try again in a moment"
                )
            self.left -= size

    def release(self, size: int) -> None:
        """Return bytes that were taken."""
        with self._lock:
            self.left += size


class _Process:
    """One worker process with a limit on its memory; used by one thread at a time."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._running: subprocess.Popen[bytes] | None = None
        self.edition = -1  # of the triples that were loaded
        self.snapshot = ""  # that it reads, or is about to read

    def read_next(self, snapshot: str) -> None:
        self.snapshot = snapshot

    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def start(self, first: Frame) -> None:
        self.end()
        command = [sys.executable, "-m", _WORKER, str(self._memory)]
        self._running = subprocess.Popen(  # noqa: S603 - our own module, no words of a user
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        send(_pipe(self._running.stdin), first)

    def load(self, lines: bytes, edition: int) -> None:
        try:
            send(_pipe(self._started().stdin), {}, lines)
        except OSError as error:
            self.end()
            raise StoreError("the process that answers queries has failed") from error
        self.edition = edition

    def run(
        self, frame: Frame, timeout: float, on_piece: Callable[[bytes], object]
    ) -> tuple[Frame, bytes]:
        """Send a query, pass on the pieces of its answer, and return the last frame.

        The process is killed at the time limit, or if a piece is refused.
        """
        running = self._started()
        deadline = monotonic() + timeout
        killer = threading.Timer(timeout, running.kill)
        killer.daemon = True
        killer.start()
        try:
            send(_pipe(running.stdin), frame)
            while True:
                received, body = receive(_pipe(running.stdout))
                if "status" in received:
                    return received, body
                on_piece(body)
        except AnswerMemoryFull:
            self.end()
            raise
        except (EOFError, OSError) as error:
            self.end()
            if monotonic() >= deadline:
                raise QueryTimeout(f"the query took longer than {timeout:g} seconds") from error
            raise StoreError(
                "the process that answered the query has failed",
                hint="write a query that needs less memory",
            ) from error
        finally:
            killer.cancel()

    def end(self) -> None:
        """Kill the process."""
        running, self._running = self._running, None
        self.edition = -1
        if running is None:
            return
        running.kill()
        running.wait()
        for pipe in (running.stdin, running.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not yet sent to it
                    pipe.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._running is None:
            raise StoreError("the server is closing")
        return self._running


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise StoreError("the process has no pipe")
    return pipe
