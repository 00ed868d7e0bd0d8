"""wbmergeitems and wbcreateredirect."""

from collections.abc import Collection

from wbskills.errors import LabelClash
from wbskills.wikibase.model.edits import merge
from wbskills.wikibase.model.entities import Entity, Stored
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import read_entity_id
from wbskills.wikibase.server.api.editing import (
    check_distinct_terms,
    check_filter,
    check_rights,
    edit_info,
    label_clash,
)
from wbskills.wikibase.server.api.errors import ApiError, Json, wikibase_error
from wbskills.wikibase.server.api.three_way_merge import same_content


def merge_items(call: Call) -> Json:
    """Move everything from one item to another, and make the first a redirect to it."""
    source_id = read_entity_id(call.values["fromid"], "Q")
    target_id = read_entity_id(call.values["toid"], "Q")
    _check_rights(call, "item-merge")
    if source_id == target_id:
        raise _merge_error("cant-merge-self")
    source, target = _load(call, source_id), _load(call, target_id)
    ignored = call.values["ignoreconflicts"] or []
    if "statement" not in ignored:
        _check_links(source.entity, target.entity)
    merged, left = _merge(source.entity, target.entity, ignored)
    check_distinct_terms(merged, target.entity)
    edits = [
        (after, before, info)
        for after, before, info in (
            (left, source, edit_info(call, f"/* wbmergeitems-to:0||{target_id} */")),
            (merged, target, edit_info(call, f"/* wbmergeitems-from:0||{source_id} */")),
        )
        if not same_content(after, before.entity)
    ]
    for after, before, _ in edits:
        check_filter(call, before.entity, after)
        call.settings.check_edit(call.site, before.entity, after)
    try:
        written = {each.entity.id: each for each in call.site.store.revise_all(edits)}
    except LabelClash as error:
        raise label_clash(call, merged, error.entity) from error
    source, target = written.get(source_id, source), written.get(target_id, target)
    redirected = _is_empty(left)
    if redirected:
        _redirect(call, source, target_id)
    return {
        "success": 1,
        "redirected": int(redirected),
        "from": {"id": source_id, "type": "item", "lastrevid": source.revision},
        "to": {"id": target_id, "type": "item", "lastrevid": target.revision},
    }


def create_redirect(call: Call) -> Json:
    """Make an empty item a redirect to another."""
    source_id, target_id = read_entity_id(call.values["from"]), read_entity_id(call.values["to"])
    _check_rights(call, "item-redirect")
    targets = call.site.store.pages.redirects([source_id, target_id])
    if target_id in targets:
        raise wikibase_error("target-is-redirect")
    found = call.site.store.read([source_id, target_id])
    if target_id not in found:
        raise wikibase_error("no-such-entity")
    if source_id in targets:
        raise wikibase_error("origin-not-empty", f"Can't create redirect on redirect {source_id}")
    source = found.get(source_id)
    if source is None:
        raise wikibase_error("no-such-entity")
    if source_id == target_id or not source_id.startswith("Q") or not target_id.startswith("Q"):
        raise wikibase_error("param-illegal", "Incompatible entity types")
    if not _is_empty(source.entity):
        raise wikibase_error(
            "origin-not-empty", f"Can't create redirect on non empty item {source_id}"
        )
    _redirect(call, source, target_id)
    return {"success": 1, "redirect": target_id}


def _check_rights(call: Call, right: str) -> None:
    check_rights(call)
    if not call.user.may(right):
        raise wikibase_error("permissiondenied")


def _load(call: Call, item: str) -> Stored:
    found = call.site.store.read([item]).get(item)
    if found is not None:
        return found
    targets = call.site.store.pages.redirects([item])
    if item in targets:
        reason = f"Unresolved redirect from {item} to {targets[item]}"
        raise wikibase_error("cant-load-entity-content", data={"extradata": [reason]})
    raise _merge_error("no-such-entity")


def _merge_error(code: str) -> ApiError:
    return wikibase_error(code, name=f"wikibase-itemmerge-{code}", data={"extradata": []})


def _modify_error(reason: str) -> ApiError:
    return wikibase_error("failed-modify", data={"extradata": [reason]})


def _check_links(source: Entity, target: Entity) -> None:
    """Refuse to merge two items of which one has a statement with the other."""
    for one, other in ((source, target), (target, source)):
        for statement in one.statements:
            if statement.main.value == EntityRef(other.id):
                raise _modify_error(
                    "The two items cannot be merged because one of them links to the other"
                    f" using property {statement.main.property}"
                )


def _merge(source: Entity, target: Entity, ignored: Collection[str]) -> tuple[Entity, Entity]:
    """Return the target with all of the source, and what is left of the source."""
    found = merge(source, target)
    if found.languages and "description" not in ignored:
        raise _modify_error(f"Conflicting descriptions for language {found.languages[0]}")
    if found.sites and "sitelink" not in ignored:
        raise _modify_error(f"Conflicting sitelinks for {found.sites[0]}")
    return found.merged, found.left


def _redirect(call: Call, source: Stored, target_id: str) -> None:
    summary = f"/* wbcreateredirect:0||{source.entity.id}|{target_id} */"
    call.site.store.redirect(source, target_id, edit_info(call, summary))


def _is_empty(entity: Entity) -> bool:
    return entity == Entity(kind=entity.kind, id=entity.id, datatype=entity.datatype)
