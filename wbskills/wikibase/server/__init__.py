"""The embedded Wikibase over HTTP, for software that was made for Wikibase."""
