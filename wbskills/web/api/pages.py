"""action=query about pages: their revisions, terms and properties, and lists of pages."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from wbskills.model.entities import Entity, Kind
from wbskills.store.archive import EVER, Revision, Walk
from wbskills.web.api.call import Call, namespace, title
from wbskills.web.api.cutting import fits
from wbskills.web.api.deleting import entity_of_title
from wbskills.web.api.messages import Json
from wbskills.web.api.values import entity_id

KINDS: Final = {120: Kind.ITEM, 122: Kind.PROPERTY}
_MOST_TEXTS: Final = 50  # revisions with their texts at a time, as in MediaWiki
_MOST_LINKS: Final = 5_000
_USUAL: Final = 10  # revisions, where some are asked for and no number of them is
_BOUNDS: Final = ("startid", "endid", "start", "end")
_ORDER: Final = (
    "type", "datatype", "id", "labels", "descriptions", "aliases", "claims", "sitelinks",
)  # fmt: skip


def content(text: str) -> str:
    """Write what was kept of a revision as a page of Wikibase holds it."""
    kept = json.loads(text)
    if "redirect" not in kept:
        kept = _bare({name: kept[name] for name in _ORDER if name in kept}, top=True)
    written = json.dumps(kept, separators=(",", ":"))
    return written.replace("/", "\\/")


def _bare(found: Any, *, top: bool = False) -> Any:  # noqa: ANN401 - JSON
    """Leave out datatypes of snaks; write empty maps as PHP does."""
    if isinstance(found, list):
        return [_bare(each) for each in found]
    if not isinstance(found, dict):
        return found
    if not found:
        return []
    return {
        name: _bare(value)
        for name, value in found.items()
        if name != "datatype" or top or "snaktype" not in found
    }


def size(text: str) -> int:
    """Measure what was kept of a revision as Wikibase does: serialized by PHP."""
    kept = json.loads(text or '{"redirect": ""}')
    if "redirect" in kept:
        return len(text)
    return _size(_bare({name: kept[name] for name in _ORDER if name in kept}, top=True))


def _size(found: Any) -> int:  # noqa: ANN401 - JSON
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
            inner = sum(len(str(number)) + 3 + _size(one) for number, one in enumerate(found))
            return inner + len(str(len(found))) + 5
        case dict():
            inner = sum(_size(name) + _size(value) for name, value in found.items())
            return inner + len(str(len(found))) + 5
        case _:
            return 2


def number(text: str) -> int | None:
    """Read a number of a page or revision; None if it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else None


def wanted_pages(call: Call) -> list[tuple[str, str | None]]:
    """List the pages that a query is about: their titles, and their entities if they are there."""
    values = call.memory["query"]
    found: list[tuple[str, str | None]] = []
    for text in values["titles"] or ():
        name = entity_of_title(text)
        if name is None:
            found.append((text, None))
        else:
            there = call.site.store.archive.exists(name)
            found.append((title(name), name if there else None))
    for text in values["pageids"] or ():
        page = number(text)
        name = call.site.store.archive.of_page(page) if page is not None else None
        if name is not None and call.site.store.archive.exists(name):
            found.append((title(name), name))
    found += [(title(each.entity), each.entity) for each in asked_revisions(call)]
    return list(dict.fromkeys(found))


def asked_revisions(call: Call) -> list[Revision]:
    """List the revisions that a query names by their numbers; those of deleted pages are not."""
    known: list[Revision] | None = call.memory.get("revids")
    if known is None:
        archive = call.site.store.archive
        numbers = {number(text) or 0 for text in call.memory["query"]["revids"] or ()}
        found = [archive.revision(each) for each in sorted(numbers)]
        known = [each for each in found if each is not None and archive.exists(each.entity)]
        call.memory["revids"] = known
    return known


def wrong_revisions(call: Call) -> Json:
    """Say which of the revisions that a query names are not there."""
    there = {str(each.id) for each in asked_revisions(call)}
    wrong: Json = {}
    for text in call.memory["query"]["revids"] or ():
        asked = number(text)
        if asked is not None and str(asked) not in there:
            wrong[str(asked)] = {"revid": asked}
            call.mark(wrong[str(asked)], missing=True)
    return {"badrevids": wrong} if wrong else {}


def _walk(values: Json, number: int | None) -> Walk:
    """Say which way a list goes through revisions, and between which times."""
    newer = values["dir"] == "newer"
    first, last = values["start"], values["end"]
    if not newer:
        first, last = last, first
    return Walk(start=number, oldest=newer, times=(first or EVER[0], last or EVER[1]))


def pages(call: Call, props: Iterable[str]) -> Json:
    """Answer what a query asks of pages."""
    listed = wanted_pages(call)
    numbers = call.site.store.archive.page_ids([name for _, name in listed if name])
    found: list[Json] = []
    missing = 0
    for text, name in listed:
        if name is None:
            missing += 1
            known = entity_of_title(text)
            page: Json = {"ns": namespace(known) if known else 0, "title": text}
            call.mark(page, missing=True)
            if "info" in props:
                page |= _info_of_missing(known)
            found.append(page)
            continue
        page = {"pageid": numbers[name], **call.titled(name)}
        for prop in props:
            _PROPS[prop](call, page, name)
        found.append(page)
    found.sort(key=lambda page: page.get("pageid", 0))
    if call.version == 2:
        return {"pages": found}
    nameless = iter(range(-1, -1 - missing, -1))
    return {"pages": {str(page.get("pageid") or next(nameless)): page for page in found}}


def _language() -> Json:
    return {"pagelanguage": "en", "pagelanguagehtmlcode": "en", "pagelanguagedir": "ltr"}


def _info_of_missing(name: str | None) -> Json:
    return {"contentmodel": _model(name) if name else "wikitext", **_language()}


def _model(name: str) -> str:
    return "wikibase-property" if name.startswith("P") else "wikibase-item"


def _info(call: Call, page: Json, name: str) -> None:
    if not _info_is_due(call, page["title"]):
        return
    newest = call.site.store.archive.history(name, 1, texts=True)[0]
    info = {
        "contentmodel": _model(name),
        **_language(),
        "touched": newest.made,
        "lastrevid": newest.id,
        "length": size(newest.text),
    }
    if not fits(call, info):
        call.memory["continue"] = {"incontinue": page["title"], "continue": "||"}
        return
    page |= info
    if _is_redirect(newest):
        call.mark(page, redirect=True)
    if newest.parent == 0:
        call.mark(page, new=True)


def _info_is_due(call: Call, page_title: str) -> bool:
    """Tell whether this answer tells of a page: others did before, or the next one will."""
    if "incontinue" in call.memory.get("continue", {}):
        return False
    begin = call.memory["info"]["continue"]
    if begin and page_title == begin:
        call.memory["info"]["continue"] = begin = None
    return not begin


def _is_redirect(revision: Revision) -> bool:
    return '"redirect":' in revision.text[:80]


def _revisions(call: Call, page: Json, name: str) -> None:
    values = call.memory["revisions"]
    props = values["prop"]
    named = [each for each in asked_revisions(call) if each.entity == name]
    if named:
        page["revisions"] = [_revision(call, each, props, values["slots"]) for each in named]
        return
    newer, end = values["dir"] == "newer", values["endid"]
    limit = values["limit"]
    if limit is None and (newer or any(values[each] for each in _BOUNDS)):
        limit = _USUAL
    texts = bool({"content", "size", "sha1"} & set(props))
    start = number((values["continue"] or "").rpartition("|")[2]) or values["startid"]
    most = (limit or 1) if not texts else min(limit or 1, _MOST_TEXTS)
    found = call.site.store.archive.history(name, most + 1, _walk(values, start), texts=texts)
    if end:
        found = [each for each in found if (each.id <= end if newer else each.id >= end)]
    if len(found) > most:
        if limit is not None:
            call.memory["continue"] = {"rvcontinue": f"|{found[most].id}", "continue": "||"}
        found = found[:most]
    page["revisions"] = [_revision(call, each, props, values["slots"]) for each in found]


def _revision(call: Call, found: Revision, props: list[str], slots: list[str] | None) -> Json:
    written = content(found.text) if found.text else ""
    every: dict[str, Json] = {
        "ids": {"revid": found.id, "parentid": found.parent},
        "flags": {"minor": False} if call.version == 2 else {},
        "user": {"user": found.note.user or "wbskills"},
        "timestamp": {"timestamp": found.made},
        "comment": {"comment": found.note.summary},
        "tags": {"tags": list(found.note.tags)},
    }
    shown: Json = {}
    for prop in props:
        shown |= every.get(prop, {})
    if "size" in props:
        shown["size"] = size(found.text)
    if "sha1" in props:
        shown["sha1"] = hashlib.sha1(written.encode(), usedforsecurity=False).hexdigest()
    slot: Json = {}
    if "contentmodel" in props:
        slot["contentmodel"] = _model(found.entity)
    if "content" in props:
        if not found.text:
            call.mark(slot, texthidden=True)
        slot["contentformat"] = "application/json"
        slot["*" if call.version == 1 else "content"] = written
    shown |= {"slots": {"main": slot}} if slots and slot else slot
    return shown


def _entity_terms(call: Call, page: Json, name: str) -> None:
    target = call.site.store.archive.redirects([name]).get(name, name)
    stored = call.site.store.read([target]).get(target)
    if stored is None:
        return
    values = call.memory["entityterms"]
    language = values["language"]
    if language in (None, "uselang"):
        language = call.language
    page["entityterms"] = _terms(stored.entity, language, values["terms"])


def _terms(entity: Entity, language: str, kinds: list[str]) -> Json:
    found = {}
    if "alias" in kinds and language in entity.aliases:
        found["alias"] = list(entity.aliases[language])
    if "label" in kinds and language in entity.labels:
        found["label"] = [entity.labels[language]]
    if "description" in kinds and language in entity.descriptions:
        found["description"] = [entity.descriptions[language]]
    return found


_PROPS: Final = {"info": _info, "revisions": _revisions, "entityterms": _entity_terms}


def recent_changes(call: Call, values: Json) -> Json:
    """Answer list=recentchanges."""
    limit, kinds = values["limit"], values["type"] or ["edit", "new"]
    start = values["continue"]
    newest = number((start or "").rpartition("|")[2])
    spaces = values["namespace"] or [str(number) for number in KINDS]
    shows = set(values["show"] or ())
    found = call.site.store.archive.changes(
        limit + 1,
        _walk(values, newest),
        kinds=[kind for space, kind in KINDS.items() if str(space) in spaces],
        new=("new" in kinds) if ("new" in kinds) != ("edit" in kinds) else None,
        bot=True if "bot" in shows else False if "!bot" in shows else None,
        user=values["user"],
    )
    if not {"new", "edit"} & set(kinds):
        found = []
    if len(found) > limit:
        stamp = found[limit].made.translate(str.maketrans("", "", "-:TZ"))
        going_on = {"rccontinue": f"{stamp}|{found[limit].id}", "continue": "-||"}
        call.memory["continue"] = going_on
    found = found[:limit]
    numbers = call.site.store.archive.page_ids([each.entity for each in found])
    return {"recentchanges": [_change(call, each, numbers, values["prop"]) for each in found]}


def user_contributions(call: Call, values: Json) -> Json:
    """Answer list=usercontribs."""
    spaces = values["namespace"] or [str(space) for space in KINDS]
    kinds = [kind for space, kind in KINDS.items() if str(space) in spaces]
    start = number((values["continue"] or "").rpartition("|")[2])
    limit, newer = values["limit"], values["dir"] == "newer"
    found: list[Revision] = []
    for name in values["user"] or ():
        found += call.site.store.archive.changes(
            limit + 1, _walk(values, start), kinds=kinds, user=name
        )
    found.sort(key=lambda each: each.id, reverse=not newer)
    if len(found) > limit:
        call.memory["continue"] = {"uccontinue": f"|{found[limit].id}", "continue": "-||"}
    found = found[:limit]
    numbers = call.site.store.archive.page_ids([each.entity for each in found])
    listed = []
    for each in found:
        shown = {"user": each.note.user, **_change(call, each, numbers, values["prop"])}
        for name in ("type", "rcid", "old_revid"):
            shown.pop(name, None)
        if "ids" in values["prop"]:
            shown["parentid"] = each.parent
        listed.append(shown)
    return {"usercontribs": listed}


def _change(call: Call, found: Revision, numbers: Mapping[str, int], props: list[str]) -> Json:
    kind = "new" if found.parent == 0 else "edit"
    shown: Json = {"type": kind}
    if "title" in props:
        shown |= call.titled(found.entity)
    if "ids" in props:
        shown |= {"pageid": numbers[found.entity], "revid": found.id}
        shown |= {"old_revid": found.parent, "rcid": found.id}
    if "user" in props:
        shown["user"] = found.note.user or "wbskills"
    if "flags" in props:
        call.mark(shown, bot=found.note.bot, new=kind == "new", minor=False)
    if "sizes" in props:
        before = call.site.store.archive.revision(found.parent) if found.parent else None
        after = call.site.store.archive.revision(found.id)
        shown["oldlen"] = size(before.text) if before else 0
        shown["newlen"] = size(after.text) if after else 0
    if "timestamp" in props:
        shown["timestamp"] = found.made
    if "comment" in props:
        shown["comment"] = found.note.summary
    if "tags" in props:
        shown["tags"] = list(found.note.tags)
    return shown


def all_pages(call: Call, values: Json) -> Json:
    """Answer list=allpages."""
    kind = KINDS.get(values["namespace"])
    if kind is None:
        return {"allpages": []}
    limit = values["limit"]
    start = values["continue"] or values["from"] or ""
    names = call.site.store.archive.ids(kind, limit + 1, start=start)
    if len(names) > limit:
        call.memory["continue"] = {"apcontinue": names[limit], "continue": "-||"}
    names = names[:limit]
    numbers = call.site.store.archive.page_ids(names)
    return {"allpages": [{"pageid": numbers[name], **call.titled(name)} for name in names]}


def back_links(call: Call, values: Json) -> Json:
    """Answer list=backlinks: the entities whose statements mention an entity."""
    name = entity_of_title(values["title"] or "") or entity_id(values["title"] or "")
    if name is None:
        return {"backlinks": []}
    base = call.site.store.concept_base
    answer = call.site.store.select(
        f"SELECT DISTINCT ?e WHERE {{ {{ ?s ?a <{base}{name}> }} UNION"
        f" {{ ?s ?a ?n . ?n ?b <{base}{name}> }} UNION"
        f" {{ ?s ?a ?r . ?r ?b ?n . ?n ?c <{base}{name}> }}"
        f' ?e ?p ?s . FILTER(STRSTARTS(STR(?s), "{base}statement/")) }} LIMIT {_MOST_LINKS}'
    )
    found = [str(row[0]).removeprefix(base) for row in answer.rows]
    numbers = call.site.store.archive.page_ids([each for each in found if entity_id(each)])
    listed = sorted(numbers.items(), key=lambda pair: pair[1])[: values["limit"]]
    return {"backlinks": [{"pageid": number, **call.titled(each)} for each, number in listed]}


def full_text(_call: Call, _values: Json) -> Json:
    """Answer list=search, which without a search engine finds nothing."""
    return {"searchinfo": {"totalhits": 0}, "search": []}
