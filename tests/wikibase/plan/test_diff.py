"""How wanted and present states of an entity are compared, and what is kept."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbskills.wikibase.model.edits import Change, Create, Desired, Edit, apply_change
from wbskills.wikibase.model.entities import Entity, Rank, Reference, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text, day
from wbskills.wikibase.model.wire import entity_from_json, entity_to_json
from wbskills.wikibase.plan.diff import Rules, misranked, plan

SKILL, LEVEL, DATE, WAVE, INTEREST, HOME, EVIDENCE, SOURCE, KEY, SEEN, END = (
    f"P{number}" for number in range(1, 12)
)
RULES = Rules(
    key_qualifiers={SKILL: (WAVE,)},
    own_qualifiers={SKILL: frozenset({LEVEL, DATE, INTEREST}), HOME: frozenset({DATE})},
    dated_by={SKILL: DATE, HOME: DATE},
    complete_with={SKILL: LEVEL},
    one_at_a_time=frozenset({HOME}),
    one_value=frozenset({END}),
    source=(SOURCE, KEY),
)


def item(property_id: str, target: str) -> Snak:
    """Make a snak that points to an item."""
    return Snak(property_id, EntityRef(target), "wikibase-item")


def on(when: date) -> Snak:
    """Make the qualifier of a day."""
    return Snak(DATE, day(when), "time")


def source(wave: str, key: str, seen: date = date(2026, 1, 1)) -> Reference:
    """Make the reference of a response."""
    return Reference(
        (item(SOURCE, wave), Snak(KEY, Text(key), "external-id"), Snak(SEEN, day(seen), "time"))
    )


def said(skill: str, level: str, wave: str, when: date, *more: Snak) -> Statement:
    """Make an assessment."""
    levels = (item(LEVEL, level),) if level else ()
    qualifiers = (*levels, on(when), item(WAVE, wave), *more)
    return Statement(item(SKILL, skill), qualifiers, (source(wave, "k"),))


def person(*statements: Statement) -> Desired:
    """Say what should be there of Ada."""
    return Desired(key="Ada", entity=Entity(labels={"en": "Ada"}, statements=statements))


def stored(entity: Entity) -> dict[str, Stored]:
    """Put an entity where `plan` looks for it, with GUIDs, as it is read from a Wikibase."""
    numbered = tuple(
        replace(each, id=each.id or f"Q1${index}") for index, each in enumerate(entity.statements)
    )
    written = json.dumps(entity_to_json(replace(entity, id="Q1", statements=numbered)))
    return {"Ada": Stored(entity_from_json(json.loads(written)), 1)}


def after(edit: Edit, present: dict[str, Stored]) -> dict[str, Stored]:
    """Carry out an edit on what is present."""
    if isinstance(edit, Create):
        return stored(edit.entity)
    return stored(apply_change(present["Ada"].entity, edit))


def only(edits: list[Edit]) -> Change:
    """Take the one change that a plan is expected to hold."""
    (edit,) = edits
    assert isinstance(edit, Change)
    return edit


def home(target: str, when: date | None, rank: Rank = Rank.NORMAL) -> Statement:
    """Make the home community of a person."""
    qualifiers = () if when is None else (on(when),)
    return Statement(item(HOME, target), qualifiers, rank=rank)


def end(when: date, *references: Reference, rank: Rank = Rank.NORMAL) -> Statement:
    """Make the last day of a wave."""
    return Statement(Snak(END, day(when), "time"), (), references, rank)


def holding(*statements: Statement) -> dict[str, Stored]:
    """Make what `plan` finds of Ada, with GUIDs Q1$0, Q1$1, …."""
    return stored(person(*statements).entity)


def planned(present: dict[str, Stored], *statements: Statement) -> dict[str | None, Statement]:
    """Plan statements of Ada; return what is written of these, by GUID."""
    change = only(list(plan([person(*statements)], present, RULES)))
    written = {statement.id: statement for statement in change.statements}
    assert len(written) == len(change.statements)
    return written


def ranks(*statements: Statement) -> list[Rank]:
    """Return the ranks that statements have by the rules."""
    numbered = stored(Entity(statements=statements))["Ada"].entity
    right = {each.id: each.rank for each in misranked(numbered, RULES)}
    return [right.get(statement.id, statement.rank) for statement in numbered.statements]


OLD, NEW = date(2025, 3, 1), date(2026, 3, 1)
FIRST = said("Q20", "Q32", "Q41", OLD)


def test_what_is_there_gives_no_edit() -> None:
    """The same answer again must not make a revision."""
    present = stored(Entity(labels={"en": "Ada"}, statements=(FIRST,)))
    present = after(next(plan([person(FIRST)], present, RULES)), present)

    assert list(plan([person(FIRST)], present, RULES)) == []


def test_a_changed_level_replaces_the_qualifier_in_place() -> None:
    """GUID, rank, references and what others added stay where they are."""
    evidence = Snak(EVIDENCE, Text("https://example.org/"), "url")
    others = Reference((Snak(EVIDENCE, Text("https://other.example/"), "url"),))
    there = replace(
        said("Q20", "Q32", "Q41", OLD, evidence),
        id="Q1$guid",
        rank=Rank.PREFERRED,
        references=(source("Q41", "k"), others),
    )
    present = stored(Entity(labels={"en": "Ada"}, statements=(there,)))

    change = only(list(plan([person(said("Q20", "Q33", "Q41", OLD))], present, RULES)))

    (statement,) = change.statements
    assert statement.id == "Q1$guid"
    assert statement.rank is Rank.PREFERRED
    assert statement.references == there.references
    assert statement.qualifiers == (
        item(LEVEL, "Q33"),
        on(OLD),
        item(WAVE, "Q41"),
        evidence,
    )


def test_an_interest_that_is_no_longer_named_goes() -> None:
    """Own qualifiers are replaced, not collected."""
    there = said("Q20", "Q32", "Q41", OLD, item(INTEREST, "Q50"))
    present = stored(Entity(labels={"en": "Ada"}, statements=(there,)))

    change = only(list(plan([person(FIRST)], present, RULES)))

    assert change.statements[0].qualifiers == FIRST.qualifiers


def test_the_next_wave_is_a_statement_of_its_own_and_leads() -> None:
    """History stays as normal rank, so that truthy statements are the current ones."""
    there = replace(FIRST, id="Q1$0", rank=Rank.PREFERRED)
    present = stored(Entity(labels={"en": "Ada"}, statements=(there,)))

    change = only(list(plan([person(said("Q20", "Q33", "Q42", NEW))], present, RULES)))

    ranks = {statement.id: statement.rank for statement in change.statements}
    assert ranks == {"Q1$0": Rank.NORMAL, None: Rank.PREFERRED}


def test_an_older_wave_that_comes_late_does_not_lead() -> None:
    """Files may be imported in any order."""
    there = replace(said("Q20", "Q33", "Q42", NEW), id="Q1$0", rank=Rank.PREFERRED)
    present = stored(Entity(labels={"en": "Ada"}, statements=(there,)))

    change = only(list(plan([person(FIRST)], present, RULES)))

    assert [(statement.id, statement.rank) for statement in change.statements] == [
        (None, Rank.NORMAL)
    ]


def test_skills_that_are_not_answered_again_keep_their_rank() -> None:
    """The rule goes skill by skill; best rank alone would hide them."""
    there = (
        replace(FIRST, id="Q1$0", rank=Rank.PREFERRED),
        replace(said("Q21", "Q32", "Q41", OLD), id="Q1$1", rank=Rank.PREFERRED),
    )
    present = stored(Entity(labels={"en": "Ada"}, statements=there))

    change = only(list(plan([person(said("Q20", "Q33", "Q42", NEW))], present, RULES)))

    assert {statement.id for statement in change.statements} == {"Q1$0", None}


def test_a_deprecated_statement_stays_deprecated() -> None:
    """An editor found it wrong; an import does not overrule that."""
    there = replace(FIRST, id="Q1$0", rank=Rank.DEPRECATED)
    present = stored(Entity(labels={"en": "Ada"}, statements=(there,)))

    assert list(plan([person(FIRST)], present, RULES)) == []


def test_where_one_thing_holds_at_a_time_the_newest_leads_whatever_it_says() -> None:
    """Who moved to another community is at home there now."""
    was = Statement(item(HOME, "Q60"), (on(OLD),), rank=Rank.PREFERRED, id="Q1$0")
    present = stored(Entity(labels={"en": "Ada"}, statements=(was,)))
    moved = Statement(item(HOME, "Q61"), (on(NEW),))

    change = only(list(plan([person(moved)], present, RULES)))

    ranks = {statement.id: statement.rank for statement in change.statements}
    assert ranks == {"Q1$0": Rank.NORMAL, None: Rank.PREFERRED}


def test_an_older_answer_never_replaces_a_newer_one() -> None:
    """The same home said in two waves keeps the newer date, whichever file comes last."""
    there = Statement(item(HOME, "Q60"), (on(NEW),), rank=Rank.PREFERRED, id="Q1$0")
    present = stored(Entity(labels={"en": "Ada"}, statements=(there,)))

    assert list(plan([person(Statement(item(HOME, "Q60"), (on(OLD),)))], present, RULES)) == []


def test_a_reference_of_the_same_response_is_left_as_it_is() -> None:
    """Retrieved on another day is no news."""
    present = stored(
        Entity(labels={"en": "Ada"}, statements=(replace(FIRST, rank=Rank.PREFERRED),))
    )
    again = replace(FIRST, references=(source("Q41", "k", NEW),))

    assert list(plan([person(again)], present, RULES)) == []


def test_a_second_answer_in_the_wave_replaces_the_reference_of_the_first() -> None:
    """The statement then rests on the newer response alone."""
    present = stored(Entity(labels={"en": "Ada"}, statements=(FIRST,)))
    again = replace(FIRST, references=(source("Q41", "other"),))

    change = only(list(plan([person(again)], present, RULES)))

    assert change.statements[0].references == (source("Q41", "other"),)


def test_terms_that_are_not_named_are_kept() -> None:
    """An editor's translation and aliases survive an import."""
    there = Entity(labels={"en": "Ade", "fr": "Ada"}, aliases={"en": ("A.",)})
    want = Desired(
        key="Ada", entity=Entity(labels={"en": "Ada"}, aliases={"en": ("A.", "Countess")})
    )

    change = only(list(plan([want], stored(there), RULES)))
    merged = apply_change(there, change)

    assert merged.labels == {"en": "Ada", "fr": "Ada"}
    assert merged.aliases == {"en": ("A.", "Countess")}


def test_statements_of_others_are_not_touched() -> None:
    """A property that the import does not speak of is none of its business."""
    theirs = Statement(item("P99", "Q99"), id="Q1$theirs")
    present = stored(Entity(labels={"en": "Ada"}, statements=(theirs,)))

    change = only(list(plan([person(FIRST)], present, RULES)))

    assert [statement.main.property for statement in change.statements] == [SKILL]
    assert theirs in apply_change(present["Ada"].entity, change).statements


def test_broken_ranks_are_found_with_the_rank_that_they_should_have() -> None:
    """`wbskills check` lists them."""
    entity = Entity(
        statements=(
            replace(FIRST, id="Q1$0", rank=Rank.PREFERRED),
            replace(said("Q20", "Q33", "Q42", NEW), id="Q1$1"),
        )
    )

    assert [(each.id, each.rank) for each in misranked(entity, RULES)] == [
        ("Q1$0", Rank.NORMAL),
        ("Q1$1", Rank.PREFERRED),
    ]


answers = st.lists(
    st.tuples(
        st.sampled_from(["Q20", "Q21", "Q22"]),
        st.sampled_from(["", "Q30", "Q31", "Q32"]),
        st.sampled_from([("Q41", OLD), ("Q42", NEW)]),
        st.booleans(),
    ),
    max_size=8,
)


def desired(answered: list[tuple[str, str, tuple[str, date], bool]]) -> Desired:
    """Say what some answers want to be there."""
    return person(
        *(
            said(skill, level, *wave, *([item(INTEREST, "Q50")] if helps else []))
            for skill, level, wave, helps in answered
        )
    )


@given(answers, answers)
def test_planning_again_after_carrying_out_gives_nothing(
    first: list[tuple[str, str, tuple[str, date], bool]],
    second: list[tuple[str, str, tuple[str, date], bool]],
) -> None:
    """Whatever is there and whatever is wanted: once is enough, and no rank is wrong."""
    present: dict[str, Stored] = {}
    for want in (desired(first), desired(second)):
        for edit in list(plan([want], present, RULES)):
            present = after(edit, present)
        assert list(plan([want], present, RULES)) == []
        assert misranked(present["Ada"].entity, RULES) == ()


def test_an_undated_assessment_leads_where_there_is_no_other() -> None:
    """Else no query would show it: best rank is worked out per property."""
    theirs = Statement(item(SKILL, "Q29"), (item(LEVEL, "Q32"),), id="Q1$0")
    assert [s.rank for s in misranked(Entity(statements=(theirs,)), RULES)] == [Rank.PREFERRED]


def test_what_lacks_a_level_takes_no_levels_lead_nor_place() -> None:
    """It leads beside an older level, and leaves the level of its own wave as it is."""
    wish = item(INTEREST, "Q50")
    present = stored(person(FIRST, said("Q21", "Q31", "Q42", NEW)).entity)
    wants = person(said("Q20", "", "Q42", NEW, wish), said("Q21", "", "Q42", OLD, wish))
    change = only(list(plan([wants], present, RULES)))
    after_it = apply_change(present["Ada"].entity, change).statements

    assert [(one.rank, one.qualifier(LEVEL) is not None) for one in after_it] == [
        (Rank.PREFERRED, True),
        (Rank.PREFERRED, True),
        (Rank.PREFERRED, False),
    ]
    assert wish in after_it[1].qualifiers
    assert on(NEW) in after_it[1].qualifiers


UNCHANGED = Change(key="Ada", id="Q1", base=1)


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        (Entity(labels={"en": "Ada", "de": "Ada"}), replace(UNCHANGED, labels={"de": "Ada"})),
        (
            Entity(descriptions={"en": "y", "fr": "x"}),
            replace(UNCHANGED, descriptions={"en": "y"}),
        ),
        (
            Entity(aliases={"en": ("A.", "B."), "fr": ("F.",), "de": ("D.",)}),
            replace(UNCHANGED, aliases={"en": ("B.",), "de": ("D.",)}),
        ),
        (
            Entity(statements=(Statement(item("P99", "Q98")),)),
            replace(UNCHANGED, statements=(Statement(item("P99", "Q98")),)),
        ),
    ],
    ids=["label", "description", "alias", "statement"],
)
def test_one_difference_is_enough_and_is_all_that_is_written(
    entity: Entity, expected: Change
) -> None:
    """What is there already is no part of the edit; its base is the revision that was read."""
    there = Entity(
        labels={"en": "Ada"},
        descriptions={"en": "x", "fr": "x"},
        aliases={"en": ("A.",), "fr": ("F.", "G.")},
        statements=(Statement(item("P99", "Q99")),),
    )
    present = stored(there)

    change = only(list(plan([Desired(key="Ada", entity=entity)], present, RULES)))

    assert change == expected
    assert change.was == present["Ada"]


def test_a_new_entity_has_each_statement_once_with_its_rank() -> None:
    """Of equal ones the first counts; those of one property are next to each other."""
    newer = said("Q20", "Q33", "Q42", NEW)
    wanted = (FIRST, home("Q60", OLD), said("Q20", "Q34", "Q41", OLD), newer)

    (edit,) = plan([person(*wanted)], {}, RULES)

    assert isinstance(edit, Create)
    assert edit.entity.labels == {"en": "Ada"}
    assert edit.entity.statements == (
        FIRST,
        replace(newer, rank=Rank.PREFERRED),
        home("Q60", OLD, Rank.PREFERRED),
    )


def test_a_dated_statement_leads_over_an_undated_one() -> None:
    """It is unknown when that was; its date may be filled in by an answer, but not removed."""
    undated = Statement(item(SKILL, "Q20"), (item(LEVEL, "Q32"), item(WAVE, "Q40")))
    assert ranks(undated, FIRST) == [Rank.NORMAL, Rank.PREFERRED]
    assert ranks(FIRST, undated) == [Rank.PREFERRED, Rank.NORMAL]

    present = holding(home("Q60", OLD, Rank.PREFERRED), home("Q61", None))
    assert list(plan([person(home("Q60", None))], present, RULES)) == []
    assert planned(present, home("Q61", NEW)) == {
        "Q1$0": replace(home("Q60", OLD), id="Q1$0"),
        "Q1$1": replace(home("Q61", NEW, Rank.PREFERRED), id="Q1$1"),
    }


def test_undated_homes_keep_their_ranks_as_long_as_none_has_a_date() -> None:
    """Nobody knows which of them is the current one."""
    undated = (home("Q60", None, Rank.PREFERRED), home("Q61", None))
    assert ranks(*undated) == [Rank.PREFERRED, Rank.NORMAL]
    assert ranks(home("Q60", None), home("Q61", None)) == [Rank.NORMAL, Rank.NORMAL]
    assert ranks(*undated, home("Q62", OLD)) == [Rank.NORMAL, Rank.NORMAL, Rank.PREFERRED]


def test_of_equal_dates_the_new_answer_leads_then_the_one_that_did_then_the_last() -> None:
    """Exactly one leads, and looking again changes nothing."""
    present = holding(FIRST, home("Q60", NEW, Rank.PREFERRED), home("Q61", NEW))

    written = only(list(plan([person(home("Q62", NEW), FIRST)], present, RULES))).statements
    assert [(each.main.value, each.rank) for each in written] == [
        (EntityRef("Q20"), Rank.PREFERRED),
        (EntityRef("Q60"), Rank.NORMAL),
        (EntityRef("Q62"), Rank.PREFERRED),
    ]
    more = said("Q21", "Q32", "Q42", NEW), said("Q22", "Q32", "Q42", NEW)
    written = only(list(plan([person(*more, home("Q62", NEW))], present, RULES))).statements
    assert written[-1] == home("Q62", NEW, Rank.PREFERRED)
    assert planned(present, home("Q61", NEW)) == {
        "Q1$1": replace(home("Q60", NEW), id="Q1$1"),
        "Q1$2": replace(home("Q61", NEW, Rank.PREFERRED), id="Q1$2"),
    }
    assert list(plan([person(home("Q61", OLD))], present, RULES)) == []

    assert ranks(home("Q60", NEW, Rank.PREFERRED), home("Q61", NEW)) == [
        Rank.PREFERRED,
        Rank.NORMAL,
    ]
    assert ranks(home("Q60", NEW), home("Q61", NEW)) == [Rank.NORMAL, Rank.PREFERRED]


def test_statements_without_a_date_by_the_rules_keep_their_rank() -> None:
    """Ranks of other properties are the business of others."""
    assert ranks(
        Statement(item("P99", "Q98"), (on(NEW),)),
        Statement(item("P99", "Q99"), (on(OLD),), rank=Rank.PREFERRED),
    ) == [Rank.NORMAL, Rank.PREFERRED]


def test_a_deprecated_statement_takes_the_lead_from_none() -> None:
    """However new it is."""
    wrong = replace(said("Q20", "Q33", "Q42", NEW), rank=Rank.DEPRECATED)
    assert ranks(FIRST, wrong) == [Rank.PREFERRED, Rank.DEPRECATED]
    assert ranks(home("Q60", OLD), home("Q61", NEW, Rank.DEPRECATED)) == [
        Rank.PREFERRED,
        Rank.DEPRECATED,
    ]


def test_ranks_of_a_property_that_is_not_answered_stay() -> None:
    """Even if they are wrong: an import repairs nothing that it has no answer about."""
    present = holding(home("Q60", NEW), said("Q21", "Q32", "Q41", OLD))

    change = only(list(plan([person(home("Q61", OLD))], present, RULES)))

    assert {statement.main.property for statement in change.statements} == {HOME}


@pytest.mark.parametrize(
    ("level", "when", "leads"),
    [("Q32", OLD, True), ("", date(2025, 2, 1), False), ("", OLD, False), ("", NEW, True)],
    ids=["level", "older interest", "interest of the same day", "newer interest"],
)
def test_what_leads_beside_a_level(level: str, when: date, leads: bool) -> None:
    """An interest does while it is newer; other qualifiers make no level of it."""
    more = Snak(SEEN, day(OLD), "time"), item(INTEREST, "Q50")
    beside = said("Q20", level, "Q42", when, *more)
    expected = [
        Rank.NORMAL if level else Rank.PREFERRED,
        Rank.PREFERRED if leads else Rank.NORMAL,
    ]

    assert ranks(FIRST, beside) == expected
    assert ranks(beside, replace(FIRST, rank=Rank.PREFERRED)) == (
        [Rank.NORMAL, Rank.PREFERRED] if level else expected[::-1]
    )


def test_of_several_interests_only_the_newest_leads() -> None:
    """With a level beside it, and without."""
    older, newer = said("Q20", "", "Q42", date(2026, 2, 1)), said("Q20", "", "Q43", NEW)
    assert ranks(newer, older) == [Rank.PREFERRED, Rank.NORMAL]
    assert ranks(newer, FIRST, older) == [Rank.PREFERRED, Rank.PREFERRED, Rank.NORMAL]


def test_an_answer_without_a_level_replaces_the_interests_beside_a_level() -> None:
    """The level and its date stay, whatever the date of the answer is."""
    present = holding(said("Q20", "Q32", "Q41", OLD, item(INTEREST, "Q50")))

    written = planned(present, said("Q20", "", "Q41", NEW, item(INTEREST, "Q51")))

    assert written["Q1$0"].qualifiers == (
        item(LEVEL, "Q32"),
        on(OLD),
        item(WAVE, "Q41"),
        item(INTEREST, "Q51"),
    )


@pytest.mark.parametrize("level", ["", "Q33"])
def test_an_answer_replaces_all_of_one_without_a_level(level: str) -> None:
    """Its date and its interests."""
    present = holding(said("Q20", "", "Q41", OLD, item(INTEREST, "Q50")))

    written = planned(present, said("Q20", level, "Q41", NEW, item(INTEREST, "Q51")))

    assert set(written["Q1$0"].qualifiers) == {
        *([item(LEVEL, level)] if level else []),
        on(NEW),
        item(WAVE, "Q41"),
        item(INTEREST, "Q51"),
    }


def test_qualifiers_of_others_stay_and_are_not_doubled() -> None:
    """Those of one property are next to each other, the wanted ones after those that were."""
    kept = Snak(EVIDENCE, Text("https://example.org/1"), "url")
    added = Snak(EVIDENCE, Text("https://example.org/2"), "url")
    present = holding(said("Q20", "Q32", "Q41", OLD, kept, item(INTEREST, "Q50")))

    written = planned(present, said("Q20", "Q32", "Q41", OLD, added, kept))

    assert written["Q1$0"].qualifiers == (
        item(LEVEL, "Q32"),
        on(OLD),
        item(WAVE, "Q41"),
        kept,
        added,
    )


def test_the_same_skill_in_another_wave_or_none_is_another_statement() -> None:
    """A key qualifier is part of what is answered; any other is not."""
    present = holding(FIRST)
    without = replace(FIRST, qualifiers=FIRST.qualifiers[:2])

    assert set(planned(present, without)) == {None}
    assert set(planned(present, said("Q20", "Q33", "Q41", NEW))) == {"Q1$0"}


def test_a_response_may_correct_its_own_date() -> None:
    """An older date from the same response replaces; from another one it does not."""
    there = replace(said("Q20", "Q32", "Q41", NEW), rank=Rank.PREFERRED)
    present = holding(there)
    corrected = said("Q20", "Q33", "Q41", OLD)
    other = replace(corrected, references=(source("Q41", "other"),))
    both = replace(corrected, references=(*FIRST.references, source("Q42", "k")))
    unsourced = replace(corrected, references=())
    theirs = Reference((Snak(EVIDENCE, Text("https://other.example/"), "url"),))

    assert planned(present, corrected) == {
        "Q1$0": replace(corrected, id="Q1$0", rank=Rank.PREFERRED)
    }
    for late in (other, both, unsourced, replace(corrected, references=(theirs,))):
        assert list(plan([person(late)], present, RULES)) == []
    present = holding(replace(there, references=(theirs, *there.references)))
    assert set(planned(present, corrected)) == {"Q1$0"}


def test_an_older_answer_changes_nothing_of_a_newer_one_that_is_deprecated() -> None:
    """Its date counts as before, only its rank does not."""
    there = replace(said("Q20", "Q33", "Q41", NEW), rank=Rank.DEPRECATED, references=())
    assert list(plan([person(FIRST)], holding(there), RULES)) == []


def test_references_of_others_stay_where_a_response_replaces_its_own() -> None:
    """A reference to the wave that names no response is no response's."""
    theirs = Reference((Snak(EVIDENCE, Text("https://other.example/"), "url"),))
    of_wave = Reference((item(SOURCE, "Q41"),))
    references = (theirs, of_wave, source("Q40", "k"), source("Q41", "k"), source("Q42", "k"))
    present = holding(replace(FIRST, references=references))

    def after_reference(wanted: Reference) -> tuple[Reference, ...]:
        return planned(present, replace(FIRST, references=(wanted,)))["Q1$0"].references

    assert after_reference(source("Q41", "other")) == (
        theirs,
        of_wave,
        source("Q40", "k"),
        source("Q41", "other"),
        source("Q42", "k"),
    )
    assert after_reference(source("Q43", "k")) == (*references, source("Q43", "k"))
    no_source = Reference((item(EVIDENCE, "Q41"),))
    assert after_reference(no_source) == (*references, no_source)
    (again,) = plan([person(replace(FIRST, references=(theirs,)))], present, RULES)
    assert isinstance(again, Change)
    assert again.statements[0].references == references


def test_without_rules_references_are_added_once() -> None:
    """Statements are then told apart by property and value alone."""
    there = Statement(item("P99", "Q99"), references=(source("Q41", "k"),))
    more = replace(there, qualifiers=(on(NEW),), references=(source("Q41", "other"),))
    present = holding(there)

    assert list(plan([person(there)], present, Rules())) == []
    change = only(list(plan([person(more)], present, Rules())))
    assert change.statements == (
        replace(more, id="Q1$0", references=(*there.references, *more.references)),
    )


def test_where_one_value_holds_a_new_one_takes_the_place_of_the_old() -> None:
    """The statement keeps its GUID and qualifiers; a value that is still wanted stays."""
    remark = Snak(EVIDENCE, Text("extended"), "string")
    first, second, third = (end(date(2026, month, 1)) for month in (1, 2, 3))
    first = replace(first, qualifiers=(remark,))

    assert planned(holding(first), second) == {
        "Q1$0": replace(second, id="Q1$0", qualifiers=(remark,))
    }
    assert planned(holding(second, first), second, third) == {
        "Q1$1": replace(third, id="Q1$1", qualifiers=(remark,))
    }
    assert planned(holding(first), second, third) == {
        "Q1$0": replace(second, id="Q1$0", qualifiers=(remark,)),
        None: third,
    }


def test_a_value_of_someone_else_is_not_replaced() -> None:
    """It has a reference, or somebody found it wrong: the new value stands beside it."""
    day_of_theirs, wanted = date(2026, 1, 1), end(date(2026, 2, 1))
    theirs = end(day_of_theirs, source("Q41", "k"))
    wrong = end(day_of_theirs, rank=Rank.DEPRECATED)
    several = Statement(item("P99", "Q99"))

    for there in (theirs, wrong, several):
        assert planned(holding(there), wanted) == {None: wanted}
    assert planned(holding(several), Statement(item("P99", "Q98"))) == {
        None: Statement(item("P99", "Q98"))
    }


def test_a_plan_goes_through_all_entities_in_their_order() -> None:
    """New ones and ones that are there already; one without a difference needs no edit."""

    def named(key: str, text: str) -> Desired:
        return Desired(key=key, entity=Entity(labels={"en": text}))

    present = {key: Stored(Entity(id=key, labels={"en": key}), 1) for key in ("Q1", "Q2", "Q3")}
    wanted = [named(key, key.lower()) for key in ("a", "Q1", "b", "Q3")]

    edits = list(plan([*wanted, named("Q2", "Q2"), named("c", "c")], present, RULES))

    assert [(type(edit), edit.key) for edit in edits] == [
        (Create, "a"),
        (Change, "Q1"),
        (Create, "b"),
        (Change, "Q3"),
        (Create, "c"),
    ]


def test_of_equal_statements_an_answer_changes_the_first() -> None:
    """A second one of the same answer is left to whoever made it."""
    present = holding(FIRST, home("Q60", None), FIRST)

    written = planned(present, said("Q20", "Q33", "Q41", OLD))

    assert item(LEVEL, "Q33") in written["Q1$0"].qualifiers
    assert "Q1$2" not in written


def test_a_reference_has_a_source_if_it_names_the_wave() -> None:
    """Only then does another day of retrieval make it no other reference."""
    first, second = (Snak(SEEN, day(each), "time") for each in (OLD, NEW))
    wave, response = item(SOURCE, "Q41"), Snak(KEY, Text("k"), "external-id")

    def kept(*snaks: Snak) -> int:
        there = replace(FIRST, rank=Rank.PREFERRED, references=(Reference((*snaks, first)),))
        again = replace(FIRST, references=(Reference((*snaks, second)),))
        edits = list(plan([person(again)], holding(there), RULES))
        return len(only(edits).statements[0].references) if edits else 1

    assert kept(wave, response) == kept(wave) == 1
    assert kept(response) == kept() == 2
