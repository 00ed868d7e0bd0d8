"""The pages of communities; ages of answers and changes between survey waves."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from tests.report.few_rows import (
    ADA,
    ARWIKI,
    BO,
    CSS,
    DEWIKI,
    LUA,
    NEW,
    OLD,
    answer,
    facts,
    person,
    place,
    speaker,
)
from tests.report.made_up import iri
from wbskills.report.baseline import baseline_results
from wbskills.report.capacity_map import capacity_map
from wbskills.report.community_pages import CommunityPage, MatchedNeed, community_pages
from wbskills.report.facts import Facts
from wbskills.report.freshness import ages, endorsed
from wbskills.report.overview import RobustnessBounds, changes
from wbskills.report.people_pages import Interests, skill_pages
from wbskills.table import Cell

OFFERS = frozenset({"can help", "can teach"})
CY, DI = (iri(5002), "Cy"), (iri(5003), "Di")


def page_of(answers: Facts, name: str, away: str = "") -> CommunityPage:
    """The page of one community."""
    pages = community_pages(
        answers,
        baseline_results(answers),
        level=3,
        offers=OFFERS,
        robustness=RobustnessBounds(),
        away=away,
    )
    return next(page for page in pages if page.item.label == name)


ANSWERS = facts(
    coverage=[(*LUA, 3, 4, 0, 1, 0, 0), (*CSS, 1, 4, 0, 1, 0, 0)],
    baseline=[(*LUA, 3, 4, 0, 1)],
    capacity_map=[(*DEWIKI, *LUA, 3, 3, 3), (*ARWIKI, *LUA, 1, 0, 1), (*ARWIKI, *CSS, 1, 1, 3)],
    communities=[place(DEWIKI, "Deutsch", 3), place(ARWIKI, "العربية")],
    people=[
        speaker(ADA, DEWIKI, "Deutsch"),
        speaker(BO, DEWIKI, "Deutsch, العربية"),
        speaker(CY, DEWIKI, "English"),
        speaker(DI, ARWIKI, "العربية"),
    ],
    person_profile=[
        answer(ADA, LUA, 4, interests="can help"),
        answer(BO, LUA, 3, interests="can teach"),
        answer(CY, LUA, 4),
        answer(DI, LUA, 1, interests="can help"),
    ],
)


def test_a_gap_names_helpers_elsewhere() -> None:
    """They offer help and have the skill; those who share a language come first."""
    (gap,) = page_of(ANSWERS, "arwiki").gaps
    assert (gap.coverage.skill.label, gap.answered) == ("Lua", 1)
    assert [helper.person.person.label for helper in gap.helpers] == ["Bo", "Ada"]
    assert gap.helpers[0].languages == ("العربية",)
    assert gap.more == 0


def test_strengths_have_their_robustness() -> None:
    """Three people are thin; a single person is no strength but is counted."""
    (lua,) = page_of(ANSWERS, "dewiki").strengths
    assert (lua.bar.part, lua.bar.whole, lua.robustness) == (3, 3, "thin")
    single = page_of(ANSWERS, "arwiki")
    assert (single.strengths, single.able, single.further) == ((), 1, 0)


@pytest.mark.parametrize(
    ("able", "people", "strong"),
    [(1, 1, False), (1, 5, False), (2, 4, True), (2, 5, False), (3, 7, False), (4, 90, True)],
)
def test_a_strength_is_many_or_half_of_more_than_one(able: int, people: int, strong: bool) -> None:
    """A single person, or a few of many, are no strength."""
    answers = facts(
        coverage=[(*LUA, able, people, 0, 1, 0, 0)],
        capacity_map=[(*DEWIKI, *LUA, people, able, 3)],
        communities=[place(DEWIKI, "Deutsch", people)],
    )
    assert bool(page_of(answers, "dewiki").strengths) is strong


def reached(home: tuple[Cell, ...], level: int, assessed: int, able: int) -> tuple[Cell, ...]:
    """A row of the table `baseline_gap` about Lua."""
    return *home, *LUA[:2], iri(30 + level), "some level", 9, assessed, able


@pytest.mark.parametrize(("level", "able", "gaps"), [(2, 1, 0), (2, 0, 1), (3, 0, 1)])
def test_a_baseline_gap_is_counted_at_the_baseline_level(level: int, able: int, gaps: int) -> None:
    """“With help” is enough if that is the baseline level."""
    answers = facts(
        coverage=[(*LUA, 2, 4, Decimal("0.5"), 1, 0, 0)],
        baseline_gap=[reached(ARWIKI, level, 1, able)],
        capacity_map=[(*ARWIKI, *LUA, 1, 0, 1)],
        communities=[place(ARWIKI, "العربية")],
        people=[
            speaker(ADA, DEWIKI, "Deutsch"),
            speaker(BO, DEWIKI, "Deutsch"),
            speaker(CY, DEWIKI, "Deutsch"),
            speaker(DI, ARWIKI, "العربية"),
        ],
        person_profile=[
            answer(ADA, LUA, 3, interests="can help"),
            answer(BO, LUA, 2, interests="can help"),
            answer(CY, LUA, 1, interests="can help"),
            answer(DI, LUA, 1),
        ],
    )
    found = page_of(answers, "arwiki").gaps
    assert len(found) == gaps
    for gap in found:
        assert gap.coverage.required
        assert (gap.answered, gap.everyone.part, gap.everyone.whole) == (1, 4 - level, 4)
        helpers = {helper.person.person.label for helper in gap.helpers}
        assert helpers == ({"Ada", "Bo"} if level == 2 else {"Ada"})


def test_a_baseline_skill_without_answers_is_no_gap() -> None:
    """If there are answers elsewhere only, it is a gap with no answers here."""
    rows = {
        "baseline_gap": [reached(ARWIKI, 2, 0, 0)],
        "communities": [place(ARWIKI, "العربية")],
        "people": [speaker(DI, ARWIKI, "العربية")],
    }
    nobody = facts(coverage=[(*LUA, 0, 0, None, None, 0, 0)], **rows)
    assert page_of(nobody, "arwiki").gaps == ()
    elsewhere = facts(coverage=[(*LUA, 1, 1, 1, 3, 0, 0)], **rows)
    assert [gap.answered for gap in page_of(elsewhere, "arwiki").gaps] == [0]


def test_helpers_take_turns() -> None:
    """If there are more helpers than places, a second gap names others."""
    many = [(iri(6000 + at), f"H{at}") for at in range(6)]
    answers = facts(
        coverage=[(*LUA, 6, 7, 0, 1, 0, 0), (*CSS, 6, 7, 0, 1, 0, 0)],
        baseline=[(*LUA, 6, 7, 0, 1), (*CSS, 6, 7, 0, 1)],
        communities=[place(ARWIKI, "العربية")],
        people=[speaker(DI, ARWIKI, ""), *(speaker(who, DEWIKI, "") for who in many)],
        person_profile=[
            answer(who, skill, 4, interests="can help") for who in many for skill in (LUA, CSS)
        ],
    )
    first, second = page_of(answers, "arwiki").gaps
    assert {helper.person.person.id for helper in first.helpers}.isdisjoint(
        helper.person.person.id for helper in second.helpers
    )
    assert (len(first.helpers), first.more) == (3, 3)


def matched(
    needs: Sequence[tuple[Cell, ...]], person_profile: Sequence[tuple[Cell, ...]]
) -> MatchedNeed:
    """The one need of arwiki as its page shows it; everyone who answers lives in dewiki."""
    answers = facts(
        communities=[place(ARWIKI, "العربية")],
        people=[
            speaker(ADA, DEWIKI, "Deutsch"),
            speaker(BO, DEWIKI, "English, Deutsch"),
            speaker(CY, ARWIKI, "English"),
        ],
        needs=needs,
        person_profile=person_profile,
    )
    (match,) = page_of(answers, "arwiki").needs
    return match


def test_a_need_names_the_helpers_of_the_query() -> None:
    """The rows of one need are one need; helpers without a shared language are counted as more."""
    need = (*ARWIKI, *LUA[:2], iri(33), "alone", 3, 2, 0, 3)
    match = matched([(*need, *BO, "العربية"), (*need, *ADA, "English, Deutsch")], [])
    assert [(helper.person.label, helper.languages) for helper in match.helpers] == [
        ("Bo", ("العربية",)),
        ("Ada", ("English", "Deutsch")),
    ]
    assert (match.shared, match.more, match.need.wanted, match.need.able) == (True, 1, 2, 0)


def test_a_need_without_a_shared_language_names_other_helpers() -> None:
    """Those who share a language with people in the community come first."""
    need = (*ARWIKI, *LUA[:2], iri(33), "alone", 3, 2, 0, 2, None, None, None)
    match = matched(
        [need],
        [answer(ADA, LUA, 4, interests="can help"), answer(BO, LUA, 3, interests="can teach")],
    )
    assert [
        (helper.person.label, helper.languages, helper.shared) for helper in match.helpers
    ] == [
        ("Bo", ("English",), True),
        ("Ada", ("Deutsch",), False),
    ]
    assert (match.shared, match.more) == (True, 0)


def test_a_need_is_matched_at_its_own_level() -> None:
    """People below that level are not named."""
    need = (*ARWIKI, *LUA[:2], iri(34), "leads", 4, 2, 0, 1, None, None, None)
    match = matched(
        [need],
        [answer(ADA, LUA, 4, interests="can help"), answer(BO, LUA, 3, interests="can teach")],
    )
    assert [helper.person.label for helper in match.helpers] == ["Ada"]
    assert (match.shared, match.helpers[0].languages) == (False, ("Deutsch",))


@pytest.mark.parametrize(
    ("levels", "told"), [((4, 3), (2, 2)), ((4, 2), (1, 2)), ((2, 1), (0, 2)), ((), (0, 0))]
)
def test_a_need_without_offers_counts_who_has_the_skill(
    levels: tuple[int, ...], told: tuple[int, int]
) -> None:
    """People elsewhere are counted, not those in the community."""
    need = (*ARWIKI, *LUA[:2], iri(33), "alone", 3, 2, 1, 0, None, None, None)
    answers = [answer(who, LUA, level) for who, level in zip((ADA, BO), levels, strict=False)]
    match = matched([need], [*answers, answer(CY, LUA, 4)])
    assert (match.helpers, match.more, match.shared) == ((), 0, False)
    assert (match.able, match.assessed) == told


def test_ages_have_a_median_and_count_what_nobody_endorsed() -> None:
    """An answer without a date has no age; people cannot endorse themselves."""
    rows: list[tuple[Cell, ...]] = []
    for who, skill, day in (
        (ADA, LUA, date(2026, 1, 1)),
        (ADA, CSS, date(2025, 1, 1)),
        (BO, LUA, date(2023, 1, 1)),
        (BO, CSS, None),
    ):
        row = list(answer(who, skill, 3))
        row[9 + 1] = day
        rows.append(tuple(row))
    answers = facts(
        person_profile=rows,
        endorsements=[(*ADA, *LUA[:2], *BO, None), (*BO, *CSS[:2], *BO, None)],
    )
    found = ages(answers.answers, date(2026, 1, 11), endorsed(answers))
    assert (found.answers, found.people, found.median, found.undated) == (4, 2, 375, 1)
    assert (found.bands, found.old, found.own) == ((1, 0, 1, 1), 2, 3)


def test_changes_are_between_the_two_compared_waves() -> None:
    """People who answered both are counted once; the largest change comes first."""
    ids: tuple[Cell, ...] = (OLD[0], NEW[0])
    answers = facts(
        responses_per_wave=[(*wave, None, None, 2, 3, None, None) for wave in (OLD, NEW)],
        change=[
            (*LUA[:2], *ids, 2, 0, 2, 1, 1, 1, 0, 0, 1),
            (*CSS[:2], *ids, 9, 1, 9, 8, 7, 7, 0, 1, 8),
        ],
        people=[person(ADA), person(BO)],
        person_profile=[answer(ADA, LUA, 2, wave=OLD), answer(ADA, LUA, 3), answer(BO, LUA, 3)],
    )
    found = changes(answers)
    assert found is not None
    assert [skill.skill.label for skill in found.skills] == ["CSS", "Lua"]
    assert (found.people, found.both, found.up, found.down) == (1, 8, 8, 0)
    assert changes(facts()) is None


def test_a_community_with_needs_but_no_people_has_a_page() -> None:
    """Its needs are shown although nobody there answered."""
    need = (*ARWIKI, *LUA[:2], iri(33), "alone", 3, 2, 0, 1, *ADA, "Deutsch")
    unmet = (*ARWIKI, *CSS[:2], iri(33), "alone", 3, 2, 0, 0, None, None, None)
    only = facts(coverage=[(*LUA, 3, 4, 0, 1, 0, 0)], baseline=[(*LUA, 3, 4, 0, 1)],
                 communities=[place(ARWIKI, "العربية", 0)], needs=[need, unmet])  # fmt: skip
    home = page_of(only, "arwiki")
    assert (home.community.people, home.answered, home.gaps) == (0, 0, ())
    assert [language.label for language in home.community.languages] == ["العربية"]
    assert "arwiki" not in {row.community.label for row in capacity_map(only).rows}
    assert (home.met, home.shared, len(home.needs)) == (1, 1, 2)


def test_two_needs_for_one_skill_at_two_levels_are_two() -> None:
    """Each has the helpers of its own level."""
    low = (*ARWIKI, *LUA[:2], iri(32), "with help", 2, 5, 4, 2)
    high = (*ARWIKI, *LUA[:2], iri(34), "leads", 4, 1, 0, 1, None, None, None)
    answers = facts(
        communities=[place(ARWIKI, "العربية")],
        needs=[(*low, *ADA, "Deutsch"), (*low, *BO, "Deutsch"), high],
    )
    told = [
        (match.need.target.label, match.need.able, match.need.wanted, len(match.need.helpers))
        for match in page_of(answers, "arwiki").needs
    ]
    assert told == [("with help", 4, 5, 2), ("leads", 0, 1, 0)]


def test_people_who_are_away_are_not_named_as_helpers() -> None:
    """They said that they have no time for requests."""
    away = facts(
        coverage=[(*LUA, 3, 4, 0, 1, 0, 0)],
        baseline=[(*LUA, 3, 4, 0, 1)],
        capacity_map=[(*DEWIKI, *LUA, 2, 2, 3), (*ARWIKI, *LUA, 1, 0, 1)],
        communities=[place(DEWIKI, "Deutsch", 2), place(ARWIKI, "العربية")],
        people=[
            (*ADA, *DEWIKI, "Deutsch", "away", "", None),
            speaker(BO, DEWIKI, "Deutsch"),
            speaker(DI, ARWIKI, "العربية"),
        ],
        person_profile=[
            answer(ADA, LUA, 4, interests="can help"),
            answer(BO, LUA, 3, interests="can teach"),
        ],
    )
    (gap,) = page_of(away, "arwiki", "away").gaps
    assert [helper.person.person.label for helper in gap.helpers] == ["Bo"]


def test_a_skill_lists_the_communities_where_nobody_has_it() -> None:
    """Communities without answers are not among them."""
    answers = facts(
        coverage=[(*LUA, 3, 4, 0, 1, 0, 0), (*CSS, 1, 1, 0, 1, 0, 0)],
        capacity_map=[
            (*DEWIKI, *LUA, 3, 3, 3),
            (*ARWIKI, *LUA, 1, 0, 1),
            (*ARWIKI, *CSS, 1, 1, 3),
        ],
    )
    lua, css = skill_pages(answers, 3, Interests())
    assert [community.item.label for community in lua.communities] == ["dewiki"]
    assert [(one.item.label, one.whole) for one in lua.missing] == [("arwiki", 1)]
    assert css.missing == ()
