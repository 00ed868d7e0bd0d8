"""Values as clients send them: read into the data model, or refused as corrupt.

Refuses what Wikibase's value classes refuse to be built from, in their words. What a value may be
for a property of some datatype is another question, see `rules`.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from wbskills.names import ENTITY_ID
from wbskills.wikibase.model.values import (
    EARTH,
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Value,
)

LARGEST_ID: Final = 2**31 - 1
_DECIMAL: Final = re.compile(r"[-+]?(?:[1-9][0-9]*|[0-9])(?:\.[0-9]+)?", re.ASCII)
_STAMP: Final = re.compile(
    r"([-+])([0-9]{1,16})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z", re.ASCII
)
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?", re.ASCII)
_LONGEST_DECIMAL: Final = 127
_REMEMBERED: Final = 1_000  # points of time; those of one import are the same few days


class Corrupt(Exception):
    """A value that is none; the text says why, as Wikibase does."""


class Unparsable(Exception):
    """A text that people typed and no value can be made of; named by what was expected."""


def read_value(found: object) -> Value:
    """Read a datavalue with its type. Raises `Corrupt`."""
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise Corrupt('Attribute "type" is missing')
    kind = found["type"]
    reader = _READERS.get(kind)
    if reader is None:
        raise Corrupt(f'Type "{kind[:100]}" is unsupported')
    if "value" not in found:
        raise Corrupt('Attribute "value" is missing')
    return reader(found["value"])


def _text(value: object) -> Text:
    if not isinstance(value, str):
        raise Corrupt("Can only construct StringValue from strings")
    return Text(_whole(value))


def _whole(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can hold and a text cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _fields(value: object, *names: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Corrupt("array expected")
    for name in names:
        if name not in value:
            raise Corrupt(f"{name} field required")
    return value


def _time(value: object) -> Time:
    fields = _fields(value, "time", "timezone", "before", "after", "precision", "calendarmodel")
    stamp = _stamp(str(fields["time"]))
    for name in ("timezone", "before", "after", "precision"):
        if type(fields[name]) is not int or abs(fields[name]) >= 2**31:
            raise Corrupt(f"${name} must be an integer")
    if fields["before"] < 0 or fields["after"] < 0:
        raise Corrupt("$before and $after must be unsigned integers")
    if not 0 <= fields["precision"] <= 14:
        raise Corrupt("$precision out of allowed bounds")
    calendar = fields["calendarmodel"]
    if not isinstance(calendar, str) or not calendar:
        raise Corrupt("$calendarModel must be a non-empty string")
    return Time(
        stamp,
        fields["precision"],
        _whole(calendar),
        fields["timezone"],
        fields["before"],
        fields["after"],
    )


@lru_cache(_REMEMBERED)
def _stamp(text: str) -> str:
    """Read a point of time, and write it with a year of at least four digits."""
    matched = _STAMP.fullmatch(text)
    if matched is None:
        raise Corrupt(f"$timestamp must resemble ISO 8601, given {text[:100]}")
    sign, year, month, day, hour, minute, second = matched.groups()
    for name, number, most in (
        ("Month", month, 12),
        ("Day", day, 31),
        ("Hour", hour, 23),
        ("Minute", minute, 59),
        ("Second", second, 61),
    ):
        if int(number) > most:
            raise Corrupt(f"{name} out of allowed bounds")
    return f"{sign}{year.lstrip('0').zfill(4)}-{month}-{day}T{hour}:{minute}:{second}Z"


def _quantity(value: object) -> Quantity:
    fields = _fields(value, "amount", "unit")
    amount = decimal(fields["amount"])
    unit = fields["unit"]
    if not isinstance(unit, str) or not unit:
        raise Corrupt('$unit must be a non-empty string. Use "1" for unit-less quantities.')
    upper, lower = fields.get("upperBound"), fields.get("lowerBound")
    if upper is None and lower is None:
        return Quantity(amount, _whole(unit))
    if upper is None:
        raise Corrupt("upperBound field required")
    if lower is None:
        raise Corrupt("lowerBound field required")
    upper, lower = decimal(upper), decimal(lower)
    if Decimal(lower) > Decimal(amount):
        raise Corrupt(f"$lowerBound {lower} must be <= $amount {amount}")
    if Decimal(upper) < Decimal(amount):
        raise Corrupt(f"$upperBound {upper} must be >= $amount {amount}")
    return Quantity(amount, _whole(unit), upper, lower)


def decimal(found: object) -> str:
    """Read a decimal number, `+5.50`; its digits stay as they are. Raises `Corrupt`."""
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        raise Corrupt("$value must be a string or a number")
    text = found if isinstance(found, str) else _written(found)
    if len(text) > _LONGEST_DECIMAL:
        raise Corrupt(f"Value must be at most {_LONGEST_DECIMAL} characters long.")
    if not _DECIMAL.fullmatch(text):
        raise Corrupt(f'"{text}" is not a well formed decimal value')
    if text[0] not in "+-":
        text = f"+{text}"
    return f"+{text[1:]}" if not text.strip("-0.") else text


def _written(number: float) -> str:
    """Write a number of JSON with all its digits and no exponent."""
    try:
        if isinstance(number, int) and abs(number) >= 10**_LONGEST_DECIMAL:
            return "9" * (_LONGEST_DECIMAL + 1)
        return format(Decimal(str(number)), "f")
    except ArithmeticError:
        return str(number)


def _monolingual(value: object) -> Monolingual:
    fields = _fields(value, "text", "language")
    text, language = fields["text"], fields["language"]
    if not isinstance(language, str) or not language:
        raise Corrupt("$languageCode must be a non-empty string")
    if not isinstance(text, str):
        raise Corrupt("$text must be a string")
    return Monolingual(_whole(language), _whole(text))


def _coordinate(value: object) -> Coordinate:
    fields = _fields(value, "latitude", "longitude")
    latitude = _degrees(fields["latitude"], "Latitude")
    longitude = _degrees(fields["longitude"], "Longitude")
    precision = fields.get("precision")
    if precision is not None:
        precision = _degrees(precision, "Precision")
    globe = fields.get("globe")
    if globe is not None and (not isinstance(globe, str) or not globe):
        raise Corrupt("$globe must be a non-empty string or null")
    return Coordinate(latitude, longitude, precision, _whole(globe) if globe else EARTH)


def _degrees(found: object, what: str) -> float:
    if isinstance(found, str) and len(found) < 50 and _NUMBER.fullmatch(found.strip()):
        number = float(found)
    elif isinstance(found, (int, float)) and not isinstance(found, bool):
        number = found
    else:
        raise Corrupt(f"{what} must be a number")
    if not -360 <= number <= 360:
        raise Corrupt(f"{what} needs to be between -360 and 360")
    return int(number) if number == int(number) else number


def _entity_ref(value: object) -> EntityRef:
    if not isinstance(value, dict):
        raise Corrupt("array expected")
    if "id" in value:
        found = value["id"]
        if isinstance(found, str) and (name := entity_id(found)):
            return EntityRef(name)
        raise Corrupt(f"Can not parse id '{str(found)[:100]}' to build EntityIdValue with")
    kind, number = value.get("entity-type"), value.get("numeric-id")
    if kind not in ("item", "property") or number is None:
        raise Corrupt('Either "id" or "entity-type" and "numeric-id" fields required')
    letter = "P" if kind == "property" else "Q"
    found = entity_id(f"{letter}{number}") if isinstance(number, (int, str)) else None
    if found is None:
        raise Corrupt(f"Can not parse id '{letter}{str(number)[:50]}' to build EntityIdValue with")
    return EntityRef(found)


def entity_id(text: str) -> str | None:
    """Read the id of an item or property, in either case; None if it is none.

    >>> entity_id("q42")
    'Q42'
    """
    found = text.upper()
    if not text.isascii() or not ENTITY_ID.fullmatch(found) or int(found[1:]) > LARGEST_ID:
        return None
    return found


_READERS: Final[Mapping[str, Callable[[object], Value]]] = {
    "string": _text,
    "time": _time,
    "quantity": _quantity,
    "monolingualtext": _monolingual,
    "globecoordinate": _coordinate,
    "wikibase-entityid": _entity_ref,
}

TYPE_OF: Final[Mapping[type, str]] = {
    Text: "string",
    Time: "time",
    Quantity: "quantity",
    Monolingual: "monolingualtext",
    Coordinate: "globecoordinate",
    EntityRef: "wikibase-entityid",
}
