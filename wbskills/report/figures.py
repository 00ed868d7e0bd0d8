"""How numbers are shown: shares with their denominators, means, rounding."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from wbskills.table import Cell, Table

# Quotients come out of a query engine with 18 digits or more; four tell all that a survey can.
QUOTIENT_PLACES = 4

_Z = Decimal("1.959964")  # 95% of a normal distribution lie within so many deviations

_SHARE = "share"
# Which columns a share was divided from: the first pair that a table has. What follows the name
# of a share, as in share_before, follows theirs.
_PARTS = (("able", "assessed"), ("people", "invited"))


def rounded(value: Decimal, places: int) -> Decimal:
    """Round half up to that many decimals, or to fewer if the rest are zeros.

    >>> rounded(Decimal("0.66666"), 4), rounded(Decimal("2.5000"), 4), rounded(Decimal(-1), 1)
    (Decimal('0.6667'), Decimal('2.5'), Decimal('-1'))
    """
    if not value.is_finite() or value.adjusted() > 20:
        return value
    short = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP).normalize()
    return short if short.as_tuple().exponent in range(-places, 1) else Decimal(int(short))


def fixed(value: Decimal, places: int) -> str:
    """Write a number with exactly that many decimals, so that columns line up.

    >>> fixed(Decimal("2.25"), 1), fixed(Decimal(3), 1)
    ('2.3', '3.0')
    """
    if not value.is_finite() or value.adjusted() > 20:
        return str(value)
    return format(value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP), "f")


def percent(share: Decimal) -> str:
    """Write a share of 1 in whole per cents; only nothing is 0%, only all is 100%.

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
    """Give the 95% interval of a share, as Wilson has it: right for few people and for extremes.

    It answers how far the share could be off if those who answered were drawn by chance. They
    were not, so it is the least that has to be doubted. Nothing of nothing is anything.

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


def shares(table: Table) -> Mapping[int, tuple[int, int] | None]:
    """Find the columns that hold shares, each with those of its numerator and denominator."""
    at = {column.name: position for position, column in enumerate(table.columns)}
    found: dict[int, tuple[int, int] | None] = {}
    for name, position in at.items():
        base, _, more = name.partition("_")
        if base == _SHARE:
            end = f"_{more}" if more else ""
            pairs = ((at.get(part + end), at.get(whole + end)) for part, whole in _PARTS)
            found[position] = next(
                ((n, d) for n, d in pairs if n is not None and d is not None), None
            )
    return found


def parts(row: Sequence[Cell], of: tuple[int, int] | None) -> tuple[Cell, Cell] | None:
    """Give what a share in a row was divided from, where that is known."""
    return None if of is None else (row[of[0]], row[of[1]])


def share_text(share: Decimal, of: tuple[Cell, Cell] | None) -> str:
    """Write a share for people, with its numerator and denominator where they are known.

    >>> share_text(Decimal("0.6316"), (12, 19))
    '63% (12 of 19)'
    """
    if of is None or None in of:
        return percent(share)
    return f"{percent(share)} ({of[0]} of {of[1]})"
