"""What a cell says: marks go, words stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbskills.surveys.files.cell_text import (
    ascii_digits,
    clean,
    cut,
    key,
    leading_number,
    number_text,
    quoted,
)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("\ufeff1 (None at all)", "1 (None at all)"),
        ("no\u00a0 experience\t\n", "no experience"),
        ("\u200fليلى\u200e", "ليلى"),
        ("with\u200b help\u2060", "with help"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Zoe\u0308", "Zoë"),
        ("\u2067עברית\u2069", "עברית"),
    ],
)
def test_invisible_characters_are_removed(cell: str, said: str) -> None:
    """Inside the cell too: a real export has the byte order mark before its lowest option."""
    assert clean(cell) == said


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs the joiner inside the word …
        ("\u200cمی خواهم\u200c", "می خواهم"),  # … but not at its edges
        ("ന\u0d4d\u200d", "ന\u0d4d\u200d"),  # Malayalam: after a virama it makes another letter
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("Lua\u200d module\u200c", "Lua module"),  # between Latin letters it is dirt
    ],
)
def test_joiners_stay_where_a_script_needs_them(cell: str, said: str) -> None:
    """Without them some words of Persian and of Indian languages are spelt wrong."""
    assert clean(cell) == said


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """So it does not matter who cleans."""
    once = clean(text)
    assert clean(once) == once
    assert "\ufeff" not in once
    assert once == once.strip()


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Z"])))
def test_case_and_spaces_make_no_difference_between_answers(text: str) -> None:
    """“With help” and “with  HELP” are one answer."""
    assert key(f"  {text}\u00a0") == key(text)


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("5 - mostly others", 5), ("\ufeff1 (None at all)", 1), ("10", 10), ("16.0", 16),
        ("٣ نعم", 3), ("७", 7), ("-2", -2), ("2.5", "2.5"), ("2,5", "2.5"), ("5.", 5), ("7/10", 7),
    ],
)  # fmt: skip
def test_an_answer_may_begin_with_its_number(answer: str, number: object) -> None:
    """In digits of any script."""
    assert str(leading_number(answer)).rstrip("0").rstrip(".") == str(number) or (
        leading_number(answer) == number
    )


@pytest.mark.parametrize("answer", ["", "none", "3D", "1,000", "about 5", "-oth-", "1.5x", "½"])
def test_ambiguous_numbers_are_not_numbers(answer: str) -> None:
    """“1,000” could be one or a thousand; nobody guesses."""
    assert leading_number(answer) is None


def test_pandas_points_are_taken_away() -> None:
    """Numbers that are names come back from pandas as 16.0."""
    assert number_text("16.0") == "16"
    assert number_text("١٧") == "17"
    assert number_text("16.5") == "16.5"
    assert ascii_digits("۱۲/a") == "12/a"


@pytest.mark.parametrize(
    "cell",
    [
        "ada@example.org",
        "write to ada@example.org",
        "192.0.2.7",
        "2001:db8::7:8",
        "+49 170 123456",
    ],
)
def test_what_names_a_person_is_never_quoted(cell: str) -> None:
    """A mail address in the wrong column must not end up in a message."""
    assert cell not in quoted(cell)
    assert "ada" not in quoted(cell)
    assert quoted(cell).endswith("(not shown)")


def test_long_cells_are_cut_in_messages() -> None:
    """Forty characters are enough to find the cell."""
    assert quoted("x" * 100) == "“" + "x" * 39 + "…”"
    assert quoted("04.03.2026") == "“04.03.2026”"
    assert cut("short", 10) == "short"
