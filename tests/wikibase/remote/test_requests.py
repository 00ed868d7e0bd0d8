"""How many requests an import takes, counted at the server."""

from random import Random

from tests.wikibase.remote.disturbed import FIRST, Disturbed, crowd

PEOPLE = 200


def test_an_import_takes_hardly_more_requests_than_there_are_people(place: Disturbed) -> None:
    """First at most 1.05 for each person, again at most 0.05 and no edit."""
    everybody = crowd(PEOPLE, Random(1))  # noqa: S311 - no secret
    people = [each for each in everybody if each.wave == FIRST.key]
    place.import_all([])  # the waves
    place.traffic.reset()
    place.import_all([], batch="b2")
    start_up = place.traffic.requests

    place.traffic.reset()
    assert place.import_all(people, batch="b3") == PEOPLE
    first = place.traffic.requests - start_up
    assert place.traffic.actions["wbeditentity"] == PEOPLE
    assert first <= 1.05 * PEOPLE, place.traffic.actions

    place.traffic.reset()
    assert place.import_all(people, batch="b4") == 0
    second = place.traffic.requests - start_up
    assert second <= 0.05 * PEOPLE, place.traffic.actions
    assert place.traffic.actions["wbeditentity"] == 0


def test_a_second_wave_takes_hardly_more(place: Disturbed) -> None:
    """Reading each item before and after its change costs a fiftieth of a request each."""
    people = crowd(120, Random(1))  # noqa: S311 - no secret
    first = [each for each in people if each.wave == FIRST.key]
    second = [each for each in people if each.wave != FIRST.key]
    place.import_all(first)
    place.traffic.reset()

    place.import_all(second, batch="b2")

    assert place.traffic.actions["wbeditentity"] == len(second)
    assert place.traffic.requests <= 1.1 * len(second) + 25, place.traffic.actions
