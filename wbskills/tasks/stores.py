"""Keeping an embedded Wikibase in order."""

from wbskills.store import open_store


def rebuild_triples(place: str) -> int:
    """Make the triples of a Wikibase anew; gives their number."""
    open_store(place, write=False).__exit__()  # raises `NotFound` rather than make one
    with open_store(place) as store:
        store.rebuild()
        return sum(1 for _ in store.triples())
