"""`wbskills report`: the report site."""

from pathlib import Path

import click

from wbskills.cli.options import FILE, on_wikibase, open_capacity, with_ontology


@click.group()
def report() -> None:
    """Build the report site."""


@report.command()
@click.argument("folder", type=FILE)
@on_wikibase
@with_ontology
@click.option(
    "--title",
    default="",
    help="Title of the site. Default: “Who can do what”, in the language of the site.",
)
@click.option("--notice", default="", help="Sentence to show at the top of every page.")
@click.option(
    "--lang",
    default="en",
    show_default=True,
    help="Language of pages and names, as a code. Pages: ar, de, en, es, fr. With other codes,"
    " only names change.",
)
@click.option(
    "--withhold-below",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Name nobody, and show of each skill only how many people have it, where at least N have"
    " it and at least N do not. No map, no other breakdown.",
)
def build(
    folder: Path,
    wikibase: str,
    ontology_files: tuple[Path, ...],
    title: str,
    notice: str,
    lang: str,
    withhold_below: int,
) -> None:
    """Build the report site in FOLDER: static pages that work offline.

    The site has the capacity map; a page for each skill, community and person; and pages for the
    baseline, rare skills, changes between survey waves and the age of answers. Next to each table
    are its CSV, its wikitext and the query behind it. A report already in FOLDER is replaced; a
    folder with any other files is refused.

    \b
    Examples:
      wbskills report build site
      wbskills report build site --title "Technical ambassadors" --lang fr
      wbskills report build site --withhold-below 5
    """
    with open_capacity(wikibase, ontology_files, write=False) as capacity:
        count = capacity.build_report(
            folder, lang=lang, title=title, notice=notice, withhold_below=withhold_below
        )
    click.echo(f"{count} files in {folder}. Start with {folder / 'index.html'}")
