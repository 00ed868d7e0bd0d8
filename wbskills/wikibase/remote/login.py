"""Logging in: where the secret comes from, and the session that it opens.

A secret is never in a profile, which people copy and commit. The first of these counts:

1. the environment variable `WBSKILLS_SECRET_NAME`, NAME being that of the profile in capitals
   with `_` for `-`;
2. the file that `secret_file` in the profile names, which no other user may be able to read;
3. the system's keyring, service `wbskills`, user NAME, if the profile says `keyring = true`.

It is the secret itself (a bot password, an OAuth 2 access token), or `name=value` for each part
of a log-in that has several, separated by blanks or lines.
"""

import os
import re
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar

from wbskills.errors import NotFound, StoreError, WbskillsError
from wbskills.version import __version__
from wbskills.wikibase.remote.api_errors import ErrorKind, Json, WikiError, parse_answer
from wbskills.wikibase.remote.profile import Login, Profile

KEYRING_SERVICE: Final = "wbskills"
_TOKEN: Final = re.compile(r"[!-~]+")
_MAX_SECRET: Final = 20_000  # bytes of a file; an OAuth 2 access token has about 1,000
_TIMEOUT: Final = (10.0, 120.0)  # seconds to connect, and for each answer

# The parts that are enough for a log-in; a single one needs no name.
_PARTS: Final[Mapping[Login, tuple[tuple[str, ...], ...]]] = {
    Login.NONE: ((),),
    Login.BOT_PASSWORD: (("password",),),
    Login.OAUTH1: (("consumer_token", "consumer_secret", "access_token", "access_secret"),),
    Login.OAUTH2: (("access_token",), ("consumer_token", "consumer_secret")),
}


class SecretError(WbskillsError):
    """A secret is missing, can be read by others, or is not what the log-in needs."""


class LoginDelayed(Exception):
    """The wiki lets nobody log in now, but may later."""

    def __init__(self, error: WikiError) -> None:
        super().__init__(error.message)
        self.error = error


class Secret:
    """The parts of a secret by name; no text of the object shows them."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Mapping[str, str]) -> None:
        self._parts = dict(parts)

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts by name, such as `password` or `access_token`."""
        return MappingProxyType(self._parts)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return repr(self)

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled")


def find_secret(profile: Profile) -> Secret:
    """Find the secret of a profile. Raises `SecretError` if there is none, or others can read it.

    Raises `NotFound` if the library for keyrings is missing.
    """
    if profile.login is Login.NONE:
        return Secret({})
    name = secret_variable(profile.name)
    if text := os.environ.get(name):
        return parse_secret(text, profile.login, f"${name}")
    if profile.secret_file is not None:
        text = read_secret_file(profile.secret_file)
        return parse_secret(text, profile.login, f"the file {profile.secret_file}")
    if profile.keyring:
        return parse_secret(_read_keyring(profile.name), profile.login, "the keyring")
    raise SecretError(
        f"no password or token was found for the profile “{profile.name}”",
        hint=f"set the environment variable {name}, or add secret_file or keyring = true to the"
        " profile",
    )


def secret_variable(profile: str) -> str:
    """Name the environment variable with the secret of a profile.

    >>> secret_variable("our-wiki")
    'WBSKILLS_SECRET_OUR_WIKI'
    """
    return f"WBSKILLS_SECRET_{profile.upper().replace('-', '_')}"


def parse_secret(text: str, login: Login, place: str) -> Secret:
    """Parse the text of a secret. Raises `SecretError`, which names `place` and no secret."""
    known = {part for parts in _PARTS[login] for part in parts}
    pieces = [piece.partition("=") for piece in text.split()]
    if pieces and all(sign and name in known for name, sign, _ in pieces):
        found = {name: value for name, _, value in pieces}
    else:
        single = next((parts[0] for parts in _PARTS[login] if len(parts) == 1), None)
        found = {single: text.strip()} if single and text.strip() else {}
    if login in {Login.OAUTH1, Login.OAUTH2}:
        # They go into headers; requests quotes what is not allowed there in its error.
        found = {name: value for name, value in found.items() if _TOKEN.fullmatch(value)}
    for parts in _PARTS[login]:
        if all(found.get(part) for part in parts):
            return Secret({part: found[part] for part in parts})
    needed = ", or ".join(" ".join(f"{part}=…" for part in parts) for parts in _PARTS[login])
    raise SecretError(f"{place} lacks what the log-in {login} needs", hint=f"write {needed}")


def user_agent(contact: str = "") -> str:
    """Name this program, and whom to ask about it, as Wikimedia's policy asks.

    https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy
    """
    return f"wbskills/{__version__} ({contact})" if contact else f"wbskills/{__version__}"


def log_in(profile: Profile, secret: Secret) -> requests.Session:
    """Log in and return the session.

    Raises `StoreError`, `LoginDelayed` if it may work later, or `requests.RequestException`.
    """
    session = _new_session(profile)
    parts = secret.parts
    match profile.login:
        case Login.NONE:
            pass
        case Login.BOT_PASSWORD:
            _send_password(session, profile, parts["password"])
        case Login.OAUTH1:
            session.auth = _oauth1(profile, parts)
        case Login.OAUTH2:
            token = parts.get("access_token") or _fetch_token(session, profile, parts)
            session.auth = _BearerToken(token)
    return session


def moved(api: str) -> StoreError:
    """Return the error for an API that redirects: following it could leave encryption."""
    return StoreError(
        f"{api} redirects to another address", hint="use the address of the API itself"
    )


class _TimedAdapter(HTTPAdapter):
    """Sends requests with a timeout, and never twice."""

    def send(self, request: Any, **options: Any) -> requests.Response:  # type: ignore[override] # noqa: ANN401 - passed on
        """Send a request."""
        options["timeout"] = options.get("timeout") or _TIMEOUT
        return super().send(request, **options)


class _BearerToken(AuthBase):
    """Adds an access token to each request; as an `auth`, no netrc file can replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token to a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _new_session(profile: Profile) -> requests.Session:
    session = requests.Session()
    theirs = session.headers["User-Agent"]
    session.headers["User-Agent"] = f"{user_agent(profile.contact)} {theirs!s}"
    for scheme in ("https://", "http://"):
        adapter = _TimedAdapter(pool_connections=2, pool_maxsize=profile.sessions + 2)
        session.mount(scheme, adapter)
    return session


def _oauth1(profile: Profile, parts: Mapping[str, str]) -> AuthBase:
    """Sign requests by OAuth 1.0a, as WikibaseIntegrator does.

    Its constructor is called without the decorator, which repeats a failed request and writes all
    arguments into the log, the secrets too.
    """
    from wikibaseintegrator import wbi_login

    class OwnerOnly(wbi_login.OAuth1):  # type: ignore[misc] # untyped library
        def generate_edit_credentials(self) -> RequestsCookieJar:
            """Fetch no edit token here: the library sets no timeout."""
            return RequestsCookieJar()

    login = OwnerOnly.__new__(OwnerOnly)
    wbi_login.OAuth1.__init__.__wrapped__(
        login,
        consumer_token=parts["consumer_token"],
        consumer_secret=parts["consumer_secret"],
        access_token=parts["access_token"],
        access_secret=parts["access_secret"],
        mediawiki_index_url=f"{profile.api.rsplit('/', 1)[0]}/index.php",
        mediawiki_api_url=profile.api,
        user_agent=user_agent(profile.contact),
    )
    signer: AuthBase = login.get_session().auth
    return signer


def _send_password(session: requests.Session, profile: Profile, password: str) -> None:
    """Log in by a bot password."""
    token = _ask(session, profile, action="query", meta="tokens", type="login")
    try:
        found = _ask(
            session,
            profile,
            action="login",
            lgname=profile.user,
            lgpassword=password,
            lgtoken=token["query"]["tokens"]["logintoken"],
        )["login"]
        if found["result"] == "Success":
            return
        reason = str(found.get("reason") or found["result"])
    except (KeyError, TypeError) as error:
        raise requests.RequestException(f"no answer to the log-in: {error!r}") from None
    raise _rejected(
        profile, reason, "use the name and password from Special:BotPasswords on the wiki"
    )


def _ask(session: requests.Session, profile: Profile, **form: str) -> Json:
    """Send one request of a log-in; errors never quote it."""
    answer = session.post(profile.api, data={**form, "format": "json"}, allow_redirects=False)
    if answer.is_redirect:
        raise moved(profile.api)
    found = parse_answer(answer.status_code, answer.headers, answer.content)
    if not isinstance(found, WikiError):
        return found
    if found.kind is ErrorKind.UNKNOWN:
        raise requests.RequestException("no answer to the log-in")
    if found.kind in {ErrorKind.BUSY, ErrorKind.THROTTLED}:
        raise LoginDelayed(found)
    raise _rejected(profile, found.message, f"run “wbskills doctor --wikibase {profile.name}”")


def _rejected(profile: Profile, reason: str, hint: str) -> StoreError:
    return StoreError(
        f"{profile.api} rejected the log-in of “{profile.user}”: {reason}", hint=hint
    )


def _fetch_token(session: requests.Session, profile: Profile, parts: Mapping[str, str]) -> str:
    """Fetch an OAuth 2 access token by the id and secret of a consumer."""
    answer = session.post(
        f"{profile.api.rsplit('/', 1)[0]}/rest.php/oauth2/access_token",
        data={
            "grant_type": "client_credentials",
            "client_id": parts["consumer_token"],
            "client_secret": parts["consumer_secret"],
        },
        allow_redirects=False,
    )
    if answer.status_code == 429 or answer.status_code >= 500:
        raise requests.RequestException(f"HTTP {answer.status_code}")
    try:
        return str(answer.json()["access_token"])
    except (ValueError, KeyError, TypeError):
        raise StoreError(
            f"{profile.api} rejected the OAuth 2 token (HTTP {answer.status_code})",
            hint="use an owner-only consumer, which needs only its access token",
        ) from None


def read_secret_file(file: Path) -> str:
    """Read a file with a secret. Raises `SecretError` if others can read it, or it is no text."""
    try:
        # The mode is that of the very file that is read, whatever its name is changed to.
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise SecretError(
                    f"other users can read {file}, which holds a password or token",
                    hint=f"run “chmod 600 {shlex.quote(str(file))}”",
                )
            return opened.read(_MAX_SECRET).decode("utf-8")
    except OSError as error:
        raise SecretError(
            f"cannot read the password or token in {file}: {error.strerror}",
            hint="use a file that only you can read",
        ) from error
    except UnicodeDecodeError:
        # `from None`: the error's own text has the bytes.
        raise SecretError(f"{file} is not UTF-8", hint="use a text file") from None


def _read_keyring(profile: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise NotFound(
            "the library for keyrings is not installed",
            hint='run: pip install "wbskills[keyring]"',
        ) from error
    try:
        found: str | None = keyring.get_password(KEYRING_SERVICE, profile)
    except KeyringError as error:
        raise SecretError(
            f"the keyring cannot be used: {type(error).__name__}",
            hint="unlock it, or keep the password or token in another place",
        ) from error
    if not found:
        raise SecretError(
            f"the keyring has no password or token for “{profile}”",
            hint=f"run “python -m keyring set {KEYRING_SERVICE} {profile}”",
        )
    return found
