"""action=delete, undelete and edit; the only edit of a page is to undo one."""

from dataclasses import replace

from wbskills.errors import LabelClash, NotFound
from wbskills.wikibase.embedded.history import EditInfo, Revision
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import parse_entity_id
from wbskills.wikibase.server.api.editing import (
    check_deletion,
    label_clash,
    load_entity,
    save,
)
from wbskills.wikibase.server.api.errors import Json, api_error, wikibase_error
from wbskills.wikibase.server.api.titles import content_model, title_of


def delete(call: Call) -> Json:
    """Delete an entity and its page."""
    entity_id = _entity_of_page(call)
    _check_right(call, "delete")
    stored = call.site.store.read([entity_id]).get(entity_id)
    if stored is None:
        raise api_error("missingtitle")
    check_deletion(call, stored.entity)
    reason = call.values["reason"]
    if reason is None:
        reason = _default_reason(call, stored.entity)
    log_id = call.site.store.remove(stored, EditInfo(summary=reason, user=call.user.name))
    return {"delete": {"title": str(title_of(entity_id)), "reason": reason, "logid": log_id}}


def undelete(call: Call) -> Json:
    """Restore a deleted entity with all its revisions."""
    entity_id = _entity_of_title(call.values["title"])
    _check_right(call, "undelete")
    reason, store = call.values["reason"] or "", call.site.store
    nothing = api_error("cantundelete")
    if entity_id is None:
        raise nothing
    last = store.history.revisions_of(entity_id, 1, texts=True)
    if last and (stored := last[0].entity_then()) is not None:
        call.settings.check_edit(call.site, None, stored.entity)
    try:
        call.site.store.restore(entity_id, EditInfo(summary=reason, user=call.user.name))
    except NotFound:
        raise nothing from None
    except LabelClash as error:
        raise label_clash(call, Entity(id=entity_id), error.entity) from error
    return {
        "undelete": {
            "title": str(title_of(entity_id)),
            "revisions": len(store.history.revisions_of(entity_id, 5000)),
            "fileversions": 0,
            "reason": reason,
        }
    }


def edit(call: Call) -> Json:
    """Undo edits of an entity; the text of its page cannot be edited."""
    entity_id = _entity_of_page(call)
    if not call.values["undo"]:
        raise api_error("wikibase-no-direct-editing", title_of(entity_id).prefix)
    undone = _revision(call, call.values["undo"], entity_id)
    earlier = _revision(call, call.values["undoafter"] or undone.parent, entity_id)
    call.values["baserevid"] = undone.id
    target = load_entity(call, entity_id)
    then = earlier.entity_then()
    if then is None:
        raise wikibase_error("unresolved-redirect")
    saved = save(
        call,
        target,
        replace(then.entity, id=entity_id),
        f"/* undo:0||{undone.id}|{undone.edit.user} */",
    )
    call.messages.clear()
    found: Json = {
        "result": "Success",
        "pageid": call.site.store.pages.page_ids([entity_id])[entity_id],
        "title": str(title_of(entity_id)),
        "contentmodel": content_model(entity_id),
    }
    if not saved.changed:
        call.set_flags(found, nochange=True)
        return {"edit": found}
    found |= {
        "oldrevid": target.latest.revision if target.latest else 0,
        "newrevid": saved.revision,
        "newtimestamp": call.site.store.read([entity_id])[entity_id].modified,
    }
    call.set_flags(found, watched=True)
    return {"edit": found}


def _entity_of_page(call: Call) -> str:
    """Return the entity on the page with the `title` or the number `pageid`."""
    text, number = call.values["title"], call.values["pageid"]
    both = '"title" and "pageid"'
    if text is None and number is None:
        raise api_error("missingparam", both, name="apierror-missingparam-one-of")
    if text is not None and number is not None:
        raise api_error("invalidparammix", both)
    by_number = call.site.store.pages.entity_of
    found = by_number(number) if text is None else _entity_of_title(text)
    if found is None:
        raise api_error("missingtitle")
    return found


def _entity_of_title(text: str) -> str | None:
    prefix, _, name = text.replace("_", " ").partition(":")
    found = parse_entity_id(name.strip())
    if found is None or prefix.strip().casefold() != title_of(found).prefix.casefold():
        return None
    return found


def _check_right(call: Call, right: str) -> None:
    if not call.user.may(right):
        raise api_error("permissiondenied", call.site.name)


def _default_reason(call: Call, entity: Entity) -> str:
    """Return the reason that MediaWiki notes if none is given: what was deleted."""
    label = next(iter(entity.labels.values()), "")
    reason = f'content was: "{label}"'
    editors = {each.edit.user for each in call.site.store.history.revisions_of(entity.id, 100)}
    if len(editors) == 1 and (editor := editors.pop()):
        reason += (
            f', and the only contributor was "[[Special:Contributions/{editor}|{editor}]]"'
            f" ([[User talk:{editor}|talk]])"
        )
    return reason


def _revision(call: Call, number: int, entity_id: str) -> Revision:
    found = call.site.store.history.revision(number)
    if found is None or found.entity != entity_id or not found.text:
        raise api_error("nosuchrevid", number)
    return found
