"""A Wikibase far away, which other people use too: through its Action API and query service."""

from wbskills.store.remote.wikibase import Remote

__all__ = ["Remote"]
