"""A Wikibase that answers on this machine."""

from collections.abc import Iterator

import pytest

from wbskills.testing import ServedWikibase, serving


@pytest.fixture(scope="module")
def served() -> Iterator[ServedWikibase]:
    """An empty one."""
    with serving() as found:
        yield found
