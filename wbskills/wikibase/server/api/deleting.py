"""Pages: deleting and restoring them, undoing an edit, and the refusal to edit their text."""

from dataclasses import replace

from wbskills.errors import LabelClash, NotFound
from wbskills.wikibase.embedded.history import EditInfo, Revision
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.server.api.call import Call, Module, title
from wbskills.wikibase.server.api.editing import Target, check_deletion, clash, existing, save
from wbskills.wikibase.server.api.errors import ApiError, refused
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.values import entity_id


def entity_of_title(text: str) -> str | None:
    """Give the id of the entity whose page has a title."""
    space, _, name = text.replace("_", " ").partition(":")
    found = entity_id(name.strip())
    wanted = "property" if found and found.startswith("P") else "item"
    return found if space.strip().casefold() == wanted else None


def _page(call: Call) -> str:
    """Find the entity of the page that is named by its title or its number."""
    text, number = call.values["title"], call.values["pageid"]
    if (text is None) == (number is None):
        raise ApiError(
            "missingparam" if text is None else "invalidparammix",
            'The parameters "title" and "pageid" can not be used together.'
            if text is not None
            else 'One of the parameters "title" and "pageid" is required.',
        )
    found = entity_of_title(text) if text is not None else call.site.store.pages.entity_of(number)
    if found is None:
        raise _missing()
    return found


def _missing() -> ApiError:
    return ApiError("missingtitle", "The page you specified doesn't exist.")


def _check_sysop(call: Call, right: str) -> None:
    if not call.user.may(right):
        name = call.site.name
        raise ApiError(
            "permissiondenied",
            "The action you have requested is limited to users in the group:"
            f" [[{name}:Administrators|Administrators]].",
        )


def _delete(call: Call) -> Json:
    name = _page(call)
    _check_sysop(call, "delete")
    stored = call.site.store.read([name]).get(name)
    if stored is None:
        raise _missing()
    check_deletion(call, stored.entity)
    reason = call.values["reason"]
    if reason is None:
        reason = _usual_reason(call, stored.entity)
    entry = call.site.store.remove(stored, EditInfo(summary=reason, user=call.user.name))
    return {"delete": {"title": title(name), "reason": reason, "logid": entry}}


def _usual_reason(call: Call, entity: Entity) -> str:
    """Say what was deleted, as MediaWiki does unless it is told why."""
    label = next(iter(entity.labels.values()), "")
    told = f'content was: "{label}"'
    editors = {each.edit.user for each in call.site.store.history.revisions_of(entity.id, 100)}
    if len(editors) == 1 and (only := editors.pop()):
        told += (
            f', and the only contributor was "[[Special:Contributions/{only}|{only}]]"'
            f" ([[User talk:{only}|talk]])"
        )
    return told


def _undelete(call: Call) -> Json:
    name = entity_of_title(call.values["title"])
    _check_sysop(call, "undelete")
    reason = call.values["reason"] or ""
    if name is None:
        raise ApiError("cantundelete", "Couldn't undelete: the requested revisions may not exist.")
    last = call.site.store.history.revisions_of(name, 1, texts=True)
    if last and (stored := last[0].entity_then()) is not None:
        call.settings.check_edit(call.site, None, stored.entity)
    try:
        call.site.store.restore(name, EditInfo(summary=reason, user=call.user.name))
    except NotFound:
        raise ApiError(
            "cantundelete", "Couldn't undelete: the requested revisions may not exist."
        ) from None
    except LabelClash as error:
        raise clash(call, Entity(id=name), error.entity) from error
    count = len(call.site.store.history.revisions_of(name, 5000))
    return {
        "undelete": {
            "title": title(name),
            "revisions": count,
            "fileversions": 0,
            "reason": reason,
        }
    }


def _edit(call: Call) -> Json:
    """Undo an edit; the text of an entity's page can not be edited."""
    name = _page(call)
    if not call.values["undo"]:
        space = "Property" if name.startswith("P") else "Item"
        raise ApiError(
            "wikibase-no-direct-editing", f"Direct editing is disabled in namespace {space}"
        )
    undone = _revision(call, call.values["undo"], name)
    first = _revision(call, call.values["undoafter"] or undone.parent, name)
    call.values["baserevid"] = undone.id
    target = existing(call, name)
    wanted = replace(_entity(first), id=name)
    if target.latest is None or target.base is None:
        raise _missing()
    saved = save(
        call,
        Target(target.base.entity, target.base, target.latest),
        wanted,
        f"/* undo:0||{undone.id}|{undone.edit.user} */",
    )
    call.messages.clear()
    found: Json = {
        "result": "Success",
        "pageid": call.site.store.pages.page_ids([name])[name],
        "title": title(name),
        "contentmodel": "wikibase-property" if name.startswith("P") else "wikibase-item",
    }
    if not saved.changed:
        call.mark(found, nochange=True)
        return {"edit": found}
    found |= {
        "oldrevid": target.latest.revision,
        "newrevid": saved.revision,
        "newtimestamp": call.site.store.read([name])[name].modified,
    }
    call.mark(found, watched=True)
    return {"edit": found}


def _revision(call: Call, number: int, name: str) -> Revision:
    found = call.site.store.history.revision(number)
    if found is None or found.entity != name or not found.text:
        raise ApiError("nosuchrevid", f"There is no revision with ID {number}.")
    return found


def _entity(revision: Revision) -> Entity:
    then = revision.entity_then()
    if then is None:
        raise refused("unresolved-redirect")
    return then.entity


_TOKEN = Parameter("token", required=True, token="csrf")  # noqa: S106 - a kind, no secret
_WATCH = (
    Parameter("watch", "boolean"),
    Parameter("unwatch", "boolean"),
    Parameter("watchlist"),
    Parameter("watchlistexpiry"),
)
DELETE = Module(
    "delete",
    _delete,
    (
        Parameter("title"),
        Parameter("pageid", "integer"),
        Parameter("reason"),
        Parameter("tags", multi=True),
        Parameter("deletetalk", "boolean"),
        *_WATCH,
        _TOKEN,
    ),
    token="csrf",  # noqa: S106 - a kind, no secret
    posted=True,
    writes=True,
)
UNDELETE = Module(
    "undelete",
    _undelete,
    (
        Parameter("title", required=True),
        Parameter("reason"),
        Parameter("tags", multi=True),
        Parameter("timestamps", multi=True),
        *_WATCH,
        _TOKEN,
    ),
    token="csrf",  # noqa: S106 - a kind, no secret
    posted=True,
    writes=True,
)
EDIT = Module(
    "edit",
    _edit,
    (
        Parameter("title"),
        Parameter("pageid", "integer"),
        Parameter("text", "text"),
        Parameter("summary"),
        Parameter("tags", multi=True, choices=()),
        Parameter("bot", "boolean"),
        Parameter("minor", "boolean"),
        Parameter("undo", "integer"),
        Parameter("undoafter", "integer"),
        Parameter("basetimestamp"),
        Parameter("starttimestamp"),
        *_WATCH,
        _TOKEN,
    ),
    token="csrf",  # noqa: S106 - a kind, no secret
    posted=True,
    writes=True,
)
