"""Opening a Wikibase for a dry run, which must work where there is none yet."""

from wbskills.errors import NotFound
from wbskills.stores import IN_MEMORY, find_profile, open_store
from wbskills.wikibase.interface import OpenWikibase


def open_or_empty(place: str) -> OpenWikibase:
    """Open a Wikibase for reading; an empty one in memory if there is none in a folder."""
    if find_profile(place) is not None:
        return open_store(place, write=False)
    try:
        return open_store(place, write=False)
    except NotFound:
        return open_store(IN_MEMORY)
