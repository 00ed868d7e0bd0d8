"""Imports one file twice at the same moment, from two machines, again and again.

    scripts/import_at_once.py --times 50

The Wikibase notices only some time after an item was made that another one has its label and
description, as real ones do under load. At the end nothing may be there twice, and all of it has
to be what a single import leaves.
"""

import logging
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import click
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.wikibase.remote.disturbed_wiki import make_responses, prepare_store, serve_disturbed  # noqa: E402 - its place
from tests.wikibase.remote.parallel_imports import import_at_once, without_duplicate_references  # noqa: E402 - its place
from wbskills.data import ontology_folder  # noqa: E402 - its place
from wbskills.ontology.load import load  # noqa: E402 - its place


@click.command()
@click.option("--times", default=50, show_default=True)
@click.option("--people", default=16, show_default=True)
@click.option("--seed", default=2026, show_default=True)
def main(times: int, people: int, seed: int) -> None:
    """Import at once, and look for twins."""
    logging.getLogger("waitress").setLevel(logging.CRITICAL)
    chance = Random(seed)  # noqa: S311 - no secret
    ontology = load(ontology_folder())
    responses = make_responses(people, chance)
    united = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wbskills-at-once-") as name:
        prepared = Path(name) / "prepared"
        prepare_store(prepared, ontology)
        with serve_disturbed(prepared, ontology) as wiki:
            wiki.import_all(responses)
            expected = without_duplicate_references(wiki.snapshot())
        for number in tqdm(range(1, times + 1), unit=" times", disable=None):
            late = chance.uniform(0.05, 2)
            with serve_disturbed(prepared, ontology) as wiki:
                wrong = import_at_once(wiki, responses, late)
                united += sum(each.ours for each in wiki.united)
                found = without_duplicate_references(wiki.snapshot())
            if not wrong and found != expected:
                wrong = str([key for key in found if found[key] != expected.get(key)][:5])
            if wrong:
                click.echo(f"{number}, with locks {late:.2f} s late: {wrong}")
                raise SystemExit(1)
    took = time.monotonic() - started
    click.echo(f"{times} times two imports at once, in {took:.0f} s: {united} entities were")
    click.echo("made twice and are one now; none is there twice, and all is as it should be.")


if __name__ == "__main__":
    main()
