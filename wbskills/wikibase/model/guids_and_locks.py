"""What follows from an entity: GUIDs of its statements, and what it is found and locked by."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from wbskills.wikibase.model.edits import Create, Edit
from wbskills.wikibase.model.entities import Entity, Kind, Statement
from wbskills.wikibase.model.values import Text


def with_guids(entity: Entity) -> Entity:
    """Give a GUID to each statement that has none, made from what the statement says.

    So the same statement gets the same GUID, whatever was written before it.
    """
    taken = {statement.id for statement in entity.statements}
    if None not in taken:
        return entity

    def named(statement: Statement) -> Statement:
        if statement.id is not None:
            return statement
        guid = _guid(entity.id, statement, taken)
        taken.add(guid)
        return replace(statement, id=guid)

    return replace(entity, statements=tuple(map(named, entity.statements)))


def _guid(entity_id: str, statement: Statement, taken: set[str | None]) -> str:
    said = "|".join([statement.main.hash, *(snak.hash for snak in statement.qualifiers)])
    for again in count():
        name = f"{entity_id}|{said}|{again}"
        text = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest().upper()
        # The form of a UUID of version 5: Wikibase checks the form only.
        guid = f"{entity_id}${text[:8]}-{text[8:12]}-5{text[13:16]}-A{text[17:20]}-{text[20:32]}"
        if guid not in taken:
            return guid
    raise AssertionError  # `count` has no end


def guids_of_edit(edit: Edit, after: Entity) -> tuple[str, ...]:
    """Tell which GUIDs the statements of an edit have in the entity as it is after the edit."""
    statements = edit.entity.statements if isinstance(edit, Create) else edit.statements
    named = {statement.id for statement in statements}
    new: dict[str, list[str]] = {}  # by property; what an edit adds comes last, in its order
    for each in reversed(after.statements):
        if each.id is not None and each.id not in named:
            new.setdefault(each.main.property, []).append(each.id)
    count: dict[str, int] = {}
    for each in statements:
        if each.id is None:
            count[each.main.property] = count.get(each.main.property, 0) + 1
    last = {name: new.get(name, [])[: count[name]] for name in count}
    found = [each.id or (last[each.main.property] or [""]).pop() for each in statements]
    return tuple(found) if all(found) else ()


def label_locks(entity: Entity) -> Iterator[tuple[str, str, str]]:
    """List what nobody else may have; Wikibase locks an item's label only with a description."""
    for language, label in entity.labels.items():
        description = entity.descriptions.get(language, "")
        if entity.kind is Kind.PROPERTY:
            yield language, label, ""
        elif description:
            yield language, label, description


def identifiers(entity: Entity) -> set[tuple[str, str]]:
    """List names that an entity is found by: external ids and the pages it is linked to."""
    found = {
        (statement.main.property, statement.main.value.text)
        for statement in entity.statements
        if statement.main.datatype == "external-id" and isinstance(statement.main.value, Text)
    }
    found.update((f"site {link.site}", link.title) for link in entity.sitelinks)
    return found


def terms(entity: Entity) -> list[tuple[str, str, str, str, str]]:
    """List what an entity is searched by: kind, language, text, label or alias, id."""
    kind, name = entity.kind.value, entity.id
    found = [(kind, language, text, "label", name) for language, text in entity.labels.items()]
    found += [
        (kind, language, text, "alias", name)
        for language, texts in entity.aliases.items()
        for text in texts
    ]
    return found
