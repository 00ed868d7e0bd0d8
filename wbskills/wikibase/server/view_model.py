"""Entities as pages show them: labels in place of ids, readable values in place of JSON."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple
from urllib.parse import quote

from wbskills.names import ENTITY_ID, local_name
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.entities import Entity, Kind, Snak, Statement
from wbskills.wikibase.model.values import (
    JULIAN,
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
)
from wbskills.wikibase.server.documents import all_snaks, page_title, referenced_ids

_FORMATTER: Final = "formatter URL"  # the label of the property with the addresses
_UNESCAPED: Final = ";@$!*(),/~:"  # what MediaWiki does not escape in an address
_WEB: Final = re.compile(r"https?://[^\s]+\Z", re.IGNORECASE)
_TIME: Final = re.compile(r"([+-])0*([0-9]+)-([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayText:
    """A text on a page, with the address it links to, its language, and a remark after it."""

    text: str
    href: str = ""
    language: str = ""
    remark: str = ""
    is_special: bool = False  # “no value” and “unknown value”: our words, not an editor's


@dataclass(frozen=True, slots=True)
class SnakGroup:
    """The values of one property in a qualifier list or a reference."""

    property: DisplayText
    values: tuple[DisplayText, ...]


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement; each reference is a tuple of groups."""

    value: DisplayText
    rank: str
    qualifiers: tuple[SnakGroup, ...]
    references: tuple[tuple[SnakGroup, ...], ...]


@dataclass(frozen=True, slots=True)
class PropertySection:
    """The statements of one property."""

    id: str
    property: DisplayText
    statements: tuple[StatementView, ...]


class Term(NamedTuple):
    """A label or description, and its language; both are empty if there is none."""

    text: str
    language: str


def best_term(terms: Mapping[str, str], languages: Sequence[str]) -> Term:
    """Return the text in the first of some languages that has one, else any text."""
    for code in languages:
        if code in terms:
            return Term(terms[code], code)
    return next((Term(text, code) for code, text in terms.items()), Term("", ""))


class EntityLabels:
    """The labels, and the formatter URLs of properties, of the entities on a page."""

    def __init__(self, store: Wikibase, ids: Iterable[str], languages: Sequence[str]) -> None:
        read = store.read(dict.fromkeys(ids))
        self._labels = {
            name: best_term(stored.entity.labels, languages) for name, stored in read.items()
        }
        formatter = store.find_property(_FORMATTER)
        self._formatters = {
            name: one.text
            for name, stored in read.items()
            if formatter and stored.entity.kind is Kind.PROPERTY
            for one in stored.entity.values(formatter)[:1]
            if isinstance(one, Text)
        }

    def link(self, entity_id: str) -> DisplayText:
        """Return a link to the page of an entity, with its label, or its id if it has none."""
        if not ENTITY_ID.fullmatch(entity_id):
            return DisplayText(text=entity_id)
        label, language = self._labels.get(entity_id, Term("", ""))
        return DisplayText(
            text=label or entity_id,
            href=f"/wiki/{page_title(entity_id)}",
            language=language,
            remark="" if entity_id in self._labels else "deleted or never created",
        )

    def identifier_url(self, snak: Snak, text: str) -> str:
        """Return the address for an external identifier; empty if its property has none."""
        if snak.datatype != "external-id":
            return ""
        address = self._formatters.get(snak.property, "").replace(
            "$1", quote(text, safe=_UNESCAPED)
        )
        return address if _WEB.match(address) else ""


def sections(
    store: Wikibase, entity: Entity, languages: Sequence[str]
) -> tuple[list[PropertySection], list[PropertySection]]:
    """Return the statements of an entity, and separately its external identifiers."""
    labels = EntityLabels(store, _mentioned(entity), languages)
    statements: list[PropertySection] = []
    identifiers: list[PropertySection] = []
    for property_id, group in groupby(entity.statements, key=lambda one: one.main.property):
        of_property = list(group)
        views = tuple(_statement(each, labels) for each in of_property)
        section = PropertySection(property_id, labels.link(property_id), views)
        is_identifier = of_property[0].main.datatype == "external-id"
        (identifiers if is_identifier else statements).append(section)
    return statements, identifiers


def _mentioned(entity: Entity) -> Iterator[str]:
    for snak in all_snaks(entity):
        yield snak.property
        yield from referenced_ids(snak)
        if isinstance(snak.value, Quantity):
            yield local_name(snak.value.unit)


def _statement(statement: Statement, labels: EntityLabels) -> StatementView:
    return StatementView(
        _value(statement.main, labels),
        statement.rank.value,
        _groups(statement.qualifiers, labels),
        tuple(_groups(reference.snaks, labels) for reference in statement.references),
    )


def _groups(snaks: Sequence[Snak], labels: EntityLabels) -> tuple[SnakGroup, ...]:
    return tuple(
        SnakGroup(labels.link(property_id), tuple(_value(each, labels) for each in group))
        for property_id, group in groupby(snaks, key=lambda snak: snak.property)
    )


def _value(snak: Snak, labels: EntityLabels) -> DisplayText:
    """Return the value of a snak in readable form."""
    if snak.kind != "value":
        return DisplayText(
            text="no value" if snak.kind == "novalue" else "unknown value", is_special=True
        )
    match snak.value:
        case EntityRef(id) | Unknown("wikibase-entityid", {"id": str(id)}):
            return labels.link(id)
        case Text(text):
            return DisplayText(
                text=text, href=_link(text, snak.datatype) or labels.identifier_url(snak, text)
            )
        case Monolingual(language, text):
            return DisplayText(text=text, language=language, remark=language)
        case Time() as time:
            calendar = "Julian calendar" if time.calendar == JULIAN else ""
            return DisplayText(text=readable_time(time), remark=calendar)
        case Quantity():
            return _quantity(snak.value, labels)
        case Coordinate():
            return DisplayText(text=f"{snak.value.latitude:g}°, {snak.value.longitude:g}°")
        case _:
            return DisplayText(text=str(getattr(snak.value, "json", "")), remark=snak.datatype)


def _link(text: str, datatype: str) -> str:
    """Return the address to link; only of the web, because others could run a script."""
    return text if datatype == "url" and _WEB.match(text) else ""


def readable_time(time: Time) -> str:
    """Return a time with its precision.

    >>> readable_time(Time("+2026-03-04T00:00:00Z"))
    '2026-03-04'
    >>> readable_time(Time("+1850-00-00T00:00:00Z", 8))
    '1850s'
    """
    parts = _TIME.match(time.time)
    if parts is None:
        return time.time
    sign, year, month, day = parts.groups()
    era = " BCE" if sign == "-" else ""
    precision = time.precision
    if precision >= 11:
        return f"{year.zfill(4)}-{month}-{day}{era}"
    if precision == 10:
        return f"{year.zfill(4)}-{month}{era}"
    if precision == 9:
        return f"{year}{era}"
    if precision == 8:
        return f"{int(year) // 10 * 10}s{era}"
    if precision in {6, 7}:
        span = 100 if precision == 7 else 1000
        what = "century" if precision == 7 else "millennium"
        return f"{what} {-(-int(year) // span)}{era}"
    return f"about {int(year)} years{era}"


def _quantity(quantity: Quantity, labels: EntityLabels) -> DisplayText:
    amount = quantity.amount.removeprefix("+").replace("-", "−")
    remark = ""
    if quantity.lower is not None and quantity.upper is not None:
        lower, upper = (each.removeprefix("+") for each in (quantity.lower, quantity.upper))
        remark = f"between {lower} and {upper}".replace("-", "−")
    if quantity.unit == "1":
        return DisplayText(text=amount, remark=remark)
    unit = labels.link(local_name(quantity.unit))
    return DisplayText(text=f"{amount} {unit.text}", href=unit.href, remark=remark)
