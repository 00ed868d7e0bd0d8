"""Opening a Wikibase for a dry run, which must work where there is none yet."""

from wbskills.errors import NotFound
from wbskills.store import open_store
from wbskills.store.port import LocalWikibase


def open_or_empty(place: str) -> LocalWikibase:
    """Open the Wikibase in a folder for reading; an empty one in memory if there is none."""
    try:
        return open_store(place, write=False)
    except NotFound:
        return open_store(":memory:")
