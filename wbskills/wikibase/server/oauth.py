"""OAuth 2 of the served Wikibase, as MediaWiki's extension has it: who may do what, decided here.

Codes, tokens and approvals live in memory, as sessions do: when the server stops, people approve
and log in anew. Only registered applications are stored, with hashes of their secrets. Tokens are
random texts, not JWTs; clients must not look into them.
"""

import hashlib
import hmac
import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from threading import Lock
from typing import Any, Final, NoReturn

from wbskills.errors import InvalidValue
from wbskills.wikibase.embedded.accounts import Accounts
from wbskills.wikibase.server.accounts import GRANTS, Session, User, user_of

IDENTITY: Final = "mwoauth-authonly"  # the grant that allows nothing but to know who somebody is
TOKEN_SECONDS: Final = 3_600
CODE_SECONDS: Final = 600
_SETTING: Final = "oauth_apps"
_MOST: Final = 10_000  # codes, and tokens, that are kept
_LONGEST: Final = 512  # characters of anything that a client sends
_MALFORMED: Final = (
    "The request is missing a required parameter, includes an invalid parameter value, includes a"
    " parameter more than once, or is otherwise malformed."
)
_BAD_GRANT: Final = (
    "The provided authorization grant (e.g., authorization code, resource owner credentials) or"
    " refresh token is invalid, expired, revoked, does not match the redirection URI used in the"
    " authorization request, or was issued to another client."
)
_BAD_REFRESH: Final = "The refresh token is invalid."
_DENIED: Final = "The resource owner or authorization server denied the request."


@dataclass(frozen=True, slots=True)
class App:
    """An application: where people come back to, and what it may ask for.

    A public application has no secret, and needs PKCE.
    """

    id: str
    number: int
    name: str
    redirect: str
    secret: str = field(repr=False)  # a hash
    grants: tuple[str, ...] = (IDENTITY,)

    @property
    def is_public(self) -> bool:
        """Whether the application cannot keep a secret."""
        return not self.secret


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """What an application asks for when it sends a person here."""

    app: App
    state: str
    challenge: str
    method: str
    scope_fault: str = ""


@dataclass(frozen=True, slots=True)
class _Code:
    app: str
    account: str
    challenge: str
    method: str
    redirect: str
    expires: float


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: to act as `user` until it `expires`. `session` has its edit tokens."""

    app: App
    user: User
    session: Session = field(repr=False)
    expires: float

    @property
    def tag(self) -> str:
        """The tag of edits that are made with it."""
        return f"OAuth CID: {self.app.number}"

    @property
    def is_identity_only(self) -> bool:
        """Whether it allows nothing but to know who somebody is."""
        return self.app.grants == (IDENTITY,)


class ConnectionFault(Exception):
    """An application asks for something that leads to no page of it: a page of ours says so."""


class TokenRefused(Exception):
    """A token is not given out, or not accepted: the HTTP status, and the answer as JSON."""

    def __init__(self, status: int, error: str, description: str, hint: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.answer = {"error": error, "error_description": description}
        self.answer |= {"hint": hint} if hint else {}
        self.answer["message"] = description


class OAuth:
    """The applications and tokens of one server. Threads share it."""

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.time) -> None:
        self._accounts, self._clock = accounts, clock
        self._lock = Lock()
        self._codes: OrderedDict[str, _Code] = OrderedDict()
        self._used: OrderedDict[str, None] = OrderedDict()
        self._access: OrderedDict[str, Grant] = OrderedDict()
        self._refresh: OrderedDict[str, str] = OrderedDict()  # the access token of each
        self._revoked: OrderedDict[str, None] = OrderedDict()
        self._approved: set[tuple[str, str]] = set()

    def app(self, client_id: str) -> App | None:
        """Find a registered application."""
        return next((app for app in apps(self._accounts) if app.id == client_id), None)

    def authorize_request(self, query: Mapping[str, str]) -> AuthorizeRequest:
        """Read what an application asks for. Raises `ConnectionFault`."""
        app = self.app(query.get("client_id", ""))
        method = query.get("code_challenge_method", "plain")
        challenge = query.get("code_challenge", "")
        if (
            app is None
            or query.get("response_type") != "code"
            or query.get("redirect_uri", app.redirect) != app.redirect
            or (challenge and method not in ("S256", "plain"))
            or (app.is_public and not challenge)
            or max(map(len, query.values()), default=0) > _LONGEST
        ):
            raise ConnectionFault
        wanted = query.get("scope", "").split()
        fault = next((scope for scope in wanted if scope not in (IDENTITY, *GRANTS)), "")
        return AuthorizeRequest(app, query.get("state", ""), challenge, method, fault)

    def has_approved(self, user: User, app: App) -> bool:
        """Whether a person has allowed an application before."""
        return (user.name, app.id) in self._approved

    def approve(self, user: User, app: App) -> None:
        """Record that a person allows an application."""
        with self._lock:
            self._approved.add((user.name, app.id))

    def take_back(self, user: User) -> None:
        """Forget what a person has allowed; tokens that were given out end with their hour."""
        with self._lock:
            self._approved = {each for each in self._approved if each[0] != user.name}

    def code_for(self, user: User, request: AuthorizeRequest) -> str:
        """Return a code with which the application gets its token; once, within ten minutes."""
        code = secrets.token_urlsafe(32)
        made = _Code(
            request.app.id,
            user.name,
            request.challenge,
            request.method,
            request.app.redirect,
            self._clock() + CODE_SECONDS,
        )
        with self._lock:
            _keep(self._codes, _hash(code), made)
        return code

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Exchange a code, or a refresh token, for a token. Raises `TokenRefused`."""
        kind = form.get("grant_type", "")
        if kind == "client_credentials":
            _refuse_client()
        if kind not in ("authorization_code", "refresh_token"):
            raise TokenRefused(
                400, "invalid_request", _MALFORMED, "Check the `grant_type` parameter"
            )
        app = self._client(form)
        if kind == "refresh_token":
            return self._refreshed(app, form.get("refresh_token", ""))
        return self._exchanged(app, form)

    def grant(self, token: str) -> Grant:
        """Return what a token allows. Raises `TokenRefused`."""
        with self._lock:
            key = _hash(token)
            found = self._access.get(key)
            if found is not None and found.expires > self._clock():
                return found
            if key in self._revoked:
                hint = "Access token has been revoked"
            elif found is not None:
                hint = "Access token is invalid"
            else:
                hint = "Error while decoding from JSON"
        raise TokenRefused(401, "access_denied", _DENIED, hint)

    def _client(self, form: Mapping[str, str]) -> App:
        app = self.app(form.get("client_id", ""))
        if app is None:
            _refuse_client()
        secret = form.get("client_secret", "")[:_LONGEST]
        if not app.is_public and not hmac.compare_digest(_hash(secret), app.secret):
            _refuse_client()
        if form.get("redirect_uri", app.redirect) != app.redirect:
            _refuse_client()
        return app

    def _exchanged(self, app: App, form: Mapping[str, str]) -> dict[str, Any]:
        key = _hash(form.get("code", ""))
        with self._lock:
            if key in self._used:
                self._malformed("Authorization code has been revoked")
            found = self._codes.get(key)
            if found is None:
                self._malformed("Cannot decrypt the authorization code")
            if found.app != app.id:
                self._malformed("Authorization code was not issued to this client")
            if found.expires <= self._clock():
                self._malformed("Authorization code has expired")
            _check_verifier(found, form.get("code_verifier", ""))
            del self._codes[key]
            _keep(self._used, key, None)
            return self._new_token(app, found.account)

    def _refreshed(self, app: App, token: str) -> dict[str, Any]:
        key = _hash(token)
        with self._lock:
            access = self._refresh.pop(key, None)
            if access is None:
                hint = (
                    "Token has been revoked"
                    if key in self._revoked
                    else "Cannot decrypt the refresh token"
                )
                raise TokenRefused(401, "invalid_request", _BAD_REFRESH, hint)
            _keep(self._revoked, key, None)
            before = self._access.get(access)
            self._revoke(access)
            if before is None or before.app.id != app.id:
                raise TokenRefused(
                    401, "invalid_request", _BAD_REFRESH, "Token is not linked to client"
                )
            return self._new_token(app, before.user.name)

    def _new_token(self, app: App, name: str) -> dict[str, Any]:
        account = self._accounts.find(name)
        if account is None:
            raise TokenRefused(400, "invalid_grant", _BAD_GRANT)
        user = user_of(account, app.grants)
        if app.grants == (IDENTITY,):
            user = replace(user, rights=())
        access, renew = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        session = Session(secrets.token_hex(16), user)
        key = _hash(access)
        expires = self._clock() + TOKEN_SECONDS
        _keep(self._access, key, Grant(app, user, session, expires))
        _keep(self._refresh, _hash(renew), key)
        return {
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "access_token": access,
            "refresh_token": renew,
        }

    def _revoke(self, key: str) -> None:
        if self._access.pop(key, None) is not None:
            _keep(self._revoked, key, None)

    def _malformed(self, hint: str) -> NoReturn:
        raise TokenRefused(400, "invalid_request", _MALFORMED, hint)


def apps(accounts: Accounts) -> list[App]:
    """List the registered applications."""
    stored = json.loads(accounts.setting(_SETTING) or "[]")
    return [App(**{**each, "grants": tuple(each["grants"])}) for each in stored]


def register_app(
    accounts: Accounts,
    name: str,
    redirect: str,
    grants: tuple[str, ...] = (IDENTITY,),
    *,
    public: bool = False,
) -> tuple[App, str]:
    """Register an application, or register one of the same name anew; returns its secret, too.

    Raises `InvalidValue` if there is no such grant.
    """
    for grant in grants:
        if grant not in (IDENTITY, *GRANTS):
            known = ", ".join((IDENTITY, *GRANTS))
            raise InvalidValue(f"the grant “{grant}” does not exist", hint=f"use one of {known}")
    others = [app for app in apps(accounts) if app.name != name]
    secret = "" if public else secrets.token_hex(20)
    app = App(
        id=secrets.token_hex(16),
        number=max((each.number for each in apps(accounts)), default=0) + 1,
        name=name,
        redirect=redirect,
        secret=_hash(secret) if secret else "",
        grants=grants,
    )
    accounts.put_setting(_SETTING, json.dumps([asdict(each) for each in (*others, app)]))
    return app, secret


def _check_verifier(code: _Code, verifier: str) -> None:
    if not code.challenge:
        return
    if not verifier:
        raise TokenRefused(
            400, "invalid_request", _MALFORMED, "Check the `code_verifier` parameter"
        )
    if code.method == "S256":
        digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
        verifier = urlsafe_b64encode(digest).decode().rstrip("=")
    if not hmac.compare_digest(verifier.encode("utf-8", "replace"), code.challenge.encode()):
        raise TokenRefused(400, "invalid_grant", _BAD_GRANT, "Failed to verify `code_verifier`.")


def _refuse_client() -> NoReturn:
    raise TokenRefused(401, "invalid_client", "Client authentication failed")


def _hash(secret: str) -> str:
    """Return what is kept of a secret, which is random: a fast hash does."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _keep(kept: OrderedDict[str, Any], key: str, value: object) -> None:
    kept[key] = value
    while len(kept) > _MOST:
        kept.popitem(last=False)
