"""Values as RDF: the object that stands for a value, and the node that tells all of it.

As in Wikibase's dumps
(https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format#Value_representation).
"""

from typing import Final
from urllib.parse import quote, quote_plus

from wbskills.wikibase.embedded.calendar import xsd_date
from wbskills.wikibase.embedded.ntriples import RDF, XSD, literal, resource, typed
from wbskills.wikibase.model.hashes import php_float
from wbskills.wikibase.model.values import EARTH, Coordinate, Quantity, Time

ONTOLOGY: Final = "http://wikiba.se/ontology#"
A: Final = f"<{RDF}type>"

_WKT: Final = "http://www.opengis.net/ont/geosparql#wktLiteral"
_COMMONS: Final = "http://commons.wikimedia.org/"
_ONE: Final = "http://www.wikidata.org/entity/Q199"  # on every Wikibase, not only on Wikidata
_AUTO_PRECISION: Final = 1 / 3600  # degrees: what Wikibase assumes where a place has none


def text_object(text: str, datatype: str) -> str:
    """Write a text: the IRI of what it names, if the datatype says so, or itself.

    White space around an address does not belong to it.
    """
    match datatype:
        case "url":
            return resource(text.strip(" \t\n\r\0\v"))
        case "commonsMedia":
            page = quote(text, safe="", errors="replace")
            return resource(f"{_COMMONS}wiki/Special:FilePath/{page}")
        case "geo-shape" | "tabular-data":
            page = quote_plus(text, safe=";@$!*(),/~:", errors="replace")
            return resource(f"{_COMMONS}data/main/{page}")
        case _:
            return literal(text)


def full_value(value: Time | Quantity | Coordinate) -> tuple[str, list[str]]:
    """Write a value twice: as an object, and as what follows the subject in its node's lines."""
    match value:
        case Time():
            return _time(value)
        case Quantity():
            return _quantity(value)
        case Coordinate():
            return _coordinate(value)


def _time(value: Time) -> tuple[str, list[str]]:
    date = xsd_date(value)
    short = literal(value.time) if date is None else typed(date, f"{XSD}dateTime")
    return short, [
        f" {A} <{ONTOLOGY}TimeValue> .",
        f" <{ONTOLOGY}timeValue> {short} .",
        f' <{ONTOLOGY}timePrecision> "{value.precision}"^^<{XSD}integer> .',
        f' <{ONTOLOGY}timeTimezone> "{value.timezone}"^^<{XSD}integer> .',
        f" <{ONTOLOGY}timeCalendarModel> {resource(value.calendar)} .",
    ]


def _quantity(value: Quantity) -> tuple[str, list[str]]:
    short = typed(value.amount, f"{XSD}decimal")
    unit = _ONE if value.unit == "1" else value.unit
    lines = [
        f" {A} <{ONTOLOGY}QuantityValue> .",
        f" <{ONTOLOGY}quantityAmount> {short} .",
        f" <{ONTOLOGY}quantityUnit> {resource(unit)} .",
    ]
    if value.upper is not None and value.lower is not None:
        upper, lower = (typed(bound, f"{XSD}decimal") for bound in (value.upper, value.lower))
        lines.append(f" <{ONTOLOGY}quantityUpperBound> {upper} .")
        lines.append(f" <{ONTOLOGY}quantityLowerBound> {lower} .")
    return short, lines


def _coordinate(value: Coordinate) -> tuple[str, list[str]]:
    precision = _AUTO_PRECISION if value.precision is None else value.precision
    north, east, around = (
        php_float(number, digits=14) for number in (value.latitude, value.longitude, precision)
    )
    globe = "" if value.globe == EARTH else f"<{value.globe.replace('>', '%3E')}> "
    lines = [
        f" {A} <{ONTOLOGY}GlobecoordinateValue> .",
        f' <{ONTOLOGY}geoLatitude> "{north}"^^<{XSD}double> .',
        f' <{ONTOLOGY}geoLongitude> "{east}"^^<{XSD}double> .',
        f' <{ONTOLOGY}geoPrecision> "{around}"^^<{XSD}double> .',
        f" <{ONTOLOGY}geoGlobe> {resource(value.globe)} .",
    ]
    if value.precision is None:
        lines.append(f" {A} <{ONTOLOGY}GeoAutoPrecision> .")
    return typed(f"{globe}Point({east} {north})", _WKT), lines
