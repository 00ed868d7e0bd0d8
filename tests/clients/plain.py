"""The sample as Wikibase's own JSON, to be sent without any client."""

from typing import Any

from tests.clients.facts import Claim, Fact, Unknown, Wanted
from tests.clients.wiki import Wiki

_CALENDAR = "http://www.wikidata.org/entity/Q1985727"
_EARTH = "http://www.wikidata.org/entity/Q2"


def entity_json(wanted: Wanted, wiki: Wiki) -> dict[str, Any]:
    """Return an item in the form that `wbeditentity` accepts."""
    labels = (("en", wanted.label), *wanted.labels)
    return {
        "labels": {language: _text(language, label) for language, label in labels},
        "descriptions": {"en": _text("en", wanted.description)},
        "aliases": {"en": [_text("en", alias) for alias in wanted.aliases]},
        "claims": [_statement(claim, wiki) for claim in wanted.claims],
    }


def _text(language: str, value: str) -> dict[str, str]:
    return {"language": language, "value": value}


def _statement(claim: Claim, wiki: Wiki) -> dict[str, Any]:
    return {
        "type": "statement",
        "rank": claim.rank,
        "mainsnak": _snak(claim.fact, wiki),
        "qualifiers": [_snak(fact, wiki) for fact in claim.qualifiers],
        "references": [
            {"snaks": [_snak(fact, wiki) for fact in facts]} for facts in claim.references
        ],
    }


def _snak(fact: Fact, wiki: Wiki) -> dict[str, Any]:
    property_id = wiki.properties[fact.datatype]
    if isinstance(fact.value, Unknown):
        return {"snaktype": fact.value.value, "property": property_id}
    kind, value = _value(fact.datatype, fact.value, wiki)
    datavalue = {"type": kind, "value": value}
    return {"snaktype": "value", "property": property_id, "datavalue": datavalue}


def _value(datatype: str, value: str | tuple[str, ...], wiki: Wiki) -> tuple[str, Any]:
    match datatype, value:
        case "wikibase-item", str(item):
            return "wikibase-entityid", {"entity-type": "item", "id": item}
        case "quantity", (amount, *unit):
            units = [wiki.served.entities + one for one in unit]
            return "quantity", {"amount": amount, "unit": units[0] if units else "1"}
        case "time", day:
            zeros = dict.fromkeys(("timezone", "before", "after"), 0)
            moment = {"time": f"+{day}T00:00:00Z", "precision": 11, "calendarmodel": _CALENDAR}
            return "time", {**moment, **zeros}
        case "monolingualtext", (text, language):
            return "monolingualtext", {"text": text, "language": language}
        case "globe-coordinate", (latitude, longitude, precision):
            place = {"latitude": float(latitude), "longitude": float(longitude)}
            return "globecoordinate", {**place, "precision": float(precision), "globe": _EARTH}
        case _:
            return "string", value
