"""An empty embedded Wikibase, with a clock that does not run."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wbskills.wikibase.embedded.store import Embedded

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "folder"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Embedded]:
    """An empty embedded Wikibase, in memory and in a folder."""
    place = ":memory:" if request.param == "memory" else str(tmp_path / "store")
    with Embedded(place, clock=lambda: NOON) as store:
        yield store
