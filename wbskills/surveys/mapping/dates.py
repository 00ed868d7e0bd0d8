"""Reading days and times as survey tools and spreadsheets write them.

It is never guessed whether `04/03/2026` is in March or in April: the mapping has to state the
format. Only unambiguous formats need none: ISO 8601, and the year-first one of Google's download
(`2022/11/30 10:39:41 PM GMT+1`, in the United States `… PM EST`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from wbskills.surveys.files.cell_text import ascii_digits, clean

SPREADSHEET: Final = "spreadsheet"
# Those of survey tools and spreadsheets that a mapping has to state.
FORMATS: Final = (
    "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y",
    "%d/%m/%y %H:%M:%S", "%m/%d/%y %H:%M:%S", "%d/%m/%y %H:%M", "%m/%d/%y %H:%M",
    "%d/%m/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y, %H:%M:%S", SPREADSHEET,
)  # fmt: skip
_ISO_FORMATS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
_YEAR_FIRST = re.compile(
    r"(\d{4})/(\d{1,2})/(\d{1,2})[, ]+(\d{1,2}):(\d\d):(\d\d)(?: ?(\D+?))?"
    r"(?: (?:(?:GMT|UTC)(?:([-+−])(\d{1,2})(?::?(\d\d))?)?|([A-Z]{3,5})))?"
)
# Zones that are written as names and not as GMT and a number: those of the United States.
_NAMED: Final = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
# Words for the hours after noon. One that is missing here costs hours, but not the day.
_AFTERNOON: Final = frozenset(
    {
        "pm",
        "p.m.",
        "p. m.",
        "nachm.",
        "μμ",
        "μ.μ.",
        "م",
        "下午",
        "午後",
        "오후",
        "em",
        "du.",
        "ös",
        "หลังเที่ยง",
    }
)
# Years that this calendar is ahead.
BUDDHIST: Final = 543
_BUDDHIST_YEAR = re.compile(r"(?<!\d)2[5-7]\d\d(?!\d)")
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d+)?")  # to the year 4637
# A spreadsheet counts days from here: 1900 was no leap year, but it thinks so.
_FIRST_DAY: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # spreadsheets know no time zones
# Years in which a survey can be answered; others are of another calendar, or mistyped.
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2199


def parse_moment(
    text: str,
    formats: Sequence[str],
    *,
    zone: tzinfo | None = None,
    written_in: tzinfo | None = None,
    buddhist: bool = False,
) -> datetime | None:
    """Parse a day or a time in one of some formats, or as ISO 8601, in digits of any script.

    >>> parse_moment("25/03/2026", ["%d/%m/%Y"])
    datetime.datetime(2026, 3, 25, 0, 0, tzinfo=datetime.timezone.utc)

    The result is local time, although its zone is UTC: survey tools write local times without
    a zone, and only day and order count. A time with its own zone, or one in a file that is
    `written_in` another zone, is first converted to `zone`, if one is given. The format
    `spreadsheet` is the number of a day, as a spreadsheet counts them. Years of the Buddhist
    calendar count only if they are all `buddhist`. None if no format fits.
    """
    written = ascii_digits(clean(text))
    if buddhist:  # before the format: 29 February of 2567 is no day of the year 2567
        written = _BUDDHIST_YEAR.sub(lambda year: str(int(year[0]) - BUDDHIST), written)
    moment = next(_attempts(written, formats), None)
    if moment is None:
        return None
    # A day without a time is the same everywhere: 00:00 must not become the evening before.
    if zone is not None and (moment.tzinfo or (written_in and ":" in written)):
        known = moment if moment.tzinfo else moment.replace(tzinfo=written_in)
        try:
            moment = known.astimezone(zone)
        except OverflowError:
            return None
    return moment.replace(tzinfo=UTC)


def days_by_format(text: str) -> dict[str, date]:
    """List the formats in which a text may be a day, and that day.

    >>> days_by_format("04/03/2026")["%m/%d/%Y"]
    datetime.date(2026, 4, 3)
    """
    moments = ((form, parse_moment(text, [form])) for form in FORMATS)
    return {form: found.date() for form, found in moments if found and is_plausible(found)}


def is_plausible(moment: datetime) -> bool:
    """Return whether a survey may have been answered at a moment.

    >>> is_plausible(datetime(2569, 3, 4)), is_plausible(datetime(2026, 3, 4))
    (False, True)
    """
    return _FIRST_YEAR <= moment.year <= _LAST_YEAR


def _attempts(written: str, formats: Iterable[str]) -> Iterator[datetime]:
    for text in formats:
        if text in _ISO_FORMATS:
            continue  # read below, ten times as fast
        if text == SPREADSHEET:
            yield from _from_spreadsheet(written)
            continue
        try:
            yield datetime.strptime(written, text)  # noqa: DTZ007  # see above
        except ValueError:
            continue
    try:
        yield datetime.fromisoformat(written)
    except ValueError:
        yield from _year_first(written)


def _from_spreadsheet(written: str) -> Iterator[datetime]:
    if not _NUMBER.fullmatch(written):
        return
    days = float(written.replace(",", "."))
    if days >= 1:
        yield _FIRST_DAY + timedelta(seconds=round(days * 86_400))


def _year_first(written: str) -> Iterator[datetime]:
    found = _YEAR_FIRST.fullmatch(written)
    if found is None:
        return
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    half, sign, hours, minutes, name = found.groups()[6:]
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half.casefold().strip() in _AFTERNOON)
    zone = None
    try:
        if hours:
            offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
            zone = timezone(offset if sign == "+" else -offset)
        if name in _NAMED:
            zone = timezone(timedelta(hours=_NAMED[name]))
        yield datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return
