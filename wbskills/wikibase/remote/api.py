"""The Action API of one wiki: requests with a session, a token and patience.

WikibaseIntegrator's `mediawiki_api_call` is not used: it repeats an edit whose answer was lost,
and so makes items twice; it waits without saying so; and without an address it asks Wikidata.
Requests go through the session that its log-in gave.
"""

import json
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any, Final

import requests
from urllib3.exceptions import NewConnectionError

from wbskills.errors import StoreError
from wbskills.wikibase.remote.api_errors import (
    OAUTH_REFUSED,
    Json,
    Meaning,
    Trouble,
    is_cut,
    trouble,
)
from wbskills.wikibase.remote.forms import TYPE as FORM
from wbskills.wikibase.remote.forms import form as written
from wbskills.wikibase.remote.logins import NotNow, log_in
from wbskills.wikibase.remote.profile import Login, Profile, Secret
from wbskills.wikibase.remote.waiting import Pace, Tries, Waiting

_LOGINS: Final = 6  # times that one request may find the session or the token gone
_AT_ONCE: Final = 2  # of them, after which it is tried again without waiting


class Refused(StoreError):
    """The wiki does not do what it was asked for, now or later."""

    def __init__(self, found: Trouble, *, hint: str = "") -> None:
        super().__init__(f"the wiki refuses: {found.why}", hint=found.hint or hint)
        self.code, self.clash, self.alone = found.code, found.clash, found.alone


class Cut(StoreError):
    """The wiki has left out a part of its answer, as all of it would have been too large."""

    def __init__(self, answer: Json) -> None:
        super().__init__(
            "the wiki cuts its answer short, as it would be too large",
            hint="asking the wiki’s administrators for a higher $wgAPIMaxResultSize",
        )
        self.answer = answer


class AnswerLost(Exception):
    """Nobody knows whether an edit was made. It has to be looked up before it is sent again."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.seconds = why, seconds


class Api:
    """One wiki, with one log-in that all threads share."""

    def __init__(self, profile: Profile, secret: Secret, waiting: Waiting) -> None:
        self._profile, self._secret, self._waiting = profile, secret, waiting
        self.pace = Pace(waiting, profile.edits_per_minute)
        self._lock = Lock()
        self._session: requests.Session | None = None
        self._token = ""
        self._answered = False
        self.requests = 0  # sent so far

    def close(self) -> None:
        """End all connections. The log-in ends by itself."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def ask(self, action: str, **parameters: str | int) -> Json:
        """Ask something that changes nothing; whatever happens to it, it may be asked again.

        Raises `Refused`, `Cut` if a part of the answer was left out, or another `StoreError`
        when patience is at its end.
        """
        first, tries, logins = not self._answered, self._tries(), 0
        form = self._form(action, parameters)
        if self._profile.login is not Login.NONE:
            form["assert"] = "user"  # else a lost session would go unnoticed
        while True:
            session = self._entered(tries)
            found = self._send(form, tries)
            if not isinstance(found, Trouble):
                if is_cut(found):
                    raise Cut(found)
                return found
            if first and self._answered:
                first, tries = False, self._tries()  # there is a wiki, if one that has to wait
            if found.meaning is Meaning.REFUSED:
                raise Refused(found, hint=f"wbskills doctor --wikibase {self._profile.name}")
            if found.meaning is Meaning.LOGGED_OUT:
                logins = self._counted(logins, found, tries)
                self._renew(session)
                continue
            tries.again(found.why, found.seconds)

    def pages(self, action: str, **parameters: str | int) -> Iterator[Json]:
        """Ask for a list in pieces, each as long as the wiki allows."""
        more: Mapping[str, Any] = {}
        while True:
            found = self.ask(action, **parameters, **more)
            yield found
            if "continue" not in found:
                return
            more = found["continue"]

    def edit(self, action: str, **parameters: str | int) -> Json:
        """Change something, in its turn.

        What was not carried out is sent again; where nobody knows, `AnswerLost` is raised.
        Raises `Refused`, or another `StoreError` when patience is at its end.
        """
        tries, logins = self._waiting.once(), 0
        while True:
            self.pace.turn()
            session, token = self._entered(tries), self._edit_token()
            form = {**self._form(action, parameters), "token": token}
            if self._profile.login is not Login.NONE:
                form["assert"] = "user"
            found = self._send(form)
            if not isinstance(found, Trouble):
                return found
            match found.meaning:
                case Meaning.REFUSED:
                    raise Refused(found)
                case Meaning.UNCLEAR:
                    raise AnswerLost(found.why, found.seconds)
                case Meaning.LOGGED_OUT:
                    logins = self._counted(logins, found, tries)
                    self._renew(session)
                case Meaning.NO_TOKEN:
                    logins = self._counted(logins, found, tries)
                    self._drop_token(token)
                case Meaning.THROTTLED:
                    self.pace.slower(found.seconds)
                    tries.again(found.why, found.seconds)
                case Meaning.WAIT:
                    tries.again(found.why, found.seconds)

    def _tries(self) -> Tries:
        if self._answered:
            return self._waiting.once()
        return self._waiting.at_first(f"wbskills doctor --wikibase {self._profile.name}")

    def _counted(self, logins: int, found: Trouble, tries: Tries) -> int:
        """Count a session or token that was gone; what others do to it at the same time, too."""
        never = found.code == OAUTH_REFUSED and logins >= _AT_ONCE
        if logins >= _LOGINS or never:
            raise StoreError(
                f"{found.why}, again and again",
                hint=f"wbskills doctor --wikibase {self._profile.name}",
            )
        if logins >= _AT_ONCE:
            tries.again(found.why)
        return logins + 1

    def _form(self, action: str, parameters: Mapping[str, str | int]) -> dict[str, str | int]:
        form: dict[str, str | int] = {"action": action, "format": "json", **parameters}
        if action == "query":
            form["formatversion"] = 2
        if self._profile.maxlag:
            form["maxlag"] = self._profile.maxlag
        return form

    def _send(self, form: Mapping[str, str | int], tries: Tries | None = None) -> Json | Trouble:
        """Send one request; gives the answer, or what is wrong with it."""
        session = self._entered(tries)
        self.requests += 1
        try:
            answer = session.post(
                self._profile.api,
                data=written(form),
                headers={"Content-Type": FORM},
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise StoreError(
                f"{self._profile.api} has no certificate that can be trusted",
                hint="the address of the API; the certificate is the wiki’s to mend",
            ) from error
        except requests.exceptions.ConnectTimeout:
            return Trouble(Meaning.UNCLEAR, "the wiki cannot be reached")
        except requests.RequestException as error:
            return Trouble(Meaning.UNCLEAR, _lost(error))
        self._answered = True
        if answer.is_redirect:
            raise StoreError(
                f"{self._profile.api} leads somewhere else", hint="the address of the API itself"
            )
        return _read(answer)

    def _entered(self, tries: Tries | None = None) -> requests.Session:
        """Give the session, logging in if there is none."""
        session = self._session
        if session is not None:
            return session
        with self._lock:
            if self._session is None:
                self._session = self._log_in(tries or self._tries())
                self._token = ""
            return self._session

    def _log_in(self, tries: Tries) -> requests.Session:
        while True:
            try:
                return log_in(self._profile, self._secret)
            except NotNow as error:
                if not self._answered:  # there is a wiki, if one that has to wait
                    self._answered, tries = True, self._waiting.once()
                tries.again(f"no log-in: {error.found.why}", error.found.seconds)
            except requests.RequestException as error:
                tries.again(f"no log-in: {_lost(error)}")

    def _renew(self, gone: requests.Session | None) -> None:
        """Let the next request log in anew, unless another thread did so already."""
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


def _lost(error: requests.RequestException) -> str:
    """Say why there is no answer, without the texts of the library, which may quote anything."""
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return "the answer is not that of an API"
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, NewConnectionError):
        return "the wiki cannot be reached"
    return f"the answer was lost ({type(error).__name__})"


def _read(answer: requests.Response) -> Json | Trouble:
    try:
        found: object = json.loads(answer.content)
    except ValueError:
        found = None
    wrong = trouble(answer.status_code, answer.headers, found)
    if wrong is not None:
        return wrong
    assert isinstance(found, dict)  # noqa: S101 - `trouble` has looked
    return found
