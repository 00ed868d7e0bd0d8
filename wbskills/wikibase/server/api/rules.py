"""Which values a property of some datatype may have: Wikibase's validators."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from wbskills.wikibase.model.entities import Reference, Snak, Statement
from wbskills.wikibase.model.values import (
    GREGORIAN,
    JULIAN,
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Value,
)
from wbskills.wikibase.server.api import languages
from wbskills.wikibase.server.api.call import link
from wbskills.wikibase.server.api.errors import invalid
from wbskills.wikibase.server.api.values import TYPE_OF
from wbskills.wikibase.server.settings import Settings
from wbskills.wikibase.server.site import Site

DATATYPES: Final[Mapping[str, str]] = {
    "commonsMedia": "string",
    "geo-shape": "string",
    "tabular-data": "string",
    "entity-schema": "string",
    "url": "string",
    "external-id": "string",
    "wikibase-item": "wikibase-entityid",
    "wikibase-property": "wikibase-entityid",
    "globe-coordinate": "globecoordinate",
    "monolingualtext": "monolingualtext",
    "quantity": "quantity",
    "string": "string",
    "time": "time",
}
"""The datatypes that a new property may have, and the type of their values."""

_LONGEST: Final = 400
_LONGEST_URL: Final = 500
_LONGEST_FILE: Final = 240
_SCHEMES: Final = frozenset(
    ["bzr", "cvs", "ftp", "git", "http", "https", "irc", "mailto", "ssh", "svn"]
)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE | re.ASCII)
_BAD_URL: Final = re.compile(r'[\x00-\x20\x7f"<>\[\]]|^[a-z]+:(?://)?$', re.IGNORECASE)
_MALFORMED: Final = re.compile(r"^\s|\s$|[\x00-\x1f\x7f\v\f\r\n\t]")
_SHOWN: Final = 29


class Rules:
    """The rules of one Wikibase; what it looks up it remembers for the time of one request."""

    def __init__(self, site: Site, settings: Settings) -> None:
        self._site, self._store, self._settings = site, site.store, settings
        self._datatypes: dict[str, str] = {}
        self._there: set[str] = set()
        # Statements of one entity often share sources and dates: checked and hashed once.
        self._snaks: dict[Snak, Snak] = {}
        self._references: dict[Reference, Reference] = {}

    def datatype(self, property_id: str) -> str:
        """Give the datatype of a property. Raises `ApiError` if there is no such property."""
        found = self._datatypes.get(property_id)
        if found is None:
            stored = self._store.read([property_id]).get(property_id)
            if stored is None:
                raise invalid("no-such-property", link(property_id))
            found = self._datatypes[property_id] = stored.entity.datatype or ""
        return found

    def value_type(self, datatype: str) -> str:
        """Give the type that values of a datatype have."""
        return DATATYPES.get(datatype, "string")

    def check(self, statement: Statement) -> Statement:
        """Check the values of a statement and fill in their datatypes. Raises `ApiError`."""
        return Statement(
            self.snak(statement.main),
            tuple(map(self.snak, statement.qualifiers)),
            tuple(map(self.reference, statement.references)),
            statement.rank,
            statement.id,
        )

    def reference(self, reference: Reference) -> Reference:
        """Check a reference."""
        found = self._references.get(reference)
        if found is None:
            found = Reference(tuple(map(self.snak, reference.snaks)))
            self._references[reference] = found
        return found

    def snak(self, snak: Snak) -> Snak:
        """Check a snak and fill in its datatype."""
        found = self._snaks.get(snak)
        if found is None:
            datatype = self.datatype(snak.property)
            value = snak.value
            if isinstance(value, Quantity):
                value = self._with_named_unit(value)
            if value is not None:
                self.value(value, datatype)
            found = self._snaks[snak] = Snak(snak.property, value, datatype, snak.kind)
        return found

    def value(self, value: Value, datatype: str) -> None:
        """Check a value of a datatype. Raises `ApiError`."""
        kind = TYPE_OF[type(value)]
        expected = DATATYPES.get(datatype)
        if expected is None:  # a datatype of another Wikibase, imported from there
            return
        if kind != expected:
            raise invalid("bad-value-type", kind, expected)
        match value:
            case Text(text):
                self._text(text, datatype)
            case EntityRef(target):
                self._entity(target, datatype)
            case Time():
                _time(value)
            case Quantity():
                self._unit(value.unit)
            case Monolingual(language, text):
                if language not in languages.of_texts():
                    raise invalid("not-a-language", language)
                _plain_text(text)
            case Coordinate():
                _coordinate(value)

    def _text(self, text: str, datatype: str) -> None:
        match datatype:
            case "url":
                _length(text, _LONGEST_URL)
                _url(text)
            case "commonsMedia":
                self._file(text)
            case "geo-shape" | "tabular-data":
                _plain_text(text)
                if not self._exists(text):
                    raise invalid("page-not-exists", text)
            case _:
                _plain_text(text)

    def _file(self, name: str) -> None:
        _length(name, _LONGEST_FILE)
        if re.search(r"[:/\\#|{}\[\]\x00-\x1f\x7f]", name):
            raise invalid("illegal-file-chars", name)
        if not re.fullmatch(r".+\.\w+", name, re.DOTALL):
            raise invalid("check-file-type", name)
        if not self._exists(name):
            raise invalid("no-such-media", name)

    def _exists(self, page: str) -> bool:
        """Tell whether Commons is taken to have a file or a data page."""
        commons = self._settings.commons
        return commons is None or page in commons

    def _entity(self, target: str, datatype: str) -> None:
        kind = "property" if target.startswith("P") else "item"
        if datatype != f"wikibase-{kind}":
            raise invalid("bad-entity-type", kind)
        if target not in self._there:
            if not self._store.pages.exists(target):
                raise invalid("no-such-entity", link(target))
            self._there.add(target)

    def _with_named_unit(self, value: Quantity) -> Quantity:
        """Take a unit by the address where it is served, too, which may not be its name."""
        found = self._site.strip_entity_base(value.unit)
        if found == value.unit:
            return value
        return replace(value, unit=f"{self._store.concept_base}{found}")

    def _unit(self, unit: str) -> None:
        base = self._store.concept_base
        if unit != "1" and not re.fullmatch(re.escape(base) + r"Q[1-9][0-9]{0,9}", unit):
            raise invalid("not-allowed", unit)


def excerpt(text: str) -> str:
    """Show the beginning of a text that is too long."""
    return text if len(text) <= _SHOWN + 3 else f"{text[:_SHOWN]}..."


def _length(text: str, longest: int) -> None:
    if not text:
        raise invalid("too-short", "1", "")
    if len(text) > longest:
        raise invalid("too-long", str(longest), excerpt(text))


def _plain_text(text: str) -> None:
    _length(text, _LONGEST)
    if _MALFORMED.search(text):
        raise invalid("malformed-value", text)


def _url(text: str) -> None:
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise invalid("url-scheme-missing", text)
    if scheme[1].lower() not in _SCHEMES:
        raise invalid("bad-url-scheme", scheme[1])
    if _BAD_URL.search(text):
        raise invalid("bad-url", text)


def _time(value: Time) -> None:
    if value.calendar not in (GREGORIAN, JULIAN):
        raise invalid("bad-prefix", value.calendar)
    month_and_day = value.time[-15:-10]
    zero_day = value.precision >= 11 and "00" in (month_and_day[:2], month_and_day[3:])
    if not value.time.endswith("T00:00:00Z") or zero_day:
        raise invalid("malformed-value", value.time)
    if value.precision > 11:
        raise invalid("too-high", "11", str(value.precision))


def _coordinate(value: Coordinate) -> None:
    if value.precision is None:
        raise invalid("missing-field", "precision")
    _url(value.globe)
