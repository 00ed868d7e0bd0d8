"""`wbskills check` and `wbskills doctor`: problems in the data, and with the Wikibase itself."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import echo, on_wikibase, open_capacity, print_waiting, with_ontology

if TYPE_CHECKING:
    from wbskills.api import Capacity


@click.command()
@on_wikibase
@with_ontology
@click.option("--fix", is_flag=True, help="Fix the problems found.")
def check(wikibase: str, ontology_files: tuple[Path, ...], *, fix: bool) -> None:
    """Find duplicate items, and items that break the rank rule.

    The rank rule: the latest answer about each skill has preferred rank. Of two items with one
    key or name, --fix merges the newer one into the older one and makes it a redirect. The exit
    code is 1 if any problem remains.
    """
    with open_capacity(wikibase, ontology_files, write=fix) as capacity:
        no_duplicates = _check_duplicates(capacity, fix=fix)
        ranks_correct = _check_ranks(capacity, fix=fix)
    if not (no_duplicates and ranks_correct):
        raise SystemExit(1)


def _check_duplicates(capacity: "Capacity", *, fix: bool) -> bool:
    """List duplicates, and merge them; return whether none are left."""
    from wbskills.tasks.checks import find_duplicates, merge_duplicates

    store, ontology = capacity.wikibase, capacity.ontology
    found = find_duplicates(store, ontology)
    echo(*found)
    if found and fix:
        count, refused = merge_duplicates(store, ontology, found)
        echo(*refused)
        click.echo(f"Duplicates merged: {count}.")
        found = find_duplicates(store, ontology)
    if not found:
        click.echo("There are no duplicates.")
        return True
    by_hand = all(each.why_not for each in found)
    hint = (
        "decide which one is meant, and merge them by hand" if by_hand else "wbskills check --fix"
    )
    click.echo(f"Keys or names with duplicates: {len(found)}.\n  Try: {hint}")
    return False


def _check_ranks(capacity: "Capacity", *, fix: bool) -> bool:
    """List items that break the rank rule, and fix them; return whether none are left."""
    from wbskills.errors import EditConflict, EditsRefused
    from wbskills.tasks.checks import check_ranks, fix_ranks

    found = list(check_ranks(capacity.wikibase, capacity.ontology))
    echo(*found)
    if not found:
        click.echo("All ranks are correct.")
        return True
    if not fix:
        click.echo(f"Items that break the rank rule: {len(found)}.\n  Try: wbskills check --fix")
        return False
    fixed = 0
    try:
        for done in fix_ranks(capacity.wikibase, found):
            fixed += not done.written.overwritten
    except (EditConflict, EditsRefused) as error:
        echo(error)
    click.echo(f"Items fixed: {fixed}.")
    if fixed < len(found):  # refused, or edited at the same time
        click.echo("  Try: run the same command again")
    return fixed == len(found)


@click.command()
@on_wikibase
@with_ontology
def doctor(wikibase: str, ontology_files: tuple[Path, ...]) -> None:
    """Check that a Wikibase is ready to use, and say what to do if it is not.

    For a profile: checks the address, version, log-in, blocks, rights, edit rate, datatypes, the
    state folder, the ontology, and the query service and how far it is behind. For a folder:
    checks that it is intact. Writes nothing. The exit code is 1 if a check fails.

    \b
    Examples:
      wbskills doctor --wikibase capacity
      wbskills doctor --wikibase ./wbskills-store
    """
    from wbskills.report.formats import format_table
    from wbskills.tasks.doctor import CheckState, as_table, examine

    checks = examine(wikibase, open_capacity(wikibase, ontology_files).ontology, print_waiting)
    click.echo(format_table(as_table(checks), "table"), nl=False)
    for each in checks:
        if each.hint and each.state is not CheckState.GOOD:
            echo(f"{each.name}\n  Try: {each.hint}")
    if any(each.state is CheckState.BAD for each in checks):
        raise SystemExit(1)
