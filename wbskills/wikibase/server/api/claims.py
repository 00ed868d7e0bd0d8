"""The modules for statements, their qualifiers and references: wbcreateclaim, wbsetclaim etc."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal, cast

from wbskills.wikibase.model.entities import Entity, Reference, Snak, Statement
from wbskills.wikibase.model.wire import reference_to_json, statement_to_json
from wbskills.wikibase.server.api.call import Call
from wbskills.wikibase.server.api.deserializers import (
    InvalidDataValue,
    entity_of_guid,
    read_entity_id,
    read_json,
    read_snaks,
    read_statement,
    read_value,
)
from wbskills.wikibase.server.api.editing import EditResult, Target, load_entity, save
from wbskills.wikibase.server.api.errors import Json, api_error, wikibase_error
from wbskills.wikibase.server.api.validators import DATATYPES, Validators
from wbskills.wikibase.server.api.wbformatvalue import snak_summary


def create_claim(call: Call) -> Json:
    """Add a statement without qualifiers and references."""
    target = load_entity(call, call.values["entity"])
    added = Statement(_snak(call, read_entity_id(call.values["property"], "P")))
    wanted = replace(target.entity, statements=(*target.entity.statements, added))
    saved = save(call, target, wanted, f"/* wbcreateclaim-create:1| */ {snak_summary(added.main)}")
    if saved.changed:
        known = {statement.id for statement in target.entity.statements}
        added = next(
            statement for statement in saved.entity.statements if statement.id not in known
        )
    return _answer(saved, {"claim": statement_to_json(added)})


def set_claim_value(call: Call) -> Json:
    """Change the main snak of a statement."""
    target, old = _load_statement(call, call.values["claim"])
    new = replace(old, main=_snak(call, old.main.property))
    summary = f"/* wbsetclaimvalue:1| */ {snak_summary(new.main)}"
    saved = _replace(call, target, old, new, summary)
    return _answer(saved, {"claim": statement_to_json(new)})


def set_claim(call: Call) -> Json:
    """Add or replace a whole statement."""
    unread = "Failed to get claim from claim Serialization Failed to get statement from"
    error = wikibase_error("invalid-claim", f"{unread} Serialization")
    statement = read_statement(read_json(call.values["claim"], error))
    if statement.id is None:
        raise wikibase_error("invalid-claim", "GUID must be set when setting a claim")
    entity_id = entity_of_guid(statement.id)
    if entity_id is None:
        two_parts = statement.id.count("$") == 1
        reason = (
            "is not a valid GUID" if two_parts else "does not have the correct number of parts"
        )
        raise wikibase_error("invalid-claim", f"$serialization {reason}")
    target = load_entity(call, entity_id)
    old = find_statement(target.entity, statement.id)
    if old is not None:
        statement = replace(statement, id=old.id)
    statement = Validators(call.site, call.settings).statement(statement)
    statements = put_statement(target.entity, statement)
    if call.values["index"] is not None:
        statements = _moved(statements, statement, call.values["index"])
    saved = save(
        call,
        target,
        replace(target.entity, statements=statements),
        f"/* wbsetclaim-{'create' if old is None else 'update'}:2||1 */"
        f" {snak_summary(statement.main)}",
    )
    return _answer(saved, {"claim": statement_to_json(statement)})


def remove_claims(call: Call) -> Json:
    """Remove statements of one entity."""
    guids = call.values["claim"]
    if not guids:
        raise api_error("missingparam", "claim")
    entity_id, *others = {entity_of_guid(guid) for guid in guids}
    if entity_id is None or others:
        raise wikibase_error("invalid-guid")
    target = load_entity(call, entity_id)
    removed = [find_statement(target.entity, guid) for guid in guids]
    summaries = []
    for each in removed:
        if each is None:
            raise wikibase_error("invalid-guid")
        summaries.append(snak_summary(each.main))
    kept = tuple(statement for statement in target.entity.statements if statement not in removed)
    saved = save(
        call,
        target,
        replace(target.entity, statements=kept),
        f"/* wbremoveclaims-remove:{len(removed)}| */ {', '.join(summaries)}",
    )
    return _answer(saved, {"claims": guids})


def set_qualifier(call: Call) -> Json:
    """Add a qualifier, or replace the one with the hash `snakhash`."""
    target, statement = _load_statement(call, call.values["claim"])
    hash_, name = call.values["snakhash"], call.values["property"]
    old = next((each for each in statement.qualifiers if each.hash == hash_), None)
    if hash_ is not None and old is None:
        raise wikibase_error(
            "no-such-qualifier", "Claim does not have a qualifier with the given hash"
        )
    if name is not None:
        property_id = read_entity_id(name, "P")
    elif old is not None:
        property_id = old.property
    else:
        raise wikibase_error("param-missing", "Either a snakhash or a property must be given")
    if old is not None and old.property != property_id:
        raise wikibase_error("param-illegal", "The property of a qualifier cannot be changed")
    if call.values["snaktype"] is None:
        raise wikibase_error("param-missing", "A snaktype must be given")
    qualifier = _snak(call, property_id)
    if qualifier in statement.qualifiers:
        raise wikibase_error(
            "modification-failed",
            f"The statement has already a qualifier with hash {qualifier.hash}",
        )
    kept = [each for each in statement.qualifiers if each is not old]
    new = replace(statement, qualifiers=_grouped([*kept, qualifier]))
    what = "add" if old is None else "update"
    summary = f"/* wbsetqualifier-{what}:1| */ {snak_summary(qualifier)}"
    saved = _replace(call, target, statement, new, summary)
    return _answer(saved, {"claim": statement_to_json(new)})


def remove_qualifiers(call: Call) -> Json:
    """Remove qualifiers by their hashes."""
    target, statement = _load_statement(call, call.values["claim"])
    hashes = call.values["qualifiers"]
    if not hashes:
        raise api_error("missingparam", "qualifiers")
    removed = [qualifier for qualifier in statement.qualifiers if qualifier.hash in hashes]
    if {each.hash for each in removed} != set(hashes):
        raise wikibase_error("no-such-qualifier", "Invalid snak hash")
    kept = tuple(qualifier for qualifier in statement.qualifiers if qualifier not in removed)
    summary = (
        f"/* wbremovequalifiers-remove:{len(removed)}| */ {', '.join(map(snak_summary, removed))}"
    )
    saved = _replace(call, target, statement, replace(statement, qualifiers=kept), summary)
    return _answer(saved, {})


def set_reference(call: Call) -> Json:
    """Add a reference, or replace the one with the hash `reference`."""
    target, statement = _load_statement(call, call.values["statement"])
    order = call.values["snaks-order"]
    snaks = read_snaks(
        read_json(call.values["snaks"], wikibase_error("invalid-json")),
        None if order is None else read_json(order, wikibase_error("invalid-json")),
    )
    new = Validators(call.site, call.settings).reference(Reference(snaks))
    if not new.snaks:
        raise wikibase_error("param-invalid", "A reference must have at least one snak")
    references, hash_ = list(statement.references), call.values["reference"]
    place = len(references)
    if hash_ is not None:
        hashes = [reference.hash for reference in references]
        if hash_ not in hashes:
            raise wikibase_error("no-such-reference")
        place = hashes.index(hash_)
        del references[place]
    if any(reference.hash == new.hash for reference in references):
        raise wikibase_error(
            "modification-failed", f"The statement has already a reference with hash {new.hash}"
        )
    if call.values["index"] is not None:
        place = max(call.values["index"], 0)
    references.insert(place, new)
    what = "add" if hash_ is None else "set"
    summary = f"/* wbsetreference-{what}:2| */ {snak_summary(statement.main)}"
    changed = replace(statement, references=tuple(references))
    saved = _replace(call, target, statement, changed, summary)
    return _answer(saved, {"reference": reference_to_json(new)})


def remove_references(call: Call) -> Json:
    """Remove references by their hashes."""
    target, statement = _load_statement(call, call.values["statement"])
    hashes = call.values["references"]
    if not hashes:
        raise api_error("missingparam", "references")
    if not set(hashes) <= {reference.hash for reference in statement.references}:
        raise wikibase_error("no-such-reference")
    kept = tuple(reference for reference in statement.references if reference.hash not in hashes)
    count = len(statement.references) - len(kept)
    summary = f"/* wbremovereferences-remove:2||{count} */ {snak_summary(statement.main)}"
    saved = _replace(call, target, statement, replace(statement, references=kept), summary)
    return _answer(saved, {})


def find_statement(entity: Entity, guid: str) -> Statement | None:
    """Find a statement of an entity by its GUID, in either case."""
    key = guid.casefold()
    for statement in entity.statements:
        if statement.id is not None and statement.id.casefold() == key:
            return statement
    return None


def put_statement(entity: Entity, statement: Statement) -> tuple[Statement, ...]:
    """Return the statements with the one of its GUID replaced, or with this one appended.

    Raises `ApiError` for a GUID that is invalid, of another entity, or of a statement with
    another property.
    """
    guid = statement.id
    if guid is None:
        return (*entity.statements, statement)
    entity_id = entity_of_guid(guid)
    if entity_id is None:
        raise wikibase_error("modification-failed", "Statement GUID can not be parsed")
    if entity_id != entity.id:
        raise wikibase_error("modification-failed", "Statement GUID invalid for given entity")
    old = find_statement(entity, guid)
    if old is None:
        return (*entity.statements, statement)
    if old.main.property != statement.main.property:
        raise wikibase_error(
            "modification-failed",
            f"Claim with GUID {guid} uses property {old.main.property},"
            f" can't change to {statement.main.property}",
        )
    return _replaced(entity, old, replace(statement, id=old.id))


def _answer(saved: EditResult, part: Json) -> Json:
    return {"pageinfo": {"lastrevid": saved.revision}, "success": 1, **part}


def _load_statement(call: Call, guid: str) -> tuple[Target, Statement]:
    """Load a statement by its GUID, with the entity. Raises `ApiError`."""
    entity_id = entity_of_guid(guid)
    if entity_id is None:
        raise wikibase_error("invalid-guid")
    target = load_entity(call, entity_id)
    found = find_statement(target.entity, guid)
    if found is None:
        raise wikibase_error("no-such-claim")
    return target, found


def _replace(
    call: Call, target: Target, old: Statement, new: Statement, summary: str
) -> EditResult:
    """Save an entity with one statement replaced by another."""
    statements = _replaced(target.entity, old, new)
    return save(call, target, replace(target.entity, statements=statements), summary)


def _replaced(entity: Entity, old: Statement, new: Statement) -> tuple[Statement, ...]:
    return tuple(new if statement is old else statement for statement in entity.statements)


def _snak(call: Call, property_id: str) -> Snak:
    """Return a valid snak from the parameters `snaktype` and `value`. Raises `ApiError`."""
    validators = Validators(call.site, call.settings)
    kind = cast(Literal["value", "somevalue", "novalue"], call.values["snaktype"])
    if kind != "value":
        return validators.snak(Snak(property_id, None, "", kind))
    text = call.values["value"]
    if text is None:
        raise wikibase_error(
            "param-missing", "A value needs to be provided for a snak of type value"
        )
    value_type = DATATYPES.get(validators.datatype(property_id), "string")
    value: Any = read_json(text, wikibase_error("invalid-snak"))
    try:
        found = read_value({"type": value_type, "value": value})
    except InvalidDataValue:
        raise wikibase_error("invalid-snak") from None
    return validators.snak(Snak(property_id, found, ""))


def _moved(
    statements: tuple[Statement, ...], moved: Statement, index: int
) -> tuple[Statement, ...]:
    """Move a statement to an index among those of its property."""
    of_property = [
        statement for statement in statements if statement.main.property == moved.main.property
    ]
    of_property.remove(moved)
    of_property.insert(max(index, 0), moved)
    in_order = iter(of_property)
    return tuple(
        next(in_order) if statement.main.property == moved.main.property else statement
        for statement in statements
    )


def _grouped(snaks: Iterable[Snak]) -> tuple[Snak, ...]:
    groups: dict[str, list[Snak]] = {}
    for snak in snaks:
        groups.setdefault(snak.property, []).append(snak)
    return tuple(each for group in groups.values() for each in group)
