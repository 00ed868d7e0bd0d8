"""A process of its own that answers queries until it is killed or its input ends.

Run as `python -m wbskills.web.query_worker`; `query_process` starts it and speaks with it by
frames on standard input and output: four bytes of length, a JSON object, and as many further
bytes as its `size` says. It imports next to nothing, for it has to start quickly.
"""

import ctypes
import io
import json
import os
import platform
import signal
import struct
import sys
from typing import IO, Any, Final

import pyoxigraph as ox

from wbskills.web.columns import with_columns

GIGABYTE: Final = 1 << 30

Frame = dict[str, Any]

_HEAD: Final = struct.Struct(">I")
_TABLES: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
}
# The number of the system call `socket`, and how Linux names the machine (linux/audit.h).
_SOCKET: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}


def send(pipe: IO[bytes], frame: Frame, body: bytes = b"") -> None:
    """Write a frame."""
    text = json.dumps({**frame, "size": len(body)}).encode()
    pipe.write(_HEAD.pack(len(text)) + text)
    if body:
        pipe.write(body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[Frame, bytes]:
    """Read a frame. Raises `EOFError` if the other side is gone."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    text = pipe.read(_HEAD.unpack(head)[0])
    if not text:
        raise EOFError
    frame: Frame = json.loads(text)
    body = pipe.read(frame["size"])
    if len(body) < frame["size"]:
        raise EOFError
    return frame, body


class _TooLong(Exception):
    """The answer has more bytes than were allowed."""


class _Bounded(io.BytesIO):
    """Collects what is written, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - what is like bytes has no name yet
        """Take bytes. Raises `_TooLong` when there are too many."""
        if self.tell() + len(data) > self._most:
            raise _TooLong
        return super().write(data)


class Worker:
    """Holds the triples of one store and answers queries about them.

    They are those of the snapshot that a query names, or, where there are no snapshots, those
    that `load` gave it.
    """

    def __init__(self, prefixes: dict[str, str]) -> None:
        self._prefixes = prefixes
        self._store = ox.Store()
        self._opened = ""

    def load(self, lines: bytes) -> None:
        """Replace all triples by these N-Triples."""
        self._store = ox.Store()
        self._store.bulk_load(lines, format=ox.RdfFormat.N_TRIPLES)

    def answer(self, frame: Frame) -> tuple[Frame, bytes]:
        """Answer a query: whether it went well, the format of the answer, and its bytes."""
        try:
            if frame["snapshot"] != self._opened:
                self._store = ox.Store.read_only(frame["snapshot"])
                self._opened = frame["snapshot"]
            return self._answer(frame)
        except (SyntaxError, ValueError) as error:
            return {"status": "bad"}, str(error).encode()
        except _TooLong:
            return {"status": "long"}, b""
        except (OSError, RuntimeError) as error:
            return {"status": "failed"}, str(error).encode()

    def _answer(self, frame: Frame) -> tuple[Frame, bytes]:
        query = with_columns(frame["query"], self._prefixes)
        found = self._store.query(query, prefixes=self._prefixes)
        out = _Bounded(frame["most"])
        if isinstance(found, ox.QueryTriples):
            name = frame["graph"]
            used = self._prefixes if name != "nt" else None
            ox.serialize(found, out, format=_GRAPHS[name], prefixes=used)
        else:
            name = frame["table"]
            found.serialize(out, format=_TABLES[name])
        return {"status": "ok", "format": name}, out.getvalue()


def memory(physical: int) -> int:
    """Say how many bytes a process may take; a query that wants more ends its process.

    Four of them run at once, beside the server: together they leave the machine alive.

    >>> memory(16 * GIGABYTE) // GIGABYTE
    4
    """
    return min(max(physical // 4, 2 * GIGABYTE), 8 * GIGABYTE)


def shut_in() -> None:
    """Take from this process, for good, what no query needs: the network, and endless memory.

    Queries with SERVICE are refused before they come here. Should one ever slip through,
    Linux refuses the connection; elsewhere there is only that first door.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = memory(physical) if hard == resource.RLIM_INFINITY else min(memory(physical), hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    known = _SOCKET.get(platform.machine())
    if sys.platform == "linux" and known is not None:
        _forbid(*known)


def _forbid(machine: int, call: int) -> None:
    """Let Linux answer a system call with “permission denied”, from now on (seccomp)."""
    refused = 0x00050000 | 13  # SECCOMP_RET_ERRNO with EACCES
    program = [
        (0x20, 0, 0, 4),  # load the machine
        (0x15, 0, 3, machine),  # another one: allow
        (0x20, 0, 0, 0),  # load the number of the call
        (0x15, 0, 1, call),
        (0x06, 0, 0, refused),
        (0x06, 0, 0, 0x7FFF0000),  # SECCOMP_RET_ALLOW
    ]
    steps = b"".join(struct.pack("HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(steps, len(steps))
    whole = struct.pack("HP", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    # PR_SET_NO_NEW_PRIVS, without which only root may filter; then PR_SET_SECCOMP.
    libc.prctl(38, 1, 0, 0, 0)
    libc.prctl(22, 2, ctypes.create_string_buffer(whole, len(whole)), 0, 0)


def main() -> None:
    """Answer the frames on standard input until it ends."""
    # Ctrl-C is for the server, which then closes our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shut_in()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        first, _ = receive(source)
        worker = Worker(first["prefixes"])
        while True:
            frame, body = receive(source)
            if "query" in frame:
                send(sink, *worker.answer(frame))
            else:
                worker.load(body)
    except (EOFError, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
