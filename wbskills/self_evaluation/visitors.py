"""Who uses the pages: an encrypted cookie, so that nothing is lost when a server restarts."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Final, TypeVar

from flask import Request
from werkzeug.wrappers import Response as AnyResponse

from wbskills.domain import USERNAME, Identity
from wbskills.private_records.sealing import Key, SealBroken

COOKIE: Final = "wbskills_me"
LOGGING_IN: Final = "wbskills_log_in"
LANGUAGE: Final = "wbskills_language"
SESSION_SECONDS: Final = 8 * 3_600
LOG_IN_SECONDS: Final = 15 * 60  # from leaving for the wiki to coming back
_PATH: Final = "/me"

ACCOUNT: Final = "account"  # ways to log in, as they are kept with a draft
WIKI: Final = "wiki"

_AnyResponse = TypeVar("_AnyResponse", bound=AnyResponse)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who has logged in, or followed an invitation.

    `name` is their username, `how` the way: `wiki`, `account` or `invitation`. `form` is in each
    form of theirs, so that no other page can send one. `community` is the key of their community
    if an invitation knows it.
    """

    name: str
    how: str
    invitation: str = ""
    community: str = ""
    form: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)

    @property
    def identity(self) -> Identity:
        """Their name, as it is on an item."""
        return Identity(USERNAME, self.name)

    def sent(self, form: str) -> bool:
        """Whether a form that was sent is one of this visitor's pages."""
        return secrets.compare_digest(form.encode("utf-8", "replace"), self.form.encode())


class Cookies:
    """Reads and sets the cookies of the pages; `secure` if they go over https only."""

    def __init__(self, key: Key, *, secure: bool) -> None:
        self._key, self._secure = key, secure

    def visitor(self, request: Request) -> Visitor | None:
        """Return who sent a request; None if nobody is logged in, or not any more."""
        found = self._read(request, COOKIE, SESSION_SECONDS)
        try:
            return Visitor(**found) if found else None
        except TypeError:  # of another version
            return None

    def remember(self, response: _AnyResponse, visitor: Visitor) -> _AnyResponse:
        """Keep a visitor logged in."""
        self._set(response, COOKIE, asdict(visitor), SESSION_SECONDS)
        return self._drop(response, LOGGING_IN)

    def forget(self, response: _AnyResponse) -> _AnyResponse:
        """Log a visitor out."""
        return self._drop(self._drop(response, COOKIE), LOGGING_IN)

    def logging_in(self, request: Request) -> dict[str, str]:
        """Return what was kept when a person left to log in at their wiki."""
        return self._read(request, LOGGING_IN, LOG_IN_SECONDS)

    def remember_log_in(self, response: _AnyResponse, kept: dict[str, str]) -> _AnyResponse:
        """Keep what is needed when a person comes back from their wiki."""
        self._set(response, LOGGING_IN, kept, LOG_IN_SECONDS)
        return response

    def _read(self, request: Request, name: str, seconds: int) -> dict[str, str]:
        try:
            text = self._key.open(
                request.cookies.get(name, "").encode("utf-8", "replace"), seconds
            )
            found = json.loads(text)
        except (SealBroken, ValueError):
            return {}
        # The same key encrypts other things.
        return found["is"] if isinstance(found, dict) and found.get("cookie") == name else {}

    def _set(self, response: AnyResponse, name: str, value: object, seconds: int) -> None:
        sealed = self._key.seal(json.dumps({"cookie": name, "is": value})).decode()
        response.set_cookie(
            name,
            sealed,
            max_age=seconds,
            path=_PATH,
            httponly=True,
            samesite="Lax",
            secure=self._secure,
        )

    def _drop(self, response: _AnyResponse, name: str) -> _AnyResponse:
        response.delete_cookie(
            name, path=_PATH, httponly=True, samesite="Lax", secure=self._secure
        )
        return response


def keep_language(response: AnyResponse, language: str, *, secure: bool) -> AnyResponse:
    """Keep the language that a person chose, for a year; it says nothing else about them."""
    response.set_cookie(
        LANGUAGE,
        language,
        max_age=365 * 86_400,
        path=_PATH,
        httponly=True,
        samesite="Lax",
        secure=secure,
    )
    return response
