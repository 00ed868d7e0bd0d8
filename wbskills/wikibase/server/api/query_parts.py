"""All that action=query can be asked by meta=, prop=, list= and generator=."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from wbskills.wikibase.server.api import (
    full_text,
    languages,
    lists,
    page_props,
    page_revisions,
    siteinfo,
    users,
)
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.lists import Listed
from wbskills.wikibase.server.api.logins import session_of
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.page_set import Page
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.searching import TYPE, wb_search
from wbskills.wikibase.server.api.titles import CHOICES

_TOKENS: Final = (
    "createaccount", "csrf", "deleteglobalaccount", "login", "patrol", "rollback", "userrights",
    "watch",
)  # fmt: skip
_SHOW: Final = (
    "!anon", "!autopatrolled", "!bot", "!minor", "!patrolled", "!redirect", "anon",
    "autopatrolled", "bot", "minor", "patrolled", "redirect", "unpatrolled",
)  # fmt: skip
_SHOW_OWN: Final = (
    "!autopatrolled", "!minor", "!new", "!patrolled", "!top", "autopatrolled", "minor", "new",
    "patrolled", "top",
)  # fmt: skip
_LIMIT: Final = Parameter("limit", "limit", default=10, least=1, most=500)
_DIR: Final = Parameter("dir", choices=("newer", "older"), default="older")
_UPWARDS: Final = Parameter("dir", choices=("ascending", "descending"), default="ascending")
_TITLE: Final = Parameter("title")
_GO_ON: Final = Parameter("continue")
_SPACE: Final = Parameter("namespace", "namespace", choices=CHOICES)
_SPACES: Final = Parameter("namespace", "namespace", multi=True, choices=CHOICES)
_REDIRECTS: Final = Parameter(
    "filterredir", choices=("all", "nonredirects", "redirects"), default="all"
)
_USER_PROP: Final = Parameter(
    "prop",
    multi=True,
    choices=(
        "blockinfo", "editcount", "emailable", "gender", "groups", "registration", "rights",
    ),
)  # fmt: skip
_TIMES: Final = (Parameter("start", "timestamp"), Parameter("end", "timestamp"), _DIR)


def _tokens(call: Call, values: Json) -> Json:
    found = {}
    for kind in values["type"]:
        if kind in ("createaccount", "login"):
            session_of(call)
        session = call.session or call.new_session
        found[f"{kind}token"] = session.token(kind) if session else "+\\"
    return {"tokens": found}


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


def _wb_search(call: Call, values: Json) -> Listed:
    rows, titles = wb_search(call, values)
    return Listed(rows, titles)


@dataclass(frozen=True, slots=True)
class Meta:
    """What meta= can ask."""

    module: Module
    run: Callable[[Call, Json], Json]


@dataclass(frozen=True, slots=True)
class Prop:
    """What prop= can ask of pages; `linked` lists other pages, and can be a generator."""

    module: Module
    run: Callable[[Call, Json, dict[Page, Json]], Json]
    linked: page_props.Linked | None = None


@dataclass(frozen=True, slots=True)
class List:
    """What list= can ask; the pages of one that `generates` can be gone on with."""

    module: Module
    run: Callable[[Call, Json], Listed]


def _module(name: str, prefix: str, *parameters: Parameter, generates: bool = False) -> Module:
    return Module(
        name,
        lambda _call: {},
        parameters,
        prefix=prefix,
        submodule_of="query",
        generates=generates,
    )


META: Final = {
    each.module.name: each
    for each in (
        Meta(
            _module(
                "siteinfo",
                "si",
                Parameter("prop", multi=True, choices=siteinfo.PROPS, default="general"),
                Parameter("filteriw"),
                Parameter("showalldb", "boolean"),
                Parameter("numberingroup", "boolean"),
                Parameter("inlanguagecode"),
            ),
            siteinfo.site_info,
        ),
        Meta(
            _module(
                "tokens", "", Parameter("type", multi=True, choices=_TOKENS, default="csrf")
            ),
            _tokens,
        ),
        Meta(
            _module(
                "userinfo",
                "ui",
                Parameter(
                    "prop",
                    multi=True,
                    choices=(
                        "blockinfo", "editcount", "groups", "hasmsg", "options", "ratelimits",
                        "rights",
                    ),
                ),
            ),
            users.user_info,
        ),
        Meta(
            _module("wikibase", "wb", Parameter("prop", multi=True, choices=("siteid", "url"))),
            _wikibase,
        ),
        Meta(
            _module(
                "wbcontentlanguages",
                "wbcl",
                Parameter("context", choices=("monolingualtext", "term"), default="term"),
                Parameter("prop", multi=True, choices=("autonym", "code", "name"), default="code"),
            ),
            _content_languages,
        ),
    )
}  # fmt: skip
_LINKED: Final = [
    Prop(
        _module(each.name, each.prefix, *each.parameters, _GO_ON, _LIMIT, generates=True),
        each.run,
        each,
    )
    for each in page_props.LINKED
]
PROP: Final = {
    each.module.name: each
    for each in (
        Prop(_module("info", "in", *page_props.INFO), page_props.info),
        Prop(_module("revisions", "rv", *page_revisions.PARAMETERS), page_revisions.revisions),
        Prop(_module("entityterms", "wbet", *page_props.TERMS), page_props.entity_terms),
        Prop(
            _module("pageprops", "pp", _GO_ON, Parameter("prop", multi=True)),
            page_props.page_props,
        ),
        *_LINKED,
        Prop(_module("categoryinfo", "ci", _GO_ON), page_props.nothing),
        Prop(
            _module("imageinfo", "ii", Parameter("prop", multi=True), *_TIMES[:2], _GO_ON, _LIMIT),
            page_props.nothing,
        ),
        Prop(_module("langlinks", "ll", Parameter("lang"), _GO_ON, _LIMIT), page_props.nothing),
        Prop(_module("iwlinks", "iw", Parameter("prefix"), _GO_ON, _LIMIT), page_props.nothing),
        Prop(_module("extlinks", "el", Parameter("query"), _GO_ON, _LIMIT), page_props.nothing),
    )
}
LIST: Final = {
    each.module.name: each
    for each in (
        List(
            _module(
                "allpages",
                "ap",
                Parameter("from"),
                _GO_ON,
                Parameter("to"),
                Parameter("prefix"),
                Parameter("namespace", "namespace", choices=CHOICES, default="0"),
                _REDIRECTS,
                _LIMIT,
                _UPWARDS,
                generates=True,
            ),
            lists.all_pages,
        ),
        List(
            _module(
                "backlinks",
                "bl",
                Parameter("title"),
                Parameter("pageid", "integer"),
                _GO_ON,
                _SPACES,
                _UPWARDS,
                _REDIRECTS,
                _LIMIT,
                Parameter("redirect", "boolean"),
                generates=True,
            ),
            lists.back_links,
        ),
        List(
            _module(
                "recentchanges",
                "rc",
                *_TIMES,
                _SPACES,
                Parameter("user"),
                Parameter(
                    "prop",
                    multi=True,
                    choices=(
                        "comment", "flags", "ids", "loginfo", "redirect", "sizes", "tags",
                        "timestamp", "title", "user", "userid",
                    ),
                    default="title|timestamp|ids",
                ),
                Parameter("show", multi=True, choices=_SHOW),
                _LIMIT,
                Parameter(
                    "type",
                    multi=True,
                    choices=("categorize", "edit", "external", "log", "new"),
                ),
                Parameter("toponly", "boolean"),
                _GO_ON,
                generates=True,
            ),
            lists.recent_changes,
        ),
        List(
            _module(
                "usercontribs",
                "uc",
                _LIMIT,
                *_TIMES,
                _GO_ON,
                Parameter("user", multi=True),
                Parameter("userids", multi=True),
                Parameter("userprefix"),
                _SPACES,
                Parameter(
                    "prop",
                    multi=True,
                    choices=(
                        "comment", "flags", "ids", "size", "sizediff", "tags", "timestamp",
                        "title",
                    ),
                    default="ids|title|timestamp|comment|size|flags",
                ),
                Parameter("show", multi=True, choices=_SHOW_OWN),
                Parameter("toponly", "boolean"),
            ),
            lists.user_contributions,
        ),
        List(
            _module(
                "logevents",
                "le",
                Parameter(
                    "prop",
                    multi=True,
                    choices=(
                        "comment", "details", "ids", "tags", "timestamp", "title", "type", "user",
                        "userid",
                    ),
                    default="ids|title|type|user|timestamp|comment|details",
                ),
                Parameter("type", choices=("block", "create", "delete", "move", "protect")),
                Parameter("action"),
                *_TIMES,
                Parameter("user"),
                Parameter("title"),
                _SPACE,
                _GO_ON,
                _LIMIT,
            ),
            lists.log_events,
        ),
        List(_module("search", "sr", *full_text.PARAMETERS, generates=True), full_text.full_text),
        List(
            _module(
                "random",
                "rn",
                _SPACES,
                _REDIRECTS,
                Parameter("limit", "limit", default=1, least=1, most=500),
                _GO_ON,
                generates=True,
            ),
            lists.random_pages,
        ),
        List(
            _module(
                "allusers",
                "au",
                Parameter("from"),
                Parameter("to"),
                Parameter("prefix"),
                _UPWARDS,
                Parameter("group", multi=True),
                _USER_PROP,
                _LIMIT,
                _GO_ON,
            ),
            users.all_users,
        ),
        List(
            _module(
                "users",
                "us",
                _USER_PROP,
                Parameter("users", multi=True),
                Parameter("userids", multi=True),
            ),
            users.users,
        ),
        List(
            _module(
                "wbsearch",
                "wbs",
                Parameter("search", required=True),
                Parameter("language", "language"),
                Parameter("strictlanguage", "boolean"),
                TYPE,
                Parameter("limit", "limit", default=7),
                Parameter("profile", choices=("default",), default="default"),
                generates=True,
            ),
            _wb_search,
        ),
        *(
            List(
                _module(name, prefix, *parameters, _GO_ON, _LIMIT, generates=True),
                lists.empty_of(prefix) if _TITLE in parameters else lists.empty,
            )
            for name, prefix, *parameters in (
                (
                    "embeddedin", "ei", _TITLE, Parameter("pageid", "integer"),
                    _SPACES, _UPWARDS, _REDIRECTS,
                ),
                (
                    "imageusage", "iu", _TITLE, Parameter("pageid", "integer"),
                    _SPACES, _UPWARDS, _REDIRECTS,
                ),
                (
                    "categorymembers", "cm", _TITLE, Parameter("pageid", "integer"),
                    Parameter("prop", multi=True), _SPACES, Parameter("type", multi=True),
                    _UPWARDS,
                ),
                ("allcategories", "ac", Parameter("from"), Parameter("to"), Parameter("prefix")),
                ("allimages", "ai", Parameter("from"), Parameter("to"), Parameter("prefix")),
                ("exturlusage", "eu", Parameter("query"), Parameter("protocol"), _SPACES),
                ("protectedtitles", "pt", _SPACES, Parameter("prop", multi=True)),
            )
        ),
    )
}  # fmt: skip
KINDS: Final = {
    "meta": {name: each.module for name, each in META.items()},
    "prop": {name: each.module for name, each in PROP.items()},
    "list": {name: each.module for name, each in LIST.items()},
}
GENERATORS: Final = tuple(
    sorted(name for group in KINDS.values() for name, each in group.items() if each.generates)
)
