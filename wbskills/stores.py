"""Where items and statements are kept, and the only place that writes."""

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wbskills.errors import NotFound, StoreError
from wbskills.wikibase.interface import LocalWikibase, MirrorStore, OpenWikibase
from wbskills.wikibase.remote.profile import NAME, Profile, profiles

DEFAULT: Final = "wbskills-store"
IN_MEMORY: Final = ":memory:"

Tell = Callable[[str], object]
__all__ = [
    "DEFAULT", "IN_MEMORY", "MirrorStore", "open_folder", "open_mirror", "open_store",
    "profile_of", "records_of", "settle",
]  # fmt: skip


def open_store(place: str, *, write: bool = True, tell: Tell = lambda _: None) -> OpenWikibase:
    """Open a Wikibase: that of a profile, one in a folder, or one in memory (`:memory:`).

    A name of a profile comes before a folder of the same name; `./NAME` is always a folder.
    With `write` an embedded one is made if it is not there; see
    `wbskills.wikibase.embedded.store`.
    `tell` is given lines about what a Wikibase far away is waited for.

    Raises `NotFound` or `StoreError`; of a profile also `ProfileError` or `SecretError`.
    """
    profile = profile_of(place)
    if profile is None:
        return open_folder(place, write=write)
    from wbskills.wikibase.remote import Remote
    from wbskills.wikibase.remote.secrets import find_secret

    settle(place, tell)
    return Remote(profile, find_secret(profile), watch=tell)


def open_folder(place: str, *, write: bool = True) -> LocalWikibase:
    """Open the embedded Wikibase in a folder, or one in memory (`:memory:`).

    Raises `StoreError` if the folder mirrors another Wikibase and is to be written.
    """
    from wbskills.wikibase.embedded.mirror import mirror_state
    from wbskills.wikibase.embedded.store import Embedded

    source = mirror_state(place)
    if source is None:
        return Embedded(place, write=write)
    if write:
        raise StoreError(
            f"{place} mirrors {source.concept_base} and is not for writing",
            hint="--wikibase with the profile of that Wikibase",
        )
    return Embedded(place, write=False, entities=source.entities)


def open_mirror(
    folder: Path, concept_base: str, entities: Mapping[str, str] = MappingProxyType({})
) -> MirrorStore:
    """Open the embedded Wikibase in a folder that mirrors another one; made if need be."""
    from wbskills.wikibase.embedded.store import Embedded

    return Embedded(str(folder), concept_base=concept_base, entities=entities, mirrors=True)


def profile_of(place: str) -> Profile | None:
    """Find the profile that is meant; None if a folder is.

    Raises `NotFound` where a profile of nearly that name is probably meant.
    """
    if not NAME.fullmatch(place):
        return None
    known = profiles()
    if place in known:
        return known[place]
    near = difflib.get_close_matches(place, known, n=2)
    if near and place != DEFAULT and not Path(place).exists():
        raise NotFound(
            f"there is neither a profile nor a folder “{place}”",
            hint=f"{' or '.join(near)}; ./{place} for a new folder",
        )
    return None


def records_of(place: str) -> Path | None:
    """Tell which folder of this machine keeps journals and receipts; None for `:memory:`."""
    if place == IN_MEMORY:
        return None
    profile = profile_of(place)
    if profile is None:
        return Path(place)
    settle(place)
    return profile.state


def settle(place: str, tell: Tell = lambda _: None) -> None:
    """Take over what earlier versions remembered of a profile's wiki. Raises `StoreError`."""
    profile = profile_of(place)
    if profile is not None:
        from wbskills.private_records.taking_over import take_over

        take_over(profile, tell)
