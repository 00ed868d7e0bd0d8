"""Entities to and from Wikibase's JSON, without loss.

The form is that of `wbgetentities` with format version 1
(https://www.mediawiki.org/wiki/Wikibase/DataModel/JSON). Reading also accepts the shorter forms
that clients send: an entity value by `id` or by `numeric-id` alone, snaks as a map or a list.
"""

import json
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

_MOST_READ: Final = 50_000  # snaks, and references
_MOST_WRITTEN: Final = 20_000  # snaks
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class SnakCache:
    """Snaks and references read before, by their hashes, so that equal ones are one object.

    Saves most of the work of reading what thousands of people share. Only for JSON whose hashes
    are right, as that of a Wikibase is; not for what a client sends.
    """

    def __init__(self) -> None:
        self._snaks: dict[tuple[str, str], Snak] = {}
        self._references: dict[str, Reference] = {}

    def snak(self, found: Mapping[str, Any]) -> Snak:
        """Read a snak."""
        key = (found["hash"], found["datatype"])
        snak = self._snaks.get(key)
        if snak is None:
            if len(self._snaks) >= _MOST_READ:
                self._snaks.clear()
            snak = self._snaks[key] = snak_from_json(found)
        return snak

    def reference(self, found: Mapping[str, Any]) -> Reference:
        """Read a reference."""
        # The reference's own hash does not depend on the order of its snaks.
        snaks = found["snaks"]
        each = (snak for name in found["snaks-order"] for snak in snaks[name])
        key = "".join(snak["hash"] + snak["datatype"] for snak in each)
        reference = self._references.get(key)
        if reference is None:
            if len(self._references) >= _MOST_READ:
                self._references.clear()
            reference = self._references[key] = _reference(found, self)
        return reference


def entity_to_json(entity: Entity) -> Json:
    """Write an entity as Wikibase does, with hashes, without what belongs to a revision."""
    claims: dict[str, list[Json]] = {}
    for statement in entity.statements:
        claims.setdefault(statement.main.property, []).append(statement_to_json(statement))
    head, tail = _entity_members(entity)
    return head | {"claims": claims} | tail


def _entity_members(entity: Entity) -> tuple[Json, Json]:
    """Return the members before an entity's statements, and those after them."""
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


def entity_to_text(entity: Entity) -> str:
    """Return the text of `entity_to_json`, in less than half the time of the `json` module.

    People have the same levels, days and waves, so each such snak is written only once.
    """
    claims: dict[str, list[str]] = {}
    references: dict[int, str] = {}  # by object; the statements of a response share theirs
    for statement in entity.statements:
        text = _statement_text(statement, references)
        claims.setdefault(statement.main.property, []).append(text)
    head, tail = _entity_members(entity)
    parts = [_to_text(head)[1:-1], f'"claims":{_lists_text(claims)}']
    if tail:
        parts.append(_to_text(tail)[1:-1])
    return f"{{{','.join(parts)}}}"


def statement_to_json(statement: Statement) -> Json:
    """Write a statement as Wikibase does."""
    found: Json = {"mainsnak": snak_to_json(statement.main), "type": "statement"}
    if statement.qualifiers:
        found["qualifiers"], found["qualifiers-order"] = _grouped(statement.qualifiers)
    if statement.id is not None:
        found["id"] = statement.id
    found["rank"] = statement.rank.value
    if statement.references:
        found["references"] = [reference_to_json(reference) for reference in statement.references]
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
    """Read an entity. Raises `InvalidValue` if this is not one."""
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
    """Read snaks given as a map by property or as a list; `order` may be incomplete."""
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
    """Return a member that is a map; PHP writes an empty one as a list."""
    member = found.get(name) or {}
    if not isinstance(member, Mapping):
        raise TypeError(f"{name} is not a map")
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


_SNAK_TEXTS: Final[dict[tuple[str, str], str]] = {}  # by hash and datatype


def _statement_text(statement: Statement, references: dict[int, str]) -> str:
    parts = [f'"mainsnak":{_snak_text(statement.main)}', '"type":"statement"']
    if statement.qualifiers:
        grouped, order = _grouped_text(statement.qualifiers)
        parts += [f'"qualifiers":{grouped}', f'"qualifiers-order":{order}']
    if statement.id is not None:
        parts.append(f'"id":{_to_text(statement.id)}')
    parts.append(f'"rank":"{statement.rank.value}"')
    if statement.references:
        for reference in statement.references:
            if id(reference) not in references:
                references[id(reference)] = _reference_text(reference)
        texts = ",".join([references[id(reference)] for reference in statement.references])
        parts.append(f'"references":[{texts}]')
    return f"{{{','.join(parts)}}}"


def _reference_text(reference: Reference) -> str:
    grouped, order = _grouped_text(reference.snaks)
    return f'{{"hash":"{reference.hash}","snaks":{grouped},"snaks-order":{order}}}'


def _grouped_text(snaks: Iterable[Snak]) -> tuple[str, str]:
    groups: dict[str, list[str]] = {}
    for snak in snaks:
        groups.setdefault(snak.property, []).append(_snak_text(snak))
    order = ",".join([f'"{name}"' for name in groups])
    return _lists_text(groups), f"[{order}]"


def _lists_text(groups: Mapping[str, list[str]]) -> str:
    lists = [f'"{name}":[' + ",".join(texts) + "]" for name, texts in groups.items()]
    return f"{{{','.join(lists)}}}"


def _to_text(found: object) -> str:
    return _ENCODER.encode(found)


def _snak_text(snak: Snak) -> str:
    if isinstance(snak.value, Text):  # mostly of one person each
        return _to_text(snak_to_json(snak))
    key = (snak.hash, snak.datatype)
    found = _SNAK_TEXTS.get(key)
    if found is None:
        if len(_SNAK_TEXTS) >= _MOST_WRITTEN:
            _SNAK_TEXTS.clear()
        found = _SNAK_TEXTS[key] = _to_text(snak_to_json(snak))
    return found
