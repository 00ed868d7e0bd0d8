"""The door of a server that is not public: what pages in a browser may ask of it.

A browser on this machine reaches the server, so every page that is open there could, too. What
a browser says of a request (Host, Origin, Referer, Sec-Fetch-*) no page can forge; programs
without a browser say none of it, and are let in. Pages that this machine serves are let in as
well, OpenRefine's among them: whoever serves them could ask here without a browser.
"""

import ipaddress
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from wbskills.errors import InvalidValue

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAY_READ: Final = "access-control-allow-origin"


def origin_of(text: str) -> str:
    """Give the origin of an address as browsers write it.

    >>> origin_of("HTTPS://Query.example:443/")
    'https://query.example'

    Raises `InvalidValue` if it is not the address of a site.
    """
    found = _origin(text)
    if not found or urlsplit(text).path not in {"", "/"}:
        raise InvalidValue(f"“{text}” is no origin of pages", hint="https://query.example.org")
    return found


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def at_home(application: Application, address: str, allowed: Collection[str] = ()) -> Application:
    """Guard a server for one person from pages of others that this person's browser has open.

    Whatever stands in the browser's address bar must be this machine or the host of `address`,
    or else a page could give its own name the address of this machine. No page but those of
    this machine and of the `allowed` origins may read or post here; a link from elsewhere may
    be followed.
    """
    welcome = frozenset({_origin(address), *allowed}) - {""}
    name = urlsplit(address).hostname

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        host = _host(environ.get("HTTP_HOST", ""))
        if host is not None and host != name and not is_loopback(host):
            return _refused(start_response, "This server answers for this machine only.")
        if not _is_welcome(environ, welcome):
            told = "A page of another site may not use this server."
            return _refused(start_response, f"{told}\nTry: wbskills serve --allow-origin ORIGIN")
        return application(environ, _readable_by(environ.get("HTTP_ORIGIN"), start_response))

    return guarded


def _is_welcome(environ: Environ, welcome: Collection[str]) -> bool:
    """Tell whether a request comes from no page, or from one that may ask."""
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if site == "same-origin":
        return True
    if origin is not None:
        return _is_near(_origin(origin), welcome)
    if _is_near(_origin(environ.get("HTTP_REFERER", "")), welcome) or _is_followed_link(environ):
        return True
    if site is not None:
        return site in {"same-site", "none"}
    # A program, or an old browser. A call to a function is all that the latter would hand over.
    return "callback" not in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)


def _is_near(origin: str, welcome: Collection[str]) -> bool:
    return origin in welcome or is_loopback(urlsplit(origin).hostname or "")


def _is_followed_link(environ: Environ) -> bool:
    """Tell whether a browser opens a page here for its user to read: nobody else sees it."""
    return (
        environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST") == "document"
    )


def _readable_by(origin: str | None, start_response: StartResponse) -> StartResponse:
    """Let the page that asks read the answer, where the application says that all pages may."""

    def start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
        kept = [(key, value) for key, value in headers if key.lower() != _MAY_READ]
        if len(kept) < len(headers):
            if origin is not None:
                kept.append(("Access-Control-Allow-Origin", origin))
            kept.append(("Vary", "Origin"))
        return start_response(status, kept, *rest)

    return start


def _origin(address: str) -> str:
    """Give the origin of an address; empty if it has none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return ""
    shown = f"[{host}]" if ":" in host else host
    is_usual = port is None or port == _DEFAULT_PORTS[parts.scheme]
    return f"{parts.scheme}://{shown}" + ("" if is_usual else f":{port}")


def _host(named: str) -> str | None:
    """Give the name in a Host header; None if there is no such header, empty if it is odd."""
    try:
        return urlsplit(f"//{named}").hostname
    except ValueError:
        return ""


def _refused(start_response: StartResponse, what: str) -> Iterable[bytes]:
    body = f"{what}\n".encode()
    head = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("403 Forbidden", head)
    return [body]
