"""Pages show the data in readable form, and hostile data does no harm."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from tests.wikibase.server.support import app_of, link, property_of, put, site_of, text
from wbskills.ontology.entries import Ontology
from wbskills.tasks.ontologies import apply_ontology, binding_of
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.model.entities import Entity, Rank, Reference, Snak, Statement
from wbskills.wikibase.model.values import Monolingual, Quantity, Text, Time
from wbskills.wikibase.server import pages, sparql

HOSTILE = "<script>alert(1)</script>\"'></title><img src=x onerror=alert(1)>"
VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})


class Outline(HTMLParser):
    """Reads a page strictly: every element is closed in order; keeps elements, links and ids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element; none may have a script or a style."""
        self.seen.add(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            assert name != "style"
            if name in {"href", "src", "action"}:
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        assert self.open.pop() == tag


@pytest.fixture
def store() -> Iterator[Embedded]:
    """A store with hostile data wherever anyone can write."""
    with Embedded(":memory:") as store:
        can = property_of(store, "can", "wikibase-item")
        note = property_of(store, f"note {HOSTILE}", "string")
        name = property_of(store, "user name", "external-id")
        page = property_of(store, "page", "url")
        skill = put(store, Entity(labels={"en": "Lua", "he": "לואה"})).entity.id
        statements = (
            Statement(
                link(can, skill).main,
                qualifiers=(
                    Snak(note, Text(HOSTILE), "string"),
                    Snak(note, None, "string", "novalue"),
                ),
                references=(Reference((Snak(page, Text("https://example.org/?a=1&b"), "url"),)),),
                rank=Rank.PREFERRED,
            ),
            Statement(link(can, "Q99").main, rank=Rank.DEPRECATED),
            text(page, "javascript:alert(1)", "url"),
            text(name, HOSTILE, "external-id"),
            Statement(Snak(note, None, "string", "somevalue")),
            Statement(Snak(note, Monolingual("he", "שלום"), "monolingualtext")),
            Statement(Snak(note, Time("+2026-03-00T00:00:00Z", 10), "time")),
            Statement(
                Snak(note, Quantity("-3", f"{store.concept_base}{skill}", "-2", "-4"), "quantity")
            ),
        )
        terms = {"en": HOSTILE, "he": "עדה"}
        put(
            store,
            Entity(
                labels=terms, descriptions=terms, aliases={"en": (HOSTILE,)}, statements=statements
            ),
            summary=HOSTILE,
            user="Eve<b>",
        )
        yield store


@pytest.fixture
def client(store: Embedded) -> FlaskClient:
    """A client of the pages."""
    return app_of(site_of(store), pages.blueprint, sparql.blueprint).test_client()


@pytest.mark.parametrize(
    "address",
    [
        "/", "/wiki/Item:Q2", "/wiki/Item:Q1", "/wiki/Property:P2", "/wiki/Special:RecentChanges",
        "/wiki/Special:ListProperties", "/wiki/Special:Search?search=%3Cscr",
        "/wiki/Special:Search", "/wiki/Item:Q98", "/wiki/%3Cscript%3E", "/query",
        "/wiki/Item:Q2?uselang=he", "/wiki/Item:Q2?uselang=%3Cscript%3E",
    ],
)  # fmt: skip
def test_every_page_is_well_formed_and_runs_nothing(client: FlaskClient, address: str) -> None:
    """No script, no inline style, no address outside the web."""
    answer = client.get(address)
    outline = Outline(answer.text)

    assert answer.status_code in {200, 404}
    assert not outline.seen & {"script", "style", "iframe", "object", "img"}
    assert all(re.match(r"https?://|/|\?|#", one) for one in outline.links), outline.links
    assert len(outline.ids) == len(set(outline.ids))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_page_of_an_item_shows_all_its_data(client: FlaskClient) -> None:
    """Values with labels, ranks, qualifiers, references, “no value” and “unknown value”."""
    page = client.get("/wiki/Item:Q2").text

    assert '<a href="/wiki/Item:Q1"><bdi lang="en" dir="ltr">Lua</bdi></a>' in page
    assert '<span class="tag">preferred</span>' in page
    assert '<span class="tag">deprecated</span>' in page
    assert "1 reference<" in page
    assert '<a href="https://example.org/?a=1&amp;b">' in page
    assert 'href="javascript:' not in page
    assert '<em class="special">unknown value</em>' in page
    assert '<em class="special">no value</em>' in page
    assert '<bdi lang="he" dir="rtl">שלום</bdi>' in page
    assert "2026-03<" in page
    assert "−3 Lua" in page
    assert "between −4 and −2" in page
    assert "deleted or never created" in page
    assert page.index("Statements</h2>") < page.index("Identifiers</h2>") < page.index("History<")


def test_a_page_links_to_its_data(client: FlaskClient) -> None:
    """In each format, for people and for programs."""
    outline = Outline(client.get("/wiki/Item:Q2").text)

    for form in ("json", "ttl", "nt"):
        assert outline.links.count(f"/wiki/Special:EntityData/Q2.{form}") == 2


def test_labels_are_in_the_reader_s_language(client: FlaskClient) -> None:
    """With their language and direction marked."""
    page = client.get("/wiki/Item:Q1", headers={"Accept-Language": "he"}).text

    assert '<h1><bdi lang="he" dir="rtl">לואה</bdi>' in page
    assert '<h1><bdi lang="en"' in client.get("/wiki/Item:Q1?uselang=en").text


def test_the_history_links_to_old_revisions(store: Embedded, client: FlaskClient) -> None:
    """An old revision is marked as old."""
    before = store.read(["Q1"])["Q1"]
    put(store, Entity(id="Q1", labels={"en": "Lua modules"}), "renamed", "Ada")

    newest = client.get("/wiki/Item:Q1").text
    old = client.get(f"/wiki/Item:Q1?oldid={before.revision}").text

    assert "renamed" in newest
    assert f'href="?oldid={before.revision}"' in newest
    assert "This is revision" not in newest
    assert "This is revision" in old
    assert ">Lua</bdi>" in old
    assert client.get("/wiki/Item:Q1?oldid=1").status_code == 404
    assert client.get("/wiki/Item:Q1?oldid=99999999999999999999").status_code == 200


def test_deleted_and_merged_entities_are_reported(store: Embedded, client: FlaskClient) -> None:
    """A deleted page shows nothing of what it was."""
    gone, merged = (put(store, Entity(labels={"en": f"old {n}"})) for n in range(2))
    store.remove(gone, EditInfo())
    store.redirect(merged, "Q1", EditInfo())

    deleted = client.get(f"/wiki/Item:{gone.entity.id}")
    redirected = client.get(f"/wiki/Item:{merged.entity.id}")

    assert (deleted.status_code, "was deleted" in deleted.text) == (404, True)
    assert "old 0" not in deleted.text
    assert redirected.headers["Location"].startswith("/wiki/Item:Q1?from=")
    assert "was merged into this" in client.get(redirected.headers["Location"]).text


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/wiki/q1", "/wiki/Item:Q1"), ("/wiki/Item:q1", "/wiki/Item:Q1"),
        ("/wiki/Item:P1", "/wiki/Property:P1"),
        ("/wiki/Special:Search?search=q1", "/wiki/Item:Q1"),
        ("/w/index.php?title=Item:Q1", "/wiki/Item:Q1"),
        ("/w/index.php?title=//evil.example", "/wiki/%2F%2Fevil.example"),
    ],
)  # fmt: skip
def test_other_spellings_redirect_to_the_page(
    client: FlaskClient, address: str, place: str
) -> None:
    """And never to another site."""
    answer = client.get(address)

    assert answer.status_code in {301, 302}
    assert answer.headers["Location"] == place


def test_search_finds_by_the_beginning_of_a_name(client: FlaskClient) -> None:
    """In any case, in the reader's languages and English."""
    found = [
        client.get(f"/wiki/Special:Search?search={asked}").text for asked in ("lu", "LUA", "Lua")
    ]
    nothing = client.get("/wiki/Special:Search?search=zzz").text

    assert all('href="/wiki/Item:Q1"' in page for page in found)
    assert "No label or alias" in nothing


def test_an_empty_store_has_a_start_page() -> None:
    """It is the first thing that people see."""
    with Embedded(":memory:") as store:
        page = app_of(site_of(store), pages.blueprint).test_client().get("/").text

    assert "No changes yet" in page
    assert "/w/api.php" in page


@pytest.mark.parametrize("path", ["/nothing", "/query/nothing", "/reconcile/nothing/at/all"])
def test_an_unknown_address_has_a_page(client: FlaskClient, path: str) -> None:
    """With the usual layout; a program gets the plain error."""
    shown = client.get(path, headers={"Accept": "text/html"})
    bare = client.get(path, headers={"Accept": "application/json"})

    assert (shown.status_code, bare.status_code) == (404, 404)
    assert "/looks/base.css" in Outline(shown.text).links
    assert "There is no page at this address." in shown.text
    assert "base.css" not in bare.text


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("https://names.example/who?target=$1", "https://names.example/who?target=Ada%20%26%20Co"),
        ("javascript:alert('$1')", ""),
        ("$1", ""),
    ],
)
def test_an_identifier_is_linked(pattern: str, address: str) -> None:
    """By the formatter URL of its property, if that is an address of the web."""
    with Embedded(":memory:") as store:
        formatter = property_of(store, "formatter URL", "string")
        name = property_of(store, "user name", "external-id")
        before = store.read([name])[name].entity
        put(store, replace(before, statements=(text(formatter, pattern),)))
        item = put(store, Entity(labels={"en": "Ada"}, statements=(
            text(name, "Ada & Co", "external-id"),
        ))).entity.id  # fmt: skip
        client = app_of(site_of(store), pages.blueprint).test_client()
        seen = Outline(client.get(f"/wiki/Item:{item}").text).links
    assert [each for each in seen if "Ada" in each and "wiki/Item" not in each] == (
        [address] if address else []
    )


def test_people_and_communities_of_the_ontology_are_linked(ontology: Ontology) -> None:
    """To the user's account, and to Wikidata's item."""
    with Embedded(":memory:") as store:
        list(apply_ontology(store, ontology))
        known = binding_of(store, ontology)
        said = {
            key: store.read([known.property(key)])[known.property(key)].entity
            for key in ("wikimedia_username", "wikidata_id")
        }
        formatter = known.property("formatter_url")
        assert said["wikimedia_username"].values(formatter) == [
            Text("https://meta.wikimedia.org/wiki/Special:CentralAuth?target=$1")
        ]
        assert said["wikidata_id"].values(formatter) == [Text("https://www.wikidata.org/wiki/$1")]
