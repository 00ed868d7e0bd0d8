"""`wbskills report`: pages for people's eyes."""

from pathlib import Path

import click

from wbskills.cli.options import FILE, on_wikibase, with_ontology


@click.group()
def report() -> None:
    """Build pages that tell who can do what."""


@report.command()
@click.argument("folder", type=FILE)
@on_wikibase
@with_ontology
@click.option(
    "--title",
    default="",
    help="The site's title; if not given, “Who can do what” in its language.",
)
@click.option("--notice", default="", help="A sentence to stand on top of every page.")
@click.option(
    "--lang",
    default="en",
    show_default=True,
    help="Language of the pages and labels, as a code: ar, de, en, es, fr; others have labels.",
)
@click.option(
    "--withhold-below",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Name nobody, and tell of each skill only how many can do it, where at least N can and"
    " at least N cannot; no map, no other breakdown.",
)
def build(
    folder: Path,
    wikibase: str,
    further: tuple[Path, ...],
    title: str,
    notice: str,
    lang: str,
    withhold_below: int,
) -> None:
    """Build a report site in FOLDER: static pages that need no network.

    Answers to the questions that coordinators ask: the capacity map; a page for each skill,
    community and person; baseline, rare skills, change between waves, freshness. Beside each
    table stand its CSV, its wikitext and the query behind it. A report that is there already is
    replaced; a folder with anything else in it is refused.

    \b
    Examples:
      wbskills report build site
      wbskills report build site --title "Technical ambassadors" --lang fr
      wbskills report build site --withhold-below 5
    """
    from wbskills.cli.importing import capacity_of

    with capacity_of(wikibase, further, write=False) as capacity:
        count = capacity.build_report(
            folder, lang=lang, title=title, notice=notice, withhold_below=withhold_below
        )
    click.echo(f"{count} files in {folder}; begin with {folder / 'index.html'}")
