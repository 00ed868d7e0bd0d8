"""A Wikibase far away, which other people use too: through its Action API and query service."""

from wbskills.wikibase.remote.wikibase import Remote

__all__ = ["Remote"]
