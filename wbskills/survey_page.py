"""`/survey/`: the mapping of one survey file as a page: columns, their meanings, and a preview.

Only who has the token may use it: it is in the address that `wbskills serve` prints, and then in
a cookie. The page writes the mapping file, and nothing else; the preview is imported into a
Wikibase in memory.
"""

import json
import mimetypes
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock
from types import MappingProxyType
from typing import Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from wbskills.errors import InvalidValue, WbskillsError
from wbskills.private_records.forgotten import Forgotten
from wbskills.report.site import Report
from wbskills.stores import IN_MEMORY, open_folder
from wbskills.surveys.edit.decisions import Value
from wbskills.surveys.edit.questions import EditQuestion, Kind
from wbskills.tasks.mapping_editor import MappingEditor
from wbskills.tasks.receipts import ImportReceipt
from wbskills.tasks.reports import ReportOptions, report_content
from wbskills.tasks.surveys import import_survey, open_survey
from wbskills.wikibase.server.rendering import HEADERS, Templates
from wbskills.wikibase.server.site import Site

COOKIE: Final = "wbskills_survey"
NOTICE: Final = "A preview: nothing of this is in the Wikibase."
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
# The pages of a report have two scripts of their own.
_PREVIEW_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class _Preview:
    """What an import of the survey would do, and the report that there would be."""

    receipt: ImportReceipt
    report: Report


def blueprint(site: Site, editor: MappingEditor, token: str) -> Blueprint:
    """Return the page of the mapping that an editor completes, for those who know the token."""
    routes = Blueprint("survey", __name__, url_prefix="/survey")
    page = _Page(site, editor)

    @routes.before_request
    def admit() -> AnyResponse | None:
        if _same(request.args.get("token", ""), token):
            return _with_cookie(redirect("/survey/", 303), token, site)
        if not _same(request.cookies.get(COOKIE, ""), token):
            return page.refusal("Open the address that “wbskills serve” has printed.")
        return None

    @routes.get("/")
    def show() -> AnyResponse:
        return page.shown()

    @routes.post("/")
    def save() -> AnyResponse:
        if not _same(request.form.get("form", ""), page.form_token):
            return page.refusal("Open the page again, and repeat that.")
        return page.saved(request.form)

    @routes.get("/preview/<path:path>")
    def preview(path: str) -> AnyResponse:
        body = page.preview().report.page(path)
        if body is None:
            return page.refusal("The preview has no such page.", 404)
        response = Response(body, mimetype=mimetypes.guess_type(path)[0] or "text/plain")
        response.headers.update({"Content-Security-Policy": _PREVIEW_POLICY, **_private()})
        return response

    @routes.errorhandler(WbskillsError)
    def failed(error: WbskillsError) -> AnyResponse:
        return page.refusal(str(error), 409)

    return routes


class _Page:
    """What the page shows and saves.

    `form_token` is in each form, so that no other page can send one.
    """

    def __init__(self, site: Site, editor: MappingEditor) -> None:
        self.site, self.editor = site, editor
        self.form_token = secrets.token_urlsafe()
        self._templates = Templates(site)
        self._saving, self._building = Lock(), Lock()
        self._preview: tuple[str, _Preview] | None = None

    def refusal(self, what: str, status: int = 403) -> Response:
        """Return a page that only says what is wrong."""
        return self._templates.page("missing", status, what=what)

    def shown(
        self,
        wrong: Mapping[str, str] = _NOTHING,
        typed: Mapping[str, str] = _NOTHING,
        message: str = "",
    ) -> Response:
        """Return the page, with what was typed where that was `wrong`."""
        questions = self.questions()
        left = sum(question.is_open for question in questions)
        effects, problem = ([], "") if left else self.effects()
        response = self._templates.page(
            "mapping",
            422 if wrong else 409 if message else 200,
            questions=[(_name(each), each, _shown_value(each)) for each in questions],
            items=self.items(questions),
            wrong=wrong,
            typed=typed,
            message=message,
            left=left,
            effects=effects,
            problem=problem,
            form=self.form_token,
            edition=self.editor.edition(),
            file=self.editor.file.name,
            mapping=self.editor.mapping.name,
        )
        response.headers.update(_private())
        return response

    def saved(self, form: Mapping[str, str]) -> AnyResponse:
        """Save a form; returns the page with what is wrong, or sends the reader to it."""
        with self._saving:
            if form.get("edition") != self.editor.edition():
                return self.shown(
                    message="The mapping was changed elsewhere meanwhile. Nothing was saved."
                )
            wrong = self.save(self.questions(), form)
        return self.shown(wrong, form) if wrong else redirect("/survey/", 303)

    def questions(self) -> list[EditQuestion]:
        """List everything that can be decided, in the order of the mapping."""
        return self.editor.questions(also_decided=True)

    def items(self, questions: list[EditQuestion]) -> dict[str, list[str]]:
        """List the names of all skills and languages, as far as questions are about these."""
        found = {}
        for each in questions:
            if each.section and each.section not in found:
                found[each.section] = [one.label for one in self.editor.known.items(each)]
        return found

    def save(self, questions: list[EditQuestion], form: Mapping[str, str]) -> dict[str, str]:
        """Save all answers of a form that can be read; returns what is wrong with the others."""
        decisions: dict[EditQuestion, Value] = {}
        wrong = {}
        for question in questions:
            name = _name(question)
            typed = form.get(name)
            if typed is None or typed == _shown_value(question):
                continue
            try:
                value = self.editor.known.read(question, typed)
            except InvalidValue as error:
                wrong[name] = str(error)
                continue
            if value != question.value:
                decisions[question] = value
        self.editor.decide(decisions)
        return wrong

    def effects(self) -> tuple[list[str], str]:
        """Describe what an import would do, in lines; or return the problems instead."""
        try:
            return self.preview().receipt.effects(), ""
        except WbskillsError as error:
            return [], str(error)

    def preview(self) -> _Preview:
        """Import the survey into an empty Wikibase in memory, and build its report.

        Raises `WbskillsError` if the survey cannot be imported.
        """
        with self._building:
            edition = self.editor.edition()
            if self._preview is None or self._preview[0] != edition:
                self._preview = edition, self._build()
            return self._preview[1]

    def _build(self) -> _Preview:
        editor = self.editor
        mapped = open_survey(editor.file, editor.mapping, editor.ontology_files, self.site.records)
        mapped.refuse_problems()
        now = datetime.now(UTC)
        with ExitStack() as stack:
            wikibase = stack.enter_context(open_folder(IN_MEMORY))
            receipt = import_survey(
                wikibase,
                mapped,
                batch="preview",
                today=now.date(),
                forgotten=Forgotten(self.site.records) if self.site.records else (),
            )
            options = ReportOptions(notice=NOTICE)
            content = report_content(wikibase, mapped.ontology, options=options, built=now)
        return _Preview(receipt, Report(content))


def _shown_value(question: EditQuestion) -> str:
    """Return what stands in the field of a question; an open text is an empty field."""
    if question.is_open and question.kind in (Kind.TEXT, Kind.DAY):
        return ""
    return str(question.value)


def _name(question: EditQuestion) -> str:
    """Return the name of a question in a form; it does not depend on other questions."""
    return sha256(json.dumps(question.paths[0]).encode()).hexdigest()[:20]


def _with_cookie(response: AnyResponse, token: str, site: Site) -> AnyResponse:
    """Let a browser in, so that the token does not stay in the address."""
    response.headers.update(_private())
    is_safe = site.address.startswith("https:")
    response.set_cookie(
        COOKIE, token, path="/survey", httponly=True, samesite="Strict", secure=is_safe
    )
    return response


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _private() -> dict[str, str]:
    return {**HEADERS, "Cache-Control": "no-store"}
