"""`/report/`: the pages of `wbskills report build`, built on request from current data.

A report is built in a thread when it is first requested, and again after edits; its pages are
rendered when they are read. During a build, readers get the previous report, with its own date,
or a page that asks them to wait.
"""

import mimetypes
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from time import monotonic
from typing import Final, cast

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from wbskills.data import ontology_folder
from wbskills.errors import StoreError, WbskillsError
from wbskills.ontology.load import load
from wbskills.report.site import Report
from wbskills.report.translation import available_languages
from wbskills.stores import open_folder
from wbskills.tasks.reports import ReportOptions, report_content
from wbskills.wikibase.interface import SelectResult, Wikibase
from wbskills.wikibase.server.client_input import languages
from wbskills.wikibase.server.rendering import HEADERS, Templates
from wbskills.wikibase.server.site import Site, on_close

# Unlike other served pages, those of the report have two scripts of their own.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
WAIT_SECONDS: Final = 3.0  # that a reader waits for a build before a page says so
_INDEX: Final = "index.html"
_MAX_PAGES: Final = 200  # rendered pages kept
_MAX_REPORTS: Final = 2  # languages kept; ten thousand people take some 300 MB in each
_MEDIA: Final = {".wikitext": "text/plain", ".js": "text/javascript", ".csv": "text/csv"}


def blueprint(
    site: Site, options: ReportOptions | None = None, ontology: tuple[Path, ...] = ()
) -> Blueprint:
    """Return the pages of the report, in each language that it is translated to.

    `ontology` are more files to build it with.
    """
    routes = Blueprint("reports", __name__)
    builder = ReportBuilder()
    on_close(routes, builder.close)
    templates, translations = Templates(site), available_languages()

    def build(language: str) -> Report:
        localized = replace(options or ReportOptions(), language=language)
        return _build_report(site, localized, ontology, builder.closed)

    @lru_cache(_MAX_REPORTS)
    def report_in(language: str) -> LiveReport:
        return LiveReport(site, builder, partial(build, language))

    @routes.get("/report")
    @routes.get("/report/")
    def choose_language() -> AnyResponse:
        accepted = languages(request.accept_languages)
        language = next((code for code in accepted if code in translations), "en")
        response = redirect(f"/report/{language}/{_INDEX}", 302)
        response.headers["Vary"] = "Accept-Language"
        return response

    @routes.get("/report/<language>/")
    def start(language: str) -> AnyResponse:
        return redirect(f"/report/{language}/{_INDEX}", 302)

    @routes.get("/report/<language>/<path:path>")
    def page(language: str, path: str) -> Response:
        if language not in translations:
            what = f"The report has no language “{language}”, only {', '.join(translations)}."
            return templates.page("missing", 404, what=what)
        try:
            body = report_in(language).page(path, WAIT_SECONDS)
        except ReportNotReady:
            response = templates.page("soon", 503)
            response.headers["Retry-After"] = response.headers["Refresh"] = "2"
            return response
        except WbskillsError as error:
            return templates.page("no_report", 503, error=error)
        if body is None:
            return templates.page("missing", 404, what="The report has no such page.")
        return _respond(path, body)

    return routes


class ReportNotReady(Exception):
    """The report is still being built."""


@dataclass(frozen=True, slots=True)
class _FinishedBuild:
    """The pages of a report, and the store's edition and newest deletion before its build."""

    page: Callable[[str], bytes | None]
    edition: int
    deletions: int
    seconds: float
    finished: float


class ReportBuilder:
    """Builds reports one at a time, in a thread of its own, until it is closed."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "report")
        self.closed = threading.Event()

    def submit(self, build: Callable[[], _FinishedBuild]) -> Future[_FinishedBuild]:
        """Start a build, or queue it. Raises `StoreError` after `close`."""
        try:
            return self._thread.submit(build)
        except RuntimeError as error:
            raise _stopping() from error

    def close(self) -> None:
        """Start no more builds; the current one ends at its next query."""
        self.closed.set()
        self._thread.shutdown(cancel_futures=True)


class LiveReport:
    """The latest report of a site in one language, and the next one while it is being built.

    After edits, the next build waits as long as the last one took, so that a long import does
    not keep the machine busy with reports.
    """

    def __init__(self, site: Site, builder: ReportBuilder, build: Callable[[], Report]) -> None:
        self._store, self._builder, self._build_report = site.store, builder, build
        self._lock = threading.Lock()
        self._latest: _FinishedBuild | None = None
        self._next: Future[_FinishedBuild] | None = None

    def page(self, path: str, seconds: float) -> bytes | None:
        """Return a page, or None if the report has no such page.

        Waits up to `seconds` for a report that has all edits. Raises `ReportNotReady` if there
        is no report yet that can be shown, and what the build raised.
        """
        self._update(seconds)
        latest = self._latest
        if latest is None or self._has_deletions_since(latest):
            raise ReportNotReady
        return latest.page(path)

    def _has_deletions_since(self, build: _FinishedBuild) -> bool:
        """Check whether the report contains entities that have been deleted since its build."""
        return self._store.history.last_log_entry() != build.deletions

    def _update(self, seconds: float) -> None:
        with self._lock:
            latest = self._latest
            if latest is not None and latest.edition == self._store.edition:
                return
            if self._next is None:
                is_early = latest is not None and monotonic() < latest.finished + latest.seconds
                if latest is not None and is_early and not self._has_deletions_since(latest):
                    return
                self._next = self._builder.submit(self._build)
            build = self._next
        if not wait([build], seconds).done:
            return
        with self._lock:
            if self._next is build:
                self._next = None
                self._latest = build.result()

    def _build(self) -> _FinishedBuild:
        # Read before the first query: an edit in between makes the report an old one.
        edition, deletions = self._store.edition, self._store.history.last_log_entry()
        started = monotonic()
        page = lru_cache(_MAX_PAGES)(self._build_report().page)
        finished = monotonic()
        return _FinishedBuild(page, edition, deletions, finished - started, finished)


class _UntilClosed:
    """A Wikibase whose queries fail once an event is set."""

    def __init__(self, wikibase: Wikibase, closed: threading.Event) -> None:
        self._wikibase, self._closed = wikibase, closed

    def select(self, sparql: str) -> SelectResult:
        if self._closed.is_set():
            raise _stopping()
        return self._wikibase.select(sparql)

    def __getattr__(self, name: str) -> object:
        return getattr(self._wikibase, name)


def _build_report(
    site: Site, options: ReportOptions, more: tuple[Path, ...], closed: threading.Event
) -> Report:
    """Run all queries of a report, without blocking edits."""
    ontology = load(ontology_folder(), *more)
    folder = site.store.triples_folder
    if folder is not None:
        site.store.select("SELECT ?nothing WHERE {} LIMIT 1")  # updates the triples
    # A separate reader: the served store blocks edits while it runs a query.
    reader = (
        nullcontext(site.store) if folder is None else open_folder(str(folder.parent), write=False)
    )
    with reader as store:
        wikibase = cast("Wikibase", _UntilClosed(store, closed))
        return Report(report_content(wikibase, ontology, options=options, built=datetime.now(UTC)))


def _stopping() -> StoreError:
    return StoreError("the server is stopping", hint="try again when it has restarted")


def _respond(path: str, body: bytes) -> Response:
    _, dot, suffix = path.rpartition(".")
    media = _MEDIA.get(dot + suffix) or mimetypes.guess_type(f"x.{suffix}")[0] or "text/plain"
    charset = "" if media.startswith("image/") and "svg" not in media else "; charset=utf-8"
    response = Response(body, content_type=f"{media}{charset}")
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = POLICY
    return response
