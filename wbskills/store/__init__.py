"""Where items and statements are kept, and the only place that writes."""

from wbskills.store.port import LocalWikibase


def open_store(place: str, *, write: bool = True) -> LocalWikibase:
    """Open the embedded Wikibase in a folder, or one in memory (`:memory:`).

    With `write` it is made if it is not there; see `wbskills.store.embedded`.
    """
    from wbskills.store.embedded import Embedded

    return Embedded(place, write=write)
