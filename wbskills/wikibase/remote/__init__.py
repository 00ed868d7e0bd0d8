"""A shared Wikibase, used through its Action API and its query service."""
