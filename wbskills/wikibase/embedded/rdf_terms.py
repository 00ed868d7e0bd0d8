"""The parts of RDF that are the same for every Wikibase: terms, dates, values and properties.

IRIs and literals are written as N-Triples (https://www.w3.org/TR/n-triples/), escaped so that any
text gives a legal line; IRIs follow RFC 3987, language tags BCP 47. Values, dates and properties
are those of Wikibase's dumps (https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format).
"""

import re
from typing import Final
from urllib.parse import quote, quote_plus

from wbskills.wikibase.model.hashes import php_float
from wbskills.wikibase.model.values import (
    DAY,
    EARTH,
    GREGORIAN,
    JULIAN,
    Coordinate,
    Quantity,
    Time,
)

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
ONTOLOGY: Final = "http://wikiba.se/ontology#"
A: Final = f"<{RDF}type>"

_ESCAPED = re.compile('[\x00-\x1f"\\\\\x7f-\x9f\u2028\u2029\ud800-\udfff]')
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}

# RFC 3987 also allows U+2028 and U+2029, which some programs take for the end of a line.
_UCS = "\u00a0-\u2027\u202a-\ud7ff\uf900-\ufdcf\ufdf0-\uffef" + "".join(
    f"{chr((plane << 16) + (0x1000 if plane == 14 else 0))}-{chr((plane << 16) + 0xFFFD)}"
    for plane in range(1, 15)
)
_PLAIN = rf"A-Za-z0-9\-._~!$&'()*+,;={_UCS}"
_PERCENT = "%[0-9A-Fa-f]{2}"
_IRI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://(?:(?:[{_PLAIN}:]|{_PERCENT})*@)?(?:[{_PLAIN}]|{_PERCENT})*(?::[0-9]*)?(?=[/?#]|\Z)"
    rf"|(?!//))"
    rf"(?:[{_PLAIN}:@/]|{_PERCENT})*"
    rf"(?:\?(?:[{_PLAIN}:@/?]|{_PERCENT})*)?"
    rf"(?:\#(?:[{_PLAIN}:@/?]|{_PERCENT})*)?"
)
_NOT_IN_IRI = re.compile(rf"[^{_PLAIN}:@/?#%]|%(?![0-9A-Fa-f]{{2}})")

_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"  # language
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"  # script, region
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)

_YEAR, _MONTH = 9, 10  # precisions

_TIME = re.compile(r"([+-])([0-9]{1,16})-([0-9]{1,9})-([0-9]{1,9})T(.*)", re.DOTALL)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Wikibase converts Julian dates of these years only, because PHP does (-1 is 1 BCE).
_CONVERTED: Final = range(-4713, 1465073)

_WKT: Final = "http://www.opengis.net/ont/geosparql#wktLiteral"
_COMMONS: Final = "http://commons.wikimedia.org/"
_ONE: Final = "http://www.wikidata.org/entity/Q199"  # the unit 1, on every Wikibase
_AUTO_PRECISION: Final = 1 / 3600  # degrees; what Wikibase assumes if a coordinate has none

_OBJECT: Final = "ObjectProperty"
_DATATYPE: Final = "DatatypeProperty"

# Predicates by their names in Wikibase's ontology: their paths below `prop/`.
_TO_VALUES = {
    "directClaim": "direct/",
    "statementProperty": "statement/",
    "qualifier": "qualifier/",
    "reference": "reference/",
}
_TO_NODES = {
    "claim": "",
    "statementValue": "statement/value/",
    "qualifierValue": "qualifier/value/",
    "referenceValue": "reference/value/",
}
_TO_NORMALIZED_NODES = {
    "statementValueNormalized": "statement/value-normalized/",
    "qualifierValueNormalized": "qualifier/value-normalized/",
    "referenceValueNormalized": "reference/value-normalized/",
}
_WITH_IRIS = frozenset(
    {
        "commonsMedia", "entity-schema", "geo-shape", "tabular-data", "url", "wikibase-form",
        "wikibase-item", "wikibase-lexeme", "wikibase-property", "wikibase-sense",
    }
)  # fmt: skip
_NORMALIZED = {"external-id": _OBJECT, "quantity": _DATATYPE}


def literal(text: str) -> str:
    r"""Write a plain text.

    >>> print(literal('say "so"'))
    "say \"so\""
    """
    return f'"{_escaped(text)}"'


def tagged(text: str, language: str) -> str:
    """Write a text in a language; without the language if its code is not a BCP 47 tag."""
    tag = f"@{language}" if _TAG.fullmatch(language) else ""
    return f'"{_escaped(text)}"{tag}'


def typed(text: str, datatype: str) -> str:
    """Write a text as a value of the datatype with this IRI; the text is kept as it is."""
    return f'"{_escaped(text)}"^^<{datatype}>'


def find_iri(text: str) -> str | None:
    """Write an absolute IRI, %-escaping what is not allowed in one. None if it is not an IRI.

    >>> find_iri("http://example.org/a b")
    '<http://example.org/a%20b>'
    """
    if _IRI.fullmatch(text):
        return f"<{text}>"
    address, mark, fragment = _without_surrogates(text).partition("#")
    escaped = _NOT_IN_IRI.sub(_percent, f"{address}{mark}{fragment.replace('#', '%23')}")
    return f"<{escaped}>" if _IRI.fullmatch(escaped) else None


def resource(text: str) -> str:
    """Write an IRI, or a plain text if it is not one, so that nothing is lost.

    >>> resource("example.org")
    '"example.org"'
    """
    return find_iri(text) or literal(text)


def xsd_date(value: Time) -> str | None:
    """Return a time as `xsd:dateTime` (XML Schema 1.1); None if it cannot be written so.

    Wikibase's own rules, measured: a part that the precision leaves open is the first one; a
    month or day that does not exist becomes the nearest; a Julian day becomes the same day of
    the Gregorian calendar; from the precision of a year on, 1 BCE is the year 0.

    >>> xsd_date(Time("-0044-03-15T00:00:00Z", DAY, JULIAN))
    '-0043-03-13T00:00:00Z'
    """
    found = _TIME.fullmatch(value.time)
    if found is None:
        return None
    sign, digits, months, days, rest = found.groups()
    year = -int(digits) if sign == "-" else int(digits)
    month, day = min(max(int(months), 1), 12), max(int(days), 1)
    if year == 0:
        return None
    if value.precision >= DAY:
        if value.calendar == JULIAN and year in _CONVERTED and day <= 31:
            astronomical, month, day = gregorian(_without_gap(year), month, day)
            return _format_date(astronomical, month, day, rest)
        if value.calendar not in {GREGORIAN, JULIAN}:
            return None
    if value.precision <= _YEAR:
        month = day = 1
    elif value.precision == _MONTH:
        day = 1
    astronomical = _without_gap(year)
    day = min(day, days_of(astronomical, month))
    return _format_date(astronomical if value.precision >= _YEAR else year, month, day, rest)


def gregorian(year: int, month: int, day: int) -> tuple[int, int, int]:
    """Return the Gregorian year, month and day of a Julian one; the year 0 is 1 BCE.

    A day beyond the end of the month, such as 30 February, continues into the next month.
    https://en.wikipedia.org/wiki/Julian_day#Converting_Julian_calendar_date_to_Julian_day_number
    """
    # Years begin in March here, so that a leap day is the last day of a year.
    years, months = year + 4800 - (month < 3), (month - 3) % 12
    count = day + (153 * months + 2) // 5 + 365 * years + years // 4 - 32083
    centuries, rest = divmod(4 * (count + 32044) + 3, 146097)
    years, rest = divmod(rest // 4 * 4 + 3, 1461)
    months, rest = divmod(rest // 4 * 5 + 2, 153)
    return 100 * centuries + years - 4800 + months // 10, (months + 2) % 12 + 1, rest // 5 + 1


def days_of(year: int, month: int) -> int:
    """Count the days of a Gregorian month; the year 0 is 1 BCE."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _DAYS[month - 1] + leap


def text_object(text: str, datatype: str) -> str:
    """Write a text value: as the IRI of what it names for some datatypes, else as a literal."""
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
    """Return a value as an object, and the lines of its full value node without their subject."""
    match value:
        case Time():
            return _time(value)
        case Quantity():
            return _quantity(value)
        case Coordinate():
            return _coordinate(value)


def property_definition(
    subject: str, prop: str, name: str, datatype: str, others: str
) -> list[str]:
    """List the lines that define the property with the id `name`.

    `prop` is the namespace of all its predicates; `others` the node, as written, of the class
    of everything that has a value of the property.
    """
    kind = "".join(part[:1].upper() + part[1:] for part in datatype.split("-"))
    lines = [f"{subject} <{ONTOLOGY}propertyType> {resource(ONTOLOGY + kind)} ."]
    for predicate, (path, owl_class) in _predicates(datatype).items():
        iri = f"<{prop}{path}{name}>"
        lines.append(f"{subject} <{ONTOLOGY}{predicate}> {iri} .")
        lines.append(f"{iri} {A} <{OWL}{owl_class}> .")
    novalue = f"<{prop}novalue/{name}>"
    return [
        *lines,
        f"{subject} <{ONTOLOGY}novalue> {novalue} .",
        f"{novalue} {A} <{OWL}Class> .",
        f"{novalue} <{OWL}complementOf> {others} .",
        f"{others} {A} <{OWL}Restriction> .",
        f"{others} <{OWL}onProperty> <{prop}direct/{name}> .",
        f"{others} <{OWL}someValuesFrom> <{OWL}Thing> .",
    ]


def _escaped(text: str) -> str:
    if _ESCAPED.search(text) is None:
        return text
    return _ESCAPED.sub(_escape, _without_surrogates(text))


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    return _SHORT.get(sign) or f"\\u{ord(sign):04X}"


def _without_surrogates(text: str) -> str:
    """Join surrogate pairs; replace single surrogates by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode())


def _without_gap(year: int) -> int:
    """Turn a year where 1 BCE is -1 into one where it is 0."""
    return year + 1 if year < 0 else year


def _format_date(year: int, month: int, day: int, rest: str) -> str:
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{day:02}T{rest}"


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


def _predicates(datatype: str) -> dict[str, tuple[str, str]]:
    """Return the path and the OWL class of each predicate, by its name."""
    of_values = _OBJECT if datatype in _WITH_IRIS else _DATATYPE
    found = {name: (path, of_values) for name, path in _TO_VALUES.items()}
    found |= {name: (path, _OBJECT) for name, path in _TO_NODES.items()}
    if datatype in _NORMALIZED:
        found |= {name: (path, _OBJECT) for name, path in _TO_NORMALIZED_NODES.items()}
        found["directClaimNormalized"] = ("direct-normalized/", _NORMALIZED[datatype])
    return found
