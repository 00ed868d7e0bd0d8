"""A process that answers queries until it is killed or its input ends.

Run as `python -m wbskills.wikibase.server.query_worker BYTES`; `query_pool` starts it and
exchanges frames with it on standard input and output: four bytes of length, a JSON object, and
as many bytes of body as its `size` says. An answer comes in pieces, followed by a frame with a
`status`.

The text of a query is processed only here, where that can be ended. To start quickly, this
module imports next to nothing.
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
from wbskills.wikibase.server.label_service import replace_label_services
from wbskills.wikibase.server.sparql_text import name_columns

PREVIEW: Final = "preview"  # the format of the first rows, for a page

Frame = dict[str, Any]

_LENGTH: Final = struct.Struct(">I")
_PIECE: Final = 1 << 16  # bytes of an answer that are sent together
# What Oxigraph's threads reserve without using it counts, too: 8 MB each of four, and of sixteen
# more while it opens its files.
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


def main() -> None:
    """Answer the frames on standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server gets it, and closes our input
    memory = int(sys.argv[1])
    _limit_memory(memory)
    forbid_network()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        first, _ = receive(source)
        worker = _Worker(first, memory)
        while True:
            frame, body = receive(source)
            if "query" in frame:
                send(sink, *worker.answer(frame, partial(send, sink, {})))
            else:
                worker.load(body)
    except (EOFError, BrokenPipeError):
        return


def send(pipe: IO[bytes], frame: Frame, body: bytes = b"") -> None:
    """Write a frame."""
    text = json.dumps({**frame, "size": len(body)}).encode()
    pipe.write(_LENGTH.pack(len(text)) + text)
    if body:
        pipe.write(body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[Frame, bytes]:
    """Read a frame and its body. Raises `EOFError` if the other side is gone."""
    length = _read(pipe, _LENGTH.size)
    frame: Frame = json.loads(_read(pipe, _LENGTH.unpack(length)[0]))
    return frame, _read(pipe, frame["size"])


def _read(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


class _AnswerTooLong(Exception):
    """The answer has more bytes than were allowed."""


class _Pieces(io.BytesIO):
    """Passes on in pieces what is written, up to a number of bytes."""

    def __init__(self, max_bytes: int, on_piece: Callable[[bytes], object]) -> None:
        super().__init__()
        self._left, self._on_piece = max_bytes, on_piece
        self._buffer = bytearray()

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - what is like bytes has no name yet
        """Write data. Raises `_AnswerTooLong` beyond the limit."""
        self._left -= len(data)
        if self._left < 0:
            raise _AnswerTooLong
        self._buffer += data
        if len(self._buffer) >= _PIECE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        self._on_piece(bytes(self._buffer))
        self._buffer.clear()


class _Worker:
    """Holds the triples of one store and answers queries about them.

    They are those of the snapshot that a query names or, without snapshots, those loaded last.
    """

    def __init__(self, first: Frame, memory: int) -> None:
        self._base, self._prefixes = first["base"], first["prefixes"]
        self._concept_base, self._memory = first["concept_base"], memory
        self._store = ox.Store()
        self._snapshot = ""

    def load(self, lines: bytes) -> None:
        """Replace all triples by these N-Triples."""
        _limit_memory(self._memory + _OPENING)
        self._store = ox.Store()
        self._store.bulk_load(lines, format=ox.RdfFormat.N_TRIPLES)
        _limit_memory(self._memory)

    def answer(self, frame: Frame, on_piece: Callable[[bytes], object]) -> tuple[Frame, bytes]:
        """Answer a query; return the last frame, and a message if it failed."""
        try:
            if frame["snapshot"] != self._snapshot:
                _limit_memory(self._memory + _OPENING)
                self._store = ox.Store.read_only(frame["snapshot"])
                self._snapshot = frame["snapshot"]
                _limit_memory(self._memory)
            out = _Pieces(frame["max_bytes"], on_piece)
            end = self._answer(frame, out)
            out.flush()
        except QueryError as error:
            return {"status": "refused", "hint": error.hint}, error.what.encode()
        except (SyntaxError, ValueError) as error:
            return {"status": "invalid"}, str(error).encode()
        except _AnswerTooLong:
            return {"status": "too long"}, b""
        except (OSError, RuntimeError) as error:
            return {"status": "failed"}, str(error).encode()
        return end, b""

    def _answer(self, frame: Frame, out: _Pieces) -> Frame:
        query = replace_label_services(
            frame["query"], self._prefixes, self._concept_base, frame["languages"]
        )
        query = name_columns(query, self._base, self._prefixes)
        found = self._store.query(query, base_iri=self._base, prefixes=self._prefixes)
        limit = frame["rows"]
        more = False
        if isinstance(found, ox.QueryTriples):
            format_ = frame["graph"]
            prefixes = self._prefixes if format_ != "nt" else None
            triples: Iterable[ox.Triple] = found
            if limit:
                some = list(islice(found, limit + 1))
                triples, more = some[:limit], len(some) > limit
            ox.serialize(triples, out, format=_GRAPHS[format_], prefixes=prefixes)
        elif limit and isinstance(found, ox.QuerySolutions):
            format_ = PREVIEW
            rows = [[_term(cell) for cell in row] for row in islice(found, limit + 1)]
            more = len(rows) > limit
            columns = [column.value for column in found.variables]
            out.write(json.dumps({"columns": columns, "rows": rows[:limit]}).encode())
        else:
            format_ = frame["table"]
            found.serialize(out, format=_TABLES[format_])
        return {"status": "ok", "format": format_, "more": more}


def _term(term: Any) -> dict[str, str] | None:  # noqa: ANN401 - whatever a cell may hold
    """Return a term as SPARQL's JSON has it, without what no page shows."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.Literal):
        return {"type": "literal", "value": term.value, "xml:lang": term.language or ""}
    return {"type": "other", "value": str(term)}


def _limit_memory(size: int) -> None:
    """Limit the bytes that this process can use; a query that needs more ends it.

    Linux counts the private memory of a process; other systems have no such limit.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    limit = size + _STACKS
    soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it would contain queries of others


def forbid_network() -> None:
    """Forbid this process the network, permanently; a second defence, on Linux only.

    Queries with SERVICE are refused before they get here.
    """
    known = _SOCKET.get(platform.machine())
    if sys.platform == "linux" and known is not None:
        _forbid(*known)


def _forbid(machine: int, call: int) -> None:
    """Let Linux answer a system call with “permission denied” from now on (seccomp)."""
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


if __name__ == "__main__":
    main()
