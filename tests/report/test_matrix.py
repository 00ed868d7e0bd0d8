"""Tables as their views lay them out."""

from decimal import Decimal

import pytest

from wbskills.report.formats import WIDEST, as_matrix
from wbskills.table import Column, Iri, Table

VIEW = {"kind": "matrix", "row": "home", "column": "skill", "value": "mean", "size": "people"}


def iri(number: int) -> Iri:
    """The address of an item."""
    return Iri(f"https://w.example/entity/Q{number}")


def table(skills: int) -> Table:
    """Two homes and some skills; nobody answered in the second home about the first skill."""
    names = ("home", "homeLabel", "skill", "skillLabel", "mean", "people")
    rows = [
        (iri(home), f"home {home}", iri(10 + skill), f"skill {skill}", Decimal(skill) / 8, home)
        for home in (1, 2)
        for skill in range(skills)
        if (home, skill) != (2, 0)
    ]
    return Table(tuple(Column(name, name.capitalize()) for name in names), tuple(rows))


def test_a_matrix_has_a_column_for_each_item() -> None:
    """Each cell with the number of people behind it, and nothing where nobody answered."""
    found = as_matrix(table(3), VIEW)

    assert [column.heading for column in found.columns] == [
        "Home", "Homelabel", "skill 0", "skill 1", "skill 2",
    ]  # fmt: skip
    assert found.rows == (
        (iri(1), "home 1", "0.00 (1)", "0.13 (1)", "0.25 (1)"),
        (iri(2), "home 2", None, "0.13 (2)", "0.25 (2)"),
    )


def test_names_and_sizes_may_be_missing() -> None:
    """As in a query of somebody's own."""
    short = Table(
        (Column("home", "Home"), Column("skill", "Skill"), Column("n", "N")),
        ((iri(1), iri(11), 3), (iri(1), None, 4)),
    )
    found = as_matrix(short, {"kind": "matrix", "row": "home", "column": "skill", "value": "n"})

    assert [column.heading for column in found.columns] == ["Home", "Q11", "–"]
    assert found.rows == ((iri(1), "3", "4"),)


@pytest.mark.parametrize(
    ("skills", "view"), [(3, {"kind": "table"}), (WIDEST + 1, VIEW), (0, VIEW)]
)
def test_else_a_table_is_left_as_it_is(skills: int, view: dict[str, str]) -> None:
    """One that is too wide, too."""
    assert as_matrix(table(skills), view) == table(skills)
