"""wbmergeitems and wbcreateredirect."""

from collections.abc import Collection

from wbskills.errors import LabelClash
from wbskills.wikibase.model.edits import merge
from wbskills.wikibase.model.entities import Entity, Stored
from wbskills.wikibase.model.values import EntityRef
from wbskills.wikibase.server.api import terms
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.editing import check_filter, check_rights, clash, note
from wbskills.wikibase.server.api.errors import ApiError, refused
from wbskills.wikibase.server.api.messages import Json, Message
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.sameness import same
from wbskills.wikibase.server.api.values import entity_id


def _merge(call: Call) -> Json:
    """Put all of one item into another, and make the first a redirect to it."""
    source_id, target_id = _item(call.values["fromid"]), _item(call.values["toid"])
    check_rights(call)
    if not call.user.may("item-merge"):
        raise refused("permissiondenied")
    if source_id == target_id:
        raise _no_merge("cant-merge-self")
    source, target = _loaded(call, source_id), _loaded(call, target_id)
    ignored = call.values["ignoreconflicts"] or []
    _check_links(source.entity, target.entity, ignored)
    merged, left = _merged(source.entity, target.entity, ignored)
    terms.check_distinct(merged, target.entity)
    given = note(call, f"/* wbmergeitems-to:0||{target_id} */")
    taken = note(call, f"/* wbmergeitems-from:0||{source_id} */")
    edits = [
        edit
        for edit in ((left, source, given), (merged, target, taken))
        if not same(edit[0], edit[1].entity)
    ]
    for after, before, _ in edits:
        check_filter(call, before.entity, after)
        call.settings.check_edit(call.site, before.entity, after)
    try:
        written = {each.entity.id: each for each in call.site.store.revise_all(edits)}
    except LabelClash as error:
        raise clash(call, merged, error.entity) from error
    emptied, filled = written.get(source_id, source), written.get(target_id, target)
    redirected = _is_empty(left)
    if redirected:
        call.site.store.redirect(
            emptied,
            target_id,
            note(call, f"/* wbcreateredirect:0||{source_id}|{target_id} */"),
        )
    return {
        "success": 1,
        "redirected": int(redirected),
        "from": {"id": source_id, "type": "item", "lastrevid": emptied.revision},
        "to": {"id": target_id, "type": "item", "lastrevid": filled.revision},
    }


def _item(text: str) -> str:
    found = entity_id(text)
    if found is None or not found.startswith("Q"):
        raise refused("invalid-entity-id")
    return found


def _no_merge(code: str) -> ApiError:
    message = Message(f"wikibase-itemmerge-{code}")
    return ApiError(code, message.wikitext, messages=[message], data={"extradata": []})


def _loaded(call: Call, name: str) -> Stored:
    found = call.site.store.read([name]).get(name)
    if found is not None:
        return found
    targets = call.site.store.pages.redirects([name])
    if name in targets:
        message = Message("wikibase-api-cant-load-entity-content")
        text = f"Unresolved redirect from {name} to {targets[name]}"
        raise ApiError(
            "cant-load-entity-content",
            message.wikitext,
            messages=[message],
            data={"extradata": [text]},
        )
    raise _no_merge("no-such-entity")


def _failed(text: str) -> ApiError:
    message = Message("wikibase-api-failed-modify")
    return ApiError(
        "failed-modify", message.wikitext, messages=[message], data={"extradata": [text]}
    )


def _check_links(source: Entity, target: Entity, ignored: Collection[str]) -> None:
    """Refuse to merge two items of which one says something about the other."""
    if "statement" in ignored:
        return
    for one, other in ((source, target), (target, source)):
        for statement in one.statements:
            if statement.main.value == EntityRef(other.id):
                raise _failed(
                    f"The two items cannot be merged because one of them links to the other"
                    f" using property {statement.main.property}"
                )


def _merged(source: Entity, target: Entity, ignored: Collection[str]) -> tuple[Entity, Entity]:
    """Give the target with all of the source, and the source with what had to stay."""
    found = merge(source, target)
    if found.languages and "description" not in ignored:
        raise _failed(f"Conflicting descriptions for language {found.languages[0]}")
    if found.sites and "sitelink" not in ignored:
        raise _failed(f"Conflicting sitelinks for {found.sites[0]}")
    return found.merged, found.left


def _is_empty(entity: Entity) -> bool:
    return not (
        entity.labels
        or entity.descriptions
        or entity.aliases
        or entity.statements
        or entity.sitelinks
    )


def _create_redirect(call: Call) -> Json:
    source_id, target_id = _id(call.values["from"]), _id(call.values["to"])
    check_rights(call)
    if not call.user.may("item-redirect"):
        raise refused("permissiondenied")
    targets = call.site.store.pages.redirects([source_id, target_id])
    if target_id in targets:
        raise refused("target-is-redirect")
    found = call.site.store.read([source_id, target_id])
    if target_id not in found:
        raise refused("no-such-entity")
    if source_id in targets:
        raise refused("origin-not-empty", f"Can't create redirect on redirect {source_id}")
    source = found.get(source_id)
    if source is None:
        raise refused("no-such-entity")
    if source_id == target_id or not source_id.startswith("Q") or not target_id.startswith("Q"):
        raise refused("param-illegal", "Incompatible entity types")
    if not _is_empty(source.entity):
        raise refused("origin-not-empty", f"Can't create redirect on non empty item {source_id}")
    auto = f"/* wbcreateredirect:0||{source_id}|{target_id} */"
    call.site.store.redirect(source, target_id, note(call, auto))
    return {"success": 1, "redirect": target_id}


def _id(text: str) -> str:
    found = entity_id(text)
    if found is None:
        raise refused("invalid-entity-id")
    return found


_TOKEN = Parameter("token", required=True, token="csrf")  # noqa: S106 - a kind, no secret
MERGE_ITEMS = Module(
    "wbmergeitems",
    _merge,
    (
        Parameter("fromid", required=True),
        Parameter("toid", required=True),
        Parameter("ignoreconflicts", multi=True, choices=("description", "sitelink", "statement")),
        Parameter("summary"),
        Parameter("tags", multi=True, choices=()),
        Parameter("bot", "boolean"),
        _TOKEN,
    ),
    token="csrf",  # noqa: S106 - a kind, no secret
    posted=True,
    writes=True,
)
CREATE_REDIRECT = Module(
    "wbcreateredirect",
    _create_redirect,
    (
        Parameter("from", required=True),
        Parameter("to", required=True),
        _TOKEN,
        Parameter("bot", "boolean"),
        Parameter("summary"),
        Parameter("tags", multi=True, choices=()),
    ),
    token="csrf",  # noqa: S106 - a kind, no secret
    posted=True,
    writes=True,
)
