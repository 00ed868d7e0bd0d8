"""`wbskills survey`: from a survey file to items and statements."""

import shlex
from pathlib import Path

import click

from wbskills.cli.options import FILE, harmless, load_ontology, on_wikibase, with_ontology


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
@click.option(
    "--encoding", metavar="NAME", default="", help="Such as windows-1252, if it is not UTF-8."
)
@click.option(
    "--separator", metavar="SIGN", default="", help="The sign between cells of a CSV file."
)
@click.option(
    "--sheet", metavar="NAME", default="", help="The sheet of a workbook; the first if not given."
)
@click.option(
    "--tool",
    metavar="NAME",
    default="",
    help="The survey tool, such as qualtrics, if another one is recognised.",
)
@click.option(
    "--heading-row",
    metavar="NUMBER",
    type=click.IntRange(1, 1_048_576),
    help="The row of the headings, where a title stands above them and is not recognised.",
)
@click.option("--draft", type=FILE, metavar="FILE", help="Write a draft of a mapping there.")
def inspect(  # noqa: PLR0913, PLR0917 - click hands over one argument for each option
    file: Path,
    further: tuple[Path, ...],
    encoding: str,
    separator: str,
    sheet: str,
    tool: str,
    heading_row: int | None,
    draft: Path | None,
) -> None:
    """Show what is in a survey file: tool, encoding, columns, answers.

    Columns with personal data are named, their contents never shown.

    \b
    Examples:
      wbskills survey inspect answers.csv
      wbskills survey inspect answers.csv --draft mapping.toml
      wbskills survey inspect answers.csv --tool nextcloud
    """
    from wbskills.report.as_text import as_text
    from wbskills.surveys.draft.inspect_file import inspect as look
    from wbskills.surveys.draft.write_draft import draft as draft_of
    from wbskills.tasks.files import write_new
    from wbskills.tasks.inspections import about, columns_of

    ontology = load_ontology(further)
    found = look(
        file,
        ontology,
        encoding=encoding,
        separator=separator,
        sheet=sheet,
        tool=tool,
        heading_row=heading_row or 0,
    )
    for line in about(found):
        click.echo(line)
    click.echo(as_text(columns_of(found)))
    if draft is None:
        click.echo(
            f"\n  Try: wbskills survey inspect {shlex.quote(str(file))} --draft mapping.toml"
        )
    else:
        write_new(draft, draft_of(found, ontology))
        click.echo(f"\nA draft of a mapping is in {draft}. In it, “#?” marks what is only likely")
        click.echo("and “#!” what nobody but you can know: take the marks away where it is right.")


@survey.command()
@click.argument("mapping", type=FILE)
@click.argument("file", type=FILE)
@with_ontology
def check(mapping: Path, file: Path, further: tuple[Path, ...]) -> None:
    """Tell what changed in FILE against a MAPPING that was written for another one.

    New and vanished columns, rows that have most likely been renamed, and answers that the
    mapping does not know. Writes nothing. Ends with exit code 1 if anything changed.

    \b
    Example:
      wbskills survey check spring-2026.toml answers-2027.csv
    """
    from wbskills.report.as_text import as_text
    from wbskills.tasks.inspections import differences_of
    from wbskills.tasks.surveys import compare_survey

    found = compare_survey(file, mapping, further)
    if not found:
        click.echo("Nothing changed: the mapping fits this file.")
        return
    click.echo(as_text(differences_of(found)), nl=False)
    count = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    click.echo(f"\n{count}.\n  Try: the mapping under another name, changed")
    raise SystemExit(1)


@survey.command()
@click.argument("file", type=FILE)
@_mapped
@on_wikibase
@with_ontology
@click.option(
    "--set-aside",
    "aside",
    metavar="FILE",
    type=FILE,
    help="Plan the import of the good rows; what is wrong with those that would be put in FILE.",
)
def plan(
    file: Path, mapping: Path, wikibase: str, further: tuple[Path, ...], aside: Path | None
) -> None:
    """Show what importing a survey would do; writes nothing.

    Lists every edit with the row it comes from, and every row that is withheld, incomplete or
    superseded. Answers that match nothing are faults with their cells.

    \b
    Examples:
      wbskills survey plan answers.csv --mapping mapping.toml
      wbskills survey plan answers.csv --mapping mapping.toml --set-aside mend-me.csv
    """
    from wbskills.cli.importing import capacity_of

    with capacity_of(wikibase, further) as capacity:
        plan = capacity.plan_survey(file, mapping=mapping, set_aside=aside)
    for line in str(plan).splitlines():
        click.echo(harmless(line))


@survey.command()
@click.argument("file", type=FILE)
@_mapped
@on_wikibase
@with_ontology
@click.option(
    "--set-aside",
    "aside",
    metavar="FILE",
    type=FILE,
    help="Import the good rows, and put the bad ones with their reasons in a new FILE.",
)
def apply(
    file: Path, mapping: Path, wikibase: str, further: tuple[Path, ...], aside: Path | None
) -> None:
    """Import a survey.

    Nothing is written if the file has a fault, unless bad rows are set aside. The same file
    again makes no edit, and an import that was broken off goes on where it was. A receipt and a
    journal are kept; see `wbskills batch`.

    \b
    Examples:
      wbskills survey apply answers.csv --mapping mapping.toml
      wbskills survey apply answers.csv --mapping mapping.toml --set-aside mend-me.csv
    """
    from wbskills.cli.importing import capacity_of, show_import

    with capacity_of(wikibase, further) as capacity:
        show_import(
            lambda show: capacity.import_survey(
                file, mapping=mapping, set_aside=aside, on_progress=show
            ),
            aside,
        )
