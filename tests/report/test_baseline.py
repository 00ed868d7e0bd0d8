"""The baseline: what is in it, and who is at its levels."""

from collections.abc import Sequence

from tests.report.few_rows import ADA, BO, CSS, LUA, answer, facts, overview, pages_of, person
from tests.report.made_up import LEVELS, iri
from wbskills.report.baseline import Baseline, baseline, baseline_results
from wbskills.report.facts import Facts
from wbskills.report.people_pages import Interests
from wbskills.table import Cell


def baseline_of(answers: Facts, levels: Sequence[str] = ()) -> Baseline:
    """The baseline compared with some answers."""
    return baseline(answers, baseline_results(answers, levels))


def test_the_baseline_is_held_against_what_people_say() -> None:
    """What is common and missing from it, and what is in it and scarce."""
    made = baseline_of(
        facts(
            coverage=[(*LUA, 1, 9, 0, 1, 0, 0), (*CSS, 8, 9, 0, 1, 0, 0)],
            baseline=[(*LUA, 1, 9, 0, 1), (*CSS, 8, 9, 0, 0)],
        )
    )
    assert [one.skill.label for one in made.required] == ["Lua"]
    assert made.held == 0
    assert [b.item.label for b in made.common] == ["CSS"]


def test_the_baseline_is_held_at_the_level_that_it_asks_for() -> None:
    """Half who work with help are half; of what level they are is told."""
    answers = facts(
        coverage=[(*LUA, 0, 2, 0, 1, 0, 0), (*CSS, 0, 2, 0, 1, 0, 0)],
        baseline_gap_person=[(*LUA[:2], iri(32), "help"), (*CSS[:2], iri(33), "alone")],
        people=[person(ADA), person(BO)],
        person_profile=[answer(who, skill, 2) for who in (ADA, BO) for skill in (LUA, CSS)],
    )
    found = [
        (one.skill.label, one.minimum.label, one.able, one.assessed)
        for one in baseline_of(answers, LEVELS).required
    ]
    assert found == [("CSS", "alone", 0, 2), ("Lua", "help", 2, 2)]
    assert baseline_of(answers, LEVELS).held == 1


def test_what_is_common_is_what_the_query_found() -> None:
    """Whatever the map counts; what is in the baseline already is counted apart."""
    answers = facts(
        coverage=[(*LUA, 0, 9, 0, 1, 0, 0), (*CSS, 9, 9, 1, 3, 0, 0)],
        baseline=[(*LUA, 8, 9, 0, 0)],
    )
    assert [(one.item.label, one.part) for one in baseline_of(answers).common] == [("Lua", 8)]
    assert (overview(answers).common, overview(answers).trusted) == (1, 2)
    within = facts(coverage=[(*LUA, 0, 9, 0, 1, 0, 0)], baseline=[(*LUA, 8, 9, 0, 1)])
    assert (baseline_of(within).common, baseline_of(within).also) == ((), 1)


def test_a_baseline_that_nobody_was_asked_about_is_lacked_by_nobody() -> None:
    """And it is not said that there is none."""
    demand = (*CSS[:2], iri(33), "alone")
    given: dict[str, Sequence[tuple[Cell, ...]]] = {
        "people": [person(ADA)],
        "person_profile": [answer(ADA, LUA, 4)],
        "baseline_gap_person": [demand],
    }
    unasked = facts(coverage=[(*LUA, 1, 1, 0, 1, 0, 0)], **given)
    (page,) = pages_of(unasked, Interests())
    assert page.missing == ()
    assert [one.label for one in baseline_of(unasked).unasked] == ["CSS"]
    asked = facts(coverage=[(*LUA, 1, 1, 0, 1, 0, 0), (*CSS, 0, 1, 0, 1, 0, 0)], **given)
    (page,) = pages_of(asked, Interests())
    assert [(one.required.skill.label, one.level) for one in page.missing] == [("CSS", None)]
