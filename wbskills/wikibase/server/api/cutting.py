"""Answers that grow too large, cut as MediaWiki cuts them: whole values are left out.

Off unless `Faults.largest_answer` asks for it. As in MediaWiki only values are counted, not the
names of members, and what comes later may still fit.
"""

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from wbskills.wikibase.server.api.call import Call


def fits(call: Call, value: object) -> bool:
    """Count a value if the answer has room for it; if not, the answer warns."""
    most = call.settings.faults.largest_answer
    if not most:
        return True
    size = call.memory.get("size", 0) + _size(value)
    if size <= most:
        call.memory["size"] = size
        return True
    if "result" not in call.warnings:
        call.warn(
            "This result was truncated because it would otherwise be larger than the limit of"
            f" {most:,} bytes.",
            "result",
        )
    return False


def how_many_fit(call: Call, values: Iterable[object]) -> int:
    """Count how many values there is room for, up to the first one that does not fit."""
    return sum(1 for _ in takewhile(lambda value: fits(call, value), values))


def _size(value: Any) -> int:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return sum(map(_size, value.values()))
        case list():
            return sum(map(_size, value))
        case bool():
            return int(value)
        case None:
            return 0
        case _:
            return len(str(value).encode("utf-8", "surrogatepass"))
