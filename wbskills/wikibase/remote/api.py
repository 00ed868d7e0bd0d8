"""The Action API of one wiki: requests with a session, a token and retries.

A request that changes something is never repeated when its answer was lost: that would create
items twice. It is `edit` that raises `AnswerLost` then, and its caller that looks it up.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Any, Final
from urllib.parse import quote_plus

import requests
from urllib3.exceptions import NewConnectionError

from wbskills.errors import StoreError
from wbskills.wikibase.remote.api_errors import (
    OAUTH_REFUSED,
    ErrorKind,
    Json,
    WikiError,
    is_truncated,
    parse_answer,
)
from wbskills.wikibase.remote.login import LoginDelayed, Secret, log_in, moved
from wbskills.wikibase.remote.profile import Login, Profile
from wbskills.wikibase.remote.retries import RateLimiter, Retries, Waiter

_MAX_RENEWALS: Final = 6  # times that one request may find the session or the token gone
_QUICK_RENEWALS: Final = 2  # of these are retried without waiting
_FORM: Final = "application/x-www-form-urlencoded"
_LONG: Final = 500  # characters

# The percent sign comes first, as all others add some; the space last, as a plus.
_ESCAPES: Final = [
    ("%", "%25"),
    *((c, quote_plus(c)) for c in map(chr, range(128)) if c not in "% " and quote_plus(c) != c),
    (" ", "+"),
]


class RequestRefused(StoreError):
    """The wiki refuses a request, now and later."""

    def __init__(self, error: WikiError, *, hint: str = "") -> None:
        super().__init__(f"the wiki refused: {error.message}", hint=error.hint or hint)
        self.code, self.clash, self.edit_only = error.code, error.clash, error.edit_only


class TruncatedAnswer(StoreError):
    """The wiki has left out a part of its answer, which would have been too large."""

    def __init__(self, answer: Json) -> None:
        super().__init__(
            "the wiki leaves out part of its answer, which would be too large",
            hint="ask the wiki’s administrators for a higher $wgAPIMaxResultSize",
        )
        self.answer = answer


class AnswerLost(Exception):
    """It is unknown whether an edit was made. Look it up before you send it again."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.seconds = why, seconds


class ActionApi:
    """The API of one wiki, with one log-in that all threads share.

    `bot` marks edits as those of a bot. `requests` counts what was sent, without log-ins.
    """

    def __init__(self, profile: Profile, secret: Secret, waiter: Waiter) -> None:
        self._profile, self._secret, self._waiter = profile, secret, waiter
        self._doctor = f"run “wbskills doctor --wikibase {profile.name}”"
        self.rate = RateLimiter(waiter, profile.edits_per_minute)
        self.bot = False
        self._lock = Lock()
        self._session: requests.Session | None = None
        self._token = ""
        self._answered = False  # at least once, so there is a wiki
        self.requests = 0

    def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @contextmanager
    def acting_as(self, access_token: str) -> Iterator[None]:
        """Use the OAuth 2 token of a person for a while, instead of the profile's log-in."""
        own = self._profile, self._secret, self._session, self._token, self.bot
        self._profile = replace(self._profile, login=Login.OAUTH2, user="")
        self._secret = Secret({"access_token": access_token})
        self._session, self._token, self.bot = None, "", False
        try:
            yield
        finally:
            self.close()
            self._profile, self._secret, self._session, self._token, self.bot = own

    def ask(self, action: str, **parameters: str | int) -> Json:
        """Send a request that changes nothing, until it is answered.

        Raises `RequestRefused`, `TruncatedAnswer`, or another `StoreError` when patience has run
        out.
        """
        first_contact, retries, renewals = not self._answered, self._retries(), 0
        form = self._form(action, parameters)
        while True:
            session = self._logged_in(retries)
            found = self._send(session, form)
            if not isinstance(found, WikiError):
                if is_truncated(found):
                    raise TruncatedAnswer(found)
                return found
            if first_contact and self._answered:
                first_contact, retries = False, self._retries()
            if found.kind is ErrorKind.REFUSED:
                raise RequestRefused(found, hint=self._doctor)
            if found.kind is ErrorKind.LOGGED_OUT:
                renewals = self._count_renewal(renewals, found, retries)
                self._drop_session(session)
                continue
            retries.wait(found.message, found.retry_after)

    def pages(self, action: str, **parameters: str | int) -> Iterator[Json]:
        """Ask for a list, one answer after the other. Raises as `ask` does."""
        continuation: Mapping[str, Any] = {}
        while True:
            found = self.ask(action, **parameters, **continuation)
            yield found
            if "continue" not in found:
                return
            continuation = found["continue"]

    def edit(self, action: str, **parameters: str | int) -> Json:
        """Send a request that changes something, within the rate limit.

        It is repeated if it was not carried out. Raises `AnswerLost` if that is unknown,
        `RequestRefused`, or another `StoreError` when patience has run out.
        """
        retries, renewals = self._waiter.retries(), 0
        form = self._form(action, parameters)
        if self.bot and action.startswith("wb"):
            form["bot"] = 1
        while True:
            self.rate.acquire()
            session, token = self._logged_in(retries), self._edit_token()
            found = self._send(session, {**form, "token": token})
            if not isinstance(found, WikiError):
                return found
            match found.kind:
                case ErrorKind.REFUSED:
                    raise RequestRefused(found)
                case ErrorKind.UNKNOWN:
                    raise AnswerLost(found.message, found.retry_after)
                case ErrorKind.LOGGED_OUT:
                    renewals = self._count_renewal(renewals, found, retries)
                    self._drop_session(session)
                case ErrorKind.BAD_TOKEN:
                    renewals = self._count_renewal(renewals, found, retries)
                    self._drop_token(token)
                case ErrorKind.THROTTLED:
                    self.rate.back_off(found.retry_after)
                    retries.wait(found.message, found.retry_after)
                case ErrorKind.BUSY:
                    retries.wait(found.message, found.retry_after)

    def _retries(self) -> Retries:
        if self._answered:
            return self._waiter.retries()
        return self._waiter.first_retries(self._doctor)

    def _count_renewal(self, renewals: int, error: WikiError, retries: Retries) -> int:
        """Count that a session or token was gone, also because another thread renewed it."""
        hopeless = error.code == OAUTH_REFUSED and renewals >= _QUICK_RENEWALS
        if renewals >= _MAX_RENEWALS or hopeless:
            raise StoreError(f"{error.message}, repeatedly", hint=self._doctor)
        if renewals >= _QUICK_RENEWALS:
            retries.wait(error.message)
        return renewals + 1

    def _form(self, action: str, parameters: Mapping[str, str | int]) -> dict[str, str | int]:
        form: dict[str, str | int] = {"action": action, "format": "json", **parameters}
        if action == "query":
            form["formatversion"] = 2
        if self._profile.maxlag:
            form["maxlag"] = self._profile.maxlag
        if self._profile.login is not Login.NONE:
            form["assert"] = "user"  # else a lost session would go unnoticed
        return form

    def _send(self, session: requests.Session, form: Mapping[str, str | int]) -> Json | WikiError:
        self.requests += 1
        try:
            answer = session.post(
                self._profile.api,
                data=encode_form(form),
                headers={"Content-Type": _FORM},
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise StoreError(
                f"{self._profile.api} has no trusted certificate",
                hint="check the address; if it is right, ask the people who run the wiki to fix"
                " the certificate",
            ) from error
        except requests.exceptions.ConnectTimeout:
            return WikiError(ErrorKind.UNKNOWN, "the wiki cannot be reached")
        except requests.RequestException as error:
            return WikiError(ErrorKind.UNKNOWN, _reason(error))
        self._answered = True
        if answer.is_redirect:
            raise moved(self._profile.api)
        return parse_answer(answer.status_code, answer.headers, answer.content)

    def _logged_in(self, retries: Retries) -> requests.Session:
        """Return the session, logging in if there is none."""
        session = self._session
        if session is not None:
            return session
        with self._lock:
            if self._session is None:
                self._session = self._log_in(retries)
                self._token = ""
            return self._session

    def _log_in(self, retries: Retries) -> requests.Session:
        while True:
            try:
                return log_in(self._profile, self._secret)
            except LoginDelayed as delayed:
                if not self._answered:
                    self._answered, retries = True, self._waiter.retries()
                retries.wait(f"no log-in: {delayed.error.message}", delayed.error.retry_after)
            except requests.RequestException as error:
                retries.wait(f"no log-in: {_reason(error)}")

    def _drop_session(self, gone: requests.Session) -> None:
        """Let the next request log in again, unless another thread already did."""
        with self._lock:
            if self._session is gone:
                self._session, self._token = None, ""

    def _drop_token(self, old: str) -> None:
        with self._lock:
            if self._token == old:
                self._token = ""

    def _edit_token(self) -> str:
        token = self._token
        if token:
            return token
        if self._profile.login is Login.NONE:
            return "+\\"
        found = self.ask("query", meta="tokens", type="csrf")
        token = str(found["query"]["tokens"]["csrftoken"])
        with self._lock:
            self._token = token
        return token


def encode_form(fields: Mapping[str, str | int]) -> str:
    r"""Encode a form as `urllib.parse.urlencode` does, long texts in a quarter of the time.

    An entity has some 80 kB of JSON, and `quote_plus` looks at each character by itself.

    >>> encode_form({"data": '{"a": "50 % + ü"}', "bot": 1})
    'data=%7B%22a%22%3A+%2250+%25+%2B+%C3%BC%22%7D&bot=1'
    """
    return "&".join(f"{quote_plus(name)}={_quote(str(text))}" for name, text in fields.items())


def _quote(text: str) -> str:
    if len(text) < _LONG or not text.isascii():
        return quote_plus(text)
    for character, escape in _ESCAPES:
        if character in text:
            text = text.replace(character, escape)
    return text


def _reason(error: requests.RequestException) -> str:
    """Return why there is no answer, without the library's texts, which may quote secrets."""
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return "the answer is not from an API"
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, NewConnectionError):
        return "the wiki cannot be reached"
    return f"the answer was lost ({type(error).__name__})"
