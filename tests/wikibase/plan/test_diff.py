"""How wanted and present states of an entity are compared, and what is kept."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from wbskills.wikibase.model.edits import Change, Create, Desired, Edit, apply_change
from wbskills.wikibase.model.entities import Entity, Rank, Reference, Snak, Statement, Stored
from wbskills.wikibase.model.values import EntityRef, Text, day
from wbskills.wikibase.plan.diff import Rules, misranked, plan

SKILL, LEVEL, DATE, WAVE, INTEREST, HOME, EVIDENCE, SOURCE, KEY, SEEN = (
    f"P{number}" for number in range(1, 11)
)
RULES = Rules(
    key_qualifiers={SKILL: (WAVE,)},
    own_qualifiers={SKILL: frozenset({LEVEL, DATE, INTEREST}), HOME: frozenset({DATE})},
    dated_by={SKILL: DATE, HOME: DATE},
    complete_with={SKILL: LEVEL},
    one_at_a_time=frozenset({HOME}),
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
    """Put an entity where `plan` looks for it, with GUIDs."""
    numbered = tuple(
        replace(each, id=each.id or f"Q1${index}") for index, each in enumerate(entity.statements)
    )
    return {"Ada": Stored(replace(entity, id="Q1", statements=numbered), 1)}


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

    ranks = {each.id: each.rank for each in change.statements}
    assert ranks == {"Q1$0": Rank.NORMAL, None: Rank.PREFERRED}


def test_an_older_wave_that_comes_late_does_not_lead() -> None:
    """Files may be imported in any order."""
    there = replace(said("Q20", "Q33", "Q42", NEW), id="Q1$0", rank=Rank.PREFERRED)
    present = stored(Entity(labels={"en": "Ada"}, statements=(there,)))

    change = only(list(plan([person(FIRST)], present, RULES)))

    assert [(each.id, each.rank) for each in change.statements] == [(None, Rank.NORMAL)]


def test_skills_that_are_not_answered_again_keep_their_rank() -> None:
    """The rule goes skill by skill; best rank alone would hide them."""
    there = (
        replace(FIRST, id="Q1$0", rank=Rank.PREFERRED),
        replace(said("Q21", "Q32", "Q41", OLD), id="Q1$1", rank=Rank.PREFERRED),
    )
    present = stored(Entity(labels={"en": "Ada"}, statements=there))

    change = only(list(plan([person(said("Q20", "Q33", "Q42", NEW))], present, RULES)))

    assert {each.id for each in change.statements} == {"Q1$0", None}


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

    ranks = {each.id: each.rank for each in change.statements}
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

    assert [each.main.property for each in change.statements] == [SKILL]
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
