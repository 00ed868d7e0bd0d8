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
    from wbskills.ontology.entries import Ontology
    from wbskills.tasks.twins import Twins
    from wbskills.wikibase.interface import OpenWikibase


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

    ontology = load_ontology(further)
    with open_store(wikibase, write=fix, on_progress=told_on_stderr) as store:
        once = _check_twins(store, ontology, fix=fix)
        ranked = _check_ranks(store, ontology, fix=fix)
    if not (once and ranked):
        raise SystemExit(1)


def _check_twins(store: "OpenWikibase", ontology: "Ontology", *, fix: bool) -> bool:
    """Tell what is there twice, and mend it; False if some of it stays."""
    from wbskills.tasks.twins import find_twins, unite_twins

    found = find_twins(store, ontology)
    for each in found:
        click.echo(harmless(str(each)))
    if found and fix:
        count, refused = unite_twins(store, ontology, found)
        for reason in refused:
            click.echo(harmless(str(reason)))
        click.echo(f"{count} of them are one with another now.")
        found = find_twins(store, ontology)
    if found:
        click.echo(f"{len(found)} things are there twice.\n  Try: {_hint(found)}")
    else:
        click.echo("Nothing is there twice.")
    return not found


def _check_ranks(store: "OpenWikibase", ontology: "Ontology", *, fix: bool) -> bool:
    """Tell which items break the rank rule, and mend them; False if some of them stay."""
    from wbskills.errors import EditConflict, EditsRefused
    from wbskills.tasks.checks import check_ranks, fix_ranks

    found = list(check_ranks(store, ontology))
    for each in found:
        click.echo(harmless(str(each)))
    if not found:
        click.echo("Every rank is as it should be.")
        return True
    if not fix:
        click.echo(f"{len(found)} items break the rank rule.\n  Try: wbskills check --fix")
        return False
    mended = 0
    try:
        for done in fix_ranks(store, iter(found)):
            mended += not done.written.overwritten
    except (EditConflict, EditsRefused) as error:
        click.echo(harmless(str(error)))
    click.echo(f"{mended} items were mended.")
    if mended < len(found):  # refused, or somebody edits them at the same time
        click.echo("  Try: the same command again")
    return mended == len(found)


def _hint(twins: "list[Twins]") -> str:
    if any(not each.why_not for each in twins):
        return "wbskills check --fix"
    return "a look at them: which one is meant has to be decided by hand"
