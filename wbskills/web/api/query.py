"""action=query: what is asked by meta, prop and list, each with parameters of its own."""

from collections.abc import Callable, Mapping
from typing import Final

from wbskills.web.api import languages, pages, searching, siteinfo
from wbskills.web.api.call import Call, Module
from wbskills.web.api.closing import block_of
from wbskills.web.api.cutting import how_many_fit
from wbskills.web.api.logins import session_of
from wbskills.web.api.messages import Json
from wbskills.web.api.parameters import Parameter, read

_TOKENS: Final = (
    "createaccount", "csrf", "deleteglobalaccount", "login", "patrol", "rollback", "userrights",
    "watch",
)  # fmt: skip
_SHOW: Final = (
    "!anon", "!autopatrolled", "!bot", "!minor", "!patrolled", "!redirect", "anon",
    "autopatrolled", "bot", "minor", "patrolled", "redirect", "unpatrolled",
)  # fmt: skip
_LIMIT: Final = Parameter("limit", "limit", default=10, least=1, most=500)


def _tokens(call: Call, values: Json) -> Json:
    found = {}
    for kind in values["type"]:
        if kind in ("createaccount", "login"):
            session_of(call)
        session = call.session or call.new_session
        found[f"{kind}token"] = session.token(kind) if session else "+\\"
    return {"tokens": found}


def _user_info(call: Call, values: Json) -> Json:
    user, props = call.user, values["prop"] or ()
    found: Json = {"id": user.id, "name": user.name}
    if user.anonymous:
        call.mark(found, anon=True)
    if "groups" in props:
        found["groups"] = list(user.groups)
    if "rights" in props:
        found["rights"] = list(user.listed)
    if "ratelimits" in props:
        found["ratelimits"] = {}
    if "blockinfo" in props:
        found |= block_of(call)
    if "editcount" in props:
        found["editcount"] = 0
    if "hasmsg" in props:
        call.mark(found, messages=False)
    if "options" in props:
        found["options"] = {"language": "en"}
    return {"userinfo": found}


def _wikibase(call: Call, _values: Json) -> Json:
    url = {"base": call.site.address, "scriptpath": "/w", "articlepath": "/wiki/$1"}
    return {"wikibase": {"repo": {"url": url}, "siteid": call.settings.wiki_id}}


def _content_languages(_call: Call, values: Json) -> Json:
    names = languages.of_terms()
    codes = names if values["context"] == "term" else languages.of_texts()
    props = values["prop"]
    found: Json = {}
    for code in sorted(codes):
        own = names.get(code) or None
        entry = {"code": code, "autonym": own, "name": own}
        found[code] = {name: entry[name] for name in props if name in entry}
    return {"wbcontentlanguages": found}


def _users(call: Call, values: Json) -> Json:
    listed = []
    for name in values["users"] or ():
        account = call.site.store.accounts.find(name)
        entry: Json = {"name": name}
        if account is None:
            call.mark(entry, missing=True)
        else:
            entry = {"userid": account.id, "name": account.name}
            if "groups" in (values["prop"] or ()):
                entry["groups"] = [*account.groups, "*", "user", "autoconfirmed"]
        listed.append(entry)
    return {"users": listed}


def _of_page(_call: Call, _values: Json) -> Json:
    return {}


Run = Callable[[Call, Json], Json]


def _part(name: str, run: Run, prefix: str, *parameters: Parameter) -> tuple[str, Module, Run]:
    module = Module(name, lambda _call: {}, parameters, prefix=prefix, submodule_of="query")
    return name, module, run


def _parts(*parts: tuple[str, Module, Run]) -> Mapping[str, tuple[Module, Run]]:
    return {name: (module, run) for name, module, run in parts}


META: Final = _parts(
    _part(
        "siteinfo",
        siteinfo.site_info,
        "si",
        Parameter("prop", multi=True, choices=siteinfo.PROPS, default="general"),
        Parameter("filteriw"),
        Parameter("showalldb", "boolean"),
        Parameter("numberingroup", "boolean"),
        Parameter("inlanguagecode"),
    ),
    _part(
        "tokens",
        _tokens,
        "",
        Parameter("type", multi=True, choices=_TOKENS, default="csrf"),
    ),
    _part(
        "userinfo",
        _user_info,
        "ui",
        Parameter(
            "prop",
            multi=True,
            choices=(
                "blockinfo", "editcount", "groups", "hasmsg", "options", "ratelimits", "rights",
            ),
        ),
    ),
    _part("wikibase", _wikibase, "wb", Parameter("prop", multi=True, choices=("siteid", "url"))),
    _part(
        "wbcontentlanguages",
        _content_languages,
        "wbcl",
        Parameter("context", choices=("monolingualtext", "term"), default="term"),
        Parameter("prop", multi=True, choices=("autonym", "code", "name"), default="code"),
    ),
)  # fmt: skip
PROP: Final = _parts(
    _part("info", _of_page, "in", Parameter("prop", multi=True), Parameter("continue")),
    _part(
        "revisions",
        _of_page,
        "rv",
        Parameter("prop", multi=True, default="ids|timestamp|flags|comment|user"),
        Parameter("slots", multi=True),
        Parameter("limit", "limit", least=1, most=500),
        Parameter("startid", "integer"),
        Parameter("endid", "integer"),
        Parameter("start", "timestamp"),
        Parameter("end", "timestamp"),
        Parameter("dir", choices=("newer", "older"), default="older"),
        Parameter("continue"),
    ),
    _part(
        "entityterms",
        _of_page,
        "wbet",
        Parameter("continue", "integer"),
        Parameter("language"),
        Parameter(
            "terms",
            multi=True,
            choices=("alias", "description", "label"),
            default="alias|label|description",
        ),
    ),
)
LIST: Final = _parts(
    _part(
        "recentchanges",
        pages.recent_changes,
        "rc",
        Parameter("namespace", multi=True),
        Parameter("prop", multi=True, default="title|timestamp|ids"),
        Parameter("type", multi=True, choices=("categorize", "edit", "external", "log", "new")),
        Parameter("show", multi=True, choices=_SHOW),
        Parameter("user"),
        Parameter("start", "timestamp"),
        Parameter("end", "timestamp"),
        Parameter("dir", choices=("newer", "older"), default="older"),
        Parameter("continue"),
        _LIMIT,
    ),
    _part(
        "allpages",
        pages.all_pages,
        "ap",
        Parameter("from"),
        Parameter("continue"),
        Parameter("namespace", "integer", default=0),
        _LIMIT,
    ),
    _part(
        "usercontribs",
        pages.user_contributions,
        "uc",
        Parameter("user", multi=True),
        Parameter("start", "timestamp"),
        Parameter("end", "timestamp"),
        Parameter("dir", choices=("newer", "older"), default="older"),
        Parameter("namespace", multi=True),
        Parameter("prop", multi=True, default="ids|title|timestamp|comment|size|flags"),
        Parameter("continue"),
        _LIMIT,
    ),
    _part("backlinks", pages.back_links, "bl", Parameter("title"), _LIMIT),
    _part(
        "search",
        pages.full_text,
        "sr",
        Parameter("search", required=True),
        Parameter("namespace", multi=True),
        Parameter("what"),
        Parameter("info", multi=True),
        Parameter("prop", multi=True),
        Parameter("offset", "integer", default=0),
        _LIMIT,
    ),
    _part(
        "users",
        _users,
        "us",
        Parameter("prop", multi=True),
        Parameter("users", multi=True),
    ),
    _part(
        "wbsearch",
        searching.wb_search,
        "wbs",
        Parameter("search", required=True),
        Parameter("language", "language"),
        Parameter("strictlanguage", "boolean"),
        searching.TYPE,
        Parameter("limit", "limit", default=7),
        Parameter("profile", choices=("default",), default="default"),
    ),
)
KINDS: Final = {"meta": META, "prop": PROP, "list": LIST}


def _query(call: Call) -> Json:
    """Answer all that one query asks."""
    values = call.values
    call.memory["query"] = values
    found: Json = {}
    for name in values["meta"] or ():
        found |= _asked(call, *META[name])
    for name in values["list"] or ():
        found |= _listed(call, *LIST[name])
    props = values["prop"] or []
    for name in props:
        call.memory[name] = _read(call, PROP[name][0])
    if values["titles"] or values["pageids"] or values["revids"]:
        found |= pages.wrong_revisions(call)
        found |= pages.pages(call, props)
    result: Json = {}
    call.mark(result, batchcomplete=True)
    if "continue" in call.memory:
        result["continue"] = call.memory["continue"]
    if found:
        result["query"] = found
    return result


def _asked(call: Call, module: Module, run: Run) -> Json:
    return run(call, _read(call, module))


def _listed(call: Call, module: Module, run: Run) -> Json:
    """Answer a list, as far as the answer has room for it; it goes on in the next one."""
    values = _read(call, module)
    found = run(call, values)
    listed = found.get(module.name, ())
    room = how_many_fit(call, listed)
    return found if room == len(listed) else run(call, {**values, "limit": room})


def _read(call: Call, module: Module) -> Json:
    values, warnings, limits = read(
        module.parameters,
        call.words,
        prefix=module.prefix,
        high=call.user.may("apihighlimits"),
    )
    for text in warnings:
        call.warn(text, module.name)
    if limits:
        call.limits[module.name] = limits[""]
    return values


QUERY: Final = Module(
    "query",
    _query,
    (
        Parameter("prop", multi=True, choices=tuple(sorted(PROP))),
        Parameter("list", multi=True, choices=tuple(sorted(LIST))),
        Parameter("meta", multi=True, choices=tuple(sorted(META))),
        Parameter("indexpageids", "boolean"),
        Parameter("export", "boolean"),
        Parameter("iwurl", "boolean"),
        Parameter("continue"),
        Parameter("rawcontinue", "boolean"),
        Parameter("titles", multi=True),
        Parameter("pageids", multi=True),
        Parameter("revids", multi=True),
        Parameter("redirects", "boolean"),
        Parameter("converttitles", "boolean"),
    ),
)
