"""Sitelinks: the only site is this wiki, its pages are the main page and those of entities."""

from dataclasses import replace
from typing import Final

from wbskills.wikibase.model.entities import Entity, Kind, Sitelink
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.editing import COMMON, answered, chosen, page_address, save
from wbskills.wikibase.server.api.errors import bad_value, refused
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.values import entity_id

MAIN_PAGE: Final = "Main Page"


def page_exists(call: Call, title: str) -> bool:
    """Tell whether this wiki has a page."""
    if title == MAIN_PAGE:
        return True
    space, _, name = title.partition(":")
    found = entity_id(name)
    if found is None or space != ("Property" if found.startswith("P") else "Item"):
        return False
    return call.site.store.pages.exists(found)


def normal(title: str) -> str:
    """Write a title as MediaWiki does."""
    title = " ".join(title.replace("_", " ").split())
    return title[:1].upper() + title[1:]


def checked_link(call: Call, site: str, title: str) -> Sitelink:
    """Make a sitelink to a page that exists. Raises `ApiError`."""
    if site != call.settings.wiki_id:
        raise refused("not-recognized-site")
    name = normal(title)
    if not page_exists(call, name):
        raise refused("no-external-page", site, title)
    return Sitelink(site, name)


def check_badges(badges: object) -> None:
    """Refuse badges: this wiki has none. Raises `ApiError`."""
    if not isinstance(badges, (list, tuple)):
        raise refused("not-recognized-array")
    for badge in badges:
        if not isinstance(badge, str):
            raise refused("not-recognized-string")
        found = entity_id(badge)
        if found is None or not found.startswith("Q"):
            raise refused("invalid-entity-id")
        raise refused("not-badge", found, name="wikibase-setsitelink-not-badge")


def _set_sitelink(call: Call) -> Json:
    site, title = call.values["linksite"], call.values["linktitle"]
    if site != call.settings.wiki_id:
        raise bad_value("linksite", site)
    target = chosen(call)
    if target.entity.kind is not Kind.ITEM:
        raise refused("invalid-entity-id")
    links = {link.site: link for link in target.entity.sitelinks}
    badges = call.values["badges"]
    if title is None and badges is not None:
        if site not in links:
            raise refused("no-such-sitelink")
        title = links[site].title
    part: Json
    if not title:
        there = links.pop(site, None)
        if there is None:
            raise refused("no-such-sitelink")
        part = {"site": site, "title": there.title, "badges": [], "removed": ""}
        auto = f"/* wbsetsitelink-remove:1|{site} */"
    else:
        check_badges(badges or ())
        made = checked_link(call, site, title)
        auto = f"/* wbsetsitelink-{'set' if site in links else 'add'}:1|{site} */ {made.title}"
        links[site] = made
        part = {
            "site": site,
            "title": made.title,
            "badges": [],
            "url": page_address(call, made.title),
        }
    wanted: Entity = replace(target.entity, sitelinks=tuple(links.values()))
    saved = save(call, target, wanted, auto)
    return answered(
        saved, {"sitelinks": {site: part}, "id": saved.shown.id, "type": saved.shown.kind.value}
    )


SET_SITELINK = Module(
    "wbsetsitelink",
    _set_sitelink,
    (
        Parameter("id"),
        Parameter("new", choices=("item", "property")),
        Parameter("site"),
        Parameter("title"),
        *COMMON,
        Parameter("linksite", required=True),
        Parameter("linktitle"),
        Parameter("badges", multi=True),
    ),
    token="csrf",  # noqa: S106 - a kind, no secret
    posted=True,
    writes=True,
)
