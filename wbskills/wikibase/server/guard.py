"""Which web pages may use a server that is not public.

Every page that is open in a browser on this machine could send requests to the server. The
headers that a browser adds (Host, Origin, Referer, Sec-Fetch-*) cannot be forged by a page.
Programs that are no browser send none of them and are allowed. Pages served by this machine,
such as OpenRefine's, are allowed: whoever serves them could send requests without a browser.
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
_ALLOW_ORIGIN: Final = "access-control-allow-origin"


def origin_of(text: str) -> str:
    """Return the origin of an address as browsers write it.

    >>> origin_of("HTTPS://Query.example:443/")
    'https://query.example'

    Raises `InvalidValue` if it is not an http(s) address without a path.
    """
    origin = _origin(text)
    if not origin or urlsplit(text).path not in {"", "/"}:
        raise InvalidValue(
            f"“{text}” is not the origin of a web page",
            hint="use an address without a path, for example https://query.example.org",
        )
    return origin


def is_loopback(host: str) -> bool:
    """Check whether only this machine can reach an address.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def local_only(
    application: Application, address: str, allowed: Collection[str] = ()
) -> Application:
    """Wrap an application so that only this machine's pages and `allowed` origins can use it.

    The requested host must be this machine or the host of `address`; otherwise a page could
    point its own name at this machine (DNS rebinding). Links on other pages can be followed.
    """
    origins = frozenset({_origin(address), *allowed}) - {""}
    own_host = urlsplit(address).hostname

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        host = _host(environ.get("HTTP_HOST", ""))
        if host is not None and host != own_host and not is_loopback(host):
            return _refuse(start_response, "This server is for this machine only.")
        if not _is_allowed(environ, origins):
            return _refuse(
                start_response,
                "Pages of other sites must not use this server.\n"
                "Try: run “wbskills serve” with --allow-origin ORIGIN",
            )
        origin = environ.get("HTTP_ORIGIN")
        return application(environ, _narrow_cors(origin, start_response))

    return guarded


def _is_allowed(environ: Environ, origins: Collection[str]) -> bool:
    """Check whether a request comes from a program, or from an allowed page."""
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if site == "same-origin":
        return True
    if origin is not None:
        return _is_trusted(_origin(origin), origins)
    referer = _origin(environ.get("HTTP_REFERER", ""))
    if _is_trusted(referer, origins) or _is_followed_link(environ):
        return True
    if site is not None:
        return site in {"same-site", "none"}
    # A program, or an old browser, which can only read the answer as a call (JSONP).
    return "callback" not in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)


def _is_trusted(origin: str, origins: Collection[str]) -> bool:
    return origin in origins or is_loopback(urlsplit(origin).hostname or "")


def _is_followed_link(environ: Environ) -> bool:
    """Check whether a browser opens a page for its user, which no other page can read."""
    return (
        environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST") == "document"
    )


def _narrow_cors(origin: str | None, start_response: StartResponse) -> StartResponse:
    """Let only the requesting page read an answer that the application lets every page read."""

    def start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
        kept = [(key, value) for key, value in headers if key.lower() != _ALLOW_ORIGIN]
        if len(kept) < len(headers):
            if origin is not None:
                kept.append(("Access-Control-Allow-Origin", origin))
            kept.append(("Vary", "Origin"))
        return start_response(status, kept, *rest)

    return start


def _origin(address: str) -> str:
    """Return the origin of an address; empty if it has none."""
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


def _host(header: str) -> str | None:
    """Return the name in a Host header; None if the header is empty, "" if it is malformed."""
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return ""


def _refuse(start_response: StartResponse, message: str) -> Iterable[bytes]:
    body = f"{message}\n".encode()
    head = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("403 Forbidden", head)
    return [body]
