"""Times of Wikibase as dates of XML Schema 1.1, which RDF has.

Wikibase's own rules, measured (https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format
and its test data): a part that the precision leaves open is the first one; a month or day that
there is not becomes the nearest; a Julian day becomes the same day of the Gregorian calendar; a
year before the common era is counted as XSD 1.1 does, where 1 BCE is the year 0, but only if the
precision is a year or finer.
"""

import re
from typing import Final

from wbskills.wikibase.model.values import DAY, GREGORIAN, JULIAN, Time

YEAR: Final = 9
MONTH: Final = 10

_TIME = re.compile(r"([+-])([0-9]{1,16})-([0-9]{1,9})-([0-9]{1,9})T(.*)", re.DOTALL)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# PHP, which does it for Wikibase, converts Julian dates of these years only (-1 is 1 BCE).
_CONVERTED: Final = range(-4713, 1465073)


def xsd_date(value: Time) -> str | None:
    """Give a time as `xsd:dateTime` writes it; None if it cannot.

    >>> xsd_date(Time("-0044-03-15T00:00:00Z", DAY, JULIAN))
    '-0043-03-13T00:00:00Z'
    """
    found = _TIME.fullmatch(value.time)
    if found is None:
        return None
    sign, digits, months, days, rest = found.groups()
    year = -int(digits) if sign == "-" else int(digits)
    month, day = min(max(int(months), 1), 12), max(int(days), 1)
    if year == 0:
        return None
    if value.precision >= DAY:
        if value.calendar == JULIAN and year in _CONVERTED and day <= 31:
            astronomical, month, day = gregorian(_without_gap(year), month, day)
            return _written(astronomical, month, day, rest)
        if value.calendar not in {GREGORIAN, JULIAN}:
            return None
    if value.precision <= YEAR:
        month = day = 1
    elif value.precision == MONTH:
        day = 1
    astronomical = _without_gap(year)
    day = min(day, days_of(astronomical, month))
    return _written(astronomical if value.precision >= YEAR else year, month, day, rest)


def gregorian(year: int, month: int, day: int) -> tuple[int, int, int]:
    """Give the Gregorian year, month and day of a Julian one; the year 0 is 1 BCE.

    A day that the month has not, such as 30 February, counts on into the next.
    https://en.wikipedia.org/wiki/Julian_day#Converting_Julian_calendar_date_to_Julian_day_number
    """
    # Years begin in March here, so that the odd day of a leap year is the last one.
    years, months = year + 4800 - (month < 3), (month - 3) % 12
    count = day + (153 * months + 2) // 5 + 365 * years + years // 4 - 32083
    centuries, rest = divmod(4 * (count + 32044) + 3, 146097)
    years, rest = divmod(rest // 4 * 4 + 3, 1461)
    months, rest = divmod(rest // 4 * 5 + 2, 153)
    return 100 * centuries + years - 4800 + months // 10, (months + 2) % 12 + 1, rest // 5 + 1


def days_of(year: int, month: int) -> int:
    """Count the days of a Gregorian month; the year 0 is 1 BCE."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _DAYS[month - 1] + leap


def _without_gap(year: int) -> int:
    """Count a year where 1 BCE, here -1, is the year 0."""
    return year + 1 if year < 0 else year


def _written(year: int, month: int, day: int, rest: str) -> str:
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{month:02}-{day:02}T{rest}"
