"""Logging people in at a MediaWiki, by its OAuth 2: authorization code with PKCE.

What a MediaWiki answers was recorded (`tests/data/oauth`). Of note: a refusal by the person comes
back as `unauthorized_client` and without the state; a profile is JSON that is sent as HTML.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from time import time
from typing import Any, Final

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from urllib3.exceptions import HTTPError

from wbskills.errors import WbskillsError
from wbskills.wikibase.remote.login import user_agent
from wbskills.wikibase.remote.profile import address_fault

_SECONDS: Final = 10.0  # for each answer
_MAX_ANSWER: Final = 1 << 20  # bytes
_TOKEN: Final = re.compile(r"[!-~]+")
_LONGEST_VALID: Final = 366 * 86_400  # seconds
_LONGEST_NAME: Final = 255  # bytes of a username in MediaWiki
# Errors of the token endpoint that are the operator's, not the person's.
_MISCONFIGURED: Final = frozenset(
    {"invalid_client", "unsupported_grant_type", "invalid_scope", "unauthorized_client"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthApp:
    """An application that is registered at a wiki.

    `rest` is the address of the wiki's rest.php; `redirect` where people come back, as it was
    registered. A public application has no secret.
    """

    rest: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    redirect: str


@dataclass(frozen=True, slots=True)
class LogInBegun:
    """What the session of a person must keep until they come back from `address`."""

    address: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """What lets a program act for a person until it expires, in seconds since 1970."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: float


@dataclass(frozen=True, slots=True)
class WikiAccount:
    """Who a person is at their wiki; `grants` are what they allowed the program to do."""

    username: str
    groups: tuple[str, ...] = ()
    blocked: bool = False
    registered: str = ""
    edits: int = 0
    grants: tuple[str, ...] = ()


class LogInProblem(StrEnum):
    """Why nobody was logged in, and so what to do."""

    REFUSED = "refused"  # the person said no
    STALE = "stale"  # begun elsewhere, too long ago, or used already: begin again
    MISCONFIGURED = "misconfigured"  # the operator must act
    UNREACHABLE = "unreachable"  # the wiki does not answer, or not as a MediaWiki does
    REVOKED = "revoked"  # the token is not valid any more


class LogInError(WbskillsError):
    """Somebody could not be logged in. The text has no secret."""

    def __init__(self, problem: LogInProblem, what: str, *, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.problem = problem


def begin(app: OAuthApp) -> LogInBegun:
    """Begin to log a person in.

    Raises `LogInError` if the address of the wiki is not encrypted, unless it is this machine.
    """
    verifier = secrets.token_urlsafe(48)
    with _session(app) as session:
        address, state = session.create_authorization_url(
            f"{app.rest}/oauth2/authorize",
            state=secrets.token_urlsafe(24),
            code_verifier=verifier,
        )
    return LogInBegun(address, state, verifier)


def finish(app: OAuthApp, begun: LogInBegun, query: Mapping[str, str]) -> Token:
    """Exchange the code with which a person came back. Raises `LogInError`."""
    state = query.get("state", "")
    is_ours = secrets.compare_digest(state.encode("utf-8", "replace"), begun.state.encode())
    error = query.get("error", "")
    if error and (is_ours or not state):  # a refusal comes without the state
        if error in ("unauthorized_client", "access_denied"):
            raise LogInError(LogInProblem.REFUSED, "the person did not allow it")
        raise _misconfigured(app, error)
    code = query.get("code", "")
    if not is_ours or not code:
        raise LogInError(LogInProblem.STALE, "this is not the log-in that was begun here")
    return _fetch(app, grant_type="authorization_code", code=code, code_verifier=begun.verifier)


def refresh(app: OAuthApp, token: Token) -> Token:
    """Exchange a token for a new one; the old one is revoked. Raises `LogInError`."""
    return _fetch(app, grant_type="refresh_token", refresh_token=token.refresh)


def account_of(app: OAuthApp, token: Token) -> WikiAccount:
    """Ask the wiki whose token it is. Raises `LogInError`."""
    with _session(app) as session:
        try:
            answer = session.request(
                "GET",
                f"{app.rest}/oauth2/resource/profile",
                headers={"Authorization": f"Bearer {token.access}"},
                withhold_token=True,
                timeout=_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise _unreachable(app, type(error).__name__) from None
    if answer.status_code == 401:
        raise LogInError(LogInProblem.REVOKED, "the wiki does not accept the token any more")
    found = _json(app, answer)
    name = found.get("username")
    if answer.status_code != 200 or not isinstance(name, str) or not name:
        raise _unreachable(app, f"no profile (HTTP {answer.status_code})")
    if not name.isprintable() or len(name.encode()) > _LONGEST_NAME:  # first: half a character
        raise _unreachable(app, "no possible username")
    return WikiAccount(
        username=name,
        groups=_texts(found.get("groups")),
        blocked=bool(found.get("blocked")),
        registered=str(found.get("registered") or "")[:20],
        edits=found["editcount"] if isinstance(found.get("editcount"), int) else 0,
        grants=_texts(found.get("grants")),
    )


def _fetch(app: OAuthApp, *, grant_type: str, **form: str) -> Token:
    """Ask the token endpoint."""
    with _session(app) as session:
        try:
            found = session.fetch_token(
                f"{app.rest}/oauth2/access_token",
                grant_type=grant_type,
                timeout=_SECONDS,
                allow_redirects=False,
                **form,
            )
        except OAuthError as error:
            raise _refused(app, str(error.error or "")) from None
        # Authlib computes with whatever the wiki says about the time.
        except (
            requests.RequestException, ValueError, RecursionError, TypeError, OverflowError,
        ) as error:  # fmt: skip
            raise _unreachable(app, type(error).__name__) from None
    access, renew = found.get("access_token"), found.get("refresh_token")
    seconds = found.get("expires_in")
    # It goes into a header, which takes no other characters.
    if not all(isinstance(each, str) and _TOKEN.fullmatch(each) for each in (access, renew)):
        raise _unreachable(app, "no token")
    valid = seconds if isinstance(seconds, int) and 0 < seconds <= _LONGEST_VALID else 0
    return Token(access, renew, time() + valid)


def _refused(app: OAuthApp, error: str) -> LogInError:
    if error in _MISCONFIGURED:
        return _misconfigured(app, error)
    # invalid_request, invalid_grant: the code was used, has expired, or is of another session.
    return LogInError(LogInProblem.STALE, "the wiki does not accept this log-in (any more)")


def _misconfigured(app: OAuthApp, error: str) -> LogInError:
    shown = error if error.isascii() and error.replace("_", "").isalpha() else "?"
    return LogInError(
        LogInProblem.MISCONFIGURED,
        f"{app.rest} does not accept the application ({shown[:40]})",
        hint="compare id, secret and redirect address with Special:OAuthConsumerRegistration",
    )


def _unreachable(app: OAuthApp, why: str) -> LogInError:
    return LogInError(LogInProblem.UNREACHABLE, f"{app.rest} does not answer: {why}")


def _session(app: OAuthApp) -> OAuth2Session:
    """Return a session that follows no redirect with secrets, and reads no endless answer."""
    fault = address_fault(app.rest)
    if fault:
        raise LogInError(LogInProblem.MISCONFIGURED, fault.what, hint=fault.hint)
    session = OAuth2Session(
        client_id=app.client_id,
        client_secret=app.client_secret or None,
        redirect_uri=app.redirect,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post" if app.client_secret else "none",
    )
    session.trust_env = False  # no password of another place
    session.headers["User-Agent"] = user_agent("")
    session.hooks["response"].append(_limit)
    return session


def _limit(answer: requests.Response, **_: object) -> None:
    """Read an answer up to a limit."""
    try:
        content = answer.raw.read(_MAX_ANSWER + 1, decode_content=True)
    except HTTPError as error:  # requests only translates it where it reads the answer itself
        answer.close()
        raise requests.ConnectionError(type(error).__name__) from error
    if len(content) > _MAX_ANSWER:
        answer.close()
        raise requests.RequestException("the answer is too long")
    answer._content = content  # noqa: SLF001 - requests reads it from there


def _json(app: OAuthApp, answer: requests.Response) -> dict[str, Any]:
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise _unreachable(app, f"no JSON (HTTP {answer.status_code})") from None
    return found if isinstance(found, dict) else {}


def _texts(found: object) -> tuple[str, ...]:
    return (
        tuple(filter(lambda each: isinstance(each, str), found)) if isinstance(found, list) else ()
    )
