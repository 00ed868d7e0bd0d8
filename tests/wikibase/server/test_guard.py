"""Who may ask a server on this machine: programs, its own pages, and pages that are named."""

from typing import Any

import pytest

from wbskills.wikibase.server.guard import is_loopback, local_only, origin_of

ADDRESS = "http://127.0.0.1:8181"
NAMED = "https://query.example"
EVIL = "https://evil.example"
OPENREFINE = "http://127.0.0.1:3333"


def asked(address: str = ADDRESS, **headers: str) -> tuple[str, dict[str, str]]:
    """Ask a guarded application that all pages may read; gives status and head of the answer."""
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


def fetched(site: str, mode: str = "no-cors", dest: str = "script", **more: str) -> str:
    """Ask as a browser does; gives the status."""
    return asked(sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=dest, **more)[0]


def test_only_its_own_names_are_answered() -> None:
    """Or a page could give its name the address of this machine (DNS rebinding)."""
    wiki = "http://wiki.test:8181"

    assert asked(wiki, host="wiki.test:8181")[0] == "200"
    assert asked(wiki, host="localhost:8181")[0] == "200"
    assert [asked(wiki, host=host)[0] for host in ("other.test", "a]b", "10.0.0.1")] == ["403"] * 3
    assert [is_loopback(host) for host in ("::1", "localhost", "10.0.0.1", "example.org")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_a_page_of_another_site_reads_and_sends_nothing(method: str) -> None:
    """Neither as itself, nor hidden in a frame without an origin, nor under a like name."""
    for origin in (EVIL, "null", "http://127.0.0.1.evil.example", "https://query.example.evil"):
        assert asked(origin=origin, REQUEST_METHOD=method)[0] == "403", origin


def test_nothing_is_embedded_by_a_page_of_another_site() -> None:
    """Scripts, pictures and frames have no origin, but the browser says whose they are."""
    for dest in ("script", "image", "iframe", "object"):
        assert fetched("cross-site", "navigate" if dest == "iframe" else "no-cors", dest) == "403"
    assert fetched("cross-site", referer=f"{EVIL}/page") == "403"


def test_an_old_browser_hands_over_no_call() -> None:
    """It does not say who asks; a call to a function of its page is all that it could take."""
    assert asked(QUERY_STRING="action=query&callback=steal")[0] == "403"
    assert asked(QUERY_STRING="action=query&%63allback=steal")[0] == "403"
    refine = {"QUERY_STRING": "callback=show", "referer": f"{OPENREFINE}/"}
    assert asked(**refine)[0] == "200"


def test_a_link_may_be_followed_but_no_form_sent() -> None:
    """What the user then sees, the other page does not."""
    link = {"site": "cross-site", "mode": "navigate", "dest": "document"}

    assert fetched(**link, referer=f"{EVIL}/") == "200"
    assert fetched(**link, REQUEST_METHOD="POST", origin=EVIL) == "403"
    assert fetched(**link, REQUEST_METHOD="POST") == "403"


def test_a_page_that_is_named_reads_and_no_other_reads_what_was_kept_for_it() -> None:
    """The answer says who may read it, and that it differs."""
    status, head = asked(origin=NAMED, sec_fetch_site="cross-site", REQUEST_METHOD="POST")

    assert (status, head["Access-Control-Allow-Origin"], head["Vary"]) == ("200", NAMED, "Origin")
    assert asked() == ("200", {"Vary": "Origin"})


def test_pages_of_this_machine_are_at_home() -> None:
    """The server's own, also where a page hides its address; and OpenRefine's, at any name."""
    assert fetched("same-origin", origin="null", REQUEST_METHOD="POST") == "200"
    assert fetched("none", "navigate", "document") == "200"
    status, head = asked(origin=OPENREFINE, sec_fetch_site="same-site")
    assert (status, head["Access-Control-Allow-Origin"]) == ("200", OPENREFINE)
    assert fetched("same-site", QUERY_STRING="callback=show") == "200"
    assert fetched("cross-site", "navigate", "iframe", referer="http://localhost:3333/") == "200"
    assert asked(QUERY_STRING="query=ASK{}")[0] == "200"  # a program says nothing


def test_an_origin_is_written_as_browsers_write_it() -> None:
    """Whatever was typed."""
    assert origin_of("HTTPS://Query.example:443/") == NAMED
    assert origin_of("http://[::1]:3333") == "http://[::1]:3333"
