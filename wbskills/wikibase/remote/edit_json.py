"""Edits in the form that `wbeditentity` takes: only what changes, nothing cleared. Pure."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from wbskills.wikibase.model.edits import Change, Create, Edit, with_guids
from wbskills.wikibase.model.entities import Entity
from wbskills.wikibase.model.wire import entity_to_json, statement_to_json

Json = dict[str, Any]

_NOT_SENT: Final = ("id", "sitelinks")


def with_new_guids(edit: Edit) -> Edit:
    """Give each statement that a change adds a GUID that follows from what it says.

    Wikibase keeps these, and never has two statements with one GUID in an entity: an edit that
    is sent twice, or by two imports at once, adds its statements once.
    """
    if isinstance(edit, Create) or all(statement.id is not None for statement in edit.statements):
        return edit
    present = edit.was.entity.statements if edit.was is not None else ()
    replaced = {statement.id for statement in edit.statements}
    others = tuple(each for each in present if each.id not in replaced)
    whole = with_guids(Entity(id=edit.id, statements=(*others, *edit.statements)))
    return replace(edit, statements=whole.statements[len(others) :])


def edit_data(edit: Edit) -> str:
    """Return the parameter `data` for an edit."""
    found = _create_json(edit.entity) if isinstance(edit, Create) else _change_json(edit)
    return json.dumps(found, separators=(",", ":"))  # in ASCII, which is faster to encode


def claims_data(claims: Iterable[Json]) -> str:
    """Return the parameter `data` for statements in the JSON of a revision."""
    return json.dumps({"claims": list(claims)}, separators=(",", ":"))


def guids_in(edit: Edit, claims: object) -> tuple[str, ...]:
    """Return the GUIDs of an edit's statements, in their order, given the claims of its entity.

    Empty for a creation if the entity holds something else than what was sent.
    """
    if not isinstance(edit, Create):
        return tuple(statement.id or "" for statement in edit.statements)
    if not isinstance(claims, dict):
        return ()
    # By property, a new entity has its statements in the order in which they were sent.
    left = {name: [str(each["id"]) for each in group] for name, group in claims.items()}
    statements = edit.entity.statements
    if sum(map(len, left.values())) != len(statements):
        return ()
    try:
        return tuple(left[statement.main.property].pop(0) for statement in statements)
    except (KeyError, IndexError):
        return ()


def _create_json(entity: Entity) -> Json:
    return {
        name: part
        for name, part in entity_to_json(entity).items()
        if name not in _NOT_SENT and (part or name == "type")
    }


def _change_json(change: Change) -> Json:
    found: Json = {}
    for name, terms in (("labels", change.labels), ("descriptions", change.descriptions)):
        if terms:
            found[name] = {
                language: {"language": language, "value": text} for language, text in terms.items()
            }
    for action, aliases in (("add", change.aliases), ("remove", change.unnamed)):
        for language, texts in aliases.items():
            found.setdefault("aliases", {}).setdefault(language, []).extend(
                {"language": language, "value": text, action: ""} for text in texts
            )
    if change.unlinked:
        found["sitelinks"] = {
            site: {"site": site, "title": "", "remove": ""} for site in change.unlinked
        }
    claims = [statement_to_json(statement) for statement in change.statements]
    claims += [{"id": guid, "remove": ""} for guid in change.removed]
    if claims:
        found["claims"] = claims
    return found
