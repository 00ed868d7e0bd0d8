"""Values as people read them: in summaries of edits, and for wbformatvalue."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from wbskills.model.entities import Snak
from wbskills.model.values import (
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
from wbskills.web.api.call import title

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_SPANS: Final = {
    0: (1_000_000_000, "billion years"),
    1: (100_000_000, "million years"),
    2: (10_000_000, "million years"),
    3: (1_000_000, "million years"),
    4: (100_000, "years"),
    5: (10_000, "years"),
}
_GREGORIAN_SINCE: Final = 1583  # a date before it in this calendar is unusual enough to be said

Naming = Callable[[str], str]


def snak_in_summary(snak: Snak) -> str:
    """Show a snak as summaries of edits do: `[[Property:P3]]: text`."""
    if snak.value is None:
        shown = "no value" if snak.kind == "novalue" else "unknown value"
    else:
        shown = text_of(snak.value, lambda name: f"[[{title(name)}]]")
    return f"[[{title(snak.property)}]]: {shown}"


def text_of(value: Value, name: Naming) -> str:
    """Show a value as plain text; `name` says what an entity is called."""
    match value:
        case Text(text) | Monolingual(_, text):
            return text
        case EntityRef(target):
            return name(target)
        case Quantity():
            return _quantity(value, name)
        case Time():
            return _time(value)
        case Coordinate():
            return _coordinate(value)
        case Unknown(_, data):
            return str(data)


def _quantity(value: Quantity, name: Naming) -> str:
    amount = _number(Decimal(value.amount))
    if value.upper is not None and value.lower is not None:
        above = Decimal(value.upper) - Decimal(value.amount)
        below = Decimal(value.amount) - Decimal(value.lower)
        amount += f"±{_number(max(above, below))}"
    if value.unit == "1":
        return amount
    return f"{amount} {name(value.unit.rpartition('/')[2])}"


def _number(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _time(value: Time) -> str:
    sign = value.time[0]
    year, month, day = value.time[1:].partition("T")[0].split("-")
    number = int(year)
    era = " BCE" if sign == "-" else ""
    if value.precision in _SPANS:
        unit, what = _SPANS[value.precision]
        shown = number // 1_000_000 if what == "million years" else number
        if what == "billion years":
            shown = number // unit
        return f"{shown:,} {what}{era or ' CE'}"
    if value.precision in (6, 7):
        unit, what = (1000, "millennium") if value.precision == 6 else (100, "century")
        return f"{_ordinal(-(-number // unit))} {what}{era}"
    if value.precision == 8:
        return f"{number}s{era}"
    text = str(number)
    if value.precision >= 10 and 0 < int(month) <= 12:
        text = f"{MONTHS[int(month) - 1]} {text}"
    if value.precision >= 11 and int(day):
        text = f"{int(day)} {text}"
    return f"{text}{era}{_calendar(value, number, sign)}"


def _calendar(value: Time, year: int, sign: str) -> str:
    """Name the calendar where it is not the one that everybody expects."""
    if value.precision < 11:
        return ""
    old = sign == "-" or year < _GREGORIAN_SINCE
    if value.calendar == JULIAN:
        return "" if old else " (Julian)"
    return " (Gregorian)" if old else ""


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return str(number) + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


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
