"""Entities as rows of tables: what statements and their qualifiers say, without references."""

import re
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from wbskills.wikibase.embedded.rdf_terms import text_object, xsd_date
from wbskills.wikibase.model.entities import Entity, Rank, Snak, Statement
from wbskills.wikibase.model.values import EntityRef, Quantity, Text, Time

Value = int | float | str

_RANKS: Final = {Rank.DEPRECATED: 0, Rank.NORMAL: 1, Rank.PREFERRED: 2}
_SIGNS: Final = {"Q": 1, "P": -1}
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00Z")
_TEXTS: Final = frozenset({"string", "external-id"})  # what RDF writes as it is
_WHOLE: Final = 1 << 53  # up to here SQLite's fractions are exact, too
_BITS: Final = 32  # of a statement's number, behind its subject's
_MOST: Final = 1 << 31  # no Wikibase gives an entity this number


class Rows(NamedTuple):
    """The rows of one entity."""

    statements: frozenset[tuple[int, int, int, Value, int, int]]
    qualifiers: frozenset[tuple[int, int, Value]]
    odd: frozenset[tuple[int, int, int]]


NO_ROWS: Final = Rows(frozenset(), frozenset(), frozenset())


def number(entity_id: str) -> int:
    """Give the number that stands for an entity: 42 for Q42, -42 for P42.

    Raises `ValueError` if it is of another kind.
    """
    sign = _SIGNS.get(entity_id[:1])
    if sign is None:
        raise ValueError(entity_id)
    return sign * int(entity_id[1:])


def name(number: int) -> str:
    """Give the id of the entity that a number stands for."""
    return f"Q{number}" if number > 0 else f"P{-number}"


def rows(entity: Entity) -> Rows:
    """Give the rows of an entity; the same entity always has the same."""
    subject = number(entity.id)
    led = {each.main.property for each in entity.statements if each.rank is Rank.PREFERRED}
    statements, qualifiers, odd = [], [], []
    for at, statement in numbered(entity):
        main, rank = statement.main, _RANKS[statement.rank]
        kind = abs(number(main.property))
        value = _value(main)
        if value is None:
            odd.append((kind, at, 1))
            continue
        best = rank == 2 or (rank == 1 and main.property not in led)
        statements.append((kind, subject, at, value, rank, int(best)))
        for snak in statement.qualifiers:
            told = _value(snak)
            if told is None:
                odd.append((abs(number(snak.property)), at, 0))
            else:
                qualifiers.append((abs(number(snak.property)), at, told))
    return Rows(frozenset(statements), frozenset(qualifiers), frozenset(odd))


def subject_of(statement: int) -> str:
    """Give the id of the entity that a statement, by its number, is about."""
    return name(statement >> _BITS)


def numbered(entity: Entity) -> Iterator[tuple[int, Statement]]:
    """Give each statement a number, which follows from its GUID; those of a subject are near."""
    subject = number(entity.id)
    taken: set[int] = set()
    for statement in sorted(entity.statements, key=lambda each: each.id or ""):
        at = zlib.crc32((statement.id or "").encode())
        while at in taken:
            at = (at + 1) % (1 << _BITS)
        taken.add(at)
        yield (subject << _BITS) + at, statement


def _value(snak: Snak) -> Value | None:
    match snak.value:
        case EntityRef(id) if id[:1] in _SIGNS:
            return found if abs(found := number(id)) < _MOST else None
        case Text(text) if snak.datatype in _TEXTS:
            return text
        case Text(text) if snak.datatype == "url":
            return text_object(text, "url")[1:-1]
        case Quantity(amount):
            return _amount(Decimal(amount))
        case Time() as time:
            day = _DAY.fullmatch(xsd_date(time) or "")
            return day.group(1) if day else None
        case _:
            return None


def _amount(amount: Decimal) -> int | float | None:
    if amount == amount.to_integral_value():
        return int(amount) if abs(amount) <= _WHOLE else None
    return float(amount) if Decimal(repr(float(amount))) == amount else None
