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


def test_the_baseline_is_compared_with_the_answers() -> None:
    """Common skills outside the baseline and scarce skills in it are listed."""
    made = baseline_of(
        facts(
            coverage=[(*LUA, 1, 9, 0, 1, 0, 0), (*CSS, 8, 9, 0, 1, 0, 0)],
            baseline=[(*LUA, 1, 9, 0, 1), (*CSS, 8, 9, 0, 0)],
        )
    )
    assert [one.skill.label for one in made.required] == ["Lua"]
    assert made.held == 0
    assert [b.item.label for b in made.common] == ["CSS"]


def test_baseline_skills_are_counted_at_their_baseline_level() -> None:
    """A skill is held if half are at its own baseline level, not at that of the site."""
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


def test_common_skills_are_those_of_the_query() -> None:
    """Common skills that are already in the baseline are counted separately."""
    answers = facts(
        coverage=[(*LUA, 0, 9, 0, 1, 0, 0), (*CSS, 9, 9, 1, 3, 0, 0)],
        baseline=[(*LUA, 8, 9, 0, 0)],
    )
    assert [(one.item.label, one.part) for one in baseline_of(answers).common] == [("Lua", 8)]
    assert (overview(answers).common, overview(answers).trusted) == (1, 2)
    within = facts(coverage=[(*LUA, 0, 9, 0, 1, 0, 0)], baseline=[(*LUA, 8, 9, 0, 1)])
    assert (baseline_of(within).common, baseline_of(within).also) == ((), 1)


def test_a_baseline_skill_without_answers_is_missing_for_nobody() -> None:
    """It is listed as not asked."""
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
