"""Reads the JSON of values and statements that clients send, in all forms that Wikibase accepts.

Refuses what Wikibase's value objects cannot be built from, with the same messages. Which values a
property accepts is checked by `validators`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal

from wbskills.names import ENTITY_ID
from wbskills.wikibase.model.entities import Rank, Reference, Snak, Statement
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
from wbskills.wikibase.server.api.errors import ApiError, invalid_value, wikibase_error
from wbskills.wikibase.server.client_input import parse_json

_MAX_NUMERIC_ID: Final = 2**31 - 1
_GUID: Final = re.compile(
    r"([QP][1-9][0-9]{0,9})\$([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.IGNORECASE | re.ASCII,
)
_DECIMAL: Final = re.compile(r"[-+]?(?:[1-9][0-9]*|[0-9])(?:\.[0-9]+)?", re.ASCII)
_TIMESTAMP: Final = re.compile(
    r"([-+])([0-9]{1,16})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z", re.ASCII
)
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?", re.ASCII)
_MAX_DIGITS: Final = 127
_SNAK_TYPES: Final[Mapping[str, Literal["value", "somevalue", "novalue"]]] = {
    "value": "value",
    "somevalue": "somevalue",
    "novalue": "novalue",
}
_RANKS: Final = {rank.value: rank for rank in Rank}


class InvalidDataValue(Exception):
    """JSON that no value can be built from; the message is Wikibase's."""


def read_json(text: str, error: ApiError) -> Any:  # noqa: ANN401 - JSON
    """Parse JSON. Raises `error` if it is invalid."""
    try:
        return parse_json(text)
    except ValueError:
        raise error from None


def parse_entity_id(text: str) -> str | None:
    """Return the id of an item or property in upper case; None if it is not an id.

    >>> parse_entity_id("q42")
    'Q42'
    """
    found = text.upper()
    if not text.isascii() or not ENTITY_ID.fullmatch(found) or int(found[1:]) > _MAX_NUMERIC_ID:
        return None
    return found


def read_entity_id(text: str, letters: str = "PQ") -> str:
    """Return an id in upper case, of an item (Q) or a property (P). Raises `ApiError`."""
    found = parse_entity_id(text)
    if found is None or found[0] not in letters:
        raise wikibase_error("invalid-entity-id")
    return found


def entity_of_guid(guid: str) -> str | None:
    """Return the id of the entity that a statement belongs to; None if it is not a GUID."""
    found = _GUID.fullmatch(guid)
    return found[1].upper() if found else None


def read_statement(found: object) -> Statement:
    """Deserialise a statement; its values are not validated. Raises `ApiError`."""
    fields = _mapping(found)
    if fields.get("type") not in ("statement", "claim"):
        raise _invalid_claim("")
    if "mainsnak" not in fields:
        raise _invalid_claim('Attribute "mainsnak" is missing')
    main = read_snak(fields["mainsnak"])
    rank = fields.get("rank", "normal")
    if not isinstance(rank, str) or rank not in _RANKS:
        raise _invalid_claim(f"The rank {str(rank)[:100]} is not a valid rank.")
    guid = fields.get("id")
    if guid is not None and not isinstance(guid, str):
        raise _invalid_claim("$guid must be a string or null")
    return Statement(
        main,
        read_snaks(fields.get("qualifiers"), fields.get("qualifiers-order")),
        tuple(_references(fields.get("references"))),
        _RANKS[rank],
        guid,
    )


def read_snak(found: object) -> Snak:
    """Deserialise a snak; its value is not validated. Raises `ApiError`."""
    fields = _mapping(found)
    for name in ("snaktype", "property"):
        if name not in fields:
            raise _invalid_claim(f'Attribute "{name}" is missing')
    property_id = read_property_id(fields["property"])
    kind = fields["snaktype"]
    if not isinstance(kind, str) or kind not in _SNAK_TYPES:
        raise _invalid_claim(f'Type "{str(kind)[:100]}" is unsupported')
    value = None
    if kind == "value":
        if "datavalue" not in fields:
            raise _invalid_claim('Attribute "datavalue" is missing')
        try:
            value = read_value(fields["datavalue"])
        except InvalidDataValue as error:
            raise invalid_value("bad-value", str(error)) from None
    return Snak(property_id, value, "", _SNAK_TYPES[kind])


def read_snaks(found: object, order: object) -> tuple[Snak, ...]:
    """Deserialise a list of snaks or a map by property; duplicates are left out.

    The snaks of one property are put together. `order` may be a list of properties.
    """
    groups: dict[str, list[Snak]] = {}
    for each in _flat(found):
        snak = read_snak(each)
        groups.setdefault(snak.property, []).append(snak)
    if order is not None and not isinstance(order, list):
        raise _invalid_claim("The order of snaks is no list")
    first = [name for name in order or () if isinstance(name, str) and name in groups]
    names = dict.fromkeys([*first, *groups])
    return tuple(dict.fromkeys(snak for name in names for snak in groups[name]))


def read_property_id(found: object) -> str:
    """Deserialise the id of a property. Raises `ApiError`."""
    entity_id = parse_entity_id(found) if isinstance(found, str) else None
    if entity_id is not None and entity_id.startswith("P"):
        return entity_id
    what = "property ID"
    if not isinstance(found, str) or not re.fullmatch(r"[Qq][1-9][0-9]{0,9}", found, re.ASCII):
        what = "valid property ID"
    raise _invalid_claim(f"'{str(found)[:100]}' is not a {what}")


def flat_claims(found: object) -> list[Mapping[str, Any]]:
    """List the claims given as a list or as a map by property. Raises `ApiError`."""
    if not isinstance(found, (dict, list)):
        raise wikibase_error("not-recognized-array")
    listed: list[Mapping[str, Any]] = []
    groups: Iterable[object] = found.values() if isinstance(found, dict) else [found]
    for group in groups:
        if not isinstance(group, list) or not all(isinstance(claim, dict) for claim in group):
            raise wikibase_error("not-recognized-array")
        listed += group
    return listed


def read_value(found: object) -> Value:
    """Deserialise a `datavalue`. Raises `InvalidDataValue`."""
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise InvalidDataValue('Attribute "type" is missing')
    kind = found["type"]
    reader = _READERS.get(kind)
    if reader is None:
        raise InvalidDataValue(f'Type "{kind[:100]}" is unsupported')
    if "value" not in found:
        raise InvalidDataValue('Attribute "value" is missing')
    return reader(found["value"])


def read_decimal(found: object) -> str:
    """Deserialise a decimal number; keeps its digits. Raises `InvalidDataValue`.

    >>> read_decimal("5.50")
    '+5.50'
    """
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        raise InvalidDataValue("$value must be a string or a number")
    text = found if isinstance(found, str) else _without_exponent(found)
    if len(text) > _MAX_DIGITS:
        raise InvalidDataValue(f"Value must be at most {_MAX_DIGITS} characters long.")
    if not _DECIMAL.fullmatch(text):
        raise InvalidDataValue(f'"{text}" is not a well formed decimal value')
    if text[0] not in "+-":
        text = f"+{text}"
    return f"+{text[1:]}" if not text.strip("-0.") else text


def _references(found: object) -> Iterable[Reference]:
    if found is None:
        return
    if not isinstance(found, list):
        raise _invalid_claim("The references are no list")
    for each in found:
        fields = _mapping(each)
        if "snaks" not in fields:
            raise _invalid_claim('Attribute "snaks" is missing')
        snaks = read_snaks(fields["snaks"], fields.get("snaks-order"))
        if snaks:
            yield Reference(snaks)


def _flat(found: object) -> Iterable[object]:
    if found is None:
        return
    if isinstance(found, list):
        yield from found
        return
    for name, group in _mapping(found).items():
        if not isinstance(group, list):
            raise _invalid_claim(f"The snaks of {name[:20]} are no list")
        for each in group:
            if isinstance(each, dict) and each.get("property", name) != name:
                raise _invalid_claim(f"A snak of another property stands under {name[:20]}")
            yield each


def _mapping(found: object) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise _invalid_claim("The serialization should be an array")
    return found


def _invalid_claim(text: str) -> ApiError:
    return wikibase_error("invalid-claim", text)


def _fields(value: object, *names: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidDataValue("array expected")
    for name in names:
        if name not in value:
            raise InvalidDataValue(f"{name} field required")
    return value


def _non_empty(found: object, message: str) -> str:
    if not isinstance(found, str) or not found:
        raise InvalidDataValue(message)
    return _whole(found)


def _whole(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can contain and a text cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _read_text(value: object) -> Text:
    if not isinstance(value, str):
        raise InvalidDataValue("Can only construct StringValue from strings")
    return Text(_whole(value))


def _read_time(value: object) -> Time:
    fields = _fields(value, "time", "timezone", "before", "after", "precision", "calendarmodel")
    timestamp = _read_timestamp(str(fields["time"]))
    for name in ("timezone", "before", "after", "precision"):
        if type(fields[name]) is not int or abs(fields[name]) >= 2**31:
            raise InvalidDataValue(f"${name} must be an integer")
    if fields["before"] < 0 or fields["after"] < 0:
        raise InvalidDataValue("$before and $after must be unsigned integers")
    if not 0 <= fields["precision"] <= 14:
        raise InvalidDataValue("$precision out of allowed bounds")
    return Time(
        timestamp,
        fields["precision"],
        _non_empty(fields["calendarmodel"], "$calendarModel must be a non-empty string"),
        fields["timezone"],
        fields["before"],
        fields["after"],
    )


@lru_cache(1_000)  # an import has the same few dates
def _read_timestamp(text: str) -> str:
    """Return a timestamp with a year of at least four digits."""
    matched = _TIMESTAMP.fullmatch(text)
    if matched is None:
        raise InvalidDataValue(f"$timestamp must resemble ISO 8601, given {text[:100]}")
    sign, year, month, day, hour, minute, second = matched.groups()
    for name, number, most in (
        ("Month", month, 12),
        ("Day", day, 31),
        ("Hour", hour, 23),
        ("Minute", minute, 59),
        ("Second", second, 61),
    ):
        if int(number) > most:
            raise InvalidDataValue(f"{name} out of allowed bounds")
    return f"{sign}{year.lstrip('0').zfill(4)}-{month}-{day}T{hour}:{minute}:{second}Z"


def _read_quantity(value: object) -> Quantity:
    fields = _fields(value, "amount", "unit")
    amount = read_decimal(fields["amount"])
    unit = _non_empty(
        fields["unit"], '$unit must be a non-empty string. Use "1" for unit-less quantities.'
    )
    upper, lower = fields.get("upperBound"), fields.get("lowerBound")
    if upper is None and lower is None:
        return Quantity(amount, unit)
    if upper is None:
        raise InvalidDataValue("upperBound field required")
    if lower is None:
        raise InvalidDataValue("lowerBound field required")
    upper, lower = read_decimal(upper), read_decimal(lower)
    if Decimal(lower) > Decimal(amount):
        raise InvalidDataValue(f"$lowerBound {lower} must be <= $amount {amount}")
    if Decimal(upper) < Decimal(amount):
        raise InvalidDataValue(f"$upperBound {upper} must be >= $amount {amount}")
    return Quantity(amount, unit, upper, lower)


def _without_exponent(number: float) -> str:
    """Write a number of JSON with all its digits and no exponent."""
    try:
        if isinstance(number, int) and abs(number) >= 10**_MAX_DIGITS:
            return "9" * (_MAX_DIGITS + 1)
        return format(Decimal(str(number)), "f")
    except ArithmeticError:
        return str(number)


def _read_monolingual(value: object) -> Monolingual:
    fields = _fields(value, "text", "language")
    language = _non_empty(fields["language"], "$languageCode must be a non-empty string")
    if not isinstance(fields["text"], str):
        raise InvalidDataValue("$text must be a string")
    return Monolingual(language, _whole(fields["text"]))


def _read_coordinate(value: object) -> Coordinate:
    fields = _fields(value, "latitude", "longitude")
    latitude = _degrees(fields["latitude"], "Latitude")
    longitude = _degrees(fields["longitude"], "Longitude")
    precision, globe = fields.get("precision"), fields.get("globe")
    if precision is not None:
        precision = _degrees(precision, "Precision")
    if globe is not None:
        globe = _non_empty(globe, "$globe must be a non-empty string or null")
    return Coordinate(latitude, longitude, precision, globe or EARTH)


def _degrees(found: object, what: str) -> float:
    if isinstance(found, str) and len(found) < 50 and _FLOAT.fullmatch(found.strip()):
        number = float(found)
    elif isinstance(found, (int, float)) and not isinstance(found, bool):
        number = found
    else:
        raise InvalidDataValue(f"{what} must be a number")
    if not -360 <= number <= 360:
        raise InvalidDataValue(f"{what} needs to be between -360 and 360")
    return int(number) if number == int(number) else number


def _read_entity_ref(value: object) -> EntityRef:
    if not isinstance(value, dict):
        raise InvalidDataValue("array expected")
    if "id" in value:
        found = value["id"]
        shown = str(found)[:100]
    else:
        kind, number = value.get("entity-type"), value.get("numeric-id")
        if kind not in ("item", "property") or number is None:
            raise InvalidDataValue('Either "id" or "entity-type" and "numeric-id" fields required')
        letter = "P" if kind == "property" else "Q"
        found = f"{letter}{number}" if isinstance(number, (int, str)) else None
        shown = f"{letter}{str(number)[:50]}"
    entity_id = parse_entity_id(found) if isinstance(found, str) else None
    if entity_id is None:
        raise InvalidDataValue(f"Can not parse id '{shown}' to build EntityIdValue with")
    return EntityRef(entity_id)


_READERS: Final[Mapping[str, Callable[[object], Value]]] = {
    "string": _read_text,
    "time": _read_time,
    "quantity": _read_quantity,
    "monolingualtext": _read_monolingual,
    "globecoordinate": _read_coordinate,
    "wikibase-entityid": _read_entity_ref,
}
