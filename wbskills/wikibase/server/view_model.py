"""Statements as people read them: labels in the place of ids, values in the place of JSON."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import quote

from wbskills.names import ENTITY_ID, local_name
from wbskills.wikibase.interface import Wikibase
from wbskills.wikibase.model.entities import Entity, Kind, Reference, Snak, Statement
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
from wbskills.wikibase.server.documents import snaks, targets, title

_FORMATTER: Final = "formatter URL"  # the label of the property that tells addresses
_PLAIN: Final = ";@$!*(),/~:"  # what MediaWiki leaves as it is in an address
_WEB: Final = re.compile(r"https?://[^\s]+\Z", re.IGNORECASE)
_TIME: Final = re.compile(r"([+-])0*([0-9]+)-([0-9]{2})-([0-9]{2})")
_YEARS: Final = {0: "Gyr", 3: "Myr", 6: "kyr"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text on a page: where it links to, in which language it is, and a remark beside it."""

    text: str
    href: str = ""
    language: str = ""
    remark: str = ""
    is_special: bool = False  # “no value” and “unknown value” are ours, not somebody's text


@dataclass(frozen=True, slots=True)
class Group:
    """A property and what is said with it."""

    property: Shown
    values: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A statement."""

    value: Shown
    rank: str
    qualifiers: tuple[Group, ...]
    references: tuple[tuple[Group, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The statements of one property."""

    id: str
    property: Shown
    statements: tuple[Said, ...]


def best_term(terms: Mapping[str, str], languages: Sequence[str]) -> tuple[str, str]:
    """Give the text in the first language that there is one in, and that language.

    Both are empty if there is no text at all.
    """
    for code in languages:
        if code in terms:
            return terms[code], code
    return next(((text, code) for code, text in terms.items()), ("", ""))


class EntityLabels:
    """The labels of the entities that a page mentions."""

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

    def shown(self, entity_id: str) -> Shown:
        """Give the label of an entity as a link to its page; its id if it has none."""
        if not ENTITY_ID.fullmatch(entity_id):
            return Shown(text=entity_id)
        label, language = self._labels.get(entity_id, ("", ""))
        return Shown(
            text=label or entity_id,
            href=f"/wiki/{title(entity_id)}",
            language=language,
            remark="" if entity_id in self._labels else "deleted or never made",
        )

    def identifier_url(self, snak: Snak, text: str) -> str:
        """Give the address of what an identifier names; empty if its property tells none."""
        if snak.datatype != "external-id":
            return ""
        address = self._formatters.get(snak.property, "").replace("$1", quote(text, safe=_PLAIN))
        return address if _WEB.match(address) else ""


def sections(
    store: Wikibase, entity: Entity, languages: Sequence[str]
) -> tuple[list[Section], list[Section]]:
    """Give the statements of an entity, and apart from them its identifiers."""
    names = EntityLabels(store, _mentioned(entity), languages)
    made = [
        (
            each[0].main.datatype == "external-id",
            Section(name, names.shown(name), tuple(_said(one, names) for one in each)),
        )
        for name, each in _by_property(entity.statements)
    ]
    return [one for is_id, one in made if not is_id], [one for is_id, one in made if is_id]


def _by_property(statements: Sequence[Statement]) -> Iterator[tuple[str, list[Statement]]]:
    for name, each in groupby(statements, key=lambda one: one.main.property):
        yield name, list(each)


def _mentioned(entity: Entity) -> Iterator[str]:
    for snak in snaks(entity):
        yield snak.property
        yield from targets(snak)
        if isinstance(snak.value, Quantity):
            yield local_name(snak.value.unit)


def _said(statement: Statement, names: EntityLabels) -> Said:
    return Said(
        value(statement.main, names),
        statement.rank.value,
        _groups(statement.qualifiers, names),
        tuple(_reference(each, names) for each in statement.references),
    )


def _reference(reference: Reference, names: EntityLabels) -> tuple[Group, ...]:
    return _groups(reference.snaks, names)


def _groups(found: Sequence[Snak], names: EntityLabels) -> tuple[Group, ...]:
    return tuple(
        Group(names.shown(name), tuple(value(each, names) for each in ones))
        for name, ones in groupby(found, key=lambda snak: snak.property)
    )


def value(snak: Snak, names: EntityLabels) -> Shown:
    """Give the value of a snak as people read it."""
    if snak.kind != "value":
        return Shown(
            text="no value" if snak.kind == "novalue" else "unknown value", is_special=True
        )
    match snak.value:
        case EntityRef(id) | Unknown("wikibase-entityid", {"id": str(id)}):
            return names.shown(id)
        case Text(text):
            return Shown(
                text=text, href=_link(text, snak.datatype) or names.identifier_url(snak, text)
            )
        case Monolingual(language, text):
            return Shown(text=text, language=language, remark=language)
        case Time():
            return Shown(text=moment(snak.value), remark=_calendar(snak.value))
        case Quantity():
            return _quantity(snak.value, names)
        case Coordinate():
            return Shown(text=f"{snak.value.latitude:g}°, {snak.value.longitude:g}°")
        case _:
            return Shown(text=str(getattr(snak.value, "json", "")), remark=snak.datatype)


def _link(text: str, datatype: str) -> str:
    """Give the address that a text leads to. Only of the web: others could run as a script."""
    return text if datatype == "url" and _WEB.match(text) else ""


def moment(time: Time) -> str:
    """Give a time as far as it is exact.

    >>> moment(Time("+2026-03-04T00:00:00Z")), moment(Time("+1850-00-00T00:00:00Z", 8))
    ('2026-03-04', '1850s')
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


def _calendar(time: Time) -> str:
    return "Julian calendar" if time.calendar == JULIAN else ""


def _quantity(quantity: Quantity, names: EntityLabels) -> Shown:
    amount = quantity.amount.removeprefix("+").replace("-", "−")
    remark = ""
    if quantity.lower is not None and quantity.upper is not None:
        lower, upper = (each.removeprefix("+") for each in (quantity.lower, quantity.upper))
        remark = f"between {lower} and {upper}".replace("-", "−")
    if quantity.unit == "1":
        return Shown(text=amount, remark=remark)
    unit = names.shown(local_name(quantity.unit))
    return Shown(text=f"{amount} {unit.text}", href=unit.href, remark=remark)
