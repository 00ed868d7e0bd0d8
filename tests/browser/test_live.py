"""The live report in a browser: its own scripts run, and no others."""

from collections.abc import Iterator
from threading import Lock, Thread

import pytest
from playwright.sync_api import Browser, ConsoleMessage

from tests.report.made_up import Survey, content, spoiled
from wbskills import live_report
from wbskills.report.site import Report
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.http_server import HttpServer
from wbskills.wikibase.server.site import Site, close


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server whose report is full of attacks."""
    hostile = Report(spoiled(content(Survey(communities=4, skills=8, people=9))))
    monkeypatch.setattr(live_report, "WAIT_SECONDS", 60.0)
    monkeypatch.setattr(live_report, "_build_report", lambda *_: hostile)
    server = HttpServer("127.0.0.1", 0)
    with Embedded(":memory:") as store:
        application = create_web_app(Site(store, server.address, Lock()))
        thread = Thread(target=server.run, args=(application,))
        thread.start()
        yield server.address
        server.stop()
        thread.join()
        close(application)


def test_served_pages_run_their_own_scripts_and_no_other(browser: Browser, address: str) -> None:
    """The map can be sorted, hostile labels are text, and no other site is requested."""
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    page = browser.new_page()
    page.on("console", said)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda box: wrong.append(box.message))
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((address, "data:")) else wrong.append(asked.url)
        ),
    )
    page.goto(f"{address}/report/en/map.html")
    page.locator("#map thead th[data-s] button").first.click()
    assert page.locator("#map th[aria-sort]").count() == 1
    for path in ("index.html", "people/Q5000.html", "skills/Q100.html"):
        answer = page.goto(f"{address}/report/en/{path}")
        assert answer is not None
        assert answer.status == 200
    page.close()
    assert wrong == []
