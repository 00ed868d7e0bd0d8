"""Numbers as people read them."""

from decimal import Decimal

import pytest

from wbskills.report.figures import fixed, percent, rounded, share_text


@pytest.mark.parametrize(
    ("share", "text"),
    [("0", "0%"), ("0.004", "<1%"), ("0.005", "1%"), ("0.5", "50%"), ("0.996", ">99%"),
     ("1", "100%"), ("1.2", "120%"), ("NaN", "–")],
)  # fmt: skip
def test_only_none_is_zero_and_only_all_is_a_hundred(share: str, text: str) -> None:
    """Rounding must not turn one person into nobody."""
    assert percent(Decimal(share)) == text


def test_a_share_of_unknown_parts_is_written_without_them() -> None:
    """A denominator is never invented."""
    assert share_text(Decimal("0.5"), (None, 4)) == "50%"
    assert share_text(Decimal("0.5"), None) == "50%"


@pytest.mark.parametrize("value", ["Infinity", "1E+40", "-1E+40"])
def test_huge_numbers_are_not_rounded(value: str) -> None:
    """They do not raise an error either."""
    assert rounded(Decimal(value), 4) == Decimal(value)
    assert fixed(Decimal(value), 1) == str(Decimal(value))
