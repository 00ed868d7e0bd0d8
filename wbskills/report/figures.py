"""How people see numbers and cells: rounding, shares with their denominators, columns."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from wbskills.table import Cell, Column, Iri, Table

# Query engines give quotients with 18 digits or more; a survey supports four at most.
QUOTIENT_PLACES: Final = 4

_Z: Final = Decimal("1.96")  # 95% of a normal distribution lie within this many deviations

_SHARE: Final = "share"
# The columns that a share was divided from: the first pair that the table has. A suffix of the
# share, for example share_before, is a suffix of theirs as well.
_PARTS: Final = (("able", "assessed"), ("people", "invited"))


def rounded(value: Decimal, places: int) -> Decimal:
    """Round half up to at most `places` decimals, without trailing zeros.

    >>> rounded(Decimal("0.66666"), 4), rounded(Decimal("2.5000"), 4), rounded(Decimal(-1), 1)
    (Decimal('0.6667'), Decimal('2.5'), Decimal('-1'))
    """
    if not value.is_finite() or value.adjusted() > 20:
        return value
    short = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP).normalize()
    return short if short.as_tuple().exponent in range(-places, 1) else Decimal(int(short))


def fixed(value: Decimal, places: int) -> str:
    """Write a number with exactly `places` decimals, so that columns line up.

    >>> fixed(Decimal("2.25"), 1), fixed(Decimal(3), 1)
    ('2.3', '3.0')
    """
    if not value.is_finite() or value.adjusted() > 20:
        return str(value)
    return format(value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP), "f")


def percent(share: Decimal) -> str:
    """Write a share of 1 in whole per cents; only none is 0%, and only all is 100%.

    >>> percent(Decimal("0.625")), percent(Decimal("0.002")), percent(Decimal("0.998"))
    ('63%', '<1%', '>99%')
    """
    if not share.is_finite():
        return "–"
    whole = int((share * 100).to_integral_value(rounding=ROUND_HALF_UP))
    if share > 0 and whole == 0:
        return "<1%"
    if share < 1 and whole == 100:
        return ">99%"
    return f"{whole}%"


def interval(part: int, whole: int) -> tuple[Decimal, Decimal]:
    """Return the low and high end of Wilson's 95% interval of a share, from 0 to 1.

    It shows how far the share could be off if the people who answered had been picked at random.
    It holds for few people and for shares near 0 and 1; without people it is 0 to 1.

    >>> [percent(end) for end in interval(12, 19)], [percent(end) for end in interval(0, 3)]
    (['41%', '81%'], ['0%', '56%'])
    """
    if whole <= 0:
        return Decimal(0), Decimal(1)
    share, square = Decimal(part) / whole, _Z * _Z
    middle = share + square / (2 * whole)
    reach = _Z * (share * (1 - share) / whole + square / (4 * whole * whole)).sqrt()
    wide = 1 + square / whole
    low = Decimal(0) if part == 0 else max(Decimal(0), (middle - reach) / wide)
    high = Decimal(1) if part == whole else min(Decimal(1), (middle + reach) / wide)
    return low, high


class ShownColumn(NamedTuple):
    """A column as people see it: where its cells are, and what belongs to them.

    `labels` is the position of the items that the cells are the labels of. `is_share` says that
    the cells are shares, and `parts` where their numerators and denominators are, if known.
    """

    column: Column
    at: int
    labels: int | None
    is_share: bool
    parts: tuple[int, int] | None


def shown_columns(table: Table, *, with_ids: bool = False) -> list[ShownColumn]:
    """List the columns to show; items that have a column of labels are left to that column.

    `with_ids` keeps the columns of such items, and the labels then stand for themselves.
    """
    positions = {column.name: at for at, column in enumerate(table.columns)}
    shown = []
    for at, column in enumerate(table.columns):
        name = column.name
        if not with_ids and f"{name}Label" in positions:
            continue
        items = positions.get(name.removesuffix("Label")) if name.endswith("Label") else None
        is_share = name.partition("_")[0] == _SHARE
        parts = _parts_of_share(name, positions) if is_share else None
        shown.append(ShownColumn(column, at, None if with_ids else items, is_share, parts))
    return shown


def shown_text(shown: ShownColumn, row: Sequence[Cell]) -> str:
    """Write one cell of a row as plain text: shares with their parts, items as ids."""
    cell = row[shown.at]
    if shown.is_share and isinstance(cell, Decimal):
        return share_text(cell, shown.parts and (row[shown.parts[0]], row[shown.parts[1]]))
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case Decimal() if shown.column.fraction:
            return fixed(cell, 2)
        case datetime():
            return cell.isoformat(sep=" ", timespec="minutes")
        case Iri():
            return cell.short
        case _:
            return str(cell)


def is_numeric(table: Table, at: int) -> bool:
    """Check that all cells of the column at that position are numbers or None."""
    return all(
        row[at] is None or (isinstance(row[at], int | Decimal) and not isinstance(row[at], bool))
        for row in table.rows
    )


def is_printable(character: str) -> bool:
    """Check that a character is no control character and does not set the direction of writing.

    The latter would reach beyond its cell.
    """
    return unicodedata.category(character) not in {"Cc", "Cs"} and not (
        "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    )


def share_text(share: Decimal, parts: tuple[Cell, Cell] | None) -> str:
    """Write a share for people, with its numerator and denominator where they are known.

    >>> share_text(Decimal("0.6316"), (12, 19))
    '63% (12 of 19)'
    """
    if parts is None or None in parts:
        return percent(share)
    return f"{percent(share)} ({parts[0]} of {parts[1]})"


def _parts_of_share(name: str, positions: Mapping[str, int]) -> tuple[int, int] | None:
    suffix = name.removeprefix(_SHARE)
    for part, whole in _PARTS:
        if f"{part}{suffix}" in positions and f"{whole}{suffix}" in positions:
            return positions[f"{part}{suffix}"], positions[f"{whole}{suffix}"]
    return None
