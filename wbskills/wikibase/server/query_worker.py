"""A process of its own that answers queries until it is killed or its input ends.

Run as `python -m wbskills.wikibase.server.query_worker BYTES`; `query_process` starts it and
speaks with it by frames on standard input and output: four bytes of length, a JSON object, and
as many further bytes as its `size` says. An answer comes in pieces, and then a frame with its
`status`.

All that is done with the text of a query is done here, where it can be ended.
It imports next to nothing, for it has to start quickly.
"""

import ctypes
import io
import json
import platform
import signal
import struct
import sys
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import IO, Any, Final

import pyoxigraph as ox

from wbskills.errors import QueryError
from wbskills.wikibase.server.columns import with_columns
from wbskills.wikibase.server.label_service import without_label_services

SHOWN: Final = "shown"  # the format of the first rows, for a page

Frame = dict[str, Any]

_HEAD: Final = struct.Struct(">I")
_PIECE: Final = 1 << 16  # bytes of an answer that go on their way together
# What Oxigraph's threads reserve and do not touch, counted like what they use: 8 MB each of
# four, and of sixteen more that open its files.
_STACKS: Final = 48 << 20
_OPENING: Final = 128 << 20
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


class _Pieces(io.BytesIO):
    """Hands on in pieces what is written, up to a number of bytes."""

    def __init__(self, most: int, hand_on: Callable[[bytes], object]) -> None:
        super().__init__()
        self._left, self._hand_on = most, hand_on
        self._waiting = bytearray()

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - what is like bytes has no name yet
        """Take bytes. Raises `_TooLong` when there are too many."""
        self._left -= len(data)
        if self._left < 0:
            raise _TooLong
        self._waiting += data
        if len(self._waiting) >= _PIECE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Hand on what is waiting."""
        self._hand_on(bytes(self._waiting))
        self._waiting.clear()


class Worker:
    """Holds the triples of one store and answers queries about them.

    They are those of the snapshot that a query names, or, where there are no snapshots, those
    that `load` gave it.
    """

    def __init__(self, first: Frame, most: int) -> None:
        self._base, self._prefixes = first["base"], first["prefixes"]
        self._concept_base, self._most = first["concept_base"], most
        self._store = ox.Store()
        self._opened = ""

    def load(self, lines: bytes) -> None:
        """Replace all triples by these N-Triples."""
        self._store = ox.Store()
        self._store.bulk_load(lines, format=ox.RdfFormat.N_TRIPLES)

    def answer(self, frame: Frame, hand_on: Callable[[bytes], object]) -> tuple[Frame, bytes]:
        """Answer a query; gives how it went, the format of the answer, and words on a failure.

        With `rows` in the frame an answer has no more than so many rows or triples.
        """
        try:
            if frame["snapshot"] != self._opened:
                _limit_memory(self._most + _OPENING)
                self._store = ox.Store.read_only(frame["snapshot"])
                self._opened = frame["snapshot"]
                _limit_memory(self._most)
            out = _Pieces(frame["most"], hand_on)
            status = self._answer(frame, out)
            out.flush()
        except QueryError as error:
            return {"status": "refused", "hint": error.hint}, error.what.encode()
        except (SyntaxError, ValueError) as error:
            return {"status": "bad"}, str(error).encode()
        except _TooLong:
            return {"status": "long"}, b""
        except (OSError, RuntimeError) as error:
            return {"status": "failed"}, str(error).encode()
        return status, b""

    def _answer(self, frame: Frame, out: _Pieces) -> Frame:
        plain = without_label_services(
            frame["query"], self._prefixes, self._concept_base, frame["accepted"]
        )
        plain = with_columns(plain, self._base, self._prefixes)
        found = self._store.query(plain, base_iri=self._base, prefixes=self._prefixes)
        most = frame["rows"]
        more = False
        if isinstance(found, ox.QueryTriples):
            name = frame["graph"]
            used = self._prefixes if name != "nt" else None
            triples: Iterable[ox.Triple] = found
            if most:
                some = list(islice(found, most + 1))
                triples, more = some[:most], len(some) > most
            ox.serialize(triples, out, format=_GRAPHS[name], prefixes=used)
        elif most and isinstance(found, ox.QuerySolutions):
            name = SHOWN
            rows = [[_term(cell) for cell in row] for row in islice(found, most + 1)]
            more = len(rows) > most
            columns = [column.value for column in found.variables]
            out.write(json.dumps({"columns": columns, "rows": rows[:most]}).encode())
        else:
            name = frame["table"]
            found.serialize(out, format=_TABLES[name])
        return {"status": "ok", "format": name, "more": more}


def _term(term: Any) -> dict[str, str] | None:  # noqa: ANN401 - whatever a cell may hold
    """Write a term of an answer as the JSON of results has it, but for what no page shows."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.Literal):
        return {"type": "literal", "value": term.value, "xml:lang": term.language or ""}
    return {"type": "other", "value": str(term)}


def _limit_memory(most: int) -> None:
    """Let this process take so many bytes; a query that wants more ends it.

    Linux counts what a process has for itself alone; elsewhere no such limit holds.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    limit = most + _STACKS
    known = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (known, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it would hold what others asked


def shut_in() -> None:
    """Take from this process, for good, what no query needs: the network.

    Queries with SERVICE are refused before they come here. Should one ever slip through,
    Linux refuses the connection; elsewhere there is only that first door.
    """
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
    most = int(sys.argv[1])
    _limit_memory(most)
    shut_in()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        first, _ = receive(source)
        worker = Worker(first, most)
        while True:
            frame, body = receive(source)
            if "query" in frame:
                send(sink, *worker.answer(frame, partial(send, sink, {})))
            else:
                worker.load(body)
    except (EOFError, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
