"""Values as people read them: in summaries of edits, and for wbformatvalue."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from wbskills.wikibase.model.entities import Snak
from wbskills.wikibase.model.values import (
    DAY,
    GREGORIAN,
    JULIAN,
    Coordinate,
    EntityRef,
    Monolingual,
    Quantity,
    Text,
    Time,
    Unknown,
    Value,
)
from wbskills.wikibase.server.api.call import title
from wbskills.wikibase.server.api.locales import ENGLISH, day_mark, month_name, separators

_SPANS: Final = {
    0: (1_000_000_000, 1, "billion years"),
    1: (100_000_000, 100, "million years"),
    2: (10_000_000, 10, "million years"),
    3: (1_000_000, 1, "million years"),
    4: (100_000, 100_000, "years"),
    5: (10_000, 10_000, "years"),
}
_GREGORIAN_SINCE: Final = 1583
CALENDARS: Final = {GREGORIAN: "Gregorian", JULIAN: "Julian"}
_BOTHCALENDARS: Final = range(1581, 1930)  # years of which it is said which calendar is meant

Naming = Callable[[str], str]


def snak_in_summary(snak: Snak) -> str:
    """Show a snak as summaries of edits do: `[[Property:P3]]: text`."""
    if snak.value is None:
        shown = "no value" if snak.kind == "novalue" else "unknown value"
    else:
        shown = text_of(snak.value, lambda name: f"[[{title(name)}]]")
    return f"[[{title(snak.property)}]]: {shown}"


def text_of(value: Value, name: Naming, language: str = ENGLISH) -> str:
    """Show a value as plain text; `name` says what an entity is called.

    Numbers, and the names of months, are written as the language does.
    """
    match value:
        case Text(text) | Monolingual(_, text):
            return text
        case EntityRef(target):
            return name(target)
        case Quantity():
            return _quantity(value, name, language)
        case Time():
            return _time(value, language)
        case Coordinate():
            return _coordinate(value)
        case Unknown(_, data):
            return str(data)


def _quantity(value: Quantity, name: Naming, language: str) -> str:
    amount = _number(Decimal(value.amount), language)
    if value.upper is not None and value.lower is not None:
        above = Decimal(value.upper) - Decimal(value.amount)
        below = Decimal(value.amount) - Decimal(value.lower)
        amount = f"{_number(Decimal(value.amount), language, trim=True)}±"
        amount += _number(max(above, below), language, trim=True)
    if value.unit == "1":
        return amount
    return f"{amount} {name(value.unit.rpartition('/')[2])}"


def _number(number: Decimal, language: str, *, trim: bool = False) -> str:
    text = f"{number:,f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    group, point = separators(language)
    return text.translate({ord(","): group, ord("."): point})


def _time(value: Time, language: str) -> str:
    """Show a point of time as Wikibase's MwTimeIsoFormatter does."""
    year, month, day = (int(part) for part in value.time[1:].partition("T")[0].split("-"))
    text = _year(year, value.precision, before=value.time[0] == "-")
    if value.precision >= 10:
        if not 0 < month <= 12 or (value.precision >= DAY and not day):
            return value.time
        text = f"{month_name(language, month)} {text}"
    if value.precision >= DAY:
        text = f"{day}{day_mark(language)} {text}"
    return text


def _year(year: int, precision: int, *, before: bool) -> str:
    """Show a year, or the span of years around it."""
    era = " BCE" if before else ""
    if precision in _SPANS:
        shift, unit, what = _SPANS[precision]
        if shown := (2 * year + shift) // (2 * shift) * unit:
            return f"{shown} {what}{era or ' CE'}"
    elif precision in (6, 7):
        shift, what = (1000, "millennium") if precision == 6 else (100, "century")
        if shown := -(-year // shift):
            return f"{shown}. {what}{era}"
    elif precision == 8 and (shown := year // 10 * 10):
        return f"{shown}s{era}"
    return f"{year}{era or (' CE' if year < 100 else '')}"


def calendar_to_show(value: Time) -> str | None:
    """Name the calendar of a date where it is not plain; None where it goes without saying."""
    if value.precision < 9:
        return None
    year = int(value.time[0] + value.time[1:].partition("-")[0])
    usual = GREGORIAN if year >= _GREGORIAN_SINCE else JULIAN
    if value.calendar == usual and (value.precision == 9 or year not in _BOTHCALENDARS):
        return None
    return CALENDARS.get(value.calendar, value.calendar)


def _coordinate(value: Coordinate) -> str:
    north = _degrees(value.latitude, "N", "S", value.precision)
    east = _degrees(value.longitude, "E", "W", value.precision)
    return f"{north}, {east}"


def _degrees(number: float, positive: str, negative: str, precision: float | None) -> str:
    seconds = round(abs(number) * 3600, 2 if (precision or 1) < 1 / 3600 else 0)
    minutes, second = divmod(seconds, 60)
    degree, minute = divmod(int(minutes), 60)
    text = f"{degree}°"
    if (precision or 0) < 1:
        text += f"{minute}'"
    if (precision or 0) < 1 / 60:
        text += f'{second:g}"'
    return text + (positive if number >= 0 else negative)
