"""Learners and teachers: who shares a language is counted, and teachers are named in turn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.report.few_rows import ARWIKI, DEWIKI, answer, facts, speaker
from tests.report.few_rows import LUA as LUA_SKILL
from tests.report.made_up import iri
from wbskills.report.facts import ItemRef, Person, SkillAnswer
from wbskills.report.learning import NAMED, Learner, learning

LANGUAGES = ("Deutsch", "English", "Igbo", "தமிழ்")
LUA = ItemRef("Q5", "Lua", "")

spoken = st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=3).map(", ".join)


def learners_of(
    wants: Sequence[str], teaches: Sequence[str], both: Sequence[str]
) -> list[Learner]:
    """Match people of whom only languages are known: who learns, teaches, or does both."""
    wishes: list[tuple[str, tuple[str, ...]]] = [(want, ("learn",)) for want in wants]
    wishes += [(teach, ("teach",)) for teach in teaches]
    wishes += [(one, ("learn", "teach")) for one in both]
    people, said = [], []
    for number, (languages, interests) in enumerate(wishes):
        who = ItemRef(f"Q{number + 10}", f"Person {number:03}", "")
        people.append(Person(who, (), tuple(filter(None, languages.split(", "))), "", "", None))
        said.append(SkillAnswer(who, LUA, LUA, LUA, None, interests, date.max, LUA, current=True))
    nothing = facts()
    made = learning(
        replace(nothing, people=tuple(people), answers=tuple(said)),
        frozenset({"teach"}),
        "learn",
        "",
    )
    return list(made["Q5"].learners) if made else []


@given(st.lists(spoken), st.lists(spoken), st.lists(spoken))
def test_all_who_share_a_language_are_counted_and_some_named(
    wants: list[str], teaches: list[str], both: list[str]
) -> None:
    """Nobody teaches themselves, and as many are named as there is room for."""
    languages = [set(one.split(", ")) - {""} for one in (*wants, *teaches, *both)]
    for learner in learners_of(wants, teaches, both):
        own = int(learner.person.person.label.split()[1])
        could = {
            f"Person {number:03}"
            for number, one in enumerate(languages)
            if number >= len(wants) and number != own and one & languages[own]
        }
        named = [teacher.person.person.label for teacher in learner.teachers]
        assert set(named) <= could
        assert len(set(named)) == len(named) == min(NAMED, len(could))
        assert learner.more == len(could) - len(named)
        for teacher in learner.teachers:
            number = int(teacher.person.person.label.split()[1])
            assert set(teacher.languages) == languages[own] & languages[number]


def test_teachers_are_named_in_turn() -> None:
    """Seven teachers are named three at a time, then the first ones again."""
    found = learners_of(["English"] * 5, ["English"] * 7, [])
    named = [
        [int(teacher.person.person.label.split()[1]) - 5 for teacher in each.teachers]
        for each in found
    ]
    assert named == [[0, 1, 2], [3, 4, 5], [6, 0, 1], [2, 3, 4], [5, 6, 0]]


def test_learners_who_teach_are_passed_over() -> None:
    """The next teacher in turn is named."""
    found = learners_of(["English"], ["English"] * 2, ["English"] * 2)
    named = [
        [int(teacher.person.person.label.split()[1]) for teacher in each.teachers]
        for each in found
    ]
    assert named[0] == [1, 2, 3]
    assert 3 not in named[1]
    assert 4 not in named[2]


def test_teachers_take_turns_also_among_learners_of_different_languages() -> None:
    """Learners with different second languages are not sent to the same three people."""
    teachers = [(iri(7000 + at), f"T{at}") for at in range(6)]
    learners = [(iri(7100 + at), f"L{at:02}") for at in range(20)]
    answers = facts(
        people=[
            *(speaker(who, DEWIKI, "English") for who in teachers),
            *(speaker(who, ARWIKI, f"English, Tongue {at}") for at, who in enumerate(learners)),
        ],
        person_profile=[
            *(answer(who, LUA_SKILL, 4, interests="can teach") for who in teachers),
            *(answer(who, LUA_SKILL, 1, interests="wants to learn") for who in learners),
        ],
    )
    (lua,) = learning(
        answers, frozenset({"can help", "can teach"}), "wants to learn", "away"
    ).values()
    named = Counter(
        teacher.person.person.label for learner in lua.learners for teacher in learner.teachers
    )
    assert sum(named.values()) == len(learners) * NAMED
    assert set(named.values()) == {len(learners) * NAMED // len(teachers)}
    assert {learner.more for learner in lua.learners} == {len(teachers) - NAMED}
