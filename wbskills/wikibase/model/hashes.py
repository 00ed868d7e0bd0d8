"""Wikibase's own hashes of snaks, references and value nodes.

Wikibase hashes a text that looks like PHP's `serialize` of its classes. The hashes name nodes of
the RDF, so they have to be the same here; `tests/wikibase/model/test_hashes.py` compares them with
those of a real Wikibase. A value node of the RDF is named by the MD5 of the same text, a
coordinate by that of its four members.
"""

import hashlib
import json
from collections.abc import Iterable

from wbskills.wikibase.model.values import (
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
    Value,
)

_SNAKS = {
    "value": "Wikibase\\DataModel\\Snak\\PropertyValueSnak",
    "somevalue": "Wikibase\\DataModel\\Snak\\PropertySomeValueSnak",
    "novalue": "Wikibase\\DataModel\\Snak\\PropertyNoValueSnak",
}


def snak_hash(property_id: str, value: Value | None, kind: str) -> str:
    """Return the SHA-1 of a snak."""
    if value is None:
        serialized = _object(_SNAKS[kind], property_id)
    else:
        serialized = _object(
            _SNAKS[kind], f"a:2:{{i:0;{_string(property_id)}i:1;{_serialized(value)}}}"
        )
    return hashlib.sha1(_utf8(serialized), usedforsecurity=False).hexdigest()


def reference_hash(snak_hashes: Iterable[str]) -> str:
    """Return the SHA-1 of a reference from the hashes of its snaks, in any order."""
    joined = "|".join(sorted(set(snak_hashes)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def value_hash(value: Value) -> str:
    """Return the MD5 that names the node of a full value in RDF."""
    if isinstance(value, Coordinate):
        precision = "" if value.precision is None else php_float(value.precision, digits=14)
        serialized = "|".join(
            [
                php_float(value.latitude, digits=14),
                php_float(value.longitude, digits=14),
                precision,
                value.globe,
            ]
        )
    else:
        serialized = _serialized(value)
    return hashlib.md5(_utf8(serialized), usedforsecurity=False).hexdigest()


def _serialized(value: Value) -> str:
    """Return the text that Wikibase hashes for a value."""
    match value:
        case EntityRef(id):
            name = "NumericPropertyId" if id.startswith("P") else "ItemId"
            inner = _object(f"Wikibase\\DataModel\\Entity\\{name}", id)
            return _object("Wikibase\\DataModel\\Entity\\EntityIdValue", inner)
        case Text(text):
            return _object("DataValues\\StringValue", text)
        case Time():
            return _object("DataValues\\TimeValue", _time(value))
        case Quantity():
            return _quantity(value)
        case Monolingual(language, text):
            return _object(
                "DataValues\\MonolingualTextValue",
                f"a:2:{{i:0;{_string(language)}i:1;{_string(text)}}}",
            )
        case Coordinate():
            return _object("DataValues\\Geo\\Values\\GlobeCoordinateValue", _coordinate(value))
        case Unknown(kind, data):
            # Not as Wikibase does, but stable.
            return _object(kind, json.dumps(data, sort_keys=True))


def php_float(number: float, *, digits: int) -> str:
    """Write a number as PHP prints a float with at most `digits` digits (`%.14G`).

    Equal numbers are written alike: -0.0 is 0.
    """
    text = f"{number + 0.0:.{digits}G}"
    if "E" in text:
        mantissa, _, exponent = text.partition("E")
        mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
        return f"{mantissa}E{int(exponent):+d}"
    return text


def _time(value: Time) -> str:
    members = [
        value.time,
        value.timezone,
        value.before,
        value.after,
        value.precision,
        value.calendar,
    ]
    return json.dumps(members, separators=(",", ":")).replace("/", "\\/")


def _quantity(value: Quantity) -> str:
    if value.upper is None or value.lower is None:
        return _object(
            "DataValues\\UnboundedQuantityValue",
            f"a:2:{{i:0;{_decimal(value.amount)}i:1;{_string(value.unit)}}}",
        )
    return _object(
        "DataValues\\QuantityValue",
        f"a:4:{{i:0;{_decimal(value.amount)}i:1;{_string(value.unit)}"
        f"i:2;{_decimal(value.upper)}i:3;{_decimal(value.lower)}}}",
    )


def _coordinate(value: Coordinate) -> str:
    members = [value.latitude, value.longitude, None, value.precision]
    numbers = ",".join("null" if m is None else _json_number(m) for m in members)
    globe = json.dumps(value.globe).replace("/", "\\/")
    return f"[{numbers},{globe}]"


def _json_number(number: float) -> str:
    """Write a float as PHP does in JSON: the fewest digits, and no `.0`."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    text = repr(float(number))
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
        return f"{mantissa}e{int(exponent):+d}"
    return text


def _object(name: str, data: str) -> str:
    return f'C:{len(name)}:"{name}":{len(_utf8(data))}:{{{data}}}'


def _string(text: str) -> str:
    return f's:{len(_utf8(text))}:"{text}";'


def _utf8(text: str) -> bytes:
    """Encode a text, even with a single surrogate, which JSON can contain."""
    return text.encode("utf-8", "surrogatepass")


def _decimal(amount: str) -> str:
    return _object("DataValues\\DecimalValue", _string(amount))
