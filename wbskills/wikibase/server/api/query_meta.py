"""action=query&meta=…: the wiki itself, tokens, the user, and the languages of Wikibase."""

import json
from pathlib import Path
from typing import Any, Final

from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.checks import block_info
from wbskills.wikibase.server.api.errors import Json
from wbskills.wikibase.server.api.login import session_of
from wbskills.wikibase.server.api.titles import NAMESPACES, local_name
from wbskills.wikibase.server.api.validators import DATATYPES

# What is the same in every wiki; an empty value is filled in by `_general`.
_SITE: Final[Json] = json.loads(
    Path(__file__).with_name("siteinfo.json").read_text(encoding="utf-8")
)
_WITHOUT_SUBPAGES: Final = {-2, -1, 0, 6, 14, 120, 121, 122, 123}


def site_info(call: Call, values: Json) -> Json:
    """Answer meta=siteinfo."""
    found: Json = {}
    for prop in values["prop"]:
        match prop:
            case "general":
                found[prop] = _general(call)
            case "namespaces":
                found[prop] = {str(number): _namespace(call, number) for number in NAMESPACES}
            case "namespacealiases":
                name = "*" if call.version == 1 else "alias"
                found[prop] = [{"id": 6, name: "Image"}, {"id": 7, name: "Image talk"}]
            case "statistics":
                found[prop] = _statistics(call)
            case "dbrepllag":
                faults = call.settings.faults
                found[prop] = [{"host": faults.host, "lag": faults.lag}]
            case "extensions" | "restrictions":
                found[prop] = _SITE[prop]
            case "magicwords" | "interwikimap" | "usergroups" | "specialpagealiases":
                found[prop] = []
    return found


def tokens(call: Call, values: Json) -> Json:
    """Answer meta=tokens."""
    found = {}
    for kind in values["type"]:
        if kind in ("createaccount", "login"):
            session_of(call)
        session = call.session or call.new_session
        found[f"{kind}token"] = session.token(kind) if session else "+\\"
    return {"tokens": found}


def user_info(call: Call, values: Json) -> Json:
    """Answer meta=userinfo."""
    user, props = call.user, values["prop"] or ()
    found: Json = {"id": user.id, "name": user.name}
    if user.anonymous:
        call.set_flags(found, anon=True)
    if "groups" in props:
        found["groups"] = list(user.groups)
    if "rights" in props:
        found["rights"] = list(user.rights)
    if "ratelimits" in props:
        found["ratelimits"] = {}
    if "blockinfo" in props:
        found |= block_info(call)
    if "editcount" in props:
        edits = 0 if user.anonymous else call.site.store.history.edit_count(user.name)
        found["editcount"] = edits
    if "hasmsg" in props:
        call.set_flags(found, messages=False)
    if "options" in props:
        found["options"] = {"language": "en"}
    return {"userinfo": found}


def wikibase(call: Call, _values: Json) -> Json:
    """Answer meta=wikibase."""
    url = {"base": call.site.address, "scriptpath": "/w", "articlepath": "/wiki/$1"}
    return {"wikibase": {"repo": {"url": url}, "siteid": call.settings.wiki_id}}


def content_languages(_call: Call, values: Json) -> Json:
    """Answer meta=wbcontentlanguages."""
    names = languages.term_languages()
    codes = names if values["context"] == "term" else languages.text_languages()
    found: Json = {}
    for code in sorted(codes):
        autonym = names.get(code) or None
        entry = {"code": code, "autonym": autonym, "name": autonym}
        found[code] = {name: entry[name] for name in values["prop"] if name in entry}
    return {"wbcontentlanguages": found}


def _general(call: Call) -> Json:
    site, address = call.site, call.site.address
    found: Json = {
        name: value.replace("{address}", address) if isinstance(value, str) else value
        for name, value in _SITE["general"].items()
    }
    gallery = dict(found["galleryoptions"])
    call.set_flags(gallery, captionLength=True, showBytes=True, showDimensions=True)
    found |= {
        "sitename": site.name,
        "maxarticlesize": call.settings.max_entity,
        "servername": address.partition("://")[2].partition(":")[0],
        "wikiid": call.settings.wiki_id,
        "time": site.store.now(),
        "galleryoptions": gallery,
        "wikibase-propertytypes": {name: {"valuetype": kind} for name, kind in DATATYPES.items()},
        "wikibase-conceptbaseuri": site.store.concept_base,
    }
    for name in ("thumblimits", "imagelimits"):
        found[name] = _SITE[name] if call.version == 1 else _numbered(_SITE[name])
    found["magiclinks"] = [] if call.version == 1 else {"ISBN": False, "PMID": False, "RFC": False}
    reason = call.settings.faults.read_only
    call.set_flags(found, **_SITE["flags"], readonly=bool(reason))
    if reason:
        found["readonlyreason"] = reason
    return found


def _numbered(listed: list[Any]) -> Json:
    return {str(number): each for number, each in enumerate(listed)}


def _namespace(call: Call, number: int) -> Json:
    found: Json = {"id": number, "case": "first-letter"}
    call.set_flags(found, content=number == 0, subpages=number not in _WITHOUT_SUBPAGES)
    if call.version == 2:
        call.set_flags(found, nonincludable=False)
    if number != 0:
        found["canonical"] = NAMESPACES[number]
    if number == 8:
        found["namespaceprotection"] = "editinterface"
    if number in (120, 122):
        found["defaultcontentmodel"] = "wikibase-item" if number == 120 else "wikibase-property"
    found["*" if call.version == 1 else "name"] = local_name(number, call.site.name)
    return found


def _statistics(call: Call) -> Json:
    counts = call.site.store.pages.counts()
    return {
        "pages": counts["entities"] + 1,
        "articles": 0,
        "edits": counts["revisions"] + 1,
        "images": 0,
        "users": call.site.store.accounts.count(),
        "activeusers": 1,
        "admins": 1,
        "jobs": 0,
    }
