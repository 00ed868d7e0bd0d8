"""Google Forms: times, repeated headings, other languages."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.surveys.exports.importing import EVERYBODY, line, read, write
from tests.surveys.exports.quirks import PEOPLE
from tests.surveys.exports.tools import ASKED, GOOGLE
from wbskills.ontology.entries import Ontology
from wbskills.surveys import tools
from wbskills.surveys.mapping.dates import parse_moment


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2022/11/30 10:39:41 PM GMT+1", datetime(2022, 11, 30, 22, 39, 41, tzinfo=UTC)),
        ("2022/10/17 6:31:58 PM EST", datetime(2022, 10, 17, 18, 31, 58, tzinfo=UTC)),
        ("2022/11/30 12:05:00 AM GMT-5", datetime(2022, 11, 30, 0, 5, tzinfo=UTC)),
        ("2022/11/30 12:05:00 p. m. GMT", datetime(2022, 11, 30, 12, 5, tzinfo=UTC)),
        ("2022/11/30 3:05:00 nachm. GMT+5:30", datetime(2022, 11, 30, 15, 5, tzinfo=UTC)),
        ("٢٠٢٢/١١/٣٠ ٣:٠٥:٠٠ م GMT+3", datetime(2022, 11, 30, 15, 5, tzinfo=UTC)),
        ("2022/11/30 15:05:00", datetime(2022, 11, 30, 15, 5, tzinfo=UTC)),
        ("2022/13/30 15:05:00", None),
        ("2022/11/30 15:05:00 GMT+99", None),
        ("11/12/2022 15:05:00", None),
    ],
)
def test_times_of_google_need_no_format(written: str, moment: datetime | None) -> None:
    """Their year comes first, so they can mean one moment only."""
    assert parse_moment(written, []) == moment


def test_a_day_counts_in_the_zone_of_the_mapping() -> None:
    """An evening in New York is the next day in Berlin; a day without time stays what it is."""
    berlin, new_york = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
    evening = datetime(2026, 3, 4, 22, 30).isoformat()  # noqa: DTZ001  # written without a zone

    def day(text: str, written_in: ZoneInfo | None = None) -> str:
        moment = parse_moment(text, [], zone=berlin, written_in=written_in)
        return str(moment and moment.date())

    assert day(evening) == "2026-03-04"
    assert day(evening, new_york) == "2026-03-05"
    assert day(f"{evening}-05:00") == day("2026/03/04 10:30:00 PM EST") == "2026-03-05"
    assert day("2026/03/04 10:30:00 PM XYZ") == "2026-03-04"
    assert day("2026-03-04", new_york) == "2026-03-04"
    assert day("9999-12-31T23:00:00-05:00") == "None"


def test_repeated_headings_are_mapped_by_letter(tmp_path: Path, ontology: Ontology) -> None:
    """As the message says."""
    rows = GOOGLE.rows(PEOPLE)
    rows[0][3] = rows[0][2]
    by_letter = GOOGLE.mapping.replace(
        f'columns = "{ASKED} [{{skill}}]"',
        'skills = { "column C" = "lua_modules", "column D" = "python",'
        ' "column E" = "user_scripts" }',
    )
    tool = replace(GOOGLE, mapping=by_letter)

    found = read(write(tmp_path / "s.csv", rows, tool), tool, ontology)

    assert sorted(map(line, found)) == EVERYBODY


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Horodateur", "04/03/2026 10:39:41"),
        ("Marca temporal", "4/3/2026 10:39:41"),
        ("طابع زمني", "٠٤/٠٣/٢٠٢٦ ١٠:٣٩:٤١"),
        ("タイムスタンプ", "2026/03/04 10:39:41"),
    ],
)
def test_the_linked_sheet_is_known_in_other_languages(heading: str, cell: str) -> None:
    """By its first column."""
    shape, reason = tools.recognise([[heading, "Q"], [cell, "x"]])

    assert (shape.name, reason) == (
        "google",
        f"Google Forms, linked sheet: “{heading}” is the first column",
    )
