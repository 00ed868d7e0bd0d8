"""Days and times as survey tools and spreadsheets write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from wbskills.surveys.mapping.dates import SPREADSHEET, is_plausible, parse_moment


@pytest.mark.parametrize(
    "formats",
    [["%Y-%m-%d", "%d/%m/%Y"], ["%d/%m/%Y", "%Y-%m-%d"], [SPREADSHEET, "%m.%d.%Y", "%d/%m/%Y"]],
)
def test_each_format_is_tried(formats: list[str]) -> None:
    """A column may have days of several tools; none of the formats hides a later one."""
    assert parse_moment("04/03/2026", formats) == datetime(2026, 3, 4, tzinfo=UTC)
    assert parse_moment("2026-03-04", formats) == datetime(2026, 3, 4, tzinfo=UTC)


def test_of_two_formats_that_fit_the_first_counts() -> None:
    """It is what the mapping states first."""
    day = "04/03/2026"
    assert parse_moment(day, ["%d/%m/%Y", "%m/%d/%Y"]) == datetime(2026, 3, 4, tzinfo=UTC)
    assert parse_moment(day, ["%m/%d/%Y", "%d/%m/%Y"]) == datetime(2026, 4, 3, tzinfo=UTC)
    assert parse_moment(day, []) is None


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        ("46085", datetime(2026, 3, 4, tzinfo=UTC)),
        ("46085.75", datetime(2026, 3, 4, 18, tzinfo=UTC)),
        ("46085,75", datetime(2026, 3, 4, 18, tzinfo=UTC)),
        ("46085.426505", datetime(2026, 3, 4, 10, 14, 10, tzinfo=UTC)),
        ("1", datetime(1899, 12, 31, tzinfo=UTC)),
        ("999999", datetime(4637, 11, 25, tzinfo=UTC)),
        ("1000000", None),
        ("0.75", None),
        ("0", None),
        ("-5", None),
        ("46085 ×", None),
    ],
)
def test_a_spreadsheet_counts_days(number: str, moment: datetime | None) -> None:
    """With the time as a fraction; only where the mapping says so."""
    assert parse_moment(number, [SPREADSHEET]) == moment
    assert parse_moment(number, []) is None


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026/03/04 10:00:00 AM GMT", 10),
        ("2026/03/04 10:00:00 AM UTC+1", 9),
        ("2026/03/04 10:00:00 AM GMT-5", 15),
        ("2026/03/04 10:00:00 AM GMT−5", 15),
        ("2026/03/04 3:00:00 PM GMT+5:30", 9.5),
        ("2026/03/04 3:00:00 PM GMT+0530", 9.5),
        ("2026/03/04 3:00:00 PM GMT-3:30", 18.5),
        ("2026/03/04 12:00:00 PM GMT", 12),
        ("2026/03/04 12:00:00 AM GMT", 0),
        ("2026/03/04, 13:00:00 PM GMT", 13),
        ("2026/03/04 10:00:00 AM EST", 15),
        ("2026/03/04 10:00:00 AM EDT", 14),
        ("2026/03/04 10:00:00 AM CST", 16),
        ("2026/03/04 10:00:00 AM CDT", 15),
        ("2026/03/04 10:00:00 AM MST", 17),
        ("2026/03/04 10:00:00 AM MDT", 16),
        ("2026/03/04 10:00:00 AM PST", 18),
        ("2026/03/04 10:00:00 AM PDT", 17),
        ("2026/03/04 10:00:00 AM AKST", 19),
        ("2026/03/04 10:00:00 AM AKDT", 18),
        ("2026/03/04 10:00:00 AM HST", 20),
        ("2026/03/04 10:00:00 AM", 10),
    ],
)
def test_a_time_with_a_zone_is_converted(written: str, hour: float) -> None:
    """East of Greenwich it is later than there, in America earlier."""
    moment = datetime(2026, 3, 4, int(hour), 30 if hour % 1 else 0, tzinfo=UTC)
    assert parse_moment(written, [], zone=ZoneInfo("UTC")) == moment


def test_the_zone_of_the_file_is_for_times_that_name_none() -> None:
    """A time that names its zone is not in the zone of the file."""
    utc, tokyo = ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo")

    def parsed(text: str) -> datetime | None:
        return parse_moment(text, ["%d/%m/%Y %H:%M", "%d/%m/%Y"], zone=utc, written_in=tokyo)

    assert parsed("04/03/2026 10:00") == datetime(2026, 3, 4, 1, tzinfo=UTC)
    assert parsed("2026-03-04T10:00+01:00") == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert parsed("04/03/2026") == datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "formats", "moment"),
    [
        ("2569-03-04", [], datetime(2026, 3, 4, tzinfo=UTC)),
        ("04/03/2569 10:00", ["%d/%m/%Y %H:%M"], datetime(2026, 3, 4, 10, tzinfo=UTC)),
        ("2567-02-29", [], datetime(2024, 2, 29, tzinfo=UTC)),
        ("2569/03/04 3:00:00 หลังเที่ยง GMT+7", [], datetime(2026, 3, 4, 15, tzinfo=UTC)),
        ("2569/03/04 12:00:00 ก่อนเที่ยง GMT+7", [], datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04", [], datetime(2026, 3, 4, tzinfo=UTC)),
    ],
)
def test_years_of_the_buddhist_calendar_are_converted(
    written: str, formats: list[str], moment: datetime
) -> None:
    """Only if the mapping says so; 29 February of 2567 is a day of the year 2024."""
    assert parse_moment(written, formats, buddhist=True) == moment
    assert ("2026" in written) == (parse_moment(written, formats) == moment)


@pytest.mark.parametrize(
    ("year", "plausible"), [(1969, False), (1970, True), (2199, True), (2200, False)]
)
def test_a_survey_is_answered_in_a_year_of_this_time(year: int, *, plausible: bool) -> None:
    """Others are of another calendar, or mistyped."""
    assert is_plausible(datetime(year, 6, 1, tzinfo=UTC)) is plausible
