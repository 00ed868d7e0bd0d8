"""action=query&list=…: recent changes, contributions of users, and the log of deletions."""

from collections.abc import Mapping

from wbskills.wikibase.embedded.history import LogEntry, Revision
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.errors import Json, api_error
from wbskills.wikibase.server.api.page_set import parse_number
from wbskills.wikibase.server.api.query_lists import (
    ENTITY_NAMESPACES,
    ListResult,
    kinds_in,
)
from wbskills.wikibase.server.api.query_revisions import (
    revision_filter,
    revision_size,
    time_range,
    user_id,
    user_of,
)
from wbskills.wikibase.server.api.titles import (
    InvalidTitle,
    capitalized,
    parse_title,
    title_of,
)


def recent_changes(call: Call, values: Json) -> ListResult:
    """List edits, the newest first."""
    limit, types = values["limit"], values["type"] or ["edit", "new"]
    show = set(values["show"] or ())
    found = call.site.store.history.changes(
        limit + 1,
        revision_filter(values, _start(values)),
        kinds=kinds_in(values),
        new=("new" in types) if ("new" in types) != ("edit" in types) else None,
        bot=True if "bot" in show else False if "!bot" in show else None,
        user=values["user"],
    )
    if not {"new", "edit"} & set(types) or {"minor", "patrolled", "redirect"} & show:
        found = []
    following = _following(found, limit)
    found = found[:limit]
    pages = call.site.store.pages.page_ids([each.entity for each in found])
    if values["toponly"]:
        newest = call.site.store.pages.newest_revisions(pages)
        found = [each for each in found if newest.get(each.entity) == each.id]
    rows = [_change(call, each, pages[each.entity], values["prop"]) for each in found]
    if "redirect" in values["prop"]:
        targets = call.site.store.pages.redirects(pages)
        for row, each in zip(rows, found, strict=True):
            call.set_flags(row, redirect=each.entity in targets)
    return ListResult(
        rows, list(dict.fromkeys(title_of(each.entity) for each in found)), following
    )


def user_contributions(call: Call, values: Json) -> ListResult:
    """List the edits of users, the newest first."""
    limit = values["limit"]
    show = set(values["show"] or ())
    found: list[Revision] = []
    for name in _users(call, values):
        found += call.site.store.history.changes(
            limit + 1,
            revision_filter(values, _start(values)),
            kinds=kinds_in(values),
            new=True if "new" in show else False if "!new" in show else None,
            user=name,
        )
    found.sort(key=lambda each: each.id, reverse=values["dir"] != "newer")
    newest = call.site.store.pages.newest_revisions(each.entity for each in found)
    if "top" in show or "!top" in show or values["toponly"]:
        wanted = "!top" not in show
        found = [each for each in found if (newest.get(each.entity) == each.id) == wanted]
    following = _following(found, limit)
    found = [] if {"minor", "patrolled", "autopatrolled"} & show else found[:limit]
    pages = call.site.store.pages.page_ids([each.entity for each in found])
    rows = []
    for each in found:
        top = newest.get(each.entity) == each.id
        rows.append(_contribution(call, each, pages[each.entity], values["prop"], top=top))
    return ListResult(rows, following=following)


def log_events(call: Call, values: Json) -> ListResult:
    """List deletions and restorations, the newest first."""
    kind, action = values["type"], ""
    if values["action"]:
        kind, _, action = values["action"].partition("/")
    entity = _logged_entity(call, values["title"])
    namespace = values["namespace"]
    if kind not in (None, "delete") or entity == "" or namespace not in (None, *ENTITY_NAMESPACES):
        return ListResult()
    limit = values["limit"]
    found = call.site.store.history.log_entries(
        limit + 1,
        start=_start(values),
        down=values["dir"] == "older",
        times=time_range(values),
        action="" if action == "*" else action,
        user=values["user"] or "",
        entity=entity or "",
    )
    following = _following(found, limit)
    found = [
        each for each in found[:limit] if namespace in (None, str(title_of(each.entity).namespace))
    ]
    current = call.site.store.pages.existing_page_ids(each.entity for each in found)
    former = call.site.store.pages.page_ids(each.entity for each in found)
    rows = [_log_entry(call, each, current, former, values["prop"]) for each in found]
    return ListResult(rows, following=following)


def _start(values: Json) -> int | None:
    return parse_number((values["continue"] or "").rpartition("|")[2])


def _following(found: "list[Revision] | list[LogEntry]", limit: int) -> Json:
    if len(found) <= limit:
        return {}
    stamp = found[limit].made.translate(str.maketrans("", "", "-:TZ"))
    return {"continue": f"{stamp}|{found[limit].id}"}


def _change(call: Call, found: Revision, page: int, props: list[str]) -> Json:
    shown: Json = {"type": "new" if found.parent == 0 else "edit"}
    if "title" in props:
        shown |= title_of(found.entity).to_json()
    if "ids" in props:
        shown |= {"pageid": page, "revid": found.id, "old_revid": found.parent, "rcid": found.id}
    if "user" in props:
        shown |= user_of(call, found.edit.user)
    if "userid" in props:
        shown["userid"] = user_id(call, found.edit.user)
    if "flags" in props:
        call.set_flags(shown, bot=found.edit.bot, new=found.parent == 0, minor=False)
    if "sizes" in props:
        shown["oldlen"], shown["newlen"] = _sizes(call, found)
    return shown | _note(found, props)


def _contribution(call: Call, found: Revision, page: int, props: list[str], *, top: bool) -> Json:
    name = found.edit.user
    shown: Json = {"userid": user_id(call, name), "user": name}
    if "ids" in props:
        shown |= {"pageid": page, "revid": found.id, "parentid": found.parent}
    if "title" in props:
        shown |= title_of(found.entity).to_json()
    if "flags" in props:
        call.set_flags(shown, new=found.parent == 0, minor=False, top=top)
    shown |= _note(found, props)
    if {"size", "sizediff"} & set(props):
        before, after = _sizes(call, found)
        shown |= {"size": after} if "size" in props else {}
        shown |= {"sizediff": after - before} if "sizediff" in props else {}
    return shown


def _note(found: Revision, props: list[str]) -> Json:
    every = {
        "timestamp": found.made,
        "comment": found.edit.summary,
        "tags": list(found.edit.tags),
    }
    return {name: value for name, value in every.items() if name in props}


def _sizes(call: Call, found: Revision) -> tuple[int, int]:
    """Return the size of an entity before and after an edit."""
    store = call.site.store
    before = store.history.revision(found.parent) if found.parent else None
    after = store.history.revision(found.id)
    return revision_size(before) if before else 0, revision_size(after) if after else 0


def _users(call: Call, values: Json) -> list[str]:
    """Return the names of the users asked for by name, by number or by prefix."""
    accounts = call.site.store.accounts
    given = [name for name in ("user", "userids", "userprefix") if values[name] is not None]
    if not given:
        names = '"ucuser", "ucuserids" and "ucuserprefix"'
        raise api_error("missingparam", names, name="apierror-missingparam-one-of")
    if len(given) > 1:
        names = " and ".join(f'"uc{name}"' for name in given)
        raise api_error("invalidparammix", names)
    if given == ["user"]:
        if not all(values["user"]):
            raise api_error("baduser", "", "ucuser")
        return [capitalized(name).replace("_", " ") for name in values["user"]]
    if given == ["userids"]:
        numbers = {parse_number(text) for text in values["userids"]}
        return [each.name for each in accounts.list_all() if each.id in numbers]
    beginning = capitalized(values["userprefix"].replace("_", " "))
    return [each.name for each in accounts.list_all() if each.name.startswith(beginning)]


def _logged_entity(call: Call, title: str | None) -> str | None:
    """Return the entity whose log is asked for; None for all, empty if it is not an entity."""
    if title is None:
        return None
    try:
        return parse_title(title, call.site.name).entity or ""
    except InvalidTitle:
        return ""


def _log_entry(
    call: Call,
    found: LogEntry,
    current: Mapping[str, int],
    former: Mapping[str, int],
    props: list[str],
) -> Json:
    shown: Json = {}
    if "ids" in props:
        shown |= {
            "logid": found.id,
            "pageid": current.get(found.entity, 0),
            "logpage": former.get(found.entity, 0),
        }
    if "title" in props:
        shown |= title_of(found.entity).to_json()
    every: dict[str, Json] = {
        "details": {"params": {}},
        "type": {"type": "delete", "action": found.action},
        "user": user_of(call, found.user),
        "userid": {"userid": user_id(call, found.user)},
        "timestamp": {"timestamp": found.made},
        "comment": {"comment": found.reason},
        "tags": {"tags": []},
    }
    if found.entity not in current:  # the reason of a deletion may repeat what was deleted
        every["comment"] = {}
        call.set_flags(every["comment"], commenthidden=True)
    for prop in props:
        shown |= every.get(prop, {})
    return shown
