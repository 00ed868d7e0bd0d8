"""Processing many items: in chunks, with progress, with the garbage collector paused."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final, NamedTuple, TypeVar

SIZE: Final = 200  # entities read, or people written, at a time

T = TypeVar("T")


class Progress(NamedTuple):
    """How far a long task has come, in people or entities; `total` is 0 if it is unknown."""

    done: int
    total: int

    def __str__(self) -> str:
        return f"{self.done:,} of {self.total:,}" if self.total else f"{self.done:,}"


OnProgress = Callable[[Progress], object]


def ignore(_: object) -> None:
    """Do nothing; the default for callbacks."""


def chunks(items: Iterable[T], size: int = SIZE) -> Iterator[list[T]]:
    """Split items, in their order, into lists of `size`; the last one may be shorter.

    >>> list(chunks("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector while millions of rows are created; hardly any are in cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
