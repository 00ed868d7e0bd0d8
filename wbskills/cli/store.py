"""`wbskills store`: the embedded Wikibase itself."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wbskills.cli.options import FILE, on_wikibase, told_on_stderr

if TYPE_CHECKING:
    from wbskills.tasks.pulling import Pulled
    from wbskills.wikibase.remote.profile import Profile


@click.group()
def store() -> None:
    """Look after the embedded Wikibase."""


@store.command()
@on_wikibase
def rebuild(wikibase: str) -> None:
    """Make the triples that queries run on anew from the entities.

    Never needed in normal use: a store that crashed catches up by itself. Safe to break off.
    """
    from wbskills.tasks.stores import rebuild_triples

    count = rebuild_triples(wikibase)
    click.echo(f"{wikibase}: {count} triples were made anew.")


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
    help="With --dump: what stands before the ids, as in https://example.org/entity/.",
)
def pull(folder: Path, wikibase: str, dump: Path | None, concept_base: str) -> None:
    """Mirror the Wikibase of a profile in FOLDER, so that reports run here.

    The first time everything is read, from then on what has changed. Ids stay those of the
    source. Queries and reports take FOLDER as their --wikibase; it is not for writing. Can be
    broken off and repeated.

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
            f"{wikibase} is no profile of a Wikibase",
            hint="--wikibase NAME, after wbskills init NAME; or --dump with --concept-base",
        )
    Traces(records_folder(wikibase) if profile else None).note_mirror(folder)
    if dump is not None:
        click.echo(f"{folder}: {_from_dump(dump, folder, profile, concept_base)}.")
    elif profile is not None:
        click.echo(f"{folder}: {_from_wiki(folder, profile)}.")


def _from_wiki(folder: Path, profile: "Profile") -> "Pulled":
    from tqdm import tqdm

    from wbskills.tasks.pulling import pull as pull_all
    from wbskills.wikibase.remote.login import find_secret
    from wbskills.wikibase.remote.reader import RemoteSource

    with (
        tqdm(unit=" entities", disable=None, leave=False) as bar,
        RemoteSource(profile, find_secret(profile), told_on_stderr) as source,
    ):
        return pull_all(source, folder, profile.entities, bar.reset, bar.update)


def _from_dump(file: Path, folder: Path, profile: "Profile | None", concept_base: str) -> "Pulled":
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
