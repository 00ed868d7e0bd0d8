"""Entities as Wikibase's JSON, both ways and without loss.

The form is that of `wbgetentities` with format version 1
(https://www.mediawiki.org/wiki/Wikibase/DataModel/JSON). Reading also takes the shorter forms
that clients send: an entity value by `id` or by `numeric-id` alone, snaks as a map or a list.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from wbskills.errors import InvalidValue
from wbskills.wikibase.model.entities import (
    Entity,
    Kind,
    Rank,
    Reference,
    Sitelink,
    Snak,
    Statement,
)
from wbskills.wikibase.model.values import (
    GREGORIAN,
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
    Value,
)

Json = dict[str, Any]

_REMEMBERED: Final = 50_000


class SnakCache:
    """Snaks and references that were read before, by their hashes; equal ones become one object.

    Saves most of the work of reading what thousands of people share. Only for JSON whose hashes
    are right, which is what a Wikibase gives; not for what a client sends.
    """

    def __init__(self) -> None:
        self._snaks: dict[tuple[str, str], Snak] = {}
        self._references: dict[str, Reference] = {}

    def snak(self, found: Mapping[str, Any]) -> Snak:
        """Read a snak."""
        key = (found["hash"], found["datatype"])
        snak = self._snaks.get(key)
        if snak is None:
            if len(self._snaks) >= _REMEMBERED:
                self._snaks.clear()
            snak = self._snaks[key] = snak_from_json(found)
        return snak

    def reference(self, found: Mapping[str, Any]) -> Reference:
        """Read a reference."""
        # The reference's own hash leaves the order of its snaks open.
        snaks = found["snaks"]
        each = (snak for name in found["snaks-order"] for snak in snaks[name])
        key = "".join(snak["hash"] + snak["datatype"] for snak in each)
        reference = self._references.get(key)
        if reference is None:
            if len(self._references) >= _REMEMBERED:
                self._references.clear()
            reference = self._references[key] = _reference(found, self)
        return reference


def entity_to_json(entity: Entity) -> Json:
    """Write an entity as Wikibase does, hashes included, without what belongs to a revision."""
    claims: dict[str, list[Json]] = {}
    for statement in entity.statements:
        claims.setdefault(statement.main.property, []).append(statement_to_json(statement))
    head, tail = entity_parts(entity)
    return head | {"claims": claims} | tail


def entity_parts(entity: Entity) -> tuple[Json, Json]:
    """Write what stands before an entity's statements, and what stands behind them."""
    head: Json = {"type": str(entity.kind), "id": entity.id}
    if entity.datatype is not None:
        head["datatype"] = entity.datatype
    head["labels"] = _terms(entity.labels)
    head["descriptions"] = _terms(entity.descriptions)
    head["aliases"] = {
        language: [{"language": language, "value": text} for text in texts]
        for language, texts in entity.aliases.items()
    }
    if entity.kind is not Kind.ITEM:
        return head, {}
    return head, {"sitelinks": {link.site: _sitelink_to_json(link) for link in entity.sitelinks}}


def statement_to_json(statement: Statement) -> Json:
    """Write a statement as Wikibase does."""
    found: Json = {"mainsnak": snak_to_json(statement.main), "type": "statement"}
    if statement.qualifiers:
        found["qualifiers"], found["qualifiers-order"] = _grouped(statement.qualifiers)
    if statement.id is not None:
        found["id"] = statement.id
    found["rank"] = statement.rank.value
    if statement.references:
        found["references"] = [reference_to_json(each) for each in statement.references]
    return found


def reference_to_json(reference: Reference) -> Json:
    """Write a reference as Wikibase does."""
    snaks, order = _grouped(reference.snaks)
    return {"hash": reference.hash, "snaks": snaks, "snaks-order": order}


def snak_to_json(snak: Snak) -> Json:
    """Write a snak as Wikibase does."""
    found: Json = {"snaktype": snak.kind, "property": snak.property, "hash": snak.hash}
    if snak.value is not None:
        found["datavalue"] = value_to_json(snak.value)
    found["datatype"] = snak.datatype
    return found


def value_to_json(value: Value) -> Json:
    """Write a value as Wikibase does, with its type."""
    match value:
        case EntityRef(id):
            kind = "property" if id.startswith("P") else "item"
            inner: Any = {"entity-type": kind, "numeric-id": int(id[1:]), "id": id}
            return {"value": inner, "type": "wikibase-entityid"}
        case Text(text):
            return {"value": text, "type": "string"}
        case Time():
            inner = {
                "time": value.time,
                "timezone": value.timezone,
                "before": value.before,
                "after": value.after,
                "precision": value.precision,
                "calendarmodel": value.calendar,
            }
            return {"value": inner, "type": "time"}
        case Quantity(amount, unit, upper, lower):
            inner = {"amount": amount, "unit": unit}
            if upper is not None and lower is not None:
                inner |= {"upperBound": upper, "lowerBound": lower}
            return {"value": inner, "type": "quantity"}
        case Monolingual(language, text):
            return {"value": {"text": text, "language": language}, "type": "monolingualtext"}
        case Coordinate():
            inner = {
                "latitude": value.latitude,
                "longitude": value.longitude,
                "altitude": None,
                "precision": value.precision,
                "globe": value.globe,
            }
            return {"value": inner, "type": "globecoordinate"}
        case Unknown(kind, data):
            return {"value": data, "type": kind}


def entity_from_json(found: Mapping[str, Any], known: SnakCache | None = None) -> Entity:
    """Read an entity. Raises `InvalidValue` if it is none."""
    try:
        return Entity(
            kind=Kind(found["type"]),
            id=found.get("id", ""),
            datatype=found.get("datatype"),
            labels={language: term["value"] for language, term in _map(found, "labels").items()},
            descriptions={
                language: term["value"] for language, term in _map(found, "descriptions").items()
            },
            aliases={
                language: tuple(term["value"] for term in terms)
                for language, terms in _map(found, "aliases").items()
            },
            statements=tuple(statement_from_json(claim, known) for claim in _claims(found)),
            sitelinks=tuple(_sitelink(link) for link in _map(found, "sitelinks").values()),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidValue(f"this is not the JSON of an entity: {error!r}") from error


def statement_from_json(found: Mapping[str, Any], known: SnakCache | None = None) -> Statement:
    """Read a statement."""
    return Statement(
        main=known.snak(found["mainsnak"]) if known else snak_from_json(found["mainsnak"]),
        qualifiers=_snaks(found.get("qualifiers", ()), found.get("qualifiers-order", ()), known),
        references=tuple(
            known.reference(each) if known else _reference(each, None)
            for each in found.get("references", ())
        ),
        rank=Rank(found.get("rank", "normal")),
        id=found.get("id"),
    )


def snak_from_json(found: Mapping[str, Any]) -> Snak:
    """Read a snak."""
    kind = found["snaktype"]
    value = value_from_json(found["datavalue"]) if kind == "value" else None
    return Snak(found["property"], value, found.get("datatype", ""), kind)


def value_from_json(found: Mapping[str, Any]) -> Value:
    """Read a value with its type."""
    kind, value = found["type"], found["value"]
    match kind:
        case "wikibase-entityid":
            return _entity_ref(value)
        case "string":
            return Text(value)
        case "time":
            return Time(
                value["time"],
                value["precision"],
                value.get("calendarmodel", GREGORIAN),
                value.get("timezone", 0),
                value.get("before", 0),
                value.get("after", 0),
            )
        case "quantity":
            return Quantity(
                value["amount"],
                value.get("unit", "1"),
                value.get("upperBound"),
                value.get("lowerBound"),
            )
        case "monolingualtext":
            return Monolingual(value["language"], value["text"])
        case "globecoordinate":
            return Coordinate(
                value["latitude"], value["longitude"], value.get("precision"), value["globe"]
            )
        case _:
            return Unknown(kind, value)


def _entity_ref(value: Mapping[str, Any]) -> Value:
    if "id" in value:
        known = str(value["id"])[:1] in "QP"
        return EntityRef(value["id"]) if known else Unknown("wikibase-entityid", dict(value))
    letter = "P" if value.get("entity-type") == "property" else "Q"
    return EntityRef(f"{letter}{value['numeric-id']}")


def _terms(terms: Mapping[str, str]) -> Json:
    return {language: {"language": language, "value": text} for language, text in terms.items()}


def _grouped(snaks: Iterable[Snak]) -> tuple[dict[str, list[Json]], list[str]]:
    groups: dict[str, list[Json]] = {}
    for snak in snaks:
        groups.setdefault(snak.property, []).append(snak_to_json(snak))
    return groups, list(groups)


def _reference(found: Mapping[str, Any], known: SnakCache | None) -> Reference:
    return Reference(_snaks(found.get("snaks", ()), found.get("snaks-order", ()), known))


def _snaks(
    found: Any,  # noqa: ANN401 - JSON
    order: Iterable[str],
    known: SnakCache | None,
) -> tuple[Snak, ...]:
    """Read snaks given as a map by property, or as a list; `order` may leave some out."""
    read = known.snak if known else snak_from_json
    if not isinstance(found, Mapping):
        return tuple(read(each) for each in found)
    first = [name for name in order if name in found]
    rest = [name for name in found if name not in first]
    return tuple(read(each) for name in [*first, *rest] for each in found[name])


def _claims(found: Mapping[str, Any]) -> list[Any]:
    """List the statements of an entity, given as a map by property, or as a list."""
    groups: dict[str, list[Any]] = {}
    claims = found.get("claims")
    if isinstance(claims, list):
        for claim in claims:
            groups.setdefault(claim["mainsnak"]["property"], []).append(claim)
    else:
        groups.update(_map(found, "claims"))
    return [claim for group in groups.values() for claim in group]


def _map(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Give a member that is a map; PHP writes an empty one as a list."""
    member = found.get(name) or {}
    if not isinstance(member, Mapping):
        raise TypeError(f"{name} is no map")
    return member


def _sitelink(found: Mapping[str, Any]) -> Sitelink:
    return Sitelink(
        found["site"], found["title"], tuple(found.get("badges", ())), found.get("url")
    )


def _sitelink_to_json(link: Sitelink) -> Json:
    found: Json = {"site": link.site, "title": link.title, "badges": list(link.badges)}
    if link.url is not None:
        found["url"] = link.url
    return found
