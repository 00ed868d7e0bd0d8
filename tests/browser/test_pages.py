"""Every kind of page in a browser: complete, accessible, and safe from attacks."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Open

PAGES = (
    "index.html", "map.html", "coverage.html", "communities.html", "languages.html", "people.html",
    "learning.html", "baseline.html", "rare.html", "change.html", "freshness.html",
    "reading.html", "data.html", "quality.html",
    "communities/Q1000.html", "languages/Q800.html", "people/Q5000.html", "skills/Q100.html",
)  # fmt: skip
SOME = ("index.html", "map.html", "coverage.html", "communities/Q1000.html")


def violations(page: Page) -> str:
    """Return the accessibility violations that axe-core finds; empty if there are none."""
    # It would fetch the style sheets again, which the policy of the pages forbids.
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]})
    return found.generate_report() if found.violations_count else ""


def check_fit(page: Page) -> None:
    """Check that nothing is wider than the window, and no image is missing."""
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], (page.url, widths)
    missing = page.evaluate(
        "[...document.images].filter(one => !(one.complete && one.naturalWidth)).length"
    )
    assert missing == 0, page.url


def walk(page: Page, paths: Sequence[str]) -> Iterator[str]:
    """Visit pages of a site in one window; the first one must be open already."""
    top = page.url.removesuffix(paths[0])
    for path in paths:
        if page.url != top + path:
            page.goto(top + path)
        yield path


def test_pages_are_accessible(opened: Open) -> None:
    """Each kind of page fits, and axe-core finds no violation."""
    page = opened(PAGES[0])
    for path in walk(page, PAGES):
        check_fit(page)
        assert violations(page) == "", path


def test_dark_pages_are_accessible(opened: Open) -> None:
    """In the dark colour scheme, too."""
    page = opened(SOME[0], dark=True)
    for path in walk(page, SOME):
        assert violations(page) == "", path


def test_pages_fit_a_phone(opened: Open) -> None:
    """At 360 pixels, wide tables scroll in a box of their own."""
    page = opened(PAGES[0], width=360)
    for path in walk(page, PAGES):
        check_fit(page)
        assert path not in SOME or violations(page) == "", path


def test_pages_in_arabic_are_right_to_left(opened: Open) -> None:
    """They still fit and are accessible."""
    page = opened(PAGES[0], site="ar")
    for path in walk(page, PAGES):
        check_fit(page)
        heading = page.locator("h1").bounding_box()
        assert heading is not None
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        assert path not in SOME or violations(page) == "", path


def test_pages_on_paper(opened: Open) -> None:
    """Print has no controls, and no scrolling box cuts anything off."""
    page = opened("map.html")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator(".tools").is_visible()
    box = page.locator(".box.skills")
    assert box.evaluate("box => getComputedStyle(box).overflow") == "visible"
    assert len(page.pdf()) > 10_000


def test_paper_holds_every_column_and_repeats_headings(opened: Open) -> None:
    """On A4 no table is wider than the sheet, and no heading holds a control.

    Chromium repeats no heading that does, and a table of three sheets would have one heading.
    """
    page = opened(PAGES[0], width=688)  # what the margins leave of 210 mm
    page.emulate_media(media="print")
    tables = 0
    for path in walk(page, PAGES):
        for box in page.locator(".scroll > table:visible").all():
            tables += 1
            widths = box.evaluate("one => [one.offsetWidth, one.closest('main').offsetWidth]")
            assert widths[0] <= widths[1], path
        for button in page.locator("thead th button").all()[:3]:
            assert button.evaluate("one => getComputedStyle(one).display") == "contents", path
        for press in (".own", ".way", ".up", ".paste", ".data", ".links"):
            assert page.locator(press).locator("visible=true").count() == 0, (path, press)
    assert tables > len(PAGES) // 2


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
def test_each_sheet_of_a_long_table_has_its_headings(opened: Open, tmp_path: Path) -> None:
    """In the printed PDF."""
    page = opened("people.html")
    page.locator("tbody.people").evaluate(
        "body => { const rows = body.innerHTML; body.innerHTML = rows.repeat(8); }"
    )
    page.pdf(path=tmp_path / "people.pdf", format="A4")
    text = subprocess.run(  # a tool of the system, on a file of ours
        ["pdftotext", "-layout", "people.pdf", "-"],  # noqa: S607  # found above
        cwd=tmp_path, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    sheets = [sheet for sheet in text.split("\f") if "Ada" in sheet]
    assert len(sheets) > 2
    assert all("Availability" in sheet for sheet in sheets)  # a heading of one word


def test_names_in_cells_begin_where_the_page_does(opened: Open) -> None:
    """A Latin name on an Arabic page is aligned to the right, like the cell."""
    page = opened("rare.html", site="ar")
    for path in walk(page, ("rare.html", "skills/Q100.html", "communities/Q1000.html")):
        gaps = page.locator("td li").evaluate_all(
            """ones => ones.map(one => {
              const range = document.createRange();
              range.selectNodeContents(one);
              const text = Math.max(...[...range.getClientRects()].map(each => each.right));
              return one.getBoundingClientRect().right - text;
            })"""
        )
        assert gaps, path
        assert all(abs(gap) < 2 for gap in gaps), (path, gaps)


def test_a_phone_shows_the_main_columns_without_scrolling(opened: Open) -> None:
    """What a person has, who offers help, and what a community has."""
    page = opened("communities.html", width=360)
    for path in walk(page, ("communities.html", "learning.html", "people/Q5000.html")):
        wide = page.locator("main .scroll").evaluate_all(
            "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth + 1).length"
        )
        assert wide == 0, path


def test_the_wikitext_of_a_person_can_be_copied(opened: Open) -> None:
    """Opened by keyboard, it is complete and is one table."""
    page = opened("people/Q5000.html")
    page.get_by_text("Wikitext for a user page").focus()
    page.keyboard.press("Enter")
    text = page.locator("details[open] pre").inner_text()
    assert text.startswith('{| class="wikitable sortable"')
    assert text.rstrip().endswith("|}")


def test_a_narrow_map_begins_with_the_groups(opened: Open) -> None:
    """All skills are one tap away."""
    page = opened("map.html", width=360)
    assert page.locator("#grouped").is_visible()
    assert not page.locator("#map").is_visible()
    page.locator("#detail").check()
    assert page.locator("#map").is_visible()


def test_labels_are_not_run(opened: Open) -> None:
    """A label that is a script is shown as text; no dialog opens, and nothing is requested."""
    page = opened(PAGES[0], site="hostile")
    for path in walk(page, PAGES):
        assert page.locator("main script, main iframe, main object").count() == 0, path
        page.locator("body").hover()


@pytest.mark.parametrize("width", [1200, 360])
def test_labels_of_any_length_fit(opened: Open, sites: dict[str, Path], width: int) -> None:
    """A name of 300 letters is wrapped, and no page is wider than its window."""
    paths = sorted(
        str(file.relative_to(sites["hostile"])) for file in sites["hostile"].rglob("*.html")
    )
    assert len(paths) > 20
    page = opened(paths[0], site="hostile", width=width)
    for _ in walk(page, paths):
        check_fit(page)


def test_pages_are_complete_without_scripts(opened: Open) -> None:
    """Without scripts, controls that need them are hidden, and everything else is there."""
    page = opened(SOME[0], scripts=False)
    for path in walk(page, SOME):
        assert page.locator("h1").is_visible(), path
        for control in page.locator(".needs-js").all():
            assert not control.is_visible(), path
        assert page.locator("table, .questions").first.is_visible(), path


@pytest.mark.parametrize("site", ["unnamed", "empty"])
def test_other_sites_are_accessible(opened: Open, sites: dict[str, Path], site: str) -> None:
    """The site that names nobody, and the one without people."""
    paths = sorted(file.name for file in sites[site].glob("*.html"))
    page = opened(paths[0], site=site)
    for path in walk(page, paths):
        check_fit(page)
        assert path not in SOME or violations(page) == "", path


def test_a_site_that_names_nobody_names_nobody(sites: dict[str, Path]) -> None:
    """No file contains the name of a person or the address of their page."""
    named = [f"Q{number}" for number in range(5000, 5030)]
    files = [file for file in sites["unnamed"].rglob("*") if file.is_file()]
    assert "Zoë" in (sites["en"] / "people.html").read_text(encoding="utf-8")
    assert len(files) > 10
    for file in files:
        text = file.read_bytes().decode()
        assert not any(f"{name}<" in text or f"{name}." in text for name in named), file
        assert "Zoë" not in text, file
