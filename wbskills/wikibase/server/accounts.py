"""Users: their rights and passwords, and the sessions of those who have logged in.

Passwords are kept as Argon2id hashes. Sessions live in memory under random ids. The tokens that
protect against forged requests are derived from a secret of the session.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Final, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wbskills.errors import InvalidValue
from wbskills.names import username
from wbskills.wikibase.embedded.accounts import Account, Accounts
from wbskills.wikibase.server.settings import Settings

ANONYMOUS_TOKEN: Final = "+\\"  # noqa: S105 - what anonymous clients send, no secret
_CONCURRENT_HASHES: Final = 2  # each takes 64 MB
_HASHER: Final = PasswordHasher()
_MAX_THROTTLED: Final = 10_000  # names and addresses whose failed log-ins are counted
_MAX_INPUT: Final = 512  # characters of a name or password

_EVERYONE: Final = (
    "createaccount", "read", "edit", "createpage", "createtalk", "writeapi", "viewmywatchlist",
    "editmywatchlist", "viewmyprivateinfo", "editmyprivateinfo", "editmyoptions", "item-term",
    "property-term", "item-merge", "item-redirect", "property-create",
)  # fmt: skip
_EDITING: Final = frozenset({
    "edit", "createpage", "createtalk", "item-term", "property-term", "item-merge",
    "item-redirect", "property-create",
})  # fmt: skip
_USER: Final = (
    "move", "move-subpages", "move-rootuserpages", "move-categorypages", "minoredit", "purge",
    "sendemail", "applychangetags", "changetags", "editcontentmodel",
)  # fmt: skip
_CONFIRMED: Final = ("autoconfirmed", "editsemiprotected")
_BOT: Final = (
    "bot", "autoconfirmed", "editsemiprotected", "nominornewtalk", "autopatrol",
    "suppressredirect", "apihighlimits", "writeapi", "noratelimit",
)  # fmt: skip
_SYSOP: Final = (
    "delete", "undelete", "deletedhistory", "deletedtext", "browsearchive", "protect",
    "editprotected", "block", "rollback", "apihighlimits", "noratelimit", "patrol",
)  # fmt: skip

_GROUP_RIGHTS: Final = {"bot": _BOT, "sysop": _SYSOP}
GROUPS: Final = tuple(_GROUP_RIGHTS)

# What each grant lets a bot password do, of what its user may do.
# https://www.mediawiki.org/wiki/Manual:$wgGrantPermissions
_GRANT_RIGHTS: Final = {
    "basic": (
        "autoconfirmed", "autopatrol", "editsemiprotected", "nominornewtalk", "patrolmarks",
        "read", "suppressredirect", "writeapi",
    ),
    "highvolume": ("bot", "apihighlimits", "noratelimit", "markbotedits"),
    "editpage": (
        "edit", "minoredit", "applychangetags", "changetags", "editcontentmodel", "item-term",
        "property-term", "item-merge", "item-redirect", "purge",
    ),
    "createeditmovepage": (
        "edit", "minoredit", "applychangetags", "changetags", "editcontentmodel", "createpage",
        "createtalk", "delete-redirect", "move", "move-rootuserpages", "move-subpages",
        "move-categorypages", "property-create",
    ),
    "editprotected": ("edit", "editprotected"),
    "delete": (
        "edit", "delete", "undelete", "deletedhistory", "deletedtext", "browsearchive",
    ),
    "rollback": ("rollback",),
    "protect": ("edit", "protect", "editprotected"),
    "blockusers": ("block",),
}  # fmt: skip
GRANTS: Final = tuple(_GRANT_RIGHTS)
DEFAULT_GRANTS: Final = ("basic", "highvolume", "editpage", "createeditmovepage", "delete")


@dataclass(frozen=True, slots=True)
class User:
    """Who sends a request: a registered user, or an anonymous one with the id 0.

    `rights` are in the order in which the API lists them.
    """

    id: int
    name: str
    groups: tuple[str, ...]
    rights: tuple[str, ...]

    @property
    def anonymous(self) -> bool:
        """True if the request belongs to no account."""
        return self.id == 0

    def may(self, right: str) -> bool:
        """Check whether this user has a right."""
        return right in self.rights


class LogIn(NamedTuple):
    """A successful log-in."""

    user: User
    by_bot_password: bool


class TooManyFailures(Exception):
    """Too many log-ins have failed recently; the password was not checked."""


def rights_of(account: Account) -> tuple[str, ...]:
    """Return the rights of an account, without duplicates, those of its groups first."""
    of_groups = [right for group in account.groups for right in _GROUP_RIGHTS.get(group, ())]
    return tuple(dict.fromkeys([*of_groups, *_CONFIRMED, *_EVERYONE, *_USER]))


def user_of(account: Account, grants: tuple[str, ...] | None = None) -> User:
    """Return the user of an account, limited to the `grants` of a bot password if given."""
    rights = rights_of(account)
    if grants is not None:
        allowed = {right for grant in ("basic", *grants) for right in _GRANT_RIGHTS.get(grant, ())}
        rights = tuple(right for right in rights if right in allowed)
    groups = (*account.groups, "*", "user", "autoconfirmed")
    return User(account.id, account.name, groups, rights)


def anonymous_user(address: str, settings: Settings) -> User:
    """Return the user for requests from `address` that belong to no session."""
    rights: tuple[str, ...] = _EVERYONE
    if not settings.anonymous_edits:
        rights = tuple(right for right in rights if right not in _EDITING)
    return User(0, address, ("*",), rights)


def add_user(
    accounts: Accounts, name: str, password: str = "", groups: tuple[str, ...] = ()
) -> Account:
    """Create a user, or change the password and groups of an existing one.

    Raises `InvalidValue` if the name is invalid or a group does not exist.
    """
    for group in groups:
        if group not in GROUPS:
            raise InvalidValue(
                f"the group “{group}” does not exist", hint=f"use {' or '.join(GROUPS)}"
            )
    return accounts.put(username(name), _HASHER.hash(password) if password else "", groups)


def add_bot_password(
    accounts: Accounts,
    account: Account,
    app: str,
    password: str = "",
    grants: tuple[str, ...] = DEFAULT_GRANTS,
) -> str:
    """Set the password of one program of a user; without `password`, a random one.

    Returns the password. Raises `InvalidValue` if the program's name or a grant is invalid.
    """
    if not app or "@" in app or len(app) > 32:
        raise InvalidValue("the name of a program must have 1 to 32 characters and no “@”")
    for grant in grants:
        if grant not in GRANTS:
            raise InvalidValue(
                f"the grant “{grant}” does not exist", hint=f"use one of {', '.join(GRANTS)}"
            )
    password = password or secrets.token_hex(16)
    accounts.put_bot_password(account, app, _HASHER.hash(password), grants)
    return password


class Authenticator:
    """Checks names and passwords, and limits how often that can fail."""

    def __init__(
        self,
        accounts: Accounts,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts, self._hashing = accounts, BoundedSemaphore(_CONCURRENT_HASHES)
        self._limit = settings.login_attempts
        self._throttle = Throttle(settings.login_seconds, clock)
        self._dummy_hash = _HASHER.hash(secrets.token_hex(16))

    def authenticate(self, name: str, password: str, address: str) -> LogIn | None:
        """Check a name and a password; None if they are wrong.

        `name` is a user, or `user@program` with a bot password. The program may also stand
        before its password: `program@password`. Raises `TooManyFailures` if too many log-ins
        have failed recently, for this user (with any program) or from this address.
        """
        # Many users may share an address, but one client must not try the names of all.
        limits = {_throttle_key(name, address): self._limit, address: self._limit * 10}
        started = self._throttle.start(limits)
        found = self._check(name[:_MAX_INPUT], password[:_MAX_INPUT])
        if found is not None:
            self._throttle.cancel(limits, started)
        return found

    def _check(self, name: str, password: str) -> LogIn | None:
        user, _, app = name.partition("@")
        account = self._account(user)
        if not app and "@" in password:
            prefix, _, rest = password.partition("@")
            if account and self._accounts.bot_password(account, prefix):
                app, password = prefix, rest
        if app:
            bot = self._accounts.bot_password(account, app) if account else None
            if not self._verify(bot.secret if bot else "", password) or not (account and bot):
                return None
            return LogIn(user_of(account, bot.grants), by_bot_password=True)
        if not self._verify(account.secret if account else "", password) or account is None:
            return None
        return LogIn(user_of(account), by_bot_password=False)

    def _account(self, name: str) -> Account | None:
        try:
            return self._accounts.find(username(name))
        except InvalidValue:
            return None

    def _verify(self, secret: str, password: str) -> bool:
        """Check a password; without a hash it fails, but takes as long."""
        with self._hashing:
            try:
                _HASHER.verify(secret or self._dummy_hash, password)
            except (VerificationError, InvalidHashError):
                return False
        return bool(secret)


class Throttle:
    """Limits failures within some seconds, for each of several keys.

    An attempt counts from its start, so that attempts at the same time are limited, too.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = Lock()

    def start(self, limits: Mapping[str, int]) -> float:
        """Count an attempt for each key, and return its time.

        Raises `TooManyFailures` if the limit of a key is reached.
        """
        with self._lock:
            now = self._clock()
            recent = {
                key: [when for when in self._failures.get(key, ()) if when > now - self._seconds]
                for key in limits
            }
            if any(len(recent[key]) >= limit for key, limit in limits.items()):
                raise TooManyFailures
            for key, failures in recent.items():
                self._failures[key] = [*failures, now]
                self._failures.move_to_end(key)
            while len(self._failures) > _MAX_THROTTLED:
                self._failures.popitem(last=False)
            return now

    def cancel(self, keys: Iterable[str], started: float) -> None:
        """Discount an attempt that did not fail; earlier failures still count."""
        with self._lock:
            for key in keys:
                failures = self._failures.get(key, [])
                if started in failures:
                    failures.remove(started)


def _throttle_key(name: str, address: str) -> str:
    """Identify a user at an address, however the name is written."""
    user = name[:_MAX_INPUT].partition("@")[0]
    with suppress(InvalidValue):
        user = username(user)
    return f"{user}|{address}"


@dataclass(slots=True)
class Session:
    """What the server knows about one client between requests."""

    id: str
    user: User | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    last_used: float = 0.0

    def token(self, kind: str) -> str:
        """Return the token of a kind; without a user, all but `login` are the public one."""
        if self.user is None and kind != "login":
            return ANONYMOUS_TOKEN
        digest = hmac.new(self.secret, kind.encode(), hashlib.sha256).hexdigest()[:40]
        return f"{digest}{ANONYMOUS_TOKEN}"

    def accepts(self, token: str, kind: str) -> bool:
        """Check a token, in constant time."""
        return hmac.compare_digest(token.encode(), self.token(kind).encode())

    def renew_tokens(self) -> None:
        """Invalidate all tokens issued so far."""
        self.secret = secrets.token_bytes(32)


class Sessions:
    """The sessions of one server, limited in number; anonymous ones are dropped first."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._sessions: OrderedDict[str, Session] = OrderedDict()  # the last used at the end
        self._lock = Lock()

    def find(self, session_id: str) -> Session | None:
        """Return a session that has not expired."""
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None:
                return None
            if self._clock() - session.last_used > self._settings.session_seconds:
                del self._sessions[session_id]
                return None
            session.last_used = self._clock()
            self._sessions.move_to_end(session_id)
            return session

    def start(self, user: User | None = None) -> Session:
        """Start a session under a random id."""
        session = Session(secrets.token_hex(16), user, last_used=self._clock())
        with self._lock:
            self._sessions[session.id] = session
            if len(self._sessions) > self._settings.max_sessions:
                # A client that requests many tokens must not log out anyone.
                every = self._sessions.values()
                unused = next((each for each in every if each.user is None), next(iter(every)))
                del self._sessions[unused.id]
        return session

    def end(self, session_id: str) -> None:
        """End a session, if it exists."""
        with self._lock:
            self._sessions.pop(session_id, None)
