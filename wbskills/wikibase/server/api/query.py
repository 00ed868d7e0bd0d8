"""action=query: its modules for meta=, prop= and list=, and the continuation of answers.

A part of an answer ends with the parameters of the next request
(https://www.mediawiki.org/wiki/API:Continue). All properties of the pages of a generator are
answered before the generator continues.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import Json, api_error
from wbskills.wikibase.server.api.page_set import Page, PageSet, bad_revisions, page_set
from wbskills.wikibase.server.api.parameters import GENERATORS, QUERY, Module
from wbskills.wikibase.server.api.query_changes import (
    log_events,
    recent_changes,
    user_contributions,
)
from wbskills.wikibase.server.api.query_lists import (
    ListResult,
    all_pages,
    all_users,
    back_links,
    empty_list,
    random_pages,
    users,
)
from wbskills.wikibase.server.api.query_meta import (
    content_languages,
    site_info,
    tokens,
    user_info,
    wikibase,
)
from wbskills.wikibase.server.api.query_props import (
    FIND_LINKS,
    add_links,
    entity_terms,
    info,
    info_of_missing,
    page_links,
    page_props,
)
from wbskills.wikibase.server.api.query_revisions import revisions
from wbskills.wikibase.server.api.query_search import search
from wbskills.wikibase.server.api.titles import Title
from wbskills.wikibase.server.api.wbsearchentities import wb_search

_META: Final[Mapping[str, Callable[[Call, Json], Json]]] = {
    "siteinfo": site_info,
    "tokens": tokens,
    "userinfo": user_info,
    "wikibase": wikibase,
    "wbcontentlanguages": content_languages,
}
_PROP: Final[Mapping[str, Callable[[Call, Json, dict[Page, Json]], Json]]] = {
    "info": info,
    "revisions": revisions,
    "entityterms": entity_terms,
    "pageprops": page_props,
}
_LIST: Final[Mapping[str, Callable[[Call, Json], ListResult]]] = {
    "allpages": all_pages,
    "backlinks": back_links,
    "recentchanges": recent_changes,
    "usercontribs": user_contributions,
    "logevents": log_events,
    "search": search,
    "random": random_pages,
    "allusers": all_users,
    "users": users,
    "wbsearch": wb_search,
}


@dataclass(slots=True)
class _Continuation:
    """Which part of an answer this is, and what is left for later parts.

    `done` are the modules with a complete answer, `pages_done` says so of everything about
    pages. `generator` are the parameters of the generator for this part, `next_generator` those
    for the next batch of pages. `rest` are those of other modules, by module.
    """

    done: frozenset[str] = frozenset()
    pages_done: bool = False
    generator: Json = field(default_factory=dict)
    next_generator: Json = field(default_factory=dict)
    rest: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def parse(cls, call: Call, text: str | None) -> "_Continuation":
        """Parse the parameter `continue`. Raises `ApiError`."""
        if not text:
            return cls()
        pages, bars, done = text.partition("||")
        if not bars:
            raise api_error("badcontinue")
        names = [] if pages in ("", "-") else pages.split("|")
        sent = {name: call.request.get(name) for name in names}
        return cls(
            frozenset(done.split("|")) - {""},
            pages == "-",
            {name: value for name, value in sent.items() if value is not None},
        )

    def add(self, found: Module, parameters: Json) -> None:
        """Record the parameters with which a module continues."""
        if parameters:
            self.rest[found.name] = {f"{found.prefix}{k}": v for k, v in parameters.items()}

    def next_part(self, asked: Iterable[str], props: Sequence[str]) -> tuple[Json, bool]:
        """Return the parameters of the next part, and whether this batch is complete."""
        found: Json = {}
        for name, part in self.rest.items():
            if name not in props:
                found |= part
        finished = [name for name in asked if name not in self.rest]
        unfinished: Json = {}
        for name in props:
            unfinished |= self.rest.get(name, {})
        if unfinished:
            found |= unfinished | self.generator
            pages = "|".join(self.generator)
        elif self.next_generator:
            found |= self.next_generator
            finished = [name for name in finished if name not in props]
            pages = "|".join(self.next_generator)
        else:
            pages = "-"
        if found:
            found["continue"] = f"{pages}||{'|'.join(finished)}"
        return found, not unfinished


def query(call: Call) -> Json:
    """Answer everything that one query asks."""
    values = call.values
    parts = _Continuation.parse(call, values["continue"])
    metas, lists, props = (values[name] or [] for name in ("meta", "list", "prop"))
    found: Json = {}
    for name in metas:
        asked = call.read(QUERY["meta"][name])
        if name not in parts.done:
            found |= _META[name](call, asked)
    for name in lists:
        asked = call.read(QUERY["list"][name])
        if name not in parts.done:
            found |= _list(call, parts, QUERY["list"][name], asked)
    asked_props = {name: call.read(QUERY["prop"][name]) for name in props}
    generated = _generated(call, parts)
    named = any(values[each] for each in ("titles", "pageids", "revids"))
    if (named or generated is not None) and not parts.pages_done:
        left = {name: asked for name, asked in asked_props.items() if name not in parts.done}
        found |= _pages(call, parts, left, generated)
    result: Json = {}
    following, complete = parts.next_part([*metas, *lists, *props], props)
    if complete:
        call.set_flags(result, batchcomplete=True)
    if following:
        result["continue"] = following
    if found:
        result["query"] = found
    return result


def _list(call: Call, parts: _Continuation, module: Module, asked: Json) -> Json:
    listed = _run_list(call, module, asked)
    room = sum(1 for _ in takewhile(call.fits, listed.rows))
    if room < len(listed.rows):  # the next part has the rest
        listed = _run_list(call, module, {**asked, "limit": room})
    parts.add(module, listed.following)
    return {**listed.more, module.name: list(listed.rows)}


def _run_list(call: Call, module: Module, asked: Json) -> ListResult:
    run = _LIST.get(module.name)
    return run(call, asked) if run else empty_list(call, asked, module.prefix)


def _generated(call: Call, parts: _Continuation) -> Sequence[Title] | None:
    """Find the pages of the generator; None if there is none."""
    name = call.values["generator"]
    if name is None:
        return None
    if name not in GENERATORS:
        raise api_error("badvalue", "generator", name)
    generator = QUERY["prop"].get(name) or QUERY["list"][name]
    asked = call.read(generator, "g")
    if parts.pages_done:
        return None
    titles: Sequence[Title]
    if generator.group == "prop":
        pages = page_set(call, call.values).found
        links, following = page_links(call, name, asked, pages)
        titles = [title for _, title in links]
    else:
        listed = _run_list(call, generator, asked)
        titles, following = listed.titles, listed.following
    parts.next_generator = {f"g{generator.prefix}{k}": v for k, v in following.items()}
    return titles


def _pages(
    call: Call, parts: _Continuation, props: dict[str, Json], generated: Sequence[Title] | None
) -> Json:
    values = call.values
    pages = page_set(call, values, generated)
    shown: dict[Page, Json] = {
        page: page.to_json() for page in sorted(pages.found, key=lambda page: page.number)
    }
    for name, asked in props.items():
        following = {}
        if name in _PROP:
            following = _PROP[name](call, asked, shown)
        elif name in FIND_LINKS:
            following = add_links(call, name, asked, shown)
        parts.add(QUERY["prop"][name], following)
    missing = _missing(call, pages, props.get("info"))
    if generated is not None and values["generator"] == "search":
        for page, found in shown.items():
            found["index"] = pages.positions.get(page.title, 0)
    result = {**pages.changes_json(call), **bad_revisions(call, values)}
    if not (missing or shown):
        return result
    keys = [str(found.get("pageid", -place)) for place, found in enumerate(missing, 1)]
    keys += [str(page.number) for page in shown]
    if values["indexpageids"]:
        result["pageids"] = keys
    listed = [*missing, *shown.values()]
    result["pages"] = listed if call.version == 2 else dict(zip(keys, listed, strict=True))
    return result


def _missing(call: Call, pages: PageSet, asked_info: Json | None) -> list[Json]:
    """List what was asked for and is not a page of this wiki."""
    found: list[Json] = []
    for text, reason in pages.invalid.items():
        found.append({"title": text, "invalidreason": reason})
        call.set_flags(found[-1], invalid=True)
    for title in pages.special:
        found.append(title.to_json())
        call.set_flags(found[-1], special=True)
    for title in pages.missing:
        found.append(title.to_json())
        call.set_flags(found[-1], missing=True)
        if asked_info is not None:
            found[-1] |= info_of_missing(call, asked_info, title)
    for number in pages.unknown:
        found.append({"pageid": number})
        call.set_flags(found[-1], missing=True)
    return found
