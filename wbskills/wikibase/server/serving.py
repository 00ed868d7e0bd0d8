"""The web application on a socket, by waitress."""

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

from wbskills.errors import StoreError
from wbskills.wikibase.server.guard import Application, Environ, StartResponse
from wbskills.wikibase.server.settings import MEGABYTE

# Queries may hold up twice as many as run at once (see `query_process`); the rest stays free.
THREADS: Final = 16
_LONGEST_HEAD: Final = 1 << 18  # bytes; clients put whole queries into the address
_BACKLOG: Final = 500  # connections that may wait until they are taken in
_RECEIVED: Final = 1 << 17  # bytes in one go: an item of 40 statements
_PROXY: Final = {
    "trusted_proxy": "127.0.0.1",
    "trusted_proxy_headers": {"x-forwarded-for"},
    "clear_untrusted_proxy_headers": True,
}
_PATIENCE: Final = 10.0  # seconds for the last requests to end


class Server:
    """A socket that listens, and the application that answers there.

    `port` 0 takes any that is free; `address` tells which. `localhost` is 127.0.0.1, and ::1
    where the machine has it. `longest_body` is in bytes. Behind a web server on this machine
    (`is_proxied`), clients are those that it names in `X-Forwarded-For`.
    Raises `StoreError` if the address is taken or is none of this machine.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        longest_body: int = 8 * MEGABYTE,
        is_proxied: bool = False,
    ) -> None:
        import waitress.server  # type: ignore[import-untyped] # it ships no types

        from wbskills.wikibase.server.connections import MOST, Channel

        try:
            self._sockets = [_listening("127.0.0.1" if host == "localhost" else host, port)]
        except OSError as error:
            raise StoreError(
                f"{host}, port {port} cannot be used: {error.strerror or error}",
                hint="--port with another number",
            ) from error
        port = self._sockets[0].getsockname()[1]
        if host == "localhost":
            with suppress(OSError):  # not every machine has IPv6
                self._sockets.append(_listening("::1", port))
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{port}"

        self._application: Application = _not_ready
        self._channels: dict[int, Any] = {}  # all that the loop of the server looks after
        self._server = waitress.server.create_server(
            self._answer,
            sockets=self._sockets,
            map=self._channels,
            threads=THREADS,
            ident="wbskills",
            connection_limit=MOST,
            cleanup_interval=1,
            recv_bytes=_RECEIVED,
            max_request_header_size=_LONGEST_HEAD,
            max_request_body_size=longest_body,
            asyncore_use_poll=True,
            **(_PROXY if is_proxied else {}),
        )
        for each in self._channels.values():
            if hasattr(each, "channel_class"):  # a listener: one for each socket
                each.channel_class, each.maintenance = Channel, self._tidy

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
        self._in_loop(self._close)

    def close(self) -> None:
        """Stop listening, also if there was no `run`."""
        self._server.close()
        for each in self._sockets:
            each.close()

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._application(environ, start_response)

    def _tidy(self, now: float) -> None:
        """Close what is held open for nothing; called once a second."""
        from wbskills.wikibase.server.connections import Channel, overdue

        channels = [each for each in self._channels.values() if isinstance(each, Channel)]
        if late := overdue(channels, now):
            # At once: what waits for somebody to take its answer would wait to be closed, too.
            self._in_loop(lambda: [channel.handle_close() for channel in late])

    def _in_loop(self, act: Callable[[], object]) -> None:
        """Let the loop of the server do something between two rounds."""
        triggers = (each for each in self._channels.values() if hasattr(each, "thunks"))
        next(triggers).pull_trigger(act)

    def _close(self) -> None:
        """Close everything; the loop that calls this has nothing left to wait for."""
        from wbskills.wikibase.server.connections import Channel

        for each in tuple(self._channels.values()):
            close = each.handle_close if isinstance(each, Channel) else each.close
            close()


def _listening(host: str, port: int) -> socket.socket:
    """Make a socket that listens; from then on, who comes early waits."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(_BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def _not_ready(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []
