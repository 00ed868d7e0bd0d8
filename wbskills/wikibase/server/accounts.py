"""Users, their passwords, and sessions.

Passwords are kept as Argon2id hashes. Sessions live in memory under random ids; the tokens that
protect from forged requests are made from a secret of the session, so nobody else's fit.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wbskills.errors import InvalidValue
from wbskills.names import username
from wbskills.wikibase.embedded.accounts import Account, Accounts
from wbskills.wikibase.server import rights
from wbskills.wikibase.server.settings import Settings

NO_TOKEN: Final = "+\\"  # noqa: S105 - what anonymous clients send, no secret
_AT_ONCE: Final = 2  # passwords hashed at the same time: each takes 64 MB
_HASHER: Final = PasswordHasher()
_REMEMBERED: Final = 10_000  # names and addresses whose failed log-ins are counted
_LONGEST: Final = 512


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a request, and what they may do."""

    id: int
    name: str
    groups: tuple[str, ...]
    rights: frozenset[str]
    listed: tuple[str, ...]

    @property
    def anonymous(self) -> bool:
        """Tell whether nobody is logged in."""
        return self.id == 0

    def may(self, right: str) -> bool:
        """Tell whether this user has a right."""
        return right in self.rights


@dataclass(slots=True)
class Session:
    """What the server knows of one client between requests."""

    id: str
    user: Identity | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    seen: float = 0.0

    def token(self, kind: str) -> str:
        """Give the token of a kind; `csrf` of a session without a user is no secret."""
        if self.user is None and kind != "login":
            return NO_TOKEN
        made = hmac.new(self.secret, kind.encode(), hashlib.sha256).hexdigest()[:40]
        return f"{made}{NO_TOKEN}"

    def accepts(self, token: str, kind: str) -> bool:
        """Tell whether a token is right, in a time that tells nothing about it."""
        return hmac.compare_digest(token.encode(), self.token(kind).encode())

    def renew_tokens(self) -> None:
        """Let all tokens given so far be wrong."""
        self.secret = secrets.token_bytes(32)


class Sessions:
    """The sessions of one server: so many at most, the longest unused go first."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def find(self, session_id: str) -> Session | None:
        """Find a session that has not run out."""
        with self._lock:
            found = self._sessions.get(session_id)
            if found is None:
                return None
            if self._clock() - found.seen > self._settings.session_seconds:
                del self._sessions[session_id]
                return None
            found.seen = self._clock()
            self._sessions.move_to_end(session_id)
            return found

    def make(self, user: Identity | None = None) -> Session:
        """Begin a session, with an id that cannot be guessed."""
        session = Session(secrets.token_hex(16), user, seen=self._clock())
        with self._lock:
            self._sessions[session.id] = session
            if len(self._sessions) > self._settings.max_sessions:
                # Whoever asks for many tokens must not drive out those who are logged in.
                every = self._sessions.values()
                idle = next((each for each in every if each.user is None), next(iter(every)))
                del self._sessions[idle.id]
        return session

    def end(self, session_id: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(session_id, None)


class Throttle:
    """Counts tries by key: after so many failures within some seconds, no more of them.

    A try counts from its beginning, so that many at once are no more than one after the other.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = Lock()

    def begin(self, key: str) -> float | None:
        """Count a try, and give its mark; None if there were too many failures."""
        with self._lock:
            recent = self._recent(key)
            if len(recent) >= self._most:
                return None
            self._failures[key] = [*recent, mark := self._clock()]
            self._failures.move_to_end(key)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)
            return mark

    def take_back(self, key: str, mark: float) -> None:
        """Let a try not count that was no failure; the failures before it count on."""
        with self._lock:
            kept = self._failures.get(key, [])
            if mark in kept:
                kept.remove(mark)

    def _recent(self, key: str) -> list[float]:
        since = self._clock() - self._seconds
        return [when for when in self._failures.get(key, ()) if when > since]


class Throttled(Exception):
    """Too many log-ins have failed lately: no password is looked at."""


class Door:
    """Lets users in who know their password."""

    def __init__(
        self,
        accounts: Accounts,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts, self._hashing = accounts, BoundedSemaphore(_AT_ONCE)
        self._by_name = Throttle(settings.login_attempts, settings.login_seconds, clock)
        # Many users may share an address; one who tries many names is stopped all the same.
        self._by_address = Throttle(settings.login_attempts * 10, settings.login_seconds, clock)
        self._nobody = _HASHER.hash(secrets.token_hex(16))

    def enter(self, name: str, password: str, address: str) -> tuple[Identity, bool] | None:
        """Check a password; give the user, and whether it was a bot password.

        `name` is a user, or `user@program` with the password of that program; a program's
        name may also stand before its password, `program@password`. Raises `Throttled` if too
        many log-ins have failed lately: of the user, with whatever program, or from the address.
        """
        key = _key(name, address)
        tries = [(self._by_address, address), (self._by_name, key)]
        begun: list[tuple[Throttle, str, float]] = []
        for throttle, counted in tries:
            mark = throttle.begin(counted)
            if mark is None:
                for before, also, taken in begun:
                    before.take_back(also, taken)
                raise Throttled
            begun.append((throttle, counted, mark))
        found = self._enter(name[:_LONGEST], password[:_LONGEST])
        if found is not None:
            for throttle, counted, mark in begun:
                throttle.take_back(counted, mark)
        return found

    def _enter(self, name: str, password: str) -> tuple[Identity, bool] | None:
        user, _, app = name.partition("@")
        if not app and "@" in password:
            app, _, rest = password.partition("@")
            account = self._account(user)
            if account and self._accounts.bot_password(account, app):
                password = rest
            else:
                app = ""
        account = self._account(user)
        if app:
            bot = self._accounts.bot_password(account, app) if account else None
            if not self._verify(bot.secret if bot else "", password) or not (account and bot):
                return None
            return identity(account, bot.grants), True
        if not self._verify(account.secret if account else "", password) or account is None:
            return None
        return identity(account), False

    def _account(self, name: str) -> Account | None:
        try:
            return self._accounts.find(username(name))
        except InvalidValue:
            return None

    def _verify(self, secret: str, password: str) -> bool:
        """Check a password; takes as long where there is none."""
        with self._hashing:
            try:
                _HASHER.verify(secret or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return bool(secret)


def _key(name: str, address: str) -> str:
    """Name whose failures are counted: one user, however they write their name."""
    user = name[:_LONGEST].partition("@")[0]
    with suppress(InvalidValue):
        user = username(user)
    return f"{user}|{address}"


def identity(account: Account, grants: tuple[str, ...] | None = None) -> Identity:
    """Say who a user is, with all rights or with those that a bot password grants."""
    listed = rights.of_user(account.groups)
    if grants is not None:
        listed = rights.granted(listed, grants)
    groups = (*account.groups, "*", "user", "autoconfirmed")
    return Identity(account.id, account.name, groups, frozenset(listed), listed)


def anonymous(address: str, settings: Settings) -> Identity:
    """Say who somebody is who has not logged in."""
    listed = rights.of_anonymous(edits=settings.anonymous_edits)
    return Identity(0, address, ("*",), frozenset(listed), listed)


def add_user(
    accounts: Accounts, name: str, password: str = "", groups: tuple[str, ...] = ()
) -> Account:
    """Make a user, or change the password and groups of one.

    Raises `InvalidValue` if the name or a group is none.
    """
    wrong = [group for group in groups if group not in rights.GROUPS]
    if wrong:
        raise InvalidValue(f"there is no group {wrong[0]}", hint=", ".join(rights.GROUPS))
    return accounts.put(username(name), _HASHER.hash(password) if password else "", groups)


def add_bot_password(
    accounts: Accounts,
    account: Account,
    app: str,
    password: str = "",
    grants: tuple[str, ...] = rights.USUAL_GRANTS,
) -> str:
    """Give a program of a user a password, a new one unless it is named; give the password."""
    if not app or "@" in app or len(app) > 32:
        raise InvalidValue("a program's name has 1 to 32 characters and no @")
    wrong = [grant for grant in grants if grant not in rights.GRANTS]
    if wrong:
        raise InvalidValue(f"there is no grant {wrong[0]}", hint=", ".join(rights.GRANTS))
    password = password or secrets.token_hex(16)
    accounts.put_bot_password(account, app, _HASHER.hash(password), grants)
    return password
