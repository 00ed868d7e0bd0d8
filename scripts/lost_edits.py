"""Imports into a served Wikibase beside an editor of the same statements, again and again.

    scripts/lost_edits.py --times 200 --seed 2026

The Wikibase lets the last of two edits of one statement win, as the real one does. Each time a
second survey wave is imported (every fourth time: taken back) while somebody else changes the same
and other statements between reading and writing: qualifiers, references, ranks, labels, removals.
At the end each edit of theirs has to be there, or has to be listed as lost.
"""

import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import click
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.wikibase.remote.conflicting_editor import run_schedule  # noqa: E402 - its place
from tests.wikibase.remote.disturbed_wiki import make_responses, prepare_store, serve_disturbed  # noqa: E402 - its place
from wbskills.data import ontology_folder  # noqa: E402 - its place
from wbskills.ontology.load import load  # noqa: E402 - its place


@click.command()
@click.option("--times", default=200, show_default=True, help="How many schedules are run.")
@click.option("--people", default=16, show_default=True, help="In each of them.")
@click.option("--seed", default=2026, show_default=True)
def main(times: int, people: int, seed: int) -> None:
    """Edit beside imports, and look for what was lost."""
    logging.getLogger("waitress").setLevel(logging.CRITICAL)
    chance = Random(seed)  # noqa: S311 - no secret
    ontology = load(ontology_folder())
    responses = make_responses(people, chance)
    counted: Counter[str] = Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wbskills-lost-") as name:
        prepared = Path(name) / "prepared"
        prepare_store(prepared, ontology)
        for number in tqdm(range(1, times + 1), unit=" schedules", disable=None):
            own = chance.randrange(2**32)
            with serve_disturbed(prepared, ontology) as wiki:
                outcome = run_schedule(wiki, responses, own, undone=number % 4 == 0)
            if outcome.wrong:
                click.echo(f"schedule {number} (its seed: {own}): {outcome.wrong}")
                raise SystemExit(1)
            counted += Counter(
                edits=outcome.edits, put_back=outcome.put_back, listed=outcome.listed
            )
    took = time.monotonic() - started
    click.echo(f"{times} schedules in {took:.0f} s: {counted['edits']} edits of somebody else,")
    click.echo(f"{counted['put_back']} of them overwritten for a moment and put back,")
    click.echo(f"{counted['listed']} listed as overwritten, none lost without a word.")


if __name__ == "__main__":
    main()
