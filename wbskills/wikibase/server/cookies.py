"""The cookies of those who have logged in: one session for the Action API and the pages."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import flask
from werkzeug.wrappers import Response

from wbskills.wikibase.server.accounts import Authenticator, Session, Sessions, User
from wbskills.wikibase.server.oauth import OAuth
from wbskills.wikibase.server.settings import Settings

COOKIE: Final = "wbskills_session"
_EXTENSION: Final = "wbskills.log_in"


@dataclass(frozen=True, slots=True)
class LogInState:
    """What all parts of one server know about who has logged in."""

    settings: Settings
    sessions: Sessions
    authenticator: Authenticator
    oauth: OAuth

    def keep_on(self, app: flask.Flask) -> None:
        """Let `logged_in` find it while a request to an application is answered."""
        app.extensions[_EXTENSION] = self

    def session(self, request: flask.Request) -> Session | None:
        """Find the session of a request."""
        return self.sessions.find(request.cookies.get(COOKIE, ""))

    def set_cookies(self, response: Response, session: Session) -> None:
        """Set the cookies of a session; clients tell by `…UserName` that they are logged in."""
        cookies = {COOKIE: session.id}
        if (user := session.user) is not None:
            user_id, user_name = self._user_cookies
            cookies |= {user_id: str(user.id), user_name: quote(user.name)}
        secure = "Secure; " if self.settings.secure_cookies else ""
        for name, value in cookies.items():  # all are tokens that need no quotes
            # HttpOnly last, as in MediaWiki: some clients split a list of cookies there.
            response.headers.add(
                "Set-Cookie", f"{name}={value}; path=/; {secure}SameSite=Lax; HttpOnly"
            )

    def drop_cookies(self, response: Response) -> None:
        """Remove the cookies of a session."""
        for name in (COOKIE, *self._user_cookies):
            response.delete_cookie(name)

    @property
    def _user_cookies(self) -> tuple[str, str]:
        return f"{self.settings.wiki_id}UserID", f"{self.settings.wiki_id}UserName"


def logged_in() -> User | None:
    """Return the user who sent the request that is being answered, if they have logged in.

    Works in the pages of any blueprint of the application.
    """
    state: LogInState | None = flask.current_app.extensions.get(_EXTENSION)
    session = state.session(flask.request) if state is not None else None
    return session.user if session is not None else None
