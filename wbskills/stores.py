"""Opening the Wikibase that a user names: a profile, a folder, or one in memory."""

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wbskills.errors import NotFound, StoreError
from wbskills.wikibase.interface import LocalWikibase, MirrorStore, OpenWikibase
from wbskills.wikibase.remote.profile import NAME, Profile, load_profiles

DEFAULT: Final = "wbskills-store"
IN_MEMORY: Final = ":memory:"

OnProgress = Callable[[str], object]


def open_store(
    place: str, *, write: bool = True, on_progress: OnProgress = lambda _: None
) -> OpenWikibase:
    """Open the Wikibase of a profile, in a folder, or in memory (`:memory:`).

    A profile comes before a folder of the same name; `./NAME` is always a folder. With `write`,
    a folder that does not exist is created. `on_progress` gets lines about what a shared Wikibase
    is waiting for.

    Raises `NotFound` or `StoreError`; for a profile also `ProfileError` or `SecretError`.
    """
    profile = find_profile(place)
    if profile is None:
        return open_folder(place, write=write)
    from wbskills.wikibase.remote.login import find_secret
    from wbskills.wikibase.remote.wikibase import RemoteWikibase

    migrate_state(place, on_progress)
    return RemoteWikibase(profile, find_secret(profile), on_progress=on_progress)


def open_folder(place: str, *, write: bool = True) -> LocalWikibase:
    """Open the Wikibase in a folder, or in memory (`:memory:`).

    Raises `StoreError` if the folder is a copy of another Wikibase and `write` is true.
    """
    from wbskills.wikibase.embedded.mirror import mirror_state
    from wbskills.wikibase.embedded.store import Embedded

    source = mirror_state(place)
    if source is None:
        return Embedded(place, write=write)
    if write:
        raise StoreError(
            f"{place} is a read-only copy of {source.concept_base}",
            hint="write to the original, with --wikibase and the name of its profile",
        )
    return Embedded(place, write=False, entities=source.entities)


def open_mirror(
    folder: Path, concept_base: str, entities: Mapping[str, str] = MappingProxyType({})
) -> MirrorStore:
    """Open a folder to copy another Wikibase into; it is created if it does not exist."""
    from wbskills.wikibase.embedded.store import Embedded

    return Embedded(str(folder), concept_base=concept_base, entities=entities, mirrors=True)


def find_profile(place: str) -> Profile | None:
    """Find the profile that is meant; None if a folder is.

    Raises `NotFound` if a profile with a similar name is probably meant.
    """
    if not NAME.fullmatch(place):
        return None
    known = load_profiles()
    if place in known:
        return known[place]
    near = difflib.get_close_matches(place, known, n=2)
    if near and place != DEFAULT and not Path(place).exists():
        raise NotFound(
            f"no profile or folder is called “{place}”",
            hint=f"use {' or '.join(near)}, or ./{place} to create a folder",
        )
    return None


def records_folder(place: str) -> Path | None:
    """Return the folder on this machine for journals and receipts; None for `:memory:`.

    Raises as `migrate_state` does.
    """
    if place == IN_MEMORY:
        return None
    profile = find_profile(place)
    if profile is None:
        return Path(place)
    migrate_state(place)
    return profile.state


def migrate_state(place: str, on_progress: OnProgress = lambda _: None) -> None:
    """Take over what earlier versions kept about a profile's wiki. Raises `StoreError`."""
    profile = find_profile(place)
    if profile is not None:
        from wbskills.private_records.migration import migrate

        migrate(profile, on_progress)
