"""Values written as terms of SPARQL: checked against their type, escaped here and only here."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from wbskills.errors import QueryError

Value = str | int | Decimal | date

_XSD = "http://www.w3.org/2001/XMLSchema#"
_ESCAPES = {'"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LONGEST_NUMBER = 30
_LARGEST: Final = 2**63 - 1  # engines count in 64 bits, and find nothing beyond


def text_of(value: Value) -> str:
    """Write a value as somebody would type it.

    >>> text_of(Decimal("1E+2")), text_of(date(2026, 3, 4))
    ('100', '2026-03-04')
    """
    return format(value, "f") if isinstance(value, Decimal) else str(value).strip()


def term(text: str, kind: str, choices: tuple[str, ...] = ()) -> str:
    """Write a value of a type, which is one of `choices` if there are any.

    Raises `QueryError` if it does not fit.
    """
    if choices and text not in choices:
        raise QueryError(f"“{text}” cannot be chosen here", hint=", ".join(choices))
    return _WRITERS[kind](text)


def literal(text: str) -> str:
    r"""Write a text, in quotation marks.

    >>> print(literal('say "hi"'), literal(r"\u0022"))
    "say \"hi\"" "\\\U000000750022"

    Raises `QueryError` if it has control characters, which no label or name has.
    """
    if any(ord(sign) < 32 and sign not in _ESCAPES for sign in text) or _surrogates(text):
        raise QueryError("this text has control characters in it")
    # SPARQL may read \u0022 anywhere as a quotation mark, before it looks for texts (19.2), and
    # some engines do so even after an escaped backslash. So no “u” is left behind a backslash.
    text = re.sub(r"\\([uU]?)", lambda found: "\\\\" + _codepoint(found.group(1)), text)
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return f'"{text}"'


def integer(text: str) -> str:
    """Write a whole number. Raises `QueryError` if it is none."""
    if not re.fullmatch(r"[+-]?[0-9]+", text) or len(text) > _LONGEST_NUMBER:
        raise QueryError(f"“{text}” is not a whole number", hint="digits alone, as in 5")
    if abs(int(text)) > _LARGEST:
        raise QueryError(f"{text} is too large", hint=f"a number up to {_LARGEST}")
    return str(int(text))


def number(text: str) -> str:
    """Write a number. Raises `QueryError` if it is none."""
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", text) or len(text) > _LONGEST_NUMBER:
        raise QueryError(f"“{text}” is not a number", hint="digits with a point, as in 0.5")
    return format(Decimal(text), "f")


def day(text: str) -> str:
    """Write a day as xsd:date. Raises `QueryError` if it is none."""
    return f'"{_day(text)}"^^<{_XSD}date>'


def midnight(text: str) -> str:
    """Write a day as Wikibase does in its RDF, as xsd:dateTime at midnight.

    Raises `QueryError` if it is no day.
    """
    return f'"{_day(text)}T00:00:00Z"^^<{_XSD}dateTime>'


_WRITERS: Final[Mapping[str, Callable[[str], str]]] = {
    "literal": literal,
    "integer": integer,
    "number": number,
    "xsd_date": day,
    "xsd_dateTime": midnight,
}


def _surrogates(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _codepoint(sign: str) -> str:
    return f"\\U{ord(sign):08X}" if sign else ""


def _day(text: str) -> str:
    # Python would take 20260304 and 2026-W10-3 as well.
    written = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    try:
        return date.fromisoformat(text if written else "").isoformat()
    except ValueError as error:
        raise QueryError(
            f"“{text}” is not a day", hint="year, month and day, as in 2026-03-04"
        ) from error
