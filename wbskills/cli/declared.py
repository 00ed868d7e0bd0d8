"""`wbskills declared`: what communities say of themselves."""

from pathlib import Path

import click

from wbskills.cli.options import FILE, harmless, on_wikibase, told_on_stderr, with_ontology


@click.group()
def declared() -> None:
    """Write communities' own ratings of their capacities on their items."""


def _mapped(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--mapping",
        metavar="FILE",
        type=FILE,
        required=True,
        help="Which skills each column stands for; ontology/declared has one to copy.",
    )(command)


@declared.command()
@click.argument("file", type=FILE)
@_mapped
@on_wikibase
@with_ontology
def plan(file: Path, mapping: Path, wikibase: str, further: tuple[Path, ...]) -> None:
    """Show what a table of ratings would write; writes nothing.

    \b
    Example:
      wbskills declared plan ratings.csv --mapping ontology/declared/cee-2018.toml
    """
    from wbskills.tasks.declared import apply_declared, open_declared, statements_written
    from wbskills.tasks.places import open_or_empty
    from wbskills.wikibase.embedded.dry_run import DryRun

    read = open_declared(file, mapping, further)
    with open_or_empty(wikibase) as store:
        edits = apply_declared(DryRun(store), read, lambda line: click.echo(harmless(line)))
    click.echo(
        f"{read.communities} communities, {len(read.ratings)} ratings:"
        f" {statements_written(edits)} statements would be written."
    )


@declared.command()
@click.argument("file", type=FILE)
@_mapped
@on_wikibase
@with_ontology
def apply(file: Path, mapping: Path, wikibase: str, further: tuple[Path, ...]) -> None:
    """Write a table of ratings; the same table again makes no edit.

    A row is a community, a column a capacity. A rating that the mapping calls low is also
    written as a need, unless the community has stated that need itself.

    \b
    Example:
      wbskills declared apply ratings.csv --mapping ontology/declared/cee-2018.toml
      wbskills query run declared_capacity
    """
    from datetime import UTC, datetime

    from wbskills.stores import open_store, records_folder
    from wbskills.tasks.batches import begin, head_of
    from wbskills.tasks.declared import apply_declared, open_declared, statements_written
    from wbskills.tasks.surveys import batch_id

    read = open_declared(file, mapping, further)  # before a store is made
    batch = batch_id(datetime.now(UTC))
    head = head_of(batch, "declared apply", wikibase, survey=file, mapping=mapping)
    with (
        open_store(wikibase, on_progress=told_on_stderr) as store,
        begin(records_folder(wikibase), head) as journal,
    ):
        edits = apply_declared(store, read, journal=journal)
    click.echo(
        f"{read.communities} communities, {len(read.ratings)} ratings:"
        f" {statements_written(edits)} statements written."
    )
    if edits:
        click.echo(f"Batch: {batch}, which `wbskills batch show` and `undo` know")
