"""The form in a browser: log-in in three ways, by keyboard, without scripts, on phones."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from threading import Lock, Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from wbskills.domain import USERNAME, Identity
from wbskills.private_records.invitation_links import invitation_link
from wbskills.private_records.sealing import Key
from wbskills.private_records.self_evaluations import SelfEvaluations
from wbskills.self_evaluation.app import beside_wikibase
from wbskills.tasks.form_settings import FormSettings, WikiLogIn
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.accounts import add_user
from wbskills.wikibase.server.guard import local_only
from wbskills.wikibase.server.http_server import HttpServer
from wbskills.wikibase.server.oauth import register_app
from wbskills.wikibase.server.site import Site, close

PASSWORD = "a long pass phrase"  # noqa: S105 - of a server that exists only here
ALONE = "[name='level.templates'][value=alone]"
Visit = Callable[..., Page]


class Server:
    """A served form, whose wiki is its own log-in by OAuth 2, too."""

    def __init__(self, address: str, site: Site, key: Key) -> None:
        self.address, self._site, self._key = address, site, key

    def link(self, name: str) -> str:
        """Invite a person; returns their link."""
        with SelfEvaluations(self._site.records, self._site.store.salt(), self._key) as private:
            people = [(Identity(USERNAME, name), "dewiki")]
            (made,) = private.invite(people, "ambassadors", date(2100, 1, 1))
        return invitation_link(self.address, self._key, made.id)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A form beside a Wikibase in a folder, with the account of Ada."""
    key, folder = Key.random(), tmp_path / "store"
    http = HttpServer("127.0.0.1", 0)
    with Embedded(str(folder), concept_base=f"{http.address}/entity/") as store:
        add_user(store.accounts, "Ada", PASSWORD, ())
        app, secret = register_app(store.accounts, "The form", f"{http.address}/me/callback")
        wiki = WikiLogIn(
            rest=f"{http.address}/w/rest.php",
            client_id=app.id,
            client_secret=secret,
            name="Our wiki",
        )
        site = Site(store, http.address, Lock(), records=folder)
        settings = FormSettings(wiki=wiki, coordinators=frozenset({"Ada"}))
        served = create_web_app(site, more=[beside_wikibase(site, settings, key=key)])
        thread = Thread(target=http.run, args=(local_only(served, http.address),))
        thread.start()
        yield Server(http.address, site, key)
        http.stop()
        thread.join()
        close(served)


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Open the form; nothing may be requested elsewhere, and no script may fail."""
    contexts, wrong = [], list[str]()

    def visit_(
        path: str = "/me/",
        *,
        width: int = 1200,
        dark: bool = False,
        scripts: bool = True,
        locale: str = "en",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale=locale,
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda sent: (
                wrong.append(sent.url) if not sent.url.startswith(server.address) else None
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text)
                if said.type == "error" and "Failed to load resource" not in said.text
                else None
            ),
        )
        page.on("dialog", lambda box: wrong.append(box.message))
        page.goto(path if path.startswith("http") else server.address + path)
        return page

    yield visit_
    for context in contexts:
        context.close()
    assert wrong == []


def log_in(page: Page, *, by_wiki: bool = False) -> None:
    """Log in as Ada."""
    page.locator("main button.main" if by_wiki else "a[href*=UserLogin]").first.click()
    page.fill("#name", "Ada")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")


def answer(page: Page) -> None:
    """Go through the first parts, and send."""
    page.check("[name=consent][value=consent_named]")
    page.click("main .actions button")
    page.check(ALONE)
    page.check("[name='can_help.templates']")
    page.click("button.main[value=next] >> nth=-1")
    page.select_option("#home_community", "dewiki")
    page.fill("#another_skill", "<script>alert(1)</script>")
    page.click("button.main[value=next]")
    page.click("a.button.main")
    page.click("main .actions button")


@pytest.mark.parametrize("way", ["account", "wiki", "invitation"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_new_person(visit: Visit, server: Server, way: str, scripts: bool) -> None:
    """From the link to the thanks, whichever way they log in."""
    page = visit(server.link("Zoë") if way == "invitation" else "/me/", scripts=scripts)
    if way != "invitation":
        log_in(page, by_wiki=way == "wiki")
    if way == "wiki":
        assert "May The form know who you are?" in page.inner_text("h1")
        page.click("button[value=accept]")
    answer(page)
    expect(page.locator("h1")).to_have_text("Your answers are stored")
    page.goto(f"{server.address}/me/stored")
    assert "German Wikipedia" in page.inner_text("main")
    assert ("invitation link" in page.inner_text("main")) == (way == "invitation")


def test_who_says_no_to_the_wiki_is_told_so(visit: Visit) -> None:
    """And can begin in another way."""
    page = visit()
    log_in(page, by_wiki=True)
    page.click("button[value=reject]")
    assert "You did not allow it" in page.inner_text("main")
    assert page.locator("a[href*=UserLogin]").is_visible()


def test_who_comes_back_and_who_withdraws(visit: Visit, server: Server) -> None:
    """What was answered is there; after withdrawing, nothing is."""
    page = visit()
    log_in(page)
    answer(page)
    again = visit()
    log_in(again)
    assert "You have sent your answers" in again.inner_text("main")
    again.goto(f"{server.address}/me/skills-1")
    assert again.is_checked(ALONE)
    again.goto(f"{server.address}/me/withdraw")
    again.fill("#name", "ada")
    again.click("button.danger")
    assert "That is not your username" in again.inner_text("main")
    again.fill("#name", "Ada")
    again.click("button.danger")
    expect(again.locator("h1")).to_have_text("Removed")
    found = visit("/wiki/Special:Search?search=Ada").inner_text("main")
    assert "Q" not in found.replace("Search", "")


def test_answers_are_saved_while_people_type(visit: Visit, server: Server) -> None:
    """A closed tab loses nothing, not even the last words."""
    page = visit()
    log_in(page)
    page.goto(f"{server.address}/me/skills-1")
    page.check(ALONE)
    expect(page.locator(".saved")).to_have_text("Saved.")
    page.goto(f"{server.address}/me/about")
    page.fill("#another_skill", "Kiwix")
    page.close(run_before_unload=True)
    again = visit()
    log_in(again)
    again.goto(f"{server.address}/me/skills-1")
    assert again.is_checked(ALONE)
    again.goto(f"{server.address}/me/about")
    expect(again.locator("#another_skill")).to_have_value("Kiwix")


def test_by_keyboard_alone(visit: Visit) -> None:
    """Tab, arrows, space and Enter do."""
    page = visit()
    log_in(page)

    def tab_to(selector: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached")

    tab_to("[name=consent]")
    page.keyboard.press("Space")
    tab_to("main .actions button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/skills-1")
    tab_to("[name='level.templates']")
    page.keyboard.press("ArrowUp")  # from “no answer” to the last answer
    page.keyboard.press("ArrowUp")
    tab_to("[name='can_help.templates']")
    page.keyboard.press("Space")
    tab_to("main .actions button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/about")
    tab_to("main .actions button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/")
    tab_to("a.button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    assert "does not apply; can help" in page.inner_text("main")
    tab_to("main .actions button")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your answers are stored")


@pytest.mark.parametrize(
    ("width", "dark", "locale"),
    [(1200, False, "en"), (1200, True, "de"), (360, False, "fr"), (360, True, "ar")],
    ids=["wide", "dark", "phone", "arabic-phone"],
)
def test_no_page_bars_anybody(
    visit: Visit,
    server: Server,
    width: int,
    dark: bool,
    locale: str,
) -> None:
    """axe-core finds nothing, and no page is wider than the screen."""
    page = visit(width=width, dark=dark, locale=locale)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    log_in(page)
    answer(page)
    assert page.locator("html").get_attribute("dir") == ("rtl" if locale == "ar" else "ltr")
    paths = ("", "consent", "skills-1", "about", "check", "stored", "withdraw", "status", "none")
    for path in paths:
        page.goto(f"{server.address}/me/{path}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} wide"
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
