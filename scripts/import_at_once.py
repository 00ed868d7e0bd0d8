"""Imports one file twice at the same time, from two machines, again and again.

    scripts/import_at_once.py --times 50

The Wikibase notices only some time after an item was created that another one has its label and
description, as real ones do under load. At the end there may be no duplicates, and everything
must be as a single import leaves it.
"""

import sys
import time
from pathlib import Path

import click
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.wikibase.remote.disturbed_wiki import difference, scenario  # noqa: E402 - after the path
from tests.wikibase.remote.parallel_imports import (  # noqa: E402 - after the path
    import_twice,
    without_duplicate_references,
)


@click.command()
@click.option("--times", default=50, show_default=True)
@click.option("--people", default=16, show_default=True)
@click.option("--seed", default=2026, show_default=True)
def main(times: int, people: int, seed: int) -> None:
    """Import at the same time, and look for duplicates."""
    merged = 0
    started = time.monotonic()
    with scenario(people, seed) as begin:
        with begin.serve() as wiki:
            wiki.import_all(begin.responses)
            expected = without_duplicate_references(wiki.snapshot())
        for number in tqdm(range(1, times + 1), unit=" times", disable=None):
            late = begin.chance.uniform(0.05, 2)
            with begin.serve() as wiki:
                wrong = import_twice(wiki, begin.responses, late)
                merged += sum(each.ours for each in wiki.merged)
                found = without_duplicate_references(wiki.snapshot())
            wrong = wrong or difference(found, expected)
            if wrong:
                click.echo(f"{number}, with locks {late:.2f} s late: {wrong}")
                raise SystemExit(1)
    took = time.monotonic() - started
    click.echo(
        f"{times} times two imports at the same time, in {took:.0f} s: {merged} entities were"
    )
    click.echo("created twice and are merged now; no duplicate is left, and nothing is missing.")


if __name__ == "__main__":
    main()
