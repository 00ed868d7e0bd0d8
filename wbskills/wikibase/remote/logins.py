"""Logging in: by a bot password, or by OAuth.

OAuth 1.0a is WikibaseIntegrator's, whose object carries the session. Its constructor repeats a
failed request by a decorator that writes all its arguments, the secrets too, into the log, so the
undecorated one is called; and it fetches the token of edits without any limit of time, which is
left to `api`. Its log-in by a bot password says nothing of a wiki that answers with an error.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from wikibaseintegrator import wbi_login

from wbskills.errors import StoreError
from wbskills.version import __version__
from wbskills.wikibase.remote.api_errors import Json, Meaning, Trouble, trouble
from wbskills.wikibase.remote.profile import Login, Profile, Secret

_TIMEOUT: Final = (10.0, 120.0)  # seconds to connect, and for each answer


class NotNow(Exception):
    """The wiki lets nobody log in now, and says why."""

    def __init__(self, found: Trouble) -> None:
        super().__init__(found.why)
        self.found = found


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
    """Log in; gives the session.

    Raises `StoreError`, `NotNow` if it may be tried again, or `requests.RequestException`.
    """
    session = _session(profile, secret)
    session.headers["User-Agent"] = _agent_of(session, profile)
    _limit(session, profile.sessions)
    return session


def _agent_of(session: requests.Session, profile: Profile) -> str:
    """Put our name before that of the library, once."""
    theirs = str(session.headers.get("User-Agent", ""))
    ours = user_agent(profile)
    return theirs if theirs.startswith(ours) else f"{ours} {theirs}".strip()


def _session(profile: Profile, secret: Secret) -> requests.Session:
    parts = secret.parts
    match profile.login:
        case Login.NONE:
            return requests.Session()
        case Login.BOT_PASSWORD:
            return _by_password(profile, parts["password"])
        case Login.OAUTH1:
            signed = _OAuth1.__new__(_OAuth1)
            _undecorated(wbi_login.OAuth1)(
                signed,
                consumer_token=parts["consumer_token"],
                consumer_secret=parts["consumer_secret"],
                access_token=parts["access_token"],
                access_secret=parts["access_secret"],
                mediawiki_index_url=f"{_scripts(profile)}/index.php",
                mediawiki_api_url=profile.api,
                user_agent=user_agent(profile),
            )
            session: requests.Session = signed.get_session()
            return session
        case Login.OAUTH2:
            return _bearer(profile, parts.get("access_token") or _fetched(profile, parts))


def _by_password(profile: Profile, password: str) -> requests.Session:
    """Log in by a bot password."""
    session = requests.Session()
    session.headers["User-Agent"] = user_agent(profile)
    _limit(session, profile.sessions)
    token = _asked(session, profile, action="query", meta="tokens", type="login")
    try:
        found = _asked(
            session,
            profile,
            action="login",
            lgname=profile.user,
            lgpassword=password,
            lgtoken=token["query"]["tokens"]["logintoken"],
        )["login"]
        if found["result"] == "Success":
            return session
        reason = str(found.get("reason") or found["result"])
    except (KeyError, TypeError) as error:
        raise requests.RequestException(f"no answer of a log-in: {error!r}") from None
    raise StoreError(
        f"{profile.api} does not let “{profile.user}” in: {reason}",
        hint="the name and password that Special:BotPasswords of the wiki gives",
    )


def _asked(session: requests.Session, profile: Profile, **form: str) -> Json:
    """Ask one thing on the way in; the texts of errors never hold what was sent."""
    answer = session.post(
        profile.api, data={**form, "format": "json"}, timeout=_TIMEOUT, allow_redirects=False
    )
    if answer.is_redirect:
        raise StoreError(
            f"{profile.api} leads somewhere else", hint="the address of the API itself"
        )
    try:
        found: object = json.loads(answer.content)
    except ValueError:
        found = None
    wrong = trouble(answer.status_code, answer.headers, found)
    if wrong is None and isinstance(found, dict):
        return found
    if wrong is None or wrong.meaning is Meaning.UNCLEAR:
        raise requests.RequestException("no answer of a log-in")
    if wrong.meaning in {Meaning.WAIT, Meaning.THROTTLED}:
        raise NotNow(wrong)
    raise StoreError(
        f"{profile.api} does not let “{profile.user}” in: {wrong.why}",
        hint=f"wbskills doctor --wikibase {profile.name}",
    )


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


class _OAuth1(wbi_login.OAuth1):  # type: ignore[misc] # untyped library
    """A log-in by OAuth 1.0a, with the four parts of an owner-only consumer."""

    def generate_edit_credentials(self) -> RequestsCookieJar:
        """Fetch no token of edits: `api` can wait for it, and notices that it is old."""
        cookies: RequestsCookieJar = self.session.cookies
        return cookies


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
