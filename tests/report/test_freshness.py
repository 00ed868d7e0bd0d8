"""Ages of answers."""

from datetime import date, timedelta
from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from wbskills.report.facts import ItemRef, SkillAnswer
from wbskills.report.freshness import BANDS, OLD, ages

TODAY = date(2026, 11, 22)
NO_ITEM = ItemRef("", "", "")


@given(st.lists(st.none() | st.integers(-3, 1000), max_size=40))
def test_ages_are_those_of_the_single_answers(days: list[int | None]) -> None:
    """A date to come is today; an answer without a date has no age but is counted."""
    said = [
        SkillAnswer(
            ItemRef(f"Q{at % 3}", "", ""),
            ItemRef(f"Q{at}", "", ""),
            NO_ITEM,
            NO_ITEM,
            None,
            (),
            None if day is None else TODAY - timedelta(day),
            NO_ITEM,
            current=True,
        )
        for at, day in enumerate(days)
    ]
    dated = [max(0, day) for day in days if day is not None]
    found = ages(iter(said), TODAY, frozenset({("Q0", "Q0"), ("Q1", "Q1")}))
    assert found.answers == found.own + min(2, len(days)) == len(days)
    assert found.people == min(3, len(days))
    assert found.median == (median_low(dated) if dated else None)
    assert found.undated == len(days) - len(dated)
    assert found.old == sum(day >= OLD for day in dated)
    assert sum(found.bands) == len(dated)
    assert found.bands[0] == sum(day < BANDS[1] for day in dated)
    assert found.bands[-1] == sum(day >= BANDS[-1] for day in dated)
