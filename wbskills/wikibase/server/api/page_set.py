"""Which pages a query is about: named by title, number or revision, or found by a generator."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from wbskills.wikibase.embedded.history import EditInfo, Revision
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.titles import MAIN_PAGE, InvalidTitle, Title, of_entity, read

MAIN: Final = Title(0, MAIN_PAGE)
SYSTEM: Final = "wbskills"  # makes edits for which nobody logged in, as imports do
_MAIN_TEXT: Final = "The main page of this Wikibase: see its items and properties."


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is there; `entity` is empty for the main page."""

    number: int
    title: Title
    entity: str = ""

    def named(self) -> Json:
        """Name the page as lists do."""
        return {"pageid": self.number, **titled(self.title)}


@dataclass(slots=True)
class PageSet:
    """The pages of one query.

    `there` are in the order in which they were found, `missing` are the titles that no page
    has, `unknown` the numbers; `invalid` says why a text is no title, `places` where a
    generator has found a page.
    """

    there: list[Page] = field(default_factory=list)
    missing: list[Title] = field(default_factory=list)
    special: list[Title] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    invalid: dict[str, str] = field(default_factory=dict)
    normalized: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    places: dict[Title, int] = field(default_factory=dict)

    def told(self, call: Call) -> Json:
        """Say what became of the titles that were asked for."""
        found: Json = {}
        more = {"fromencoded": False} if call.version == 2 else {}
        for name, pairs, extra in (
            ("normalized", self.normalized, more),
            ("redirects", self.redirects, {}),
        ):
            if pairs:
                found[name] = [{**extra, "from": old, "to": new} for old, new in pairs.items()]
        return found


def titled(title: Title) -> Json:
    """Name a page by its title."""
    return {"ns": title.space, "title": str(title)}


def number(text: str) -> int | None:
    """Read a number of a page or revision; None if it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else None


def there(call: Call, titles: Iterable[Title]) -> list[Page]:
    """Find the pages of some titles, in their order; a title without a page is left out."""
    wanted = list(dict.fromkeys(titles))
    entities = {title.entity for title in wanted if title.entity}
    numbers = call.site.store.pages.existing_page_ids(entities)
    main, _ = call.site.store.pages.main_page()
    if MAIN in wanted and main:
        numbers[""] = main
    return [
        Page(numbers[title.entity or ""], title, title.entity or "")
        for title in wanted
        if title.entity in numbers or (title == MAIN and "" in numbers)
    ]


def of_entities(call: Call, names: Sequence[str]) -> list[Page]:
    """Find the pages of some entities."""
    return there(call, map(of_entity, names))


def gather(call: Call, values: Json, generated: Sequence[Title] | None = None) -> PageSet:
    """Find the pages that a query names, or (in their place) those that were generated."""
    found = PageSet()
    if generated is not None:
        found.places = {title: place for place, title in enumerate(generated, 1)}
        wanted = list(found.places)
    else:
        wanted = _named(call, values, found)
    if values["redirects"]:
        wanted = _resolved(call, wanted, found)
    pages = {page.title: page for page in there(call, wanted)}
    for title in dict.fromkeys(wanted):
        if title in pages:
            found.there.append(pages[title])
        elif title.space < 0:
            found.special.append(title)
        else:
            found.missing.append(title)
    return found


def _named(call: Call, values: Json, found: PageSet) -> list[Title]:
    wanted = []
    for text in values["titles"] or ():
        try:
            title = read(text, call.site.name)
        except InvalidTitle as error:
            found.invalid[text] = str(error)
            continue
        if str(title) != text:
            found.normalized[text] = str(title)
        wanted.append(title)
    pages = call.site.store.pages
    for text in values["pageids"] or ():
        page = number(text)
        name = pages.entity_of(page) if page is not None else None
        if name is not None and pages.exists(name):
            wanted.append(of_entity(name))
        elif page and page == pages.main_page()[0]:
            wanted.append(MAIN)
        elif page is not None:
            found.unknown.append(page)
    revised = asked_revisions(call, values)
    return wanted + [of_entity(each.entity) if each.entity else MAIN for each in revised]


def _resolved(call: Call, wanted: list[Title], found: PageSet) -> list[Title]:
    """Put the targets of redirects in their places."""
    names = [title.entity for title in wanted if title.entity]
    targets = call.site.store.pages.redirects(names)
    resolved = []
    for title in wanted:
        target = targets.get(title.entity or "")
        if target is None:
            resolved.append(title)
            continue
        resolved.append(of_entity(target))
        found.redirects[str(title)] = str(resolved[-1])
        if title in found.places:
            found.places.setdefault(resolved[-1], found.places[title])
    return list(dict.fromkeys(resolved))


def main_revision(call: Call) -> Revision:
    """Give the only revision of the main page."""
    number, made = call.site.store.pages.main_page()
    return Revision(
        id=number, parent=0, entity="", made=made, edit=EditInfo(user=SYSTEM), text=_MAIN_TEXT
    )


def asked_revisions(call: Call, values: Json) -> list[Revision]:
    """List the revisions that a query names by their numbers; those of deleted pages are not."""
    known: list[Revision] | None = call.memory.get("revids")
    if known is None:
        history, pages = call.site.store.history, call.site.store.pages
        numbers = {number(text) or 0 for text in values["revids"] or ()}
        found = [history.revision(each) for each in sorted(numbers)]
        known = [each for each in found if each is not None and pages.exists(each.entity)]
        main, _ = pages.main_page()
        if main and main in numbers:
            known.insert(0, main_revision(call))
        call.memory["revids"] = known
    return known


def wrong_revisions(call: Call, values: Json) -> Json:
    """Say which of the revisions that a query names are not there."""
    there = {str(each.id) for each in asked_revisions(call, values)}
    wrong: Json = {}
    for text in values["revids"] or ():
        asked = number(text)
        if asked is not None and str(asked) not in there:
            wrong[str(asked)] = {"revid": asked}
            call.mark(wrong[str(asked)], missing=True)
    return {"badrevids": wrong} if wrong else {}
