"""`wbskills declared`: how communities rate their own capacities."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import FILE, echo, on_wikibase, open_capacity, with_ontology

if TYPE_CHECKING:
    from wbskills.api import RatingsReceipt


@click.group()
def declared() -> None:
    """Import how communities rate their own capacities."""


def _with_mapping(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--mapping",
        metavar="FILE",
        type=FILE,
        required=True,
        help="File that says which skills each column stands for. There is an example in"
        " ontology/declared.",
    )(command)


@declared.command()
@click.argument("file", type=FILE)
@_with_mapping
@on_wikibase
@with_ontology
def plan(file: Path, mapping: Path, wikibase: str, ontology_files: tuple[Path, ...]) -> None:
    """Preview an import of community ratings. Writes nothing.

    \b
    Example:
      wbskills declared plan ratings.csv --mapping ontology/declared/cee-2018.toml
    """
    with open_capacity(wikibase, ontology_files) as capacity:
        receipt = capacity.plan_ratings(file, mapping=mapping, on_edit=echo)
    click.echo(f"{_counts(receipt)} would be written.")


@declared.command()
@click.argument("file", type=FILE)
@_with_mapping
@on_wikibase
@with_ontology
def apply(file: Path, mapping: Path, wikibase: str, ontology_files: tuple[Path, ...]) -> None:
    """Import a table of community ratings.

    Each row is a community, each column a capacity. A rating that the mapping calls low is also
    written as a stated need, unless the community has stated that need itself. Importing the same
    table again changes nothing.

    \b
    Example:
      wbskills declared apply ratings.csv --mapping ontology/declared/cee-2018.toml
      wbskills query run declared_capacity
    """
    from wbskills.cli.survey import print_batch

    with open_capacity(wikibase, ontology_files) as capacity:
        receipt = capacity.import_ratings(file, mapping=mapping)
    click.echo(f"{_counts(receipt)} written.")
    if receipt.batch:
        print_batch(receipt.batch)


def _counts(receipt: "RatingsReceipt") -> str:
    from wbskills.surveys.files.cell_text import counted

    communities = counted(receipt.communities, "community", "communities")
    ratings, statements = (
        counted(receipt.ratings, "rating"),
        counted(receipt.statements, "statement"),
    )
    return f"{communities}, {ratings}: {statements}"
