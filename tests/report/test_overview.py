"""The figures of the start page, and the lists of all skills."""

from decimal import Decimal

from tests.report.few_rows import ADA, BO, CSS, LUA, NEW, OLD, facts, overview, person
from tests.report.made_up import iri
from wbskills.report.overview import coverage_by_group


def test_figures_count_single_and_missing_skills() -> None:
    """One skill depends on one person; nobody has another."""
    made = overview(
        facts(
            coverage=[(*LUA, 1, 2, 0, 1, 0, 0), (*CSS, 0, 2, 0, 1, 0, 0)],
            people=[person(ADA), person(BO)],
            responses_per_wave=[
                (*NEW, None, None, 2, 4, 5, Decimal("0.4")),
                (*OLD, None, None, 1, 2, None, None),
            ],
        )
    )
    assert (made.skills, made.single, made.nobody) == (2, 1, 1)
    assert made.latest is not None
    assert made.latest.wave.label == "2026"
    assert [(b.part, b.whole, b.width, b.room) for b in made.waves] == [
        (1, 0, "20", "0"),
        (2, 5, "40", "100"),
    ]


def test_widespread_skills_have_enough_answers() -> None:
    """All of one is no more widespread than most of many."""
    many = [(*LUA, 4, 6, 0, 1, 0, 0), (*CSS, 1, 1, 1, 1, 0, 0)]
    assert [b.item.label for b in overview(facts(coverage=many)).widest] == ["Lua"]
    assert [b.item.label for b in overview(facts(coverage=many[1:])).widest] == ["CSS"]


def test_skills_without_a_group_are_shown() -> None:
    """They form a group without a label."""
    loose = (iri(102), "Loose", None, None)
    groups = coverage_by_group(facts(coverage=[(*loose, 1, 2, 0, 1, 0, 0)]))
    assert [(g.group.label, len(g.skills)) for g in groups] == [("", 1)]
