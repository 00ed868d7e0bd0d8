"""The main module: runs the module that a request names, and describes all of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final

import flask

from wbskills.errors import StoreBusy, WbskillsError
from wbskills.wikibase.server.api import (
    change_ops,
    claims,
    login,
    page_edits,
    query,
    wbeditentity,
    wbformatvalue,
    wbgetentities,
    wbmergeitems,
    wbparsevalue,
    wbsearchentities,
)
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.checks import check
from wbskills.wikibase.server.api.errors import ApiError, Json, api_error
from wbskills.wikibase.server.api.parameters import (
    ACTIONS,
    GENERATORS,
    MAIN,
    QUERY,
    Module,
    Parameter,
)

_ERROR_FORMATS: Final = ("bc", "html", "none", "plaintext", "raw", "wikitext")
_SITE_PARAMETERS: Final = ("site", "sites", "sitefilter", "linksite")


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a call: the JSON, and headers."""

    result: Json
    headers: dict[str, str]
    call: Call


def execute(call: Call, request: flask.Request) -> Reply:
    """Carry out one request; an error becomes an answer."""
    headers: dict[str, str] = {}
    try:
        _choose_module(call)
        check(call, request)
        result = _with_warnings(call, _run(call))
    except (ApiError, WbskillsError) as error:
        refusal = _api_error(error)
        headers = {"MediaWiki-API-Error": refusal.codes, **refusal.headers}
        result = refusal.to_json(
            form=call.main["errorformat"],
            version=call.version,
            see=f"{call.site.address}{request.path}",
            module=call.module.path if call.module.name != "help" else "main",
        )
    return Reply(_with_requested(call, result), headers, call)


def _api_error(error: ApiError | WbskillsError) -> ApiError:
    if isinstance(error, ApiError):
        return error
    return ApiError("readonly" if isinstance(error, StoreBusy) else "failed-save", error.what)


def _choose_module(call: Call) -> None:
    wanted = call.request.get("errorformat")
    if wanted in _ERROR_FORMATS:  # also for errors in the other parameters
        call.main["errorformat"] = wanted
    if call.request.get("formatversion") in {"2", "latest"}:
        call.main["formatversion"] = "2"
    values = call.read(MAIN)
    call.main.update({name: value for name, value in values.items() if value is not None})
    if call.main["format"] not in ("json", "jsonfm"):
        raise api_error("badvalue", "format", call.main["format"])
    if values["action"] not in ACTIONS:
        raise api_error("badvalue", "action", values["action"])
    call.module = ACTIONS[values["action"]]


def _run(call: Call) -> Json:
    run = _RUN[call.module.name]
    with call.site.write_lock if call.module.writes else nullcontext():
        result = run(call)
    names = call.request.unused()
    if names:
        noun = "parameter" if len(names) == 1 else "parameters"
        call.warn(f"Unrecognized {noun}: {', '.join(names)}.", "main")
    return result


def _with_warnings(call: Call, result: Json) -> Json:
    if not (call.warnings or call.messages):
        return result
    if call.main["errorformat"] != "bc":
        name = "*" if call.version == 1 else "text"
        listed: list[Json] = [
            {"code": "warning", name: text, "module": module_name}
            for module_name, texts in call.warnings.items()
            for text in texts
        ]
        listed += [
            {"code": message["name"], "data": {"messages": [message]}, "module": "main"}
            for message in call.messages
        ]
        return {"warnings": listed, **result}
    name = "*" if call.version == 1 else "warnings"
    found: Json = {key: {name: "\n".join(texts)} for key, texts in call.warnings.items()}
    if call.messages:
        found.setdefault(call.module.name, {})["messages"] = call.messages
    return {"warnings": found, **result}


def _with_requested(call: Call, result: Json) -> Json:
    """Add what a client may request for every answer."""
    if call.limits:
        result = {"limits": call.limits, **result}
    if call.main.get("requestid"):
        result["requestid"] = call.main["requestid"]
    if call.main.get("servedby"):
        result["servedby"] = "wbskills"
    if call.main.get("curtimestamp"):
        result["curtimestamp"] = call.site.store.now()
    return result


def _help(_call: Call) -> Json:
    return {"help": {"modules": sorted(ACTIONS)}}


def _paraminfo(call: Call) -> Json:
    listed = []
    for path in _paths(call):
        described = _module_at(path)
        if described is None:
            call.warn(f'The module "{path}" does not exist.')
        else:
            listed.append(_describe(call, described))
    return {"paraminfo": {"helpformat": "none", "modules": listed}}


def _paths(call: Call) -> Iterator[str]:
    for path in call.values["modules"] or ():
        if path in ("query+*", "query+**"):
            yield from (f"query+{name}" for group in QUERY.values() for name in group)
        else:
            yield path
    yield from (f"query+{name}" for name in call.values["querymodules"] or ())


def _module_at(path: str) -> Module | None:
    if path == "main":
        return MAIN
    name, plus, part = path.partition("+")
    if not plus:
        return ACTIONS.get(name)
    if name != "query":
        return None
    return next((group[part] for group in QUERY.values() if part in group), None)


def _describe(call: Call, found: Module) -> Json:
    source = "WikibaseRepository" if found.name.startswith("wb") else "MediaWiki"
    shown: Json = {
        "name": found.name,
        "classname": found.name,
        "path": found.path,
        "group": found.group,
        "prefix": found.prefix,
        "source": source,
        "sourcename": source,
        "licensetag": "GPL-2.0-or-later",
        "licenselink": f"{call.site.address}/wiki/Special:Version/License/WikibaseRepository",
        "helpurls": [],
        "parameters": [
            _describe_parameter(call, found, index, parameter)
            for index, parameter in enumerate(found.parameters, 1)
        ],
        "templatedparameters": [],
    }
    call.set_flags(shown, readrights=True, writerights=found.writes, mustbeposted=found.posted)
    if found.generates:
        call.set_flags(shown, generator=True)
    return shown


def _describe_parameter(call: Call, module: Module, index: int, parameter: Parameter) -> Json:
    shown = parameter.to_json(index, high=call.user.may("apihighlimits"))
    flags = {name: value for name, value in shown.items() if isinstance(value, bool)}
    plain = {name: value for name, value in shown.items() if name not in flags}
    if parameter.name in _SITE_PARAMETERS:
        plain["type"] = [call.settings.wiki_id]
    call.set_flags(plain, **flags)
    if module is MAIN and parameter.name == "action":
        plain["type"] = sorted(ACTIONS)
        plain["submodules"] = {name: name for name in sorted(ACTIONS)}
    elif module is ACTIONS["query"]:
        members: Iterable[str] = QUERY.get(parameter.name, ())
        if parameter.name == "generator":
            members = GENERATORS
            plain["submoduleparamprefix"] = "g"
        if members:
            plain["submodules"] = {name: f"query+{name}" for name in sorted(members)}
    return plain


_RUN: Final[Mapping[str, Callable[[Call], Json]]] = {
    "clientlogin": login.client_login,
    "delete": page_edits.delete,
    "edit": page_edits.edit,
    "help": _help,
    "login": login.login,
    "logout": login.logout,
    "paraminfo": _paraminfo,
    "query": query.query,
    "undelete": page_edits.undelete,
    "wbavailablebadges": wbformatvalue.available_badges,
    "wbcreateclaim": claims.create_claim,
    "wbcreateredirect": wbmergeitems.create_redirect,
    "wbeditentity": wbeditentity.edit_entity,
    "wbformatentities": wbformatvalue.format_entities,
    "wbformatvalue": wbformatvalue.format_value,
    "wbgetclaims": wbgetentities.get_claims,
    "wbgetentities": wbgetentities.get_entities,
    "wbmergeitems": wbmergeitems.merge_items,
    "wbparsevalue": wbparsevalue.parse_value,
    "wbremoveclaims": claims.remove_claims,
    "wbremovequalifiers": claims.remove_qualifiers,
    "wbremovereferences": claims.remove_references,
    "wbsearchentities": wbsearchentities.search_entities,
    "wbsetaliases": change_ops.set_aliases,
    "wbsetclaim": claims.set_claim,
    "wbsetclaimvalue": claims.set_claim_value,
    "wbsetdescription": change_ops.set_description,
    "wbsetlabel": change_ops.set_label,
    "wbsetqualifier": claims.set_qualifier,
    "wbsetreference": claims.set_reference,
    "wbsetsitelink": change_ops.set_sitelink,
}
