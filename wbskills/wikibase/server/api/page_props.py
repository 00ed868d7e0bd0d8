"""What action=query tells about pages by prop=, beside their revisions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Quantity
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.cutting import fits
from wbskills.wikibase.server.api.linking import links_here
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.page_revisions import is_redirect, length, model, newest
from wbskills.wikibase.server.api.page_set import Page, there, titled
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.titles import CHOICES, Title, of_entity
from wbskills.wikibase.server.api.values import entity_id

_LANGUAGE: Final = {
    "pagelanguage": "en",
    "pagelanguagehtmlcode": "en",
    "pagelanguagedir": "ltr",
}
INFO: Final = (
    Parameter(
        "prop",
        multi=True,
        choices=(
            "associatedpage", "displaytitle", "notificationtimestamp", "protection", "readable",
            "subjectid", "talkid", "url", "watched",
        ),
    ),
    Parameter("testactions", multi=True),
    Parameter("continue"),
)  # fmt: skip
TERMS: Final = (
    Parameter("continue", "integer"),
    Parameter("language", default="uselang"),
    Parameter(
        "terms",
        multi=True,
        choices=("alias", "description", "label"),
        default="alias|label|description",
    ),
)


def info(call: Call, values: Json, shown: dict[Page, Json]) -> Json:
    """Answer prop=info."""
    props = values["prop"] or ()
    begin = values["continue"]
    for page, found in shown.items():
        if begin and str(page.title) != begin:
            continue
        begin = None
        revision = newest(call, page)
        told = {
            "contentmodel": model(page.entity),
            **_LANGUAGE,
            "touched": revision.made,
            "lastrevid": revision.id,
            "length": length(revision),
        }
        if not fits(call, told):
            return {"continue": str(page.title)}
        found.update(told)
        if is_redirect(revision):
            call.mark(found, redirect=True)
        if revision.parent == 0:
            call.mark(found, new=True)
        found.update(_more(call, values, page.title, props, exists=True))
    return {}


def info_of_missing(call: Call, title: Title) -> Json:
    """Tell what prop=info tells of a page that is not there."""
    values = call.memory["info"]
    plain = {"contentmodel": model(title.entity), **_LANGUAGE}
    return plain | _more(call, values, title, values["prop"] or (), exists=False)


def _more(call: Call, values: Json, title: Title, props: Sequence[str], *, exists: bool) -> Json:
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
    call.mark(
        found, **{name: name == "readable" for name in ("readable", "watched") if name in props}
    )
    if values["testactions"]:
        found["actions"] = {}
        call.mark(
            found["actions"], **{each: call.user.may(each) for each in values["testactions"]}
        )
    return found


def entity_terms(call: Call, values: Json, shown: dict[Page, Json]) -> Json:
    """Answer prop=entityterms."""
    language = values["language"]
    if language == "uselang":
        language = call.language
    for page, entity in _entities(call, shown).items():
        shown[page]["entityterms"] = _terms(entity, language, values["terms"])
    return {}


def _terms(entity: Entity, language: str, kinds: list[str]) -> Json:
    found = {}
    if "alias" in kinds and language in entity.aliases:
        found["alias"] = list(entity.aliases[language])
    if "label" in kinds and language in entity.labels:
        found["label"] = [entity.labels[language]]
    if "description" in kinds and language in entity.descriptions:
        found["description"] = [entity.descriptions[language]]
    return found


def page_props(call: Call, values: Json, shown: dict[Page, Json]) -> Json:
    """Answer prop=pageprops: how many statements, external ids and sitelinks an entity has."""
    for page, entity in _entities(call, shown).items():
        ids = sum(each.main.datatype == "external-id" for each in entity.statements)
        every = {"wb-claims": len(entity.statements), "wb-identifiers": ids}
        if page.entity.startswith("Q"):
            every["wb-sitelinks"] = len(entity.sitelinks)
        asked = values["prop"]
        kept = {k: str(n) for k, n in every.items() if asked is None or k in asked}
        if kept:
            shown[page]["pageprops"] = kept
    return {}


def _entities(call: Call, shown: Mapping[Page, Json]) -> dict[Page, Entity]:
    """Read the entities of pages; those of redirects are their targets."""
    names = [page.entity for page in shown if page.entity]
    targets = call.site.store.pages.redirects(names)
    stored = call.site.store.read({*names, *targets.values()})
    found = {page: stored.get(targets.get(page.entity, page.entity)) for page in shown}
    return {page: each.entity for page, each in found.items() if each is not None}


@dataclass(frozen=True, slots=True)
class Linked:
    """A prop= module that lists other pages; `find` gives their titles, by page."""

    name: str
    prefix: str
    find: Callable[[Call, Mapping[Page, Json]], dict[Page, list[Title]]]
    parameters: tuple[Parameter, ...] = ()
    with_number: bool = False  # links tell where to, linkshere also which page it is
    with_redirect: bool = False  # and whether that is a redirect

    def pairs(
        self, call: Call, values: Json, shown: Mapping[Page, Json]
    ) -> tuple[list[tuple[Page, Title]], Json]:
        """List pages with what they are linked to; and the parameters to go on with."""
        spaces = {int(each) for each in values.get("namespace") or ()}
        found = self.find(call, shown)
        every = [
            (page, title)
            for page in sorted(found, key=lambda page: page.number)
            for title in sorted(found[page])
            if not spaces or title.space in spaces
        ]
        start = values["continue"] or ""
        places = [f"{page.number}|{title.space}|{title.name}" for page, title in every]
        first = places.index(start) if start in places else 0
        last = first + values["limit"]
        return every[first:last], {"continue": places[last]} if last < len(places) else {}

    def run(self, call: Call, values: Json, shown: dict[Page, Json]) -> Json:
        """Add what is linked to the pages."""
        pairs, going_on = self.pairs(call, values, shown)
        numbers = {}
        if self.with_number:
            numbers = {each.title: each.number for each in there(call, (t for _, t in pairs))}
        for page, title in pairs:
            known = {"pageid": numbers[title]} if title in numbers else {}
            row = {**known, **titled(title)}
            if self.with_redirect:
                call.mark(row, redirect=False)
            shown[page].setdefault(self.name, []).append(row)
        return going_on


def _links(call: Call, shown: Mapping[Page, Json]) -> dict[Page, list[Title]]:
    """Find what the statements of entities mention: properties, entities, and units."""
    base = call.site.store.concept_base
    return {
        page: [of_entity(name) for name in dict.fromkeys(_mentioned(entity, base))]
        for page, entity in _entities(call, shown).items()
    }


def _mentioned(entity: Entity, base: str) -> Iterator[str]:
    for statement in entity.statements:
        for snak in _snaks(statement):
            yield snak.property
            if isinstance(snak.value, EntityRef):
                yield snak.value.id
            elif isinstance(snak.value, Quantity):
                unit = entity_id(snak.value.unit.removeprefix(base))
                if unit:
                    yield unit


def _snaks(statement: Statement) -> Iterator[Snak]:
    yield statement.main
    yield from statement.qualifiers
    for reference in statement.references:
        yield from reference.snaks


def _links_here(call: Call, shown: Mapping[Page, Json]) -> dict[Page, list[Title]]:
    names = [page for page in shown if page.entity]
    return {page: [of_entity(name) for name in links_here(call, page.entity)] for page in names}


def _redirects(call: Call, shown: Mapping[Page, Json]) -> dict[Page, list[Title]]:
    sources: dict[str, list[Title]] = {}
    for source, target in call.site.store.pages.redirects().items():
        sources.setdefault(target, []).append(of_entity(source))
    return {page: sources.get(page.entity, []) for page in shown}


def _nothing(_call: Call, _shown: Mapping[Page, Json]) -> dict[Page, list[Title]]:
    """Find what only pages of wikitext have."""
    return {}


_SPACE: Final = Parameter("namespace", "namespace", multi=True, choices=CHOICES)
LINKED: Final = (
    Linked("links", "pl", _links, (_SPACE,)),
    Linked("linkshere", "lh", _links_here, (_SPACE,), with_number=True, with_redirect=True),
    Linked("redirects", "rd", _redirects, (_SPACE,), with_number=True),
    Linked("templates", "tl", _nothing, (_SPACE,)),
    Linked("transcludedin", "ti", _nothing, (_SPACE,)),
    Linked("images", "im", _nothing),
    Linked("fileusage", "fu", _nothing, (_SPACE,)),
    Linked("categories", "cl", _nothing),
)


def nothing(_call: Call, _values: Json, _shown: dict[Page, Json]) -> Json:
    """Answer a prop= of pages that no page here is one of: files, categories, articles."""
    return {}
