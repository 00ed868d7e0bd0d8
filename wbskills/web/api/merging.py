"""wbmergeitems and wbcreateredirect."""

from collections.abc import Collection
from dataclasses import replace

from wbskills.errors import LabelClash
from wbskills.model.edits import grouped
from wbskills.model.entities import Entity, Sitelink, Statement, Stored
from wbskills.model.values import EntityRef
from wbskills.web.api import terms
from wbskills.web.api.call import Call, Module
from wbskills.web.api.editing import check_rights, clash, note
from wbskills.web.api.errors import ApiError, refused
from wbskills.web.api.messages import Json, Message
from wbskills.web.api.parameters import Parameter
from wbskills.web.api.sameness import same
from wbskills.web.api.values import entity_id


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
    targets = call.site.store.archive.redirects([name])
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
    labels, aliases = dict(target.labels), {k: list(v) for k, v in target.aliases.items()}
    for language, label in source.labels.items():
        if labels.setdefault(language, label) != label:
            aliases.setdefault(language, []).append(label)
    for language, texts in source.aliases.items():
        aliases.setdefault(language, []).extend(texts)
    descriptions, kept = dict(target.descriptions), {}
    for language, text in source.descriptions.items():
        if descriptions.setdefault(language, text) != text:
            kept[language] = text
            if "description" not in ignored:
                raise _failed(f"Conflicting descriptions for language {language}")
    links, kept_links = _merged_links(source, target, ignored)
    merged = replace(
        target,
        labels=labels,
        descriptions=descriptions,
        aliases={language: tuple(dict.fromkeys(texts)) for language, texts in aliases.items()},
        statements=_merged_statements(source, target),
        sitelinks=links,
    )
    return merged, Entity(id=source.id, descriptions=kept, sitelinks=kept_links)


def _merged_links(
    source: Entity, target: Entity, ignored: Collection[str]
) -> tuple[tuple[Sitelink, ...], tuple[Sitelink, ...]]:
    links, kept = {link.site: link for link in target.sitelinks}, []
    for link in source.sitelinks:
        if links.setdefault(link.site, link) != link:
            kept.append(link)
            if "sitelink" not in ignored:
                raise _failed(f"Conflicting sitelinks for {link.site}")
    return tuple(links.values()), tuple(kept)


def _merged_statements(source: Entity, target: Entity) -> tuple[Statement, ...]:
    """Add what the source says; of an equal statement only the references that are new."""
    statements = list(target.statements)
    said = {_said(each): number for number, each in enumerate(statements)}
    for each in source.statements:
        number = said.get(_said(each))
        if number is None:
            statements.append(replace(each, id=None))
            continue
        there = statements[number]
        new = [ref for ref in each.references if ref not in there.references]
        statements[number] = replace(there, references=(*there.references, *new))
    return grouped(statements)


def _said(statement: Statement) -> tuple[object, ...]:
    return statement.main, frozenset(statement.qualifiers)


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
    targets = call.site.store.archive.redirects([source_id, target_id])
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
