"""The capacity map: its cells, shades and order."""

from decimal import Decimal

import pytest

from tests.report.few_rows import ADA, ARWIKI, BO, CSS, DEWIKI, LUA, facts, person
from tests.report.made_up import iri
from wbskills.report.capacity_map import MEAN_BANDS, PEOPLE_BANDS, capacity_map, shade


@pytest.mark.parametrize(
    ("value", "class_"), [(0, "z"), (1, "a"), (2, "b"), (4, "c"), (9, "d"), (19, "e"), (20, "f")]
)
def test_one_person_has_a_shade_of_its_own(value: int, class_: str) -> None:
    """The shades of 0, 1 and 2 people differ."""
    assert shade(value, PEOPLE_BANDS) == class_


def test_every_mean_has_a_shade() -> None:
    """A mean of 0 is an answer and has a shade."""
    assert [shade(Decimal(n), MEAN_BANDS) for n in range(5)] == ["a", "b", "d", "f", "f"]


def test_no_answers_is_not_zero() -> None:
    """A cell without answers is None; a cell where nobody has the skill is 0."""
    made = capacity_map(
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


def test_a_group_counts_the_skills_that_someone_has() -> None:
    """One of the two skills of the group is covered."""
    made = capacity_map(
        facts(
            coverage=[(*LUA, 1, 2, 0, 1, 0, 0), (*CSS, 0, 1, 0, 0, 0, 0)],
            capacity_map=[(*DEWIKI, *LUA, 2, 1, None), (*DEWIKI, *CSS, 1, 0, None)],
        )
    )
    group = made.rows[0].groups[0]
    assert group is not None
    assert (group.covered, group.skills, group.shade) == (1, 2, "c")


def test_communities_come_with_most_people_first() -> None:
    """Rows of the map are sorted by the number of people."""
    made = capacity_map(facts(people=[person(ADA, ARWIKI), person(BO), person((iri(5002), "Cy"))]))
    assert [(row.community.label, row.people) for row in made.rows] == [
        ("dewiki", 2),
        ("arwiki", 1),
    ]
