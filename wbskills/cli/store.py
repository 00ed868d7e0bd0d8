"""`wbskills store`: the embedded Wikibase itself."""

import click

from wbskills.cli.options import on_wikibase


@click.group()
def store() -> None:
    """Look after the embedded Wikibase."""


@store.command()
@on_wikibase
def rebuild(wikibase: str) -> None:
    """Make the triples that queries run on anew from the entities.

    Never needed in normal use: a store that crashed catches up by itself. Safe to break off.
    """
    from wbskills.tasks.stores import rebuild_triples

    count = rebuild_triples(wikibase)
    click.echo(f"{wikibase}: {count} triples were made anew.")
