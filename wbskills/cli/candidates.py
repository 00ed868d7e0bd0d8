"""`wbskills candidates`: skills that people named without being asked for them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import harmless, load_ontology, on_wikibase, with_ontology

if TYPE_CHECKING:
    from wbskills.private_records.candidates import Decision

_AGAIN = "Import the survey again to give it to the people who named it: wbskills survey apply"


@click.group()
def candidates() -> None:
    """Decide on skills that people named in a survey, without being asked for them.

    They wait in a queue beside the store, and are in no public item until somebody has looked
    at them. A decision holds for every survey to come, however the words are written there.

    \b
    Examples:
      wbskills candidates list
      wbskills candidates adopt "Kiwix" --key kiwix --group group_data
      wbskills candidates merge "lua scripting" lua_modules
      wbskills candidates reject "everything"
    """


@candidates.command("list")
@on_wikibase
@with_ontology
@click.option("--decided", "show_decided", is_flag=True, help="What was decided on already.")
def list_(wikibase: str, further: tuple[Path, ...], *, show_decided: bool) -> None:
    """List what waits for a decision: what most people named comes first.

    \b
    Examples:
      wbskills candidates list
      wbskills candidates list --decided
    """
    from wbskills.report.as_text import as_text
    from wbskills.tasks.candidates import decided_table, waiting_table

    folder = _queue_of(wikibase)
    if show_decided:
        click.echo(as_text(decided_table(folder)), nl=False)
        return
    table = waiting_table(folder, load_ontology(further))
    click.echo(as_text(table), nl=False)
    if len(table):
        click.echo("\n  Try: wbskills candidates adopt, merge or reject, with a wording")


@candidates.command()
@click.argument("wording")
@click.option("--key", metavar="KEY", required=True, help="The key of the new skill: kiwix.")
@click.option("--label", metavar="TEXT", default="", help="In English; else the wording itself.")
@click.option("--description", metavar="TEXT", default="", help="In English: what it is.")
@click.option("--group", metavar="KEY", default="", help="The group of skills it belongs to.")
@on_wikibase
@with_ontology
def adopt(
    wording: str,
    key: str,
    label: str,
    description: str,
    group: str,
    wikibase: str,
    further: tuple[Path, ...],
) -> None:
    """Make a new skill, with the status “candidate”, of a WORDING.

    The people who named it get their assessment when their survey is imported again.

    \b
    Example:
      wbskills candidates adopt "Kiwix" --key kiwix --description "reading wikis without a network"
    """
    from wbskills.stores import open_store
    from wbskills.tasks import candidates as tasks

    ontology = load_ontology(further)
    tasks.look_for(_queue_of(wikibase), wording)  # before a store is made
    with open_store(wikibase) as store:
        decision, edits = tasks.adopt(
            store,
            _queue_of(wikibase),
            ontology,
            wording,
            key,
            label=label,
            description=description,
            group=group,
        )
    for edit in edits:
        click.echo(harmless(str(edit)))
    click.echo(harmless(f"“{decision.written}” is the skill {decision.skill} now. {_AGAIN}"))
    _tell_before(decision)


@candidates.command()
@click.argument("wording")
@click.argument("skill")
@on_wikibase
@with_ontology
def merge(wording: str, skill: str, wikibase: str, further: tuple[Path, ...]) -> None:
    """Let a WORDING mean a SKILL that is there already, in this survey and all to come.

    SKILL is a key, a label or an alias.

    \b
    Example:
      wbskills candidates merge "lua scripting" lua_modules
    """
    from wbskills.tasks import candidates as tasks

    decision = tasks.merge(_queue_of(wikibase), load_ontology(further), wording, skill)
    click.echo(harmless(f"“{decision.written}” means {decision.skill} now. {_AGAIN}"))
    _tell_before(decision)


@candidates.command()
@click.argument("wording")
@on_wikibase
def reject(wording: str, wikibase: str) -> None:
    """Let a WORDING mean no skill; it is not listed any more.

    \b
    Example:
      wbskills candidates reject "everything"
    """
    from wbskills.tasks import candidates as tasks

    decision = tasks.reject(_queue_of(wikibase), wording)
    click.echo(harmless(f"“{decision.written}” means no skill."))
    _tell_before(decision)


def _queue_of(wikibase: str) -> Path:
    """Tell in which folder of this machine the queue of a Wikibase is."""
    from wbskills.stores import records_folder

    folder = records_folder(wikibase)
    if folder is None:
        raise click.UsageError("A Wikibase in memory keeps no queue.\n  Try: --wikibase FOLDER")
    return folder


def _tell_before(decision: "Decision") -> None:
    """Tell what an earlier decision has left on the Wikibase, and how to take it back."""
    before = decision.before
    if not before or before == decision.skill:
        return
    click.echo(f"It meant {before} before. What an import has given on that ground stays there:")
    click.echo(f"  each assessment of {before} that people got for this wording")
    if decision.had_item:
        click.echo(f"  the item of {before}, with its status “candidate”")
    click.echo(
        "  Try: wbskills batch list, then wbskills batch undo for the import that gave them,"
        " and that import again"
    )
