"""`/me/`: the addresses of the form, who may use them, and what a browser is answered."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Request, Response, redirect, request, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from wbskills.errors import StoreError, WbskillsError
from wbskills.questionnaires.fields import Part, parts_of
from wbskills.self_evaluation.form import Form
from wbskills.self_evaluation.log_in import LogIn
from wbskills.self_evaluation.my_page import MyPage
from wbskills.self_evaluation.reader import Reader
from wbskills.self_evaluation.status import StatusPage
from wbskills.self_evaluation.templates import with_headers
from wbskills.self_evaluation.visitors import LANGUAGE, Visitor, keep_language
from wbskills.self_evaluation.wiring import FormParts
from wbskills.wikibase.server.client_input import languages

_LOOKS: Final = {
    "base.css": Path(__file__).parent.parent / "static",
    "me.css": Path(__file__).parent / "static",
    "me.js": Path(__file__).parent / "static",
}
_OWN_SITES: Final = (None, "same-origin", "none")  # Sec-Fetch-Site of our own forms
_log = logging.getLogger(__name__)

View = Callable[..., AnyResponse]


def blueprint(parts: FormParts) -> Blueprint:
    """Return the pages of the form as a blueprint, at `/me`."""
    routes = Blueprint("self_evaluation", __name__, url_prefix="/me")
    pages = _Pages(parts)
    for path, method, view in (
        ("/", "GET", pages.start),
        ("/looks/<name>", "GET", pages.looks),
        ("/invitation/<link>", "GET", pages.invited),
        ("/log-in", "POST", pages.leave_for_wiki),
        ("/callback", "GET", pages.back_from_wiki),
        ("/account", "GET", pages.by_account),
    ):
        routes.add_url_rule(path, view_func=view, methods=[method])
    for path, method, own in (
        ("/invitation/<link>", "POST", pages.switched),
        ("/log-out", "POST", pages.log_out),
        ("/<name>", "GET", pages.part),
        ("/<name>", "POST", pages.save),
        ("/keep", "POST", pages.keep),
        ("/take", "POST", pages.take),
        ("/check", "GET", pages.check),
        ("/send", "POST", pages.send),
        ("/stored", "GET", pages.mine.page),
        ("/stored.<kind>", "GET", pages.mine.download),
        ("/withdraw", "GET", pages.mine.withdraw_page),
        ("/withdraw", "POST", pages.withdraw),
        ("/status", "GET", pages.status.page),
    ):
        name = f"own {method} {path}".replace(".", " ")
        routes.add_url_rule(path, name, pages.for_visitors(own), methods=[method])
    routes.register_error_handler(WbskillsError, pages.failed)
    routes.register_error_handler(HTTPException, pages.refused)
    return routes


class _Pages:
    """Finds out who asks, and answers."""

    def __init__(self, parts: FormParts) -> None:
        self._parts = parts
        self.form, self.log_in_ways = Form(parts), LogIn(parts)
        self.mine, self.status = MyPage(parts), StatusPage(parts)

    def reader(self) -> Reader:
        """Return who sent the request."""
        visitor = self._parts.cookies.visitor(request)
        if visitor is not None and not self.log_in_ways.is_valid(visitor):
            visitor = None
        return Reader(self._parts, _language(request, self._parts), visitor)

    def for_visitors(self, view: View) -> View:
        """Show a page only to who is logged in, and take only forms of their own pages."""

        def checked(**given: Any) -> AnyResponse:  # noqa: ANN401 - flask hands over the address
            who = self.reader()
            if who.visitor is None:
                return self.log_in_ways.page(who, who.words.plain("problem.logged_out"), 403)
            if request.method == "POST" and not _is_own(request, who.visitor, self._parts):
                return who.message("problem.form", 403)
            return view(who, **given)

        return checked

    def start(self) -> AnyResponse:
        """Show the introduction or, to who is logged in, the parts of the form."""
        who = self.reader()
        chosen = request.args.get("language", "")
        if chosen in self._parts.questionnaire.languages:
            return keep_language(redirect("/me/", 303), chosen, secure=self._parts.secure)
        return self.log_in_ways.page(who) if who.visitor is None else self.form.list_page(who)

    def looks(self, name: str) -> AnyResponse:
        """Send a stylesheet, or the script."""
        if name not in _LOOKS:
            return self.reader().message("problem.missing", 404)
        response = send_from_directory(_LOOKS[name], name, max_age=3600)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def invited(self, link: str) -> AnyResponse:
        """Let in who follows a personal link."""
        return self.log_in_ways.by_invitation(self.reader(), link, request.remote_addr or "")

    def switched(self, who: Reader, link: str) -> AnyResponse:
        """Let in who follows a link of somebody else than they were before."""
        address = request.remote_addr or ""
        return self.log_in_ways.by_invitation(who, link, address, sure=True)

    def leave_for_wiki(self) -> AnyResponse:
        """Send a person to their wiki to log in."""
        if request.headers.get("Sec-Fetch-Site") not in _OWN_SITES:
            return self.reader().message("problem.form", 403)
        return self.log_in_ways.begin(self.reader())

    def back_from_wiki(self) -> AnyResponse:
        """Let in who comes back from their wiki."""
        return self.log_in_ways.finish(self.reader(), request)

    def by_account(self) -> AnyResponse:
        """Let in who has logged in at the served Wikibase."""
        return self.log_in_ways.by_account()

    def log_out(self, _: Reader) -> AnyResponse:
        """Log out; what was saved stays."""
        return self._parts.cookies.forget(redirect("/me/", 303))

    def part(self, who: Reader, name: str) -> AnyResponse:
        """Show a part of the form."""
        found = self._part(name)
        if found is None:
            return who.message("problem.missing", 404)
        if closed := who.closed():
            return who.say(closed, "closed.title", 403)
        return self.form.part_page(who, found)

    def save(self, who: Reader, name: str) -> AnyResponse:
        """Save a part of the form."""
        found = self._part(name)
        if found is None:
            return who.message("problem.missing", 404)
        if closed := who.closed():
            return who.say(closed, "closed.title", 403)
        return _saved(self.form, who, found)

    def keep(self, who: Reader) -> AnyResponse:
        """Fill in all earlier answers."""
        return self.form.keep_all(who)

    def take(self, who: Reader) -> AnyResponse:
        """Take over a proposal."""
        return self.form.take(who, request.form.get("take", ""))

    def check(self, who: Reader) -> AnyResponse:
        """Show everything once more."""
        return self.form.check_page(who)

    def send(self, who: Reader) -> AnyResponse:
        """Send the answers."""
        return self.form.send(who)

    def withdraw(self, who: Reader) -> AnyResponse:
        """Remove everything of the person."""
        return self.mine.withdraw(who, request.form.get("name", ""))

    def failed(self, error: WbskillsError) -> AnyResponse:
        """Say in the reader's language that something could not be done."""
        # Its text may name a person, so it is not logged.
        _log.warning("a page failed: %s", type(error).__name__)
        status = 503 if isinstance(error, StoreError) else 500
        return self.reader().message("problem.failed", status, reason=error.what)

    def refused(self, error: HTTPException) -> AnyResponse:
        """Say what is wrong with a request."""
        text = str(error.description or error.name)
        return self.reader().say(text, "problem.title", error.code or 500)

    def _part(self, name: str) -> Part | None:
        every = parts_of(self._parts.questionnaire)
        return next((each for each in every if each.name == name), None)


def _saved(form: Form, who: Reader, part: Part) -> AnyResponse:
    """Save a part; a script gets no page, but what it must send as `before` next time."""
    if not request.form.get("quiet"):
        return form.save(who, part, request.form)
    try:
        before = form.save_quietly(who, part, request.form)
    except WbskillsError:
        return with_headers(Response("", 503, mimetype="text/plain"))
    return with_headers(Response(before, mimetype="text/plain"))


def _is_own(sent: Request, visitor: Visitor, parts: FormParts) -> bool:
    """Check that a form was sent by one of this visitor's pages."""
    if sent.headers.get("Sec-Fetch-Site") not in _OWN_SITES:
        return False
    origin = sent.headers.get("Origin")
    # A web server in front may not pass on the port.
    ours = (sent.host, urlsplit(parts.host.address).netloc)
    if origin not in (None, "null") and urlsplit(origin).netloc not in ours:
        return False
    return visitor.sent(sent.form.get("form", ""))


def _language(asked: Request, parts: FormParts) -> str:
    known = parts.questionnaire.languages
    chosen = asked.cookies.get(LANGUAGE, "")
    if chosen in known:
        return chosen
    accepted = languages(asked.accept_languages)
    return next((code for code in accepted if code in known), known[0])
