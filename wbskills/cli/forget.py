"""`wbskills forget`: somebody wants to be in no capacity map any more."""

from pathlib import Path

import click

from wbskills.cli.importing import capacity_of
from wbskills.cli.options import (
    FILE,
    harmless,
    load_ontology,
    on_wikibase,
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
    help="Remove what stands under this name only: who goes on under a pseudonym, say.",
)
@click.option(
    "--unseen", is_flag=True, help="Block USER even if nobody here has, or had, that name."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--take-over",
    "other",
    metavar="FILE",
    type=FILE,
    help="Block whom the forgotten.json of another machine blocks; USER may be left out.",
)
def forget(  # noqa: PLR0913 - one parameter for each option
    user: str | None,
    wikibase: str,
    further: tuple[Path, ...],
    other: Path | None,
    *,
    pseudonym: bool,
    one_name: bool,
    unseen: bool,
    yes: bool,
) -> None:
    """Remove USER from the Wikibase, and block a later import.

    Removes the item, or asks for its deletion where you may not delete; takes USER out of
    journals, kept answers, and the mirrors and reports that were made on this machine; tells
    what was removed and what remains. A pseudonym that USER is known to have goes, too. Can be
    repeated safely; ends with exit code 1 if the Wikibase refuses a part of it. The block is a
    salted key of the name in forgotten.json beside the journals: copy that file to all who
    import into the same Wikibase.

    \b
    Examples:
      wbskills forget "Ada Lovelace"
      wbskills forget sommer-17 --pseudonym --wikibase capacity
      wbskills forget "Ada Lovelace" --one-name
      wbskills forget --take-over from-our-colleague/forgotten.json
    """
    from wbskills.private_records.forgotten import Forgotten
    from wbskills.stores import open_store, records_folder
    from wbskills.tasks import forgetting

    records = records_folder(wikibase)
    if other is not None:
        count = Forgotten(records).take_over(other)
        click.echo(f"{count} more people are blocked.")
    if user is None:
        if other is None:
            raise click.UsageError('Missing argument “USER”.\n  Try: wbskills forget "Ada"')
        return
    identity = forgetting.identity_of(user, pseudonym=pseudonym)
    load_ontology(further)
    open_store(wikibase, write=False).__exit__()  # raises rather than make one
    if not yes:
        click.confirm(harmless(f"Remove {identity.name} from {wikibase} for good?"), abort=True)
    with capacity_of(wikibase, further) as capacity:
        receipt = capacity.forget(user, pseudonym=pseudonym, one_name=one_name, unseen=unseen)
    for line in receipt.lines():
        click.echo(harmless(line))
    if receipt.refused:
        raise SystemExit(1)
