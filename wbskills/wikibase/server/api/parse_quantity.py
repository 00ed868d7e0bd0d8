"""Numbers as people type them, made into quantities.

The rules are those of DataValues' QuantityParser and Wikibase's MediaWikiNumberUnlocalizer:
separators of the language, `1e3` and `1x10^3`, a margin after ±, +- or +/-, `!` for an exact
number and `~` for one that is right to half a unit of its last digit.
"""

import re
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Final

from wbskills.wikibase.model.values import Quantity
from wbskills.wikibase.server.api.locales import separators
from wbskills.wikibase.server.api.values import Corrupt, Unparsable, decimal

_MOST_DIGITS: Final = 300  # more than any amount may have; a sum needs no more
_MINUS: Final = str.maketrans("−➖➕", "--+")
_EXPONENT: Final = re.compile(r"(.*)(?:[eE]|x10\^)([-+]?\d+)", re.DOTALL)
_LARGEST_EXPONENT: Final = 200  # an amount has at most 127 digits


def parse_quantity(text: str, language: str = "en", unit: str | None = None) -> Quantity:
    """Read a number as a language writes it. Raises `Unparsable`.

    >>> parse_quantity("1.90e-9+-0.20e-9").upper
    '+0.00000000210'
    >>> parse_quantity("1.234,5", "de").amount
    '+1234.5'
    """
    found = _pattern(language).fullmatch(text)
    if found is None:
        raise Unparsable("quantity")
    amount_text, mark, margin_text = found.groups()
    try:
        with localcontext(prec=_MOST_DIGITS):
            amount = _number(amount_text, language)
            if margin_text is not None:
                margin = abs(_number(margin_text, language))
            elif mark == "~":
                margin = _half_a_unit(amount)
            else:
                margin = Decimal(0)
            bounds = [amount + margin, amount - margin] if mark or margin_text is not None else []
            if mark == "~":
                bounds = [bound.normalize() for bound in bounds]
            return Quantity(_written(amount), unit or "1", *map(_written, bounds))
    except (Corrupt, ArithmeticError):
        raise Unparsable("quantity") from None


@lru_cache(64)
def _pattern(language: str) -> re.Pattern[str]:
    signs = ",." + "".join(separators(language))
    blank = " \u00a0\u202f" if any(sign.isspace() for sign in signs) else ""
    body = rf"[-−+]?[\d{re.escape(signs)}{blank}]+(?:(?:[eE]|x10\^)[-+]?\d+)?"
    return re.compile(rf"\s*({body})\s*(?:([~!])|(?:\+/?-|±)\s*({body}))?\s*")


def _number(text: str, language: str) -> Decimal:
    """Read one number; its digits after the point count, so 5.50 stays 5.50."""
    split = _EXPONENT.fullmatch(text)
    digits, shift = (split[1], int(split[2])) if split else (text, 0)
    if abs(shift) > _LARGEST_EXPONENT:
        raise Corrupt("the exponent is out of range")
    point = separators(language)[1]
    whole, *fraction = digits.translate(_MINUS).split(point)
    if len(fraction) > 1:
        raise Corrupt("more than one decimal point")
    plain = ".".join(re.sub(r"[^-+\d]", "", part) for part in (whole, *fraction))
    if not any(sign.isdigit() for sign in plain):
        raise Corrupt("no digit")
    return Decimal(plain).scaleb(shift)


def _half_a_unit(amount: Decimal) -> Decimal:
    """Give half a unit of the last digit that was written: 0.5 of 10, 0.05 of 1.4."""
    last = amount.as_tuple().exponent
    assert isinstance(last, int)  # noqa: S101 - no infinity gets past the pattern
    return Decimal((0, (5,), last - 1))


def _written(number: Decimal) -> str:
    return decimal(f"{number:+f}")
