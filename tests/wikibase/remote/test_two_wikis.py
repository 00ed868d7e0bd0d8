"""Two Wikibases in one process: nothing crosses, whatever the library's global settings say."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from random import Random

from wikibaseintegrator.wbi_config import config

from tests.wikibase.remote.disturbed import Disturbed, crowd, disturbed
from wbskills.ontology.entries import Ontology


def test_two_wikis_at_once(place: Disturbed, prepared: Path, ontology: Ontology) -> None:
    """Each gets its own people, user and state; the library's settings are as they were."""
    settings = deepcopy(config)
    everybody = crowd(16, Random(3))  # noqa: S311 - no secret
    mine = [each for each in everybody if each.row % 2]
    theirs = [each for each in everybody if not each.row % 2]
    with disturbed(prepared, ontology) as other, ThreadPoolExecutor(2) as pool:
        # A store of its own has its own addresses.
        imports = [pool.submit(place.import_all, mine), pool.submit(other.import_all, theirs)]
        for each in imports:
            each.result()

        names = {response.identity.name for response in everybody}
        for one, people in ((place, mine), (other, theirs)):
            wanted = {response.identity.name for response in people}
            found = {str(thing["labels"].get("en")) for thing in one.state_of_things().values()}
            assert found & names == wanted
        assert place.served.api != other.served.api
        with place.remote() as first, other.remote() as second:
            assert first.salt() != second.salt()
    assert config == settings
