"""What action=query lists by list=, and finds by generator=: pages, edits and log entries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wbskills.wikibase.embedded.history import LogEntry, Revision
from wbskills.wikibase.embedded.pages import TitleRange
from wbskills.wikibase.model.entities import Kind
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import ApiError
from wbskills.wikibase.server.api.linking import links_here
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.page_content import size
from wbskills.wikibase.server.api.page_revisions import by_whom, times, user_id, walk
from wbskills.wikibase.server.api.page_set import MAIN, Page, number, of_entities, there, titled
from wbskills.wikibase.server.api.titles import (
    ITEMS,
    PROPERTIES,
    InvalidTitle,
    Title,
    of_entity,
    read,
)

KINDS: Final = {ITEMS: Kind.ITEM, PROPERTIES: Kind.PROPERTY}
_EVERY_SPACE: Final = tuple(map(str, KINDS))


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list has found.

    `rows` are what list= shows, `titles` the pages that generator= goes on with, `going_on` the
    parameters that the next part is asked by, and `more` stands beside the rows.
    """

    rows: Sequence[Any] = ()
    titles: Sequence[Title] = ()
    going_on: Json = field(default_factory=dict)
    more: Json = field(default_factory=dict)


def listed(pages: Iterable[Page], going_on: Json) -> Listed:
    """List pages and nothing else."""
    found = list(pages)
    return Listed([each.named() for each in found], [each.title for each in found], going_on)


def of_title(call: Call, values: Json, prefix: str) -> Title:
    """Find the title that a list is about, given by itself or by the number of its page."""
    if values["title"] is None and values.get("pageid") is not None:
        name = call.site.store.pages.entity_of(values["pageid"])
        if name is None:
            raise ApiError("nosuchpageid", f"There is no page with ID {values['pageid']}.")
        return of_entity(name)
    if not values["title"]:
        raise ApiError(
            "missingparam",
            f'One of the parameters "{prefix}title" and "{prefix}pageid" is required.',
        )
    try:
        return read(values["title"], call.site.name)
    except InvalidTitle:
        raise ApiError("invalidtitle", f'Bad title "{values["title"]}".') from None


def _part_of(found: list[Page], values: Json, key: Callable[[Page], str]) -> Listed:
    """Cut a whole list into the part that is asked for."""
    start = values["continue"]
    keys = [key(page) for page in found]
    first = keys.index(start) if start in keys else 0
    last = first + values["limit"]
    return listed(found[first:last], {"continue": keys[last]} if last < len(keys) else {})


def all_pages(call: Call, values: Json) -> Listed:
    """Answer list=allpages: the titles of a namespace in the order of their letters."""
    space, limit = int(values["namespace"]), values["limit"]
    first = values["continue"] or values["from"] or ""
    wanted = TitleRange(
        start=capital(first),
        end=capital(values["to"] or ""),
        prefix=capital(values["prefix"] or ""),
        redirects={"redirects": True, "nonredirects": False}.get(values["filterredir"]),
        down=values["dir"] == "descending",
    )
    kind = KINDS.get(space)
    if kind is None:
        return _main_page(call, wanted) if space == MAIN.space else Listed()
    names = call.site.store.pages.titles(kind, limit + 1, wanted)
    going_on = {"continue": names[limit]} if len(names) > limit else {}
    return listed(of_entities(call, names[:limit]), going_on)


def capital(text: str) -> str:
    """Write a name, or its beginning, as MediaWiki does: with a capital letter."""
    plain = text.replace("_", " ")
    return plain[:1].upper() + plain[1:]


def _main_page(call: Call, wanted: TitleRange) -> Listed:
    low, high = (wanted.end, wanted.start) if wanted.down else (wanted.start, wanted.end)
    fits = (
        MAIN.name.startswith(wanted.prefix) and low <= MAIN.name and wanted.redirects is not True
    )
    return listed(there(call, [MAIN] if fits and (not high or MAIN.name <= high) else []), {})


def back_links(call: Call, values: Json) -> Listed:
    """Answer list=backlinks: the entities whose statements mention an entity."""
    name = of_title(call, values, "bl").entity
    if name is None or values["filterredir"] == "redirects":
        return Listed()
    spaces = set(values["namespace"] or _EVERY_SPACE)
    found = of_entities(call, links_here(call, name))
    found = [page for page in found if str(page.title.space) in spaces]
    found.sort(key=lambda page: page.number, reverse=values["dir"] == "descending")
    return _part_of(found, values, lambda page: f"{page.title.space}|{page.number}")


def recent_changes(call: Call, values: Json) -> Listed:
    """Answer list=recentchanges."""
    limit, kinds = values["limit"], values["type"] or ["edit", "new"]
    start = values["continue"]
    shows = set(values["show"] or ())
    found = call.site.store.history.changes(
        limit + 1,
        walk(values, number((start or "").rpartition("|")[2])),
        kinds=_kinds(values),
        new=("new" in kinds) if ("new" in kinds) != ("edit" in kinds) else None,
        bot=True if "bot" in shows else False if "!bot" in shows else None,
        user=values["user"],
    )
    if not {"new", "edit"} & set(kinds) or {"minor", "patrolled", "redirect"} & shows:
        found = []
    going_on: Json = {}
    if len(found) > limit:
        stamp = found[limit].made.translate(str.maketrans("", "", "-:TZ"))
        going_on = {"continue": f"{stamp}|{found[limit].id}"}
    found = found[:limit]
    pages = _pages_of(call, found)
    if values["toponly"]:
        newest = call.site.store.pages.newest_revisions(pages)
        found = [each for each in found if newest.get(each.entity) == each.id]
    rows = [_change(call, each, pages[each.entity], values["prop"]) for each in found]
    if "redirect" in values["prop"]:
        targets = call.site.store.pages.redirects(pages)
        for row, each in zip(rows, found, strict=True):
            call.mark(row, redirect=each.entity in targets)
    return Listed(rows, list(dict.fromkeys(of_entity(each.entity) for each in found)), going_on)


def _kinds(values: Json) -> list[Kind]:
    spaces = values["namespace"] or _EVERY_SPACE
    return [kind for space, kind in KINDS.items() if str(space) in spaces]


def _pages_of(call: Call, found: Iterable[Revision]) -> dict[str, int]:
    return call.site.store.pages.page_ids([each.entity for each in found])


def _change(call: Call, found: Revision, page: int, props: list[str]) -> Json:
    shown: Json = {"type": "new" if found.parent == 0 else "edit"}
    if "title" in props:
        shown |= call.titled(found.entity)
    if "ids" in props:
        shown |= {"pageid": page, "revid": found.id, "old_revid": found.parent, "rcid": found.id}
    if "user" in props:
        shown |= by_whom(call, found.edit.user)
    if "userid" in props:
        shown["userid"] = user_id(call, found.edit.user)
    if "flags" in props:
        call.mark(shown, bot=found.edit.bot, new=found.parent == 0, minor=False)
    if "sizes" in props:
        shown["oldlen"], shown["newlen"] = _sizes(call, found)
    return shown | _told(found, props)


def _told(found: Revision, props: list[str]) -> Json:
    every = {
        "timestamp": found.made,
        "comment": found.edit.summary,
        "tags": list(found.edit.tags),
    }
    return {name: value for name, value in every.items() if name in props}


def _sizes(call: Call, found: Revision) -> tuple[int, int]:
    before = call.site.store.history.revision(found.parent) if found.parent else None
    after = call.site.store.history.revision(found.id)
    return _size(before), _size(after)


def _size(revision: Revision | None) -> int:
    return size(revision.text) if revision and revision.text else 0


def user_contributions(call: Call, values: Json) -> Listed:
    """Answer list=usercontribs."""
    names = _users(call, values)
    limit, newer = values["limit"], values["dir"] == "newer"
    start = number((values["continue"] or "").rpartition("|")[2])
    shows = set(values["show"] or ())
    found: list[Revision] = []
    for name in names:
        found += call.site.store.history.changes(
            limit + 1,
            walk(values, start),
            kinds=_kinds(values),
            new=True if "new" in shows else False if "!new" in shows else None,
            user=name,
        )
    found.sort(key=lambda each: each.id, reverse=not newer)
    newest = call.site.store.pages.newest_revisions(each.entity for each in found)
    if "top" in shows or "!top" in shows or values["toponly"]:
        wanted = "!top" not in shows
        found = [each for each in found if (newest.get(each.entity) == each.id) == wanted]
    going_on: Json = {}
    if len(found) > limit:
        stamp = found[limit].made.translate(str.maketrans("", "", "-:TZ"))
        going_on = {"continue": f"{stamp}|{found[limit].id}"}
    found = [] if {"minor", "patrolled", "autopatrolled"} & shows else found[:limit]
    pages = _pages_of(call, found)
    rows = []
    for each in found:
        top = newest.get(each.entity) == each.id
        rows.append(_contribution(call, each, pages[each.entity], values["prop"], top=top))
    return Listed(rows, going_on=going_on)


def _users(call: Call, values: Json) -> list[str]:
    """Name those whose edits are asked for: by name, by number or by how the name begins."""
    accounts = call.site.store.accounts
    given = [name for name in ("user", "userids", "userprefix") if values[name] is not None]
    if not given:
        text = 'One of the parameters "ucuser", "ucuserids" and "ucuserprefix" is required.'
        raise ApiError("missingparam", text)
    if len(given) > 1:
        told = " and ".join(f'"uc{name}"' for name in given)
        raise ApiError("invalidparammix", f"The parameters {told} can not be used together.")
    if given == ["user"]:
        names = values["user"]
        if not all(names):
            raise ApiError("baduser", 'Invalid value "" for user parameter "ucuser".')
        return [name[:1].upper() + name[1:].replace("_", " ") for name in names]
    if given == ["userids"]:
        wanted = {number(text) for text in values["userids"]}
        return [each.name for each in accounts.every() if each.id in wanted]
    beginning = capital(values["userprefix"])
    return [each.name for each in accounts.every() if each.name.startswith(beginning)]


def _contribution(call: Call, found: Revision, page: int, props: list[str], *, top: bool) -> Json:
    name = found.edit.user
    shown: Json = {"userid": user_id(call, name), "user": name}
    if "ids" in props:
        shown |= {"pageid": page, "revid": found.id, "parentid": found.parent}
    if "title" in props:
        shown |= call.titled(found.entity)
    if "flags" in props:
        call.mark(shown, new=found.parent == 0, minor=False, top=top)
    shown |= _told(found, props)
    if {"size", "sizediff"} & set(props):
        before, after = _sizes(call, found)
        shown |= {"size": after} if "size" in props else {}
        shown |= {"sizediff": after - before} if "sizediff" in props else {}
    return shown


def log_events(call: Call, values: Json) -> Listed:
    """Answer list=logevents: deletions and restorations."""
    kind, action = values["type"], ""
    if values["action"]:
        kind, _, action = values["action"].partition("/")
    entity = _of_log(call, values)
    if (
        kind not in (None, "delete")
        or entity == ""
        or values["namespace"] not in (None, *_EVERY_SPACE)
    ):
        return Listed()
    limit = values["limit"]
    start = number((values["continue"] or "").rpartition("|")[2])
    found = call.site.store.history.log_entries(
        limit + 1,
        start=start,
        down=values["dir"] == "older",
        times=times(values),
        action="" if action == "*" else action,
        user=values["user"] or "",
        entity=entity or "",
    )
    going_on: Json = {}
    if len(found) > limit:
        stamp = found[limit].made.translate(str.maketrans("", "", "-:TZ"))
        going_on = {"continue": f"{stamp}|{found[limit].id}"}
    found = found[:limit]
    if values["namespace"] is not None:
        space = int(values["namespace"])
        found = [each for each in found if of_entity(each.entity).space == space]
    pages = call.site.store.pages
    now = pages.existing_page_ids(each.entity for each in found)
    then = pages.page_ids(each.entity for each in found)
    rows = [_entry(call, each, now, then, values["prop"]) for each in found]
    return Listed(rows, going_on=going_on)


def _of_log(call: Call, values: Json) -> str | None:
    """Give the entity whose log is asked for; None for all, empty if the page is none's."""
    if values["title"] is None:
        return None
    try:
        return read(values["title"], call.site.name).entity or ""
    except InvalidTitle:
        return ""


def _entry(
    call: Call, found: LogEntry, now: Mapping[str, int], then: Mapping[str, int], props: list[str]
) -> Json:
    shown: Json = {}
    if "ids" in props:
        shown |= {
            "logid": found.id,
            "pageid": now.get(found.entity, 0),
            "logpage": then.get(found.entity, 0),
        }
    if "title" in props:
        shown |= titled(of_entity(found.entity))
    every: dict[str, Json] = {
        "details": {"params": {}},
        "type": {"type": "delete", "action": found.action},
        "user": by_whom(call, found.user),
        "userid": {"userid": user_id(call, found.user)},
        "timestamp": {"timestamp": found.made},
        "comment": {"comment": found.reason},
        "tags": {"tags": []},
    }
    if found.entity not in now:  # why something was deleted may repeat what was deleted
        every["comment"] = {}
        call.mark(every["comment"], commenthidden=True)
    for prop in props:
        shown |= every.get(prop, {})
    return shown


def random_pages(call: Call, values: Json) -> Listed:
    """Answer list=random."""
    redirects = {"redirects": True, "nonredirects": False}.get(values["filterredir"])
    names = call.site.store.pages.random(_kinds(values), values["limit"], redirects)
    pages = of_entities(call, names)
    rows = [{"id": page.number, **titled(page.title)} for page in pages]
    return Listed(rows, [page.title for page in pages])


def empty(_call: Call, _values: Json) -> Listed:
    """Answer a list of what a wiki of entities alone cannot have."""
    return Listed()


def empty_of(prefix: str) -> Callable[[Call, Json], Listed]:
    """Answer a list of what no page can have here: it needs the title of one all the same."""

    def found(call: Call, values: Json) -> Listed:
        of_title(call, values, prefix)
        return Listed()

    return found
