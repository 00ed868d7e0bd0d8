"""action=query&prop=revisions: the revisions of a page, their authors and their content."""

import hashlib
import json
from html import escape
from ipaddress import ip_address
from typing import Any, Final

from wbskills.wikibase.embedded.history import EVER, Revision, RevisionFilter
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import Json, api_error
from wbskills.wikibase.server.api.page_set import (
    SYSTEM_USER,
    Page,
    main_page_revision,
    named_revisions,
    parse_number,
)
from wbskills.wikibase.server.api.titles import MAIN_PAGE, content_model

_CONTENT_PROPS: Final = frozenset({"content", "size", "sha1", "slotsize", "slotsha1"})
_MAX_CONTENTS: Final = 50  # revisions with content in one answer, as in MediaWiki
_DEFAULT_LIMIT: Final = 10
_BOUNDS: Final = ("startid", "endid", "start", "end")
_CONTENT_ORDER: Final = (
    "type", "datatype", "id", "labels", "descriptions", "aliases", "claims", "sitelinks",
)  # fmt: skip


def revisions(call: Call, values: Json, shown: dict[Page, Json]) -> Json:
    """Add revisions to pages; return the parameters of the next part."""
    named = named_revisions(call, call.values)
    bounded = any(values[each] is not None for each in (*_BOUNDS, "limit"))
    if len(shown) > 1 and not named and (bounded or values["dir"] == "newer"):
        raise api_error("invalidparammix", name="apierror-multpages")
    following: Json = {}
    for page, found in shown.items():
        listed = [each for each in named if each.entity == page.entity]
        if not listed:
            listed, more = _history(call, values, page)
            following |= more
        found["revisions"] = [
            _revision(call, each, values["prop"], values["slots"]) for each in listed
        ]
    return following


def revision_filter(values: Json, start: int | None) -> RevisionFilter:
    """Return the filter for the direction and the times that a list asks for."""
    return RevisionFilter(start=start, oldest=values["dir"] == "newer", times=time_range(values))


def time_range(values: Json) -> tuple[str, str]:
    """Return the earliest and the latest time that a list asks for."""
    first, last = values["start"], values["end"]
    if values["dir"] != "newer":
        first, last = last, first
    return first or EVER[0], last or EVER[1]


def newest_revision(call: Call, page: Page) -> Revision:
    """Return the newest revision of a page, with its content."""
    if not page.entity:
        return main_page_revision(call)
    return call.site.store.history.revisions_of(page.entity, 1, texts=True)[0]


def revision_size(revision: Revision) -> int:
    """Return the size that Wikibase states: of an entity, serialised by PHP; 0 if blanked."""
    if not revision.text:
        return 0
    if not revision.entity:
        return len(revision.text.encode())
    kept = json.loads(revision.text)
    return len(revision.text) if "redirect" in kept else _php_size(_page_json(kept))


def is_redirect(revision: Revision) -> bool:
    """Check whether a revision makes its page a redirect."""
    return bool(revision.entity) and '"redirect":' in revision.text[:80]


def user_of(call: Call, name: str) -> Json:
    """Return the members for the author of an edit; an IP address is an anonymous one."""
    found: Json = {"user": name or SYSTEM_USER}
    if is_address(name):
        found["anon"] = "" if call.version == 1 else True
    return found


def is_address(name: str) -> bool:
    """Tell whether a user name is an IP address, so that of an anonymous user."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def user_id(call: Call, name: str) -> int:
    """Return the number of a user; 0 without an account."""
    account = call.site.store.accounts.find(name)
    return account.id if account else 0


def _history(call: Call, values: Json, page: Page) -> tuple[list[Revision], Json]:
    """Return the revisions of a page, and the parameters of the next part."""
    if page.title == MAIN_PAGE:
        return [main_page_revision(call)], {}
    newer, end, limit = values["dir"] == "newer", values["endid"], values["limit"]
    if limit is None and (newer or any(values[each] for each in _BOUNDS)):
        limit = _DEFAULT_LIMIT
    texts = not _CONTENT_PROPS.isdisjoint(values["prop"])
    start = parse_number((values["continue"] or "").rpartition("|")[2]) or values["startid"]
    most = min(limit or 1, _MAX_CONTENTS) if texts else limit or 1
    found = call.site.store.history.revisions_of(
        page.entity, most + 1, revision_filter(values, start), texts=texts
    )
    if end:
        found = [each for each in found if (each.id <= end if newer else each.id >= end)]
    if len(found) > most and limit is not None:
        return found[:most], {"continue": f"|{found[most].id}"}
    return found[:most], {}


def _revision(call: Call, found: Revision, props: list[str], slots: list[str] | None) -> Json:
    content = _content(found)
    sha1 = hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()
    author = user_of(call, found.edit.user)
    every: dict[str, Json] = {
        "ids": {"revid": found.id, "parentid": found.parent},
        "flags": {"minor": False} if call.version == 2 else {},
        "user": author,
        "timestamp": {"timestamp": found.made},
        "comment": {"comment": found.edit.summary},
        "tags": {"tags": list(found.edit.tags)},
        "roles": {"roles": ["main"]},
        "sha1": {"sha1": sha1},
    }
    shown: Json = {}
    for prop in props:
        shown |= every.get(prop, {})
    if "userid" in props:
        shown |= author | {"userid": user_id(call, found.edit.user)}
        if "user" not in props:
            del shown["user"]
    if "parsedcomment" in props:
        shown["parsedcomment"] = escape(found.edit.summary, quote=False)
    if "size" in props:
        shown["size"] = revision_size(found)
    slot: Json = {}
    slot |= {"size": revision_size(found)} if "slotsize" in props else {}
    slot |= {"sha1": sha1} if "slotsha1" in props else {}
    if "contentmodel" in props:
        slot["contentmodel"] = content_model(found.entity)
    if "content" in props:
        if not found.text:
            call.set_flags(slot, texthidden=True)
        slot["contentformat"] = "application/json" if found.entity else "text/x-wiki"
        slot["*" if call.version == 1 else "content"] = content
    shown |= {"slots": {"main": slot}} if slots and slot else slot
    return shown


def _content(revision: Revision) -> str:
    """Return the content of a page: for an entity, its JSON as Wikibase stores it."""
    if not revision.entity or not revision.text:
        return revision.text
    kept = json.loads(revision.text)
    page_json = kept if "redirect" in kept else _page_json(kept)
    return json.dumps(page_json, separators=(",", ":")).replace("/", "\\/")


def _page_json(kept: Json) -> Any:  # noqa: ANN401 - JSON
    return _php_json({name: kept[name] for name in _CONTENT_ORDER if name in kept}, top=True)


def _php_json(found: Any, *, top: bool = False) -> Any:  # noqa: ANN401 - JSON
    """Leave out the datatypes of snaks; an empty map becomes a list, as PHP writes it."""
    if isinstance(found, list):
        return [_php_json(each) for each in found]
    if not isinstance(found, dict):
        return found
    if not found:
        return []
    return {
        name: _php_json(value)
        for name, value in found.items()
        if name != "datatype" or top or "snaktype" not in found
    }


def _php_size(found: Any) -> int:  # noqa: ANN401 - JSON
    match found:
        case str():
            length = len(found.encode("utf-8", "surrogatepass"))
            return length + len(str(length)) + 6
        case bool():
            return 4
        case int():
            return len(str(found)) + 3
        case float():
            return len(repr(found)) + 3
        case list():
            return _php_size(dict(enumerate(found)))
        case dict():
            inner = sum(_php_size(name) + _php_size(value) for name, value in found.items())
            return inner + len(str(len(found))) + 5
        case _:
            return 2
