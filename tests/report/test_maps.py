"""What the pages are made of: the map, the figures, the profiles."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from tests.report.made_up import LEVELS, Survey, content, iri, table
from wbskills.report.facts import Facts
from wbskills.report.heatmap import MEAN_BANDS, PEOPLE_BANDS, heat_map, shade
from wbskills.report.overview import (
    Commonness,
    Overview,
    Steps,
    baseline,
    coverage_by_group,
    standards,
)
from wbskills.report.overview import overview as overview_of
from wbskills.report.profiles import Interests, profiles, skill_pages
from wbskills.report.reading import read
from wbskills.table import Cell, Iri

GROUP = (iri(50), "Group")
LUA = (iri(100), "Lua", *GROUP)
CSS = (iri(101), "CSS", *GROUP)
DEWIKI, ARWIKI = (iri(1000), "dewiki"), (iri(1001), "arwiki")
ADA, BO = (iri(5000), "Ada"), (iri(5001), "Bo")
OLD, NEW = (iri(10), "2025"), (iri(11), "2026")


def facts(**rows: Sequence[tuple[Cell, ...]]) -> Facts:
    """Facts from the rows of some tables, the others being empty."""
    tables = content(Survey(0, 0, 0, waves=0)).tables
    return read({name: table(name, rows.get(name, ())) for name in tables})


def overview(answers: Facts) -> Overview:
    """The figures of the first page, of one wave."""
    return overview_of(answers, None, frozenset({"can help", "can teach"}), Steps(), Commonness())


def person(who: tuple[Iri, str], home: tuple[Iri, str] = DEWIKI) -> tuple[Cell, ...]:
    """A row of the table `people`."""
    return *who, *home, "Deutsch", "weekends", "UTC", None


def said(
    who: tuple[Iri, str],
    skill: tuple[Iri, str, Iri, str],
    number: int | None,
    wave: tuple[Iri, str] = NEW,
    interests: str = "",
) -> tuple[Cell, ...]:
    """A row of the table `person_profile`."""
    name = "not sure" if number is None else ("none", "aware", "help", "alone", "leads")[number]
    level = iri(30 + (9 if number is None else number)), name
    return *who, *skill, *level, number, interests, None, *wave, wave is NEW


@pytest.mark.parametrize(
    ("value", "class_"), [(0, "z"), (1, "a"), (2, "b"), (4, "c"), (9, "d"), (19, "e"), (20, "f")]
)
def test_one_person_is_a_shade_of_its_own(value: int, class_: str) -> None:
    """Some is not none, and one is not some."""
    assert shade(value, PEOPLE_BANDS) == class_


def test_every_mean_has_a_shade() -> None:
    """A mean of 0 is an answer and looks like one."""
    assert [shade(Decimal(n), MEAN_BANDS) for n in range(5)] == ["a", "b", "d", "f", "f"]


def test_nobody_answered_is_not_nobody_can() -> None:
    """The hatched cell and the 0 are kept apart."""
    made = heat_map(
        facts(
            coverage=[(*LUA, 0, 2, 0, 1, 0, 0), (*CSS, 0, 0, None, None, 0, 0)],
            capacity_map=[(*DEWIKI, *LUA, 2, 0, Decimal(1))],
            people=[person(ADA), person(BO, ARWIKI)],
        )
    )
    cells = {row.community.label: row.cells for row in made.rows}
    known, unknown = cells["dewiki"]
    assert known is not None
    assert (known.able, known.people, known.shade) == (0, 2, "z")
    assert unknown is None
    assert cells["arwiki"] == (None, None)


def test_the_group_level_counts_skills_that_somebody_can_do() -> None:
    """One of the two skills of the group is covered."""
    made = heat_map(
        facts(
            coverage=[(*LUA, 1, 2, 0, 1, 0, 0), (*CSS, 0, 1, 0, 0, 0, 0)],
            capacity_map=[(*DEWIKI, *LUA, 2, 1, None), (*DEWIKI, *CSS, 1, 0, None)],
        )
    )
    group = made.rows[0].groups[0]
    assert group is not None
    assert (group.covered, group.skills, group.shade) == (1, 2, "c")


def test_communities_come_with_most_people_first() -> None:
    """The map begins where there is something to see."""
    made = heat_map(facts(people=[person(ADA, ARWIKI), person(BO), person((iri(5002), "Cy"))]))
    assert [(row.community.label, row.people) for row in made.rows] == [
        ("dewiki", 2),
        ("arwiki", 1),
    ]


def test_figures_tell_fragile_from_missing() -> None:
    """One skill rests on one person, another on nobody."""
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
    assert (made.skills, made.covered, made.single, made.nobody) == (2, 1, 1, 1)
    assert made.latest is not None
    assert made.latest.wave.label == "2026"
    assert [(b.part, b.whole, b.width, b.room) for b in made.waves] == [
        (1, 0, "20", "0"),
        (2, 5, "40", "100"),
    ]


def test_widespread_needs_enough_answers() -> None:
    """All of one is no more widespread than most of many."""
    many = [(*LUA, 4, 6, 0, 1, 0, 0), (*CSS, 1, 1, 1, 1, 0, 0)]
    assert [b.thing.label for b in overview(facts(coverage=many)).widest] == ["Lua"]
    assert [b.thing.label for b in overview(facts(coverage=many[1:])).widest] == ["CSS"]


def test_the_baseline_is_held_against_what_people_say() -> None:
    """What is common and missing from it, and what is in it and scarce."""
    made = baseline(
        facts(
            coverage=[(*LUA, 1, 9, 0, 1, 0, 0), (*CSS, 8, 9, 0, 1, 0, 0)],
            baseline=[(*LUA, 1, 9, 0, 1), (*CSS, 8, 9, 0, 0)],
        )
    )
    assert [one.skill.label for one in made.required] == ["Lua"]
    assert made.held == 0
    assert [b.thing.label for b in made.common] == ["CSS"]


def test_the_baseline_is_held_at_the_level_that_it_asks_for() -> None:
    """Half who work with help are half; of what level they are is told."""
    answers = facts(
        coverage=[(*LUA, 0, 2, 0, 1, 0, 0), (*CSS, 0, 2, 0, 1, 0, 0)],
        baseline_gap_person=[(*LUA[:2], iri(32), "help"), (*CSS[:2], iri(33), "alone")],
        people=[person(ADA), person(BO)],
        person_profile=[said(who, skill, 2) for who in (ADA, BO) for skill in (LUA, CSS)],
    )
    found = [
        (one.skill.label, one.minimum.label, one.able, one.assessed)
        for one in baseline(answers, standards(answers, LEVELS)).required
    ]
    assert found == [("CSS", "alone", 0, 2), ("Lua", "help", 2, 2)]
    assert baseline(answers, standards(answers, LEVELS)).held == 1


def test_what_is_common_is_what_the_query_found() -> None:
    """Whatever the map counts; what is in the baseline already is counted apart."""
    answers = facts(
        coverage=[(*LUA, 0, 9, 0, 1, 0, 0), (*CSS, 9, 9, 1, 3, 0, 0)],
        baseline=[(*LUA, 8, 9, 0, 0)],
    )
    assert [(one.thing.label, one.part) for one in baseline(answers).common] == [("Lua", 8)]
    assert (overview(answers).common, overview(answers).trusted) == (1, 2)
    within = facts(coverage=[(*LUA, 0, 9, 0, 1, 0, 0)], baseline=[(*LUA, 8, 9, 0, 1)])
    assert (baseline(within).common, baseline(within).also) == ((), 1)


def test_a_skill_in_two_groups_is_one_skill() -> None:
    """A row more is a group more, not a skill or an answer more."""
    other = *LUA[:2], iri(51), "Other group"
    answers = facts(
        coverage=[(*LUA, 1, 1, 1, 3, 0, 0), (*other, 1, 1, 1, 3, 0, 0)],
        people=[person(ADA)],
        person_profile=[said(ADA, other, 3), said(ADA, LUA, 3)],
    )
    (page,) = skill_pages(answers, 3, Interests())
    assert [one.person.person.label for one in page.able] == ["Ada"]
    (profile,) = profiles(answers, Interests())
    assert [(g.group.label, len(g.skills)) for g in profile.groups] == [("Group", 1)]
    assert overview(answers).skills == 1


def test_an_interest_without_a_level_is_shown_and_counts_as_no_answer() -> None:
    """With the level of before, if there is one, and else as an interest alone."""
    wish = *BO, *LUA, None, None, None, "can help", None, *NEW, True
    learn = *ADA, *CSS, None, None, None, "wants to learn", None, *NEW, True
    answers = facts(
        coverage=[(*LUA, 1, 1, 1, 3, 0, 0), (*CSS, 0, 0, None, None, 0, 0)],
        people=[person(ADA), person(BO)],
        person_profile=[said(BO, LUA, 3), wish, learn],
    )
    ada, bo = profiles(answers, Interests())
    assert (ada.groups, ada.rest) == ((), ())
    assert [(name, [one.label for one in ones]) for name, ones in ada.interests] == [
        ("wants to learn", ["CSS"])
    ]
    ((_, (lua,)),) = bo.groups
    assert (lua.level.label, lua.interests) == ("alone", ("can help",))
    lua_page, css_page = skill_pages(answers, 3, Interests())
    assert [one.interests for one in lua_page.able] == [("can help",)]
    assert lua_page.offering == ()
    assert [one.person.person.label for one in css_page.learning] == ["Ada"]
    assert overview(answers).answers == 1


def test_skills_without_group_are_shown_all_the_same() -> None:
    """A skill that nobody put into a group is still a skill."""
    loose = (iri(102), "Loose", None, None)
    groups = coverage_by_group(facts(coverage=[(*loose, 1, 2, 0, 1, 0, 0)]))
    assert [(g.group.label, len(g.skills)) for g in groups] == [("", 1)]


def test_a_profile_keeps_what_was_said_before() -> None:
    """Growth is to be seen, on the page of the person and nowhere else."""
    (page,) = profiles(
        facts(
            people=[person(ADA)],
            person_profile=[said(ADA, LUA, 1, wave=OLD), said(ADA, LUA, 3), said(ADA, CSS, 0)],
        ),
        Interests(),
    )
    ((_, (lua,)),) = page.groups
    assert (lua.level.label, lua.step) == ("alone", 3)
    assert [(e.level.label, e.wave.label) for e in lua.earlier] == [("aware", "2025")]
    assert [skill.skill.label for skill in page.rest] == ["CSS"]
    assert {wave.label: count for wave, count, _ in page.waves} == {"2025": 1, "2026": 2}


def test_offers_are_known_by_the_words_of_the_language() -> None:
    """On a German site somebody who “kann helfen” is somebody who would help."""
    german = Interests("kann unterrichten", "kann helfen", "möchte lernen")
    answers = facts(
        coverage=[(*LUA, 1, 2, 0, 1, 0, 0)],
        people=[person(ADA), person(BO)],
        person_profile=[
            said(ADA, LUA, 1, interests="kann helfen"),
            said(BO, LUA, 0, interests="möchte lernen, staunt"),
        ],
    )
    (page,) = skill_pages(answers, 3, german)
    assert [one.person.person.label for one in page.offering] == ["Ada"]
    assert [one.person.person.label for one in page.learning] == ["Bo"]
    bo = list(profiles(answers, german))[1]
    assert [name for name, _ in bo.interests] == ["möchte lernen", "staunt"]


def test_who_can_do_a_skill_is_who_reaches_the_level() -> None:
    """Helpers come before the others, never the highest."""
    cy = iri(5002), "Cy"
    answers = facts(
        coverage=[(*LUA, 2, 3, 0, 1, 0, 0)],
        people=[person(ADA), person(BO), person(cy)],
        person_profile=[
            said(ADA, LUA, 4),
            said(BO, LUA, 3, interests="can_teach"),
            said(cy, LUA, 2),
            said(cy, CSS, None),
        ],
    )
    (page,) = skill_pages(answers, 3, Interests())
    assert [one.person.person.label for one in page.able] == ["Bo", "Ada"]
    assert [(b.thing.label, b.part, b.whole) for b in page.levels] == [
        ("leads", 1, 3),
        ("alone", 1, 3),
        ("help", 1, 3),
    ]


def test_strange_cells_are_read_as_not_known() -> None:
    """A number where a day should be is no reason to break."""
    row = list(person(ADA))
    row[-1] = 5
    answers = facts(people=[tuple(row)], person_profile=[said(ADA, LUA, None)])
    assert answers.people[0].latest is None
    assert answers.said[0].number is None


def test_a_baseline_that_nobody_was_asked_about_is_lacked_by_nobody() -> None:
    """And it is not said that there is none."""
    demand = (*CSS[:2], iri(33), "alone")
    given: dict[str, Sequence[tuple[Cell, ...]]] = {
        "people": [person(ADA)],
        "person_profile": [said(ADA, LUA, 4)],
        "baseline_gap_person": [demand],
    }
    unasked = facts(coverage=[(*LUA, 1, 1, 0, 1, 0, 0)], **given)
    (page,) = profiles(unasked, Interests())
    assert page.lacking == ()
    assert [one.label for one in baseline(unasked).unasked] == ["CSS"]
    asked = facts(coverage=[(*LUA, 1, 1, 0, 1, 0, 0), (*CSS, 0, 1, 0, 1, 0, 0)], **given)
    (page,) = profiles(asked, Interests())
    assert [(one.demand.skill.label, one.level) for one in page.lacking] == [("CSS", None)]
