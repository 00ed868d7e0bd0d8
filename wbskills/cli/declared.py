"""`wbskills declared`: what communities say of themselves."""

from pathlib import Path

import click

from wbskills.cli.options import FILE, harmless, on_wikibase, with_ontology


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
    from wbskills.store.rehearsal import Rehearsal
    from wbskills.tasks.declared import apply_declared, open_declared, statements_written
    from wbskills.tasks.places import open_or_empty

    read = open_declared(file, mapping, further)
    with open_or_empty(wikibase) as store:
        edits = apply_declared(Rehearsal(store), read, lambda line: click.echo(harmless(line)))
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
    from wbskills.store import open_store
    from wbskills.tasks.declared import apply_declared, open_declared, statements_written

    read = open_declared(file, mapping, further)  # before a store is made
    with open_store(wikibase) as store:
        edits = apply_declared(store, read)
    click.echo(
        f"{read.communities} communities, {len(read.ratings)} ratings:"
        f" {statements_written(edits)} statements written."
    )
