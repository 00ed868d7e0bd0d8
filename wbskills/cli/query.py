"""`wbskills query`: saved questions."""

import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from wbskills.cli.options import FILE, load_ontology, on_wikibase, with_ontology

# The names of `report.formats.STREAMS`, which is not imported for a help text; a test compares.
FORMS: Final = ("table", "csv", "tsv", "json", "objects", "markdown", "wikitext", "html")
_WORTH_WRITING: Final = 1 << 16  # characters


@click.group()
def query() -> None:
    """Ask saved questions of a Wikibase."""


def _with_folders(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--queries",
        "folders",
        metavar="FOLDER",
        type=FILE,
        multiple=True,
        help="A folder with queries of your own; may be repeated.",
    )(command)


def _with_values(command: click.decorators.FC) -> click.decorators.FC:
    command = click.option(
        "--lang", default="en", show_default=True, help="Language of labels, as a code."
    )(command)
    return click.option(
        "--param",
        "params",
        metavar="NAME=VALUE",
        multiple=True,
        help="A value for a parameter; an item by key, label, or id. May be repeated.",
    )(command)


@query.command("list")
@_with_folders
def list_(folders: tuple[Path, ...]) -> None:
    """List the saved queries, their parameters and what they answer."""
    from wbskills.tasks.questions import saved_queries

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
@_with_values
@click.option(
    "--query-service",
    "service",
    metavar="ADDRESS",
    envvar="WBSKILLS_QUERY_SERVICE",
    show_envvar=True,
    help="Print a link that opens the query there; {query} in the address says where it belongs."
    " If not given, that of the profile.",
)
def show(
    name: str,
    wikibase: str,
    further: tuple[Path, ...],
    folders: tuple[Path, ...],
    params: tuple[str, ...],
    lang: str,
    service: str | None,
) -> None:
    """Print a query as SPARQL with the ids of the Wikibase, ready to paste elsewhere.

    Where the profile of the Wikibase names its query service, or you do, a link that opens the
    query there follows, as a comment.

    \b
    Examples:
      wbskills query show who_can --param skill=lua_modules
      wbskills query show coverage --query-service https://query.example.org/
    """
    from wbskills.stores import find_profile, open_store
    from wbskills.tasks.questions import Questions, link

    if service is None and (profile := find_profile(wikibase)) is not None:
        service = profile.query_service
    with open_store(wikibase, write=False) as store:
        questions = Questions(store, load_ontology(further), language=lang, folders=folders)
        text = questions.show(name, _values(params))
    click.echo(text)
    if not service:
        return
    if (address := link(service, text)) is not None:
        click.echo(f"# {address}")
    else:
        told = f"This query is too long for a link.\n  Try: pasting it at {service}"
        click.echo(told.replace("{query}", ""), err=True)


@query.command()
@click.argument("name")
@on_wikibase
@with_ontology
@_with_folders
@_with_values
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="table",
    show_default=True,
    help="How to write the answer; json and tsv are SPARQL's own, objects is plainer JSON.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Give the first N rows only."
)
@click.option("--open", "browse", is_flag=True, help="Show the answer in the browser, as HTML.")
def run(  # noqa: PLR0913 - one for each option
    name: str,
    wikibase: str,
    further: tuple[Path, ...],
    folders: tuple[Path, ...],
    params: tuple[str, ...],
    lang: str,
    form: str,
    *,
    limit: int | None,
    browse: bool,
) -> None:
    """Answer a saved query.

    On a terminal the table has names without ids, is cut to fit, and ends with how to read it;
    what goes into a file or to another program is whole.

    \b
    Examples:
      wbskills query run coverage
      wbskills query run who_can --param skill=lua_modules --param language=lang_fr
      wbskills query run capacity_map --lang de --format csv > map.csv
      wbskills query run at_risk --format wikitext
      wbskills query run person_profile --limit 20
      wbskills query run baseline_gap --param community=dewiki --open
    """
    from shutil import get_terminal_size

    from wbskills.report.as_markup import html_lines
    from wbskills.report.as_text import as_text, without_ids
    from wbskills.report.as_wikitext import as_wikitext
    from wbskills.report.formats import STREAMS, as_matrix
    from wbskills.stores import open_store
    from wbskills.table import Table
    from wbskills.tasks.questions import Questions

    values = _values(params)
    with open_store(wikibase, write=False) as store:
        questions = Questions(store, load_ontology(further), language=lang, folders=folders)
        table = questions.ask(name, values)
        saved, sparql = questions.saved(name), questions.show(name, values)
    if limit is not None and limit < len(table):
        click.echo(f"The first {limit:,} of {len(table):,} rows.", err=True)
        table = Table(table.columns, table.rows[:limit])
    on_screen = sys.stdout is not None and sys.stdout.isatty()  # None: it is closed
    title = f"{saved.summary} ({', '.join(params)})" if params else saved.summary
    if browse or form in {"html", "wikitext", "markdown"}:  # for people, and not programs
        long, table = table, as_matrix(table, saved.view)
        if table is not long:
            size = f" ({saved.view['size']})" if "size" in saved.view else ""
            title = f"{title}: {saved.view['value']}{size}"
    if browse or form == "html":
        pieces = html_lines(table, title=title, note=saved.reading, query=sparql, lang=lang)
    elif form == "wikitext":
        pieces = iter((as_wikitext(table, caption=title),))
    elif form == "table" and on_screen:
        pieces = iter((as_text(without_ids(table), width=get_terminal_size().columns),))
    else:
        pieces = STREAMS[form](table)
    if browse:
        _open(pieces, name)
        return
    for piece in _gathered(pieces):
        click.echo(_readable(piece) if on_screen else piece, nl=False)
    if form == "table" and on_screen and saved.reading:
        click.echo(f"\n{click.wrap_text(saved.reading, get_terminal_size().columns)}", err=True)


@query.command()
@click.argument("name")
@click.option(
    "--folder",
    metavar="FOLDER",
    type=FILE,
    default="queries",
    show_default=True,
    help="The folder that the file is made in.",
)
def new(name: str, folder: Path) -> None:
    """Start a query of your own: a file that answers something already, to be changed.

    \b
    Example:
      wbskills query new near_me --folder my-queries
      wbskills query run near_me --queries my-queries
    """
    from wbskills.tasks.questions import new_query

    file = new_query(name, folder)
    click.echo(f"{file} is there; change it.")
    click.echo(f"  Try: wbskills query run {name} --queries {shlex.quote(str(folder))}")


@query.command()
@click.argument("folder", type=FILE)
@on_wikibase
@with_ontology
@_with_folders
@click.option(
    "--lang", default="en", show_default=True, help="Language of labels in the catalogue."
)
@click.option(
    "--endpoint",
    metavar="ADDRESS",
    help="Where the Wikibase answers SPARQL. If not given, that of the profile.",
)
def export(
    folder: Path,
    wikibase: str,
    further: tuple[Path, ...],
    folders: tuple[Path, ...],
    lang: str,
    endpoint: str | None,
) -> None:
    """Write all saved queries with the ids of the Wikibase, for other programs.

    FOLDER gets a file for each, which grlc makes a web service of, and catalogue.ttl, which
    describes them in Turtle, ready to be run.

    \b
    Example:
      wbskills query export for-grlc --endpoint https://query.example.org/sparql
    """
    from wbskills.stores import find_profile, open_store
    from wbskills.tasks.questions import Questions

    if endpoint is None and (profile := find_profile(wikibase)) is not None:
        endpoint = profile.sparql
    with open_store(wikibase, write=False) as store:
        questions = Questions(store, load_ontology(further), language=lang, folders=folders)
        count = questions.export(folder, endpoint or "")
    click.echo(f"{folder} has {count} queries and their catalogue.")


@query.command()
@click.argument("folder", type=FILE)
@with_ontology
def check(folder: Path, further: tuple[Path, ...]) -> None:
    """Tell whether the queries of a folder are right on every engine.

    Each is read as SPARQL, its keys are looked up in the ontology, and rules stand for what some
    engines refuse, answer with silence, or search for minutes.

    \b
    Example:
      wbskills query check my-queries
    """
    from wbskills.errors import QueryError
    from wbskills.tasks.questions import check as faults_of

    faults = faults_of(folder, load_ontology(further))
    if faults:
        raise QueryError("\n".join(faults))
    click.echo("Nothing is wrong with these queries.")


def _gathered(pieces: Iterable[str]) -> Iterator[str]:
    """Put pieces together until they are worth writing: each `echo` is a call of the system."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _WORTH_WRITING:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _readable(piece: str) -> str:
    """Replace what would steer a terminal; a file or a program is given every character."""
    from wbskills.report.as_text import escape_terminal

    parts = re.split(r"([\t\n])", piece.replace("\r\n", "\n"))
    return "".join(part if part in {"\t", "\n"} else escape_terminal(part) for part in parts)


def _open(pieces: Iterable[str], name: str) -> None:
    """Put a page into a new file that only its owner can read, and show it."""
    import tempfile
    import webbrowser

    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix=f"{name}-", suffix=".html", delete=False
    ) as file:
        for piece in pieces:
            file.write(piece)
    click.echo(f"The page is {file.name}")
    if not webbrowser.open(Path(file.name).as_uri()):
        click.echo("No browser could be started.\n  Try: opening that file in one", err=True)


def _values(params: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for param in params:
        name, sign, value = param.partition("=")
        if not sign or not name:
            raise click.BadParameter(
                f"“{param}” is not NAME=VALUE, as in skill=lua_modules", param_hint="--param"
            )
        if name in values:
            raise click.BadParameter(
                f"“{name}” is given twice; a parameter takes one value", param_hint="--param"
            )
        values[name] = value
    return values
