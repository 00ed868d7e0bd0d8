"""Exchanges that were not recorded but are documented, in the form of the recordings."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.wikibase.server.replaying import OPTIONS, Exchange, replaying

TOPICS: Final = sorted(Path(__file__).with_name("exchanges").glob("*.json"))


def exchanges_of(topic: Path) -> list[Exchange]:
    """Return the exchanges of a topic, in order."""
    return [
        Exchange(f"{topic.stem} {number}", each["title"], each["request"], each["response"])
        for number, each in enumerate(json.loads(topic.read_text(encoding="utf-8")), 1)
    ]


def test_there_are_exchanges_of_every_topic() -> None:
    """Without files, or with an empty one, the test below would pass."""
    assert TOPICS
    assert all(map(exchanges_of, TOPICS))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.stem)
def test_it_answers_as_documented(topic: Path) -> None:
    """Every answer of a topic is equal, apart from what cannot be."""
    with replaying(*OPTIONS, "--full-text") as replay:
        told = [
            f"{each.name}, {each.title}: {difference}"
            for each in exchanges_of(topic)
            for difference in replay.compared(each)
        ]

    assert not told, "\n".join(told)
