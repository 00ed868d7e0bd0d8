"""The embedded Wikibase answers as a real one that was recorded."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wikibase.server.replaying import (
    OPTIONS,
    Exchange,
    Replay,
    exchanges,
    out_of_scope,
    replaying,
)

SKIPPED = out_of_scope()


@pytest.fixture(scope="module")
def replay() -> Iterator[Replay]:
    """An empty server with the options of the command; exchanges come in order."""
    with replaying(*OPTIONS) as made:
        yield made


@pytest.mark.parametrize("exchange", exchanges(), ids=lambda exchange: exchange.name)
def test_it_answers_as_recorded(replay: Replay, exchange: Exchange) -> None:
    """Each answer is equal, apart from what cannot be."""
    if exchange.about == "REST":
        pytest.skip("the REST API is not offered")
    if exchange.name in SKIPPED:
        replay.skip(exchange)
        pytest.skip(SKIPPED[exchange.name])

    differences = replay.replay(exchange)

    assert not differences, "\n".join(differences)


def test_a_difference_is_found(replay: Replay) -> None:
    """A different value, a missing member and an extra one."""
    entity = {"labels": {"en": {"value": "metre"}}, "lastrevid": 17}
    recorded = {"entity": entity, "success": 1}

    other = {"entity": {"labels": {"en": {"value": "meter"}}, "lastrevid": 18}, "nochange": ""}

    with_another_revision = {**recorded, "entity": {**entity, "lastrevid": 99_999}}
    assert list(replay.compare(recorded, recorded, "")) == []
    assert list(replay.compare(recorded, with_another_revision, "")) != []
    differences = list(replay.compare(recorded, other, ""))
    assert '/entity/labels/en/value: expected "metre", got "meter"' in differences
    assert "/success: expected 1, got nothing" in differences
    assert '/nochange: expected nothing, got ""' in differences


def test_the_page_about_conformance_is_up_to_date() -> None:
    """`docs/conformance.md` states the facts."""
    script = Path(__file__).parents[3] / "scripts" / "conformance.py"

    done = subprocess.run([sys.executable, str(script), "--check"], check=False)

    assert done.returncode == 0, "run scripts/conformance.py"
