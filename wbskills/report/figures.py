"""How numbers are shown: shares with their denominators, means, rounding."""

from decimal import ROUND_HALF_UP, Decimal

from wbskills.model.table import Cell, Table

# Quotients come out of a query engine with 18 digits or more; four tell all that a survey can.
QUOTIENTS = frozenset({"share", "mean"})
QUOTIENT_PLACES = 4

# Which columns a share was divided from: the first pair that a table has.
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


def parts_of_share(table: Table) -> tuple[int, int] | None:
    """Find the positions of the two columns that the column `share` was divided from."""
    names = [column.name for column in table.columns]
    for numerator, denominator in _PARTS:
        if numerator in names and denominator in names:
            return names.index(numerator), names.index(denominator)
    return None


def share_text(share: Decimal, of: tuple[Cell, Cell] | None) -> str:
    """Write a share for people, with its numerator and denominator where they are known.

    >>> share_text(Decimal("0.6316"), (12, 19))
    '63% (12 of 19)'
    """
    if of is None or None in of:
        return percent(share)
    return f"{percent(share)} ({of[0]} of {of[1]})"
