"""Wikis that answer in strange ways, or never."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from urllib.parse import parse_qs, urlsplit

Behaviour = Callable[[BaseHTTPRequestHandler], None]


class StrangeWiki(ThreadingHTTPServer):
    """A wiki that answers as a test wants, until the test is over."""

    daemon_threads = True

    def __init__(self, behave: Behaviour) -> None:
        self.over = Event()
        self.asked: list[dict[str, list[str]]] = []
        wiki = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wiki.asked.append(parse_qs(urlsplit(self.path).query))
                behave(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def api(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self.server_port}/w/api.php"


def send(body: bytes, *, status: int = 200, announced: int | None = None) -> Behaviour:
    """Answer with a body, and with the length that it should have."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if announced is None else announced))
        handler.send_header("Location", "http://127.0.0.1:9/")
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a little, again and again: no pause is ever too long."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.over.wait(0.05):  # type: ignore[attr-defined] # it is a StrangeWiki
        handler.wfile.write(b" ")
        handler.wfile.flush()


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Say nothing."""
    handler.server.over.wait(30)  # type: ignore[attr-defined] # it is a StrangeWiki
