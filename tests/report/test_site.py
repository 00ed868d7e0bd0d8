"""The site: valid pages, nothing external, labels that cannot act."""

import re
from collections.abc import Callable
from dataclasses import replace
from posixpath import dirname, join, normpath

import pytest

from tests.report.conftest import Golden
from tests.report.made_up import HOSTILE, NOTICE, Survey, content, iri, site_of, table
from tests.report.pages_read import Read, read
from wbskills.errors import InvalidValue
from wbskills.report.content import Content
from wbskills.report.facts import CONTRACT
from wbskills.report.site import Report
from wbskills.table import Iri, Table

MAIN = (
    "index.html", "map.html", "coverage.html", "communities.html", "languages.html", "people.html",
    "learning.html", "baseline.html", "rare.html", "change.html", "freshness.html",
    "reading.html", "data.html", "quality.html",
)  # fmt: skip
SITES = ("small_site", "hostile_site", "empty_site")


def html(site: dict[str, bytes]) -> dict[str, Read]:
    """All pages of a site, read."""
    return {path: read(page) for path, page in site.items() if path.endswith(".html")}


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """An ordinary site, one full of attacks, and one without people."""
    found: dict[str, bytes] = request.getfixturevalue(request.param)
    return found


def test_pages_are_well_formed(site: dict[str, bytes]) -> None:
    """Tags are balanced, ids unique, and references to ids resolve."""
    for path, page in html(site).items():
        assert not page.faults, path
        assert len(page.ids) == len(set(page.ids)), path
        for element in page.elements:
            named = element.attributes.get("aria-labelledby")
            assert named is None or named in page.ids, (path, named)


def test_tables_are_accessible(site: dict[str, bytes]) -> None:
    """Every heading has a scope; every table and every scrolling box has a name."""
    for path, page in html(site).items():
        for heading in page.all("th"):
            assert heading.attributes.get("scope") in {"col", "row", "colgroup", "rowgroup"}, path
        assert len(page.all("table")) == len(page.all("caption")), path
        assert len(page.all("h1")) == len(page.all("main")) == 1, path
        assert page.all("html")[0].attributes["lang"] == "en"


def test_links_lead_to_pages_of_the_site(site: dict[str, bytes]) -> None:
    """There is no broken link and no external one."""
    read_pages = html(site)
    for path, page in read_pages.items():
        for link in page.links:
            target, _, fragment = link.partition("#")
            assert "://" not in link, (path, link)
            goal = normpath(join(dirname(path), target)) if target else path
            assert goal in site, (path, link)
            assert not fragment or fragment in read_pages[goal].ids, (path, link)


def test_only_the_sites_own_scripts_run(site: dict[str, bytes]) -> None:
    """The content security policy comes first and has no exception."""
    for path, page in html(site).items():
        scripts = [s.attributes["src"].removeprefix("../") for s in page.all("script")]
        wanted = ["static/site.js", "static/map.js"] if path == "map.html" else ["static/site.js"]
        assert scripts == wanted
        policy = next(e for e in page.all("meta") if "http-equiv" in e.attributes)
        assert page.elements.index(policy) < page.elements.index(page.all("link")[0])
        for rule in ("default-src 'none'", "style-src 'self'", "script-src 'self'"):
            assert rule in policy.attributes["content"], path
        assert "unsafe" not in policy.attributes["content"]
        assert not page.all("style"), path
        for element in page.elements:
            odd = [n for n in element.attributes if n.startswith("on") or n == "style"]
            assert not odd, (path, element)


def test_labels_are_only_text(hostile: Content, hostile_site: dict[str, bytes]) -> None:
    """They are shown unchanged and create no element."""
    pages_read = html(hostile_site)
    pictures = [picture for page in pages_read.values() for picture in page.all("img")]
    assert pictures
    assert all(picture.attributes["src"].startswith("charts/") for picture in pictures)
    names = [str(cell) for cell in hostile.tables["people"].column("personLabel")]
    for name in names:
        shown = re.sub("[\x00-\x08\x1b]", "", name)
        assert " ".join(shown.split()) in " ".join(pages_read["people.html"].text.split()), name
    assert f"{HOSTILE[0]} title" in pages_read["index.html"].text


def test_labels_are_isolated(hostile_site: dict[str, bytes]) -> None:
    """A label that changes the direction of writing changes only its own."""
    for path, page in hostile_site.items():
        if path.endswith(".html"):
            text = page.decode()
            for found in re.finditer("\u202e", text):
                before = text[: found.start()]
                in_bdi = before.rfind("<bdi>") > before.rfind("</bdi>")
                in_tag = before.rfind("<") > before.rfind(">")
                alone = re.search(r"<(title|option|code)[^>]*>[^<]*$", before)
                assert in_bdi or in_tag or alone, (path, before[-80:])


def test_every_page_states_what_it_is(small_site: dict[str, bytes]) -> None:
    """Each has date, revision, notice, and says that levels are self-evaluations."""
    for path, page in html(small_site).items():
        for words in (NOTICE, "May 2, 2026, 08:30 UTC", "revision 4211", "self-evaluations"):
            assert words in page.text, (path, words)


def test_shares_have_denominators(small_site: dict[str, bytes]) -> None:
    """No per cent without the numbers behind it."""
    for name in ("index.html", "baseline.html", "skills/Q100.html", "communities/Q1000.html"):
        text = small_site[name].decode()
        shares = re.findall(r"<b>(?:\d+%|–)</b>(.{0,20})", text)
        assert shares
        for share in shares:
            assert re.match(r" \d+ of \d+", share), (name, share)


def test_tables_can_be_downloaded(small: Content, small_site: dict[str, bytes]) -> None:
    """As CSV and wikitext, with the query behind each."""
    found = html(small_site)
    shown = "".join(page.text for page in found.values())
    linked = {link for page in found.values() for link in page.links}
    for name in CONTRACT.keys() - {"baseline_gap_person"}:  # of one person, for what all see
        assert f"data/{name}.csv" in linked
        assert f"data/{name}.wikitext" in linked
        assert small.queries[name].strip() in shown


def test_a_table_too_long_for_a_wiki_has_no_wikitext(
    small: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says so."""
    monkeypatch.setattr("wbskills.report.rendering.LONGEST_WIKITEXT", 10)
    made = site_of(small)
    assert "data/person_profile.csv" in made
    assert "data/person_profile.wikitext" not in made
    assert "this table is too long for a wiki page" in read(made["data.html"]).text


def test_an_empty_site_says_so(empty_site: dict[str, bytes]) -> None:
    """A site without people, skills and waves is not an error."""
    assert set(MAIN) <= set(empty_site)
    said = {path: page.text for path, page in html(empty_site).items()}
    assert "No answers yet" in said["index.html"]
    assert "No survey waves yet" in said["index.html"]
    assert "Nothing to show yet" in said["map.html"]
    assert "No skills yet" in said["coverage.html"]
    assert "No answers yet" in said["rare.html"]
    assert "Nobody is listed yet" in said["people.html"]
    assert "Nobody has said which languages" in said["languages.html"]
    assert "Nobody has said that they want to learn" in said["learning.html"]
    assert "No data rule is broken" in said["quality.html"]


def test_skills_without_people_make_a_site() -> None:
    """As after applying the ontology, before the first survey."""
    bare = {
        name: made if name in {"coverage", "baseline"} else table(name, ())
        for name, made in content(Survey(0, 6, 0)).tables.items()
    }
    made = site_of(replace(content(Survey(0, 0, 0)), tables=bare))
    assert "Nobody has given a level for this skill yet" in read(made["skills/Q100.html"]).text
    assert "No answers yet" in read(made["index.html"]).text
    assert "no level given" in read(made["rare.html"]).text


def test_the_same_content_gives_the_same_bytes(small: Content) -> None:
    """Building again changes nothing."""
    assert site_of(small) == site_of(small)


@pytest.mark.parametrize(
    "name",
    ["index.html", "map.html", "rare.html", "change.html", "baseline.html", "languages.html",
     "learning.html", "quality.html", "communities/Q1000.html", "languages/Q800.html",
     "people/Q5000.html", "skills/Q100.html"],
)  # fmt: skip
def test_pages_are_as_expected(
    name: str, small_site: dict[str, bytes], golden: Callable[[str], Golden]
) -> None:
    """A change of a page is visible in review."""
    assert small_site[name].decode() == golden(name.replace("/", "-"))


@pytest.mark.parametrize("address", ["https://x/entity/..", "https://x/entity/P1", "x/../../Q1a"])
def test_files_are_named_by_items(small: Content, address: str) -> None:
    """Nothing else in a table decides about a path."""
    first, *rest = small.tables["people"].rows
    worse = Table(small.tables["people"].columns, ((Iri(address), *first[1:]), *rest))
    with pytest.raises(InvalidValue, match="not the address of an item"):
        Report(replace(small, tables={**small.tables, "people": worse}))


def test_two_sites_at_once_do_not_mix(small: Content) -> None:
    """Caches of one language are not used in another."""
    contents = {code: replace(small, language=code) for code in ("en", "de")}
    alone = {code: site_of(one) for code, one in contents.items()}
    assert alone["en"] != alone["de"]
    both = {code: Report(one) for code, one in contents.items()}
    for path in both["en"].paths:
        for code, report in both.items():
            assert report.page(path) == alone[code][path]


def test_missing_tables_and_columns_are_named(small: Content) -> None:
    """So that whoever changed a query can find it."""
    less = {name: made for name, made in small.tables.items() if name != "coverage"}
    with pytest.raises(InvalidValue, match="needs the table “coverage”"):
        Report(replace(small, tables=less))
    columns = small.tables["coverage"].columns[:-1]
    with pytest.raises(InvalidValue, match="“coverage” has no column does_not_apply"):
        Report(replace(small, tables={**less, "coverage": Table(columns, ())}))
    with pytest.raises(InvalidValue, match="cannot be the name of a table"):
        Report(replace(small, tables={**small.tables, "../x": Table((), ())}))


def test_a_site_in_arabic_is_laid_out_from_the_right(small: Content) -> None:
    """The direction of writing comes from the language."""
    arabic = site_of(replace(small, language="ar"))
    root = read(arabic["map.html"]).all("html")[0].attributes
    assert (root["lang"], root["dir"]) == ("ar", "rtl")


def test_a_person_with_two_communities_is_one_person(small: Content) -> None:
    """A second row is another community, not another person."""
    people = small.tables["people"]
    again = list(people.rows[0])
    again[2:4] = iri(1999), "Second home"
    twice = Table(people.columns, (*people.rows, tuple(again)))
    made = site_of(replace(small, tables={**small.tables, "people": twice}))
    page = read(made["people/Q5000.html"])
    assert "Second home" in page.text
    assert f"{len(people)} people" in read(made["people.html"]).text


def test_the_largest_map_stays_small() -> None:
    """300 communities by 100 skills have at most 1.2 MB."""
    survey = Survey(0, 100, 0)
    rows = (
        (iri(1000 + c), f"Community {c}", *survey.skill[s], 19, 12, 2)
        for c in range(300)
        for s in range(100)
    )
    tables = {**content(survey).tables, "capacity_map": table("capacity_map", rows)}
    made = site_of(replace(content(survey), tables=tables))
    assert len(made["map.html"]) < 1_200_000


def test_numbers_in_tables_have_a_sort_value(small_site: dict[str, bytes]) -> None:
    """Scripts do not parse formatted numbers."""
    seen = 0
    for path, page in small_site.items():
        cells = re.findall(r'<td class="(?:n|share)"[^>]*>', page.decode(errors="replace"))
        for cell in cells:
            seen += 1
            assert re.search(r' data-v="(-?\d+(\.\d+)?)?"| colspan=', cell), (path, cell)
    assert seen > 100
