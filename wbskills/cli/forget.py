"""`wbskills forget` and `unforget`: removing a person who asked for it, and letting them back."""

from pathlib import Path

import click

from wbskills.cli.options import (
    FILE,
    echo,
    on_wikibase,
    open_capacity,
    printable,
    with_confirmation,
    with_ontology,
)


@click.command()
@click.argument("user", required=False)
@on_wikibase
@with_ontology
@click.option("--pseudonym", is_flag=True, help="USER is a pseudonym, not a Wikimedia username.")
@click.option(
    "--one-name",
    is_flag=True,
    help="Remove only what is stored under this name, for example if they continue under a"
    " pseudonym.",
)
@click.option(
    "--unseen", is_flag=True, help="Block USER even if nobody here has, or had, that name."
)
@with_confirmation
@click.option(
    "--take-over",
    "other",
    metavar="FILE",
    type=FILE,
    help="Also block everyone blocked by FILE, a forgotten.json from another machine. USER is then"
    " optional.",
)
def forget(  # noqa: PLR0913 - one parameter for each option
    user: str | None,
    wikibase: str,
    ontology_files: tuple[Path, ...],
    other: Path | None,
    *,
    pseudonym: bool,
    one_name: bool,
    unseen: bool,
    yes: bool,
) -> None:
    """Remove a person (USER) from the Wikibase, and block later imports of them.

    Deletes the item. If you may not delete it, empties it and prints the text of a deletion
    request. Also removes USER from the journals, saved answers, copies and reports on this
    machine, and says what was removed and what remains. A known pseudonym of USER is also
    removed. Safe to repeat; the exit code is 1 if the Wikibase refuses part of it. The block is a
    salted hash of the name in forgotten.json, next to the journals. Give a copy of that file to
    everyone who imports into the same Wikibase.

    \b
    Examples:
      wbskills forget "Ada Lovelace"
      wbskills forget sommer-17 --pseudonym --wikibase capacity
      wbskills forget "Ada Lovelace" --one-name
      wbskills forget --take-over from-our-colleague/forgotten.json
    """
    from wbskills.private_records.forgotten import Forgotten
    from wbskills.stores import open_store
    from wbskills.tasks.find_person import identity_of

    with open_capacity(wikibase, ontology_files) as capacity:
        if other is not None:
            count = Forgotten(capacity.records).take_over(other)
            click.echo(f"Newly blocked people: {count}.")
            if user is None:
                return
        if user is None:
            raise click.UsageError('Missing argument “USER”.\n  Try: wbskills forget "Ada"')
        identity = identity_of(user, pseudonym=pseudonym)
        capacity.ontology  # noqa: B018 - raises before the question
        open_store(wikibase, write=False).__exit__()  # raises rather than create one
        if not yes:
            name = printable(identity.name)
            click.confirm(f"Remove {name} from {printable(wikibase)} for good?", abort=True)
        receipt = capacity.forget(user, pseudonym=pseudonym, one_name=one_name, unseen=unseen)
    echo(*receipt.lines())
    if receipt.refused:
        raise SystemExit(1)


@click.command()
@click.argument("user")
@on_wikibase
@click.option("--pseudonym", is_flag=True, help="USER is a pseudonym, not a Wikimedia username.")
def unforget(user: str, wikibase: str, *, pseudonym: bool) -> None:
    """Lift the block of a person (USER) who was removed, and has come back and agreed.

    Nothing that was removed comes back. They can be imported again, and answer the form.

    \b
    Example:
      wbskills unforget "Ada Lovelace"
    """
    with open_capacity(wikibase, write=False) as capacity:
        capacity.unforget(user, pseudonym=pseudonym)
    echo(f"{user} can be added again.")
