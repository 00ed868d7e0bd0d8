"""`wbskills ontology`: properties, skills, levels and communities on a Wikibase."""

from pathlib import Path

import click

from wbskills.cli.options import load_ontology, on_wikibase, told_on_stderr, with_ontology


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
    from datetime import UTC, datetime

    from tqdm import tqdm

    from wbskills.stores import open_store, records_of
    from wbskills.tasks.batches import begin, head_of
    from wbskills.tasks.ontologies import apply_ontology
    from wbskills.tasks.surveys import batch_id

    declared = load_ontology(further)
    batch = batch_id(datetime.now(UTC))
    files = {f"ontology {number}": file for number, file in enumerate(further, 1)}
    with (
        open_store(wikibase, tell=told_on_stderr) as store,
        begin(
            records_of(wikibase), head_of(batch, "ontology apply", wikibase, **files)
        ) as journal,
    ):
        done = apply_ontology(store, declared, journal)
        made = sum(1 for _ in tqdm(done, unit=" edits", disable=None, leave=False))
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
    from wbskills.tasks.ontologies import rehearsed_ontology
    from wbskills.tasks.places import open_or_empty

    with open_or_empty(wikibase) as store:
        edits = rehearsed_ontology(store, load_ontology(further))
    for edit in edits:
        click.echo(str(edit))
    click.echo(f"{len(edits)} edits would be made." if edits else "Nothing would change.")
