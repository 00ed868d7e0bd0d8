"""action=query&prop=…: page information, terms, counts and links; revisions are elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import quote

from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Quantity
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import parse_entity_id
from wbskills.wikibase.server.api.errors import Json
from wbskills.wikibase.server.api.page_set import Page, find_pages
from wbskills.wikibase.server.api.query_lists import links_to
from wbskills.wikibase.server.api.query_revisions import (
    is_redirect,
    newest_revision,
    revision_size,
)
from wbskills.wikibase.server.api.titles import Title, content_model, title_of

_LANGUAGE: Final = {
    "pagelanguage": "en",
    "pagelanguagehtmlcode": "en",
    "pagelanguagedir": "ltr",
}


def info(call: Call, values: Json, shown: dict[Page, Json]) -> Json:
    """Add basic information to pages."""
    start = values["continue"]
    for page, found in shown.items():
        if start and str(page.title) != start:
            continue
        start = None
        revision = newest_revision(call, page)
        basics = {
            "contentmodel": content_model(page.entity),
            **_LANGUAGE,
            "touched": revision.made,
            "lastrevid": revision.id,
            "length": revision_size(revision),
        }
        if not call.fits(basics):
            return {"continue": str(page.title)}
        found.update(basics)
        if is_redirect(revision):
            call.set_flags(found, redirect=True)
        if revision.parent == 0:
            call.set_flags(found, new=True)
        found.update(_optional_info(call, values, page.title, exists=True))
    return {}


def info_of_missing(call: Call, values: Json, title: Title) -> Json:
    """Return what prop=info answers about a page that does not exist."""
    basics = {"contentmodel": content_model(title.entity), **_LANGUAGE}
    return basics | _optional_info(call, values, title, exists=False)


def entity_terms(call: Call, values: Json, shown: dict[Page, Json]) -> Json:
    """Add the terms of entities to their pages."""
    language, kinds = values["language"], values["terms"]
    if language == "uselang":
        language = call.language
    for page, entity in _entities(call, shown).items():
        terms = shown[page]["entityterms"] = {}
        if "alias" in kinds and language in entity.aliases:
            terms["alias"] = list(entity.aliases[language])
        if "label" in kinds and language in entity.labels:
            terms["label"] = [entity.labels[language]]
        if "description" in kinds and language in entity.descriptions:
            terms["description"] = [entity.descriptions[language]]
    return {}


def page_props(call: Call, values: Json, shown: dict[Page, Json]) -> Json:
    """Add the numbers of statements, external identifiers and sitelinks to pages of entities."""
    for page, entity in _entities(call, shown).items():
        ids = sum(statement.main.datatype == "external-id" for statement in entity.statements)
        every = {"wb-claims": len(entity.statements), "wb-identifiers": ids}
        if page.entity.startswith("Q"):
            every["wb-sitelinks"] = len(entity.sitelinks)
        asked = values["prop"]
        kept = {k: str(n) for k, n in every.items() if asked is None or k in asked}
        if kept:
            shown[page]["pageprops"] = kept
    return {}


def add_links(call: Call, name: str, values: Json, shown: dict[Page, Json]) -> Json:
    """Add the linked pages that prop=`name` lists to pages."""
    links, following = page_links(call, name, values, shown)
    numbers = {}
    if name in _WITH_NUMBERS:
        numbers = {each.title: each.number for each in find_pages(call, (t for _, t in links))}
    for page, title in links:
        known = {"pageid": numbers[title]} if title in numbers else {}
        row = {**known, **title.to_json()}
        if name == "linkshere":
            call.set_flags(row, redirect=False)
        shown[page].setdefault(name, []).append(row)
    return following


class PageLinks(NamedTuple):
    """Pairs of a page and a title linked to it, and the parameters of the next part."""

    links: list[tuple[Page, Title]]
    following: Json


def page_links(call: Call, name: str, values: Json, pages: Iterable[Page]) -> PageLinks:
    """Find the links that prop=`name` lists."""
    namespaces = {int(value) for value in values.get("namespace") or ()}
    found = FIND_LINKS[name](call, pages)
    links = [
        (page, title)
        for page in sorted(found, key=lambda page: page.number)
        for title in sorted(found[page])
        if not namespaces or title.namespace in namespaces
    ]
    keys = [f"{page.number}|{title.namespace}|{title.name}" for page, title in links]
    first = keys.index(values["continue"]) if values["continue"] in keys else 0
    last = first + values["limit"]
    return PageLinks(links[first:last], {"continue": keys[last]} if last < len(keys) else {})


def _links(call: Call, pages: Iterable[Page]) -> dict[Page, list[Title]]:
    """Find the properties, entities and units that statements of entities mention."""
    base = call.site.store.concept_base
    return {
        page: [title_of(name) for name in dict.fromkeys(_mentioned(entity, base))]
        for page, entity in _entities(call, pages).items()
    }


def _mentioned(entity: Entity, base: str) -> Iterator[str]:
    for statement in entity.statements:
        for snak in _snaks(statement):
            yield snak.property
            if isinstance(snak.value, EntityRef):
                yield snak.value.id
            elif isinstance(snak.value, Quantity):
                unit = parse_entity_id(snak.value.unit.removeprefix(base))
                if unit:
                    yield unit


def _snaks(statement: Statement) -> Iterator[Snak]:
    yield statement.main
    yield from statement.qualifiers
    for reference in statement.references:
        yield from reference.snaks


def _links_here(call: Call, pages: Iterable[Page]) -> dict[Page, list[Title]]:
    return {
        page: [title_of(each) for each in links_to(call, page.entity)]
        for page in pages
        if page.entity
    }


def _redirects(call: Call, pages: Iterable[Page]) -> dict[Page, list[Title]]:
    sources: dict[str, list[Title]] = {}
    for source, target in call.site.store.pages.redirects().items():
        sources.setdefault(target, []).append(title_of(source))
    return {page: sources.get(page.entity, []) for page in pages}


def _no_links(_call: Call, _pages: Iterable[Page]) -> dict[Page, list[Title]]:
    """Find nothing: only pages of wikitext have such links."""
    return {}


FIND_LINKS: Final[Mapping[str, Callable[[Call, Iterable[Page]], dict[Page, list[Title]]]]] = {
    "links": _links,
    "linkshere": _links_here,
    "redirects": _redirects,
    **dict.fromkeys(
        ("templates", "transcludedin", "images", "fileusage", "categories"), _no_links
    ),
}
"""How the modules that list links find them."""

_WITH_NUMBERS: Final = frozenset({"linkshere", "redirects"})  # show the numbers of linked pages


def _optional_info(call: Call, values: Json, title: Title, *, exists: bool) -> Json:
    props = values["prop"] or ()
    found: Json = {}
    if "protection" in props:
        types = ["edit", "move"] if exists else ["create"]
        found |= {"protection": [], "restrictiontypes": types}
    if "notificationtimestamp" in props:
        found["notificationtimestamp"] = ""
    if "url" in props:
        address, name = call.site.address, quote(str(title).replace(" ", "_"), safe=":/'(),")
        found |= {
            "fullurl": f"{address}/wiki/{name}",
            "editurl": f"{address}/w/index.php?title={name}&action=edit",
            "canonicalurl": f"{address}/wiki/{name}",
        }
    if "displaytitle" in props:
        found["displaytitle"] = str(title)
    for name in ("readable", "watched"):
        if name in props:
            call.set_flags(found, **{name: name == "readable"})
    if values["testactions"]:
        found["actions"] = {}
        allowed = {value: call.user.may(value) for value in values["testactions"]}
        call.set_flags(found["actions"], **allowed)
    return found


def _entities(call: Call, pages: Iterable[Page]) -> dict[Page, Entity]:
    """Read the entities of pages; redirects have the entities that they lead to."""
    wanted = list(pages)
    found = call.read_entities(page.entity for page in wanted if page.entity)
    return {page: found[page.entity].entity for page in wanted if page.entity in found}
