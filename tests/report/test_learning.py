"""Learners and teachers: whose turn it is."""

from collections import Counter

from tests.report.made_up import iri
from tests.report.test_homes import speaker
from tests.report.test_maps import ARWIKI, DEWIKI, LUA, facts, said
from wbskills.report.learning import NAMED, learning

OFFERS = frozenset({"can help", "can teach"})


def test_teachers_take_turns_also_among_learners_of_different_languages() -> None:
    """Each learner has another second language; still no three are asked by everybody."""
    teachers = [(iri(7000 + at), f"T{at}") for at in range(6)]
    learners = [(iri(7100 + at), f"L{at:02}") for at in range(20)]
    answers = facts(
        people=[
            *(speaker(who, DEWIKI, "English") for who in teachers),
            *(speaker(who, ARWIKI, f"English, Tongue {at}") for at, who in enumerate(learners)),
        ],
        person_profile=[
            *(said(who, LUA, 4, interests="can teach") for who in teachers),
            *(said(who, LUA, 1, interests="wants to learn") for who in learners),
        ],
    )
    (lua,) = learning(answers, OFFERS, "wants to learn", "away").values()
    named = Counter(one.person.person.label for each in lua.learners for one in each.teachers)
    assert sum(named.values()) == len(learners) * NAMED
    assert set(named.values()) == {len(learners) * NAMED // len(teachers)}
    assert {each.more for each in lua.learners} == {len(teachers) - NAMED}
