"""What a mapping says about its waves."""

from datetime import date
from pathlib import Path

import pytest

from tests.surveys.samples import QUESTIONS, TAIL
from wbskills.domain import Wave
from wbskills.errors import Faults, MappingError
from wbskills.surveys.mapping.toml_file import check_waves, is_web_address, load

WAVE = """
title = "Test"
[waves.w1]
start = 2026-03-01
end = 2026-03-31
"""


def wave(key: str = "w1", label: str = "First", **members: object) -> Wave:
    """Make a wave."""
    days = {"start": date(2026, 3, 1), "end": date(2026, 3, 31)}
    return Wave(key=key, labels={"en": label}, **days, **members)  # type: ignore[arg-type]  # as given


@pytest.mark.parametrize(
    ("members", "place", "told"),
    [
        ('label = { en = " " }', "waves.w1.label.en", "this label is empty"),
        ('label = { en = "\u200b" }', "waves.w1.label.en", "this label is empty"),
        ('label = { en = "a\\nb" }', "waves.w1.label.en", "contains a line break"),
        (f'label = {{ en = "{"x" * 251}" }}', "waves.w1.label.en", "251 characters"),
        ('label = { en = "W" }\nurl = "javascript:alert(1)"', "waves.w1.url", "not a web address"),
        ('label = { en = "W" }\nlicense = "CC BY"', "waves.w1.license", "not a web address"),
        ('label = { en = "W" }\nconsent_text_url = "/x"', "waves.w1.consent_text_url", "address"),
        (
            'label = { en = "W" }\nconsent_text_version = "a\\nb"',
            "waves.w1.consent_text_version",
            "contains a line break",
        ),
        (
            'label = { en = "W" }\ninvited = -1',
            "waves.w1.invited",
            "-1 cannot be a number of people",
        ),
        (
            'label = { en = "W" }\ninvited = 10_000_000_001',
            "waves.w1.invited",
            "10000000001 cannot be a number of people",
        ),
    ],
)
def test_what_no_wave_can_be(tmp_path: Path, members: str, place: str, told: str) -> None:
    """It is a fault of the mapping, before anything is written."""
    path = tmp_path / "m.toml"
    path.write_text(WAVE + members + "\n" + TAIL + QUESTIONS, encoding="utf-8")
    with pytest.raises(MappingError) as refused:
        load(path)
    (fault,) = refused.value.faults
    assert fault.column == place
    assert told in fault.what
    assert fault.hint


def test_two_waves_cannot_have_one_label() -> None:
    """A Wikibase refuses the second item with the same label and description."""
    faults = Faults()
    check_waves([wave(), wave("w2", "FIRST")], faults)
    (fault,) = faults
    assert fault.column == "waves.w2.label.en"
    assert "the wave “w1” has the same label" in fault.what


def test_good_waves_have_no_faults() -> None:
    """Numbers of invited people may be 0."""
    good = wave(url="https://example.org/ü?a=1#b", invited=0)
    faults = Faults()
    check_waves([good, wave("w2", "Second")], faults)
    assert faults == []


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)", "data:text/html,x", "//example.org", "https://", "example.org",
        "https://a b.example", "https://a.example/<script>", "https://u:p@a.example",
        "https://[", "https://a.example/" + "x" * 500, "https://a.example/\u202e",
    ],
)  # fmt: skip
def test_what_is_not_a_web_address(text: str) -> None:
    """It would be a link in a report."""
    assert not is_web_address(text)
