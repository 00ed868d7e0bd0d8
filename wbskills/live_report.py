"""`/report/`: the pages of `wbskills report build`, live, from the same questions and templates.

A report is made when it is first asked for, beside the server's other work, and anew after
edits; its pages are written one by one as they are read. Whoever comes while it is being made
gets the one before, with its own date, or a page that asks for a moment of patience.
"""

import mimetypes
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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

# What the pages need besides what all served pages may: their own two scripts.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PATIENCE: Final = 3.0  # seconds that somebody waits for a report before a page says so
_FIRST: Final = "index.html"
_PAGES: Final = 200  # written pages kept
_REPORTS: Final = 2  # languages kept; ten thousand people take some 300 MB in each
_TEXT: Final = {".wikitext": "text/plain", ".js": "text/javascript", ".csv": "text/csv"}

Build = Callable[[str], Report]


class Maker:
    """Makes reports one at a time, in a thread of its own, until it is closed."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "report")
        self.closed = threading.Event()

    def submit(self, make: Callable[[], "_Made"]) -> Future["_Made"]:
        """Let a report be made. Raises `StoreError` if nothing is made any more."""
        try:
            return self._thread.submit(make)
        except RuntimeError as error:
            raise _stopping() from error

    def close(self) -> None:
        """Make no further report; one that is being made ends at its next question."""
        self.closed.set()
        self._thread.shutdown(cancel_futures=True)


class _UntilClosed:
    """A Wikibase that answers until a maker is closed, and in all else the one behind it."""

    def __init__(self, wikibase: Wikibase, closed: threading.Event) -> None:
        self._wikibase, self._closed = wikibase, closed

    def select(self, sparql: str) -> SelectResult:
        if self._closed.is_set():
            raise _stopping()
        return self._wikibase.select(sparql)

    def __getattr__(self, name: str) -> object:
        return getattr(self._wikibase, name)


@dataclass(frozen=True, slots=True)
class _Made:
    """A report and what it was made from: the store's edition, the newest deletion."""

    report: Report
    edition: int
    deletions: int
    took: float
    at: float


class Live:
    """The newest report of a site in one language, and the next one while it is being made.

    Reports are made one at a time. After edits the next begins no sooner than the last one took
    to make, so that a long import does not keep the machine busy with them.
    """

    def __init__(self, site: Site, language: str, maker: Maker, build: Build) -> None:
        self._store, self._language = site.store, language
        self._maker, self._build = maker, build
        self._lock = threading.Lock()
        self._made: _Made | None = None
        self._next: Future[_Made] | None = None
        self._pages: OrderedDict[str, bytes | None] = OrderedDict()

    def page(self, path: str, seconds: float) -> tuple[bool, bytes | None]:
        """Give a page, and whether there is a report already that might have it.

        Waits so long for a report that has all edits. Raises what making it raised.
        """
        self._renew(seconds)
        with self._lock:
            made = self._made
            if made is None or self._store.history.last_log_entry() != made.deletions:
                return False, None  # what was deleted is shown no more, not even for a moment
            if path in self._pages:
                self._pages.move_to_end(path)
                return True, self._pages[path]
        body = made.report.page(path)
        with self._lock:
            if self._made is made:
                self._pages[path] = body
                while len(self._pages) > _PAGES:
                    self._pages.popitem(last=False)
        return True, body

    def forget(self) -> None:
        """Let go of the report; the next who asks for it waits for another."""
        with self._lock:
            self._made = None
            self._pages.clear()

    def _renew(self, seconds: float) -> None:
        with self._lock:
            if self._made is not None and self._made.edition == self._store.edition:
                return
            if self._next is None:
                pause = 0.0 if self._made is None else self._made.at + self._made.took
                deleted = (
                    self._made is not None
                    and self._made.deletions != self._store.history.last_log_entry()
                )
                if monotonic() < pause and not deleted:
                    return
                self._next = self._maker.submit(self._make)
            coming = self._next
        if not wait([coming], seconds).done:
            return
        with self._lock:
            if self._next is coming:
                self._next = None
                self._made = coming.result()
                self._pages.clear()

    def _make(self) -> _Made:
        # Looked at before anything is asked: an edit in between makes the report an old one.
        edition, deletions = self._store.edition, self._store.history.last_log_entry()
        started = monotonic()
        report = self._build(self._language)
        return _Made(report, edition, deletions, monotonic() - started, monotonic())


def blueprint(
    site: Site, options: ReportOptions | None = None, ontology: tuple[Path, ...] = ()
) -> Blueprint:
    """Make the pages of the report; the reader chooses the language."""
    made = Blueprint("reports", __name__)
    maker = Maker()
    on_close(made, maker.close)
    templates = Templates(site)
    shown = options or ReportOptions()

    def build(language: str) -> Report:
        return _report(site, replace(shown, language=language), ontology, maker.closed)

    live = {code: Live(site, code, maker, build) for code in available_languages()}
    recent: OrderedDict[str, Live] = OrderedDict()

    @made.get("/report")
    @made.get("/report/")
    def choose() -> AnyResponse:
        wanted = languages(request.accept_languages)
        language = next((code for code in wanted if code in live), "en")
        answer = redirect(f"/report/{language}/{_FIRST}", 302)
        answer.headers["Vary"] = "Accept-Language"
        return answer

    @made.get("/report/<language>/")
    def start(language: str) -> AnyResponse:
        return redirect(f"/report/{language}/{_FIRST}", 302)

    @made.get("/report/<language>/<path:path>")
    def page(language: str, path: str) -> Response:
        if language not in live:
            what = f"There is no report in the language “{language}”, only in {', '.join(live)}."
            return templates.page("missing", 404, what=what)
        try:
            there, body = live[language].page(path, PATIENCE)
        except WbskillsError as error:
            return templates.page("no_report", 503, error=error)
        recent[language] = live[language]
        recent.move_to_end(language)
        if len(recent) > _REPORTS:
            recent.popitem(last=False)[1].forget()
        if not there:
            answer = templates.page("soon", 503)
            answer.headers["Retry-After"] = answer.headers["Refresh"] = "2"
            return answer
        if body is None:
            return templates.page("missing", 404, what="The report has no such page.")
        return _answer(path, body)

    return made


def _report(
    site: Site, options: ReportOptions, further: tuple[Path, ...], closed: threading.Event
) -> Report:
    """Ask everything and make a report, without holding up whoever writes."""
    ontology = load(ontology_folder(), *further)
    folder = site.store.triples_folder
    if folder is not None:
        site.store.select("SELECT ?nothing WHERE {} LIMIT 1")  # brings the triples up to date
    # A reader of its own: the served store would let nobody write while it answers.
    reader = (
        nullcontext(site.store) if folder is None else open_folder(str(folder.parent), write=False)
    )
    with reader as store:
        asked = cast("Wikibase", _UntilClosed(store, closed))
        return Report(report_content(asked, ontology, options=options, built=datetime.now(UTC)))


def _stopping() -> StoreError:
    return StoreError("the server is about to stop", hint="asking again when it is back")


def _answer(path: str, body: bytes) -> Response:
    _, dot, suffix = path.rpartition(".")
    kind = _TEXT.get(dot + suffix) or mimetypes.guess_type(f"x.{suffix}")[0] or "text/plain"
    charset = "" if kind.startswith("image/") and "svg" not in kind else "; charset=utf-8"
    response = Response(body, content_type=f"{kind}{charset}")
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = POLICY
    return response
