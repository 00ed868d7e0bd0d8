"""`wbskills candidates`: skills that people suggested in a survey."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import echo, on_wikibase, open_capacity, with_ontology

if TYPE_CHECKING:
    from wbskills.api import Capacity
    from wbskills.private_records.candidates import Decision

_AGAIN = (
    "To record the answers of the people who suggested it, import the survey again:"
    " wbskills survey apply"
)


@click.group()
def candidates() -> None:
    """Decide on skills that people suggested in a survey.

    Suggestions wait in a queue next to the Wikibase, and are not public until someone decides. A
    decision also applies to later surveys, however the wording is written there.

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
@click.option("--decided", is_flag=True, help="List the decisions made so far instead.")
def list_(wikibase: str, ontology_files: tuple[Path, ...], *, decided: bool) -> None:
    """List suggestions that wait for a decision, most frequent first.

    \b
    Examples:
      wbskills candidates list
      wbskills candidates list --decided
    """
    from wbskills.report.formats import format_table
    from wbskills.tasks.candidates import decided_table, waiting_table

    capacity = open_capacity(wikibase, ontology_files)
    records = _records(capacity)
    table = decided_table(records) if decided else waiting_table(records, capacity.ontology)
    click.echo(format_table(table, "table"), nl=False)
    if len(table) and not decided:
        click.echo("\n  Try: wbskills candidates adopt, merge or reject, with a wording")


@candidates.command()
@click.argument("wording")
@click.option(
    "--key", metavar="KEY", required=True, help="Key of the new skill, for example kiwix."
)
@click.option("--label", metavar="TEXT", default="", help="English label. Default: the wording.")
@click.option("--description", metavar="TEXT", default="", help="English description.")
@click.option("--group", metavar="KEY", default="", help="Key of the skill group it belongs to.")
@on_wikibase
@with_ontology
def adopt(
    wording: str,
    key: str,
    label: str,
    description: str,
    group: str,
    wikibase: str,
    ontology_files: tuple[Path, ...],
) -> None:
    """Make a candidate skill from a suggestion (WORDING).

    Then import the survey again, to record the answers of the people who suggested it.

    \b
    Example:
      wbskills candidates adopt "Kiwix" --key kiwix --description "reading wikis without a network"
    """
    from wbskills.tasks import candidates as tasks

    with open_capacity(wikibase, ontology_files) as capacity:
        records, ontology = _records(capacity), capacity.ontology
        tasks.check_suggested(records, wording)  # before a store is created
        decision, edits = tasks.adopt(
            capacity.wikibase,
            records,
            ontology,
            wording,
            key,
            label=label,
            description=description,
            group=group,
        )
    echo(*edits)
    echo(f"“{decision.written}” is now the candidate skill {decision.skill}. {_AGAIN}")
    _print_earlier(decision)


@candidates.command()
@click.argument("wording")
@click.argument("skill")
@on_wikibase
@with_ontology
def merge(wording: str, skill: str, wikibase: str, ontology_files: tuple[Path, ...]) -> None:
    """Treat a suggestion (WORDING) as an existing SKILL, now and in later surveys.

    SKILL is a key, a label or an alias.

    \b
    Example:
      wbskills candidates merge "lua scripting" lua_modules
    """
    from wbskills.tasks import candidates as tasks

    capacity = open_capacity(wikibase, ontology_files)
    decision = tasks.merge(_records(capacity), capacity.ontology, wording, skill)
    echo(f"“{decision.written}” now means {decision.skill}. {_AGAIN}")
    _print_earlier(decision)


@candidates.command()
@click.argument("wording")
@on_wikibase
def reject(wording: str, wikibase: str) -> None:
    """Reject a suggestion (WORDING). It is not listed again.

    \b
    Example:
      wbskills candidates reject "everything"
    """
    from wbskills.tasks import candidates as tasks

    decision = tasks.reject(_records(open_capacity(wikibase)), wording)
    echo(f"“{decision.written}” is rejected, and is not listed again.")
    _print_earlier(decision)


def _records(capacity: "Capacity") -> Path:
    """Return the folder of the queue."""
    if capacity.records is None:
        raise click.UsageError(
            "A Wikibase in memory keeps no queue.\n  Try: use --wikibase FOLDER"
        )
    return capacity.records


def _print_earlier(decision: "Decision") -> None:
    """Print what an earlier decision left in the Wikibase, and how to undo it."""
    before = decision.before
    if not before or before == decision.skill:
        return
    click.echo(f"It used to mean {before}. What was imported because of that is still there:")
    click.echo(f"  each answer about {before} that people gave with this wording")
    if decision.had_item:
        click.echo(f"  the item of {before}, with its status “candidate”")
    click.echo(
        "  Try: find the import that wrote them with “wbskills batch list”, undo it with"
        " “wbskills batch undo”, then import again"
    )
