"""Who may use a server on this machine: programs, its own pages, and pages of allowed origins."""

from typing import Any

import pytest

from wbskills.wikibase.server.guard import is_loopback, local_only, origin_of

ADDRESS = "http://127.0.0.1:8181"
NAMED = "https://query.example"
EVIL = "https://evil.example"
OPENREFINE = "http://127.0.0.1:3333"


def request(address: str = ADDRESS, **headers: str) -> tuple[str, dict[str, str]]:
    """Send a request to a guarded application; return status and headers of the answer."""
    seen: list[tuple[str, dict[str, str]]] = []

    def inside(_: dict[str, Any], start: Any) -> list[bytes]:  # noqa: ANN401 - as WSGI has it
        start("200 OK", [("Access-Control-Allow-Origin", "*")])
        return [b"in"]

    environ = {"HTTP_HOST": "127.0.0.1:8181", "REQUEST_METHOD": "GET", "QUERY_STRING": ""}
    environ |= {name if name.isupper() else f"HTTP_{name}": each for name, each in headers.items()}
    environ = {name.upper(): each for name, each in environ.items()}
    guarded = local_only(inside, address, {NAMED})
    b"".join(guarded(environ, lambda status, head: seen.append((status[:3], dict(head)))))
    return seen[0]


def fetch(site: str, mode: str = "no-cors", dest: str = "script", **more: str) -> str:
    """Send a request as a browser does; return the status."""
    return request(sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=dest, **more)[0]


def test_only_its_own_hosts_are_answered() -> None:
    """A page could point its own name at this machine (DNS rebinding)."""
    wiki = "http://wiki.test:8181"

    assert request(wiki, host="wiki.test:8181")[0] == "200"
    assert request(wiki, host="localhost:8181")[0] == "200"
    assert [request(wiki, host=host)[0] for host in ("other.test", "a]b", "10.0.0.1")] == [
        "403"
    ] * 3
    assert [is_loopback(host) for host in ("::1", "localhost", "10.0.0.1", "example.org")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_a_page_of_another_site_reads_and_sends_nothing(method: str) -> None:
    """Neither as itself, nor in a frame without an origin, nor under a similar name."""
    for origin in (EVIL, "null", "http://127.0.0.1.evil.example", "https://query.example.evil"):
        assert request(origin=origin, REQUEST_METHOD=method)[0] == "403", origin


def test_another_site_cannot_embed_anything() -> None:
    """Scripts, images and frames have no origin, but the browser says which site they are for."""
    for dest in ("script", "image", "iframe", "object"):
        assert fetch("cross-site", "navigate" if dest == "iframe" else "no-cors", dest) == "403"
    assert fetch("cross-site", referer=f"{EVIL}/page") == "403"


def test_an_old_browser_gets_no_jsonp() -> None:
    """It does not say which page asks, and JSONP is all that such a page could read."""
    assert request(QUERY_STRING="action=query&callback=steal")[0] == "403"
    assert request(QUERY_STRING="action=query&%63allback=steal")[0] == "403"
    refine = {"QUERY_STRING": "callback=show", "referer": f"{OPENREFINE}/"}
    assert request(**refine)[0] == "200"


def test_links_can_be_followed_but_forms_not_sent() -> None:
    """The other page does not see what the user then sees."""
    link = {"site": "cross-site", "mode": "navigate", "dest": "document"}

    assert fetch(**link, referer=f"{EVIL}/") == "200"
    assert fetch(**link, REQUEST_METHOD="POST", origin=EVIL) == "403"
    assert fetch(**link, REQUEST_METHOD="POST") == "403"


def test_an_allowed_page_reads_and_no_other_reads_its_cached_answer() -> None:
    """The answer says who may read it, and that it varies."""
    status, head = request(origin=NAMED, sec_fetch_site="cross-site", REQUEST_METHOD="POST")

    assert (status, head["Access-Control-Allow-Origin"], head["Vary"]) == ("200", NAMED, "Origin")
    assert request() == ("200", {"Vary": "Origin"})


def test_pages_of_this_machine_are_allowed() -> None:
    """The server's own, even if the browser hides their origin; and OpenRefine's, at any port."""
    assert fetch("same-origin", origin="null", REQUEST_METHOD="POST") == "200"
    assert fetch("none", "navigate", "document") == "200"
    status, head = request(origin=OPENREFINE, sec_fetch_site="same-site")
    assert (status, head["Access-Control-Allow-Origin"]) == ("200", OPENREFINE)
    assert fetch("same-site", QUERY_STRING="callback=show") == "200"
    assert fetch("cross-site", "navigate", "iframe", referer="http://localhost:3333/") == "200"
    assert request(QUERY_STRING="query=ASK{}")[0] == "200"  # a program says nothing


def test_an_origin_is_normalised() -> None:
    """As browsers write it."""
    assert origin_of("HTTPS://Query.example:443/") == NAMED
    assert origin_of("http://[::1]:3333") == "http://[::1]:3333"
