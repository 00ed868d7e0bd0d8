"""Sitelinks and wbsetsitelink. The only site is this wiki: its main page and those of entities."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wbskills.wikibase.model.entities import Entity, Kind, Sitelink
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import parse_entity_id
from wbskills.wikibase.server.api.editing import choose_entity, page_url, save
from wbskills.wikibase.server.api.errors import Json, bad_value, wikibase_error
from wbskills.wikibase.server.api.titles import MAIN_PAGE, capitalized, title_of


def set_sitelink(call: Call) -> Json:
    """Set or remove the link of an item to a page."""
    site, title = call.values["linksite"], call.values["linktitle"]
    badges = call.values["badges"]
    if site != call.settings.wiki_id:
        raise bad_value("linksite", site)
    target = choose_entity(call)
    if target.kind is not Kind.ITEM:
        raise wikibase_error("invalid-entity-id")
    links = {link.site: link for link in target.entity.sitelinks}
    old = links.get(site)
    if title is None and badges is not None and old is not None:
        title = old.title
    if not title:
        if old is None:
            raise wikibase_error("no-such-sitelink")
        del links[site]
        shown: Json = {"title": old.title, "badges": [], "removed": ""}
        summary = f"/* wbsetsitelink-remove:1|{site} */"
    else:
        _check_badges(badges or ())
        new = links[site] = _valid_link(call, site, title)
        shown = {"title": new.title, "badges": [], "url": page_url(call, new.title)}
        summary = f"/* wbsetsitelink-{'add' if old is None else 'set'}:1|{site} */ {new.title}"
    saved = save(call, target, replace(target.entity, sitelinks=tuple(links.values())), summary)
    return saved.terms_json({"sitelinks": {site: {"site": site, **shown}}})


def change_sitelinks(call: Call, entity: Entity, found: object) -> tuple[Sitelink, ...]:
    """Return the sitelinks of an item changed by the JSON of a client. Raises `ApiError`."""
    if not isinstance(found, (Mapping, list)):
        raise wikibase_error("not-recognized-array")
    links = {link.site: link for link in entity.sitelinks}
    entries: Iterable[tuple[object, object]] = (
        found.items() if isinstance(found, Mapping) else ((None, each) for each in found)
    )
    for key, each in entries:
        if not isinstance(each, Mapping):
            raise wikibase_error("not-recognized-array")
        site, title = each.get("site"), each.get("title")
        if not isinstance(site, str):
            raise wikibase_error("not-recognized-site")
        if key is not None and key != site:
            raise wikibase_error("inconsistent-site")
        if "remove" in each or title == "" or (title is None and "badges" not in each):
            links.pop(site, None)
            continue
        if title is None and site not in links:
            raise wikibase_error("no-such-sitelink")
        if title is not None and not isinstance(title, str):
            raise wikibase_error("not-recognized-string")
        _check_badges(each.get("badges") or ())
        links[site] = _valid_link(call, site, links[site].title if title is None else title)
    return tuple(links.values())


def normalize_title(title: str) -> str:
    """Return a title as MediaWiki writes it.

    >>> normalize_title("main_page ")
    'Main page'
    """
    return capitalized(" ".join(title.replace("_", " ").split()))


def _valid_link(call: Call, site: str, title: str) -> Sitelink:
    """Return a sitelink to an existing page. Raises `ApiError`."""
    if site != call.settings.wiki_id:
        raise wikibase_error("not-recognized-site")
    name = normalize_title(title)
    if not _page_exists(call, name):
        raise wikibase_error("no-external-page", site, title)
    return Sitelink(site, name)


def _page_exists(call: Call, title: str) -> bool:
    if title == str(MAIN_PAGE):
        return True
    prefix, _, name = title.partition(":")
    entity_id = parse_entity_id(name)
    return (
        entity_id is not None
        and prefix == title_of(entity_id).prefix
        and call.site.store.pages.exists(entity_id)
    )


def _check_badges(badges: object) -> None:
    """Refuse badges: this wiki has none. Raises `ApiError`."""
    if not isinstance(badges, (list, tuple)):
        raise wikibase_error("not-recognized-array")
    for badge in badges:
        if not isinstance(badge, str):
            raise wikibase_error("not-recognized-string")
        found = parse_entity_id(badge)
        if found is None or not found.startswith("Q"):
            raise wikibase_error("invalid-entity-id")
        raise wikibase_error("not-badge", found, name="wikibase-setsitelink-not-badge")
