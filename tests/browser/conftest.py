"""A headless Chromium, and sites of fictional people to open in it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.report.made_up import Survey, content, site_of, spoiled
from wbskills.report.content import Content

# One that the system has installed; no browser is ever fetched.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium. Skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed (Debian’s package is called chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


def write_site(made: Content, folder: Path) -> Path:
    """Write a site."""
    for path, body in site_of(made).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    return folder


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Sites by name: in English, in Arabic, full of attacks, naming nobody, of nobody."""
    ordinary = content(Survey(communities=8, skills=12, people=30))
    made = {
        "en": ordinary,
        "ar": replace(ordinary, language="ar"),
        "hostile": spoiled(content(Survey(communities=4, skills=8, people=9))),
        "unnamed": replace(ordinary, withhold_below=3),
        "empty": content(Survey(0, 0, 0, waves=0)),
    }
    folder = tmp_path_factory.mktemp("sites")
    return {name: write_site(one, folder / name) for name, one in made.items()}


@pytest.fixture
def opened(browser: Browser, sites: dict[str, Path]) -> Iterator[Open]:
    """Open a page of a site; requests to other sites and errors on the page fail the test."""
    contexts = []
    wrong: list[str] = []

    def open_(
        path: str, *, site: str = "en", width: int = 1200, dark: bool = False, scripts: bool = True
    ) -> Page:
        folder = sites[site].as_uri() + "/"
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)

        def asked(request: Request) -> None:
            if not request.url.startswith((folder, "data:")):
                wrong.append(f"{path} asks for {request.url}")

        def missed(request: Request) -> None:
            if request.failure != "net::ERR_ABORTED":  # the next page was opened before it came
                wrong.append(f"{path} misses {request.url}: {request.failure}")

        page = context.new_page()
        page.on("request", asked)
        page.on("requestfailed", missed)
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda box: wrong.append(f"{path} runs a label: {box.message}"))
        page.goto(folder + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []
