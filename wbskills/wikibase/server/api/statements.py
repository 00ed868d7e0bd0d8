"""Statements as clients send them, in all the forms that Wikibase takes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from wbskills.wikibase.model.entities import Entity, Rank, Reference, Snak, Statement
from wbskills.wikibase.server.api.errors import ApiError, invalid, refused
from wbskills.wikibase.server.api.values import LARGEST_ID, Corrupt, read_value
from wbskills.wikibase.server.client_input import parse_json

_GUID: Final = re.compile(
    r"([QP][1-9][0-9]{0,9})\$([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.IGNORECASE | re.ASCII,
)
_PROPERTY: Final = re.compile(r"P([1-9][0-9]{0,9})", re.IGNORECASE | re.ASCII)
_KINDS: Final[dict[str, Literal["value", "somevalue", "novalue"]]] = {
    "value": "value",
    "somevalue": "somevalue",
    "novalue": "novalue",
}
_RANKS: Final = {rank.value: rank for rank in Rank}


def read_json(text: str, error: ApiError) -> Any:  # noqa: ANN401 - JSON
    """Read JSON as PHP would. Raises `error` if it is none."""
    try:
        return parse_json(text)
    except ValueError:
        raise error from None


def guid_owner(guid: str) -> str | None:
    """Give the id of the entity that a GUID belongs to; None if it is no GUID."""
    found = _GUID.fullmatch(guid)
    return found[1].upper() if found else None


def same_guid(one: str | None, other: str) -> bool:
    """Compare two GUIDs; the entity's id may be in either case."""
    if one is None:
        return False
    return one == other or one.casefold() == other.casefold()


def find(entity: Entity, guid: str) -> Statement | None:
    """Find a statement of an entity by its GUID."""
    for statement in entity.statements:
        if same_guid(statement.id, guid):
            return statement
    return None


def read_statement(found: object) -> Statement:
    """Read a statement; its values are not checked yet. Raises `ApiError`."""
    fields = _mapping(found)
    if "type" not in fields or fields["type"] not in ("statement", "claim"):
        raise _no_claim("")
    if "mainsnak" not in fields:
        raise _no_claim('Attribute "mainsnak" is missing')
    main = read_snak(fields["mainsnak"])
    rank = fields.get("rank", "normal")
    if not isinstance(rank, str) or rank not in _RANKS:
        raise _no_claim(f"The rank {str(rank)[:100]} is not a valid rank.")
    guid = fields.get("id")
    if guid is not None and not isinstance(guid, str):
        raise _no_claim("$guid must be a string or null")
    return Statement(
        main,
        distinct(read_snaks(fields.get("qualifiers"), fields.get("qualifiers-order"))),
        tuple(_references(fields.get("references"))),
        _RANKS[rank],
        guid,
    )


def read_snak(found: object) -> Snak:
    """Read a snak."""
    fields = _mapping(found)
    for name in ("snaktype", "property"):
        if name not in fields:
            raise _no_claim(f'Attribute "{name}" is missing')
    property_id = read_property(fields["property"])
    kind = fields["snaktype"]
    if not isinstance(kind, str) or kind not in _KINDS:
        raise _no_claim(f'Type "{str(kind)[:100]}" is unsupported')
    value = None
    if kind == "value":
        if "datavalue" not in fields:
            raise _no_claim('Attribute "datavalue" is missing')
        try:
            value = read_value(fields["datavalue"])
        except Corrupt as error:
            raise invalid("bad-value", str(error)) from None
    return Snak(property_id, value, "", _KINDS[kind])


def read_property(found: object) -> str:
    """Read the id of a property."""
    text = str(found)[:100]
    if not isinstance(found, str):
        raise _no_claim(f"'{text}' is not a valid property ID")
    matched = _PROPERTY.fullmatch(found)
    if matched and int(matched[1]) <= LARGEST_ID:
        return f"P{matched[1]}"
    if re.fullmatch(r"Q[1-9][0-9]{0,9}", found, re.IGNORECASE | re.ASCII):
        raise _no_claim(f"'{text}' is not a property ID")
    raise _no_claim(f"'{text}' is not a valid property ID")


def read_snaks(found: object, order: object) -> tuple[Snak, ...]:
    """Read snaks given as a map by property or as a list; those of one property get together."""
    groups: dict[str, list[Snak]] = {}
    for each in _flat(found):
        snak = read_snak(each)
        groups.setdefault(snak.property, []).append(snak)
    if order is not None and not isinstance(order, list):
        raise _no_claim("The order of snaks is no list")
    first = [name for name in order or () if isinstance(name, str) and name in groups]
    names = dict.fromkeys([*first, *groups])
    return tuple(snak for name in names for snak in groups[name])


def distinct(snaks: Iterable[Snak]) -> tuple[Snak, ...]:
    """Leave out a snak that is there already."""
    return tuple(dict.fromkeys(snaks))


def _references(found: object) -> Iterable[Reference]:
    if found is None:
        return
    if not isinstance(found, list):
        raise _no_claim("The references are no list")
    for each in found:
        fields = _mapping(each)
        if "snaks" not in fields:
            raise _no_claim('Attribute "snaks" is missing')
        snaks = distinct(read_snaks(fields["snaks"], fields.get("snaks-order")))
        if snaks:
            yield Reference(snaks)


def _flat(found: object) -> Iterable[object]:
    if found is None:
        return
    if isinstance(found, list):
        yield from found
        return
    for name, group in _mapping(found).items():
        if not isinstance(group, list):
            raise _no_claim(f"The snaks of {name[:20]} are no list")
        for each in group:
            if isinstance(each, dict) and each.get("property", name) != name:
                raise _no_claim(f"A snak of another property stands under {name[:20]}")
            yield each


def _mapping(found: object) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise _no_claim("The serialization should be an array")
    return found


def _no_claim(text: str) -> ApiError:
    return refused("invalid-claim", text)


def flat_claims(found: object) -> list[Mapping[str, Any]]:
    """List the claims of an entity's JSON, given as a map by property or as a list."""
    if not isinstance(found, (dict, list)):
        raise refused("not-recognized-array")
    listed: list[Mapping[str, Any]] = []
    groups: Iterable[object] = found.values() if isinstance(found, dict) else [found]
    for group in groups:
        if not isinstance(group, list):
            raise refused("not-recognized-array")
        for claim in group:
            if not isinstance(claim, dict):
                raise refused("not-recognized-array")
            listed.append(claim)
    return listed


def put(entity: Entity, statement: Statement) -> tuple[Statement, ...]:
    """Put a statement in the place of the one with its GUID, or behind all of its property.

    Raises `ApiError` if the GUID is none, is another entity's, or names a statement of another
    property.
    """
    guid = statement.id
    if guid is None:
        return (*entity.statements, statement)
    owner = guid_owner(guid)
    if owner is None:
        raise refused("modification-failed", "Statement GUID can not be parsed")
    if owner != entity.id:
        raise refused("modification-failed", "Statement GUID invalid for given entity")
    there = find(entity, guid)
    if there is None:
        return (*entity.statements, statement)
    if there.main.property != statement.main.property:
        raise refused(
            "modification-failed",
            f"Claim with GUID {guid} uses property {there.main.property},"
            f" can't change to {statement.main.property}",
        )
    # Whichever case it was asked for in: the addresses of statements in RDF have it, too.
    kept = replace(statement, id=there.id)
    return tuple(kept if each is there else each for each in entity.statements)
