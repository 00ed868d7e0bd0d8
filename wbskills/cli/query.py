"""`wbskills query`: saved questions."""

from pathlib import Path

import click

from wbskills.cli.options import FILE, load_ontology, on_wikibase, with_ontology


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
def show(
    name: str,
    wikibase: str,
    further: tuple[Path, ...],
    folders: tuple[Path, ...],
    params: tuple[str, ...],
    lang: str,
) -> None:
    """Print a query as SPARQL with the ids of the Wikibase, ready to paste elsewhere.

    \b
    Example:
      wbskills query show who_can --param skill=lua_modules
    """
    from wbskills.store import open_store
    from wbskills.tasks.questions import Questions

    with open_store(wikibase, write=False) as store:
        questions = Questions(store, load_ontology(further), language=lang, folders=folders)
        click.echo(questions.show(name, _values(params)))


@query.command()
@click.argument("name")
@on_wikibase
@with_ontology
@_with_folders
@_with_values
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "wikitext"]),
    default="table",
    show_default=True,
    help="How to write the answer.",
)
def run(
    name: str,
    wikibase: str,
    further: tuple[Path, ...],
    folders: tuple[Path, ...],
    params: tuple[str, ...],
    lang: str,
    form: str,
) -> None:
    """Answer a saved query.

    \b
    Examples:
      wbskills query run coverage
      wbskills query run who_can --param skill=lua_modules --param language=lang_fr
      wbskills query run capacity_map --lang de --format csv > map.csv
    """
    from wbskills.report.formats import FORMATS
    from wbskills.store import open_store
    from wbskills.tasks.questions import Questions

    with open_store(wikibase, write=False) as store:
        questions = Questions(store, load_ontology(further), language=lang, folders=folders)
        table = questions.ask(name, _values(params))
    click.echo(FORMATS[form](table), nl=form != "csv")


def _values(params: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for param in params:
        name, sign, value = param.partition("=")
        if not sign or not name:
            raise click.BadParameter(
                f"“{param}” is not NAME=VALUE, as in skill=lua_modules", param_hint="--param"
            )
        values[name] = value
    return values
