"""`wbskills batch`: what was written from this machine; resuming and undoing it."""

from pathlib import Path

import click

from wbskills.cli.options import (
    echo,
    on_wikibase,
    open_capacity,
    progress_bar,
    with_confirmation,
    with_ontology,
)


@click.group()
def batch() -> None:
    """List, show, resume or undo batches written from this machine."""


@batch.command("list")
@on_wikibase
def list_(wikibase: str) -> None:
    """List all batches, latest first."""
    from wbskills.report.formats import format_table

    found = open_capacity(wikibase).batches()
    if not len(found):
        click.echo("No batch has been written from this machine.")
        return
    click.echo(format_table(found, "table"), nl=False)


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
    help="Output format.",
)
def show(name: str, wikibase: str, ontology_files: tuple[Path, ...], form: str) -> None:
    """Show every statement that BATCH wrote, with the row and column it came from.

    \b
    Examples:
      wbskills batch show 20260322-101500-3fa1
      wbskills batch show 20260322-101500-3fa1 --format csv > edits.csv
    """
    from wbskills.report.formats import format_table

    with open_capacity(wikibase, ontology_files, write=False) as capacity:
        edits = capacity.batch_edits(name)
    click.echo(format_table(edits, form), nl=False)


@batch.command()
@click.argument("name", metavar="BATCH")
@on_wikibase
@with_ontology
def resume(name: str, wikibase: str, ontology_files: tuple[Path, ...]) -> None:
    """Continue an interrupted import, with the same file and mapping.

    What was already written is not written again.
    """
    from wbskills.api import IMPORT
    from wbskills.cli.survey import print_receipt
    from wbskills.tasks.batches import open_batch
    from wbskills.wikibase.journal.read import BatchEnd

    with open_capacity(wikibase, ontology_files) as capacity:
        opened = open_batch(capacity.records, name)
        if opened.head.command == IMPORT and opened.ended is BatchEnd.DONE:
            click.echo(f"{name} is finished: nothing left to do.")
            return
        with progress_bar("people") as on_progress:
            receipt = capacity.resume(name, on_progress=on_progress)
    print_receipt(receipt)


@batch.command()
@click.argument("name", metavar="BATCH")
@on_wikibase
@with_ontology
@with_confirmation
def undo(name: str, wikibase: str, ontology_files: tuple[Path, ...], *, yes: bool) -> None:
    """Undo a BATCH, statement by statement.

    Statements that the batch added are removed; statements that it changed are restored. Anything
    that someone has changed since is left alone and listed. Items that the batch created are
    deleted if you have the right to. An undo is a batch too. Running it twice does no harm. The
    exit code is 1 if the Wikibase refuses part of it; then run it again.

    \b
    Example:
      wbskills batch undo 20260322-101500-3fa1 --wikibase capacity
    """
    from wbskills.surveys.files.cell_text import counted
    from wbskills.tasks.batches import count_entities, open_batch

    with open_capacity(wikibase, ontology_files) as capacity:
        edited = counted(count_entities(open_batch(capacity.records, name)), "entity", "entities")
        if not yes:
            click.confirm(f"Undo {name}, which edited {edited}?", abort=True)
        with progress_bar("entities") as on_progress:
            receipt = capacity.undo(name, on_progress=on_progress)
    echo(*receipt.lines())
    if receipt.made_edits:
        click.echo(f"Batch: {receipt.batch}")
    if receipt.refused:
        raise SystemExit(1)
