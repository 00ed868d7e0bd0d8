"""Connections that send nothing, or a little at a time, do not block others."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from threading import Thread
from time import monotonic, process_time, sleep
from typing import Any
from urllib.parse import urlsplit

import pytest

from wbskills.wikibase.server import http_server
from wbskills.wikibase.server.guard import Environ, StartResponse
from wbskills.wikibase.server.http_server import HttpServer

LONG = 40 << 20  # bytes: more than is sent on before somebody takes them
SHORT = 1.0  # seconds; all limits in these tests, but for the one of a body


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer at length at /long, briefly elsewhere."""
    if environ["PATH_INFO"] == "/long":
        start_response("200 OK", [("Content-Length", str(LONG))])
        return (bytes(1 << 20) for _ in range(LONG >> 20))
    start_response("200 OK", [("Content-Length", "4")])
    return [b"here"]


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A server with short limits."""
    for name in ("HEAD_SECONDS", "IDLE_SECONDS"):
        monkeypatch.setattr(http_server, name, SHORT)
    monkeypatch.setattr(http_server, "BODY_SECONDS", 3 * SHORT)
    server = HttpServer("127.0.0.1", 0)
    thread = Thread(target=server.run, args=(application,))
    thread.start()
    at = urlsplit(server.address)
    yield at.hostname or "", at.port or 0
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


def answers(address: tuple[str, int]) -> bool:
    """Tell whether the server answers at once."""
    with closing(HTTPConnection(*address, timeout=3)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().read() == b"here"


def closed_within(opened: socket.socket, seconds: float) -> bool:
    """Tell whether the server closes a connection in so many seconds."""
    opened.settimeout(seconds)
    try:
        while opened.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", b"GET"])
def test_half_open_connections_do_not_stop_the_server(
    address: tuple[str, int], sent: bytes
) -> None:
    """More than the maximum at once: a second later it answers others."""
    with ExitStack() as held:
        for _ in range(http_server.MAX_CONNECTIONS + 20):
            opened = held.enter_context(socket.create_connection(address, timeout=5))
            opened.sendall(sent)
        begun = monotonic()
        assert answers(address)
        assert monotonic() - begun < 3


def trickle(opened: socket.socket, begun: float, seconds: float) -> bool:
    """Send a byte now and then; tell whether the server closed the connection in time."""
    while monotonic() - begun < seconds:
        try:
            opened.sendall(b"x")
            sleep(0.1)
        except ConnectionError:
            return True
    return False


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
    ],
    ids=["head", "body"],
)
def test_a_request_that_arrives_byte_by_byte_is_ended(
    address: tuple[str, int], head: bytes
) -> None:
    """Each byte is activity, but the request as a whole has a limit."""
    with socket.create_connection(address) as opened:
        opened.sendall(head)
        assert trickle(opened, monotonic(), 6)


def test_chunks_of_one_byte_do_not_block_the_server(address: tuple[str, int]) -> None:
    """Waitress copied each of them with all that followed it."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    before = process_time()
    with socket.create_connection(address, timeout=20) as opened:
        opened.sendall(head + b"1\r\na\r\n" * 200_000 + b"0\r\n\r\n")
        assert opened.recv(15) == b"HTTP/1.1 200 OK"

    assert process_time() - before < 1.5


def test_an_invalid_address_gets_400(address: tuple[str, int]) -> None:
    """And no traceback is logged."""
    with socket.create_connection(address, timeout=5) as opened:
        opened.sendall(b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert opened.recv(12) == b"HTTP/1.1 400"


def test_unread_answers_do_not_block_threads(address: tuple[str, int]) -> None:
    """As many clients as there are threads request a long answer and read nothing of it."""
    with ExitStack() as held:
        waiting = []
        for _ in range(16):
            opened = held.enter_context(socket.create_connection(address))
            opened.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            waiting.append(opened)
        sleep(3 * SHORT)
        assert answers(address)


def test_slow_readers_get_the_whole_answer(address: tuple[str, int]) -> None:
    """As long as there is some activity."""
    with socket.create_connection(address, timeout=5) as opened:
        opened.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        taken = 0
        while piece := opened.recv(1 << 20):
            if taken < 3 << 20:
                sleep(0.3)
            taken += len(piece)
    assert taken > LONG


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(address: tuple[str, int]) -> None:
    """A connection between two requests stays open for a while."""
    with (
        closing(HTTPConnection(*address, timeout=5)) as busy,
        socket.create_connection(address) as quiet,
    ):
        for _ in range(8):
            busy.request("GET", "/")
            assert busy.getresponse().read() == b"here"
            sleep(SHORT / 3)
        assert closed_within(quiet, 2)


@pytest.mark.parametrize(("is_proxied", "told"), [(True, "203.0.113.9"), (False, "127.0.0.1")])
def test_a_web_server_in_front_states_the_clients_address(is_proxied: bool, told: str) -> None:
    """Otherwise one client that guesses passwords would lock out all others."""
    seen: list[str] = []

    def note(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return application(environ, start_response)

    server = HttpServer("127.0.0.1", 0, is_proxied=is_proxied)
    thread = Thread(target=server.run, args=(note,))
    thread.start()
    at = urlsplit(server.address)
    with closing(HTTPConnection(at.hostname or "", at.port, timeout=5)) as connection:
        forged = "198.51.100.7, 203.0.113.9"  # a web server adds whom it sees
        connection.request("GET", "/", headers={"X-Forwarded-For": forged})
        connection.getresponse().read()
    server.stop()
    thread.join(20)

    assert seen == [told]


class Stub:
    """The part of a connection that `overdue` uses."""

    def __init__(self, number: int, *, busy: bool = False) -> None:
        self.request: Any = None
        self.requests = ["one"] if busy else []
        self.last_activity = float(number)

    def is_overdue(self, now: float) -> bool:
        """Return whether the time is negative, which it never is."""
        return now < 0


def test_of_too_many_connections_the_longest_idle_are_closed() -> None:
    """But none that is being answered."""
    open_ = [Stub(number, busy=number < 3) for number in range(12)]

    gone = http_server.overdue(open_, 100, limit=10)  # type: ignore[arg-type] # all it looks at
    none = http_server.overdue(open_[:8], 100, limit=10)  # type: ignore[arg-type]

    assert [one.last_activity for one in gone] == [3, 4, 5, 6]
    assert none == []
