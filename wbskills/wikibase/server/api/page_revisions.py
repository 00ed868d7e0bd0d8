"""prop=revisions: who made which revision of a page, and what stands in it."""

import hashlib
from ipaddress import ip_address
from typing import Final

from wbskills.wikibase.embedded.history import EVER, Revision, RevisionFilter
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import ApiError
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.page_content import content, size
from wbskills.wikibase.server.api.page_set import (
    MAIN,
    SYSTEM,
    Page,
    asked_revisions,
    main_revision,
    number,
)
from wbskills.wikibase.server.api.parameters import Parameter

PROPS: Final = (
    "comment", "content", "contentmodel", "flags", "ids", "parsedcomment", "roles", "sha1", "size",
    "slotsha1", "slotsize", "tags", "timestamp", "user", "userid",
)  # fmt: skip
PARAMETERS: Final = (
    Parameter("prop", multi=True, choices=PROPS, default="ids|timestamp|flags|comment|user"),
    Parameter("slots", multi=True, choices=("main",)),
    Parameter("limit", "limit", least=1, most=500),
    Parameter("startid", "integer"),
    Parameter("endid", "integer"),
    Parameter("start", "timestamp"),
    Parameter("end", "timestamp"),
    Parameter("dir", choices=("newer", "older"), default="older"),
    Parameter("continue"),
)
_MOST_TEXTS: Final = 50  # revisions with their texts at a time, as in MediaWiki
_USUAL: Final = 10  # revisions, where some are asked for and no number of them is
_BOUNDS: Final = ("startid", "endid", "start", "end")
_ONE_PAGE_ONLY: Final = (
    'titles, pageids or a generator was used to supply multiple pages, but the "rvlimit",'
    ' "rvstartid", "rvendid", "rvdir=newer", "rvuser", "rvexcludeuser", "rvstart", and "rvend"'
    " parameters may only be used on a single page."
)


def walk(values: Json, start: int | None) -> RevisionFilter:
    """Say which way a list goes through revisions, and between which times."""
    newer = values["dir"] == "newer"
    return RevisionFilter(start=start, oldest=newer, times=times(values))


def times(values: Json) -> tuple[str, str]:
    """Give the first and the last time that a list is about."""
    first, last = values["start"], values["end"]
    if values["dir"] != "newer":
        first, last = last, first
    return first or EVER[0], last or EVER[1]


def newest(call: Call, page: Page) -> Revision:
    """Give the newest revision of a page, with its text."""
    if not page.entity:
        return main_revision(call)
    return call.site.store.history.revisions_of(page.entity, 1, texts=True)[0]


def model(title_entity: str | None) -> str:
    """Name the kind of content that a page has."""
    if not title_entity:
        return "wikitext"
    return "wikibase-property" if title_entity.startswith("P") else "wikibase-item"


def length(revision: Revision) -> int:
    """Measure a revision."""
    if not revision.text:  # blanked: it says nothing, not even how long it was
        return 0
    return size(revision.text) if revision.entity else len(revision.text.encode())


def by_whom(call: Call, name: str) -> Json:
    """Name who made an edit; who was not logged in has an address in the place of a name."""
    found: Json = {"user": name or SYSTEM}
    if is_address(name):
        found["anon"] = "" if call.version == 1 else True
    return found


def is_address(name: str) -> bool:
    """Tell whether somebody who edits was not logged in."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def user_id(call: Call, name: str) -> int:
    """Give the number of a user; 0 if there is no account of that name."""
    account = call.site.store.accounts.find(name)
    return account.id if account else 0


def revisions(call: Call, values: Json, shown: dict[Page, Json]) -> Json:
    """Add revisions to pages; give the parameters to go on with."""
    query = call.memory["query"]
    named = asked_revisions(call, query)
    several = any(values[each] is not None for each in (*_BOUNDS, "limit"))
    if len(shown) > 1 and not named and (several or values["dir"] == "newer"):
        raise ApiError("invalidparammix", _ONE_PAGE_ONLY)
    going_on: Json = {}
    for page, found in shown.items():
        own = [each for each in named if each.entity == page.entity]
        if own:
            listed = own
        else:
            listed, more = _some(call, values, page)
            going_on |= more
        found["revisions"] = [
            _revision(call, each, values["prop"], values["slots"]) for each in listed
        ]
    return going_on


def _some(call: Call, values: Json, page: Page) -> tuple[list[Revision], Json]:
    if page.title == MAIN:
        return [main_revision(call)], {}
    newer, end = values["dir"] == "newer", values["endid"]
    limit = values["limit"]
    if limit is None and (newer or any(values[each] for each in _BOUNDS)):
        limit = _USUAL
    texts = bool({"content", "size", "sha1", "slotsize", "slotsha1"} & set(values["prop"]))
    start = number((values["continue"] or "").rpartition("|")[2]) or values["startid"]
    most = (limit or 1) if not texts else min(limit or 1, _MOST_TEXTS)
    going = walk(values, start)
    found = call.site.store.history.revisions_of(page.entity, most + 1, going, texts=texts)
    if end:
        found = [each for each in found if (each.id <= end if newer else each.id >= end)]
    going_on = {}
    if len(found) > most and limit is not None:
        going_on = {"continue": f"|{found[most].id}"}
    return found[:most], going_on


def _revision(call: Call, found: Revision, props: list[str], slots: list[str] | None) -> Json:
    written = (content(found.text) if found.entity else found.text) if found.text else ""
    digest = hashlib.sha1(written.encode(), usedforsecurity=False).hexdigest()
    every: dict[str, Json] = {
        "ids": {"revid": found.id, "parentid": found.parent},
        "flags": {"minor": False} if call.version == 2 else {},
        "user": by_whom(call, found.edit.user),
        "timestamp": {"timestamp": found.made},
        "comment": {"comment": found.edit.summary},
        "tags": {"tags": list(found.edit.tags)},
        "roles": {"roles": ["main"]},
        "sha1": {"sha1": digest},
    }
    shown: Json = {}
    for prop in props:
        shown |= every.get(prop, {})
    if "userid" in props:
        shown |= by_whom(call, found.edit.user) | {"userid": user_id(call, found.edit.user)}
        if "user" not in props:
            del shown["user"]
    if "parsedcomment" in props:
        shown["parsedcomment"] = _escaped(found.edit.summary)
    if "size" in props:
        shown["size"] = length(found)
    slot: Json = {}
    slot |= {"size": length(found)} if "slotsize" in props else {}
    slot |= {"sha1": digest} if "slotsha1" in props else {}
    if "contentmodel" in props:
        slot["contentmodel"] = model(found.entity)
    if "content" in props:
        if not found.text:
            call.mark(slot, texthidden=True)
        slot["contentformat"] = "application/json" if found.entity else "text/x-wiki"
        slot["*" if call.version == 1 else "content"] = written
    shown |= {"slots": {"main": slot}} if slots and slot else slot
    return shown


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_redirect(revision: Revision) -> bool:
    """Tell whether a revision makes its page a redirect."""
    return bool(revision.entity) and '"redirect":' in revision.text[:80]
