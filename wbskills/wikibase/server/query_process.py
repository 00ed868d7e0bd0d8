"""Queries that anybody may write, each in a process that can be killed at a time limit.

Oxigraph cannot be interrupted from Python, and a query can ask for a million times a million
rows. A few processes stand ready; one that runs over its time is killed and another started.
"""

import queue
import shutil
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from wbskills.errors import QueryError, StoreError
from wbskills.wikibase.server.query_memory import (
    AT_ONCE,
    MEGABYTE,
    Budget,
    NoRoom,
    Room,
    budget,
    memory_of_machine,
)
from wbskills.wikibase.server.query_worker import Frame, receive, send
from wbskills.wikibase.server.site import Site
from wbskills.wikibase.server.snapshots import Snapshots

SECONDS: Final = 30.0
LONGEST: Final = 1 << 16  # characters of a query
_ON_A_PAGE: Final = 4 * MEGABYTE  # of the first rows of an answer
_WORKER: Final = "wbskills.wikibase.server.query_worker"


class TimeIsUp(QueryError):
    """The query took longer than is allowed."""


class AllBusy(StoreError):
    """No process became free in time."""


class TooLong(QueryError):
    """The query has more characters than any may have."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Answered:
    """An answer in pieces; `format` is one of the two that were asked for.

    If only its first rows were asked for, `more` tells whether there are others, and the format
    of a table is `query_worker.SHOWN`. Its bytes count against all that answers may take for as
    long as this object lives.
    """

    format: str
    pieces: tuple[bytes, ...]
    more: bool = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(map(len, self.pieces))

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces)


class Queries:
    """The processes that answer queries about one site; each is started when first needed.

    `seconds` is how long a query may wait for a free process, and again how long it may run;
    `memory` is how much of it there is for queries. `close()` ends the processes; so does the
    end of this object, or of the program.
    """

    def __init__(
        self,
        site: Site,
        prefixes: Mapping[str, str],
        *,
        seconds: float = SECONDS,
        at_once: int = AT_ONCE,
        memory: Budget | None = None,
    ) -> None:
        self.seconds = seconds
        self.memory = memory or budget(memory_of_machine())
        self._room = Room(self.memory.answers)
        self._site = site
        self._first: Frame = {
            "base": f"{site.address}/sparql",
            "prefixes": dict(prefixes),
            "concept_base": site.store.concept_base,
        }
        self._free: queue.LifoQueue[_Process] = queue.LifoQueue()
        at_once = min(at_once, self.memory.processes)
        self._places = threading.BoundedSemaphore(at_once)  # for those who wait
        processes = [_Process(self.memory.each) for _ in range(at_once)]
        for process in processes:
            self._free.put(process)
        folder = site.store.triples_folder
        self._snapshots = None
        if folder is not None:
            self._snapshots = Snapshots(site, folder, lambda: [one.opened for one in processes])
        home = self._snapshots.home if self._snapshots else None
        self.close = weakref.finalize(self, _end, processes, home)

    def run(
        self,
        query: str,
        *,
        table: str = "json",
        graph: str = "ttl",
        accepted: Sequence[str] = (),
        rows: int = 0,
    ) -> Answered:
        """Answer a query: with a table (or yes or no) or a graph, whichever it asks for.

        `accepted` are the languages of labels that the reader wants. With `rows`, only so many
        are worked out. Sees every edit that was answered before. Raises `TooLong`, `QueryError`
        if it is no query or its answer is too long, `TimeIsUp`, `AllBusy`, `NoRoom`, or
        `StoreError` if its process broke down.
        """
        if len(query) > LONGEST:
            raise TooLong(f"the query is longer than {LONGEST:,} characters", hint="shorter ones")
        frame: Frame = {
            "query": query,
            "table": table,
            "graph": graph,
            "accepted": list(accepted),
            "rows": rows,
            "most": min(_ON_A_PAGE, self.memory.answer) if rows else self.memory.answer,
        }
        process = self._next()
        try:
            return self._ask(process, frame)
        finally:
            self._free.put(process)

    def _next(self) -> "_Process":
        """Wait for a free process, unless too many are waiting: they hold up the server."""
        if self._places.acquire(blocking=False):
            try:
                return self._free.get(timeout=self.seconds)
            except queue.Empty:
                pass
            finally:
                self._places.release()
        raise AllBusy("too many queries are running", hint="again in a moment")

    def _ask(self, process: "_Process", frame: Frame) -> Answered:
        if not process.is_running():
            process.start(self._first)
        self._bring_up(process)
        taken = _Taken(self._room)
        frame["snapshot"] = process.opened
        try:
            found, words = process.ask(frame, self.seconds, taken.add)
            self._refuse(found, words.decode(), frame["most"])
        except BaseException:
            self._room.give(taken.size)
            raise
        answered = Answered(found["format"], tuple(taken.pieces), found["more"])
        weakref.finalize(answered, self._room.give, taken.size)
        return answered

    @staticmethod
    def _refuse(found: Frame, words: str, most: int) -> None:
        match found["status"]:
            case "ok":
                return
            case "refused":
                raise QueryError(words, hint=found["hint"])
            case "bad":
                raise QueryError(f"this is not SPARQL: {words}")
            case "long":
                raise QueryError(f"the answer is longer than {most >> 20} MiB", hint="LIMIT")
            case _:
                raise QueryError(f"the query cannot be answered: {words}")

    def _bring_up(self, process: "_Process") -> None:
        """Give a process the triples as they are now: a snapshot, or where there is none, all."""
        if self._snapshots is not None:
            self._snapshots.newest(process.take)
            return
        if process.edition == self._site.store.edition:
            return
        with self._site.writing:
            edition = self._site.store.edition
            lines = "\n".join(self._site.store.triples()).encode()
        process.give(lines, edition)


class _Taken:
    """The pieces of an answer that have come, and room for them."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.pieces: list[bytes] = []
        self.size = 0

    def add(self, piece: bytes) -> None:
        self._room.take(len(piece))
        self.size += len(piece)
        self.pieces.append(piece)


class _Process:
    """One process, which may take so many bytes; used by one thread at a time."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._running: subprocess.Popen[bytes] | None = None
        self.edition = -1  # of the triples that it was given
        self.opened = ""  # the snapshot that it reads, or is about to read

    def take(self, snapshot: str) -> None:
        self.opened = snapshot

    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def start(self, first: Frame) -> None:
        self.end()
        command = [sys.executable, "-m", _WORKER, str(self._memory)]
        self._running = subprocess.Popen(  # noqa: S603 - our own module, no words of a user
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        send(_there(self._running.stdin), first)

    def give(self, lines: bytes, edition: int) -> None:
        try:
            send(_there(self._process().stdin), {}, lines)
        except OSError as error:
            self.end()
            raise StoreError("the process that answers queries broke down") from error
        self.edition = edition

    def ask(
        self, frame: Frame, seconds: float, take: Callable[[bytes], object]
    ) -> tuple[Frame, bytes]:
        """Send a query, hand on the pieces of its answer, and give what stands at its end.

        The process dies if that takes too long, or if a piece is not taken.
        """
        running = self._process()
        deadline = _Deadline(running, seconds)
        try:
            send(_there(running.stdin), frame)
            while True:
                found, body = receive(_there(running.stdout))
                if "status" in found:
                    return found, body
                take(body)
        except NoRoom:
            self.end()
            raise
        except (EOFError, OSError) as error:
            self.end()
            if deadline.is_over:
                raise TimeIsUp(f"the query took longer than {seconds:g} seconds") from error
            raise StoreError(
                "the process that answered the query broke down",
                hint="a query that needs less memory",
            ) from error
        finally:
            deadline.lift()

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

    def _process(self) -> "subprocess.Popen[bytes]":
        if self._running is None:
            raise StoreError("the server is closing")
        return self._running


class _Deadline:
    """Kills a process after some seconds unless it is lifted before."""

    def __init__(self, running: "subprocess.Popen[bytes]", seconds: float) -> None:
        self._running, self._lifted, self._lock = running, False, threading.Lock()
        self.is_over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def lift(self) -> None:
        with self._lock:
            self._lifted = True
        self._timer.cancel()

    def _end(self) -> None:
        with self._lock:
            if not self._lifted:
                self.is_over = True
                self._running.kill()


def _end(processes: "list[_Process]", home: Path | None) -> None:
    for process in processes:
        process.end()
    if home is not None:
        shutil.rmtree(home, ignore_errors=True)


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise StoreError("the process has no pipe")
    return pipe
