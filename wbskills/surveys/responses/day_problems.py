"""What is wrong with the day of a response, and what to try."""

from collections.abc import Collection, Container
from datetime import UTC, date, datetime
from typing import Final

from wbskills.domain import Wave
from wbskills.surveys.files.cell_text import key, quoted
from wbskills.surveys.mapping.dates import BUDDHIST, SPREADSHEET, days_by_format, is_plausible
from wbskills.surveys.mapping.schema import BUDDHIST_CALENDAR, DateRule

# What LimeSurvey writes as the day of submission if a survey does not record days.
_NO_DAY: Final = date(1980, 1, 1)
_YEARS_LATE: Final = 10  # a response so long after the last wave has a wrong date
_ISO: Final = ("%Y-%m-%d",)
_EXAMPLE: Final = datetime(2026, 3, 25, 17, 8, 9, tzinfo=UTC)


def day_problem(
    cell: str,
    moment: datetime | None,
    rule: DateRule,
    waves: Collection[Wave],
    *,
    empty: Container[str],
) -> tuple[str, str] | None:
    """Return what is wrong with a cell that was read as a moment, and a hint; None if nothing.

    `empty` are the texts of empty cells. A problem that all rows have in common does not name the
    cell: it is one and not a thousand.
    """
    if moment is not None and _is_far_off(moment, waves):
        return f"this day is in the year {moment.year}", _other_calendar(moment.year, waves)
    if moment is not None and moment.date() != _NO_DAY:
        return None
    if moment is not None:
        what = "is not a date: LimeSurvey writes it if a survey does not record dates"
        hint = "write date = 2026-03-25 into the mapping, for all responses"
        return f"{quoted(cell)} {what}", hint
    days = days_by_format(cell)
    if days and not rule.formats:
        (first, day), *others = days.items()
        return "the mapping does not say how days are written here", (
            f'add format = "{first}" to [date] if {quoted(cell)} means {day}'
        ) + "".join(f'; or format = "{form}" if {other}' for form, other in others)
    hint = f"use a date such as {' or '.join(map(_EXAMPLE.strftime, rule.formats or _ISO))}"
    if SPREADSHEET in days:
        hint += f'; add format = "{SPREADSHEET}" to [date] if it means {days[SPREADSHEET]}'
    return "this row has no date" if key(cell) in empty else f"{quoted(cell)} is not a date", hint


def _is_far_off(moment: datetime, waves: Collection[Wave]) -> bool:
    last = max(wave.end.year for wave in waves)
    return not is_plausible(moment) or moment.year > last + _YEARS_LATE


def _other_calendar(year: int, waves: Collection[Wave]) -> str:
    meant = year - BUDDHIST
    if any(wave.start.year <= meant <= wave.end.year for wave in waves):
        return f'add calendar = "{BUDDHIST_CALENDAR}" to [date]: it is {BUDDHIST} years ahead'
    return "use the date in the Gregorian calendar"
