"""Logging in, by WikibaseIntegrator's log-in objects, without any of its global settings.

Its objects carry the log-in and the session. What they would do besides is done by `api`: their
constructors repeat a failed request by a decorator that writes all its arguments, the password
too, into the log, so the undecorated ones are called; and they fetch the token of edits without
any limit of time.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from wikibaseintegrator import wbi_login

from wbskills import __version__
from wbskills.errors import StoreError
from wbskills.store.profile import Login, Profile, Secret

_TIMEOUT: Final = (10.0, 120.0)  # seconds to connect, and for each answer


def user_agent(profile: Profile) -> str:
    """Name this program and whom to ask about it, as Wikimedia's policy wants.

    https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy
    """
    return (
        f"wbskills/{__version__} ({profile.contact})"
        if profile.contact
        else (f"wbskills/{__version__}")
    )


def log_in(profile: Profile, secret: Secret) -> requests.Session:
    """Log in; gives the session. Raises `StoreError`, or `requests.RequestException`."""
    try:
        session: requests.Session = _session(profile, secret)
    except wbi_login.LoginError as error:
        raise StoreError(
            f"{profile.api} does not let “{profile.user}” in: {_reason(error)}",
            hint="the name and password that Special:BotPasswords of the wiki gives",
        ) from None
    except (KeyError, TypeError) as error:
        raise requests.RequestException(f"no answer of a log-in: {error!r}") from None
    session.headers["User-Agent"] = _agent_of(session, profile)
    _limit(session, profile.sessions)
    return session


def _agent_of(session: requests.Session, profile: Profile) -> str:
    """Put our name before that of the library, once."""
    theirs = str(session.headers.get("User-Agent", ""))
    ours = user_agent(profile)
    return theirs if theirs.startswith(ours) else f"{ours} {theirs}".strip()


def _session(profile: Profile, secret: Secret) -> Any:  # noqa: ANN401 - of an untyped library
    parts = secret.parts
    common: dict[str, Any] = {
        "mediawiki_api_url": profile.api,
        "user_agent": user_agent(profile),
    }
    match profile.login:
        case Login.NONE:
            return requests.Session()
        case Login.BOT_PASSWORD:
            bot = _BotPassword.__new__(_BotPassword)
            _undecorated(wbi_login.Login)(
                bot, user=profile.user, password=parts["password"], timeout=_TIMEOUT, **common
            )
            return bot.get_session()
        case Login.OAUTH1:
            signed = _OAuth1.__new__(_OAuth1)
            _undecorated(wbi_login.OAuth1)(
                signed,
                consumer_token=parts["consumer_token"],
                consumer_secret=parts["consumer_secret"],
                access_token=parts["access_token"],
                access_secret=parts["access_secret"],
                mediawiki_index_url=f"{_scripts(profile)}/index.php",
                **common,
            )
            return signed.get_session()
        case Login.OAUTH2:
            return _bearer(profile, parts.get("access_token") or _fetched(profile, parts))


def _bearer(profile: Profile, token: str) -> requests.Session:
    """Use an access token: that of an owner-only consumer, or one fetched for this session."""
    session = requests.Session()
    session.auth = _Bearer(token)
    session.headers["User-Agent"] = user_agent(profile)
    return session


def _fetched(profile: Profile, parts: Mapping[str, str]) -> str:
    """Fetch an access token by the id and secret of a consumer.

    Not by the library: it waits without any limit, and its session refuses to send anything
    when the token has come of age, where a new log-in would do.
    """
    answer = requests.post(
        f"{_scripts(profile)}/rest.php/oauth2/access_token",
        data={
            "grant_type": "client_credentials",
            "client_id": parts["consumer_token"],
            "client_secret": parts["consumer_secret"],
        },
        headers={"User-Agent": user_agent(profile)},
        timeout=_TIMEOUT,
        allow_redirects=False,
    )
    if answer.status_code == 429 or answer.status_code >= 500:
        raise requests.RequestException(f"HTTP {answer.status_code}")
    try:
        found = json.loads(answer.content)
        return str(found["access_token"])
    except (ValueError, KeyError, TypeError):
        raise StoreError(
            f"{profile.api} does not take the OAuth 2 secret (HTTP {answer.status_code})",
            hint="an owner-only consumer, whose access token is all that is needed",
        ) from None


def _undecorated(kind: type) -> Any:  # noqa: ANN401 - a constructor of the library
    """Give a constructor that neither repeats itself nor logs what it was given."""
    return kind.__init__.__wrapped__  # type: ignore[misc] # functools.wraps left it there


class _NoToken:
    """Leaves the token of edits to `api`, which can wait for it, and notice that it is old."""

    session: requests.Session

    def generate_edit_credentials(self) -> RequestsCookieJar:
        """Fetch nothing."""
        return self.session.cookies


class _BotPassword(_NoToken, wbi_login.Login):  # type: ignore[misc] # untyped library
    """A log-in by a bot password."""


class _OAuth1(_NoToken, wbi_login.OAuth1):  # type: ignore[misc] # untyped library
    """A log-in by OAuth 1.0a, with the four parts of an owner-only consumer."""


class _Bearer(AuthBase):
    """Shows an access token with each request; as an `auth`, no netrc file can replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token to a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Limited(HTTPAdapter):
    """Sends requests with a limit of time, and never twice."""

    def send(self, request: Any, **how: Any) -> requests.Response:  # type: ignore[override] # noqa: ANN401 - passed on
        """Send a request."""
        how["timeout"] = how.get("timeout") or _TIMEOUT
        return super().send(request, **how)


def _limit(session: requests.Session, sessions: int) -> None:
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Limited(pool_connections=2, pool_maxsize=sessions + 2))


def _scripts(profile: Profile) -> str:
    return profile.api.rsplit("/", 1)[0]


def _reason(error: Exception) -> str:
    return str(error).removeprefix("Login failed. Reason: ").strip("'")
