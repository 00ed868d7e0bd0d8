"""wbparsevalue: parses values that people type."""

import re
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Final
from unicodedata import normalize

from wbskills.wikibase.model.values import (
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Value,
)
from wbskills.wikibase.model.wire import value_to_json
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import (
    InvalidDataValue,
    parse_entity_id,
    read_decimal,
    read_json,
)
from wbskills.wikibase.server.api.errors import (
    ApiError,
    Json,
    Message,
    api_error,
    wikibase_error,
)
from wbskills.wikibase.server.api.languages import separators
from wbskills.wikibase.server.api.time_parser import ParseError, parse_time
from wbskills.wikibase.server.api.validators import Validators

_MAX_LENGTH: Final = 500

# As in Wikibase's StringNormalizer.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_SPACES: Final = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SPACES_AROUND: Final = re.compile(rf"^[{_SPACES}]+|[{_SPACES}]+$")
_ANGLE: Final = re.compile(
    r"([-+]?\d+(?:\.\d+)?)\s*°?\s*(?:(\d+(?:\.\d+)?)\s*['′]\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:\"|″|'')\s*)?([NSEW]?)",
    re.IGNORECASE,
)
_DECIMAL_DIGITS: Final = 300  # enough for a sum of two amounts, of at most 127 digits each
_PLUS_MINUS: Final = str.maketrans("−➖➕", "--+")
_EXPONENT: Final = re.compile(r"(.*)(?:[eE]|x10\^)([-+]?\d+)", re.DOTALL)
_MAX_EXPONENT: Final = 200


def parse_value(call: Call) -> Json:
    """Parse texts as values of a datatype."""
    datatype = Validators(call.site, call.settings).requested_datatype(call.values)
    if datatype is None:
        raise wikibase_error("param-illegal", "One of datatype, property and parser is needed")
    options = {"lang": call.language}
    if call.values["options"]:
        malformed = api_error("malformed-options")
        given = read_json(call.values["options"], malformed)
        if not isinstance(given, dict):
            raise malformed
        options |= given
    results: list[Json] = []
    failures: list[Json] = []
    for text in call.values["values"]:
        try:
            value = _parse(text, datatype, options)
            results.append(_result(call, text, value, datatype))
        except ParseError as error:
            results.append(_failure(call, text, datatype, str(error)))
            name = results[-1]["messages"][0]["name"]
            failures.append({"code": name, "info": Message(name).plain})
    return {"error": failures[0], "results": results} if failures else {"results": results}


def parse_coordinate(text: str, precision: float | None = None) -> Coordinate:
    """Parse a place on Earth; without `precision`, it is that of the last digit.

    >>> parse_coordinate("52°30'N 13°15'E").longitude
    13.25

    Raises `ParseError`.
    """
    text = text.strip()
    first = _ANGLE.match(text)
    second = first and _ANGLE.fullmatch(text[first.end() :].lstrip(" ,"))
    if first is None or second is None:
        raise ParseError("globe-coordinate")
    latitude, latitude_precision = _angle(first)
    longitude, longitude_precision = _angle(second)
    if first[4].upper() in ("E", "W"):
        latitude, longitude = longitude, latitude
    if abs(latitude) > 360 or abs(longitude) > 360:
        raise ParseError("globe-coordinate")
    found = min(latitude_precision, longitude_precision)
    return Coordinate(latitude, longitude, found if precision is None else precision)


def parse_quantity(text: str, language: str = "en", unit: str | None = None) -> Quantity:
    """Parse a number in the notation of a language, by the rules of DataValues' QuantityParser.

    Accepts `1e3` and `1x10^3`, a margin after ±, +- or +/-, `!` for an exact number and `~` for
    a margin of half a unit of the last digit.

    >>> parse_quantity("1.90e-9+-0.20e-9").upper
    '+0.00000000210'
    >>> parse_quantity("1.234,5", "de").amount
    '+1234.5'

    Raises `ParseError`.
    """
    found = _quantity_pattern(language).fullmatch(text)
    if found is None:
        raise ParseError("quantity")
    amount_text, mark, margin_text = found.groups()
    try:
        with localcontext(prec=_DECIMAL_DIGITS):
            amount = _parse_number(amount_text, language)
            if margin_text is not None:
                margin = abs(_parse_number(margin_text, language))
            elif mark == "~":
                margin = _half_a_unit(amount)
            else:
                margin = Decimal(0)
            bounds = [amount + margin, amount - margin] if mark or margin_text is not None else []
            if mark == "~":
                bounds = [bound.normalize() for bound in bounds]
            amounts = [read_decimal(f"{number:+f}") for number in (amount, *bounds)]
            return Quantity(amounts[0], unit or "1", *amounts[1:])
    except (InvalidDataValue, ArithmeticError):
        raise ParseError("quantity") from None


def normalize_text(text: str) -> str:
    """Return a text as NFC, without control characters and without spaces around it."""
    return normalize("NFC", _SPACES_AROUND.sub("", _CONTROL.sub(" ", text)))


def _parse(text: str, datatype: str, options: Json) -> Value:
    if len(text) > _MAX_LENGTH:
        raise ParseError(datatype)
    language = _text_option(options, "lang", datatype) or "en"
    match datatype:
        case "time":
            precision = _number_option(options, "precision", datatype)
            if precision is not None and precision != precision // 1:
                raise ParseError(datatype)
            return parse_time(
                text,
                language,
                precision=None if precision is None else int(precision),
                calendar=_text_option(options, "calendar", datatype),
            )
        case "quantity":
            unit = _text_option(options, "unit", datatype).strip()
            return parse_quantity(text, language, unit or None)
        case "globe-coordinate" | "globecoordinate":
            return parse_coordinate(text, _number_option(options, "precision", datatype))
        case "monolingualtext":
            code = _text_option(options, "valuelang", datatype).strip()
            if not code:
                raise ParseError(datatype)
            return Monolingual(code, text.strip())
        case "wikibase-item" | "wikibase-property" | "wikibase-entityid":
            entity_id = parse_entity_id(text.strip())
            if entity_id is None:
                raise ParseError("entity-id")
            return EntityRef(entity_id)
    return Text(normalize_text(text))


def _text_option(options: Json, name: str, datatype: str) -> str:
    found = options.get(name) or ""
    if not isinstance(found, str):
        raise ParseError(datatype)
    return found


def _number_option(options: Json, name: str, datatype: str) -> float | None:
    found = options.get(name)
    try:
        return None if found is None else float(found)
    except (TypeError, ValueError):
        raise ParseError(datatype) from None


def _result(call: Call, text: str, value: Value, datatype: str) -> Json:
    found = {"raw": text, **value_to_json(value)}
    if call.values["validate"]:
        try:
            Validators(call.site, call.settings).value(value, datatype)
        except ApiError as error:
            found["error"] = "ValidationError"
            found["error-info"] = error.text
            found["messages"] = [message.to_json(call.version) for message in error.messages]
            call.set_flags(found, valid=False)
        else:
            call.set_flags(found, valid=True)
    return found


def _failure(call: Call, text: str, datatype: str, expected: str) -> Json:
    name = "wikibase-parse-error"
    if expected == "globe-coordinate":
        name += "-coordinate"
    elif expected in ("time", "quantity", "entity-id"):
        name += f"-{expected}"
    return {
        "raw": text,
        "error": "ValueParsers\\ParseException",
        "error-info": "The value is not recognized by the configured parsers",
        "expected-format": datatype,
        "messages": [Message(name).to_json(call.version)],
    }


def _angle(found: re.Match[str]) -> tuple[float, float]:
    """Return an angle in degrees, and its precision."""
    degrees, minutes, seconds, letter = found.groups()
    number = abs(float(degrees)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    if letter.upper() in ("S", "W") or degrees.startswith("-"):
        number = -number
    last, scale = (seconds, 3600) if seconds else (minutes, 60) if minutes else (degrees, 1)
    digits = len(last.partition(".")[2])
    return number, 10**-digits / scale


@lru_cache(64)
def _quantity_pattern(language: str) -> re.Pattern[str]:
    signs = ",." + "".join(separators(language))
    blank = " \u00a0\u202f" if any(sign.isspace() for sign in signs) else ""
    number = rf"[-−+]?[\d{re.escape(signs)}{blank}]+(?:(?:[eE]|x10\^)[-+]?\d+)?"
    return re.compile(rf"\s*({number})\s*(?:([~!])|(?:\+/?-|±)\s*({number}))?\s*")


def _parse_number(text: str, language: str) -> Decimal:
    """Parse a number; keeps its digits, so 5.50 stays 5.50."""
    split = _EXPONENT.fullmatch(text)
    digits, exponent = (split[1], int(split[2])) if split else (text, 0)
    whole, *fraction = digits.translate(_PLUS_MINUS).split(separators(language)[1])
    plain = ".".join(re.sub(r"[^-+\d]", "", part) for part in (whole, *fraction))
    if abs(exponent) > _MAX_EXPONENT or len(fraction) > 1 or not re.search(r"\d", plain):
        raise ParseError("quantity")
    return Decimal(plain).scaleb(exponent)


def _half_a_unit(amount: Decimal) -> Decimal:
    """Return half a unit of the last digit: 0.5 of 10, 0.05 of 1.4."""
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - the pattern lets no infinity through
    return Decimal((0, (5,), exponent - 1))
