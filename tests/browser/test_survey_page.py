"""The page of a mapping in a browser: by keyboard, without scripts, on a phone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Lock, Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.surveys.exports.importing import write
from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.tools import GOOGLE
from wbskills import survey_page
from wbskills.tasks.mapping_editor import MappingEditor
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.guard import local_only
from wbskills.wikibase.server.http_server import HttpServer
from wbskills.wikibase.server.site import Site, close

TOKEN = "for-tests"  # noqa: S105 - of a server that exists only here
ARABIC = "ما مدى إجادتك لهذا؟"
MANY = [
    replace(person, name=f"{person.name} {number}", when=person.when.replace(day=number + 1))
    for number in range(20)
    for person in PEOPLE
]


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """Where the mapping is saved."""
    return tmp_path / "m.toml"


@pytest.fixture
def address(tmp_path: Path, mapping: Path) -> Iterator[str]:
    """A server with the page of a survey in Arabic, with very long names."""
    headings = [
        [
            text.replace("How well can you do this?", ARABIC).replace("consent", "x" * 200)
            for text in GOOGLE.headings[0]
        ]
    ]
    survey = replace(GOOGLE, headings=headings)
    editor = MappingEditor(write(tmp_path / "s.csv", survey.rows(MANY), survey), mapping)
    editor.begin()
    server = HttpServer("127.0.0.1", 0)
    with Embedded(":memory:") as store:
        site = Site(store, server.address, Lock())
        application = create_web_app(site, more=[survey_page.blueprint(site, editor, TOKEN)])
        guarded = local_only(application, server.address)
        thread = Thread(target=server.run, args=(guarded,))
        thread.start()
        yield f"{server.address}/survey/?token={TOKEN}"
        server.stop()
        thread.join()
        close(application)


@pytest.mark.parametrize("dark", [False, True])
def test_a_mapping_is_completed_by_keyboard_on_a_phone(
    browser: Browser, address: str, mapping: Path, *, dark: bool
) -> None:
    """Without scripts; then the report that there would be opens, with its own."""
    wrong: list[str] = []
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if dark else "light",
        java_script_enabled=False,
    )
    page = context.new_page()
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("requestfailed", lambda asked: wrong.append(asked.url))
    page.goto(address)
    assert "token" not in page.url
    assert page.get_by_text(ARABIC).count() == 3
    page.get_by_label("What is this run of the survey called?").focus()
    page.keyboard.type("Spring 2026")
    page.get_by_label("What does the column have").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("What does the answer “Yes” agree to?").select_option("consent_named")
    page.get_by_label("What does it mean that someone chose").select_option("wants_to_learn")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").click()
    assert "Nothing is open." in page.inner_text("main")
    assert "60 responses counted" in page.inner_text("main")
    assert 'property = "wikimedia_username"' in mapping.read_text("utf-8")
    assert 'en = "Spring 2026"' in mapping.read_text("utf-8")
    page.get_by_role("link", name="the map that there would be").click()
    assert "A preview" in page.inner_text("body")
    context.close()
    assert wrong == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_and_is_accessible(
    browser: Browser, address: str, width: int, *, dark: bool
) -> None:
    """Headings of any length are broken, and axe-core finds no violation."""
    page = browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]})
    assert not found.violations_count, found.generate_report()
    page.close()
