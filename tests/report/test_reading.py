"""Tables are read into typed rows once, in any order of their rows."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.report.few_rows import ADA, LUA, answer, facts, person
from tests.report.made_up import iri, site_of, table
from wbskills.errors import InvalidValue
from wbskills.report.content import Content
from wbskills.report.facts import CONTRACT, NO_ITEM, Facts
from wbskills.report.reading import read_facts
from wbskills.table import Cell, Iri, Table


def of(name: str, rows: Iterable[Iterable[Cell]]) -> Facts:
    """The facts of one table; all others are empty."""
    return read_facts({each: table(each, rows if each == name else ()) for each in CONTRACT})


def said(person: int, skill: int, level: int) -> tuple[Cell, ...]:
    """A row of the table `person_profile`."""
    return (
        *(iri(person), f"Person {person}", iri(skill), f"Skill {skill}", iri(9), "Group"),
        *(iri(level), f"Level {level}", level, "can help", None, iri(8), "Wave", 1),
    )


def test_the_answers_of_one_person_are_together() -> None:
    """Duplicate rows are read once."""
    rows = [said(1, 5, 3), said(2, 5, 3), said(1, 6, 2), said(2, 5, 3), said(1, 5, 3)]
    found = of("person_profile", rows).answers
    assert [(one.person.id, one.skill.id) for one in found] == [
        ("Q1", "Q5"), ("Q1", "Q6"), ("Q2", "Q5"),
    ]  # fmt: skip


def test_rows_in_another_order_make_the_same_site(small: Content) -> None:
    """Query engines may order rows differently."""
    profile = small.tables["person_profile"]
    turned = Table(profile.columns, profile.rows[::2] + profile.rows[1::2])
    files = site_of(small)
    again = site_of(replace(small, tables={**small.tables, "person_profile": turned}))
    paths = [path for path in files if path.startswith("people/")]
    assert paths
    assert {path: again[path] for path in paths} == {path: files[path] for path in paths}


def test_numbers_are_kept_once() -> None:
    """Equal numbers are one object, since there are few levels."""
    found = of("person_profile", [said(1, 5, 3), said(2, 6, 3)]).answers
    assert found[0].number == Decimal(3)
    assert found[0].number is found[1].number


def test_helpers_of_one_need_are_put_together() -> None:
    """In the order of the query; a need without helpers has none."""
    need = (iri(1), "Home", iri(5), "Skill", iri(3), "alone", 3, 2, 0, 4)
    other = (iri(1), "Home", iri(6), "Other", iri(3), "alone", 3, None, 1, 0)
    found = of(
        "needs",
        [
            (*need, iri(22), "Zoe", "Deutsch"),
            (*other, None, None, None),
            (*need, iri(21), "Ada", None),
        ],
    ).needs
    assert [(one.skill.id, one.wanted, one.able, one.willing) for one in found] == [
        ("Q5", 2, 0, 4),
        ("Q6", None, 1, 0),
    ]
    assert [(who.id, spoken) for who, spoken in found[0].helpers] == [
        ("Q22", "Deutsch"),
        ("Q21", ""),
    ]
    assert found[1].helpers == ()


@pytest.mark.parametrize("cell", [None, "Q5", Iri("https://example.org/entity/P5")])
def test_people_must_be_items(cell: Cell) -> None:
    """Their id is the name of a file."""
    with pytest.raises(InvalidValue, match="is not the address of an item"):
        of("endorsements", [(cell, "Ada", iri(5), "Skill", None, None, None)])


def test_other_items_may_be_missing() -> None:
    """For example a community."""
    row = (iri(5), "Skill", 1, iri(1), "Ada", iri(3), "alone", None, None)
    (holder,) = of("rare_skills", [row]).holders
    assert holder.community is NO_ITEM


def test_cells_of_another_type_are_unknown() -> None:
    """A number in a column of dates raises no error."""
    row = list(person(ADA))
    row[-1] = 5
    answers = facts(people=[tuple(row)], person_profile=[answer(ADA, LUA, None)])
    assert answers.people[0].latest is None
    assert answers.answers[0].number is None
