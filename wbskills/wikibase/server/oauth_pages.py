"""The addresses of OAuth 2: `rest.php/oauth2/…`, and Special:OAuth/approve for people."""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from wbskills.wikibase.server.accounts import Session
from wbskills.wikibase.server.cookies import LogInState
from wbskills.wikibase.server.log_in_pages import LOG_IN, own_address
from wbskills.wikibase.server.oauth import (
    App,
    ConnectionFault,
    Grant,
    TokenRefused,
)
from wbskills.wikibase.server.rendering import Templates
from wbskills.wikibase.server.site import Site

REST: Final = "/w/rest.php/oauth2"
APPROVE: Final = "/wiki/Special:OAuth/approve"
_BEARER: Final = "Bearer "
_DECLINED: Final = "User has rejected the request from client application"
_UNKNOWN_SCOPE: Final = "The requested scope is invalid, unknown, or malformed"


def blueprint(site: Site, state: LogInState) -> Blueprint:
    """Return the pages and end points of OAuth 2."""
    routes = Blueprint("oauth", __name__)
    pages = _Pages(site, state)
    for path, method, view in (
        (f"{REST}/authorize", "GET", pages.authorize),
        (APPROVE, "GET", pages.ask),
        (APPROVE, "POST", pages.decide),
        (f"{REST}/access_token", "POST", pages.access_token),
        (f"{REST}/resource/profile", "GET", pages.profile),
        (f"{REST}/resource/scopes", "GET", pages.scopes),
    ):
        routes.add_url_rule(path, f"{method} {path}".replace(".", " "), view, methods=[method])
    routes.register_error_handler(TokenRefused, _refused)
    return routes


class _Pages:
    def __init__(self, site: Site, state: LogInState) -> None:
        self._site, self._state, self._oauth = site, state, state.oauth
        self._templates = Templates(site)

    def authorize(self) -> AnyResponse:
        """Send a person on: to log in, to approve, or back to the application."""
        query = request.query_string.decode("ascii", "replace")
        session = self._session()
        if session is None or session.user is None:
            back = quote(f"{REST}/authorize?{query}", safe="")
            return redirect(f"{LOG_IN}?returnto={back}", 307)
        try:
            asked = self._oauth.authorize_request(request.args)
        except ConnectionFault:
            return self._templates.page("oauth_fault")
        if asked.scope_fault:
            fault = _UNKNOWN_SCOPE
            return _back(
                asked.app,
                error="invalid_scope",
                error_description=fault,
                hint=f"Check the `{asked.scope_fault}` scope",
                message=fault,
            )
        if request.args.get("approval_cancel"):
            return _back(
                asked.app,
                error="unauthorized_client",
                error_description=_DECLINED,
                message=_DECLINED,
            )
        passed = request.args.get("approval_pass")
        if passed and self._oauth.has_approved(session.user, asked.app):
            code = self._oauth.code_for(session.user, asked)
            return _back(asked.app, code=code, **({"state": asked.state} if asked.state else {}))
        return redirect(f"{APPROVE}?{urlencode({'returntoquery': query})}", 307)

    def ask(self) -> AnyResponse:
        """Ask a person whether they allow an application to know who they are."""
        query = request.args.get("returntoquery", "")
        session, app = self._session(), self._app(query)
        if session is None or session.user is None:
            back = quote(f"{APPROVE}?{urlencode({'returntoquery': query})}", safe="")
            return redirect(f"{LOG_IN}?returnto={back}", 303)
        if app is None:
            return self._templates.page("oauth_fault")
        if self._oauth.has_approved(session.user, app):
            return _decided(query, "approval_pass")
        page = self._templates.page(
            "oauth_approve",
            app=app,
            user_name=session.user.name,
            token=session.token("csrf"),
            query=query,
        )
        page.headers["Cache-Control"] = "no-store"
        # The answer to this form leads to the application.
        origin = "/".join(app.redirect.split("/")[:3])
        policy = page.headers["Content-Security-Policy"]
        page.headers["Content-Security-Policy"] = policy.replace(
            "form-action 'self'", f"form-action 'self' {origin}"
        )
        return page

    def decide(self) -> AnyResponse:
        """Take a person's decision, and go back to `authorize`."""
        query = request.form.get("returntoquery", "")
        session, app = self._session(), self._app(query)
        token = request.form.get("wpEditToken", "")
        if session is None or session.user is None or not session.accepts(token, "csrf"):
            back = quote(f"{APPROVE}?{urlencode({'returntoquery': query})}", safe="")
            return redirect(f"{LOG_IN}?returnto={back}", 303)
        if app is None:
            return self._templates.page("oauth_fault")
        allowed = request.form.get("wpaction") == "accept"
        if allowed:
            self._oauth.approve(session.user, app)
        return _decided(query, "approval_pass" if allowed else "approval_cancel")

    def access_token(self) -> AnyResponse:
        """Give an application its token."""
        answer = self._oauth.token(request.form)
        headers = {"Pragma": "no-cache", "Cache-Control": "no-store"}
        return _json(answer, 200, headers)

    def profile(self) -> AnyResponse:
        """Tell an application whose token it has; as HTML, as MediaWiki does."""
        grant = self._grant()
        account = self._site.store.accounts.find(grant.user.name)
        made = account.made if account is not None else ""
        found = {
            "sub": str(grant.user.id),
            "username": grant.user.name,
            "editcount": self._site.store.history.edit_count(grant.user.name),
            "confirmed_email": False,
            "blocked": False,
            "registered": "".join(filter(str.isdigit, made))[:14],
            "groups": ["*", "user", "autoconfirmed", *self._more_groups(grant)],
            "rights": [] if grant.is_identity_only else list(grant.user.rights),
            "grants": list(grant.app.grants),
        }
        headers = {"Cache-Control": "private, max-age=0, s-maxage=0"}
        response = _json(found, 200, headers)
        response.content_type = "text/html; charset=UTF-8"
        return response

    def scopes(self) -> AnyResponse:
        """Tell an application what it may do."""
        return _json({"scopes": list(self._grant().app.grants)})

    def _more_groups(self, grant: Grant) -> list[str]:
        return [
            group for group in grant.user.groups if group not in ("*", "user", "autoconfirmed")
        ]

    def _session(self) -> Session | None:
        return self._state.session(request)

    def _app(self, query: str) -> App | None:
        given: Mapping[str, str] = dict(
            part.partition("=")[::2] for part in query.split("&") if "=" in part
        )
        return self._oauth.app(given.get("client_id", ""))

    def _grant(self) -> Grant:
        header = request.headers.get("Authorization", "")
        return self._oauth.grant(header.removeprefix(_BEARER))


def bearer_token(authorization: str) -> str | None:
    """Return the token in a header; None if it has none."""
    is_bearer = authorization.startswith(_BEARER)
    return authorization.removeprefix(_BEARER) if is_bearer else None


def _decided(query: str, how: str) -> AnyResponse:
    return redirect(own_address(f"{REST}/authorize?{query}&{how}=1"), 302)


def _refused(error: TokenRefused) -> AnyResponse:
    return _json(error.answer, error.status)


def _json(
    found: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    response = Response(json.dumps(found), status, content_type="application/json")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.update(dict(headers or {}))
    return response


def _back(app: App, **query: str) -> AnyResponse:
    joined = "&" if "?" in app.redirect else "?"
    return redirect(f"{app.redirect}{joined}{urlencode(query)}", 302)
