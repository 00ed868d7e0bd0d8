"""`wbskills invite`: personal links to the form."""

from pathlib import Path

import click

from wbskills.cli.options import FILE, echo, load_ontology, on_wikibase, with_ontology

_DAYS = 60


@click.command()
@on_wikibase
@with_ontology
@click.option(
    "--questionnaire",
    metavar="NAME",
    default="ambassadors",
    show_default=True,
    help="What people are asked.",
)
@click.option(
    "--people",
    metavar="FILE",
    type=FILE,
    help="CSV file with a column “username” and, if you like, “community”. Default: everybody"
    " whose answers are --stale.",
)
@click.option(
    "--stale",
    metavar="AGE",
    help="Invite only those who have not answered for so long, for example 12m or 90d.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=_DAYS,
    show_default=True,
    help="How many days the links are valid.",
)
@click.option(
    "--address",
    default="",
    metavar="ADDRESS",
    help="Where people open the form, for example https://skills.example.org. Default: the"
    " address in wbskills.toml.",
)
@click.option(
    "--output", metavar="FILE", type=FILE, help="New file for the links, which only you can read."
)
@click.option("--revoke", metavar="NAME", help="Make the links of this person invalid instead.")
def invite(  # noqa: PLR0913, PLR0917 - one for each option
    wikibase: str,
    ontology_files: tuple[Path, ...],
    questionnaire: str,
    people: Path | None,
    stale: str | None,
    days: int,
    address: str,
    output: Path | None,
    revoke: str | None,
) -> None:
    """Write a personal link to the form for each of many people.

    Whoever has a link answers as that person, without a password, and what they answer says so. A
    new link makes an earlier one of the same person invalid. People who asked to be removed are
    not invited.

    \b
    Examples:
      wbskills invite --people people.csv --output links.csv --address https://skills.example.org
      wbskills invite --stale 12m --output links.csv
      wbskills invite --revoke Ada
    """
    from wbskills.tasks.inviting import Inviting

    inviting = Inviting(wikibase, load_ontology(ontology_files), questionnaire, address)
    if revoke is not None:
        count = inviting.revoke(revoke)
        echo(f"{count} link{'' if count == 1 else 's'} of {revoke} cannot be used any more.")
        return
    if people is None and stale is None:
        raise click.UsageError(
            "Nobody is named.\n  Try: add --people people.csv, or --stale 12m for all whose"
            " answers are older"
        )
    if output is None:
        raise click.UsageError("The links need a file.\n  Try: add --output links.csv")
    done = inviting.invite(people, stale, days, output)
    echo(
        f"{_counted(done.invited)} a link, valid until {done.expires}: {output}",
        f"{done.left_out} were left out: they have answered lately, or asked to be removed",
        "Send each person their own link; whoever has it can answer for them.",
    )


def _counted(people: int) -> str:
    return "1 person has" if people == 1 else f"{people:,} people have"
