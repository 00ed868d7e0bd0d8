"""`wbskills survey`: from a survey file to items and statements."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import (
    FILE,
    echo,
    on_wikibase,
    open_capacity,
    progress_bar,
    with_ontology,
)

if TYPE_CHECKING:
    from wbskills.api import ImportReceipt


@click.group()
def survey() -> None:
    """Inspect, map, check, preview and import survey files."""


def _with_mapping(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--mapping",
        metavar="FILE",
        type=FILE,
        help="File that says what columns and answers mean. `survey inspect --draft` writes a"
        " first draft. The answers to a questionnaire of wbskills need none.",
    )(command)


@survey.command()
@click.argument("file", type=FILE)
@with_ontology
@click.option(
    "--encoding",
    metavar="NAME",
    default="",
    help="Encoding of the file, if it is not UTF-8, for example windows-1252.",
)
@click.option(
    "--separator",
    metavar="SIGN",
    default="",
    help="Character between the cells of a CSV file.",
)
@click.option(
    "--sheet", metavar="NAME", default="", help="Sheet of a workbook. Default: the first."
)
@click.option(
    "--tool",
    metavar="NAME",
    default="",
    help="Survey tool, for example qualtrics, if wbskills recognises the wrong one.",
)
@click.option(
    "--heading-row",
    metavar="NUMBER",
    type=click.IntRange(1, 1_048_576),
    default=None,
    help="Row of the headings, if a title stands above them and is not recognised.",
)
@click.option("--draft", type=FILE, metavar="FILE", help="Write a draft mapping to FILE.")
def inspect(  # noqa: PLR0913, PLR0917 - click hands over one argument for each option
    file: Path,
    ontology_files: tuple[Path, ...],
    encoding: str,
    separator: str,
    sheet: str,
    tool: str,
    heading_row: int | None,
    draft: Path | None,
) -> None:
    """Show what is in a survey file: tool, encoding, columns and answers.

    Columns with personal data are listed, but their contents are never shown.

    \b
    Examples:
      wbskills survey inspect answers.csv
      wbskills survey inspect answers.csv --draft mapping.toml
      wbskills survey inspect answers.csv --tool nextcloud
    """
    from shutil import get_terminal_size

    from wbskills.errors import cannot_write
    from wbskills.report.as_text import as_text

    with open_capacity(":memory:", ontology_files) as capacity:
        found = capacity.inspect_survey(
            file,
            encoding=encoding,
            separator=separator,
            sheet=sheet,
            tool=tool,
            heading_row=heading_row or 0,
        )
    echo(*found.lines(), "")
    on_screen = sys.stdout is not None and sys.stdout.isatty()
    width = get_terminal_size().columns if on_screen else None
    click.echo(as_text(found.table(), width=width), nl=False)
    if draft is None:
        click.echo(f"\n  Try: wbskills survey edit {shlex.quote(str(file))}")
        return
    try:
        with draft.open("x", encoding="utf-8") as opened:
            opened.write(found.draft())
    except OSError as error:
        raise cannot_write(draft, error) from error
    open_questions = draft.read_text(encoding="utf-8").count('"?"')
    click.echo(
        f"\nA draft mapping is in {draft}. It has {open_questions} questions for you: replace each"
    )
    click.echo("“?” by its answer. Nothing is imported before all are answered.")
    names = f"{shlex.quote(str(file))} --mapping {shlex.quote(str(draft))}"
    click.echo(f"\n  Try: wbskills survey edit {names}")


@survey.command()
@click.argument("mapping", type=FILE)
@click.argument("file", type=FILE)
@with_ontology
def check(mapping: Path, file: Path, ontology_files: tuple[Path, ...]) -> None:
    """Compare FILE with a MAPPING that was written for another file.

    Lists new and missing columns, rows that have probably been renamed, and answers that the
    mapping does not know. Writes nothing. The exit code is 1 if there is any difference.

    \b
    Example:
      wbskills survey check spring-2026.toml answers-2027.csv
    """
    from wbskills.report.formats import format_table
    from wbskills.tasks.surveys import differences_table

    with open_capacity(":memory:", ontology_files) as capacity:
        found = capacity.check_survey(file, mapping=mapping)
    if not found:
        click.echo("No differences: the mapping fits this file.")
        return
    click.echo(format_table(differences_table(found), "table"), nl=False)
    count = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    click.echo(f"\n{count}.\n  Try: copy the mapping under another name and change the copy")
    raise SystemExit(1)


@survey.command()
@click.argument("file", type=FILE)
@click.option(
    "--mapping",
    metavar="FILE",
    type=FILE,
    help="The mapping to complete. Default: the name of the survey file, with .toml.",
)
@on_wikibase
@with_ontology
def edit(
    file: Path, mapping: Path | None, wikibase: str, ontology_files: tuple[Path, ...]
) -> None:
    """Complete a mapping by answering questions.

    Writes a draft if there is no mapping yet, and asks what is open in it: what an answer means,
    which skill a column is about. Each answer is saved at once; Ctrl-C ends, and the next time it
    goes on from there. At the end it shows what an import would do. Nothing is imported.

    \b
    Examples:
      wbskills survey edit answers.csv
      wbskills survey edit answers.csv --mapping mapping.toml
    """
    from wbskills.cli.edit_survey import edit_survey

    edit_survey(file, mapping or file.with_suffix(".toml"), wikibase, ontology_files)


@survey.command()
@click.argument("file", type=FILE)
@_with_mapping
@on_wikibase
@with_ontology
@click.option(
    "--set-aside",
    "aside",
    metavar="FILE",
    type=FILE,
    help="Preview the import of the good rows, and list the problems of those that would be saved"
    " to FILE.",
)
def plan(
    file: Path,
    mapping: Path | None,
    wikibase: str,
    ontology_files: tuple[Path, ...],
    aside: Path | None,
) -> None:
    """Preview the import of a survey. Writes nothing.

    Lists every edit with the row it comes from, and every row that would not be imported: no
    consent, incomplete, or replaced by a newer answer. Answers that the mapping does not know are
    listed as problems, with their cells.

    \b
    Examples:
      wbskills survey plan results-survey.csv
      wbskills survey plan answers.csv --mapping mapping.toml
      wbskills survey plan answers.csv --mapping mapping.toml --set-aside bad-rows.csv
    """
    with open_capacity(wikibase, ontology_files) as capacity:
        planned = capacity.plan_survey(file, mapping=mapping, set_aside=aside)
    echo(*planned.lines())


@survey.command()
@click.argument("file", type=FILE)
@_with_mapping
@on_wikibase
@with_ontology
@click.option(
    "--set-aside",
    "aside",
    metavar="FILE",
    type=FILE,
    help="Import the good rows, and save the bad ones, with the reasons, to a new FILE.",
)
def apply(
    file: Path,
    mapping: Path | None,
    wikibase: str,
    ontology_files: tuple[Path, ...],
    aside: Path | None,
) -> None:
    """Import a survey.

    Nothing is written if the file has a problem, unless you save the bad rows to another file
    with --set-aside. Importing the same file again changes nothing. An interrupted import
    continues where it stopped. A receipt and a journal are kept; see `wbskills batch`.

    \b
    Examples:
      wbskills survey apply results-survey.csv
      wbskills survey apply answers.csv --mapping mapping.toml
      wbskills survey apply answers.csv --mapping mapping.toml --set-aside bad-rows.csv
    """
    with (
        open_capacity(wikibase, ontology_files) as capacity,
        progress_bar("people") as on_progress,
    ):
        receipt = capacity.import_survey(
            file, mapping=mapping, set_aside=aside, on_progress=on_progress
        )
    if receipt.set_aside:
        click.echo(
            f"{receipt.set_aside} bad rows were saved to {aside}, with the reasons. Fix that file"
            " and import it."
        )
    print_receipt(receipt)


def print_receipt(receipt: "ImportReceipt") -> None:
    """Print the receipt of an import; exits with 1 if the Wikibase refused some edits."""
    echo(*receipt.lines())
    if receipt.saved_to is not None:
        click.echo(f"Receipt: {receipt.saved_to}")
    if receipt.edits:
        print_batch(receipt.batch)
    if receipt.refused:
        raise SystemExit(1)


def print_batch(batch: str) -> None:
    """Print the name of a batch, and what can be done with it."""
    click.echo(
        f"Batch: {batch} (see it with `wbskills batch show`, undo it with `wbskills batch undo`)"
    )
