"""What an entity's page holds: its JSON as Wikibase keeps it, and how long that is."""

import json
from typing import Any, Final

_ORDER: Final = (
    "type", "datatype", "id", "labels", "descriptions", "aliases", "claims", "sitelinks",
)  # fmt: skip


def content(text: str) -> str:
    """Write what was kept of a revision as a page of Wikibase holds it."""
    kept = json.loads(text)
    if "redirect" not in kept:
        kept = _bare({name: kept[name] for name in _ORDER if name in kept}, top=True)
    written = json.dumps(kept, separators=(",", ":"))
    return written.replace("/", "\\/")


def _bare(found: Any, *, top: bool = False) -> Any:  # noqa: ANN401 - JSON
    """Leave out datatypes of snaks; write empty maps as PHP does."""
    if isinstance(found, list):
        return [_bare(each) for each in found]
    if not isinstance(found, dict):
        return found
    if not found:
        return []
    return {
        name: _bare(value)
        for name, value in found.items()
        if name != "datatype" or top or "snaktype" not in found
    }


def size(text: str) -> int:
    """Measure what was kept of a revision as Wikibase does: serialized by PHP."""
    kept = json.loads(text)
    if "redirect" in kept:
        return len(text)
    return _size(_bare({name: kept[name] for name in _ORDER if name in kept}, top=True))


def _size(found: Any) -> int:  # noqa: ANN401 - JSON
    match found:
        case str():
            length = len(found.encode("utf-8", "surrogatepass"))
            return length + len(str(length)) + 6
        case bool():
            return 4
        case int():
            return len(str(found)) + 3
        case float():
            return len(repr(found)) + 3
        case list():
            inner = sum(len(str(number)) + 3 + _size(one) for number, one in enumerate(found))
            return inner + len(str(len(found))) + 5
        case dict():
            inner = sum(_size(name) + _size(value) for name, value in found.items())
            return inner + len(str(len(found))) + 5
        case _:
            return 2
