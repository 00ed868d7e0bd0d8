"""Edits in the form in which `wbeditentity` takes them: only what changes, nothing cleared."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from wbskills.wikibase.model.edits import Change, Create, Edit
from wbskills.wikibase.model.entities import Entity, Statement
from wbskills.wikibase.model.guids_and_locks import with_guids
from wbskills.wikibase.model.wire import entity_to_json, statement_to_json

Json = dict[str, Any]

_EMPTY: Final = ("id", "sitelinks")


def named(edit: Edit) -> Edit:
    """Give each statement that a change adds a GUID, made from what the statement says.

    Wikibase takes them as they are, and never puts two statements with one GUID into an entity:
    an edit that is sent twice, or by two imports at once, adds its statements once.
    """
    if isinstance(edit, Create) or not any(each.id is None for each in edit.statements):
        return edit
    present = edit.was.entity.statements if edit.was is not None else ()
    taken = {each.id for each in edit.statements}
    others = tuple(each for each in present if each.id not in taken)
    whole = with_guids(Entity(id=edit.id, statements=(*others, *edit.statements)))
    return replace(edit, statements=whole.statements[len(others) :])


def data(edit: Edit) -> str:
    """Write an edit for the parameter `data`."""
    found = _created(edit.entity) if isinstance(edit, Create) else _changed(edit)
    return json.dumps(found, separators=(",", ":"))  # in ASCII, which forms are quick to write of


def claims_data(claims: Iterable[Json]) -> str:
    """Write statements, as a revision has them, for the parameter `data`."""
    return json.dumps({"claims": list(claims)}, separators=(",", ":"))


def _created(entity: Entity) -> Json:
    found = entity_to_json(entity)
    return {
        name: part
        for name, part in found.items()
        if name not in _EMPTY and (part or name == "type")
    }


def _changed(change: Change) -> Json:
    found: Json = {}
    for name, terms in (("labels", change.labels), ("descriptions", change.descriptions)):
        if terms:
            found[name] = {
                language: {"language": language, "value": text} for language, text in terms.items()
            }
    if change.aliases:
        found["aliases"] = {
            language: [{"language": language, "value": text, "add": ""} for text in texts]
            for language, texts in change.aliases.items()
        }
    for language, texts in change.unnamed.items():
        found.setdefault("aliases", {}).setdefault(language, []).extend(
            {"language": language, "value": text, "remove": ""} for text in texts
        )
    if change.unlinked:
        found["sitelinks"] = {
            site: {"site": site, "title": "", "remove": ""} for site in change.unlinked
        }
    claims = [statement_to_json(each) for each in change.statements]
    claims += [{"id": guid, "remove": ""} for guid in change.removed]
    if claims:
        found["claims"] = claims
    return found


def guids_in(edit: Edit, claims: object) -> tuple[str, ...]:
    """Read the GUIDs of an edit's statements from the statements of an entity.

    Of a change they are known beforehand; a new entity has its statements in the order in which
    they were sent, by property. Empty if the entity holds something else.
    """
    if not isinstance(edit, Create):
        return tuple(each.id or "" for each in edit.statements)
    if not isinstance(claims, dict):
        return ()
    left = {name: [str(each["id"]) for each in group] for name, group in claims.items()}
    if sum(map(len, left.values())) != len(edit.entity.statements):
        return ()
    return tuple(_next(edit.entity.statements, left))


def _next(statements: Iterable[Statement], left: dict[str, list[str]]) -> list[str]:
    found = []
    for each in statements:
        group = left.get(each.main.property)
        if not group:
            return []
        found.append(group.pop(0))
    return found
