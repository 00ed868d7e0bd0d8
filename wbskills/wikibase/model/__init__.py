"""The Wikibase data model, its JSON and hashes, and edits as values. Pure."""
