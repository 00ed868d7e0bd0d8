"""The modules of the API and their parameters (`modules.toml`), and the values in a request."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.errors import Json, Message, api_error
from wbskills.wikibase.server.api.titles import NAMESPACES

LOW, HIGH = 50, 500  # values of one parameter, without and with the right apihighlimits

Type = Literal[
    "string", "text", "integer", "boolean", "limit", "password", "user", "language", "timestamp",
    "namespace", "submodule",
]  # fmt: skip

_SEPARATOR: Final = "\x1f"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_TABLE: Final[dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("modules.toml").read_text(encoding="utf-8")
)
_SHARED: Final = _TABLE.pop("shared")
_NAMESPACES: Final = tuple(str(number) for number in NAMESPACES if number >= 0)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a module, as paraminfo describes it.

    `multi` allows several values with `|` between them, `choices` are the values allowed.
    `least` and `most` bound a limit; with apihighlimits it may be ten times as high. `token` is
    the kind of token expected. `sensitive` parameters must not stand in the URL.
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
        """Return the values allowed; None allows all."""
        return languages.term_languages() if self.type == "language" else self.choices

    def to_json(self, index: int, *, high: bool) -> Json:
        """Describe the parameter for paraminfo, with booleans as true and false."""
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


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the API.

    `group` is `action`, or the part of action=query that the module belongs to: `meta`, `prop`
    or `list`. `secret` are names read beside the parameters that must not stand in the URL. The
    pages found by a module that `generates` can be used with generator=.
    """

    name: str
    group: str
    parameters: tuple[Parameter, ...] = ()
    prefix: str = ""
    writes: bool = False
    secret: tuple[str, ...] = ()
    generates: bool = False

    @property
    def path(self) -> str:
        """The name by which paraminfo knows this module."""
        return self.name if self.group in ("action", "") else f"query+{self.name}"

    @property
    def token(self) -> str:
        """The kind of token that the module needs, or an empty text."""
        return next((parameter.token for parameter in self.parameters if parameter.token), "")

    @property
    def posted(self) -> bool:
        """Whether the module has to be called by POST."""
        return any(parameter.token or parameter.sensitive for parameter in self.parameters)


class RequestParameters:
    """The parameters of one request as received; records which were used."""

    def __init__(self, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        self.query, self.form = query, form
        self._used: set[str] = set()

    def get(self, name: str, warnings: list[str] | None = None) -> str | None:
        """Return a parameter as NFC text without control characters; None if it is missing.

        Adds a warning if the value had to be changed.
        """
        self._used.add(name)
        found = self.form.get(name, self.query.get(name))
        if found is None or (found.isascii() and not _CONTROL.search(found)):
            return found
        clean = _cleaned(found)
        if clean != found and warnings is not None:
            warnings.append(Message("apiwarn-badutf8", (name,)).wikitext)
        return clean

    def unused(self) -> list[str]:
        """List the parameters that were not read."""
        names = dict.fromkeys([*self.query, *self.form])
        return [name for name in names if name not in self._used]


@dataclass(slots=True)
class ParameterReader:
    """Reads the values of declared parameters; collects warnings, and limits given as `max`."""

    request: RequestParameters
    high: bool
    prefix: str = ""
    warnings: list[str] = field(default_factory=list)
    limit: int | None = None

    def read(self, parameters: Iterable[Parameter]) -> Json:
        """Return the values by name: the default or None if missing; flags are true if present.

        Raises `ApiError` for a missing parameter or a value that is not allowed.
        """
        return {parameter.name: self._read(parameter) for parameter in parameters}

    def _read(self, parameter: Parameter) -> Any:  # noqa: ANN401 - depends on the type
        name = self.prefix + parameter.name
        text = self.request.get(name, self.warnings)
        if parameter.type == "boolean":
            return text is not None
        if text is None or (text == "" and parameter.required and parameter.type != "text"):
            if parameter.required:
                raise api_error("missingparam", name)
            default = parameter.default
            return _split(default) if parameter.multi and isinstance(default, str) else default
        if parameter.multi:
            return self._multiple(parameter, name, text)
        if parameter.type == "integer":
            return _integer(name, text)
        if parameter.type == "timestamp":
            return _timestamp(name, text)
        if parameter.type == "limit":
            return self._limit(parameter, name, text)
        allowed = parameter.allowed()
        if allowed is not None and text not in allowed:
            if text == "" and not parameter.required:
                return parameter.default
            raise api_error("badvalue", name, text)
        return text

    def _multiple(self, parameter: Parameter, name: str, text: str) -> list[str]:
        found = _split(text)
        most = HIGH if self.high else LOW
        if len(found) > most:
            limits = {"limit": most, "lowlimit": LOW, "highlimit": HIGH}
            raise api_error("toomanyvalues", name, most, data=limits)
        allowed = parameter.allowed()
        if allowed is None or parameter.name == "tags":  # unknown tags have their own error
            return found
        if found == ["*"]:
            return list(allowed)
        known = [value for value in found if value in allowed]
        if len(known) < len(found):
            unknown = [value for value in found if value not in allowed]
            noun = "value" if len(unknown) == 1 else "values"
            self.warnings.append(
                f'Unrecognized {noun} for parameter "{name}": {", ".join(unknown)}.'
            )
        return known

    def _limit(self, parameter: Parameter, name: str, text: str) -> int:
        most = parameter.most * 10 if self.high else parameter.most
        if text == "max":
            self.limit = most
            return most
        number = _integer(name, text)
        if parameter.least <= number <= most:
            return number
        self.warnings.append(
            f'The value "{text}" for parameter "{name}" must be between {parameter.least}'
            f" and {most}."
        )
        return min(max(number, parameter.least), most)


def _cleaned(text: str) -> str:
    if text.startswith(_SEPARATOR):  # separates the values instead of “|”
        return _SEPARATOR + _SEPARATOR.join(map(_cleaned, text[1:].split(_SEPARATOR)))
    whole = text.encode("utf-8", "replace").decode()  # without halves of surrogate pairs
    return _CONTROL.sub("\ufffd", unicodedata.normalize("NFC", whole))


def _split(text: str) -> list[str]:
    if not text:
        return []
    if text.startswith(_SEPARATOR):
        return text[1:].split(_SEPARATOR)
    return text.split("|")


def _integer(name: str, text: str) -> int:
    stripped = text.strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", stripped, re.ASCII):
        raise api_error("badinteger", text, name)
    return int(stripped)


def _timestamp(name: str, text: str) -> str:
    """Read a time in ISO format, as fourteen digits, or as seconds since 1970."""
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
        raise api_error("badtimestamp", text, name) from None
    return f"{time:%Y-%m-%dT%H:%M:%SZ}".zfill(20)  # a year before 1000 may have fewer digits


def _parameters(listed: list[str | Mapping[str, Any]]) -> Iterator[Parameter]:
    for each in listed:
        if not isinstance(each, str):
            yield Parameter(**{**each, "choices": _choices(each)})
        elif each.startswith("*"):
            yield from _parameters(_SHARED[each[1:]])
        else:
            yield Parameter(each)


def _choices(parameter: Mapping[str, Any]) -> tuple[str, ...] | None:
    if parameter.get("type") == "namespace":
        return _NAMESPACES
    if parameter.get("type") == "submodule":
        return _submodules(parameter["name"])
    choices: str | None = parameter.get("choices")
    return None if choices is None else tuple(filter(None, choices.split("|")))


def _submodules(parameter: str) -> tuple[str, ...]:
    """Return the modules that can be named by a parameter of action=query."""
    if parameter != "generator":
        return tuple(sorted(_TABLE[parameter]))
    groups = (_TABLE["prop"], _TABLE["list"])
    return tuple(
        sorted(name for group in groups for name, each in group.items() if "generates" in each)
    )


def _modules(group: str) -> dict[str, Module]:
    return {
        name: Module(
            name,
            group,
            tuple(_parameters(each.pop("parameters", []))),
            secret=tuple(each.pop("secret", ())),
            **each,
        )
        for name, each in _TABLE[group].items()
    }


ACTIONS: Final = _modules("action")
QUERY: Final = {group: _modules(group) for group in ("meta", "prop", "list")}
GENERATORS: Final = tuple(
    sorted(name for group in QUERY.values() for name, each in group.items() if each.generates)
)
MAIN: Final = Module("main", "", tuple(_parameters(_TABLE["main"]["main"]["parameters"])))
