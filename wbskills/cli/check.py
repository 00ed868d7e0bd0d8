"""`wbskills check`: what breaks the rules on a Wikibase."""

from pathlib import Path

import click

from wbskills.cli.options import load_ontology, on_wikibase, with_ontology


@click.command()
@on_wikibase
@with_ontology
@click.option("--fix", is_flag=True, help="Mend what is found.")
def check(wikibase: str, further: tuple[Path, ...], *, fix: bool) -> None:
    """Find items that break the rank rule: of each skill, the newest assessment leads.

    Ends with exit code 1 if there are any that were not mended.
    """
    from wbskills.store import open_store
    from wbskills.tasks.checks import check_ranks, fix_ranks

    with open_store(wikibase, write=False) as store:
        found = list(check_ranks(store, load_ontology(further)))
    for each in found:
        click.echo(str(each))
    if not found:
        click.echo("Every rank is as it should be.")
    elif fix:
        with open_store(wikibase) as store:
            mended = sum(1 for _ in fix_ranks(store, iter(found)))
        click.echo(f"{mended} items were mended.")
    else:
        click.echo(f"{len(found)} items break the rank rule.\n  Try: wbskills check --fix")
        raise SystemExit(1)
