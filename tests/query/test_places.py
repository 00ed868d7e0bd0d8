"""Communities and endorsements: what the report needs beside the answers."""

from collections import Counter

from tests.query.conftest import Ask
from tests.query.made import BASE, World
from wbskills.table import Iri


def test_communities_count_who_is_at_home(ask: Ask, world: World) -> None:
    """Counted from the made people, not by SPARQL."""
    homes = Counter(person.community for person in world.people if person.community)
    found = {row["community"]: row["people"] for row in ask("communities")}
    assert found == {Iri(BASE + home): people for home, people in homes.items()}


def test_endorsements_name_who_vouched_for_whom(ask: Ask, world: World) -> None:
    """One row for each, with its day; another person's word and never one's own."""
    wanted = {
        (Iri(BASE + person.id), Iri(BASE + skill), Iri(BASE + friend.id), day)
        for person, skill, friend, day in world.vouched()
    }
    rows = list(ask("endorsements"))
    assert {(row["person"], row["skill"], row["by"], row["date"]) for row in rows} == wanted
    assert len(rows) == len(wanted) > 3


def test_endorsements_of_one_person(ask: Ask, world: World) -> None:
    """Found by user name."""
    person = world.vouched()[1][0]
    assert {row["person"] for row in ask("endorsements", person=person.name)} == {
        Iri(BASE + person.id)
    }
