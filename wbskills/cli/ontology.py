"""`wbskills ontology`: properties, skills, levels and communities on a Wikibase."""

from pathlib import Path

import click

from wbskills.cli.options import on_wikibase, progress_bar, with_ontology


@click.group()
def ontology() -> None:
    """Bring a Wikibase up to the ontology: properties, scales, skills, communities."""


@ontology.command()
@on_wikibase
@with_ontology
def apply(wikibase: str, further: tuple[Path, ...]) -> None:
    """Bring the Wikibase up to the ontology.

    Can be repeated: what is there already is left alone, and so is what others added. Properties
    and items that the wiki has already can be named in the profile, as in speaks = "P42" below
    [wikibase.NAME.entities]; what does not fit is told before the first edit.

    \b
    Examples:
      wbskills ontology apply
      wbskills ontology apply --ontology our-skills.toml
      wbskills ontology apply --wikibase capacity
    """
    from wbskills.cli.importing import capacity_of

    with capacity_of(wikibase, further) as capacity, progress_bar("edits") as show:
        receipt, declared = capacity.apply_ontology(on_progress=show), capacity.ontology
    made, batch = len(receipt.edits), receipt.batch
    counted = f"{len(declared.properties)} properties and {len(declared.entries)} items"
    click.echo(
        f"{wikibase}: {made} edits for {counted}. Batch: {batch}"
        if made
        else f"{wikibase} has the whole ontology already: {counted}."
    )


@ontology.command()
@on_wikibase
@with_ontology
def diff(wikibase: str, further: tuple[Path, ...]) -> None:
    """Show what `ontology apply` would change; writes nothing."""
    from wbskills.cli.importing import capacity_of

    with capacity_of(wikibase, further) as capacity:
        edits = capacity.plan_ontology()
    for edit in edits:
        click.echo(str(edit))
    click.echo(f"{len(edits)} edits would be made." if edits else "Nothing would change.")
