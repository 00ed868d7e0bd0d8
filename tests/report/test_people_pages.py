"""The pages of people and of skills."""

from tests.report.few_rows import (
    ADA,
    BO,
    CSS,
    LUA,
    NEW,
    OLD,
    answer,
    facts,
    overview,
    pages_of,
    person,
)
from tests.report.made_up import iri
from wbskills.report.people_pages import Interests, skill_pages


def test_a_skill_in_two_groups_is_one_skill() -> None:
    """A second row is another group, not another skill or answer."""
    other = *LUA[:2], iri(51), "Other group"
    answers = facts(
        coverage=[(*LUA, 1, 1, 1, 3, 0, 0), (*other, 1, 1, 1, 3, 0, 0)],
        people=[person(ADA)],
        person_profile=[answer(ADA, other, 3), answer(ADA, LUA, 3)],
    )
    (page,) = skill_pages(answers, 3, Interests())
    assert [one.person.person.label for one in page.able] == ["Ada"]
    (profile,) = pages_of(answers, Interests())
    assert [(g.group.label, len(g.skills)) for g in profile.groups] == [("Group", 1)]
    assert overview(answers).skills == 1


def test_an_interest_without_a_level_is_no_answer() -> None:
    """It is added to an earlier level, or shown alone."""
    wish = *BO, *LUA, None, None, None, "can help", None, *NEW, True
    learn = *ADA, *CSS, None, None, None, "wants to learn", None, *NEW, True
    answers = facts(
        coverage=[(*LUA, 1, 1, 1, 3, 0, 0), (*CSS, 0, 0, None, None, 0, 0)],
        people=[person(ADA), person(BO)],
        person_profile=[answer(BO, LUA, 3), wish, learn],
    )
    ada, bo = pages_of(answers, Interests())
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
    assert sum(one.current and bool(one.level.id) for one in answers.answers) == 1


def test_a_persons_page_has_earlier_answers() -> None:
    """Only the page of the person shows them."""
    (page,) = pages_of(
        facts(
            people=[person(ADA)],
            person_profile=[
                answer(ADA, LUA, 1, wave=OLD),
                answer(ADA, LUA, 3),
                answer(ADA, CSS, 0),
            ],
        ),
        Interests(),
    )
    ((_, (lua,)),) = page.groups
    assert (lua.level.label, lua.step) == ("alone", 3)
    assert [(e.level.label, e.wave.label) for e in lua.earlier] == [("aware", "2025")]
    assert [skill.skill.label for skill in page.rest] == ["CSS"]
    assert {wave.label: count for wave, count, _ in page.waves} == {"2025": 1, "2026": 2}


def test_interests_are_recognised_in_the_language_of_the_site() -> None:
    """On a German site, “kann helfen” is an offer of help."""
    german = Interests("kann unterrichten", "kann helfen", "möchte lernen")
    answers = facts(
        coverage=[(*LUA, 1, 2, 0, 1, 0, 0)],
        people=[person(ADA), person(BO)],
        person_profile=[
            answer(ADA, LUA, 1, interests="kann helfen"),
            answer(BO, LUA, 0, interests="möchte lernen, staunt"),
        ],
    )
    (page,) = skill_pages(answers, 3, german)
    assert [one.person.person.label for one in page.offering] == ["Ada"]
    assert [one.person.person.label for one in page.learning] == ["Bo"]
    bo = list(pages_of(answers, german))[1]
    assert [name for name, _ in bo.interests] == ["möchte lernen", "staunt"]


def test_people_have_a_skill_from_the_chosen_level_on() -> None:
    """Helpers come first, not the highest levels."""
    cy = iri(5002), "Cy"
    answers = facts(
        coverage=[(*LUA, 2, 3, 0, 1, 0, 0)],
        people=[person(ADA), person(BO), person(cy)],
        person_profile=[
            answer(ADA, LUA, 4),
            answer(BO, LUA, 3, interests="can_teach"),
            answer(cy, LUA, 2),
            answer(cy, CSS, None),
        ],
    )
    (page,) = skill_pages(answers, 3, Interests())
    assert [one.person.person.label for one in page.able] == ["Bo", "Ada"]
    assert [(b.item.label, b.part, b.whole) for b in page.levels] == [
        ("leads", 1, 3),
        ("alone", 1, 3),
        ("help", 1, 3),
    ]
