"""The live report: the pages of `report build`, built when they are requested."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Event, Lock, Thread
from typing import cast

import pytest
from flask.testing import FlaskClient

from wbskills import live_report
from wbskills.data import ontology_folder
from wbskills.errors import StoreError
from wbskills.ontology.load import load
from wbskills.tasks.ontologies import apply_ontology, bound
from wbskills.tasks.reports import ReportOptions
from wbskills.tasks.surveys import import_survey, open_survey
from wbskills.web_app import create_web_app
from wbskills.wikibase.embedded.history import EditInfo
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.interface import SelectResult, Wikibase
from wbskills.wikibase.server.site import Site, close

ADDRESS = "http://127.0.0.1:8181"
ROOT = Path(__file__).resolve().parents[1]
PEOPLE = 8


def import_people(store: Embedded, folder: Path) -> None:
    """Import the first few people of the sample survey."""
    whole = ROOT / "scripts/sample/ambassadors-survey.csv"
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    survey = folder / "survey.csv"
    survey.write_text("".join(lines[: PEOPLE + 1]), encoding="utf-8")
    mapped = open_survey(survey, ontology_folder() / "surveys" / "sample.toml")
    import_survey(store, mapped, batch="b", today=date(2026, 11, 22))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A few people of the sample survey, in a folder."""
    folder = tmp_path_factory.mktemp("live")
    with Embedded(str(folder / "wikibase")) as store:
        import_people(store, folder)
        yield store


@pytest.fixture
def client(store: Embedded, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A reader who waits as long as a slow machine needs."""
    monkeypatch.setattr(live_report, "WAIT_SECONDS", 120.0)
    return create_web_app(Site(store, ADDRESS, Lock())).test_client()


def test_the_start_page_links_to_the_report(client: FlaskClient) -> None:
    """In the language of the reader, if the report is translated to it."""
    assert 'href="/report/"' in client.get("/").text
    for accepted, code in (("de-CH, en", "de"), ("xx", "en"), ("", "en")):
        answer = client.get("/report/", headers={"Accept-Language": accepted})
        assert answer.location == f"/report/{code}/index.html"
        assert answer.headers["Vary"] == "Accept-Language"


def test_every_page_equals_that_of_the_built_site(client: FlaskClient, store: Embedded) -> None:
    """The same files, with safe headers."""
    built = live_report._build_report(Site(store, ADDRESS, Lock()), ReportOptions(), (), Event())
    paths = [p for p in built.paths if p.count("/") == 0 or p.endswith((".svg", ".css", ".js"))]
    first = {path.split("/")[0]: path for path in built.paths if "/" in path}
    for path in (*paths, *first.values(), "data/coverage.csv", "data/coverage.wikitext"):
        answer = client.get(f"/report/en/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["Content-Security-Policy"] == live_report.POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        if not path.endswith(".html"):
            assert answer.data == built.page(path), path
    kinds = {
        path: client.get(f"/report/en/{path}").content_type
        for path in ("index.html", "static/site.css", "static/site.js", "data/coverage.csv",
                     "data/coverage.wikitext", "charts/coverage.svg")
    }  # fmt: skip
    assert list(kinds.values()) == [
        "text/html; charset=utf-8", "text/css; charset=utf-8", "text/javascript; charset=utf-8",
        "text/csv; charset=utf-8", "text/plain; charset=utf-8", "image/svg+xml; charset=utf-8",
    ]  # fmt: skip


def test_the_report_exists_in_every_translation(client: FlaskClient) -> None:
    """Arabic is written from right to left; other languages are not found."""
    assert 'dir="rtl"' in client.get("/report/ar/index.html").text
    answer = client.get("/report/<b>/index.html")
    assert answer.status_code == 404
    assert "only en, ar" in answer.text
    assert "<b>" not in answer.text


def test_unknown_pages_are_not_found(client: FlaskClient) -> None:
    """No path leads to a file outside the report."""
    for path in ("people/Q99999.html", "../../etc/passwd", "static/../../site.py", "x"):
        assert client.get(f"/report/en/{path}").status_code == 404


def test_edits_and_deletions_are_seen(client: FlaskClient, store: Embedded) -> None:
    """The report is rebuilt after each change."""
    assert f"<b>{PEOPLE}</b>" in client.get("/report/en/index.html").text
    mapped = open_survey(
        ROOT / "scripts/sample/ambassadors-survey.csv",
        ontology_folder() / "surveys" / "sample.toml",
    )
    name = bound(store, mapped.ontology).property("wikimedia_username")
    (label, person), *_ = store.find_by_identifier(name)
    path = f"/report/en/people/{person}.html"
    assert label in client.get(path).text
    store.remove(store.read([person])[person], EditInfo(summary="asked to go"))
    assert client.get(path).status_code == 404
    assert f"<b>{PEOPLE - 1}</b>" in client.get("/report/en/index.html").text


def test_a_slow_build_does_not_block_the_reader(
    client: FlaskClient, store: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First a page that reloads by itself; after an edit the previous report, with its date."""
    monkeypatch.setattr(live_report, "WAIT_SECONDS", 0.0)
    asked = client.get("/report/en/map.html")
    assert asked.status_code == 503
    assert asked.headers["Refresh"] == "2"
    assert "being built" in asked.text
    monkeypatch.setattr(live_report, "WAIT_SECONDS", 120.0)
    assert client.get("/report/en/map.html").status_code == 200
    monkeypatch.setattr(live_report, "WAIT_SECONDS", 0.0)
    mark = store.edition
    item = next(iter(store.read([f"Q{n}" for n in range(1, 400)]).values()))
    store.revise(item.entity, item, EditInfo(summary="touched"))
    assert store.edition != mark
    assert client.get("/report/en/map.html").status_code == 200
    store.remove(store.read([item.entity.id])[item.entity.id], EditInfo(summary="asked to go"))
    assert client.get("/report/en/map.html").status_code == 503  # not even for a moment
    store.restore(item.entity.id, EditInfo(summary="a property or class is needed again"))


def test_without_the_ontology_there_is_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next request, after the ontology was added, gets a report."""
    monkeypatch.setattr(live_report, "WAIT_SECONDS", 120.0)
    with Embedded(":memory:") as empty:
        reader = create_web_app(Site(empty, ADDRESS, Lock())).test_client()
        reports_page = reader.get("/report/en/index.html")
        assert reports_page.status_code == 503
        assert "No report yet" in reports_page.text
        assert "ontology apply" in reports_page.text
        list(apply_ontology(empty, load(ontology_folder())))
        assert "No answers yet" in reader.get("/report/en/index.html").text


def test_the_report_has_options(store: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Title, notice, and hiding names."""
    monkeypatch.setattr(live_report, "WAIT_SECONDS", 120.0)
    options = ReportOptions(title="Ambassadors <b>", notice="A draft.", withhold_below=3)
    app = create_web_app(Site(store, ADDRESS, Lock()), options=options)
    reader = app.test_client()
    page = reader.get("/report/de/index.html").text
    close(app)
    assert "Ambassadors &lt;b&gt;" in page
    assert "A draft." in page
    assert reader.get("/report/de/people.html").status_code == 404


def test_more_ontology_files_are_used(
    store: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors in them are shown."""
    monkeypatch.setattr(live_report, "WAIT_SECONDS", 120.0)
    further = tmp_path / "ours.toml"
    further.write_text('[skills.knots]\nlabel = { en = "Knots" }\npart_of = "nothing"\n')
    app = create_web_app(Site(store, ADDRESS, Lock()), ontology=(further,))
    answer = app.test_client().get("/report/en/index.html")
    close(app)
    assert answer.status_code == 503
    assert "ours.toml" in answer.text


def test_closing_ends_the_current_build(store: Embedded) -> None:
    """At its next query, so that the server need not wait for all of them."""
    asked, go_on = Event(), Event()

    class Slow:
        """The store, waiting at every query."""

        def select(self, sparql: str) -> SelectResult:
            asked.set()
            go_on.wait(60)
            return store.select(sparql)

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

    builder = live_report.ReportBuilder()
    slow = live_report._UntilClosed(cast("Wikibase", Slow()), builder.closed)

    def ask_twice() -> "live_report._FinishedBuild":
        return cast("live_report._FinishedBuild", [slow.select("SELECT ?a {}") for _ in "ab"])

    made = builder.submit(ask_twice)
    assert asked.wait(60)
    closing = Thread(target=builder.close)
    closing.start()
    assert builder.closed.wait(60)
    go_on.set()
    closing.join(60)
    assert not closing.is_alive()
    with pytest.raises(StoreError, match="is stopping"):
        made.result(0)
    with pytest.raises(StoreError, match="is stopping"):
        builder.submit(lambda: made.result(0))
