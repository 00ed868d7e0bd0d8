"""Times of Wikibase become dates of XML Schema 1.1 by Wikibase's own rules."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wbskills.wikibase.embedded.rdf_terms import days_of, gregorian, xsd_date
from wbskills.wikibase.model.values import DAY, GREGORIAN, JULIAN, Time, day

MARTIAN = "http://www.wikidata.org/entity/Q111"
CYCLE_YEARS, CYCLE_DAYS = 400, 146097  # after which the Gregorian calendar repeats itself


def ordinal_of_julian(year: int, month: int, number: int) -> int:
    """Count the days up to a Julian date as `date.toordinal` counts: 3 January 1 Julian is 1."""
    lengths = [31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return 365 * (year - 1) + (year - 1) // 4 + sum(lengths[: month - 1]) + number - 2


def date_of_ordinal(ordinal: int) -> tuple[int, int, int]:
    """Give a Gregorian date of any year, by moving it into the years that `date` knows."""
    cycles = (ordinal - 1) // CYCLE_DAYS
    found = date.fromordinal(ordinal - cycles * CYCLE_DAYS)
    return found.year + cycles * CYCLE_YEARS, found.month, found.day


@given(st.integers(-4711, 1465072), st.integers(1, 12), st.integers(1, 31))
def test_a_julian_day_is_the_same_day_of_the_gregorian_calendar(
    year: int, month: int, number: int
) -> None:
    """Counted in another way, over all years that Wikibase converts; 0 is 1 BCE here."""
    expected = date_of_ordinal(ordinal_of_julian(year, month, number))

    assert gregorian(year, month, number) == expected


@pytest.mark.parametrize(
    ("julian", "expected"),
    [
        ("+1582-10-04T00:00:00Z", "1582-10-14T00:00:00Z"),
        ("+0001-01-01T00:00:00Z", "0000-12-30T00:00:00Z"),
        ("-0001-12-31T00:00:00Z", "0000-12-29T00:00:00Z"),
        ("-0044-03-15T00:00:00Z", "-0043-03-13T00:00:00Z"),
        ("+1900-02-29T00:00:00Z", "1900-03-13T00:00:00Z"),
        ("+1900-02-30T00:00:00Z", "1900-03-14T00:00:00Z"),
        ("+12000-01-01T00:00:00Z", "12000-03-29T00:00:00Z"),
    ],
)
def test_days_that_history_has_recorded(julian: str, expected: str) -> None:
    """The day before the reform, the turn of the era, the Ides of March."""
    assert xsd_date(Time(julian, DAY, JULIAN)) == expected


def test_a_julian_date_without_its_day_is_not_converted() -> None:
    """The month may begin in another one, but nobody said which day it was."""
    assert xsd_date(Time("+1582-10-00T00:00:00Z", 10, JULIAN)) == "1582-10-01T00:00:00Z"
    assert xsd_date(Time("-0001-00-00T00:00:00Z", 9, JULIAN)) == "0000-01-01T00:00:00Z"


@pytest.mark.parametrize("year", ["-9999", "+2000000"])
def test_a_julian_year_out_of_range_is_taken_for_gregorian(year: str) -> None:
    """PHP cannot convert it, and so Wikibase does not."""
    assert xsd_date(Time(f"{year}-02-30T00:00:00Z", DAY, JULIAN)) == xsd_date(
        Time(f"{year}-02-30T00:00:00Z", DAY, GREGORIAN)
    )


@given(st.dates())
def test_a_day_of_our_era_is_written_as_it_is(when: date) -> None:
    """Only the plus goes."""
    assert xsd_date(day(when)) == f"{when.isoformat()}T00:00:00Z"


@pytest.mark.parametrize(
    ("time", "precision", "expected"),
    [
        ("+2001-02-03T00:00:00Z", 11, "2001-02-03T00:00:00Z"),
        ("+2001-02-03T00:00:00Z", 10, "2001-02-01T00:00:00Z"),
        ("+2001-02-03T00:00:00Z", 9, "2001-01-01T00:00:00Z"),
        ("+2001-00-00T00:00:00Z", 8, "2001-01-01T00:00:00Z"),
        ("+2001-02-00T00:00:00Z", 11, "2001-02-01T00:00:00Z"),
        ("+12345-01-02T00:00:00Z", 11, "12345-01-02T00:00:00Z"),
        ("+9-01-02T00:00:00Z", 11, "0009-01-02T00:00:00Z"),
        ("+2001-02-03T04:05:06Z", 14, "2001-02-03T04:05:06Z"),
    ],
)
def test_what_the_precision_leaves_open_is_the_first(
    time: str, precision: int, expected: str
) -> None:
    """The start of the month or year; a century keeps the year that was written."""
    assert xsd_date(Time(time, precision)) == expected


@pytest.mark.parametrize(
    ("time", "precision", "expected"),
    [
        ("-0001-05-06T00:00:00Z", 11, "0000-05-06T00:00:00Z"),
        ("-0200-00-00T00:00:00Z", 9, "-0199-01-01T00:00:00Z"),
        ("-0200-00-00T00:00:00Z", 8, "-0200-01-01T00:00:00Z"),
        ("-13798000000-00-00T00:00:00Z", 0, "-13798000000-01-01T00:00:00Z"),
        ("-9007199254740993-01-01T00:00:00Z", 9, "-9007199254740992-01-01T00:00:00Z"),
    ],
)
def test_the_year_before_year_1_is_0(time: str, precision: int, expected: str) -> None:
    """XSD 1.1 counts so; below the precision of a year Wikibase leaves the number alone."""
    assert xsd_date(Time(time, precision)) == expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("+2001-02-29T00:00:00Z", "2001-02-28T00:00:00Z"),
        ("+2000-02-30T00:00:00Z", "2000-02-29T00:00:00Z"),
        ("+1900-02-29T00:00:00Z", "1900-02-28T00:00:00Z"),
        ("-0001-02-31T00:00:00Z", "0000-02-29T00:00:00Z"),
        ("+2001-04-31T00:00:00Z", "2001-04-30T00:00:00Z"),
        ("+2001-13-40T00:00:00Z", "2001-12-31T00:00:00Z"),
    ],
)
def test_a_day_that_there_is_not_becomes_the_last_of_its_month(time: str, expected: str) -> None:
    """Wikibase takes 30 February, XML Schema does not."""
    assert xsd_date(Time(time)) == expected


@pytest.mark.parametrize(
    "value",
    [
        Time("+0000-00-00T00:00:00Z", 9),
        Time("-0000-03-01T00:00:00Z", 11, JULIAN),
        Time("+2001-02-03T00:00:00Z", 11, MARTIAN),
        Time("2001-02-03T00:00:00Z"),
        Time("yesterday"),
        Time("+" + "9" * 5000 + "-01-01T00:00:00Z"),
    ],
)
def test_what_is_no_date_is_none(value: Time) -> None:
    """The year 0, another calendar, another form."""
    assert xsd_date(value) is None


def test_another_calendar_does_not_matter_without_a_day() -> None:
    """There is nothing to convert."""
    assert xsd_date(Time("+2001-02-00T00:00:00Z", 10, MARTIAN)) == "2001-02-01T00:00:00Z"


@given(
    st.sampled_from("+-"),
    st.integers(1, 10**16 - 1),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 14),
    st.sampled_from([GREGORIAN, JULIAN]),
)
def test_every_date_is_one_that_there_is(
    sign: str, year: int, month: int, number: int, precision: int, calendar: str
) -> None:
    """Month and day exist in the proleptic Gregorian calendar, where the year is exact."""
    found = xsd_date(Time(f"{sign}{year}-{month}-{number}T00:00:00Z", precision, calendar))

    assert found is not None
    negative = found.startswith("-")
    years, months, days = found.removeprefix("-").removesuffix("T00:00:00Z").split("-")
    assert len(years) >= 4
    assert negative <= (sign == "-")
    assert 1 <= int(months) <= 12
    assert 1 <= int(days) <= days_of(-int(years) if negative else int(years), int(months))


@given(st.integers(1, 9999), st.integers(1, 12))
def test_months_have_as_many_days_as_in_the_library(year: int, month: int) -> None:
    """Counted from the first of one month to the first of the next."""
    assume((year, month) != (9999, 12))
    after = date(year + month // 12, month % 12 + 1, 1)

    assert days_of(year, month) == (after - date(year, month, 1)).days
