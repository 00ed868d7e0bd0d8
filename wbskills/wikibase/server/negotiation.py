"""Which form of an answer a client gets: by its Accept header, or by what it names."""

from collections.abc import Iterator, Mapping
from typing import Final

from werkzeug.datastructures import LanguageAccept, MIMEAccept

ANYTHING: Final = "*/*"
_MOST_LANGUAGES: Final = 40
_LONGEST_CODE: Final = 35  # characters, as RFC 5646 (4.4.1) has it


def chosen(accept: MIMEAccept, offered: Mapping[str, str]) -> str | None:
    """Give what is offered for the media type that the client likes best.

    `offered` goes from media types to what they stand for; of equals the first one wins.
    None if the client takes nothing of it.
    """
    best: tuple[float, str] | None = None
    for media, name in offered.items():
        quality = accept[media] if accept.provided else 1
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, name)
    return None if best is None else best[1]


def is_particular(accept: MIMEAccept) -> bool:
    """Tell whether the header says what is wanted; that of a browser does not."""
    named = [media for media, quality in accept if quality > 0]
    return bool(named) and ANYTHING not in named[:1] and "text/html" not in named


def languages(accept: LanguageAccept) -> Iterator[str]:
    """List the languages of a header, best first; after `de-ch` also comes `de`.

    What is longer than any code, or comes after more languages than anybody reads, is left out.
    """
    for tag, quality in list(accept)[:_MOST_LANGUAGES]:
        if quality > 0 and tag != "*" and len(tag) <= _LONGEST_CODE:
            code = tag.lower().replace("_", "-")
            yield code
            yield from (code.rsplit("-", n)[0] for n in range(1, code.count("-") + 1))
