"""JSON that a client has sent: read so that no code behind it meets what JSON cannot say."""

import json
from typing import Any, Final

DEEPEST: Final = 100  # levels; an entity has 12


def loads(text: str) -> Any:  # noqa: ANN401 - JSON
    """Read JSON.

    Raises `ValueError` if it is none, has numbers that JSON has not, or is nested too deeply.
    """
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    level = [found]
    for _ in range(DEEPEST):
        level = [one for each in level for one in _inside(each)]
        if not level:
            return found
    raise ValueError("nested too deeply")


def whole(text: str) -> Any:  # noqa: ANN401 - JSON
    """Read JSON as `loads` does, and raise `ValueError` at half a character, too."""
    found = loads(text)
    if "\\u" in text or not text.isascii():
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _inside(found: object) -> list[Any]:
    if isinstance(found, dict):
        return list(found.values())
    return found if isinstance(found, list) else []


def _no_constant(name: str) -> None:
    raise ValueError(name)
