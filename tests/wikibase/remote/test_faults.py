"""Whatever goes wrong on the way: in the end all is there, once, and nothing of others is lost."""

from random import Random
from typing import Any

import pytest

from tests.wikibase.remote.disturbed import KINDS, Disturbed, Rival, disturb
from wbskills.domain import Response

EDITS = 34  # as many as the import makes


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_of_trouble_changes_nothing_in_the_end(
    kind: str, place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Five times in an import, at places that differ from kind to kind."""
    chance = Random(kind)  # noqa: S311 - no secret
    rival = Rival(place.served.store, place.ontology, chance)
    for number in chance.sample(range(2, EDITS), 5):
        place.traffic.acts[number] = disturb(place, rival, kind, chance)

    place.import_all(people)

    assert not place.traffic.acts  # all of it happened
    assert rival.lost() == []
    assert rival.without(place.state_of_things()) == rival.without(undisturbed)


@pytest.mark.parametrize("seed", range(4))
def test_many_troubles_at_once_change_nothing_in_the_end(
    seed: int, place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Each kind three times, at random places; then the same command again makes no edit."""
    chance = Random(seed)  # noqa: S311 - no secret
    rival = Rival(place.served.store, place.ontology, chance)
    for number in chance.sample(range(2, EDITS), 3 * len(KINDS)):
        place.traffic.acts[number] = disturb(place, rival, chance.choice(KINDS), chance)

    place.import_all(people)

    assert rival.lost() == []
    assert rival.without(place.state_of_things()) == rival.without(undisturbed)
    place.traffic.acts.clear()
    assert place.import_all(people, batch="b2") == 0


def test_a_lost_state_folder_doubles_nothing(
    place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Another machine, with another salt: the references change in place, nothing is added."""
    place.import_all(people)
    place.state = "another"

    place.import_all(people, batch="b2")

    assert place.state_of_things() == undisturbed
    place.traffic.reset()
    assert place.import_all(people, batch="b3") == 0
    assert not place.traffic.actions["wbeditentity"]


def test_two_machines_that_import_the_same_file_at_once_make_nothing_twice(
    place: Disturbed, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """The second begins amid the first: what the one has made, the other finds."""
    half = people[: len(people) // 2]

    def meanwhile() -> None:
        place.traffic.acts.clear()
        mine, place.state = place.state, "another"
        try:
            place.import_all(half, batch="theirs")
        finally:
            place.state = mine

    place.traffic.acts[12] = meanwhile
    place.import_all(people)

    found = place.state_of_things()
    assert not [name for name in found if name.endswith("(again)")]
    assert found == undisturbed
