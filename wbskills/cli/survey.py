"""`wbskills survey`: from a survey file to items and statements."""

from pathlib import Path

import click

from wbskills.cli.options import FILE, load_ontology, on_wikibase, with_ontology


@click.group()
def survey() -> None:
    """Look into a survey file, plan its import, import it."""


def _mapped(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--mapping",
        metavar="FILE",
        type=FILE,
        required=True,
        help="What the columns and answers mean; `survey inspect --draft` begins one.",
    )(command)


@survey.command()
@click.argument("file", type=FILE)
@with_ontology
@click.option("--encoding", metavar="NAME", help="Such as windows-1252, if it is not UTF-8.")
@click.option("--separator", metavar="SIGN", help="The sign between cells of a CSV file.")
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook; the first if not given.")
@click.option("--draft", type=FILE, metavar="FILE", help="Write a draft of a mapping there.")
def inspect(
    file: Path,
    further: tuple[Path, ...],
    encoding: str | None,
    separator: str | None,
    sheet: str | None,
    draft: Path | None,
) -> None:
    """Show what is in a survey file: tool, encoding, columns, answers.

    Columns with personal data are named, their contents never shown.

    \b
    Examples:
      wbskills survey inspect answers.csv
      wbskills survey inspect answers.csv --draft mapping.toml
    """
    from wbskills.surveys.draft import draft_mapping
    from wbskills.surveys.inspect import inspect_file
    from wbskills.tasks.files import write_new

    found = inspect_file(
        file, load_ontology(further), encoding=encoding, separator=separator, sheet=sheet
    )
    for line in found.lines():
        click.echo(line)
    if draft is not None:
        write_new(draft, draft_mapping(found))
        click.echo(f"\nA draft of a mapping is in {draft}: accept or change what is marked.")


@survey.command()
@click.argument("file", type=FILE)
@_mapped
@on_wikibase
@with_ontology
def plan(file: Path, mapping: Path, wikibase: str, further: tuple[Path, ...]) -> None:
    """Show what importing a survey would do; writes nothing.

    Lists every edit with the row it comes from, and every row that is withheld, incomplete or
    superseded. Answers that match nothing are faults with their cells.
    """
    from datetime import UTC, datetime

    from wbskills.store.rehearsal import Rehearsal
    from wbskills.tasks.places import open_or_empty
    from wbskills.tasks.surveys import import_survey, open_survey

    mapped = open_survey(file, mapping, further)
    with open_or_empty(wikibase) as store:
        receipt = import_survey(
            Rehearsal(store),
            mapped,
            batch="plan",
            today=datetime.now(UTC).date(),
            show=click.echo,
        )
    for line in receipt.lines(planned=True):
        click.echo(line)


@survey.command()
@click.argument("file", type=FILE)
@_mapped
@on_wikibase
@with_ontology
def apply(file: Path, mapping: Path, wikibase: str, further: tuple[Path, ...]) -> None:
    """Import a survey.

    Nothing is written if the file has a fault. The same file again makes no edit, and an import
    that was broken off goes on where it was. A receipt is kept in the store's folder.
    """
    from datetime import UTC, datetime

    from tqdm import tqdm

    from wbskills.store import open_store
    from wbskills.tasks.surveys import RECEIPTS, batch_id, import_survey, open_survey

    mapped = open_survey(file, mapping, further)
    faults = mapped.survey.check().error()
    if faults is not None:
        raise faults  # before a store is made
    now = datetime.now(UTC)
    with (
        open_store(wikibase) as store,
        # Silent where there is no terminal.
        tqdm(total=mapped.survey.respondents, unit=" people", disable=None, leave=False) as bar,
    ):
        receipt = import_survey(
            store, mapped, batch=batch_id(now), today=now.date(), watch=bar.update
        )
    for line in receipt.lines():
        click.echo(line)
    click.echo(f"Receipt: {receipt.keep(Path(wikibase) / RECEIPTS)}")
