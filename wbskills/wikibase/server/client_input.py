"""What a client sends: which formats and languages it prefers, and JSON."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from werkzeug.datastructures import LanguageAccept, MIMEAccept

MAX_DEPTH: Final = 100  # levels of JSON; an entity has 12
_MAX_LANGUAGES: Final = 40
_MAX_CODE: Final = 35  # characters of a language code, as RFC 5646 (4.4.1) has it


def preferred(accept: MIMEAccept, offered: Mapping[str, str]) -> str | None:
    """Return the value of the media type in `offered` that the client prefers.

    If it prefers several equally, the first one wins. None if it accepts none of them.
    """
    best: tuple[float, str] | None = None
    for media, name in offered.items():
        quality = accept[media] if accept.provided else 1
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, name)
    return None if best is None else best[1]


def is_specific(accept: MIMEAccept) -> bool:
    """Check whether an Accept header names a format; that of a browser does not."""
    named = [media for media, quality in accept if quality > 0]
    return bool(named) and named[0] != "*/*" and "text/html" not in named


def languages(accept: LanguageAccept) -> Iterator[str]:
    """Yield the language codes of a header, best first; `de-ch` is followed by `de`.

    Codes of more than 35 characters, and all after the 40th, are ignored.
    """
    for tag, quality in list(accept)[:_MAX_LANGUAGES]:
        if quality > 0 and tag != "*" and len(tag) <= _MAX_CODE:
            code = tag.lower().replace("_", "-")
            yield code
            yield from (code.rsplit("-", n)[0] for n in range(1, code.count("-") + 1))


def parse_json(text: str) -> Any:  # noqa: ANN401 - JSON
    """Parse JSON.

    Raises `ValueError` if it is invalid, contains NaN or Infinity, or is nested too deeply.
    """
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    level = [found]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return found
    raise ValueError("nested too deeply")


def parse_text_json(text: str) -> Any:  # noqa: ANN401 - JSON
    """Parse JSON as `parse_json` does, and raise `ValueError` at lone surrogates, too."""
    found = parse_json(text)
    if "\\u" in text or not text.isascii():
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
