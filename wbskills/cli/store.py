"""`wbskills store`: Wikibase folders, and copies of a shared Wikibase."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import FILE, on_wikibase, print_waiting, progress_bar

if TYPE_CHECKING:
    from wbskills.tasks.pulling import PullResult
    from wbskills.wikibase.remote.profile import Profile


@click.group()
def store() -> None:
    """Maintain a Wikibase folder."""


@store.command()
@on_wikibase
def rebuild(wikibase: str) -> None:
    """Rebuild the query index of a Wikibase folder.

    Not needed in normal use: after a crash, the index catches up by itself. Safe to interrupt.
    """
    from wbskills.stores import open_folder

    open_folder(wikibase, write=False).__exit__()  # raises `NotFound` rather than create one
    with open_folder(wikibase) as folder:
        folder.rebuild()
        count = sum(1 for _ in folder.triples())
    click.echo(f"{wikibase}: query index rebuilt, {count} triples.")


@store.command()
@click.argument("folder", type=FILE)
@on_wikibase
@click.option(
    "--dump", type=FILE, metavar="FILE", help="A JSON dump (.json, .json.gz, .json.bz2)."
)
@click.option(
    "--concept-base",
    metavar="URL",
    default="",
    help="With --dump: the start of every entity address, for example https://example.org/entity/.",
)
def pull(folder: Path, wikibase: str, dump: Path | None, concept_base: str) -> None:
    """Copy the Wikibase of a profile into FOLDER, to run reports on this machine.

    The first run reads everything, later runs read what has changed. Ids are those of the source.
    Use FOLDER as --wikibase for queries and reports; it is read-only. Safe to interrupt and to
    repeat.

    \b
    Examples:
      wbskills store pull mirror --wikibase capacity
      wbskills report build site --wikibase ./mirror
      wbskills store pull mirror --wikibase capacity --dump all.json.gz
    """
    from wbskills.errors import NotFound
    from wbskills.private_records.traces import Traces
    from wbskills.stores import find_profile, records_folder

    profile = find_profile(wikibase)
    if profile is None and not (dump and concept_base):
        raise NotFound(
            f"{wikibase} is not a profile of a Wikibase",
            hint="run “wbskills init NAME”, then use --wikibase NAME; or use --dump with"
            " --concept-base",
        )
    Traces(records_folder(wikibase) if profile else None).note_mirror(folder)
    if dump is not None:
        click.echo(f"{folder}: {_from_dump(dump, folder, profile, concept_base)}.")
    elif profile is not None:
        click.echo(f"{folder}: {_from_wiki(folder, profile)}.")


def _from_wiki(folder: Path, profile: "Profile") -> "PullResult":
    from wbskills.tasks.pulling import pull as pull_all
    from wbskills.wikibase.remote.login import find_secret
    from wbskills.wikibase.remote.reader import RemoteSource

    with (
        progress_bar("entities") as on_progress,
        RemoteSource(profile, find_secret(profile), print_waiting) as source,
    ):
        return pull_all(source, folder, profile.entities, on_progress)


def _from_dump(
    file: Path, folder: Path, profile: "Profile | None", concept_base: str
) -> "PullResult":
    from tqdm import tqdm

    from wbskills.tasks.pulling import pull_dump
    from wbskills.wikibase.remote.reader import Dump
    from wbskills.wikibase.remote.site_info import discover

    dump = Dump(file)
    base = concept_base or (profile.concept_base if profile else "")
    if not base and profile is not None:
        base = discover(profile.api, profile.contact).concept_base
    entities = profile.entities if profile else {}
    with tqdm(total=dump.size, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        return pull_dump(dump, base, folder, entities, bar.update)
