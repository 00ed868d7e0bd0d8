"""A Wikibase for each client, and the sample item that all of them write."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.facts import sample
from tests.clients.plain import entity_json
from tests.clients.wiki import Wiki, logged_in, wiki_with_properties

pytest.register_assert_rewrite("tests.clients.contract")
collect_ignore = ["pywikibot_driver.py"]  # it needs settings, and logs in


@pytest.fixture(scope="module")
def wiki() -> Iterator[Wiki]:
    """A Wikibase with a property of each datatype, for one client."""
    with wiki_with_properties() as made:
        yield made


@pytest.fixture(scope="session")
def same_item() -> tuple[dict[str, Any], list[str]]:
    """The sample as stored from plain JSON, without a client: JSON and triples."""
    with wiki_with_properties() as wiki, logged_in(wiki.served) as make:
        item_id = make("item", **entity_json(sample(*wiki.items), wiki))
        return wiki.bare(item_id), wiki.bare_triples(item_id)
