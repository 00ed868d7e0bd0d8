"""The modules that change one statement: its main snak, its rank, or all of it."""

from dataclasses import replace
from typing import Any, Literal, cast

from wbskills.wikibase.model.entities import Entity, Snak, Statement
from wbskills.wikibase.model.wire import statement_to_json
from wbskills.wikibase.server.api.call import Call, Module
from wbskills.wikibase.server.api.display import snak_in_summary
from wbskills.wikibase.server.api.editing import COMMON, Saved, Target, existing, save
from wbskills.wikibase.server.api.errors import missing_param, refused
from wbskills.wikibase.server.api.messages import Json
from wbskills.wikibase.server.api.parameters import Parameter
from wbskills.wikibase.server.api.rules import Rules
from wbskills.wikibase.server.api.statements import (
    find,
    guid_owner,
    put,
    read_json,
    read_property,
    read_statement,
)
from wbskills.wikibase.server.api.values import Corrupt, entity_id, read_value

SNAK_TYPES = ("novalue", "somevalue", "value")


def answered(saved: Saved, part: Json) -> Json:
    """Answer an edit of a statement."""
    return {"pageinfo": {"lastrevid": saved.revision}, "success": 1, **part}


def claim(call: Call, guid: str) -> tuple[Target, Statement]:
    """Find a statement by its GUID, in the entity it belongs to. Raises `ApiError`."""
    owner = guid_owner(guid)
    if owner is None:
        raise refused("invalid-guid")
    target = existing(call, owner)
    there = find(target.entity, guid)
    if there is None:
        raise refused("no-such-claim")
    return target, there


def snak(call: Call, property_id: str, rules: Rules) -> Snak:
    """Make a snak from the parameters `snaktype` and `value`. Raises `ApiError`."""
    kind = cast(Literal["value", "somevalue", "novalue"], call.values["snaktype"])
    if kind != "value":
        return rules.snak(Snak(property_id, None, "", kind))
    text = call.values["value"]
    if text is None:
        raise refused("param-missing", "A value needs to be provided for a snak of type value")
    datatype = rules.datatype(property_id)
    value: Any = read_json(text, refused("invalid-snak"))
    try:
        return rules.snak(
            Snak(property_id, read_value({"type": rules.value_type(datatype), "value": value}), "")
        )
    except Corrupt:
        raise refused("invalid-snak") from None


def replaced(entity: Entity, old: Statement, new: Statement) -> Entity:
    """Put one statement in the place of another."""
    return replace(
        entity, statements=tuple(new if each is old else each for each in entity.statements)
    )


def with_id(entity: Entity, before: Entity) -> Statement:
    """Find the statement that an edit has added."""
    had = {each.id for each in before.statements}
    return next(each for each in entity.statements if each.id not in had)


def property_parameter(text: str) -> str:
    """Read the id of a property given as a parameter."""
    found = entity_id(text)
    if found is None or not found.startswith("P"):
        raise refused("invalid-entity-id")
    return read_property(found)


def _create(call: Call) -> Json:
    target = existing(call, call.values["entity"])
    name = property_parameter(call.values["property"])
    made = Statement(snak(call, name, Rules(call.site, call.settings)))
    wanted = replace(target.entity, statements=(*target.entity.statements, made))
    saved = save(
        call, target, wanted, f"/* wbcreateclaim-create:1| */ {snak_in_summary(made.main)}"
    )
    shown = with_id(saved.shown, target.entity) if saved.changed else made
    return answered(saved, {"claim": statement_to_json(shown)})


def _set_value(call: Call) -> Json:
    target, there = claim(call, call.values["claim"])
    main = snak(call, there.main.property, Rules(call.site, call.settings))
    made = replace(there, main=main)
    saved = save(
        call,
        target,
        replaced(target.entity, there, made),
        f"/* wbsetclaimvalue:1| */ {snak_in_summary(main)}",
    )
    return answered(saved, {"claim": statement_to_json(made)})


def _set(call: Call) -> Json:
    unread = "Failed to get claim from claim Serialization Failed to get statement from"
    found = read_json(call.values["claim"], refused("invalid-claim", f"{unread} Serialization"))
    statement = read_statement(found)
    if statement.id is None:
        raise refused("invalid-claim", "GUID must be set when setting a claim")
    owner = guid_owner(statement.id)
    if owner is None:
        parts = statement.id.count("$") == 1
        raise refused(
            "invalid-claim",
            "$serialization is not a valid GUID"
            if parts
            else "$serialization does not have the correct number of parts",
        )
    target = existing(call, owner)
    there = find(target.entity, statement.id)
    if there is not None:
        statement = replace(statement, id=there.id)
    statement = Rules(call.site, call.settings).check(statement)
    statements = _at(put(target.entity, statement), statement, call.values["index"])
    what = "create" if there is None else "update"
    saved = save(
        call,
        target,
        replace(target.entity, statements=statements),
        f"/* wbsetclaim-{what}:2||1 */ {snak_in_summary(statement.main)}",
    )
    return answered(saved, {"claim": statement_to_json(statement)})


def _at(
    statements: tuple[Statement, ...], moved: Statement, index: int | None
) -> tuple[Statement, ...]:
    """Put a statement at a place among those of its property."""
    if index is None:
        return statements
    of_property = [s for s in statements if s.main.property == moved.main.property]
    of_property.remove(moved)
    of_property.insert(max(index, 0), moved)
    in_order = iter(of_property)
    return tuple(
        next(in_order) if s.main.property == moved.main.property else s for s in statements
    )


def _remove(call: Call) -> Json:
    guids = call.values["claim"]
    if not guids:
        raise missing_param("claim")
    owners = {guid_owner(guid) for guid in guids}
    owner = owners.pop()
    if owner is None or owners:
        raise refused("invalid-guid")
    target = existing(call, owner)
    gone = []
    for guid in guids:
        there = find(target.entity, guid)
        if there is None:
            raise refused("invalid-guid")
        gone.append(there)
    left = tuple(each for each in target.entity.statements if each not in gone)
    told = ", ".join(snak_in_summary(each.main) for each in gone)
    saved = save(
        call,
        target,
        replace(target.entity, statements=left),
        f"/* wbremoveclaims-remove:{len(gone)}| */ {told}",
    )
    return answered(saved, {"claims": guids})


def module(name: str, run: Any, *parameters: Parameter) -> Module:  # noqa: ANN401 - a function
    """Describe a module that changes statements."""
    return Module(
        name,
        run,
        (*parameters, *COMMON),
        token="csrf",  # noqa: S106 - a kind, no secret
        posted=True,
        writes=True,
    )


CREATE_CLAIM = module(
    "wbcreateclaim",
    _create,
    Parameter("entity", required=True),
    Parameter("snaktype", required=True, choices=SNAK_TYPES),
    Parameter("property", required=True),
    Parameter("value", "text"),
)
SET_CLAIM_VALUE = module(
    "wbsetclaimvalue",
    _set_value,
    Parameter("claim", required=True),
    Parameter("value", "text"),
    Parameter("snaktype", required=True, choices=SNAK_TYPES),
)
SET_CLAIM = module(
    "wbsetclaim",
    _set,
    Parameter("claim", "text", required=True),
    Parameter("index", "integer"),
    Parameter("ignoreduplicatemainsnak", "boolean"),
)
REMOVE_CLAIMS = module("wbremoveclaims", _remove, Parameter("claim", required=True, multi=True))
