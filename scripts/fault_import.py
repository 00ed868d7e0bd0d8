"""Imports people into a served Wikibase while everything goes wrong, again and again.

    scripts/fault_import.py --times 200 --seed 2026

Each time a Wikibase that has the ontology is served, and 200 people are imported through its
Action API. At random places requests are dropped before or after they are carried out, answered
with HTTP 503, refused for lag, for their rate or because the wiki is read-only, find their session
or their token gone, or someone else edits the same items. Then all entities are compared with
those of an undisturbed import: nothing may be missing, nothing twice, and no edit of the other
editor lost. The same import again must make no edit.
"""

import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import click
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.wikibase.remote.disturbed_wiki import (  # noqa: E402 - after the path
    DISTURBANCES,
    OtherEditor,
    Scenario,
    difference,
    disturbance,
    scenario,
)


@click.command()
@click.option("--times", default=200, show_default=True, help="How many schedules are run.")
@click.option("--people", default=200, show_default=True, help="Imported in each of them.")
@click.option("--troubles", default=27, show_default=True, help="Disturbances in each of them.")
@click.option("--seed", default=2026, show_default=True)
def main(times: int, people: int, troubles: int, seed: int) -> None:
    """Disturb imports and compare the results."""
    with scenario(people, seed) as begin:
        with begin.serve() as wiki:
            edits = wiki.import_all(begin.responses)
            expected = wiki.snapshot()
        made: Counter[str] = Counter()
        started = time.monotonic()
        for number in tqdm(range(1, times + 1), unit=" schedules", disable=None):
            own = begin.chance.randrange(2**32)
            schedule = Schedule(edits, troubles, own)
            wrong = schedule.run(begin, expected)
            if wrong:
                click.echo(f"schedule {number} (its seed: {own}): {wrong}")
                raise SystemExit(1)
            made += schedule.made
    took = time.monotonic() - started
    click.echo(
        f"{times} schedules of {troubles} disturbances in imports of {people} people, {edits}"
    )
    click.echo(f"edits each, in {took:.0f} s: always the same in the end, nothing twice,")
    click.echo("no edit by others lost, and no edit when imported again.")
    click.echo(", ".join(f"{count} × {kind}" for kind, count in sorted(made.items())))


class Schedule:
    """What goes wrong in one import, by the number of the edit."""

    def __init__(self, edits: int, troubles: int, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311 - no secret
        numbers = self._chance.sample(range(1, edits + 1), min(troubles, edits))
        self.kinds = {number: self._chance.choice(DISTURBANCES) for number in numbers}
        self.made: Counter[str] = Counter(self.kinds.values())

    def run(self, begin: Scenario, expected: dict[str, Any]) -> str:
        """Import with all this; returns what is wrong at the end, empty if nothing."""
        with begin.serve() as wiki:
            editor = OtherEditor(wiki.served.store, begin.ontology, self._chance)
            for number, kind in self.kinds.items():
                wiki.traffic.acts[number] = disturbance(wiki, editor, kind, self._chance)
            wiki.import_all(begin.responses)
            for unused in wiki.traffic.acts:
                self.made[self.kinds[unused]] -= 1
            wiki.traffic.acts.clear()
            if lost := editor.lost():
                return f"edits by others that were lost: {lost}"
            wrong = difference(editor.without(wiki.snapshot()), editor.without(expected))
            if wrong:
                return wrong
            again = wiki.import_all(begin.responses, batch="b2")
            return f"{again} edits when imported again" if again else ""


if __name__ == "__main__":
    main()
