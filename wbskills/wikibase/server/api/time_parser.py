"""Parses dates that people type.

Follows Wikibase's TimeParserFactory and the time parsers of DataValues, in their order: year and
month; ISO; what Wikibase itself prints ("1850s", "20. century"); three numbers where only one
order is possible; a day with the name of a month, in the language or in English; three numbers as
PHP reads them (10/31 is American, 31.10 is not); a year.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from wbskills.wikibase.model.values import DAY, GREGORIAN, JULIAN, Time
from wbskills.wikibase.server.api.languages import ENGLISH, months

_BILLION, _YEAR, _MONTH, _SECOND = 0, 9, 10, 14  # precisions
_LAST_JULIAN_YEAR: Final = 1582
_LAST_EXACT_YEAR: Final = 4000  # a later year with zeros at its end is less precise
_MAX_SEXAGESIMAL: Final = 59  # a larger number cannot be a day, an hour or a minute

_YEAR_MONTH: Final = re.compile(r"(-?[^\W_]+)\s*?[/\-\s.,]\s*(-?[^\W_]+)")
_ISO: Final = re.compile(
    r"\s*([-+−]?)\s*(\d{1,16})-(\d{2})-(\d{2})(?:T(\d{2}):?(\d{2})(?::?(\d{2}))?)?Z?"
    r"\s*\(?\s*(Gregorian|Julian|)\s*\)?\s*",
    re.IGNORECASE,
)
_BCE: Final = re.compile(
    r"(?:B\.?\s*C\.?(?:\s*E\.?)?|Before\s+C(?:hrist|(?:ommon|urrent|hristian)\s+Era))$",
    re.IGNORECASE,
)
_CE: Final = re.compile(
    r"(?:C\.?\s*E\.?|A\.?\s*D\.?|C(?:ommon|urrent|hristian)\s+Era|After\s+Christ|Anno\s+Domini)$",
    re.IGNORECASE,
)
_THREE_NUMBERS: Final = re.compile(r"\D*?(-?\d+)\D+(\d+)\D+?(-?\d+)\D*")
_NUMERIC: Final = re.compile(r"(\d+)([./\-,\s])\s*(\d+)([./\-,\s])\s*(\d+)\.?")
_SEPARATORS: Final = re.compile(r"(?<=\d)[,.'\s_](?=\d)")
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_NAME: Final = r"(?P<month>[^\W\d_]+)\.?"
_FULL_YEAR: Final = r"(?P<year>\d{1,16})"
_NAMED_MONTH: Final = tuple(
    re.compile(rf"(?:[^\W\d_]+,?\s+)?{pattern}", re.IGNORECASE)
    for pattern in (
        rf"{_DAY}[\s.,-]*{_NAME}[\s.,-]*{_FULL_YEAR}",
        rf"{_NAME}\s*{_DAY}[\s,]+{_FULL_YEAR}",
        rf"{_FULL_YEAR}[\s.,-]+{_NAME}[\s.,-]*{_DAY}",
    )
)
# What Wikibase prints for decades and more: precision, zeros to append, words after the number.
_SPANS: Final = {
    "en": (
        (0, 9, " billion years CE"), (3, 6, " million years CE"),
        (6, 3, ". millennium"), (7, 2, ". century"), (8, 0, " years CE"),
        (8, 0, "s"),
    ),
    "de": (
        (0, 9, " Milliarden Jahre n. Chr."), (3, 6, " Millionen Jahre n. Chr."),
        (6, 3, ". Jahrtausend"), (7, 2, ". Jahrhundert"), (8, 0, " Jahre n. Chr."),
        (8, 0, "er Jahre"),
    ),
}  # fmt: skip
_BCE_SPANS: Final = {"en": (" CE", " BCE", " BCE"), "de": (" n. Chr.", " v. Chr.", " v. u. Z.")}
_CALENDARS: Final = {
    GREGORIAN: GREGORIAN, JULIAN: JULIAN, "julian": JULIAN, "gregorian": GREGORIAN,
    "western": GREGORIAN, "christian": GREGORIAN,
}  # fmt: skip


class ParseError(Exception):
    """A text that cannot be parsed; the message names what was expected."""


@dataclass(frozen=True, slots=True)
class _Date:
    """The parts of a date in a text; 0 if it is missing. `year` are its digits."""

    year: str
    month: int = 0
    day: int = 0
    clock: tuple[int, int, int] = (0, 0, 0)
    sign: str = "+"
    precision: int | None = None  # if words state it, as in “20. century”
    calendar: str = ""


def parse_time(
    text: str, language: str = ENGLISH, *, precision: int | None = None, calendar: str = ""
) -> Time:
    """Parse a date. Raises `ParseError`.

    `precision` may lower the precision, or raise that of a day; `calendar` is `Gregorian`,
    `Julian` or the address of either.

    >>> parse_time("15 March 44 BC").time
    '-0044-03-15T00:00:00Z'
    >>> parse_time("3. Oktober 1990", "de").time
    '+1990-10-03T00:00:00Z'
    """
    for parser in _PARSERS:
        for found in parser(text, language):
            if (time := _time(found, precision, calendar)) is not None:
                return time
    raise ParseError("time")


def _time(found: _Date, precision: int | None, calendar: str) -> Time | None:
    """Return the value; None if there is no such date."""
    hour, minute, second = found.clock
    if found.month > 12 or found.day > 31 or hour > 23 or minute > 59 or second > 61:
        return None
    if (found.day and not found.month) or (any(found.clock) and not found.day):
        return None
    year = found.year.lstrip("0").zfill(4)
    if len(found.year) > 16:
        return None
    exact = _limited(_precision(found), found.precision)
    julian = found.sign == "-" or int(year) <= _LAST_JULIAN_YEAR
    named = (found.calendar or calendar).strip()
    model = _CALENDARS.get(named) or _CALENDARS.get(named.casefold())
    if named and model is None:
        return None
    return Time(
        f"{found.sign}{year}-{found.month:02}-{found.day:02}T{hour:02}:{minute:02}:{second:02}Z",
        _limited(exact, precision),
        model or (JULIAN if julian else GREGORIAN),
    )


def _precision(found: _Date) -> int:
    for part, step in zip(reversed(found.clock), (14, 13, 12), strict=True):
        if part:
            return step
    if found.day:
        return DAY
    if found.month:
        return _MONTH
    if int(found.year) <= _LAST_EXACT_YEAR:
        return _YEAR
    zeros = len(found.year) - len(found.year.rstrip("0"))
    return max(_YEAR - zeros, _BILLION)


def _limited(detected: int, wanted: int | None) -> int:
    """Return the precision wanted if the date is as precise; a day may be at midnight."""
    if wanted is None or not 0 <= wanted <= _SECOND:
        return detected
    return wanted if wanted <= detected or detected >= DAY else detected


def _year_and_month(text: str, language: str) -> Iterator[_Date]:
    found = _YEAR_MONTH.fullmatch(text.strip())
    if found is None:
        return
    first, second = found.groups()
    for month, year in ((first, second), (second, first)):
        number = _month_number(month, language)
        if number is not None and re.fullmatch(r"-?\d+", year):
            sign = "-" if year.startswith("-") else "+"
            yield _Date(year.lstrip("-"), number, sign=sign)
            return


def _month_number(text: str, language: str) -> int | None:
    if text.isdecimal():
        return int(text) if len(text) <= 2 and int(text) <= 12 else None
    name = text.casefold()
    return months(language).get(name) or months(ENGLISH).get(name)


def _iso(text: str, _language: str) -> Iterator[_Date]:
    found = _ISO.fullmatch(text)
    if found is None:
        return
    sign, year, month, day, *clock, calendar = found.groups()
    if not sign and len(year) < 3 and int(year) < 32 and clock[0] is None:
        return  # any of the three may be the year
    hour, minute, second = (int(part or 0) for part in clock)
    yield _Date(
        year,
        int(month),
        int(day),
        (hour, minute, second),
        "-" if sign in ("-", "−") else "+",
        calendar=calendar,
    )


def _spans(text: str, language: str) -> Iterator[_Date]:
    for code in dict.fromkeys((language.partition("-")[0], ENGLISH)):
        after, before, before_short = _BCE_SPANS.get(code, ("", "", ""))
        for precision, zeros, words in _SPANS.get(code, ()):
            past = words.removesuffix(after) + before if words.endswith(after) else ""
            for ending, sign in ((words, "+"), (past or words + before_short, "-")):
                number = _number_before(text.strip(), ending)
                if number is not None:
                    yield _Date(number + "0" * zeros, sign=sign, precision=precision)


def _number_before(text: str, ending: str) -> str | None:
    """Return the number before some words, without separators between its digits."""
    if not text.casefold().endswith(ending.casefold()):
        return None
    number = _SEPARATORS.sub("", text[: -len(ending)].strip())
    return number if re.fullmatch(r"\d{1,16}", number) else None


def _three_numbers(text: str, _language: str) -> Iterator[_Date]:
    era = _era(text)
    found = _THREE_NUMBERS.fullmatch(era[1]) if era else None
    if era is None or found is None or max(map(len, found.groups())) > 17:
        return
    first, second, third = map(int, found.groups())
    if not 1 <= first <= 31:
        if third > 12 or second == third:
            year, month, day = found[1], second, third
        elif second > 12:
            year, month, day = found[1], third, second
        else:
            return
    elif not 1 <= third <= _MAX_SEXAGESIMAL or (first > 24 and third > 31):
        if first > 12 or first == second:
            year, month, day = found[3], second, first
        elif second > 12:
            year, month, day = found[3], first, second
        else:
            return
    else:
        return
    if year.startswith("-") and era[0] == "-":
        return
    if month >= 1 and day >= 1:
        sign = "-" if year.startswith("-") else era[0]
        yield _Date(year.lstrip("-"), month, day, sign=sign)


def _named_month(text: str, language: str) -> Iterator[_Date]:
    era = _era(text)
    for pattern in _NAMED_MONTH if era else ():
        found = pattern.fullmatch(era[1].strip()) if era else None
        if era is None or found is None:
            continue
        number = _month_number(found["month"], language)
        if number and int(found["day"]):
            yield _Date(found["year"], number, int(found["day"]), sign=era[0])


def _numbers_as_php(text: str, _language: str) -> Iterator[_Date]:
    era = _era(text)
    found = _NUMERIC.fullmatch(era[1].strip()) if era else None
    if era is None or found is None:
        return
    first, mark, second, _, third = found.groups()
    if len(first) > 2 or int(first) > 31:
        year, month, day = first, second, third
    elif mark == "/":
        month, day, year = first, second, third
    else:
        day, month, year = first, second, third
    if len(month) <= 2 and len(day) <= 2 and int(month) and int(day):
        yield _Date(year, int(month), int(day), sign=era[0])


def _year(text: str, _language: str) -> Iterator[_Date]:
    era = _era(text)
    if era is None:
        return
    year = era[1].strip()
    if era[0] == "-":
        year = re.sub(r"(?<=\d)[,\s_](?=\d)", "", year)
    if re.fullmatch(r"\d{1,16}", year):
        yield _Date(year, sign=era[0])


def _era(text: str) -> tuple[str, str] | None:
    """Split off the era as a sign; None if a text names two."""
    text = text.strip()
    sign = text[0] if text[:1] in ("-", "+") else ""
    for pattern, era in ((_BCE, "-"), (_CE, "+")):
        if ending := pattern.search(text):
            return None if sign else (era, text[: ending.start()].rstrip())
    return (sign, text[1:]) if sign else ("+", text)


_PARSERS: Final[tuple[Callable[[str, str], Iterator[_Date]], ...]] = (
    _year_and_month,
    _iso,
    _spans,
    _three_numbers,
    _named_month,
    _numbers_as_php,
    _year,
)
