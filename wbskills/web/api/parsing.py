"""wbparsevalue: what people type, made into values."""

import re
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Final

from wbskills.model.values import (
    DAY,
    GREGORIAN,
    JULIAN,
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Value,
)
from wbskills.model.wire import value_to_json
from wbskills.web.api.call import Call, Module
from wbskills.web.api.display import MONTHS
from wbskills.web.api.errors import ApiError, refused
from wbskills.web.api.messages import Json, Message
from wbskills.web.api.parameters import Parameter
from wbskills.web.api.rules import DATATYPES, Rules
from wbskills.web.api.statements import read_json
from wbskills.web.api.values import Corrupt, decimal, entity_id

_YEAR, _DECADE, _MONTH = 9, 8, 10
_LONGEST: Final = 500
_PARSERS: Final = (
    "commonsMedia", "entity-schema", "external-id", "geo-shape", "globe-coordinate",
    "globecoordinate", "monolingualtext", "null", "quantity", "string", "tabular-data", "time",
    "url", "wikibase-entityid", "wikibase-item", "wikibase-property",
)  # fmt: skip

_BCE: Final = re.compile(r"\s*(?:B\.?C\.?E?\.?)$", re.IGNORECASE)
_ISO: Final = re.compile(r"([-+]?\d{1,16})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T00:00:00Z)?", re.ASCII)
_LONG: Final = re.compile(r"(?:(\d{1,2})\.?\s+)?([^\W\d]+)\.?,?\s+(\d{1,16})")
_AMERICAN: Final = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2}),?\s+(\d{1,16})")
_NUMERIC: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{1,16})", re.ASCII)
_DECADES: Final = re.compile(r"(\d{1,15}0)s", re.ASCII)
_AMOUNT: Final = re.compile(r"([-+]?[\d,]*\.?\d+)\s*(?:(?:±|\+-|\+/-)\s*([\d,]*\.?\d+))?(!?)")
_ANGLE: Final = re.compile(
    r"([-+]?\d+(?:\.\d+)?)\s*°?\s*(?:(\d+(?:\.\d+)?)\s*['′]\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:\"|″|'')\s*)?([NSEW]?)",
    re.IGNORECASE,
)


class Unreadable(Exception):
    """A text that no value can be made of; named by what was expected."""


def time(text: str) -> Time:
    """Read a date.

    >>> time("15 March 44 BC").time
    '-0044-03-15T00:00:00Z'
    """
    stripped = text.strip()
    rest = _BCE.sub("", stripped)
    before_christ = rest != stripped
    year, month, day, precision = _parts(rest)
    if month > 12 or day > 31:
        raise Unreadable("time")
    sign = "-" if before_christ or year < 0 else "+"
    old = sign == "-" or abs(year) < 1583
    calendar = JULIAN if old and precision >= _MONTH else GREGORIAN
    if old and precision == _YEAR:
        calendar = JULIAN
    return Time(f"{sign}{abs(year):04}-{month:02}-{day:02}T00:00:00Z", precision, calendar)


def _parts(text: str) -> tuple[int, int, int, int]:
    """Give year, month and day of a date, and how precise it is."""
    if found := _DECADES.fullmatch(text):
        return int(found[1]), 0, 0, _DECADE
    if found := _ISO.fullmatch(text):
        month, day = int(found[2] or 0), int(found[3] or 0)
        return int(found[1]), month, day, DAY if day else _MONTH if month else _YEAR
    if found := _NUMERIC.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1]), DAY
    if found := _LONG.fullmatch(text):
        day = int(found[1] or 0)
        return int(found[3]), _month(found[2]), day, DAY if day else _MONTH
    if found := _AMERICAN.fullmatch(text):
        return int(found[3]), _month(found[1]), int(found[2]), DAY
    raise Unreadable("time")


def _month(name: str) -> int:
    for number, month in enumerate(MONTHS, 1):
        if len(name) >= 3 and month.casefold().startswith(name.casefold()):
            return number
    raise Unreadable("time")


def quantity(text: str) -> Quantity:
    """Read a number, with an uncertainty if there is one.

    >>> quantity("5.5+-0.05").upper
    '+5.55'
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise Unreadable("quantity")
    try:
        amount = decimal(found[1].replace(",", ""))
        if found[2] is None:
            return Quantity(amount)
        margin = Decimal(found[2].replace(",", ""))
        with localcontext(prec=2 * _LONGEST):  # all digits count
            upper, lower = Decimal(amount) + margin, Decimal(amount) - margin
        return Quantity(amount, "1", decimal(f"{upper:+f}"), decimal(f"{lower:+f}"))
    except Corrupt:
        raise Unreadable("quantity") from None


def coordinate(text: str) -> Coordinate:
    """Read a place on Earth.

    >>> coordinate("52°30'N 13°15'E").longitude
    13.25
    """
    first, second = _angles(text.strip())
    latitude, north_precision = _angle(first)
    longitude, east_precision = _angle(second)
    if first[4].upper() in "EW" and first[4]:
        latitude, longitude = longitude, latitude
    if abs(latitude) > 360 or abs(longitude) > 360:
        raise Unreadable("globe-coordinate")
    return Coordinate(latitude, longitude, min(north_precision, east_precision))


def _angles(text: str) -> tuple[re.Match[str], re.Match[str]]:
    first = _ANGLE.match(text)
    if first is None:
        raise Unreadable("globe-coordinate")
    second = _ANGLE.fullmatch(text[first.end() :].lstrip(" ,"))
    if second is None:
        raise Unreadable("globe-coordinate")
    return first, second


def _angle(found: re.Match[str]) -> tuple[float, float]:
    degrees, minutes, seconds, letter = found.groups()
    number = abs(float(degrees)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    if letter.upper() in ("S", "W") or degrees.startswith("-"):
        number = -number
    last, scale = (seconds, 3600) if seconds else (minutes, 60) if minutes else (degrees, 1)
    digits = len(last.partition(".")[2])
    return number, 10**-digits / scale


def entity(text: str) -> EntityRef:
    """Read the id of an entity."""
    found = entity_id(text.strip())
    if found is None:
        raise Unreadable("entity-id")
    return EntityRef(found)


def plain(text: str) -> Text:
    """Read a text."""
    return Text(" ".join(text.split()))


_READERS: Final[dict[str, Callable[[str], Value]]] = {
    "time": time,
    "quantity": quantity,
    "globe-coordinate": coordinate,
    "globecoordinate": coordinate,
    "wikibase-item": entity,
    "wikibase-property": entity,
    "wikibase-entityid": entity,
}


def _parse_value(call: Call) -> Json:
    datatype = call.values["datatype"] or call.values["parser"]
    if datatype is None and call.values["property"] is not None:
        datatype = Rules(call.site, call.settings).datatype(
            entity_id(call.values["property"]) or ""
        )
    if datatype is None:
        raise refused("param-illegal", "One of datatype, property and parser is needed")
    options = read_json(call.values["options"] or "{}", refused("invalid-json"))
    language = options.get("lang") if isinstance(options, dict) else None
    results: list[Json] = []
    failures: list[Json] = []
    for text in call.values["values"]:
        try:
            value = _value(text, datatype, language if isinstance(language, str) else None)
            results.append(_result(call, text, value, datatype))
        except Unreadable as error:
            results.append(_failure(call, text, datatype, str(error)))
            name = results[-1]["messages"][0]["name"]
            failures.append({"code": name, "info": Message(name).plain})
    if failures:
        return {"error": failures[0], "results": results}
    return {"results": results}


def _value(text: str, datatype: str, language: str | None) -> Value:
    if len(text) > _LONGEST:
        raise Unreadable(datatype)
    if datatype == "monolingualtext":
        if language is None:
            raise Unreadable(datatype)
        return Monolingual(language, " ".join(text.split()))
    return _READERS.get(datatype, plain)(text)


def _result(call: Call, text: str, value: Value, datatype: str) -> Json:
    found = {"raw": text, **value_to_json(value)}
    if call.values["validate"]:
        try:
            Rules(call.site, call.settings).value(value, datatype)
        except ApiError as error:
            found["error"] = "ValidationError"
            found["error-info"] = error.text
            found["messages"] = [message.to_json(call.version) for message in error.messages]
            call.mark(found, valid=False)
        else:
            call.mark(found, valid=True)
    return found


def _failure(call: Call, text: str, datatype: str, kind: str) -> Json:
    name = f"wikibase-parse-error-{'coordinate' if kind.startswith('globe') else kind}"
    if kind not in ("time", "quantity", "globe-coordinate", "entity-id"):
        name = "wikibase-parse-error"
    return {
        "raw": text,
        "error": "ValueParsers\\ParseException",
        "error-info": "The value is not recognized by the configured parsers",
        "expected-format": datatype,
        "messages": [Message(name).to_json(call.version)],
    }


PARSE_VALUE = Module(
    "wbparsevalue",
    _parse_value,
    (
        Parameter("datatype", choices=tuple(sorted(DATATYPES, key=str.casefold))),
        Parameter("property"),
        Parameter("parser", choices=_PARSERS),
        Parameter("values", required=True, multi=True),
        Parameter("options", "text"),
        Parameter("validate", "boolean"),
    ),
)
