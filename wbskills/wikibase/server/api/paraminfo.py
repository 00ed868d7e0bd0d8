"""action=paraminfo: the modules described from the very parameters that they are read by."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter


def module(
    modules: Callable[[], Mapping[str, Module]],
    main: Callable[[], tuple[Parameter, ...]],
    parts: Callable[[], Mapping[str, Mapping[str, Module]]],
    generators: Sequence[str],
) -> Module:
    """Make the module that describes the others."""

    def described(call: Call, path: str) -> Json | None:
        if path == "main":
            return _main(call, main(), modules())
        name, plus, part = path.partition("+")
        if not plus:
            found = modules().get(name)
            shown = _module(call, found) if found else None
            if shown is not None and name == "query":
                _add_submodules(shown, parts(), generators)
            return shown
        for group, members in parts().items():
            if name == "query" and part in members:
                return _module(call, members[part], group)
        return None

    def run(call: Call) -> Json:
        listed = []
        for path in _paths(call, parts()):
            shown = described(call, path)
            if shown is None:
                call.warn(f'The module "{path}" does not exist.')
            else:
                listed.append(shown)
        return {"paraminfo": {"helpformat": "none", "modules": listed}}

    return Module(
        "paraminfo",
        run,
        (
            Parameter("modules", multi=True),
            Parameter(
                "helpformat",
                choices=("html", "none", "raw", "wikitext"),
                default="none",
            ),
            Parameter("querymodules", multi=True),
            Parameter("mainmodule"),
            Parameter("pagesetmodule"),
            Parameter("formatmodules", multi=True),
        ),
    )


def _paths(call: Call, parts: Mapping[str, Mapping[str, Module]]) -> Iterator[str]:
    for path in call.values["modules"] or ():
        if path in ("query+*", "query+**"):
            yield from (f"query+{name}" for group in parts.values() for name in group)
        else:
            yield path
    yield from (f"query+{name}" for name in call.values["querymodules"] or ())


def _module(call: Call, found: Module, group: str = "action") -> Json:
    address = call.site.address
    shown: Json = {
        "name": found.name,
        "classname": found.name,
        "path": found.path,
        "group": group,
        "prefix": found.prefix,
        "source": "WikibaseRepository" if found.name.startswith("wb") else "MediaWiki",
        "sourcename": "WikibaseRepository" if found.name.startswith("wb") else "MediaWiki",
        "licensetag": "GPL-2.0-or-later",
        "licenselink": f"{address}/wiki/Special:Version/License/WikibaseRepository",
        "helpurls": [],
        "parameters": _parameters(call, found.parameters),
        "templatedparameters": [],
    }
    call.mark(shown, readrights=True, writerights=found.writes, mustbeposted=found.posted)
    if found.generates:
        call.mark(shown, generator=True)
    return shown


def _parameters(call: Call, parameters: tuple[Parameter, ...]) -> list[Json]:
    listed = []
    for index, parameter in enumerate(parameters, 1):
        shown = parameter.to_json(index, high=call.user.may("apihighlimits"))
        flags = {name: value for name, value in shown.items() if isinstance(value, bool)}
        plain = {name: value for name, value in shown.items() if name not in flags}
        if parameter.name in ("site", "sites", "sitefilter", "linksite"):
            plain["type"] = [call.settings.wiki_id]
        call.mark(plain, **flags)
        listed.append(plain)
    return listed


def _main(call: Call, parameters: tuple[Parameter, ...], modules: Mapping[str, Module]) -> Json:
    shown = _module(call, Module("main", lambda _call: {}, parameters), "")
    for parameter in shown["parameters"]:
        if parameter["name"] == "action":
            parameter["type"] = sorted(modules)
            parameter["submodules"] = {name: name for name in sorted(modules)}
    return shown


def _add_submodules(
    shown: Json, parts: Mapping[str, Mapping[str, Module]], generators: Sequence[str]
) -> None:
    for parameter in shown["parameters"]:
        members: Iterable[str] = parts.get(parameter["name"], ())
        if parameter["name"] == "generator":
            members = generators
            parameter["submoduleparamprefix"] = "g"
        if members:
            parameter["submodules"] = {name: f"query+{name}" for name in sorted(members)}
