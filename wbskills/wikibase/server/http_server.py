"""The web application on a socket, by waitress, with a limit on every wait.

By itself, waitress closes only connections that were idle for minutes, and accepts none once the
maximum is open. Here a request has to arrive in time, and when many connections are open, those
that have been idle longest are closed.
"""

import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

import waitress.channel  # type: ignore[import-untyped] # it ships no types
import waitress.parser  # type: ignore[import-untyped]
import waitress.server  # type: ignore[import-untyped]

from wbskills.errors import StoreError
from wbskills.wikibase.server.guard import Application, Environ, StartResponse
from wbskills.wikibase.server.settings import MEGABYTE

# Queries occupy at most twice as many as run at once (see `query_pool`); the others stay free.
THREADS: Final = 16
MAX_CONNECTIONS: Final = 500
HEAD_SECONDS: Final = 10.0  # for the head of a request to arrive
BODY_SECONDS: Final = 120.0  # for all of a request to arrive
IDLE_SECONDS: Final = 30.0  # between two requests, or two pieces of one, or of an answer
_MAX_HEAD: Final = 1 << 18  # bytes; clients put whole queries into the address
_BACKLOG: Final = 500  # connections that may wait to be accepted
_RECEIVED: Final = 1 << 17  # bytes received at once: an item of 40 statements
_CHUNKED: Final = 4_096  # bytes of a chunked body parsed at once
_CROWDED: Final = 0.8  # of all connections, from where on idle ones are closed
_STOP_SECONDS: Final = 10.0  # for the last requests to end
_PROXY: Final = {
    "trusted_proxy": "127.0.0.1",
    "trusted_proxy_headers": {"x-forwarded-for"},
    "clear_untrusted_proxy_headers": True,
}


class HttpServer:
    """A listening socket, and the application that answers there.

    With `port` 0, any free port is used; see `address`. `localhost` is 127.0.0.1, and ::1 where
    the machine has it. `max_body` is in bytes. Behind a web server on this machine
    (`is_proxied`), the addresses of clients come from `X-Forwarded-For`.
    Raises `StoreError` if the socket cannot be opened.
    """

    def __init__(
        self, host: str, port: int, *, max_body: int = 8 * MEGABYTE, is_proxied: bool = False
    ) -> None:
        try:
            self._sockets = [_listen("127.0.0.1" if host == "localhost" else host, port)]
        except OSError as error:
            raise StoreError(
                f"{host}, port {port} cannot be used: {error.strerror or error}",
                hint="use --port with another number",
            ) from error
        port = self._sockets[0].getsockname()[1]
        if host == "localhost":
            with suppress(OSError):  # not every machine has IPv6
                self._sockets.append(_listen("::1", port))
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._application: Application = _not_ready
        self._channels: dict[int, Any] = {}  # all that waitress's loop handles
        self._server = waitress.server.create_server(
            self._answer,
            sockets=self._sockets,
            map=self._channels,
            threads=THREADS,
            ident="wbskills",
            connection_limit=MAX_CONNECTIONS,
            cleanup_interval=1,
            recv_bytes=_RECEIVED,
            max_request_header_size=_MAX_HEAD,
            max_request_body_size=max_body,
            asyncore_use_poll=True,
            **(_PROXY if is_proxied else {}),
        )
        for channel in self._channels.values():
            if hasattr(channel, "channel_class"):  # a listener: one for each socket
                channel.channel_class, channel.maintenance = Connection, self._close_overdue

    def run(self, application: Application) -> None:
        """Answer requests until the program is interrupted, or `stop` is called."""
        self._application = application
        try:
            self._server.run()
        finally:
            self._server.close()

    def stop(self) -> None:
        """End a `run` in another thread, after the requests that are being answered."""
        self._server.task_dispatcher.shutdown(timeout=_STOP_SECONDS)
        self._in_loop(self._close_all)

    def close(self) -> None:
        """Stop listening, even without a `run`."""
        self._server.close()
        for each in self._sockets:
            each.close()

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._application(environ, start_response)

    def _close_overdue(self, now: float) -> None:
        """Close overdue connections; waitress calls this once a second."""
        connections = [
            channel for channel in self._channels.values() if isinstance(channel, Connection)
        ]
        if late := overdue(connections, now):
            # At once: a connection whose answer is not taken would not become closable.
            self._in_loop(lambda: [connection.handle_close() for connection in late])

    def _in_loop(self, action: Callable[[], object]) -> None:
        """Run an action in the thread of waitress's loop."""
        triggers = (channel for channel in self._channels.values() if hasattr(channel, "thunks"))
        next(triggers).pull_trigger(action)

    def _close_all(self) -> None:
        """Close everything, so that the loop has nothing left to wait for."""
        for channel in tuple(self._channels.values()):
            close = channel.handle_close if isinstance(channel, Connection) else channel.close
            close()


class _Request(waitress.parser.HTTPRequestParser):  # type: ignore[misc] # untyped
    """A request that knows when it began to arrive."""

    def __init__(self, adjustments: Any) -> None:  # noqa: ANN401 - waitress's own
        super().__init__(adjustments)
        self.started = time.time()

    def received(self, data: bytes) -> int:
        """Parse some of the data; return how much was used.

        For each chunk of a body, waitress copies all that it was given: so give it little.
        """
        used: int = super().received(data[:_CHUNKED] if self.chunked else data)
        return used

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head; a malformed one gets 400."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise waitress.parser.ParsingError("Invalid header") from error


class Connection(waitress.channel.HTTPChannel):  # type: ignore[misc] # untyped
    """A connection with a limit on how long it may be idle."""

    parser_class = _Request

    def is_overdue(self, now: float) -> bool:
        """Check whether the client took too long to send a request or to take an answer."""
        is_idle = self.last_activity < now - IDLE_SECONDS
        if self.requests:  # while one is being answered, only taking the answer is limited
            return bool(is_idle and self.total_outbufs_len)
        arriving = self.request
        if arriving is None:
            return bool(is_idle)
        allowed = BODY_SECONDS if arriving.headers_finished else HEAD_SECONDS
        return bool(is_idle or arriving.started < now - allowed)


def overdue(
    connections: Iterable[Connection], now: float, limit: int = MAX_CONNECTIONS
) -> list[Connection]:
    """Return the connections to close: overdue ones and, of too many, those idle longest."""
    open_ = list(connections)
    late = [one for one in open_ if one.is_overdue(now)]
    excess = len(open_) - len(late) - int(limit * _CROWDED)
    if excess > 0:
        idle = [one for one in open_ if not one.requests and one not in late]
        idle.sort(key=lambda one: one.request.started if one.request else one.last_activity)
        late += idle[:excess]
    return late


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket: clients that connect before `run` wait."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _not_ready(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []
