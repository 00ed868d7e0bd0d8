"""The web application on a socket, by waitress."""

import socket
from collections.abc import Iterable
from typing import Final

from wbskills.errors import StoreError
from wbskills.web.guard import Application, Environ, StartResponse
from wbskills.web.settings import MEGABYTE

# Queries may hold up twice as many as run at once (see `query_process`); the rest stays free.
THREADS: Final = 16
_LONGEST_HEAD: Final = 1 << 20  # bytes; clients put whole queries into the address
_CONNECTIONS: Final = 500
_RECEIVED: Final = 1 << 17  # bytes in one go: an item of 40 statements
_PATIENCE: Final = 10.0  # seconds for the last requests to end


class Server:
    """A socket that listens, and the application that answers there.

    `port` 0 takes any that is free; `address` tells which. `longest_body` is in bytes.
    Raises `StoreError` if the address is taken or is none of this machine.
    """

    def __init__(self, host: str, port: int, *, longest_body: int = 8 * MEGABYTE) -> None:
        import waitress.server  # type: ignore[import-untyped] # it ships no types

        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, port))
            self._socket.listen(_CONNECTIONS)  # from now on, who comes early waits
        except OSError as error:
            self._socket.close()
            raise StoreError(
                f"{host}, port {port} cannot be used: {error.strerror or error}",
                hint="--port with another number",
            ) from error
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{self._socket.getsockname()[1]}"

        self._application: Application = _not_ready
        self._server = waitress.server.create_server(
            self._answer,
            sockets=[self._socket],
            threads=THREADS,
            ident="wbskills",
            connection_limit=_CONNECTIONS,
            recv_bytes=_RECEIVED,
            max_request_header_size=_LONGEST_HEAD,
            max_request_body_size=longest_body,
            asyncore_use_poll=True,
        )

    def run(self, application: Application) -> None:
        """Answer requests until the program is interrupted, or somebody calls `stop`."""
        self._application = application
        try:
            self._server.run()
        finally:
            self._server.close()

    def stop(self) -> None:
        """Let a `run` in another thread end, after the requests that it is about to answer."""
        self._server.task_dispatcher.shutdown(timeout=_PATIENCE)
        self._server.trigger.pull_trigger(self._close)

    def close(self) -> None:
        """Stop listening, also if there was no `run`."""
        self._server.close()
        self._socket.close()

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._application(environ, start_response)

    def _close(self) -> None:
        """Close every connection; the loop that calls this has nothing left to wait for."""
        for channel in tuple(self._server.active_channels.values()):
            channel.handle_close()
        self._server.close()


def _not_ready(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []
