"""Imports people into a served Wikibase while everything goes wrong, again and again.

    scripts/fault_import.py --times 200 --seed 2026

Each time a Wikibase that has the ontology is served, and 200 people are imported through its
Action API. At random places requests are dropped before or after they are carried out, answered
with HTTP 503, refused for lag, for their rate or because the wiki is read-only, find their session
or their token gone, or somebody else edits the same items. Then everything that is there is
compared with what an undisturbed import leaves: nothing may be missing, nothing twice, and nothing
of the other editor lost. The same import again must make no edit.
"""

import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import click
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.wikibase.remote.disturbed_wiki import (  # noqa: E402 - its place
    DISTURBANCES,
    OtherEditor,
    disturbance,
    make_responses,
    prepare_store,
    serve_disturbed,
)
from wbskills.data import ontology_folder  # noqa: E402 - its place
from wbskills.domain import Response  # noqa: E402 - its place
from wbskills.ontology.entries import Ontology  # noqa: E402 - its place
from wbskills.ontology.load import load  # noqa: E402 - its place


@click.command()
@click.option("--times", default=200, show_default=True, help="How many schedules are run.")
@click.option("--people", default=200, show_default=True, help="Imported in each of them.")
@click.option("--troubles", default=27, show_default=True, help="Made in each of them.")
@click.option("--seed", default=2026, show_default=True)
def main(times: int, people: int, troubles: int, seed: int) -> None:
    """Disturb imports and compare what they come to."""
    logging.getLogger("waitress").setLevel(logging.CRITICAL)  # drops are on purpose
    chance = Random(seed)  # noqa: S311 - no secret
    ontology = load(ontology_folder())
    responses = make_responses(people, chance)
    with tempfile.TemporaryDirectory(prefix="wbskills-faults-") as name:
        prepared = Path(name) / "prepared"
        prepare_store(prepared, ontology)
        with serve_disturbed(prepared, ontology) as wiki:
            edits = wiki.import_all(responses)
            expected = wiki.snapshot()
        made: Counter[str] = Counter()
        started = time.monotonic()
        for number in tqdm(range(1, times + 1), unit=" schedules", disable=None):
            own = chance.randrange(2**32)
            schedule = Schedule(edits, troubles, own)
            wrong = schedule.run(prepared, ontology, responses, expected)
            if wrong:
                click.echo(f"schedule {number} (its seed: {own}): {wrong}")
                raise SystemExit(1)
            made += schedule.made
    took = time.monotonic() - started
    click.echo(f"{times} schedules of {troubles} troubles in imports of {people} people, {edits}")
    click.echo(f"edits each, in {took:.0f} s: always the same in the end, nothing twice,")
    click.echo("nothing of others lost, and no edit when imported again.")
    click.echo(", ".join(f"{count} × {kind}" for kind, count in sorted(made.items())))


class Schedule:
    """When what goes wrong in one import."""

    def __init__(self, edits: int, troubles: int, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311 - no secret
        moments = self._chance.sample(range(1, edits + 1), min(troubles, edits))
        self.kinds = {moment: self._chance.choice(DISTURBANCES) for moment in moments}
        self.made: Counter[str] = Counter(self.kinds.values())

    def run(
        self,
        prepared: Path,
        ontology: Ontology,
        responses: list[Response],
        expected: dict[str, Any],
    ) -> str:
        """Import amid all this; tells what is wrong at the end, nothing if all is well."""
        with serve_disturbed(prepared, ontology) as wiki:
            rival = OtherEditor(wiki.served.store, ontology, self._chance)
            for moment, kind in self.kinds.items():
                wiki.traffic.acts[moment] = disturbance(wiki, rival, kind, self._chance)
            wiki.import_all(responses)
            for late in wiki.traffic.acts:
                self.made[self.kinds[late]] -= 1
            wiki.traffic.acts.clear()
            lost = rival.lost()
            if lost:
                return f"of somebody else’s edits these were lost: {lost}"
            found = rival.without(wiki.snapshot())
            if found != rival.without(expected):
                wanted = rival.without(expected)
                wrong = [
                    name for name in {**found, **wanted} if found.get(name) != wanted.get(name)
                ]
                return f"{len(found)} entities instead of {len(wanted)}, differing: {wrong[:5]}"
            again = wiki.import_all(responses, batch="b2")
            return f"{again} edits when imported again" if again else ""


if __name__ == "__main__":
    main()
