"""Whatever fails on the way: in the end nothing is missing or twice, and no edit is lost."""

from random import Random
from typing import Any

import pytest

from tests.wikibase.remote.disturbed_wiki import (
    DISTURBANCES,
    DisturbedWiki,
    OtherEditor,
    disturbance,
)
from wbskills.domain import Response

EDITS = 34  # as many as the import makes


@pytest.mark.parametrize("kind", DISTURBANCES)
def test_one_kind_of_failure_changes_nothing_in_the_end(
    kind: str, wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Five times in an import, at places that differ from kind to kind."""
    chance = Random(kind)  # noqa: S311 - no secret
    rival = OtherEditor(wiki.served.store, wiki.ontology, chance)
    for number in chance.sample(range(2, EDITS), 5):
        wiki.traffic.acts[number] = disturbance(wiki, rival, kind, chance)

    wiki.import_all(people)

    assert not wiki.traffic.acts  # all of it happened
    assert rival.lost() == []
    assert rival.without(wiki.snapshot()) == rival.without(undisturbed)


@pytest.mark.parametrize("seed", range(4))
def test_many_failures_at_once_change_nothing_in_the_end(
    seed: int, wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Each kind three times, at random places; then the same command again makes no edit."""
    chance = Random(seed)  # noqa: S311 - no secret
    rival = OtherEditor(wiki.served.store, wiki.ontology, chance)
    for number in chance.sample(range(2, EDITS), 3 * len(DISTURBANCES)):
        wiki.traffic.acts[number] = disturbance(wiki, rival, chance.choice(DISTURBANCES), chance)

    wiki.import_all(people)

    assert rival.lost() == []
    assert rival.without(wiki.snapshot()) == rival.without(undisturbed)
    wiki.traffic.acts.clear()
    assert wiki.import_all(people, batch="b2") == 0


def test_a_lost_state_folder_duplicates_nothing(
    wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """Another machine, with another salt: the references change in wiki, nothing is added."""
    wiki.import_all(people)
    wiki.state = "another"

    wiki.import_all(people, batch="b2")

    assert wiki.snapshot() == undisturbed
    wiki.traffic.reset()
    assert wiki.import_all(people, batch="b3") == 0
    assert not wiki.traffic.actions["wbeditentity"]


def test_two_machines_that_import_one_file_create_nothing_twice(
    wiki: DisturbedWiki, people: list[Response], undisturbed: dict[str, Any]
) -> None:
    """The second begins during the first: each finds what the other has created."""
    half = people[: len(people) // 2]

    def meanwhile() -> None:
        wiki.traffic.acts.clear()
        mine, wiki.state = wiki.state, "another"
        try:
            wiki.import_all(half, batch="theirs")
        finally:
            wiki.state = mine

    wiki.traffic.acts[12] = meanwhile
    wiki.import_all(people)

    found = wiki.snapshot()
    assert not [name for name in found if name.endswith("(again)")]
    assert found == undisturbed
