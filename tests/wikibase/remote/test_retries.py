"""The shared rate of edits, and waits that can be interrupted."""

import threading
import time
from pathlib import Path

import pytest

from wbskills.wikibase.remote.retries import RateLimiter, Waiter


def test_the_rate_is_shared_and_follows_the_wiki() -> None:
    """Ten edits at 1,200 a minute take nine twentieths of a second; then slower, and lower."""
    from time import monotonic

    pace = RateLimiter(Waiter(lambda _: None), 1200)
    begun = monotonic()
    for _ in range(10):
        pace.acquire()
    assert 0.44 < monotonic() - begun < 3

    pace.back_off(0.2)
    begun = monotonic()
    pace.acquire()
    assert monotonic() - begun > 0.1
    assert pace.per_minute == 840
    pace.limit_to(81)
    assert pace.per_minute == 81
    pace.limit_to(500)
    assert pace.per_minute == 81


def test_waiting_can_be_interrupted(tmp_path: Path) -> None:
    """A stop ends every wait at once."""
    del tmp_path
    from wbskills.wikibase.remote.retries import Cancelled

    waiting = Waiter(lambda _: None)
    threading.Timer(0.05, waiting.stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        waiting.sleep(30)
    assert time.monotonic() - begun < 5
