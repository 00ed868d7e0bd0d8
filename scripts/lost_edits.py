"""Imports into a served Wikibase while someone edits the same statements, again and again.

    scripts/lost_edits.py --times 200 --seed 2026

The Wikibase lets the last of two edits of one statement win, as a real one does. Each time a
second survey wave is imported (every fourth time: undone) while someone else changes the same
and other statements between reading and writing: qualifiers, references, ranks, labels, removals.
At the end each of their edits must still be there, or be reported as lost.
"""

import sys
import time
from collections import Counter
from pathlib import Path

import click
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.wikibase.remote.conflicting_editor import run_schedule  # noqa: E402 - after the path
from tests.wikibase.remote.disturbed_wiki import scenario  # noqa: E402 - after the path


@click.command()
@click.option("--times", default=200, show_default=True, help="How many schedules are run.")
@click.option("--people", default=16, show_default=True, help="In each of them.")
@click.option("--seed", default=2026, show_default=True)
def main(times: int, people: int, seed: int) -> None:
    """Import while someone edits, and look for lost edits."""
    counted: Counter[str] = Counter()
    started = time.monotonic()
    with scenario(people, seed) as begin:
        for number in tqdm(range(1, times + 1), unit=" schedules", disable=None):
            own = begin.chance.randrange(2**32)
            with begin.serve() as wiki:
                result = run_schedule(wiki, begin.responses, own, undone=number % 4 == 0)
            if result.wrong:
                click.echo(f"schedule {number} (its seed: {own}): {result.wrong}")
                raise SystemExit(1)
            counted += Counter(
                edits=result.edits, put_back=result.put_back, reported=result.reported
            )
    took = time.monotonic() - started
    click.echo(f"{times} schedules in {took:.0f} s: {counted['edits']} edits by someone else,")
    click.echo(f"{counted['put_back']} of them overwritten for a moment and restored,")
    click.echo(f"{counted['reported']} reported as overwritten, none lost unreported.")


if __name__ == "__main__":
    main()
