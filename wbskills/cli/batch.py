"""`wbskills batch`: what was imported, going on with it, taking it back."""

from pathlib import Path

import click

from wbskills.cli.options import (
    harmless,
    load_ontology,
    on_wikibase,
    progress_bar,
    with_ontology,
)


@click.group()
def batch() -> None:
    """List, show, resume and undo what was written from this machine."""


@batch.command("list")
@on_wikibase
def list_(wikibase: str) -> None:
    """List the batches, the newest first: each import, each undo."""
    from wbskills.report.as_text import as_text
    from wbskills.stores import records_folder
    from wbskills.tasks.batches import batches

    found = batches(records_folder(wikibase))
    if len(found):
        click.echo(as_text(found), nl=False)
    else:
        click.echo("No batch has been written from this machine.")


@batch.command()
@click.argument("name", metavar="BATCH")
@on_wikibase
@with_ontology
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "objects"]),
    default="table",
    show_default=True,
    help="How to write the receipt.",
)
def show(name: str, wikibase: str, further: tuple[Path, ...], form: str) -> None:
    """Print every statement that BATCH wrote, with the row and column it comes from.

    \b
    Examples:
      wbskills batch show 20260322-101500-3fa1
      wbskills batch show 20260322-101500-3fa1 --format csv > receipt.csv
    """
    from wbskills.report.formats import written
    from wbskills.stores import open_store, records_folder
    from wbskills.tasks.batches import open_batch, receipt
    from wbskills.tasks.ontologies import binding_of

    opened = open_batch(records_folder(wikibase), name)
    with open_store(wikibase, write=False) as store:
        binding = binding_of(store, load_ontology(further))
    click.echo(written(receipt(opened, binding), form), nl=False)


@batch.command()
@click.argument("name", metavar="BATCH")
@on_wikibase
@with_ontology
def resume(name: str, wikibase: str, further: tuple[Path, ...]) -> None:
    """Go on with a BATCH that was broken off: the same file and mapping again.

    What is there already is found, and not written again.
    """
    from wbskills.cli.importing import capacity_of, show_import
    from wbskills.stores import records_folder
    from wbskills.tasks.batches import open_batch
    from wbskills.wikibase.journal.read import BatchEnd

    opened = open_batch(records_folder(wikibase), name)
    if opened.head.command == "survey apply" and opened.ended is BatchEnd.DONE:
        click.echo(f"{name} came to its end: nothing is left to do.")
        return
    with capacity_of(wikibase, further) as capacity:
        show_import(lambda show: capacity.resume(name, on_progress=show))


@batch.command()
@click.argument("name", metavar="BATCH")
@on_wikibase
@with_ontology
@click.option("--yes", is_flag=True, help="Do not ask.")
def undo(name: str, wikibase: str, further: tuple[Path, ...], *, yes: bool) -> None:
    """Take a BATCH back, statement by statement.

    What the batch added is removed, what it changed is put back. What somebody changed since
    is left alone and listed. Items that it made are deleted where you may. This is a batch of
    its own; doing it twice does no harm. Ends with exit code 1 if the Wikibase refuses a part
    of it, which another run then makes good.

    \b
    Example:
      wbskills batch undo 20260322-101500-3fa1 --wikibase capacity
    """
    from wbskills.cli.importing import capacity_of
    from wbskills.stores import records_folder
    from wbskills.tasks.batches import entities_of, open_batch

    many = entities_of(open_batch(records_folder(wikibase), name))
    if not yes:
        click.confirm(f"Take back {name}, which edited {many} entities?", abort=True)
    with capacity_of(wikibase, further) as capacity, progress_bar("entities") as show:
        receipt = capacity.undo(name, on_progress=show)
    for line in receipt.lines():
        click.echo(harmless(line))
    if receipt.made_edits:
        click.echo(f"Batch: {receipt.batch}")
    if receipt.refused:
        raise SystemExit(1)
