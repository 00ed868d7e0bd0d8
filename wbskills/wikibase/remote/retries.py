"""Waiting: until a busy wiki can serve us, and between edits so that it can serve others."""

from collections.abc import Callable
from threading import Event, Lock
from time import monotonic
from typing import Final

from wbskills.errors import StoreError

_BACKOFF: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)  # seconds
_FIRST_CONTACT: Final = 20.0  # seconds
_SLOWDOWN: Final = 0.7
_MIN_RATE: Final = 4.0  # edits a minute


class Cancelled(Exception):
    """The user wants to stop; what was waiting is not begun."""


class Waiter:
    """Waits in a way that the user sees and can interrupt, by setting `stop`.

    `patience` is how many seconds all retries of one request may wait together. `speedup`
    shortens every wait, for tests.
    """

    def __init__(
        self,
        on_progress: Callable[[str], object],
        *,
        patience: float = 900.0,
        speedup: float = 1.0,
    ) -> None:
        self.on_progress, self.patience, self._speedup = on_progress, patience, speedup
        self.stop = Event()

    def sleep(self, seconds: float) -> None:
        """Wait. Raises `Cancelled` if `stop` is set."""
        if self.stop.wait(seconds / self._speedup):
            raise Cancelled

    def sleep_until(self, deadline: float) -> None:
        """Wait until a deadline from `deadline_in`. Raises `Cancelled` if `stop` is set."""
        left = deadline - monotonic()
        if left > 0 and self.stop.wait(left):
            raise Cancelled

    def deadline_in(self, seconds: float) -> float:
        """Return the monotonic time so many seconds from now."""
        return monotonic() + seconds / self._speedup

    def retries(self) -> "Retries":
        """Count the retries of one request."""
        hint = "run the same command again later; it continues where it stopped"
        return Retries(self, self.patience, hint)

    def first_retries(self, hint: str) -> "Retries":
        """Count the retries of a request to an address that has never answered.

        It is more likely misspelt than overworked, so these give up soon, with this hint.
        """
        return Retries(self, min(self.patience, _FIRST_CONTACT), hint)


class Retries:
    """The retries of one request, and how long they have waited."""

    def __init__(self, waiter: Waiter, patience: float, hint: str) -> None:
        self._waiter, self._patience, self._hint = waiter, patience, hint
        self._waited, self._count = 0.0, 0

    def wait(self, why: str, seconds: float = 0.0) -> None:
        """Wait before the next try: as long as the wiki asked for, or longer each time.

        Raises `StoreError` when patience has run out, and `Cancelled`.
        """
        seconds = seconds or _BACKOFF[min(self._count, len(_BACKOFF) - 1)]
        self._count += 1
        if self._waited + seconds > self._patience:
            waited = f"gave up after waiting {self._waited:.0f} seconds: " if self._waited else ""
            raise StoreError(f"{waited}{why}", hint=self._hint)
        self._waited += seconds
        self._waiter.on_progress(f"waiting {seconds:.0f} s: {why}")
        self._waiter.sleep(seconds)


class RateLimiter:
    """The rate of edits that all sessions share; `per_minute` 0 means no limit."""

    def __init__(self, waiter: Waiter, per_minute: float) -> None:
        self._waiter, self.per_minute = waiter, per_minute
        self._lock = Lock()
        self._next = 0.0

    def limit_to(self, per_minute: float) -> None:
        """Lower the rate to what the wiki allows."""
        if not self.per_minute or per_minute < self.per_minute:
            self.per_minute = per_minute

    def acquire(self) -> None:
        """Wait until the next edit may be sent. Raises `Cancelled`."""
        if not self.per_minute:
            self._waiter.sleep_until(self._next)
            return
        with self._lock:
            mine = max(self._next, monotonic())
            self._next = mine + 60 / self.per_minute
        self._waiter.sleep_until(mine)

    def back_off(self, seconds: float) -> None:
        """Hold back the edits of all sessions for some seconds, and lower the rate."""
        with self._lock:
            self._next = max(self._next, self._waiter.deadline_in(seconds))
            if self.per_minute:
                self.per_minute = max(self.per_minute * _SLOWDOWN, _MIN_RATE)
