"""`wbskills query`: saved queries."""

import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wbskills.cli.options import FILE, load_ontology, on_wikibase, open_capacity, with_ontology

if TYPE_CHECKING:
    from wbskills.results import Answer

# The names of `report.formats.STREAMS`, which is not imported for a help text; a test compares.
FORMS: Final = ("table", "csv", "tsv", "json", "objects", "markdown", "wikitext", "html")
_BUFFER: Final = 1 << 16  # characters


@click.group()
def query() -> None:
    """Run saved queries on a Wikibase."""


def _with_folders(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--queries",
        "folders",
        metavar="FOLDER",
        type=FILE,
        multiple=True,
        help="Folder with your own queries. Can be repeated.",
    )(command)


def _with_language(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--lang",
        default="en",
        show_default=True,
        help="Language of names, as a code, for example en.",
    )(command)


def _with_params(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--param",
        "params",
        metavar="NAME=VALUE",
        multiple=True,
        help="Value of a parameter. Give an item by key, label or id. Can be repeated.",
    )(command)


@query.command("list")
@_with_folders
def list_(folders: tuple[Path, ...]) -> None:
    """List the saved queries, with their parameters and what they answer."""
    from wbskills.tasks.queries import saved_queries

    for name, saved in saved_queries(folders).items():
        click.echo(f"{click.style(name, bold=True)}: {saved.summary}")
        for param in saved.params:
            if param.automatic:
                continue
            if param.required and not param.default:
                kind = "required"
            else:
                kind = f"default {param.default}" if param.default else "optional"
            click.echo(f"    --param {param.name}=…  {param.meaning} ({kind})")


@query.command()
@click.argument("name")
@on_wikibase
@with_ontology
@_with_folders
@_with_params
@_with_language
@click.option(
    "--query-service",
    "service",
    metavar="ADDRESS",
    envvar="WBSKILLS_QUERY_SERVICE",
    show_envvar=True,
    help="Print a link that opens the query at ADDRESS. Write {query} where the query belongs."
    " Default: the address in the profile.",
)
def show(
    name: str,
    wikibase: str,
    ontology_files: tuple[Path, ...],
    folders: tuple[Path, ...],
    params: tuple[str, ...],
    lang: str,
    service: str | None,
) -> None:
    """Print a saved query as SPARQL, with the ids of your Wikibase.

    If the profile or --query-service names a query service, a comment with a link follows. The
    link opens the query there.

    \b
    Examples:
      wbskills query show who_can --param skill=lua_modules
      wbskills query show coverage --query-service https://query.example.org/
    """
    from wbskills.stores import find_profile
    from wbskills.tasks.queries import link

    if service is None and (profile := find_profile(wikibase)) is not None:
        service = profile.query_service
    values = _values(params)
    with open_capacity(
        wikibase, ontology_files, write=False, language=lang, queries=folders
    ) as capacity:
        text = capacity.sparql(name, **values)
    click.echo(text)
    if not service:
        return
    if (address := link(service, text)) is not None:
        click.echo(f"# {address}")
    else:
        place = service.replace("{query}", "")
        click.echo(f"This query is too long for a link.\n  Try: paste it at {place}", err=True)


@query.command()
@click.argument("name")
@on_wikibase
@with_ontology
@_with_folders
@_with_params
@_with_language
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="table",
    show_default=True,
    help="Output format. json and tsv are the SPARQL result formats; objects is simpler JSON.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Print only the first N rows."
)
@click.option("--open", "browse", is_flag=True, help="Show the result in your browser.")
def run(  # noqa: PLR0913 - one for each option
    name: str,
    wikibase: str,
    ontology_files: tuple[Path, ...],
    folders: tuple[Path, ...],
    params: tuple[str, ...],
    lang: str,
    form: str,
    *,
    limit: int | None,
    browse: bool,
) -> None:
    """Run a saved query and print the result.

    On a terminal, the table has names without ids, is cut to fit, and ends with how to read it.
    Output to a file or to another program is complete.

    \b
    Examples:
      wbskills query run coverage
      wbskills query run who_can --param skill=lua_modules --param language=lang_fr
      wbskills query run capacity_map --lang de --format csv > map.csv
      wbskills query run at_risk --format wikitext
      wbskills query run person_profile --limit 20
      wbskills query run baseline_gap --param community=dewiki --open
    """
    from dataclasses import replace
    from shutil import get_terminal_size

    from wbskills.table import Table

    values = _values(params)
    with open_capacity(
        wikibase, ontology_files, write=False, language=lang, queries=folders
    ) as capacity:
        answer = capacity.ask(name, **values)
    if limit is not None and limit < len(answer):
        click.echo(f"The first {limit:,} of {len(answer):,} rows.", err=True)
        answer = replace(answer, table=Table(answer.table.columns, answer.rows[:limit]))
    if browse:
        _open(_pieces(answer, "html", params), name)
        return
    on_screen = sys.stdout is not None and sys.stdout.isatty()  # None: it is closed
    width = get_terminal_size().columns if on_screen else None
    for piece in _buffered(_pieces(answer, form, params, width)):
        click.echo(_readable(piece) if on_screen else piece, nl=False)
    if form == "table" and width is not None and answer.query.reading:
        click.echo(f"\n{click.wrap_text(answer.query.reading, width)}", err=True)


@query.command()
@click.argument("name")
@click.option(
    "--folder",
    metavar="FOLDER",
    type=FILE,
    default="queries",
    show_default=True,
    help="Folder for the new file.",
)
def new(name: str, folder: Path) -> None:
    """Create a query of your own: a file that already works, for you to change.

    \b
    Example:
      wbskills query new near_me --folder my-queries
      wbskills query run near_me --queries my-queries
    """
    from wbskills.tasks.queries import new_query

    file = new_query(name, folder)
    click.echo(f"Created {file}. Change it as you like.")
    click.echo(f"  Try: wbskills query run {name} --queries {shlex.quote(str(folder))}")


@query.command()
@click.argument("folder", type=FILE)
@on_wikibase
@with_ontology
@_with_folders
@click.option(
    "--lang", default="en", show_default=True, help="Language of names in the catalogue."
)
@click.option(
    "--endpoint",
    metavar="ADDRESS",
    help="Address of the SPARQL endpoint. Default: the address in the profile.",
)
def export(
    folder: Path,
    wikibase: str,
    ontology_files: tuple[Path, ...],
    folders: tuple[Path, ...],
    lang: str,
    endpoint: str | None,
) -> None:
    """Export all saved queries, with the ids of your Wikibase, for other programs.

    FOLDER gets one file per query, which grlc turns into a web service, and catalogue.ttl, which
    describes the queries in Turtle.

    \b
    Example:
      wbskills query export for-grlc --endpoint https://query.example.org/sparql
    """
    from wbskills.stores import find_profile

    if endpoint is None and (profile := find_profile(wikibase)) is not None:
        endpoint = profile.sparql
    with open_capacity(
        wikibase, ontology_files, write=False, language=lang, queries=folders
    ) as capacity:
        count = capacity.export_queries(folder, endpoint=endpoint or "")
    click.echo(f"{folder} has {count} queries and a catalogue of them.")


@query.command()
@click.argument("folder", type=FILE)
@with_ontology
def check(folder: Path, ontology_files: tuple[Path, ...]) -> None:
    """Check your queries for errors, and for SPARQL that some engines do not support.

    Checks the SPARQL, looks up every key in the ontology, and finds patterns that some engines
    reject, answer with no rows, or need minutes for.

    \b
    Example:
      wbskills query check my-queries
    """
    from wbskills.errors import QueryError
    from wbskills.tasks.queries import check_queries

    problems = check_queries(folder, load_ontology(ontology_files))
    if problems:
        raise QueryError("\n".join(problems))
    click.echo("No problems found.")


def _pieces(
    answer: "Answer", form: str, params: tuple[str, ...], width: int | None = None
) -> Iterator[str]:
    """Write an answer piece by piece; `width` is that of the terminal, if it is shown on one."""
    from wbskills.report.as_markup import html_lines
    from wbskills.report.as_text import as_text, without_ids
    from wbskills.report.as_wikitext import as_wikitext
    from wbskills.report.formats import STREAMS, as_matrix

    saved, table = answer.query, answer.table
    title = f"{saved.summary} ({', '.join(params)})" if params else saved.summary
    if form in {"html", "wikitext", "markdown"}:  # for people, not programs
        table = as_matrix(table, saved.view)
        if table is not answer.table:
            size = f" ({saved.view['size']})" if "size" in saved.view else ""
            title = f"{title}: {saved.view['value']}{size}"
    if form == "html":
        note, sparql = saved.reading, answer.sparql
        return html_lines(table, title=title, note=note, query=sparql, lang=answer.language)
    if form == "wikitext":
        return iter((as_wikitext(table, caption=title),))
    if form == "table" and width is not None:
        return iter((as_text(without_ids(table), width=width),))
    return STREAMS[form](table)


def _buffered(pieces: Iterable[str]) -> Iterator[str]:
    """Join small pieces: each `echo` is a system call."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _BUFFER:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _readable(piece: str) -> str:
    """Replace what a terminal would obey; files and programs get every character."""
    from wbskills.report.as_text import escape_terminal

    parts = re.split(r"([\t\n])", piece.replace("\r\n", "\n"))
    return "".join(part if part in {"\t", "\n"} else escape_terminal(part) for part in parts)


def _open(pieces: Iterable[str], name: str) -> None:
    """Show a page, from a new file that only its owner can read."""
    import tempfile
    import webbrowser

    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix=f"{name}-", suffix=".html", delete=False
    ) as file:
        for piece in pieces:
            file.write(piece)
    click.echo(f"The page is in {file.name}")
    if not webbrowser.open(Path(file.name).as_uri()):
        click.echo("No browser could be started.\n  Try: open that file in one", err=True)


def _values(params: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for param in params:
        name, sign, value = param.partition("=")
        if not sign or not name:
            raise click.BadParameter(
                f"“{param}” is not NAME=VALUE, for example skill=lua_modules", param_hint="--param"
            )
        if name in values:
            raise click.BadParameter(
                f"“{name}” is given twice; a parameter takes one value", param_hint="--param"
            )
        values[name] = value
    return values
