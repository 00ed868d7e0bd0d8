"""Logging in: at a wiki by OAuth 2, by an account of the served Wikibase, or by an invitation."""

import logging
from time import monotonic
from typing import Final

from flask import Request, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from wbskills.errors import InvalidValue
from wbskills.names import username
from wbskills.private_records.invitation_links import invitation_id_of
from wbskills.private_records.self_evaluations import DRAFT_DAYS
from wbskills.self_evaluation.own_grant import EDITING, keep
from wbskills.self_evaluation.reader import Reader
from wbskills.self_evaluation.visitors import ACCOUNT, WIKI, Visitor
from wbskills.self_evaluation.wiring import FormParts
from wbskills.tasks.form_settings import WikiLogIn
from wbskills.tasks.self_evaluation import INVITATION
from wbskills.wikibase.remote import oauth
from wbskills.wikibase.remote.oauth import LogInBegun, LogInError, LogInProblem, OAuthApp
from wbskills.wikibase.server.accounts import Throttle, TooManyFailures

CALLBACK: Final = "/me/callback"
_WRONG_LINKS: Final = 20  # from one address
_SECONDS: Final = 300.0
_STATUS: Final = {
    LogInProblem.REFUSED: 403,
    LogInProblem.STALE: 400,
    LogInProblem.REVOKED: 403,
    LogInProblem.MISCONFIGURED: 502,
    LogInProblem.UNREACHABLE: 502,
}
_log = logging.getLogger(__name__)


def app_of(wiki: WikiLogIn, address: str) -> OAuthApp:
    """Return the application that is registered at a wiki for the form at an address."""
    return OAuthApp(
        rest=wiki.rest,
        client_id=wiki.client_id,
        client_secret=wiki.client_secret,
        redirect=address + CALLBACK,
    )


class LogIn:
    """The ways to log in."""

    def __init__(self, parts: FormParts) -> None:
        self._parts = parts
        self._throttle = Throttle(_SECONDS, monotonic)

    def is_valid(self, visitor: Visitor) -> bool:
        """Whether a visitor may still go on: an invitation may be revoked, or expire."""
        if visitor.how != INVITATION:
            return True
        found = self._parts.private.invitation(visitor.invitation)
        return found is not None and found.username == visitor.name

    def page(self, who: Reader, message: str = "", status: int = 200) -> Response:
        """Show the introduction, and the ways to log in."""
        settings, asked = self._parts.settings, self._parts.questionnaire
        return who.page(
            "start",
            status,
            message=message,
            closed=who.closed(),
            wiki=self._wiki_name() if settings.wiki else "",
            accounts=self._has_accounts(),
            invitations=settings.invitations,
            days=DRAFT_DAYS,
            asked=asked,
        )

    def by_invitation(
        self, who: Reader, link: str, address: str, *, sure: bool = False
    ) -> AnyResponse:
        """Let in whoever has a link; `address` is where the request comes from."""
        limits = {address: _WRONG_LINKS}
        try:
            started = self._throttle.start(limits)
        except TooManyFailures:
            return who.message("problem.too_many", 429)
        invitation_id = invitation_id_of(link, self._parts.key)
        found = self._parts.private.invitation(invitation_id) if invitation_id else None
        if (
            found is None
            or not self._parts.settings.invitations
            or found.questionnaire != self._parts.questionnaire.name
        ):
            return who.message("problem.link", 404)
        self._throttle.cancel(limits, started)
        if who.visitor is not None and who.visitor.name != found.username and not sure:
            return who.page("switch", name=found.username, action=f"/me/invitation/{link}")
        self._parts.private.mark_opened(found.id)
        if who.visitor is not None and who.visitor.name == found.username:
            return redirect("/me/", 303)  # whoever has logged in stays so
        visitor = Visitor(found.username, INVITATION, found.id, found.community)
        return self._let_in(visitor)

    def by_account(self) -> AnyResponse:
        """Let in who is logged in at the served Wikibase."""
        account = self._parts.host.account
        name = account() if account is not None and self._parts.settings.accounts else None
        if name is None:
            return redirect("/me/", 303)
        return self._let_in(Visitor(name, ACCOUNT))

    def begin(self, who: Reader) -> AnyResponse:
        """Send a person to their wiki."""
        app = self._app()
        if app is None:
            return who.message("problem.missing", 404)
        begun = oauth.begin(app)
        kept = {"address": begun.address, "state": begun.state, "verifier": begun.verifier}
        return self._parts.cookies.remember_log_in(redirect(begun.address, 303), kept)

    def finish(self, who: Reader, request: Request) -> AnyResponse:
        """Let in who comes back from their wiki."""
        app, kept = self._app(), self._parts.cookies.logging_in(request)
        if app is None:
            return who.message("problem.missing", 404)
        if kept.keys() != {"address", "state", "verifier"}:
            return self._problem(who, LogInProblem.STALE)
        try:
            token = oauth.finish(app, LogInBegun(**kept), request.args)
            account = oauth.account_of(app, token)
            name = username(account.username)
        except InvalidValue:
            return self._problem(who, LogInProblem.UNREACHABLE)
        except LogInError as error:
            return self._problem(who, error.problem)
        if account.blocked:
            return self._parts.cookies.forget(
                self.page(who, who.words.plain("problem.blocked", wiki=self._wiki_name()), 403)
            )
        visitor = Visitor(name, WIKI)
        if EDITING.issubset(account.grants):
            keep(self._parts.private, visitor.identity, token)
        return self._let_in(visitor)

    def _problem(self, who: Reader, problem: LogInProblem) -> Response:
        _log.warning("a log-in failed: %s", problem)
        name = "stale" if problem is LogInProblem.REVOKED else str(problem)
        text = who.words.plain(f"problem.{name}", wiki=self._wiki_name())
        return self.page(who, text, _STATUS[problem])

    def _let_in(self, visitor: Visitor) -> AnyResponse:
        return self._parts.cookies.remember(redirect("/me/", 303), visitor)

    def _app(self) -> OAuthApp | None:
        wiki = self._parts.settings.wiki
        return app_of(wiki, self._parts.host.address) if wiki is not None else None

    def _has_accounts(self) -> bool:
        return self._parts.settings.accounts and self._parts.host.account is not None

    def _wiki_name(self) -> str:
        wiki = self._parts.settings.wiki
        return (wiki.name or wiki.rest.split("/")[2]) if wiki else ""
