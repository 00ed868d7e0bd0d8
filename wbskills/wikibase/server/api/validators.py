"""Wikibase's validators: which values a property of a datatype accepts."""

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
from wbskills.wikibase.server.api.deserializers import parse_entity_id
from wbskills.wikibase.server.api.errors import Json, invalid_value
from wbskills.wikibase.server.api.titles import link_to
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
"""The datatypes of properties, with the type of their values."""

DATATYPE_CHOICES: Final = tuple(sorted(DATATYPES, key=str.casefold))
_VALUE_TYPES: Final[Mapping[type, str]] = {
    Text: "string",
    Time: "time",
    Quantity: "quantity",
    Monolingual: "monolingualtext",
    Coordinate: "globecoordinate",
    EntityRef: "wikibase-entityid",
}
_MAX_TEXT: Final = 400
_MAX_URL: Final = 500
_MAX_FILE_NAME: Final = 240
_SCHEMES: Final = frozenset(
    ["bzr", "cvs", "ftp", "git", "http", "https", "irc", "mailto", "ssh", "svn"]
)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE | re.ASCII)
_BAD_URL: Final = re.compile(r'[\x00-\x20\x7f"<>\[\]]|^[a-z]+:(?://)?$', re.IGNORECASE)
_MALFORMED: Final = re.compile(r"^\s|\s$|[\x00-\x1f\x7f\v\f\r\n\t]")
_EXCERPT: Final = 29


class Validators:
    """The validators of one Wikibase; remembers for one request what it has looked up."""

    def __init__(self, site: Site, settings: Settings) -> None:
        self._site, self._store, self._settings = site, site.store, settings
        self._datatypes: dict[str, str] = {}
        self._existing: set[str] = set()
        # Statements of an entity often share sources and dates: check and hash them once.
        self._snaks: dict[Snak, Snak] = {}
        self._references: dict[Reference, Reference] = {}

    def datatype(self, property_id: str) -> str:
        """Return the datatype of a property. Raises `ApiError` if it does not exist."""
        found = self._datatypes.get(property_id)
        if found is None:
            stored = self._store.read([property_id]).get(property_id)
            if stored is None:
                raise invalid_value("no-such-property", link_to(property_id))
            found = self._datatypes[property_id] = stored.entity.datatype or ""
        return found

    def requested_datatype(self, values: Json) -> str | None:
        """Return the `datatype` or `parser` that a request names, or that of its `property`.

        None if it names nothing. Raises `ApiError` if there is no such property.
        """
        found: str | None = values["datatype"] or values.get("parser")
        if found is None and values["property"] is not None:
            return self.datatype(parse_entity_id(values["property"]) or "")
        return found

    def statement(self, statement: Statement) -> Statement:
        """Return a valid statement with its datatypes filled in. Raises `ApiError`."""
        return Statement(
            self.snak(statement.main),
            tuple(map(self.snak, statement.qualifiers)),
            tuple(map(self.reference, statement.references)),
            statement.rank,
            statement.id,
        )

    def reference(self, reference: Reference) -> Reference:
        """Return a valid reference with its datatypes filled in. Raises `ApiError`."""
        found = self._references.get(reference)
        if found is None:
            found = Reference(tuple(map(self.snak, reference.snaks)))
            self._references[reference] = found
        return found

    def snak(self, snak: Snak) -> Snak:
        """Return a valid snak with its datatype filled in. Raises `ApiError`."""
        found = self._snaks.get(snak)
        if found is None:
            datatype = self.datatype(snak.property)
            value = snak.value
            if isinstance(value, Quantity):
                value = self._with_concept_unit(value)
            if value is not None:
                self.value(value, datatype)
            found = self._snaks[snak] = Snak(snak.property, value, datatype, snak.kind)
        return found

    def value(self, value: Value, datatype: str) -> None:
        """Validate a value. Raises `ApiError`."""
        kind, expected = _VALUE_TYPES[type(value)], DATATYPES.get(datatype)
        if expected is None:  # a datatype of another Wikibase, imported from there
            return
        if kind != expected:
            raise invalid_value("bad-value-type", kind, expected)
        match value:
            case Text(text):
                self._text(text, datatype)
            case EntityRef(entity_id):
                self._entity(entity_id, datatype)
            case Time():
                _check_time(value)
            case Quantity():
                self._unit(value.unit)
            case Monolingual(language, text):
                if language not in languages.text_languages():
                    raise invalid_value("not-a-language", language)
                _check_text(text)
            case Coordinate():
                _check_coordinate(value)

    def _text(self, text: str, datatype: str) -> None:
        match datatype:
            case "url":
                _check_length(text, _MAX_URL)
                _check_url(text)
            case "commonsMedia":
                self._file(text)
            case "geo-shape" | "tabular-data":
                _check_text(text)
                if not self._on_commons(text):
                    raise invalid_value("page-not-exists", text)
            case _:
                _check_text(text)

    def _file(self, name: str) -> None:
        _check_length(name, _MAX_FILE_NAME)
        if re.search(r"[:/\\#|{}\[\]\x00-\x1f\x7f]", name):
            raise invalid_value("illegal-file-chars", name)
        if not re.fullmatch(r".+\.\w+", name, re.DOTALL):
            raise invalid_value("check-file-type", name)
        if not self._on_commons(name):
            raise invalid_value("no-such-media", name)

    def _on_commons(self, page: str) -> bool:
        return self._settings.commons is None or page in self._settings.commons

    def _entity(self, entity_id: str, datatype: str) -> None:
        kind = "property" if entity_id.startswith("P") else "item"
        if datatype != f"wikibase-{kind}":
            raise invalid_value("bad-entity-type", kind)
        if entity_id not in self._existing:
            if not self._store.pages.exists(entity_id):
                raise invalid_value("no-such-entity", link_to(entity_id))
            self._existing.add(entity_id)

    def _with_concept_unit(self, value: Quantity) -> Quantity:
        """Accept a unit by the address where it is served as well."""
        found = self._site.strip_entity_base(value.unit)
        if found == value.unit:
            return value
        return replace(value, unit=f"{self._store.concept_base}{found}")

    def _unit(self, unit: str) -> None:
        base = re.escape(self._store.concept_base)
        if unit != "1" and not re.fullmatch(rf"{base}Q[1-9][0-9]{{0,9}}", unit):
            raise invalid_value("not-allowed", unit)


def excerpt(text: str) -> str:
    """Return the beginning of a long text."""
    return text if len(text) <= _EXCERPT + 3 else f"{text[:_EXCERPT]}..."


def _check_length(text: str, longest: int) -> None:
    if not text:
        raise invalid_value("too-short", "1", "")
    if len(text) > longest:
        raise invalid_value("too-long", str(longest), excerpt(text))


def _check_text(text: str) -> None:
    _check_length(text, _MAX_TEXT)
    if _MALFORMED.search(text):
        raise invalid_value("malformed-value", text)


def _check_url(text: str) -> None:
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise invalid_value("url-scheme-missing", text)
    if scheme[1].lower() not in _SCHEMES:
        raise invalid_value("bad-url-scheme", scheme[1])
    if _BAD_URL.search(text):
        raise invalid_value("bad-url", text)


def _check_time(value: Time) -> None:
    if value.calendar not in (GREGORIAN, JULIAN):
        raise invalid_value("bad-prefix", value.calendar)
    month_and_day = value.time[-15:-10]
    zero_day = value.precision >= 11 and "00" in (month_and_day[:2], month_and_day[3:])
    if not value.time.endswith("T00:00:00Z") or zero_day:
        raise invalid_value("malformed-value", value.time)
    if value.precision > 11:
        raise invalid_value("too-high", "11", str(value.precision))


def _check_coordinate(value: Coordinate) -> None:
    if value.precision is None:
        raise invalid_value("missing-field", "precision")
    _check_url(value.globe)
