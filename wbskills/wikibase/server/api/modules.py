"""The modules of the API and their parameters, as `modules.toml` lists them."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.titles import NAMESPACES

_TABLE: Final[dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("modules.toml").read_text(encoding="utf-8")
)
_SHARED: Final = _TABLE.pop("shared")
_NAMESPACES: Final = tuple(str(number) for number in NAMESPACES if number >= 0)


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
        return next((each.token for each in self.parameters if each.token), "")

    @property
    def posted(self) -> bool:
        """Whether the module has to be called by POST."""
        return any(each.token or each.sensitive for each in self.parameters)


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
