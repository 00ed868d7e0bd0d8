"""Keeping an embedded Wikibase in order."""

from wbskills.stores import open_folder


def rebuild_triples(place: str) -> int:
    """Make the triples of a Wikibase anew; gives their number."""
    open_folder(place, write=False).__exit__()  # raises `NotFound` rather than make one
    with open_folder(place) as store:
        store.rebuild()
        return sum(1 for _ in store.triples())
