"""`wbskills check`: what breaks the rules on a Wikibase."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import (
    harmless,
    load_ontology,
    on_wikibase,
    told_on_stderr,
    with_ontology,
)

if TYPE_CHECKING:
    from wbskills.tasks.twins import Twins


@click.command()
@on_wikibase
@with_ontology
@click.option("--fix", is_flag=True, help="Mend what is found.")
def check(wikibase: str, further: tuple[Path, ...], *, fix: bool) -> None:
    """Find what is there twice, and items that break the rank rule.

    Of two items of one key or name, --fix puts everything into the older one and makes the other
    a redirect. The rank rule: of each skill, the newest assessment leads. Ends with exit code 1 if
    anything is found that was not mended.
    """
    from wbskills.stores import open_store
    from wbskills.tasks.checks import check_ranks, fix_ranks
    from wbskills.tasks.twins import find_twins, unite_twins

    ontology = load_ontology(further)
    with open_store(wikibase, write=fix, tell=told_on_stderr) as store:
        twins = find_twins(store, ontology)
        for each in twins:
            click.echo(harmless(str(each)))
        if fix and twins:
            click.echo(f"{unite_twins(store, ontology, twins)} of them are one with another now.")
            twins = find_twins(store, ontology)
        if twins:
            click.echo(f"{len(twins)} things are there twice.\n  Try: {_hint(twins)}")
            raise SystemExit(1)
        found = list(check_ranks(store, ontology))
        for wrong in found:
            click.echo(harmless(str(wrong)))
        if found and fix:
            mended = sum(not each.written.overwritten for each in fix_ranks(store, iter(found)))
            click.echo(f"{mended} items were mended.")
            if mended < len(found):  # somebody edits them at the same time
                click.echo("  Try: the same command again")
                raise SystemExit(1)
    if not found:
        click.echo("Nothing is there twice, and every rank is as it should be.")
    elif not fix:
        click.echo(f"{len(found)} items break the rank rule.\n  Try: wbskills check --fix")
        raise SystemExit(1)


def _hint(twins: "list[Twins]") -> str:
    if any(not each.why_not for each in twins):
        return "wbskills check --fix"
    return "a look at them: which one is meant has to be decided by hand"
