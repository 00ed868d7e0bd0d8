"""wbparsevalue: what people type, made into values."""

import re
from typing import Final
from unicodedata import normalize

from wbskills.wikibase.model.values import Coordinate, EntityRef, Monolingual, Text, Value
from wbskills.wikibase.model.wire import value_to_json
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.errors import ApiError, refused
from wbskills.wikibase.server.api.messages import Json, Message
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.parse_quantity import parse_quantity
from wbskills.wikibase.server.api.parse_time import parse_time
from wbskills.wikibase.server.api.rules import DATATYPES, Rules
from wbskills.wikibase.server.api.statements import read_json
from wbskills.wikibase.server.api.values import Unparsable, entity_id

_LONGEST: Final = 500
_PARSERS: Final = (
    "commonsMedia", "entity-schema", "external-id", "geo-shape", "globe-coordinate",
    "globecoordinate", "monolingualtext", "null", "quantity", "string", "tabular-data", "time",
    "url", "wikibase-entityid", "wikibase-item", "wikibase-property",
)  # fmt: skip

# As Wikibase's StringNormalizer has it: Unicode's separators around, control characters within.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_BLANKS: Final = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BLANKS_AROUND: Final = re.compile(rf"^[{_BLANKS}]+|[{_BLANKS}]+$")
_ANGLE: Final = re.compile(
    r"([-+]?\d+(?:\.\d+)?)\s*°?\s*(?:(\d+(?:\.\d+)?)\s*['′]\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:\"|″|'')\s*)?([NSEW]?)",
    re.IGNORECASE,
)


def coordinate(text: str, precision: float | None = None) -> Coordinate:
    """Read a place on Earth; without `precision`, it is that of the last digit.

    >>> coordinate("52°30'N 13°15'E").longitude
    13.25
    """
    first, second = _angles(text.strip())
    latitude, north_precision = _angle(first)
    longitude, east_precision = _angle(second)
    if first[4].upper() in "EW" and first[4]:
        latitude, longitude = longitude, latitude
    if abs(latitude) > 360 or abs(longitude) > 360:
        raise Unparsable("globe-coordinate")
    found = min(north_precision, east_precision)
    return Coordinate(latitude, longitude, found if precision is None else precision)


def _angles(text: str) -> tuple[re.Match[str], re.Match[str]]:
    first = _ANGLE.match(text)
    if first is None:
        raise Unparsable("globe-coordinate")
    second = _ANGLE.fullmatch(text[first.end() :].lstrip(" ,"))
    if second is None:
        raise Unparsable("globe-coordinate")
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
        raise Unparsable("entity-id")
    return EntityRef(found)


def plain(text: str) -> Text:
    """Read a text: nothing goes but control characters, and blanks around it."""
    return Text(normalize("NFC", _BLANKS_AROUND.sub("", _CONTROL.sub(" ", text))))


def _parse_value(call: Call) -> Json:
    datatype = call.values["datatype"] or call.values["parser"]
    if datatype is None and call.values["property"] is not None:
        datatype = Rules(call.site, call.settings).datatype(
            entity_id(call.values["property"]) or ""
        )
    if datatype is None:
        raise refused("param-illegal", "One of datatype, property and parser is needed")
    options = {"lang": call.language}
    if call.values["options"]:
        malformed = ApiError("malformed-options", "Malformed options parameter")
        told = read_json(call.values["options"], malformed)
        if not isinstance(told, dict):
            raise malformed
        options |= told
    results: list[Json] = []
    failures: list[Json] = []
    for text in call.values["values"]:
        try:
            value = _value(text, datatype, options)
            results.append(_result(call, text, value, datatype))
        except Unparsable as error:
            results.append(_failure(call, text, datatype, str(error)))
            name = results[-1]["messages"][0]["name"]
            failures.append({"code": name, "info": Message(name).plain})
    if failures:
        return {"error": failures[0], "results": results}
    return {"results": results}


def _value(text: str, datatype: str, options: Json) -> Value:
    if len(text) > _LONGEST:
        raise Unparsable(datatype)
    language = _text(options, "lang", datatype) or "en"
    match datatype:
        case "time":
            return parse_time(
                text,
                language,
                precision=_whole(options, "precision", datatype),
                calendar=_text(options, "calendar", datatype),
            )
        case "quantity":
            return parse_quantity(text, language, _text(options, "unit", datatype).strip() or None)
        case "globe-coordinate" | "globecoordinate":
            return coordinate(text, _number(options, "precision", datatype))
        case "monolingualtext":
            code = _text(options, "valuelang", datatype).strip()
            if not code:
                raise Unparsable(datatype)
            return Monolingual(code, text.strip())
        case "wikibase-item" | "wikibase-property" | "wikibase-entityid":
            return entity(text)
    return plain(text)


def _text(options: Json, name: str, datatype: str) -> str:
    found = options.get(name) or ""
    if not isinstance(found, str):
        raise Unparsable(datatype)
    return found


def _number(options: Json, name: str, datatype: str) -> float | None:
    found = options.get(name)
    try:
        return None if found is None else float(found)
    except (TypeError, ValueError):
        raise Unparsable(datatype) from None


def _whole(options: Json, name: str, datatype: str) -> int | None:
    number = _number(options, name, datatype)
    if number is None:
        return None
    if number != number // 1:
        raise Unparsable(datatype)
    return int(number)


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
