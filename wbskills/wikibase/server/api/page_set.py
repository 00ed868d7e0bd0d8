"""The pages that action=query is about: named by title, number or revision, or generated."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from wbskills.wikibase.embedded.history import EditInfo, Revision
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import Json
from wbskills.wikibase.server.api.titles import (
    MAIN_PAGE,
    InvalidTitle,
    Title,
    parse_title,
    title_of,
)

SYSTEM_USER: Final = "wbskills"  # the author of edits without a user, for example of imports
_MAIN_PAGE_TEXT: Final = "The main page of this Wikibase: see its items and properties."


@dataclass(frozen=True, slots=True)
class Page:
    """An existing page; `entity` is empty for the main page."""

    number: int
    title: Title
    entity: str = ""

    def to_json(self) -> Json:
        """Return the members that name the page in lists."""
        return {"pageid": self.number, **self.title.to_json()}


@dataclass(slots=True)
class PageSet:
    """The pages that a query names.

    `found` are in the order of the query. `missing` titles and `unknown` page numbers do not
    exist, `special` titles are never pages, `invalid` texts are not titles, with the reason.
    `positions` are those of generated titles.
    """

    found: list[Page] = field(default_factory=list)
    missing: list[Title] = field(default_factory=list)
    special: list[Title] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    invalid: dict[str, str] = field(default_factory=dict)
    normalized: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    positions: dict[Title, int] = field(default_factory=dict)

    def changes_json(self, call: Call) -> Json:
        """Return how titles were normalised and redirects resolved."""
        encoded = {"fromencoded": False} if call.version == 2 else {}
        found: Json = {}
        for name, pairs, extra in (
            ("normalized", self.normalized, encoded),
            ("redirects", self.redirects, {}),
        ):
            if pairs:
                found[name] = [{**extra, "from": old, "to": new} for old, new in pairs.items()]
        return found


def page_set(call: Call, values: Json, generated: Sequence[Title] | None = None) -> PageSet:
    """Find the pages that a query names, or the generated ones instead."""
    found = PageSet()
    if generated is not None:
        found.positions = {title: place for place, title in enumerate(generated, 1)}
        wanted = list(found.positions)
    else:
        wanted = _named_titles(call, values, found)
    if values["redirects"]:
        wanted = _resolve_redirects(call, wanted, found)
    pages = {page.title: page for page in find_pages(call, wanted)}
    for title in dict.fromkeys(wanted):
        if title in pages:
            found.found.append(pages[title])
        elif title.namespace < 0:
            found.special.append(title)
        else:
            found.missing.append(title)
    return found


def find_pages(call: Call, titles: Iterable[Title]) -> list[Page]:
    """Find the pages with these titles, in this order; titles without a page are left out."""
    wanted = list(dict.fromkeys(titles))
    store = call.site.store
    numbers = store.pages.existing_page_ids({title.entity for title in wanted if title.entity})
    main, _ = store.pages.main_page()
    if MAIN_PAGE in wanted and main:
        numbers[""] = main
    return [
        Page(numbers[title.entity or ""], title, title.entity or "")
        for title in wanted
        if title.entity in numbers or (title == MAIN_PAGE and "" in numbers)
    ]


def pages_of(call: Call, entities: Iterable[str]) -> list[Page]:
    """Find the pages of entities."""
    return find_pages(call, map(title_of, entities))


def parse_number(text: str) -> int | None:
    """Parse the number of a page or revision; None if it is not a number."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else None


def main_page_revision(call: Call) -> Revision:
    """Return the only revision of the main page."""
    number, made = call.site.store.pages.main_page()
    edit = EditInfo(user=SYSTEM_USER)
    return Revision(id=number, parent=0, entity="", made=made, edit=edit, text=_MAIN_PAGE_TEXT)


def named_revisions(call: Call, values: Json) -> list[Revision]:
    """List the revisions that a query names; those of deleted pages are left out."""
    known: list[Revision] | None = call.cache.get("revids")
    if known is None:
        store = call.site.store
        numbers = {parse_number(text) or 0 for text in values["revids"] or ()}
        found = [store.history.revision(number) for number in sorted(numbers)]
        known = [each for each in found if each is not None and store.pages.exists(each.entity)]
        main, _ = store.pages.main_page()
        if main and main in numbers:
            known.insert(0, main_page_revision(call))
        call.cache["revids"] = known
    return known


def bad_revisions(call: Call, values: Json) -> Json:
    """Return the revisions that a query names and that do not exist."""
    existing = {named_revision.id for named_revision in named_revisions(call, values)}
    bad: Json = {}
    for text in values["revids"] or ():
        number = parse_number(text)
        if number is not None and number not in existing:
            bad[str(number)] = {"revid": number}
            call.set_flags(bad[str(number)], missing=True)
    return {"badrevids": bad} if bad else {}


def _named_titles(call: Call, values: Json, found: PageSet) -> list[Title]:
    wanted = []
    for text in values["titles"] or ():
        try:
            title = parse_title(text, call.site.name)
        except InvalidTitle as error:
            found.invalid[text] = str(error)
            continue
        if str(title) != text:
            found.normalized[text] = str(title)
        wanted.append(title)
    store = call.site.store
    for text in values["pageids"] or ():
        number = parse_number(text)
        entity = store.pages.entity_of(number) if number is not None else None
        if entity is not None and store.pages.exists(entity):
            wanted.append(title_of(entity))
        elif number and number == store.pages.main_page()[0]:
            wanted.append(MAIN_PAGE)
        elif number is not None:
            found.unknown.append(number)
    revisions = named_revisions(call, values)
    return wanted + [
        title_of(revision.entity) if revision.entity else MAIN_PAGE for revision in revisions
    ]


def _resolve_redirects(call: Call, wanted: list[Title], found: PageSet) -> list[Title]:
    entities = [title.entity for title in wanted if title.entity]
    targets = call.site.store.pages.redirects(entities)
    resolved = []
    for title in wanted:
        target = targets.get(title.entity or "")
        if target is None:
            resolved.append(title)
            continue
        resolved.append(title_of(target))
        found.redirects[str(title)] = str(resolved[-1])
    return list(dict.fromkeys(resolved))
