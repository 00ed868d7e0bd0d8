"""How much memory queries that anyone may send can use: an eighth of the machine in total.

Three quarters of it are for the processes that answer them, one quarter is for answers that are
being sent. There is no minimum: on a small machine fewer queries run at once, and on a very small
one (below 1 GB) some fail because memory runs out.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from wbskills.errors import StoreError

MEGABYTE: Final = 1 << 20
GIGABYTE: Final = 1 << 30
MAX_PROCESSES: Final = 4
_USEFUL: Final = 256 * MEGABYTE  # for a process; with less for each, fewer run at once
_MAX_ANSWER: Final = 256 * MEGABYTE
# Where Linux states the limit of a container; it can also be “max”, or a huge number.
_CONTAINER_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class MemoryBudget(NamedTuple):
    """The number of processes, and the bytes for each of them, for all answers, and for one."""

    processes: int
    process: int
    answers: int
    answer: int

    @property
    def total(self) -> int:
        """All that queries can use together."""
        return self.processes * self.process + self.answers


def budget_for(physical: int) -> MemoryBudget:
    """Divide the memory of a machine with so many bytes.

    >>> budget_for(16 * GIGABYTE) == (4, 384 * MEGABYTE, 512 * MEGABYTE, 256 * MEGABYTE)
    True
    >>> budget_for(1 * GIGABYTE) == (1, 96 * MEGABYTE, 32 * MEGABYTE, 16 * MEGABYTE)
    True
    """
    answers = physical // 32
    working = physical // 8 - answers
    processes = max(1, min(MAX_PROCESSES, working // _USEFUL))
    return MemoryBudget(processes, working // processes, answers, min(answers // 2, _MAX_ANSWER))


def machine_memory() -> int:
    """Return the bytes of memory of this machine, or of the container that this runs in."""
    found = [4 * GIGABYTE]
    with suppress(AttributeError, ValueError, OSError):  # not on Windows
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _CONTAINER_LIMITS:
        with suppress(OSError, ValueError):
            found.append(int(file.read_text(encoding="ascii")))
    return min(found)


class AnswerMemoryFull(StoreError):
    """Too many bytes of answers are being sent."""


@dataclass
class AnswerMemory:
    """Bytes that all answers may use until they are sent; `left` are unused."""

    left: int
    _lock: Lock = field(default_factory=Lock)

    def take(self, size: int) -> None:
        """Use some bytes. Raises `AnswerMemoryFull` if too few are left."""
        with self._lock:
            if size > self.left:
                raise AnswerMemoryFull(
                    "too many long answers are being sent", hint="try again in a moment"
                )
            self.left -= size

    def release(self, size: int) -> None:
        """Return bytes that were taken."""
        with self._lock:
            self.left += size
