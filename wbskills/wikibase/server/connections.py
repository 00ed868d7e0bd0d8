"""Connections that are not held open for nothing: waitress's, with a limit on each wait.

By itself waitress closes only what has been quiet for minutes, and takes nobody in any more
once as many are open as it allows. Here a request has to arrive in time, and when it gets
crowded those go that have been at nothing for the longest time.
"""

import time
from collections.abc import Iterable
from typing import Any, Final

import waitress.channel  # type: ignore[import-untyped] # it ships no types
import waitress.parser  # type: ignore[import-untyped]

MOST: Final = 500  # open at once
HEAD: Final = 10.0  # seconds for the head of a request to arrive
BODY: Final = 120.0  # and for all of it
QUIET: Final = 30.0  # between two requests, or two pieces of one, or of an answer
_AT_ONCE: Final = 4_096  # bytes of a body in chunks
_CROWDED: Final = 0.8  # of the most, from where on connections without a request give way


class _Request(waitress.parser.HTTPRequestParser):  # type: ignore[misc] # untyped
    """A request that knows when it began to arrive."""

    def __init__(self, adjustments: Any) -> None:  # noqa: ANN401 - waitress's own
        super().__init__(adjustments)
        self.began = time.time()

    def received(self, data: bytes) -> int:
        """Take some of what has come; tells how much.

        For each chunk of a body waitress copies all that came with it: so little at a time.
        """
        taken: int = super().received(data[:_AT_ONCE] if self.chunked else data)
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head. An odd one is the fault of the client, and gets 400."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise waitress.parser.ParsingError("Invalid header") from error


class Channel(waitress.channel.HTTPChannel):  # type: ignore[misc] # untyped
    """A connection, which can tell how long nothing has come of it."""

    parser_class = _Request

    def is_overdue(self, now: float) -> bool:
        """Tell whether it has used up its time to send something, or to take an answer."""
        is_quiet = self.last_activity < now - QUIET
        if self.requests:  # one is being answered: that takes as long as it takes
            return bool(is_quiet and self.total_outbufs_len)
        arriving = self.request
        if arriving is None:
            return bool(is_quiet)
        allowed = BODY if arriving.headers_finished else HEAD
        return bool(is_quiet or arriving.began < now - allowed)


def overdue(channels: Iterable[Channel], now: float, most: int = MOST) -> list[Channel]:
    """Choose the connections to close: those over their time and, of a crowd, the idle ones."""
    open_ = list(channels)
    late = [one for one in open_ if one.is_overdue(now)]
    spare = len(open_) - len(late) - int(most * _CROWDED)
    if spare > 0:
        idle = [one for one in open_ if not one.requests and one not in late]
        idle.sort(key=lambda one: one.request.began if one.request else one.last_activity)
        late += idle[:spare]
    return late
