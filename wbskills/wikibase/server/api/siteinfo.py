"""meta=siteinfo: what this wiki is, for clients that ask before they begin."""

from typing import Final

from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.rules import DATATYPES
from wbskills.wikibase.server.api.titles import MAIN_PAGE, SPACES, local_name

GENERATOR: Final = "MediaWiki 1.39.17"  # whose API this is; clients look at it
PROPS: Final = (
    "general", "namespaces", "namespacealiases", "specialpagealiases", "magicwords",
    "interwikimap", "dbrepllag", "statistics", "usergroups", "libraries", "extensions",
    "fileextensions", "rightsinfo", "restrictions", "languages", "skins", "extensiontags",
    "functionhooks", "showhooks", "variables", "protocols", "defaultoptions", "uploaddialog",
    "languagevariants",
)  # fmt: skip

_NO_SUBPAGES: Final = {-2, -1, 0, 6, 14, 120, 121, 122, 123}
_WIDTHS: Final = (120, 150, 180, 200, 250, 300)
_SIZES: Final = ((320, 240), (640, 480), (800, 600), (1024, 768), (1280, 1024), (2560, 2048))
_FLAGS: Final = {
    "mainpageisdomainroot": False,
    "imagewhitelistenabled": False,
    "langconversion": True,
    "linkconversion": True,
    "titleconversion": True,
    "allunicodefixes": False,
    "fixarabicunicode": True,
    "fixmalayalamunicode": True,
    "rtl": False,
    "writeapi": True,
    "misermode": False,
    "uploadsenabled": False,
    "interwikimagic": True,
    "nofollowlinks": True,
    "externallinktarget": False,
}


def site_info(call: Call, values: Json) -> Json:
    """Answer meta=siteinfo."""
    found: Json = {}
    for prop in values["prop"]:
        match prop:
            case "general":
                found[prop] = _general(call)
            case "namespaces":
                found[prop] = {str(number): _space(call, number) for number in SPACES}
            case "namespacealiases":
                found[prop] = [
                    {"id": 6, "*" if call.version == 1 else "alias": "Image"},
                    {"id": 7, "*" if call.version == 1 else "alias": "Image talk"},
                ]
            case "extensions":
                found[prop] = _extensions()
            case "statistics":
                found[prop] = _statistics(call)
            case "restrictions":
                found[prop] = {
                    "types": ["create", "edit", "move", "upload"],
                    "levels": ["", "autoconfirmed", "sysop"],
                    "cascadinglevels": ["sysop"],
                    "semiprotectedlevels": ["autoconfirmed"],
                }
            case "dbrepllag":
                lag = call.settings.faults
                found[prop] = [{"host": lag.host, "lag": lag.lag}]
            case "magicwords" | "interwikimap" | "usergroups" | "specialpagealiases":
                found[prop] = []
    return found


def _general(call: Call) -> Json:
    site, address = call.site, call.site.address
    fv1 = call.version == 1
    found: Json = {
        "mainpage": MAIN_PAGE,
        "base": f"{address}/wiki/Main_Page",
        "sitename": site.name,
        "logo": f"{address}/w/resources/assets/change-your-logo.svg",
        "generator": GENERATOR,
        "phpversion": "8.2.36",
        "phpsapi": "fpm-fcgi",
        "dbtype": "sqlite",
        "dbversion": "3",
        "linkprefixcharset": "",
        "linkprefix": "",
        "linktrail": "/^([a-z]+)(.*)$/sD",
        "legaltitlechars": " %!\"$&'()*,\\-.\\/0-9:;=?@A-Z\\\\^_`a-z~\\x80-\\xFF+",
        "invalidusernamechars": "@:>",
        "case": "first-letter",
        "lang": "en",
        "fallback": [],
        "fallback8bitEncoding": "windows-1252",
        "maxarticlesize": call.settings.max_entity,
        "timezone": "UTC",
        "timeoffset": 0,
        "articlepath": "/wiki/$1",
        "scriptpath": "/w",
        "script": "/w/index.php",
        "variantarticlepath": False,
        "server": address,
        "servername": address.partition("://")[2].partition(":")[0],
        "wikiid": call.settings.wiki_id,
        "time": call.site.store.now(),
        "maxuploadsize": 104857600,
        "minuploadchunksize": 1024,
        "galleryoptions": _gallery(call),
        "favicon": f"{address}/favicon.ico",
        "centralidlookupprovider": "local",
        "allcentralidlookupproviders": ["local"],
        "categorycollation": "uppercase",
        "nofollownsexceptions": [],
        "nofollowdomainexceptions": ["mediawiki.org"],
        "wikibase-propertytypes": {name: {"valuetype": kind} for name, kind in DATATYPES.items()},
        "wikibase-conceptbaseuri": call.site.store.concept_base,
        "wikibase-geoshapestoragebaseurl": "https://commons.wikimedia.org/wiki/",
        "wikibase-tabulardatastoragebaseurl": "https://commons.wikimedia.org/wiki/",
    }
    sizes = [{"width": width, "height": height} for width, height in _SIZES]
    found["thumblimits"] = list(_WIDTHS) if fv1 else _numbered(_WIDTHS)
    found["imagelimits"] = sizes if fv1 else _numbered(sizes)
    found["magiclinks"] = [] if fv1 else {"ISBN": False, "PMID": False, "RFC": False}
    reason = call.settings.faults.read_only
    call.mark(found, **_FLAGS, readonly=bool(reason))
    if reason:
        found["readonlyreason"] = reason
    return found


def _numbered(listed: object) -> Json:
    assert isinstance(listed, (list, tuple))  # noqa: S101 - the two lists above
    return {str(number): each for number, each in enumerate(listed)}


def _gallery(call: Call) -> Json:
    found: Json = {
        "imagesPerRow": 0,
        "imageWidth": 120,
        "imageHeight": 120,
        "mode": "traditional",
    }
    call.mark(found, captionLength=True, showBytes=True, showDimensions=True)
    return found


def _space(call: Call, number: int) -> Json:
    name = SPACES[number]
    local = local_name(number, call.site.name)
    found: Json = {"id": number, "case": "first-letter"}
    call.mark(found, content=number == 0, subpages=number not in _NO_SUBPAGES)
    if call.version == 2:
        call.mark(found, nonincludable=False)
    if number != 0:
        found["canonical"] = name
    if number == 8:
        found["namespaceprotection"] = "editinterface"
    if number in (120, 122):
        found["defaultcontentmodel"] = "wikibase-item" if number == 120 else "wikibase-property"
    found["*" if call.version == 1 else "name"] = local
    return found


def _extensions() -> list[Json]:
    return [
        {
            "type": "wikibase",
            "name": "WikibaseRepository",
            "descriptionmsg": "wikibase-desc",
            "url": "https://www.mediawiki.org/wiki/Extension:Wikibase_Repository",
        }
    ]


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
