"""How much memory the queries that anybody may send can take: an eighth of the machine, in all.

Three quarters of that are for the processes that answer them, a quarter for answers that are
being sent. There is no least amount: on a small machine fewer queries run at once, and of a very
small one (under 1 GB) some fail for want of memory.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from wbskills.errors import StoreError

MEGABYTE: Final = 1 << 20
GIGABYTE: Final = 1 << 30
AT_ONCE: Final = 4
_USEFUL: Final = 256 * MEGABYTE  # for a process; with less each, fewer run at once
_LONGEST: Final = 256 * MEGABYTE
# Where Linux says what a container may take; each may also say “max”, or a number beyond all.
_CONTAINERS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class Budget(NamedTuple):
    """How many processes answer queries, and the bytes for each, for all answers, and for one."""

    processes: int
    each: int
    answers: int
    answer: int

    @property
    def whole(self) -> int:
        """All that queries can take together."""
        return self.processes * self.each + self.answers


def budget(physical: int) -> Budget:
    """Share out the memory of a machine.

    >>> budget(16 * GIGABYTE) == (4, 384 * MEGABYTE, 512 * MEGABYTE, 256 * MEGABYTE)
    True
    >>> budget(1 * GIGABYTE) == (1, 96 * MEGABYTE, 32 * MEGABYTE, 16 * MEGABYTE)
    True
    """
    answers = physical // 32
    working = physical // 8 - answers
    processes = max(1, min(AT_ONCE, working // _USEFUL))
    return Budget(processes, working // processes, answers, min(answers // 2, _LONGEST))


def memory_of_machine() -> int:
    """Give the bytes of memory that this machine has, or the container that this runs in."""
    found = [4 * GIGABYTE]
    with suppress(AttributeError, ValueError, OSError):  # not on Windows
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _CONTAINERS:
        with suppress(OSError, ValueError):
            found.append(int(file.read_text(encoding="ascii")))
    return min(found)


class NoRoom(StoreError):
    """Too much is being answered at once."""


@dataclass
class Room:
    """Bytes that answers hold together, until they have been sent."""

    left: int

    def __post_init__(self) -> None:
        self._lock = Lock()

    def take(self, size: int) -> None:
        """Take some bytes. Raises `NoRoom` if they are not there."""
        with self._lock:
            if size > self.left:
                raise NoRoom("too many long answers are being sent", hint="again in a moment")
            self.left -= size

    def give(self, size: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self.left += size
