"""Waiting: for a wiki that cannot serve us now, and between edits, so that it can serve others."""

from collections.abc import Callable
from threading import Event, Lock
from time import monotonic
from typing import Final

from wbskills.errors import StoreError

Watch = Callable[[str], object]

_WINDOW: Final = 60.0  # seconds
_STEPS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
_AT_FIRST: Final = 20.0  # seconds
_SLOWER: Final = 0.7
_SLOWEST: Final = 4.0  # edits a minute


class Stopped(Exception):
    """The user wants to stop: what waits is not begun any more."""


class Waiting:
    """Waits that the user sees and can break off.

    `patience` is the longest time in seconds that one request is waited for, all its tries
    together. `haste` makes every wait that many times shorter, for tests.
    """

    def __init__(self, watch: Watch, *, patience: float = 900.0, haste: float = 1.0) -> None:
        self._watch, self.patience, self._haste = watch, patience, haste
        self.stop = Event()

    def tell(self, line: str) -> None:
        """Tell the user something."""
        self._watch(line)

    def sleep(self, seconds: float) -> None:
        """Wait. Raises `Stopped` if the user does not want to wait any longer."""
        if self.stop.wait(seconds / self._haste):
            raise Stopped

    def until(self, moment: float) -> None:
        """Wait until a moment of the clock that `after` gave. Raises `Stopped`."""
        left = moment - monotonic()
        if left > 0 and self.stop.wait(left):
            raise Stopped

    def after(self, seconds: float) -> float:
        """Tell which moment is so many seconds from now."""
        return monotonic() + seconds / self._haste

    def once(self) -> "Tries":
        """Begin to count the tries of one request."""
        return Tries(self, self.patience, "the same command again later; it goes on where it was")

    def at_first(self, hint: str) -> "Tries":
        """Begin to count the tries of a request to somebody who has never answered yet.

        It is more likely misspelt than overworked, so patience ends soon, with a hint.
        """
        return Tries(self, min(self.patience, _AT_FIRST), hint)


class Tries:
    """The tries of one request, and the time that they have cost."""

    def __init__(self, waiting: Waiting, patience: float, hint: str) -> None:
        self._waiting, self._patience, self._hint = waiting, patience, hint
        self._waited, self._count = 0.0, 0

    def again(self, why: str, seconds: float = 0.0) -> None:
        """Wait before the next try, as long as the wiki asked for, or longer each time.

        Raises `StoreError` when patience is at its end.
        """
        own = _STEPS[min(self._count, len(_STEPS) - 1)]
        seconds = seconds or own
        self._count += 1
        if self._waited + seconds > self._patience:
            so_far = f"given up after {self._waited:.0f} seconds of waiting: "
            raise StoreError(f"{so_far if self._waited else ''}{why}", hint=self._hint)
        self._waited += seconds
        self._waiting.tell(f"waiting {seconds:.0f} s: {why}")
        self._waiting.sleep(seconds)


class Pace:
    """The rate of edits that all sessions share.

    `per_minute` 0 means no limit. A wiki that asks to be slower is obeyed by all at once.
    """

    def __init__(self, waiting: Waiting, per_minute: float) -> None:
        self._waiting, self._per_minute = waiting, per_minute
        self._lock = Lock()
        self._next = 0.0

    @property
    def per_minute(self) -> float:
        """How many edits a minute are allowed now; 0: any number."""
        return self._per_minute

    def at_most(self, per_minute: float) -> None:
        """Lower the rate to what the wiki allows."""
        if not self._per_minute or per_minute < self._per_minute:
            self._per_minute = per_minute

    def turn(self) -> None:
        """Wait until the next edit may be sent."""
        if not self._per_minute:
            self._waiting.until(self._next)
            return
        with self._lock:
            mine = max(self._next, monotonic())
            self._next = mine + _WINDOW / self._per_minute
        self._waiting.until(mine)

    def slower(self, seconds: float) -> None:
        """Hold all edits back for some seconds, and lower the rate from then on."""
        with self._lock:
            self._next = max(self._next, self._waiting.after(seconds))
            if self._per_minute:
                self._per_minute = max(self._per_minute * _SLOWER, _SLOWEST)
