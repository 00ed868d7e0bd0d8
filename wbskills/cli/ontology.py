"""`wbskills ontology`: properties, scales, skills and communities of a Wikibase."""

from pathlib import Path

import click

from wbskills.cli.options import echo, on_wikibase, open_capacity, progress_bar, with_ontology


@click.group()
def ontology() -> None:
    """Add the ontology to a Wikibase: properties, scales, skills, communities."""


@ontology.command()
@on_wikibase
@with_ontology
def apply(wikibase: str, ontology_files: tuple[Path, ...]) -> None:
    """Add the ontology to a Wikibase, or bring it up to date.

    Safe to repeat: names and statements of its own entries are brought up to date, and what others
    added is left alone. If the wiki already has a property or an item, name it in the profile, for
    example speaks = "P42" under [wikibase.NAME.entities]. Anything that does not fit is reported
    before the first edit.

    \b
    Examples:
      wbskills ontology apply
      wbskills ontology apply --ontology our-skills.toml
      wbskills ontology apply --wikibase capacity
    """
    from wbskills.surveys.files.cell_text import counted

    with open_capacity(wikibase, ontology_files) as capacity, progress_bar("edits") as on_progress:
        receipt, declared = capacity.apply_ontology(on_progress=on_progress), capacity.ontology
    edits = len(receipt.edits)
    whole = f"{len(declared.properties)} properties and {len(declared.entries)} items"
    click.echo(
        f"{wikibase}: {counted(edits, 'edit')} for {whole}. Batch: {receipt.batch}"
        if edits
        else f"{wikibase} already has the whole ontology: {whole}."
    )


@ontology.command()
@on_wikibase
@with_ontology
def diff(wikibase: str, ontology_files: tuple[Path, ...]) -> None:
    """Preview what `ontology apply` would change. Writes nothing."""
    from wbskills.surveys.files.cell_text import counted

    with open_capacity(wikibase, ontology_files) as capacity:
        edits = capacity.plan_ontology()
    echo(*edits)
    would = f"{counted(len(edits), 'edit')} would be made."
    click.echo(would if edits else "Nothing would change.")
