"""`wbskills ontology`: properties, skills, levels and communities on a Wikibase."""

from pathlib import Path

import click

from wbskills.cli.options import load_ontology, on_wikibase, with_ontology


@click.group()
def ontology() -> None:
    """Bring a Wikibase up to the ontology: properties, scales, skills, communities."""


@ontology.command()
@on_wikibase
@with_ontology
def apply(wikibase: str, further: tuple[Path, ...]) -> None:
    """Bring the Wikibase up to the ontology.

    Can be repeated: what is there already is left alone, and so is what others added.

    \b
    Examples:
      wbskills ontology apply
      wbskills ontology apply --ontology our-skills.toml
    """
    from wbskills.store import open_store
    from wbskills.tasks.ontologies import apply_ontology

    declared = load_ontology(further)
    with open_store(wikibase) as store:
        made = sum(1 for _ in apply_ontology(store, declared))
    counted = f"{len(declared.properties)} properties and {len(declared.entries)} items"
    click.echo(
        f"{wikibase}: {made} edits for {counted}."
        if made
        else f"{wikibase} has the whole ontology already: {counted}."
    )


@ontology.command()
@on_wikibase
@with_ontology
def diff(wikibase: str, further: tuple[Path, ...]) -> None:
    """Show what `ontology apply` would change; writes nothing."""
    from wbskills.tasks.ontologies import plan_ontology
    from wbskills.tasks.places import open_or_empty

    with open_or_empty(wikibase) as store:
        edits = plan_ontology(store, load_ontology(further))
    for edit in edits:
        click.echo(str(edit))
    click.echo(f"{len(edits)} edits would be made." if edits else "Nothing would change.")
