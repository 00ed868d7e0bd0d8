"""What a module may be asked, and how the words of a request become values."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.errors import ApiError, bad_value, missing_param
from wbskills.wikibase.server.api.messages import Json

LOW, HIGH = 50, 500  # values of one parameter, without and with the right apihighlimits

Type = Literal[
    "string", "text", "integer", "boolean", "limit", "password", "user", "language", "timestamp",
    "namespace",
]  # fmt: skip

_SEPARATOR: Final = "\x1f"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNCLEAN: Final = (
    'The value passed for "{}" contains invalid or non-normalized data. Textual data should be'
    " valid, NFC-normalized Unicode without C0 control characters other than HT (\\t), LF (\\n),"
    " and CR (\\r)."
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `choices` are all that it may be; `multi` means several, with `|` between.

    `most` is the highest number of a limit without apihighlimits, `least` the lowest.
    """

    name: str
    type: Type = "string"
    required: bool = False
    multi: bool = False
    default: str | int | None = None
    choices: tuple[str, ...] | None = None
    least: int = 0
    most: int = LOW
    token: str = ""
    sensitive: bool = False
    duplicates: bool = False

    def allowed(self) -> Iterable[str] | None:
        """Give all values that are allowed, or None if everything is."""
        return languages.of_terms() if self.type == "language" else self.choices

    def to_json(self, index: int, *, high: bool) -> Json:
        """Describe the parameter as `paraminfo` does, with true booleans."""
        allowed = None if self.type == "namespace" else self.allowed()
        found: Json = {
            "index": index,
            "name": self.name,
            "type": sorted(allowed) if allowed is not None else self.type,
            "required": self.required,
            "multi": self.multi,
        }
        if self.multi:
            found |= {"lowlimit": LOW, "highlimit": HIGH, "limit": HIGH if high else LOW}
        if self.default is not None:
            found["default"] = self.default
        if self.duplicates:
            found["allowsduplicates"] = True
        if self.token or self.sensitive:
            found["sensitive"] = True
        if self.token:
            found["tokentype"] = self.token
        if self.type == "limit":
            found |= {"min": self.least, "max": self.most, "highmax": self.most * 10}
        return found


class Words:
    """The parameters of one request as they came, each cleaned once and noted when used."""

    def __init__(self, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        self.query, self.form = query, form
        self._used: set[str] = set()

    def take(self, name: str, warnings: list[str]) -> str | None:
        """Give a parameter as NFC text without control characters; None if it is not there."""
        self._used.add(name)
        found = self.form.get(name)
        if found is None:
            found = self.query.get(name)
        if found is None:
            return None
        if found.isascii() and not _CONTROL.search(found):
            return found
        clean = _cleaned(found)
        if clean != found:
            warnings.append(_UNCLEAN.format(name))
        return clean

    def unused(self) -> list[str]:
        """List the parameters that nobody asked for."""
        names = dict.fromkeys([*self.query, *self.form])
        return [name for name in names if name not in self._used]


def _cleaned(text: str) -> str:
    # At its beginning, U+001F says that it stands between the values in the place of “|”.
    if text.startswith(_SEPARATOR):
        return _SEPARATOR + _SEPARATOR.join(map(_cleaned, text[1:].split(_SEPARATOR)))
    return _CONTROL.sub("\ufffd", unicodedata.normalize("NFC", _whole(text)))


def _whole(text: str) -> str:
    """Replace halves of surrogate pairs, which are no characters."""
    return text.encode("utf-8", "replace").decode("utf-8") if not _encodes(text) else text


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read(
    parameters: Iterable[Parameter], words: Words, *, prefix: str, high: bool
) -> tuple[Json, list[str], Json]:
    """Read the parameters of a module: values by name, warnings, and limits that were `max`.

    A parameter that is not there has its default, or None; a boolean is true if it is there.
    Raises `ApiError` for a value that is not allowed.
    """
    values: Json = {}
    warnings: list[str] = []
    limits: Json = {}
    for parameter in parameters:
        name = prefix + parameter.name
        text = words.take(name, warnings)
        if parameter.type == "boolean":
            values[parameter.name] = text is not None
            continue
        if text is None or (text == "" and parameter.required and parameter.type != "text"):
            if parameter.required:
                raise missing_param(name)
            default = parameter.default
            if parameter.multi and isinstance(default, str):
                values[parameter.name] = _split(default)
            else:
                values[parameter.name] = default
            continue
        values[parameter.name] = _value(parameter, name, text, warnings, limits, high=high)
    return values, warnings, limits


def _value(
    parameter: Parameter,
    name: str,
    text: str,
    warnings: list[str],
    limits: Json,
    *,
    high: bool,
) -> Any:  # noqa: ANN401 - by the type of the parameter
    if parameter.multi:
        return _several(parameter, name, text, warnings, high=high)
    if parameter.type == "integer":
        return _integer(name, text)
    if parameter.type == "timestamp":
        return _timestamp(name, text)
    if parameter.type == "limit":
        return _limit(parameter, name, text, warnings, limits, high=high)
    allowed = parameter.allowed()
    if allowed is not None and text not in allowed:
        if text == "" and not parameter.required:
            return parameter.default
        raise bad_value(name, text)
    return text


def _several(
    parameter: Parameter, name: str, text: str, warnings: list[str], *, high: bool
) -> list[str]:
    found = _split(text)
    most = HIGH if high else LOW
    if len(found) > most:
        raise ApiError(
            "toomanyvalues",
            f'Too many values supplied for parameter "{name}". The limit is {most}.',
            data={"limit": most, "lowlimit": LOW, "highlimit": HIGH},
        )
    allowed = parameter.allowed()
    if allowed is None or parameter.name == "tags":  # unknown tags have an error of their own
        return found
    if found == ["*"]:
        return list(allowed)
    known = [value for value in found if value in allowed]
    if len(known) < len(found):
        others = [value for value in found if value not in allowed]
        noun = "value" if len(others) == 1 else "values"
        warnings.append(f'Unrecognized {noun} for parameter "{name}": {", ".join(others)}.')
    return known


def _split(text: str) -> list[str]:
    if not text:
        return []
    if text.startswith(_SEPARATOR):
        return text[1:].split(_SEPARATOR)
    return text.split("|")


def _integer(name: str, text: str) -> int:
    stripped = text.strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", stripped, re.ASCII):
        raise ApiError("badinteger", f'Invalid value "{text}" for integer parameter "{name}".')
    return int(stripped)


def _timestamp(name: str, text: str) -> str:
    """Read a time, `2026-03-04T05:06:07Z`, its digits alone, or seconds since 1970."""
    found = text.strip()
    try:
        if re.fullmatch(r"[0-9]{14}", found, re.ASCII):
            time = datetime.strptime(found, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        elif re.fullmatch(r"[0-9]{1,11}", found, re.ASCII):
            time = datetime.fromtimestamp(int(found), UTC)
        else:
            read = datetime.fromisoformat(found)
            time = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise ApiError(
            "badtimestamp", f'Invalid value "{text}" for timestamp parameter "{name}".'
        ) from None
    return f"{time:%Y-%m-%dT%H:%M:%SZ}".zfill(20)  # a year before 1000 may have fewer digits


def _limit(
    parameter: Parameter,
    name: str,
    text: str,
    warnings: list[str],
    limits: Json,
    *,
    high: bool,
) -> int:
    most = parameter.most * 10 if high else parameter.most
    if text == "max":
        limits[""] = most
        return most
    number = _integer(name, text)
    if not parameter.least <= number <= most:
        warnings.append(
            f'The value "{text}" for parameter "{name}" must be between {parameter.least}'
            f" and {most}."
        )
        return min(max(number, parameter.least), most)
    return number
