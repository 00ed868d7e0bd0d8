"""Users, passwords and sessions: attempts are limited, names validated, sessions expire."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.wikibase.server.support import LocalServer
from wbskills.errors import InvalidValue
from wbskills.wikibase.embedded.store import Embedded
from wbskills.wikibase.server.accounts import (
    Authenticator,
    LogIn,
    Sessions,
    Throttle,
    TooManyFailures,
    add_bot_password,
    add_user,
)
from wbskills.wikibase.server.settings import Settings


def test_failures_are_forgotten_in_time() -> None:
    """A limit is lifted after some time, and a successful log-in does not count."""
    now = 0.0
    throttle = Throttle(60, lambda: now)
    throttle.start({"a": 2})
    started = throttle.start({"a": 2})
    with pytest.raises(TooManyFailures):
        throttle.start({"a": 2, "b": 2})
    throttle.cancel(["a"], started)
    throttle.start({"a": 2, "b": 2})
    with pytest.raises(TooManyFailures):
        throttle.start({"a": 2})
    throttle.start({"b": 2})
    with pytest.raises(TooManyFailures):
        throttle.start({"b": 2})
    now = 61.0
    throttle.start({"a": 2})


def test_one_address_cannot_try_the_names_of_all(server: LocalServer) -> None:
    """It has ten times as many attempts as one user has."""
    settings = Settings(login_attempts=2)
    authenticator = Authenticator(server.store.accounts, settings, lambda: 0.0)

    for number in range(20):
        assert authenticator.authenticate(f"User {number}", "wrong", "::1") is None

    with pytest.raises(TooManyFailures):
        authenticator.authenticate("Ada", "Ada's own password", "::1")
    assert authenticator.authenticate("Ada", "Ada's own password", "::2") is not None


def test_concurrent_attempts_are_limited(server: LocalServer) -> None:
    """Of forty at a time, under the names of twenty programs, five passwords are checked."""
    tried: list[str] = []
    authenticator = Authenticator(server.store.accounts, server.settings)
    check = authenticator._check

    def slow_check(name: str, password: str) -> LogIn | None:
        tried.append(password)
        time.sleep(0.05)
        return check(name, password)

    authenticator._check = slow_check  # type: ignore[method-assign] # to look inside

    def guess(at: int) -> bool:
        try:
            return (
                authenticator.authenticate(f"Ada@program{at}" if at % 2 else "ada", str(at), "::1")
                is None
            )
        except TooManyFailures:
            return False

    with ThreadPoolExecutor(40) as guesses:
        failed = sum(guesses.map(guess, range(40)))

    assert failed == len(tried) == server.settings.login_attempts


def test_failures_are_counted_however_a_name_is_written() -> None:
    """And a name of megabytes is not stored."""
    with Embedded(":memory:") as store:
        add_user(store.accounts, "Ada", "right")
        authenticator = Authenticator(store.accounts, Settings(), lambda: 0.0)
        for name in ("Ada", "ada", "User:Ada", " Ada", "Ada "):
            assert authenticator.authenticate(name, "wrong", "::1") is None
        with pytest.raises(TooManyFailures):
            authenticator.authenticate("Ada", "right", "::1")

        authenticator.authenticate("x" * 1_000_000, "wrong", "::2")
        assert sum(map(len, authenticator._throttle._failures)) < 10_000


def test_names_and_grants_are_validated(server: LocalServer) -> None:
    """What is none is refused before anything is stored."""
    accounts = server.store.accounts
    with pytest.raises(InvalidValue):
        add_user(accounts, "a#b")
    with pytest.raises(InvalidValue):
        add_user(accounts, "Bea", groups=("kings",))
    account = accounts.find("Bot")
    assert account is not None
    with pytest.raises(InvalidValue):
        add_bot_password(accounts, account, "a@b")
    with pytest.raises(InvalidValue):
        add_bot_password(accounts, account, "app", grants=("everything",))


def test_sessions_expire_and_are_limited() -> None:
    """The oldest ends when there are too many."""
    now = 0.0
    sessions = Sessions(Settings(session_seconds=10, max_sessions=2), lambda: now)
    first, second, third = sessions.start(), sessions.start(), sessions.start()
    assert sessions.find(first.id) is None
    assert sessions.find(second.id) is second
    now = 11.0
    assert sessions.find(third.id) is None
